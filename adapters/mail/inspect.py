"""A mail as plain data, for `python -m bot mail inspect` and for scoring the parser."""

from adapters.mail.mime import UnreadableMail, read_mail
from bot.domain.message import Message


def inspect_mail(content: bytes) -> dict[str, object]:
    """What the parser reads in a mail, ready for JSON. A mail beyond the limits has only its reason as text."""
    try:
        message = read_mail(content)
    except UnreadableMail as fault:
        message = Message("", "", "", text=f"unreadable: {fault.reason}", reply_text="")
    return {
        "subject": message.subject,
        "from_address": message.from_address,
        "from_name": message.from_name,
        "text": message.text,
        "reply_text": message.reply_text,
        "attachments": [attachment.name for attachment in message.attachments],
        "is_auto": message.is_auto,
        "is_bounce": message.is_bounce,
    }
