"""The articles in the store: versions, approval, lists, races, the index, and reminders that are said once."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from bot.domain.agent import Agent, Role
from bot.domain.article import Article, ArticleKind, ArticleState, Wording
from bot.domain.errors import Conflict
from bot.domain.template import Draft
from bot.notices import NoticeKind
from storage.database import Database
from storage.tables import advice, article, outbox, reindex
from tests.builders import an_agent, an_article
from tests.storage.texts import indexed, refs
from tests.support.clock import MORNING

TODAY = date(2026, 4, 1)
DUE = date(2027, 4, 1)
HOSTILE = "'; DROP TABLE article; -- %s {0.__class__} <b>&amp;</b> \\ \" 😀 _%"
OTHER = Wording("May they send it back?", "Within 60 days, yes.", "After a gift.")


@pytest.fixture
async def emma(database: Database) -> Agent:
    return await an_agent(database, "Emma", Role.SUPERVISOR)


async def kept(database: Database, *drafts: Article, by: Agent | None = None) -> list[Article]:
    async with database.transaction() as tx:
        return [await tx.articles.add(one, by, MORNING) for one in drafts]


async def saved(database: Database, before: Article, after: Article, by: Agent | None = None) -> Article:
    async with database.transaction() as tx:
        await tx.articles.save(before, after, by, MORNING + timedelta(hours=1))
        now = await tx.articles.get(before.id)
    assert now
    return now


async def changed(database: Database) -> list[tuple[str, int]]:
    """What the index was told since the last time."""
    async with database.transaction() as tx:
        rows = [(row.kind, row.ref) for row in await tx.session.run(sa.select(reindex))]
        await tx.session.run(sa.delete(reindex))
    return rows


async def test_an_article_comes_back_as_it_was(database: Database, hana: Agent) -> None:
    draft = an_article(HOSTILE, words=HOSTILE, situation=HOSTILE, kind=ArticleKind.FAILURE, queue="returns", owner=hana)
    [one] = await kept(database, draft, by=hana)
    assert one == replace(draft, id=one.id)
    async with database.snapshot() as tx:
        assert await tx.articles.get(one.id) == one
        assert await tx.articles.get(one.id + 1) is None
        [version] = await tx.articles.versions(one.id)
    assert (version.version, version.wording, version.at, version.agent) == (1, draft.latest, MORNING, hana)


async def test_an_edit_takes_nothing_away_until_it_is_approved(database: Database, hana: Agent, emma: Agent) -> None:
    [draft] = await kept(database, an_article(owner=hana), by=hana)
    assert await changed(database) == []
    approved = await saved(database, draft, draft.approve(TODAY), emma)
    assert await changed(database) == [("article", draft.id)]
    edited = await saved(database, approved, approved.edit(OTHER, hana, TODAY), hana)
    assert await changed(database) == []
    assert (edited.version, edited.latest, edited.approved, edited.approved_version) == (2, OTHER, draft.latest, 1)
    assert (edited.is_pending, edited.shown, edited.review_on) == (True, draft.latest, DUE)
    second = await saved(database, edited, edited.approve(TODAY), emma)
    assert second.shown == OTHER
    assert await changed(database) == [("article", draft.id)]
    async with database.snapshot() as tx:
        versions = await tx.articles.versions(draft.id)
    assert [(each.version, each.wording, each.agent) for each in versions] == [
        (2, OTHER, hana),
        (1, draft.latest, hana),
    ]


async def test_of_two_who_change_the_same_version_one_wins(database: Database, hana: Agent, emma: Agent) -> None:
    [one] = await kept(database, an_article(owner=hana))
    edits = [one.edit(replace(OTHER, words=f"{n}"), hana, TODAY) for n in range(4)]
    results = await asyncio.gather(*(saved(database, one, each, hana) for each in edits), return_exceptions=True)
    assert sum(isinstance(each, Conflict) for each in results) == 3
    async with database.snapshot() as tx:
        assert len(await tx.articles.versions(one.id)) == 2
    with pytest.raises(Conflict):
        await saved(database, one, one.approve(TODAY), emma)


async def test_what_was_retired_meanwhile_is_not_approved(database: Database, emma: Agent) -> None:
    [one] = await kept(database, an_article())
    await saved(database, one, one.retire(), emma)
    with pytest.raises(Conflict):
        await saved(database, one, one.approve(TODAY), emma)


async def test_a_piece_of_advice_becomes_one_article(database: Database, hana: Agent, emma: Agent) -> None:
    async with database.transaction() as tx:
        row = {"to_id": hana.id, "sender_id": emma.id, "text": "Within 30 days.", "at": MORNING}
        [piece] = await tx.session.insert_numbered(advice, [row])
        assert await tx.articles.of_advice(piece) is None
    [one] = await kept(database, an_article(advice=piece, owner=emma))
    async with database.snapshot() as tx:
        assert await tx.articles.of_advice(piece) == one
    with pytest.raises(Conflict):
        await kept(database, an_article("Again?", advice=piece))


async def test_what_waits_for_approval_is_listed_first(database: Database, hana: Agent) -> None:
    made = await kept(database, *(an_article(f"Question {n}?", owner=hana) for n in range(5)))
    first = await saved(database, made[0], made[0].approve(TODAY))
    pending = await saved(database, first, first.edit(OTHER, hana, TODAY))
    await saved(database, made[3], made[3].approve(TODAY))
    await saved(database, made[4], made[4].retire())
    async with database.snapshot() as tx:
        every, count = await tx.articles.listed(None, 0, 10)
        page, _ = await tx.articles.listed(None, 1, 2)
        counts = [(await tx.articles.listed(state, 0, 10))[1] for state in ArticleState]
    assert ([one.id for one in every], count) == ([made[n].id for n in (2, 1, 0, 3)], 4)
    assert [one.id for one in page] == [made[1].id, made[0].id]
    assert (every[2] == pending, counts) == (True, [2, 2, 1])


async def test_only_what_is_approved_is_found(database: Database, hana: Agent) -> None:
    draft, other = await kept(database, an_article("返品の送料", words="着払いです"), an_article("返品の期限"))
    await indexed(database)
    assert await refs(database, "返品") == []
    shown = await saved(database, draft, draft.approve(TODAY))
    await indexed(database)
    assert await refs(database, "返品") == [draft.id]
    pending = await saved(database, shown, shown.edit(replace(OTHER, words="元払いです"), hana, TODAY))
    await indexed(database)
    assert (pending.is_pending, await refs(database, "着払い"), await refs(database, "元払い")) == (
        True,
        [draft.id],
        [],
    )
    retired = await saved(database, pending, pending.retire())
    await indexed(database)
    assert await refs(database, "払い") == []
    await saved(database, retired, retired.restore())
    await indexed(database)
    assert await refs(database, "払い") == [draft.id]
    assert other.shown is None


async def test_uses_are_counted_and_the_last_is_kept(database: Database) -> None:
    [one] = await kept(database, an_article())
    async with database.transaction() as tx:
        await tx.articles.used(one.id, MORNING + timedelta(minutes=2))
        await tx.articles.used(one.id, MORNING)
        now = await tx.articles.get(one.id)
    assert now
    assert (now.uses, now.used_at, now.version) == (2, MORNING + timedelta(minutes=2), 1)


async def reminders(database: Database) -> list[tuple[int, int, int | None]]:
    async with database.transaction() as tx:
        query = sa.select(outbox.c.number, outbox.c.version, outbox.c.agent_id).where(
            outbox.c.kind == NoticeKind.REVIEW
        )
        return [tuple(row) for row in await tx.session.run(query.order_by(outbox.c.id))]


async def remind(database: Database, on: date, limit: int = 100) -> int:
    async with database.transaction() as tx:
        return await tx.articles.remind(on, limit)


async def test_an_owner_is_reminded_once_a_date_and_never_of_a_template(
    database: Database, hana: Agent, emma: Agent
) -> None:
    theirs, nobodys, draft = await kept(database, *(an_article(f"{n}?", owner=hana) for n in range(3)))
    async with database.transaction() as tx:
        late = Draft("late", "en", "Late", "Sorry.", owner=hana, review_on=DUE)
        template = await tx.templates.add(late, hana, MORNING)
        assert template.id == theirs.id
    await saved(database, theirs, theirs.approve(TODAY))
    await saved(database, nobodys, replace(nobodys.approve(TODAY), owner=None))
    assert await remind(database, DUE - timedelta(days=1)) == 0
    assert await remind(database, DUE, limit=1) == 1
    assert await remind(database, DUE) == 1
    assert await remind(database, DUE) == 0
    async with database.transaction() as tx:
        assert await tx.templates.remind(DUE) == 1
    day = DUE.toordinal()
    assert await reminders(database) == [
        (-theirs.id, day, hana.id),
        (-nobodys.id, day, emma.id),
        (template.id, day, hana.id),
    ]
    assert draft.review_on is None


async def test_a_new_date_is_told_anew_and_what_is_retired_never(database: Database, hana: Agent) -> None:
    one, gone = await kept(database, an_article(owner=hana), an_article(owner=hana))
    shown = await saved(database, one, one.approve(TODAY))
    await saved(database, gone, gone.approve(TODAY).retire())
    assert await remind(database, DUE) == 1
    await saved(database, shown, replace(shown, review_on=DUE + timedelta(days=9)))
    assert await remind(database, DUE + timedelta(days=8)) == 0
    assert await remind(database, DUE + timedelta(days=9)) == 1
    async with database.snapshot() as tx:
        told = (await tx.session.run(sa.select(article.c.reminded_on).where(article.c.id == gone.id))).scalar_one()
    assert told is None
