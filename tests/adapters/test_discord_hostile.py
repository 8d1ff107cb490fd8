"""Whatever customers write, Discord takes the card, and finds nothing in it to mention, link or draw otherwise."""

import json
import re
from datetime import UTC, datetime
from itertools import cycle, islice, product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.discord.layout import MARKS
from adapters.discord.render import modal_of
from adapters.discord.text import BREAK, escaped, quoted
from bot.chat.card import Button, Card, Choice, Field, Form, Input, InputKind, Item, Link, Style, Tone
from bot.chat.text import Moment, Text, cleaned, one_line, words
from tests.adapters.discord_pictures import drawn, texts_of, wrong_with_message, wrong_with_modal
from tests.adapters.slack_cards import real_cards, speaker
from tests.journeys.discord_reading import seen_card, told, walked

DISGUISES = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
RAW = re.compile(
    r"@(?:everyone|here)|<@[!&]?\d|<#\d|<a?:\w+:\d|</[^>\\]*:\d|<id:|discord(?:app)?\.(?:gg|com)|\w://|\]\(",
    re.IGNORECASE,
)
"""What Discord's servers and clients look for in the text itself, backslashes or not."""
ESCAPE = re.compile(r"\\[^0-9A-Za-z\s]")
MOMENT = re.compile(r"<t:-?\d+:[fR]>")
OURS = re.compile(
    r"(?:(?:\#{2,3}\ |>\ |-\#\ (?:[MARKS]\ )?)?|\*\*W+:?\*\*(?:\ |$))W*".replace("MARKS", "".join(MARKS.values()))
    # a heading, a bar, small words, perhaps with a badge's mark, or a bold beginning; and words
    .replace("W", r"[^\\`*_~|<>\[\]\#:@\n]"),
    re.VERBOSE,
)
"""A line that holds no mark but ours, once its escapes are out."""
LIST = re.compile(r"\s*(?:[-+*]|\d+\.)(?:\s|$)")

LIVELY = [
    "@everyone", "@here", "<@80351110224678912>", "<@!80351110224678912>", "<@&165511591545143296>",
    "<#103735883630395392>", "</claim:816437322781949972>", "<:fire:392938283556143104>",
    "<a:b1nzy:392938283556143104>",
    "<t:1618953630:R>", "<t:1618953630>", "<id:customize>", "https://evil.example/login", "http://evil.example",
    "<https://evil.example>", "[Invoice](https://evil.example)", "[Invoice](<https://evil.example> 'x')",
    "steam://open/x", "discord://-/settings", "discord.gg/evil", "discord.com/invite/evil",
    "discordapp.com/invite/evil",
    "https://discord.gift/evil", "evil.example", "www.evil.example", "hana@evil.example", "mailto:hana@evil.example",
    "<mailto:hana@evil.example>", "<+4912345678>", "*italic*", "**bold**", "_italic_", "__under__", "***both***",
    "~~strike~~", "||spoiler||", "`code`", "```py\nblock\n```", "# heading", "## heading", "### heading",
    "-# small", "> quote", ">>> quote", "- list", "* list", "1. list", "  - nested", ":fire:", ":skull_and_crossbones:",
    "¯\\_(ツ)_/¯", "\\", "\\\\@everyone", "a\n# b", "a\n\n- b\n1. c", "a\n> b", "@Everyone",
]  # fmt: skip
ODD = [
    "\u202egpj.exe\u202c", "\u2066@everyone\u2069", "@\u200beveryone", "@\u2060here", "<\u200b@80351110224678912>",
    "discord\u200b.gg/evil", "\0@here\0", "\r\n# x\r\n", "a\u2028# b", "a\x0b- b", "\x1b[31mred", "\ud800@everyone",
    "pay\u200bpal", "＠everyone", "＜@80351110224678912＞", "\u3000- x", "😀@here", "+ list", "<", ">", "&lt;@1&gt;",
    "%40here", "\\*not escaped\\*", "a\tb", "--", "…", "",
]  # fmt: skip
AROUND = [("", ""), ("Hello ", ""), ("", " thanks"), ("請求書", "の件"), ("(", ")"), ("<", ">"), ("*", "*"), ("\\", "")]
AROUND += [("> ", ""), ("\n", "\n"), ("`", "`"), ("||", "||"), (":", ":"), ("@", ""), ("x" * 110, "")]
PAYLOADS = LIVELY + ODD
DOUBLED = [f"{one} {other}" for one, other in zip(PAYLOADS, reversed(PAYLOADS), strict=True)]
HOSTILE = [f"{left}{one}{right}" for one, (left, right) in product(PAYLOADS + DOUBLED, AROUND)]
CARDS = ("new", "details", "letter", "whisper", "queue", "original", "history", "due", "nudges")


def live(texts: list[str], moments: int = 0) -> list[str]:
    """What Discord would not show literally in these texts, if they are our marks around words, and so many moments."""
    found = [f"{why}: {line!r}" for text in texts for line in text.split("\n") if (why := _living(line))]
    found += [f"bar: {text!r}" for text in texts if len({line.startswith("> ") for line in text.split("\n")}) > 1]
    signs = sum(len(MOMENT.findall(ESCAPE.sub("x", text))) for text in texts)
    return [*found, f"{signs} moments"] if signs > moments else found


def moments_in(card: Card) -> int:
    """How many moments the card itself tells."""
    told = [*card.lines, card.footer, *(one.value for one in card.fields)]
    told += [text for item in card.items for text in (item.text, item.detail)]
    return sum(isinstance(part, Moment) for text in told for part in text)


def _living(line: str) -> str:
    if DISGUISES.search(line.replace(BREAK, "")):
        return "disguise"
    if RAW.search(line):
        return "raw"
    plain = MOMENT.sub("", ESCAPE.sub("x", line))
    if not OURS.fullmatch(plain):
        return "mark"
    if LIST.match(MOMENT.sub("x", ESCAPE.sub("x", line)).removeprefix("> ")):
        return "list"
    return "address" if re.search(r"\w\.\w", MOMENT.sub(" ", ESCAPE.sub(" ", line))) else ""


def shown_plainly(message: dict[str, Any]) -> list[str]:
    """The words on buttons and in menus, where Discord reads no Markdown."""
    named = [one for one in walked(message["components"]) if one.get("label")]
    named += [option for one in walked(message["components"]) for option in one.get("options", [])]
    return [str(one["label"]) for one in named]


def naively(card: Card) -> list[str]:
    """What one would write at first."""
    return [f"### {card.title}", *(f"**{one.label}:** {words(one.value)}" for one in card.fields), f"> {card.quote}"]


def test_two_thousand_hostile_strings_stay_words() -> None:
    assert len(HOSTILE) >= 2000
    say = speaker()
    others = islice(cycle(HOSTILE), 7, None), islice(cycle(HOSTILE), 101, None)
    for subject, name, file in zip(HOSTILE, *others, strict=False):
        cards = real_cards(say, subject, name, file, text=f"{file} {subject}")
        for card in (cards[each] for each in CARDS):
            message = drawn(card)
            assert live(texts_of(message), moments_in(card)) == [], f"{card.title!r}"
            assert wrong_with_message(message) == []
            seen = seen_card(message, "")
            assert seen.title == (one_line(card.title) or "–")
            assert seen.quote == cleaned(card.quote).strip()


def test_the_naive_way_would_let_them_live() -> None:
    say = speaker()
    assert [one for one in LIVELY if not live(naively(real_cards(say, "x", one, text=one)["new"]))] == []


@pytest.mark.parametrize("payload", LIVELY)
def test_the_check_finds_what_lives(payload: str) -> None:
    assert live([f"> {payload}"]) or live([f"Hello {payload}"])


# Whatever a card holds, Discord takes it

text = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=20),
    st.sampled_from(HOSTILE),
    st.builds(
        lambda one, times: one * times,
        st.sampled_from(["x", "<", "😀", "\n", "*", "あ ", " ", "- \n"]),
        st.integers(0, 6_000),
    ),
)
moments = st.builds(
    Moment,
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    text,
    st.booleans(),
)
texts: st.SearchStrategy[Text] = st.lists(st.one_of(text, moments), max_size=15).map(tuple)
letters = st.characters(codec="utf-8")
buttons = st.builds(Button, text, st.text(letters, max_size=120), st.sampled_from(Style))
links = st.builds(Link, text, st.text(letters, max_size=100).map(lambda path: f"/{path}"))
items = st.builds(Item, texts, texts, st.none() | buttons, st.none() | links, st.booleans())


def some(of: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[tuple[Any, ...]]:
    """A few, often repeated to more than fit."""
    return st.builds(
        lambda few, times: tuple(few * times), st.lists(of, max_size=3), st.sampled_from([1, 1, most // 3])
    )


cards = st.builds(
    Card,
    title=text,
    tone=st.sampled_from(Tone),
    badge=text,
    lines=some(texts, 60),
    fields=some(st.builds(Field, text, texts), 60),
    quote=text,
    items=some(items, 90),
    buttons=some(buttons, 60),
    footer=texts,
    summary=text,
)
asked = st.lists(
    st.builds(
        Input,
        st.from_regex("[a-z]{1,10}", fullmatch=True),
        text,
        st.sampled_from(InputKind),
        st.booleans(),
        text,
        text,
        some(st.builds(Choice, text, text), 90),
    ),
    max_size=5,
    unique_by=lambda one: one.name,
)
forms = st.builds(Form, text, st.just("claim:1"), asked.map(tuple), text, text, text)
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW)
@given(cards)
def test_discord_takes_any_card(card: Card) -> None:
    message = drawn(card)
    assert wrong_with_message(message) == []
    assert live(texts_of(message), moments_in(card)) == []
    assert not any(DISGUISES.search(label) for label in shown_plainly(message))
    assert json.dumps(message, ensure_ascii=False).encode()


@settings(max_examples=80, deadline=None, suppress_health_check=SLOW)
@given(forms)
def test_discord_takes_any_form(form: Form) -> None:
    modal = modal_of(form, "claim:1|")
    assert wrong_with_modal(modal) == []
    components = modal.to_dict()["components"]
    assert live([one["content"] for one in components if one["type"] == 10]) == []
    assert not any(DISGUISES.search(label) for label in [modal.title, *shown_plainly({"components": components})])
    assert json.dumps(components, ensure_ascii=False).encode()


# Text on its way in


@given(st.text(st.characters(exclude_categories=())))
def test_what_is_escaped_is_shown_as_it_was(text: str) -> None:
    assert told(escaped(text)) == cleaned(text)
    assert told("\n".join(line.removeprefix("> ") for line in quoted(text).split("\n"))) == cleaned(text)


def test_an_address_can_be_copied_and_a_call_to_everybody_is_broken() -> None:
    assert escaped("https://evil.example/a_b") == "https\\://evil\\.example/a\\_b"
    assert BREAK not in told(escaped("@everyone")) == "@everyone"
    assert "@everyone" not in escaped("@everyone")
    assert escaped("1. a\n- b\n1.5") == "1\\. a\n\\- b\n1\\.5"
    assert quoted("a\n\n# b") == "> a\n> \n> \\# b"
