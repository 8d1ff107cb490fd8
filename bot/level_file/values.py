"""Amounts of business time, numbers of days, shares and yes or no, as people write them: "4h", "1h30m", 「2時間」."""

import re
from datetime import timedelta
from unicodedata import normalize

from bot.level_file.problem import Unreadable

LONGEST = timedelta(hours=9999)
MINUTE = timedelta(minutes=1)

_AMOUNT = re.compile(
    r"(?:(?P<hours>\d{1,6})\s*(?:h|hrs?|hours?|時間))?\s*(?:(?P<minutes>\d{1,6})\s*(?:m|mins?|minutes?|分))?"
)
_DAYS = re.compile(r"\d+\s*(?:d|days?|w|weeks?|日間?|週間?)\b.*|\d+\s*(?:日|週).*")
_TRUTHS = {
    "yes": True,
    "true": True,
    "on": True,
    "はい": True,
    "no": False,
    "false": False,
    "off": False,
    "いいえ": False,
}
_COUNT = re.compile(r"(\d{1,4})\s*(?:d|days?|日間?)?")


def amount_of(given: str) -> timedelta:
    """How much business time a text says: whole minutes, more than none and not above 9,999 hours. Raises Unreadable.

    Days are no amount: how long one is depends on the business hours.
    """
    plain = _plain(given)
    if _DAYS.fullmatch(plain):
        raise Unreadable(
            "amount", given, f"{given!r}: write hours, such as 8h; how long a day of work is depends on the calendar"
        )
    found = _AMOUNT.fullmatch(plain)
    amount = timedelta(hours=int(found["hours"] or 0), minutes=int(found["minutes"] or 0)) if found else timedelta()
    if not MINUTE <= amount <= LONGEST:
        raise Unreadable("amount", given, f"{given!r} is no amount of time: write it as 4h, 1h30m or 45m")
    return amount


def amount_text(amount: timedelta) -> str:
    """An amount as `amount_of` reads it. Raises ValueError for one of less than a minute, or with seconds."""
    minutes, rest = divmod(amount, MINUTE)
    if rest or minutes < 1:
        raise ValueError(f"{amount} is no amount of whole minutes")
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h" * bool(hours) + f"{minutes}m" * bool(minutes)


def count_of(given: str) -> int:
    """A number of days, at least 1: "3", "3 days". Raises Unreadable."""
    found = _COUNT.fullmatch(_plain(given))
    if not found or not int(found[1]):
        raise Unreadable("count", given, f"{given!r} is no number of days: write it as 3")
    return int(found[1])


def share_of(given: str) -> int:
    """A share in percent between 1 and 99: "50", "50%". Raises Unreadable."""
    found = re.fullmatch(r"(\d{1,2})\s*%?", _plain(given))
    if not found or not int(found[1]):
        raise Unreadable("share", given, f"{given!r} is no share: write percent between 1 and 99, such as 50")
    return int(found[1])


def truth_of(given: str) -> bool:
    """ "yes" or "no". Raises Unreadable."""
    truth = _TRUTHS.get(_plain(given))
    if truth is None:
        raise Unreadable("truth", given, f"{given!r} is neither yes nor no: write one of them")
    return truth


def _plain(given: str) -> str:
    return normalize("NFKC", given).strip().casefold()
