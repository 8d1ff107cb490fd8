"""Whispering by command: who may, to whom, what has no room; what its reader presses; and who wants none."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from bot import phone_desk
from bot.chat.card import Card, Form, Tone
from bot.chat.invocation import Answer, Invocation
from bot.domain.advice import Advice, AdviceState
from bot.domain.agent import Agent
from bot.domain.events import Act
from bot.domain.help_request import HelpRequest, HelpState
from bot.domain.phone import Began, Caller, Ended, PhoneCall, Voice
from bot.notices import NoticeKind
from bot.ports import Handle, MessageRef, Place
from storage.database import Database
from tests.builders import SUPPORT
from tests.commands.window import TEAM, Window, labels, said
from tests.support.texts import says
from tests.support.virtual_time import VirtualTime

NAMES = {user: name for user, name, _, _ in TEAM}
AT_HANA = Place("workspace", "@hana")
WORDS = "返金は本日中に可能です"
LONG = (
    "Ask for the number on the delivery slip, which stands at its top, on the right, beside the name of the shop. "
    "Then look whether the parcel was opened before."
)


@pytest.fixture
def clock(database_url: str) -> Iterator[VirtualTime]:
    """The database's time too: what waits does so by that."""
    time = VirtualTime(database_url)
    yield time
    time.close()


@pytest.fixture
async def database(clock: VirtualTime) -> AsyncIterator[Database]:
    opened = clock.database()
    yield opened
    await opened.close()


async def person(database: Database, user: str) -> Agent:
    async with database.snapshot() as tx:
        found = await tx.agents.by_handle(Handle("workspace", user))
    assert found
    return found


async def on_a_call(window: Window, database: Database, user: str = "hana", number: str = "+819012345678") -> PhoneCall:
    agent = await person(database, user)
    async with database.transaction() as tx:
        told, act = Began(window.clock(), Voice.HAND, Caller(number)), Act(window.clock(), "workspace", agent)
        _, call = await phone_desk.begin(tx, agent, told, act, "support")
    return call


async def hangs_up(window: Window, database: Database, call: PhoneCall) -> None:
    async with database.transaction() as tx:
        ended = Ended(window.clock(), Voice.HAND)
        await phone_desk.end(tx, call, ended, Act(window.clock(), "workspace", call.agent))


async def given(database: Database, call: PhoneCall) -> list[Advice]:
    async with database.snapshot() as tx:
        return await tx.advice.of_call(call.id)


async def notes(database: Database) -> list[Advice]:
    async with database.snapshot() as tx:
        found = [await tx.advice.get(n) for n in range(1, 20)]
    return [one for one in found if one and one.call is None]


async def delivered(window: Window, database: Database) -> None:
    """Whatever is whispered to Hana now reaches her."""
    async with database.transaction() as tx:
        for one in await tx.outbox.take(AT_HANA, "me", timedelta(minutes=1), 10, urgent=True):
            await tx.advice.delivered(one.id, window.clock())
            await tx.outbox.sent(one, "me", MessageRef("D1", str(one.id)))


def hears(answer: Answer, key: str, language: str = "en", **details: object) -> bool:
    return says(said(answer), language, key, **details)


async def replies(window: Window, user: str, words: str) -> Answer:
    """Words in the thread under a board."""
    asked = Invocation("workspace", user, "whisper", user, SUPPORT.channel, "1", options={"reply": words})
    answer = await window.call(asked)
    assert answer
    return answer


# --- to whom ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("whom", ["@hana", "佐藤", "花"])
async def test_who_is_on_a_call_is_whispered_to(window: Window, database: Database, whom: str) -> None:
    call = await on_a_call(window, database)
    answer = await window.types("emma", f"/whisper {whom} {WORDS}")
    assert hears(answer, "whisper.sent", person=NAMES["hana"])
    [one] = await given(database, call)
    assert (one.text, one.to.name, one.sender and one.sender.name) == (WORDS, NAMES["hana"], NAMES["emma"])


async def test_the_boards_button_asks_for_the_words_alone(window: Window, database: Database) -> None:
    call = await on_a_call(window, database)
    form = await window.presses("emma", f"whisper:::call={call.id}")
    assert isinstance(form, Form)
    assert [one.name for one in form.inputs] == ["text"]
    assert hears(await window.fills("emma", form, text=WORDS), "whisper.sent", person=NAMES["hana"])
    assert [one.text for one in await given(database, call)] == [WORDS]


async def test_without_a_word_a_form_asks_for_both_those_on_the_phone_first(window: Window, database: Database) -> None:
    await on_a_call(window, database, "ken")
    form = await window.types("emma", "/whisper")
    assert isinstance(form, Form)
    assert [one.name for one in form.inputs] == ["person", "text"]
    assert [one.value for one in form.inputs[0].choices] == [NAMES["ken"], NAMES["hana"]]
    answer = await window.fills("emma", form, person=NAMES["ken"], text="Offer a refund")
    assert hears(answer, "whisper.sent", person=NAMES["ken"])


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (f"@hana {WORDS}", WORDS),
        (f"<@hana> {WORDS}", WORDS),
        (f"佐藤さん、{WORDS}", WORDS),
        (f"@佐藤 花 {WORDS}", WORDS),
        (f"花: {WORDS}", WORDS),
        ("Ken has the slip", "Ken has the slip"),
        (WORDS, WORDS),
    ],
)
async def test_a_reply_names_whom_it_is_for_or_means_the_only_one(
    window: Window, database: Database, words: str, text: str
) -> None:
    call = await on_a_call(window, database)
    assert hears(await replies(window, "emma", words), "whisper.sent", person=NAMES["hana"])
    assert [one.text for one in await given(database, call)] == [text]


async def test_of_several_a_reply_has_to_name_one(window: Window, database: Database) -> None:
    hers, his = await on_a_call(window, database), await on_a_call(window, database, "ken", "+819087654321")
    answer = await replies(window, "emma", WORDS)
    assert hears(answer, "whisper.which", names=f"{NAMES['hana']}, {NAMES['ken']}", first="佐藤")
    assert hears(await replies(window, "emma", "ken Offer a refund"), "whisper.sent", person=NAMES["ken"])
    assert ([one.text for one in await given(database, his)], await given(database, hers)) == (["Offer a refund"], [])


async def test_a_reply_to_somebody_else_is_offered_as_a_note(window: Window, database: Database) -> None:
    await on_a_call(window, database)
    assert hears(await replies(window, "emma", "@ken Call me"), "whisper.no_call_now", person=NAMES["ken"])
    assert hears(await replies(window, "emma", "@zoe Call me"), "refused.nobody", given="@zoe", names=_team())


def _team() -> str:
    return ", ".join(sorted(NAMES.values()))


# --- notes --------------------------------------------------------------------------------------------------


async def test_who_is_on_no_call_can_be_sent_a_note_by_one_press(window: Window, database: Database) -> None:
    answer = await window.types("emma", f"/whisper @hana {WORDS}")
    assert isinstance(answer, Card)
    assert hears(answer, "whisper.no_call_now", person=NAMES["hana"])
    assert answer.quote == WORDS
    assert await notes(database) == []
    [button] = answer.buttons
    assert len(button.call) <= 100
    assert hears(await window.presses("emma", button.call), "whisper.note_sent", person=NAMES["hana"])
    assert [(one.text, one.to.name) for one in await notes(database)] == [(WORDS, NAMES["hana"])]


async def test_words_too_long_for_a_button_can_be_copied_into_its_form(window: Window, database: Database) -> None:
    answer = await window.types("emma", f"/whisper @hana {LONG}")
    assert isinstance(answer, Card)
    assert answer.copy == LONG
    [button] = answer.buttons
    assert len(button.call) <= 100
    form = await window.presses("emma", button.call)
    assert isinstance(form, Form)
    assert hears(await window.fills("emma", form, text=LONG), "whisper.note_sent", person=NAMES["hana"])
    assert len(await notes(database)) == 1


async def test_a_call_that_is_over_is_never_answered_in_the_next_one(window: Window, database: Database) -> None:
    """Its words were meant for another customer's question."""
    first = await on_a_call(window, database)
    form = await window.presses("emma", f"whisper:::call={first.id}")
    window.clock.forward(timedelta(minutes=1))
    await hangs_up(window, database, first)
    second = await on_a_call(window, database, number="+819087654321")
    answer = await window.fills("emma", form, text=WORDS)
    assert isinstance(answer, Card)
    assert hears(answer, "whisper.call_over", person=NAMES["hana"])
    assert [await given(database, one) for one in (first, second)] == [[], []]
    await window.presses("emma", answer.buttons[0].call)
    assert [one.text for one in await notes(database)] == [WORDS]


# --- what is said -------------------------------------------------------------------------------------------


async def test_what_had_no_room_is_told_with_what_was_sent(window: Window, database: Database) -> None:
    call = await on_a_call(window, database)
    answer = await window.types("emma", f"/whisper @hana {LONG}")
    assert isinstance(answer, Card)
    [one] = await given(database, call)
    assert (answer.quote, len(one.text) <= 120) == (one.text, True)
    assert f"{one.text.removesuffix('…')} {answer.copy}" == LONG


async def test_what_follows_soon_says_that_it_waits_and_can_be_withdrawn(window: Window, database: Database) -> None:
    call = await on_a_call(window, database)
    await window.types("emma", "/whisper @hana one")
    await delivered(window, database)
    answer = await window.types("emma", "/whisper @hana two")
    assert hears(answer, "whisper.soon", person=NAMES["hana"], seconds=10)
    assert isinstance(answer, Card)
    [button] = answer.buttons
    assert hears(await window.presses("emma", button.call), "advice.withdrawn", person=NAMES["hana"])
    assert [one.state for one in await given(database, call)] == [AdviceState.DELIVERED, AdviceState.WITHDRAWN]
    assert hears(await window.presses("emma", button.call), "advice.withdrawn", person=NAMES["hana"])


# --- who may ------------------------------------------------------------------------------------------------


async def test_whoever_was_asked_for_help_may_and_that_answers_it(window: Window, database: Database) -> None:
    call = await on_a_call(window, database)
    refused = await window.types("ken", "/whisper @hana Offer a refund")
    assert hears(refused, "whisper.not_yours", person=NAMES["hana"])
    hana = await person(database, "hana")
    async with database.transaction() as tx:
        place = (await tx.escalations.directly([(await person(database, "ken")).id])).values()
        await tx.help_requests.ask(HelpRequest(call=call.id, asker=hana, text="?", at=window.clock()), None, [*place])
    assert hears(await window.types("ken", "/whisper @hana Offer a refund"), "whisper.sent", person=NAMES["hana"])
    async with database.snapshot() as tx:
        [request] = await tx.help_requests.of_call(call.id)
    assert (request.state, request.answered_by and request.answered_by.name) == (HelpState.ANSWERED, NAMES["ken"])


# --- what its reader tells ----------------------------------------------------------------------------------


async def test_its_reader_presses_and_presses_again(window: Window, database: Database) -> None:
    call = await on_a_call(window, database)
    await window.types("emma", f"/whisper @hana {WORDS}")
    [one] = await given(database, call)
    for token, state in (("seen", AdviceState.SEEN), ("used", AdviceState.USED), ("used", AdviceState.USED)):
        answer = await window.presses("hana", f"advice:::advice={one.id}:token={token}")
        assert hears(answer, f"advice.told.{token}", "ja")
        assert [each.state for each in await given(database, call)] == [state]
    await hangs_up(window, database, call)
    await window.presses("hana", f"advice:::advice={one.id}:token=helped")
    assert [each.state for each in await given(database, call)] == [AdviceState.HELPED]


async def test_what_was_used_afterwards_is_shown_where_the_call_is(window: Window, database: Database) -> None:
    """There it can become an article."""
    call = await on_a_call(window, database)
    await window.types("emma", f"/whisper @hana {WORDS}")
    [one] = await given(database, call)
    await hangs_up(window, database, call)
    before = await _revision(database)
    await window.presses("hana", f"advice:::advice={one.id}:token=seen")
    assert await _revision(database) == before
    await window.presses("hana", f"advice:::advice={one.id}:token=used")
    assert await _revision(database) == before + 1


async def _revision(database: Database) -> int:
    async with database.transaction() as tx:
        taken = await tx.outbox.take((await tx.escalations.directly([1]))[1], "me", timedelta(0), 100)
    return next(one.revision for one in taken if one.kind is NoticeKind.CALL)


# --- quiet --------------------------------------------------------------------------------------------------


async def test_whoever_wants_no_advice_gets_it_later(window: Window, database: Database) -> None:
    await on_a_call(window, database)
    assert hears(await window.types("hana", "/hush"), "hush.none", "ja")
    answer = await window.types("hana", "/hush 30m")
    assert hears(answer, "hush.until", "ja", until="10:30")
    assert labels(answer) == ["hush"]
    answer = await window.types("emma", f"/whisper @hana {WORDS}")
    assert hears(answer, "whisper.waits", person=NAMES["hana"], until="10:30")
    assert labels(answer) == ["advice_withdraw"]
    assert hears(await window.types("hana", "/hush off"), "hush.off", "ja")
    async with database.snapshot() as tx:
        assert [one.channel for one in await tx.outbox.urgent()] == ["@hana"]


async def test_hush_takes_clock_times(window: Window) -> None:
    assert hears(await window.types("ken", "/hush 15:00"), "hush.until", until="15:00")
    window.clock.forward(timedelta(hours=6))
    assert hears(await window.types("ken", "/hush"), "hush.none")


async def test_an_answer_that_waits_for_a_form_is_no_alarm(window: Window) -> None:
    answer = await window.types("emma", "/whisper @hana hello")
    assert isinstance(answer, Card)
    assert answer.tone is Tone.WAITING
