"""Tries a Discord server step by step, for the doctor: token, application, server, channels, roles and people."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from discord.http import Route

from adapters.discord import findings
from adapters.discord.channels import Channels
from adapters.discord.config import DiscordConfig
from adapters.discord.errors import DiscordRefused, TokenRefused
from adapters.discord.findings import Server, Trouble
from adapters.discord.manifest import invite_url
from adapters.discord.people import People
from adapters.discord.rest import Rest
from bot.ports import NotSent, Refused, SendError

LONGEST_WAIT = 60.0
"""Seconds that Discord may ask us to slow down; when it asks for more, the check ends there."""
ATTEMPTS = 5
NOT_IN_IT = (10004, 50001)

TOKEN = "Set DISCORD__TOKEN to the bot's token; in the Developer Portal: your application, Bot, Reset Token."  # noqa: S105
USER_ID = "In Discord: Developer Mode on, right-click the person, Copy User ID. Write it as discord:120000000000000002."

ResultT = TypeVar("ResultT")


async def check(config: DiscordConfig, channels: Sequence[str] = (), people: Sequence[str] = ()) -> list[Trouble]:
    """What is wrong; empty when all is well. Takes what stands in settings: channels by name or id, people by id.

    Asks who the token belongs to, and looks at the application, the server, and each channel, role and person. Changes
    nothing, and connects to no gateway.
    """
    rest = Rest(config)
    troubles: list[Trouble] = []
    await rest.open()
    try:
        await _patient(rest.identify)
        application = await _ask(rest, "/applications/@me")
        troubles += findings.of_application(application)
        troubles += findings.of_connections(await _ask(rest, "/gateway/bot"))
        servers = await _servers(rest, config)
        if servers:
            troubles += _in_servers(servers, config, channels, str(application["id"]))
            roll = People(rest, Channels(rest, config), config, lambda: datetime.now(UTC))
            for user in dict.fromkeys(people):
                troubles += await _person(roll, user)
        else:
            troubles.append(findings.of_absence(application, config.guild))
    except TokenRefused as error:
        troubles.append(Trouble("discord", str(error), TOKEN))
    except Refused as error:
        troubles.append(Trouble("discord", str(error), "Mend that, then ask the doctor again."))
    except SendError as error:
        remedy = "Check the network, or wait a moment; then ask the doctor again."
        troubles.append(Trouble("discord", str(error), remedy))
    finally:
        await rest.close()
    return troubles


async def _servers(rest: Rest, config: DiscordConfig) -> list[Server]:
    """The servers that count, as far as the bot is in them."""
    found = []
    for guild in await _patient(Channels(rest, config).guilds):
        try:
            told = await _ask(rest, "/guilds/{guild_id}", guild_id=guild)
        except DiscordRefused as error:
            if error.code in NOT_IN_IT:
                continue
            raise
        channels = await _ask(rest, "/guilds/{guild_id}/channels", guild_id=guild)
        path = "/guilds/{guild_id}/members/{user_id}"
        found.append(Server(told, channels, await _ask(rest, path, guild_id=guild, user_id=rest.identity.user_id)))
    return found


def _in_servers(servers: list[Server], config: DiscordConfig, channels: Sequence[str], id: str) -> list[Trouble]:
    invite = invite_url(id, config.guild)
    troubles = [one for server in servers for one in findings.of_time_out(server, datetime.now(UTC))]
    for channel in channels:
        troubles += findings.of_channel(servers, channel, invite)
    if not channels:
        troubles += [one for server in servers for one in findings.of_rights(server, invite)]
    troubles += findings.of_roles(servers, config.agent_roles, config.supervisor_roles)
    return list(dict.fromkeys(troubles))


async def _person(roll: People, user: str) -> list[Trouble]:
    part = f"discord:{user}"
    profile = await _patient(lambda: roll.profile(user))
    if profile is None:
        return [Trouble(part, "Discord knows nobody with this user ID", USER_ID)]
    if not profile.is_member:
        found = f"{profile.name} is a bot, or not in the server, and cannot be of the team"
        return [Trouble(part, found, f"Invite them to the server, or take {part} out of AGENTS and SUPERVISORS.")]
    return []


async def _ask(rest: Rest, path: str, **ids: str) -> Any:
    return await _patient(lambda: rest.ask(Route("GET", path, **ids)))


async def _patient(call: Callable[[], Awaitable[ResultT]]) -> ResultT:
    """What the call answers, after the rests that Discord asks for. Raises SendError."""
    for _ in range(ATTEMPTS - 1):
        try:
            return await call()
        except NotSent as error:
            if error.retry_after is None or error.retry_after > LONGEST_WAIT:
                raise
            await asyncio.sleep(error.retry_after)
    return await call()
