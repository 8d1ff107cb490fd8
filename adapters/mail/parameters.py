"""Parameters of Content-Type and Content-Disposition, read as mail programs really write them."""

import re
from itertools import groupby
from operator import itemgetter
from urllib.parse import unquote_to_bytes

from adapters.mail.charset import decode
from adapters.mail.headers import Headers, decode_words, readable

_VALUE_CHARACTERS = 8 * 1024
_PARAMETER = re.compile(r"""(?<=[;\s])([^\s=;"<>()]{1,80})\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)""", re.DOTALL)
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,80}/[a-z0-9][a-z0-9!#$&^_.+-]{0,80}")
_ESCAPED = re.compile(r"""\\(["\\])""")
# Web mails write the name so without saying it: a byte of UTF-8 that is not ASCII.
_PERCENT = re.compile(r"%[C-F][0-9A-F]%[89AB][0-9A-F]", re.IGNORECASE)
_PIECE = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?")


def parameters(raw: str) -> tuple[str, dict[str, str]]:
    """The main value in lower case and the parameters by lower-case name, all in readable text.

    Continuations and charsets of RFC 2231 are put together; encoded words, which the standard forbids
    here and everyone sends, are decoded.
    """
    value = readable(raw[:_VALUE_CHARACTERS])
    main = value.partition(";")[0].strip().lower()
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for match in _PARAMETER.finditer(value):
        name, content = match[1].lower(), _unquoted(match[2])
        parts = _PIECE.fullmatch(name)
        if parts and (parts[2] or parts[3]):
            pieces.setdefault(parts[1], {}).setdefault(int(parts[2] or 0), (content, bool(parts[3])))
        else:
            plain.setdefault(name, content)
    for name, found in pieces.items():
        plain[name] = _joined([found[index] for index in sorted(found)])
    return main, plain


def content_type(headers: Headers) -> tuple[str, dict[str, str]]:
    """The media type of a part in lower case and its parameters; text/plain for nonsense.

    Also in a digest, whose mails are read as text that way and not as files.
    """
    main, values = parameters(headers.raw("content-type"))
    found = _TYPE.match(main)
    if found:
        return found.group(), values
    if main == "html":
        return "text/html", values
    return ("application/octet-stream" if main and name_in(values) else "text/plain"), values


def _unquoted(content: str) -> str:
    content = content.strip()
    if content.startswith('"'):
        content = _ESCAPED.sub(r"\1", content[1:].removesuffix('"'))
    return content


def _joined(pieces: list[tuple[str, bool]]) -> str:
    charset, data = "utf-8", b""
    if pieces[0][1] and pieces[0][0].count("'") >= 2:
        charset, _, rest = pieces[0][0].split("'", 2)
        pieces = [(rest, True), *pieces[1:]]
    # Some programs cut between the percent sign and its digits.
    for is_encoded, group in groupby(pieces, key=itemgetter(1)):
        content = "".join(one for one, _ in group)
        data += unquote_to_bytes(content) if is_encoded else content.encode("utf-8", "replace")
    if not any(is_encoded for _, is_encoded in pieces):
        charset = "utf-8"
    return decode(data, charset)


def name_in(values: dict[str, str]) -> str:
    """The file name that parameters carry, decoded; "" when they carry none."""
    name = decode_words(values.get("filename") or values.get("name") or "")
    if name.isascii() and _PERCENT.search(name):
        try:
            return unquote_to_bytes(name).decode("utf-8")
        except UnicodeDecodeError:
            return name
    return name
