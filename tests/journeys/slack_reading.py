"""Reads cards and forms back from Block Kit, as somebody in Slack sees them: the inverse of the rendering."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from adapters.slack.blocks import COLON, MARKS
from adapters.slack.questions import FURTHER
from adapters.slack.render import read_inputs
from tests.journeys.charts import told_in_letters
from tests.journeys.driver import SeenButton, SeenCard, SeenForm, SeenInput, SeenRow

TONES = {mark: tone.value for tone, mark in MARKS.items()}
_DATE = re.compile(r"<!date\^\d+\^[^|]*\|([^>]*)>")


def seen_card(message: Mapping[str, Any], channel: str) -> SeenCard:
    """The card of a message, of a view's blocks, or of an answer to one person; `message` is its ts, if it has one."""
    return _Reading(channel, str(message.get("ts", ""))).card(message["blocks"])


def seen_form(view: Mapping[str, Any]) -> SeenForm:
    """The form in a modal, with the call, channel and message that its metadata keeps."""
    kept = json.loads(view["private_metadata"])
    blocks = view["blocks"]
    title = view["title"]["text"]
    if title.endswith("…") and blocks and blocks[0]["type"] == "section":
        title = blocks[0]["text"]["text"]
    asked = [block for block in blocks if block["type"] == "input"]
    whole = read_inputs({"values": {block["block_id"]: _initial(block["element"]) for block in asked}})
    inputs = tuple(_input(block, whole) for block in asked if FURTHER not in block["block_id"])
    return SeenForm(kept.get("channel", ""), kept.get("message", ""), title, kept["call"], inputs)


def further(view: Mapping[str, Any], name: str) -> list[str]:
    """The other fields on which a text of that input goes on."""
    return [block["block_id"] for block in view["blocks"] if block.get("block_id", "").startswith(f"{name}{FURTHER}")]


class _Reading:
    """One pass over the blocks of a card, from the title to the footer."""

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

    def card(self, blocks: Sequence[Mapping[str, Any]]) -> SeenCard:
        first, rest = blocks[0], list(blocks[1:])
        tone, title = _marked(_rich(first["elements"][0]["elements"]) if "elements" in first else first["text"]["text"])
        badge = ""
        if rest and rest[0]["type"] == "context" and (marked := _marked(_context(rest[0])))[0]:
            tone, badge = marked
            rest.pop(0)
        for block in rest:
            getattr(self, f"_{block['type']}")(block)
        return SeenCard(
            channel=self._channel,
            message=self._message,
            title=title,
            tone=tone or "quiet",
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

    def _divider(self, block: Mapping[str, Any]) -> None:
        """Only a line between rows."""

    def _rich_text(self, block: Mapping[str, Any]) -> None:
        """A box under a text is a chart; one that stands first is to be copied."""
        first, *rest = block["elements"]
        if first["type"] == "rich_text_section" and [one["type"] for one in rest] == ["rich_text_preformatted"]:
            self._chart = told_in_letters(_rich(first["elements"]), _rich(rest[0]["elements"]).split("\n"))
            return
        for part in block["elements"]:
            if part["type"] == "rich_text_quote":
                self._quote = _rich(part["elements"])
            elif part["type"] == "rich_text_preformatted":
                self._copy = _rich(part["elements"])
            elif part["type"] == "rich_text_list":
                self._rows += [_row(each["elements"]) for each in part["elements"]]
            elif not part["elements"][0].get("style", {}).get("bold"):
                self._lines.append(_rich(part["elements"]))
            elif [one.get("text") for one in part["elements"][1:2]] == [COLON]:
                label, _, *value = part["elements"]
                self._fields[label["text"]] = _rich(value)
            else:
                self._rows.append(_row(part["elements"]))

    def _section(self, block: Mapping[str, Any]) -> None:
        text, _, detail = block["text"]["text"].partition("\n")
        pressed = block["accessory"]
        button = _button(pressed) if "value" in pressed else None
        self._rows.append(SeenRow(text, detail, button, urlsplit(pressed.get("url", "")).path))

    def _context(self, block: Mapping[str, Any]) -> None:
        self._footer = _context(block)

    def _actions(self, block: Mapping[str, Any]) -> None:
        """Buttons under a row are named after it for screen readers; those of the card are not."""
        for one in (each for each in block["elements"] if "value" in each):
            if "accessibility_label" in one:
                row = self._rows[-1]
                self._rows[-1] = replace(row, buttons=(*row.buttons, _button(one)))
            else:
                self._buttons.append(_button(one))


def _row(elements: Sequence[Mapping[str, Any]]) -> SeenRow:
    """A bold text, and what follows it on the next line; or a text alone."""
    bold = [one for one in elements if one.get("style", {}).get("bold")]
    return SeenRow(_rich(bold), _rich(elements[len(bold) + 1 :])) if bold else SeenRow(_rich(elements))


def _button(element: Mapping[str, Any]) -> SeenButton:
    return SeenButton(element["text"]["text"], element["value"])


def _rich(elements: Sequence[Mapping[str, Any]]) -> str:
    """The words of rich text; a date is what it is called where nobody can show it."""
    return "".join(one["fallback"] if one["type"] == "date" else one["text"] for one in elements)


def _context(block: Mapping[str, Any]) -> str:
    return "".join(
        _unescaped(_DATE.sub(r"\1", one["text"])) if one["type"] == "mrkdwn" else one["text"]
        for one in block["elements"]
    )


def _marked(text: str) -> tuple[str, str]:
    """The tone of the mark before a text, and the text without it."""
    mark, _, rest = text.partition(" ")
    return (TONES[mark], rest) if mark in TONES else ("", text)


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _initial(element: Mapping[str, Any]) -> dict[str, Any]:
    """An element's state before anybody touches it."""
    state = {"selected_option": element.get("initial_option"), "selected_user": element.get("initial_user")}
    return {element["action_id"]: {"type": element["type"], "value": element.get("initial_value"), **state}}


def _input(block: Mapping[str, Any], whole: Mapping[str, str]) -> SeenInput:
    choices = tuple(option["value"] for option in block["element"].get("options", []))
    name = block["element"]["action_id"]
    return SeenInput(name, block["label"]["text"], not block.get("optional", False), choices, whole[name])
