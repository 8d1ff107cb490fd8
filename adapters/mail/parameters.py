"""Parameters of Content-Type and Content-Disposition, read as mail programs really write them."""

import re
from urllib.parse import unquote_to_bytes

from adapters.mail.charset import decode
from adapters.mail.headers import decode_words, readable

_VALUE_CHARACTERS = 4 * 1024
_PARAMETER = re.compile(r"""[;\s]\s*([^\s=;"<>()]{1,80})\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)""", re.DOTALL)
_ESCAPED = re.compile(r"""\\(["\\])""")
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


def _unquoted(content: str) -> str:
    content = content.strip()
    if content.startswith('"'):
        content = _ESCAPED.sub(r"\1", content[1:].removesuffix('"'))
    return content


def _joined(pieces: list[tuple[str, bool]]) -> str:
    charset, data = "utf-8", b""
    for index, (content, is_encoded) in enumerate(pieces):
        if is_encoded and index == 0 and content.count("'") >= 2:
            charset, _, rest = content.split("'", 2)
            content = rest
        data += unquote_to_bytes(content) if is_encoded else content.encode("utf-8", "replace")
    if not any(is_encoded for _, is_encoded in pieces):
        charset = "utf-8"
    return decode(data, charset)


def name_in(values: dict[str, str]) -> str:
    """The file name that parameters carry, decoded; "" when they carry none."""
    return decode_words(values.get("filename") or values.get("name") or "")
