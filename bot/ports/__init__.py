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
from bot.ports.customers import Contact, Customers, Histories, Suggestion
from bot.ports.erasures import Erasures
from bot.ports.inquiries import Inquiries, Joining, Letter, Opening, Recent, Thread
from bot.ports.mail import Inbox, MailRecord, Mails, Outcome, Reader, ReaderDown, StoredMail
from bot.ports.operations import Arrivals, Clock, Lease, Meter
from bot.ports.outbox import Backlog, Outbox, Parked, Placement, Placements, Sending
from bot.ports.search import FINDABLE, Filter, Found, FoundPage, Search, Similar, TextKind
from bot.ports.store import Store, StoreDown, Transaction
from bot.ports.team import Agents, Handle, Place, Queue, Queues
from bot.ports.templates import Put, Templates

__all__ = [
    "FINDABLE",
    "Agents",
    "Arrivals",
    "Backlog",
    "ChatPlatform",
    "Clock",
    "Closed",
    "Contact",
    "Customers",
    "Desk",
    "Directory",
    "Erasures",
    "Filter",
    "Found",
    "FoundPage",
    "Handle",
    "Healable",
    "Histories",
    "Inbox",
    "Inquiries",
    "Joining",
    "Lease",
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
    "Put",
    "Queue",
    "Queues",
    "Reader",
    "ReaderDown",
    "Recent",
    "Refused",
    "Search",
    "SendError",
    "Sending",
    "Similar",
    "Store",
    "StoreDown",
    "StoredMail",
    "Suggestion",
    "Templates",
    "TextKind",
    "Thread",
    "Transaction",
    "Unclear",
]
