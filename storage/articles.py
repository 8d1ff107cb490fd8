"""The articles, with all their versions."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from bot.domain.agent import Agent, Role
from bot.domain.article import Article, ArticleKind, ArticleState, ArticleVersion, Wording
from bot.domain.errors import Conflict
from bot.notices import review_number
from bot.ports import TextKind
from storage.reviewing import due, remind
from storage.search import SearchTable
from storage.session import Session
from storage.tables import agent, article, article_version

_AGENT = (agent.c.name.label("by_name"), agent.c.role, agent.c.language.label("spoken"), agent.c.time_zone)
_approved = article_version.alias("approved")
_SHOWN = tuple(_approved.c[name].label(f"approved_{name}") for name in ("question", "words", "situation"))
_is_pending = article.c.approved_version < article.c.version
_ARTICLES = (
    sa.select(article, *_SHOWN, *_AGENT)
    .outerjoin(agent, agent.c.id == article.c.owner_id)
    .outerjoin(
        _approved, (_approved.c.article_id == article.c.id) & (_approved.c.version == article.c.approved_version)
    )
)
_IN_STATE = {
    ArticleState.DRAFT: article.c.retired.is_(False) & (article.c.approved_version == 0),
    ArticleState.APPROVED: article.c.retired.is_(False) & (article.c.approved_version > 0),
    ArticleState.RETIRED: article.c.retired,
}
_VERSIONS = (
    sa.select(article_version, *_AGENT)
    .outerjoin(agent, agent.c.id == article_version.c.agent_id)
    .where(article_version.c.article_id == sa.bindparam("of"))
    .order_by(article_version.c.version.desc())
)


class ArticleTable:
    """`bot.ports.Articles` in SQL. What is approved is found through the full-text index."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, given: Article, by: Agent | None, at: datetime, number: int | None = None, /) -> Article:
        row = _columns(given) | {"version": 1, "advice_id": given.advice, "number": number, "uses": 0}
        try:
            [id_] = await self._session.insert_numbered(article, [row])
        except IntegrityError as error:
            raise Conflict(f"there is an article of advice {given.advice} already") from error
        await self._remember(id_, 1, given.latest, by, at)
        made = await self.get(id_)
        assert made is not None
        if made.shown:
            await SearchTable(self._session).changed(TextKind.ARTICLE, [id_])
        return made

    async def get(self, id_: int, /) -> Article | None:
        return next(iter(await self._found(_ARTICLES.where(article.c.id == id_))), None)

    async def of_advice(self, advice: int, /) -> Article | None:
        return next(iter(await self._found(_ARTICLES.where(article.c.advice_id == advice))), None)

    async def listed(self, state: ArticleState | None, offset: int, limit: int, /) -> tuple[list[Article], int]:
        wanted = article.c.retired.is_(False) if state is None else _IN_STATE[state]
        count = sa.select(sa.func.count()).select_from(article).where(wanted)
        pending_first = sa.case((_is_pending, 0), else_=1)
        page = _ARTICLES.where(wanted).order_by(pending_first, article.c.id.desc()).offset(offset).limit(limit)
        return await self._found(page), int((await self._session.run(count)).scalar_one())

    async def save(self, before: Article, after: Article, by: Agent | None, at: datetime, /) -> None:
        update = (
            sa.update(article)
            .where(article.c.id == before.id, article.c.version == before.version)
            .where(article.c.approved_version == before.approved_version, article.c.retired == before.retired)
            .values(**_columns(after), version=after.version)
        )
        if (await self._session.run(update)).rowcount != 1:
            raise Conflict(f"article {before.id} is not at version {before.version} any more")
        if after.version != before.version:
            await self._remember(after.id, after.version, after.latest, by, at)
        if (after.shown, after.queue, after.owner) != (before.shown, before.queue, before.owner):
            await SearchTable(self._session).changed(TextKind.ARTICLE, [after.id])

    async def versions(self, id_: int, /) -> list[ArticleVersion]:
        return [
            ArticleVersion(
                row.version, Wording(row.question, row.words, row.situation), row.at, _agent(row, row.agent_id)
            )
            for row in await self._session.run(_VERSIONS, {"of": id_})
        ]

    async def used(self, id_: int, at: datetime, /) -> None:
        last = sa.case((article.c.used_at > at, article.c.used_at), else_=at)
        update = sa.update(article).where(article.c.id == id_).values(uses=article.c.uses + 1, used_at=last)
        await self._session.run(update)

    async def remind(self, today: date, limit: int, /) -> int:
        wanted = due(article, today) & _IN_STATE[ArticleState.APPROVED]
        found = await self._found(_ARTICLES.where(wanted).order_by(article.c.review_on, article.c.id).limit(limit))
        texts = [(one.id, review_number(one.id), one.review_on, one.owner) for one in found]
        return await remind(self._session, article, texts)

    async def _found(self, query: sa.Select[Any]) -> list[Article]:
        return [_article(row) for row in await self._session.run(query)]

    async def _remember(self, id_: int, version: int, wording: Wording, by: Agent | None, at: datetime) -> None:
        row = {"article_id": id_, "version": version, "at": at, "agent_id": by.id if by else None}
        await self._session.insert(article_version, [row | _worded(wording)])


def _columns(one: Article) -> dict[str, Any]:
    """The columns that a change can touch, without the version."""
    return _worded(one.latest) | {
        "kind": one.kind.value,
        "language": one.language,
        "approved_version": one.approved_version,
        "retired": one.retired,
        "queue": one.queue,
        "owner_id": one.owner.id if one.owner else None,
        "review_on": one.review_on,
    }


def _worded(wording: Wording) -> dict[str, str]:
    return {"question": wording.question, "situation": wording.situation, "words": wording.words}


def _article(row: Any) -> Article:
    is_approved = row.approved_version > 0 and row.approved_words is not None
    shown = Wording(row.approved_question, row.approved_words, row.approved_situation) if is_approved else None
    return Article(
        id=row.id,
        kind=ArticleKind(row.kind),
        language=row.language,
        latest=Wording(row.question, row.words, row.situation),
        version=row.version,
        approved=shown,
        approved_version=row.approved_version,
        retired=row.retired,
        queue=row.queue,
        owner=_agent(row, row.owner_id),
        review_on=row.review_on,
        advice=row.advice_id,
        uses=row.uses,
        used_at=row.used_at,
    )


def _agent(row: Any, id_: int | None) -> Agent | None:
    if id_ is None:
        return None
    return Agent(id_, row.by_name, Role(row.role) if row.role else None, row.spoken, row.time_zone)
