"""Rich text as Outlook sends it: unpacked ([MS-OXRTFCP]) and told as plain text ([MS-OXRTFEX] for packed HTML)."""

import re
import struct
from dataclasses import dataclass, field, replace

from adapters.mail.charset import decode
from adapters.mail.html import html_to_text

_MOST_BYTES = 2_000_000
_DEEPEST = 1000
_WINDOW = 4096
_KNOWN_START = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif"
    rb"SymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    + b"\r\n"
    + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_PACKED, _PLAIN = b"LZFu", b"MELA"
_HEADER = struct.Struct("<II4sI")
_TOKEN = re.compile(
    rb"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,9})? ?|\\'(?P<byte>[0-9a-fA-F]{2})|\\(?P<sign>[^a-zA-Z'])"
    rb"|(?P<brace>[{}])|[\r\n]+|(?P<text>[^\\{}\r\n]+)|."
)
_HIDDEN = frozenset(
    b"fonttbl colortbl stylesheet info pict object themedata colorschememapping latentstyles datastore header footer"
    b" listtable listoverridetable rsidtbl generator xmlnstbl".split()
)
_SIGNS = {
    b"par": "\n", b"line": "\n", b"row": "\n", b"sect": "\n", b"page": "\n", b"tab": "\t", b"cell": "\t",
    b"emdash": "—", b"endash": "–", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”",
    b"bullet": "•",
}  # fmt: skip
_ESCAPED = {b"~": "\u00a0", b"_": "-", b"\n": "\n", b"\r": "\n"}
_CHARSETS = {128: "cp932", 129: "cp949", 134: "gb18030", 136: "cp950", 204: "cp1251", 238: "cp1250", 161: "cp1253"}


def unpacked_rtf(data: bytes) -> bytes:
    """The rich text of a compressed property, as far as it goes; b"" for anything else."""
    if len(data) < _HEADER.size:
        return b""
    _, size, kind, _ = _HEADER.unpack_from(data)
    if kind == _PLAIN:
        return data[_HEADER.size : _HEADER.size + min(size, _MOST_BYTES)]
    if kind != _PACKED:
        return b""
    out = bytearray(_KNOWN_START)
    end = len(_KNOWN_START) + min(size, _MOST_BYTES)
    at = _HEADER.size
    while at < len(data) and len(out) < end:
        flags = data[at]
        at += 1
        for bit in range(8):
            if not flags >> bit & 1:
                out += data[at : at + 1]
                at += 1
                continue
            token = int.from_bytes(data[at : at + 2], "big")
            at += 2
            # Where in the window a copy begins, counted back from the next place to write.
            back = (len(out) - (token >> 4)) % _WINDOW
            if not back or back > len(out) or at > len(data):
                return bytes(out[len(_KNOWN_START) :])
            for _ in range((token & 15) + 2):
                out.append(out[-back])
    return bytes(out[len(_KNOWN_START) : end])


def rtf_to_text(rtf: bytes) -> str:
    """What a reader of the rich text sees; of HTML packed into it, what a reader of the HTML sees. Never raises."""
    reading = _Reading()
    for token in _TOKEN.finditer(rtf[:_MOST_BYTES]):
        reading.take(token)
    text = reading.text()
    return html_to_text(text) if reading.is_html else text


@dataclass(slots=True)
class _Group:
    """What holds until its brace closes."""

    is_hidden: bool = False
    is_fonts: bool = False
    is_tag: bool = False
    is_double: bool = False
    codec: str = ""
    skip: int = 1


@dataclass(slots=True)
class _Reading:
    is_html: bool = False
    codec: str = "cp1252"
    font: int = 0
    fonts: dict[int, str] = field(default_factory=dict)
    groups: list[_Group] = field(default_factory=lambda: [_Group()])
    pieces: list[str] = field(default_factory=list)
    held: bytearray = field(default_factory=bytearray)
    held_codec: str = ""
    to_skip: int = 0
    is_optional: bool = False

    def text(self) -> str:
        self._let_go()
        return "".join(self.pieces)

    def take(self, token: re.Match[bytes]) -> None:
        group = self.groups[-1]
        was_optional, self.is_optional = self.is_optional, token["sign"] == b"*"
        if token["brace"] == b"{":
            if len(self.groups) < _DEEPEST:
                self.groups.append(replace(group))
        elif token["brace"]:
            if len(self.groups) > 1:
                self.groups.pop()
        elif token["word"]:
            self._obey(group, token["word"], int(token["number"] or 0), token["number"] is not None, was_optional)
        elif token["byte"]:
            self._say_bytes(group, bytes((int(token["byte"], 16),)))
        elif token["sign"] in (b"\\", b"{", b"}"):
            # Also the second byte of a Japanese character.
            self._say_bytes(group, token["sign"])
        elif token["sign"] in _ESCAPED:
            self._say(group, _ESCAPED[token["sign"]])
        elif token["text"]:
            self._say_bytes(group, token["text"])

    def _obey(self, group: _Group, word: bytes, number: int, is_told: bool, is_optional: bool) -> None:
        match word:
            case b"htmltag" if is_optional:
                group.is_tag, group.is_hidden = True, False
            case b"htmlrtf":
                group.is_double = number != 0 or not is_told
            case b"fromhtml":
                self.is_html = True
            case b"ansicpg":
                self.codec = f"cp{number}"
            case b"fonttbl":
                group.is_fonts = group.is_hidden = True
            case b"f" if group.is_fonts:
                self.font = number
            case b"f":
                group.codec = self.fonts.get(number, "")
            case b"fcharset":
                self.fonts[self.font] = _CHARSETS.get(number, "")
            case b"uc":
                group.skip = max(0, min(number, 10))
            case b"u":
                self._say(group, chr(number & 0xFFFF))
                self.to_skip = group.skip
            case _ if is_optional or word in _HIDDEN:
                group.is_hidden = True
            case _ if word in _SIGNS:
                self._say(group, _SIGNS[word])

    def _say(self, group: _Group, text: str) -> None:
        self.to_skip = 0
        if not (group.is_hidden or group.is_double):
            self._let_go()
            self.pieces.append(text)

    def _say_bytes(self, group: _Group, data: bytes) -> None:
        """Hold the bytes: a character of two may come in two tokens."""
        skipped, self.to_skip = min(self.to_skip, len(data)), max(0, self.to_skip - len(data))
        if group.is_hidden or group.is_double:
            return
        codec = group.codec or self.codec
        if codec != self.held_codec:
            self._let_go()
            self.held_codec = codec
        self.held += data[skipped:]

    def _let_go(self) -> None:
        if self.held:
            self.pieces.append(decode(bytes(self.held), self.held_codec))
            self.held.clear()
