"""What Discord needs from the storage: which replica may hold the gateway, and how often it has introduced itself."""

from typing import Protocol


class Lease(Protocol):
    """Lets one replica at a time hold the gateway."""

    async def hold(self, name: str) -> bool:
        """Take it, or confirm that it is still ours; False when another replica has it. Returns at once."""
        ...

    async def release(self, name: str) -> None:
        """Give it up, if it is ours."""
        ...


class Identifies(Protocol):
    """Counts how often the gateway was told who we are: after 1000 times in a day Discord resets the token."""

    async def note(self) -> int:
        """Note one more, now; says how many there were in the last 24 hours, over all processes."""
        ...
