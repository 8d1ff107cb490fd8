"""The platform is down while people whisper: what is still of use comes in the end, once, at its pace."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from bot.chat.card import Card
from bot.chat.invocation import Invocation
from bot.dispatch import Dispatch
from bot.domain.advising import EVERY, MOST_PIECES
from bot.domain.agent import Role
from bot.notices import NoticeKind
from bot.ports import Handle, MessageRef
from bot.translator import Translator
from commands import COMMANDS
from tests.builders import a_queue
from tests.fakes import discord_faults, slack_faults
from tests.fakes.fail_points import FailingPlatform, FailPoints
from tests.journeys import discord_reading, slack_reading
from tests.journeys.discord_driver import ON_DISCORD
from tests.journeys.driver import SeenCard
from tests.journeys.slack_driver import ON_SLACK
from tests.journeys.test_discord_down import Server
from tests.journeys.test_slack_down import RESTS, Workspace
from tests.journeys.whisper_desk import Flaw, FlawedStore
from tests.support.hurried_loop import HurriedLoop, in_a_hurry
from tests.support.hurried_time import HurriedTime
from tests.support.meter import Counts
from tests.support.texts import says

SPEED = 60.0
OUTAGE = 30.0
"""Seconds that each way of being down lasts, by the loop's time."""
PATIENCE = 1200.0
WORDS = [f"Advice {number}" for number in range(1, 8)]
POSTS = {"slack": "chat.postMessage", "discord": "create_message"}
Scene = Callable[["Line"], Coroutine[Any, Any, None]]


class Line:
    """Hana is on the phone, Emma advises her, and between them is a platform in trouble; all by the loop's time."""

    def __init__(self, name: str, chat: Workspace | Server, loop: HurriedLoop, flaw: Flaw) -> None:
        self.name = name
        self.chat = chat
        self.office = chat.office
        self._ids = ON_SLACK if name == "slack" else ON_DISCORD
        self._store = FlawedStore(chat.office.database, flaw)
        self._dispatch = Dispatch(self._store, COMMANDS, Translator(), loop.now, Counts(), "en", "UTC")

    async def open(self, kind: type[FailingPlatform] = FailingPlatform) -> None:
        """Begin to deliver, on a platform that is well, and Hana's call."""
        await a_queue(self.office.database)
        async with self.office.database.transaction() as tx:
            for name, role in (("hana", Role.AGENT), ("emma", Role.SUPERVISOR)):
                await tx.agents.enrol(Handle(self.name, self._ids[name]), name.title(), role, "en", "UTC")
        self.office.patience = PATIENCE
        await self.chat.open(1)
        self._platform = await self.chat.deliver()
        await self.office.stop()
        self.office.deliver_to(kind(self._platform, FailPoints()), RESTS, self._store)
        await self.asks("hana", "phone_start", "+819012345678 late parcel")
        await self.office.all_is_delivered()
        assert [card for _, card in self.seen("hana") if says(card.title, "en", "phone.on")]

    async def asks(self, user: str, verb: str, line: str = "", **options: str) -> Card:
        answer = await self._dispatch.call(Invocation(self.name, self._ids[user], verb, text=line, options=options))
        assert isinstance(answer, Card)
        return answer

    async def says(self, *words: str, apart: float = 0.0) -> None:
        """Emma whispers, with so many seconds between."""
        for one in words:
            answer = await self.asks("emma", "whisper", person="Hana", text=one)
            assert answer.quote == one
            await asyncio.sleep(apart)

    async def hangs_up(self) -> None:
        await self.asks("hana", "phone_end")

    def breaks(self, **faults: Any) -> None:
        """From now on that befalls what is asked of the platform."""
        if isinstance(self.chat, Workspace):
            self.chat.slack.set_faults(slack_faults.Faults(**faults))
        else:
            self.chat.discord.set_faults(discord_faults.Faults(**faults))

    def loses(self, share: float) -> None:
        """From now on it keeps silent about so many of the messages that it has taken."""
        self.breaks(lost=share, methods=[POSTS[self.name]])

    async def is_down(self) -> None:
        """Broken, then silent, then not there at all."""
        served = self.chat.slack if isinstance(self.chat, Workspace) else self.chat.discord
        self.breaks(broken=1.0)
        await asyncio.sleep(OUTAGE)
        self.breaks(hang=1.0)
        await asyncio.sleep(OUTAGE)
        served.release()
        await served.close()
        await asyncio.sleep(OUTAGE)

    async def is_back(self, well: bool = True) -> None:
        """It is there again; not `well`: as it is told to be."""
        if well:
            self.breaks()
        served = self.chat.slack if isinstance(self.chat, Workspace) else self.chat.discord
        await served.open()

    async def takes_over(self) -> None:
        """Another desk, to which belongs at once what the dead one has begun, as on SQLite."""
        await self.office.stop()
        async with self.office.database.transaction() as tx:
            await tx.outbox.orphaned()
        self.office.deliver_to(FailingPlatform(self._platform, FailPoints()), RESTS, self._store)

    def seen(self, who: str) -> list[tuple[float, SeenCard]]:
        """Somebody's direct messages, each with when it was posted."""
        if isinstance(self.chat, Workspace):
            posted = self.chat.slack.direct(self._ids[who])
            return [(one.at, slack_reading.seen_card({"ts": one.ts, "blocks": one.blocks}, who)) for one in posted]
        sent = [one for one in self.chat.discord.direct(self._ids[who]) if one.components]
        return [(one.at, discord_reading.seen_card({"id": one.id, "components": one.components}, who)) for one in sent]

    def advice(self) -> list[tuple[float, SeenCard]]:
        """What Hana was whispered, in the order in which the platform took it."""
        return [(at, card) for at, card in self.seen("hana") if any(one in card.words for one in WORDS)]

    def states(self) -> dict[str, str]:
        """What became of each piece, as its sender reads it."""
        [lists] = [card for _, card in self.seen("emma") if says(card.title, "en", "receipts.title")]
        return {row.text: row.detail for row in lists.rows}


class Blind(FailingPlatform):
    """Looks for nothing that it may have sent."""

    async def find(self, channel: str, key: str, since: datetime, under: MessageRef | None = None) -> MessageRef | None:
        return None


class Mortal(FailingPlatform):
    """Whoever sends the first advice is no more once it is sent."""

    is_dead = False

    async def whisper(self, handle: str, card: Card, key: str) -> MessageRef:
        sent = await super().whisper(handle, card, key)
        if key.startswith(NoticeKind.ADVICE.value) and not self.is_dead:
            self.is_dead = True
            raise asyncio.CancelledError
        return sent


def a_line(name: str, url: str, scene: Scene, flaw: Flaw = Flaw.NONE) -> None:
    """Play a scene on that platform, in a hurry."""

    async def played(loop: HurriedLoop) -> None:
        time = HurriedTime(url, SPEED, loop.now())
        time.open()
        async with AsyncExitStack() as closing:
            closing.callback(time.close)
            kind = Workspace if name == "slack" else Server
            await scene(Line(name, kind(loop, time.url, closing), loop, flaw))

    in_a_hurry(SPEED, played)


@pytest.fixture(params=["slack-postgresql", "discord-sqlite"])
def where(request: pytest.FixtureRequest) -> tuple[str, str]:
    """A platform, and a database."""
    name, _, database = request.param.partition("-")
    return name, request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[database])


async def back_during_the_call(line: Line) -> None:
    await line.open()
    await asyncio.gather(line.is_down(), line.says(*WORDS, apart=10.0))
    assert line.advice() == []
    await line.is_back()
    await line.office.all_is_delivered()


def test_what_waited_for_the_platform_comes_once_and_at_its_pace(where: tuple[str, str]) -> None:
    async def scene(line: Line) -> None:
        await back_during_the_call(line)
        each_came_once(line, WORDS)
        they_kept_their_distance(line)

    a_line(*where, scene)


def test_who_keeps_no_distance_is_noticed(sqlite_url: str) -> None:
    async def scene(line: Line) -> None:
        await back_during_the_call(line)
        each_came_once(line, WORDS)
        with pytest.raises(AssertionError, match="on the heels"):
            they_kept_their_distance(line)

    a_line("slack", sqlite_url, scene, Flaw.CROWDING)


async def over_before_it_is_back(line: Line) -> None:
    async def hangs_up_amid_that() -> None:
        await line.says(*WORDS[:5], apart=10.0)
        await line.hangs_up()

    await line.open()
    await asyncio.gather(line.is_down(), hangs_up_amid_that())
    await line.is_back()
    await line.office.all_is_delivered()


def test_what_waited_until_the_call_was_over_comes_never(where: tuple[str, str]) -> None:
    async def scene(line: Line) -> None:
        await over_before_it_is_back(line)
        nothing_came(line)
        became(line, WORDS[:5], "withdrawn")

    a_line(*where, scene)


def test_whose_calls_end_unnoticed_is_found_out(sqlite_url: str) -> None:
    async def scene(line: Line) -> None:
        await over_before_it_is_back(line)
        with pytest.raises(AssertionError, match="came after the call"):
            nothing_came(line)

    a_line("slack", sqlite_url, scene, Flaw.FORGETFUL)


async def an_answer_is_lost(line: Line, kind: type[FailingPlatform] = FailingPlatform) -> None:
    await line.open(kind)
    line.loses(1.0)
    await line.says(WORDS[0])
    await line.office.until(lambda: line.advice())
    await asyncio.sleep(1.0)
    line.breaks()
    await line.office.all_is_delivered()


def test_what_the_platform_took_without_a_word_is_found(where: tuple[str, str]) -> None:
    async def scene(line: Line) -> None:
        await an_answer_is_lost(line)
        each_came_once(line, WORDS[:1])

    a_line(*where, scene)


def test_who_does_not_look_for_it_is_found_out(sqlite_url: str) -> None:
    async def scene(line: Line) -> None:
        await an_answer_is_lost(line, Blind)
        with pytest.raises(AssertionError, match="times"):
            each_came_once(line, WORDS[:1])

    a_line("slack", sqlite_url, scene)


@pytest.mark.parametrize("is_dead", [False, True], ids=["an answer is lost", "the desk dies"])
def test_what_was_taken_without_a_word_keeps_others_at_a_distance_too(postgres_url: str, is_dead: bool) -> None:
    async def scene(line: Line) -> None:
        await line.open(Mortal if is_dead else FailingPlatform)
        await asyncio.gather(line.is_down(), line.says(*WORDS, apart=10.0))
        line.loses(0.0 if is_dead else 1.0)
        await line.is_back(well=False)
        await line.office.until(lambda: line.advice())
        if is_dead:
            await line.takes_over()
        line.breaks()
        await line.office.all_is_delivered()
        each_came_once(line, WORDS)
        they_kept_their_distance(line)

    a_line("slack", postgres_url, scene)


def each_came_once(line: Line, words: list[str]) -> None:
    """Hana was told each of these once, few at a time, and Emma sees that."""
    told = Counter(one for _, card in line.advice() for one in WORDS if one in card.words)
    assert told == Counter(words), f"some came so many times: {told}"
    assert all(len(card.rows) <= MOST_PIECES for _, card in line.advice())
    became(line, words, "delivered")


def they_kept_their_distance(line: Line) -> None:
    """The platform took no two messages within ten seconds of its own clock."""
    taken = [at for at, _ in line.advice()]
    gaps = [timedelta(seconds=after - before) for before, after in pairwise(taken)]
    assert len(gaps) > 1
    assert min(gaps) >= EVERY, f"one came on the heels of another: {gaps}"


def nothing_came(line: Line) -> None:
    """Hana was told nothing of what was said."""
    assert line.advice() == [], "it came after the call"


def became(line: Line, words: list[str], state: str) -> None:
    """Emma's list says so of each of these, and shows each once."""
    told = line.states()
    assert Counter(said for said in words) == Counter(one for row in told for one in words if one in row)
    assert all(says(detail, "en", f"receipts.{state}") for detail in told.values()), told
