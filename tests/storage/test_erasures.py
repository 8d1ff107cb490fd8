"""What the outbox remembers of what was sent, and what an erasure makes of each of its states."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.domain.agent import Agent
from bot.domain.errors import Conflict, Refusal
from bot.domain.identity import Identity, IdentityKind
from bot.domain.inquiry import Inquiry
from bot.notices import Notice, NoticeKind
from bot.ports import MessageRef, Sending
from storage.database import Database
from storage.erasures import digest
from storage.tables import outbox, telling
from tests.builders import SUPPORT, a_message, an_act, an_agent, opened
from tests.storage.taking import HERE, save, sent, taken, write_again

CARD, LETTER, REMOVAL = NoticeKind.CARD, NoticeKind.LETTER, NoticeKind.REMOVAL
THERE = MessageRef("C1", "m2")


async def erased(database: Database, inquiry: Inquiry) -> None:
    async with database.transaction() as tx:
        await tx.erasures.erase(inquiry.customer.id, "ken")


async def rows(database: Database) -> list[tuple[str, str, str | None]]:
    """Kind, state and message of each row of the outbox."""
    async with database._reader.connect() as connection:
        query = sa.select(outbox.c.kind, outbox.c.state, outbox.c.message).order_by(outbox.c.id)
        return [tuple(row) for row in (await connection.execute(query)).all()]


async def left(database: Database) -> int:
    async with database.snapshot() as tx:
        return await tx.erasures.left()


@pytest.fixture
async def letter(database: Database, inquiry: Inquiry) -> Sending:
    """A letter that is due, under a card that was sent."""
    await write_again(database, inquiry)
    (card,) = await taken(database, SUPPORT)
    await sent(database, card)
    (due,) = await taken(database, SUPPORT)
    assert due.kind is LETTER
    return due


async def test_where_a_letter_was_sent_is_remembered_and_it_is_taken_away_there(
    database: Database, inquiry: Inquiry, letter: Sending
) -> None:
    await sent(database, letter, at=THERE)
    await erased(database, inquiry)
    assert await left(database) == 2
    (card,) = await taken(database, SUPPORT)
    assert (card.kind, card.stands) == (CARD, HERE)
    await sent(database, card)
    (removal,) = await taken(database, SUPPORT)
    assert (removal.kind, removal.key, removal.stands, removal.unclear_since) == (REMOVAL, letter.key, THERE, None)
    await sent(database, removal, at=None)
    assert await left(database) == 0
    assert await taken(database, SUPPORT) == []


async def test_a_letter_that_was_never_sent_is_never_sent(database: Database, inquiry: Inquiry) -> None:
    await write_again(database, inquiry)
    await erased(database, inquiry)
    assert [kind for kind, _, _ in await rows(database)] == ["card"]


async def test_a_letter_under_way_is_taken_away_once_it_is_there(
    database: Database, inquiry: Inquiry, letter: Sending
) -> None:
    await erased(database, inquiry)
    assert ("removal", "sending", None) in await rows(database)
    await sent(database, letter, at=THERE)
    assert ("removal", "pending", "m2") in await rows(database)


async def test_a_letter_of_which_nobody_knows_is_looked_for(
    database: Database, inquiry: Inquiry, letter: Sending
) -> None:
    async with database.transaction() as tx:
        await tx.outbox.unclear(letter, "me", timedelta(), letter.taken_at, 0)
    await erased(database, inquiry)
    assert ("removal", "ambiguous", None) in await rows(database)
    (card,) = await taken(database, SUPPORT)
    await sent(database, card)
    (removal,) = await taken(database, SUPPORT)
    assert (removal.stands, removal.unclear_since) == (None, letter.taken_at)


async def test_what_is_said_of_others_stays(database: Database, inquiry: Inquiry, letter: Sending) -> None:
    await sent(database, letter, at=THERE)
    (other,) = await opened(database, a_message(from_address="aki@example.com", from_name="Aki"))
    await erased(database, other)
    kinds = [kind for kind, state, _ in await rows(database) if state == "done"]
    assert kinds == ["card", "letter"]


async def test_what_names_them_is_drawn_anew_and_what_only_has_the_same_number_is_not(
    database: Database, inquiry: Inquiry
) -> None:
    """A digest's number is its own; a reminder may be another inquiry's by its number, and name this one too."""
    (other,) = await opened(database, a_message(from_address="aki@example.com", from_name="Aki"))
    said = [(kind, inquiry.number) for kind in (NoticeKind.ESCALATION, NoticeKind.DIGEST, NoticeKind.REVIEW)]
    said += [(NoticeKind.NUDGE, number) for number in (inquiry.number, other.number, other.number)]
    async with database.transaction() as tx:
        await tx.session.run(sa.update(outbox).values(state="done"))
        ids = [
            await tx.outbox.say_at(SUPPORT, Notice(kind, number, 1), f"{place}{kind}")
            for place, (kind, number) in enumerate(said)
        ]
        await tx.session.run(sa.update(outbox).values(state="done", message="m", posted_in="C1"))
        for key, (number, message) in enumerate([(inquiry.number, 3), (inquiry.number, 4), (other.number, 4)]):
            row = {"number": number, "key": str(key), "platform": "workspace", "channel": "support", "rung": "team"}
            await tx.session.run(sa.insert(telling).values(**row, after=an_act().at, outbox_id=ids[message]))
    async with database.snapshot() as tx:
        assert (await tx.erasures.holdings(inquiry.customer.id)).posts == 4, "a card, a question, two reminders"

    await erased(database, inquiry)

    async with database._reader.connect() as connection:
        query = sa.select(outbox.c.id).where(outbox.c.state == "pending", outbox.c.kind != "card")
        due = set((await connection.execute(query)).scalars())
    assert due == {ids[0], ids[3], ids[4]}
    assert await left(database) == 4
    async with database.transaction() as tx:
        await tx.session.run(sa.update(outbox).values(state="done"))
    assert await left(database) == 0


async def test_nothing_can_be_done_with_an_inquiry_that_was_erased(
    database: Database, inquiry: Inquiry, hana: Agent
) -> None:
    ken = await an_agent(database, "Ken")
    claimed = await save(database, inquiry.claim(an_act(hana)))
    await erased(database, inquiry)
    async with database.snapshot() as tx:
        after = await tx.inquiries.get(inquiry.number)
    assert after
    assert (after.holder, after.is_resolved) == (claimed.holder, True)
    deeds: list[Any] = [
        lambda: after.claim(an_act(ken)),
        lambda: after.release(an_act(hana)),
        lambda: after.assign(ken, an_act(hana)),
        lambda: after.resolve("", an_act(hana)),
        lambda: after.reopen(an_act(hana)),
    ]
    for deed in deeds:
        with pytest.raises(Refusal) as refused:
            deed()
        assert refused.value.key == "inquiry.erased"
    with pytest.raises(Conflict):
        await save(database, claimed.resolve("late", an_act(hana)))


async def test_a_digest_is_known_again_and_differs_each_time() -> None:
    one = Identity(IdentityKind.MAIL, "ito@example.com")
    first, second = digest(one, "a"), digest(one, "b")
    assert first != second
    assert "ito" not in first
    assert digest(one, first.partition(":")[0]) == first
    assert digest(Identity(IdentityKind.CHAT, one.value), "a") != first
