"""Twilio: the status callbacks of its calls, and how they are read.

In TwiML, on the leg to the agent (Number, Client or Sip within Dial), or of a call made through the API:

    statusCallback="https://desk.example.com/telephony/twilio#rc=3&rp=all"
    statusCallbackEvent="initiated ringing answered completed"

The part after # asks Twilio to try again after any failure, not only when it cannot connect. On a leg whose address
is no agent's own, say whose it is by `?agent=201` in the address (before the #), and by `direction=out` when the agent
is the one who rings: Twilio signs the whole address, so nobody else can say so.
Source: twilio.com/docs/voice/twiml/client#status-callback-http-parameters.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from adapters.telephony.body import address
from adapters.telephony.refused import Refused
from adapters.telephony.signatures import check_age
from bot.ports.telephony import Kind, Outcome, TelephoneEvent

SOURCE = "twilio"
SID = re.compile("CA[0-9a-f]{32}")
PROGRESS = {
    "queued": Kind.RINGING,
    "initiated": Kind.RINGING,
    "ringing": Kind.RINGING,
    "in-progress": Kind.STARTED,
    "answered": Kind.STARTED,
}
OWN = ("client:", "sip:", "sips:")
"""How the addresses of phones begin that are registered with Twilio, as those of agents are."""


def event_of(fields: Iterable[tuple[str, str]], query: Mapping[str, str], now: datetime) -> TelephoneEvent:
    """What a callback, found to be Twilio's, tells.

    Raises Refused: 400 when it is no status callback, 401 when it is older than 5 minutes. Twilio's signature holds no
    time, but the callback does; without it, whoever saw a request could send it again forever.
    """
    told = dict(fields)
    sid, parent = told.get("CallSid", ""), told.get("ParentCallSid", "")
    if not SID.fullmatch(sid):
        raise Refused(400, "CallSid is missing: this address takes the status callbacks of calls.")
    kind, outcome = _progress(told.get("CallStatus", ""))
    at = _at(told.get("Timestamp", ""))
    check_age(at.timestamp(), now)
    caller, called = address("From", told.get("From")), address("To", told.get("To"))
    outgoing = _is_outgoing(query.get("direction"), caller, called)
    ours, theirs = (caller, called) if outgoing else (called, caller)
    return TelephoneEvent(
        source=SOURCE,
        id=sid,
        kind=kind,
        caller=theirs,
        agent=address("agent", query.get("agent")) or ours,
        at=at,
        seconds=_seconds(told.get("CallDuration", "")) if kind is Kind.ENDED else None,
        outgoing=outgoing,
        outcome=outcome,
        parent=parent if SID.fullmatch(parent) else "",
    )


def _progress(status: str) -> tuple[Kind, Outcome | None]:
    if status in PROGRESS:
        return PROGRESS[status], None
    if status in tuple(Outcome):
        return Kind.ENDED, Outcome(status)
    raise Refused(400, "CallStatus is none that we know.")


def _at(text: str) -> datetime:
    """The time that Twilio tells, in RFC 2822."""
    try:
        at = parsedate_to_datetime(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused(
            400, "Timestamp is missing: point statusCallback to this address, not the URL that answers a call."
        ) from None


def _is_outgoing(said: str | None, caller: str, called: str) -> bool:
    """Whether our side is the one who rings: as the address says, else when only the caller's phone is our own."""
    if said in ("in", "out"):
        return said == "out"
    return caller.startswith(OWN) and not called.startswith(OWN)


def _seconds(text: str) -> int | None:
    """Twilio's CallDuration; its Duration is in minutes begun, for the bill."""
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else None
