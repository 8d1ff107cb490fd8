"""What the rooms of the store are tested with."""

import pytest

from bot.domain.agent import Agent
from bot.domain.inquiry import Inquiry
from storage.database import Database
from tests.builders import SUPPORT, a_queue, an_agent, opened


@pytest.fixture
async def hana(database: Database) -> Agent:
    return await an_agent(database)


@pytest.fixture
async def inquiry(database: Database, hana: Agent) -> Inquiry:
    """One inquiry whose first card is in the outbox, for one place."""
    await a_queue(database, "support", SUPPORT)
    (one,) = await opened(database)
    return one
