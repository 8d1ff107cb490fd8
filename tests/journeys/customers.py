"""Customers of the tests: they write real mails, which land in a queue's spool folder."""

import asyncio
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, formatdate, make_msgid
from pathlib import Path

from adapters.mail.spool import deliver


@dataclass(frozen=True, slots=True)
class Sent:
    """A mail that a customer sent, so that a later one can answer it."""

    subject: str
    message_id: str
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody with a mail program, who writes to one queue unless told otherwise."""

    name: str
    address: str
    spools: dict[str, Path] = field(repr=False)

    async def writes(
        self,
        subject: str = "Where is my parcel?",
        text: str = "It should have come on Monday.",
        *,
        reply_to: Sent | None = None,
        files: tuple[str, ...] = (),
        queue: str = "support",
        headers: tuple[tuple[str, str], ...] = (),
    ) -> Sent:
        """Send a mail; `headers` are added as they are, `files` are attached under these names."""
        mail = EmailMessage(policy=SMTP.clone(max_line_length=200))
        mail["From"] = formataddr((self.name, self.address))
        mail["To"] = f"{queue}@example.com"
        mail["Subject"] = f"Re: {reply_to.subject}" if reply_to else subject
        mail["Date"] = formatdate()
        mail["Message-ID"] = make_msgid(domain="example.com")
        references: tuple[str, ...] = ()
        if reply_to:
            references = (*reply_to.references, reply_to.message_id)
            mail["In-Reply-To"] = reply_to.message_id
            mail["References"] = " ".join(references)
        for name, value in headers:
            mail[name] = value
        mail.set_content(text)
        for file in files:
            mail.add_attachment(b"content", maintype="application", subtype="octet-stream", filename=file)
        await self.sends(mail.as_bytes(), queue)
        return Sent(mail["Subject"], mail["Message-ID"], references)

    async def sends(self, content: bytes, queue: str = "support") -> None:
        """Put these very bytes into the spool."""
        await asyncio.to_thread(deliver, self.spools[queue], content)
