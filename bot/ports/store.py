"""The database: units of work over all its rooms."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from bot.ports.customers import Customers, Histories
from bot.ports.erasures import Erasures
from bot.ports.inquiries import Inquiries
from bot.ports.mail import Mails
from bot.ports.operations import Arrivals
from bot.ports.outbox import Outbox, Placements
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


class Store(Protocol):
    """The database."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Read and write. Raises StoreDown. No network may be waited for inside."""
        ...

    def snapshot(self) -> AbstractAsyncContextManager[Transaction]:
        """Read only, beside whoever writes. Raises StoreDown."""
        ...
