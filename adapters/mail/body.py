"""The body of a mail: the text that a person wrote, and the files that came with it."""

import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from adapters.mail.charset import codec_of, decode
from adapters.mail.display import fewer_blank_lines, safe_name, safe_text
from adapters.mail.headers import Headers, from_base64
from adapters.mail.html import charset_of, html_to_text
from adapters.mail.parameters import name_in, parameters
from adapters.mail.part import Part
from bot.domain.message import Attachment

TEXT_CHARACTERS = 1_000_000
_TEXT_BYTES = 4 * TEXT_CHARACTERS
_UUENCODED = frozenset({"x-uuencode", "uuencode", "uue", "x-uue"})
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,80}/[a-z0-9][a-z0-9!#$&^_.+-]{0,80}")
_READ_AS_TEXT = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext"})
_ENRICHED_TAG = re.compile(r"<(<)|<[^<>]*>")
_ENDINGS = {
    "application/pdf": "pdf",
    "application/zip": "zip",
    "application/vnd.ms-excel": "xls",
    "application/msword": "doc",
    "image/jpeg": "jpg",
    "image/svg+xml": "svg",
    "text/plain": "txt",
    "text/calendar": "ics",
    "message/rfc822": "eml",
    "message/delivery-status": "txt",
    "text/rfc822-headers": "txt",
}


@dataclass(frozen=True)
class Leaf:
    """A part without parts of its own, or an enclosed mail, with its headers read."""

    part: Part
    headers: Headers
    content_type: str
    values: dict[str, str]
    disposition: str
    name: str

    @property
    def is_plain(self) -> bool:
        return self.content_type != "text/html"

    @cached_property
    def text(self) -> str:
        """The part as display-safe text."""
        return _text(self)


@dataclass(slots=True)
class Body:
    """What the parts of a mail hold."""

    text: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    content_type: str = ""
    values: dict[str, str] = field(default_factory=dict)
    has_delivery_status: bool = False


def read_body(root: Part, headers: Headers) -> Body:
    """The text of a mail as a reader sees it, and its attachments. Parts that cannot be read stay empty."""
    body = Body()
    body.content_type, body.values = content_type(root, headers)
    texts: list[Leaf] = []
    files: list[Leaf] = []
    _sort(root, headers, texts, files)
    if not texts and len(files) == 1 and files[0].part is root and files[0].content_type in _READ_AS_TEXT:
        texts = files[:]
    written: list[str] = []
    for leaf in texts:
        text = leaf.text
        if text and not any(text in other for other in written):
            written.append(text)
    body.text = "\n\n".join(written)
    body.attachments = [_attachment(leaf, number) for number, leaf in enumerate(files, 1)]
    body.has_delivery_status = any(leaf.content_type.startswith("message/delivery") for leaf in files)
    return body


def content_type(part: Part, headers: Headers) -> tuple[str, dict[str, str]]:
    """The media type in lower case and its parameters; text/plain (or the default) for nonsense."""
    main, values = parameters(headers.raw("content-type"))
    found = _TYPE.match(main)
    if found:
        return found.group(), values
    if main == "html":
        return "text/html", values
    return ("application/octet-stream" if main and name_in(values) else part.get_default_type()), values


def _sort(part: Part, headers: Headers, texts: list[Leaf], files: list[Leaf]) -> None:
    """Put each leaf below the part with the texts to show or with the files."""
    kind, values = content_type(part, headers)
    if kind.startswith("multipart/") and part.children:
        if kind == "multipart/alternative":
            texts.extend(_best(part.children, files))
        else:
            for child in part.children:
                _sort(child, Headers(child), texts, files)
        return
    disposition, told = parameters(headers.raw("content-disposition"))
    leaf = Leaf(part, headers, kind, values, disposition, name_in(told) or name_in(values))
    is_shown = kind in _READ_AS_TEXT or kind.startswith("multipart/")
    is_file = disposition == "attachment" or bool(leaf.name and texts)
    if is_shown and not is_file:
        texts.append(leaf)
    if not is_shown or is_file or (leaf.name and disposition):
        files.append(leaf)


def _best(children: Sequence[Part], files: list[Leaf]) -> list[Leaf]:
    """Of several renderings of one text the plain one, unless it says nothing."""
    choices: list[list[Leaf]] = []
    for child in children:
        texts: list[Leaf] = []
        _sort(child, Headers(child), texts, files)
        if texts:
            choices.append(texts)
    choices.sort(key=lambda texts: not all(leaf.is_plain for leaf in texts))
    for texts in choices[:-1]:
        if any(leaf.text for leaf in texts):
            return texts
    return choices[-1] if choices else []


def _text(leaf: Leaf) -> str:
    data = _bytes(leaf)[:_TEXT_BYTES]
    label = leaf.values.get("charset", "")
    if leaf.content_type == "text/html":
        if not codec_of(label) and (named := charset_of(data)):
            label = named
        return safe_text(html_to_text(decode(data, label)))
    text = safe_text(decode(data, label).removeprefix("\ufeff"))
    if leaf.values.get("format", "").lower() == "flowed":
        text = _flowed(text, leaf.values.get("delsp", "").lower() == "yes")
    elif leaf.content_type in ("text/enriched", "text/richtext"):
        text = _ENRICHED_TAG.sub(r"\1", text)
    return fewer_blank_lines(text)[:TEXT_CHARACTERS]


def _bytes(leaf: Leaf) -> bytes:
    """The decoded bytes of a leaf; what its transfer encoding cannot explain is taken as it stands."""
    coding = leaf.headers.token("content-transfer-encoding")
    if coding == "base64":
        return from_base64(leaf.part.content)
    if coding == "quoted-printable":
        return binascii.a2b_qp(leaf.part.content)
    if coding in _UUENCODED:
        try:
            data = leaf.part.get_payload(decode=True)
        except (ValueError, TypeError, LookupError):
            data = None
        if isinstance(data, bytes):
            return data
    return leaf.part.content


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


def _attachment(leaf: Leaf, number: int) -> Attachment:
    name = safe_name(leaf.name)
    if not name and leaf.content_type == "message/rfc822":
        name = _subject_name(leaf)
    if not name:
        subtype = leaf.content_type.partition("/")[2]
        ending = _ENDINGS.get(leaf.content_type) or (subtype if subtype.isalnum() and len(subtype) < 6 else "bin")
        name = f"attachment-{number}.{ending}"
    return Attachment(name, leaf.content_type, _size(leaf))


def _subject_name(leaf: Leaf) -> str:
    for enclosed in leaf.part.children[:1]:
        stem = safe_name(Headers(enclosed).text("subject").replace("/", "-").replace("\\", "-"))
        return f"{stem}.eml" if stem else ""
    return ""


def _size(leaf: Leaf) -> int:
    if leaf.part.children:
        return sum(_written_size(enclosed) for enclosed in leaf.part.children)
    return len(_bytes(leaf))


def _written_size(part: Part) -> int:
    """About as many bytes as the enclosed mail took; writing it out anew may fail."""
    headers = sum(len(name) + len(str(value)) + 4 for name, value in part.raw_items())
    return headers + 2 + len(part.content) + sum(_written_size(child) for child in part.children)
