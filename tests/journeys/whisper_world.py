"""A team that whispers while its desk dies again and again; and what must hold of every whisper in the end."""

import asyncio
import os
import re
import sqlite3
from collections import Counter
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from random import Random

import sqlalchemy as sa
from aiohttp import ClientError

from adapters.workspace.platform import FILE
from bot import phone_desk
from bot.chat.invocation import pressed
from bot.domain.advice import Advice, AdviceState, Token
from bot.domain.events import Act
from bot.domain.phone import Began, Caller, Ended, PhoneCall, Voice
from bot.notices import NoticeKind
from bot.ports import Handle
from bot.whispering import whisper
from storage.database import Database
from storage.tables import outbox, phone_call
from tests.journeys.desk import settings_of
from tests.journeys.discord_driver import DiscordStage
from tests.journeys.driver import PATIENCE, Person, Platform, SeenButton, SeenCard
from tests.journeys.slack_driver import SlackStage
from tests.journeys.stage import Stage
from tests.journeys.whisper_desk import ARM, NEVER, Flaw, FlawedStore, serve
from tests.support.desk_process import Desks
from tests.support.hurried_time import HurriedTime
from tests.support.texts import says

SPEED = 10.0
NUMBER = "+819012345678"
MOST = 7
"""Pieces in a call: the list of their sender shows ten at once, and three more come in the end."""
WORDS = re.compile(r"Advice \d{4}")


class WhisperWorld:
    """Ken is an agent, Emma a supervisor, and their desk a process that is begun anew whenever it is dead.

    What somebody was told stands in `promised` (words) and `answered` (presses); `stood` are the messages that Ken had
    by the time at which a call's end was known.
    """

    def __init__(self, stage: Stage, url: str, folder: Path, desks: Desks, random: Random) -> None:
        self.stage = stage
        self.time = HurriedTime(url, SPEED)
        self.random = random
        self.promised: set[str] = set()
        self.answered: set[tuple[int, Token]] = set()
        self.stood: dict[int, set[str]] = {}
        self._folder = folder
        self._desks = desks
        self._said = 0
        self._seat: Platform | None = None

    async def open(self, closing: AsyncExitStack) -> None:
        """Begin, while nobody is at work."""
        await self.stage.open(("support",))
        closing.push_async_callback(self.stage.close)
        if isinstance(self.stage, SlackStage):
            self.stage.slack.world.clock = self.time.seconds
        if isinstance(self.stage, DiscordStage):
            self.stage.discord.world.clock = self.time.seconds
        self.time.open()
        closing.callback(self.time.close)
        self._database = Database(self.time.url, self.time)
        closing.push_async_callback(self._database.close)
        self._environment = settings_of(self._folder, self.time.url, self.stage, ("support",), ("ken",))
        closing.push_async_callback(self.end)

    async def start(self, dies_at: int = NEVER, flaw: Flaw = Flaw.NONE) -> None:
        """Begin a desk, and sit down at it; from then on it dies as it is told to."""
        told = self._folder / "port"
        told.unlink(missing_ok=True)
        given = {"environment": self._environment, "began": self.time.began.isoformat(), "speed": SPEED}
        self._pid = self._desks.begin(
            serve, str(self._folder / "desk.log"), **given, told=str(told), dies_at=dies_at, flaw=flaw.value
        )
        async with asyncio.timeout(PATIENCE):
            while not told.exists():  # noqa: ASYNC110 - a file sets no event
                await asyncio.sleep(0.01)
        self._environment["HTTP_PORT"] = told.read_text()
        self._seat = await self.stage.seat(f"http://127.0.0.1:{told.read_text()}")
        self.ken, self.emma = (
            Person(name, name, "en", self._seat, mention=self.stage.mention(name)) for name in ("ken", "emma")
        )
        os.kill(self._pid, ARM)

    async def end(self) -> int:
        """kill -9, unless it has died by itself; its exit status. What nobody hears of any more is noticed."""
        if self._seat is None:
            return 0
        status = self._desks.end(self._pid)
        await self._notice_ends()
        await self._seat.close()
        self._seat = None
        return status

    async def died(self) -> int:
        """Wait until the desk dies by itself."""
        status = await asyncio.to_thread(self._desks.wait, self._pid)
        await self._notice_ends()
        assert self._seat
        await self._seat.close()
        self._seat = None
        return status

    async def live_for(self, seconds: float) -> int:
        """All do what comes to their mind, and then the desk is killed, amid that, if it lives still."""
        busy = asyncio.create_task(self._busy())
        await asyncio.sleep(seconds)
        busy.cancel()
        with suppress(asyncio.CancelledError):
            await busy
        return await self.end()

    async def whispers(self) -> str:
        """Emma says something that nobody has said; its words."""
        self._said += 1
        words = f"Advice {self._said:04}"
        answer = await tried(self.emma.types(f"/whisper Ken {words}"))
        if answer and words in answer.words and not says(answer.title, "en", "whisper.no_call_now"):
            assert not any(says(answer.title, "en", f"whisper.{no}") for no in ("unreachable", "not_yours")), answer
            self.promised.add(words)
        return words

    async def presses(self) -> None:
        """Ken presses something under some advice that he sees, unless it came while he hung up."""
        offers = [(card, button) for card in self.advice() for button in _offered(card)]
        if not offers:
            return
        card, button = self.random.choice(offers)
        _, options, _ = pressed(button.call)
        token = Token(options["token"])
        async with self._database.snapshot() as tx:
            one = await tx.advice.get(int(options["advice"]))
        if one and one.call in self.stood and card.message not in self.stood[one.call]:
            return
        answer = await tried(self._press(card, button))
        if answer and says(answer.title, "en", f"advice.told.{token}"):
            self.answered.add((int(options["advice"]), token))

    async def calls(self) -> None:
        """Ken begins to talk."""
        await tried(self.ken.types(f"/phone start {NUMBER} returns"))

    async def hangs_up(self) -> None:
        """Ken says that it is over."""
        await tried(self.ken.types("/phone end"))
        await self._notice_ends()

    async def meanwhile(self, pieces: int, flaw: Flaw = Flaw.NONE, is_over: bool = True) -> None:
        """While no desk of ours is at work, another replica hears people: Emma advises Ken, who then hangs up."""
        store = FlawedStore(self._database, flaw)
        source = self.stage.name
        async with store.transaction() as tx:
            ken, emma = [await tx.agents.by_handle(Handle(source, self.stage.handle(one))) for one in ("ken", "emma")]
            assert ken
            live = (await tx.phone.live_of([ken.id])).get(ken.id)
            if live is None:
                began, act = Began(self.time(), Voice.HAND, Caller(NUMBER)), Act(self.time(), source, ken)
                _, live = await phone_desk.begin(tx, ken, began, act, "support", about="returns")
            for _ in range(pieces):
                self._said += 1
                await whisper(tx, ken, f"Advice {self._said:04}", self.time(), emma, live)
        if is_over:
            async with store.transaction() as tx:
                await phone_desk.end(tx, live, Ended(self.time(), Voice.HAND), Act(self.time(), source, ken))
            await self._notice_ends()

    def told(self, who: str) -> list[SeenCard]:
        """Somebody's direct messages, as they stand there now."""
        assert self._seat
        return self._seat.cards(f"@{who}")

    def advice(self) -> list[SeenCard]:
        """What Ken was whispered."""
        return [card for card in self.told("ken") if WORDS.search(card.words) and not _is_of_a_call(card)]

    async def live(self) -> PhoneCall | None:
        """The call that Ken is on."""
        async with self._database.snapshot() as tx:
            return next((one.call for one in await tx.phone.live()), None)

    async def pieces(self) -> list[Advice]:
        """All that was ever said in calls."""
        async with self._database.snapshot() as tx:
            calls = (await tx.session.run(sa.select(phone_call.c.id))).scalars().all()
            return [one for call in calls for one in await tx.advice.of_call(call)]

    async def until_quiet(self) -> None:
        """Wait until no advice is on its way, and every list of it says what is so."""
        kinds = outbox.c.kind.in_((NoticeKind.ADVICE, NoticeKind.RECEIPTS))
        query = sa.select(sa.func.count()).select_from(outbox).where(kinds, outbox.c.state != "done")
        async with asyncio.timeout(PATIENCE):
            while True:
                async with self._database.snapshot() as tx:
                    if not (await tx.session.run(query)).scalar_one():
                        return
                await asyncio.sleep(0.05)

    async def all_is_right(self) -> Counter[AdviceState]:
        """What became of how many pieces, each of which is as it must be.

        Delivered once or withdrawn; nothing that came after its call's end says its words; what anybody was told holds;
        its sender's list shows each once, as it is.
        """
        await self.until_quiet()
        live, pieces = await self.live(), await self.pieces()
        assert max(Counter(one.text for one in pieces).values(), default=0) <= 1, "somebody was heard twice"
        assert self.promised <= {one.text for one in pieces}, "a whisper was promised, and is lost"
        for one in pieces:
            self._was_delivered_once_or_withdrawn(one, live is not None and one.call == live.id)
        told = {(one.id, receipt.token) for one in pieces for receipt in one.receipts}
        assert self.answered <= told, "a press was answered, and is lost"
        self._lists_are_right(pieces)
        return Counter(one.state for one in pieces)

    def _was_delivered_once_or_withdrawn(self, one: Advice, is_live: bool) -> None:
        where = [card.message for card in self.advice() if one.text in card.words]
        if one.state is AdviceState.WITHDRAWN:
            assert not is_live, f"{one.text}: withdrawn while they talk"
            assert where == [], f"{one.text}: withdrawn, and stands there"
            return
        assert one.state is not AdviceState.QUEUED, f"{one.text}: neither delivered nor withdrawn"
        assert len(where) == 1, f"{one.text}: stands there {len(where)} times"
        assert one.call is not None
        if not is_live:
            assert set(where) <= self.stood[one.call], f"{one.text}: came after the end of its call"

    def _lists_are_right(self, pieces: list[Advice]) -> None:
        """Emma's direct messages show each piece in one row, with what became of it."""
        lists = [card for card in self.told("emma") if says(card.title, "en", "receipts.title")]
        rows = [row for card in lists for row in card.rows]
        listed = Counter(WORDS.findall("\n".join(row.text for row in rows)))
        given = Counter(one.text for one in pieces)
        assert (listed - given, given - listed) == (Counter(), Counter()), "not each is listed once"
        for one in pieces:
            [row] = [each for each in rows if one.text in each.text]
            assert says(row.detail, "en", f"receipts.{one.state}"), (one, row)

    async def _busy(self) -> None:
        while True:
            live = await self.live()
            full = live is not None and sum(one.call == live.id for one in await self.pieces()) >= MOST
            if live is None:
                await self.calls()
                continue
            acts = ((self.whispers, 8), (self.presses, 4), (self.hangs_up, 1))[full:]
            await self.random.choices([one for one, _ in acts], [weight for _, weight in acts])[0]()
            await asyncio.sleep(self.random.uniform(0.0, 0.1))

    async def _press(self, card: SeenCard, button: SeenButton) -> SeenCard:
        assert self._seat
        answer = await self._seat.press("ken", button, card)
        assert isinstance(answer, SeenCard)
        return answer

    async def _notice_ends(self) -> None:
        """Remember which messages Ken has by the end of a call."""
        async with self._database.snapshot() as tx:
            calls = (await tx.session.run(sa.select(phone_call.c.id).where(~phone_call.c.is_live))).scalars().all()
        for call in set(calls) - set(self.stood):
            self.stood[call] = self._there()

    def _there(self) -> set[str]:
        """The messages that Ken has, also those of which his window does not know yet."""
        if isinstance(self.stage, SlackStage):
            return {one.ts for one in self.stage.slack.direct("ken")}
        if isinstance(self.stage, DiscordStage):
            return {one.id for one in self.stage.discord.direct("ken")}
        with sqlite3.connect(self._folder / "data" / FILE) as kept:
            return {str(number) for (number,) in kept.execute("SELECT id FROM message WHERE channel = '@ken'")}


async def tried(doing: Coroutine[None, None, SeenCard]) -> SeenCard | None:
    """What somebody was answered; None: a dead desk answers nobody."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await doing
    except (AssertionError, TimeoutError, ClientError, LookupError):
        return None


def _offered(card: SeenCard) -> list[SeenButton]:
    buttons = [*card.buttons, *(one for row in card.rows for one in row.pressable)]
    return [one for one in buttons if one.verb == "advice"]


def _is_of_a_call(card: SeenCard) -> bool:
    """Whether a message tells of a call; over, it shows what was useful in it."""
    return any(says(card.title, "en", key) for key in ("phone.on", "phone.talked", "phone.over"))
