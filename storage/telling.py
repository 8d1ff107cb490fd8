"""The grams of a text that tell what it is about, each in the forms in which it may stand elsewhere."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from bot.domain.folding import Phrase, Term, folded, terms
from storage.similar import EVERYDAY, LOOKED_AT

SHORTEST_STEM = 4
LONG_KATAKANA, PIECE = 7, 4
"""A run of katakana as long as that is two words or more: it begins with one and ends with another."""

_RUNS = re.compile(
    r"(?P<kanji>[一-鿿㐀-䶿々]+)(?P<kana>[ぁ-ん]{2})?|(?P<katakana>[ァ-ヺー]{2,})|(?P<other>[^\W_ぁ-ヿ㐀-鿿々]{3,})"
)
_ENDING = re.compile(r"(?:ing|ed|es|s|e)$")
_ENDINGS = ("", "s", "e", "es", "ed", "er", "ing", "ion")
_WITH_Y = re.compile(r"(?:ies|ied|y)$")
_EVERYDAY_WORDS = "need want get got two one know like make made tell help about into some just its"
_EVERYDAY_VERBS = "願申致頂下教思存言行来見持使知問合付掛分入"
"""The verbs that stand in any text."""
_PARTICLES = "をにはがのでともへやな"
_ROWS = "かきくけこい がぎぐげごい さしすせそ たちつてとっ ばびぶべぼん まみむめもん らりるれろっ わいうえおっ"
"""What follows the stem of a verb, in all its forms: 届か, 届き, 届い."""


@dataclass(frozen=True)
class Gram:
    """A piece of a text that is looked for; `word` is folded, and any of the `forms` is as good."""

    word: str
    forms: tuple[str, ...]

    @cached_property
    def term(self) -> Term:
        """As the index is asked for it."""
        return Term(self.word, tuple(phrase for form in self.forms for one in terms(form) for phrase in one.phrases))

    @cached_property
    def whole(self) -> Term:
        """The same by the whole words that it may be: SQLite gathers all that begin so before it takes the newest."""
        if not self.word.isascii():
            return self.term
        return Term(self.word, tuple(Phrase((form + ending,)) for form in self.forms for ending in _ENDINGS))

    def times_in(self, plain: str) -> int:
        """How often it stands in a text, folded."""
        if self.word.isascii():
            return len(re.findall(rf"(?<![0-9a-z])(?:{'|'.join(map(re.escape, self.forms))})", plain))
        return sum(map(plain.count, self.forms))


def telling_grams(text: str, most: int) -> list[Gram]:
    """So many at most: those of the first line first, then those that stand in the text most often."""
    title, _, body = unicodedata.normalize("NFKC", text[:LOOKED_AT]).strip().partition("\n")
    counts = Counter(_grams(body))
    ranked = dict.fromkeys([*_grams(title), *sorted(counts, key=lambda gram: -counts[gram] * len(gram.word))])
    return [gram for gram in ranked if gram.term.phrases][:most]


def _grams(text: str) -> Iterator[Gram]:
    everyday = frozenset((*EVERYDAY.split(), *_EVERYDAY_WORDS.split()))
    for run in _RUNS.finditer(text):
        found = folded(run["kanji"] or run["katakana"] or run["other"])
        if found in everyday:
            continue
        if run["kanji"]:
            pieces = (found[at : at + 2] for at in range(len(found) - 1))
            yield from (Gram(one, (one,)) for one in pieces if one not in everyday)
            if len(found) == 1 and run["kana"] and run["kana"][0] not in _PARTICLES and found not in _EVERYDAY_VERBS:
                yield _verb(found, run["kana"][0])
        elif run["katakana"]:
            yield from (Gram(one, (one,)) for one in _katakana(found))
        elif not found.isdecimal():
            yield _stem(found)


def _katakana(found: str) -> list[str]:
    """A word in katakana, folded, without the long vowel at its end that is written or not; a long one in pieces."""
    plain = found.removesuffix("ー") if len(found) >= PIECE else found
    return [plain] if len(plain) < LONG_KATAKANA else [plain[:PIECE], plain[-PIECE:]]


def _stem(word: str) -> Gram:
    """A Latin word without what English puts at the end of it."""
    if word.isascii() and len(word) >= SHORTEST_STEM and (ending := _WITH_Y.search(word)):
        beginning = word[: ending.start()]
        return Gram(beginning, (f"{beginning}y", f"{beginning}i"))
    stem = _ENDING.sub("", word)
    kept = stem if len(stem) >= SHORTEST_STEM and word.isascii() else word
    return Gram(kept, (kept,))


def _verb(kanji: str, kana: str) -> Gram:
    """A verb by how it begins, in all its forms."""
    others = [one for row in _ROWS.split() if kana in row for one in row]
    return Gram(kanji + kana, tuple(dict.fromkeys(kanji + one for one in (kana, *others))))
