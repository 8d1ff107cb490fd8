"""Phone: calls by hand, from the first word to what came of them, and the message that their agent reads meanwhile."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from bot.callers import caller_of
from bot.cards.call_words import length_told
from bot.chat.card import Card, Form, Tone
from bot.chat.invocation import Answer, call
from bot.chat.text import words
from bot.delivery import Delivery
from bot.domain.advice import Advice, Receipt, Token
from bot.domain.article import Article, ArticleKind, Wording
from bot.domain.phone import Began, Ended, Outcome, PhoneCall, Voice
from bot.domain.template import Draft
from bot.ports import Handle
from bot.translator import Translator
from storage.database import Database
from tests.builders import HANA, a_message, a_queue, opened
from tests.commands.window import Window, current, happened, labels, rows, said
from tests.fakes.chat import FakeChat, Posted
from tests.fakes.chat_platform import FakeChatPlatform
from tests.support.clock import Clock
from tests.support.meter import Counts

MINUTE = timedelta(minutes=1)
NUMBER, SPOKEN = "+819012345678", "090-1234-5678"


async def calls(database: Database) -> list[PhoneCall]:
    """All calls that go on."""
    async with database.snapshot() as tx:
        return [one.call for one in await tx.phone.live()]


async def the_call(database: Database, id_: int = 1) -> PhoneCall:
    async with database.snapshot() as tx:
        found = await tx.phone.get(id_)
    assert found is not None
    return found


def pressing(answer: Answer, label: str) -> str:
    """The call of the button that is labelled so."""
    assert isinstance(answer, Card), answer
    buttons = [*answer.buttons, *(item.button for item in answer.items if item.button)]
    return next(one.call for one in buttons if one.label == label)


# --- beginning ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "/phone_start 090-1234-5678 returns question",
        "/phone start ０９０－１２３４－５６７８ returns question",
        "/phone_start +81 90 1234 5678 returns question",
        "/phone_start 090 1234 5678 returns question",
        "/phone_start customer:+81-90-1234-5678 text:returns question",
    ],
)
async def test_a_number_in_any_spelling_begins_a_call(window: Window, database: Database, line: str) -> None:
    answer = await window.types("ken", line)

    assert said(answer) == f"On the phone: {SPOKEN}"
    assert labels(answer) == ["phone_end", "show"]
    [one] = await calls(database)
    assert (one.caller.number, one.agent.name, one.started_at) == (NUMBER, "Ken Miller", window.clock())
    inquiry = await current(database, one.inquiry or 0)
    assert (inquiry.subject, inquiry.customer.address) == ("returns question", NUMBER)
    assert inquiry.holder is not None
    assert inquiry.holder.name == "Ken Miller"
    assert "called" in await happened(database, inquiry.number)


async def test_a_known_customer_is_found_by_name_address_number_and_inquiry(window: Window, database: Database) -> None:
    [inquiry] = await opened(database, a_message())
    async with database.transaction() as tx:
        await tx.search.catch_up(100)
    for given in ("ito@example.com", f"#{inquiry.number}", "Ito"):
        answer = await window.types("ken", f"/phone_start {given} again")
        assert said(answer) == "On the phone: Ms Ito", given
        [one] = await calls(database)
        assert (one.caller.customer, one.inquiry) == (inquiry.customer.id, inquiry.number), "it joins what is open"
        await window.types("ken", "/phone_end")


async def test_a_known_name_may_be_typed_in_two_words(window: Window, database: Database) -> None:
    [known] = await opened(database, a_message(from_name="Aki Ito"))
    async with database.transaction() as tx:
        await tx.search.catch_up(100)
    await window.types("ken", "/phone_start Aki Ito")
    assert (await the_call(database)).inquiry == known.number
    await window.types("ken", "/phone_end settled Told")
    await window.types("ken", "/phone_start aki ito a lost parcel")
    one = await the_call(database, 2)
    assert (await current(database, one.inquiry or 0)).subject == "a lost parcel"


async def test_a_name_with_a_number_is_written_down(window: Window, database: Database) -> None:
    await window.presses("ken", call("phone_start", customer="Aki Ito 090-1234-5678", text="a new one"))
    [one] = await calls(database)
    inquiry = await current(database, one.inquiry or 0)
    assert (inquiry.customer.name, one.caller.number) == ("Aki Ito", NUMBER)


@pytest.mark.parametrize("given", ["unknown", "不明", "?"])
async def test_a_caller_may_be_unknown_and_named_later(window: Window, database: Database, given: str) -> None:
    assert said(await window.types("ken", f"/phone_start {given}")) == "On the phone: an unknown caller"
    assert said(await window.types("ken", "/phone_start 090-1234-5678")) == f"On the phone: {SPOKEN}"
    [one] = await calls(database)
    assert (one.id, one.caller.number) == (1, NUMBER)


async def test_a_new_name_begins_a_call_too(window: Window, database: Database) -> None:
    assert said(await window.types("ken", "/phone_start Mori a question")) == "On the phone: Mori"


async def test_where_several_fit_one_press_says_who(window: Window, database: Database) -> None:
    await opened(database, a_message(from_name="Mori", from_address="a@example.com"))
    await opened(database, a_message(from_name="Mori", from_address="b@example.com"))
    async with database.transaction() as tx:
        await tx.search.catch_up(100)
    answer = await window.types("ken", "/phone_start Mori about: her: parcel")
    assert rows(answer) == ["Mori", "Mori"]
    assert await calls(database) == []
    started = await window.presses("ken", pressing(answer, "Start the call"))
    assert said(started) == "On the phone: Mori"
    [one] = await calls(database)
    assert one.caller.customer


async def test_saying_it_twice_is_saying_it_once(window: Window, database: Database) -> None:
    await window.types("ken", "/phone_start 090-1234-5678 returns")
    window.clock.forward(MINUTE)
    await window.types("ken", "/phone_start 090-1234-5678 returns")
    [one] = await calls(database)
    assert one.started_at == window.clock() - MINUTE
    async with database.snapshot() as tx:
        assert (await tx.inquiries.waiting(None, 0, 10))[1] == 1


async def test_on_another_call_one_is_asked_and_one_press_does_both(window: Window, database: Database) -> None:
    await window.types("ken", "/phone_start 090-1234-5678 returns")
    window.clock.forward(5 * MINUTE)
    long = "what " * 60
    answer = await window.types("ken", f"/phone_start 03-1234-5678 {long}")
    assert said(answer) == f"You are on the phone already: {SPOKEN}"
    assert isinstance(answer, Card)
    assert words(answer.lines[0]) == "began 5 minutes ago"
    assert [each.id for each in await calls(database)] == [1], "nothing changed"
    press = pressing(answer, "End that, start this")
    assert len(press) <= 100

    for _ in range(2):
        assert said(await window.presses("ken", press)) == "On the phone: 03-1234-5678"
    [one] = await calls(database)
    assert (one.id, one.caller.number) == (2, "+81312345678")
    assert (await current(database, one.inquiry or 0)).subject.startswith("what what")
    former = await the_call(database)
    assert (former.length, former.is_estimated) == (5 * MINUTE, False)


async def test_where_several_queues_could_take_it_a_form_asks(window: Window, database: Database) -> None:
    await a_queue(database, "returns")
    elsewhere = await window.types("ken", "/phone_start 090-1234-5678 returns", channel="@ken")
    assert isinstance(elsewhere, Form)
    assert [one.name for one in elsewhere.inputs] == ["queue"]
    assert await calls(database) == []
    await window.fills("ken", elsewhere, queue="returns")
    [one] = await calls(database)
    assert (await current(database, one.inquiry or 0)).queue == "returns"
    await window.types("ken", "/phone_end")
    again = await window.types("ken", "/phone_start 090-1234-5678", channel="@ken")
    assert isinstance(again, Card), "it joins what is open, so no queue is needed"


async def test_caution_comes_first(window: Window, database: Database) -> None:
    await opened(database, a_message())
    await window.types("ken", "/customer_caution customer:ito@example.com Shouts\nat night")
    answer = await window.types("ken", "/phone_start ito@example.com")
    assert isinstance(answer, Card)
    assert answer.tone is Tone.ALERT
    assert "Shouts at night" in words(answer.lines[0])


# --- ending -------------------------------------------------------------------------------------------------


async def test_a_call_ends_at_once_and_its_outcome_is_one_press(window: Window, database: Database) -> None:
    await window.types("ken", "/phone_start 090-1234-5678 returns")
    window.clock.forward(12 * MINUTE)
    answer = await window.types("ken", "/phone_end")
    assert said(answer) == f"Talked with {SPOKEN}: 12 minutes"
    assert labels(answer) == ["phone_end"] * 4 + ["show"]
    window.clock.forward(MINUTE)

    form = await window.presses("ken", pressing(answer, "Settled"))
    assert isinstance(form, Form)
    assert [one.name for one in form.inputs] == ["note"]
    assert form.submit == "Save", "the call is over: nothing ends by that any more"
    done = await window.fills("ken", form, note="A new one is on its way")

    assert said(done) == f"Talked with {SPOKEN}: 12 minutes · Settled"
    one = await the_call(database)
    assert (one.length, one.outcome) == (12 * MINUTE, Outcome.SETTLED)
    inquiry = await current(database, one.inquiry or 0)
    assert inquiry.is_resolved
    assert inquiry.note == "A new one is on its way"


async def test_a_wrong_number_needs_no_note(window: Window, database: Database) -> None:
    await window.types("ken", "/phone_start 090-1234-5678")
    ended = await window.types("ken", "/phone_end")
    assert said(await window.presses("ken", pressing(ended, "Wrong number"))).endswith("Wrong number")
    assert (await the_call(database)).outcome is Outcome.WRONG_NUMBER


async def test_outcome_and_note_can_be_typed_as_it_ends(window: Window, database: Database) -> None:
    await window.types("ken", "/phone_start 090-1234-5678 returns")
    answer = await window.types("ken", "/phone_end call_back after three")
    assert said(answer).endswith("Call back")
    one = await the_call(database)
    async with database.snapshot() as tx:
        [told] = [each for each in await tx.inquiries.timeline(one.inquiry or 0) if each.kind == "hung_up"]
    assert (told.details["note"], told.details["outcome"]) == ("after three", "call_back")
    shown = await window.types("ken", f"/show {one.inquiry}")
    assert isinstance(shown, Card)
    hung_up = shown.items[-1]
    assert words(hung_up.text) == "Ken Miller talked with the customer by phone, for 1 minute"
    assert words(hung_up.detail).endswith("· Call back · after three")


async def test_what_is_noted_later_reads_as_such(window: Window, database: Database) -> None:
    await window.types("ken", "/phone_start 090-1234-5678 returns")
    ended = await window.types("ken", "/phone_end")
    await window.fills("ken", await window.presses("ken", pressing(ended, "Call back")), note="After three")
    shown = await window.types("ken", f"/show {(await the_call(database)).inquiry}")
    assert isinstance(shown, Card)
    assert words(shown.items[-1].text) == "Ken Miller noted what came of the call"
    assert words(shown.items[-1].detail).endswith("· Call back · After three")


async def test_pressing_twice_says_calmly_that_it_is_over(window: Window, database: Database) -> None:
    started = await window.types("ken", "/phone_start 090-1234-5678")
    window.clock.forward(2 * MINUTE)
    end = pressing(started, "End call")
    await window.presses("ken", end)
    before = await the_call(database)
    window.clock.forward(9 * MINUTE)

    again = await window.presses("ken", end)

    assert said(again) == f"Talked with {SPOKEN}: 2 minutes"
    assert isinstance(again, Card)
    assert again.tone is not Tone.ALERT
    assert await the_call(database) == before

    form = await window.presses("ken", pressing(again, "Goes on"))
    await window.fills("ken", form, note="")
    known = await the_call(database)
    assert known.outcome is Outcome.OPEN
    assert said(await window.presses("ken", pressing(again, "Goes on"))) == f"Talked with {SPOKEN}: 2 minutes"
    assert await the_call(database) == known


@pytest.mark.parametrize("line", ["/phone", "/phone_end", "/phone_end settled", "/phone_still"])
async def test_without_a_call_it_is_said_how_one_begins(window: Window, line: str) -> None:
    answer = await window.types("ken", line)
    assert "/phone start" in said(answer)
    assert isinstance(answer, Card)
    form = await window.presses("ken", pressing(answer, "Start the call"))
    assert isinstance(form, Form)
    assert [one.name for one in form.inputs] == ["customer"]
    assert answer.tone is Tone.QUIET


async def test_still_talking_and_over_by_hand(window: Window, database: Database) -> None:
    await window.types("ken", "/phone_start 090-1234-5678")
    window.clock.forward(40 * MINUTE)
    assert said(await window.types("ken", "/phone_still")) == f"You are still on the phone: {SPOKEN}"
    assert (await the_call(database)).alive_at == window.clock()
    await window.types("ken", "/phone_end")
    assert said(await window.types("ken", "/phone_still call:1")) == f"Talked with {SPOKEN}: 40 minutes"


async def test_others_calls_are_for_supervisors(window: Window, database: Database) -> None:
    await window.types("ken", "/phone_start 090-1234-5678 returns")
    looked = await window.types("emma", "/phone call:1")
    assert said(looked) == f"Ken Miller is on the phone: {SPOKEN}"
    assert labels(looked) == ["whisper", "phone_end", "show"]
    still = await window.types("emma", "/phone_still call:1")
    assert said(still) == window.speaker("en")("phone.not_yours", person="Ken Miller"), "only who talks can know"
    await window.types("emma", "/phone_end call:1")
    assert await calls(database) == []
    over = await window.types("emma", "/phone call:1")
    assert labels(over) == ["show"]
    assert said(await window.types("hana", "/phone call:1")) == window.speaker("ja")(
        "phone.not_yours", person="Ken Miller"
    )


# --- telephones ---------------------------------------------------------------------------------------------


async def test_telephones_are_given_listed_and_taken_away(window: Window, database: Database) -> None:
    assert "No telephone" in said(await window.types("ken", "/phone_line"))
    assert rows(await window.types("ken", "/phone line 201")) == ["201"]
    assert set(rows(await window.types("ken", "/phone_line 090-1234-5678"))) == {"201", SPOKEN}
    async with database.snapshot() as tx:
        whose = await tx.phone.agent_at(NUMBER)
    assert whose is not None
    assert whose.name == "Ken Miller"
    listed = await window.types("ken", "/phone_line")
    await window.presses("ken", pressing(listed, "Take away"))
    assert len(rows(await window.types("ken", "/phone_line"))) == 1
    await window.types("ken", "/phone_line off")
    assert "No telephone" in said(await window.types("ken", "/phone_line"))


async def test_a_supervisor_sets_the_telephones_of_others(window: Window, database: Database) -> None:
    answer = await window.types("emma", "/phone_line SIP:Hana@pbx.example.com person:hana")
    assert rows(answer) == ["sip:hana@pbx.example.com"]
    assert rows(await window.types("emma", "/phone_line 201 person:ken")) == ["201"]
    assert rows(await window.types("emma", "/phone_line 201")) == ["201"], "a supervisor may take it over"
    assert "No telephone" in said(await window.types("ken", "/phone_line"))
    assert "No telephone" in said(await window.types("emma", "/phone_line 999 off"))
    others = await window.types("emma", "/phone_line person:hana")
    await window.presses("emma", pressing(others, "Take away"))
    async with database.snapshot() as tx:
        assert await tx.phone.agent_at("sip:hana@pbx.example.com") is None


# --- history ------------------------------------------------------------------------------------------------


async def test_calls_stand_in_the_history(window: Window, database: Database) -> None:
    for minutes in (3, 12):
        await window.types("ken", "/phone_start 090-1234-5678 returns")
        window.clock.forward(minutes * MINUTE)
        await window.types("ken", "/phone_end")
    await window.types("ken", "/phone_start 090-1234-5678 returns")
    answer = await window.types("ken", "/history 090-1234-5678")
    assert isinstance(answer, Card)
    told = {field.label: words(field.value) for field in answer.fields}
    at = window.speaker("en").clock(window.clock() - 12 * MINUTE)
    assert told["Calls"] == f"2 calls, the last one {at}, 12 minutes", "the one that goes on is not among them"
    [row] = [item for item in answer.items if not item.heading]
    assert f"2 calls, the last one {at}" in words(row.detail)


# --- the agent's message ------------------------------------------------------------------------------------


@dataclass
class Post:
    """A chat platform of its own, where Ken reads; what is said goes there as soon as it is asked for."""

    window: Window
    database: Database
    chat: FakeChat
    delivery: Delivery

    async def to_ken(self) -> list[Posted]:
        await self.delivery.empty()
        return self.chat.standing("@ken")

    async def card(self) -> dict[str, Any]:
        """The one message that Ken has."""
        [message] = await self.to_ken()
        return message.card


@pytest.fixture
async def post(window: Window, database: Database, clock: Clock) -> AsyncIterator[Post]:
    chat = FakeChat()
    await chat.open()
    async with FakeChatPlatform(chat.port, timeout=20.0) as platform:
        delivery = Delivery(database, {"workspace": platform}, Translator(), clock, Counts())
        yield Post(window, database, chat, delivery)
    await chat.close()


def shown(card: dict[str, Any]) -> str:
    """All that a card says, as it was sent."""
    return str({name: value for name, value in card.items() if name != "buttons"})


def verbs(card: dict[str, Any]) -> list[str]:
    return [str(one["call"]).partition(":")[0] for one in card["buttons"]]


async def test_one_message_tells_all_and_is_drawn_anew(post: Post) -> None:
    window = post.window
    old, _ = await opened(
        post.database,
        a_message(subject="A broken cup", text="The cup is broken.", reply_text="The cup is broken."),
        a_message(subject="Where is my parcel", text="It is late.", reply_text="It is late."),
    )
    await window.types("hana", f"/resolve {old.number} We sent another cup")
    await window.types("ken", "/customer_caution customer:ito@example.com Was shouted at by us")
    await window.types("ken", "/phone_start ito@example.com")
    window.clock.forward(3 * MINUTE)

    card = await post.card()

    assert words_of(card["title"]) == "On the phone: Ms Ito"
    assert card["tone"] == "alert"
    told = shown(card)
    for part in ("Was shouted at by us", "Where is my parcel", "It is late.", "A broken cup", "We sent another cup"):
        assert part in told, part
    assert verbs(card) == ["phone_end", "help_me", "show"]

    await window.types("ken", "/phone_end")
    over = await post.card()
    assert words_of(over["title"]) == "Talked with Ms Ito: 3 minutes"
    assert verbs(over) == ["phone_end"] * 4 + ["show"]
    await window.types("ken", "/phone_end open note:-")
    done = await post.card()
    assert verbs(done) == ["show"]
    assert done["badge"] == "Goes on"
    assert len(post.chat.messages) == len([one for one in post.chat.messages if one.channel != "@ken"]) + 1


async def test_the_teams_own_texts_are_one_press_away(post: Post) -> None:
    window = post.window
    [done, other] = await opened(
        post.database,
        a_message(subject="Parcel broken on arrival", from_address="a@example.com"),
        a_message(subject="Broken parcel", text="My parcel arrived broken", reply_text="My parcel arrived broken"),
    )
    await window.types("hana", f"/resolve {done.number} We sent another parcel by express")
    async with post.database.transaction() as tx:
        body = "Dear {customer_name}, we are sorry that your parcel arrived broken."
        draft = Draft("broken", "en", "A parcel arrived broken", body)
        template = await tx.templates.add(draft, None, window.clock())
        await tx.search.catch_up(100)
    await window.types("ken", f"/phone_start #{other.number}")

    rows = [one for one in (await post.card())["items"] if one["button"]]

    by_verb = {one["button"]["call"].partition(":")[0]: one for one in rows}
    assert words_of(by_verb["template"]["text"]) == "A parcel arrived broken"
    assert "Dear …, we are sorry" in words_of(by_verb["template"]["detail"])
    assert f"#{done.number}" not in words_of(by_verb["show"]["text"])
    assert by_verb["show"]["button"]["call"] == f"show:{done.number}"
    filled = await window.presses("ken", by_verb["template"]["button"]["call"])
    assert isinstance(filled, Card)
    assert filled.copy.endswith("we are sorry that your parcel arrived broken.")
    assert template.id == int(by_verb["template"]["button"]["call"].rpartition("%3A")[2])


async def test_who_has_left_the_team_is_told_nothing_more(post: Post) -> None:
    await post.window.types("ken", "/phone_start 090-1234-5678 returns")
    await post.window.types("emma", "/agent @ken none")
    assert await post.to_ken() == []


async def test_home_says_that_one_is_on_the_phone(window: Window) -> None:
    await window.types("ken", "/phone_start 090-1234-5678 returns")
    home = await window.types("ken", "/home")
    assert isinstance(home, Card)
    assert home.lines == ((f"On the phone: {SPOKEN}",),)
    assert labels(home)[0] == "phone"
    assert "phone" not in labels(await window.types("emma", "/home"))


async def test_advice_that_worked_is_offered_as_an_article(post: Post) -> None:
    await post.window.types("ken", "/phone_start 090-1234-5678 returns")
    [one] = await calls(post.database)
    async with post.database.transaction() as tx:
        ken, emma = [await tx.agents.by_handle(Handle("workspace", user)) for user in ("ken", "emma")]
        assert ken
        assert emma
        given = []
        for text in ("Offer a new one", "Say sorry", "Already known", "Never read"):
            advice = Advice(to=ken, text=text, at=post.window.clock(), sender=emma, call=one.id)
            given.append(await tx.advice.give(advice, one.inquiry))
        for advice, token in zip(given, (Token.HELPED, Token.USED, Token.USED), strict=False):
            await tx.advice.tell(advice.id, Receipt(token, post.window.clock()))
        article = Article(
            kind=ArticleKind.ANSWER, language="en", latest=Wording("Known?", "Already known"), advice=given[2].id
        )
        await tx.articles.add(article, emma, post.window.clock())
    assert "Offer a new one" not in shown(await post.card()), "not while they talk"
    await post.window.types("ken", "/phone_end")
    card = await post.card()
    items = [one for one in card["items"] if one.get("button")]
    assert [words_of(one["text"]) for one in items] == ["Offer a new one", "Say sorry"]
    assert items[0]["button"]["call"] == f"article_draft:::advice={given[0].id}"
    assert ["Helped" in str(one["detail"]) for one in items] == [True, False]


@pytest.mark.parametrize(
    ("minutes", "by", "told"),
    [
        (12, Voice.HAND, "12 minutes"),
        (0, Voice.HAND, "under a minute"),
        (12, Voice.RULE, "about 12 minutes"),
        (0, Voice.RULE, ""),
    ],
)
async def test_how_long_a_call_was_as_far_as_anybody_knows(window: Window, minutes: int, by: Voice, told: str) -> None:
    began = window.clock()
    one = PhoneCall(agent=HANA).hearing(Began(began, Voice.HAND)).hearing(Ended(began + minutes * MINUTE, by))
    assert length_told(one, window.speaker("en")) == told


async def test_the_question_whether_they_still_talk(post: Post) -> None:
    window = post.window
    await window.types("ken", "/phone_start 090-1234-5678 returns")
    await post.to_ken()
    window.clock.forward(40 * MINUTE)

    async def asked() -> dict[str, Any]:
        """The last question."""
        async with post.database.transaction() as tx:
            await tx.phone.say_check((await tx.phone.live())[0].call, window.clock())
        return (await post.to_ken())[-1].card

    first = await asked()
    assert words_of(first["title"]) == f"Still on the phone? {SPOKEN}"
    assert verbs(first) == ["phone_still", "phone_end"]
    asked_at = window.clock()
    window.clock.forward(MINUTE)
    await window.presses("ken", first["buttons"][0]["call"])
    async with post.database.transaction() as tx:
        await tx.phone.say_check(await the_call(post.database), asked_at)
    answered = (await post.to_ken())[-1].card
    assert words_of(answered["title"]) == f"You are still on the phone: {SPOKEN}"
    assert verbs(answered) == []

    window.clock.forward(40 * MINUTE)
    second = await asked()
    await window.presses("ken", second["buttons"][1]["call"])
    messages = await post.to_ken()
    async with post.database.transaction() as tx:
        await tx.phone.say_check(await the_call(post.database), window.clock())
    assert len(await post.to_ken()) == len(messages), "nobody is asked about what is over"


async def test_nothing_of_an_erased_customer_stays(post: Post) -> None:
    await opened(post.database, a_message())
    await post.window.types("ken", "/phone_start ito@example.com")
    assert "Ms Ito" in shown(await post.card())
    await post.window.types("ken", "/phone_end")
    one = await the_call(post.database)
    async with post.database.transaction() as tx:
        await tx.erasures.erase(one.caller.customer or 0, "hana")
        await tx.phone.say(await the_call(post.database))
    told = [shown(message.card) for message in await post.to_ken()]
    assert [each for each in told if "Ito" in each or "late" in each] == []


async def test_what_is_known_of_a_caller_in_short_and_in_full(window: Window, database: Database) -> None:
    numbers = [inquiry.number for inquiry in await opened(database, *[a_message() for _ in range(6)])]
    await window.types("ken", "/phone_start ito@example.com")
    [one] = await calls(database)
    async with database.snapshot() as tx:
        short = await caller_of(tx, one, "JP", fitting=False)
        full = await caller_of(tx, one, "JP")
    assert (short.name, short.number, short.caution) == ("Ms Ito", "", "")
    assert short.inquiry is not None
    assert (short.contacts, short.texts) == ((), ())
    assert len(full.contacts) == 3
    assert one.inquiry not in {inquiry.number for inquiry, _ in full.contacts}
    assert {inquiry.number for inquiry, _ in full.contacts} < set(numbers)


def words_of(text: Any) -> str:
    """A text as it was sent, as one string."""
    parts = text if isinstance(text, list) else [text]
    return "".join(part if isinstance(part, str) else part["spoken"] for part in parts)
