"""The tables. Times are UTC and aware; enumerations are stored as their words, checked by the domain."""

from sqlmodel import SQLModel

from storage.tables.chat import arrival, outbox, placement
from storage.tables.customers import customer, customer_event, customer_note, erased_mail, erasure, identity
from storage.tables.inquiries import InquiryRow, download, event, inquiry, mail, mail_content, mailbox, message
from storage.tables.knowledge import document, opinion, reindex, template, template_version
from storage.tables.levels import digest, escalation, follow_up, levels, nudge, telling
from storage.tables.team import absence, agent, handle, link, queue, route

metadata = SQLModel.metadata

__all__ = [
    "InquiryRow",
    "absence",
    "agent",
    "arrival",
    "customer",
    "customer_event",
    "customer_note",
    "digest",
    "document",
    "download",
    "erased_mail",
    "erasure",
    "escalation",
    "event",
    "follow_up",
    "handle",
    "identity",
    "inquiry",
    "levels",
    "link",
    "mail",
    "mail_content",
    "mailbox",
    "message",
    "metadata",
    "nudge",
    "opinion",
    "outbox",
    "placement",
    "queue",
    "reindex",
    "route",
    "telling",
    "template",
    "template_version",
]
