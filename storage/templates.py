"""The templates, with all their versions."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from bot.domain.agent import Agent, Role
from bot.domain.errors import Conflict
from bot.domain.folding import folded
from bot.domain.template import Draft, Template, TemplateVersion, best
from bot.ports import Put, TextKind
from storage.reviewing import due, remind
from storage.search import SearchTable
from storage.session import Session
from storage.tables import agent, template, template_version

_AGENT = (agent.c.name.label("by_name"), agent.c.role, agent.c.language.label("spoken"), agent.c.time_zone)
_TEMPLATES = (
    sa.select(template, *_AGENT)
    .outerjoin(agent, agent.c.id == template.c.owner_id)
    .order_by(template.c.retired, template.c.name, template.c.queue, template.c.language)
)
_VERSIONS = (
    sa.select(template_version, *_AGENT)
    .outerjoin(agent, agent.c.id == template_version.c.agent_id)
    .where(template_version.c.template_id == sa.bindparam("of"))
    .order_by(template_version.c.version.desc())
)


class TemplateTable:
    """`bot.ports.Templates` in SQL. A team has hundreds of templates: they are compared with what is typed one by one.

    Their texts are found by `/find` as well, through the full-text index.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, id_: int, /) -> Template | None:
        return next(iter(await self._found(template.c.id == id_)), None)

    async def by_name(self, name: str, queue: str, language: str, /) -> Template | None:
        return best(await self.variants(name), queue, language)

    async def variants(self, name: str, /) -> list[Template]:
        return await self._found(template.c.name == name)

    async def listed(
        self, queue: str | None = None, language: str | None = None, retired: bool = False, /
    ) -> list[Template]:
        wanted: list[sa.ColumnElement[bool]] = []
        wanted += [template.c.queue.in_(("", queue))] if queue is not None else []
        wanted += [template.c.language == language] if language is not None else []
        wanted += [] if retired else [template.c.retired.is_(False)]
        found = await self._found(*wanted)
        return sorted(found, key=lambda one: (one.name, one.queue, one.language))

    async def matching(self, typed: str, limit: int, /) -> list[Template]:
        plain = folded(typed).strip()
        ranked = [(_rank(one, plain), one) for one in await self._found(template.c.retired.is_(False))]
        fitting = [(rank, one) for rank, one in ranked if rank is not None]
        fitting.sort(key=lambda each: (each[0], -each[1].uses, each[1].name, each[1].queue, each[1].language))
        return [one for _, one in fitting[:limit]]

    async def add(self, draft: Draft, by: Agent | None, at: datetime, why: str = "", /) -> Template:
        [made] = await self._added([draft], by, at, why)
        return made

    async def change(self, before: Template, draft: Draft, by: Agent | None, at: datetime, why: str, /) -> Template:
        after = replace(
            before,
            title=draft.title,
            body=draft.body,
            owner=draft.owner,
            review_on=draft.review_on,
            retired=draft.retired,
            version=before.version + 1,
        )
        update = (
            sa.update(template)
            .where(template.c.id == before.id, template.c.version == before.version)
            .values(**_columns(after.draft), version=after.version)
        )
        if (await self._session.run(update)).rowcount != 1:
            raise Conflict(f"template {before.id} is not at version {before.version} any more")
        await self._remember([after], by, at, why)
        return after

    async def versions(self, id_: int, /) -> list[TemplateVersion]:
        return [
            TemplateVersion(row.version, row.title, row.body, row.at, _agent(row, row.agent_id), row.why)
            for row in await self._session.run(_VERSIONS, {"of": id_})
        ]

    async def used(self, id_: int, at: datetime, /) -> None:
        update = sa.update(template).where(template.c.id == id_).values(uses=template.c.uses + 1, used_at=at)
        await self._session.run(update)

    async def put(self, drafts: Sequence[Draft], by: Agent | None, at: datetime, why: str, /) -> Put:
        wanted = {draft.key: draft for draft in drafts}
        there = {one.draft.key: one for one in await self._found() if one.draft.key in wanted}
        differing = [one for key, one in there.items() if one.draft != wanted[key]]
        await self._added([draft for key, draft in wanted.items() if key not in there], by, at, why)
        for one in differing:
            await self.change(one, wanted[one.draft.key], by, at, why)
        return Put(len(wanted) - len(there), len(differing), len(there) - len(differing))

    async def remind(self, today: date, /) -> int:
        found = await self._found(due(template, today), template.c.retired.is_(False))
        return await remind(self._session, template, [(one.id, one.id, one.review_on, one.owner) for one in found])

    async def is_empty(self) -> bool:
        return (await self._session.run(sa.select(template.c.id).limit(1))).first() is None

    async def _found(self, *wanted: sa.ColumnElement[bool]) -> list[Template]:
        return [_template(row) for row in await self._session.run(_TEMPLATES.where(*wanted))]

    async def _added(self, drafts: Sequence[Draft], by: Agent | None, at: datetime, why: str) -> list[Template]:
        keys = [dict(zip(("name", "queue", "language"), draft.key, strict=True)) for draft in drafts]
        rows = [_columns(draft) | key | {"version": 1, "uses": 0} for draft, key in zip(drafts, keys, strict=True)]
        try:
            ids = await self._session.insert_numbered(template, rows)
        except IntegrityError as error:
            raise Conflict("a template was made by another process") from error
        made = [
            Template(
                id_,
                key["name"],
                key["queue"],
                key["language"],
                draft.title,
                draft.body,
                owner=draft.owner,
                review_on=draft.review_on,
                retired=draft.retired,
            )
            for id_, key, draft in zip(ids, keys, drafts, strict=True)
        ]
        await self._remember(made, by, at, why)
        return made

    async def _remember(self, now: Sequence[Template], by: Agent | None, at: datetime, why: str) -> None:
        said = {"at": at, "agent_id": by.id if by else None, "why": why}
        rows = [
            {"template_id": one.id, "version": one.version, "title": one.title, "body": one.body, **said} for one in now
        ]
        await self._session.insert(template_version, rows)
        if now:
            await SearchTable(self._session).changed(TextKind.TEMPLATE, [one.id for one in now])


def _columns(draft: Draft) -> dict[str, Any]:
    """The columns that a change can touch."""
    return {
        "title": draft.title,
        "body": draft.body,
        "owner_id": draft.owner.id if draft.owner else None,
        "review_on": draft.review_on,
        "retired": draft.retired,
    }


def _template(row: Any) -> Template:
    return Template(
        id=row.id,
        name=row.name,
        queue=row.queue,
        language=row.language,
        title=row.title,
        body=row.body,
        version=row.version,
        owner=_agent(row, row.owner_id),
        review_on=row.review_on,
        retired=row.retired,
        uses=row.uses,
        used_at=row.used_at,
    )


def _agent(row: Any, id_: int | None) -> Agent | None:
    if id_ is None:
        return None
    return Agent(id_, row.by_name, Role(row.role) if row.role else None, row.spoken, row.time_zone)


def _rank(one: Template, plain: str) -> int | None:
    """How well a template fits what was typed, folded: 0 best; None not at all."""
    name, title, body = _fold(one.name), _fold(one.title), _fold(one.body)
    words = plain.split()
    if not all(word in name or word in title or word in body for word in words):
        return None
    tests: Iterable[bool] = (
        name == plain,
        name.startswith(plain),
        all(word in name for word in words),
        all(word in name or word in title for word in words),
    )
    return next((rank for rank, fits in enumerate(tests) if fits), 4)


@lru_cache(maxsize=10_000)
def _fold(text: str) -> str:
    return folded(text)
