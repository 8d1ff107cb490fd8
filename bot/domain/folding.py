"""How texts are made alike for searching: one spelling for width, case, kana and names, cut into pairs of characters.

Japanese has no spaces, so a run of it is cut into every pair of neighbours: 請求書 is 請求, 求書, and 書, its last
character alone, so that a single character can be asked for as the beginning of a pair. Other words stay whole.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

LONGEST_WORD = 60
"""Characters of a word that count; what is longer is no word (and a database takes no more than 2,046 bytes)."""
MOST_WORDS = 12
MOST_TYPED = 400
"""How much of a query is looked at: words, and characters."""
SHORTEST_BEGINNING = 3
"""Letters that the last Latin word of a query needs, to stand for all words that begin so."""
SHORTEST_LENGTHENED = 4
"""Characters that a word needs for its last long vowel to be optional, as in サーバ and サーバー."""

_ALIKE = """
高髙 崎﨑嵜碕 浜濱濵 辺邊邉 斉齊斎齋齎 島嶋嶌 桜櫻 沢澤 広廣 真眞 国國圀 吉𠮷 徳德 富冨 恵惠 黒黑 瀬瀨 緑綠 録錄 清淸
郎郞 朗朖 静靜 柳栁桺 館舘 関關 竜龍 滝瀧 条條 万萬 宝寶 寿壽 実實 栄榮 円圓 与與 弥彌 蔵藏 宮宫 曽曾 渕淵渊 桧檜 薮藪籔
兎兔 頼賴 増增 暁曉 礼禮 恒恆 顕顯 為爲 亀龜 剣劍剱 釈釋 芦蘆 鉄鐵 鶏鷄 礒磯 峰峯 船舩 秋穐 児兒 学學 壮壯 伝傳 豊豐
巌巖 数數 会會 台臺 体體 当當 区區 県縣 売賣 駅驛 図圖 経經 医醫 声聲
"""
"""Characters of names and places that are written either way: the first of each word stands for all of them."""

_INVISIBLE = (
    *range(0x0300, 0x0370),  # accents that belong to no one letter
    *(0x00AD, 0x2060, 0xFEFF, 0x3099, 0x309A, *range(0x200B, 0x2010)),
    *range(0xFE00, 0xFE10),
    *range(0xE0100, 0xE01F0),  # which of its shapes a character of a name has
)
_ACCENTED = (*range(0x00E0, 0x0250), *range(0x1E00, 0x1F00))


def _table() -> dict[int, str | None]:
    table: dict[int, str | None] = dict.fromkeys(_INVISIBLE)
    for code in _ACCENTED:
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base != chr(code):
            table[code] = base
    table |= {code: chr(code - 0x60) for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}
    table |= {ord("ヵ"): "か", ord("ヶ"): "け", ord("ゕ"): "か", ord("ゖ"): "け"}
    for alike in _ALIKE.split():
        table |= {ord(other): alike[0] for other in alike[1:]}
    return table


_FOLDS = _table()
_JAPANESE = "々〆〇ぁ-ゖゝ-ゟァ-ヺー-ヿ㐀-䶿一-鿿\uf900-\ufaffꥠ-ꥼ가-힣\U00020000-\U0003fffd"
_RUNS = re.compile(f"(?P<japanese>[{_JAPANESE}]+)|[^\\W_{_JAPANESE}]+")
_DASHED = re.compile(r"(?<![0-9a-z])[0-9a-z]+(?:(?:[-‐‒–—―−(]|\) ?)[0-9a-z]+)+(?![0-9a-z])")
_DASH_OF_DIGITS = re.compile(r"(?<=[0-9])[ー〜~](?=[0-9])")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Grams that follow one another; `is_beginning`: the last one may go on."""

    grams: tuple[str, ...]
    is_beginning: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a query: any of its `phrases` will do. `word` is what was typed, folded."""

    word: str
    phrases: tuple[Phrase, ...]


def folded(text: str) -> str:
    """The text as it is compared: NFKC, case, accents, katakana as hiragana, one character for variants in names.

    ー between digits is a dash. Folding twice changes nothing more.
    """
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return _DASH_OF_DIGITS.sub("-", plain.translate(_FOLDS))


def grams(text: str) -> list[str]:
    """What a document is found by, in order, letters and digits only: the pairs and ends of its Japanese, its words.

    Numbers that are written with dashes, dots or strokes stand at the end once more, without them.
    """
    plain = folded(text)
    return _cut(_runs(plain)) + list(dict.fromkeys(_joined(plain)))


def terms(words: str) -> list[Term]:
    """What a query asks for: each of its words, all of them wanted. Empty when it holds no letter and no digit."""
    found = {word: term for word in folded(words[:MOST_TYPED]).split() if (term := _term(word))}
    wanted = list(found.values())[:MOST_WORDS]
    return [*wanted[:-1], *map(_begun, wanted[-1:])]


def is_searchable(words: str) -> bool:
    """Whether there is anything in a query that can be looked for."""
    return bool(terms(words))


def _runs(plain: str) -> Iterator[tuple[str, bool]]:
    """Words and runs of Japanese; the second tells which."""
    for run in _RUNS.finditer(plain):
        if run["japanese"]:
            yield run[0], True
        else:
            yield run[0][:LONGEST_WORD], False


def _cut(runs: Iterable[tuple[str, bool]]) -> list[str]:
    return [
        gram
        for run, is_japanese in runs
        for gram in ([run[at : at + 2] for at in range(len(run))] if is_japanese else [run])
    ]


def _joined(plain: str) -> Iterator[str]:
    for one in _DASHED.finditer(plain):
        joined = "".join(filter(str.isalnum, one[0]))
        if any(map(str.isdigit, joined)):
            yield joined[:LONGEST_WORD]


def _term(word: str) -> Term | None:
    runs = list(_runs(word))
    if not runs:
        return None
    found = _cut(runs)
    last, is_japanese = runs[-1]
    if is_japanese and last.endswith("ー") and len(last) >= SHORTEST_LENGTHENED:
        found.pop()
    if is_japanese and len(last) > 1:
        found.pop()  # the end of the run, which in the text may go on
    joined = [one for one in _joined(word) if one == "".join(found)[:LONGEST_WORD]]
    is_beginning = is_japanese and len(last) == 1
    return Term(word, (Phrase(tuple(found), is_beginning), *(Phrase((one,)) for one in joined)))


def _begun(term: Term) -> Term:
    """The last word of a query may be half typed."""
    first = term.phrases[0]
    last = first.grams[-1]
    is_long_enough = len(last) >= SHORTEST_BEGINNING and last.isalpha() and not re.match(f"[{_JAPANESE}]", last)
    return replace(term, phrases=(replace(first, is_beginning=True), *term.phrases[1:])) if is_long_enough else term
