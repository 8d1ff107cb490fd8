"""Addressing: who is told a nudge, in which places, and from when on."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.absence import Absence, Quiet
from bot.domain.agent import Agent, Role
from bot.domain.inquiry import Inquiry
from bot.domain.levels import Level
from bot.domain.nudge import Rung
from bot.ports import Handle, Place, Transaction
from bot.ports.nudges import Telling


@dataclass(frozen=True, slots=True)
class Addressing:
    """The team as it is at `now`: who is there, who is away or wants quiet, and where one reaches whom."""

    now: datetime
    team: Mapping[int, Agent]
    handles: Mapping[Handle, int]
    doors: Mapping[int, Place]
    channels: Mapping[str, tuple[Place, ...]]
    away: Mapping[int, Absence]
    quiet: Mapping[int, Quiet]

    @classmethod
    async def of(cls, tx: Transaction, now: datetime) -> "Addressing":
        """The team as the store knows it, read by a fixed number of statements."""
        team = {one.id: one for one in await tx.agents.all()}
        handles = await tx.nudges.handles()
        doors: dict[int, Place] = {}
        for agent, handle in handles:
            doors.setdefault(agent, Place(handle.platform, f"@{handle.user}"))
        return cls(
            now=now,
            team=team,
            handles={handle: agent for agent, handle in handles},
            doors=doors,
            channels={queue.name: queue.places for queue in await tx.queues.all()},
            away=await tx.absences.away(team.keys(), now),
            quiet=await tx.absences.quiet(team.keys()),
        )

    def is_away(self, agent: Agent | None) -> bool:
        """Whether somebody of the team is away now."""
        return agent is not None and agent.id in self.team and agent.id in self.away

    def tellings(self, inquiry: Inquiry, rungs: Collection[Rung], level: Level | None) -> tuple[Telling, ...]:
        """Where these are told of an inquiry: each place once.

        For a holder who cannot be told, it is the team; for a team without a channel, or for a person whom nobody
        knows, the supervisors. An urgent matter does not wait for a holder who wants quiet: the team is told as well.
        """
        is_urgent = level is not None and level.policy.urgent
        found: dict[Place, Telling] = {}
        for rung in rungs:
            for one in self._of(rung, inquiry, level.person if level else "", is_urgent):
                found.setdefault(one.place, one)
        return tuple(found.values())

    def of_agent(self, agent: int, inquiry: Inquiry) -> tuple[Telling, ...]:
        """Where somebody is told what they wanted to be reminded of; the team when they are away, or have left."""
        if agent in self.away or agent not in self.doors:
            return tuple(self._team(inquiry))
        return (self._direct(self.team[agent], Rung.HOLDER),)

    def _of(self, rung: Rung, inquiry: Inquiry, person: str, is_urgent: bool) -> Iterator[Telling]:
        match rung:
            case Rung.HOLDER:
                yield from self._holder(inquiry, is_urgent)
            case Rung.TEAM:
                yield from self._team(inquiry)
            case Rung.SUPERVISORS:
                yield from self._supervisors()
            case Rung.PERSON:
                yield from self._person(person)

    def _holder(self, inquiry: Inquiry, is_urgent: bool) -> Iterator[Telling]:
        holder = self.team.get(inquiry.holder.id) if inquiry.holder else None
        if holder is None or holder.id in self.away or holder.id not in self.doors:
            yield from self._team(inquiry)
            return
        told = self._direct(holder, Rung.HOLDER)
        yield told
        if is_urgent and told.after > self.now:
            yield from self._team(inquiry)

    def _team(self, inquiry: Inquiry) -> Iterator[Telling]:
        places = self.channels.get(inquiry.queue, ())
        yield from (Telling(place, Rung.TEAM, self.now) for place in places)
        if not places:
            yield from self._supervisors()

    def _supervisors(self) -> Iterator[Telling]:
        """Those who are there; all of them when none is."""
        reached = [one for one in self.team.values() if one.role is Role.SUPERVISOR and one.id in self.doors]
        present = [one for one in reached if one.id not in self.away]
        yield from self._directly(present or reached, Rung.SUPERVISORS)

    def _person(self, person: str) -> Iterator[Telling]:
        named = [one for one in self._named(person) if one.id in self.doors and one.id not in self.away]
        if named:
            yield self._direct(named[0], Rung.PERSON)
        else:
            yield from self._supervisors()

    def _named(self, person: str) -> Iterator[Agent]:
        """Whoever has that handle ("slack:U123"), or is called so."""
        platform, _, user = person.partition(":")
        agent = self.handles.get(Handle(platform.strip(), user.strip().removeprefix("@")))
        if agent is not None and agent in self.team:
            yield self.team[agent]
        called = person.strip().removeprefix("@").casefold()
        yield from (one for one in self.team.values() if one.name.casefold() == called)

    def _directly(self, agents: Iterable[Agent], rung: Rung) -> Iterator[Telling]:
        return (self._direct(one, rung) for one in agents)

    def _direct(self, agent: Agent, rung: Rung) -> Telling:
        quiet = self.quiet.get(agent.id)
        ends = quiet.ends_after(self.now, agent.time_zone) if quiet else None
        return Telling(self.doors[agent.id], rung, ends or self.now, agent.id)
