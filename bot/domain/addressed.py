"""Addressed: whom words begin with, as people write to one another: "Hana: ...", "@hana ...", 「花さん、…」."""

import re
from collections.abc import Sequence

from bot.domain.agent import Agent

_AFTER = re.compile(r"(?:さん|様|san\b)?(?:\s*[:：,、，]\s*|\s+|$)")


def addressed(text: str, people: Sequence[Agent]) -> tuple[Agent | None, str]:
    """Who is meant by the name that a text begins with, and the rest; nobody, when no name fits or several do.

    The whole name or one word of it; the longer one counts. Case does not.
    """
    plain = text.strip()
    is_marked = plain[:1] in ("@", "＠")
    plain = plain[1:] if is_marked else plain
    best: dict[int, tuple[Agent, str]] = {}
    longest = 0
    for one in people:
        for name in {one.name, *one.name.split()}:
            rest = _rest(plain, name)
            is_initial = len(name) == 1 and name.isascii() and not is_marked  # "A" begins many a sentence
            if rest is None or len(name) < longest or is_initial:
                continue
            if len(name) > longest:
                best, longest = {}, len(name)
            best[one.id] = (one, rest)
    if len(best) != 1:
        return None, text.strip()
    [(agent, rest)] = best.values()
    return agent, rest


def _rest(text: str, name: str) -> str | None:
    """What follows the name that a text begins with, if it does."""
    if not name or text[: len(name)].casefold() != name.casefold():
        return None
    found = _AFTER.match(text, len(name))
    return text[found.end() :].strip() if found else None
