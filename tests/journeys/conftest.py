"""Running desks for journeys, on every platform, each with a fresh database and fresh folders."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.journeys.desk import Desk, settings_of
from tests.journeys.discord_driver import DiscordStage
from tests.journeys.slack_driver import SlackStage
from tests.journeys.stage import Stage, WorkspaceStage

OpenDesk = Callable[..., Awaitable[Desk]]

ON_WORKSPACE = ["workspace-sqlite", "workspace-postgresql"]
ON_SLACK = ["slack_by_socket-postgresql", "slack_by_http-sqlite"]
ON_DISCORD = ["discord-postgresql", "discord-sqlite"]


STAGES: dict[str, Callable[[], Stage]] = {
    "workspace": WorkspaceStage,
    "slack_by_socket": lambda: SlackStage(by_http=False),
    "slack_by_http": lambda: SlackStage(by_http=True),
    "discord": DiscordStage,
}


@dataclass(frozen=True)
class Setting:
    """A platform and a database."""

    stage: Stage
    database_url: str


@pytest.fixture(params=[*ON_WORKSPACE, *ON_SLACK, *ON_DISCORD])
def setting(request: pytest.FixtureRequest) -> Setting:
    """Every platform, and both ways into Slack, with either database: a journey is written once and runs on all."""
    where, _, database = request.param.partition("-")
    url = request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[database])
    return Setting(STAGES[where](), url)


@pytest.fixture
async def open_desk(setting: Setting, tmp_path: Path) -> AsyncIterator[OpenDesk]:
    """Opens a desk with settings of the test's own: `await open_desk(queues=("support",), DEFAULT_LANGUAGE="ja")`."""
    async with AsyncExitStack() as closing:

        async def opened(
            queues: tuple[str, ...] = ("support",),
            is_apart: bool = False,
            agents: tuple[str, ...] = ("hana", "ken"),
            **more: str,
        ) -> Desk:
            stage = setting.stage
            await stage.open(queues)
            closing.push_async_callback(stage.close)
            environment = settings_of(tmp_path, setting.database_url, stage, queues, agents, **more)
            desk = Desk(tmp_path, environment, stage, queues, is_apart)
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
