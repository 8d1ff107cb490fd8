"""The found words in their sentence: never too long, never without the hit, nothing cut that belongs together."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.folding import folded
from bot.domain.snippet import SHORTEST, snippet

MAIL = """お世話になっております。
佐藤と申します。

先日購入したノートﾊﾟｿｺﾝの返品について、送料はどちらの負担になるでしょうか。また、返金までの日数も教えてください。

株式会社サンプル 03-1234-5678 担当：髙橋"""
LETTER = (
    "Hello, my name is Nora. I have bought a printer in your shop last week and it does not start any more although I "
    "tried to turn it on and off again several times, so I would like to return it and get my money back. How much is "
    "the postage? Regards, Nora"
)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("パソコン", "先日購入したノート«ﾊﾟｿｺﾝ»の返品について、送料はどちらの負担になるでしょうか。"),
        ("ぱそこん　返品", "先日購入したノート«ﾊﾟｿｺﾝ»の«返品»について、送料はどちらの負担になるでしょうか。"),
        ("返金", "また、«返金»までの日数も教えてください。"),
        ("高橋", "株式会社サンプル 03-1234-5678 担当：«髙橋»"),
        ("0312345678", "株式会社サンプル «03-1234-5678» 担当：髙橋"),
        ("1234-5678", "株式会社サンプル 03-«1234-5678» 担当：髙橋"),
        ("さんぷる", "株式会社«サンプル» 03-1234-5678 担当：髙橋"),
        ("品", "先日購入したノートﾊﾟｿｺﾝの返«品»について、送料はどちらの負担になるでしょうか。"),
        ("存在しない", "お世話になっております。 佐藤と申します。"),
        ("!?", "お世話になっております。 佐藤と申します。"),
        ("", "お世話になっております。 佐藤と申します。"),
    ],
)
def test_what_was_found_stands_in_its_sentence(words: str, shown: str) -> None:
    assert snippet(MAIL, words, 50) == shown


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("postage", "How much is the «postage»?"),
        ("RETURN", "…so I would like to «return» it and get my money back. How much is the postage? Regards, Nora"),
        (
            "print",
            "I have bought a «printer» in your shop last week and it does not start any more although I tried to…",
        ),
        (
            "turn it",
            "…I tried to «turn» «it» on and off again several times, so I would like to return «it» and get my…",
        ),
        ("art", "Hello, my name is Nora. I have bought a printer in your shop last week and it does not start any…"),
    ],
)
def test_words_of_latin_letters_are_whole_and_the_last_may_be_half_typed(words: str, shown: str) -> None:
    assert snippet(LETTER, words, 100 if words != "postage" else 40).startswith(shown)


def test_most_of_the_words_together_are_shown_rather_than_the_first() -> None:
    text = "送料は無料です。" + "あ" * 80 + "。返品の送料はお客様のご負担です。"
    assert snippet(text, "返品 送料", 40) == "«返品»の«送料»はお客様のご負担です。"


def test_what_a_text_holds_itself_is_left_as_it_is() -> None:
    assert snippet("<b>返品</b> «x» @here {words} '; DROP TABLE", "返品", 60) == (
        "<b>«返品»</b> «x» @here {words} '; DROP TABLE"
    )


def test_marks_are_the_askers() -> None:
    assert snippet("返品します", "返品", 40, ("【", "】")) == "【返品】します"


WORDS = [
    ("返品", "返品"),
    ("パソコン", "ﾊﾟｿｺﾝ"),
    ("がぎ", "か\u3099キ\u3099"),
    ("高橋", "髙橋"),
    ("葛城", "葛\U000e0100城"),
]
WORDS += [("シャンプー", "しゃんぷー"), ("㈱山", "（株）山"), ("abc", "ＡＢＣ")]
AROUND = st.text(
    st.one_of(
        st.sampled_from("あア亜。、！ \n　.?ー々()👩‍👧🇯🇵é\u0301\u202e\u200b\u3099"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=300,
)


@given(st.sampled_from(WORDS), AROUND, AROUND, st.integers(SHORTEST, 160))
def test_it_is_never_too_long_and_always_holds_the_hit(
    word: tuple[str, str], before: str, after: str, limit: int
) -> None:
    typed, written = word
    text = f"{before} {written} {after}".replace("«", "").replace("»", "")
    found = snippet(text, typed, limit)
    assert len(found) <= limit
    assert "\n" not in found
    marked = [part.partition("»")[0] for part in found.split("«")[1:]]
    assert any(set(folded(typed)) & set(folded(one)) for one in marked), found
    assert found.count("«") == found.count("»") == len(marked)


@given(AROUND, st.text(max_size=20), st.integers(SHORTEST, 120))
def test_it_is_a_piece_of_the_text_cut_where_letters_end(text: str, words: str, limit: int) -> None:
    plain = " ".join(text.replace("«", "").replace("»", "").replace("…", "").split())
    found = snippet(plain, words, limit)
    assert len(found) <= limit
    piece = found.replace("«", "").replace("»", "").strip("…")
    assert piece in plain
    if piece and "…" in found[-1:]:
        after = plain[plain.index(piece) + len(piece) :][:1]
        accents = sum(unicodedata.category(one)[0] == "M" for one in piece)
        assert accents > 8 or not after or unicodedata.category(after)[0] != "M"
    for mark in "«»":
        inside = [part[:1] for part in found.split(mark)[1:]]
        assert not any(unicodedata.combining(one) for one in inside if one) or _begins_combining(plain)


def _begins_combining(text: str) -> bool:
    """Whether accents stand alone somewhere, where there is no letter that they could be cut from."""
    alone = [two for two in zip(" " + text, text, strict=False) if unicodedata.combining(two[1])]
    return any(before == " " or unicodedata.combining(before) for before, _ in alone)


def test_a_very_long_text_is_looked_through_to_its_end() -> None:
    text = "あいうえお、ﾊﾝｶｸ text です。" * 5000 + "存在しない語"
    assert "«存在しない語»" in snippet(text, "存在しない語", 100)
    assert len(snippet("a\u0301" * 100_000, "返品", 100)) <= 100
    assert len(snippet("a" + "\u0301" * 100_000, "a", 100)) <= 100
