"""Which texts hold the words of a query, the newest first: the one place that knows how each database looks for words.

Ids are in order of time, so that both walk from the newest on and stop when they have enough. PostgreSQL's index knows
no order: rare words are looked up in it, and sorted; for common ones the newest texts are walked through, some way.
SQLite does so for single characters, with which too many pairs begin.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from math import inf
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from bot.domain.folding import Phrase, Term
from bot.ports import Filter, TextKind
from storage.matching import fts5, marks_of, single_character, single_grams, tsquery
from storage.session import Session
from storage.tables import document
from storage.wanted import Id, inquiries_of, is_of_somebody, of_kind, of_time, of_whom

COMMON = 4_000
"""A word that PostgreSQL expects in more texts than this is looked for in the newest first."""
WALK = 8_000
"""How many of the newest are walked through before the index is asked after all; where others are left out, more."""
FURTHER = 3
SHORT_WALK = 1_000
"""The same on SQLite, where the words of each have to be read."""
FEW = 4_000
"""Inquiries of a person or a status that may be listed."""
MOST_EXPECTED = 60
_OF_NO_INQUIRY = (TextKind.TEMPLATE.value, TextKind.ARTICLE.value, TextKind.NOTE.value)

Also = Callable[[Id], sa.ColumnElement[bool]]
Narrowed = Callable[[sa.Select[Any]], sa.Select[Any]]

_index = sa.table("search_index", sa.column("rowid", sa.BigInteger()), sa.column("grams", sa.Text()))
_id = _index.c.rowid
_READ = sa.select(_id, _index.c.grams).where(sa.text("search_index MATCH :words"))


class Hits:
    """Asks the index, in one transaction."""

    def __init__(self, session: Session, common: int = COMMON, walk: int = WALK, few: int = FEW) -> None:
        self._session = session
        self._common = common
        self._walk = walk
        self._few = few

    async def newest(
        self, asked: Sequence[Term], wanted: Filter, limit: int, also: Also | None = None, may_miss: bool = False
    ) -> list[int]:
        """The ids of so many texts at most that hold all the words and are wanted, the newest first.

        `also` makes a further condition from the column of the ids. Who `may_miss` some is not kept waiting for old
        texts with common words.
        """
        is_few = await self._are_few(wanted)

        def narrowed(query: sa.Select[Any]) -> sa.Select[Any]:
            id_ = query.selected_columns[0]
            conditions = [*of_time(id_, wanted), *of_kind(id_, wanted), *of_whom(id_, wanted, is_few)]
            return query.where(*conditions, *([also(id_)] if also else [])).order_by(id_.desc())

        if not self._session.is_postgresql:
            return await self._in_fts(asked, marks_of(wanted.kinds), narrowed, limit)
        marks = marks_of(wanted.kinds)
        holds = sa.text("grams @@ CAST(:words AS tsquery)").bindparams(words=tsquery(asked, marks))
        if not marks and (await self.expected([asked]))[0] > self._common:
            if is_few:
                return await self._ids(_listed(wanted, narrowed).where(holds), limit)
            walk = self._walk * (FURTHER if also or is_of_somebody(wanted) else 1)
            walked = sa.select(_index).where(*of_time(_id, wanted)).order_by(_id.desc()).limit(walk).subquery("walked")
            ids = await self._ids(narrowed(sa.select(walked.c.rowid).where(holds)), limit)
            if len(ids) == limit or may_miss:
                return ids
        hits = sa.select(_id).where(holds).cte("hits").prefix_with("MATERIALIZED")
        return await self._ids(narrowed(sa.select(hits.c.rowid)), limit)

    async def of_each(
        self,
        queries: Sequence[Sequence[Term]],
        kinds: Collection[TextKind],
        limit: int,
        also: Also | None = None,
        about: Mapping[str, Any] = MappingProxyType({}),
        expected: Sequence[float] = (),
    ) -> list[list[int]]:
        """What `newest` says to each of these queries, where it may miss some, in one statement.

        `about` are parameters in what `also` makes, which must be a function that lasts. `expected`: in how many texts
        PostgreSQL expects each query, for kinds of which there are many.
        """
        if not queries:
            return []
        walk = self._walk * (FURTHER if also else 1)
        walks = tuple(walk if expected and expected[place] > self._common else 0 for place in range(len(queries)))
        language = tsquery if self._session.is_postgresql else fts5
        given = {f"words{place}": language(asked, marks_of(kinds)) for place, asked in enumerate(queries)}
        statement = _of_each(self._session.is_postgresql, walks, frozenset(kinds), limit, also)
        found: list[list[int]] = [[] for _ in queries]
        for row in await self._session.run(statement, {**given, **about}):
            found[row.place].append(row.rowid)
        return [sorted(ids, reverse=True) for ids in found]

    async def among(
        self, queries: Sequence[Sequence[Term]], kinds: Collection[TextKind], limit: int
    ) -> list[list[int]]:
        """The same as `of_each` for kinds of which there are few texts: it looks at all of them, where that is quicker.

        For the beginning of a word the index gathers first what any text of whatever kind holds.
        """
        if self._session.is_postgresql:
            given = {f"words{place}": tsquery(asked, []) for place, asked in enumerate(queries)}
            given["marks"] = tsquery([], marks_of(kinds))
            rows: list[Any] = list(await self._session.run(_each_of_all(len(queries)), given))
            which = [[row.rowid for row in rows if row[1 + place]] for place in range(len(queries))]
            return [sorted(ids, reverse=True)[:limit] for ids in which]
        whole = [asked for asked in queries if not _has_beginning(asked)]
        found = iter(await self.of_each(whole, kinds, limit))
        texts: list[tuple[int, str]] = []
        if len(whole) < len(queries):
            read = await self._session.run(_READ, {"words": fts5([], marks_of(kinds))})
            texts = [(row.rowid, f" {row.grams} ") for row in read]
        return [_holding(texts, asked)[:limit] if _has_beginning(asked) else next(found) for asked in queries]

    async def expected(self, queries: Sequence[Sequence[Term]]) -> list[float]:
        """In how many texts each query's rarest gram may be: so many PostgreSQL's index would have to look at."""
        grams = list(dict.fromkeys(gram for asked in queries for gram in single_grams(asked)))[:MOST_EXPECTED]
        given = {f"gram{place}": gram for place, gram in enumerate(grams)}
        each = " UNION ALL ".join(f"SELECT FROM search_index WHERE grams @@ CAST(:{name} AS tsquery)" for name in given)
        told = (await self._session.run(sa.text(f"EXPLAIN (FORMAT JSON) {each}"), given)).scalar_one()
        plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
        expected = dict(zip(grams, _rows_of_each(plan) if len(grams) > 1 else [plan["Plan Rows"]], strict=True))
        return [min(expected.get(gram, inf) for gram in single_grams(asked)) for asked in queries]

    async def _are_few(self, wanted: Filter) -> bool:
        """Whether a person or a status is asked for that has few inquiries; those of a queue are many."""
        if not wanted.status and wanted.agent is None:
            return False
        some = inquiries_of(wanted).limit(self._few + 1).subquery()
        return int((await self._session.run(sa.select(sa.func.count()).select_from(some))).scalar_one()) <= self._few

    async def _in_fts(self, asked: Sequence[Term], marks: Sequence[str], narrowed: Narrowed, limit: int) -> list[int]:
        characters = [one for term in asked if (one := single_character(term))]
        if characters and not marks:
            others = [term for term in asked if not single_character(term)]
            walked = narrowed(_matching(fts5(others, marks)) if others else sa.select(_id)).limit(SHORT_WALK)
            holds = sa.and_(
                *(sa.func.instr(sa.literal(" ").concat(_index.c.grams), f" {one}") > 0 for one in characters)
            )
            rows = (await self._session.run(walked.add_columns(holds.label("holds")))).all()
            ids = [row.rowid for row in rows if row.holds]
            if len(ids) >= limit or len(rows) < SHORT_WALK:
                return ids[:limit]
        return await self._ids(narrowed(_matching(fts5(asked, marks))), limit)

    async def _ids(self, query: sa.Select[Any], limit: int) -> list[int]:
        return list((await self._session.run(query.limit(limit))).scalars())


@cache
def _of_each(
    is_postgresql: bool, walks: Sequence[int], kinds: frozenset[TextKind], limit: int, also: Also | None
) -> sa.CompoundSelect[Any]:
    """For each of `walks` the newest texts that hold the words of its parameter, with its place, in one statement.

    It is made once: to make it takes longer than to run it.
    """
    parts = []
    for place, walk in enumerate(walks):
        query = _part(is_postgresql, f"words{place}", walk)
        [id_] = query.selected_columns
        query = query.where(*of_kind(id_, Filter(kinds))) if not marks_of(kinds) else query
        if also and is_postgresql and not walk:
            [id_] = query.order_by(id_.desc()).subquery().c  # sorted first, so that no more are asked than wanted
            query = sa.select(id_)
        narrowed = query.where(also(id_)) if also else query
        named = narrowed.add_columns(sa.literal_column(str(place), sa.Integer()).label("place"))
        parts.append(sa.select(named.order_by(id_.desc()).limit(sa.literal_column(str(limit))).subquery()))
    return sa.union_all(*parts)


def _part(is_postgresql: bool, name: str, walk: int) -> sa.Select[Any]:
    """The ids of what holds the words of that parameter; on PostgreSQL among so many of the newest, if any."""
    if not is_postgresql:
        return sa.select(_id).where(sa.text(f"search_index MATCH :{name}"))
    if walk:
        newest = sa.select(_index).order_by(_id.desc()).limit(sa.literal_column(str(walk))).subquery()
        return sa.select(newest.c.rowid).where(_holds(name))
    hits = sa.select(_id).where(_holds(name)).cte(f"hits_of_{name}").prefix_with("MATERIALIZED")
    return sa.select(hits.c.rowid)


def _rows_of_each(plan: dict[str, Any], workers: int = 1) -> list[float]:
    """What a plan expects of each part of its union; where workers share the parts, what each of them gets."""
    if plan["Node Type"] == "Append":
        return [workers * part["Plan Rows"] for part in plan["Plans"]]
    return _rows_of_each(plan["Plans"][0], 1 + plan.get("Workers Planned", 0))


def _holds(name: str) -> sa.ColumnElement[bool]:
    """On PostgreSQL: whether a text holds the words of that parameter."""
    return sa.column("grams").op("@@", is_comparison=True)(sa.text(f"CAST(:{name} AS tsquery)"))


@cache
def _each_of_all(queries: int) -> sa.Select[Any]:
    """On PostgreSQL: of every text that has a mark, whether it holds the words of each parameter."""
    columns: list[sa.ColumnElement[Any]] = [_holds(f"words{place}").label(f"held{place}") for place in range(queries)]
    return sa.select(_id, *columns).where(_holds("marks"))


def _has_beginning(asked: Sequence[Term]) -> bool:
    return any(one.is_beginning for term in asked for one in term.phrases)


def _holding(texts: Sequence[tuple[int, str]], asked: Sequence[Term]) -> list[int]:
    """On SQLite: those of some texts that hold all these words; each with its grams, blanks before and behind them."""
    every = [{id_ for piece in map(_piece, term.phrases) for id_, grams in texts if piece in grams} for term in asked]
    return sorted(set.intersection(*every), reverse=True)


def _piece(phrase: Phrase) -> str:
    return f" {' '.join(phrase.grams)}{'' if phrase.is_beginning else ' '}"


def _matching(words: str) -> sa.Select[Any]:
    return sa.select(_id).where(sa.text("search_index MATCH :words").bindparams(words=words))


def _listed(wanted: Filter, narrowed: Narrowed) -> sa.Select[Any]:
    """The few texts of a person or of a status, one by one."""
    about = sa.select(document.c.id).where(document.c.number.in_(inquiries_of(wanted)))
    others = sa.select(document.c.id).where(document.c.kind.in_(_OF_NO_INQUIRY))
    some = sa.union_all(about, others).cte("some").prefix_with("MATERIALIZED")
    listed = sa.func.array(narrowed(sa.select(some.c.id)).scalar_subquery())
    return sa.select(_id).where(_id == sa.func.any(listed)).order_by(_id.desc())
