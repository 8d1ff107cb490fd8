"""Writing as a customer: a real MIME mail, as a customer's mail program would send it."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.contentmanager import raw_data_manager
from email.header import Header
from email.message import EmailMessage
from email.policy import compat32
from email.utils import format_datetime, formataddr, make_msgid

from adapters.workspace.messages import WrittenMail
from adapters.workspace.text import one_line

ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z0-9-]{2,63}")


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file that a customer attaches."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """What somebody writes as a customer. `old_japanese` asks for ISO-2022-JP, as older programs send it."""

    queue: str
    name: str
    address: str
    subject: str
    text: str
    attachment: AttachedFile | None = None
    answers: WrittenMail | None = None
    old_japanese: bool = False


def is_address(typed: str) -> bool:
    """Whether this can stand in From: a plain address without a name."""
    return ADDRESS.fullmatch(typed) is not None


def compose(letter: Letter, now: datetime) -> tuple[bytes, WrittenMail]:
    """The mail's bytes, and what to remember of it so that a later one can answer it."""
    charset = _charset(letter)
    message_id = make_msgid(domain=letter.address.rpartition("@")[2])
    thread = (*letter.answers.thread, letter.answers.message_id) if letter.answers else ()
    # The classic policy keeps headers in the charset of the text, as a customer's program does.
    mail = EmailMessage(policy=compat32)
    mail["From"] = formataddr((one_line(letter.name), letter.address), charset)
    mail["To"] = f"{_local(letter.queue)}@example.com"
    mail["Subject"] = str(Header(one_line(letter.subject), charset).encode())
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id
    if thread:
        mail["In-Reply-To"] = thread[-1]
        mail["References"] = " ".join(thread)
    transfer = "7bit" if charset in ("us-ascii", "iso-2022-jp") and _short_lines(letter.text) else "base64"
    mail.set_content(letter.text + "\n", charset=charset, cte=transfer, content_manager=raw_data_manager)
    if letter.attachment:
        maintype, _, subtype = letter.attachment.content_type.partition("/")
        mail.add_attachment(
            letter.attachment.content,
            maintype=maintype or "application",
            subtype=subtype or "octet-stream",
            filename=one_line(letter.attachment.name),
            content_manager=raw_data_manager,
        )
    written = WrittenMail(
        letter.queue, one_line(letter.name), letter.address, one_line(letter.subject), message_id, thread
    )
    return mail.as_bytes(), written


def _charset(letter: Letter) -> str:
    everything = f"{letter.name}\n{letter.subject}\n{letter.text}"
    if everything.isascii():
        return "us-ascii"
    if letter.old_japanese:
        try:
            everything.encode("iso-2022-jp")
            return "iso-2022-jp"
        except UnicodeEncodeError:
            return "utf-8"
    return "utf-8"


def _short_lines(text: str) -> bool:
    """RFC 5322 section 2.1.1 allows 998 octets a line; three per character leave room for escapes."""
    return all(len(line) < 300 for line in text.split("\n"))


def _local(queue: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]+", "-", queue).strip("-.") or "support"
