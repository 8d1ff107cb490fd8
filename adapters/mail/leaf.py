"""The leaves of a mail: parts without parts of their own, their type, their bytes and their text."""

import binascii
import re
from dataclasses import dataclass
from functools import cached_property

from adapters.mail.charset import codec_of, decode
from adapters.mail.display import fewer_blank_lines, safe_text
from adapters.mail.headers import from_base64
from adapters.mail.html import charset_of, html_to_text
from adapters.mail.part import Part

# Longer texts are cut for display and search; the raw mail keeps everything.
TEXT_CHARACTERS = 1_000_000
_TEXT_BYTES = 4 * TEXT_CHARACTERS
_UUENCODED = frozenset({"x-uuencode", "uuencode", "uue", "x-uue"})
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} [^\n]*\n", re.MULTILINE)
_ENRICHED_TAG = re.compile(r"<(<)|<[^<>]*>")


@dataclass(frozen=True)
class Leaf:
    """A part without parts of its own, or an enclosed mail, with what it says of itself as a file."""

    part: Part
    disposition: str
    name: str

    @property
    def content_type(self) -> str:
        return self.part.content_type

    @property
    def is_plain(self) -> bool:
        return self.content_type != "text/html"

    @cached_property
    def data(self) -> bytes:
        """The bytes of the part as they were before it was sent."""
        return _bytes(self)

    @cached_property
    def text(self) -> str:
        """The part as display-safe text."""
        return _text(self)


def _text(leaf: Leaf) -> str:
    data = leaf.data[:_TEXT_BYTES]
    label = leaf.part.values.get("charset", "")
    if leaf.content_type == "text/html":
        if not codec_of(label) and (named := charset_of(data)):
            label = named
        return safe_text(html_to_text(decode(data, label)))
    text = safe_text(decode(data, label).removeprefix("\ufeff"))
    if leaf.part.values.get("format", "").lower() == "flowed":
        text = _flowed(text, leaf.part.values.get("delsp", "").lower() == "yes")
    elif leaf.content_type in ("text/enriched", "text/richtext"):
        text = _ENRICHED_TAG.sub(r"\1", text)
    return fewer_blank_lines(text)[:TEXT_CHARACTERS]


def _bytes(leaf: Leaf) -> bytes:
    """The decoded bytes of a leaf; what its transfer encoding cannot explain is taken as it stands."""
    coding = leaf.part.headers.token("content-transfer-encoding")
    if coding == "base64":
        return from_base64(leaf.part.content)
    if coding == "quoted-printable":
        return binascii.a2b_qp(leaf.part.content)
    if coding in _UUENCODED:
        return _from_uuencoded(leaf.part.content)
    return leaf.part.content


def _from_uuencoded(content: bytes) -> bytes:
    """The bytes between "begin" and "end"; the content itself where there is no such block."""
    begin = _UU_BEGIN.search(content)
    if begin is None:
        return content
    out: list[bytes] = []
    for line in content[begin.end() :].splitlines():
        if line.strip() in (b"end", b"`"):
            break
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            # Some programs pad the line beyond the length that it names.
            try:
                out.append(binascii.a2b_uu(line[: ((line[0] - 32 & 63) * 4 + 5) // 3]))
            except binascii.Error:
                continue
    return b"".join(out)


def _flowed(text: str, delete_space: bool) -> str:
    """Paragraphs of format=flowed (RFC 3676): lines that end in a space go on in the next one."""
    paragraphs: list[list[str]] = []
    goes_on, depth_before = False, 0
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        is_signature = content == "-- "
        if not goes_on or depth != depth_before or is_signature:
            paragraphs.append([">" * depth + " " * bool(depth)])
        goes_on = content.endswith(" ") and not is_signature
        paragraphs[-1].append(content[:-1] if goes_on and delete_space else content)
        depth_before = depth
    return "\n".join("".join(pieces) for pieces in paragraphs)
