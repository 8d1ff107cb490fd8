"""Whispers across platforms: who advises sits on one, who is on the phone on another; a reply to a board does it."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.journeys.desk import Inside, settings_of
from tests.journeys.discord_driver import DiscordStage
from tests.journeys.driver import Person, Platform, SeenCard, until
from tests.journeys.slack_driver import SlackStage
from tests.journeys.stage import Stage

NUMBER = "090-1234-5678"
ADVICE = "The return is free: send the label at once"


@dataclass
class Apart:
    """A desk on Slack and on Discord: on each sit an agent, Ken on Slack and Hana on Discord, and a supervisor."""

    slack: SlackStage
    discord: DiscordStage
    seats: dict[str, Platform]

    def person(self, name: str, place: str) -> Person:
        stage: Stage = self.slack if place == "slack" else self.discord
        return Person(stage.handle(name), name, "en", self.seats[place])

    async def board(self, place: str, *words: str) -> SeenCard:
        seat = self.seats[place]
        return await _seen(seat, lambda: seat.cards("support"), ("On the phone now", *words))


async def _seen(platform: Platform, cards: Callable[[], Sequence[SeenCard]], words: Sequence[str]) -> SeenCard:
    def there() -> SeenCard:
        found = [card for card in cards() if all(word in card.words for word in words)]
        if not found:
            raise LookupError
        return found[-1]

    return await until(platform, there, lambda: "\n\n".join(card.words for card in cards()))


async def told(person: Person, *words: str) -> SeenCard:
    return await _seen(person.platform, lambda: person.whispers, words)


@pytest.fixture
async def apart(database_url: str, tmp_path: Path) -> AsyncIterator[Apart]:
    slack, discord = SlackStage(by_http=False), DiscordStage()
    slack.slack.tells_messages = True
    stages: dict[str, Stage] = {"slack": slack, "discord": discord}
    environment: dict[str, str] = {}
    async with AsyncExitStack() as closing:
        for stage in stages.values():
            await stage.open(("support",))
            closing.push_async_callback(stage.close)
            environment |= settings_of(tmp_path, database_url, stage, ("support",), ())
        environment |= {
            "QUEUE_CHANNELS": "support=slack:support,support=discord:support",
            "AGENTS": f"slack:{slack.handle('ken')},discord:{discord.handle('hana')}",
            "SUPERVISORS": f"slack:{slack.handle('emma')},discord:{discord.handle('emma')}",
        }
        running = Inside(environment)
        await running.start()
        closing.push_async_callback(running.stop)
        seats = {place: await stage.seat(f"http://127.0.0.1:{running.port}") for place, stage in stages.items()}
        for seat in seats.values():
            closing.push_async_callback(seat.close)
        yield Apart(slack, discord, seats)


async def test_a_reply_on_slack_reaches_an_agent_on_discord(apart: Apart) -> None:
    emma, hana = apart.person("emma", "slack"), apart.person("hana", "discord")
    await emma.types("/board here")
    await apart.board("slack", "Nobody is on the phone")
    await hana.types(f"/phone start {NUMBER} returns question")
    board = await apart.board("slack", "returns question")

    await apart.slack.slack.reply(emma.handle, "support", ADVICE, board.message)
    advice = await told(hana, ADVICE)
    await told(emma, ADVICE, "Delivered")
    await hana.clicks("役立ちました", on=advice)
    await told(emma, ADVICE, "Helped")
    answers = apart.slack.slack.ephemerals(emma.handle)
    assert [one.thread_ts for one in answers if "On its way" in one.text] == [board.message]
    assert [one.words for one in apart.seats["discord"].cards("support") if ADVICE in one.words] == []


async def test_a_reply_on_discord_reaches_an_agent_on_slack_and_gets_a_mark(apart: Apart) -> None:
    boss, ken = apart.person("emma", "discord"), apart.person("ken", "slack")
    await boss.types("/board here")
    await apart.board("discord", "Nobody is on the phone")
    await ken.types(f"/phone start {NUMBER} returns question")
    board = await apart.board("discord", "returns question")

    written = apart.discord.discord.say(boss.handle, "support", ADVICE, answers=board.message)
    await told(ken, ADVICE)
    await told(boss, ADVICE, "Delivered")
    await until(boss.platform, lambda: written.reactions == ["✅"])
    said = [one for one in apart.discord.discord.messages("support") if ADVICE in one.text]
    assert said == [written], "nobody repeats it where all can read"


async def test_who_is_no_supervisor_whispers_nothing_and_is_told_so_alone(apart: Apart) -> None:
    emma, ken, hana = apart.person("emma", "slack"), apart.person("ken", "slack"), apart.person("hana", "discord")
    await emma.types("/board here")
    await apart.board("slack", "Nobody is on the phone")
    await hana.types(f"/phone start {NUMBER} returns question")
    board = await apart.board("slack", "returns question")

    await apart.slack.slack.reply(ken.handle, "support", ADVICE, board.message)
    await until(ken.platform, lambda: bool(apart.slack.slack.ephemerals(ken.handle)))
    assert [one.words for one in hana.whispers if ADVICE in one.words] == []
