"""The best and newest first: texts that were found, ranked within windows of the newest, alike on both databases."""

from collections.abc import Sequence

from bot.domain.folding import Term, folded
from bot.ports import Found, TextKind
from storage.documents import Documents, Text, kind_and_ref
from storage.session import Session

WINDOW = 40
"""So many of the newest are ranked among themselves: what is much newer comes before what is a little better."""
ENOUGH = 3
"""How often a word must stand in a text to be thoroughly its subject."""


class FoundTexts:
    """Pages of texts, by their ids."""

    def __init__(self, session: Session) -> None:
        self._documents = Documents(session)

    async def page(self, ids: Sequence[int], typed: str, asked: Sequence[Term], offset: int, limit: int) -> list[Found]:
        """So many texts from `offset` on, of `ids` in the order of their windows; without those that are gone."""
        first, last = offset // WINDOW * WINDOW, -(-(offset + limit) // WINDOW) * WINDOW
        ranked: list[int] = []
        texts: dict[int, Text] = {}
        for begin in range(first, min(last, len(ids)), WINDOW):
            window = ids[begin : begin + WINDOW]
            texts |= await self._read(window)
            ranked += sorted(window, key=lambda id_: _rank(texts.get(id_), typed, asked))
        shown = ranked[offset - first : offset - first + limit]
        return [_found(texts[id_]) for id_ in shown if id_ in texts]

    async def _read(self, ids: Sequence[int]) -> dict[int, Text]:
        refs: dict[TextKind, list[int]] = {}
        for kind, ref in map(kind_and_ref, ids):
            refs.setdefault(kind, []).append(ref)
        texts = {(one.kind, one.ref): one for one in await self._documents.of(refs)}
        return {id_: texts[which] for id_ in ids if (which := kind_and_ref(id_)) in texts}


def _rank(text: Text | None, typed: str, asked: Sequence[Term]) -> tuple[int, ...]:
    """The lower the better: words in the title, words exactly as they were typed, and how often they stand there."""
    if text is None:
        return (1,)
    title, whole = folded(text.title), folded(f"{text.title}\n{text.text}")
    in_title = sum(term.word in title for term in asked)
    exactly = sum(word in text.title or word in text.text for word in typed.split())
    often = sum(min(whole.count(term.word), ENOUGH) for term in asked)
    return (0, -in_title, -exactly, -often)


def _found(one: Text) -> Found:
    return Found(one.kind, one.ref, one.title, one.text, one.at, one.number, one.customer, one.status)
