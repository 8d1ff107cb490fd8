"""Processes of their own that race for a database; a module apart, so that they can import what they run."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from functools import cached_property, partial
from multiprocessing.synchronize import Barrier
from typing import Any, TypeVar

import sqlalchemy as sa

from bot.chat.card import Card
from bot.chat.invocation import Invocation
from bot.dispatch import Dispatch
from bot.domain.inquiry import Change, Inquiry
from bot.translator import Translator
from commands import claim
from storage.database import Database
from storage.inquiries import InquiryTable
from storage.schema import bring_up_to_date
from storage.tables import inquiry
from storage.unit import Unit
from tests.support.clock import Clock
from tests.support.meter import Counts

PATIENCE = 60.0
"""Seconds after which a race that somebody never joined is called off."""
THINKING = 0.02
"""Seconds between reading an inquiry and writing it: room for the others to do the same."""

Result = TypeVar("Result")
Claim = tuple[str, int]
"""Who claims which inquiry."""
Told = tuple[str, int, str]
"""Who, which inquiry, and what they were told."""

_together: Barrier | None = None


async def in_processes(works: Sequence[Callable[[], Result]]) -> list[Result]:
    """Run each work in a fresh process; `at_once` lets them begin together."""
    spawn = multiprocessing.get_context("spawn")
    together = spawn.Barrier(len(works), timeout=PATIENCE)
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(len(works), spawn, initializer=_join, initargs=(together,)) as processes:
        return await asyncio.gather(*(loop.run_in_executor(processes, work) for work in works))


def at_once() -> None:
    """Wait until all the processes are here."""
    assert _together is not None
    _together.wait()


def _join(together: Barrier) -> None:
    global _together
    _together = together


# --- the races ------------------------------------------------------------------------------------------


def migrate(url: str) -> None:
    """Bring a database up to date at the same moment as the others."""
    at_once()
    asyncio.run(bring_up_to_date(url))


def claim_all(url: str, naive: bool, claims: Sequence[Claim]) -> list[Told]:
    """Claim all of it at once, at the same moment as the others."""
    return asyncio.run(_claim_all(url, naive, claims))


async def _claim_all(url: str, naive: bool, claims: Sequence[Claim]) -> list[Told]:
    database = (NaiveStore if naive else SlowStore)(url, Clock())
    try:
        async with database.snapshot() as tx:
            await tx.queues.all()
        at_once()
        return await claimed_at_once(database, claims)
    finally:
        await database.close()


async def claimed_at_once(database: Database, claims: Sequence[Claim]) -> list[Told]:
    """Each claim as its person makes it, all together, with what each was told."""
    desk = Dispatch(database, [claim.COMMAND], Translator(), Clock(), Counts(), "en", "UTC")

    async def ask(who: str, number: int) -> Told:
        answer = await desk.call(Invocation("workspace", who, "claim", options={"inquiry": str(number)}))
        assert isinstance(answer, Card)
        return who, number, answer.title

    return await asyncio.gather(*(ask(who, number) for who, number in claims))


class SlowInquiries(InquiryTable):
    """Leaves time between reading and writing, as a busy machine does."""

    async def get(self, number: int) -> Inquiry | None:
        found = await super().get(number)
        await asyncio.sleep(THINKING)
        return found


class NaiveInquiries(SlowInquiries):
    """The negative control: writes what was decided, whatever the inquiry's version is by now."""

    async def save(self, change: Change) -> None:
        values: dict[str, Any] = {"holder_id": change.after.holder and change.after.holder.id}
        await self._session.run(sa.update(inquiry).where(inquiry.c.number == change.after.number).values(values))


class SlowUnit(Unit):
    """A unit of work whose inquiries take their time."""

    room: type[InquiryTable] = SlowInquiries

    @cached_property
    def inquiries(self) -> InquiryTable:
        return self.room(self.session)


class NaiveUnit(SlowUnit):
    """A unit of work with the negative control in it."""

    room = NaiveInquiries


class SlowStore(Database):
    """The store as it is, on a busy machine."""

    unit: type[Unit] = SlowUnit

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Unit]:
        async with self._connected(self._writer) as connection, connection.begin():
            yield self.unit(connection, self._clock)


class NaiveStore(SlowStore):
    """The store of the negative control."""

    unit = NaiveUnit


def race(url: str, claims: Sequence[Sequence[Claim]], naive: bool) -> list[Callable[[], list[Told]]]:
    """A race for `in_processes`: one process for each list of claims."""
    return [partial(claim_all, url, naive, list(each)) for each in claims]
