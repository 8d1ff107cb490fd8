"""The phone desk: what is told of a call becomes a contact in its customer's history, and is shown to the team.

Whatever is told late, twice or in another order ends in the same: one inquiry, one CALLED and one HUNG_UP a call, by
the first that was known then; the call itself keeps all that was told and is always right. Each of these functions
locks the agent's calls first, and ends by rule those of their calls that cannot go on since a later one began.

Whom a call is with decides about its inquiry once: when it is first known that they talk. Who is named later shows on
the call and in their history, and the inquiry stays what it is; only when nobody was known of its customer, no name,
address or number, that record is joined to the person named, which /split takes back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.domain.agent import Agent
from bot.domain.calling import CLOSING, called, hung_up
from bot.domain.events import Act, Event, EventKind
from bot.domain.identity import Identity, IdentityKind
from bot.domain.inquiry import Inquiry
from bot.domain.message import Message
from bot.domain.phone import Began, Caller, Continued, Ended, Line, Outcome, PhoneCall, Report, Voice
from bot.domain.phoning import SAME_WITHIN, Verdict, begins, joined, masked, superseded
from bot.ports import Transaction

JOINED_WITHIN = timedelta(days=14)
"""A call is about an open inquiry of its caller's in which something happened in this time."""
CONTACTS = 50
"""Open inquiries of a caller that are looked at."""
JUST_AFTER = timedelta(microseconds=1)


async def begin(
    tx: Transaction, agent: Agent, told: Began, act: Act, queue: str, line: Line | None = None, about: str = ""
) -> tuple[Verdict, PhoneCall]:
    """Somebody began to talk, or it is told who a call is with; see `bot.domain.phoning.begins`.

    The call joins or opens an inquiry (in `queue`, with the subject `about`), which the agent gets if nobody has it.
    ASK: nothing changed, and the call is the one that is in the way. The act is the agent's; a call that is told of
    late is written down as of `act.at`.
    """
    await tx.phone.lock(agent.id)
    told = replace(told, caller=await _whole(tx, told.caller))
    theirs = {one.id: one for one in await tx.phone.recent(agent.id, told.at - SAME_WITHIN)}
    if line:
        theirs |= {one.id: one for one in await tx.phone.of_line(line) if one.agent.id == agent.id}
    verdict, before = begins(theirs.values(), told, line)
    if verdict is Verdict.ASK and before:
        return verdict, before
    call = before or PhoneCall(agent=agent, line=line)
    if before and await _was_erased(tx, before):
        told = replace(told, caller=Caller())  # telephony tells late, and once more, what must not come back
    heard = replace(call, line=call.line or line).hearing(told)
    if before and _tells_nothing(before, heard):
        return verdict, before
    return verdict, await _take(tx, before, heard, act, _Opening(queue, about))


async def still(tx: Transaction, call: PhoneCall, act: Act) -> PhoneCall:
    """The act's agent says that they talk still. What telephony or they themselves ended stays ended.

    It answers what they were asked, at the database's time, also when the clock here is behind that.
    """
    await tx.phone.lock(call.agent.id)
    before = await tx.phone.get(call.id) or call
    if before.ended and before.ended.by is not Voice.RULE:
        return before
    asked_at = await tx.phone.asked_at(call.id)
    at = max(act.at, asked_at + JUST_AFTER) if asked_at else act.at
    return await _take(tx, before, before.hearing(Continued(at, Voice.HAND)), act)


async def end(tx: Transaction, call: PhoneCall, told: Ended, act: Act, note: str = "") -> PhoneCall:
    """A call is over, or it is told what came of one that is; who says only that does not say that it lasted so long.

    With SETTLED or WRONG_NUMBER the inquiry is resolved (with `note`) if the act's agent may; by WRONG_NUMBER only one
    that this call opened. To say another outcome later opens nothing again. A call that is new (id 0), of which only
    its end is known, is kept without a word: nobody knows that anybody talked.
    """
    await tx.phone.lock(call.agent.id)
    before = await tx.phone.get(call.id) if call.id else None
    heard = (before or call).hearing(told)
    if before and before.ended and before.ended.by is Voice.RULE and told.outcome and told.by is Voice.HAND:
        heard = heard.hearing(Ended(before.ended.at, Voice.HAND))
    if before and heard == before:
        return before
    return await _take(tx, before, heard, act, note=note)


async def _take(
    tx: Transaction,
    before: PhoneCall | None,
    heard: PhoneCall,
    act: Act,
    opening: "_Opening | None" = None,
    note: str = "",
) -> PhoneCall:
    """Keep what was heard, with all that follows from it, for this call and for others that it ends."""
    if not heard.is_begun:
        return await tx.phone.keep(heard)
    kept = await _kept(tx, before, heard, act, opening)
    await _followed(tx, before, kept, act, note)
    changed = {kept.id: kept}
    since = min(kept.started_at or act.at, act.at)
    for other, ended in superseded(await tx.phone.recent(kept.agent.id, since)):
        over = changed[other.id] = await tx.phone.keep(other.hearing(ended))
        await _followed(tx, other, over, Act(ended.at, act.source))
    for one in changed.values():  # after all else, so that no two wait for each other's messages
        await tx.phone.say(one)
    return changed[kept.id]


@dataclass(frozen=True, slots=True)
class _Opening:
    """Where an inquiry is opened, and what about, when there is none to join."""

    queue: str
    about: str


async def _kept(
    tx: Transaction, before: PhoneCall | None, heard: PhoneCall, act: Act, opening: _Opening | None
) -> PhoneCall:
    """The call with its id and, once it is told that they talk, with its inquiry, in which that is written down."""
    if heard.inquiry is not None:
        await _introduce(tx, before, heard, act)
    if heard.inquiry is not None or opening is None:
        return await tx.phone.keep(heard)
    inquiry = await _inquiry(tx, heard.caller, act, opening)
    known = replace(heard, reports=frozenset(_with_customer(one, inquiry) for one in heard.reports))
    kept = await tx.phone.keep(replace(known, inquiry=inquiry.number))
    await tx.inquiries.save(called(inquiry, act, kept.id, masked(kept.caller.number)))
    return kept


async def _followed(tx: Transaction, before: PhoneCall | None, call: PhoneCall, act: Act, note: str = "") -> None:
    """What follows from a call's end, if it has ended."""
    if call.ended is None:
        return
    if before is None or before.is_live:
        await tx.advice.end_call(call.id, act.at)
        for request in await tx.help_requests.of_call(call.id):
            await tx.help_requests.save(request, request.over())
    inquiry = await tx.inquiries.get(call.inquiry) if call.inquiry else None
    if inquiry is None or inquiry.erased_at:
        return
    events = await tx.inquiries.timeline(inquiry.number)
    is_news = call.outcome is not (before.outcome if before else None)
    is_closed = is_news and _closes(call, inquiry, events, act)
    is_written = any(_is_of(one, EventKind.HUNG_UP, call) for one in events)
    if not is_written or (note and not is_closed):
        # What is noted only later is written down by itself: the length stands there already.
        length, at = (None, act.at) if is_written else (call.length, call.ended.at)
        change = hung_up(inquiry, replace(act, at=at), call.id, length, call.outcome, "" if is_closed else note)
        await tx.inquiries.save(change)
        inquiry = change.after
    if is_closed:
        await tx.inquiries.save(inquiry.resolve(note, act))


def _closes(call: PhoneCall, inquiry: Inquiry, events: Sequence[Event], act: Act) -> bool:
    """Whether what came of a call resolves its inquiry."""
    if call.outcome not in CLOSING or inquiry.is_resolved or act.agent is None:
        return False
    is_its_own = [_is_of(one, EventKind.CALLED, call) and one.act == events[0].act for one in events[1:2]] == [True]
    return inquiry.may_be_handled_by(act.agent) and (is_its_own or call.outcome is Outcome.SETTLED)


def _is_of(event: Event, kind: EventKind, call: PhoneCall) -> bool:
    return event.kind is kind and event.details.get("call") == call.id


async def _was_erased(tx: Transaction, call: PhoneCall) -> bool:
    """Whether whoever it is with was erased since it began."""
    inquiry = await tx.inquiries.get(call.inquiry) if call.inquiry else None
    return inquiry is not None and inquiry.erased_at is not None


async def _whole(tx: Transaction, caller: Caller) -> Caller:
    """A caller with the person whom their number is known of, or to whom their record belongs."""
    if caller.customer is not None:
        person = await tx.customers.person(caller.customer)
        return replace(caller, customer=person.id if person else None)
    if not caller.number:
        return caller
    return replace(caller, customer=await tx.customers.by_identity(Identity(IdentityKind.PHONE, caller.number)))


async def _inquiry(tx: Transaction, caller: Caller, act: Act, opening: _Opening) -> Inquiry:
    """The inquiry that a call is about: one of the caller's that is open, else a new one."""
    person = await tx.customers.person(caller.customer) if caller.customer is not None else None
    if person:
        contacts, _ = await tx.histories.contacts(person.id, 0, CONTACTS)
        found = joined((one.inquiry for one in contacts), act.at, JOINED_WITHIN)
        if found:
            return found
    known_by = [one.value for one in person.identities if one.kind is not IdentityKind.CHAT] if person else []
    message = Message(
        subject=opening.about,
        from_address=caller.number or next(iter(known_by), ""),
        from_name=person.name if person else "",
        text=opening.about,
        reply_text=opening.about,
    )
    return await tx.inquiries.record(opening.queue, message, act, person.id if person else None)


def _with_customer(report: Report, inquiry: Inquiry) -> Report:
    """Who was made known by a number is said of whoever has that number. Without one, all are nobody alike."""
    if isinstance(report, Began) and report.caller.number and report.caller.customer is None:
        return replace(report, caller=replace(report.caller, customer=inquiry.customer.id))
    return report


async def _introduce(tx: Transaction, before: PhoneCall | None, call: PhoneCall, act: Act) -> None:
    """Join the record of somebody of whom nothing was known to the person whom the call is said to be with."""
    named = call.caller.customer
    if named is None or call.inquiry is None or (before and before.caller.is_known):
        return
    inquiry = await tx.inquiries.get(call.inquiry)
    nobody = await tx.customers.person(inquiry.customer.id) if inquiry and not inquiry.erased_at else None
    if nobody and nobody.id != named and not (nobody.label or nobody.identities or nobody.notes):
        await tx.customers.merge(nobody.id, named, act)


def _tells_nothing(before: PhoneCall, heard: PhoneCall) -> bool:
    """Whether a beginning that was told again, as people do, changes nothing of what is known."""
    return (before.line, before.started_at, before.ended, before.caller, before.is_begun) == (
        heard.line,
        heard.started_at,
        heard.ended,
        heard.caller,
        heard.is_begun,
    )
