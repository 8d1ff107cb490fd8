"""What the core needs from outside: narrow protocols that adapters and the storage fill."""

from bot.ports.absences import Absences
from bot.ports.audits import Audits, Entry, Standing
from bot.ports.chat import (
    Busy,
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
from bot.ports.digests import Digests
from bot.ports.erasures import Erasures
from bot.ports.escalations import Escalations
from bot.ports.follow_ups import FollowUps
from bot.ports.inquiries import Inquiries, Joining, Letter, Opening, Recent, Thread
from bot.ports.levels import LevelsRoom, LevelsVersion
from bot.ports.mail import Inbox, MailRecord, Mails, Outcome, Reader, ReaderDown, StoredMail
from bot.ports.nudges import Nudges
from bot.ports.operations import Arrivals, Clock, Lease, Meter
from bot.ports.outbox import Backlog, Outbox, Parked, Placement, Placements, Sending
from bot.ports.search import FINDABLE, Filter, Fitting, Found, FoundPage, Search, Similar, TextKind
from bot.ports.store import Store, StoreDown, Transaction
from bot.ports.team import Agents, Handle, Place, Queue, Queues
from bot.ports.templates import Put, Templates

__all__ = [
    "FINDABLE",
    "Absences",
    "Agents",
    "Arrivals",
    "Audits",
    "Backlog",
    "Busy",
    "ChatPlatform",
    "Clock",
    "Closed",
    "Contact",
    "Customers",
    "Desk",
    "Digests",
    "Directory",
    "Entry",
    "Erasures",
    "Escalations",
    "Filter",
    "Fitting",
    "FollowUps",
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
    "LevelsRoom",
    "LevelsVersion",
    "MailRecord",
    "Mails",
    "MessageGone",
    "MessageRef",
    "Meter",
    "NotSent",
    "Nudges",
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
    "Standing",
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
