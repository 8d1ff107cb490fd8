"""The tables. Times are UTC and aware; enumerations are stored as their words, checked by the domain."""

from sqlmodel import SQLModel

from storage.tables.chat import arrival, outbox, placement
from storage.tables.customers import customer, customer_event, customer_note, erased_mail, erasure, identity
from storage.tables.inquiries import InquiryRow, download, event, inquiry, mail, mail_content, mailbox, message
from storage.tables.knowledge import document, opinion, reindex, template, template_version
from storage.tables.team import agent, handle, link, queue, route

metadata = SQLModel.metadata

__all__ = [
    "InquiryRow",
    "agent",
    "arrival",
    "customer",
    "customer_event",
    "customer_note",
    "document",
    "download",
    "erased_mail",
    "erasure",
    "event",
    "handle",
    "identity",
    "inquiry",
    "link",
    "mail",
    "mail_content",
    "mailbox",
    "message",
    "metadata",
    "opinion",
    "outbox",
    "placement",
    "queue",
    "reindex",
    "route",
    "template",
    "template_version",
]
