"""Address fields: who wrote, and to whom, also when the address breaks the standard."""

import re

from adapters.mail.display import safe_line
from adapters.mail.headers import decode_words, readable

ADDRESS_HEADER_CHARACTERS = 2 * 1024
_NAME_CHARACTERS = 200
_TOKEN = re.compile(
    r"""
    "(?P<quoted>(?:[^"\\]|\\.)*)"
    | (?P<comment>\()
    | <(?P<angle>[^<>]*)>?
    | (?P<sign>[,;:])
    | (?P<text>(?:=\?[^?\s]+\?[bBqQ]\?[^?]*\?=|[^"(<,;:])+)
    | (?P<stray>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_BARE = re.compile(r"""[^\s<>()\[\]"',;:]+@[^\s<>()"',;:]+""")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SPACES = re.compile(r"\s+")
_DOTS_NEED_NO_QUOTES = re.compile(r'"([A-Za-z0-9.!#$%&\'*+/=?^_`{|}~-]+)"(@.+)')


def mailboxes(raw: str) -> list[tuple[str, str]]:
    """(name, address) of each mailbox in an address field, display-safe; at most 2 KB of it are read.

    Dots may stand anywhere in an address (docomo and au hand them out so); groups, comments, routes and
    several addresses are understood. A field without any address gives its words as one name.
    """
    value = readable(raw[:ADDRESS_HEADER_CHARACTERS])
    found = _read(value)
    if not any(address for _, address in found) and "=?" in value:
        found = _read(decode_words(value))
    with_address = [one for one in found if one[1]]
    return with_address or [one for one in found if one[0]][:1]


class _Entry:
    """What has been read of one mailbox."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.comments: list[str] = []
        self.angle = ""

    def result(self) -> tuple[str, str]:
        words = _SPACES.sub(" ", " ".join(self.words)).strip()
        address, name = self.angle, words
        if not address:
            address, name = _bare_address(words)
        name = name or " ".join(self.comments)
        name = safe_line(decode_words(name), _NAME_CHARACTERS).strip("\"' ")
        address = _clean(address)
        return ("" if name == address else name), address


def _read(value: str) -> list[tuple[str, str]]:
    entries = [_Entry()]
    at = 0
    while at < len(value):
        match = _TOKEN.match(value, at)
        if match is None:
            break
        at = match.end()
        entry = entries[-1]
        if match["comment"]:
            comment, at = _comment(value, at)
            entry.comments.append(comment)
        elif match["sign"]:
            _separate(entries, match["sign"], value[at:])
        elif match["angle"] is not None:
            entry.angle = entry.angle or _angle(match["angle"])
        elif match["quoted"] is not None:
            quoted = _ESCAPED.sub(r"\1", match["quoted"])
            is_local_part = value.startswith("@", at)
            entry.words.append(f'"{quoted}"' if is_local_part else quoted)
        else:
            text = match["text"] or match["stray"]
            if text.startswith("@") and entry.words and entry.words[-1].startswith('"'):
                entry.words[-1] += text
            else:
                entry.words.append(text)
    return [entry.result() for entry in entries]


def _separate(entries: list[_Entry], sign: str, rest: str) -> None:
    entry = entries[-1]
    has_address = bool(entry.angle) or "@" in "".join(entry.words)
    if sign == ":" and not has_address:
        # The name of a group; its members follow.
        entries[-1] = _Entry()
    elif sign == "," and entry.words and not has_address and _name_goes_on(rest):
        # "Tanaka, Hana <hana@example.com>" without the quotes that it needs.
        entry.words[-1] = entry.words[-1].rstrip() + ","
    elif sign == ":":
        entry.words.append(":")
    else:
        entries.append(_Entry())


def _name_goes_on(rest: str) -> bool:
    before_next = rest.partition(",")[0]
    return "<" in before_next


def _comment(value: str, at: int) -> tuple[str, int]:
    """The text of a comment whose bracket was just read, and where it ends; comments may nest."""
    depth, start = 1, at
    while at < len(value) and depth:
        sign = value[at]
        if sign == "\\":
            at += 1
        elif sign == "(":
            depth += 1
        elif sign == ")":
            depth -= 1
        at += 1
    end = at - 1 if depth == 0 else at
    return _ESCAPED.sub(r"\1", value[start:end]).strip(), at


def _angle(content: str) -> str:
    """The address between angle brackets, without a route and without white space."""
    if content.lstrip().startswith("@") and ":" in content:
        content = content.partition(":")[2]
    return content.strip().removeprefix("mailto:")


def _bare_address(words: str) -> tuple[str, str]:
    """An address that stands without angle brackets, and the words beside it."""
    if words.startswith('"') and '"@' in words:
        address, _, rest = words.partition(" ")
        return address, rest
    match = _BARE.search(words)
    if match is None:
        return "", words
    return match.group(), (words[: match.start()] + " " + words[match.end() :]).strip()


def _clean(address: str) -> str:
    address = safe_line(_SPACES.sub("", address), 320)
    unquoted = _DOTS_NEED_NO_QUOTES.fullmatch(address)
    return unquoted[1] + unquoted[2] if unquoted else address
