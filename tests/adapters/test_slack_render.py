"""Cards and forms as Block Kit: what stands where, what is cut and counted, and that Slack takes whatever comes."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.errors import SlackObjectFormationError

from adapters.slack.limits import LIMITS, Room, cut, fitted, measured, size
from adapters.slack.render import card_modal, home_of, message_of, modal_of, read_inputs
from bot.chat.card import Button, Card, Choice, Field, Form, Input, InputKind, Item, Link, Style, Tone
from bot.chat.text import Moment, words
from tests.adapters.slack_cards import NAMES, real_cards, speaker
from tests.fakes.slack_blocks import is_too_long, wrong_in_message, wrong_in_view
from tests.journeys.driver import SeenButton, SeenInput, SeenRow
from tests.journeys.slack_reading import seen_card, seen_form

BASE = "https://desk.example.com"
AT = datetime(2026, 4, 1, 1, 0, tzinfo=UTC)
METADATA = json.dumps({"call": "resolve:1001:2", "channel": "C1", "message": "1.2"})


def kinds(card: Card) -> list[str]:
    return [block["type"] for block in message_of(card, BASE).blocks]


def a_form(*inputs: Input, title: str = "Resolve #1001") -> Form:
    return Form(title, "resolve:1001:2", inputs, submit="Resolve", cancel="Cancel")


def element(one: Input) -> dict[str, Any]:
    block = modal_of(a_form(one), METADATA)["blocks"][0]
    assert block["block_id"] == block["element"]["action_id"] == one.name
    return dict(block["element"])


# What stands where


def test_a_card_tells_who_and_what_first_then_what_can_be_done() -> None:
    cards = real_cards(speaker())
    assert kinds(cards["new"]) == ["header", "context", "rich_text", "rich_text", "actions", "context"]
    assert kinds(cards["word"]) == ["section"]
    assert kinds(cards["queue"]) == ["header", "section", "section", "actions", "context"]
    assert kinds(cards["home"])[:4] == ["header", "rich_text", "section", "divider"]


def test_a_sentence_is_no_header() -> None:
    blocks = message_of(real_cards(speaker())["refusal"], BASE).blocks
    assert blocks[0]["type"] == "rich_text"
    assert blocks[0]["elements"][0]["elements"][0]["style"] == {"bold": True}


@pytest.mark.parametrize("tone", Tone)
def test_a_tone_has_a_mark_beside_words(tone: Tone) -> None:
    badged = message_of(Card("Title", tone, badge="Badge"), BASE).blocks
    alone = message_of(Card("Title", tone), BASE).blocks
    assert badged[0]["text"]["text"] == "Title"
    assert badged[1]["elements"][0]["text"].endswith(" Badge")
    assert (alone[0]["text"]["text"] == "Title") is (tone is Tone.QUIET)
    assert seen_card({"blocks": badged}, "").tone == seen_card({"blocks": alone}, "").tone == tone.value


def test_moments_are_told_in_the_readers_own_time() -> None:
    text = ("at ", Moment(AT, "10:00"), ", ", Moment(AT, "1 hour ago", relative=True))
    blocks = message_of(Card("Title", lines=(text,), footer=text), BASE).blocks
    line, footer = blocks[1]["elements"][0]["elements"], blocks[2]["elements"]
    assert line[1] == {
        "type": "date",
        "timestamp": 1775005200,
        "format": "{date_short_pretty} {time}",
        "fallback": "10:00",
    }
    assert line[3]["format"] == "{ago}"
    assert footer[1]["text"] == "<!date^1775005200^{date_short_pretty} {time}|10:00>"
    assert footer[1]["verbatim"] is True


def test_a_moment_that_slack_cannot_know_is_told_in_words() -> None:
    old = Moment(datetime(1969, 1, 1, tzinfo=UTC), "1969")
    blocks = message_of(Card("Title", lines=(("in ", old),)), BASE).blocks
    assert blocks[1]["elements"][0]["elements"] == [{"type": "text", "text": "in 1969"}]


def test_a_button_carries_its_call_and_one_that_slack_cannot_carry_is_left_out() -> None:
    buttons = (Button("Claim", "claim:1:2", Style.PRIMARY), Button("Long", "show:" + "x" * 2000), Button("", "help"))
    found = message_of(Card("Title", buttons=buttons), BASE).blocks[1]["elements"]
    assert [(one["value"], one["action_id"]) for one in found] == [("claim:1:2", "call:0"), ("help", "call:2")]
    assert found[0]["style"] == "primary"
    assert found[1]["text"]["text"] == "–"


def test_a_row_has_its_button_beside_it_named_after_the_row() -> None:
    row = Item(("#1001 Late",), ("since ", Moment(AT, "10:00")), Button("Claim", "claim:1001:1", Style.PRIMARY))
    section = message_of(Card("Title", items=(row,)), BASE).blocks[1]
    assert section["text"] == {"type": "plain_text", "text": "#1001 Late\nsince 10:00", "emoji": False}
    assert section["accessory"]["accessibility_label"] == "Claim: #1001 Late"
    assert "style" not in section["accessory"]


def test_a_row_has_its_buttons_under_it_and_its_moments_run() -> None:
    buttons = (Button("Whisper", "whisper:::call=7", Style.PRIMARY), Button("Details", "phone:::call=7"))
    since = Moment(AT, "12 minutes", relative=True)
    rows = (Item(("Hana",), ("for ", since), buttons=buttons), Item(("Ken",), buttons=buttons[1:]))
    card = Card("On the phone", items=rows, buttons=(Button("All", "board"),))
    assert kinds(card) == ["header", "rich_text", "actions", "rich_text", "actions", "divider", "actions"]
    told, pressed = message_of(card, BASE).blocks[1:3]
    assert told["elements"][0]["elements"][3]["format"] == "{ago}"
    assert [one["action_id"] for one in pressed["elements"]] == ["call:2", "call:3"]
    assert [one["accessibility_label"] for one in pressed["elements"]] == ["Whisper: Hana", "Details: Hana"]
    assert "style" not in pressed["elements"][0]
    seen = seen_card({"blocks": message_of(card, BASE).blocks}, "")
    assert [[one.call for one in row.buttons] for row in seen.rows] == [
        [one.call for one in row.buttons] for row in rows
    ]
    assert [(row.text, row.detail) for row in seen.rows] == [("Hana", "for 12 minutes"), ("Ken", "")]
    assert seen.verbs == ["board"]


def test_a_row_may_have_buttons_beside_it_and_under_it() -> None:
    under = tuple(Button(f"b{number}", f"show:{number}") for number in range(5))
    both = Item(("Mail",), button=Button("Show", "show:9"), link=Link("Download", "/x"), buttons=under)
    blocks = message_of(Card("Title", items=(both,)), BASE).blocks
    assert wrong_in_message(blocks) == []
    assert [len(block["elements"]) for block in blocks[2:]] == [5, 1]
    (row,) = seen_card({"blocks": blocks}, "").rows
    assert [one.call for one in row.pressable] == ["show:9", *(one.call for one in under)]


def test_rows_with_buttons_that_do_not_fit_are_counted() -> None:
    under = tuple(Button(f"Button {number}", f"show:{number}") for number in range(5))
    rows = tuple(Item((f"row {number} " + "あ" * 200,), ("d" * 300,), buttons=under) for number in range(60))
    blocks = message_of(Card("Title", items=rows, buttons=under), BASE).blocks
    assert wrong_in_message(blocks) == []
    assert not is_too_long(blocks)
    seen = seen_card({"blocks": blocks}, "")
    assert f"… +{60 - len(seen.rows)}" in seen.lines
    assert all(len(row.buttons) == 5 for row in seen.rows)
    assert seen.rows


def test_a_link_leads_to_our_own_server_or_nowhere() -> None:
    row = Item(("Mail",), link=Link("Download", "/original/a b"))
    card = Card("Title", items=(row,))
    accessory = message_of(card, BASE).blocks[1]["accessory"]
    assert (accessory["url"], accessory["action_id"]) == (f"{BASE}/original/a%20b", "link:1")
    assert "accessory" not in message_of(card, "").blocks[1]
    both = Item(("Mail",), button=Button("Show", "show:1"), link=Link("Download", "/x"))
    assert kinds(Card("Title", items=(both,))) == ["header", "section", "actions"]


def test_notifications_say_the_summary_on_one_line() -> None:
    assert message_of(Card("Title", summary="New:\nR&D <x>"), BASE).text == "New: R&amp;D &lt;x&gt;"
    assert message_of(Card("Title", summary="\u200b"), BASE).text == "Title"
    assert message_of(Card(""), BASE).text == "–"


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("name", NAMES)
def test_what_is_drawn_is_read_back(name: str, language: str) -> None:
    card = real_cards(speaker(language))[name]
    message = message_of(card, BASE)
    assert set(real_cards(speaker())) == set(NAMES)
    assert wrong_in_message(message.blocks) == []
    seen = seen_card({"blocks": message.blocks, "ts": "17.1"}, "support")
    assert (seen.channel, seen.message) == ("support", "17.1")
    assert (seen.title, seen.tone, seen.badge, seen.quote) == (card.title, card.tone.value, card.badge, card.quote)
    assert seen.lines == tuple(words(line) for line in card.lines)
    assert seen.fields == {field.label: words(field.value) for field in card.fields}
    assert seen.buttons == tuple(SeenButton(one.label, one.call) for one in card.buttons)
    assert seen.footer == words(card.footer)
    assert seen.rows == tuple(
        SeenRow(
            words(item.text),
            words(item.detail),
            SeenButton(item.button.label, item.button.call) if item.button else None,
            item.link.path if item.link else "",
        )
        for item in card.items
    )


# Texts to be copied

TO_COPY = (
    "Hi *you* <@U1> `a` ```b``` :smile: @everyone &amp; {x}\n\n> not a quote\n    indented\n````",
    "\n".join(f"{number}. お荷物は本日発送いたしました。" for number in range(120)),
    "x" * 3000,
)


@pytest.mark.parametrize("text", TO_COPY, ids=["hostile", "lines", "long"])
def test_a_text_to_be_copied_stands_in_a_box_as_it_is(text: str) -> None:
    card = Card("Late parcel", lines=(("For #1001",),), copy=text, buttons=(Button("Edit", "template_edit"),))
    message = message_of(card, BASE)
    assert wrong_in_message(message.blocks) == []
    assert kinds(card) == ["header", "rich_text", "rich_text", "actions"]
    assert message.blocks[2]["elements"] == [
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}
    ]
    seen = seen_card({"blocks": message.blocks}, "")
    assert (seen.copy, seen.lines) == (text, ("For #1001",))


@pytest.mark.parametrize("text", ["x" * 20_000, "&" * 5000, "😀" * 5000, "a\n" * 4000])
def test_what_a_box_cannot_hold_is_counted_below_it(text: str) -> None:
    rows = tuple(Item((f"row {number}",), ("d" * 300,), Button("Show", f"show:{number}")) for number in range(40))
    card = Card("Title", lines=(("l" * 900,),) * 5, copy=text, quote="q" * 5000, items=rows)
    message = message_of(card, BASE)
    assert wrong_in_message(message.blocks) == []
    seen = seen_card({"blocks": message.blocks}, "")
    kept = seen.copy.removesuffix("…")
    assert text.startswith(kept)
    assert len(kept) > 700
    assert f"… +{len(text) - len(kept)}" in seen.lines


def test_a_box_with_nothing_in_it_is_none() -> None:
    assert kinds(Card("Title", copy=" \n")) == ["header"]


# Forms


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("x" * 3000, ["body"]),
        ("お荷物\n" * 700, ["body", "body~1n"]),
        ("x" * 6001, ["body", "body~1", "body~2"]),
        ("first\n\nthird\n" + "x" * 3500, ["body", "body~1n", "body~2"]),
    ],
)
def test_a_text_that_one_field_cannot_hold_stands_in_several_and_comes_back_whole(text: str, fields: list[str]) -> None:
    form = a_form(Input("body", "Text", InputKind.PARAGRAPH, required=True, value=text), Input("why", "Why"))
    view = modal_of(form, METADATA)
    assert wrong_in_view(view, "modal") == []
    assert [block["block_id"] for block in view["blocks"]] == [*fields, "why"]
    assert [block["optional"] for block in view["blocks"]] == [False, *[True] * len(fields)]
    assert view["blocks"][len(fields) - 1]["label"]["text"] == (f"Text ({len(fields)})" if fields[1:] else "Text")
    seen = seen_form(view)
    assert [(one.name, one.value) for one in seen.inputs] == [("body", text), ("why", "")]


def test_what_was_taken_out_of_a_further_field_is_gone() -> None:
    typed = {"body": "one", "body~1n": "two", "body~2n": "", "body~10": "three", "why": ""}
    values = {name: {name: {"type": "plain_text_input", "value": value}} for name, value in reversed(typed.items())}
    assert read_inputs({"values": values}) == {"body": "one\ntwothree", "why": ""}


def test_a_form_asks_for_each_of_its_inputs() -> None:
    choices = (Choice("support", "Support"), Choice("billing", "Billing"))
    form = a_form(
        Input("note", "Note", InputKind.PARAGRAPH, required=True, value="Sent\nagain", hint="For later"),
        Input("subject", "Subject", value="one\nline"),
        Input("queue", "Queue", InputKind.CHOICE, value="billing", choices=choices),
        Input("member", "Who", InputKind.MEMBER, value="U0123"),
    )
    view = modal_of(form, METADATA)
    assert wrong_in_view(view, "modal") == []
    note, subject, queue, member = (block["element"] for block in view["blocks"])
    assert (note["multiline"], note["initial_value"]) == (True, "Sent\nagain")
    assert view["blocks"][0]["hint"]["text"] == "For later"
    assert [block["optional"] for block in view["blocks"]] == [False, True, True, True]
    assert (subject["multiline"], subject["initial_value"]) == (False, "one line")
    assert queue["initial_option"] == queue["options"][1]
    assert (member["type"], member["initial_user"]) == ("users_select", "U0123")
    seen = seen_form(view)
    assert (seen.channel, seen.message, seen.title, seen.call) == ("C1", "1.2", "Resolve #1001", "resolve:1001:2")
    assert seen.inputs[0] == SeenInput("note", "Note", required=True)
    assert seen.inputs[2] == SeenInput("queue", "Queue", required=False, choices=("support", "billing"))


def test_choices_beyond_a_hundred_are_counted_and_the_chosen_one_stays() -> None:
    choices = tuple(Choice(str(number), f"#{number} {'x' * 100}") for number in range(130))
    view = modal_of(a_form(Input("inquiry", "Inquiry", InputKind.CHOICE, value="129", choices=choices)), METADATA)
    assert wrong_in_view(view, "modal") == []
    asked = view["blocks"][0]
    assert len(asked["element"]["options"]) == 100
    assert asked["element"]["initial_option"]["value"] == "129"
    assert asked["element"]["options"][0]["text"]["text"] == f"#0 {'x' * 71}…"
    assert asked["hint"]["text"] == "… +30"


def test_a_choice_that_slack_cannot_carry_is_counted_and_without_any_one_types() -> None:
    long = Choice("x" * 76, "Long")
    view = modal_of(a_form(Input("queue", "Queue", InputKind.CHOICE, choices=(Choice("a", "A"), long))), METADATA)
    assert view["blocks"][0]["hint"]["text"] == "… +1"
    assert element(Input("queue", "Queue", InputKind.CHOICE, choices=(long,)))["type"] == "plain_text_input"
    assert "initial_user" not in element(Input("member", "Who", InputKind.MEMBER, value="hana"))


def test_a_title_too_long_for_a_modal_stands_whole_inside() -> None:
    title = "Give #1001 back to the whole team"
    view = modal_of(a_form(Input("note", "Note"), title=title), METADATA)
    assert view["title"]["text"] == "Give #1001 back to the…"
    assert seen_form(view).title == title
    assert wrong_in_view(modal_of(a_form(), METADATA), "modal") == []


def test_metadata_that_a_modal_cannot_keep_is_an_error() -> None:
    with pytest.raises(SlackObjectFormationError):
        modal_of(a_form(), "x" * 3001)


def test_what_was_filled_in_is_read_by_name() -> None:
    values = {
        "note": {"note": {"type": "plain_text_input", "value": "R&amp;D\r\n\u202eok\0"}},
        "empty": {"empty": {"type": "plain_text_input", "value": None}},
        "queue": {"queue": {"type": "static_select", "selected_option": {"value": "billing"}}},
        "none": {"none": {"type": "static_select", "selected_option": None}},
        "member": {"member": {"type": "users_select", "selected_user": "U1"}},
        "nobody": {"nobody": {"type": "users_select", "selected_user": None}},
    }
    assert read_inputs({"values": values}) == {
        "note": "R&amp;D\nok",
        "empty": "",
        "queue": "billing",
        "none": "",
        "member": "U1",
        "nobody": "",
    }
    assert read_inputs({}) == {}


def test_a_card_opens_as_a_modal_and_as_a_home() -> None:
    card = real_cards(speaker())["claimed"]
    modal, home = card_modal(card, "A title that is far too long", "Close", BASE), home_of(card, BASE)
    assert wrong_in_view(modal, "modal") == wrong_in_view(home, "home") == []
    assert modal["title"]["text"] == "A title that is far too…"
    assert modal["blocks"] == home["blocks"] == message_of(card, BASE).blocks


# Limits


def test_a_flood_is_cut_and_counted() -> None:
    card = Card(
        "x" * 400,
        badge="New",
        lines=tuple((f"line {number} " + "l" * 300,) for number in range(50)),
        fields=tuple(Field(f"{number} " + "f" * 300, ("v" * 100,)) for number in range(60)),
        quote="word " * 2000,
        items=tuple(
            Item((f"row {number}",), ("d" * 100,), Button("b" * 300, f"show:{number}")) for number in range(200)
        ),
        buttons=tuple(Button("b" * 300, f"show:{number}") for number in range(40)),
        footer=("footer",),
    )
    blocks = message_of(card, BASE).blocks
    assert wrong_in_message(blocks) == []
    assert not is_too_long(blocks)
    seen = seen_card({"blocks": blocks}, "")
    told = [int(line.removeprefix("… +")) for line in seen.lines if line.startswith("… +")]
    shown = [len(seen.lines) - len(told), len(seen.fields or {}), len(seen.rows), len(seen.buttons)]
    assert min(shown) > 0
    assert sum(told) + sum(shown) == 50 + 60 + 200 + 40
    assert seen.footer == "footer"


def test_a_text_is_cut_as_slack_may_count_it() -> None:
    assert cut("button", "x" * 75) == "x" * 75
    assert cut("button", "x" * 76) == "x" * 74 + "…"
    assert cut("button", "<" * 75) == "<" * 18 + "…"
    assert measured("<&😀\n") == 4 + 5 + 2 + 2
    assert cut("button", "😀" * 75) == "😀" * 37 + "…"
    assert cut("button", " \n") == "–"


@settings(max_examples=300)
@given(st.text(st.characters(exclude_categories=()), max_size=400), st.sampled_from(sorted(LIMITS)))
def test_a_cut_text_is_never_too_long_and_never_empty(text: str, name: str) -> None:
    found = cut(name, text * 10)
    assert 0 < measured(found) <= LIMITS[name]
    assert found.strip()


def test_as_many_parts_are_kept_as_there_is_room_for() -> None:
    def build(kept: Sequence[int], left_out: int) -> list[dict[str, Any]]:
        return [{"n": number} for number in kept] + ([{"more": left_out}] if left_out else [])

    assert fitted(range(5), build, Room(5, 1000)) == [{"n": number} for number in range(5)]
    assert fitted(range(5), build, Room(3, 1000)) == [{"n": 0}, {"n": 1}, {"more": 3}]
    assert fitted(range(5), build, Room(0, 1000)) == [{"more": 5}]
    assert [len(fitted(range(many), build, Room(40, 10_000))) for many in (1, 25, 39, 40, 41, 99)] == [
        1,
        25,
        39,
        40,
        40,
        40,
    ]
    assert fitted(range(5), build, Room(9, size([{"n": 0}, {"more": 4}]))) == [{"n": 0}, {"more": 4}]
