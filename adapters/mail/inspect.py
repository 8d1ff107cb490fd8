"""A mail as plain data, for `python -m bot mail inspect` and for scoring the parser."""

from adapters.mail.mime import read_mail


def inspect_mail(content: bytes) -> dict[str, object]:
    """What the parser reads in a mail, ready for JSON. Raises UnreadableMail as the parser does."""
    message = read_mail(content)
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
