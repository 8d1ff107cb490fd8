"""What was told of a call, as JSON: each report an object with what it `is`, when and by whom; read back, it is equal.

Times are in ISO 8601 and UTC, lengths in microseconds. What says nothing is left out.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.phone import Began, Caller, Continued, Ended, Outcome, Report, Voice

MICROSECOND = timedelta(microseconds=1)


def written(reports: Iterable[Report]) -> list[dict[str, Any]]:
    """Reports as JSON, in the order of what they tell of, so that equal sets are written alike."""
    return [_written(one) for one in sorted(reports, key=lambda one: (one.at, repr(one)))]


def read(rows: Iterable[dict[str, Any]]) -> frozenset[Report]:
    """The reports that were written. Raises ValueError or KeyError on what is none."""
    return frozenset(map(_read, rows))


def _written(one: Report) -> dict[str, Any]:
    told = _said(one) | {"at": one.at.astimezone(UTC).isoformat(), "by": one.by.value}
    return {key: value for key, value in told.items() if value is not None}


def _said(one: Report) -> dict[str, Any]:
    match one:
        case Began(caller=caller):
            return {"is": "began", "number": caller.number or None, "customer": caller.customer}
        case Continued():
            return {"is": "continued"}
        case Ended(lasted=lasted, outcome=outcome):
            return {"is": "ended", "lasted": None if lasted is None else lasted // MICROSECOND, "outcome": outcome}


def _read(row: dict[str, Any]) -> Report:
    at, by = datetime.fromisoformat(row["at"]), Voice(row["by"])
    match row["is"]:
        case "began":
            return Began(at, by, Caller(row.get("number", ""), row.get("customer")))
        case "continued":
            return Continued(at, by)
        case "ended":
            lasted, outcome = row.get("lasted"), row.get("outcome")
            return Ended(at, by, None if lasted is None else lasted * MICROSECOND, outcome and Outcome(outcome))
    raise ValueError(f"{row['is']!r} is nothing that can be told of a call")
