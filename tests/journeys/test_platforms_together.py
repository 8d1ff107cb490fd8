"""One inquiry on Slack, on Discord and in the workspace at once: one truth, one winner, one person with two handles."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.discord_people import KEN
from tests.journeys.customers import Customer
from tests.journeys.desk import Inside, settings_of
from tests.journeys.discord_driver import DiscordStage
from tests.journeys.driver import FREE, HELD, Channel, Person, Platform, SeenCard, until
from tests.journeys.slack_driver import SlackStage
from tests.journeys.stage import Stage, WorkspaceStage
from tests.support.texts import says, template

PLACES = ("slack", "discord", "workspace")
RACED = int(os.environ.get("MADOGUCHI_RACED", "5"))
"""Inquiries that nine people claim on three platforms at the same moment; with 112 these are a thousand claims."""


@dataclass
class Everywhere:
    """A desk on three platforms: who sits where, and the channel that shows the queue on each."""

    platforms: dict[str, Platform]
    spool: Path

    def support(self, place: str) -> Channel:
        return Channel("support", self.platforms[place])

    def person(self, name: str, place: str, language: str = "en") -> Person:
        return Person(name, name, language, self.platforms[place])

    async def cards(self, number: str, *verbs: str) -> dict[str, SeenCard]:
        """The card of an inquiry on each platform, once it looks like that everywhere."""
        return {place: await self.support(place).shows(number, *verbs) for place in PLACES}

    @property
    def customer(self) -> Customer:
        return Customer("Aki Ito", "ito@example.com", {"support": self.spool})


@pytest.fixture
async def everywhere(database_url: str, tmp_path: Path) -> AsyncIterator[Everywhere]:
    stages: dict[str, Stage] = {
        "slack": SlackStage(by_http=False),
        "discord": DiscordStage(),
        "workspace": WorkspaceStage(),
    }
    environment: dict[str, str] = {}
    async with AsyncExitStack() as closing:
        for stage in stages.values():
            await stage.open(("support",))
            closing.push_async_callback(stage.close)
            environment |= settings_of(tmp_path, database_url, stage, ("support",), ())
        environment |= {
            "QUEUE_CHANNELS": ",".join(f"support={place}:support" for place in PLACES),
            "AGENTS": ",".join(
                f"{place}:{stage.handle(one)}" for place, stage in stages.items() for one in ("hana", "ken")
            ),
            "SUPERVISORS": ",".join(f"{place}:{stage.handle('emma')}" for place, stage in stages.items()),
        }
        running = Inside(environment)
        await running.start()
        closing.push_async_callback(running.stop)
        url = f"http://127.0.0.1:{running.port}"
        platforms = {}
        for place, stage in stages.items():
            platforms[place] = await stage.seat(url)
            closing.push_async_callback(platforms[place].close)
        yield Everywhere(platforms, tmp_path / "spool" / "support")


async def test_a_claim_on_one_platform_is_on_the_others(everywhere: Everywhere) -> None:
    await everywhere.customer.writes()
    cards = await everywhere.cards("#1001", *FREE)

    answer = await everywhere.person("hana", "slack").clicks("Claim", on=cards["slack"])

    assert says(answer.title, "ja", "claim.done", inquiry=1001)
    held = await everywhere.cards("#1001", *HELD)
    assert {card.badge for card in held.values()} == {template("en", "status.open")}
    late = await everywhere.person("ken", "discord").clicks("Claim", on=cards["discord"])
    assert says(late.title, "en", "claim.held", holder="佐藤 花", inquiry=1001)


async def test_a_race_across_platforms_has_one_winner(everywhere: Everywhere) -> None:
    racers = [(everywhere.person(name, place), place) for name in ("hana", "ken", "emma") for place in PLACES]
    for index in range(RACED):
        customer = Customer("Aki Ito", f"ito{index}@example.com", {"support": everywhere.spool})  # no flood of one
        await customer.writes(f"Question {index}")
        number = f"#{1001 + index}"
        cards = await everywhere.cards(number, *FREE)

        answers = await asyncio.gather(*(who.clicks("Claim", on=cards[place]) for who, place in racers))

        told = [{key for key in ("claim.done", "claim.held") if _says(one, key)} for one in answers]
        assert sorted(map(list, told)) == [["claim.done"]] + [["claim.held"]] * (len(racers) - 1)
        held = await everywhere.cards(number, *HELD)
        holders = {(card.fields or {})[template("en", "card.holder")].split(",")[0] for card in held.values()}
        assert len(holders) == 1


async def test_two_handles_of_one_person_are_one_agent(everywhere: Everywhere) -> None:
    await everywhere.customer.writes()
    cards = await everywhere.cards("#1001")
    in_slack, in_discord = everywhere.person("ken", "slack"), everywhere.person("ken", "discord")
    await in_slack.clicks("Claim", on=cards["slack"])
    await everywhere.cards("#1001", *HELD)

    offered = await in_slack.types("/link")
    code = next(word for word in offered.words.split() if len(word) == 10 and word.isupper())
    joined = await in_discord.types(f"/link {code}")

    assert says(joined.title, "en", "link.done")
    assert says((await in_discord.types("/release 1001")).title, "en", "release.done", inquiry=1001)
    await everywhere.cards("#1001", *FREE)


async def test_who_takes_no_direct_messages_finds_a_word_in_the_thread(everywhere: Everywhere) -> None:
    await everywhere.customer.writes(text="A secret matter")
    cards = await everywhere.cards("#1001")
    driver = everywhere.platforms["discord"]
    driver._discord.close_dm("ken")  # type: ignore[attr-defined]

    await everywhere.person("emma", "discord").types(f"/assign 1001 {KEN}")

    told = await until(driver, lambda: [one for one in driver.thread(cards["discord"]) if "Ken Miller" in one.words])
    assert says(told[0].title, "en", "whisper.closed")


def _says(answer: SeenCard, key: str) -> bool:
    return any(says(answer.title, language, key) for language in ("en", "ja"))
