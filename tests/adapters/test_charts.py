"""Charts: bars of letters that stay in line whatever stands beside them, within the limits of every platform."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.discord.layout import is_word as is_word_on_discord
from adapters.slack.blocks import is_word as is_word_on_slack
from adapters.slack.limits import MESSAGE, VIEW, Room, size
from adapters.slack.render import home_of, message_of
from adapters.workspace.render import card_json
from bot.chat.bars import BARS, FILLER, SHADES, WIDTH, bar_lines, cells
from bot.chat.card import Bar, Button, Card, Chart, Item, Tone
from tests.adapters.discord_pictures import drawn, texts_of, wrong_with_message
from tests.fakes.slack_blocks import is_too_long, wrong_in_message, wrong_in_view
from tests.journeys import discord_reading, slack_reading
from tests.journeys.charts import told_in_json
from tests.journeys.driver import SeenCard

BASE = "https://desk.example.com"
PARTS = (("Overdue", Tone.ALERT), ("Due today", Tone.WAITING), ("Later", Tone.OPEN))
HOSTILE = ("```\n# x", "<!channel> *b* <@U1>", "@everyone", "&" * 60, "\u202eright\x00", "😀" * 30, '"\\' * 30, "a\nb")


def a_chart(*bars: Bar, parts: tuple[tuple[str, Tone], ...] = PARTS) -> Chart:
    return Chart("Open inquiries", parts, bars)


def on_slack(card: Card, room: Room = MESSAGE) -> SeenCard:
    blocks = message_of(card, BASE).blocks if room is MESSAGE else home_of(card)["blocks"]
    assert (wrong_in_message(blocks) if room is MESSAGE else wrong_in_view(home_of(card), "home")) == []
    assert len(blocks) <= room.blocks
    assert size(blocks) <= room.characters
    return slack_reading.seen_card({"blocks": blocks}, "")


def on_discord(card: Card) -> SeenCard:
    message = drawn(card)
    assert wrong_with_message(message) == []
    return discord_reading.seen_card(message, "")


def boxes(card: Card) -> tuple[str, str]:
    """What stands in the box of the chart, on Slack and on Discord."""
    (rich,) = [one for one in message_of(card, BASE).blocks if len(one.get("elements", [])) == 2]
    (text,) = [one for one in texts_of(drawn(card)) if "\n```\n" in one]
    return rich["elements"][1]["elements"][0]["text"], text.split("```")[1].strip("\n")


# Letters


def test_a_chart_in_letters_has_a_legend_and_bars_before_their_words() -> None:
    chart = a_chart(Bar("サポート", (3, 4, 5), "+2"), Bar("returns", (0, 6, 0)), Bar("sales", (0, 0, 0)))
    assert bar_lines(chart, 1000) == (
        "█ Overdue  ▓ Due today  ▒ Later",
        "███▓▓▓▓▒▒▒▒▒ 12 サポート  █3 ▓4 ▒5  +2",
        "▓▓▓▓▓▓▁▁▁▁▁▁  6 returns  ▓6",
        "▁▁▁▁▁▁▁▁▁▁▁▁  0 sales",
    )


def test_one_part_needs_no_numbers_but_its_own() -> None:
    chart = a_chart(Bar("Hana", (1_234_567,)), Bar("Ken", (1,), "new"), parts=(("Open", Tone.OPEN),))
    assert bar_lines(chart, 1000) == ("█ Open", "████████████ 1,234,567 Hana", "█▁▁▁▁▁▁▁▁▁▁▁         1 Ken  new")


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=4), st.integers(0, 10**9))
def test_whatever_there_is_can_be_seen_and_no_bar_is_too_long(amounts: list[int], more: int) -> None:
    given_cells = cells(amounts, max(1, sum(amounts) + more))
    assert sum(given_cells) <= WIDTH
    assert [bool(one) for one in given_cells] == [bool(one) for one in amounts]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.text(max_size=60), st.lists(st.integers(-5, 10**12), max_size=5)), max_size=20),
    st.integers(0, 800),
)
def test_lines_keep_to_their_limit_and_count_what_is_left_out(bars: list[tuple[str, list[int]]], limit: int) -> None:
    chart = a_chart(*(Bar(label, tuple(amounts)) for label, amounts in bars))
    legend, *lines = bar_lines(chart, limit)
    assert len("\n".join([legend, *lines])) <= max(limit, len(legend) + len("… +20") + 1)
    assert all("\n" not in line for line in lines)
    left_out = int(lines.pop().removeprefix("… +")) if lines and lines[-1].startswith("… +") else 0
    assert len(lines) + left_out == len(bars)
    assert all(not set(line[:WIDTH]) - {*SHADES, FILLER} for line in lines)


# Platforms


@pytest.mark.parametrize("seen", [on_slack, on_discord])
def test_what_is_drawn_is_read_back(seen: Callable[[Card], SeenCard]) -> None:
    chart = a_chart(Bar("サポート 窓口", (3, 4, 5), "+2"), Bar("returns", (0, 1600, 0)), Bar("sales", (0, 0, 0)))
    card = Card(
        "This morning",
        lines=(("Good morning.",),),
        chart=chart,
        items=(Item(("A row",), ("detail",), Button("Show", "show:1")), Item(("Another",))),
        buttons=(Button("Queue", "queue"),),
        footer=("footer",),
    )
    read = seen(card)
    assert read.chart == (
        "Open inquiries",
        "サポート 窓口: Overdue 3, Due today 4, Later 5 (12) +2",
        "returns: Due today 1,600 (1,600)",
        "sales: – (0)",
    )
    assert (read.lines, read.copy, read.footer) == (("Good morning.",), "", "footer")
    assert [row.text for row in read.rows] == ["A row", "Another"]
    assert told_in_json(json.loads(json.dumps(card_json(card)))["chart"]) == read.chart


@pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
def test_nothing_in_a_chart_is_a_mark(hostile: str) -> None:
    parts = ((hostile, Tone.ALERT), (hostile, Tone.OPEN))
    card = Card("Title", chart=Chart(hostile, parts, (Bar(hostile, (1, 2), hostile),) * 20))
    on_slack(card)
    on_discord(card)
    (text,) = [one for one in texts_of(drawn(card)) if "\n```\n" in one]
    title, box = text.split("\n", 1)
    assert box.count("```") == 2
    assert "\n" not in title
    assert "@everyone" not in title


def test_twenty_bars_are_cut_and_counted_beside_everything_else() -> None:
    bars = tuple(Bar("名" * 40, (10**6, 10**6, 10**6), "n" * 60) for _ in range(20))
    rows = tuple(Item((f"row {number}",), ("d" * 300,), Button("Show", f"show:{number}")) for number in range(40))
    card = Card("T", lines=(("l" * 900,),) * 5, quote="q" * 5000, chart=a_chart(*bars), items=rows)
    for seen in (on_slack(card), on_discord(card)):
        *told, left_out = seen.chart[1:]
        assert left_out == f"… +{20 - len(told)}"
        assert 3 < len(told) <= BARS
        assert seen.quote
        assert seen.rows
    on_slack(card, VIEW)


def test_a_chart_alone_makes_a_card_more_than_a_word() -> None:
    assert is_word_on_slack(Card("Title"))
    assert is_word_on_discord(Card("Title"))
    card = Card("Title", chart=a_chart(Bar("support", (1, 0, 0))))
    assert not is_word_on_slack(card)
    assert not is_word_on_discord(card)
    slack, discord = boxes(card)
    assert slack == discord


def test_without_bars_there_is_the_legend_alone() -> None:
    slack, discord = boxes(Card("Title", chart=a_chart()))
    assert slack == discord == "█ Overdue  ▓ Due today  ▒ Later"
    empty = Card("Title", chart=Chart("Nothing", (), ()))
    assert on_slack(empty).chart == on_discord(empty).chart == ()


def test_messages_are_not_too_long_for_slack() -> None:
    card = Card("T", chart=a_chart(*(Bar("&<>" * 20, (9, 9, 9), "&" * 40) for _ in range(20))))
    assert not is_too_long(message_of(card, BASE).blocks)


# The page


def test_the_page_gets_amounts_as_they_are() -> None:
    chart = a_chart(Bar("support", (3, -1, 5, 7), "+2"))
    assert card_json(Card("Title", chart=chart))["chart"] == {
        "title": "Open inquiries",
        "parts": [
            {"label": "Overdue", "tone": "alert"},
            {"label": "Due today", "tone": "waiting"},
            {"label": "Later", "tone": "open"},
        ],
        "bars": [{"label": "support", "parts": [3, 0, 5], "note": "+2"}],
    }
    assert card_json(Card("Title"))["chart"] is None
