"""Positions of mailboxes: how far each has been taken in, where watching began, and which mails are safe."""

from datetime import timedelta
from hashlib import sha256

from bot.domain.message import RawMail
from storage.database import Database
from storage.mailboxes import CHUNK, Mailboxes
from tests.builders import a_queue
from tests.support.clock import MORNING, Clock

SUPPORT, SALES = "imap:support", "imap:sales"


def the_sum(content: bytes) -> str:
    return sha256(content).hexdigest()


async def keep(database: Database, mailbox: str, validity: str, contents: dict[str, bytes]) -> None:
    """Mails of a mailbox are safe with us, by their UIDs."""
    await a_queue(database, "support")
    async with database.transaction() as tx:
        batch = [RawMail(mailbox, validity, uid, content, MORNING) for uid, content in contents.items()]
        await tx.mails.store("support", batch)


async def test_a_mailbox_that_was_never_watched_has_no_position(database: Database) -> None:
    mailboxes = Mailboxes(database)
    await mailboxes.moved(SALES, 7, 3)
    assert await mailboxes.position(SUPPORT) is None
    assert await mailboxes.began(SUPPORT) is None


async def test_under_one_uidvalidity_it_never_moves_back(database: Database) -> None:
    mailboxes = Mailboxes(database)
    seen = []
    for last in (10, 12, 11, 0, 13):
        await mailboxes.moved(SUPPORT, 7, last)
        seen.append(await mailboxes.position(SUPPORT))
    assert seen == [(7, 10), (7, 12), (7, 12), (7, 12), (7, 13)]


async def test_another_uidvalidity_counts_anew(database: Database) -> None:
    mailboxes = Mailboxes(database)
    await mailboxes.moved(SUPPORT, 7, 5000)
    await mailboxes.moved(SUPPORT, 3, 2)
    assert await mailboxes.position(SUPPORT) == (3, 2)
    await mailboxes.moved(SUPPORT, 7, 4)
    assert await mailboxes.position(SUPPORT) == (7, 4)


async def test_numbers_may_be_as_large_as_the_protocol_allows(database: Database) -> None:
    largest = 2**32 - 1
    mailboxes = Mailboxes(database)
    await mailboxes.moved(SUPPORT, largest, largest)
    assert await mailboxes.position(SUPPORT) == (largest, largest)


async def test_where_watching_began_is_noted_once_for_each_uidvalidity(database: Database, clock: Clock) -> None:
    mailboxes = Mailboxes(database)
    await mailboxes.moved(SUPPORT, 7, 10)
    first = await mailboxes.began(SUPPORT)
    clock.forward(timedelta(days=1))
    await mailboxes.moved(SUPPORT, 7, 20)
    same = await mailboxes.began(SUPPORT)
    await mailboxes.moved(SUPPORT, 8, 4)
    renumbered = await mailboxes.began(SUPPORT)
    await mailboxes.moved(SUPPORT, 8, 9)
    assert first is not None
    assert first[0].tzinfo is not None
    assert first[1] == 10
    assert same == first
    assert renumbered == (first[0], 4)
    assert await mailboxes.began(SUPPORT) == renumbered


async def test_of_many_sums_those_are_known_that_this_mailbox_has(database: Database) -> None:
    contents = {str(uid): f"mail {uid}".encode() for uid in range(1, 2 * CHUNK + 2)}
    await keep(database, SUPPORT, "7", contents)
    await keep(database, SALES, "7", {"1": b"of another mailbox"})
    ours = {the_sum(content) for content in contents.values()}
    strange = {the_sum(b"of another mailbox"), the_sum(b"of nobody")}
    mailboxes = Mailboxes(database)
    assert await mailboxes.known(SUPPORT, ours | strange) == ours
    assert await mailboxes.known(SALES, ours | strange) == {the_sum(b"of another mailbox")}
    assert await mailboxes.known(SUPPORT, []) == set()


async def test_stored_uids_are_those_of_one_mailbox_and_uidvalidity(database: Database) -> None:
    await keep(database, SUPPORT, "7", {"9": b"a", "10": b"b"})
    await keep(database, SUPPORT, "8", {"1": b"a"})
    await keep(database, SALES, "7", {"11": b"a"})
    mailboxes = Mailboxes(database)
    assert await mailboxes.stored_uids(SUPPORT, 7) == {9, 10}
    assert await mailboxes.stored_uids(SUPPORT, 8) == {1}
    assert await mailboxes.stored_uids(SUPPORT, 9) == set()
