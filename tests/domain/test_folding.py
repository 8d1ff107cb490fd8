"""One spelling for width, case, kana and names; and the grams that texts are found by."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.folding import LONGEST_WORD, MOST_WORDS, Phrase, folded, grams, is_searchable, terms

ANYTHING = st.text(max_size=60)
JAPANESE = st.text(st.sampled_from("東京都請求書髙崎々〆ぁアｱﾊﾞパーんヴヶ"), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("written", "alike"),
    [
        ("Ｅ－５０２", "e-502"),
        ("ｻｰﾊﾞｰ", "サーバー"),
        ("か\u3099", "が"),
        ("カタカナ", "かたかな"),
        ("髙橋", "高橋"),
        ("岡﨑", "岡崎"),
        ("濵田 濱田", "浜田 浜田"),
        ("渡邊 渡邉", "渡辺 渡辺"),
        ("齋藤 齊藤 斎藤", "斉藤 斉藤 斉藤"),
        ("小嶋 小嶌", "小島 小島"),
        ("櫻井 澤田 廣瀬 眞田 國井", "桜井 沢田 広瀬 真田 国井"),
        ("葛\U000e0100飾区", "葛飾区"),
        ("霞ヶ関", "霞ケ関"),
        ("０９０ー１２３４", "090-1234"),
        ("Straße CAFÉ", "strasse cafe"),
        ("soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"),
        ("㈱㍿①", "(株)株式会社1"),
    ],
)
def test_what_is_written_either_way_is_folded_alike(written: str, alike: str) -> None:
    assert folded(written) == folded(alike)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("は", "ば"),
        ("びょういん", "びよういん"),
        ("サーバ", "サバ"),
        ("一", "ー"),
        ("渡辺", "渡部"),
        ("佐々木", "佐佐木"),
    ],
)
def test_what_means_something_else_stays_apart(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_no_character_is_folded_differently_the_second_time() -> None:
    every = [chr(code) for code in range(sys.maxunicode + 1)]
    assert [one for one in every if folded(folded(one)) != folded(one)] == []


def test_a_document_is_cut_into_pairs_ends_and_words() -> None:
    assert grams("請求書 (Invoice #12) が") == ["請求", "求書", "書", "invoice", "12", "が"]
    assert grams("東京・大阪。") == ["東京", "京", "大阪", "阪"]
    assert grams("iPhone15の") == ["iphone15", "の"]


def test_a_number_with_dashes_is_there_without_them_too() -> None:
    assert grams("TEL 03-1234-5678") == ["tel", "03", "1234", "5678", "0312345678"]
    assert grams("Wi-Fi") == ["wi", "fi"]


def test_a_query_is_a_phrase_for_each_word() -> None:
    wanted = [term.phrases for term in terms("請求書　再発行")]
    assert wanted == [(Phrase(("請求", "求書")),), (Phrase(("再発", "発行")),)]


def test_one_character_is_the_beginning_of_a_pair() -> None:
    assert [term.phrases for term in terms("書")] == [(Phrase(("書",), is_beginning=True),)]


@pytest.mark.parametrize(
    ("typed", "is_beginning"),
    [("invo", True), ("in", False), ("123", False), ("請求書", False), ("請求 invo", True), ("invo 請求", False)],
)
def test_only_the_last_latin_word_may_be_half_typed(typed: str, is_beginning: bool) -> None:
    assert any(phrase.is_beginning for term in terms(typed) for phrase in term.phrases) is is_beginning


@pytest.mark.parametrize("typed", ["", " \u3000", "？", "★・。", "\0", "'\"%_\\", "\ud800", "()&|!<->:*"])
def test_there_is_nothing_to_look_for_without_a_letter_or_digit(typed: str) -> None:
    assert not is_searchable(typed)
    assert terms(typed) == []


def test_a_query_of_any_length_asks_for_a_little() -> None:
    long = terms(" ".join(f"word{n}" for n in range(10_000)))
    assert len(long) == MOST_WORDS
    assert all(len(gram) <= LONGEST_WORD for term in terms("x" * 10_000) for p in term.phrases for gram in p.grams)
    assert terms("x" * 10_000)[0].phrases[0].grams == tuple(grams("x" * 10_000))


@given(ANYTHING)
def test_grams_hold_letters_and_digits_alone(text: str) -> None:
    asked = [gram for term in terms(text) for phrase in term.phrases for gram in phrase.grams]
    assert [one for one in [*grams(text), *asked] if not one or any(sign in one for sign in "'\"\\:*&|!<>() \0")] == []


@given(ANYTHING)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(JAPANESE, JAPANESE, JAPANESE)
def test_a_text_is_found_by_any_piece_of_it(before: str, piece: str, after: str) -> None:
    """What is asked for stands in the text, gram after gram; of a single character, as the beginning of one."""
    text = folded(before + piece + after)  # a voiced mark belongs to the character before it
    there = grams(text)
    for begin in range(len(text)):
        for end in (begin + 1, begin + 2, len(text)):
            for phrase in [term.phrases[0] for term in terms(text[begin:end])]:
                assert any(_stands(phrase, there[at:]) for at in range(len(there)))


def _stands(phrase: Phrase, there: list[str]) -> bool:
    *first, last = phrase.grams
    whole = there[: len(phrase.grams)]
    is_last = len(whole) == len(phrase.grams) and (
        whole[-1].startswith(last) if phrase.is_beginning else whole[-1] == last
    )
    return is_last and whole[:-1] == first
