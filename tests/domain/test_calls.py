"""Calls of commands: what a button carries comes back as it was, and words typed become options."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.command import Kind, Option, plain_number, typed_options
from bot.chat.invocation import Invocation, call, pressed

VERBS = st.from_regex(r"[a-z][a-z_]{0,11}", fullmatch=True)
NUMBERS = st.none() | st.integers(min_value=1, max_value=2**31 - 1)
WORDS = st.dictionaries(
    st.sampled_from(["page", "queue", "note", "person"]),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
)

RESOLVE = (Option("inquiry", Kind.INQUIRY, required=True), Option("note", asked=True))
ASSIGN = (Option("inquiry", Kind.INQUIRY, required=True), Option("person", Kind.PERSON, required=True))
QUEUE = (Option("queue", Kind.QUEUE), Option("page", Kind.NUMBER))


@given(VERBS, NUMBERS, NUMBERS, WORDS)
def test_what_a_button_carries_comes_back(
    verb: str, inquiry: int | None, seen: int | None, options: dict[str, str]
) -> None:
    named = {"inquiry": str(inquiry)} if inquiry else {}
    assert pressed(call(verb, inquiry, seen, **options)) == (verb, {**named, **options}, seen)


def test_calls_read_well() -> None:
    assert call("claim", 1042, 7) == "claim:1042:7"
    assert call("queue", page="2") == "queue:::page=2"
    assert call("help") == "help"


@pytest.mark.parametrize("verb", ["claim", "release", "resolve", "reopen", "assign", "show"])
def test_the_longest_button_of_an_inquiry_fits_what_platforms_allow(verb: str) -> None:
    assert len(call(verb, 2**31 - 1, 2**31 - 1)) <= 100


@pytest.mark.parametrize("strange", ["", ":1:2", "claim:abc", "claim:1:x", "no such:1:2", "<@U1>"])
def test_what_is_no_call_of_ours_is_refused(strange: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        pressed(strange)


def test_a_form_adds_what_was_filled_in() -> None:
    asked = Invocation("workspace", "hana", "resolve", options={"inquiry": "1042", "note": "old"}, seen=7)
    assert asked.with_options({"note": "new"}).options == {"inquiry": "1042", "note": "new"}
    assert asked.with_options({}).seen == 7


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("", RESOLVE, {}),
        ("1042", RESOLVE, {"inquiry": "1042"}),
        ("#1042 sent anew, by express", RESOLVE, {"inquiry": "#1042", "note": "sent anew, by express"}),
        ("  1042   one of\ntwo lines ", RESOLVE, {"inquiry": "1042", "note": "one of\ntwo lines"}),
        ("inquiry:1042 note:all is well", RESOLVE, {"inquiry": "1042", "note": "all is well"}),
        ("inquiry=1042 note=all is well", RESOLVE, {"inquiry": "1042", "note": "all is well"}),
        ("1042 note: all is well", RESOLVE, {"inquiry": "1042", "note": "all is well"}),
        ("1042 see https://example.com/a", RESOLVE, {"inquiry": "1042", "note": "see https://example.com/a"}),
        ("1042 time:10:42 works", RESOLVE, {"inquiry": "1042", "note": "time:10:42 works"}),
        ("１０４２ 返金しました", RESOLVE, {"inquiry": "１０４２", "note": "返金しました"}),
        ("1042 Ken Sato", ASSIGN, {"inquiry": "1042", "person": "Ken Sato"}),
        ("person:ken 1042", ASSIGN, {"inquiry": "1042", "person": "ken"}),
        ("support 2", QUEUE, {"queue": "support", "page": "2"}),
        ("page:2", QUEUE, {"page": "2"}),
        ("support 2 and more", QUEUE, {"queue": "support", "page": "2"}),
        ("words that nobody wants", (), {}),
    ],
)
def test_words_typed_become_options(text: str, options: tuple[Option, ...], expected: dict[str, str]) -> None:
    assert typed_options(text, options) == expected


@given(st.text(), st.sampled_from([RESOLVE, ASSIGN, QUEUE]))
def test_nothing_typed_breaks_it_and_nothing_is_made_up(text: str, options: tuple[Option, ...]) -> None:
    values = typed_options(text, options)
    assert values.keys() <= {option.name for option in options}
    assert all("".join(value.split()) in "".join(text.split()) for value in values.values())


@pytest.mark.parametrize("text", ["1042", "#1042", "＃１０４２", " # 1042 "])
def test_numbers_are_read_as_people_write_them(text: str) -> None:
    assert plain_number(text) == 1042


@pytest.mark.parametrize("text", ["", "#", "ten", "10.5", "1042x"])
def test_what_is_no_number_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        plain_number(text)
