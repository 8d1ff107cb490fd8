"""What Discord needs from the storage: how often we introduced ourselves to its gateway."""

from typing import Protocol


class Identifies(Protocol):
    """Counts how often the gateway was told who we are: after 1000 times in a day Discord resets the token."""

    async def note(self) -> int:
        """Note one more, now; says how many there were in the last 24 hours, over all processes."""
        ...
