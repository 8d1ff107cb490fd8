"""The outbox while something is being sent: leases that outlive nobody, and what operators see of it."""

from datetime import timedelta

from bot.domain.agent import Agent
from bot.domain.inquiry import Inquiry
from bot.notices import NoticeKind
from bot.ports import MessageRef, Place
from storage.database import Database
from tests.builders import SUPPORT, a_message, a_queue, an_act, opened
from tests.storage.taking import HERE, LEASE, due, kinds, save, sent, taken, write_again
from tests.support.ageing import outbox_ages
from tests.support.clock import Clock

SIDE = Place("slack", "C9")
CARD, LETTER, WHISPER = NoticeKind.CARD, NoticeKind.LETTER, NoticeKind.WHISPER


EXPIRED = timedelta()
"""A lease that ends when it begins."""


# --- leases ---------------------------------------------------------------------------------------------


async def test_what_is_leased_is_nobody_elses_until_the_lease_ends(database: Database, inquiry: Inquiry) -> None:
    (mine,) = await taken(database, SUPPORT, "me")
    assert await taken(database, SUPPORT, "you") == []
    assert await due(database) == []
    await outbox_ages(database, LEASE)
    (yours,) = await taken(database, SUPPORT, "you")
    assert (yours.id, yours.unclear_since, yours.attempts) == (mine.id, mine.taken_at, 2)


async def test_who_lost_the_lease_settles_nothing(database: Database, inquiry: Inquiry) -> None:
    (mine,) = await taken(database, SUPPORT, "me", EXPIRED)
    (yours,) = await taken(database, SUPPORT, "you")
    async with database.transaction() as tx:
        await tx.outbox.sent(mine, "me", MessageRef("C1", "late"))
        await tx.outbox.later(mine, "me", timedelta(), "late")
        await tx.outbox.unclear(mine, "me", timedelta(), mine.taken_at, 0)
        await tx.outbox.refuse(mine, "me", "late")
        assert await tx.placements.of(inquiry.number, SUPPORT) is None
        assert (await tx.outbox.backlog()).refused == 0
    assert await taken(database, SUPPORT, "other") == []
    await sent(database, yours, "you")
    assert await due(database) == []


async def test_even_the_same_owner_settles_only_what_it_took_last(
    database: Database, inquiry: Inquiry, clock: Clock
) -> None:
    (old,) = await taken(database, SUPPORT, "me", EXPIRED)
    clock.forward(timedelta(seconds=1))
    (new,) = await taken(database, SUPPORT, "me")
    await sent(database, old, "me", MessageRef("C1", "old"))
    async with database.snapshot() as tx:
        assert await tx.placements.of(inquiry.number, SUPPORT) is None
    await sent(database, new)
    assert await due(database) == []


async def test_an_unclear_send_waits_and_comes_back_with_its_beginning(database: Database, inquiry: Inquiry) -> None:
    (card,) = await taken(database, SUPPORT)
    async with database.transaction() as tx:
        await tx.outbox.unclear(card, "me", timedelta(minutes=1), card.taken_at, 1)
    assert await taken(database, SUPPORT) == []
    await outbox_ages(database, timedelta(minutes=1))
    (again,) = await taken(database, SUPPORT)
    assert (again.unclear_since, again.looks) == (card.taken_at, 1)
    async with database.transaction() as tx:
        await tx.outbox.later(again, "me", timedelta(), "surely not sent")
    (surely,) = await taken(database, SUPPORT)
    assert (surely.unclear_since, surely.looks) == (None, 0)


async def test_who_dies_while_looking_forgets_neither_the_first_try_nor_that_it_may_have_sent(
    database: Database, inquiry: Inquiry, clock: Clock
) -> None:
    (first,) = await taken(database, SUPPORT)
    async with database.transaction() as tx:
        await tx.outbox.unclear(first, "me", timedelta(), first.taken_at, 1)
    clock.forward(timedelta(minutes=1))
    (looking,) = await taken(database, SUPPORT, "me", EXPIRED)
    assert looking.taken_at > first.taken_at
    (after,) = await taken(database, SUPPORT, "you")
    assert (after.unclear_since, after.looks) == (first.taken_at, 0)


async def test_what_was_not_begun_is_given_back_as_it_was(database: Database, inquiry: Inquiry) -> None:
    (card,) = await taken(database, SUPPORT)
    async with database.transaction() as tx:
        await tx.outbox.give_back(card, "you")
    assert await taken(database, SUPPORT) == []
    async with database.transaction() as tx:
        await tx.outbox.give_back(card, "me")
    (again,) = await taken(database, SUPPORT)
    assert (again.attempts, again.unclear_since) == (1, None)
    async with database.transaction() as tx:
        await tx.outbox.unclear(again, "me", timedelta(), again.taken_at, 1)
    (unclear,) = await taken(database, SUPPORT)
    async with database.transaction() as tx:
        await tx.outbox.give_back(unclear, "me")
    (still,) = await taken(database, SUPPORT)
    assert (still.unclear_since, still.looks, still.attempts) == (again.taken_at, 1, 2)


async def test_a_card_to_be_drawn_again_goes_before_what_follows_it(database: Database, inquiry: Inquiry) -> None:
    (card,) = await taken(database, SUPPORT)
    await sent(database, card)
    await write_again(database, inquiry)
    (card,) = await taken(database, SUPPORT)
    await sent(database, card)
    (letter,) = await taken(database, SUPPORT)
    async with database.transaction() as tx:
        await tx.outbox.redraw(inquiry.number, SUPPORT)
        await tx.outbox.later(letter, "me", timedelta(), "the card was deleted")
    (card,) = await taken(database, SUPPORT)
    assert card.kind is CARD
    await sent(database, card)
    assert kinds(await taken(database, SUPPORT)) == [(LETTER, inquiry.number)]


async def test_a_place_is_not_due_for_what_must_wait_its_turn(database: Database, inquiry: Inquiry) -> None:
    await write_again(database, inquiry)
    (card,) = await taken(database, SUPPORT)
    assert await due(database) == []
    await sent(database, card)
    assert await due(database) == [SUPPORT]


async def test_after_a_crash_of_the_only_process_nothing_waits_for_leases(database: Database, inquiry: Inquiry) -> None:
    (card,) = await taken(database, SUPPORT, "dead")
    async with database.transaction() as tx:
        assert await tx.outbox.orphaned() == 1
    (again,) = await taken(database, SUPPORT, "alive")
    assert (again.id, again.unclear_since) == (card.id, card.taken_at)


async def test_two_who_take_at_once_never_share_a_row(on_postgresql: Database) -> None:
    await a_queue(on_postgresql, "support", SUPPORT)
    numbers = [one.number for one in await opened(on_postgresql, *[a_message() for _ in range(20)])]
    async with on_postgresql.transaction() as first, on_postgresql.transaction() as second:
        mine = await first.outbox.take(SUPPORT, "me", LEASE, 8)
        yours = await second.outbox.take(SUPPORT, "you", LEASE, 8)
    assert sorted(one.number for one in mine + yours) == numbers[:16]
    assert [one.number for one in await taken(on_postgresql, SUPPORT)] == numbers[16:]


async def test_while_one_takes_the_card_another_does_not_get_its_letter(on_postgresql: Database) -> None:
    await a_queue(on_postgresql, "support", SUPPORT)
    (inquiry,) = await opened(on_postgresql)
    await write_again(on_postgresql, inquiry)
    async with on_postgresql.transaction() as first, on_postgresql.transaction() as second:
        assert kinds(await first.outbox.take(SUPPORT, "me", LEASE, 8)) == [(CARD, inquiry.number)]
        assert await second.outbox.take(SUPPORT, "you", LEASE, 8) == []


# --- what operators see ---------------------------------------------------------------------------------


async def test_a_refused_notice_is_parked_with_the_platforms_words(
    database: Database, inquiry: Inquiry, hana: Agent
) -> None:
    (card,) = await taken(database, SUPPORT)
    async with database.transaction() as tx:
        await tx.outbox.refuse(card, "me", "channel_not_found")
    assert await due(database) == []
    async with database.snapshot() as tx:
        (parked,) = await tx.outbox.parked(9)
        assert (parked.number, parked.place, parked.reason) == (inquiry.number, SUPPORT, "channel_not_found")
    await save(database, inquiry.claim(an_act(hana)))
    (again,) = await taken(database, SUPPORT)
    assert (again.id, again.attempts) == (card.id, 1)


async def test_parked_notices_get_another_try_by_place_or_all(database: Database) -> None:
    await a_queue(database, "support", SUPPORT, SIDE)
    await opened(database, a_message(), a_message())
    for place in (SUPPORT, SIDE):
        for card in await taken(database, place):
            async with database.transaction() as tx:
                await tx.outbox.refuse(card, "me", "not now")
    async with database.transaction() as tx:
        assert await tx.outbox.retry_refused(SIDE) == 2
    assert await due(database) == [SIDE]
    async with database.transaction() as tx:
        assert await tx.outbox.retry_refused() == 2
        assert await tx.outbox.parked(9) == []
    assert [one.attempts for one in await taken(database, SUPPORT)] == [1, 1]


async def test_the_backlog_tells_how_the_outbox_stands(database: Database) -> None:
    async with database.snapshot() as tx:
        empty = await tx.outbox.backlog()
    assert (empty.pending, empty.ambiguous, empty.refused, empty.oldest) == (0, 0, 0, None)
    await a_queue(database, "support", SUPPORT)
    await opened(database, *[a_message() for _ in range(5)])
    done, later, unclear, refused = await taken(database, SUPPORT, limit=4)
    async with database.transaction() as tx:
        await tx.outbox.sent(done, "me", HERE)
        await tx.outbox.later(later, "me", timedelta(minutes=1), "later")
        await tx.outbox.unclear(unclear, "me", timedelta(minutes=1), unclear.taken_at, 0)
        await tx.outbox.refuse(refused, "me", "no")
    (waiting,) = await taken(database, SUPPORT)
    async with database.snapshot() as tx:
        backlog = await tx.outbox.backlog()
    assert (backlog.pending, backlog.ambiguous, backlog.refused) == (2, 1, 1)
    assert backlog.oldest is not None
    assert waiting.created_at <= backlog.oldest <= waiting.taken_at
