"""Outlook's own envelope, winmail.dat: the text and the files in it, by [MS-OXTNEF], under limits.

Read here and not by a package: the one that there is reads no Japanese file names and copies the rest of
the file for each of its attributes.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from adapters.mail.charset import decode
from adapters.mail.display import fewer_blank_lines, safe_line, safe_name, safe_text
from adapters.mail.html import html_to_text
from adapters.mail.leaf import TEXT_CHARACTERS
from adapters.mail.rtf import rtf_to_text, unpacked_rtf
from bot.domain.message import Attachment

TNEF_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})

_SIGNATURE = 0x223E9F78
_MOST_FILES = 200
_MOST_ATTRIBUTES = 5000
_MOST_PROPERTIES = 2000
_TEXT_BYTES = 4_000_000
_BODY, _FILE_DATA, _FILE_TITLE = 0x800C, 0x800F, 0x8010
_NEW_FILE, _MESSAGE_PROPERTIES, _FILE_PROPERTIES, _CODEPAGE = 0x9002, 0x9003, 0x9005, 0x9007
_TEXT, _RTF, _HTML, _INTERNET_CODEPAGE = 0x1000, 0x1009, 0x1013, 0x3FDE
_DISPLAY_NAME, _OBJECT, _SHORT_NAME, _LONG_NAME, _MEDIA_TYPE = 0x3001, 0x3701, 0x3704, 0x3707, 0x370E
_FIXED = {2: 4, 3: 4, 4: 4, 0xA: 4, 0xB: 4, 5: 8, 6: 8, 7: 8, 0x14: 8, 0x40: 8, 0x48: 16, 1: 0}
_VARIABLE = frozenset({0x0D, 0x1E, 0x1F, 0x102})
_UNICODE = 0x1F
_MULTIPLE = 0x1000
_NAMED = 0x8000
_PAGES = {
    20127: "us-ascii",
    20932: "euc-jp",
    28591: "iso-8859-1",
    50220: "iso-2022-jp",
    51932: "euc-jp",
    65001: "utf-8",
}
_U32 = struct.Struct("<I")
_ATTRIBUTE = struct.Struct("<BHHI")


@dataclass(slots=True)
class Tnef:
    """What lies in such an envelope; all of it display-safe."""

    text: str = ""
    files: list[Attachment] = field(default_factory=list)


@dataclass(slots=True)
class _File:
    names: dict[int, str] = field(default_factory=dict)
    content_type: str = "application/octet-stream"
    size: int = 0

    def attachment(self, number: int) -> Attachment:
        told = (self.names.get(one, "") for one in (_LONG_NAME, _FILE_TITLE, _SHORT_NAME, _DISPLAY_NAME))
        name = next((safe for one in told if (safe := safe_name(one))), f"attachment-{number}.bin")
        return Attachment(name, self.content_type, self.size)


def open_tnef(data: bytes) -> Tnef:
    """The text and the files of an envelope, as far as it can be read. Never raises."""
    label, plain, rich = "", "", ""
    files: list[_File] = []
    for key, start, end in _attributes(data):
        if key == _CODEPAGE and end - start >= _U32.size:
            label = _label(_U32.unpack_from(data, start)[0])
        elif key == _BODY:
            plain = plain or decode(data[start : min(end, start + _TEXT_BYTES)], label)
        elif key == _MESSAGE_PROPERTIES:
            found, found_rich = _texts(data[start:end], label)
            plain, rich = plain or found, rich or found_rich
        elif key == _NEW_FILE and len(files) < _MOST_FILES:
            files.append(_File())
        elif files and key == _FILE_TITLE:
            files[-1].names[_FILE_TITLE] = decode(data[start : min(end, start + 2000)], label).rstrip("\x00")
        elif files and key == _FILE_DATA:
            files[-1].size = end - start
        elif files and key == _FILE_PROPERTIES:
            _describe(files[-1], data[start:end], label)
    text = safe_text(plain if plain.strip("\x00 \r\n") else rich)
    return Tnef(
        fewer_blank_lines(text)[:TEXT_CHARACTERS], [one.attachment(number) for number, one in enumerate(files, 1)]
    )


def _attributes(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(id, start, end) of each attribute."""
    if len(data) < 6 or _U32.unpack_from(data)[0] != _SIGNATURE:
        return
    at = 6
    for _ in range(_MOST_ATTRIBUTES):
        if at + _ATTRIBUTE.size > len(data):
            return
        _, key, _, length = _ATTRIBUTE.unpack_from(data, at)
        start = at + _ATTRIBUTE.size
        yield key, start, min(start + length, len(data))
        at = start + length + 2


def _texts(data: bytes, label: str) -> tuple[str, str]:
    """The plain text among the properties of the message, and that of its HTML or rich text where there is none."""
    found = dict(_properties(data, label, {_TEXT, _RTF, _HTML, _INTERNET_CODEPAGE}))
    page = found.get(_INTERNET_CODEPAGE)
    wide = _label(_U32.unpack(page)[0]) if isinstance(page, bytes) and len(page) == _U32.size else label
    plain, html = (
        decode(value[:_TEXT_BYTES], wide) if isinstance(value, bytes) else value[:_TEXT_BYTES]
        for value in (found.get(_TEXT, ""), found.get(_HTML, ""))
    )
    if plain.strip("\x00 \r\n"):
        return plain, ""
    rtf = found.get(_RTF)
    return "", html_to_text(html) if html else rtf_to_text(unpacked_rtf(rtf)) if isinstance(rtf, bytes) else ""


def _describe(file: _File, data: bytes, label: str) -> None:
    for key, value in _properties(data, label, {_DISPLAY_NAME, _OBJECT, _SHORT_NAME, _LONG_NAME, _MEDIA_TYPE}):
        if key == _OBJECT:
            file.size = len(value)
        else:
            text = decode(value, label) if isinstance(value, bytes) else value
            if key == _MEDIA_TYPE:
                file.content_type = safe_line(text.strip("\x00"), 100).lower() or file.content_type
            else:
                file.names[key] = text.strip("\x00")


def _properties(data: bytes, label: str, wanted: set[int]) -> Iterator[tuple[int, bytes | str]]:
    """The wanted properties of a list of MAPI; what is broken ends the list."""
    try:
        at = _U32.size
        for _ in range(min(_U32.unpack_from(data)[0], _MOST_PROPERTIES)):
            kind, key = struct.unpack_from("<HH", data, at)
            at = _after_name(data, at + 4) if key >= _NAMED else at + 4
            several, kind = kind & _MULTIPLE, kind & ~_MULTIPLE
            count = 1
            if several or kind in _VARIABLE:
                count = _U32.unpack_from(data, at)[0]
                at += _U32.size
            if count > len(data):
                return
            for _ in range(count):
                if kind in _VARIABLE:
                    length = _U32.unpack_from(data, at)[0]
                    at += _U32.size
                elif kind in _FIXED:
                    length = _FIXED[kind]
                else:
                    return
                value = data[at : at + length] if key in wanted else b""
                at += length + -length % 4
                if key in wanted:
                    yield key, value.decode("utf-16-le", "replace") if kind == _UNICODE else value
    except struct.error:
        return


def _after_name(data: bytes, at: int) -> int:
    """Where the value of a named property begins."""
    is_text = _U32.unpack_from(data, at + 16)[0] == 1
    at += 20
    length = _U32.unpack_from(data, at)[0] if is_text else 0
    return at + _U32.size + length + -length % 4


def _label(codepage: int) -> str:
    """The charset of a Windows code page number."""
    return _PAGES.get(codepage, f"cp{codepage}")
