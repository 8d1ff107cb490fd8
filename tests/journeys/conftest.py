"""Running desks for journeys, each with a fresh database of either kind and fresh folders."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.journeys.desk import Desk, settings_of

OpenDesk = Callable[..., Awaitable[Desk]]


@pytest.fixture
async def open_desk(database_url: str, tmp_path: Path) -> AsyncIterator[OpenDesk]:
    """Opens a desk with settings of the test's own: `await open_desk(queues=("support",), DEFAULT_LANGUAGE="ja")`."""
    async with AsyncExitStack() as closing:

        async def opened(queues: tuple[str, ...] = ("support",), is_apart: bool = False, **more: str) -> Desk:
            desk = Desk(tmp_path, settings_of(tmp_path, database_url, queues, **more), queues, is_apart)
            await desk.start()
            closing.push_async_callback(desk.stop)
            return desk

        yield opened


@pytest.fixture
async def desk(open_desk: OpenDesk) -> Desk:
    """A desk with one queue, "support", in English; Hana and Ken are agents, Emma is a supervisor."""
    return await open_desk()


@pytest.fixture
async def desk_apart(open_desk: OpenDesk) -> Desk:
    """The same desk in a process of its own, so that `crash` can kill it."""
    return await open_desk(is_apart=True)
