"""The room of raw mail: each kept once, read by one, settled for good."""

from datetime import timedelta

import pytest

from bot.domain.errors import Conflict
from bot.ports import Outcome
from storage.database import Database
from tests.builders import a_message, a_queue, a_raw_mail, an_agent, opened, stored_mails
from tests.support.clock import MORNING, Clock

NOTHING = timedelta()
A_WHILE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
async def _queue(database: Database) -> None:
    await a_queue(database)


async def test_the_bytes_come_back_as_they_came(database: Database) -> None:
    raw = a_raw_mail(content=bytes(range(256)) * 3)
    async with database.transaction() as tx:
        (stored,) = await tx.mails.store("support", [raw])
    assert (stored.raw, stored.queue, stored.attempts) == (raw, "support", 1)
    async with database.transaction() as tx:
        again = await tx.mails.attempt(stored.id, NOTHING)
    assert again is not None
    assert (again.raw, again.queue, again.attempts) == (raw, "support", 2)


async def test_a_mail_known_by_its_identity_is_left_out(database: Database) -> None:
    known, new = a_raw_mail(), a_raw_mail()
    async with database.transaction() as tx:
        await tx.mails.store("support", [known])
    async with database.transaction() as tx:
        stored = await tx.mails.store("support", [known, new, new])
        assert [one.raw for one in stored] == [new]
        assert await tx.mails.store("support", [known, new]) == []
        assert await tx.mails.store("support", []) == []
        assert len(await tx.mails.unread(NOTHING, 10)) == 2


async def test_same_bytes_under_another_identity_are_another_mail(database: Database) -> None:
    batch = [
        a_raw_mail(content=b"same", mailbox="a", validity="1", uid="1"),
        a_raw_mail(content=b"same", mailbox="b", validity="1", uid="1"),
        a_raw_mail(content=b"same", mailbox="a", validity="2", uid="1"),
        a_raw_mail(content=b"same", mailbox="a", validity="1", uid="2"),
    ]
    async with database.transaction() as tx:
        assert [one.raw for one in await tx.mails.store("support", batch)] == batch


async def test_a_large_batch_keeps_each_mail_with_its_own_bytes(database: Database) -> None:
    batch = [a_raw_mail(content=f"mail {n}".encode() * (n + 1)) for n in range(120)]
    async with database.transaction() as tx:
        stored = await tx.mails.store("support", batch)
        read = [await tx.mails.attempt(one.id, NOTHING) for one in stored]
    assert [one.raw.content for one in read if one] == [one.content for one in batch]


async def test_what_somebody_just_began_to_read_is_theirs_for_a_while(on_sqlite: Database, clock: Clock) -> None:
    await a_queue(on_sqlite)
    (mail,) = await stored_mails(on_sqlite)
    async with on_sqlite.transaction() as tx:
        assert await tx.mails.unread(A_WHILE, 10) == []
        assert await tx.mails.attempt(mail, A_WHILE) is None
    clock.forward(A_WHILE)
    async with on_sqlite.transaction() as tx:
        assert await tx.mails.unread(A_WHILE, 10) == [mail]
        first, second = await tx.mails.attempt(mail, A_WHILE), await tx.mails.attempt(mail, A_WHILE)
    assert (first and first.attempts, second) == (2, None)


async def test_unread_mails_come_the_oldest_first_and_only_so_many(database: Database) -> None:
    mails = await stored_mails(database, 5)
    async with database.snapshot() as tx:
        assert await tx.mails.unread(NOTHING, 3) == mails[:3]


async def test_a_settled_mail_is_read_no_more(database: Database) -> None:
    (inquiry,) = await opened(database)
    one, other = await stored_mails(database, 2)
    async with database.transaction() as tx:
        assert await tx.mails.lock([one, other]) == {one, other}
        await tx.mails.settle({one: (Outcome.JOINED, inquiry.number)}, {one: a_message(subject="Re: parcel")})
    async with database.transaction() as tx:
        assert one not in await tx.mails.unread(NOTHING, 10)
        assert await tx.mails.attempt(one, NOTHING) is None
        assert await tx.mails.lock([one, other]) == {other}
        assert await tx.mails.lock([]) == set()


async def test_a_mail_is_settled_once(database: Database) -> None:
    one, other = await stored_mails(database, 2)
    became = {one: (Outcome.ROBOT, None), other: (Outcome.ROBOT, None)}
    async with database.transaction() as tx:
        await tx.mails.settle({one: (Outcome.UNRELATED, None)}, {})
    with pytest.raises(Conflict):
        async with database.transaction() as tx:
            await tx.mails.settle(became, {})
    async with database.snapshot() as tx:
        assert {mail.id: mail.outcome for mail in await tx.mails.listed(None, 9)} == {
            one: Outcome.UNRELATED,
            other: None,
        }


async def test_what_one_settles_another_passes_over(on_postgresql: Database) -> None:
    await a_queue(on_postgresql)
    mails = await stored_mails(on_postgresql, 4)
    async with on_postgresql.transaction() as first, on_postgresql.transaction() as second:
        assert await first.mails.lock(mails[:3]) == set(mails[:3])
        assert await second.mails.lock(mails) == {mails[3]}


async def test_mails_are_listed_the_newest_first_with_what_became_of_them(database: Database) -> None:
    (inquiry,) = await opened(database)
    a, b, c = await stored_mails(database, 3)
    async with database.transaction() as tx:
        await tx.mails.settle(
            {a: (Outcome.ROBOT, None), b: (Outcome.JOINED, inquiry.number)},
            {a: a_message(from_address="noreply@example.com", subject="Out of office"), b: a_message(subject="Re")},
        )
    async with database.snapshot() as tx:
        listed = await tx.mails.listed(None, 3)
        robots = await tx.mails.listed(Outcome.ROBOT, 9)
        assert await tx.mails.listed(Outcome.UNREADABLE, 9) == []
    assert [(one.id, one.outcome, one.number) for one in listed] == [
        (c, None, None),
        (b, Outcome.JOINED, inquiry.number),
        (a, Outcome.ROBOT, None),
    ]
    assert [(one.id, one.sender, one.subject, one.mailbox, one.received_at) for one in robots] == [
        (a, "noreply@example.com", "Out of office", "spool", MORNING)
    ]


async def test_a_raw_mail_is_offered_for_a_while(database: Database) -> None:
    hana = await an_agent(database)
    (inquiry,) = await opened(database)
    raw = a_raw_mail(content=b"Subject: raw\r\n\r\n\xff\x00")
    async with database.transaction() as tx:
        (stored,) = await tx.mails.store("support", [raw])
        await tx.mails.settle({stored.id: (Outcome.JOINED, inquiry.number)}, {})
        ((one, token),) = await tx.mails.offer(inquiry.number, hana.id, A_WHILE)
        ((_, ended),) = await tx.mails.offer(inquiry.number, hana.id, -A_WHILE)
    assert one.id == stored.id
    async with database.snapshot() as tx:
        assert await tx.mails.offered(token) == raw.content
        assert await tx.mails.offered(ended) is None
        assert await tx.mails.offered("guessed") is None
        assert token != ended
    async with database.transaction() as tx:
        assert await tx.mails.offer(999, hana.id, A_WHILE) == []


async def test_mails_that_were_tried_twice_let_the_others_go_first(database: Database) -> None:
    await a_queue(database)
    tried_twice, tried_once, newer = await stored_mails(database, 3)
    async with database.transaction() as tx:
        await tx.mails.attempt(tried_twice, NOTHING)
        assert await tx.mails.unread(NOTHING, 9) == [tried_once, newer, tried_twice]


async def test_robots_are_counted_since_a_time(database: Database) -> None:
    early, late = a_raw_mail(received_at=MORNING - A_WHILE), a_raw_mail(received_at=MORNING)
    async with database.transaction() as tx:
        stored = await tx.mails.store("support", [early, late])
        await tx.mails.settle({one.id: (Outcome.ROBOT, None) for one in stored}, {})
        assert await tx.mails.set_aside(MORNING) == 1
        assert await tx.mails.set_aside(MORNING - A_WHILE) == 2
