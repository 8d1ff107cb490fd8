"""What the writer of a mail added: the text without quoted mail and signature, for display only."""

import re
from functools import cache
from typing import TYPE_CHECKING

from adapters.mail.quotes import has_rare_mark, introduction, is_quoted, original_start
from adapters.mail.signatures import without_signature

if TYPE_CHECKING:
    from mailparser_reply import EmailReplyParser

_TRIMMED_CHARACTERS = 50_000
# The expressions of the library take quadratic time on long texts and lines.
_LIBRARY_CHARACTERS = 8_000
_LIBRARY_LINE = 300
_WRAPPED_LINE = 66
_LANGUAGES = ["en", "de", "fr", "es", "it", "nl", "pl", "cs", "da", "sv", "ko", "zh"]
_MAY_INTRODUCE = re.compile(r"[\d@].{0,120}:[ \t]*$", re.MULTILINE)


def trim(text: str) -> str:
    """The new part of a text. A text that is all quotation is returned whole. Never raises."""
    lines = text[:_TRIMMED_CHARACTERS].split("\n")
    if not _may_need_trimming(text):
        return _joined(text, lines, without_signature(lines))
    end = original_start(lines)
    kept = _without_quotes(lines[:end])
    if not any(line.strip() for line in kept):
        kept = lines
    elif end == len(lines) and len(kept) == len(lines):
        kept = _by_library(text) or kept
    return _joined(text, lines, without_signature(kept))


def _joined(text: str, lines: list[str], kept: list[str]) -> str:
    """The kept lines; the whole of a long text whose beginning holds nothing to leave out."""
    return text.strip() if len(kept) == len(lines) else "\n".join(kept).strip()


def _may_need_trimming(text: str) -> bool:
    return (
        ">" in text
        or ":" in text
        or "|" in text
        or "｜" in text
        or "：" in text
        or "＞" in text
        or "書きました" in text
        or "--" in text
    )


def _without_quotes(lines: list[str]) -> list[str]:
    """The lines that are not quoted; of a quotation without marks nothing behind its introduction."""
    kept: list[str] = []
    origin: list[int] = []
    for number, line in enumerate(lines):
        if is_quoted(line) or has_rare_mark(lines, number) or _is_wrapped_quote(lines, number):
            continue
        start = introduction(lines, number)
        if start is None:
            kept.append(line)
            origin.append(number)
            continue
        while origin and origin[-1] >= start:
            origin.pop()
            kept.pop()
        if not _quote_follows(lines, number + 1):
            if any(one.strip() for one in kept):
                return kept
            kept.extend(lines[start : number + 1])
            origin.extend(range(start, number + 1))
    return kept


def _is_wrapped_quote(lines: list[str], number: int) -> bool:
    """True for the rest of a quoted line that was too long and got broken without a mark of its own."""
    if not 0 < number < len(lines) - 1 or not lines[number][:1].islower():
        return False
    before = lines[number - 1]
    return (
        len(before) >= _WRAPPED_LINE
        and is_quoted(before)
        and is_quoted(lines[number + 1])
        and before[-1] not in ".!?:;"
    )


def _quote_follows(lines: list[str], number: int) -> bool:
    for line in lines[number : number + 6]:
        if line.strip():
            return is_quoted(line)
    return number >= len(lines)


def _by_library(text: str) -> list[str] | None:
    """What mail-parser-reply keeps, for introductions in further languages; None when it has no say."""
    if len(text) > _LIBRARY_CHARACTERS or not _MAY_INTRODUCE.search(text):
        return None
    if max(map(len, text.split("\n"))) > _LIBRARY_LINE:
        return None
    latest = _library().read(text).latest_reply
    return latest.split("\n") if latest else None


@cache
def _library() -> "EmailReplyParser":
    from mailparser_reply import EmailReplyParser

    return EmailReplyParser(languages=_LANGUAGES)
