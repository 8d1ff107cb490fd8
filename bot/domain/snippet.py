"""The words that were found, shown in their sentence: a short piece of a long text with marks around them."""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate, islice

from bot.domain.folding import Term, folded, terms

MARKS = ("«", "»")
ELLIPSIS = "…"
SHORTEST = 40
"""The smallest limit: a hit with its marks always has room."""
AT_ONCE = 2000
"""Characters that are looked through letter by letter; a paragraph that is longer is looked through in pieces."""
LONGEST_SIGN = 16
"""Characters that count as one sign, an emoji with all its joiners at the most."""
WORD_END = 15
"""How far a cut moves to fall between words."""
EASILY_WRITTEN_APART = 6
"""Characters of a number that may be written with dashes."""

_BLANK_LINE = re.compile(r"\n\s*\n")
_PIECE = re.compile(rf".{{1,{AT_ONCE}}}(?:\s|$)|.{{1,{AT_ONCE}}}", re.DOTALL)
_WIDE = "\u2e80-\U0010ffff"
_NARROW = rf"[^\W_{_WIDE}]"
_RUN = re.compile(rf"{_NARROW}+|[^\W_\x00-\u2e7f]+")
_GAP = r"[\W_]{0,10}"
_DASHES = "[-‐‒–—―−ー〜~() ]{0,2}"
_ENDS = frozenset("。！？!?．｡")
_ENDS_BEFORE_SPACE = frozenset(".:;")
_CLOSING = frozenset("」』）)］】》”’\"'»!?！？")


def snippet(text: str, words: str, limit: int, marks: tuple[str, str] = MARKS) -> str:
    """At most `limit` characters of the text (40 or more), on one line: where most of the words stand, first.

    It begins and ends with a sentence where possible, else with an ellipsis. What `words` find (see folding) stands
    between the marks, as it is written in the text; without a hit it is the beginning of the text.
    """
    limit = max(limit, SHORTEST)
    line = _best_line(text, words, limit) or _Line.of(next(_pieces(text), ""))
    return line.shown(limit, marks)


def _best_line(text: str, words: str, limit: int) -> "_Line | None":
    wanted = [pattern for term in terms(words) if (pattern := _pattern(term))]
    if not wanted:
        return None
    hit = re.compile("|".join(f"({one})" for one in wanted))
    best, most = None, 0
    for piece in _pieces(text):
        if most < len(wanted) and len({one.lastindex for one in hit.finditer(folded(piece))}) > most:
            line = _Line.of(piece, hit, limit)
            if line.hits and line.words > most:
                best, most = line, line.words
    return best


def _pieces(text: str) -> Iterator[str]:
    """The paragraphs, each on one line, cut where they are very long."""
    for paragraph in _BLANK_LINE.split(text):
        yield from _PIECE.findall(" ".join(paragraph.split()))


def _pattern(term: Term) -> str:
    """A word of a query as it may stand in a folded text; "" when it holds no letter and no digit."""
    runs = _RUN.findall(term.word)
    if not runs:
        return ""
    joined = "".join(runs)
    if len(joined) >= EASILY_WRITTEN_APART and any(map(str.isdigit, joined)) and re.fullmatch(f"{_NARROW}+", joined):
        return rf"(?<!{_NARROW}){_DASHES.join(map(re.escape, joined))}(?!{_NARROW})"
    last = runs.pop()
    return _GAP.join([*map(_whole, runs), _last(last, term.phrases[0].is_beginning)])


def _whole(run: str) -> str:
    return re.escape(run) if run[0] > "\u2e7f" else rf"(?<!{_NARROW}){re.escape(run)}(?!{_NARROW})"


def _last(run: str, is_beginning: bool) -> str:
    if run[0] > "\u2e7f":
        return re.escape(run.removesuffix("ー")) + "ー?" if len(run.rstrip("ー")) > 1 else re.escape(run)
    return rf"(?<!{_NARROW}){re.escape(run)}{_NARROW}{{0,40}}" if is_beginning else _whole(run)


@dataclass(frozen=True, slots=True)
class _Line:
    """A text as the signs that one sees.

    `hits` are the places of what was found, from and to; `core` is the shortest part with the most `words` of a query.
    """

    signs: Sequence[str]
    lengths: Sequence[int]
    starts: Sequence[int]
    hits: Sequence[tuple[int, int]] = ()
    core: tuple[int, int] = (0, 0)
    words: int = 0

    @classmethod
    def of(cls, text: str, hit: re.Pattern[str] | None = None, limit: int = 0) -> "_Line":
        signs = _signs(text)
        lengths = list(accumulate(map(len, signs), initial=0))
        line = cls(signs, lengths, _starts(signs))
        found = _hits(signs, hit) if hit else []
        if not found:
            return line
        words, _, core = max(_cores(found, lengths, limit), key=lambda one: one[:2])
        return replace(line, hits=[one[:2] for one in found], core=core, words=words)

    def shown(self, limit: int, marks: tuple[str, str]) -> str:
        """The piece of the line that fits, with its marks."""
        begin, end = self._window(limit, len("".join(marks)))
        told: list[str] = []
        at = begin
        for start, stop in self.hits:
            start, stop = max(start, begin), min(stop, end)
            if start < stop:
                told += [*self.signs[at:start], marks[0], *self.signs[start:stop], marks[1]]
                at = stop
        told += self.signs[at:end]
        return self._lead(begin) + "".join(told).strip() + self._tail(end)

    def _window(self, limit: int, mark: int) -> tuple[int, int]:
        def fits(begin: int, end: int, limit: int = limit) -> bool:
            return self._cost(begin, end, mark) <= limit

        first, last = self.core
        while last > first + 1 and not fits(first, last):
            last -= 1
        begin = self._sentence_before(first)
        if not fits(begin, last, max(limit * 2 // 3, self._cost(first, last, mark))):
            begin = first
            while fits(begin - 1, last, max(limit // 3, self._cost(first, last, mark))):
                begin -= 1
            begin = self._between_words(begin, min(begin + WORD_END, first), begin)
        end = last
        while end < len(self.signs) and fits(begin, end + 1):
            end += 1
        if end < len(self.signs):
            sentence = self._sentence_before(end)
            if sentence >= last and self._cost(begin, sentence, mark) >= limit // 2:
                end = sentence
            else:
                end = max(last, next((start for start, stop in self.hits if start < end < stop), end))
                end = self._between_words(end, max(end - WORD_END, last), end)
        while begin in self.starts and begin and fits(self._sentence_before(begin - 1), end):
            begin = self._sentence_before(begin - 1)
        return begin, end

    def _cost(self, begin: int, end: int, mark: int) -> int:
        """Characters of a part, with its marks and ellipses."""
        if begin < 0:
            return 1 << 30
        hits = sum(start < end and stop > begin for start, stop in self.hits)
        around = len(self._lead(begin)) + len(self._tail(end))
        return self.lengths[end] - self.lengths[begin] + hits * mark + around

    def _lead(self, begin: int) -> str:
        return "" if begin in self.starts else ELLIPSIS

    def _tail(self, end: int) -> str:
        return "" if end == len(self.signs) or end in self.starts else ELLIPSIS

    def _sentence_before(self, place: int) -> int:
        return self.starts[bisect_right(self.starts, place) - 1]

    def _between_words(self, begin: int, end: int, otherwise: int) -> int:
        """The place of the first space from `begin` to `end`, whichever comes first."""
        step = 1 if begin <= end else -1
        return next((place for place in range(begin, end, step) if self.signs[place] == " "), otherwise)


def _hits(signs: Sequence[str], hit: re.Pattern[str]) -> list[tuple[int, int, int]]:
    """From, to, and which of the words."""
    folds = [_folded(sign) for sign in signs]
    places = list(accumulate(map(len, folds), initial=0))
    found: list[tuple[int, int, int]] = []
    for one in hit.finditer("".join(folds)):
        start, stop = bisect_right(places, one.start()) - 1, bisect_left(places, one.end())
        if found and start < found[-1][1]:  # both lie within one sign
            start = found[-1][1]
        if start < stop:
            found.append((start, stop, one.lastindex or 0))
    return found


def _cores(
    found: Sequence[tuple[int, int, int]], lengths: Sequence[int], limit: int
) -> Iterator[tuple[int, int, tuple[int, int]]]:
    """From each hit on: the words within the limit, minus the characters that they take, and from where to where."""
    for place, (first, last, word) in enumerate(found):
        words = {word}
        for _, stop, other in islice(found, place + 1, None):
            if lengths[stop] - lengths[first] > limit:
                break
            if other not in words:
                words.add(other)
                last = stop
        yield len(words), lengths[first] - lengths[last], (first, last)


def _starts(signs: Sequence[str]) -> list[int]:
    """Where sentences begin."""
    starts = [0]
    after_end = False
    for place, sign in enumerate(signs):
        if after_end and sign not in _CLOSING and sign != " ":
            starts.append(place)
            after_end = False
        before_space = sign in _ENDS_BEFORE_SPACE and signs[place + 1 : place + 2] == [" "]
        after_end = after_end or sign in _ENDS or before_space
    return starts


def _signs(text: str) -> list[str]:
    """The text cut into what is seen as one sign each: letters with their accents, emoji with what belongs to them."""
    signs: list[str] = []
    for one in text:
        if signs and len(signs[-1]) < LONGEST_SIGN and _belongs(one, signs[-1]):
            signs[-1] += one
        else:
            signs.append(one)
    return signs


def _belongs(one: str, before: str) -> bool:
    if one < "\u0300":
        return False
    if before[-1] == "\u200d" or one in "\u200d\uff9e\uff9f" or unicodedata.category(one)[0] == "M":
        return True
    if "\U0001f1e6" <= one <= "\U0001f1ff":  # the two letters of a flag
        return len(before) == 1 and "\U0001f1e6" <= before <= "\U0001f1ff"
    is_jamo = "\u1160" <= one <= "\u11ff"
    return is_jamo or "\U0001f3fb" <= one <= "\U0001f3ff" or "\U000e0020" <= one <= "\U000e007f"


@lru_cache(maxsize=8192)
def _folded(sign: str) -> str:
    return folded(sign)
