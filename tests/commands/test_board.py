"""Board: supervisors see who is on the phone, and have it kept up in a channel, or no longer."""

import pytest

from bot import phone_desk
from bot.chat.card import Card, Tone
from bot.chat.invocation import pressed
from bot.chat.text import words
from bot.domain.agent import Role
from bot.domain.events import Act
from bot.domain.phone import Began, Caller, Voice
from bot.ports import Handle, Place
from storage.database import Database
from tests.builders import SUPPORT, an_agent
from tests.commands.window import Window, labels, rows, said
from tests.support.texts import says


async def boards(database: Database) -> list[Place]:
    async with database.snapshot() as tx:
        return await tx.phone.boards()


async def calling(database: Database, window: Window, count: int) -> None:
    """So many people of the team phone."""
    for number in range(count):
        agent = await an_agent(database, f"Agent {number:02}")
        act = Act(window.clock(), "workspace", agent)
        async with database.transaction() as tx:
            told = Began(act.at, Voice.HAND, Caller(f"+8190123456{number:02}"))
            await phone_desk.begin(tx, agent, told, act, "support", about="Printer")


async def test_a_supervisor_sees_the_calls_for_herself_alone(window: Window, database: Database) -> None:
    answer = await window.types("emma", "/board")
    assert isinstance(answer, Card)
    assert says(words(answer.lines[0]), "en", "board.nobody")
    await calling(database, window, 2)
    answer = await window.types("emma", "/board")
    assert isinstance(answer, Card)
    assert rows(answer) == ["Agent 00 · 090-••••-5600", "Agent 01 · 090-••••-5601"]
    assert await boards(database) == []
    for button, verb in zip(answer.items[0].buttons, ("whisper", "phone"), strict=True):
        assert pressed(button.call)[0] == verb
        assert len(button.call) < 100


async def test_pages_are_turned_as_far_as_there_are_any(window: Window, database: Database) -> None:
    await calling(database, window, 17)
    pages = {}
    for asked in ("1", "2", "3", "9", "0", "-4"):
        pages[asked] = await window.types("emma", f"/board page:{asked}")
    assert [len(rows(pages[one])) for one in ("1", "2", "3")] == [8, 8, 1]
    assert rows(pages["9"]) == rows(pages["3"])
    assert rows(pages["0"]) == rows(pages["-4"]) == rows(pages["1"])
    assert [labels(pages[one]) for one in ("1", "2", "3")] == [["board"], ["board", "board"], ["board"]]
    turned = pages["2"]
    assert isinstance(turned, Card)
    assert rows(await window.presses("emma", turned.buttons[1].call)) == rows(pages["3"])
    assert says(words(turned.footer), "en", "board.more", number=1, page=3)


@pytest.mark.parametrize("language", ["en", "ja"])
async def test_a_channel_shows_the_board_until_it_is_taken_away(
    window: Window, database: Database, language: str
) -> None:
    await window.types("emma", f"/language {language}")
    steps = ("here", "here", "off", "off", "here")
    answers = [said(await window.types("emma", f"/board {step}")) for step in steps]
    told = ("here", "here_already", "off", "off_already", "here")
    assert all(says(answer, language, f"board.{key}") for answer, key in zip(answers, told, strict=True)), answers
    assert await boards(database) == [SUPPORT]


async def test_the_settings_do_not_bring_back_what_was_taken_away(window: Window, database: Database) -> None:
    await window.types("emma", "/board here")
    await window.types("emma", "/board off")
    async with database.transaction() as tx:
        assert await tx.phone.show_board(SUPPORT, True) is False
    assert await boards(database) == []


async def test_agents_are_turned_away_and_hear_why(window: Window, database: Database) -> None:
    for line in ("/board", "/board here", "/board off"):
        answer = await window.types("ken", line)
        assert isinstance(answer, Card)
        assert answer.tone is Tone.ALERT
        assert says(answer.title, "en", "refused.role")
    async with database.transaction() as tx:
        await tx.agents.enrol(Handle("workspace", "ken"), "Ken", Role.SUPERVISOR, "en", "UTC")
    assert says(said(await window.types("ken", "/board here")), "en", "board.here")
