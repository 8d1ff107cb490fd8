r"""Any telephone system that can send HTTP: what it must send, and how that is read.

POST to /telephony/events, `Content-Type: application/json`, at most 64 KB, in UTF-8:

    {"id": "7f3a", "event": "started", "direction": "in", "from": "+81312345678", "to": "+81398765432",
     "agent": "201", "at": "2026-04-01T10:00:00+09:00", "duration": 95}

`id` names the call, `event` is ringing, started or ended: these two are needed. `direction` is in (taken for granted)
or out. `agent` is the extension or address of whose phone it is; without it, our side of the call: `to`, or `from` of
a call that goes out. `at` is a time with its zone or Unix seconds, of the last 7 days; without it, when it reaches us.
`duration` is in seconds, `outcome` is completed, busy, no-answer, failed or canceled; both of what has ended. `parent`
names the call that this one is a leg of. Anything else is ignored. The answer is 204; after a 5xx, or none, send it
again, signed anew: the same event of a call may be told as often as you like.

    ts=$(date +%s)
    sig=$({ printf 'v1:%s:' "$ts"; cat body.json; } | openssl dgst -sha256 -hmac "$SECRET" -r | cut -d' ' -f1)
    curl -H 'Content-Type: application/json' -H "X-Telephone-Timestamp: $ts" -H "X-Telephone-Signature: v1=$sig" \
         --data-binary @body.json https://desk.example.com/telephony/events
"""

import math
from datetime import UTC, datetime, timedelta

from adapters.telephony.body import Fields, address, identifier, json_fields
from adapters.telephony.refused import Refused
from adapters.telephony.signatures import WINDOW
from bot.ports.telephony import Kind, Outcome, TelephoneEvent

SOURCE = "telephony"
INCOMING = ("in", "inbound", "incoming")
OUTGOING = ("out", "outbound", "outgoing")
OLDEST = timedelta(days=7)
"""What happened longer ago is not taken: a clock or a format is wrong."""
LONGEST_CALL = 7 * 86400
"""Seconds."""


def event_of(raw: bytes, now: datetime) -> TelephoneEvent:
    """What a body, found to be signed, tells. Raises Refused (400) with what is wrong with it."""
    told = json_fields(raw)
    kind = _kind(told)
    outgoing = _is_outgoing(told)
    ours, theirs = ("from", "to") if outgoing else ("to", "from")
    return TelephoneEvent(
        source=SOURCE,
        id=identifier("id", told.get("id")),
        kind=kind,
        caller=address(theirs, told.get(theirs)),
        agent=address("agent", told.get("agent")) or address(ours, told.get(ours)),
        at=_at(told.get("at"), now),
        seconds=_seconds(told.get("duration")) if kind is Kind.ENDED else None,
        outgoing=outgoing,
        outcome=_outcome(told.get("outcome")) if kind is Kind.ENDED else None,
        parent=identifier("parent", told["parent"]) if told.get("parent") else "",
    )


def _kind(told: Fields) -> Kind:
    try:
        return Kind(str(told.get("event")))
    except ValueError:
        raise Refused(400, "event must be ringing, started or ended.") from None


def _is_outgoing(told: Fields) -> bool:
    direction = told.get("direction") or "in"
    if direction not in INCOMING + OUTGOING:
        raise Refused(400, "direction must be in or out.")
    return direction in OUTGOING


def _at(value: object, now: datetime) -> datetime:
    """When it happened; our own time when that is not told."""
    if value is None:
        return now.astimezone(UTC)
    try:
        if isinstance(value, str):
            told = datetime.fromisoformat(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            told = datetime.fromtimestamp(value, UTC)
        else:
            raise ValueError("neither a text nor a number")
        at = told.astimezone(UTC) if told.tzinfo else None
    except (ValueError, OverflowError, OSError):
        at = None
    if at is None:
        raise Refused(400, "at must be a time with its zone, like 2026-04-01T10:00:00+09:00, or Unix seconds.")
    if not now - OLDEST <= at <= now + timedelta(seconds=WINDOW):
        raise Refused(400, f"at must lie within the last {OLDEST.days} days, and not ahead of our clock.")
    return at


def _seconds(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Refused(400, "duration must be a number of seconds.")
    if not 0 <= value <= LONGEST_CALL:
        raise Refused(400, f"duration must be 0 to {LONGEST_CALL} seconds.")
    return int(value)


def _outcome(value: object) -> Outcome | None:
    """What we know by name; another word is as good as none."""
    return next((one for one in Outcome if one == value), None)
