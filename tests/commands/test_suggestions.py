"""What is suggested while somebody types, commands of two words, and the forms that list what there is."""

from collections.abc import Sequence

import pytest

from adapters.operations.metrics import Metrics
from bot.call import Call
from bot.cards.word import word
from bot.chat.card import Choice, Form, InputKind
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer, Invocation
from bot.dispatch import Dispatch
from bot.domain.template import Draft
from bot.forms import LISTED, SUGGESTED
from bot.seeking import sought
from bot.translator import Translator
from commands import COMMANDS
from storage.database import Database
from tests.builders import a_message, an_act, opened
from tests.commands.window import Window, said
from tests.support.clock import Clock

KNOWN = Choice("takahashi@example.com", "髙橋 花子 · takahashi@example.com")


async def echo(call: Call) -> Answer:
    return word(f"{call.invocation.verb}: {call.text('template') or call.text('text')}")


TEMPLATE = Option("template", Kind.TEMPLATE, required=True)
ECHOES = tuple(Command(name, echo, (Option("text"),), changes=False) for name in ("echo", "echo_twice"))
USE = Command("use", echo, (TEMPLATE, Option("customer", Kind.CUSTOMER, required=True)), changes=False)


@pytest.fixture
async def asks(window: Window, database: Database, clock: Clock) -> "Asks":
    """Hana at a desk with a few more commands."""
    return Asks(Dispatch(database, (*COMMANDS, *ECHOES, USE), Translator(), clock, Metrics(), "en", "UTC"))


class Asks:
    """What Hana is suggested."""

    def __init__(self, dispatch: Dispatch) -> None:
        self._dispatch = dispatch

    async def __call__(self, line: str, option: str, typed: str, user: str = "hana") -> Sequence[Choice]:
        verb, _, text = line.partition(" ")
        return await self._dispatch.complete(Invocation("workspace", user, verb, text=text), option, typed)


async def template(database: Database, name: str, title: str, language: str = "ja") -> None:
    async with database.transaction() as tx:
        await tx.templates.add(Draft(name, language, title, "本文"), None, an_act().at)


async def indexed(database: Database) -> None:
    async with database.transaction() as tx:
        while await tx.search.catch_up(100):
            pass


def values(choices: Sequence[Choice]) -> list[str]:
    return [one.value for one in choices]


async def test_templates_are_suggested_by_name_and_title_in_any_kana_each_name_once(
    asks: Asks, database: Database
) -> None:
    await template(database, "late-parcel", "お荷物の遅れ")
    await template(database, "late-parcel", "Your parcel is late", "en")
    await template(database, "printer", "プリンターの件")
    assert await asks("use", "template", "late") == [Choice("late-parcel", "late-parcel · お荷物の遅れ")]
    (found,) = await asks("use", "template", "ﾌﾟﾘﾝﾀ")
    assert found == Choice("printer", "printer · プリンターの件")
    assert set(values(await asks("use", "template", ""))) == {"late-parcel", "printer"}
    assert await asks("use", "template", "", user="otto") == ()


async def test_customers_are_suggested_with_what_seeking_knows_them_by(asks: Asks, database: Database) -> None:
    await opened(
        database,
        a_message(from_name="髙橋 花子", from_address="Takahashi@example.com"),
        a_message(from_name="x" * 90, from_address=f"{'y' * 90}@example.com"),
    )
    await indexed(database)
    assert await asks("use", "customer", "高橋") == [
        Choice("takahashi@example.com", "髙橋 花子 · takahashi@example.com")
    ]
    (long,) = await asks("use", "customer", "x" * 90)
    assert long.value.startswith("id:")
    async with database.snapshot() as tx:
        (person,) = await sought(tx, long.value, "JP")
        assert f"id:{person}" == long.value
    assert await asks("use", "customer", " ") == []


async def test_what_is_listed_is_compared_folded(asks: Asks, database: Database) -> None:
    await opened(database, a_message(subject="プリンターの件"))
    assert values(await asks("claim", "inquiry", "ぷりんたー")) == ["1001"]
    assert values(await asks("claim", "inquiry", "＃１００")) == ["1001"]
    assert values(await asks("assign 1001", "person", "ＫＥＮ")) == ["Ken Miller"]
    assert values(await asks("queue", "queue", "ＳＵＰ")) == ["support"]
    assert values(await asks("queue", "queue", "nope")) == []


async def test_never_more_than_a_platform_shows(asks: Asks, database: Database) -> None:
    for number in range(SUGGESTED + 5):
        await template(database, f"text-{number}", "A text")
    assert len(await asks("use", "template", "text")) == SUGGESTED


async def test_values_are_suggested_for_commands_of_two_words_however_they_are_typed(
    window: Window, asks: Asks
) -> None:
    one = Command("queue_show", echo, (Option("queue", Kind.QUEUE),), changes=False)
    dispatch = Dispatch(window.store, (*COMMANDS, one), Translator(), window.clock, Metrics(), "en", "UTC")
    for verb, text in (("queue_show", ""), ("queue-show", ""), ("queue", "show")):
        asked = Invocation("workspace", "hana", verb, text=text)
        assert values(await dispatch.complete(asked, "queue", "s")) == ["support"]


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("/echo hello", "echo: hello"),
        ("/echo twice hello", "echo_twice: hello"),
        ("/echo ＴＷＩＣＥ　hello", "echo_twice: hello"),
        ("/echo Twice", "echo_twice: "),
        ("/echo_twice twice", "echo_twice: twice"),
        ("/echo-twice hello", "echo_twice: hello"),
        ("/echo text:twice", "echo: twice"),
    ],
)
async def test_commands_of_two_words(window: Window, line: str, answer: str) -> None:
    here = window.with_commands(*ECHOES)
    assert said(await here.types("ken", line)) == answer


async def test_a_form_lists_templates_as_far_as_a_platform_can(window: Window, database: Database) -> None:
    await template(database, "late-parcel", "お荷物の遅れ")

    async def asked() -> tuple[InputKind, list[str]]:
        form = await window.types("ken", "/template versions")
        assert isinstance(form, Form)
        return form.inputs[0].kind, values(form.inputs[0].choices)

    assert await asked() == (InputKind.CHOICE, ["late-parcel"])
    for number in range(LISTED):
        await template(database, f"text-{number}", "A text")
    assert await asked() == (InputKind.LINE, [])


async def test_a_form_asks_for_a_customer_in_words(window: Window, database: Database) -> None:
    await opened(database)
    form = await window.types("ken", "/customer merge #1001")
    assert isinstance(form, Form)
    assert {(one.kind, one.choices) for one in form.inputs} == {(InputKind.LINE, ())}
