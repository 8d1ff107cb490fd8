"""Boards: every channel that shows one tells who is on the phone, as it is now, and of callers no more than a hint."""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot import phone_desk, whispering
from bot.boards import talks_of
from bot.cards.board_card import veiled
from bot.delivery import Delivery
from bot.domain.advice import Receipt, Token
from bot.domain.agent import Agent, Role
from bot.domain.events import Act
from bot.domain.phone import Began, Caller, Ended, PhoneCall, Voice
from bot.ports import Place
from bot.translator import Translator
from storage.database import Database
from tests.builders import a_message, a_queue, an_agent
from tests.fakes.chat import FakeChat
from tests.fakes.chat_platform import FakeChatPlatform
from tests.support.clock import Clock
from tests.support.meter import Counts
from tests.support.rehearsal import OneByOne
from tests.support.texts import says

BOSSES, FLOOR = Place("slack", "bosses"), Place("slack", "floor")
NUMBER = "+819012345678"
MINUTE = timedelta(minutes=1)
SUBJECT = "Broken printer"


@dataclass
class Floor:
    """Hana and Ken, who phone, Emma, who looks on, and a chat."""

    database: Database
    clock: Clock
    chat: FakeChat
    platform: FakeChatPlatform
    hana: Agent
    ken: Agent
    emma: Agent

    async def shows(self, *places: Place) -> None:
        async with self.database.transaction() as tx:
            for place in places:
                assert await tx.phone.show_board(place)
        await self.deliver()

    async def begins(self, agent: Agent, number: str = NUMBER, about: str = SUBJECT) -> PhoneCall:
        told = Began(self.clock(), Voice.HAND, Caller(number))
        async with self.database.transaction() as tx:
            _, call = await phone_desk.begin(tx, agent, told, self._act(agent), "support", about=about)
        return call

    async def ends(self, call: PhoneCall) -> None:
        async with self.database.transaction() as tx:
            await phone_desk.end(tx, call, Ended(self.clock(), Voice.HAND), self._act(call.agent))

    async def needs_care(self, call: PhoneCall) -> None:
        async with self.database.transaction() as tx:
            assert call.inquiry
            inquiry = await tx.inquiries.get(call.inquiry)
            assert inquiry
            await tx.customers.caution(inquiry.customer.id, "Shouts", self._act(self.emma))
            await tx.phone.say_boards()

    async def deliver(self) -> None:
        platforms: dict[str, Any] = {"slack": self.platform}
        delivery: Delivery = OneByOne(self.database, platforms, Translator(), self.clock, Counts(), rests=(0.01,))
        await delivery.empty()

    def board(self, place: Place = BOSSES) -> dict[str, Any]:
        """The only board of a channel, as it stands."""
        (found,) = [one for one in self.chat.standing(place.channel) if one.key.startswith("board")]
        return found.card

    def rows(self, place: Place = BOSSES) -> list[str]:
        return [told(item["text"]) for item in self.board(place)["items"]]

    def detail(self, row: int = 0) -> str:
        return told(self.board()["items"][row]["detail"])

    def _act(self, agent: Agent) -> Act:
        return Act(self.clock(), "slack", agent)


def told(parts: Sequence[Any]) -> str:
    return "".join(part if isinstance(part, str) else part["spoken"] for part in parts)


def texts(of: object) -> list[str]:
    """Every text of a card, calls of buttons included, but for the times of moments."""
    if isinstance(of, dict):
        return [one for name, value in of.items() if name != "at" for one in texts(value)]
    if isinstance(of, list):
        return [one for value in of for one in texts(value)]
    return [of] if isinstance(of, str) else []


@pytest.fixture
async def floor(database: Database, clock: Clock) -> AsyncIterator[Floor]:
    chat = FakeChat()
    await chat.open()
    platform = FakeChatPlatform(chat.port, "slack")
    await a_queue(database, "support", FLOOR)
    hana, ken = [await an_agent(database, name, platform="slack") for name in ("Hana", "Ken")]
    emma = await an_agent(database, "Emma", Role.SUPERVISOR, "slack")
    yield Floor(database, clock, chat, platform, hana, ken, emma)
    await platform.close()
    await chat.close()


async def test_a_board_stands_at_once_also_when_nobody_phones(floor: Floor) -> None:
    await floor.shows(BOSSES)
    assert says(floor.board()["title"], "en", "board.title")
    assert says(told(floor.board()["lines"][0]), "en", "board.nobody")
    assert (floor.board()["tone"], floor.board()["items"]) == ("quiet", [])


async def test_it_follows_a_call_from_its_beginning_to_its_end(floor: Floor) -> None:
    await floor.shows(BOSSES)
    call = await floor.begins(floor.hana)
    await floor.deliver()
    assert floor.rows() == ["Hana · 090-••••-5678"]
    assert floor.detail() == f"began 1 minute ago · {SUBJECT}"
    assert [one["call"] for one in floor.board()["items"][0]["buttons"]] == [
        f"whisper:::call={call.id}",
        f"phone:::call={call.id}",
    ]
    floor.clock.forward(12 * MINUTE)
    await floor.needs_care(call)
    await floor.deliver()
    assert floor.detail().endswith(f" · began 12 minutes ago · {SUBJECT}")
    assert says(floor.detail().partition(" · ")[0], "en", "customer.flagged")
    assert floor.board()["tone"] == "alert"
    await floor.ends(call)
    await floor.deliver()
    assert says(told(floor.board()["lines"][0]), "en", "board.nobody")


async def test_it_shows_the_last_advice_and_what_became_of_it(floor: Floor) -> None:
    await floor.shows(BOSSES)
    call = await floor.begins(floor.hana)
    async with floor.database.transaction() as tx:
        await whispering.whisper(tx, floor.hana, "Ask for the model.", floor.clock(), floor.emma, call)
        floor.clock.forward(MINUTE)
        last, _ = await whispering.whisper(tx, floor.hana, "Offer a new one.", floor.clock(), floor.emma, call)
    await floor.deliver()
    assert "“Offer a new one.”" in floor.detail()
    assert "Ask for" not in floor.detail()
    before = floor.detail()
    async with floor.database.transaction() as tx:
        await tx.advice.tell(last.id, Receipt(Token.USED, floor.clock()))
    await floor.deliver()
    assert floor.detail() != before
    assert says(floor.detail().rpartition(" · ")[2], "en", "board.advice", words="Offer a new one.")


async def test_who_needs_care_stands_first_and_then_who_has_phoned_longest(floor: Floor) -> None:
    await floor.shows(BOSSES)
    people = [floor.hana, floor.ken, await an_agent(floor.database, "Mio", platform="slack")]
    calls = []
    for number, agent in enumerate(people):
        calls.append(await floor.begins(agent, f"+8190123400{number:02}"))
        floor.clock.forward(MINUTE)
    await floor.needs_care(calls[2])
    await floor.deliver()
    assert [row.partition(" · ")[0] for row in floor.rows()] == ["Mio", "Hana", "Ken"]


async def test_every_board_tells_the_same_in_its_own_language(floor: Floor) -> None:
    here = Place("slack", "tokyo")
    async with floor.database.transaction() as tx:
        await tx.queues.add("tokyo", "ja", "Asia/Tokyo")
        await tx.queues.show("tokyo", here)
    await floor.shows(BOSSES, here)
    await floor.begins(floor.ken)
    await floor.deliver()
    assert floor.rows() == floor.rows(here) == ["Ken · 090-••••-5678"]
    assert says(floor.board(here)["title"], "ja", "board.title")
    assert says(floor.board(BOSSES)["title"], "en", "board.title")


async def test_sixty_calls_are_told_eight_at_a_time_in_as_many_statements_as_one(floor: Floor) -> None:
    await floor.shows(BOSSES)
    await floor.begins(floor.hana)
    few = await statements_of(floor.database)
    people = [await an_agent(floor.database, f"Agent {number:02}", platform="slack") for number in range(59)]
    for number, agent in enumerate(people):
        await floor.begins(agent, f"+8190123400{number:02}")
    await floor.deliver()
    assert len(floor.rows()) == 8
    assert says(floor.board()["badge"], "en", "board.count", count=60)
    assert says(told(floor.board()["footer"]), "en", "board.more", number=52, page=2)
    assert [one["call"] for one in floor.board()["buttons"]] == ["board:::page=2"]
    assert await statements_of(floor.database) == few == 4


async def statements_of(database: Database) -> int:
    """How many statements it takes to read what a board shows."""
    seen: list[str] = []
    async with database.snapshot() as tx:
        connection = tx.session.connection.sync_connection
        assert connection is not None

        def see(*given: Any) -> None:
            seen.append(str(given[2]))

        sa.event.listen(connection, "before_cursor_execute", see)
        await talks_of(tx)
        sa.event.remove(connection, "before_cursor_execute", see)
    return len(seen)


async def test_a_board_never_tells_a_whole_number_or_an_address(floor: Floor) -> None:
    await floor.shows(BOSSES)
    secret = ("03-1234-5678", "０９０ー１１１１ー２２２２", "+44 20 7946 0958", "yuki.ito@example.com", "0120444444")
    for number, words in enumerate(secret):
        agent = await an_agent(floor.database, f"Agent {number}", platform="slack")
        call = await floor.begins(agent, f"+81901234567{number}", f"Call {words} back")
        async with floor.database.transaction() as tx:
            await whispering.whisper(tx, agent, f"Write to {words}", floor.clock(), floor.emma, call)
    async with floor.database.transaction() as tx:
        act = Act(floor.clock(), "slack", floor.ken)
        written = a_message(from_name="Yuki Ito", from_address="yuki.ito@example.com", subject="About my printer")
        inquiry = await tx.inquiries.record("support", written, act)
        named = Began(floor.clock(), Voice.HAND, Caller(customer=inquiry.customer.id))
        await phone_desk.begin(tx, floor.ken, named, act, "support")
        nobody = Began(floor.clock(), Voice.HAND)
        await phone_desk.begin(tx, floor.hana, nobody, act, "support")
    await floor.deliver()
    hana, ken = (next(row for row in floor.rows() if row.startswith(name)) for name in ("Hana", "Ken"))
    assert ken == "Ken · Y•••"
    assert says(hana.partition(" · ")[2], "en", "phone.unknown_caller")
    assert len(floor.rows()) == len(secret) + 2
    for text in texts(floor.board()):
        assert not re.search(r"@|＠|Ito|\d{5}", text), text
        assert not re.search(r"\d{8}", re.sub(r"[^\d•]", "", text)), text


def test_a_hint_of_what_is_talked_about_stays_what_it_is() -> None:
    for text in ("Order 4711-22", "Bought on 2026-04-01", "2 printers, 3 chairs, 12 lamps", "プリンターが2台"):
        assert veiled(text, 100) == text
    for text in (
        "0312345678",
        "call +81 (0)3-1234-5678",
        "０３ー１２３４ー５６７８",
        "a@b.example",
        "山田：ito＠example.com",
    ):
        assert "•••" in veiled(text, 100), text


async def test_a_board_that_is_taken_away_says_so_and_stays_quiet(floor: Floor) -> None:
    await floor.shows(BOSSES, FLOOR)
    async with floor.database.transaction() as tx:
        assert await tx.phone.hide_board(BOSSES)
    await floor.begins(floor.hana)
    await floor.deliver()
    assert says(floor.board(BOSSES)["title"], "en", "board.gone")
    assert (floor.board(BOSSES)["tone"], floor.board(BOSSES)["items"]) == ("quiet", [])
    assert len(floor.rows(FLOOR)) == 1


@pytest.mark.parametrize("is_told", [True, False], ids=["told between", "at once"])
async def test_a_board_that_is_shown_again_is_posted_anew_and_the_old_one_is_over(floor: Floor, is_told: bool) -> None:
    await floor.shows(BOSSES)
    async with floor.database.transaction() as tx:
        await tx.phone.hide_board(BOSSES)
    if is_told:
        await floor.deliver()
    await floor.shows(BOSSES)
    await floor.begins(floor.hana)
    await floor.deliver()
    old, new = floor.chat.standing(BOSSES.channel)
    assert says(old.card["title"], "en", "board.gone")
    assert [told(item["text"]) for item in new.card["items"]] == ["Hana · 090-••••-5678"]


async def test_a_board_that_was_taken_away_before_it_came_is_posted_nowhere(floor: Floor) -> None:
    async with floor.database.transaction() as tx:
        await tx.phone.show_board(BOSSES)
        await tx.phone.hide_board(BOSSES)
    await floor.deliver()
    assert floor.chat.standing(BOSSES.channel) == []
