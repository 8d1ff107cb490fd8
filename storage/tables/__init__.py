"""The tables. Times are UTC and aware; enumerations are stored as their words, checked by the domain."""

from sqlmodel import SQLModel

from storage.tables.advice import advice, help_request, prepared_advice, receipt
from storage.tables.chat import arrival, outbox, placement
from storage.tables.customers import customer, customer_event, customer_note, erased_mail, erasure, identity
from storage.tables.inquiries import InquiryRow, download, event, inquiry, mail, mail_content, mailbox, message
from storage.tables.knowledge import article, article_version, document, opinion, reindex, template, template_version
from storage.tables.levels import digest, escalation, follow_up, levels, nudge, telling
from storage.tables.phone import board, extension, phone_call
from storage.tables.team import absence, agent, handle, link, queue, route

metadata = SQLModel.metadata

__all__ = [
    "InquiryRow",
    "absence",
    "advice",
    "agent",
    "arrival",
    "article",
    "article_version",
    "board",
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
    "extension",
    "follow_up",
    "handle",
    "help_request",
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
    "phone_call",
    "placement",
    "prepared_advice",
    "queue",
    "receipt",
    "reindex",
    "route",
    "telling",
    "template",
    "template_version",
]
