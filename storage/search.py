"""The full-text index: what changed, what is found, and what people thought of it."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from bot.domain.folding import folded, terms
from bot.ports import Filter, Fitting, FoundPage, Similar, TextKind
from storage.documents import Documents, kind_and_ref
from storage.fitting import FittingTexts
from storage.hits import Hits
from storage.indexing import Indexing
from storage.ranking import FoundTexts
from storage.session import Session
from storage.similar import Likeness
from storage.tables import opinion, reindex

COUNTED = 200
"""So many texts are found at most: who has more asks more narrowly."""


class SearchTable:
    """`bot.ports.Search` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def find(self, words: str, wanted: Filter, offset: int, limit: int) -> FoundPage:
        asked = terms(words)
        ids = await Hits(self._session).newest(asked, wanted, COUNTED + 1) if asked else []
        if not ids:
            return FoundPage()
        page = await FoundTexts(self._session).page(ids[:COUNTED], words, asked, max(0, offset), max(0, limit))
        return FoundPage(page, min(len(ids), COUNTED), len(ids) > COUNTED)

    async def customers(self, typed: str, limit: int) -> list[int]:
        asked = terms(typed)
        if not asked or limit <= 0:
            return []
        ids = await Hits(self._session).newest(asked, Filter(frozenset((TextKind.CUSTOMER,))), COUNTED)
        refs = [ref for _, ref in map(kind_and_ref, ids)]
        texts = await Documents(self._session).all_of(TextKind.CUSTOMER, refs)
        plain = "".join(folded(typed).split())

        def badness(ref: int) -> int:
            lines = [folded(line) for line in (texts[ref].title, *texts[ref].text.split("\n"))]
            return 0 if plain in lines else 1 if any(line.startswith(plain) for line in lines) else 2

        best = sorted((ref for ref in refs if ref in texts), key=badness)
        persons = dict.fromkeys(texts[ref].customer for ref in best)
        return [one for one in persons if one is not None][:limit]

    async def similar(self, number: int, limit: int) -> list[Similar]:
        return await Likeness(self._session).of(number, limit) if limit > 0 else []

    async def fitting(self, text: str, language: str, limit: int) -> list[Fitting]:
        return await FittingTexts(self._session).of(text, language, limit)

    async def rate(self, number: int, about: int, agent: int, helpful: bool, at: datetime) -> None:
        said = self._session.upsert(opinion).values(number=number, about=about, agent_id=agent, helpful=helpful, at=at)
        again = {"helpful": said.excluded.helpful, "at": said.excluded.at}
        keys = ["number", "about", "agent_id"]
        await self._session.run(said.on_conflict_do_update(index_elements=keys, set_=again))

    async def changed(self, kind: TextKind, refs: Collection[int]) -> None:
        await self._session.insert(reindex, [{"kind": kind.value, "ref": ref} for ref in dict.fromkeys(refs)])

    async def catch_up(self, limit: int) -> int:
        return await Indexing(self._session).catch_up(limit)

    async def behind(self) -> int:
        return int((await self._session.run(sa.select(sa.func.count()).select_from(reindex))).scalar_one())
