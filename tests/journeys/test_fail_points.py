"""A fail point before and after each commit, each send and each flag: whatever goes wrong there, all ends well."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from typing import Protocol

import pytest
import sqlalchemy as sa

from bot.app import system_clock
from bot.domain.events import EventKind
from bot.domain.inquiry import Status
from bot.ports import Outcome
from storage.database import Database
from storage.tables import outbox
from tests.fakes.chat import FakeChat
from tests.fakes.fail_points import DIED, FailPoints, Fault
from tests.fakes.slack import FakeSlack
from tests.journeys.slack_reading import seen_card
from tests.support.desk_process import IN_SLACK, Desks
from tests.support.rehearsal import Rehearsal, client, prepared, rehearse

TIMELINE = [
    EventKind.OPENED,
    EventKind.CLAIMED,
    EventKind.MESSAGE_RECEIVED,
    EventKind.RESOLVED,
    EventKind.REOPENED,
]
LEAST_POINTS = {Fault.DIE: 80, Fault.ERROR: 80, Fault.DOUBT: 9}
"""Fewer would mean that the play passes no longer through the rooms that it is about."""


IN_CHAT = [(database, "fake", fault) for database in ("sqlite", "postgres") for fault in Fault]
ON_SLACK = [("sqlite", "slack", Fault.DOUBT)]
if os.environ.get("MADOGUCHI_FULL"):
    ON_SLACK += [("sqlite", "slack", Fault.DIE), ("postgres", "slack", Fault.ERROR)]


class Chat(Protocol):
    """What the audience sees."""

    name: str
    port: int

    async def open(self) -> object: ...

    async def close(self) -> None: ...

    def clear(self) -> None:
        """Sweep the stage."""
        ...

    def cards(self) -> list[tuple[str, list[str]]]:
        """The cards in #support: each one's id, and what its buttons call."""
        ...

    def quotes(self, card: str) -> list[str]:
        """What is quoted in the thread under a card."""
        ...

    def whispers(self) -> int:
        """How often Hana was told something in private."""
        ...

    def total(self) -> int: ...


class PlainChat(FakeChat):
    """Our own fake chat as a `Chat`."""

    name = "fake"

    def clear(self) -> None:
        self.messages.clear()

    def cards(self) -> list[tuple[str, list[str]]]:
        standing = self.standing("support")
        return [(str(one.id), [button["call"] for button in one.card["buttons"]]) for one in standing]

    def quotes(self, card: str) -> list[str]:
        return [one.card["quote"] for one in self.standing("support", int(card))]

    def whispers(self) -> int:
        return len(self.standing("@hana"))

    def total(self) -> int:
        return len(self.messages)


class SlackChat(FakeSlack):
    """The fake Slack as a `Chat`."""

    name = "slack"

    def clear(self) -> None:
        self.world.posted.clear()

    def cards(self) -> list[tuple[str, list[str]]]:
        cards = [(one.ts, seen_card({"ts": one.ts, "blocks": one.blocks}, "")) for one in self.standing("support")]
        return [(ts, [button.call for button in card.buttons]) for ts, card in cards]

    def quotes(self, card: str) -> list[str]:
        return [seen_card({"blocks": one.blocks}, "").quote for one in self.thread("support", card)]

    def whispers(self) -> int:
        return len(self.direct("hana"))

    def total(self) -> int:
        return len(self.world.posted)


CHATS: dict[str, type[Chat]] = {"fake": PlainChat, "slack": SlackChat}


class Stage:
    """Where the play is given again and again: a database, a chat and a folder for each performance."""

    def __init__(self, url: str, chat: Chat, folder: Path) -> None:
        self._url = url
        self._chat = chat
        self._folder = folder
        self._performances = 0

    async def open(self, closing: AsyncExitStack) -> None:
        self._database = Database(self._url, system_clock)
        closing.push_async_callback(self._database.close)
        await self._chat.open()
        closing.push_async_callback(self._chat.close)
        self._platform = await closing.enter_async_context(client(self._chat.name, self._chat.port))
        self._desks = closing.enter_context(Desks(*([IN_SLACK] if self._chat.name == "slack" else [])))

    async def perform(self, at: int, fault: Fault) -> list[str]:
        """Give the play with a fault at this point of each scene; desks that are well end the scene after each.

        Sees to it that all ended well, and says which points it were.
        """
        self._chat.clear()
        self._performances += 1
        folder = self._folder / str(self._performances)
        folder.mkdir(parents=True)
        await prepared(self._database, self._chat.name)
        happened: list[str] = []
        while not Rehearsal(folder, self._database, self._platform, FailPoints()).is_over:
            broken_off = await self._played(folder, at, fault)
            if broken_off:
                happened.append(broken_off)
                rescue = Rehearsal(folder, self._database, self._platform, FailPoints())
                await rescue.take_over()
                await rescue.play(scenes=1)
        await self._all_ended_well()
        return happened

    async def _played(self, folder: Path, at: int, fault: Fault) -> str:
        if fault is Fault.DIE:
            return await asyncio.to_thread(self._died, folder, at)
        points = FailPoints(at, fault)
        await Rehearsal(folder, self._database, self._platform, points).play()
        return points.happened

    def _died(self, folder: Path, at: int) -> str:
        log = folder / "log"
        chat = {"chat": self._chat.name, "chat_port": self._chat.port}
        given = {"folder": str(folder), "database_url": self._url, "at": at, **chat}
        status = self._desks.wait(self._desks.begin(rehearse, str(log), **given))
        assert status in (0, DIED), log.read_text()
        return "death" if status else ""

    async def _all_ended_well(self) -> None:
        async with self._database.snapshot() as tx:
            (inquiry,), total = await tx.inquiries.waiting(None, 0, 10)
            timeline = await tx.inquiries.timeline(inquiry.number)
            letters = await tx.inquiries.letters(inquiry.number)
            mails = await tx.mails.listed(None, 10)
        assert total == 1
        assert (inquiry.status, inquiry.holder and inquiry.holder.name) == (Status.OPEN, "Hana")
        assert [(one.version, one.kind) for one in timeline] == list(enumerate(TIMELINE, 1))
        assert [one.message.text for one in letters] == ["letter 1", "letter 2", "letter 3"]
        assert sorted((one.outcome or "", one.number) for one in mails) == [
            (Outcome.JOINED, inquiry.number),
            (Outcome.JOINED, inquiry.number),
            (Outcome.OPENED, inquiry.number),
        ]
        ((card, calls),) = self._chat.cards()
        assert any(call.endswith(f":{inquiry.version}") for call in calls)
        assert self._chat.quotes(card) == ["letter 2", "letter 3"]
        assert self._chat.whispers() == 2
        assert self._chat.total() == 5
        async with self._database._reader.connect() as connection:
            states = (await connection.execute(sa.select(outbox.c.state))).scalars().all()
        assert list(states) == ["done"] * 5


@pytest.fixture
def url(request: pytest.FixtureRequest, database: str) -> str:
    return str(request.getfixturevalue(f"{database}_url"))


@pytest.fixture
async def stage(url: str, chat: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as closing:
        made = Stage(url, CHATS[chat](), tmp_path / "performances")
        await made.open(closing)
        yield made


@pytest.mark.parametrize(("database", "chat", "fault"), [*IN_CHAT, *ON_SLACK])
async def test_whatever_goes_wrong_at_any_point_all_ends_well(stage: Stage, fault: Fault) -> None:
    happened: Counter[str] = Counter()
    for at in count(1):
        here = await stage.perform(at, fault)
        if not here:
            break
        happened.update(here)
    sys.stdout.write(f"{fault} at {happened.total()} points: {dict(happened)}\n")
    assert happened.total() >= LEAST_POINTS[fault]
