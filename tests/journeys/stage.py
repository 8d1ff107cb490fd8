"""Where a desk's team sits: one platform, with its people, its settings and a way to act on it."""

from pathlib import Path
from typing import Protocol

from adapters.workspace.people import SAMPLE_PEOPLE
from tests.journeys.driver import Platform
from tests.journeys.workspace_driver import WorkspacePlatform


class Stage(Protocol):
    """A platform outside the desk. Persons and channels go by the short names that tests use ("hana", "support")."""

    name: str

    async def open(self, queues: tuple[str, ...]) -> None:
        """Make the platform ready for a desk with a channel for each queue, and one for the team."""
        ...

    async def close(self) -> None: ...

    def settings(self, folder: Path, queues: tuple[str, ...]) -> dict[str, str]:
        """The environment that connects a desk with the platform."""
        ...

    def handle(self, person: str) -> str:
        """The id of a person there."""
        ...

    def mention(self, person: str) -> str:
        """What follows the @ when somebody is named there."""
        ...

    async def seat(self, desk_url: str) -> Platform:
        """A driver of the platform, open, for a desk that runs."""
        ...


class WorkspaceStage:
    """The embedded workspace: all of it is in the desk itself."""

    name = "workspace"

    async def open(self, queues: tuple[str, ...]) -> None:
        """Nothing is outside."""

    async def close(self) -> None:
        """Nothing is outside."""

    def settings(self, folder: Path, queues: tuple[str, ...]) -> dict[str, str]:
        return {
            "DATA_FOLDER": str(folder / "data"),
            "WORKSPACE": "on",
            "WORKSPACE_CHANNELS": ",".join((*queues, "team")),
            "QUEUE_CHANNELS": ",".join(f"{queue}=workspace:{queue}" for queue in queues),
        }

    def handle(self, person: str) -> str:
        return person

    def mention(self, person: str) -> str:
        return person

    async def seat(self, desk_url: str) -> Platform:
        platform = WorkspacePlatform(desk_url, tuple(one.handle for one in SAMPLE_PEOPLE))
        await platform.open()
        return platform
