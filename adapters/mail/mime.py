"""Reading a mail: from raw bytes to a Message, each field on its own, under limits."""

from adapters.mail.addresses import mailboxes
from adapters.mail.body import read_body
from adapters.mail.display import safe_line
from adapters.mail.forms import from_form
from adapters.mail.headers import Headers
from adapters.mail.lists import own_list, real_sender
from adapters.mail.part import LARGEST_HEADER_BLOCK, LARGEST_MAIL, Part, UnreadableMail
from adapters.mail.repair import is_broken, mended
from adapters.mail.reply import trim
from adapters.mail.robots import came_back, is_auto, is_bounce
from adapters.mail.rules import NO_RULES, Rules
from adapters.mail.tree import parts_of
from bot.domain.message import Message

__all__ = ["UnreadableMail", "read_mail"]

_SENDER_FIELDS = ("from", "sender", "reply-to", "return-path")
_MOST_RECIPIENTS = 100


def read_mail(content: bytes, rules: Rules = NO_RULES) -> Message:
    """What a mail says. Broken fields become empty or a best guess; the others are read all the same.

    Mail through the shop's own lists is a person's; a web form's has the customer as its sender.

    Raises UnreadableMail for a mail over 25 MB, headers over 64 KB, over 200 parts or nested over 20 deep.
    """
    root = _parse(content)
    headers = root.headers
    body = read_body(root)
    is_back = came_back(headers, rules.desk)
    via = own_list(headers, rules.own_lists)
    name, address = _sender(headers)
    if via:
        name, address = real_sender(headers, rules.own_lists, name, address)
    subject = headers.text("subject")
    sender = f"{name} {address}"
    message = Message(
        subject=subject,
        from_address=address,
        from_name=name,
        text=body.told(body.text),
        reply_text=body.told(trim(body.text)),
        attachments=tuple(body.attachments),
        message_id=next(iter(headers.message_ids(["message-id"])), ""),
        references=headers.message_ids(["in-reply-to", "references"]),
        to=_recipients(headers, "to"),
        cc=_recipients(headers, "cc"),
        sent_at=headers.moment("date"),
        is_auto=is_back or is_auto(headers, body, subject, is_ours=via),
        is_bounce=is_bounce(headers, body, sender, subject),
    )
    return message if is_back else from_form(message, rules.forms)


def _parse(content: bytes) -> Part:
    if len(content) > LARGEST_MAIL:
        raise UnreadableMail(f"larger than 25 MB ({len(content)} bytes)")
    # Empty lines before the first header would end the header block before it began.
    content = content.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    length = _header_length(content)
    if length > LARGEST_HEADER_BLOCK:
        raise UnreadableMail("more than 64 KB of headers")
    if is_broken(content, length):
        content = mended(content[:length]) + content[length:]
    return parts_of(content)


def _header_length(content: bytes) -> int:
    ends = (content.find(mark, 0, LARGEST_HEADER_BLOCK + 4) for mark in (b"\n\n", b"\n\r\n", b"\r\r"))
    return min((end for end in ends if end >= 0), default=len(content))


def _sender(headers: Headers) -> tuple[str, str]:
    """Name and address of who wrote; other fields stand in for a From that names nobody."""
    named = ""
    for field in _SENDER_FIELDS:
        for name, address in mailboxes(headers.raw(field))[:1]:
            if address:
                return name or named, address
            named = named or name
    return named, ""


def _recipients(headers: Headers, field: str) -> tuple[str, ...]:
    found = dict.fromkeys(address for _, address in mailboxes(headers.raw(field)) if address)
    return tuple(safe_line(address) for address in found)[:_MOST_RECIPIENTS]
