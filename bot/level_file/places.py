"""Where a team is: its time zone, and the public holidays there with the substitutes of its law ("JP", "US-CA")."""

from collections.abc import Callable
from datetime import date
from difflib import get_close_matches
from functools import lru_cache, partial
from zoneinfo import ZoneInfo, available_timezones

from bot.level_file.problem import Unreadable


def zone_of(given: str) -> str:
    """A time zone by its name, "Asia/Tokyo". Raises Unreadable."""
    name = given.strip()
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        near = [one for one in sorted(available_timezones()) if name and name.casefold() in one.casefold()][:3]
        said = f"{given!r} is no time zone: write a name such as {' or '.join(near or ['Asia/Tokyo'])}"
        raise Unreadable("zone", given, said) from None
    return name


def country_of(given: str) -> str:
    """A country, or a part of one, as the calendars keep it; empty for nothing or "none". Raises Unreadable."""
    code = given.strip().upper().replace("_", "-")
    if code in ("", "NONE"):
        return ""
    known, (country, _, part) = _countries(), code.partition("-")
    if country not in known:
        said = f"nobody here knows the holidays of {given!r}: write a country such as JP, US or GB, or nothing"
        raise Unreadable("holidays", given, said)
    parts = {each.upper(): each for each in known[country]}
    if not part:
        return country
    if part not in parts:
        near = get_close_matches(part, parts, 3) or list(parts)[:3]
        like = f", such as {', '.join(f'{country}-{each}' for each in near)}" if near else ""
        said = f"{country} has no part {part!r} with holidays of its own: write {country}, or one of its parts{like}"
        raise Unreadable("holidays", given, said)
    return f"{country}-{parts[part]}"


def holidays_in(country: str) -> Callable[[date], bool]:
    """Tells the public holidays of a country (`country_of`), and always says the same of the same day."""
    if not country:
        return _never
    return partial(_is_holiday, country)


def country_of_zone(zone: str) -> str:
    """The country in which a time zone is, when its holidays are known here; else empty."""
    from babel.core import get_global

    territories, aliases = get_global("zone_territories"), get_global("zone_aliases")
    country = str(territories.get(zone) or territories.get(aliases.get(zone, ""), ""))
    return country if country in _countries() else ""


def _never(_day: date) -> bool:
    return False


def _is_holiday(country: str, day: date) -> bool:
    return day in _of_year(country, day.year)


@lru_cache(maxsize=256)
def _of_year(code: str, year: int) -> frozenset[date]:
    # A year at a time: what the library knows of a day must not depend on what it was asked before.
    from holidays import country_holidays

    country, _, part = code.partition("-")
    return frozenset(country_holidays(country, subdiv=part or None, years=year, expand=False))


@lru_cache(maxsize=1)
def _countries() -> dict[str, list[str]]:
    from holidays import list_supported_countries  # takes a part of the start, and most calendars name one or two

    return {code: list(parts) for code, parts in list_supported_countries().items()}
