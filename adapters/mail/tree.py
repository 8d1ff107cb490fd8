"""A mail cut into its parts: the header block of each is read, its content only found.

The parser of the standard library takes a mail line by line and compiles an expression for each boundary: four times
the time, and for an object of each line twenty times the memory of the mail.
"""

import re
from collections.abc import Iterator
from itertools import count

from adapters.mail.headers import Headers
from adapters.mail.parameters import content_type
from adapters.mail.part import DEEPEST_PART, LARGEST_HEADER_BLOCK, MOST_PARTS, Part, UnreadableMail

_NEWLINE = re.compile(rb"\r\n?|\n")
_HEADER_BLOCK = re.compile(rb"(?:(?:From |[!-9;-~]*:|[ \t])[^\r\n]*(?:\r\n?|\n|\Z))*+")
_FIELD = re.compile(r"(?:([!-9;-~]+):[ \t]*([^\r\n]*(?:(?:\r\n?|\n)[ \t][^\r\n]*)*+)|[^\r\n]*)(?:\r\n?|\n|\Z)")
_BEHIND_BOUNDARY = re.compile(rb"(--)?[ \t]*(?:\r\n?|\n|\Z)")


def parts_of(mail: bytes) -> Part:
    """The mail as a tree of parts; a multipart without its boundary is one part with all of the content.

    Raises UnreadableMail for headers of a part over 64 KB, over 200 parts or nested over 20 deep.
    """
    return _part(mail, 0, len(mail), 0, count(1))


def _part(mail: bytes, start: int, end: int, depth: int, numbers: Iterator[int]) -> Part:
    if depth > DEEPEST_PART:
        raise UnreadableMail(f"parts are nested deeper than {DEEPEST_PART}")
    if next(numbers) > MOST_PARTS:
        raise UnreadableMail(f"more than {MOST_PARTS} parts")
    headers, start = _headers(mail, start, end)
    kind, values = content_type(headers)
    part = Part(headers, kind, values, mail, start, end)
    part.children = [_part(mail, *stretch, depth + 1, numbers) for stretch in _stretches(part)]
    return part


def _headers(mail: bytes, start: int, end: int) -> tuple[Headers, int]:
    """The header fields at the start of a part, and where its content begins."""
    block = _HEADER_BLOCK.match(mail, start, end)
    assert block
    if block.end() - start > LARGEST_HEADER_BLOCK:
        raise UnreadableMail("a part has more than 64 KB of headers")
    fields = _FIELD.findall(block.group().decode("ascii", "surrogateescape"))
    blank = _NEWLINE.match(mail, block.end(), end)
    return Headers((name, value) for name, value in fields if name), blank.end() if blank else block.end()


def _stretches(part: Part) -> Iterator[tuple[int, int]]:
    """Where the parts of a part lie. Reports on delivery are no mails, though their type begins likewise."""
    if part.content_type.startswith("multipart/"):
        yield from _between_boundaries(part)
    elif part.content_type.startswith("message/") and part.content_type != "message/delivery-status":
        yield part.start, part.end


def _between_boundaries(part: Part) -> Iterator[tuple[int, int]]:
    """What lies between the lines with the boundary; empty stretches count only where there are no others."""
    boundary = part.values.get("boundary", "").rstrip().encode("utf-8", "surrogateescape")
    begun, is_empty, is_closed = -1, True, False
    for start, end, is_closed in _boundary_lines(part, boundary):
        if is_closed and begun < 0:
            part.end = start
            return
        if 0 <= begun < start:
            yield begun, _without_newline(part.mail, begun, start)
            is_empty = False
        begun = end
        if is_closed:
            break
    if 0 <= begun < part.end and not is_closed:
        yield begun, _without_newline(part.mail, begun, part.end)
    elif begun >= 0 and is_empty:
        yield begun, begun


def _boundary_lines(part: Part, boundary: bytes) -> Iterator[tuple[int, int, bool]]:
    """Where each line with the boundary starts and ends, and whether it is a closing one."""
    mail, fence = part.mail, b"--" + boundary
    at = mail.find(fence, part.start, part.end) if boundary else -1
    while at >= 0:
        behind = _BEHIND_BOUNDARY.match(mail, at + len(fence), part.end)
        if behind and (at == part.start or mail[at - 1] in b"\r\n"):
            yield at, behind.end(), bool(behind[1])
        at = mail.find(fence, at + len(fence), part.end)


def _without_newline(mail: bytes, start: int, end: int) -> int:
    """The end of a stretch without the last newline, which belongs to the boundary behind it."""
    for newline in (b"\r\n", b"\n", b"\r"):
        if mail.endswith(newline, start, end):
            return end - len(newline)
    return end
