"""Cards and forms as Components V2: what stands where, what is cut and counted, and what is read back."""

import asyncio
import re
from datetime import UTC, datetime
from typing import Any

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.discord.layout import COLOURS, MARKS
from adapters.discord.limits import LIMITS, cut, joined, measured
from adapters.discord.marks import call_of, container_id, custom_id, is_marked, mark_of
from adapters.discord.questions import carried
from adapters.discord.render import card_view, modal_of, read_inputs
from adapters.discord.text import BREAK, escaped
from bot.chat.card import Button, Card, Choice, Field, Form, Input, InputKind, Item, Link, Style, Tone
from bot.chat.invocation import call, pressed
from bot.chat.text import Moment, Text, one_line
from bot.forms import KINDS
from commands import COMMANDS
from tests.adapters.discord_pictures import (
    BASE,
    MARK,
    drawn,
    message_of,
    texts_of,
    wrong_with_message,
    wrong_with_modal,
)
from tests.adapters.slack_cards import NAMES, real_cards, speaker
from tests.journeys.discord_reading import BUTTON, MENU, moment, pressed_on, seen_card, seen_form, walked
from tests.journeys.driver import SeenButton, SeenInput, SeenRow

AT = datetime(2026, 4, 1, 1, 0, tzinfo=UTC)
CONTAINER, TEXT, SECTION, ROW, LINE = 17, 10, 9, 1, 14


def parts(card: Card) -> list[dict[str, Any]]:
    """What is in the container."""
    (container,) = drawn(card)["components"]
    return list(container["components"])


def kinds(card: Card) -> list[int]:
    return [one["type"] for one in parts(card)]


def spoken(text: Text) -> str:
    """What a reader in UTC sees."""
    return "".join(part if isinstance(part, str) else moment(int(part.at.timestamp())) for part in text)


def a_form(*inputs: Input, title: str = "Resolve #1001", intro: str = "") -> Form:
    return Form(title, "resolve:1001:2", inputs, submit="Resolve", cancel="Cancel", intro=intro)


def asked(*inputs: Input, **more: str) -> list[dict[str, Any]]:
    modal = modal_of(a_form(*inputs, **more), "resolve:1001:2|")
    assert wrong_with_modal(modal) == []
    return list(modal.to_dict()["components"])


# What stands where


def test_a_card_tells_who_and_what_first_then_what_can_be_done() -> None:
    cards = real_cards(speaker())
    assert kinds(cards["new"]) == [TEXT, TEXT, TEXT, ROW, TEXT]
    assert kinds(cards["word"]) == [TEXT]
    assert kinds(cards["queue"]) == [TEXT, SECTION, SECTION, ROW, TEXT]
    assert kinds(cards["home"])[:6] == [TEXT, TEXT, SECTION, LINE, TEXT, SECTION]


def test_titles_are_headings_and_sentences_are_not() -> None:
    cards = real_cards(speaker())
    assert texts_of(drawn(cards["new"]))[0] == "### \\#1001 The parcel is late\n-# 🔵 New"
    assert texts_of(drawn(cards["home"]))[0].startswith("## ")
    assert texts_of(drawn(cards["refusal"]))[0].startswith("**Ms Ito has")
    assert texts_of(drawn(cards["word"])) == ["\\#1001 is yours now."]


@pytest.mark.parametrize("tone", Tone)
def test_a_tone_has_a_colour_and_a_mark_beside_words(tone: Tone) -> None:
    message = drawn(Card("Title", tone, badge="Badge"))
    assert message["components"][0]["accent_color"] == COLOURS[tone]
    assert texts_of(message) == [f"### Title\n-# {MARKS[tone]} Badge"]
    assert seen_card(message, "").tone == tone.value


def test_moments_are_told_in_the_readers_own_time() -> None:
    text = ("at ", Moment(AT, "10:00"), ", ", Moment(AT, "1 hour ago", relative=True))
    assert texts_of(drawn(Card("Title", lines=(text,), footer=text))) == [
        "### Title",
        "at <t:1775005200:f>, <t:1775005200:R>",
        "-# at <t:1775005200:f>, <t:1775005200:R>",
    ]


def test_a_text_too_long_for_moments_is_told_in_words() -> None:
    text = ("x" * 600, Moment(AT, "10:00"))
    assert texts_of(drawn(Card("Title", lines=(text,))))[1] == "x" * 599 + "…"


def test_a_button_carries_its_call_and_one_that_discord_cannot_carry_is_left_out() -> None:
    buttons = (Button("Claim", "claim:1:2", Style.PRIMARY), Button("Long", "show:" + "x" * 95), Button("", "help"))
    found = parts(Card("Title", buttons=buttons))[1]["components"]
    assert [one["custom_id"] for one in found] == [f"claim:1:2|{MARK}", f"help|{MARK}"]
    assert (found[0]["style"], found[1]["label"]) == (discord.ButtonStyle.primary.value, "–")


def test_a_row_has_its_button_beside_it() -> None:
    row = Item(("#1001 Late",), ("since ", Moment(AT, "10:00")), Button("Claim", "claim:1001:1", Style.PRIMARY))
    section = parts(Card("Title", items=(row,)))[1]
    assert section["components"][0]["content"] == "\\#1001 Late\n-# since <t:1775005200:f>"
    assert (section["accessory"]["label"], section["accessory"]["style"]) == ("Claim", 2)


def test_a_link_leads_to_our_own_server_or_nowhere() -> None:
    row = Item(("Mail",), link=Link("Download", "/original/a b"))
    assert parts(Card("Title", items=(row,)))[1]["accessory"]["url"] == f"{BASE}/original/a%20b"
    bare = message_of(card_view(Card("Title", items=(row,)), "", ""))
    assert [one["type"] for one in walked(bare["components"])] == [CONTAINER, TEXT, TEXT]
    both = Card("Title", items=(Item(("Mail",), button=Button("Show", "show:1"), link=Link("Download", "/x")),))
    assert kinds(both) == [TEXT, SECTION, ROW]
    assert seen_card(drawn(both), "").rows == (SeenRow("Mail", button=SeenButton("Show", "show:1"), download="/x"),)


def some_rows(count: int, buttons: int) -> tuple[Item, ...]:
    return tuple(
        Item(
            (f"Agent {number}",),
            ("for ", Moment(AT, "12 minutes", relative=True)),
            buttons=tuple(Button(f"b{place}", f"phone:::call={number}:page={place}") for place in range(buttons)),
        )
        for number in range(count)
    )


def test_a_row_has_its_buttons_under_it_apart_from_those_of_the_card() -> None:
    card = Card("On the phone", items=some_rows(2, 2), buttons=(Button("All", "board"),))
    assert kinds(card) == [TEXT, TEXT, ROW, TEXT, ROW, LINE, ROW]
    assert texts_of(drawn(card))[1] == "Agent 0\n-# for <t:1775005200:R>"
    assert [one["style"] for one in parts(card)[2]["components"]] == [2, 2]
    seen = seen_card(drawn(card), "")
    assert [[one.label for one in row.buttons] for row in seen.rows] == [["b0", "b1"], ["b0", "b1"]]
    assert seen.verbs == ["board"]
    bare = Card("On the phone", items=(Item(("Hana",), buttons=(Button("Whisper", "whisper:::call=7"),)),))
    (row,) = seen_card(drawn(bare), "").rows
    assert row == SeenRow("Hana", buttons=(SeenButton("Whisper", "whisper:::call=7"),))


def test_eight_rows_with_two_buttons_each_and_turns_below_fit_with_their_buttons() -> None:
    turns = (Button("Back", "board:::page=1"), Button("On", "board:::page=3"))
    card = Card("On the phone", items=some_rows(8, 2), buttons=turns, footer=("and 4 more",))
    message = drawn(card)
    assert wrong_with_message(message) == []
    seen = seen_card(message, "")
    assert [len(row.buttons) for row in seen.rows] == [2] * 8
    assert MENU not in {one["type"] for one in walked(message["components"])}


def test_rows_with_more_buttons_than_a_message_holds_have_menus_with_all_of_them() -> None:
    message = drawn(Card("On the phone", items=some_rows(12, 5)))
    assert wrong_with_message(message) == []
    (seen,) = {tuple(one.label for one in row.pressable) for row in seen_card(message, "").rows}
    assert seen == ("b0", "b1", "b2", "b3", "b4")
    kind, _, chosen = pressed_on(message, SeenButton("b4", "phone:::call=11:page=4"))
    assert (kind, chosen) == (MENU, ["phone:::call=11:page=4"])


def test_no_mark_is_an_id_of_what_stands_inside_a_card() -> None:
    assert container_id("aaaaaaaa") == container_id("aaaaabdh") == 2000
    assert wrong_with_message(message_of(card_view(Card("Title", items=some_rows(8, 2)), BASE, "aaaaabdh"))) == []


def test_more_rows_than_a_message_holds_have_menus_instead_of_buttons() -> None:
    rows = tuple(Item((f"#{number} Late",), ("Ito",), Button("Claim", f"claim:{number}:1")) for number in range(30))
    card = Card("Title", items=(Item(("Nobody has these",), heading=True), *rows, rows[0]))
    message = drawn(card)
    assert wrong_with_message(message) == []
    assert kinds(card) == [TEXT, TEXT, ROW, ROW]
    seen = seen_card(message, "")
    assert [row.button and row.button.call for row in seen.rows[1:]] == [
        *(f"claim:{number}:1" for number in range(30)),
        "claim:0:1",
    ]
    assert pressed_on(message, SeenButton("Claim", "claim:29:1")) == (MENU, f"|1{MARK}", ["claim:29:1"])


def test_a_call_that_stands_twice_has_two_custom_ids() -> None:
    twice = (Button("Show", "show:1"), Button("Show again", "show:1"))
    message = drawn(Card("Title", buttons=twice))
    ids = [one["custom_id"] for one in walked(message["components"]) if one["type"] == BUTTON]
    assert ids == [f"show:1|{MARK}", f"show:1|1{MARK}"]
    assert {call_of(one) for one in ids} == {"show:1"}
    assert all(is_marked(one, MARK) for one in ids)
    assert pressed_on(message, SeenButton("Show again", "show:1")) == (BUTTON, ids[1], [])


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("name", NAMES)
def test_what_is_drawn_is_read_back(name: str, language: str) -> None:
    card = real_cards(speaker(language))[name]
    message = drawn(card) | {"id": "17"}
    assert wrong_with_message(message) == []
    seen = seen_card(message, "support")
    assert (seen.channel, seen.message) == ("support", "17")
    assert (seen.title, seen.tone, seen.badge, seen.quote) == (card.title, card.tone.value, card.badge, card.quote)
    assert seen.lines == tuple(map(spoken, card.lines))
    assert seen.fields == {field.label: spoken(field.value) for field in card.fields}
    assert seen.buttons == tuple(SeenButton(one.label, one.call) for one in card.buttons)
    assert seen.footer == spoken(card.footer)
    assert seen.rows == tuple(
        SeenRow(
            one_line(spoken(item.text)),
            one_line(spoken(item.detail)),
            SeenButton(item.button.label, item.button.call) if item.button else None,
            item.link.path if item.link else "",
        )
        for item in card.items
    )


# Texts to be copied

TO_COPY = (
    "Hi *you* <@1> `a` ``b`` :smile: @everyone \\* {x}\n\n> not a quote\n    indented\n-# small\n`",
    "\n".join(f"{number}. お荷物は本日発送いたしました。" for number in range(120)),
    "x" * 3000,
)


@pytest.mark.parametrize("text", TO_COPY, ids=["hostile", "lines", "long"])
def test_a_text_to_be_copied_stands_in_a_box_as_it_is(text: str) -> None:
    card = Card("Late parcel", lines=(("For #1001",),), copy=text, buttons=(Button("Edit", "template_edit"),))
    message = drawn(card)
    assert wrong_with_message(message) == []
    assert kinds(card) == [TEXT, TEXT, TEXT, ROW]
    assert texts_of(message)[2] == f"```\n{text}\n```"
    seen = seen_card(message, "")
    assert (seen.copy, seen.lines) == (text, ("For #1001",))


@pytest.mark.parametrize("text", ["```", "a ```js\nalert(1)\n``` b", "`" * 7, "``````", "x```"])
def test_nothing_ends_a_box_before_its_end(text: str) -> None:
    box = texts_of(drawn(Card("Title", copy=text)))[1]
    assert [found.start() for found in re.finditer("(?=```)", box)] == [0, len(box) - 3]
    assert box.replace(BREAK, "") == f"```\n{text}\n```"
    assert seen_card(drawn(Card("Title", copy=text)), "").copy == text


@pytest.mark.parametrize("text", ["x" * 20_000, "😀" * 5000, "`" * 5000, "a\n" * 4000])
def test_what_a_box_cannot_hold_is_counted_below_it(text: str) -> None:
    rows = tuple(Item((f"row {number}",), ("d" * 300,), Button("Show", f"show:{number}")) for number in range(40))
    card = Card("Title", lines=(("l" * 900,),) * 5, copy=text, quote="q" * 5000, items=rows, footer=("footer",))
    message = drawn(card)
    assert wrong_with_message(message) == []
    seen = seen_card(message, "")
    kept = seen.copy.removesuffix("…")
    assert text.startswith(kept)
    assert len(kept) > 700
    assert f"… +{len(text.strip()) - len(kept)}" in seen.lines
    assert f"… +{len(rows) - len(seen.rows)}" in seen.lines
    assert seen.quote


def test_a_box_with_nothing_in_it_is_none() -> None:
    assert kinds(Card("Title", copy=" \n\u200b")) == [TEXT]


# Marks


def test_a_message_is_known_by_its_mark_with_buttons_and_without() -> None:
    mark = mark_of("post:42")
    assert mark == mark_of("post:42") != mark_of("post:43")
    with_button = message_of(card_view(Card("Title", buttons=(Button("Show", "show:1"),)), BASE, mark))
    assert with_button["components"][0]["id"] == container_id(mark)
    assert is_marked(with_button["components"][0]["components"][1]["components"][0]["custom_id"], mark)
    assert "id" not in message_of(card_view(Card("Title"), BASE))["components"][0]
    assert not is_marked(custom_id("show:1", ""), "")


@given(st.text(), st.text(max_size=30))
def test_marks_are_numbers_that_discord_takes_and_calls_come_back(key: str, value: str) -> None:
    mark = mark_of(key)
    assert len(mark) == 8
    assert 0 < (container_id(mark) or 0) < 1 << 31
    made = call("queue", page="2", queue=value)
    assert call_of(custom_id(made, mark)) == call_of(custom_id(made, "")) == made
    assert pressed(made)[1].get("queue", "") == value


async def test_the_library_keeps_nothing_of_what_is_drawn() -> None:
    assert asyncio.get_running_loop().is_running()
    view, modal = card_view(Card("Title"), BASE), modal_of(a_form(Input("note", "Note")), "resolve:1|")
    assert view.is_finished()
    assert modal.is_finished()
    assert view.timeout is None


# Forms


def test_a_form_asks_for_each_of_its_inputs() -> None:
    choices = (Choice("support", "Support"), Choice("billing", "Billing"))
    form = a_form(
        Input("note", "Note", InputKind.PARAGRAPH, required=True, value="Sent\nagain", hint="For later"),
        Input("subject", "Subject", value="one\nline"),
        Input("queue", "Queue", InputKind.CHOICE, value="billing", choices=choices),
        Input("member", "Who", InputKind.MEMBER, required=True, value="80351110224678912"),
    )
    modal = modal_of(form, custom_id(form.call, ""))
    assert wrong_with_modal(modal) == []
    labels = modal.to_dict()["components"]
    note, subject, queue, member = (label["component"] for label in labels)
    assert (note["style"], note["value"], note["required"], labels[0]["description"]) == (
        2, "Sent\nagain", True, "For later"
    )  # fmt: skip
    assert (subject["style"], subject["value"], subject["required"]) == (1, "one line", False)
    assert [option["default"] for option in queue["options"]] == [False, True]
    assert (queue["required"], queue["min_values"]) == (False, 0)
    assert (member["type"], member["required"]) == (5, True)
    assert member["default_values"] == [{"id": 80351110224678912, "type": "user"}]
    seen = seen_form(modal.to_dict(), "support", "17")
    assert (seen.channel, seen.message, seen.title, seen.call) == ("support", "17", "Resolve #1001", "resolve:1001:2")
    assert seen.inputs[0] == SeenInput("note", "Note", required=True)
    assert seen.inputs[2] == SeenInput("queue", "Queue", required=False, choices=("support", "billing"))


def test_more_choices_than_a_menu_holds_are_typed() -> None:
    choices = tuple(Choice(f"agent {number}", f"Agent {number}") for number in range(26))
    (full,) = asked(Input("person", "Who", InputKind.CHOICE, choices=choices[:25]))
    (over,) = asked(Input("person", "Who", InputKind.CHOICE, value="agent 25", choices=choices))
    assert len(full["component"]["options"]) == 25
    assert over["component"]["type"] == 4
    assert over["component"]["value"] == "agent 25"
    assert over["component"]["placeholder"].startswith("agent 0, agent 1, ")


def test_a_choice_that_discord_cannot_carry_is_typed() -> None:
    long = Choice("x" * 101, "Long")
    (label,) = asked(Input("queue", "Queue", InputKind.CHOICE, choices=(Choice("a", "A"), long)))
    assert (label["component"]["type"], label["component"]["placeholder"]) == (4, "a")
    assert carried((long, Choice("b", "B\n" + "y" * 100), Choice("b", "again"))) == [Choice("b", "again")]
    (member,) = asked(Input("member", "Who", InputKind.MEMBER, value="hana"))
    assert not member["component"].get("default_values")


def test_what_nobody_sees_is_nothing() -> None:
    nothing = ("\u200b",)
    assert texts_of(drawn(Card("\u200b"))) == ["–"]
    card = Card(" ", badge="\u2060", lines=(nothing,), fields=(Field("", nothing),), quote="\ufeff\n", footer=nothing)
    assert texts_of(drawn(card)) == ["### –\n-# ⚪ –", "–", "**–:** –", "-# –"]


def test_a_title_too_long_for_a_modal_stands_whole_inside() -> None:
    title = "Give #1001 back to the whole team, with everything in it"
    modal = modal_of(a_form(Input("note", "Note"), title=title, intro="*Why*"), "release:1|")
    assert wrong_with_modal(modal) == []
    assert len(modal.title) == 45
    assert seen_form(modal.to_dict(), "", "").title == title
    assert modal.to_dict()["components"][1]["content"] == "\\*Why\\*"
    full = [Input(f"n{number}", "Note") for number in range(5)]
    assert {one["type"] for one in asked(*full, title=title, intro="Why")} == {18}
    assert [one["content"] for one in asked()] == ["Resolve \\#1001"]


def test_what_a_full_form_says_stands_with_its_first_question() -> None:
    full = [Input(f"n{number}", "Note", hint=f"Hint {number}") for number in range(5)]
    hints = [label["description"] for label in asked(*full, intro="Hana changed it at 10:00.\n- old\n+ new")]
    assert hints == ["Hana changed it at 10:00. - old + new Hint 0", "Hint 1", "Hint 2", "Hint 3", "Hint 4"]


def test_a_text_stands_in_its_field_whole_and_what_it_cannot_hold_is_counted() -> None:
    body = "お荷物\n" * 749 + "end"
    (label,) = asked(Input("body", "Text", InputKind.PARAGRAPH, value=body))
    assert (label["component"]["value"], "description" in label) == (body, False)
    (label,) = asked(Input("body", "Text", InputKind.PARAGRAPH, value="x" * 5000, hint="Edit it"))
    assert (len(label["component"]["value"]), label["description"]) == (4000, "Edit it … +1001")


def test_what_a_modal_cannot_hold_is_refused_loudly() -> None:
    with pytest.raises(ValueError, match="5 things at most, not 6"):
        modal_of(a_form(*[Input(f"n{number}", "Note") for number in range(6)]), "resolve:1|")
    with pytest.raises(ValueError, match="cannot carry"):
        modal_of(a_form(Input("note", "Note")), "x" * 101)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_asks_for_no_more_than_a_modal_holds(command: Any, language: str) -> None:
    say = speaker(language)
    named = [(one, KINDS.get(one.kind, InputKind.LINE)) for one in command.options if one.required or one.asked]
    hints = [f"hint.{command.name}.{one.name}" for one, _ in named]
    inputs = [
        Input(one.name, say(f"option.{one.name}"), kind, one.required, hint=say(hint) if say.knows(hint) else "")
        for (one, kind), hint in zip(named, hints, strict=True)
    ]
    title = say(f"form.{command.name}", inquiry=1001) if inputs else "Nothing"
    for label, one in zip(asked(*inputs, title=title)[-len(inputs) :], inputs, strict=False):
        assert (label["label"], label.get("description", "")) == (one.label, one.hint)


def test_what_was_filled_in_is_read_by_name() -> None:
    components: list[dict[str, Any]] = [
        {"type": 10, "id": 1},
        {"type": 18, "id": 2, "component": {"type": 4, "custom_id": "note", "value": "R&amp;D\r\n\u202eok\0"}},
        {"type": 18, "component": {"type": 4, "custom_id": "empty", "value": ""}},
        {"type": 18, "component": {"type": 3, "custom_id": "queue", "values": ["billing"]}},
        {"type": 18, "component": {"type": 3, "custom_id": "none", "values": []}},
        {"type": 18, "component": {"type": 5, "custom_id": "member", "values": ["80351110224678912"]}},
        {"type": 18, "component": {"type": 5, "custom_id": "nobody", "values": None}},
    ]
    assert read_inputs(components) == {
        "note": "R&amp;D\nok",
        "empty": "",
        "queue": "billing",
        "none": "",
        "member": "80351110224678912",
        "nobody": "",
    }
    assert read_inputs([]) == {}


# Limits


def test_a_flood_is_cut_and_counted() -> None:
    card = Card(
        "x" * 500,
        badge="New",
        lines=tuple((f"line {number} " + "l" * 60,) for number in range(50)),
        fields=tuple(Field(f"{number} " + "f" * 60, ("v" * 60,)) for number in range(60)),
        quote="word " * 2000,
        items=tuple(
            Item((f"row {number}",), ("d" * 100,), Button("b" * 300, f"show:{number}")) for number in range(200)
        ),
        buttons=tuple(Button("b" * 300, f"show:{number}") for number in range(40)),
        footer=("footer",),
    )
    message = drawn(card)
    assert wrong_with_message(message) == []
    seen = seen_card(message, "")
    left_out = [int(line.removeprefix("… +")) for line in seen.lines if line.startswith("… +")]
    shown = [len(seen.lines) - len(left_out), len(seen.fields or {}), len(seen.rows), len(seen.buttons)]
    assert min(shown) > 0
    assert sum(left_out) + sum(shown) == 50 + 60 + 200 + 40
    assert seen.footer == "footer"
    assert len(seen.quote) > 1000


def test_rows_do_not_leave_a_quotation_out_nor_it_them() -> None:
    rows = tuple(Item((f"event {number}",), ("d" * 140,)) for number in range(12))
    seen = seen_card(drawn(Card("Title", quote="あ" * 2800, items=rows)), "")
    assert len(seen.rows) == 12
    assert seen.quote.endswith("…")
    assert len(seen.quote) > 1500


def test_a_text_is_cut_as_discord_may_count_it() -> None:
    assert cut("button", "x" * 80) == "x" * 80
    assert cut("button", "x" * 81) == "x" * 79 + "…"
    assert cut("button", "😀" * 80) == "😀" * 39 + "…"
    assert cut("button", "*" * 80, escaped) == "\\*" * 39 + "…"
    assert cut("button", " \n") == "–"
    assert joined(["a", "b", "c"], 5) == "a\nb\nc"
    assert joined(["a" * 20, "b" * 20, "c" * 20], 50) == f"{'a' * 20}\n{'b' * 20}\n… +1"
    assert joined(["a" * 20], 10) == "… +1"


@settings(max_examples=300)
@given(st.text(st.characters(exclude_categories=()), max_size=400), st.sampled_from(sorted(LIMITS)), st.booleans())
def test_a_cut_text_is_never_too_long_and_never_empty(text: str, name: str, in_markdown: bool) -> None:
    found = cut(name, text * 10, escaped if in_markdown else str)
    assert 0 < measured(found) <= LIMITS[name]
    assert found.strip()
