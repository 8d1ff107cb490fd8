"""Mails made to stop their reader, by name."""

# ruff: noqa: E501 - a table

import base64
import struct
from collections.abc import Callable, Iterator

HEAD = b"From: Mallory <mallory@example.com>\r\nSubject: hello\r\n"
MB = 1024 * 1024


def of(kind: str, body: bytes, extra: bytes = b"") -> bytes:
    return HEAD + extra + f"Content-Type: {kind}\r\n\r\n".encode() + body


def html(body: bytes) -> bytes:
    return of("text/html; charset=utf-8", body)


def nested(depth: int, subtype: str = "mixed") -> bytes:
    inner = "".join(f'Content-Type: multipart/{subtype}; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(depth))
    return HEAD + inner.encode() + b"\r\nhi"


def many_parts(count: int, each: bytes = b"\r\nx\r\n") -> bytes:
    return of("multipart/mixed; boundary=b", (b"--b\r\n" + each) * count + b"--b--\r\n")


def tnef_of_attributes(count: int) -> bytes:
    body = struct.pack("<IH", 0x223E9F78, 1) + struct.pack("<BHHIH", 2, 0x9002, 6, 0, 0) * count
    return of("application/ms-tnef", base64.encodebytes(body), b"Content-Transfer-Encoding: base64\r\n")


def tnef_of_properties() -> bytes:
    values = struct.pack("<I", 0xFFFFFFFF) + struct.pack("<HHI", 0x1102, 0x3707, 0xFFFFFFFF) * 100_000
    body = struct.pack("<IH", 0x223E9F78, 1) + struct.pack("<BHHI", 1, 0x9003, 6, len(values)) + values
    return of("application/ms-tnef", base64.encodebytes(body), b"Content-Transfer-Encoding: base64\r\n")


def report(count: int) -> bytes:
    blocks = b"Final-Recipient: rfc822; a@example.com\r\nAction: failed\r\n\r\n" * count
    return of("multipart/report; report-type=delivery-status; boundary=b",
              b"--b\r\nContent-Type: message/delivery-status\r\n\r\n" + blocks + b"--b--\r\n")  # fmt: skip


def calendar() -> bytes:
    event = b"BEGIN:VEVENT\r\nSUMMARY:" + b"x;" * 200 + b"\r\nDTSTART;TZID=" + b'"' * 400 + b":2025\r\nEND:VEVENT\r\n"
    return of("text/calendar; charset=utf-8", b"BEGIN:VCALENDAR\r\n" + event * 3000)


def tnef_of_rich_text(rtf: bytes, packing: bytes = b"MELA") -> bytes:
    value = struct.pack("<II4sI", 0, 0x7FFFFFFF, packing, 0) + rtf
    properties = struct.pack("<IHHII", 1, 0x102, 0x1009, 1, len(value)) + value
    body = struct.pack("<IH", 0x223E9F78, 1) + struct.pack("<BHHI", 1, 0x9003, 6, len(properties)) + properties
    return of("application/ms-tnef", base64.encodebytes(body), b"Content-Transfer-Encoding: base64\r\n")


BOMBS: dict[str, Callable[[], bytes]] = {
    "nothing at all": lambda: b"",
    "only NUL": lambda: b"\x00" * MB,
    "one endless header line": lambda: b"Subject: " + b"a" * (2 * MB) + b"\r\n\r\nx",
    "no header ever ends": lambda: b"X: y\r\n" * 500_000,
    "sixty thousand brackets in From": lambda: b"From: " + b"(" * 60_000 + b"\r\n\r\nx",
    "sixty thousand quotes in From": lambda: b'From: "' + b'\\"' * 30_000 + b"\r\n\r\nx",
    "five thousand recipients": lambda: HEAD + b"To: " + b"a@example.com, " * 4000 + b"\r\n\r\nx",
    "half a thousand encoded words": lambda: HEAD + b"Subject: " + b"=?utf-8?B?44GC?= " * 3000 + b"\r\n\r\nx",
    "encoded words without an end": lambda: HEAD + b"Subject: " + b"=?a?Q?" * 10_000 + b"\r\n\r\nx",
    "two thousand references": lambda: HEAD + b"References: " + b"<a@b> " * 10_000 + b"\r\n\r\nx",
    "a message-id of angle brackets": lambda: HEAD + b"References: " + b"<" * 60_000 + b"\r\n\r\nx",
    "a thousand parameters": lambda: of("text/plain" + "; name*0*=a'b'c" * 4000, b"x"),
    "continuations with gaps": lambda: of("text/plain" + "".join(f"; name*{n}*=%41" for n in range(0, 999, 3)), b"x"),
    "a date of year nine thousand": lambda: HEAD + b"Date: 31 Dec 9999 23:59:59 -9999\r\n\r\nx",
    "ten thousand parts": lambda: many_parts(10_000),
    "parts without an end": lambda: of("multipart/mixed; boundary=b", b"--b\r\n" * 400_000),
    "lines that look like boundaries": lambda: of("multipart/mixed; boundary=b", b"--x\r\n" * 3_000_000),
    "two thousand levels": lambda: nested(2000),
    "alternatives in alternatives": lambda: nested(19, "alternative"),
    "mails in mails": lambda: HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 5000 + b"x",
    "the boundary of its own parent": lambda: of("multipart/mixed; boundary=b",
        b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" * 300),
    "an empty boundary": lambda: of('multipart/mixed; boundary=""', b"--\r\n\r\nx\r\n" * 1000),
    "twelve million lines": lambda: of("text/plain", b"a\n" * 12_000_000),
    "twenty-five million empty lines": lambda: of("text/plain", b"\n" * (25 * MB - 200)),
    "one line of twenty-four megabytes": lambda: of("text/plain", b">" * (24 * MB)),
    "a megabyte of escapes": lambda: of("text/plain; charset=iso-2022-jp", b"\x1b$B\x1b(B" * 200_000),
    "a kanji without its second byte": lambda: of("text/plain; charset=euc-jp", b"\xa4\xa2\xad\xa1" * 300_000 + b"\xa4"),
    "the idna charset": lambda: of("text/plain; charset=idna", b"a." * 200_000 + b"\xff"),
    "utf-7 of plus signs": lambda: of("text/plain; charset=utf-7", b"+" * MB),
    "uuencoded without end": lambda: of("text/plain", b"begin 644 a\n" + b"M" * MB,
        b"Content-Transfer-Encoding: x-uuencode\r\n"),
    "quotations of quotations": lambda: of("text/plain", b"".join(b">" * n + b" x\r\n" for n in range(2500))),
    "introductions without a quotation": lambda: of("text/plain", b"On Mon, 6 Jan 2025 at 10:00, a@b wrote\r\n" * 20_000),
    "colons": lambda: of("text/plain", b":" * 49_000 + b"\r\nFrom: a\r\nTo: b\r\n" * 1000),
    "rulers": lambda: of("text/plain", b"-=" * 500_000 + b"\r\n" + b"-----\r\n" * 5000),
    "blanks": lambda: of("text/plain", b" \t" * 500_000 + b"\r\nx"),
    "tags of a hundred thousand levels": lambda: html(b"<div>" * 100_000),
    "tables in tables": lambda: html(b"<table><tr><td>" * 30_000),
    "links without an end": lambda: html(b"<a href=" * 100_000),
    "comments without an end": lambda: html(b"<!--" * 200_000),
    "entities": lambda: html(b"&#x110000;&#0;&nosuch;&amp;" * 30_000),
    "declared entities that grow": lambda: html(b"<!DOCTYPE a [" + b"".join(
        b'<!ENTITY e%d "%b">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 12)) + b"]><p>&e11;</p>"),
    "styles": lambda: html(b'<p style="' + b"margin:9999999em;" * 50_000 + b'">x</p>'),
    "winmail.dat of attributes": lambda: tnef_of_attributes(1_000_000),
    "winmail.dat of properties": tnef_of_properties,
    "winmail.dat of braces": lambda: tnef_of_rich_text(b"{" * (4 * MB)),
    "winmail.dat of commands": lambda: tnef_of_rich_text(rb"{\rtf1" + rb"\u1\'3f" * 500_000),
    "winmail.dat that grows": lambda: tnef_of_rich_text(b"\xff" + b"\x0c\xef" * 8 + (b"\xff" + b"\xcf\xff" * 8) * 50_000, b"LZFu"),
    "a report about ten thousand": lambda: report(10_000),
    "an invitation of three thousand events": calendar,
    "larger than any mail": lambda: HEAD + b"\r\n" + b"x" * (26 * MB),
}  # fmt: skip


def bombs() -> Iterator[tuple[str, bytes]]:
    """Each bomb with its name, made when asked for: together they would fill the memory themselves."""
    for name, made in BOMBS.items():
        yield name, made()
