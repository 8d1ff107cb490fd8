"""A thread of its own for one mailbox, because imapclient blocks."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class Worker:
    """Runs blocking steps one after another, in the order in which they were asked for.

    The thread is a daemon: a step that hangs in the network delays neither `stop` nor the end of the process.
    """

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._run, name=name, daemon=True).start()

    async def do(self, step: Callable[..., T], *arguments: Any) -> T:
        """The result of the step. When the caller is cancelled, a step that began goes on, one that did not is left."""

        async def work() -> T:
            return step(*arguments)

        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work(), self._loop))

    def stop(self) -> None:
        """End the thread after what was asked for so far; nothing may be asked for any more."""
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _run(self) -> None:
        try:
            self._loop.run_forever()
            self._loop.run_until_complete(_what_is_left())
        finally:
            self._loop.close()


async def _what_is_left() -> None:
    """What was asked for just before the end is done too, so that nobody waits for it in vain."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    if left:
        await asyncio.wait(left)
