"""`python -m bot erase` and `export`: what they ask, what they say, and what they leave in no file of ours."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from adapters.mail import maildir
from adapters.workspace.messages import Messages, WrittenMail
from adapters.workspace.platform import FILE
from bot.app import system_clock
from bot.domain.agent import Role
from bot.domain.message import RawMail
from bot.personal import erase, export
from bot.ports import Place
from bot.settings import Settings
from storage.database import Database
from tests.builders import a_queue, an_agent
from tests.journeys.desk import settings_from
from tests.support.traces import ADDRESS, FACTS, NAME, PHONE, SECOND, Planting, files_of, found_in, kept_by, mail
from tests.test_command_line import madoguchi

HERE = Place("slack", "support")


@dataclass
class Terminal:
    """What an operator is told, and what they type when they are asked."""

    types: str = ""
    told: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    shown: str = ""

    def ask(self, question: str) -> str:
        self.asked.append(question)
        return self.types

    def show(self, text: str) -> None:
        self.shown += text

    @property
    def words(self) -> str:
        return "\n".join(self.told)


@dataclass
class Closed:
    """A desk that is closed, whose database knows a person."""

    settings: Settings
    database: Database
    planting: Planting
    spool: Path

    async def erases(self, text: str, terminal: Terminal, is_sure: bool = False, asks: bool = True) -> int:
        return await erase(self.settings, text, "ken", is_sure, terminal.told.append, terminal.ask if asks else None)

    async def exports(self, text: str, terminal: Terminal, output: Path | None = None) -> int:
        return await export(self.settings, text, output, terminal.told.append, terminal.show)


@pytest.fixture
async def closed(database_url: str, tmp_path: Path) -> AsyncIterator[Closed]:
    database = Database(database_url, system_clock)
    for name in ("Hana", "Ken"):
        await an_agent(database, name, Role.AGENT, "slack")
    await a_queue(database, "support", HERE)
    planting = Planting(database)
    await planting.letters()
    await planting.is_known()
    await planting.indexed()
    spool = tmp_path / "spool"
    maildir.prepare(spool)
    settings = settings_from(
        {
            "DATABASE_URL": database_url,
            "DATA_FOLDER": str(tmp_path / "data"),
            "SPOOL_FOLDERS": f"support={spool}",
            "QUEUE_CHANNELS": "support=slack:support",
        }
    )
    yield Closed(settings, database, planting, spool)
    await database.close()


# --- erase ----------------------------------------------------------------------------------------------------------


async def test_it_says_who_and_what_goes_and_waits_for_the_word(closed: Closed) -> None:
    before = await kept_by(closed.database)
    terminal = Terminal(types="yes")
    assert await closed.erases("090-5551-2345", terminal) == 1
    assert terminal.words.splitlines()[0] == f"{NAME}, known by {ADDRESS}, {SECOND}, {PHONE} (3 records, joined)"
    assert "8 inquiries with 9 messages: #1001, #1002" in terminal.words
    assert "2 notes" in terminal.words
    assert ADDRESS in terminal.asked[0]
    assert terminal.told[-1] == "Nothing was changed."
    assert await kept_by(closed.database) == before


async def test_without_a_terminal_it_changes_nothing_unless_it_is_sure(closed: Closed) -> None:
    before = await kept_by(closed.database)
    terminal = Terminal()
    assert await closed.erases(ADDRESS, terminal, asks=False) == 1
    assert terminal.told[-1].startswith("Nothing was changed:")
    assert await kept_by(closed.database) == before
    assert await closed.erases(ADDRESS, terminal, is_sure=True, asks=False) == 0
    assert found_in(await kept_by(closed.database)) == set()


async def test_whoever_types_the_word_erases_and_is_told_what_is_left(closed: Closed) -> None:
    terminal = Terminal(types=f"{ADDRESS} ")
    assert await closed.erases(SECOND, terminal) == 0
    assert "Erased: 8 inquiries and 10 mails." in terminal.words
    assert "8 messages in chat are still to be redrawn or taken away" in terminal.words
    assert "threads" in terminal.told[-1]
    again = Terminal()
    assert await closed.erases(PHONE, again) == 0
    assert f"{PHONE} was erased already" in again.words
    assert "by ken: 8 inquiries, 10 mails." in again.words
    assert "8 messages in chat" in again.words
    assert again.asked == []


async def test_the_words_elsewhere_are_counted_and_stay(closed: Closed) -> None:
    other = mail("About my neighbour", f"{ADDRESS} told me of you", sender=("Aki Ito", "ito@example.com"))
    await closed.planting.arrives(other, "neighbour")
    await closed.planting.indexed()
    terminal = Terminal()
    assert await closed.erases(ADDRESS, terminal, is_sure=True) == 0
    assert f"  {ADDRESS}: 1 inquiries" in terminal.told
    async with closed.database.snapshot() as tx:
        (letter,) = await tx.inquiries.letters(closed.planting.numbers["neighbour"])
    assert ADDRESS in letter.message.text


async def test_nobody_and_several_are_told(closed: Closed) -> None:
    terminal = Terminal()
    assert await closed.erases("nobody@example.com", terminal, is_sure=True) == 1
    assert terminal.told == [
        "Nobody is known by 'nobody@example.com'. Give an address, a phone number, a name, or an inquiry such as "
        "'#1042'."
    ]
    await closed.planting.arrives(mail("Namesake", "Another one", sender=(NAME, "namesake@example.com")))
    await closed.planting.indexed()
    several = Terminal()
    assert await closed.erases(NAME, several, is_sure=True) == 1
    assert several.words.startswith(f"Several customers fit '{NAME}'.")
    assert "namesake@example.com" in several.words


async def test_no_file_of_ours_keeps_a_fact(closed: Closed, tmp_path: Path) -> None:
    """The spool's files, the page's mails, the messages in the workspace, hidden ones too."""
    uid = maildir.new_uid(1)
    (closed.spool / "cur" / uid).write_bytes(closed.planting.contents[0])
    maildir.flag(closed.spool, uid)
    kept = maildir.new_uid(2)
    (closed.spool / "cur" / kept).write_bytes(mail("Other", "words", sender=("Aki", "ito@example.com")))
    raw = RawMail(f"spool:{closed.spool}", "", uid, closed.planting.contents[0], system_clock())
    async with closed.database.transaction() as tx:
        assert await tx.mails.store("support", [raw]) != []
    page = tmp_path / "data" / FILE
    messages = await Messages.open(page)
    for name, address in ((NAME, ADDRESS.title()), ("Aki", "ito@example.com")):
        await messages.add_mail(WrittenMail("support", name, address, FACTS["subject utf-8"], "<one@x>", ()))
    now = system_clock()
    hidden, _ = await messages.add("support", "", {"card": FACTS["body utf-8"]}, now)
    await messages._fetch("UPDATE message SET deleted = 1 WHERE id = ?", (hidden,))
    await messages.close()
    assert found_in(files_of(page)) >= {"name", "body utf-8"}

    terminal = Terminal()
    assert await closed.erases(ADDRESS, terminal, is_sure=True) == 0

    assert "The workspace forgot 1 mails" in terminal.words
    assert found_in(files_of(page)) == {"subject utf-8"}, "Aki's own mail"
    left = [file.name for file in (closed.spool / "cur").iterdir()]
    assert (len(left), left[0].startswith(kept)) == (1, True)


async def test_it_goes_on_where_it_was_interrupted(closed: Closed) -> None:
    """The command is cancelled while it cleans up after the commit: the second time it finishes that."""
    command = asyncio.create_task(closed.erases(ADDRESS, terminal := Terminal(), is_sure=True))
    while not any(line.startswith("Erased") for line in terminal.told):  # noqa: ASYNC110 - a terminal sets no event
        await asyncio.sleep(0)
    command.cancel()
    with suppress(asyncio.CancelledError):
        await command
    assert await closed.erases(ADDRESS, Terminal()) == 0
    assert found_in(await kept_by(closed.database)) == set()


# --- export ---------------------------------------------------------------------------------------------------------


async def test_an_export_holds_every_fact_that_is_kept_in_words(closed: Closed, tmp_path: Path) -> None:
    await closed.planting.is_cared_for()
    terminal = Terminal()
    assert await closed.exports(f"#{closed.planting.numbers['call']}", terminal) == 0
    told = json.loads(terminal.shown)
    assert list(told) == ["format", "person", "records", "inquiries", "other_mails", "other_calls", "exported_at"]
    assert told["format"] == "madoguchi-person-1"
    assert [one["number"] for one in told["inquiries"]] == sorted(closed.planting.numbers.values())
    in_files_or_elsewhere = {"file content", "unrelated answer", "robot body", "form name"}
    came_later = {
        "reply", "reply file", "late reply", "later reply", "answer", "answer subject", "unread pending",
        "other's thread",
    }  # fmt: skip
    shown = terminal.shown.encode()
    assert set(FACTS) - found_in([shown]) - in_files_or_elsewhere - came_later == set()
    again = Terminal()
    assert await closed.exports(ADDRESS, again, tmp_path / "person.json") == 0
    written = json.loads((tmp_path / "person.json").read_text(encoding="utf-8"))
    assert {**written, "exported_at": ""} == {**told, "exported_at": ""}
    assert again.told == [f"Written to {tmp_path / 'person.json'}."]


async def test_there_is_nothing_to_export_of_nobody(closed: Closed) -> None:
    terminal = Terminal()
    assert await closed.exports("nobody@example.com", terminal) == 1
    assert (terminal.shown, len(terminal.told)) == ("", 1)


# --- the commands themselves ----------------------------------------------------------------------------------------


@pytest.fixture
async def by_command(sqlite_url: str, tmp_path: Path) -> dict[str, str]:
    database = Database(sqlite_url, system_clock)
    await a_queue(database, "support")
    await Planting(database).letters()
    await database.close()
    return {"DATABASE_URL": sqlite_url, "DATA_FOLDER": str(tmp_path / "data"), "WORKSPACE": "on"}


def _said(process: subprocess.CompletedProcess[str]) -> tuple[int, str, str]:
    return process.returncode, process.stdout, process.stderr


async def test_the_commands_export_and_erase(by_command: dict[str, str], tmp_path: Path) -> None:
    status, shown, said = _said(await asyncio.to_thread(madoguchi, tmp_path, "export", ADDRESS, **by_command))
    assert (status, said) == (0, "")
    assert json.loads(shown)["inquiries"][0]["number"] == 1001
    status, shown, _ = _said(await asyncio.to_thread(madoguchi, tmp_path, "erase", ADDRESS, **by_command))
    assert (status, "Nothing was changed" in shown) == (1, True)
    arguments = ("erase", ADDRESS, "--yes", "--by", "Emma")
    status, shown, said = _said(await asyncio.to_thread(madoguchi, tmp_path, *arguments, **by_command))
    assert (status, said) == (0, "")
    assert "Erased:" in shown
    status, shown, _ = _said(await asyncio.to_thread(madoguchi, tmp_path, "erase", ADDRESS, **by_command))
    assert (status, "by Emma" in shown) == (0, True)
