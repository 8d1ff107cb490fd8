"""SLA policies: how soon customers are promised an answer, and who is reminded when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.domain.hours import BusinessHours, RealTime, Time


class Target(StrEnum):
    """What is promised."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"


RESPONSES = (Target.FIRST_RESPONSE, Target.NEXT_RESPONSE)


@dataclass(frozen=True, slots=True)
class Policy:
    """How soon, in business time, and when people are told: at shares of the time in percent, when it is due, after it.

    An urgent policy counts real time, day and night. Raises ValueError for times and shares that cannot be.
    """

    name: str
    targets: Mapping[Target, timedelta]
    warn: tuple[int, ...] = (50, 80)
    overdue: tuple[timedelta, ...] = ()
    urgent: bool = False

    def __post_init__(self) -> None:
        if any(amount <= timedelta() for amount in (*self.targets.values(), *self.overdue)):
            raise ValueError(f"the times of the policy {self.name} must be longer than nothing")
        if any(not 0 < share < 100 for share in self.warn):
            raise ValueError(f"the warnings of the policy {self.name} must lie between 1 and 99 percent")

    def time(self, hours: BusinessHours) -> Time:
        """The time that this policy counts."""
        return RealTime() if self.urgent else hours

    def ladder(self, total: timedelta) -> dict[str, timedelta]:
        """Each step by its name, and how much of the time is gone by then; in order.

        A name tells what the step says ("warn-80", "due", "overdue-3600" seconds), not which in the row it is: a step
        that is added to the policy leaves the names of the others alone.
        """
        warnings = {f"warn-{share}": total * share / 100 for share in sorted(set(self.warn))}
        later = {f"overdue-{amount.total_seconds():.0f}": total + amount for amount in sorted(set(self.overdue))}
        return {**warnings, "due": total, **later}
