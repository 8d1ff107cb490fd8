"""What the core needs from outside: narrow protocols that adapters and the storage fill."""

from bot.ports.chat import (
    ChatPlatform,
    Closed,
    Desk,
    Directory,
    Healable,
    MessageGone,
    MessageRef,
    NotSent,
    Pace,
    Refused,
    SendError,
    Unclear,
)
from bot.ports.inquiries import Inquiries, Joining, Letter, Opening, Recent, Thread
from bot.ports.mail import Inbox, MailRecord, Mails, Outcome, Reader, ReaderDown, StoredMail
from bot.ports.operations import Arrivals, Clock, Meter
from bot.ports.outbox import Backlog, Outbox, Parked, Placement, Placements, Sending
from bot.ports.store import Store, StoreDown, Transaction
from bot.ports.team import Agents, Handle, Place, Queue, Queues

__all__ = [
    "Agents",
    "Arrivals",
    "Backlog",
    "ChatPlatform",
    "Clock",
    "Closed",
    "Desk",
    "Directory",
    "Handle",
    "Healable",
    "Inbox",
    "Inquiries",
    "Joining",
    "Letter",
    "MailRecord",
    "Mails",
    "MessageGone",
    "MessageRef",
    "Meter",
    "NotSent",
    "Opening",
    "Outbox",
    "Outcome",
    "Pace",
    "Parked",
    "Place",
    "Placement",
    "Placements",
    "Queue",
    "Queues",
    "Reader",
    "ReaderDown",
    "Recent",
    "Refused",
    "SendError",
    "Sending",
    "Store",
    "StoreDown",
    "StoredMail",
    "Thread",
    "Transaction",
    "Unclear",
]
