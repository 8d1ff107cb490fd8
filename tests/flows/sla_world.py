"""A team's life with the nudges over a real store, in which time passes as the test wants; and what must be said when.

What is expected comes from the slow model, from the events that the store holds; see `tests.domain.slow_sla`.
"""

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any, Protocol

import sqlalchemy as sa

from bot.auditor import Auditor
from bot.domain import care
from bot.domain.agent import Agent, Role
from bot.domain.errors import Refusal
from bot.domain.events import Act, Event, EventKind
from bot.domain.inquiry import Change, Inquiry, Status
from bot.domain.nudge import NudgeOutcome
from bot.domain.policy import Target
from bot.domain.timeline import WAITING, Extended, Moment, Resumed, Wait
from bot.level_file import written
from bot.ports import Handle, Opening, Place
from storage.database import Database
from storage.saying import DONE
from storage.tables import nudge, outbox, telling
from tests.builders import a_message, stored_mails
from tests.domain.slow_sla import SlowHours, slow_clocks
from tests.flows.sla_years import DAY, HOUR, MINUTE, TEAMS, Team, levels_in, slow_hours

DAYS = 13
"""How far the slow model knows the time from the beginning of a scene on."""
LIVED = 9 * DAY
"""For how long something happens in a scene; after a day more all is resolved."""
SECOND = timedelta(seconds=1)
AUDITS = 5
"""Looks from one audit to the next."""
KEPT = ("snoozed:", *(f"{target}:" for target in Target))
"""What the keys of the reminders begin with that are compared."""
UNSENT = outbox.c.state != DONE
VERBS = (
    "claim",
    "claim",
    "write",
    "write",
    "answer",
    "wait",
    "resume",
    "extend",
    "snooze",
    "release",
    "resolve",
    "again",
)


class Engine(Protocol):
    """What is on trial."""

    async def tick(self) -> int: ...


class Time(Protocol):
    """The time of the simulation."""

    def __call__(self) -> datetime: ...
    async def becomes(self, at: datetime) -> None: ...


@dataclass
class Life:
    """An inquiry, and what is still to be said of it by its story so far: when each may be said, by its key."""

    number: int
    team: Team
    version: int = 0
    owed: dict[str, datetime] = field(default_factory=dict)


@dataclass
class Scene:
    """Some days around a moment of note. `errors` is what went wrong, in words."""

    start: datetime
    models: dict[str, SlowHours]
    lives: dict[int, Life] = field(default_factory=dict)
    noted: set[tuple[int, str]] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)
    said: int = 0


class World:
    """One zone with its teams. `start` makes the engine of each replica, when the world begins and at each restart.

    `auditor`, where there is one, must find nothing that the model does not.
    """

    def __init__(self, zone: str, database: Database, time: Time, start: Callable[[int], Awaitable[Engine]]) -> None:
        self.zone = zone
        self.database = database
        self.time = time
        self._start = start
        self.engines: list[Engine] = []
        self.people: list[Agent] = []
        self.auditor: Auditor | None = None
        self._looks = 0

    async def begin(self, replicas: int = 1) -> None:
        """Queues, people and promises; and as many engines."""
        async with self.database.transaction() as tx:
            for team in TEAMS:
                await tx.queues.add(team.queue, "en", self.zone)
                await tx.queues.show(team.queue, Place("workspace", team.queue))
            for name, role in (("Hana", Role.AGENT), ("Ken", Role.AGENT), ("Emma", Role.SUPERVISOR)):
                handle = Handle("workspace", name.lower())
                self.people.append(await tx.agents.enrol(handle, name, role, "en", self.zone))
            await tx.levels.keep(written(levels_in(self.zone)), 0, None, self.time(), "at first")
        self.engines = [await self._start(replica) for replica in range(replicas)]

    async def restart(self) -> None:
        """All replicas die, and come back."""
        self.engines = [await self._start(replica) for replica in range(len(self.engines))]

    async def play(self, edge: datetime, random: Random, lives: int, restarts: int, jumps: bool) -> Scene:
        """Live through the days around `edge`, with restarts every minute for so many around it."""
        start = edge - 5 * DAY
        scene = Scene(start, {one.queue: slow_hours(self.zone, one, start, DAYS) for one in TEAMS})
        agenda = _Agenda()
        for _ in range(lives):
            self._cast(scene, agenda, edge, random)
        for minute in range(-restarts, restarts):
            agenda.add(edge + minute * MINUTE + random.choice((0, 1, 30, 59)) * SECOND, self.restart)
        if jumps:
            self._plan_jumps(scene, agenda, random)
        around = timedelta(minutes=restarts)
        while agenda.has_more:
            at, act = agenda.next()
            if at > start + LIVED + DAY:
                break
            if edge - around <= at < edge + around and act is None:
                continue  # these minutes belong to the restarts
            await self.time.becomes(max(at, self.time()))
            if act:
                await act()
            await self._look(scene, agenda)
        await self._end(scene)
        return scene

    def _cast(self, scene: Scene, agenda: "_Agenda", edge: datetime, random: Random) -> None:
        """An inquiry, with what will happen to it."""
        team = random.choice(TEAMS)
        latest = edge - random.randrange(6 * 60) * MINUTE
        begun = latest if random.random() < 0.6 else scene.start + random.randrange(6 * 24 * 60) * MINUTE
        born: list[Life] = []

        async def opens() -> None:
            born.append(await self._opened(scene, team))

        def does(verb: str) -> Callable[[], Awaitable[None]]:
            async def happens() -> None:
                if born:
                    await self._happens(born[0], verb, random)

            return happens

        agenda.add(begun, opens)
        at = begun
        for _ in range(random.randrange(7)):
            at += random.choice((random.randrange(1, 90), random.randrange(1, 2 * 24 * 60))) * MINUTE
            if at < scene.start + LIVED:
                agenda.add(at, does(random.choice(VERBS)))

    def _plan_jumps(self, scene: Scene, agenda: "_Agenda", random: Random) -> None:
        """Clocks jump ahead by an hour and by a day, and stay there; and once they are wrong for a moment."""
        for by in (HOUR, DAY):
            agenda.add(scene.start + random.randrange(8 * 24 * 60) * MINUTE, self._jump(by, back=False))
            agenda.add(scene.start + random.randrange(8 * 24 * 60) * MINUTE, self._jump(by, back=True, scene=scene))

    def _jump(self, by: timedelta, back: bool, scene: Scene | None = None) -> Callable[[], Awaitable[None]]:
        async def jumps() -> None:
            right = self.time()
            await self.time.becomes(right + by)
            if back and scene:
                await self._look(scene, None)
                await self.time.becomes(right)

        return jumps

    async def _opened(self, scene: Scene, team: Team) -> Life:
        (mail,) = await stored_mails(self.database, queue=team.queue)
        await self._passes()
        async with self.database.transaction() as tx:
            (one,) = await tx.inquiries.open([Opening(team.queue, a_message(), self.time(), mail)])
        life = scene.lives[one.number] = Life(one.number, team)
        return life

    async def _happens(self, life: Life, verb: str, random: Random) -> None:
        """Something happens to an inquiry, if it can."""
        await self._passes()
        async with self.database.transaction() as tx:
            inquiry = await tx.inquiries.get(life.number)
            assert inquiry
            spoken_at = _spoken_at(await tx.inquiries.timeline(life.number))
            try:
                change = self._change(inquiry, verb, random, spoken_at)
            except Refusal:
                return
            await tx.inquiries.save(change)

    async def _passes(self) -> None:
        """Things happen at full minutes, as the model counts, and no two at the same."""
        full = self.time().replace(second=0, microsecond=0) + MINUTE
        await self.time.becomes(full)

    def _change(self, inquiry: Inquiry, verb: str, random: Random, spoken_at: datetime) -> Change:
        someone = inquiry.holder or random.choice(self.people)
        act, by_nobody = Act(self.time(), "workspace", someone), Act(self.time(), "mail")
        until = self.time() + random.randrange(1, 2000) * MINUTE
        match verb:
            case "claim":
                return inquiry.claim(act)
            case "release":
                return inquiry.release(act)
            case "write":
                return inquiry.receive(a_message(), by_nobody)
            case "answer":
                return inquiry.answer(act, someone.name, spoken_at)
            case "wait":
                return care.wait(inquiry, random.choice(WAITING), until, "", act)
            case "resume":
                return care.resume(inquiry, act)
            case "extend":
                by = random.randrange(1, 12) * 10 * MINUTE
                return care.extend(inquiry, random.choice(tuple(Target)), by, "", act)
            case "snooze":
                return care.snooze(inquiry, until, act)
            case "resolve":
                return inquiry.resolve("", act)
        return inquiry.reopen(act)

    async def _look(self, scene: Scene, agenda: "_Agenda | None") -> None:
        """Work out what is to be said, let the engines do so, and compare."""
        await self._read(scene, agenda)
        await asyncio.gather(*(one.tick() for one in self.engines))
        await self._compare(scene)
        await self._read(scene, agenda)
        self._looks += 1
        if self.auditor and self._looks % AUDITS == 0:
            await self.auditor.audit()
            scene.errors += [f"{self.time()}: audited: {one}" for one in self.auditor.missing]

    async def _read(self, scene: Scene, agenda: "_Agenda | None") -> None:
        async with self.database.snapshot() as tx:
            for inquiry in (await tx.inquiries.all_of(scene.lives)).values():
                life = scene.lives[inquiry.number]
                if inquiry.version == life.version:
                    continue
                life.version = inquiry.version
                told = as_told(await tx.inquiries.timeline(inquiry.number))
                life.owed = owed(inquiry, told, life.team, scene.models[life.team.queue])
                if agenda:
                    moments = [*life.owed.values(), *([inquiry.waiting_until] if inquiry.waiting_until else [])]
                    for at in moments:
                        agenda.add(at - SECOND)
                        agenda.add(at)

    async def _compare(self, scene: Scene) -> None:
        now = self.time()
        async with self.database.snapshot() as tx:
            rows = (await tx.session.run(sa.select(nudge).where(nudge.c.number.in_(scene.lives)))).all()
            inquiries = await tx.inquiries.all_of(scene.lives)
            is_anything_said = (await tx.session.run(sa.select(outbox.c.id).where(UNSENT).limit(1))).all()
        if is_anything_said:
            first = sa.func.coalesce(outbox.c.posted_at, now)
            through = {"state": DONE, "due_at": now, "posted_at": first, "posted_in": outbox.c.channel, "message": "1"}
            async with self.database.transaction() as tx:
                await tx.session.run(sa.update(outbox).where(UNSENT).values(through))
        fresh = [row for row in rows if row.key.startswith(KEPT) and (row.number, row.key) not in scene.noted]
        found = {(row.number, row.key) for row in fresh}
        due = {(one.number, key) for one in scene.lives.values() for key, at in one.owed.items() if at <= now}
        scene.errors += [f"{now}: not said: {one}" for one in due - scene.noted - found]
        scene.errors += [f"{now}: said too early: {one}" for one in found - due]
        scene.errors += [f"{now}: noted at {row.noted_at}: {row.key}" for row in fresh if row.noted_at != now]
        said = [row.number for row in fresh if row.outcome == NudgeOutcome.TOLD]
        scene.errors += [f"{now}: said at once: {said}"] * (sorted(said) != sorted({row.number for row in fresh}))
        for one in inquiries.values():
            if one.status in WAITING and one.waiting_until and one.waiting_until <= now:
                scene.errors.append(f"{now}: still waiting: {one.number}")
        scene.said += len(said)
        scene.noted |= found

    async def _end(self, scene: Scene) -> None:
        """All is told that was noted; then all is resolved, and the next scene begins with none."""
        for _ in range(4):
            await self.time.becomes(self.time() + 15 * SECOND)
            await asyncio.gather(*(one.tick() for one in self.engines))
            await self._compare(scene)
        async with self.database.transaction() as tx:
            of_lives = telling.c.number.in_(scene.lives)
            unbound = sa.select(sa.func.count()).where(of_lives, telling.c.outbox_id.is_(None))
            told = sa.select(sa.func.count(sa.distinct(telling.c.number.concat("/").concat(telling.c.key))))
            untold = (await tx.session.run(unbound)).scalar_one()
            reached = (await tx.session.run(told.where(of_lives))).scalar_one()
            if untold:
                scene.errors.append(f"{self.time()}: told to nobody so far: {untold}")
            if reached < scene.said:
                scene.errors.append(f"{self.time()}: of {scene.said} only {reached} go to anybody")
            for inquiry in (await tx.inquiries.all_of(scene.lives)).values():
                if not inquiry.is_resolved:
                    await tx.inquiries.save(inquiry.resolve("", Act(self.time(), "workspace", self.people[2])))


class _Agenda:
    """What comes next: things that happen, and moments to look at."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, Callable[[], Awaitable[None]] | None]] = []
        self._looks: set[datetime] = set()
        self._order = count()

    @property
    def has_more(self) -> bool:
        return bool(self._heap)

    def add(self, at: datetime, act: Callable[[], Awaitable[None]] | None = None) -> None:
        if act or at not in self._looks:
            heapq.heappush(self._heap, (at, next(self._order), act))
        if act is None:
            self._looks.add(at)

    def next(self) -> tuple[datetime, Callable[[], Awaitable[None]] | None]:
        at, _, act = heapq.heappop(self._heap)
        return at, act


def _spoken_at(events: Sequence[Event]) -> datetime:
    """When the customer wrote last."""
    wrote = (EventKind.OPENED, EventKind.MESSAGE_RECEIVED, EventKind.REOPENED)
    return max(one.act.at for one in events if one.kind in wrote and one.act.agent is None)


def as_told(events: Sequence[Event]) -> list[Moment]:
    """The events in the words of the model; what people lay down counts from when it is known, whatever clocks said."""
    told, latest = list[Moment](), events[0].act.at
    for one in events:
        latest = max(latest, one.act.at)
        known = one.kind in (EventKind.WAITED, EventKind.EXTENDED, EventKind.RESUMED)
        told.append(_as_told(replace(one, act=replace(one.act, at=latest)) if known else one))
    return told


def _as_told(one: Event) -> Moment:
    at, details = one.act.at, dict[str, Any](one.details)
    if one.kind is EventKind.WAITED:
        return Wait(at, Status(details["status"]), datetime.fromisoformat(details["until"]))
    if one.kind is EventKind.EXTENDED:
        return Extended(at, Target(details["target"]), timedelta(seconds=details["seconds"]))
    return Resumed(at) if one.kind is EventKind.RESUMED else one


def owed(inquiry: Inquiry, told: Sequence[Moment], team: Team, model: SlowHours) -> dict[str, datetime]:
    """When each reminder may be said that is still owed, by the slow model, if nothing more happens."""
    if inquiry.is_resolved:
        return {}
    found: dict[str, datetime] = {}
    for name, clock in slow_clocks(told, team.policy, model).items():
        if clock.ended is None:
            extended = _extensions(told, name.partition(":")[0], model.moment(clock.started * 60))
            steps = {key: at for key, at in clock.steps.items() if key.split(":")[2] == str(extended)}
            found |= {key: model.moment(at * 60) for key, at in steps.items()}
    if inquiry.snoozed_until and inquiry.status not in WAITING:
        asked = [one for one in told if isinstance(one, Event) and one.kind is EventKind.SNOOZED]
        found[f"snoozed:{asked[-1].version}"] = inquiry.snoozed_until
    asleep = inquiry.snoozed_until or model.start
    ready = {key: max(at, asleep) for key, at in found.items()}
    if team.policy.urgent:
        return ready
    opening = {key: model.opens(int((at - model.start).total_seconds())) for key, at in ready.items()}
    return {key: model.moment(second) for key, second in opening.items() if second is not None}


def _extensions(told: Sequence[Moment], target: str, since: datetime) -> int:
    return sum(isinstance(one, Extended) and one.target == target and one.at >= since for one in told)
