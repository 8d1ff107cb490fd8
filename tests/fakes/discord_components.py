"""What is in a Discord message: its components one by one, its texts, whom it calls, and how Discord keeps it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any

ROW, BUTTON, STRING_SELECT, TEXT_INPUT, USER_SELECT, SECTION, TEXT_DISPLAY, CONTAINER, LABEL = (
    1,
    2,
    3,
    4,
    5,
    9,
    10,
    17,
    18,
)
SELECTS = {3, 5, 6, 7, 8}
LINK_STYLE, PREMIUM_STYLE = 5, 6
CALLS = re.compile(r"<@!?(\d+)>|<@&(\d+)>|(@everyone|@here)")


def walk(components: object) -> Iterator[dict[str, Any]]:
    """Every component, each before those in it; options of selects are none."""
    for one in components if isinstance(components, list) else []:
        if isinstance(one, dict):
            yield one
            yield from walk(one.get("components"))
            yield from walk([one[name] for name in ("accessory", "component") if name in one])


def as_kept(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Components as Discord gives them back: each has an id, in order from 1 where none was given."""
    kept = deepcopy(components)
    taken = {one["id"] for one in walk(kept) if one.get("id")}
    number = 0
    for one in walk(kept):
        if not one.get("id"):
            number += 1
            while number in taken:
                number += 1
            one["id"] = number
    return kept


def texts_of(content: str, embeds: Iterable[Mapping[str, Any]], components: object) -> Iterator[str]:
    """Every text that somebody reads in a message, in order."""
    if content:
        yield content
    for embed in embeds:
        parts = [(embed.get("author") or {}).get("name"), embed.get("title"), embed.get("description")]
        for one in embed.get("fields") or []:
            parts += [one.get("name"), one.get("value")]
        yield from (str(part) for part in [*parts, (embed.get("footer") or {}).get("text")] if part)
    for one in walk(components):
        for name in ("content", "label", "placeholder"):
            if one.get(name):
                yield str(one[name])
        for option in one.get("options") or []:
            yield str(option.get("label", ""))


def calling_texts(content: str, components: object) -> list[str]:
    """The texts in which a mention calls somebody: the content and text displays, no embeds."""
    return [content, *(str(one.get("content", "")) for one in walk(components) if one.get("type") == TEXT_DISPLAY)]


def pings_of(texts: Iterable[str], allowed: object) -> list[str]:
    """Whom texts call, as `allowed_mentions` lets them; without it everybody who is named."""
    rules = allowed if isinstance(allowed, dict) else {"parse": ["users", "roles", "everyone"]}
    parse = rules.get("parse") or []
    called: list[str] = []
    for text in texts:
        for user, role, everyone in CALLS.findall(text):
            kind = "users" if user else "roles" if role else "everyone"
            name = user or role or everyone
            named = [str(one) for one in rules.get(kind) or []] if kind != "everyone" else []
            if (kind in parse or name in named) and name not in called:
                called.append(name)
    return called
