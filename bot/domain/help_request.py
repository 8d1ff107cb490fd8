"""Help requests: somebody on a call asks for advice, supervisors first, then whoever knows the topic."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.domain.agent import Agent


class HelpState(StrEnum):
    """How far it is. EXPERTS: nobody has answered yet, and the experts of the topic were asked too.

    OVER: the call is, and nobody has answered.
    """

    ASKED = "asked"
    EXPERTS = "experts"
    ANSWERED = "answered"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpRequest:
    """A request for advice in a call, as it stands at `version`. It is answered by the first advice after it.

    What is told twice, or too late, changes nothing, and leaves the version as it is.
    """

    id: int = 0
    call: int
    asker: Agent
    text: str
    at: datetime
    state: HelpState = HelpState.ASKED
    experts_at: datetime | None = None
    answered_by: Agent | None = None
    answered_at: datetime | None = None
    version: int = 1

    @property
    def is_open(self) -> bool:
        """True while advice is wanted."""
        return self.state in (HelpState.ASKED, HelpState.EXPERTS)

    def wanted_at(self, after: timedelta) -> datetime | None:
        """When the experts are asked too, if nobody answers until then; None: they were, or it is no use any more."""
        return self.at + after if self.state is HelpState.ASKED else None

    def adding(self, text: str) -> "HelpRequest":
        """The asker says more; what they said already is not said again."""
        said = self.text.splitlines()
        new = [line for line in text.splitlines() if line.strip() and line not in said]
        return self._changed(text="\n".join([*said, *new])) if self.is_open and new else self

    def to_experts(self, at: datetime) -> "HelpRequest":
        """Those who know the topic are asked too."""
        return self._changed(state=HelpState.EXPERTS, experts_at=at) if self.state is HelpState.ASKED else self

    def answered(self, by: Agent, at: datetime) -> "HelpRequest":
        """Somebody advises: whoever did so first. Nobody answers themselves."""
        if not self.is_open or by.id == self.asker.id:
            return self
        return self._changed(state=HelpState.ANSWERED, answered_by=by, answered_at=at)

    def over(self) -> "HelpRequest":
        """The call has ended, and no advice is wanted any more."""
        return self._changed(state=HelpState.OVER) if self.is_open else self

    def _changed(self, **fields: Any) -> "HelpRequest":
        return replace(self, version=self.version + 1, **fields)
