"""Somebody on the phone and who advises them, with a platform between them that can be in trouble, in a hurry."""

import asyncio
from typing import Any

from bot.chat.card import Card
from bot.chat.invocation import Invocation
from bot.dispatch import Dispatch
from bot.domain.agent import Role
from bot.ports import Handle
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
from tests.support.hurried_loop import HurriedLoop
from tests.support.meter import Counts
from tests.support.texts import says

SPEED = 60.0
OUTAGE = 30.0
"""Seconds that each way of being down lasts, by the loop's time."""
PATIENCE = 1200.0
WORDS = [f"Advice {number}" for number in range(1, 8)]
POSTS = {"slack": "chat.postMessage", "discord": "create_message"}


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
