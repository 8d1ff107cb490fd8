"""Messages of customers, as they arrive and as they are understood."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RawMail:
    """One mail exactly as a mailbox handed it over, before anyone has read it.

    (mailbox, validity, uid) is its identity: for IMAP the UIDVALIDITY and UID, for a spool folder an
    empty validity and the unique name under which the folder keeps the mail. `sent` marks what the team itself
    sent, found in a folder of sent mail.
    """

    mailbox: str
    validity: str
    uid: str
    content: bytes
    received_at: datetime
    sent: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message; its bytes stay inside the raw mail."""

    name: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Message:
    """What a mail says. Every field is display-safe text: no NUL, no lone surrogates.

    `text` is the whole text; `reply_text` leaves out quoted mail and signature, for display.
    `references` lists the Message-IDs that this one answers, the nearest first, without angle brackets.
    `is_auto` marks mail sent by a machine (RFC 3834, lists, out-of-office), `is_bounce` a delivery report.
    """

    subject: str
    from_address: str
    from_name: str
    text: str
    reply_text: str
    attachments: tuple[Attachment, ...] = ()
    message_id: str = ""
    references: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    sent_at: datetime | None = None
    is_auto: bool = False
    is_bounce: bool = False

    @property
    def participants(self) -> tuple[str, ...]:
        """The addresses that this message connects, in lower case: who may answer it within its inquiry."""
        addresses = (self.from_address, *self.to, *self.cc)
        return tuple(dict.fromkeys(one.lower() for one in addresses if one))

    @property
    def is_robot(self) -> bool:
        """True when no person wrote it, so that it never becomes an inquiry by itself."""
        return self.is_auto or self.is_bounce
