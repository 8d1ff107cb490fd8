"""Where commands fail: bugs get a reference and change nothing; a database that is down is told in words."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.operations.metrics import Metrics
from bot.call import Call
from bot.chat.card import Card, Tone
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer, Invocation
from bot.dispatch import Dispatch
from bot.domain.errors import Conflict
from bot.translator import Translator
from commands import COMMANDS
from storage.database import Database
from tests.builders import a_message, opened
from tests.commands.window import Window, current, happened
from tests.support.clock import Clock
from tests.support.texts import says


class BugError(Exception):
    """What nobody expected."""


async def test_a_bug_is_answered_with_a_reference_logged_and_changes_nothing(
    window: Window, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(call: Call) -> Answer:
        inquiry = await call.inquiry()
        await call.tx.inquiries.save(inquiry.claim(call.act))
        raise BugError("a secret of the inside")

    await opened(database)
    before = await current(database, 1001)
    command = Command("broken", broken, (Option("inquiry", Kind.INQUIRY, required=True),))

    with caplog.at_level(logging.ERROR):
        answer = await window.with_commands(command).types("hana", "/broken 1001")

    assert isinstance(answer, Card)
    assert answer.tone is Tone.ALERT
    [record] = caplog.records
    reference = vars(record)["reference"]
    assert says(answer.title, "en", "refused.bug", reference=reference)
    assert "secret" not in answer.title
    assert record.exc_info is not None
    assert record.exc_info[0] is BugError
    assert await current(database, 1001) == before
    assert await happened(database, 1001) == ["opened"]
    assert b'madoguchi_command_errors_total{verb="broken"} 1.0' in window.metrics.exposition()


@pytest.mark.parametrize("odd", ["\0", "\ud800"], ids=["NUL", "half a character"])
async def test_characters_that_databases_do_not_take_are_left_out_and_the_rest_is_kept(
    window: Window, database: Database, odd: str
) -> None:
    await opened(database, a_message(), a_message())
    await window.types("ken", f"/resolve 1001 sent{odd} again")
    await window.fills("ken", await window.types("ken", "/resolve 1002"), note=f"sent{odd} again")
    for number in (1001, 1002):
        assert (await current(database, number)).note.replace("?", "") == "sent again"


async def test_a_lost_race_is_decided_anew(window: Window, database: Database) -> None:
    tries: list[int] = []

    async def unlucky(call: Call) -> Answer:
        tries.append(1)
        if len(tries) < 5:
            raise Conflict("somebody was quicker")
        return Card("done")

    answer = await window.with_commands(Command("unlucky", unlucky)).types("ken", "/unlucky")
    assert answer == Card("done")
    assert len(tries) == 5


async def test_a_race_that_is_lost_for_ever_counts_as_a_bug(window: Window, caplog: pytest.LogCaptureFixture) -> None:
    async def hopeless(call: Call) -> Answer:
        raise Conflict("somebody was quicker")

    answer = await window.with_commands(Command("hopeless", hopeless)).types("ken", "/hopeless")
    assert isinstance(answer, Card)
    assert says(answer.title, "en", "refused.bug")
    assert "hopeless" in caplog.text


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_database_that_is_down_is_told_in_words(
    clock: Clock, tmp_path: Path, kind: str, language: str, caplog: pytest.LogCaptureFixture
) -> None:
    urls = {
        "sqlite": f"sqlite:///{tmp_path / 'nowhere' / 'at-all.db'}",
        "postgresql": "postgresql://nobody@127.0.0.1:9/nothing?connect_timeout=2",
    }
    down = Database(urls[kind], clock)
    window = replace(Window(down, clock, Metrics()), stranger_language=language)
    for line in ("/queue", "/claim 1001", "/tickets", "/resolve 1001"):
        answer = await window.types("hana", line)
        assert isinstance(answer, Card)
        assert answer.tone is Tone.ALERT
        assert says(answer.title, language, "refused.store_down"), line
    assert "madoguchi_command_errors_total" not in str(window.metrics.exposition().splitlines()[-1])

    dispatch = Dispatch(down, COMMANDS, Translator(), clock, Metrics(), language, "UTC")
    assert await dispatch.complete(Invocation("workspace", "hana", "claim"), "inquiry", "") == ()
    await down.close()


async def test_completion_offers_values_to_the_team_alone(window: Window, database: Database, clock: Clock) -> None:
    await opened(database)
    dispatch = Dispatch(database, COMMANDS, Translator(), clock, Metrics(), "en", "UTC")

    async def offered(user: str, verb: str, option: str, typed: str = "") -> list[str]:
        return [one.value for one in await dispatch.complete(Invocation("workspace", user, verb), option, typed)]

    assert await offered("hana", "claim", "inquiry", "#10") == ["1001"]
    assert await offered("hana", "claim", "inquiry", "parcel") == ["1001"]
    assert await offered("hana", "claim", "inquiry", "umbrella") == []
    assert await offered("hana", "assign", "person", "@ken") == ["Ken Miller"]
    assert await offered("hana", "queue", "queue") == ["support"]
    assert await offered("hana", "language", "language", "Jap") == []
    assert await offered("ken", "language", "language", "Jap") == ["ja"]
    assert await offered("hana", "claim", "colour") == []
    assert await offered("hana", "paint", "inquiry") == []
    assert await offered("otto", "claim", "inquiry") == []
    assert await offered("rei", "assign", "person") == []
