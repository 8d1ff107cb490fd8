"""How long a mailbox waits for what."""

import random
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """All in seconds. `rests` follow faults in a row, `long_rests` those that only a person can mend.

    Within `connect` + `read` a hung step fails; within `beat` x 2 another replica may take a dead one's mailbox over;
    `stop` is what a farewell to the server may take.
    """

    connect: float = 10.0
    read: float = 30.0
    rests: Sequence[float] = (1, 2, 5, 10, 30, 60)
    long_rests: Sequence[float] = (15, 60, 300)
    beat: float = 10.0
    stop: float = 0.5

    def rest(self, faults: int, is_stubborn: bool) -> float:
        """After so many faults in a row; from three quarters of it to five, so that replicas do not march in step."""
        rests = self.long_rests if is_stubborn else self.rests
        return rests[min(faults, len(rests)) - 1] * random.uniform(0.75, 1.25)  # noqa: S311 - no secret


LONGEST_IDLE = 23 * 60.0
"""Servers may log out who is silent for 30 minutes (RFC 2177)."""
