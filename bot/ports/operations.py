"""Time, leases, the counting of what happens, and what has happened already."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

Clock = Callable[[], datetime]
"""Tells the time, always aware."""


class Lease(Protocol):
    """Lets one replica at a time have something: a mailbox, a gateway."""

    async def hold(self, name: str) -> bool:
        """Take it, or confirm that it is still ours; False when another replica has it. Returns at once."""
        ...

    async def release(self, name: str) -> None:
        """Give it up, if it is ours."""
        ...


class Arrivals(Protocol):
    """Events that platforms told us of and that have had their effect: each has it once, however often it is told."""

    async def first(self, source: str, event: str, /) -> bool:
        """Note an event with the effect of this transaction; False when it was noted before."""
        ...

    async def count(self, source: str, since: datetime, /) -> int:
        """How many a source has told since then."""
        ...

    async def forget(self, before: datetime, /) -> int:
        """Forget those of before then, which nobody tells again; says how many."""
        ...


class Meter(Protocol):
    """Counts what happens, for operators."""

    def count(self, name: str, amount: int = 1, **labels: str) -> None: ...

    def observe(self, name: str, seconds: float, **labels: str) -> None: ...
