"""Live updates: what happens in the workspace, streamed to every open page as Server-Sent Events."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass

KEPT = 1000
"""Events kept for pages that come back; a page that missed more fetches everything anew."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened; `people` are those who may see it, None for everyone."""

    number: int
    name: str
    data: Mapping[str, object]
    people: Collection[str] | None

    def is_for(self, person: str) -> bool:
        """Whether that person may see it."""
        return self.people is None or person in self.people


class Hub:
    """Hands every happening to every listener. `epoch` tells the streams of one start from the next one's."""

    def __init__(self, epoch: str) -> None:
        self._epoch = epoch
        self._last = 0
        self._kept: deque[Happening] = deque(maxlen=KEPT)
        self._listeners: set[asyncio.Queue[Happening | None]] = set()

    @property
    def cursor(self) -> str:
        """Where a page that has everything of now continues."""
        return f"{self._epoch}-{self._last}"

    def tell(self, name: str, data: Mapping[str, object], people: Collection[str] | None = None) -> None:
        """Send an event to every page of these people, or to all; a page that is too slow is cut off."""
        self._last += 1
        happening = Happening(self._last, name, data, people)
        self._kept.append(happening)
        for queue in list(self._listeners):
            if queue.qsize() >= KEPT:
                self._listeners.discard(queue)
                queue.put_nowait(None)
            else:
                queue.put_nowait(happening)

    def finish(self) -> None:
        """End every stream; pages come back by themselves."""
        for queue in self._listeners:
            queue.put_nowait(None)
        self._listeners.clear()

    async def follow(self, person: str, after: str, ping: float = 15.0) -> AsyncIterator[bytes]:
        """Events for a person's page as SSE chunks, from `after` on; a `refetch` first if it missed too much.

        Sends a comment every `ping` seconds, so that a dead connection is noticed.
        """
        queue: asyncio.Queue[Happening | None] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            missed = self._since(after)
            first = "refetch" if missed is None else "hello"
            yield self._chunk(self._last - len(missed or ()), first, {"epoch": self._epoch})
            for happening in missed or ():
                if happening.is_for(person):
                    yield self._chunk(happening.number, happening.name, happening.data)
            while True:
                try:
                    async with asyncio.timeout(ping):  # wait_for of Python 3.11 may swallow a cancellation
                        coming = await queue.get()
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                if coming is None:
                    return
                if coming.is_for(person):
                    yield self._chunk(coming.number, coming.name, coming.data)
        finally:
            self._listeners.discard(queue)

    def _since(self, after: str) -> list[Happening] | None:
        epoch, _, number = after.rpartition("-")
        if epoch != self._epoch or not number.isdigit() or int(number) > self._last:
            return None
        oldest = self._kept[0].number if self._kept else self._last + 1
        if int(number) + 1 < oldest:
            return None
        return [each for each in self._kept if each.number > int(number)]

    def _chunk(self, number: int, name: str, data: Mapping[str, object]) -> bytes:
        return f"id: {self._epoch}-{number}\nevent: {name}\ndata: {json.dumps(data)}\n\n".encode()
