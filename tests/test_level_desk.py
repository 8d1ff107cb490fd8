"""What the operator asks of service levels: files that are laid down, remarks on them, and previews."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.domain.agent import Role
from bot.level_desk import Asked, export_levels, import_levels, preview_levels, sentence
from bot.level_file import LevelsWrong
from bot.settings import Settings
from bot.starters import STARTER_SET, starter_levels
from storage.database import Database
from tests.builders import a_queue, an_agent
from tests.test_operator import desk_of, opened_and_closed

OFFICE = "calendars: {office: {time_zone: Asia/Tokyo, week: {mon-fri: 09:00-18:00}, holidays: JP}}\n"
STANDARD = OFFICE + "policies:\n- {name: standard, first_response: 30m}\n"
FRIDAY = "2026-07-17 17:35"


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return desk_of(tmp_path, database_url, default_time_zone="Asia/Tokyo")


def a_file(folder: Path, text: str) -> Path:
    path = folder / "ours.yaml"
    path.write_bytes(text.encode())
    return path


async def test_a_file_becomes_a_version_and_the_same_once_more_does_not(
    tmp_path: Path, settings: Settings, database: Database
) -> None:
    path = a_file(tmp_path, "\ufeff" + STANDARD.replace("\n", "\r\n"))
    first, second = await import_levels(settings, path), await import_levels(settings, path)
    assert [(one.version, one.is_new, one.remarks) for one in (first, second)] == [(1, True, []), (1, False, [])]
    assert await export_levels(settings) == STANDARD
    assert (await import_levels(settings, a_file(tmp_path, OFFICE))).version == 2
    async with database.snapshot() as tx:
        assert [(one.why, one.by) for one in await tx.levels.versions(5)] == [("imported from ours.yaml", None)] * 2


async def test_a_file_with_mistakes_changes_nothing(tmp_path: Path, settings: Settings, database: Database) -> None:
    with pytest.raises(LevelsWrong, match="line 1: the document knows no 'policy'"):
        await import_levels(settings, a_file(tmp_path, "policy: []\n"))
    (tmp_path / "ours.yaml").write_bytes("a: b\n# 窓口\n".encode("cp932"))
    with pytest.raises(LevelsWrong, match="line 2: this is no UTF-8"):
        await import_levels(settings, tmp_path / "ours.yaml")
    async with database.snapshot() as tx:
        assert await tx.levels.current() is None


async def test_what_may_be_meant_otherwise_is_remarked(tmp_path: Path, settings: Settings, database: Database) -> None:
    await a_queue(database)
    await a_queue(database, "returns")
    await an_agent(database, "Emma", Role.SUPERVISOR)
    text = (
        OFFICE + "policies:\n- {name: one, queues: returns, tell: EMMA}\n- {name: two, tags: x, tell: workspace:emma}\n"
    )
    laid = await import_levels(settings, a_file(tmp_path, text))
    assert laid.remarks == ["No policy fits every inquiry of support: nothing is promised to the others."]
    laid = await import_levels(settings, a_file(tmp_path, STANDARD + "- {name: late, tags: x}\n- {name: later}\n"))
    assert laid.remarks == ["late and later will never be used: standard, which stands before, fits every inquiry."]


async def test_a_preview_says_when_a_mail_would_be_due(tmp_path: Path, settings: Settings, database: Database) -> None:
    await a_queue(database)
    rules = "policies:\n- {name: night, tags: 緊急, first_response: 30m, urgent: yes}\n- {name: no, languages: ja}\n"
    await import_levels(
        settings, a_file(tmp_path, OFFICE + rules + "- {name: standard, queues: support, resolution: 30m}\n")
    )
    head = "Friday 17 July 2026, support: policy {}, {} (Asia/Tokyo)"
    assert await preview_levels(settings, Asked(FRIDAY)) == [
        head.format("standard", "in the hours of office"),
        "Resolution (30m): a mail at 17:35 on Friday is due Tuesday 09:05.",
    ]
    assert await preview_levels(settings, Asked(FRIDAY, "support", ("緊急",))) == [
        head.format("night", "day and night"),
        "First response (30m): a mail at 17:35 on Friday is due Friday 18:05.",
    ]
    assert (await preview_levels(settings, Asked(FRIDAY, language="JA")))[1] == "It promises nothing."
    with pytest.raises(ValueError, match="There is no queue 'returns': write support"):
        await preview_levels(settings, Asked(FRIDAY, "returns"))
    with pytest.raises(ValueError, match="'soon' is no time: write it as 'fri 17:35'"):
        await preview_levels(settings, Asked("soon"))
    await a_queue(database, "returns")
    told = await preview_levels(settings, Asked(FRIDAY, "returns"))
    assert told == ["No policy fits such an inquiry of returns: nothing is promised."]


def test_a_day_is_told_with_its_date_once_its_name_does_not_say_which() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    at = datetime(2026, 12, 25, 17, 35, tzinfo=tokyo)
    told = [sentence(due, at) for due in (at.replace(day=31), at.replace(year=2027, month=1, day=4, hour=9))]
    assert told == [
        "a mail at 17:35 on Friday is due Thursday 17:35",
        "a mail at 17:35 on Friday is due Monday 4 January 2027 09:35",
    ]


async def test_a_new_desk_begins_with_levels_and_never_gets_them_again(
    tmp_path: Path, settings: Settings, database: Database
) -> None:
    await opened_and_closed(settings)
    async with database.snapshot() as tx:
        [first] = await tx.levels.versions(5)
    assert (first.version, first.by, first.why) == (1, None, STARTER_SET)
    assert first.body == starter_levels("en", "Asia/Tokyo")
    await import_levels(settings, a_file(tmp_path, STANDARD))
    await opened_and_closed(settings)
    assert await export_levels(settings) == STANDARD
