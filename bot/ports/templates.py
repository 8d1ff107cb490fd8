"""The templates in the store, with all their versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.domain.agent import Agent
from bot.domain.template import Draft, Template, TemplateVersion


@dataclass(frozen=True, slots=True)
class Put:
    """What became of drafts that were put in: how many templates are new, changed, or were the same already."""

    added: int = 0
    changed: int = 0
    same: int = 0


class Templates(Protocol):
    """The team's templates. Drafts come checked (`Draft.checked`). Every change makes a version."""

    async def get(self, template: int, /) -> Template | None: ...

    async def by_name(self, name: str, queue: str, language: str, /) -> Template | None:
        """The variant of a name that fits best: not a retired one, the language before the queue, both before any.

        One for another queue is never taken; `queue` "" takes any. None when there is none.
        """
        ...

    async def variants(self, name: str, /) -> list[Template]:
        """Every variant of a name, the retired ones last."""
        ...

    async def listed(
        self, queue: str | None = None, language: str | None = None, retired: bool = False, /
    ) -> list[Template]:
        """Templates by name, queue and language: those of a queue with those for any, of a language; None: all.

        `retired`: the retired ones as well.
        """
        ...

    async def matching(self, typed: str, limit: int, /) -> list[Template]:
        """Templates whose name, title or body holds every word, folded, the best and most used first; none retired.

        Nothing typed: the most used ones.
        """
        ...

    async def add(self, draft: Draft, by: Agent | None, at: datetime, why: str = "", /) -> Template:
        """Keep a new template. Raises Conflict when there is one of that name, queue and language already."""
        ...

    async def change(self, template: Template, draft: Draft, by: Agent | None, at: datetime, why: str, /) -> Template:
        """Keep what a template says from now on, as one more version. Name, queue and language stay.

        Raises Conflict when it is not at the version that `template` was read at.
        """
        ...

    async def versions(self, template: int, /) -> list[TemplateVersion]:
        """All its versions, the newest first."""
        ...

    async def used(self, template: int, at: datetime, /) -> None:
        """Count one use."""
        ...

    async def put(self, drafts: Sequence[Draft], by: Agent | None, at: datetime, why: str, /) -> Put:
        """Add those that are new, change those that differ; what is not among them stays as it is.

        Raises Conflict when somebody else changes one at this very moment.
        """
        ...

    async def remind(self, today: date, /) -> int:
        """Tell whose templates are due for a review of it: once for each review date; says how many templates.

        An owner who is not of the team any more leaves it to the supervisors.
        """
        ...

    async def is_empty(self) -> bool:
        """True when there never was a template."""
        ...
