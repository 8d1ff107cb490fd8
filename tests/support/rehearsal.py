"""One inquiry's whole life as a play that can break off at any point, and be taken up by a desk that is well."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from bot.app import system_clock
from bot.chat.invocation import Invocation
from bot.delivery import Delivery
from bot.dispatch import Dispatch
from bot.domain.agent import Role
from bot.domain.message import Message, RawMail
from bot.intake import Intake
from bot.ports import ChatPlatform, Handle, Inbox, Place, Store
from bot.translator import Translator
from commands import COMMANDS
from storage.database import Database
from storage.tables import metadata
from tests.builders import a_message
from tests.fakes.chat_platform import FakeChatPlatform
from tests.fakes.fail_points import FailingInbox, FailingPlatform, FailingStore, FailPoints, Fault
from tests.support.clock import MORNING
from tests.support.meter import Counts
from tests.support.readers import ReadBy

NOBODY_ELSE = timedelta()
HANA = {"fake": "hana", "slack": "U0HANA"}
"""Who claims and resolves, by the platform's id of her."""
PLAY = ("1 arrives", "claim", "2 arrives", "resolve", "3 arrives")


class FolderInbox:
    """Mails as files in a folder, flagged by another name; hands over what is there, and ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.name, self.queue, self.trouble = "mails", "support", ""

    def arrive(self, number: str) -> None:
        """The mail with this number comes in, if it has not yet."""
        if not list(self._folder.glob(f"{number}.*")):
            (self._folder / f"{number}.new").write_text(number)

    async def batches(self) -> AsyncIterator[Sequence[RawMail]]:
        for path in sorted(self._folder.glob("*.new")):
            yield [RawMail(self.name, "", path.stem, path.read_bytes(), MORNING)]

    async def done(self, batch: Sequence[RawMail]) -> None:
        for one in batch:
            (self._folder / f"{one.uid}.new").rename(self._folder / f"{one.uid}.done")


class OneByOne(Delivery):
    """Goes to one place after the other, so that the points come in the same order each time."""

    async def empty(self) -> None:
        while places := await self._due_places():
            await self._carry(min(places, key=str))


class Rehearsal:
    """The play in one folder, database and chat. `points` says where it breaks off, if it does."""

    def __init__(self, folder: Path, store: Database, platform: ChatPlatform, points: FailPoints) -> None:
        self._inbox = FolderInbox(folder)
        self._progress = folder / "progress"
        self._points = points
        self._platform = platform.name
        self._store: Store = FailingStore(store, points)
        self._failing_inbox: Inbox = FailingInbox(self._inbox, points)
        translator, meter, clock = Translator(), Counts(), system_clock
        platforms = {platform.name: FailingPlatform(platform, points)}
        self._intake = Intake(self._store, ReadBy(_read), clock, meter, pause=0.001)
        self._delivery = OneByOne(self._store, platforms, translator, clock, meter, rests=(0.005,))
        self._dispatch = Dispatch(self._store, COMMANDS, translator, clock, meter, "en", "UTC")

    @property
    def is_over(self) -> bool:
        """True when all scenes have been played."""
        return self._done() == len(PLAY)

    async def play(self, scenes: int = len(PLAY)) -> None:
        """Go on where the last desk broke off: for so many scenes, to the end, or to the fail point."""
        try:
            for scene in PLAY[self._done() :][:scenes]:
                self._points.begin_scene()
                await self._act(scene)
                await self._deliver()
                if self._points.happened:
                    return
                self._progress.write_text(str(self._done() + 1))
        except Exception:
            if not self._points.happened:
                raise

    async def take_over(self) -> None:
        """What a desk does first that knows itself alone."""
        async with self._store.transaction() as tx:
            await tx.outbox.orphaned()
        await self._intake.catch_up(NOBODY_ELSE)

    def _done(self) -> int:
        return int(self._progress.read_text()) if self._progress.exists() else 0

    async def _act(self, scene: str) -> None:
        mail, _, arrives = scene.partition(" ")
        if arrives:
            self._inbox.arrive(mail)
            await self._intake.run(self._failing_inbox)
            return
        async with self._store.snapshot() as tx:
            waiting, _ = await tx.inquiries.waiting(None, 0, 1)
        for inquiry in waiting:
            options = {"inquiry": str(inquiry.number), "note": "sent again"}
            await self._dispatch.call(Invocation(self._platform, HANA[self._platform], scene, options=options))

    async def _deliver(self) -> None:
        while not self._points.happened:
            await self._delivery.empty()
            async with self._store.snapshot() as tx:
                backlog = await tx.outbox.backlog()
            if not backlog.pending + backlog.ambiguous:
                return
            await asyncio.sleep(0.005)


def _read(content: bytes) -> Message:
    number = int(content)
    answers = tuple(f"{one}@example.com" for one in range(number - 1, 0, -1))
    text = f"letter {number}"
    return a_message(message_id=f"{number}@example.com", references=answers, text=text, reply_text=text)


async def prepared(database: Database, platform: str) -> None:
    """An empty database, but for the queue, its channel on the platform and Hana."""
    async with database._writer.connect() as connection, connection.begin():  # the store itself deletes nothing
        for table in reversed(metadata.sorted_tables):
            await connection.execute(table.delete())
        await connection.execute(sa.text("DELETE FROM search_index"))
    async with database.transaction() as tx:
        await tx.queues.add("support", "en", "UTC")
        await tx.queues.show("support", Place(platform, "support"))
        await tx.agents.enrol(Handle(platform, HANA[platform]), "Hana", Role.AGENT, "en", "UTC")


@asynccontextmanager
async def client(platform: str, port: int) -> AsyncIterator[ChatPlatform]:
    """The client of a fake chat on a port of this machine."""
    if platform == "slack":
        from tests.support.in_slack import quick_slack  # only where it is asked for: it costs a part of the start

        async with quick_slack(port) as slack:
            yield slack
    else:
        async with FakeChatPlatform(port) as chat:
            yield chat


async def rehearse(folder: str, database_url: str, chat: str, chat_port: int, at: int) -> None:
    """Play in this process, and die at the fail point."""
    database = Database(database_url, system_clock)
    async with client(chat, chat_port) as platform:
        await Rehearsal(Path(folder), database, platform, FailPoints(at, Fault.DIE)).play()
    await database.close()
