"""The incoming side of the Discord adapter, between the fake Discord and a desk that only remembers."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from adapters.discord.answers import QUICK, Answers
from adapters.discord.app_commands import CommandShape, OptionShape
from adapters.discord.config import DiscordConfig
from adapters.discord.gateway import Gateway, Timing
from adapters.discord.listeners import Listeners
from adapters.discord.platform import Discord
from bot.chat.card import Card, Choice
from bot.chat.command import Kind
from bot.chat.invocation import Answer, Invocation
from bot.chat.profile import Profile
from bot.ports import Lease
from tests.fakes.discord import FakeDiscord
from tests.support.clock import Clock

GUARD = 15.0
"""Seconds after which a test that waits has failed."""
SWIFT = Timing(
    beat=0.1,
    patience=5.0,
    silence=60.0,
    first=0.01,
    longest=0.05,
    fatal=0.05,
    flap=0.0,
    breaks=50,
    again=0.01,
    tired=0.05,
    farewell=1.0,
)

TEXTS = {
    "platform.form": "Press to fill it in.",
    "platform.late": "Too late. Press to open it again.",
    "platform.too_long": "Keep what you wrote:",
    "platform.apology": "Our fault ({reference}).",
    "platform.text": "Text",
    "platform.written": "You wrote:",
    "platform.closed": "{name}, open your direct messages.",
    "platform.garbled": "That button says nothing.",
}

INQUIRY = OptionShape("inquiry", Kind.INQUIRY, required=True, labels={"en": "Inquiry", "ja": "問い合わせ"})
SHAPES = (
    CommandShape(
        "assign",
        {"en": "Give an inquiry to somebody", "ja": "問い合わせを任せます"},
        (INQUIRY, OptionShape("person", Kind.PERSON, required=True, labels={"en": "Person", "ja": "担当者"})),
    ),
    CommandShape("claim", {"en": "Take an inquiry", "ja": "問い合わせを担当します"}, (INQUIRY,)),
    CommandShape("note", {"en": "Note something"}, (INQUIRY, OptionShape("text", Kind.TEXT, required=True))),
    CommandShape(
        "new",
        {"en": "Open an inquiry", "ja": "問い合わせを作ります"},
        (OptionShape("customer", Kind.WORD, required=True), OptionShape("text", Kind.TEXT, required=True)),
        menu={"en": "Make an inquiry of this", "ja": "問い合わせにする"},
    ),
    CommandShape("queue", {"en": "What waits"}, (OptionShape("queue", Kind.QUEUE), OptionShape("page", Kind.NUMBER))),
    CommandShape(
        "agent",
        {"en": "Let somebody into the team"},
        (
            OptionShape("who", Kind.MEMBER, required=True),
            OptionShape(
                "role",
                Kind.CHOICE,
                choices=(("agent", {"en": "Agent", "ja": "担当者"}), ("supervisor", {"en": "Supervisor"})),
            ),
        ),
    ),
)


def texts(language: str) -> Mapping[str, str]:
    """The adapter's texts; other languages than English are marked."""
    mark = f"[{language}] " if language not in ("", "en") else ""
    return {name: f"{mark}{words}" for name, words in TEXTS.items()}


def done(invocation: Invocation) -> Answer:
    """An answer that names what was asked."""
    return Card(title=f"{invocation.verb} done", summary=f"{invocation.verb} done")


class RecordingDesk:
    """Remembers the calls in the order in which they came; `stall` keeps them from being answered.

    `tells_twins`: answers each event once, as commands that change something do. Replies to messages that are `boards`
    are calls.
    """

    def __init__(self, answers: Callable[[Invocation], Answer] = done) -> None:
        self.answers = answers
        self.calls: list[Invocation] = []
        self.replies: list[Invocation] = []
        self.boards: set[str] = set()
        self.met: list[Profile] = []
        self.completed: list[tuple[Invocation, str, str]] = []
        self.choices: list[Choice] = []
        self.tells_twins = True
        self._seen: set[str] = set()
        self._open = asyncio.Event()
        self._news = asyncio.Event()
        self._open.set()

    def stall(self) -> None:
        """Answer nobody until `go_on`: the database does not."""
        self._open.clear()

    def go_on(self) -> None:
        self._open.set()

    async def call(self, invocation: Invocation) -> Answer | None:
        self.calls.append(invocation)
        self._tell()
        await self._open.wait()
        if self.tells_twins and invocation.event in self._seen:
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
        self.completed.append((invocation, option, typed))
        await self._open.wait()
        return self.choices

    async def meet(self, platform: str, profile: Profile) -> None:
        assert platform == "discord"
        self.met.append(profile)
        self._tell()
        await self._open.wait()

    async def called(self, count: int = 1) -> Invocation:
        """Wait for so many calls; the last of them."""
        async with asyncio.timeout(GUARD):
            while len(self.calls) < count:
                await self._news.wait()
        return self.calls[count - 1]

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


class FreeLease:
    """A lease that is ours for the asking, until `taken`."""

    def __init__(self) -> None:
        self.taken = False
        self.holders = 0

    async def hold(self, name: str) -> bool:
        return not self.taken

    async def release(self, name: str) -> None:
        return None


class Counter:
    """Counts IDENTIFYs as the storage would."""

    def __init__(self, count: int = 0) -> None:
        self.count = count

    async def note(self) -> int:
        self.count += 1
        return self.count


async def until(what: Callable[[], object]) -> None:
    """Wait until it is true."""
    async with asyncio.timeout(GUARD):
        while not what():  # noqa: ASYNC110 - what happens elsewhere sets no event
            await asyncio.sleep(0.01)


@dataclass
class Office:
    """What works together."""

    discord: FakeDiscord
    desk: RecordingDesk
    platform: Discord
    listeners: Listeners
    gateway: Gateway
    identifies: Counter

    async def seen(self, what: Callable[[], object]) -> None:
        """Wait until the fake Discord shows it."""
        async with asyncio.timeout(GUARD):
            while not what():
                await self.discord.news()

    def shown(self, user: str) -> str:
        """All that only this person sees."""
        return "\n".join(one.text for one in self.discord.ephemerals(user))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Task[None]]:
        """The gateway at work, connected or not."""
        task = asyncio.create_task(self.gateway.run())
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def config_of(discord: FakeDiscord, **more: object) -> DiscordConfig:
    """How the adapter is set up for this fake Discord."""
    config = DiscordConfig(
        token=discord.token,
        guild=discord.guild,
        api_url=discord.api_url,
        gateway_url=discord.gateway_url,
        timeout=5.0,
    )
    return replace(config, **more)  # type: ignore[arg-type]


@asynccontextmanager
async def open_office(
    discord: FakeDiscord,
    desk: RecordingDesk | None = None,
    connects: bool = True,
    timing: Timing = SWIFT,
    quick: float = QUICK,
    pauses: Sequence[float] = (0.01,) * 100,
    last: float = 2.0,
    shapes: Sequence[CommandShape] = SHAPES,
    lease: Lease | None = None,
    identifies: Counter | None = None,
    **more: object,
) -> AsyncIterator[Office]:
    """Everything open, its commands registered when it `connects`."""
    config = config_of(discord, **more)
    desk, lease, identifies = desk or RecordingDesk(), lease or FreeLease(), identifies or Counter()
    platform = Discord(config, shapes, texts, Clock(), lease, identifies)
    await platform.open()
    answers = Answers(platform, texts, "", quick, pauses)
    listeners = Listeners(platform.people, platform, texts, desk, "", answers, platform.rest.watch(), last)
    gateway = Gateway(config, platform.rest, listeners, shapes, lease, identifies, timing)
    office = Office(discord, desk, platform, listeners, gateway, identifies)
    try:
        if connects:
            async with office.running():
                await until(lambda: gateway.connected and discord.commands(config.guild))
                yield office
        else:
            yield office
    finally:
        await listeners.close()
        await platform.close()
