"""What the bot may do in a channel is what discord.py itself reckons, whatever roles and overwrites say."""

import random
from datetime import UTC, datetime
from typing import Any

import discord
import pytest

from adapters.discord.manifest import PERMISSIONS
from adapters.discord.rights import ALL, in_channel, in_guild, is_timed_out, lacking

GUILD, BOT, OWNER = "400000000000000001", "300000000000000001", "200000000000000003"
ROLES = [GUILD, "500000000000000001", "500000000000000002", "500000000000000003"]
MASK = discord.Permissions(**dict.fromkeys(PERMISSIONS, True)).value
ADMINISTRATOR = discord.Permissions.administrator.flag


def a_guild(*bits: int, owner: str = OWNER) -> dict[str, Any]:
    """A guild whose roles, that of everyone first, may do this."""
    roles = [
        {"id": role, "name": f"role {n}", "position": n, "permissions": str(one), "color": 0, "colors": {}}
        | {"hoist": False, "managed": False, "mentionable": False, "flags": 0}
        for n, (role, one) in enumerate(zip(ROLES, bits, strict=False))
    ]
    return {"id": GUILD, "name": "A server", "owner_id": owner, "roles": roles}


def a_member(*roles: str) -> dict[str, Any]:
    """The bot, with these roles beside that of everyone."""
    user = {"id": BOT, "username": "desk", "discriminator": "0000", "avatar": None}
    return {"user": user, "roles": list(roles), "joined_at": None, "flags": 0}


def a_channel(*overwrites: tuple[str, int, int, int]) -> dict[str, Any]:
    """A channel with overwrites: id, kind, allowed, denied."""
    told = [{"id": id, "type": kind, "allow": str(yes), "deny": str(no)} for id, kind, yes, no in overwrites]
    return {"id": "600000000000000001", "name": "support", "type": 0, "position": 0, "permission_overwrites": told}


def as_discord_py(guild: dict[str, Any], channel: dict[str, Any], member: dict[str, Any]) -> discord.Permissions:
    """What discord.py says of the same."""
    state: Any = discord.Client(intents=discord.Intents.none())._connection
    place: Any = discord.Guild(data=guild, state=state)  # type: ignore[arg-type] # as much of a guild as is asked for
    there = discord.TextChannel(state=state, guild=place, data=channel)  # type: ignore[arg-type] # likewise
    return there.permissions_for(discord.Member(data=member, guild=place, state=state))  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(300))
async def test_it_is_what_discord_py_reckons(seed: int) -> None:
    chance = random.Random(seed)
    view = discord.Permissions(view_channel=True).value

    def bits() -> int:
        return chance.getrandbits(53) & MASK

    guild = a_guild(*(bits() | (chance.random() < 0.05) * ADMINISTRATOR for _ in ROLES))
    member = a_member(*chance.sample(ROLES[1:], chance.randrange(4)))
    ids = chance.sample([*ROLES, BOT, OWNER], chance.randrange(5))
    channel = a_channel(*((id, int(id in (BOT, OWNER)), bits(), bits()) for id in ids))

    mine, theirs = in_channel(guild, channel, member), as_discord_py(guild, channel, member)
    assert bool(mine & view) == theirs.view_channel
    if theirs.view_channel:  # without it discord.py says that nothing else is allowed either
        assert mine & MASK == theirs.value & MASK


async def test_the_owner_and_administrators_may_do_everything() -> None:
    nobody_may = a_channel((GUILD, 0, 0, MASK), (BOT, 1, 0, MASK))
    assert in_channel(a_guild(0, owner=BOT), nobody_may, a_member()) == ALL
    assert in_channel(a_guild(0, ADMINISTRATOR), nobody_may, a_member(ROLES[1])) == ALL
    assert in_channel(a_guild(0, ADMINISTRATOR), nobody_may, a_member()) == 0


async def test_what_is_lacking_is_named() -> None:
    send = discord.Permissions(send_messages=True).value
    assert lacking(PERMISSIONS, MASK) == []
    assert lacking(PERMISSIONS, MASK & ~send) == ["send_messages"]
    assert lacking(PERMISSIONS, in_guild(a_guild(MASK & ~send, send), a_member(ROLES[1]))) == []


@pytest.mark.parametrize(
    ("until", "is_silenced"),
    [(None, False), ("2026-03-31T09:00:00.000000+00:00", False), ("2026-04-01T09:00:00.000000+00:00", True)],
)
async def test_a_time_out_ends(until: str | None, is_silenced: bool) -> None:
    member = {**a_member(), "communication_disabled_until": until}
    assert is_timed_out(member, datetime(2026, 3, 31, 10, tzinfo=UTC)) is is_silenced
