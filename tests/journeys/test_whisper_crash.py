"""Kill -9 while people whisper: each whisper comes once, or is withdrawn as its call ends; what was said holds."""

import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

import pytest

from bot.domain.advice import AdviceState
from tests.fakes import discord_faults, slack_faults
from tests.fakes.fail_points import DIED
from tests.journeys.conftest import Setting
from tests.journeys.discord_driver import DiscordStage
from tests.journeys.slack_driver import SlackStage
from tests.journeys.stage import Stage
from tests.journeys.whisper_desk import NEVER, OF_ADVICE, Flaw
from tests.journeys.whisper_world import WhisperWorld
from tests.support.desk_process import IN_DISCORD, IN_SLACK, Desks
from tests.support.texts import says

KILLS = min(int(os.environ.get("MADOGUCHI_KILLS", "2")), 6)
"""The page shows the newest messages of a channel only: with many more kills the first would not be among them."""
SEED = int(os.environ.get("MADOGUCHI_SEED", "20261123"))
LOST = 0.2
POINTS = 12
"""A desk that dies by itself does so at one of so many dealings with the platform."""
LIVES = (0.3, 1.3)
"""Seconds that desks live; what is held back for ten seconds by the hurried clock waits for one."""
EVERYWHERE = pytest.mark.parametrize(
    "setting", ["workspace-sqlite", "slack_by_socket-postgresql", "discord-sqlite"], indirect=True
)
ON_BOTH = pytest.mark.parametrize("setting", ["slack_by_socket-sqlite", "discord-postgresql"], indirect=True)
ON_SLACK = pytest.mark.parametrize("setting", ["slack_by_socket-sqlite"], indirect=True)


@pytest.fixture(scope="module")
def desks() -> Iterator[Desks]:
    with Desks(IN_SLACK, IN_DISCORD, "tests.journeys.whisper_desk") as raised:
        yield raised


@pytest.fixture
async def world(setting: Setting, tmp_path: Path, desks: Desks) -> AsyncIterator[WhisperWorld]:
    async with AsyncExitStack() as closing:
        made = WhisperWorld(setting.stage, setting.database_url, tmp_path, desks, Random(SEED))
        await made.open(closing)
        yield made


@EVERYWHERE
async def test_whispers_of_desks_that_are_killed_come_once_or_are_withdrawn(world: WhisperWorld) -> None:
    random, died = Random(SEED), 0
    loses_answers(world.stage)
    for _ in range(KILLS):
        await world.start(dies_at=random.choice((NEVER, random.randint(1, POINTS))))
        died += await world.live_for(random.uniform(*LIVES)) == DIED
    await world.meanwhile(3)
    await world.meanwhile(3, is_over=False)
    await world.start()
    states = await world.all_is_right()
    sys.stdout.write(f"seed {SEED}, {KILLS} kills, {died} at their points: {dict(states)}\n")
    assert states[AdviceState.WITHDRAWN] >= 3
    assert states[AdviceState.DELIVERED] >= 3


@EVERYWHERE
async def test_what_the_platform_took_before_the_desk_died_is_found(world: WhisperWorld) -> None:
    await dies_of_advice(world)
    await world.start()
    assert await world.all_is_right() == {AdviceState.DELIVERED: 1}


@ON_BOTH
async def test_what_was_taken_unknown_to_us_says_nothing_once_the_call_is_over(world: WhisperWorld) -> None:
    await dies_of_advice(world)
    await world.meanwhile(1)
    await world.start()
    assert await world.all_is_right() == {AdviceState.WITHDRAWN: 2}
    assert [card for card in world.told("ken") if says(card.title, "en", "advice.over")]


@ON_SLACK
async def test_who_sends_again_without_looking_whispers_twice(world: WhisperWorld) -> None:
    await dies_of_advice(world, Flaw.NAIVE)
    await world.start(flaw=Flaw.NAIVE)
    with pytest.raises(AssertionError, match="stands there 2 times"):
        await world.all_is_right()


@ON_SLACK
async def test_whose_calls_end_unnoticed_whispers_into_the_silence(world: WhisperWorld) -> None:
    await world.start()
    await world.end()
    await world.meanwhile(1, Flaw.FORGETFUL)
    await world.start()
    with pytest.raises(AssertionError, match="came after the end of its call"):
        await world.all_is_right()


@ON_SLACK
@pytest.mark.parametrize("what", ["whisper", "press"])
async def test_who_answers_before_it_is_kept_is_found_out(world: WhisperWorld, what: str) -> None:
    await world.start(flaw=Flaw.HASTY if what == "whisper" else Flaw.NONE)
    await world.calls()
    await world.whispers()
    if what == "press":
        await world.until_quiet()
        await world.end()
        await world.start(flaw=Flaw.HASTY)
        await world.presses()
    with pytest.raises(AssertionError, match=f"{what} was"):
        await world.all_is_right()


def loses_answers(stage: Stage) -> None:
    """From now on the platform keeps silent about some messages that it has taken, if it is one that can."""
    if isinstance(stage, SlackStage):
        stage.slack.set_faults(slack_faults.Faults(seed=SEED, lost=LOST, methods=["chat.postMessage"]))
    if isinstance(stage, DiscordStage):
        stage.discord.set_faults(discord_faults.Faults(seed=SEED, lost=LOST, methods=["create_message"]))


async def dies_of_advice(world: WhisperWorld, flaw: Flaw = Flaw.NONE) -> None:
    """The platform has taken what Emma said, and the desk dies before it writes that down."""
    await world.start(OF_ADVICE, flaw)
    await world.calls()
    words = await world.whispers()
    assert await world.died() == DIED
    [one] = await world.pieces()
    assert (one.text, one.state) == (words, AdviceState.QUEUED)
