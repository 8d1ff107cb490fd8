"""What people type after a command, and what they press and fill in, becomes options."""

import pytest

from bot.chat.card import Card, Form
from bot.chat.command import Kind, Option, plain_number, two_worded, typed_options
from bot.chat.invocation import call, pressed
from storage.database import Database
from tests.builders import a_message, opened
from tests.commands.window import Window, current, happened, labels, rows, said
from tests.support.texts import says

ASSIGN = (Option("inquiry", Kind.INQUIRY), Option("person", Kind.PERSON))
RESOLVE = (Option("inquiry", Kind.INQUIRY), Option("note"))
QUEUE = (Option("queue", Kind.QUEUE), Option("page", Kind.NUMBER))
FIND = (
    Option("words", required=True),
    Option("queue", Kind.QUEUE, named=True),
    Option("person", Kind.PERSON, named=True),
)


@pytest.mark.parametrize(
    ("text", "options", "read"),
    [
        ("", RESOLVE, {}),
        ("1001", RESOLVE, {"inquiry": "1001"}),
        ("1001 sent it  again", RESOLVE, {"inquiry": "1001", "note": "sent it  again"}),
        ("1001 line one\nline two", RESOLVE, {"inquiry": "1001", "note": "line one\nline two"}),
        ("1001　請求書を　再送", RESOLVE, {"inquiry": "1001", "note": "請求書を 再送"}),
        ("1001 time: 10:30", RESOLVE, {"inquiry": "1001", "note": "time: 10:30"}),
        ("note:sent inquiry:1001", RESOLVE, {"note": "sent", "inquiry": "1001"}),
        ("inquiry=1001 done", RESOLVE, {"inquiry": "1001", "note": "done"}),
        ("1001 Ken Miller", ASSIGN, {"inquiry": "1001", "person": "Ken Miller"}),
        ("person:ken 1001", ASSIGN, {"inquiry": "1001", "person": "ken"}),
        ("support 2 and more", QUEUE, {"queue": "support", "page": "2"}),
        ("page:2", QUEUE, {"page": "2"}),
        ("https://example.com/a", QUEUE, {"queue": "https://example.com/a"}),
        ("page：2", QUEUE, {"page": "2"}),
        ("返品 送料 queue:support", FIND, {"words": "返品 送料", "queue": "support"}),
        ("queue：support 返品　送料", FIND, {"queue": "support", "words": "返品 送料"}),
        ('返品 person:"Ken Miller" 送料', FIND, {"words": "返品 送料", "person": "Ken Miller"}),
        ("返品 person:“佐藤 花”", FIND, {"words": "返品", "person": "佐藤 花"}),
        ('返品 queue:"support 送料', FIND, {"words": "返品 送料", "queue": '"support'}),
        ("10:30 から since:x subqueue:y", FIND, {"words": "10:30 から since:x subqueue:y"}),
        ("queue:support", FIND, {"queue": "support"}),
    ],
)
def test_typed_words_become_options(text: str, options: tuple[Option, ...], read: dict[str, str]) -> None:
    assert typed_options(text, options) == read


@pytest.mark.parametrize(
    ("verb", "text", "meant"),
    [
        ("template", "edit late-parcel", ("template_edit", "late-parcel")),
        ("template", " EDIT　late  parcel", ("template_edit", "late  parcel")),
        ("template", "ｅｄｉｔ", ("template_edit", "")),
        ("Template-Edit", "late-parcel", ("template_edit", "late-parcel")),
        ("template_edit", "edit", ("template_edit", "edit")),
        ("ｔｅｍｐｌａｔｅ", "late", ("template", "late")),
        ("template", "edition two", ("template", "edition two")),
        ("template", "edit-late", ("template", "edit-late")),
        ("template", "template:edit late", ("template", "template:edit late")),
        ("template", "", ("template", "")),
        ("edit", "template", ("edit", "template")),
        ("No-Such", "edit", ("No-Such", "edit")),
        ("", "edit", ("", "edit")),
    ],
)
def test_a_second_word_may_make_another_command(verb: str, text: str, meant: tuple[str, str]) -> None:
    assert two_worded(verb, text, {"template", "template_edit", "queue"}) == meant


@pytest.mark.parametrize("text", ["1042", "#1042", "＃１０４２", " # 1042 ", "１０４２"])
def test_numbers_as_people_write_them(text: str) -> None:
    assert plain_number(text) == 1042


@pytest.mark.parametrize("text", ["", "#", "ten", "10.5", "1042a", "9" * 5000])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        plain_number(text)


@pytest.mark.parametrize("value", ["plain", "with:colon and=sign", "窓口 & co", "50%", "a\nb"])
def test_a_call_comes_back_as_it_was_made(value: str) -> None:
    made = call("queue", 42, 7, queue=value)
    assert pressed(made) == ("queue", {"inquiry": "42", "queue": value}, 7)


@pytest.mark.parametrize("text", ["", "claim:x", "claim:1:y", "a b:1", "../claim"])
def test_what_is_no_call(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        pressed(text)


async def test_an_own_or_a_named_number_beats_the_threads(window: Window, database: Database) -> None:
    await opened(database, a_message(), a_message())
    form = await window.types("ken", "/resolve 1002")
    assert isinstance(form, Form)
    assert [one.name for one in form.inputs] == ["note"]
    assert "1002" in form.title


async def test_forms_ask_for_exactly_what_is_missing(window: Window, database: Database) -> None:
    await opened(database)
    asked = {}
    for line in ("/assign", "/assign 1001", "/resolve", "/resolve 1001", "/show", "/language", "/agent", "/route"):
        form = await window.types("emma", line)
        assert isinstance(form, Form), line
        asked[line] = [(one.name, one.required) for one in form.inputs]
    assert asked == {
        "/assign": [("inquiry", True), ("person", True)],
        "/assign 1001": [("person", True)],
        "/resolve": [("inquiry", True), ("note", False)],
        "/resolve 1001": [("note", False)],
        "/show": [("inquiry", True)],
        "/language": [("language", True)],
        "/agent": [("who", True), ("role", False)],
        "/route": [("queue", True)],
    }


async def test_what_was_typed_is_not_asked_again(window: Window, database: Database) -> None:
    await opened(database)
    form = await window.types("emma", "/assign person:ken")
    answer = await window.fills("emma", form, inquiry="#１００１")
    assert says(said(answer), "en", "assign.done", inquiry=1001, person="Ken Miller")


async def test_a_form_is_not_shown_for_what_would_be_refused(window: Window, database: Database) -> None:
    await opened(database)
    await window.types("hana", "/claim 1001")
    assert says(said(await window.types("ken", "/resolve 1001")), "en", "resolve.held", inquiry=1001)
    assert says(said(await window.types("ken", "/assign 9999")), "en", "refused.no_inquiry", inquiry=9999)
    assert says(said(await window.types("emma", "/agent @emma")), "en", "agent.self")
    assert await happened(database, 1001) == ["opened", "claimed"]


async def test_the_trial_before_a_form_changes_nothing(window: Window, database: Database) -> None:
    await opened(database)
    before = await current(database, 1001)
    assert isinstance(await window.types("ken", "/resolve 1001"), Form)
    assert isinstance(await window.types("emma", "/agent @otto"), Form)
    assert await current(database, 1001) == before
    assert len(rows(await window.types("ken", "/team"))) == 3


@pytest.mark.parametrize("page", ["-3", "0", "7", "900000000"])
async def test_any_page_number_is_answered_with_a_page_that_is_there(
    window: Window, database: Database, page: str
) -> None:
    await opened(database, *(a_message() for _ in range(10)))
    answer = await window.types("ken", f"/queue support {page}")
    assert isinstance(answer, Card)
    assert rows(answer)
    assert "queue" in labels(answer)
    answer = await window.types("ken", f"/queue support {10**23}")
    assert says(said(answer), "en", "refused.number", given=10**23)


async def test_people_by_handle_name_or_part_of_it(window: Window, database: Database) -> None:
    await opened(database)
    for given, name in (("@hana", "佐藤 花"), ("<@ken>", "Ken Miller"), ("me", "Emma Clark"), ("花", "佐藤 花")):
        answer = await window.types("emma", f"/assign 1001 {given}")
        assert says(said(answer), "en", "assign.done", person=name), given


async def test_a_name_that_fits_nobody_does_not_look_like_a_removal(window: Window) -> None:
    assert says(said(await window.types("emma", "/agent Kem none")), "en", "refused.nobody", given="Kem")
    assert says(said(await window.types("emma", "/agent Ken none")), "en", "agent.removed", person="Ken Miller")
    assert says(said(await window.types("ken", "/queue")), "en", "refused.stranger")


async def test_words_of_people_are_not_filled_in(window: Window) -> None:
    assert "“{names}”" in said(await window.types("ken", "/queue {names}"))
