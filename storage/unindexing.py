"""Texts out of the full-text index, at once; what is left of them goes in again when the index catches up."""

from collections.abc import Collection, Iterable, Iterator, Mapping

import sqlalchemy as sa

from bot.ports import TextKind
from storage.search import SearchTable
from storage.session import Session
from storage.tables import document

CHUNK = 500
"""Values in one list of a statement."""

_INDEX = sa.table("search_index", sa.column("rowid"))


async def unindexed(session: Session, texts: Mapping[TextKind, Collection[int]]) -> None:
    """Take the words of these texts out; what is being indexed at this moment is looked at once more."""
    for kind, refs in texts.items():
        await SearchTable(session).changed(kind, refs)
        for some in chunks(refs):
            of_these = (document.c.kind == kind) & document.c.ref.in_(some)
            ids = list((await session.run(sa.select(document.c.id).where(of_these))).scalars())
            await session.run(sa.delete(_INDEX).where(_INDEX.c.rowid.in_(ids)))
            await session.run(sa.delete(document).where(document.c.id.in_(ids)))


def chunks(values: Iterable[int]) -> Iterator[list[int]]:
    """Lists of values that are short enough for a statement."""
    every = list(values)
    for begin in range(0, len(every), CHUNK):
        yield every[begin : begin + CHUNK]
