"""What is live in a message as the real Slack would show it: mentions, links, and what it turns into such by itself."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

CONTROL = re.compile(r"<([^<>]+)>")
BARE = re.compile(r"(?:https?://|mailto:|www\.)\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|example|jp|io|dev)\b", re.I)
CALLS = {"user", "usergroup", "broadcast", "team", "channel"}
"""Parts of rich text that call somebody, or lead to a channel."""


def live(text: str, blocks: Sequence[dict[str, Any]] = ()) -> list[str]:
    """Everything in a message that calls somebody or leads somewhere, buttons with a URL included.

    `text` is read as chat.postMessage reads it by default: control sequences, and bare addresses that become links.
    """
    return [*_in_markup(text, links=True), *_in_blocks(list(blocks))]


def _in_blocks(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _in_blocks(one)
    elif isinstance(value, dict):
        kind = value.get("type")
        if kind == "mrkdwn":
            yield from _in_markup(value["text"], links=not value.get("verbatim"))
        elif kind == "markdown":
            yield from _in_markup(value["text"], links=True)
            yield from re.findall(r"\]\([^)]*\)", value["text"])
        elif kind in CALLS:
            yield " ".join(str(part) for part in value.values() if isinstance(part, str))
        elif isinstance(value.get("url"), str):
            yield value["url"]
        if kind not in ("mrkdwn", "plain_text", "markdown"):
            for part in value.values():
                yield from _in_blocks(part)


def _in_markup(text: str, links: bool) -> Iterator[str]:
    """Control sequences except dates without a link; where `links`, what Slack would make links of."""
    for control in CONTROL.findall(text):
        if not control.startswith("!date^") or control.partition("|")[0].count("^") > 2:
            yield control
    if links:
        yield from BARE.findall(CONTROL.sub(" ", text))
