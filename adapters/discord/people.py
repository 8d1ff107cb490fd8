"""People as Discord knows them: names, languages, roles, and who belongs to the server."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import discord
from discord.http import Route

from adapters.discord.channels import Channels
from adapters.discord.config import DiscordConfig
from adapters.discord.errors import DiscordRefused
from adapters.discord.rest import Rest
from bot.chat.profile import Profile
from bot.ports import Clock, NotSent, SendError

FRESH = timedelta(minutes=5)
"""How long what Discord said of a person, or of a server's roles, is taken for true."""
PATIENCE = 1.0
"""Seconds that a fresh answer is waited for when an old one is at hand."""
NO_MEMBER = (10007, 10013)
NOBODY = (10013, 50035)


class People:
    """Asks Discord about people, one request for all who want the same, and remembers the answers for a while."""

    def __init__(self, rest: Rest, channels: Channels, config: DiscordConfig, clock: Clock) -> None:
        self._rest = rest
        self._channels = channels
        self._config = config
        self._clock = clock
        self._supervisors = frozenset(one.casefold() for one in config.supervisor_roles)
        self._agents = frozenset(one.casefold() for one in config.agent_roles)
        self._languages: dict[str, str] = {}
        self._roles: dict[str, tuple[datetime, Mapping[str, str]]] = {}
        self._known: dict[str, tuple[datetime, Profile | None]] = {}
        self._asking: dict[str, asyncio.Task[Profile | None]] = {}

    async def profile(self, user: str) -> Profile | None:
        """What Discord says of a person, None when it knows nobody of that id.

        When Discord cannot be asked, what it said before serves; where it said nothing, raises NotSent.
        """
        at, known = self._known.get(user, (None, None))
        if at is not None and self._clock() - at < FRESH:
            return known
        asking = self._asking.get(user) or self._ask(user)
        await asyncio.wait([asking], timeout=None if at is None else PATIENCE)
        if not asking.done():
            return known
        try:
            return asking.result()
        except asyncio.CancelledError:
            raise NotSent("The connection to Discord is being closed.") from None
        except SendError as error:
            if at is None:
                raise NotSent(str(error), getattr(error, "retry_after", None)) from error
            return known

    def of_member(self, person: discord.Member | discord.User, language: str = "") -> Profile:
        """The profile of a person as the library tells of them; a User is a member of nothing. Asks nothing."""
        self._heard(str(person.id), language)
        is_member = isinstance(person, discord.Member) and self._is_ours(str(person.guild.id))
        roles = {str(role.id): role.name for role in person.roles} if isinstance(person, discord.Member) else {}
        name = (person.nick if isinstance(person, discord.Member) else "") or person.global_name or person.name
        return self._profile(str(person.id), name, is_member and not person.bot, roles if is_member else {})

    async def of_payload(self, told: Mapping[str, Any], guild: str, language: str = "") -> Profile:
        """The profile in Discord's member object with its user, as the API tells it. Raises SendError.

        Discord is asked for the server's roles when the settings name any by name.
        """
        user = told.get("user") or {}
        if not user.get("id"):
            raise NotSent("Discord does not say who that is.")
        self._heard(str(user["id"]), language)
        is_member = self._is_ours(guild) and not user.get("bot")
        roles = await self._named(guild, map(str, told.get("roles") or ())) if is_member else {}
        return self._profile(str(user["id"]), str(told.get("nick") or _name(user)), is_member, roles)

    def forget(self, user: str) -> None:
        """Ask Discord anew when this person comes up again; an answer under way may be an old one."""
        self._known.pop(user, None)
        self._asking.pop(user, None)

    async def close(self) -> None:
        """End the requests under way."""
        asking = list(self._asking.values())
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    def _ask(self, user: str) -> asyncio.Task[Profile | None]:
        """Begin to ask; everybody who wants to know the same waits for this one request."""
        asking = asyncio.create_task(self._asked(user), name=f"discord user {user}")
        self._asking[user] = asking
        asking.add_done_callback(lambda done: done.cancelled() or done.exception())  # perhaps nobody waits any more
        return asking

    async def _asked(self, user: str) -> Profile | None:
        asking = asyncio.current_task()
        try:
            profile = await self._of_guilds(user)
        finally:
            is_wanted = self._asking.get(user) is asking
            if is_wanted:
                del self._asking[user]
        if is_wanted:
            self._known[user] = (self._clock(), profile)
        return profile

    async def _of_guilds(self, user: str) -> Profile | None:
        if not user.isdecimal():
            return None
        for guild in await self._channels.guilds():
            route = Route("GET", "/guilds/{guild_id}/members/{user_id}", guild_id=guild, user_id=user)
            if told := await self._unless(NO_MEMBER, route):
                return await self.of_payload(told, guild)
        told = await self._unless(NOBODY, Route("GET", "/users/{user_id}", user_id=user))
        return self._profile(user, _name(told), False, {}) if told else None

    async def _unless(self, codes: tuple[int, ...], route: Route) -> Mapping[str, Any] | None:
        """What Discord tells, None when it refuses for one of these reasons."""
        try:
            told = await self._rest.ask(route)
        except DiscordRefused as error:
            if error.code not in codes:
                raise
            return None
        if not isinstance(told, dict) or not told:
            raise NotSent("Discord does not say who that is.")
        return told

    async def _named(self, guild: str, ids: Iterable[str]) -> Mapping[str, str]:
        """Names of roles by their ids; the names are left empty where the settings name none."""
        if all(one.isdecimal() for one in self._agents | self._supervisors):
            return dict.fromkeys(ids, "")
        at, names = self._roles.get(guild, (None, {}))
        if at is None or self._clock() - at >= FRESH:
            told = await self._rest.ask(Route("GET", "/guilds/{guild_id}/roles", guild_id=guild))
            names = {str(role["id"]): str(role["name"]) for role in told or ()}
            self._roles[guild] = (self._clock(), names)
        return {one: names.get(one, "") for one in ids}

    def _profile(self, user: str, name: str, is_member: bool, roles: Mapping[str, str]) -> Profile:
        return Profile(
            user=user,
            name=name,
            language=self._languages.get(user, ""),
            is_member=is_member,
            role=self._role(roles) if self._config.says_roles else "",
        )

    def _role(self, roles: Mapping[str, str]) -> str:
        """What the settings make of somebody with these roles."""
        held = {*roles, *(name.casefold() for name in roles.values())}
        return "supervisor" if held & self._supervisors else "agent" if held & self._agents else "none"

    def _heard(self, user: str, language: str) -> None:
        """Remember the language that somebody's Discord speaks: only what they do tells it."""
        if language:
            self._languages[user] = language.partition("-")[0]

    def _is_ours(self, guild: str) -> bool:
        return guild == self._config.guild or not self._config.guild


def _name(user: Mapping[str, Any]) -> str:
    return str(user.get("global_name") or user.get("username") or user["id"])
