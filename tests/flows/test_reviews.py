"""Reviews: the owner of a template or an article is reminded once for each date, and answers with a button."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from bot.chat.card import Card, Form
from bot.chat.invocation import Answer, Invocation, pressed
from bot.chat.text import words
from bot.delivery import Delivery
from bot.dispatch import Dispatch
from bot.domain.agent import Agent, Role
from bot.domain.template import Draft, Template
from bot.reviews import Reviews
from bot.translator import Translator
from commands import COMMANDS
from storage.database import Database
from tests.builders import an_agent, an_article
from tests.fakes.chat import FakeChat, Faults, Posted
from tests.fakes.chat_platform import FakeChatPlatform
from tests.support.clock import MORNING, Clock
from tests.support.meter import Counts
from tests.support.rehearsal import OneByOne
from tests.support.texts import says


@dataclass
class Office:
    """A store, a chat, and a desk that reminds and delivers when it is asked to."""

    database: Database
    clock: Clock
    chat: FakeChat
    platform: FakeChatPlatform

    async def remind(self, by: type[Delivery] = OneByOne) -> list[Posted]:
        """A tick, as a process that has just started makes it; then all direct messages so far."""
        await Reviews(self.database, self.clock, "Asia/Tokyo").remind()
        platforms: dict[str, Any] = {"slack": self.platform}
        await by(self.database, platforms, Translator(), self.clock, Counts(), rests=(0.01,)).empty()
        return [one for one in self.chat.messages if one.channel.startswith("@")]

    async def presses(self, user: str, call: str) -> Answer:
        desk = Dispatch(self.database, COMMANDS, Translator(), self.clock, Counts(), "en", "Asia/Tokyo")
        verb, options, seen = pressed(call)
        answer = await desk.call(Invocation("slack", user, verb, options=options, seen=seen))
        assert answer
        return answer

    async def template(self, id_: int) -> Template:
        async with self.database.snapshot() as tx:
            found = await tx.templates.get(id_)
        assert found
        return found


@pytest.fixture
async def office(database: Database, clock: Clock) -> AsyncIterator[Office]:
    chat = FakeChat()
    await chat.open()
    platform = FakeChatPlatform(chat.port, "slack")
    yield Office(database, clock, chat, platform)
    await platform.close()
    await chat.close()


@pytest.fixture
async def hana(database: Database, office: Office) -> Agent:
    return await an_agent(database, "Hana", Role.AGENT, "slack")


async def due(database: Database, owner: Agent | None, days: int = 0) -> Template:
    """A template that is to be looked at so many days after the tests' morning."""
    review_on = (MORNING + timedelta(days=days)).date()
    async with database.transaction() as tx:
        return await tx.templates.add(
            Draft("late", "en", "Late delivery", "Sorry.", owner=owner, review_on=review_on), None, MORNING
        )


async def test_the_owner_is_reminded_once_however_often_we_start(office: Office, hana: Agent) -> None:
    await due(office.database, hana)
    for _ in range(3):
        assert len(await office.remind()) == 1
        office.clock.forward(timedelta(hours=5))
    [told] = await office.remind()
    assert told.channel == "@hana"
    assert says(told.card["title"], "en", "review.due", title="Late delivery")
    verbs = [one["call"].partition(":")[0] for one in told.card["buttons"]]
    assert verbs == ["template_edit", "template_edit", "template_retire"]
    assert told.card["quote"] == "Sorry."


async def test_nobody_is_reminded_before_the_day_has_begun(office: Office, hana: Agent) -> None:
    await due(office.database, hana, days=1)
    assert await office.remind() == []
    office.clock.forward(timedelta(hours=22, minutes=30))
    assert await office.remind() == [], "half past eight in the morning"
    office.clock.forward(timedelta(hours=1))
    assert len(await office.remind()) == 1


async def test_still_right_asks_again_in_a_year(office: Office, hana: Agent) -> None:
    one = await due(office.database, hana)
    [told] = await office.remind()
    answer = await office.presses("hana", told.card["buttons"][0]["call"])
    assert isinstance(answer, Card)
    assert says(answer.title, "en", "review.done", name="late", date="2027-04-01")
    after = await office.template(one.id)
    assert (after.body, after.version, after.review_on and after.review_on.isoformat()) == ("Sorry.", 2, "2027-04-01")
    again = await office.presses("hana", told.card["buttons"][0]["call"])
    assert isinstance(again, Form), "a button that was drawn before the change shows what is there now"
    assert len(await office.remind()) == 1
    office.clock.forward(timedelta(days=365))
    assert len(await office.remind()) == 2


async def test_a_reminder_that_comes_late_says_that_it_is_over(office: Office, hana: Agent) -> None:
    one = await due(office.database, hana)
    await Reviews(office.database, office.clock, "Asia/Tokyo").remind()
    await office.presses("hana", f"template_edit::1:template=id%3A{one.id}:right=1")
    [told] = await office.remind()
    assert says(told.card["title"], "en", "review.over", title="Late delivery")
    assert told.card["buttons"] == []


async def test_a_reminder_of_nobodys_template_goes_to_the_supervisors_in_their_language(
    office: Office, hana: Agent
) -> None:
    emma = await an_agent(office.database, "Emma", Role.SUPERVISOR, "slack")
    async with office.database.transaction() as tx:
        await tx.agents.speak(emma.id, "ja")
    await due(office.database, None)
    [told] = await office.remind()
    assert told.channel == "@emma"
    assert says(told.card["title"], "ja", "review.due", title="Late delivery")


async def test_who_takes_no_direct_messages_is_told_of_by_an_alarm(office: Office, hana: Agent) -> None:
    await an_agent(office.database, "Emma", Role.SUPERVISOR, "slack")
    await due(office.database, hana)
    office.chat.set_faults(Faults(closed=["@hana"]))
    [told] = await office.remind()
    assert told.channel == "@emma"
    assert says(told.card["title"], "en", "alarm.title", place="slack:@hana")


async def test_an_articles_owner_is_asked_about_the_article_and_not_about_a_template(
    office: Office, hana: Agent
) -> None:
    template = await due(office.database, hana)
    async with office.database.transaction() as tx:
        draft = an_article("May it come back?", words="Within 30 days.", owner=hana)
        shown = draft.approve((MORNING - timedelta(days=365)).date())
        one = await tx.articles.add(shown, None, MORNING)
    assert one.id == template.id
    told = {post.card["title"]: post for post in await office.remind()}
    assert len(told) == len(await office.remind()) == 2
    asks = {title: says(title, "en", "article.review_due", title="May it come back?") for title in told}
    [post] = [told[title] for title, is_about_it in asks.items() if is_about_it]
    assert (post.channel, post.card["quote"]) == ("@hana", "Within 30 days.")
    for _ in range(2):
        answer = await office.presses("hana", post.card["buttons"][0]["call"])
        assert isinstance(answer, Card)
        assert says(words(answer.lines[0]), "en", "article.reviewed", date="2027-04-01")
    assert len(await office.remind()) == 2
    office.clock.forward(timedelta(days=365))
    assert len(await office.remind()) == 3


async def test_a_late_reminder_of_an_article_says_that_it_is_over(office: Office, hana: Agent) -> None:
    async with office.database.transaction() as tx:
        shown = an_article(owner=hana).approve((MORNING - timedelta(days=365)).date())
        one = await tx.articles.add(shown, None, MORNING)
    await Reviews(office.database, office.clock, "Asia/Tokyo").remind()
    await office.presses("hana", f"article_retire::1:article=id%3A{one.id}")
    [told] = await office.remind()
    assert says(told.card["title"], "en", "article.review_over", title="May it come back?")
    assert told.card["buttons"] == []
