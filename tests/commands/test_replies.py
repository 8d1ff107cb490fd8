"""What is written in a thread: under a board it is whispered, anywhere else it is nobody's business."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from bot import phone_desk
from bot.chat.card import Card, Tone
from bot.chat.invocation import Answer, Invocation
from bot.chat.profile import Profile
from bot.dispatch import Dispatch
from bot.domain.advice import Advice
from bot.domain.events import Act
from bot.domain.phone import Began, Caller, PhoneCall, Voice
from bot.ports import Handle, MessageRef, StoreDown
from bot.translator import Translator
from storage.database import Database
from tests.builders import SUPPORT, opened
from tests.commands.window import Window
from tests.storage.taking import sent, taken
from tests.support.texts import says

BOARD, CARD = "77", "78"


@pytest.fixture
async def call(window: Window, database: Database) -> PhoneCall:
    """Hana is on the phone, and a board in #support says so; beside it stands the card of another inquiry."""
    async with database.transaction() as tx:
        hana = await tx.agents.by_handle(Handle("workspace", "hana"))
        assert hana
        await tx.phone.show_board(SUPPORT)
        told = Began(window.clock(), Voice.HAND, Caller("+819012345678"))
        _, begun = await phone_desk.begin(tx, hana, told, Act(window.clock(), "workspace", hana), "support")
    await opened(database)
    for number, notice in enumerate(await taken(database, SUPPORT)):
        is_board = notice.kind == "board"
        at = BOARD if is_board else CARD if notice.number != begun.inquiry else str(number)
        await sent(database, notice, at=MessageRef(SUPPORT.channel, at))
    return begun


async def replies(window: Window, user: str, text: str, message: str = BOARD, **more: Any) -> Answer | None:
    asked = Invocation("workspace", user, "", user, SUPPORT.channel, message, text)
    dispatch = Dispatch(window.store, window.commands, Translator(), window.clock, window.metrics, "en", "Asia/Tokyo")
    return await dispatch.reply(replace(asked, **more))


async def given(database: Database, call: PhoneCall) -> list[Advice]:
    async with database.snapshot() as tx:
        return await tx.advice.of_call(call.id)


def refused(answer: Answer | None) -> bool:
    return isinstance(answer, Card) and answer.tone is Tone.ALERT


async def test_words_under_a_board_are_whispered(window: Window, database: Database, call: PhoneCall) -> None:
    answer = await replies(window, "emma", "Offer a refund")
    assert isinstance(answer, Card)
    assert not refused(answer)
    (piece,) = await given(database, call)
    assert (piece.text, piece.to.name, piece.sender and piece.sender.name) == (
        "Offer a refund",
        "佐藤 花",
        "Emma Clark",
    )


async def test_told_twice_they_are_whispered_once(window: Window, database: Database, call: PhoneCall) -> None:
    assert await replies(window, "emma", "Offer a refund", event="e1") is not None
    assert await replies(window, "emma", "Offer a refund", event="e1") is None
    assert await replies(window, "emma", "Offer a refund", event="e2") is not None
    assert len(await given(database, call)) == 2


@pytest.mark.parametrize(
    "text", ["/claim 1001", "claim", "whisper:::call=1", "text:x person:ken", "<!channel> *x* \x00"]
)
async def test_words_are_words_whatever_they_look_like(
    window: Window, database: Database, call: PhoneCall, text: str
) -> None:
    assert not refused(await replies(window, "emma", text))
    (piece,) = await given(database, call)
    assert piece.text == text.replace("\x00", "").strip()


@pytest.mark.parametrize("user", ["ken", "otto", "rei"])
async def test_who_may_not_advise_is_told_so_under_a_board_alone(
    window: Window, database: Database, call: PhoneCall, user: str
) -> None:
    assert refused(await replies(window, user, "Offer a refund"))
    for message in (CARD, "nothing", ""):
        assert await replies(window, user, "Offer a refund", message) is None
    assert await given(database, call) == []


async def test_guests_of_a_platform_whisper_nothing(window: Window, database: Database, call: PhoneCall) -> None:
    guest = Profile("emma", "Emma Clark", is_member=False)
    assert refused(await replies(window, "emma", "Offer a refund", profiles={"emma": guest}))
    assert await given(database, call) == []


@pytest.mark.parametrize("elsewhere", [{"platform": "slack"}, {"channel": "sales"}, {"message": CARD}])
async def test_elsewhere_nothing_is_said_and_nothing_written(
    window: Window, database: Database, call: PhoneCall, elsewhere: dict[str, str]
) -> None:
    statements: list[str] = []
    for engine in (database._writer.sync_engine, database._reader.sync_engine):
        sa.event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    assert await replies(window, "emma", "Offer a refund", event="e1", **elsewhere) is None
    assert {one.split()[0] for one in statements if not one.startswith("BEGIN")} == {"SELECT"}
    assert await given(database, call) == []


class Down(Database):
    """A store whose reads fail as `failure` says."""

    failure: Exception | None = None

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Any]:
        if self.failure:
            raise self.failure
        yield


@pytest.mark.parametrize("failure", [StoreDown("gone"), LookupError("a bug")])
async def test_while_nothing_can_be_read_nobody_is_answered(
    window: Window, call: PhoneCall, database_url: str, failure: Exception
) -> None:
    down = Down(database_url.replace(".sqlite3", "-down.sqlite3"), window.clock)
    down.failure = failure
    try:
        assert await replies(replace(window, store=down), "emma", "Offer a refund") is None
    finally:
        await down.close()


async def test_of_several_on_the_phone_none_is_guessed(window: Window, database: Database, call: PhoneCall) -> None:
    async with database.transaction() as tx:
        ken = await tx.agents.by_handle(Handle("workspace", "ken"))
        assert ken
        told = Began(window.clock(), Voice.HAND, Caller("+819012345679"))
        await phone_desk.begin(tx, ken, told, Act(window.clock(), "workspace", ken), "support")
    answer = await replies(window, "emma", "Offer a refund")
    assert refused(answer)
    assert says(answer.title, "en", "whisper.which")  # type: ignore[union-attr]
    assert not refused(await replies(window, "emma", "@Ken Offer a refund"))
    assert await given(database, call) == []
