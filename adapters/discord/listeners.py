"""Discord in: what people type, press and fill in becomes calls of the desk; nobody waits longer than Discord does."""

import asyncio
import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Protocol

import aiohttp

from adapters.discord import invocations, overheard
from adapters.discord.answers import Answers, Sends, Texts
from adapters.discord.asked import Asked, Garbled, Payload, Way, dig, word
from adapters.discord.invocations import PLATFORM, Heard
from adapters.discord.modals import with_what_was_typed
from adapters.discord.replies import Reply, session
from bot.chat.card import Choice
from bot.chat.invocation import Answer
from bot.chat.profile import Profile
from bot.ports import Desk, SendError
from bot.tasks import Tasks

CALM = 1.0
"""Seconds for which Discord is asked about people of whom the interaction does not tell, as in direct messages."""
MANY = 10
"""More people than this in one call are not looked up."""
PROMPT = 2.0
"""Seconds that suggestions may take; Discord takes them for 3."""
LAST = 2.5
"""Seconds that calls under way are given to end when we stop."""
REMEMBERED = 10_000
"""People whose profile is remembered, so that the desk is told only of what is new."""

log = logging.getLogger(__name__)


class Knows(Protocol):
    """Knows Discord's people (see people)."""

    async def profile(self, user: str) -> Profile | None: ...

    async def of_payload(self, told: Payload, guild: str, language: str = "") -> Profile: ...


class Listeners:
    """Hands what comes in from Discord to `desk`, and the answers to their askers, until closed.

    Discord gets a first response within 2 seconds, whatever the desk and the storage do. Made in a running loop.
    `names`: how commands are called, by verb, where that differs.
    """

    def __init__(
        self,
        people: Knows,
        sends: Sends,
        texts: Texts,
        desk: Desk,
        link_base: str = "",
        answers: Answers | None = None,
        watch: aiohttp.TraceConfig | None = None,
        last: float = LAST,
        names: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._people = people
        self._names = names
        self._desk = desk
        self._answers = answers or Answers(sends, texts, link_base)
        self._last = last
        self._http = session(watch)
        self._tasks = Tasks()
        self._told: dict[str, Profile] = {}

    def hear(self, heard: Heard, verb: str = "") -> None:
        """Begin to answer an interaction, unless that has begun. `verb` is for what was begun from a message."""
        if "heard" in heard.extras:
            return
        heard.extras["heard"] = True
        reply = Reply(self._http, str(heard.id), str(heard.application_id), heard.token)
        self._tasks.start(self._heard(heard, verb, reply))

    def unreadable(self, told: object) -> None:
        """Answer an interaction in words that discord.py itself could not read."""
        names = ("id", "application_id", "token")
        event, application, token = (word(told, name) for name in names)
        if not (event and application and token) or dig(told, "type") not in (2, 3, 5):
            return
        person = dig(told, "member", "user") or dig(told, "user")
        way = Way(user=word(person, "id"), event=event, language=word(told, "locale").partition("-")[0])
        self._tasks.start(self._answers.garbled(Reply(self._http, event, application, token), way))

    def overhear(self, told: Payload, ourselves: str, parent: str) -> None:
        """Begin to pass on what was written in answer to us, if it was (see overheard)."""
        if asked := overheard.reply(told, ourselves, parent):
            self._tasks.start(self._overheard(asked, word(told, "guild_id")))

    async def suggest(self, heard: Heard) -> Sequence[Choice]:
        """What may be typed for an option, at most 25; nothing when the desk does not say so in time."""
        heard.extras["heard"] = True
        try:
            asked, option, typed = invocations.completion(heard)
            async with asyncio.timeout(PROMPT):
                asked = asked.knowing(await self._profiles(str(heard.guild_id or ""), asked), self._names)
                return (await self._desk.complete(asked.invocation, option, typed))[:25]
        except (Garbled, TimeoutError) as error:
            log.info("nothing was suggested", extra={"why": repr(error)})
            return ()

    async def close(self) -> None:
        """Let the calls under way end, for a while, and close the connections."""
        await self._tasks.finish(self._last)
        await self._http.close()

    async def _heard(self, heard: Heard, verb: str, reply: Reply) -> None:
        way = Way(user="", event=str(heard.id))
        try:
            way = invocations.way_of(heard)
            asked = invocations.read(heard, verb)
            await self._answers.bring(self._decided(heard, asked), reply, way)
        except Garbled as error:
            log.warning("discord sent something that makes no sense", extra={"why": str(error)})
            await self._answers.garbled(reply, way)
        except Exception:  # the boundary: a bug of ours must not leave its asker without an answer
            reference = secrets.token_hex(4)
            log.exception("a call from discord failed", extra={"event": way.event, "reference": reference})
            await self._answers.apologise(reference, reply, way)

    async def _overheard(self, asked: Asked, guild: str) -> None:
        try:
            profiles = await self._profiles(guild, asked)
            if asker := profiles.get(asked.way.user):
                await self._meet(asker)
            answer = await self._desk.reply(asked.knowing(profiles, self._names).invocation)
            if answer is not None:
                await self._answers.acknowledge(answer, self._spoken_to(asked.way, profiles))
        except Exception:  # the boundary: a bug of ours must not leave them without an answer
            reference = secrets.token_hex(4)
            log.exception("a reply in discord failed", extra={"event": asked.way.event, "reference": reference})
            await self._answers.regret(reference, asked.way)

    def _spoken_to(self, way: Way, profiles: Mapping[str, Profile]) -> Way:
        """The way to somebody in their language: a message does not tell it."""
        known = profiles.get(way.user)
        return replace(way, language=known.language) if known else way

    async def _decided(self, heard: Heard, asked: Asked) -> Answer | None:
        profiles = await self._profiles(str(heard.guild_id or ""), asked)
        for profile in profiles.values():
            await self._meet(profile)
        answer = await self._desk.call(asked.knowing(profiles, self._names).invocation)
        return with_what_was_typed(answer, asked.typed)

    async def _profiles(self, guild: str, asked: Asked) -> dict[str, Profile]:
        """What Discord says of the asker and of those who were chosen, as far as it says so in time."""
        found: dict[str, Profile] = {}
        asker = asked.invocation.user

        async def look_up(user: str) -> None:
            told, language = asked.members.get(user), asked.way.language if user == asker else ""
            try:
                known = await (self._people.of_payload(told, guild, language) if told else self._people.profile(user))
            except SendError as error:
                log.info("discord says nothing of somebody", extra={"user": user, "why": str(error)})
                return
            if known:
                found[user] = replace(known, language=known.language or language)

        try:
            async with asyncio.timeout(CALM):
                await asyncio.gather(*map(look_up, [asker, *asked.people[:MANY]]))
        except TimeoutError:
            log.info("discord is slow to say something of its people")
        return found

    async def _meet(self, profile: Profile) -> None:
        """Tell the desk of somebody, where that is new. Who was only chosen does not show their language."""
        known = self._told.get(profile.user)
        if known and not profile.language:
            profile = replace(profile, language=known.language)
        if known == profile:
            return
        if len(self._told) >= REMEMBERED:
            self._told.clear()
        await self._desk.meet(PLATFORM, profile)
        self._told[profile.user] = profile
