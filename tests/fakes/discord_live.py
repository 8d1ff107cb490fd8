"""What is live in a message as the real Discord would show it: mentions, links, emoji, bare addresses."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.fakes.discord_components import TEXT_DISPLAY, walk

CODE = re.compile(r"(`{1,})(?!`).*?(?<!`)\1(?!`)", re.S)
ESCAPED = re.compile(r"\\[^\w\s]")
LIVE = re.compile(
    r"<@[!&]?\d+>|<#\d+>|<id:\w+>|</[^<>]+:\d+>|<a?:\w+:\d+>|<t:-?\d+(?::\w)?>|@everyone|@here"
    r"|\]\(\s*<?[a-z]+:[^)]*\)|https?://[^\s<>]+|discord\.gg/\S+|<(?:tel|mailto|sms):[^<>]*>",
    re.I,
)


def live(
    content: str, components: Sequence[dict[str, Any]] = (), embeds: Sequence[Mapping[str, Any]] = ()
) -> list[str]:
    """Everything in a message that calls somebody or leads somewhere, buttons with a URL included."""
    return [*_in_markdown(content), *_in_components(components), *_in_embeds(embeds)]


def _in_components(components: Sequence[dict[str, Any]]) -> Iterator[str]:
    for one in walk(list(components)):
        if one.get("type") == TEXT_DISPLAY:
            yield from _in_markdown(str(one["content"]))
        if one.get("url"):
            yield str(one["url"])


def _in_embeds(embeds: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Titles, descriptions and fields are marked up; authors and footers are plain."""
    for embed in embeds:
        fields = [one[name] for one in embed.get("fields") or [] for name in ("name", "value")]
        for text in (embed.get("title"), embed.get("description"), *fields):
            yield from _in_markdown(str(text or ""))
        yield from (str(url) for url in (embed.get("url"), (embed.get("author") or {}).get("url")) if url)


def _in_markdown(text: str) -> Iterator[str]:
    """What is in code, or behind a backslash, is shown as it is."""
    yield from LIVE.findall(ESCAPED.sub(" ", CODE.sub(" ", text)))
