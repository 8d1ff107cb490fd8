"""Text on its way into Discord: what others wrote can neither command Discord nor disguise itself there."""

import re

from bot.chat.text import cleaned

BREAK = "\u2060"
"""A word joiner, which nobody sees: it stands where a backslash would not do."""
_SIGNS = re.compile(
    r"[\\`*_~|<>\[\]#:@]"  # marks, mentions, emoji, moments, links, headings, quotes
    r"|(?<=\])\("
    r"|(?<=\w)\.(?=\w)"  # addresses without a scheme: Discord looks for invitations in the raw text
    r"|^[^\S\n]*(?:[-+]|\d+\.)",  # lists
    re.MULTILINE,
)
FENCE = "```"
_ENDS = re.compile("`(?=``)")
_EVERYBODY = re.compile("@(?=everyone|here)", re.IGNORECASE)


def escaped(text: str) -> str:
    """The text, cleaned, for a place where Discord reads Markdown: all that shows there are its own letters.

    Discord takes a backslash before any ASCII sign that is no letter or digit as that sign, and shows no backslash,
    so that an address can still be copied. Discord's servers look for @everyone and @here without regard to
    backslashes: an unseen sign breaks them.
    """
    return _SIGNS.sub(_with_backslash, _EVERYBODY.sub(f"@{BREAK}", cleaned(text)))


def quoted(text: str) -> str:
    """The text as a quotation: each of its lines stands behind a bar."""
    return "\n".join(f"> {line}" for line in escaped(text).split("\n"))


def fenced(text: str) -> str:
    """The text, cleaned, in a box, where nothing is a mark; only what would end the box has an unseen sign in it."""
    return f"{FENCE}\n{_ENDS.sub(f'`{BREAK}', cleaned(text))}\n{FENCE}"


def unfenced(box: str) -> str:
    """The text in a box that `fenced` made."""
    return box.removeprefix(f"{FENCE}\n").removesuffix(f"\n{FENCE}").replace(BREAK, "")


def _with_backslash(found: re.Match[str]) -> str:
    sign = found[0]
    return f"{sign[:-1]}\\{sign[-1]}"
