"""How an inquiry is cared for between claim and resolution: answers by hand, waits, snoozes, extensions, tags."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.agent import Role
from bot.domain.errors import Refusal
from bot.domain.events import Act, EventKind
from bot.domain.inquiry import AWAKE, Change, Inquiry, Status
from bot.domain.policy import Target
from bot.domain.timeline import WAITING

TAGS = 8
TAG_LENGTH = 30


def answered(inquiry: Inquiry, how: str, spoken_at: datetime, act: Act, seen: int | None = None) -> Change:
    """Somebody says that they answered the customer, and how ("by phone"); nobody saw a message.

    `spoken_at`: when the customer wrote last. Refused when somebody else has it, and when the customer wrote after
    `seen`, or it changed hands since.
    """
    _must_be_theirs(inquiry, act, "answered.held")
    assert act.agent is not None
    if seen is not None and seen < inquiry.spoken_version:
        raise Refusal("answered.wrote_again", number=inquiry.number, inquiry=inquiry.number)
    inquiry.must_have_seen_holder(seen)
    return inquiry.answer(act, act.agent.name, spoken_at, by_hand=how)


def wait(inquiry: Inquiry, status: Status, until: datetime, whom: str, act: Act, seen: int | None = None) -> Change:
    """The customer or a third party is waited for, `until` then at the latest; its clocks stand still meanwhile.

    Refused when somebody else has it, when the customer wrote after `seen`, or when `until` is over.
    """
    if status not in WAITING:
        raise ValueError(f"nobody is waited for while an inquiry is {status}")
    _must_be_theirs(inquiry, act, "wait.held")
    if seen is not None and seen < inquiry.spoken_version:
        raise Refusal("wait.wrote_again", number=inquiry.number, inquiry=inquiry.number)
    _must_come(until, act)
    details = {"status": status.value, "until": until.isoformat(), "whom": whom}
    told = {"status": status, "waiting_until": until, "waiting_for": whom}
    return inquiry.changed(act, EventKind.WAITED, details, **(AWAKE | told))


def resume(inquiry: Inquiry, act: Act) -> Change:
    """Nobody is waited for any more. An act of nobody: the time of waiting is over."""
    inquiry.must_not_be_resolved()
    if act.agent:
        _must_be_theirs(inquiry, act, "wait.held")
    if inquiry.status not in WAITING:
        raise Refusal("wait.not_waiting", number=inquiry.number, inquiry=inquiry.number)
    status = Status.OPEN if inquiry.holder else Status.NEW
    # Whom a third party held up, that customer has waited all along.
    since = act.at if inquiry.status is Status.WAITING_ON_CUSTOMER else inquiry.waiting_since
    return inquiry.changed(act, EventKind.RESUMED, status=status, waiting_since=since)


def snooze(inquiry: Inquiry, until: datetime, act: Act) -> Change:
    """Nobody is reminded of it until then; its clocks go on. Anybody of the team may, as long as others have not it."""
    _must_be_theirs(inquiry, act, "snooze.held")
    _must_come(until, act)
    return inquiry.changed(act, EventKind.SNOOZED, {"until": until.isoformat()}, snoozed_until=until)


def extend(inquiry: Inquiry, target: Target, by: timedelta, reason: str, act: Act) -> Change:
    """Give more time for a target, with the reason. That supervisors only may is the command's to say."""
    inquiry.must_not_be_resolved()
    details = {"target": target.value, "seconds": by.total_seconds(), "note": reason}
    return inquiry.changed(act, EventKind.EXTENDED, details, snoozed_until=None)


def keep(inquiry: Inquiry, act: Act) -> Change:
    """Its holder says that they are at it: nobody asks for a while."""
    inquiry.must_not_be_resolved()
    if act.agent is None or inquiry.holder is None or inquiry.holder.id != act.agent.id:
        free = Refusal("keep.free", number=inquiry.number, inquiry=inquiry.number)
        raise inquiry.held("keep.held") if inquiry.holder else free
    return inquiry.changed(act, EventKind.KEPT)


def tag(inquiry: Inquiry, tags: Sequence[str], act: Act) -> Change:
    """Its tags from now on, in order, each once."""
    inquiry.must_not_be_resolved()
    wanted = tuple(dict.fromkeys(" ".join(one.split()) for one in tags if one.strip()))
    if len(wanted) > TAGS or any(len(one) > TAG_LENGTH for one in wanted):
        raise Refusal("tag.many", number=inquiry.number, most=TAGS, length=TAG_LENGTH)
    return inquiry.changed(act, EventKind.TAGGED, {"tags": list(wanted)}, tags=wanted)


def _must_be_theirs(inquiry: Inquiry, act: Act, key: str) -> None:
    inquiry.must_not_be_resolved()
    if act.agent is None or not act.agent.may(Role.AGENT):
        raise ValueError("only a person of the team can do this")
    if not inquiry.may_be_handled_by(act.agent):
        raise inquiry.held(key)


def _must_come(until: datetime, act: Act) -> None:
    if until <= act.at:
        raise Refusal("when.past")
