"""A store with a delivery to a chat that is in trouble, and with much that waits for it."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress

import sqlalchemy as sa

from bot.app import kept_up
from bot.delivery import Delivery
from bot.domain.events import Act
from bot.domain.inquiry import Change, Inquiry
from bot.ports import Backlog, ChatPlatform, Clock, Joining, Place, Store
from bot.translator import Translator
from storage.database import Database
from storage.tables import outbox
from tests.builders import a_message, a_queue, opened, stored_mails
from tests.support.meter import Counts

PATIENCE = 60.0
"""Seconds after which what does not happen counts as never."""
RESTS = (0.02, 0.05)


class Office:
    """A store, and a delivery from it to a platform that runs until the end of the test.

    By the loop's time it looks every `pause` seconds whether all is delivered, for `patience` seconds.
    """

    def __init__(
        self,
        database: Database,
        closing: AsyncExitStack,
        clock: Clock,
        pause: float = 0.01,
        patience: float = PATIENCE,
    ) -> None:
        self.database = database
        self.clock = clock
        self.pause = pause
        self.patience = patience
        self.closing = closing

    def deliver_to(self, platform: ChatPlatform, rests: Sequence[float] = RESTS, store: Store | None = None) -> None:
        """Begin to deliver."""
        platforms = {platform.name: platform}
        delivery = Delivery(store or self.database, platforms, Translator(), self.clock, Counts(), rests=rests)
        self.running = asyncio.create_task(kept_up("delivery", delivery.run))
        self.closing.push_async_callback(self.stop)

    async def stop(self) -> None:
        self.running.cancel()
        with suppress(asyncio.CancelledError):
            await self.running

    async def backlog(self) -> Backlog:
        async with self.database.snapshot() as tx:
            return await tx.outbox.backlog()

    async def states(self) -> set[str]:
        async with self.database._reader.connect() as connection:
            return set((await connection.execute(sa.select(outbox.c.state))).scalars())

    async def all_is_delivered(self) -> None:
        async with asyncio.timeout(self.patience):
            while True:
                backlog = await self.backlog()
                if not backlog.pending + backlog.ambiguous:
                    return
                await asyncio.sleep(self.pause)

    async def until(self, happened: Callable[[], object]) -> None:
        async with asyncio.timeout(self.patience):
            while True:
                if happened():
                    return
                await asyncio.sleep(self.pause / 2)

    async def save(self, change: Change) -> Inquiry:
        async with self.database.transaction() as tx:
            await tx.inquiries.save(change)
        return change.after

    async def write_again(self, *inquiries: Inquiry, text: str = "more") -> list[Inquiry]:
        """The customers of these inquiries, all of one queue, write once more."""
        mails = await stored_mails(self.database, len(inquiries), queue=inquiries[0].queue)
        more = a_message(text=text, reply_text=text)
        changes = [one.receive(more, Act(self.clock(), "mail")) for one in inquiries]
        async with self.database.transaction() as tx:
            await tx.inquiries.join([Joining(change, more, mail) for change, mail in zip(changes, mails, strict=True)])
        return [change.after for change in changes]

    async def busy_queues(self, platform: str, count: int, each: int, letters: Sequence[str] = ("more",)) -> None:
        """Queues with a channel each, each with inquiries whose customers then wrote so many letters."""
        for name in (f"queue{number}" for number in range(count)):
            await a_queue(self.database, name, Place(platform, name))
            messages = [a_message(subject=f"{name} inquiry {number}") for number in range(each)]
            inquiries = await opened(self.database, *messages, queue=name)
            for text in letters:
                inquiries = await self.write_again(*inquiries, text=text)
