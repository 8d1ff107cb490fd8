"""A team at its desk, on a real database of either kind."""

import pytest

from adapters.operations.metrics import Metrics
from storage.database import Database
from tests.builders import SUPPORT, a_queue
from tests.commands.window import Window, enrolled
from tests.support.clock import Clock


@pytest.fixture
async def window(database: Database, clock: Clock) -> Window:
    """Hana (agent, Japanese), Ken (agent), Emma (supervisor) and one queue that shows in #support."""
    await a_queue(database, "support", SUPPORT)
    await enrolled(database)
    return Window(database, clock, Metrics())
