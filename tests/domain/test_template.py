"""Templates: names, variables, filling in, and the difference between two versions."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import Refusal
from bot.domain.template import (
    ACTIONS,
    BODY_LENGTH,
    KNOWN,
    Draft,
    Template,
    Unfilled,
    best,
    difference,
    fill,
    near_variables,
    own_variables,
    unfilled,
    variables,
)
from tests.builders import EMMA, HANA, KEN

DRAFT = Draft("late", "ja", "お届けの遅れ", "{customer_name}様\n{商品名}の発送が遅れております。")


def a_draft(**fields: Any) -> Draft:
    return replace(DRAFT, **fields)


HOSTILE = "{0.__class__} {customer_name.__init__} {customer_name!r} {:>9999999} {} { } %(a)s <b> '; DROP TABLE template"
TEXTS = st.text(st.sampled_from("ab{}あ名_1 \n%$｛｝。{}"), max_size=40)


def test_variables_are_letters_digits_and_lines_in_braces() -> None:
    body = "{customer_name} {商品名} {tracking_number} {お客様ID_2} {customer_name} {a b} {} {a-b} {{x} {a.b} {a!r}"
    assert variables(body) == ["customer_name", "商品名", "tracking_number", "お客様ID_2"]
    assert own_variables(body) == ["商品名", "tracking_number", "お客様ID_2"]


def test_full_width_and_large_letters_are_the_same_known_variable() -> None:
    assert variables("{Customer_Name} {ｃｕｓｔｏｍｅｒ＿ｎａｍｅ}") == ["customer_name"]
    assert fill("{Customer_Name}", {"customer_name": "伊藤"}) == "伊藤"


def test_two_braces_write_one() -> None:
    assert fill("{{customer_name} and {x", {}) == "{customer_name} and {x"


def test_values_stand_as_they_are() -> None:
    values = {"a": "{b} {{ %s \\1 \\g<0> {0.__class__}", "b": "2"}
    assert fill("{a}|{b}", values) == "{b} {{ %s \\1 \\g<0> {0.__class__}|2"


def test_what_formats_in_other_languages_is_text_here() -> None:
    assert fill(HOSTILE, {}) == HOSTILE


@pytest.mark.parametrize("value", ["", " ", "\n", "　"])
def test_an_empty_value_is_none(value: str) -> None:
    with pytest.raises(Unfilled, match=r"^a$"):
        fill("{a} {b}", {"a": value, "b": "2"})


@given(TEXTS, st.dictionaries(st.sampled_from(["a", "b", "あ", "名", "a1", "_"]), TEXTS))
def test_nothing_is_ever_left_unfilled_unnoticed(body: str, values: dict[str, str]) -> None:
    missing = unfilled(body, values)
    if missing:
        with pytest.raises(Unfilled):
            fill(body, values)
        return
    assert fill(body, values) == _by_hand(body, values)


@given(TEXTS)
def test_filling_with_a_mark_shows_every_variable_and_nothing_else(body: str) -> None:
    """The rest of the text stays, character by character."""
    values = {name: f"<{name}>" for name in variables(body)}
    assert fill(body, values) == _by_hand(body, values)


@given(st.text(max_size=60))
def test_a_text_with_its_braces_doubled_is_filled_in_as_it_was(text: str) -> None:
    written = text.replace("{", "{{")
    assert variables(written) == []
    assert fill(written, {}) == text


def _by_hand(body: str, values: dict[str, str]) -> str:
    """Filling, told another way: one character after the other."""
    out, at = "", 0
    while at < len(body):
        end = body.find("}", at)
        name = body[at + 1 : end] if body[at] == "{" and end > at + 1 else ""
        if body.startswith("{{", at):
            out, at = out + "{", at + 2
        elif name and all(one.isalnum() or one == "_" for one in name):
            out, at = out + values[name], end + 1
        else:
            out, at = out + body[at], at + 1
    return out


def test_what_only_looks_like_a_variable_is_named() -> None:
    assert near_variables("{{customer_name}} ｛商品名｝ { a } {b} {c d}") == [
        "{{customer_name}}",
        "｛商品名｝",
        "{ a }",
        "{c d}",
    ]


@pytest.mark.parametrize("name", ["late", "late-delivery", "返品", "お詫び-2", "2nd", "サポート", "x" * 40])
def test_good_names(name: str) -> None:
    assert replace(DRAFT, name=name).checked().name == name


def test_a_name_is_kept_in_its_plain_spelling() -> None:
    assert replace(DRAFT, name=" Ｌａｔｅ-ﾍﾝﾋﾟﾝ ").checked().name == "late-ヘンピン"


@pytest.mark.parametrize(
    ("field", "value", "key"),
    [
        *(("name", name, "template.bad_name") for name in ("", " ", "a b", "a/b", "-a", "1042", "１０４２", "x" * 41)),
        *(("name", name, "template.bad_name") for name in ("../x", "a.md", "a:b", "<b>", "{a}", "'; --", "id:5", "#5")),
        *(("name", name, "template.action_name") for name in (*ACTIONS, "ADD", "ｅｄｉｔ")),
        *(("language", one, "template.bad_language") for one in ("", "japanese", "j", "<b>", "ja_JP; --")),
        *(("title", title, "template.bad_title") for title in ("", " \n", "x" * 101)),
        *(("body", body, "template.bad_body") for body in ("", " \n ", "x" * (BODY_LENGTH + 1))),
        ("body", "🎉" * (BODY_LENGTH // 2 + 1), "template.bad_body"),
        ("body", "{" + "x" * 41 + "}", "template.long_variable"),
        ("body", "{a}{b}{c}{d}{e}{f}", "template.many_variables"),
    ],
)
def test_what_no_template_may_be(field: str, value: str, key: str) -> None:
    with pytest.raises(Refusal) as told:
        a_draft(**{field: value}).checked()
    assert told.value.key == key


def test_known_variables_do_not_count_among_the_five_own() -> None:
    body = "".join(f"{{{name}}}" for name in (*KNOWN, "a", "b", "c", "d", "e"))
    assert replace(DRAFT, body=body).checked().body == body


def test_a_body_is_kept_with_plain_line_ends() -> None:
    assert replace(DRAFT, body="\r\n a \r\nb\rc  \n\n").checked().body == " a\nb\nc"


@given(st.text(max_size=80), st.text(max_size=200))
def test_checking_a_second_time_changes_nothing(name: str, body: str) -> None:
    try:
        once = replace(DRAFT, name=name or "a", body=body or "b").checked()
    except Refusal:
        return
    assert once.checked() == once


def test_who_may_change_it() -> None:
    hers = Template(1, "late", "", "ja", "t", "b", owner=HANA, review_on=date(2027, 4, 1))
    assert [hers.may_be_changed_by(one) for one in (HANA, KEN, EMMA)] == [True, False, True]
    nobodys = replace(hers, owner=None)
    assert [nobodys.may_be_changed_by(one) for one in (HANA, EMMA)] == [False, True]
    assert not replace(hers, owner=KEN).may_be_changed_by(replace(EMMA, role=None))


def test_the_variant_that_fits_best() -> None:
    def variant(id_: int, queue: str, language: str, retired: bool = False) -> Template:
        return Template(id_, "late", queue, language, "t", "b", retired=retired)

    every = [variant(1, "", "en"), variant(2, "", "ja"), variant(3, "returns", "en"), variant(4, "returns", "ja", True)]

    def chosen(queue: str, language: str) -> int | None:
        found = best(every, queue, language)
        return found.id if found else None

    assert chosen("returns", "en") == 3
    assert chosen("support", "en") == 1
    assert chosen("returns", "ja") == 2, "the customer's language counts before the queue"
    assert chosen("returns", "zh") == 3
    assert chosen("", "ja") == 2
    assert best([every[2]], "support", "en") is None, "one for another queue never"
    assert best([every[3]], "returns", "ja") is None, "a retired one never"


def test_a_difference_is_told_sentence_by_sentence() -> None:
    before = "お世話になっております。発送が遅れております。\n\n来週お届けします。"
    after = "お世話になっております。発送が大変遅れております。\n\n来週お届けします。"
    assert difference(before, after) == [
        (" ", "お世話になっております。"),
        ("-", "発送が遅れております。"),
        ("+", "発送が大変遅れております。"),
        (" ", ""),
        ("…", ""),
    ]
    assert difference(before, before) == []


@given(TEXTS, TEXTS)
def test_a_difference_tells_what_is_gone_and_what_is_new(before: str, after: str) -> None:
    marks = {mark for mark, _ in difference(before, after)}
    assert bool(marks & {"+", "-"}) == (before != after)
