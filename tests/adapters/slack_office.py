"""The incoming side of the Slack adapter, between the fake Slack and a desk that only remembers."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from aiohttp import web

from adapters.slack.answers import Answers
from adapters.slack.config import SlackConfig
from adapters.slack.listeners import Listeners
from adapters.slack.people import People
from adapters.slack.sockets import Sockets, Timing
from adapters.slack.web import Web
from bot.chat.card import Card, Choice
from bot.chat.invocation import Answer, Invocation
from bot.chat.profile import Profile
from tests.fakes.slack import FakeSlack
from tests.support.clock import Clock

VERBS = ("assign", "claim", "help", "home", "new", "note", "queue", "release")
QUICK = Timing(ping=5.0, patience=5.0, grace=0.2, first=0.01, longest=0.05, refused=0.05, flap=0.0)
GUARD = 15.0
"""Seconds after which a test that waits has failed."""

TEXTS = {
    "platform.title": "Desk",
    "platform.close": "Close",
    "platform.form": "Press to fill it in.",
    "platform.late": "Too late. Press to open it again.",
    "platform.too_long": "Keep what you wrote:",
    "platform.apology": "Our fault ({reference}).",
    "platform.text": "Text",
}


def texts(language: str) -> Mapping[str, str]:
    """The adapter's texts; other languages than English are marked."""
    mark = f"[{language}] " if language not in ("", "en") else ""
    return {
        name: f"{mark}{words}"[:24] if name == "platform.title" else f"{mark}{words}" for name, words in TEXTS.items()
    }


def done(invocation: Invocation) -> Answer:
    """An answer that names what was asked."""
    return Card(title=f"{invocation.verb} done", summary=f"{invocation.verb} done")


class RecordingDesk:
    """Remembers the calls in the order in which they came; `stall` keeps them from being answered.

    Replies to messages that are `boards` are calls.
    """

    def __init__(self, answers: Callable[[Invocation], Answer] = done) -> None:
        self.answers = answers
        self.calls: list[Invocation] = []
        self.replies: list[Invocation] = []
        self.boards: set[str] = set()
        self.met: list[Profile] = []
        self._seen: set[str] = set()
        self._open = asyncio.Event()
        self._news = asyncio.Event()
        self._open.set()

    def stall(self) -> None:
        """Answer nobody until `go_on`."""
        self._open.clear()

    def go_on(self) -> None:
        self._open.set()

    async def call(self, invocation: Invocation) -> Answer | None:
        self.calls.append(invocation)
        self._tell()
        await self._open.wait()
        if invocation.event and invocation.event in self._seen:
            return None
        self._seen.add(invocation.event)
        return self.answers(invocation)

    async def reply(self, invocation: Invocation) -> Answer | None:
        self.replies.append(invocation)
        self._tell()
        if invocation.message not in self.boards:
            return None
        return await self.call(replace(invocation, verb="whisper", options={"reply": invocation.text}))

    async def complete(self, invocation: Invocation, option: str, typed: str) -> Sequence[Choice]:
        return ()

    async def meet(self, platform: str, profile: Profile) -> None:
        assert platform == "slack"
        self.met.append(profile)
        self._tell()

    async def called(self, count: int = 1) -> Invocation:
        """Wait for so many calls; the last of them."""
        async with asyncio.timeout(GUARD):
            while len(self.calls) < count:
                await self._news.wait()
        return self.calls[count - 1]

    async def has_met(self) -> Profile:
        """Wait until somebody was met."""
        async with asyncio.timeout(GUARD):
            while not self.met:
                await self._news.wait()
        return self.met[-1]

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


async def until(what: Callable[[], object]) -> None:
    """Wait until it is true."""
    async with asyncio.timeout(GUARD):
        while not what():  # noqa: ASYNC110 - what happens elsewhere sets no event
            await asyncio.sleep(0.01)


@dataclass
class Office:
    """What works together; `url` is where signed requests go."""

    slack: FakeSlack
    desk: RecordingDesk
    web: Web
    people: People
    listeners: Listeners
    sockets: Sockets
    url: str = ""

    async def seen(self, what: Callable[[], object]) -> None:
        """Wait until the fake Slack shows it."""
        async with asyncio.timeout(GUARD):
            while not what():
                await self.slack.news()


def config_of(slack: FakeSlack, **more: object) -> SlackConfig:
    """How the adapter is set up for this fake Slack."""
    config = SlackConfig(
        bot_token=slack.bot_token,
        app_token=slack.app_token,
        signing_secret=slack.signing_secret,
        api_url=slack.api_url,
        timeout=5.0,
        verbs=VERBS,
    )
    return replace(config, **more)  # type: ignore[arg-type]


@asynccontextmanager
async def open_office(
    slack: FakeSlack,
    way: str,
    desk: RecordingDesk | None = None,
    timing: Timing = QUICK,
    pauses: Sequence[float] = (0.01,) * 300,
    last: float = 3.0,
    now: Callable[[], float] = time.time,
    **more: object,
) -> AsyncIterator[Office]:
    """Everything open, and what happens in Slack coming in by `way`: socket, http, or none."""
    config = config_of(slack, **more)
    desk = desk or RecordingDesk()
    inside = Web(config)
    await inside.open()
    people = People(inside, Clock())
    answers = Answers(inside, texts, "", pauses)
    listeners = Listeners(config, inside, people, texts, desk, answers, now=now, last=last)
    office = Office(slack, desk, inside, people, listeners, Sockets(config, inside, listeners.app, timing))
    app = web.Application(client_max_size=8 * 1024**2)
    app.add_routes([web.post("/slack/events", listeners.receive)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    running: asyncio.Task[None] | None = None
    try:
        if way == "http":
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            office.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
            slack.deliver_by_http(office.url)
        elif way == "socket":
            running = asyncio.create_task(office.sockets.run())
            async with asyncio.timeout(GUARD):
                await slack.sockets.connected_to(config.connections)
        yield office
    finally:
        if running:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        await listeners.close()
        await people.close()
        await inside.close()
        await runner.cleanup()
