"""Service levels: which promise is made to whom, in whose hours, and who is told when it is in danger."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from bot.domain.hours import BusinessHours, Span
from bot.domain.policy import Policy


@dataclass(frozen=True)
class Calendar:
    """When a team works. `holidays` is the country whose public holidays are days off ("JP", "US-CA"), or empty.

    `is_holiday` tells them; whoever reads a calendar from a file brings it along.
    """

    name: str
    zone: str
    week: Mapping[int, tuple[Span, ...]]
    holidays: str = ""
    closed: frozenset[date] = frozenset()
    extra: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)
    is_holiday: Callable[[date], bool] = field(default=lambda _day: False, compare=False)

    @cached_property
    def hours(self) -> BusinessHours:
        """The hours, which remember the months that were worked out: ask the same calendar again."""
        return BusinessHours(self.zone, self.week, self.is_holiday, self.closed, self.extra)


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides which level an inquiry gets. `ranks` are the tags of its customer, folded as `tags` are."""

    queue: str
    tags: frozenset[str] = frozenset()
    ranks: frozenset[str] = frozenset()
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A policy, the calendar in which it counts, whom it is for, and what else people are reminded of.

    It fits an inquiry of one of its queues, with one of its tags, of a customer with one of its ranks, who has one of
    its languages; a condition that is empty fits all. `person` is told when supervisors are not enough: the name
    of an agent, or a handle ("slack:U123"). `untouched`: after so much business time without an act of its holder they
    are asked, and after `hand_back` more it goes back to the team. `remind_after` and `offer_closing` are days for
    which the customer has been silent. Tags and ranks are folded, to be compared; `spellings` says how those were
    typed that were typed otherwise.
    """

    policy: Policy
    calendar: str
    queues: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    ranks: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    person: str = ""
    untouched: timedelta | None = None
    hand_back: timedelta | None = None
    remind_after: int | None = None
    offer_closing: int | None = None
    spellings: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.policy.name

    def spelled(self, words: Iterable[str]) -> list[str]:
        """Tags or ranks of its conditions as they were typed, in order."""
        return sorted(self.spellings.get(word, word) for word in words)

    def fits(self, facts: Facts) -> bool:
        """Whether an inquiry of which these facts are true gets this level."""
        return (
            (not self.queues or facts.queue in self.queues)
            and (not self.tags or bool(self.tags & facts.tags))
            and (not self.ranks or bool(self.ranks & facts.ranks))
            and (not self.languages or facts.language in self.languages)
        )


@dataclass(frozen=True, slots=True)
class Escalations:
    """How inquiries are escalated: the team's criteria, where its experts are, and whom one calls.

    `experts`: for each topic a channel ("slack:C123") or a person ("slack:@U123" or a name). `call`: what is said to
    whoever needs somebody at once: a name with a telephone number, say.
    """

    criteria: tuple[str, ...] = ()
    experts: Mapping[str, str] = field(default_factory=dict)
    call: str = ""


@dataclass(frozen=True)
class Levels:
    """All that a team has laid down; the first level that fits an inquiry is its level."""

    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    levels: tuple[Level, ...] = ()
    escalations: Escalations = Escalations()
    digests: bool = True

    def of(self, facts: Facts) -> Level | None:
        """The level of an inquiry; None: nothing is promised."""
        return next((one for one in self.levels if one.fits(facts)), None)

    def named(self, name: str) -> Level | None:
        return next((one for one in self.levels if one.name == name), None)

    def hours(self, level: Level) -> BusinessHours:
        """The hours in which a level counts."""
        return self.calendars[level.calendar].hours

    def calendar_of(self, queue: str) -> Calendar | None:
        """The calendar of a queue: that of the level which an inquiry gets of which nothing else is known.

        Else that of the first level for the queue, else the first of all.
        """
        plain = self.of(Facts(queue)) or next((one for one in self.levels if queue in one.queues), None)
        if plain:
            return self.calendars[plain.calendar]
        return next(iter(self.calendars.values()), None)
