"""Prepared advice by commands: written, changed by two at once, turned on and off, removed, and counted."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.chat.card import Card, Form
from bot.chat.invocation import Answer, call
from bot.chat.text import words
from bot.domain.advice import Advice, Receipt, Token
from bot.domain.phone import Began, PhoneCall, Voice
from bot.domain.prepared import PreparedAdvice
from bot.ports import Handle
from storage.database import Database
from tests.commands.window import Window, rows, said
from tests.support.clock import MORNING

GIVEN = {"name": "Recall", "text": "Offer a new one.", "words": "recall、リコール", "labels": "", "when": "any"}


async def all_of(database: Database) -> list[PreparedAdvice]:
    async with database.snapshot() as tx:
        return await tx.prepared.all()


async def written(window: Window, user: str = "emma", **given: str) -> Answer:
    """A form for a new one, sent off."""
    return await window.fills(user, await window.types(user, "/prepared set"), **GIVEN | given)


def inputs(answer: Answer) -> dict[str, str]:
    assert isinstance(answer, Form), answer
    return {one.name: one.value for one in answer.inputs}


def details(answer: Answer) -> list[str]:
    assert isinstance(answer, Card)
    return [words(one.detail) for one in answer.items]


def button(answer: Answer, verb: str) -> str:
    """The call of the first button under a row that does this."""
    assert isinstance(answer, Card), answer
    every = [*answer.buttons, *(one for item in answer.items for one in item.buttons)]
    return next(one.call for one in every if one.call.startswith(verb))


async def test_a_new_one_is_whole_owned_and_off(window: Window, database: Database) -> None:
    answer = await written(window, when="care10", labels="VIP, 陶器")
    assert said(answer) == "Recall is saved"
    [one] = await all_of(database)
    assert one.owner is not None
    assert one.owner.name == "Emma Clark"
    assert replace(one, id=0, owner=None) == PreparedAdvice(
        id=0,
        name="Recall",
        text="Offer a new one.",
        words=("recall", "リコール"),
        labels=("VIP", "陶器"),
        caution=True,
        longer_than=timedelta(minutes=10),
    )


async def test_the_form_of_one_that_is_there_holds_what_it_is(window: Window) -> None:
    await written(window, when="care10", labels="VIP")
    form = await window.types("emma", "/prepared set ｒｅｃａｌｌ")
    expected = GIVEN | {"words": "recall, リコール", "labels": "VIP", "when": "care10"}
    assert inputs(form) == expected
    assert said(await window.fills("emma", form, **expected)) == "Recall is saved"


async def test_a_name_that_is_new_stands_in_the_form(window: Window) -> None:
    assert inputs(await window.types("emma", "/prepared set Late parcels"))["name"] == "Late parcels"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"text": "word " * 40}, "Too much: “"),
        ({"text": "one\ntwo\nthree"}, "Too much: “three”"),
        ({"text": " \n "}, "Say what the agent shall be told."),
        ({"name": "x" * 41}, "at most 40 characters"),
        ({"name": "RECALL"}, "There is another one called RECALL."),
        ({"words": "ok, ！？"}, "“！？” cannot be looked for"),
        ({"labels": "y" * 41}, "cannot be looked for"),
        ({"words": ",".join(f"word{one}" for one in range(21))}, "At most 20"),
        ({"when": "sometimes"}, "“sometimes” is none"),
    ],
)
async def test_what_cannot_be_is_told_and_what_was_typed_stays(
    window: Window, database: Database, given: dict[str, str], told: str
) -> None:
    await written(window)
    filled = GIVEN | {"name": "Another"} | given
    form = await written(window, **filled)
    assert isinstance(form, Form)
    assert told in form.intro
    assert {name: value.strip() for name, value in filled.items()} == inputs(form)
    assert len(await all_of(database)) == 1
    assert said(await window.fills("emma", form, **GIVEN | {"name": "Another"})) == "Another is saved"


async def test_a_button_that_brings_the_form_back_fills_it_in_again(window: Window) -> None:
    """Where a form cannot answer a form, its call is pressed: what it carries stands in it, and nothing is kept."""
    form = await written(window, text="a\nb\nc", labels="VIP")
    assert isinstance(form, Form)
    again = inputs(await window.presses("emma", form.call))
    assert again == GIVEN | {"text": "", "labels": "VIP"}


async def test_it_is_off_until_it_is_turned_on_and_on_until_it_is_turned_off(
    window: Window, database: Database
) -> None:
    card = await written(window)
    assert [one.is_on for one in await all_of(database)] == [False]
    on = await window.presses("emma", button(card, "prepared_switch"))
    assert (said(on), rows(on)) == ("Recall is on", ["Recall · on"])
    assert [one.is_on for one in await all_of(database)] == [True]
    assert said(await window.types("emma", "/prepared switch Recall")) == "Recall is off", "the other way round"
    assert said(await window.types("emma", "/prepared switch Recall turn:off")) == "Recall is off", "twice is once"
    assert [one.is_on for one in await all_of(database)] == [False]


async def test_without_a_condition_nothing_is_turned_on(window: Window, database: Database) -> None:
    card = await written(window, words="")
    assert isinstance(card, Card)
    assert "prepared_switch" not in [one.call.partition(":")[0] for one in card.items[0].buttons]
    answer = await window.types("emma", "/prepared switch Recall turn:on")
    assert said(answer).startswith("Recall has no condition yet")
    assert [one.is_on for one in await all_of(database)] == [False]


async def test_to_take_the_last_condition_away_turns_it_off(window: Window, database: Database) -> None:
    await written(window)
    await window.types("emma", "/prepared switch Recall")
    form = await window.types("emma", "/prepared set Recall")
    card = await window.fills("emma", form, **GIVEN | {"words": ""})
    assert isinstance(card, Card)
    assert words(card.lines[0]).startswith("It is off.")
    assert [one.is_on for one in await all_of(database)] == [False]


async def test_an_edit_leaves_it_on(window: Window, database: Database) -> None:
    await written(window)
    await window.types("emma", "/prepared switch Recall")
    form = await window.types("emma", "/prepared set Recall")
    await window.fills("emma", form, **GIVEN | {"text": "Offer two."})
    assert [(one.is_on, one.text) for one in await all_of(database)] == [(True, "Offer two.")]


# --- two at once ------------------------------------------------------------------------------------------------------


async def test_who_edits_what_another_changed_is_shown_that_with_their_own_words(
    window: Window, database: Database
) -> None:
    await window.types("emma", "/agent @ken supervisor")
    await written(window)
    mine, theirs = [await window.types(user, "/prepared set Recall") for user in ("emma", "ken")]
    await window.fills("ken", theirs, **GIVEN | {"text": "Offer a refund."})
    again = await window.fills("emma", mine, **GIVEN | {"text": "Offer tea."})
    assert isinstance(again, Form)
    assert "Ken Miller changed it" in again.intro
    assert "“Offer a refund.”" in again.intro
    assert inputs(again)["text"] == "Offer tea."
    assert [one.text for one in await all_of(database)] == ["Offer a refund."]
    await window.fills("emma", again, **inputs(again))
    assert [one.text for one in await all_of(database)] == ["Offer tea."]


async def test_nobody_turns_on_or_removes_what_they_have_not_seen(window: Window, database: Database) -> None:
    card = await written(window)
    switch, remove = button(card, "prepared_switch"), button(card, "prepared_remove")
    sure = button(await window.presses("emma", remove), "prepared_remove")
    await window.fills("emma", await window.types("emma", "/prepared set Recall"), **GIVEN | {"text": "Offer tea."})
    for old in (switch, sure):
        answer = await window.presses("emma", old)
        assert "Emma Clark changed it" in " ".join([said(answer), *map(words, getattr(answer, "lines", ()))])
        assert [one.is_on for one in await all_of(database)] == [False]
    asked = await window.presses("emma", switch)
    assert said(await window.presses("emma", button(asked, "prepared_switch"))) == "Recall is on"
    old_off = button(asked, "prepared_switch").replace("turn=on", "turn=off")
    assert said(await window.presses("emma", old_off)) == "Recall is off", "stopping it never waits"


# --- removing, listing ------------------------------------------------------------------------------------------------


async def test_it_is_removed_once_that_was_said_again(window: Window, database: Database) -> None:
    await written(window)
    asked = await window.types("emma", "/prepared remove Recall")
    assert said(asked) == "Remove Recall?"
    assert len(await all_of(database)) == 1
    assert said(await window.presses("emma", button(asked, "prepared_remove"))) == "Recall is removed"
    assert await all_of(database) == []
    gone = await window.presses("emma", call("prepared_set", None, 1, rule="id:1"))
    assert said(gone).startswith("Somebody has removed")


async def test_the_list_says_when_it_speaks_and_how_often_it_helped(window: Window, database: Database) -> None:
    await written(window, when="care10", labels="VIP")
    await written(window, name="Bare", words="")
    await _was_said(database, helped=1, used=1, seen=1)
    listed = await window.types("emma", "/prepared")
    assert rows(listed) == ["Bare · off", "Recall · off"]
    assert details(listed) == [
        "“Offer a new one.” · no condition yet · not said yet",
        "“Offer a new one.” · if “recall” or “リコール” comes up, if tagged “VIP”, if the caller needs care, "
        "after 10 minutes · said 3 times, used 2, helped 1",
    ]
    await window.types("emma", "/language ja")
    japanese = await window.types("emma", "/prepared")
    assert "3 回届き、使った 2 回・役立った 1 回" in details(japanese)[1]
    assert rows(await window.types("emma", "/prepared bar")) == ["Bare（オフ）"], "one by a part of its name"


async def test_many_are_listed_a_page_at_a_time(window: Window) -> None:
    for one in range(6):
        await written(window, name=f"Rule {one}")
    first = await window.types("emma", "/prepared")
    assert len(rows(first)) == 5
    second = await window.presses("emma", button(first, "prepared:::page"))
    assert rows(second) == ["Rule 5 · off"]


async def test_without_any_it_says_how_to_begin(window: Window) -> None:
    answer = await window.types("emma", "/prepared")
    assert said(answer) == "There is no prepared advice yet"
    assert isinstance(await window.presses("emma", button(answer, "prepared_set")), Form)


async def _was_said(database: Database, **tokens: int) -> None:
    """The rule that is called Recall spoke in a call for each of these."""
    async with database.transaction() as tx:
        hana = await tx.agents.by_handle(Handle("workspace", "hana"))
        assert hana
        rule = next(one for one in await tx.prepared.all() if one.name == "Recall")
        for token, count in tokens.items():
            for _ in range(count):
                call = await tx.phone.keep(PhoneCall(agent=hana, reports=frozenset([Began(MORNING, Voice.HAND)])))
                one = await tx.advice.give(Advice(to=hana, text="x", at=MORNING, rule=rule.id, call=call.id), None)
                await tx.advice.tell(one.id, Receipt(Token(token), MORNING))
