"""Whatever customers write, Slack takes the card, and finds nothing in it to mention, link or draw otherwise."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import cycle, islice, product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from adapters.slack.elements import rich
from adapters.slack.render import Message, home_of, message_of, modal_of
from adapters.slack.text import cleaned, escaped, one_line, plain, unlinked
from bot.chat.card import Button, Card, Choice, Field, Form, Input, InputKind, Item, Link, Style, Tone
from bot.chat.text import Moment, Text
from tests.adapters.slack_cards import real_cards, speaker
from tests.fakes.slack_blocks import is_too_long, wrong_in_message, wrong_in_view

BASE = "https://desk.example.com"
DISGUISES = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
DATE = re.compile(r"<!date\^\d+\^\{[a-z_]+\}( \{time\})?\|[^<>]+>")
LIVE_IN_NOTIFICATION = re.compile(r"[<>]|&(?!amp;|lt;|gt;)|://|@\w|\bwww\.\w|mailto:\w|\w\.\w")

PAYLOADS = [
    "<!channel>", "<!here>", "<!everyone>", "<!here|here>", "<@U123>", "<@U123|Hana>", "<@W123ABC>", "<#C123>",
    "<#C123|general>", "<!subteam^S123>", "<!subteam^S123|@support>", "<https://evil.example|Invoice>",
    "<http://evil.example>", "<mailto:evil@evil.example|Hana>", "<tel:+4912345|call>", "<slack://open|x>",
    "<!date^1392734382^{date}^https://evil.example|today>", "&lt;!here&gt;", "&amp;lt;!channel&amp;gt;",
    "&#60;!channel&#62;", "https://evil.example/login", "http://evil.example", "www.evil.example", "evil.example",
    "hana@evil.example", "mailto:hana@evil.example", "@here", "@channel", "@everyone", "@hana", "#general",
    "*bold*", "_italic_", "~strike~", "`code`", "```block```", "> quote", ":fire:", ":skull_and_crossbones:",
    "[Invoice](https://evil.example)", "**bold**", "• list", "<", ">", "&", "<!", "<@", "|", "^", "%3C!here%3E",
    "\u202egpj.exe\u202c", "\u2066<!here>\u2069", "pay\u200bpal", "\ufeff<!channel>", "<\u200b!channel>", "@\u200bhere",
    "<!\u00adhere>", "\0<!here>\0", "a\nb\n<!here>", "\r\n<!channel>\r\n", "\x1b[31mred", "\ud800<!here>", "😀<!here>",
    "＜!channel＞", "﹤@U123﹥", "\"><script>alert(1)</script>", "{date_short} {ago}", "\U000e0041\U000e0042", "a\tb",
    "",
]  # fmt: skip
AROUND = [("", ""), ("Hello ", ""), ("", " thanks"), ("請求書", "の件"), ("(", ")"), ("<", ">"), ("*", "*"), ("&", ";")]
AROUND += [("> ", ""), ("\n", "\n"), ("`", "`"), ("\u202e", ""), (":", ":"), ("@", ""), ("x" * 140, "")]
DOUBLED = [f"{one} {other}" for one, other in zip(PAYLOADS, reversed(PAYLOADS), strict=True)]
HOSTILE = [f"{left}{one}{right}" for one, (left, right) in product(PAYLOADS + DOUBLED, AROUND)]
CARDS = ("new", "details", "letter", "whisper", "queue", "original", "history", "due", "nudges")


def walked(value: Any) -> Iterator[dict[str, Any]]:
    """Every object inside blocks."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from walked(one)


def live(message: Message) -> list[str]:
    """What Slack would not show literally: in mrkdwn, in rich text, as an address, in the notification."""
    found = []
    for one in walked(message.blocks):
        kind = one.get("type")
        if kind == "mrkdwn" and not (DATE.fullmatch(one["text"]) and one.get("verbatim") is True):
            found.append(f"markup {one['text']!r}")
        if kind in ("link", "user", "usergroup", "channel", "broadcast", "emoji", "team", "markdown", "image", "color"):
            found.append(f"element {one!r}")
        if kind == "plain_text" and one.get("emoji") is not False:
            found.append(f"emoji {one['text']!r}")
        if "url" in one and not one["url"].startswith(f"{BASE}/"):
            found.append(f"address {one['url']!r}")
        shown = [text for key, text in one.items() if isinstance(text, str) and key != "value"]
        found += [f"disguise {text!r}" for text in shown if DISGUISES.search(text)]
    if LIVE_IN_NOTIFICATION.search(message.text) or DISGUISES.search(message.text.replace("\u2060", "")):
        found.append(f"notification {message.text!r}")
    return found


def naively(card: Card) -> Message:
    """What one would write at first: everything as markup, the notification as it came."""
    told = [f"*{card.title}*", *(f"{one.label}: {one.value[0]}" for one in card.fields), card.quote]
    text = {"type": "mrkdwn", "text": "\n".join(told)}
    return Message(card.title, [{"type": "section", "text": text}])


def test_two_thousand_hostile_strings_stay_words() -> None:
    assert len(HOSTILE) >= 2000
    say = speaker()
    others = islice(cycle(HOSTILE), 7, None), islice(cycle(HOSTILE), 101, None)
    for subject, name, file in zip(HOSTILE, *others, strict=False):
        cards = real_cards(say, subject, name, file, text=f"{file} {subject}")
        for card in (cards[each] for each in CARDS):
            message = message_of(card, BASE)
            assert live(message) == [], f"{card.title!r}"
            assert wrong_in_message(message.blocks) == []
            texts = [one["text"] for one in walked(message.blocks) if isinstance(one.get("text"), str)]
            assert not card.title.strip() or any(one_line(card.title)[:29] in text for text in texts)


def test_the_naive_way_would_let_them_live() -> None:
    say = speaker()
    alive = [one for one in PAYLOADS if live(naively(real_cards(say, one)["new"]))]
    assert len(alive) == len(PAYLOADS)


@pytest.mark.parametrize("payload", ["<!channel>", "<@U123>", "<https://evil.example|Invoice>", "@here", "\u202ea"])
def test_the_check_finds_what_lives(payload: str) -> None:
    assert live(Message(payload, []))
    assert live(Message("", [{"type": "section", "text": {"type": "mrkdwn", "text": payload}}]))


# Whatever a card holds, Slack takes it

text = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=20),
    st.sampled_from(HOSTILE),
    st.builds(
        lambda one, times: one * times,
        st.sampled_from(["x", "<", "😀", "\n", '"', "あ ", " ", "*&*"]),
        st.integers(0, 10_000),
    ),
)
moments = st.builds(
    Moment,
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    text,
    st.booleans(),
)
texts: st.SearchStrategy[Text] = st.lists(st.one_of(text, moments), max_size=15).map(tuple)
buttons = st.builds(Button, text, st.text(max_size=2500), st.sampled_from(Style))
links = st.builds(Link, text, st.text(max_size=100).map(lambda path: f"/{path}"))
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
    items=some(items, 200),
    buttons=some(buttons, 60),
    footer=texts,
    summary=text,
)
names = st.lists(st.from_regex("[a-z]{1,10}", fullmatch=True), max_size=4, unique=True)
inputs = st.builds(
    Input,
    st.just(""),
    text,
    st.sampled_from(InputKind),
    st.booleans(),
    text,
    text,
    some(st.builds(Choice, text, text), 300),
)


def forms() -> st.SearchStrategy[Form]:
    def named(form: Form, called: list[str]) -> Form:
        asked = tuple(
            Input(name, one.label, one.kind, one.required, one.value, one.hint, one.choices)
            for name, one in zip(called, form.inputs, strict=False)
        )
        return Form(form.title, form.call, asked, form.submit, form.cancel, form.intro)

    every = st.builds(Form, text, st.just("claim:1"), st.lists(inputs, max_size=4).map(tuple), text, text, text)
    return st.builds(named, every, names)


def sent(blocks: list[dict[str, Any]]) -> bytes:
    """The blocks as they travel, having passed slack_sdk's own checks; a lone surrogate would raise."""
    for block in Block.parse_all(blocks):
        block.to_dict()
    return json.dumps(blocks, ensure_ascii=False).encode()


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(cards)
def test_slack_takes_any_card(card: Card) -> None:
    message = message_of(card, BASE)
    assert wrong_in_message(message.blocks) == []
    assert not is_too_long(message.blocks)
    assert message.text.strip()
    assert live(message) == []
    assert sent(message.blocks)
    home = home_of(card, BASE)
    assert wrong_in_view(home, "home") == []
    assert len(sent(home["blocks"])) < 250_000


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(forms())
def test_slack_takes_any_form(form: Form) -> None:
    view = modal_of(form, "{}")
    assert wrong_in_view(view, "modal") == []
    assert live(Message("", view["blocks"])) == []
    assert sent(view["blocks"])


# Text in and out


def test_what_cannot_be_seen_is_taken_out() -> None:
    assert cleaned("a\r\nb\u2028c\0\x1b\u202e\u200b\ufeff\ud800\U000e0041d") == "a\nb\ncd"
    assert cleaned("pay\u200dpal \u200c") == "paypal "
    assert (
        cleaned("\U0001f469\u200d\U0001f4bb می\u200cخواهم 葛\U000e0100 a\tb")
        == "👩\u200d💻 می\u200cخواهم 葛\U000e0100 a\tb"
    )
    assert one_line(" a\n\n b　c ") == "a b c"


@given(st.text(st.characters(exclude_categories=())))
def test_cleaned_text_is_clean(text: str) -> None:
    found = cleaned(text)
    assert not DISGUISES.search(found)
    assert cleaned(found) == found


@given(st.text().map(cleaned))
def test_what_slack_escapes_comes_back_as_it_was_typed(text: str) -> None:
    assert plain(escaped(text)) == text
    assert not {"<", ">"} & set(escaped(text))


def test_a_notification_shows_addresses_without_linking_them() -> None:
    found = unlinked("Mail\nito@example.com <https://evil.example|x> & @here")
    assert found.replace("\u2060", "") == "Mail ito@example.com &lt;https://evil.example|x&gt; &amp; @here"
    assert not LIVE_IN_NOTIFICATION.search(found)


def test_a_text_of_very_many_parts_is_told_in_words() -> None:
    moment = Moment(datetime(2026, 4, 1, tzinfo=UTC), "now")
    assert [type(one).__name__ for one in rich("line", (moment, " ") * 5)].count("Date") == 5
    assert [type(one).__name__ for one in rich("line", (moment, " ") * 6)] == ["Text"]
