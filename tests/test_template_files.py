"""Templates as files: both forms give back what was written, and every problem is told by its line, all at once."""

import csv
import io
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from bot.domain.agent import Agent
from bot.domain.errors import Refusal
from bot.domain.template import Draft, Template, variables
from bot.starters import FOLDER, starters
from bot.template_files import FilesWrong, Judge, read_files, write_files, written
from bot.template_files.sheet import guarded, unguarded
from tests.builders import EMMA, HANA, KEN

HEADER = "name,queue,language,title,owner,review_on,retired,body"
LATE = Draft("late-delivery", "en", "Late", "Dear {customer_name},\n\nsorry.")
TEAM = {"workspace:hana": [HANA], "Hana": [HANA], "workspace:ken": [KEN], "Ken": [KEN], "workspace:emma": [EMMA]}
ACTING = "=+-@\t\r＝＋－＠"

texts = some.text(
    some.one_of(
        some.sampled_from("'\"=+-@\t\r\n,;:#{}|> ＝＠　-.\u2028\x85\ufeff👍🏽髙﨑"), some.characters(codec="utf-8")
    ),
    max_size=40,
).map(lambda text: text.replace("\0", ""))
bodies = some.one_of(
    texts, some.lists(some.sampled_from(["---", "...", "name: x", "", "=1+1", '"', "“様”"])).map("\n".join)
)


def says(refusal: Refusal) -> str:
    return f"{refusal.key} {dict(refusal.details)}"


def judge(standing: tuple[Template, ...] = (), **more: list[Agent]) -> Judge:
    return Judge({**TEAM, **more}, ("support", "returns"), standing, says)


def drafts_of(path: Path, *standing: Template) -> list[Draft]:
    return judge(standing).drafts(read_files(path))


def row(draft: Draft) -> dict[str, str]:
    owner = f"workspace:{draft.owner.name.lower()}" if draft.owner else ""
    return written(
        draft.name, draft.queue, draft.language, draft.title, owner, draft.review_on, draft.retired, draft.body
    )


def problems_of(path: Path, *standing: Template) -> list[str]:
    with pytest.raises(FilesWrong) as caught:
        drafts_of(path, *standing)
    return [str(problem).removeprefix(f"{path}") for problem in caught.value.problems]


def markdown(folder: Path, head: str, body: str = "Hello.", name: str = "one.md") -> Path:
    path = folder / name
    path.write_text(f"---\n{head}\n---\n{body}\n", encoding="utf-8")
    return path


def sheet(folder: Path, *rows: str, encoding: str = "utf-8", header: str = HEADER) -> Path:
    path = folder / "templates.csv"
    path.write_bytes("\r\n".join([header, *rows, ""]).encode(encoding))
    return path


# --- what is written comes back -----------------------------------------------------------------------------


@some.composite
def drafts(draw: some.DrawFn) -> Draft:
    """A draft as the domain would keep it."""
    made = Draft(
        draw(some.from_regex("[a-zぁ-ん髙][a-z0-9ー髙-]{0,8}", fullmatch=True)),
        draw(some.sampled_from(["en", "ja", "no", "pt-br"])),
        draw(texts),
        draw(bodies),
        draw(some.sampled_from(["", "support", "returns"])),
        draw(some.sampled_from([None, HANA, KEN, EMMA])),
        draw(some.none() | some.dates(min_value=date(1000, 1, 1))),
        draw(some.booleans()),
    )
    try:
        return made.checked()
    except Refusal:
        return LATE


@pytest.mark.parametrize("target", ["templates.csv", "templates"])
@given(kept=some.lists(drafts(), max_size=6, unique_by=lambda one: one.key))
@settings(max_examples=150, deadline=None)
def test_what_is_written_comes_back_by_both_forms(target: str, kept: list[Draft]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, target)
        write_files(path, map(row, kept))
        if kept or path.suffix:
            assert sorted(drafts_of(path), key=lambda one: one.key) == sorted(kept, key=lambda one: one.key)
        else:
            assert problems_of(path) == [": there is no Markdown file (*.md) in this folder"]


@given(cell=some.one_of(texts, some.from_regex(f"'{{0,3}}[ {ACTING}]{{0,3}}.?", fullmatch=True)))
def test_no_cell_begins_as_a_formula_does_and_every_cell_comes_back(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell
    assert guarded(cell).strip()[:1] not in tuple(ACTING)
    assert guarded(cell)[:1] not in tuple(ACTING)


@pytest.mark.parametrize(
    "cell", ['=HYPERLINK("http://example.com")', "＝1+1", " \n=1", "\t=1", "'=1", "@SUM(A1)", "-5"]
)
def test_a_sheet_holds_no_formula_and_every_cell_in_quotes(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "new" / "templates.csv"
    write_files(path, [row(Draft("a", "en", cell, cell))])
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf" + ",".join(f'"{name}"' for name in HEADER.split(",")).encode() + b"\r\n")
    cells = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))[1]
    assert (cells[3], cells[7]) == (f"'{cell}", f"'{cell}")


def test_a_file_is_named_by_name_language_and_queue_and_never_by_one_that_is_taken(tmp_path: Path) -> None:
    rows = [
        row(LATE),
        row(Draft("遅延", "ja", "遅延", "本文", "返品/交換")),
        row(Draft("遅延", "ja", "遅延", "本文", "返品?交換")),
    ]
    write_files(tmp_path / "out", rows)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "late-delivery.en.md",
        "遅延.ja.返品_交換.2.md",
        "遅延.ja.返品_交換.md",
    ]
    assert (tmp_path / "out" / "late-delivery.en.md").read_text(encoding="utf-8") == (
        "---\nname: late-delivery\nqueue: ''\nlanguage: en\ntitle: Late\nowner: ''\nreview_on: ''\nretired: false\n"
        "---\n"
        "Dear {customer_name},\n\nsorry.\n"
    )


# --- what others write --------------------------------------------------------------------------------------


def test_a_sheet_of_a_japanese_excel_is_read_and_said_to_be_one(tmp_path: Path) -> None:
    path = sheet(tmp_path, 'chien,,ja,遅延のお詫び,Hana,2027/4/1,FALSE,"髙橋 様\nお詫び①"', ",,,,,,,", encoding="cp932")
    reading = read_files(path)
    assert reading.remarks == [f"{path}: read as Shift_JIS (cp932); save it as UTF-8 if a text looks wrong"]
    (draft,) = judge().drafts(reading)
    assert draft == Draft("chien", "ja", "遅延のお詫び", "髙橋 様\nお詫び①", "", HANA, date(2027, 4, 1))


def test_a_sheet_may_have_semicolons_another_order_and_fewer_columns(tmp_path: Path) -> None:
    path = sheet(tmp_path, "Hello, you;Hi;en;hello", header="\ufeffBody;Title;LANGUAGE;name")
    assert drafts_of(path) == [Draft("hello", "en", "Hi", "Hello, you")]


def test_a_file_of_windows_is_read(tmp_path: Path) -> None:
    path = tmp_path / "one.MD"
    path.write_bytes(
        b"\xef\xbb\xbf---\r\nname: hello\r\nlanguage: no\r\ntitle: 'Hi: you'\r\n--- \r\nOne\r\n---\r\n\r\nTwo\r\n"
    )
    assert drafts_of(path) == [Draft("hello", "no", "Hi: you", "One\n---\n\nTwo")]


def test_folders_are_read_with_the_folders_in_them_but_not_what_is_hidden(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / ".git").mkdir()
    head = "name: {0}\nlanguage: en\ntitle: {0}"
    markdown(tmp_path / "en", head.format("inner"))
    markdown(tmp_path, head.format("outer"))
    for hidden in (tmp_path / ".git" / "x.md", tmp_path / "._one.md", tmp_path / "note.txt"):
        hidden.write_bytes(b"\xff\x00")
    assert [draft.name for draft in drafts_of(tmp_path)] == ["inner", "outer"]


def test_what_a_file_leaves_out_stays_as_it_is(tmp_path: Path) -> None:
    there = Template(7, "hello", "", "en", "Hi", "Hello", 3, KEN, date(2027, 1, 1), True)
    path = markdown(tmp_path, "name: hello\nlanguage: en\ntitle: New", "New")
    assert drafts_of(path, there) == [Draft("hello", "en", "New", "New", "", KEN, date(2027, 1, 1), True)]
    path = markdown(tmp_path, "name: hello\nlanguage: en\ntitle: New\nowner:\nreview_on: ~\nretired: no", "New")
    assert drafts_of(path, there) == [Draft("hello", "en", "New", "New")]


@pytest.mark.parametrize(("owner", "found"), [("ken", KEN), ("Ｋｅｎ ", KEN), ("workspace:emma", EMMA), ("", None)])
def test_an_owner_is_named_by_name_or_by_platform_and_handle(tmp_path: Path, owner: str, found: Agent | None) -> None:
    path = markdown(tmp_path, f"name: a\nlanguage: en\ntitle: A\nowner: '{owner}'")
    assert drafts_of(path)[0].owner == found


def test_what_looks_like_a_variable_and_is_none_is_remarked(tmp_path: Path) -> None:
    path = markdown(tmp_path, "name: a\nlanguage: en\ntitle: A", "Dear { name }")
    remarks: list[str] = []
    Judge({}, (), (), says, remarks.append).drafts(read_files(path))
    assert remarks == [
        f"{path}:6: {{ name }} looks like a variable and is taken for text; a variable is {{customer_name}}"
    ]


# --- what is wrong ------------------------------------------------------------------------------------------


def test_all_that_is_wrong_in_a_sheet_is_told_at_once(tmp_path: Path) -> None:
    path = sheet(
        tmp_path,
        'late,nowhere,en,Late,Bob,tomorrow,perhaps,"Two\nlines"',
        "late,,en,Late,Hana,,,Fine",
        "list,,en,,,,,Hi",
        "short,,en",
        "late,,en,Late,,2027-02-30,,Again",
        "late,,en,Late,,,,Again",
    )
    assert problems_of(path) == [
        ":2: 'perhaps' is neither yes nor no: write one of them",
        ":2: 'tomorrow' is no date: write it as 2027-04-30, or nothing",
        ":2: nobody of the team is called 'Bob': write a name as /team shows it, or platform:handle, or nothing",
        ":2: there is no queue 'nowhere': leave it empty for all queues; the queues are returns, support",
        ":5: template.action_name {'given': 'list'}",
        ":5: template.bad_title {'length': 0, 'limit': 100}",
        ":6: the row has 3 cells, and the first row names 8: put quotes around each",
        ":7: '2027-02-30' is no date: write it as 2027-04-30, or nothing",
        f":8: 'late' (en, any queue) is in {path}:4 already: leave one out",
    ]


def test_all_that_is_wrong_in_a_folder_is_told_at_once(tmp_path: Path) -> None:
    bad = markdown(tmp_path, "name: a b\nlanguage: English!\ntitle: [a]\ntitel: A\nname: b\nretired: 2", "", "a.md")
    broken = markdown(tmp_path, "name: a\ntitle: @b\nlanguage: en", name="b.md")
    plain = tmp_path / "c.md"
    plain.write_text("# Read me\n")
    bare = markdown(tmp_path, "just words", name="d.md")
    with pytest.raises(FilesWrong) as caught:
        drafts_of(tmp_path)
    told = [str(problem).removeprefix(f"{tmp_path}/") for problem in caught.value.problems]
    assert [one.partition(": ")[0] for one in told] == [
        *("a.md:2", "a.md:3", "a.md:4", "a.md:5", "a.md:6", "a.md:7", "a.md:9"),
        *("b.md:3", "c.md:1", "d.md:2"),
    ]
    assert "template.bad_name" in told[0]
    assert "template.bad_language" in told[1]
    assert told[2].endswith("'title' has to be one text: put it into quotes")
    assert told[3].startswith("a.md:5: there is no 'titel' in the front matter: it knows name, queue, language")
    assert told[4].endswith("'name' is there twice: leave one out")
    assert "template.bad_body" in told[6]
    assert "put a value that holds : # or quotes into quotes" in told[7]
    assert "the front matter is missing: begin with a line ---" in told[8]
    assert {bad, broken, plain, bare} == {Path(problem.file) for problem in caught.value.problems}


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("name,language,title", ["the column 'body' is missing: name it in the first row"]),
        ("name,language,title,body,body", ["the column 'body' is there twice: leave one out"]),
        ("name,language,title,text", ["there is no column 'text': the columns are", "the column 'body' is missing"]),
    ],
)
def test_a_first_row_with_wrong_columns(tmp_path: Path, header: str, told: list[str]) -> None:
    problems = problems_of(sheet(tmp_path, header=header))
    assert [any(said in problem and problem.startswith(":1: ") for problem in problems) for said in told] == [
        True
    ] * len(told)
    assert len(problems) == len(told)


def head_without(name: str) -> str:
    return "\n".join(line for line in ("name: a", "language: en", "title: A") if not line.startswith(name))


@pytest.mark.parametrize("name", ["name", "language", "title"])
def test_front_matter_that_leaves_out_what_is_needed(tmp_path: Path, name: str) -> None:
    problems = problems_of(markdown(tmp_path, head_without(name)))
    assert problems == [f":1: the front matter does not say the {name}: add a line `{name}: ...`"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", ":1: it is empty: begin with the row name,queue,language,title,owner,review_on,retired,body"),
        (HEADER.encode("utf-16"), ": it is UTF-16: save it as UTF-8 (in Excel: CSV UTF-8)"),
        (b"name\xff\xff\x81", ": it is neither UTF-8 nor Shift_JIS: save it as UTF-8"),
        (b"name\r\na\0", ":2: it holds a NUL character: save it as text, in UTF-8"),
        (f'{HEADER}\n"a,,en'.encode(), ":2: a cell cannot be read"),
        (f'{HEADER}\na,,en,"A"b,,,,c'.encode(), ":2: a cell cannot be read"),
    ],
)
def test_a_file_that_is_no_sheet(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "templates.csv"
    path.write_bytes(content)
    (problem,) = problems_of(path)
    assert problem.startswith(told)


def test_an_owner_whose_name_others_have_too(tmp_path: Path) -> None:
    path = markdown(tmp_path, "name: a\nlanguage: en\ntitle: A\nowner: Hana")
    with pytest.raises(FilesWrong, match=r"one\.md:5: several people are called 'Hana': write platform:handle"):
        judge(hana=[EMMA]).drafts(read_files(path))


@pytest.mark.parametrize("name", ["templates.xlsx", "missing", "missing.csv"])
def test_what_cannot_be_read_is_told_in_a_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "templates.xlsx").write_bytes(b"PK")
    with pytest.raises((ValueError, OSError), match=name):
        read_files(tmp_path / name)


def test_a_file_that_is_neither_form_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"name a file that ends in \.csv, or a folder"):
        write_files(tmp_path / "templates.xlsx", [row(LATE)])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["csv", "md"])
@given(noise=some.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_no_file_is_too_strange_to_be_judged(form: str, noise: bytes) -> None:
    starts: dict[str, bytes] = {"csv": HEADER.encode() + b"\r\n", "md": b"---\nname: a\n"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"one.{form}")
        for content in (noise, starts[form] + noise):
            path.write_bytes(content)
            assert judged(lambda: drafts_of(path)) in ("drafts", "problems")


def judged(judging: Callable[[], list[Draft]]) -> str:
    try:
        judging()
    except FilesWrong as wrong:
        return "problems" if wrong.problems else "nothing told"
    return "drafts"


# --- the starter set ----------------------------------------------------------------------------------------


def by_language() -> Iterator[tuple[str, dict[str, Draft]]]:
    for language in ("en", "ja"):
        yield language, {one.name: one for one in starters() if one.language == language}


def test_the_starter_set_has_the_same_templates_in_both_languages() -> None:
    (_, english), (_, japanese) = by_language()
    assert english.keys() == japanese.keys()
    assert len(english) >= 15
    assert {one.queue for one in starters()} == {""}
    assert [path.stem for path in sorted((FOLDER / "ja").glob("*.md"))] == sorted(japanese)


def test_starters_are_written_as_letters_are() -> None:
    for language, letters in by_language():
        for letter in letters.values():
            first, *_, last = letter.body.split("\n")
            assert first == {"en": "Dear {customer_name},", "ja": "{customer_name} 様"}[language], letter.name
            assert {"customer_name", "agent_name"} <= set(variables(letter.body)), letter.name
            assert last == "{agent_name}" if language == "en" else last.endswith("。"), letter.name
