"""Clicks in Discord: whatever their age, each is answered at once and in words, and counts once."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack

import pytest

from bot.app import system_clock
from bot.chat.invocation import call, pressed
from bot.domain.events import EventKind
from bot.domain.inquiry import Inquiry
from storage.database import Database
from tests.fakes.discord import FakeDiscord, Outcome
from tests.journeys.clicks import expect_acked, expect_one_winner_each, happened
from tests.journeys.discord_desk import DiscordDesk, hire
from tests.journeys.discord_reading import MENU, walked
from tests.support.texts import says

OLD = 1000 if os.environ.get("MADOGUCHI_FULL") else 200
"""Buttons, menus and forms of a former desk."""
BUTTONS, MENUS, FORMS = 8, 1, 1
"""How many of them each person uses."""
TEAM = OLD // (BUTTONS + MENUS + FORMS)
AT_ONCE = 50


class Team:
    """A fake Discord with agents, and the desks that serve it one after the other until the end of the test."""

    def __init__(self, discord: FakeDiscord, database_url: str, count: int, closing: AsyncExitStack) -> None:
        self.discord = discord
        self.agents = hire(discord, count)
        self.database = Database(database_url, system_clock)
        closing.push_async_callback(self.database.close)
        self._url = database_url
        self._closing = closing

    async def desk(self) -> DiscordDesk:
        """A new desk on the same database."""
        made = DiscordDesk(self.discord, self._url, self.agents)
        self._closing.push_async_callback(made.end)
        await made.start()
        return made

    async def press(self, user: str, inquiry: Inquiry, *, twice: bool = False) -> Outcome:
        """Somebody claims an inquiry on its card as it was first drawn."""
        button = call("claim", inquiry.number, inquiry.version)
        (card,) = (one for one in self.discord.messages("support") if button in str([one.components, one.former]))
        return await self.discord.press(user, "support", card, button, twice=twice)

    async def choose(self, user: str, inquiry: Inquiry, *, twice: bool = False) -> Outcome:
        """Somebody claims an inquiry in a menu of the first list that they were shown."""
        shown = self.discord.ephemerals(user)[0]
        for menu in (one for one in walked([*shown.components, *shown.former]) if one["type"] == MENU):
            for value in (option["value"] for option in menu["options"]):
                verb, options, _ = pressed(value)
                if (verb, options.get("inquiry")) == ("claim", str(inquiry.number)):
                    return await self.discord.choose(user, "support", shown, menu["custom_id"], value, twice=twice)
        raise LookupError(f"no menu offers #{inquiry.number}")

    async def submit(self, user: str, *, twice: bool = False) -> Outcome:
        """Somebody sends the form that they have open."""
        (form,) = self.discord.modals(user)
        return await self.discord.submit(user, form, {"note": "It came."}, twice=twice)

    async def at_once(self, *clicks: Awaitable[Outcome]) -> list[Outcome]:
        gate = asyncio.Semaphore(AT_ONCE)

        async def clicked(click: Awaitable[Outcome]) -> Outcome:
            async with gate:
                return await click

        return await asyncio.gather(*map(clicked, clicks))


@pytest.fixture
async def team(sqlite_url: str) -> AsyncIterator[Team]:
    async with AsyncExitStack() as closing:
        discord = FakeDiscord()
        await discord.open()
        closing.push_async_callback(discord.close)
        yield Team(discord, sqlite_url, TEAM, closing)


async def test_old_buttons_menus_and_forms_are_all_answered_after_a_restart(team: Team) -> None:
    former = await team.desk()
    listed, *claimed = await former.write(*(f"Parcel {number}" for number in range(1 + BUTTONS)))
    resolved = await former.write(*(f"Letter {number}" for number in range(TEAM)))
    discord = team.discord
    opened = [discord.command(user, "support", "/home") for user in team.agents]
    expect_acked(await team.at_once(*opened))
    opened = [
        discord.command(user, "support", f"/resolve {one.number}")
        for user, one in zip(team.agents, resolved, strict=True)
    ]
    expect_acked(await team.at_once(*opened))
    await former.seen(lambda: all(discord.modals(user) and former.told(user) for user in team.agents))
    await former.end()

    desk = await team.desk()
    outcomes = await team.at_once(
        *(team.press(user, one) for one in claimed for user in team.agents),
        *(team.choose(user, listed) for user in team.agents),
        *(team.submit(user) for user in team.agents),
    )

    assert len(outcomes) == OLD
    expect_acked(outcomes)
    await desk.seen(lambda: sum(len(desk.told(user)) for user in team.agents) == OLD)
    await desk.seen(lambda: not any(says(desk.told(user)[0].title, "en", "home.title") for user in team.agents))
    await expect_one_winner_each(desk, [listed, *claimed], more=FORMS)
    for one in resolved:
        assert await happened(team.database, one) == [EventKind.OPENED, EventKind.RESOLVED]
    assert not any(discord.modals(user) for user in team.agents)


async def test_what_is_told_twice_has_one_effect(team: Team) -> None:
    desk = await team.desk()
    discord, (hana, *_) = team.discord, team.agents
    listed, first, second, *_ = await desk.write(*(f"Parcel {number}" for number in range(10)))

    outcomes = [await discord.command(hana, "support", "/home", twice=True)]
    await desk.seen(lambda: desk.told(hana))
    outcomes.append(await team.choose(hana, listed, twice=True))
    await desk.seen(lambda: says(desk.told(hana)[0].title, "en", "claim.done", inquiry=listed.number))
    outcomes.append(await team.press(hana, first, twice=True))
    await desk.seen(lambda: len(desk.told(hana)) == 2)
    outcomes.append(await discord.command(hana, "support", f"/claim {second.number}", twice=True))
    await desk.seen(lambda: len(desk.told(hana)) == 3)
    outcomes.append(await discord.command(hana, "support", f"/resolve {first.number}", twice=True))
    await desk.seen(lambda: discord.modals(hana))
    outcomes.append(await team.submit(hana, twice=True))
    await desk.seen(lambda: len(desk.told(hana)) == 4)
    told = [card.title for card in desk.told(hana)]
    await desk.end()

    expect_acked(outcomes)
    assert [card.title for card in desk.told(hana)] == told
    assert says(told[-1], "en", "resolve.done", inquiry=first.number)
    assert not discord.modals(hana)
    claimed, resolved = EventKind.CLAIMED, EventKind.RESOLVED
    assert await happened(team.database, first) == [EventKind.OPENED, claimed, resolved]
    assert await happened(team.database, listed) == await happened(team.database, second) == [EventKind.OPENED, claimed]
