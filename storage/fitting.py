"""The team's own texts that fit what is asked: by the grams that tell most, through the same index, without a model.

A gram weighs what it is rare among the texts of its sort. A text fits when it holds enough of all that was asked for:
one word that stands everywhere never is, one rare word in a title may be.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import sqlalchemy as sa

from bot.domain.folding import folded
from bot.ports import Fitting, TextKind
from storage.documents import Documents, kind_and_ref
from storage.hits import Hits
from storage.session import Session
from storage.similar import LENGTH_WEIGHT, SATURATION, USUAL_LENGTH, Likeness
from storage.tables import article, article_version, document, inquiry, template
from storage.telling import Gram, telling_grams

MOST_GRAMS, OF_ANSWERS = 16, 6
"""Grams that are looked up: among the team's templates and articles, and among inquiries, which are many more."""
OF_A_GRAM = 200
"""Templates and articles with a gram that are looked at, the newest first."""
LISTED = 1_500
"""Up to so many templates and articles it is quicker to look at all of them than to ask the index."""
COMPARED = 16
USUAL = 10
"""So many more texts are taken to be there than are: of a few texts no gram is taken to be rare."""
FLOOR, SHARE = 0.65, 0.35
"""What a text must hold to fit: in units of what a gram weighs that is in none, and of all that was asked for."""
FEW, PART = 2, 8
"""A text must hold a gram that is in no more texts than these, or in no more than one of so many."""
IN_TITLE = 0.75
"""How much more a gram counts that stands in the title."""
OF_THE_TEAM = 1.2
"""What the team wrote to be used again comes before what somebody answered once."""
UNKNOWN = 0.5
"""How much of a gram's weight is asked for that is in no text: a name, or the seam between two words."""

_OWN = (TextKind.TEMPLATE, TextKind.ARTICLE)
_IDS: sa.BindParameter[Any] = sa.bindparam("ids", expanding=True)
_COUNTED = sa.select(
    sa.select(sa.func.count())
    .select_from(document)
    .where(document.c.kind.in_([one.value for one in _OWN]))
    .scalar_subquery()
    .label("own"),
    sa.select(sa.func.min(inquiry.c.number)).scalar_subquery().label("first"),
    sa.select(sa.func.max(inquiry.c.number)).scalar_subquery().label("last"),
)
_TEMPLATES = sa.select(
    template.c.id, template.c.language, template.c.title, sa.literal("").label("about"), template.c.body.label("words")
).where(template.c.id.in_(_IDS), template.c.retired.is_(False))
_ARTICLES = (
    sa.select(
        article.c.id,
        article.c.language,
        article_version.c.question.label("title"),
        article_version.c.situation.label("about"),
        article_version.c.words,
    )
    .join(
        article_version,
        (article_version.c.article_id == article.c.id) & (article_version.c.version == article.c.approved_version),
    )
    .where(article.c.id.in_(_IDS), article.c.retired.is_(False))
)


@dataclass(frozen=True, slots=True)
class Weights:
    """What each gram weighs; `asked` is the weight of all together, `floor` what a text must hold at least.

    One of those that are `rare` must be in it.
    """

    each: Mapping[Gram, float]
    rare: frozenset[Gram]
    asked: float
    floor: float

    @staticmethod
    def of(counts: Mapping[Gram, int], texts: int) -> "Weights":
        """From how many of so many texts each gram stands in, about."""
        heaviest = log(texts + USUAL)
        each = {gram: max(0.0, heaviest - log(1 + count)) for gram, count in counts.items()}
        asked = sum(weight if counts[gram] else UNKNOWN * weight for gram, weight in each.items())
        rare = frozenset(gram for gram, count in counts.items() if count <= max(FEW, texts // PART))
        return Weights(each, rare, asked, FLOOR * heaviest)

    def fit(self, title: str, text: str) -> float:
        """How well a text fits, compared with all that was asked for; 0: not well enough to be shown."""
        heading = folded(title)
        whole = f"{heading}\n{folded(text)}"
        held_back = SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * len(whole) / USUAL_LENGTH)
        held = score = 0.0
        is_telling = False
        for gram, weight in self.each.items():
            if n := gram.times_in(whole):
                often = n * (SATURATION + 1) / (n + held_back)
                is_telling = is_telling or gram in self.rare
                held += weight * min(1.0, often)
                score += weight * (often + (IN_TITLE if gram.times_in(heading) else 0))
        is_enough = is_telling and score >= self.floor and held >= SHARE * self.asked
        return score / self.asked if is_enough else 0.0


class FittingTexts:
    """Looks for them, in one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def of(self, text: str, language: str, limit: int) -> list[Fitting]:
        """So many at most, the best first."""
        asked = telling_grams(text, MOST_GRAMS)
        if not asked or limit <= 0:
            return []
        counted = (await self._session.run(_COUNTED)).one()
        ranked = await self._own(asked, language, counted.own) if counted.own else []
        if counted.last is not None:
            ranked += await self._answers(asked[:OF_ANSWERS], limit, counted.last - counted.first + 1)
        ranked.sort(key=lambda each: -each[0])
        return [one for _, one in ranked[:limit]]

    async def _own(self, asked: Sequence[Gram], language: str, texts: int) -> list[tuple[float, Fitting]]:
        index = Hits(self._session)
        looked_up = index.among if texts <= LISTED else index.of_each
        found = dict(zip(asked, await looked_up([[gram.term] for gram in asked], _OWN, OF_A_GRAM), strict=True))
        if not any(found.values()):
            return []
        weights = Weights.of({gram: len(ids) for gram, ids in found.items()}, texts)
        sums: Counter[int] = Counter()
        for gram, ids in found.items():
            weight = round(1000 * weights.each[gram])
            for id_ in ids:
                sums[id_] += weight
        likeliest = sorted(sums, key=lambda id_: (-sums[id_], -id_))[:COMPARED]
        fitting: dict[bool, list[tuple[float, Fitting]]] = {True: [], False: []}
        for kind, query in ((TextKind.TEMPLATE, _TEMPLATES), (TextKind.ARTICLE, _ARTICLES)):
            ids = [ref for each, ref in map(kind_and_ref, likeliest) if each is kind]
            for row in await self._session.run(query, {"ids": ids}) if ids else ():
                if score := weights.fit(row.title, f"{row.about}\n{row.words}"):
                    one = Fitting(kind, row.id, row.title, row.words)
                    fitting[row.language == language].append((OF_THE_TEAM * score, one))
        return fitting[True] or fitting[False]

    async def _answers(self, asked: Sequence[Gram], limit: int, texts: int) -> list[tuple[float, Fitting]]:
        by_word = {gram.word: gram for gram in asked}
        words = {one.word: [one.term if self._session.is_postgresql else one.whole] for one in asked}
        counts, candidates = await Likeness(self._session).candidates(words)
        weights = Weights.of({by_word[word]: min(count, texts) for word, count in counts.items()}, texts)
        compared = candidates[:COMPARED]
        read = await Documents(self._session).of({TextKind.INQUIRY: compared, TextKind.ANSWER: compared})
        answers = {one.ref: one.text for one in read if one.kind is TextKind.ANSWER}
        questions = [one for one in read if one.kind is TextKind.INQUIRY and one.ref in answers]
        ranked = [(weights.fit(one.title, one.text), one.ref, one.title) for one in questions]
        best = sorted((one for one in ranked if one[0]), reverse=True)[:limit]
        return [(score, Fitting(TextKind.ANSWER, ref, title, answers[ref])) for score, ref, title in best]
