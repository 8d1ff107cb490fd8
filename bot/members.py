"""Who is of the team and who no longer: what platforms say of people, and what follows from it."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress

from bot.chat.profile import Profile
from bot.domain.agent import Agent, Role
from bot.domain.errors import Conflict
from bot.domain.events import Act
from bot.ports import Clock, Directory, Handle, SendError, Store, Transaction

ATTEMPTS = 20
"""How often a meeting that lost a race is held anew before it counts as a bug."""

AGAIN = 15.0
"""Seconds before a platform that did not answer is asked again about the team, at the start."""
SOURCE = "team"

log = logging.getLogger(__name__)


class Members:
    """Keeps the team as its platforms know it: names, languages, time zones, and who has left."""

    def __init__(self, store: Store, clock: Clock, language: str, time_zone: str) -> None:
        self._store = store
        self._clock = clock
        self._language = language
        self._time_zone = time_zone

    async def meet(self, platform: str, profile: Profile) -> None:
        """Take over what is new of an agent; whoever may not be of the team loses their role and their claims.

        Where a platform says who is of the team, strangers become so, and a role that it gave or took it changes
        again; what a person decided with /agent stands.
        """
        for _ in range(ATTEMPTS):
            try:
                async with self._store.transaction() as tx:
                    await self._met(tx, Handle(platform, profile.user), profile)
                return
            except Conflict:  # an inquiry of theirs changed at this moment
                continue
        raise Conflict(f"meeting {profile.user} of {platform} lost {ATTEMPTS} races in a row")

    async def give_back(self) -> int:
        """Free what somebody holds who is no longer of the team: a claim may have met their leaving. Says how many."""
        async with self._store.snapshot() as tx:
            abandoned = await tx.inquiries.abandoned()
        for inquiry in abandoned:
            with suppress(Conflict):  # somebody does something with it at this moment
                async with self._store.transaction() as tx:
                    await tx.inquiries.save(inquiry.release(Act(self._clock(), SOURCE)))
        return len(abandoned)

    async def first_roll_call(self, directories: Sequence[Directory]) -> None:
        """Call the roll until every platform has answered."""
        while not await self.roll_call(directories):  # noqa: ASYNC110 - who is down sets no event
            await asyncio.sleep(AGAIN)

    async def roll_call(self, directories: Sequence[Directory]) -> bool:
        """Ask every platform that knows its people about each agent: news of them may have been missed.

        True when all platforms answered.
        """
        have_answered = True
        for directory in directories:
            for handle in await self._handles(directory.name):
                try:
                    profile = await directory.profile(handle.user)
                except SendError as error:
                    log.warning("a platform tells nothing of its people", extra={"why": str(error)})
                    have_answered = False
                    break
                if profile is not None:
                    await self.meet(directory.name, profile)
        return have_answered

    async def _handles(self, platform: str) -> list[Handle]:
        async with self._store.snapshot() as tx:
            team = await tx.agents.all()
            handles = [handle for agent in team for handle in await tx.agents.handles(agent.id)]
        return [handle for handle in handles if handle.platform == platform]

    async def _met(self, tx: Transaction, handle: Handle, profile: Profile) -> None:
        agent = await tx.agents.by_handle(handle)
        appointed = Role(profile.role) if profile.role in list(Role) and profile.may_join else None
        if agent is None:
            if appointed:
                language, time_zone = profile.language or self._language, profile.time_zone or self._time_zone
                agent = await tx.agents.enrol(handle, profile.name, None, language, time_zone)
                await tx.agents.appoint(agent.id, appointed, handle)
            return
        by_platform = await tx.agents.appointed_by(agent.id, handle)
        if not profile.may_join or (by_platform and profile.role == "none"):
            if agent.role is not None:
                log.warning("somebody left the team", extra={"platform": handle.platform, "agent": agent.id})
                await dismiss(tx, agent, handle, Act(self._clock(), handle.platform))
                await tx.agents.appoint(agent.id, None, handle)
            return
        if appointed and appointed is not agent.role and by_platform:
            await tx.agents.appoint(agent.id, appointed, handle)
        first, *_ = await tx.agents.handles(agent.id)
        if handle == first:  # or whoever is called otherwise on two platforms would be renamed again and again
            await tx.agents.describe(agent.id, profile.name, profile.language, profile.time_zone)


async def dismiss(tx: Transaction, agent: Agent, handle: Handle, act: Act) -> int:
    """Take somebody's role; what they held goes back to the team. Says how many inquiries. Raises Conflict."""
    await tx.agents.enrol(handle, agent.name, None, agent.language, agent.time_zone)
    held = await tx.inquiries.held_by(agent.id)
    for inquiry in held:
        await tx.inquiries.save(inquiry.release(act))
    return len(held)
