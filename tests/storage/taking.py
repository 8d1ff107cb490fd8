"""Short ways to fill the outbox, to take from it and to settle."""

from datetime import timedelta

from bot.domain.inquiry import Change, Inquiry
from bot.notices import NoticeKind
from bot.ports import Joining, MessageRef, Place, Sending
from storage.database import Database
from tests.builders import a_message, an_act, stored_mails

LEASE = timedelta(minutes=1)
HERE = MessageRef("C1", "m1")


async def taken(
    database: Database, place: Place, owner: str = "me", lease: timedelta = LEASE, limit: int = 100
) -> list[Sending]:
    """What `owner` is given to send in a place now."""
    async with database.transaction() as tx:
        return await tx.outbox.take(place, owner, lease, limit)


async def save(database: Database, change: Change) -> Inquiry:
    async with database.transaction() as tx:
        await tx.inquiries.save(change)
    return change.after


async def write_again(database: Database, inquiry: Inquiry) -> Inquiry:
    (mail,) = await stored_mails(database)
    more = a_message()
    change = inquiry.receive(more, an_act(None, source="mail"))
    async with database.transaction() as tx:
        await tx.inquiries.join([Joining(change, more, mail)])
    return change.after


async def sent(database: Database, sending: Sending, owner: str = "me", at: MessageRef | None = HERE) -> None:
    async with database.transaction() as tx:
        await tx.outbox.sent(sending, owner, at)


async def due(database: Database) -> list[Place]:
    async with database.snapshot() as tx:
        return await tx.outbox.due()


def kinds(sendings: list[Sending]) -> list[tuple[NoticeKind, int]]:
    return [(one.kind, one.number) for one in sendings]
