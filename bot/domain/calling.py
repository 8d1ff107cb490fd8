"""Calling: what becomes of an inquiry when somebody talks with its customer, and when they have hung up."""

import unicodedata
from datetime import timedelta

from bot.domain.errors import Refusal
from bot.domain.events import Act, EventKind
from bot.domain.identity import phone
from bot.domain.inquiry import Change, Inquiry, Status
from bot.domain.phone import Outcome

CLOSING = (Outcome.SETTLED, Outcome.WRONG_NUMBER)
"""After these, nothing is left to do."""
_SCHEMES = ("client:", "sips:", "sip:", "tel:")


def called(inquiry: Inquiry, act: Act, call: int, caller: str) -> Change:
    """The act's agent began to talk with the customer: that is a response, and from now on the team has to act.

    What nobody had is theirs. `caller`: the number, masked. Raises Refusal when the inquiry is resolved, or erased.
    """
    if act.agent is None:
        raise ValueError("somebody talks with them")
    inquiry.must_not_be_resolved()
    details: dict[str, object] = {"call": call, "caller": caller}
    taken: dict[str, object] = {}
    if inquiry.holder is None:
        details |= {"to": act.agent.name, "to_id": act.agent.id}
        taken = {"holder": act.agent, "held_since": act.at, "holder_version": inquiry.version + 1}
    return inquiry.changed(
        act,
        EventKind.CALLED,
        details,
        status=Status.OPEN,
        waiting_since=max(inquiry.waiting_since, act.at),
        answered_at=max(act.at, inquiry.answered_at or act.at),
        snoozed_until=None,
        **taken,
    )


def hung_up(
    inquiry: Inquiry, act: Act, call: int, length: timedelta | None, outcome: Outcome | None, note: str = ""
) -> Change:
    """A talk with the customer is over: it is written down, and nothing else changes, also of what is resolved.

    `length` None: nobody knows. Raises Refusal when the inquiry was erased.
    """
    if inquiry.erased_at:
        raise Refusal("inquiry.erased", number=inquiry.number, inquiry=inquiry.number, at=inquiry.erased_at)
    seconds = None if length is None else int(length.total_seconds())
    told: dict[str, object] = {"call": call, "seconds": seconds, "outcome": outcome and outcome.value, "note": note}
    details = {key: value for key, value in told.items() if value not in (None, "")}
    return inquiry.changed(act, EventKind.HUNG_UP, details)


def addresses(given: str, region: str) -> list[str]:
    """By what a telephone may be registered that a system names so, the most exact first; lower case, without spaces.

    As it came; as a number in E.164, where it is one; without scheme and parameters; and the user alone:
    "sip:201@pbx.example.com;transport=tls" is "201@pbx.example.com" and "201" too.
    """
    plain = "".join(unicodedata.normalize("NFKC", given).split()).lower()
    scheme = next((one for one in _SCHEMES if plain.startswith(one)), "")
    bare = plain.removeprefix(scheme).partition(";")[0].partition("?")[0]
    user = bare.partition("@")[0] if scheme or "@" in bare else bare
    found = [plain, phone(plain, region), bare, phone(user, region), user]
    return list(dict.fromkeys(one for one in found if one))
