"""The database: units of work over all its rooms."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from bot.ports.absences import Absences
from bot.ports.advice import AdviceRoom
from bot.ports.articles import Articles
from bot.ports.audits import Audits
from bot.ports.customers import Customers, Histories
from bot.ports.digests import Digests
from bot.ports.erasures import Erasures
from bot.ports.escalations import Escalations
from bot.ports.follow_ups import FollowUps
from bot.ports.help_requests import HelpRequests
from bot.ports.inquiries import Inquiries
from bot.ports.levels import LevelsRoom
from bot.ports.mail import Mails
from bot.ports.nudges import Nudges
from bot.ports.operations import Arrivals
from bot.ports.outbox import Outbox, Placements
from bot.ports.phone import Phone
from bot.ports.prepared import Prepared
from bot.ports.search import Search
from bot.ports.team import Agents, Queues
from bot.ports.templates import Templates


class StoreDown(Exception):
    """The database cannot be reached or cannot write: nothing was changed; try again later."""


class Transaction(Protocol):
    """One unit of work: leaving it commits, raising rolls back."""

    @property
    def inquiries(self) -> Inquiries: ...
    @property
    def mails(self) -> Mails: ...
    @property
    def agents(self) -> Agents: ...
    @property
    def queues(self) -> Queues: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def placements(self) -> Placements: ...
    @property
    def arrivals(self) -> Arrivals: ...
    @property
    def customers(self) -> Customers: ...
    @property
    def histories(self) -> Histories: ...
    @property
    def templates(self) -> Templates: ...
    @property
    def search(self) -> Search: ...
    @property
    def erasures(self) -> Erasures: ...
    @property
    def levels(self) -> LevelsRoom: ...
    @property
    def nudges(self) -> Nudges: ...
    @property
    def follow_ups(self) -> FollowUps: ...
    @property
    def absences(self) -> Absences: ...
    @property
    def audits(self) -> Audits: ...
    @property
    def digests(self) -> Digests: ...
    @property
    def escalations(self) -> Escalations: ...
    @property
    def phone(self) -> Phone: ...
    @property
    def advice(self) -> AdviceRoom: ...
    @property
    def help_requests(self) -> HelpRequests: ...
    @property
    def prepared(self) -> Prepared: ...
    @property
    def articles(self) -> Articles: ...


class Store(Protocol):
    """The database."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Read and write. Raises StoreDown. No network may be waited for inside."""
        ...

    def snapshot(self) -> AbstractAsyncContextManager[Transaction]:
        """Read only, beside whoever writes. Raises StoreDown."""
        ...
