"""One post to Slack: through the adapter, against a bare slack_sdk client with a session of its own that it keeps."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from time import perf_counter, process_time
from typing import Any

import aiohttp
from slack_sdk.models.blocks import Block
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.history import marked
from adapters.slack.platform import Slack
from adapters.slack.render import message_of
from benchmarks.table import Figure, ratio, show
from bot.cards.inquiry_card import inquiry_card
from bot.translator import Translator
from tests.builders import an_inquiry
from tests.fakes.chat_process import running
from tests.fakes.slack import BOT_TOKEN
from tests.journeys.slack_process import SlackProcess
from tests.support.in_slack import config_for

POSTS = 200
ROUNDS = 9
GOAL = 1.2
CHANNEL = "C0SUPPORT"

Post = Callable[[str], Awaitable[object]]
"""Posts a card under a key."""


def main() -> None:
    """Post to a fake Slack in a process of its own, one after the other, and print a table."""
    with running(SlackProcess) as slack:
        figures = asyncio.run(_figures(slack.port))
    show("A post to Slack", figures, ["Slack.post draws the card each time, by slack_sdk's classes."])


async def _figures(port: int) -> list[Figure]:
    card = inquiry_card(an_inquiry(), Translator().speaker("en", "UTC", _clock()))
    slack = Slack(config_for(port, 15.0, timedelta(seconds=30)), lambda _language: {}, _clock)
    await slack.open()
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(BOT_TOKEN, f"http://127.0.0.1:{port}/api/", session=session, retry_handlers=[])
        drawn = message_of(card, "")
        contenders: dict[str, Post] = {
            "ours": lambda key: slack.post(CHANNEL, card, key),
            "classes": _bare(client, drawn.text, Block.parse_all(drawn.blocks)),
            "bare": _bare(client, drawn.text, drawn.blocks),
        }
        milliseconds: dict[str, list[float]] = {name: [] for name in contenders}
        work: dict[str, list[float]] = {name: [] for name in contenders}
        for round in range(ROUNDS + 1):
            for name, post in contenders.items():
                begun, worked = perf_counter(), process_time()
                for number in range(POSTS):
                    await post(f"card:{round}:{number}")
                milliseconds[name].append((perf_counter() - begun) / POSTS * 1000)
                work[name].append((process_time() - worked) / POSTS * 1000)
    await slack.close()
    return [*_lines("", milliseconds, f"at most {GOAL}"), *_lines(", work of this process alone", work, "")]


def _bare(client: AsyncWebClient, text: str, blocks: Sequence[dict[str, Any] | Block]) -> Post:
    async def post(key: str) -> object:
        return await client.chat_postMessage(
            channel=CHANNEL, text=text, blocks=blocks, metadata=marked(key), unfurl_links=False, unfurl_media=False
        )

    return post


def _lines(what: str, values: dict[str, list[float]], goal: str) -> list[Figure]:
    ours, classes, bare = (figures[1:] for figures in values.values())  # the first round warms up
    return [
        Figure(f"Slack.post{what}", ours, "ms"),
        Figure(
            f"bare client, slack_sdk's blocks{what}", classes, "ms", f"ours is {ratio(ours, classes):.2f} times", goal
        ),
        Figure(
            f"bare client, blocks as JSON at hand{what}", bare, "ms", f"ours is {ratio(ours, bare):.2f} times", goal
        ),
    ]


def _clock() -> datetime:
    return datetime.now(UTC)
