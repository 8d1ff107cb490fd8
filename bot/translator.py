"""Speaks to people in their language: texts from the gettext catalogues, dates and waiting times by CLDR."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from gettext import c2py
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_skeleton, get_day_names
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.units import format_unit

from bot.chat.text import Moment, Part, Text

CATALOGUES = Path(__file__).parent / "locales"
LANGUAGES = ("en", "ja")
FALLBACK = "en"
_COMMAND = re.compile(r"(?<![\w/.])/([a-z]+)(?: ([a-z]+))?(?![\w/]|\.\w)", re.ASCII)
"""A command in a text of ours: "/queue" and "/template edit", but not the "/spool" of "var/spool"."""


class Translator:
    """The catalogues, read once."""

    def __init__(self, catalogues: Path = CATALOGUES) -> None:
        self._catalogues = {language: _read(catalogues / language) for language in LANGUAGES}

    def speaker(
        self, language: str, time_zone: str, now: datetime, names: Mapping[str, str] = MappingProxyType({})
    ) -> "Speaker":
        """Somebody who speaks this language and tells times as this zone's clocks do.

        `names` says how commands are called where it is read, by verb; "/queue" in a text is spelt that way.
        """
        return Speaker(known_language(language), known_zone(time_zone), now, self._catalogues, names)

    def texts(self, language: str, prefix: str) -> dict[str, str]:
        """All texts whose names begin with `prefix`, unfilled, for a page that fills them in itself."""
        catalogue = self._catalogues[known_language(language)]
        return {key: forms[0] for key, forms in catalogue.texts.items() if key.startswith(prefix)}


def known_language(language: str) -> str:
    """The language that we speak for a tag such as "ja-JP"; English for those that we do not know."""
    tag = language.replace("_", "-").partition("-")[0].lower()
    return tag if tag in LANGUAGES else FALLBACK


def known_zone(time_zone: str) -> str:
    """The time zone itself, or UTC for one that this machine does not know: platforms may have newer ones."""
    try:
        return ZoneInfo(time_zone).key
    except (ZoneInfoNotFoundError, ValueError, OSError):  # the last: a name such as "." or one far too long
        return "UTC"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One language's texts by name, each in its plural forms, and the rule that tells the form for a number."""

    texts: Mapping[str, Sequence[str]]
    form: Callable[[int], int]


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says things in one language and time zone, as of `now`."""

    language: str
    time_zone: str
    now: datetime
    _catalogues: Mapping[str, Catalogue]
    _names: Mapping[str, str] = field(default_factory=dict)

    def into(self, language: str) -> "Speaker":
        """The same, in another language."""
        return replace(self, language=known_language(language))

    def __call__(self, key: str, /, **details: object) -> str:
        """The text of that name, filled in. Raises KeyError when the catalogue lacks it."""
        said = {name: self._spoken(value) for name, value in details.items()}
        return self._template(key, details).format(**said)

    def text(self, key: str, /, **details: object) -> Text:
        """Like a call, but moments stay moments, so that each platform can tell them in its reader's manner."""
        parts: list[Part] = []
        for words, name, _, _ in Formatter().parse(self._template(key, details)):
            if words:
                parts.append(words)
            if name is not None:
                value = details[name]
                parts.append(value if isinstance(value, Moment) else self._spoken(value))
        return tuple(parts)

    def knows(self, key: str) -> bool:
        """True when the catalogue has a text of that name."""
        return key in self._catalogues[self.language].texts

    def ordinal(self, number: int) -> str:
        """ "1st", "2nd", "3rd", "11th": a place in a row."""
        return self(f"ordinal.{Locale.parse(self.language).ordinal_form(number)}", number=number)

    def today(self, language: str) -> str:
        """Today's date in a language, whether we speak it or not: "2026年3月31日"."""
        try:
            locale = Locale.parse(language, sep="-")
        except (ValueError, UnknownLocaleError):
            locale = Locale.parse(self.language)
        return format_date(self.now.astimezone(ZoneInfo(self.time_zone)), "long", locale=locale)

    def at(self, time: datetime) -> Moment:
        """A point in time: the hour today, with the date on other days."""
        return Moment(time, self.clock(time))

    def since(self, time: datetime) -> Moment:
        """How long ago something was: "12 minutes ago"."""
        return Moment(time, self("time.ago", time=self.waiting(time)), relative=True)

    def clock(self, time: datetime) -> str:
        """ "10:42" today, with month and day on other days, with the year in other years."""
        zone = ZoneInfo(self.time_zone)
        local, today = time.astimezone(zone), self.now.astimezone(zone)
        locale = Locale.parse(self.language)
        if local.date() == today.date():
            return format_datetime(local, "HH:mm", locale=locale)
        skeleton = "MMMd" if local.year == today.year else "yMMMd"
        return f"{format_skeleton(skeleton, local, locale=locale)} {format_datetime(local, 'HH:mm', locale=locale)}"

    def day(self, day: date) -> str:
        """ "Tue, Dec 1", 「12月1日(火)」: a day with its weekday, and its year when that is another."""
        today = self.now.astimezone(ZoneInfo(self.time_zone)).date()
        return format_skeleton("MMMEd" if day.year == today.year else "yMMMEd", day, locale=self.language)

    def moment(self, time: datetime) -> str:
        """ "Tue, Dec 1 09:05", 「12月1日(火) 09:05」: always with the day, for what is laid down by the calendar."""
        local = time.astimezone(ZoneInfo(self.time_zone))
        return f"{self.day(local.date())} {format_datetime(local, 'HH:mm', locale=self.language)}"

    def weekday(self, number: int) -> str:
        """ "Mon", 「月」: a day of the week, 0: Monday."""
        return str(get_day_names("abbreviated", locale=self.language)[number])

    def waiting(self, since: datetime) -> str:
        """ "12 minutes", "1 hour 35 minutes", "3 days 4 hours": how much time has passed, never rounded up."""
        minutes = max(1, int((self.now - since).total_seconds()) // 60)
        hours, days = minutes // 60, minutes // 1440
        if days:
            return self._duration((days, "day"), (hours % 24, "hour"))
        return self._duration((hours, "hour"), (minutes % 60, "minute"))

    def duration(self, amount: timedelta, in_days: bool = True) -> str:
        """ "12 minutes", "1 hour 30 minutes", "2 days": an amount to the nearest minute, and at least one.

        A day has 24 hours; business time has no such days, and is told without them (`in_days` False).
        """
        minutes = max(1, round(abs(amount) / timedelta(minutes=1)))
        hours = minutes // 60
        days = hours // 24 if in_days else 0
        told = self._duration((days, "day"), (hours - 24 * days, "hour"), (minutes % 60, "minute"))
        return told.replace(" ", "") if self.language == "ja" else told

    def number(self, amount: int) -> str:
        """ "4,992": an amount of things, as one writes it."""
        return format_decimal(amount, locale=self.language)

    def _duration(self, *amounts: tuple[int, str]) -> str:
        length: Literal["short", "long"] = "short" if self.language == "ja" else "long"  # CLDR has no long ja forms
        told = [
            format_unit(count, f"duration-{unit}", length, locale=self.language) for count, unit in amounts if count
        ]
        return " ".join(told)

    def _template(self, key: str, details: Mapping[str, object]) -> str:
        catalogue = self._catalogues[self.language]
        forms, count = catalogue.texts[key], details.get("count")
        text = forms[catalogue.form(count)] if len(forms) > 1 and isinstance(count, int) else forms[0]
        return _COMMAND.sub(self._spelt, text) if self._names else text

    def _spelt(self, found: re.Match[str]) -> str:
        """A command as it is called where it is read: one of two words by a name of its own, or by its first word's."""
        first, second = found[1], found[2]
        if own := self._names.get(f"{first}_{second}"):
            return f"/{own}"
        return f"/{self._names.get(first, first)}" + (f" {second}" if second else "")

    def _spoken(self, value: object) -> str:
        match value:
            case datetime():
                return self.clock(value)
            case Moment():
                return value.spoken
        return "" if value is None else str(value)


def _read(folder: Path) -> Catalogue:
    """The catalogue of one language: its folder holds a file for each room."""
    texts: dict[str, Sequence[str]] = {}
    form: Callable[[int], int] | None = None
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            catalogue = read_po(file)
        texts |= {_forms(message.id)[0]: _forms(message.string) for message in catalogue if message.id}
        form = form or c2py(catalogue.plural_expr)
    if form is None:
        raise FileNotFoundError(f"no catalogues in {folder}")
    return Catalogue(texts, form)


def _forms(text: str | Sequence[str] | None) -> Sequence[str]:
    """A text's plural forms; a text without any is its own only form."""
    return (text,) if isinstance(text, str) else tuple(text or ("",))
