"""Prepared advice in the store."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.agent import Agent
from bot.domain.prepared import Facts, PreparedAdvice


@dataclass(frozen=True, slots=True)
class Standing:
    """At which version a rule stands, and who brought it there when."""

    version: int
    by: Agent | None
    at: datetime


class Prepared(Protocol):
    """The rules by which advice is given by itself."""

    async def all(self) -> list[PreparedAdvice]:
        """Every rule that was not removed, by name."""
        ...

    async def on(self) -> list[PreparedAdvice]:
        """Those that are on."""
        ...

    async def of(self, rules: Collection[int], /) -> list[PreparedAdvice]:
        """These rules, also if they were removed."""
        ...

    async def version(self, rule: int, /) -> int:
        """At which version a rule stands; 0: there is no such rule, or not any more."""
        ...

    async def standings(self, rules: Collection[int], /) -> Mapping[int, Standing]:
        """How these rules stand, as far as they were not removed."""
        ...

    async def keep(self, rule: PreparedAdvice, seen: int, by: Agent, at: datetime, /) -> PreparedAdvice:
        """Keep a new rule (id 0) or the next version of one; it comes back with its id.

        Raises Conflict when it is not at version `seen`, or was removed.
        """
        ...

    async def remove(self, rule: int, by: Agent, at: datetime, /) -> None:
        """It never speaks again; what it said is still counted."""
        ...

    async def facts(self, calls: Collection[int], /) -> Mapping[int, Facts]:
        """What is known of these calls that rules ask for, by call: subject, notes, products and tags, caution.

        Of the inquiry, of what was noted of calls about it, and of all records of the caller: the customer whom the
        call names, else the inquiry's.
        """
        ...
