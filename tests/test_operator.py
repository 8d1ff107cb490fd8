"""What the operator asks by the command line: mails, the outbox, and templates from and into files."""

import asyncio
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.app import App, system_clock
from bot.domain.template import Draft, Template
from bot.operator import export_templates, import_templates, mails
from bot.ports import Handle, Outcome, Put
from bot.settings import Settings
from bot.starters import STARTER_SET, starters
from bot.template_files import FilesWrong
from storage.database import Database
from tests.builders import a_message, a_queue, an_agent, opened, stored_mails
from tests.support.clock import MORNING

FORMS = pytest.mark.parametrize("target", ["templates.csv", "templates"])
LATE = Draft("late-delivery", "en", "Late", "Dear {customer_name},\n\nsorry.")


def desk_of(folder: Path, database_url: str, **more: object) -> Settings:
    """Settings of a desk with its sample people."""
    given: dict[str, object] = {
        "database_url": database_url,
        "data_folder": folder,
        "http_port": 0,
        "spool_folders": (("support", str(folder / "spool")),),
    }
    return Settings(_env_file=None, **{**given, **more})  # type: ignore[arg-type]


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings of a desk with its sample people, on either database."""
    return desk_of(tmp_path, database_url)


async def a_template(database: Database, draft: Draft) -> Template:
    """A template in the store."""
    async with database.transaction() as tx:
        return await tx.templates.add(draft.checked(), None, MORNING)


async def templates(database: Database) -> list[Template]:
    async with database.snapshot() as tx:
        return await tx.templates.listed(None, None, True)


def markdown(folder: Path, draft: Draft, **more: str) -> None:
    """A Markdown file of a template, with more lines in its front matter."""
    folder.mkdir(exist_ok=True)
    lines = [f"name: {draft.name}", f"language: {draft.language}", f"title: {draft.title}"]
    lines += [f"{name}: {value}" for name, value in more.items()]
    (folder / f"{draft.name}.{draft.language}.md").write_text("\n".join(["---", *lines, "---", draft.body]))


# --- mails --------------------------------------------------------------------------------------------------


async def test_mails_are_listed_with_what_became_of_them(settings: Settings, database: Database) -> None:
    await a_queue(database)
    robot, unread = await stored_mails(database, 2)
    (inquiry,) = await opened(database)
    async with database.transaction() as tx:
        await tx.mails.settle(
            {robot: (Outcome.ROBOT, None), unread + 1: (Outcome.OPENED, inquiry.number)},
            {robot: a_message(subject="Out of office", is_auto=True), unread + 1: a_message()},
        )

    rows = [line.split("\t") for line in await mails(settings, None, 50)]
    assert [(row[0], *row[2:]) for row in rows] == [
        (str(unread + 1), "opened", f"#{inquiry.number}", "ito@example.com", "The parcel is late"),
        (str(unread), "unread", "-", "", ""),
        (str(robot), "robot", "-", "ito@example.com", "Out of office"),
    ]
    assert [line.split("\t")[0] for line in await mails(settings, "robot", 50)] == [str(robot)]
    assert len(await mails(settings, None, 1)) == 1


# --- templates ----------------------------------------------------------------------------------------------


@FORMS
async def test_what_is_exported_comes_back_into_an_empty_desk(
    tmp_path: Path, settings: Settings, database: Database, empty_url: str, target: str
) -> None:
    await a_queue(database)
    hana, ken = await an_agent(database), await an_agent(database, "Ken")
    kept = [
        LATE,
        Draft("late-delivery", "ja", "=1+1", "@髙橋 様\n---\n'“お詫び” 👍🏽", "support", hana, date(2027, 4, 1)),
        Draft("late-delivery", "en", "Late", "For this queue", "support", ken, None, retired=True),
    ]
    for draft in kept:
        await a_template(database, draft)
    assert await export_templates(settings, tmp_path / target) == 3
    assert (await import_templates(settings, tmp_path / target)).put == Put(same=3)

    other_settings, other = desk_of(tmp_path, empty_url), Database(empty_url, system_clock)
    try:
        with pytest.raises(FilesWrong, match="nobody of the team is called 'workspace:hana'"):
            await import_templates(other_settings, tmp_path / target)
        await a_queue(other)
        await an_agent(other, "Ken")
        await an_agent(other)
        assert (await import_templates(other_settings, tmp_path / target)).put == Put(added=3)
        assert [told(one) for one in await templates(other)] == [told(one) for one in await templates(database)]
    finally:
        await other.close()


def told(template: Template) -> tuple[object, ...]:
    """What a template is, on whatever desk."""
    owner = template.owner.name if template.owner else ""
    return *template.draft.key, template.title, template.body, owner, template.review_on, template.retired


async def test_an_import_adds_what_is_new_changes_what_differs_and_leaves_the_rest(
    tmp_path: Path, settings: Settings, database: Database
) -> None:
    changed = await a_template(database, LATE)
    same = await a_template(database, Draft("hello", "en", "Hello", "Hello."))
    other = await a_template(database, Draft("bye", "en", "Bye", "Good-bye."))
    folder = tmp_path / "ours"
    markdown(folder, Draft("hello", "en", "Hello", "Hello."))
    markdown(folder, Draft("late-delivery", "en", "Late", "So sorry."))
    markdown(folder, Draft("late-delivery", "ja", "遅延", "お詫び"))

    assert (await import_templates(settings, folder)).put == Put(added=1, changed=1, same=1)
    async with database.snapshot() as tx:
        newest, first = await tx.templates.versions(changed.id)
        assert (newest.version, newest.body, newest.why, newest.agent) == (2, "So sorry.", "imported from ours", None)
        assert first.body == LATE.body
        assert await tx.templates.get(same.id) == same
        assert await tx.templates.get(other.id) == other
    assert (await import_templates(settings, folder)).put == Put(same=3)


async def test_nothing_is_changed_when_one_line_is_wrong_and_every_wrong_line_is_told(
    tmp_path: Path, settings: Settings, database: Database
) -> None:
    there = await a_template(database, LATE)
    folder = tmp_path / "ours"
    markdown(folder, Draft("hello", "en", "Hello", "Hello."))
    markdown(folder, Draft("late-delivery", "en", "Late", "So sorry."), owner="nobody")
    markdown(folder, Draft("list", "en", "Hello", "Hello."), queue="nowhere", language="??")
    with pytest.raises(FilesWrong) as caught:
        await import_templates(settings, folder)
    places = [str(one).removeprefix(f"{folder}/").partition(": ")[0] for one in caught.value.problems]
    assert places == ["late-delivery.en.md:5", "list.en.md:2", "list.en.md:5", "list.en.md:6"]
    assert "template." not in str(caught.value)
    assert await templates(database) == [there]


async def test_an_owner_who_left_stays_the_owner(tmp_path: Path, settings: Settings, database: Database) -> None:
    hana = await an_agent(database)
    await a_template(database, Draft("hello", "en", "Hello", "Hello.", owner=hana))
    async with database.transaction() as tx:
        await tx.agents.enrol(Handle("workspace", "hana"), "Hana", None, "en", "UTC")
    assert await export_templates(settings, tmp_path / "all.csv") == 1
    assert (await import_templates(settings, tmp_path / "all.csv")).put == Put(same=1)
    markdown(tmp_path / "ours", LATE, owner="Hana")
    with pytest.raises(FilesWrong, match="nobody of the team is called 'Hana'"):
        await import_templates(settings, tmp_path / "ours")


async def test_two_of_one_name_are_told_apart_by_their_handles(
    tmp_path: Path, settings: Settings, database: Database
) -> None:
    await an_agent(database)
    other = await an_agent(database, "hana", platform="slack")
    markdown(tmp_path / "ours", LATE, owner="Hana")
    with pytest.raises(FilesWrong, match="several people are called 'Hana'"):
        await import_templates(settings, tmp_path / "ours")
    markdown(tmp_path / "ours", LATE, owner="slack:hana")
    await import_templates(settings, tmp_path / "ours")
    assert [one.owner for one in await templates(database)] == [other]


async def test_what_may_be_meant_otherwise_is_remarked(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "one.csv"
    path.write_bytes("name,language,title,body\na,ja,件名,{ 名前 } 様\n".encode("cp932"))
    imported = await import_templates(settings, path)
    assert imported.put == Put(added=1)
    assert [one.partition(": ")[0] for one in imported.remarks] == [str(path), f"{path}:2"]


# --- the starter set ----------------------------------------------------------------------------------------


async def opened_and_closed(settings: Settings) -> None:
    """The desk, opened and closed again."""
    app = App(settings)
    stop = asyncio.Event()
    await app.run(stop, stop.set)


async def test_a_new_desk_begins_with_the_starter_set_and_never_gets_it_again(
    settings: Settings, database: Database
) -> None:
    await opened_and_closed(settings)
    assert {one.draft.key for one in await templates(database)} == {one.key for one in starters()}
    first = (await templates(database))[0]
    async with database.transaction() as tx:
        assert [one.why for one in await tx.templates.versions(first.id)] == [STARTER_SET]
        await tx.templates.change(first, replace(first.draft, title="Ours", retired=True), None, MORNING, "")
    before = await templates(database)
    await opened_and_closed(settings)
    assert await templates(database) == before


async def test_a_desk_with_a_template_of_its_own_gets_no_starter_set(settings: Settings, database: Database) -> None:
    there = await a_template(database, replace(LATE, retired=True))
    await opened_and_closed(settings)
    assert await templates(database) == [there]
