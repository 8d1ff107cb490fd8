"""How changed texts get into the full-text index: the words of each, cut into grams, under its id."""

import asyncio
import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError, OperationalError

from bot.domain.folding import grams
from bot.ports import TextKind
from storage.documents import Documents, Text
from storage.matching import mark_of
from storage.session import Session
from storage.tables import document, reindex

MOST_GRAMS = 16_000
MOST_PLACES = 255
"""How many grams of a text count, and how often one: PostgreSQL keeps no more, and both shall find the same."""
FILLER = "…"
"""Holds the place of a gram that counts no more: nobody can ask for it."""
INDEXING_LOCK = 0x4D414458
"""The advisory lock of the one replica that indexes: two at once might put an older text over a newer one."""

LIMIT_EXCEEDED = "54"
"""PostgreSQL's class of errors for what is too large; all others of its kind mean that it is unwell."""

_LOCK = sa.text("SELECT pg_try_advisory_xact_lock(:key)")
_WAITING = sa.select(reindex.c.id, reindex.c.kind, reindex.c.ref).order_by(reindex.c.id.desc()).limit(sa.bindparam("n"))
_DONE = sa.delete(reindex).where(reindex.c.id.in_(sa.bindparam("ids", expanding=True)))
_OLD = sa.select(document.c.id).where(
    document.c.kind == sa.bindparam("kind"), document.c.ref.in_(sa.bindparam("refs", expanding=True))
)
_DROPPED = sa.delete(document).where(document.c.id.in_(sa.bindparam("ids", expanding=True)))
_FORGOTTEN = sa.text("DELETE FROM search_index WHERE rowid IN :ids").bindparams(sa.bindparam("ids", expanding=True))
_INTO_FTS = sa.text("INSERT INTO search_index (rowid, grams) VALUES (:id, :grams)")
_INTO_GIN = sa.text(
    "INSERT INTO search_index (rowid, grams) SELECT id, CAST(grams AS tsvector)"
    " FROM unnest(CAST(:ids AS bigint[]), CAST(:grams AS text[])) AS given(id, grams)"
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """A text with its grams, as the database takes them."""

    text: Text
    grams: str

    def columns(self) -> dict[str, Any]:
        """Its row in `document`."""
        one = self.text
        told = {"id": one.id, "kind": one.kind, "ref": one.ref, "number": one.number, "queue": one.queue}
        return told | {"agent_id": one.agent, "at": one.at}


class Indexing:
    """Takes changed texts, the latest first, and puts them into the index in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def catch_up(self, limit: int) -> int:
        """Index the texts of so many changes at most; says how many changes there were."""
        if self._session.is_postgresql and not await self._may():
            return 0
        waiting = list(await self._session.run(_WAITING, {"n": limit}))
        changed: dict[TextKind, set[int]] = {}
        for row in waiting:
            changed.setdefault(TextKind(row.kind), set()).add(row.ref)
        for kind, refs in changed.items():
            await self._replace(kind, sorted(refs))
        if waiting:
            await self._session.run(_DONE, {"ids": [row.id for row in waiting]})
        return len(waiting)

    async def _may(self) -> bool:
        return bool((await self._session.run(_LOCK, {"key": INDEXING_LOCK})).scalar_one())

    async def _replace(self, kind: TextKind, refs: Collection[int]) -> None:
        texts = await Documents(self._session).all_of(kind, refs)
        entries = await asyncio.to_thread(_entries, list(texts.values()), self._session.is_postgresql)
        old = sorted((await self._session.run(_OLD, {"kind": kind, "refs": list(refs)})).scalars())
        if old:
            await self._session.run(_FORGOTTEN, {"ids": old})
            await self._session.run(_DROPPED, {"ids": old})
        if entries and not await self._stored(entries):
            for one in entries:
                if not await self._stored([one]):
                    log.error("a text could not be indexed", extra={"kind": kind.value, "ref": one.text.ref})

    async def _stored(self, entries: Sequence[Entry]) -> bool:
        """All of them or none: one that the database refuses must not keep the others out."""
        try:
            async with self._session.connection.begin_nested():
                await self._session.insert(document, [one.columns() for one in entries])
                await self._insert(entries)
        except OperationalError as error:
            if not getattr(error.orig, "sqlstate", "").startswith(LIMIT_EXCEEDED):
                raise
            return False
        except DatabaseError:
            return False
        return True

    async def _insert(self, entries: Sequence[Entry]) -> None:
        if self._session.is_postgresql:
            ids, texts = [one.text.id for one in entries], [one.grams for one in entries]
            await self._session.run(_INTO_GIN, {"ids": ids, "grams": texts})
        else:
            await self._session.run(_INTO_FTS, [{"id": one.text.id, "grams": one.grams} for one in entries])


def _entries(texts: Sequence[Text], is_postgresql: bool) -> list[Entry]:
    """In order of their ids: FTS5 writes what it has gathered whenever it is given a smaller one."""
    cut = vector if is_postgresql else column
    return [Entry(one, cut(f"{one.title}\n{one.text}", mark_of(one.kind))) for one in sorted(texts, key=_id)]


def _id(text: Text) -> int:
    return text.id


def _counting(text: str) -> Iterator[tuple[int, str]]:
    """The grams that count, with their places from 1 on."""
    counts: dict[str, int] = {}
    for place, gram in enumerate(grams(text)[:MOST_GRAMS], 1):
        counts[gram] = times = counts.get(gram, 0) + 1
        if times <= MOST_PLACES:
            yield place, gram


def column(text: str, mark: str) -> str:
    """Grams as words, for FTS5, and the mark behind them."""
    words: list[str] = []
    for place, gram in _counting(text):
        words += [FILLER] * (place - len(words) - 1)
        words.append(gram)
    return " ".join([*words, mark])


def vector(text: str, mark: str) -> str:
    """A tsvector as PostgreSQL reads it: each gram with its places, and the mark without any."""
    places: dict[str, list[str]] = {}
    for place, gram in _counting(text):
        places.setdefault(gram, []).append(str(place))
    return " ".join([*(f"'{gram}':{','.join(where)}" for gram, where in places.items()), f"'{mark}'"])
