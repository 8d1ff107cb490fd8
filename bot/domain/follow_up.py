"""Follow-ups: what people want to be reminded of, and when."""

from dataclasses import dataclass
from datetime import datetime

NOTE_LENGTH = 500
"""Characters of a note: a reminder is read in passing."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Somebody (`agent`, by number) wants to be reminded of an inquiry. `told_at`: they were."""

    id: int
    number: int
    agent: int
    at: datetime
    note: str
    created_at: datetime
    told_at: datetime | None = None
