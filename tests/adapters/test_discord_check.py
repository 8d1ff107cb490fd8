"""The doctor's look at Discord: each thing that is wrong is found, by name and with its remedy; nothing else is."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.discord.check import check
from adapters.discord.config import DiscordConfig
from adapters.discord.findings import Server, Trouble, of_absence, of_application, of_connections, of_time_out
from adapters.discord.manifest import PERMISSIONS, invite_url, label, permissions
from tests.fakes.discord import GUILD, FakeDiscord, Faults
from tests.fakes.discord_people import (
    AGENTS,
    ALIEN,
    APP,
    BOT_ROLE,
    EMMA,
    EVERYONE,
    HANA,
    IDEAS,
    KEN,
    RETURNS,
    ROBOT,
    SUPERVISORS,
    SUPPORT,
    DiscordRole,
)
from tests.support.clock import MORNING

MANAGE_ROLES = 1 << 28
READ_ONLY = ("me", "application", "gateway_bot", "get_guilds", "get_guild", "get_channels", "get_roles", "get_member")


@pytest.fixture
async def discord() -> AsyncIterator[FakeDiscord]:
    server = FakeDiscord()
    await server.open()
    yield server
    await server.close()


def config(discord: FakeDiscord, **more: object) -> DiscordConfig:
    """What an operator has set, with which all is well."""
    fine = DiscordConfig(
        discord.token, GUILD, ("Agents",), (SUPERVISORS,), discord.api_url, discord.gateway_url, timeout=5, token_rest=0
    )
    return replace(fine, **more)  # type: ignore[arg-type] # the tests name fields that there are


def the(troubles: list[Trouble]) -> Trouble:
    """The only one."""
    (trouble,) = troubles
    return trouble


@pytest.mark.parametrize("guild", [GUILD, ""], ids=["one server", "every server"])
async def test_all_is_well(discord: FakeDiscord, guild: str) -> None:
    people = (HANA, KEN, EMMA)
    assert await check(config(discord, guild=guild), ("support", RETURNS, "Team"), people) == []
    assert {method for method, *_ in discord.answers} <= {*READ_ONLY}
    assert discord.gateway.connected == 0


async def test_the_permissions_of_the_invitation_are_enough(discord: FakeDiscord) -> None:
    discord.world.roles[EVERYONE].permissions = 0
    discord.world.roles[BOT_ROLE].permissions = permissions().value
    assert await check(config(discord), ("support",), (HANA,)) == []


# --- token and network --------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_revoked", [True, False], ids=["revoked", "of another bot"])
async def test_a_token_that_discord_does_not_take(discord: FakeDiscord, is_revoked: bool) -> None:
    discord.set_faults(Faults(revoked=is_revoked))
    token = discord.token if is_revoked else "a-token-of-another-bot"
    trouble = the(await check(config(discord, token=token), ("support",), (HANA,)))
    assert (trouble.part, "401" in trouble.found) == ("discord", True)
    assert "DISCORD__TOKEN" in trouble.remedy
    assert token not in str(trouble)


async def test_discord_that_cannot_be_reached(discord: FakeDiscord) -> None:
    await discord.close()
    trouble = the(await check(config(discord), ("support",)))
    assert "cannot be reached" in trouble.found
    assert "network" in trouble.remedy


async def test_when_discord_asks_to_slow_down_the_check_waits_and_goes_on(discord: FakeDiscord) -> None:
    discord.set_faults(
        Faults(limited=0.3, retry_after=0.01, seed=3, methods=["get_guild", "get_channels", "get_member"])
    )
    discord.deny("support", "send_messages")
    assert the(await check(config(discord), ("support",), (HANA, KEN, EMMA))).part == "discord:support"
    assert "429" in {said for *_, said in discord.answers}
    assert discord.impatient == 0


async def test_when_discord_breaks_off_what_was_found_before_is_told_too(discord: FakeDiscord) -> None:
    discord.deny("support", "send_messages")
    discord.set_faults(Faults(broken=1.0, methods=["get_user"]))
    channel, people = await check(config(discord), ("support",), (ALIEN,))
    assert (channel.part, people.part) == ("discord:support", "discord")
    assert "503" in people.found


# --- application and server ---------------------------------------------------------------------------------


@pytest.mark.parametrize("guild", [GUILD, "400000000000000009", ""], ids=["thrown out", "another", "none at all"])
async def test_a_server_that_the_bot_is_not_in(discord: FakeDiscord, guild: str) -> None:
    if guild != "400000000000000009":
        discord.kick_bot()
    trouble = the(await check(config(discord, guild=guild), ("support",), (HANA,)))
    assert (
        trouble.found
        == f"the bot is not in {f'the server {guild}, which DISCORD__GUILD names' if guild else 'any server'}"
    )
    assert trouble.remedy == f"Open the invite link: {invite_url(APP, guild)}"


def test_a_switch_that_keeps_the_link_from_working_is_named_with_it() -> None:
    remedy = of_absence({"id": APP, "bot_require_code_grant": True}, GUILD).remedy
    assert "Requires OAuth2 Code Grant off" in remedy
    assert invite_url(APP, GUILD) in remedy


def test_an_address_to_which_everything_goes_instead() -> None:
    elsewhere = {"id": APP, "interactions_endpoint_url": "https://old.example.com/discord"}
    trouble = the(list(of_application(elsewhere)))
    assert "go to https://old.example.com/discord" in trouble.found
    assert f"applications/{APP}/information" in trouble.remedy
    assert list(of_application({"id": APP, "interactions_endpoint_url": None})) == []


async def test_connections_that_are_used_up(discord: FakeDiscord) -> None:
    discord.gateway.most_identifies = 0
    trouble = the(await check(config(discord)))
    assert "may not do so again" in trouble.found
    assert "24 hours" in trouble.remedy
    assert list(of_connections({})) == []


@pytest.mark.parametrize(("minutes", "count"), [(1, 1), (-1, 0)], ids=["still", "no more"])
def test_a_bot_in_time_out(minutes: int, count: int) -> None:
    until = (MORNING + timedelta(minutes=minutes)).isoformat()
    server = Server({"id": GUILD, "name": "Sample Team"}, (), {"communication_disabled_until": until})
    troubles = list(of_time_out(server, MORNING))
    assert [one.found for one in troubles] == ["the bot is in time-out in Sample Team, and can write nothing"] * count


# --- permissions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PERMISSIONS)
async def test_a_permission_that_a_channel_takes_is_named(discord: FakeDiscord, name: str) -> None:
    discord.deny("support", name)
    trouble = the(await check(config(discord), ("support", "team"), (HANA,)))
    assert trouble.part == "discord:support"
    assert trouble.found == f"the bot lacks the permission {label(name)} in #support: {PERMISSIONS[name]}"
    assert trouble.remedy == f"In Discord: Edit Channel of #support, Permissions, add desk, and allow {label(name)}."
    discord.allow("support", name)
    assert await check(config(discord), ("support", "team"), (HANA,)) == []


@pytest.mark.parametrize("channels", [(), ("support",), ("support", "team")], ids=len)
@pytest.mark.parametrize("name", PERMISSIONS)
async def test_a_permission_that_the_bot_has_nowhere_is_named_once(
    discord: FakeDiscord, name: str, channels: tuple[str, ...]
) -> None:
    discord.set_faults(Faults(missing=[name]))
    trouble = the(await check(config(discord), channels, (HANA,)))
    assert (trouble.part, trouble.found) == (
        "discord",
        f"the bot lacks the permission {label(name)}: {PERMISSIONS[name]}",
    )
    assert invite_url(APP, GUILD) in trouble.remedy


async def test_every_missing_permission_is_named(discord: FakeDiscord) -> None:
    discord.deny("support", *PERMISSIONS)
    troubles = await check(config(discord), ("support",), (HANA,))
    assert [label(name) in one.found for name, one in zip(PERMISSIONS, troubles, strict=True)] == [True] * len(
        PERMISSIONS
    )


# --- channels -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["nowhere", "600000000000000009"])
async def test_a_channel_that_is_not_there(discord: FakeDiscord, channel: str) -> None:
    trouble = the(await check(config(discord), (channel, "support")))
    assert (trouble.part, trouble.found) == (f"discord:{channel}", "there is no such channel where the bot is")
    assert "QUEUE_CHANNELS" in trouble.remedy


@pytest.mark.parametrize("channel", ["ideas", IDEAS])
async def test_a_forum_is_refused_with_the_reason(discord: FakeDiscord, channel: str) -> None:
    trouble = the(await check(config(discord), (channel,)))
    assert trouble.found.startswith("#ideas is a forum: ")
    assert "stand twice" in trouble.found
    assert "text channel" in trouble.remedy


@pytest.mark.parametrize(
    ("kind", "told"), [(2, "voice channel"), (4, "category"), (13, "stage"), (16, "media channel"), (5, "")]
)
async def test_other_kinds_of_channels(discord: FakeDiscord, kind: int, told: str) -> None:
    discord.world.channels[SUPPORT].kind = kind
    assert [f"#support is a {told}" in one.found for one in await check(config(discord), (SUPPORT,))] == [True] * bool(
        told
    )


async def test_two_channels_of_one_name(discord: FakeDiscord) -> None:
    other = discord.add_channel("support")
    trouble = the(await check(config(discord), ("support", SUPPORT)))
    assert (trouble.part, trouble.found) == ("discord:support", "2 channels are called so")
    assert trouble.remedy == f"Write in QUEUE_CHANNELS which one: discord:{SUPPORT} or discord:{other.id}."


async def test_each_channel_is_looked_at_once(discord: FakeDiscord) -> None:
    discord.deny("support", "send_messages")
    assert len(await check(config(discord), (SUPPORT, SUPPORT))) == 1


# --- roles --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["Nobodies", "500000000000000009"])
async def test_a_role_that_is_not_there(discord: FakeDiscord, role: str) -> None:
    trouble = the(await check(config(discord, agent_roles=("agents", role))))
    assert (trouble.part, trouble.found) == ("DISCORD__AGENT_ROLES", f"there is no role {role} where the bot is")
    assert "Copy Role ID" in trouble.remedy


@pytest.mark.parametrize(
    ("role", "told"),
    [(BOT_ROLE, "belongs to a bot"), ("desk", "belongs to a bot"), (EVERYONE, "everybody in the server")],
)
async def test_a_role_that_cannot_be_meant(discord: FakeDiscord, role: str, told: str) -> None:
    trouble = the(await check(config(discord, agent_roles=(), supervisor_roles=(role,))))
    assert trouble.part == "DISCORD__SUPERVISOR_ROLES"
    assert told in trouble.found


async def test_two_roles_of_one_name(discord: FakeDiscord) -> None:
    discord.world.roles["500000000000000009"] = DiscordRole("500000000000000009", "agents", 0)
    trouble = the(await check(config(discord)))
    assert trouble.found == "2 roles are called Agents"
    assert AGENTS in trouble.remedy
    assert await check(config(discord, agent_roles=(AGENTS,))) == []


@pytest.mark.parametrize(("position", "count"), [(1, 0), (5, 1)], ids=["below", "above"])
async def test_agents_who_could_make_themselves_supervisors(discord: FakeDiscord, position: int, count: int) -> None:
    role = discord.world.roles[AGENTS]
    role.position = position
    assert await check(config(discord)) == []
    role.permissions |= MANAGE_ROLES
    troubles = await check(config(discord))
    assert [one.part for one in troubles] == ["DISCORD__SUPERVISOR_ROLES"] * count
    assert all("drag Supervisors above Agents" in one.remedy for one in troubles)


# --- people -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("user", ["200000000000000099", "hana"])
async def test_somebody_whom_discord_does_not_know(discord: FakeDiscord, user: str) -> None:
    trouble = the(await check(config(discord), (), (user, EMMA)))
    assert (trouble.part, trouble.found) == (f"discord:{user}", "Discord knows nobody with this user ID")
    assert "Copy User ID" in trouble.remedy


@pytest.mark.parametrize("user", [ROBOT, ALIEN])
async def test_somebody_who_cannot_be_of_the_team(discord: FakeDiscord, user: str) -> None:
    trouble = the(await check(config(discord), (), (user,)))
    assert "cannot be of the team" in trouble.found
    assert f"take discord:{user} out of AGENTS and SUPERVISORS" in trouble.remedy
