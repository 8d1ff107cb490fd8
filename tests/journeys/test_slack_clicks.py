"""Clicks in Slack: each is answered at once whatever the database does, in words whatever its age, and counts once."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from bot.app import system_clock
from bot.chat.invocation import call
from bot.domain.events import EventKind
from bot.domain.inquiry import Inquiry
from storage.database import Database
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_acts import Outcome
from tests.fakes.slack_faults import Faults
from tests.journeys.clicks import expect_acked, expect_one_winner_each, happened
from tests.journeys.slack_desk import SlackDesk, hire

IS_FULL = bool(os.environ.get("MADOGUCHI_FULL"))
A_SECOND = 50
STALL = 5 if IS_FULL else 1
"""Seconds for which the database stalls while people click."""
OLD = 1000 if IS_FULL else 200
"""Buttons of a former desk that are pressed."""
TEAM = 10
AT_ONCE = 50


class Team:
    """A fake Slack with agents, and the desks that serve it one after the other until the end of the test."""

    def __init__(self, slack: FakeSlack, database_url: str, closing: AsyncExitStack) -> None:
        self.slack = slack
        self.agents = hire(slack, TEAM)
        self.database = Database(database_url, system_clock)
        closing.push_async_callback(self.database.close)
        self._url = database_url
        self._closing = closing

    async def desk(self, by_http: bool = False) -> SlackDesk:
        """A new desk on the same database."""
        made = SlackDesk(self.slack, self._url, self.agents, by_http)
        self._closing.push_async_callback(made.end)
        await made.start()
        return made

    async def press(self, user: str, inquiry: Inquiry, verb: str = "claim", **how: bool) -> Outcome:
        """Somebody presses a button on an inquiry's card as it was first drawn."""
        button = call(verb, inquiry.number, inquiry.version)
        (card,) = (one for one in self.slack.messages("support") if button in str(one.blocks))
        return await self.slack.press(user, "support", card.ts, button, **how)


@pytest.fixture
async def team(sqlite_url: str) -> AsyncIterator[Team]:
    async with AsyncExitStack() as closing:
        slack = FakeSlack()
        await slack.open()
        closing.push_async_callback(slack.close)
        yield Team(slack, sqlite_url, closing)


def subjects(count: int) -> list[str]:
    return [f"Parcel {number}" for number in range(count)]


async def test_clicks_are_answered_at_once_while_the_database_stalls(team: Team) -> None:
    desk = await team.desk()
    inquiries = await desk.write(*subjects(A_SECOND * STALL // TEAM))
    desk.store.stall()
    clicks = []
    for inquiry in inquiries:
        for user in team.agents:
            clicks.append(asyncio.create_task(team.press(user, inquiry)))
            await asyncio.sleep(1 / A_SECOND)
    outcomes = await asyncio.gather(*clicks)
    expect_acked(outcomes)
    assert not any(desk.told(user) for user in team.agents)
    assert desk.store.waiting >= len(clicks)
    desk.store.go_on()
    await desk.seen(lambda: sum(len(desk.told(user)) for user in team.agents) == len(clicks))
    await expect_one_winner_each(desk, inquiries)


async def test_old_buttons_are_all_answered_after_a_restart(team: Team) -> None:
    former = await team.desk()
    inquiries = await former.write(*subjects(OLD // TEAM))
    await former.end()
    desk = await team.desk()
    team.slack.set_faults(Faults(methods=["chat.update"], limited=1.0, retry_after=3600.0))
    gate = asyncio.Semaphore(AT_ONCE)

    async def press(user: str, inquiry: Inquiry) -> Outcome:
        async with gate:
            return await team.press(user, inquiry)

    outcomes = await asyncio.gather(*(press(user, one) for one in inquiries for user in team.agents))
    expect_acked(outcomes)
    await desk.seen(lambda: sum(len(desk.told(user)) for user in team.agents) == OLD)
    await expect_one_winner_each(desk, inquiries)


@pytest.mark.parametrize("by_http", [False, True], ids=["by socket", "by http"])
async def test_what_is_told_twice_has_one_effect(team: Team, by_http: bool) -> None:
    desk = await team.desk(by_http)
    slack, (hana, ken, *_) = team.slack, team.agents
    first, second, third = await desk.write("Pressed", "Typed", "Mentioned")

    outcomes = [await team.press(hana, first, twice=True)]
    await desk.seen(lambda: len(desk.told(hana)) == 1)
    outcomes.append(await slack.command(hana, "support", f"/claim {second.number}", twice=True))
    await desk.seen(lambda: len(desk.told(hana)) == 2)
    outcomes.append(await slack.mention(hana, "support", f"claim {third.number}", twice=True))
    await desk.seen(lambda: len(desk.told(hana)) == 3)
    outcomes.append(await slack.command(hana, "support", f"/resolve {first.number}", twice=True))
    await desk.seen(lambda: slack.views(hana))
    (form,) = slack.views(hana)
    outcomes.append(await slack.submit(hana, form.id, {"note": "It came."}, twice=True))
    await desk.seen(lambda: len(desk.told(hana)) == 4)
    said = slack.say(ken, "support", "A customer called: the parcel is broken")
    outcomes.append(await slack.shortcut(ken, "support", said.ts, "new", twice=True))
    await desk.seen(lambda: len(desk.told(ken)) == 1)
    outcomes.append(await slack.open_home(ken, twice=True))
    await desk.seen(lambda: slack.home(ken))
    outcomes.append(await slack.change_user(ken, real_name="Ken Mori", twice=True))
    await desk.seen(lambda: _is_called(team, "Ken Mori"))
    await desk.end()

    expect_acked(outcomes)
    assert (len(desk.told(hana)), len(desk.told(ken))) == (4, 1)
    assert not slack.views(hana) + slack.views(ken)
    claimed, resolved = EventKind.CLAIMED, EventKind.RESOLVED
    assert await happened(team.database, first) == [EventKind.OPENED, claimed, resolved]
    assert await happened(team.database, second) == await happened(team.database, third) == [EventKind.OPENED, claimed]
    async with team.database.snapshot() as tx:
        _, total = await tx.inquiries.waiting(None, 0, 1)
    assert total == 3


async def _is_called(team: Team, name: str) -> bool:
    async with team.database.snapshot() as tx:
        return name in {agent.name for agent in await tx.agents.all()}
