"""Agents: the people of the team, and what their role lets them do."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody may do here. A supervisor may do all that an agent may."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"

    def covers(self, needed: "Role") -> bool:
        """True when this role is enough where `needed` is asked for."""
        return self is Role.SUPERVISOR or self is needed


@dataclass(frozen=True, slots=True)
class Agent:
    """A person of the team, whichever platform they talk on. A role of None: no longer of the team."""

    id: int
    name: str
    role: Role | None = Role.AGENT
    language: str = "en"
    time_zone: str = "UTC"

    def may(self, needed: Role) -> bool:
        """True when this person may do what `needed` may do."""
        return self.role is not None and self.role.covers(needed)
