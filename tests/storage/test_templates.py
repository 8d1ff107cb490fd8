"""The templates in the store: variants, versions, finding, races, and reminders that are said once."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.domain.agent import Agent, Role
from bot.domain.errors import Conflict
from bot.domain.template import Draft, Template
from bot.notices import NoticeKind
from bot.ports import Put
from storage.database import Database
from storage.tables import outbox, reindex, template
from tests.builders import an_agent
from tests.support.clock import MORNING

TODAY = date(2026, 4, 1)
HOSTILE = "'; DROP TABLE template; -- %s {0.__class__} <b>&amp;</b> \\ \" 😀 _%"


def a_draft(**fields: Any) -> Draft:
    defaults: dict[str, Any] = {"name": "late", "language": "en", "title": "Late delivery", "body": "We are sorry."}
    return Draft(**{**defaults, **fields})


async def added(database: Database, *drafts: Draft, by: Agent | None = None) -> list[Template]:
    async with database.transaction() as tx:
        return [await tx.templates.add(one, by, MORNING, "new") for one in drafts]


async def test_a_template_comes_back_as_it_was(database: Database, hana: Agent) -> None:
    draft = a_draft(queue="returns", body=HOSTILE, title=HOSTILE, owner=hana, review_on=TODAY)
    [one] = await added(database, draft, by=hana)
    async with database.snapshot() as tx:
        assert await tx.templates.get(one.id) == one
        assert one.draft == draft
        [version] = await tx.templates.versions(one.id)
        assert await tx.templates.get(one.id + 1) is None
    assert (version.version, version.body, version.agent, version.why) == (1, HOSTILE, hana, "new")
    assert version.at == MORNING


async def test_there_is_one_for_each_name_queue_and_language(database: Database) -> None:
    await added(database, a_draft(), a_draft(queue="returns"), a_draft(language="ja"))
    with pytest.raises(Conflict):
        await added(database, a_draft(title="Another"))


async def test_the_variant_for_a_queue_and_a_language(database: Database) -> None:
    await added(database, a_draft(), a_draft(queue="returns", language="ja"), a_draft(name="other"))
    async with database.snapshot() as tx:
        found = await tx.templates.by_name("late", "returns", "ja")
        assert found
        assert found.queue == "returns"
        assert await tx.templates.by_name("latest", "", "en") is None
        assert [one.language for one in await tx.templates.variants("late")] == ["en", "ja"]
        assert [one.name for one in await tx.templates.listed("returns", "ja")] == ["late"]
        assert [one.name for one in await tx.templates.listed("support")] == ["late", "other"]
        assert len(await tx.templates.listed()) == 3


async def test_every_change_makes_a_version_and_is_indexed(database: Database, hana: Agent) -> None:
    [one] = await added(database, a_draft())
    async with database.transaction() as tx:
        await tx.session.run(sa.delete(reindex))
        after = await tx.templates.change(one, replace(one.draft, body="Sorry!"), hana, MORNING, "shorter")
        rows = [(row.kind, row.ref) for row in await tx.session.run(sa.select(reindex))]
        versions = await tx.templates.versions(one.id)
        assert await tx.templates.get(one.id) == after
    assert rows == [("template", one.id)]
    assert [(each.version, each.body, each.why) for each in versions] == [
        (2, "Sorry!", "shorter"),
        (1, "We are sorry.", "new"),
    ]
    assert versions[0].agent == hana


async def test_of_two_who_change_the_same_version_one_wins(database: Database, hana: Agent) -> None:
    [one] = await added(database, a_draft())

    async def change(body: str) -> bool:
        try:
            async with database.transaction() as tx:
                await tx.templates.change(one, replace(one.draft, body=body), hana, MORNING, "")
        except Conflict:
            return False
        return True

    assert sorted(await asyncio.gather(*(change(body) for body in "abcdef"))) == [False] * 5 + [True]
    async with database.snapshot() as tx:
        assert len(await tx.templates.versions(one.id)) == 2


async def test_of_several_who_add_the_same_one_does(database: Database) -> None:
    async def add() -> bool:
        try:
            await added(database, a_draft())
        except Conflict:
            return False
        return True

    assert sorted(await asyncio.gather(*(add() for _ in range(6)))) == [False] * 5 + [True]


async def test_retired_ones_are_found_no_more_and_can_come_back(database: Database) -> None:
    [one] = await added(database, a_draft())
    async with database.transaction() as tx:
        gone = await tx.templates.change(one, replace(one.draft, retired=True), None, MORNING, "")
        assert await tx.templates.by_name("late", "", "en") is None
        assert await tx.templates.matching("late", 5) == await tx.templates.listed() == []
        assert await tx.templates.listed(None, None, True) == [gone]
        back = await tx.templates.change(gone, replace(gone.draft, retired=False), None, MORNING, "")
        assert await tx.templates.matching("late", 5) == [back]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("late", ["late", "late-parcel", "返品"]),
        ("ＬＡＴＥ", ["late", "late-parcel", "返品"]),
        ("ﾍﾝﾋﾟﾝ", ["kana"]),
        ("返品 送料", ["返品"]),
        ("送料　late", ["返品"]),
        ("parcel", ["late-parcel"]),
        ("%", []),
        ("_", []),
        ("'; DROP TABLE template; --", []),
        ("{0.__class__}", []),
        ("nothing", []),
    ],
)
async def test_finding_by_name_title_and_body(database: Database, typed: str, names: list[str]) -> None:
    await added(
        database,
        a_draft(name="返品", language="ja", title="返品のご案内", body="送料はお客様のご負担です。late"),
        a_draft(name="late-parcel", title="A parcel"),
        a_draft(name="late", title="x", body="y"),
        a_draft(name="kana", title="へんぴん", body="y"),
    )
    async with database.snapshot() as tx:
        assert [one.name for one in await tx.templates.matching(typed, 10)] == names
        assert [one.name for one in await tx.templates.matching(typed, 1)] == names[:1]


async def test_the_most_used_ones_come_first(database: Database) -> None:
    _, second = await added(database, a_draft(name="a"), a_draft(name="b"))
    async with database.transaction() as tx:
        await tx.templates.used(second.id, MORNING)
        found = await tx.templates.matching("", 10)
    assert [(one.name, one.uses, one.used_at) for one in found] == [("b", 1, MORNING), ("a", 0, None)]
    assert found[0].version == 1


async def test_putting_in_many_at_once(database: Database, hana: Agent) -> None:
    async with database.snapshot() as tx:
        assert await tx.templates.is_empty()
    one, two = a_draft(), a_draft(name="two", owner=hana, review_on=TODAY)
    async with database.transaction() as tx:
        assert await tx.templates.put([one, two], None, MORNING, "starter set") == Put(added=2)
    async with database.transaction() as tx:
        changed = [one, replace(two, body="Other."), a_draft(name="three")]
        assert await tx.templates.put(changed, hana, MORNING, "import") == Put(added=1, changed=1, same=1)
        assert [each.name for each in await tx.templates.listed()] == ["late", "three", "two"]
        assert not await tx.templates.is_empty()


async def test_a_reminder_is_said_once_for_each_date(database: Database, hana: Agent) -> None:
    due, later = await added(
        database, a_draft(owner=hana, review_on=TODAY), a_draft(name="b", owner=hana, review_on=TODAY + timedelta(1))
    )
    assert [await reminded(database, TODAY) for _ in range(3)] == [1, 0, 0]
    assert await reminded(database, TODAY + timedelta(1)) == 1
    async with database.transaction() as tx:
        await tx.templates.change(due, replace(due.draft, review_on=TODAY + timedelta(9)), hana, MORNING, "")
    assert [await reminded(database, TODAY + timedelta(days)) for days in (8, 9, 10)] == [0, 1, 0]
    days = [TODAY, TODAY + timedelta(1), TODAY + timedelta(9)]
    assert await said(database) == [
        ("@hana", id_, day.toordinal()) for id_, day in zip((due.id, later.id, due.id), days, strict=True)
    ]


async def test_two_replicas_remind_once_between_them(database: Database, hana: Agent) -> None:
    await added(database, a_draft(owner=hana, review_on=TODAY))
    assert sorted(await asyncio.gather(*(reminded(database, TODAY) for _ in range(5)))) == [0, 0, 0, 0, 1]
    assert len(await said(database)) == 1


async def test_the_supervisors_are_reminded_of_what_has_no_owner_of_the_team(database: Database, hana: Agent) -> None:
    await added(database, a_draft(review_on=TODAY), a_draft(name="b", owner=hana, review_on=TODAY))
    async with database.transaction() as tx:
        await tx.agents.appoint(hana.id, None, (await tx.agents.handles(hana.id))[0])
    assert await reminded(database, TODAY) == 0, "nobody is there to be told: it is still to be said"
    await an_agent(database, "Emma", Role.SUPERVISOR)
    await an_agent(database, "Mia", Role.SUPERVISOR)
    assert await reminded(database, TODAY) == 2
    assert sorted({channel for channel, _, _ in await said(database)}) == ["@emma", "@mia"]
    assert len(await said(database)) == 4


async def test_retired_ones_and_those_without_a_date_need_no_review(database: Database, hana: Agent) -> None:
    await added(database, a_draft(owner=hana), a_draft(name="b", owner=hana, review_on=TODAY, retired=True))
    assert await reminded(database, TODAY) == 0


async def reminded(database: Database, today: date) -> int:
    async with database.transaction() as tx:
        return await tx.templates.remind(today)


async def said(database: Database) -> list[tuple[str, int, int]]:
    query = sa.select(outbox).where(outbox.c.kind == NoticeKind.REVIEW).order_by(outbox.c.id)
    async with database.snapshot() as tx:
        return [(row.channel, row.number, row.version) for row in await tx.session.run(query)]


async def test_a_template_is_never_deleted_by_what_is_typed(database: Database) -> None:
    [one] = await added(database, a_draft())
    async with database.transaction() as tx:
        assert await tx.templates.variants(HOSTILE) == []
        assert await tx.templates.listed(HOSTILE, HOSTILE) == []
        assert (await tx.session.run(sa.select(sa.func.count()).select_from(template))).scalar_one() == 1
        assert await tx.templates.get(one.id) == one
