"""Who may use which command, as a table: a command without a row fails, and so does a row that is not true."""

from dataclasses import replace

import pytest

from bot.call import Call
from bot.chat.card import Card, Tone
from bot.chat.command import Command
from bot.chat.invocation import Answer
from commands import COMMANDS
from storage.database import Database
from tests.builders import a_message, opened
from tests.commands.window import FORMER, STRANGER, Window, current, happened

PEOPLE = {"stranger": STRANGER, "former agent": FORMER, "agent": "ken", "supervisor": "emma"}
EVERYBODY = set(PEOPLE)
TEAM = {"agent", "supervisor"}

MAY = {
    "/queue": TEAM,
    "/home": TEAM,
    "/new ito@example.com The printer does not start": TEAM,
    "/show {free}": TEAM,
    "/claim {free}": TEAM,
    "/release {held}": TEAM,
    "/assign {free} hana": TEAM,
    "/resolve {free} done": TEAM,
    "/reopen {resolved}": TEAM,
    "/robots": TEAM,
    "/original {held}": {"supervisor"},
    "/language ja": TEAM,
    "/link": TEAM,
    "/team": TEAM,
    "/agent @yui agent": {"supervisor"},
    "/route support hide": {"supervisor"},
    "/retry": {"supervisor"},
    "/help": EVERYBODY,
}
"""Everything that can be asked, and who is not turned away for who they are."""


def test_every_command_has_a_row() -> None:
    assert [line[1:].split()[0] for line in MAY] == [command.name for command in COMMANDS]


@pytest.mark.parametrize("line", MAY)
async def test_the_table_is_true(window: Window, database: Database, line: str) -> None:
    say = window.speaker("en")
    for person, user in PEOPLE.items():
        free, held, resolved = [one.number for one in await opened(database, a_message(), a_message(), a_message())]
        await window.types(user if person in TEAM else "ken", f"/claim {held}")
        await window.types("ken", f"/resolve {resolved} done")
        before = [await current(database, number) for number in (free, held, resolved)]

        answer = await window.types(user, line.format(free=free, held=held, resolved=resolved))

        assert isinstance(answer, Card)
        if person in MAY[line]:
            assert answer.tone is not Tone.ALERT, answer.title
            continue
        role = say("refused.role", needed=say("choice.supervisor"))
        assert answer.title == (role if person in TEAM else say("refused.stranger", handle=user))
        assert (answer.fields, answer.items, answer.buttons) == ((), (), ()), "whoever may not, reads nothing either"
        assert [await current(database, number) for number in (free, held, resolved)] == before


async def test_a_command_asks_for_an_agent_unless_it_says_otherwise(window: Window, database: Database) -> None:
    async def anything(call: Call) -> Answer:
        raise AssertionError("nobody asked for a role")

    for user in (STRANGER, FORMER):
        answer = await window.with_commands(Command("anything", anything)).types(user, "/anything")
        assert isinstance(answer, Card)
        assert answer.title == window.speaker("en")("refused.stranger", handle=user)


async def test_a_role_taken_away_ends_rights_at_once(window: Window, database: Database) -> None:
    await opened(database)
    await window.types("emma", "/agent @ken none")

    answer = await window.presses("ken", "claim:1001:1")

    assert isinstance(answer, Card)
    assert answer.title == window.speaker("en")("refused.stranger", handle="ken")
    assert await happened(database, 1001) == ["opened"]


async def test_strangers_are_answered_in_the_language_of_their_platform(window: Window) -> None:
    answer = await replace(window, stranger_language="ja").types(STRANGER, "/queue")
    assert isinstance(answer, Card)
    assert answer.title == window.speaker("ja")("refused.stranger", handle=STRANGER)


async def test_help_lists_what_each_may_use(window: Window) -> None:
    def listed(answer: Answer) -> set[str]:
        assert isinstance(answer, Card)
        return {str(item.text[0]).split()[0] for item in answer.items}

    everything = {f"/{command.name}" for command in COMMANDS}
    assert listed(await window.types("emma", "/help")) == everything
    assert listed(await window.types("ken", "/help")) == everything - {"/agent", "/original", "/retry", "/route"}
    assert listed(await window.types(STRANGER, "/help")) == {"/help", "/link"}


async def test_help_tells_strangers_how_to_join(window: Window) -> None:
    answer = await window.types(STRANGER, "/help")
    assert isinstance(answer, Card)
    assert (window.speaker("en")("refused.stranger", handle=STRANGER),) in answer.lines
