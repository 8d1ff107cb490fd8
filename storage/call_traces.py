"""What is kept of somebody's phone calls, of the advice given in them and of what was learnt: and how it goes."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from bot.domain.advice import Token
from bot.domain.events import EventKind
from bot.domain.help_request import HelpState
from bot.domain.identity import IdentityKind
from bot.domain.learning import impersonal
from bot.ports import TextKind
from storage.phone import PhoneTable
from storage.session import Session
from storage.tables import (
    advice,
    article,
    article_version,
    event,
    help_request,
    identity,
    inquiry,
    phone_call,
    receipt,
)
from storage.unindexing import chunks, unindexed
from storage.withdrawing import advice_redrawn, calls_withdrawn

_WORDINGS = ("question", "situation", "words")
_SETTLED = (Token.DELIVERED, Token.SEEN, Token.NOT_NOW, Token.USED, Token.HELPED, Token.WITHDRAWN)
_OPEN = (HelpState.ASKED, HelpState.EXPERTS)


@dataclass(slots=True)
class CallTraces:
    """The ids of a person's calls, and of the advice and the help requests in them or about their inquiries.

    `agents` are those who talked, or were advised.
    """

    calls: list[int] = field(default_factory=list)
    advice: list[int] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)
    agents: frozenset[int] = frozenset()


async def traces_of(
    session: Session, records: Collection[int], numbers: Collection[int], phones: Collection[str]
) -> CallTraces:
    """What there is of the calls of these records, about these inquiries or with these numbers."""
    of_them = [phone_call.c.customer_id.in_(some) for some in chunks(records)]
    of_them += [phone_call.c.number.in_(some) for some in chunks(numbers)]
    of_them += [phone_call.c.caller.in_(phones)] if phones else []
    rows = [row for one in of_them for row in await session.run(sa.select(phone_call).where(one))]
    calls = sorted({row.id for row in rows})
    pieces = await _ids(session, advice, calls, numbers)
    readers = [sa.select(advice.c.to_id).where(advice.c.id.in_(some)) for some in chunks(pieces)]
    advised = {one for query in readers for one in (await session.run(query)).scalars()}
    requests = await _ids(session, help_request, calls, numbers)
    return CallTraces(calls, pieces, requests, frozenset(advised | {row.agent_id for row in rows}))


async def held_calls(session: Session, records: Collection[int]) -> frozenset[int]:
    """Nobody works on these people's calls, nor advises in them, until the transaction ends; the agents concerned.

    To be done before anything else is locked, as whoever works on a call does.
    """
    known = (identity.c.customer_id.in_(records)) & (identity.c.kind == IdentityKind.PHONE)
    phones = list((await session.run(sa.select(identity.c.value).where(known))).scalars())
    theirs = inquiry.c.customer_id.in_(records) | inquiry.c.record_id.in_(records)
    numbers = list((await session.run(sa.select(inquiry.c.number).where(theirs))).scalars())
    agents = (await traces_of(session, records, numbers, phones)).agents
    for one in sorted(agents):
        await PhoneTable(session).lock(one)
    return agents


async def forgotten_calls(session: Session, traces: CallTraces) -> None:
    """Numbers and words go, and the messages that said them; that there were calls, when and how long, stays.

    What was not delivered never is, and what nobody answered is over.
    """
    is_live = False
    for some in chunks(traces.calls):
        for row in (await session.run(sa.select(phone_call).where(phone_call.c.id.in_(some)))).all():
            is_live = is_live or row.is_live
            told = [{key: value for key, value in one.items() if key != "number"} for one in row.reports]
            update = sa.update(phone_call).where(phone_call.c.id == row.id)
            await session.run(update.values(caller="", reports=told))
        await _scrub_events(session, some)
    for some in chunks(traces.requests):
        state = sa.case((help_request.c.state.in_(_OPEN), HelpState.OVER), else_=help_request.c.state)
        blank = {"text": "", "state": state, "version": help_request.c.version + 1}
        await session.run(sa.update(help_request).where(help_request.c.id.in_(some)).values(blank))
    for some in chunks(traces.advice):
        await _forget_advice(session, some)
    await calls_withdrawn(session, traces.calls, traces.advice, traces.requests)
    if is_live:
        await PhoneTable(session).say_boards()


async def forgotten_articles(
    session: Session, traces: CallTraces, numbers: Collection[int], names: Collection[str]
) -> None:
    """Of what was learnt from these inquiries only that stays which somebody approved, and without these `names`."""
    of_them = [article.c.number.in_(some) for some in chunks(numbers)]
    of_them += [article.c.advice_id.in_(some) for some in chunks(traces.advice)]
    rows = {row.id: row for one in of_them for row in await session.run(sa.select(article).where(one))}
    await unindexed(session, {TextKind.ARTICLE: sorted(rows)})
    for row in rows.values():
        older = (article_version.c.article_id == row.id) & (article_version.c.version < row.approved_version)
        if not row.approved_version:
            await session.run(sa.delete(article_version).where(article_version.c.article_id == row.id))
            await session.run(sa.delete(article).where(article.c.id == row.id))
            continue
        await session.run(sa.delete(article_version).where(older))
        versions = await session.run(sa.select(article_version).where(article_version.c.article_id == row.id))
        for one in versions.all():
            this = (article_version.c.article_id == row.id) & (article_version.c.version == one.version)
            await session.run(sa.update(article_version).where(this).values(_without(one, names)))
        update = sa.update(article).where(article.c.id == row.id)
        await session.run(update.values(number=None, **_without(row, names)))


def spoken_forms(phones: Iterable[str]) -> list[str]:
    """How these numbers are written where they are from, beside their own form; texts of ours say either."""
    import phonenumbers  # slow to import, and of no use until somebody is erased

    found: list[str] = []
    for one in phones:
        parsed = phonenumbers.parse(one)
        kinds = (phonenumbers.PhoneNumberFormat.NATIONAL, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        spoken = [phonenumbers.format_number(parsed, kind) for kind in kinds]
        found += [one, *spoken, *(each.replace("-", "").replace(" ", "") for each in spoken)]
    return list(dict.fromkeys(found))


async def _ids(session: Session, table: sa.Table, calls: Collection[int], numbers: Collection[int]) -> list[int]:
    found: set[int] = set()
    for column, values in ((table.c.call_id, calls), (table.c.number, numbers)):
        for some in chunks(values):
            found |= set((await session.run(sa.select(table.c.id).where(column.in_(some)))).scalars())
    return sorted(found)


async def _scrub_events(session: Session, calls: Sequence[int]) -> None:
    """Of a call about somebody else's inquiry, that inquiry says only that there was one."""
    its = sa.select(phone_call.c.number).where(phone_call.c.id.in_(calls), phone_call.c.number.is_not(None))
    told = sa.select(event).where(event.c.number.in_(its), event.c.kind.in_((EventKind.CALLED, EventKind.HUNG_UP)))
    for row in (await session.run(told)).all():
        if row.details.get("call") in calls:
            kept = {key: value for key, value in row.details.items() if key not in ("caller", "note")}
            this = (event.c.number == row.number) & (event.c.version == row.version)
            await session.run(sa.update(event).where(this).values(details=kept))


async def _forget_advice(session: Session, ids: Sequence[int]) -> None:
    settled = sa.select(receipt.c.advice_id).where(receipt.c.advice_id.in_(ids), receipt.c.token.in_(_SETTLED))
    queued = set(ids) - set((await session.run(settled)).scalars())
    now = await session.read_clock()
    over = [{"advice_id": one, "token": Token.WITHDRAWN.value, "at": now} for one in sorted(queued)]
    await session.insert(receipt, over)
    brought = sa.select(advice.c.outbox_id).where(advice.c.id.in_(ids), advice.c.outbox_id.is_not(None))
    messages = sorted(set((await session.run(brought)).scalars()))
    await session.run(sa.update(advice).where(advice.c.id.in_(ids)).values(text="", outbox_id=None))
    await advice_redrawn(session, messages)


def _without(row: Any, names: Collection[str]) -> dict[str, str]:
    return {one: impersonal(getattr(row, one), names) for one in _WORDINGS}
