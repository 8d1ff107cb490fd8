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
from bot.domain.advising import EVERY, MOST_PIECES
from bot.notices import NoticeKind
from bot.ports import MessageRef
from tests.fakes.fail_points import FailingPlatform
from tests.journeys.test_discord_down import Server
from tests.journeys.test_slack_down import Workspace
from tests.journeys.whisper_desk import Flaw
from tests.journeys.whisper_line import SPEED, WORDS, Line
from tests.support.hurried_loop import HurriedLoop, in_a_hurry
from tests.support.hurried_time import HurriedTime
from tests.support.texts import says

Scene = Callable[[Line], Coroutine[Any, Any, None]]


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
