"""Reads cards and forms back from Discord's components as somebody there sees them: the inverse of the rendering."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from adapters.discord.layout import COLOURS, MARKS
from adapters.discord.limits import ROW_IDS, cut
from adapters.discord.marks import call_of
from adapters.discord.text import BREAK, FENCE, unfenced
from tests.journeys.charts import told_in_letters
from tests.journeys.driver import SeenButton, SeenCard, SeenForm, SeenInput, SeenRow

ROW, BUTTON, MENU, SECTION, TEXT, CONTAINER, LABEL = 1, 2, 3, 9, 10, 17, 18
"""Discord's numbers of components."""
TONES = {colour: tone.value for tone, colour in COLOURS.items()}
_SIGN = re.compile(r"\\([^0-9A-Za-z\s])|<t:(-?\d+):[fR]>")
_FIELD = re.compile(r"\*\*((?:\\.|[^\\])*?):\*\* ")
_CHART = re.compile(rf"\*\*([^\n]*)\*\*\n({FENCE}\n.*\n{FENCE})", re.DOTALL)
_HEADING = re.compile(r"#{2,3} ")
_SMALL = "-# "
_BAR = "> "
_MORE = re.compile(r"… \+\d+")


def seen_card(message: Mapping[str, Any], channel: str, under: str = "") -> SeenCard:
    """The card of a message as Discord hands it on; `under` is the message that an answer to one person stands under.

    A text of plain lines before the first row that has a detail, a button or a heading is read as lines.
    """
    container = message["components"][0]
    return _Reading(channel, under or str(message.get("id", ""))).card(container)


def seen_form(modal: Mapping[str, Any], channel: str, message: str) -> SeenForm:
    """The form in a modal, which does not know itself where it was opened."""
    texts = [told(one["content"]) for one in modal["components"] if one["type"] == TEXT]
    title = texts[0] if texts and modal["title"].endswith("…") else modal["title"]
    inputs = tuple(_input(one) for one in modal["components"] if one["type"] == LABEL)
    return SeenForm(channel, message, title, call_of(modal["custom_id"]), inputs)


def pressed_on(message: Mapping[str, Any], button: SeenButton) -> tuple[int, str, list[str]]:
    """What one presses for that: the component's type, its custom id, and what is chosen there."""
    for one in walked(message["components"]):
        if one["type"] == BUTTON and call_of(one.get("custom_id", "")) == button.call and one["label"] == button.label:
            return BUTTON, one["custom_id"], []
        if one["type"] == MENU and any(option["value"] == button.call for option in one["options"]):
            return MENU, one["custom_id"], [button.call]
    raise LookupError(f"no {button} on the message")


def walked(components: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """All components, with those inside others."""
    found: list[Mapping[str, Any]] = []
    for one in components:
        inside = [*one.get("components", []), *(one[key] for key in ("accessory", "component") if one.get(key))]
        found += [one, *walked(inside)]
    return found


def told(markdown: str) -> str:
    """The words that Discord shows for a text without marks of ours; moments by `moment`."""
    return _SIGN.sub(lambda sign: sign[1] or moment(int(sign[2])), markdown).replace(BREAK, "")


def moment(seconds: int) -> str:
    """A moment's words for readers in UTC."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M}"


class _Reading:
    """One pass over the components of a card, from the title to the footer."""

    def __init__(self, channel: str, message: str) -> None:
        self._channel = channel
        self._message = message
        self._lines: list[str] = []
        self._fields: dict[str, str] = {}
        self._quote = ""
        self._copy = ""
        self._chart: tuple[str, ...] = ()
        self._rows: list[SeenRow] = []
        self._buttons: list[SeenButton] = []
        self._footer = ""

    def card(self, container: Mapping[str, Any]) -> SeenCard:
        first, *rest = container["components"]
        title, badge = _top(first["content"])
        for one, following in zip(rest, [*rest[1:], {}], strict=False):
            match one["type"]:
                case 10 if _is_in_list(following):
                    self._read_rows(one["content"].split("\n"))
                case 10:
                    self._text(one["content"])
                case 9:
                    self._section(one)
                case 1:
                    self._row(one["components"], _is_in_list(one))
        return SeenCard(
            channel=self._channel,
            message=self._message,
            title=title,
            tone=TONES[container.get("accent_color")],
            badge=badge,
            lines=tuple(self._lines),
            fields=self._fields,
            quote=self._quote,
            copy=self._copy,
            chart=self._chart,
            rows=tuple(self._rows),
            buttons=tuple(self._buttons),
            footer=self._footer,
        )

    def _text(self, content: str) -> None:
        lines = content.split("\n")
        if content.startswith(_BAR):
            self._quote = told("\n".join(line.removeprefix(_BAR) for line in lines))
        elif content.startswith(FENCE):
            self._copy = unfenced(content)
        elif chart := _CHART.fullmatch(content):
            self._chart = told_in_letters(told(chart[1]), unfenced(chart[2]).split("\n"))
        elif _MORE.fullmatch(content):
            self._lines.append(content)
        elif content.startswith(_SMALL):
            self._footer = told(content.removeprefix(_SMALL))
        elif _FIELD.match(content):
            self._read_fields(lines)
        elif self._rows or _HEADING.match(content) or f"\n{_SMALL}" in content:
            self._read_rows(lines)
        else:
            self._lines += map(told, lines)

    def _read_fields(self, lines: Sequence[str]) -> None:
        label = ""
        for line in lines:
            if field := _FIELD.match(line):
                label = told(field[1])
                self._fields[label] = told(line[field.end() :])
            elif _MORE.fullmatch(line):
                self._lines.append(line)
            else:
                self._fields[label] += f"\n{told(line)}"

    def _read_rows(self, lines: Sequence[str]) -> None:
        for line in lines:
            if line.startswith(_SMALL):
                self._rows[-1] = replace(self._rows[-1], detail=told(line.removeprefix(_SMALL)))
            elif _MORE.fullmatch(line):
                self._lines.append(line)
            else:
                self._rows.append(SeenRow(told(_HEADING.sub("", line))))

    def _section(self, section: Mapping[str, Any]) -> None:
        self._read_rows(section["components"][0]["content"].split("\n"))
        self._press(section["accessory"])

    def _press(self, one: Mapping[str, Any]) -> None:
        """What stands beside the last row."""
        if "url" in one:
            self._rows[-1] = replace(self._rows[-1], download=urlsplit(one["url"]).path)
        else:
            self._rows[-1] = replace(self._rows[-1], button=_button(one))

    def _row(self, components: Sequence[Mapping[str, Any]], is_in_list: bool) -> None:
        for one in components:
            if one["type"] == MENU:
                for option in one["options"]:
                    self._choose(option)
            elif "url" in one:
                self._press(one)
            elif is_in_list:
                row = self._rows[-1]
                self._rows[-1] = replace(row, buttons=(*row.buttons, _button(one)))
            else:
                self._buttons.append(_button(one))

    def _choose(self, option: Mapping[str, Any]) -> None:
        """A choice of a menu does what a button beside the row of the same words would do."""
        button = SeenButton(option["description"], option["value"])
        for place, row in enumerate(self._rows):
            if cut("choice", row.text) != option["label"]:
                continue
            if row.button is None:
                self._rows[place] = replace(row, button=button)
            elif button.label not in [one.label for one in row.pressable]:
                self._rows[place] = replace(row, buttons=(*row.buttons, button))


def _is_in_list(one: Mapping[str, Any]) -> bool:
    """Whether these are the buttons under a row of a list."""
    return bool(ROW_IDS <= one.get("id", 0) < 2 * ROW_IDS)


def _top(content: str) -> tuple[str, str]:
    """The title and the badge."""
    title, _, small = content.partition(f"\n{_SMALL}")
    mark, _, badge = small.partition(" ")
    assert not small or mark in MARKS.values(), small
    if title.startswith("**") and title.endswith("**"):
        title = title[2:-2]
    return told(_HEADING.sub("", title, count=1)), told(badge)


def _button(one: Mapping[str, Any]) -> SeenButton:
    return SeenButton(one["label"], call_of(one["custom_id"]))


def _input(label: Mapping[str, Any]) -> SeenInput:
    asked = label["component"]
    choices = tuple(option["value"] for option in asked.get("options", []))
    chosen = [option["value"] for option in asked.get("options", []) if option.get("default")]
    value = next(iter(chosen), asked.get("value") or "")
    return SeenInput(asked["custom_id"], label["label"], asked.get("required", True), choices, value)
