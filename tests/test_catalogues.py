"""The catalogues: both languages say the same things, every text is used, and every text that is used is there."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

import run
from adapters.workspace.people import SAMPLE_PEOPLE
from bot.chat.text import Moment
from bot.domain.advice import READ, AdviceState
from bot.domain.agent import Role
from bot.domain.article import ArticleKind, ArticleState
from bot.domain.digest import Part
from bot.domain.escalation import EscalationState, Help, Urgency, Verdict
from bot.domain.events import EventKind
from bot.domain.inquiry import Status
from bot.domain.phone import Outcome
from bot.translator import CATALOGUES, LANGUAGES, Translator
from commands import COMMANDS
from tests.support.clock import MORNING

ROOT = Path(run.__file__).parent
NAME = r"[a-z_]+(?:\.[a-z_]+)+"
VERBS = {command.name for command in COMMANDS}
CHOICES = {choice for command in COMMANDS for option in command.options for choice in option.choices}

FAMILIES: dict[str, set[str]] = {
    "status.{}": set(Status),
    "event.{}": set(EventKind),
    "choice.{}": {*Role, *CHOICES},
    "option.{}": {option.name for command in COMMANDS for option in command.options},
    "command.{}": VERBS,
    "example.{}": VERBS,
    "form.{}": {one.name for one in COMMANDS if any(option.required or option.asked for option in one.options)},
    "button.{}": {
        *("claim", "resolve", "release", "reopen", "show", "history", "similar"),
        *("assign", "answered", "wait", "resume", "snooze", "extend", "keep", "followup", "escalate"),
        *("template_edit", "template_retire", "template_versions"),
        *("article", "article_edit", "article_approve", "article_retire", "article_use"),
    },
    "template.variable.{}": {"customer_name", "inquiry_number", "subject", "queue"},
    "escalation.wants.{}": set(Help),
    "escalation.accepted.{}": set(Help),
    "escalation.help.{}": set(Help),
    "escalation.urgency.{}": set(Urgency),
    "escalation.state.{}": set(EscalationState),
    "escalation.verdict.{}": set(Verdict),
    "escalation.given.{}": {"plain", *Verdict},
    "advice.state.{}": {*AdviceState, "refused"},
    "advice.told.{}": set(READ),
    "receipts.{}": {*AdviceState, "title", "note", "live", "over", "more", "refused", "waits"},
    "ordinal.{}": {"one", "two", "few", "other"},
    "phone.outcome.{}": set(Outcome),
    "article.kind.{}": set(ArticleKind),
    "article.state.{}": set(ArticleState),
    "digest.{}": {*Part, "now"},
    "route.{}": {"show", "hide"},
    "route.{}_already": {"show", "hide"},
}
"""Names that the code puts together, with all that may stand in them: each of these texts must be there."""

OPTIONAL = {
    "form.{}": VERBS,
    "button.{}": VERBS,
    "submit.{}": VERBS,
    "hint.{}.{}": {f"{command.name}.{option.name}" for command in COMMANDS for option in command.options},
    "label.{}.{}": {f"{command.name}.{option.name}" for command in COMMANDS for option in command.options},
    "source.{}": {"mail", "workspace", "slack", "discord", "operator", "telephony"},
    "help.intro.{}": {"slack"},
}
"""Families of which a text may be missing: the code asks first, or has another text instead."""

PAGE_FAMILIES = {
    "page.role.${}": {person.role for person in SAMPLE_PEOPLE},
    "page.language.${}": {person.language for person in SAMPLE_PEOPLE},
}
"""The same for the workspace's page."""

FILLED_IN_LATER = {("refused.stranger", "handle")}
"""What the dispatcher adds to a refusal, for every command."""

WITHOUT_WORDS = re.compile(r"example\.|source\.(slack|discord)|page\.customer\.sample\.address")
"""Texts that are typed as they stand, and names of products: the same in every language."""


# --- what the code says -------------------------------------------------------------------------------------


@cache
def trees() -> tuple[ast.Module, ...]:
    """Every module of the core and the commands."""
    modules = [path for folder in ("bot", "commands") for path in sorted((ROOT / folder).rglob("*.py"))]
    return tuple(ast.parse(path.read_text(encoding="utf-8")) for path in modules)


def nodes() -> Iterator[ast.AST]:
    for tree in trees():
        yield from ast.walk(tree)


def literals() -> set[str]:
    """Every string of the code that looks like a name and begins with a name space of the catalogues."""
    spaces = {name.partition(".")[0] for name in catalogue("en")}
    strings = {node.value for node in nodes() if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {one for one in strings if re.fullmatch(NAME, one) and one.partition(".")[0] in spaces}


def put_together() -> set[str]:
    """Every f-string that looks like a family of names, with {} for what is filled in."""
    written = {
        "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        for node in nodes()
        if isinstance(node, ast.JoinedStr)
    }
    return {one for one in written if re.fullmatch(r"[a-z_]+(\.([a-z_]+|\{\}\w*))+", one)}


def spoken() -> Iterator[tuple[str, set[str]]]:
    """Every text that is said by its plain name, with the details that it is given."""
    for node in nodes():
        if not isinstance(node, ast.Call) or not node.args or any(word.arg is None for word in node.keywords):
            continue
        said = ast.unparse(node.func)
        first = node.args[0]
        if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
            continue
        if re.fullmatch(r"Refusal|(\w+\.)*say(\.text)?|say\.into\(\w+\)", said):
            yield first.value, {word.arg for word in node.keywords if word.arg}


@cache
def page_names() -> frozenset[str]:
    """Every name that the workspace's page and its server use, families still put together."""
    files = [path for path in (ROOT / "adapters" / "workspace").rglob("*") if path.suffix in (".js", ".html", ".py")]
    names: set[str] = set()
    for path in files:
        text = path.read_text(encoding="utf-8")
        counted = {f"{name}.{kind}" for name in re.findall(rf'counted\("({NAME})"', text) for kind in ("one", "other")}
        plain = set(re.findall(rf"""["'`]({NAME})["'`]""", re.sub(r'counted\("[^"]*"', "", text)))
        families = {re.sub(r"\{[^}]*\}", "{}", one) for one in re.findall(r"`(page\.[a-z_.]*\$\{[^}]*\})`", text)}
        names |= {one for one in (*counted, *plain, *families) if one.startswith("page.")}
    return frozenset(names)


@cache
def platform_names() -> frozenset[str]:
    """Every name that the chat platforms' adapters use, for what they say themselves."""
    files = [path for path in (ROOT / "adapters").rglob("*.py") if path.parent.name not in ("mail", "workspace")]
    found = re.findall(r'"(platform\.[a-z_]+)"', "\n".join(path.read_text(encoding="utf-8") for path in files))
    return frozenset(found)


# --- what the catalogues say --------------------------------------------------------------------------------


def files(language: str) -> list[Path]:
    """A language's catalogue, a file for each room."""
    return sorted((CATALOGUES / language).glob("*.po"))


@cache
def rooms(language: str) -> list[Catalog]:
    """The files, read."""
    catalogues = []
    for path in files(language):
        with path.open("rb") as file:
            catalogues.append(read_po(file, abort_invalid=True))
    return catalogues


def read(language: str) -> list[Message]:
    """Every text of every file."""
    return [message for room in rooms(language) for message in room if message.id]


@cache
def catalogue(language: str) -> dict[str, tuple[str, ...]]:
    """Name to text, or to all plural forms of it."""
    texts = {}
    for message in read(language):
        if message.id:
            name = message.id if isinstance(message.id, str) else message.id[0]
            texts[name] = forms_of(message)
    return texts


def forms_of(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def filled(families: dict[str, set[str]]) -> set[str]:
    return {re.sub(r"\$?\{\}(\.\{\})?", part, family) for family, parts in families.items() for part in parts}


def details(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_both_catalogues_hold_the_same_names_each_once() -> None:
    assert list(catalogue("en")) == list(catalogue("ja"))
    for language in LANGUAGES:
        assert [path.name for path in files(language)] == [path.name for path in files("en")]
        text = "\n".join(path.read_text(encoding="utf-8") for path in files(language))
        assert sorted(re.findall(r'^msgid "(.+)"$', text, re.M)) == sorted(catalogue(language))
        assert not any(room.obsolete for room in rooms(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty_or_unsure(language: str) -> None:
    assert [name for name, forms in catalogue(language).items() if not all(form.strip() for form in forms)] == []
    assert [message.id for message in read(language) if message.id and message.fuzzy] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_counted_has_every_plural_form_of_its_language(language: str) -> None:
    counted = {message.id[0]: message for message in read(language) if message.pluralizable}
    assert counted
    assert counted.keys() == {message.id[0] for message in read("en") if message.pluralizable}
    assert {len(forms_of(message)) for message in counted.values()} == {room.num_plurals for room in rooms(language)}
    assert [name for name, message in counted.items() if "count" not in details(forms_of(message)[-1])] == []


def test_both_languages_fill_in_the_same_details() -> None:
    for name, english in catalogue("en").items():
        wanted = details(english[-1])
        for form in (*english, *catalogue("ja")[name]):
            assert details(form) <= wanted, name
            assert wanted - details(form) <= {"count"}, name
        assert details(catalogue("ja")[name][-1]) == wanted, name


def test_details_are_plain_names_without_formats_or_attributes() -> None:
    for language in LANGUAGES:
        parts = [
            (name, part)
            for name, forms in catalogue(language).items()
            for form in forms
            for part in Formatter().parse(form)
        ]
        odd = [
            name
            for name, (_, detail, spec, conversion) in parts
            if detail is not None and (not detail.isidentifier() or spec or conversion)
        ]
        assert odd == []


def test_japanese_is_japanese_and_english_is_not() -> None:
    japanese = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
    for name, forms in catalogue("ja").items():
        if not WITHOUT_WORDS.match(name):
            foreign = [form for form in forms if re.search("[A-Za-z]", re.sub(r"\{\w+\}", "", form))]
            assert [form for form in foreign if not japanese.search(form)] == [], name
    english = {name for name, forms in catalogue("en").items() if any(japanese.search(form) for form in forms)}
    assert english == {"page.title"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_of_forms_stand_without_the_number_too(language: str) -> None:
    titles = {name: forms for name, forms in catalogue(language).items() if re.match(r"form\.", name)}
    numbered = {name: form for name, forms in titles.items() for form in forms if "{inquiry}" in form}
    assert len(numbered) > 10
    assert [name for name, form in numbered.items() if not form.endswith(" #{inquiry}")] == []


def test_one_thing_has_one_name_on_all_cards() -> None:
    for language in LANGUAGES:
        texts = catalogue(language)
        for target in ("first_response", "next_response", "resolution"):
            assert len({texts[f"{room}.{target}"] for room in ("due", "levels", "choice")}) == 1, (language, target)
        for one, other in (("waiting.third_party", "levels.a_third_party"), ("card.queue", "option.queue")):
            assert texts[one] == texts[other], (language, one)
        assert texts["page.customer.queue"] == texts["card.queue"]


# --- both together ------------------------------------------------------------------------------------------


def test_every_name_in_the_code_has_a_text() -> None:
    said = {name for name, _ in spoken()}
    assert len(said) > 50
    assert said - catalogue("en").keys() == set()
    assert literals() - catalogue("en").keys() == set()


def test_every_family_of_names_in_the_code_is_known_here_and_complete() -> None:
    assert put_together() == FAMILIES.keys() | OPTIONAL.keys()
    assert filled(FAMILIES) - catalogue("en").keys() == set()


def test_every_name_on_the_page_has_a_text() -> None:
    families = {name for name in page_names() if "$" in name}
    assert families == PAGE_FAMILIES.keys()
    assert (page_names() - families | filled(PAGE_FAMILIES)) - catalogue("en").keys() == set()


def test_every_name_of_a_platform_has_a_text() -> None:
    assert platform_names()
    assert platform_names() - catalogue("en").keys() == set()


def test_every_text_is_used() -> None:
    used = literals() | filled(FAMILIES) | filled(OPTIONAL)
    used |= page_names() | filled(PAGE_FAMILIES) | platform_names()
    assert catalogue("en").keys() - used == set()


def test_whoever_says_a_text_gives_all_its_details() -> None:
    lacking = {(name, one) for name, given in spoken() for one in details(catalogue("en")[name][-1]) - given}
    assert lacking == FILLED_IN_LATER


def test_what_is_counted_is_said_with_its_count() -> None:
    counted = {message.id[0] for message in read("en") if message.pluralizable}
    assert {name for name, given in spoken() if "count" in given} == counted


ODD: list[object] = [
    *(
        "",
        "{}",
        "{holder}",
        "}{",
        "%s %(name)s",
        "\x00",
        "<!channel> *bold* <b>",
        "＃１",
        "👩‍👧",
        "\u202eright",
        "a" * 100_000,
    ),
    *(None, True, 0, -1, 10**30, 1.5, float("nan"), b"bytes", ("a", "tuple"), Role.AGENT, ValueError("an error")),
    datetime(1, 1, 2, tzinfo=UTC),
    datetime(9999, 12, 30, tzinfo=UTC),
    Moment(MORNING, "{spoken}"),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("value", ODD, ids=lambda value: ascii(value)[:20])
def test_no_value_keeps_a_text_from_being_said(language: str, value: object) -> None:
    say = Translator().speaker(language, "Asia/Tokyo", MORNING)
    for name, forms in catalogue(language).items():
        given = dict.fromkeys({detail for form in forms for detail in details(form)}, value)
        assert isinstance(say(name, **given), str)
        assert all(isinstance(part, str | Moment) for part in say.text(name, **given))


# --- times --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "en", "ja"),
    [
        ("Asia/Tokyo", "10:00", "10:00"),
        ("UTC", "01:00", "01:00"),
        ("Asia/Kathmandu", "06:45", "06:45"),
        ("Pacific/Kiritimati", "15:00", "15:00"),
        ("America/New_York", "21:00", "21:00"),
    ],
)
def test_now_is_always_told_as_an_hour_of_today(zone: str, en: str, ja: str) -> None:
    told = {language: Translator().speaker(language, zone, MORNING).clock(MORNING) for language in LANGUAGES}
    assert told == {"en": en, "ja": ja}


@pytest.mark.parametrize(
    ("zone", "en", "ja"),
    [
        ("Asia/Tokyo", "Mar 31 23:30", "3月31日 23:30"),
        ("Europe/London", "Mar 31 15:30", "3月31日 15:30"),
        ("America/New_York", "10:30", "10:30"),
    ],
)
def test_whether_it_was_today_depends_on_where_the_reader_is(zone: str, en: str, ja: str) -> None:
    time = datetime(2026, 3, 31, 14, 30, tzinfo=UTC)
    told = {language: Translator().speaker(language, zone, MORNING).clock(time) for language in LANGUAGES}
    assert told == {"en": en, "ja": ja}


def test_clocks_that_were_changed_in_between_do_not_change_how_long_somebody_waits() -> None:
    before, after = datetime(2026, 3, 29, 0, 30, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    say = Translator().speaker("en", "Europe/London", after)
    assert [say.clock(before), say.clock(after), say.waiting(before)] == ["00:30", "02:30", "1 hour"]
    in_october = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    say = Translator().speaker("ja", "Europe/London", in_october + timedelta(hours=1))
    assert [say.clock(in_october), say.clock(say.now)] == ["01:30", "01:30"]
    assert "".join(say.waiting(in_october).split()) == "1時間"
