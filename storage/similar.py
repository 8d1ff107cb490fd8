"""Resolved inquiries that are like another: found by the words that tell most, by the same index, without a model."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from math import log

import sqlalchemy as sa

from bot.domain.folding import Term, folded, terms
from bot.domain.inquiry import Status
from bot.ports import Similar, TextKind
from storage.documents import Documents, Text, kind_and_ref
from storage.hits import Hits
from storage.session import Session
from storage.tables import document, inquiry, opinion
from storage.wanted import Id, number_of

LOOKED_AT = 4_000
"""Characters of an inquiry that are looked at for words."""
MOST_WORDS = 8
RARE = 60
"""Words in no more resolved inquiries than this find candidates by themselves, the others in pairs."""
VERY_COMMON = 500
"""What PostgreSQL expects in more texts than this is taken to be in more than RARE, without looking."""
COMMON, WALK = 1_500, 1_000
"""Two words that PostgreSQL expects together in more texts than the first, it looks for among the newest alone."""
COMMON_WORDS, OF_A_PAIR = 3, 30
COMPARED = 40
"""So many candidates are read and compared."""
SATURATION, LENGTH_WEIGHT, USUAL_LENGTH = 1.2, 0.5, 250
"""BM25: how soon a word that stands there again counts no more, and how much a long text is held back."""
OPINION_WEIGHT = 3
"""After so many more helpful opinions than others, an answer counts twice; the other way round, half."""

_OTHERS = r"[^\W_ぁ-ヿ㐀-鿿々]"
TELLING = re.compile(rf"[一-鿿㐀-䶿々]{{2,}}|[ァ-ヺー]{{2,}}|{_OTHERS}{{3,}}")
"""Words that tell what a text is about: kanji, katakana, Latin words and numbers; grammar is hiragana."""
EVERYDAY = """
世話 御世話 確認 連絡 場合 以上 何卒 弊社 御社 貴社 株式会社 担当 担当者 下記 先日 本日 今回 返信 送信 めーる
the and for you your with this that from have has are was were not but can please thank thanks hello dear
regards would could will our any all been they them there what when where which how
"""
"""Words of politeness and grammar, folded: they stand everywhere."""
_OPINIONS = (
    sa.select(opinion.c.about, opinion.c.helpful, sa.func.count().label("n"))
    .where(opinion.c.about.in_(sa.bindparam("numbers", expanding=True)))
    .group_by(opinion.c.about, opinion.c.helpful)
)


class Likeness:
    """Compares inquiries, in one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._documents = Documents(session)
        self._hits = Hits(session, common=COMMON, walk=WALK)

    async def of(self, number: int, limit: int) -> list[Similar]:
        """Resolved inquiries with an answer that are most like this one, the best first."""
        asked = (await self._documents.all_of(TextKind.INQUIRY, [number])).get(number)
        if asked is None:
            return []
        counts, candidates = await self.candidates({word: terms(word) for word in telling_words(asked)}, number)
        weights = {word: log(1 + 100 * RARE / max(1, min(count, RARE))) for word, count in counts.items()}
        questions = await self._documents.all_of(TextKind.INQUIRY, candidates)
        opinions = await self._opinions(candidates)
        scores = {one: likeness(questions[one], weights) * _lift(*opinions[one]) for one in questions}
        best = sorted(scores, key=lambda one: (-scores[one], -one))[:limit]
        answers = await self._documents.all_of(TextKind.ANSWER, best)
        return [
            Similar(one, _whole(questions[one]), answers[one].text, scores[one], *opinions[one])
            for one in best
            if one in answers
        ]

    async def candidates(
        self, words: Mapping[str, Sequence[Term]], number: int = 0
    ) -> tuple[dict[str, int], list[int]]:
        """In how many inquiries each word is, about, and those with the weightiest of them, the likeliest first.

        `number` itself is not among them; all are resolved, with an answer.
        """
        words = {word: asked for word, asked in words.items() if asked}
        expected = await self._expected(words)
        looked_up = [word for word in words if expected[word] <= VERY_COMMON]
        some = await self._resolved([words[word] for word in looked_up], RARE + 1, number)
        found = dict(zip(looked_up, some, strict=True))
        common = [word for word in words if len(found.get(word, ())) > RARE or word not in found]
        common.sort(key=lambda word: (expected[word], found.get(word, [number])[-1]))  # the oldest of its newest
        counts = {word: _spread(found[word]) if word in found else round(expected[word]) for word in words}
        weights = {word: log(1 + 100 * RARE / max(1, min(count, RARE))) for word, count in counts.items()}
        sums: Counter[int] = Counter()
        for word in words:
            for one in found[word] if word not in common else ():
                sums[one] += round(1000 * weights[word])
        pairs = list(combinations(common[:COMMON_WORDS], 2))
        asked = [[*words[one], *words[other]] for one, other in pairs]
        rarer = [min(expected[one], expected[other]) for one, other in pairs]
        for pair, held in zip(pairs, await self._resolved(asked, OF_A_PAIR, number, rarer), strict=True):
            for one in held:
                sums[one] += round(500 * sum(weights[word] for word in pair))
        if not sums and common:
            [held] = await self._resolved([words[common[0]]], RARE, number, [expected[common[0]]])
            sums.update(held)
        ranked = sorted(sums, key=lambda one: (-sums[one], -one))
        return counts, ranked[:COMPARED]

    async def _expected(self, words: Mapping[str, Sequence[Term]]) -> dict[str, float]:
        """In how many texts each word may be, as far as the database knows without looking."""
        if not words or not self._session.is_postgresql:
            return dict.fromkeys(words, 0.0)
        return dict(zip(words, await self._hits.expected(list(words.values())), strict=True))

    async def _resolved(
        self, queries: Sequence[Sequence[Term]], limit: int, number: int, expected: Sequence[float] = ()
    ) -> list[list[int]]:
        """For each query the newest inquiries other than this one that hold it, are resolved and have an answer."""
        found = await self._hits.of_each(queries, [TextKind.INQUIRY], limit, _is_helpful, {"asking": number}, expected)
        return [[kind_and_ref(one)[1] for one in ids] for ids in found]

    async def _opinions(self, numbers: Iterable[int]) -> dict[int, tuple[int, int]]:
        """How many found the answer helpful, and how many did not."""
        counted = dict.fromkeys(numbers, (0, 0))
        for row in await self._session.run(_OPINIONS, {"numbers": list(counted)}):
            helpful, unhelpful = counted[row.about]
            counted[row.about] = (row.n, unhelpful) if row.helpful else (helpful, row.n)
        return counted


def _is_helpful(id_: Id) -> sa.ColumnElement[bool]:
    """Whether an inquiry is another one than that which asks, resolved, with an answer; looked up one by one."""
    of_it = number_of(id_)
    status = sa.select(inquiry.c.status).where(inquiry.c.number == of_it).scalar_subquery()
    answer = sa.select(document.c.ref).where(document.c.kind == TextKind.ANSWER.value, document.c.ref == of_it)
    is_answered = answer.limit(sa.literal_column("1")).scalar_subquery() == of_it
    return (of_it != sa.bindparam("asking", type_=sa.Integer())) & (status == Status.RESOLVED) & is_answered


def _spread(newest: Sequence[int]) -> int:
    """In how many inquiries a word is, by its newest numbers: where there are more than RARE, as their numbers lie."""
    return len(newest) if len(newest) <= RARE else max(len(newest), RARE * newest[0] // (newest[0] - newest[-1]))


def telling_words(text: Text) -> list[str]:
    """The words that tell what a text is about, at most MOST_WORDS: those of its title first, then the frequent."""
    title, body = (_words(one[:LOOKED_AT]) for one in (text.title, text.text))
    counts = Counter(body)
    return list(dict.fromkeys([*title, *sorted(counts, key=lambda word: -counts[word] * len(word))]))[:MOST_WORDS]


def likeness(text: Text, weights: Mapping[str, float]) -> float:
    """How much of these words a text holds, as BM25 weighs it."""
    whole = folded(_whole(text))
    held_back = SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * len(whole) / USUAL_LENGTH)
    counts = {word: whole.count(word) for word in weights}
    return sum(weights[word] * n * (SATURATION + 1) / (n + held_back) for word, n in counts.items())


def _words(text: str) -> list[str]:
    found = [folded(one) for one in TELLING.findall(unicodedata.normalize("NFKC", text))]
    everyday = EVERYDAY.split()
    return [one for one in found if one not in everyday]


def _whole(text: Text) -> str:
    return f"{text.title}\n{text.text}".strip()


def _lift(helpful: int, unhelpful: int) -> float:
    return float(2 ** max(-1.0, min(1.0, (helpful - unhelpful) / OPINION_WEIGHT)))
