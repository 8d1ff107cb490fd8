"""Fail points: wrappers of the ports that count each commit, send and flag, and let one of them go wrong."""

import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from enum import StrEnum

from bot.chat.card import Card
from bot.domain.message import RawMail
from bot.ports import (
    ChatPlatform,
    Desk,
    Inbox,
    MessageRef,
    NotSent,
    Pace,
    SendError,
    Store,
    StoreDown,
    Transaction,
    Unclear,
)

DIED = 70
"""The exit status of a process that died at its fail point."""


class Fault(StrEnum):
    """What happens at the fail point.

    DIE ends the process at once. ERROR says that a commit failed (afterwards: that its answer was lost) and that
    a request was not sent (afterwards: that its answer was lost). DOUBT loses the request, too, without a word.
    """

    DIE = "die"
    ERROR = "error"
    DOUBT = "doubt"


class FailPoints:
    """Counts the points that a scene passes; at the one numbered `at` the fault happens, once. 0: nothing happens."""

    def __init__(self, at: int = 0, fault: Fault = Fault.DIE) -> None:
        self.happened = ""
        self._passed = 0
        self._at = at
        self._fault = fault

    def begin_scene(self) -> None:
        """Count from the beginning."""
        self._passed = 0

    def reach(self, name: str, errors: Callable[[Fault], Exception]) -> None:
        """One more point; raises what `errors` makes of the fault if it is the one. Doubt is for requests alone."""
        if self._fault is Fault.DOUBT and errors is not _not_sent:
            return
        self._passed += 1
        if self._passed != self._at:
            return
        self.happened = name
        if self._fault is Fault.DIE:
            os._exit(DIED)
        raise errors(self._fault)


class FailingStore:
    """A store whose commits are fail points."""

    def __init__(self, store: Store, points: FailPoints) -> None:
        self._store = store
        self._points = points

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        async with self._store.transaction() as tx:
            yield tx
            self._points.reach("before a commit", lambda _: StoreDown("it went away before the commit"))
        self._points.reach("after a commit", lambda _: StoreDown("the answer to the commit was lost"))

    def snapshot(self) -> AbstractAsyncContextManager[Transaction]:
        return self._store.snapshot()


class FailingInbox:
    """An inbox whose flagging is a fail point; it ends after what it has now, so that a step can end."""

    def __init__(self, inbox: Inbox, points: FailPoints) -> None:
        self._inbox = inbox
        self._points = points
        self.name, self.queue, self.trouble = inbox.name, inbox.queue, inbox.trouble

    def batches(self) -> AsyncIterator[Sequence[RawMail]]:
        return self._inbox.batches()

    async def done(self, batch: Sequence[RawMail]) -> None:
        self._points.reach("before a flag", lambda _: OSError("no space left on device"))
        await self._inbox.done(batch)
        self._points.reach("after a flag", lambda _: OSError("no space left on device"))


class FailingPlatform:
    """A platform whose requests are fail points."""

    def __init__(self, platform: ChatPlatform, points: FailPoints) -> None:
        self._platform = platform
        self._points = points
        self.name, self.trouble = platform.name, ""

    @property
    def pace(self) -> Pace:
        return self._platform.pace

    async def post(self, channel: str, card: Card, key: str) -> MessageRef:
        self._before("post")
        sent = await self._platform.post(channel, card, key)
        self._after("post")
        return sent

    async def update(self, message: MessageRef, card: Card) -> None:
        self._before("update")
        await self._platform.update(message, card)
        self._after("update")

    async def reply(self, message: MessageRef, card: Card, key: str) -> MessageRef:
        self._before("reply")
        sent = await self._platform.reply(message, card, key)
        self._after("reply")
        return sent

    async def whisper(self, handle: str, card: Card, key: str) -> MessageRef:
        self._before("whisper")
        sent = await self._platform.whisper(handle, card, key)
        self._after("whisper")
        return sent

    async def find(self, channel: str, key: str, since: datetime, under: MessageRef | None = None) -> MessageRef | None:
        self._before("find")
        found = await self._platform.find(channel, key, since, under)
        self._after("find")
        return found

    async def remove(self, message: MessageRef) -> None:
        self._before("remove")
        await self._platform.remove(message)
        self._after("remove")

    async def run(self, desk: Desk) -> None:
        await self._platform.run(desk)

    def _before(self, verb: str) -> None:
        self._points.reach(f"before {verb}", _not_sent)

    def _after(self, verb: str) -> None:
        self._points.reach(f"after {verb}", lambda _: Unclear("the answer was lost"))


def _not_sent(fault: Fault) -> SendError:
    if fault is Fault.DOUBT:
        return Unclear("the request was lost, but who knows that")
    return NotSent("connection refused", retry_after=0.001)
