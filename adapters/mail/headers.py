"""Header fields of a mail: raw values decoded field by field, so that a broken one fails alone."""

import binascii
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from adapters.mail.charset import decode
from adapters.mail.display import safe_line

_FIELD_CHARACTERS = 8 * 1024
_REFERENCE_CHARACTERS = 16 * 1024
_REFERENCES = 100
_FOLD = re.compile(r"\r\n?|\n")
_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?(.*?)\?=", re.DOTALL)
_CUT_OFF_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\??$")
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64 = bytes(sorted(set(range(256)) - set(_BASE64)))
_QUOTED_BYTE = re.compile(rb"=([0-9A-Fa-f]{2})")
_MESSAGE_ID = re.compile(r"<\s*([^<>]{1,990}?)\s*>")
_BLANKS = re.compile(r"\s+")


class Headers:
    """The header fields of one part, by lower-case name, in the order of the mail."""

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        """Names and values as they stand in the mail; surrogates stand for 8-bit bytes."""
        self._fields: dict[str, list[str]] = {}
        for name, value in fields:
            self._fields.setdefault(name.lower(), []).append(value)

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def raw(self, name: str, *, last: bool = False) -> str:
        """The first (or last) value of the field that is not blank, unfolded, in the mail's own encoding."""
        values = self._fields.get(name, ())
        for value in reversed(values) if last else values:
            if value.strip():
                return _FOLD.sub("", value)
        return ""

    def every(self, name: str) -> list[str]:
        """All values of the field, unfolded, in the mail's own encoding."""
        return [_FOLD.sub("", value) for value in self._fields.get(name, ())]

    def text(self, name: str) -> str:
        """The field as one display-safe line; of several the last, as most mail programs show it."""
        value = self.raw(name, last=True)
        return safe_line(decode_words(readable(value[:_FIELD_CHARACTERS]))) if value else ""

    def token(self, name: str) -> str:
        """The first word of the field in lower case, without parameters and comments."""
        value = self.raw(name)[:200].split(";")[0].split("(")[0].split()
        return value[0].lower() if value else ""

    def message_ids(self, names: Iterable[str]) -> tuple[str, ...]:
        """Message-IDs in the fields, without angle brackets, each once; the last of a field comes first."""
        found: dict[str, None] = {}
        for name in names:
            for value in self.every(name):
                for one in reversed(_ids(value)):
                    found.setdefault(one)
        return tuple(found)[:_REFERENCES]

    def moment(self, name: str) -> datetime | None:
        """The field as an aware time in UTC, or None when it tells none."""
        value = self.raw(name)[:100]
        if not value:
            return None
        try:
            moment = parsedate_to_datetime(value)
            aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return aware.astimezone(UTC)
        except (ValueError, TypeError, LookupError, OverflowError, AttributeError):
            return None


def _ids(value: str) -> list[str]:
    text = readable(value[-_REFERENCE_CHARACTERS:])
    found = _MESSAGE_ID.findall(text) or [one for one in text.split() if "@" in one]
    return [clean for one in found if (clean := _BLANKS.sub("", safe_line(one, 990)))]


def readable(raw: str) -> str:
    """A raw value (surrogates stand for 8-bit bytes) as text; encoded words stay as they are."""
    if raw.isascii() and "\x1b" not in raw:
        return raw
    return decode(raw.encode("utf-8", "surrogateescape"))


def decode_words(text: str) -> str:
    """Text with its RFC 2047 encoded words decoded. Never raises.

    Neighbours of one charset are joined as bytes first: many programs split a word inside a character.
    """
    if "=?" not in text:
        return text
    out: list[str] = []
    held, held_charset, end = b"", "", 0
    words = list(_ENCODED_WORD.finditer(text))
    cut_off = _CUT_OFF_WORD.search(text, words[-1].end() if words else 0)
    for word in [*words, cut_off] if cut_off else words:
        between = text[end : word.start()]
        charset = word[1].partition("*")[0].lower()
        if between.strip() or not end or charset != held_charset:
            out.append(decode(held, held_charset))
            held = b""
            # White space between two encoded words belongs to their coding.
            out.append(between if between.strip() or not end else "")
        held += _word_bytes(word[2], word[3])
        held_charset, end = charset, word.end()
    out.append(decode(held, held_charset))
    out.append(text[end:])
    return "".join(out)


def _word_bytes(coding: str, content: str) -> bytes:
    data = content.encode("utf-8", "replace")
    if coding in "qQ":
        return _QUOTED_BYTE.sub(lambda m: bytes((int(m[1], 16),)), data.replace(b"_", b" "))
    return from_base64(data)


def from_base64(data: bytes) -> bytes:
    """The bytes that base64 stands for, whatever else stands between and however it was cut off."""
    data = data.translate(None, _NOT_BASE64)
    if len(data) % 4 == 1:
        data = data[:-1]
    return binascii.a2b_base64(data + b"=" * (-len(data) % 4))
