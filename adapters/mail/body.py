"""The body of a mail: the text that a person wrote, and the files that came with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from adapters.mail.display import safe_name
from adapters.mail.leaf import Leaf
from adapters.mail.parameters import name_in, parameters
from adapters.mail.part import Part
from adapters.mail.tnef import TNEF_TYPES, Tnef, open_tnef
from adapters.mail.words import in_words
from bot.domain.message import Attachment

_READ_AS_TEXT = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext"})
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


@dataclass(slots=True)
class Body:
    """What the parts of a mail hold."""

    text: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    content_type: str = ""
    values: dict[str, str] = field(default_factory=dict)
    has_delivery_status: bool = False
    notes: list[str] = field(default_factory=list)
    """What parts for machines say, in words: invitations, delivery reports."""

    def told(self, text: str) -> str:
        """A text of this mail with the notes below it."""
        return "\n\n".join(one for one in [text, *self.notes] if one)


def read_body(root: Part) -> Body:
    """The text of a mail as a reader sees it, and its attachments. Parts that cannot be read stay empty."""
    body = Body(content_type=root.content_type, values=root.values)
    texts: list[Leaf] = []
    files: list[Leaf] = []
    _sort(root, texts, files)
    if not texts and len(files) == 1 and files[0].part is root and files[0].content_type in _READ_AS_TEXT:
        texts = files[:]
    opened = _opened(files)
    written: list[str] = []
    for text in (leaf.text for leaf in texts):
        if text and not any(text in other for other in written):
            written.append(text)
    body.text = "\n\n".join(written or [one.text for one in opened.values() if one.text])
    for number, leaf in enumerate(files, 1):
        inside = opened.get(number)
        body.attachments.extend(inside.files if inside else [_attachment(leaf, number)])
    body.notes = [note for leaf in files if (note := in_words(leaf))]
    body.has_delivery_status = any(leaf.content_type.startswith("message/delivery") for leaf in files)
    return body


def _opened(files: list[Leaf]) -> dict[int, Tnef]:
    """What lies in Outlook's own envelopes (winmail.dat), by the number of the file."""
    found: dict[int, Tnef] = {}
    for number, leaf in enumerate(files, 1):
        if leaf.content_type in TNEF_TYPES or leaf.name.lower() == "winmail.dat":
            inside = open_tnef(leaf.data)
            if inside.text or inside.files:
                found[number] = inside
    return found


def _sort(part: Part, texts: list[Leaf], files: list[Leaf]) -> None:
    """Put each leaf below the part with the texts to show or with the files."""
    kind = part.content_type
    if kind.startswith("multipart/") and part.children:
        if kind == "multipart/alternative":
            texts.extend(_best(part.children, files))
        else:
            for child in part.children:
                _sort(child, texts, files)
        return
    disposition, told = parameters(part.headers.raw("content-disposition"))
    leaf = Leaf(part, disposition, name_in(told) or name_in(part.values))
    is_shown = kind in _READ_AS_TEXT or kind.startswith("multipart/")
    is_file = disposition == "attachment" or bool(leaf.name and any(one.text for one in texts))
    if is_shown and not is_file:
        texts.append(leaf)
    if not is_shown or is_file or (leaf.name and disposition):
        files.append(leaf)


def _best(children: Sequence[Part], files: list[Leaf]) -> list[Leaf]:
    """Of several renderings of one text the plain one, unless it says nothing."""
    choices: list[list[Leaf]] = []
    for child in children:
        texts: list[Leaf] = []
        _sort(child, texts, files)
        if texts:
            choices.append(texts)
    choices.sort(key=lambda texts: not all(leaf.is_plain for leaf in texts))
    for texts in choices[:-1]:
        if any(leaf.text for leaf in texts):
            return texts
    return choices[-1] if choices else []


def _attachment(leaf: Leaf, number: int) -> Attachment:
    name = safe_name(leaf.name)
    if not name and leaf.content_type == "message/rfc822":
        name = _subject_name(leaf)
    if not name:
        subtype = leaf.content_type.partition("/")[2]
        ending = _ENDINGS.get(leaf.content_type) or (subtype if subtype.isalnum() and len(subtype) < 6 else "bin")
        name = f"attachment-{number}.{ending}"
    return Attachment(name, leaf.content_type, len(leaf.data))


def _subject_name(leaf: Leaf) -> str:
    for enclosed in leaf.part.children[:1]:
        stem = safe_name(enclosed.headers.text("subject").replace("/", "-").replace("\\", "-"))
        return f"{stem}.eml" if stem else ""
    return ""
