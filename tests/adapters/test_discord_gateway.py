"""The gateway: whatever befalls a connection, another one hears soon, and only one replica holds it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace

import discord as library
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.discord.config import DiscordConfig
from adapters.discord.gateway import FATAL, Gateway, Timing
from adapters.discord.manifest import intents
from adapters.discord.rest import addressed
from bot.ports import StoreDown
from tests.adapters.discord_office import GUARD, SWIFT, Counter, FreeLease, Office, config_of, open_office, until
from tests.fakes.discord import FakeDiscord, Faults
from tests.fakes.discord_lines import MALFORMED

NEVER = replace(SWIFT, first=60.0, longest=60.0, fatal=60.0, tired=60.0)
"""A gateway that makes one attempt."""


@pytest.fixture
async def discord() -> AsyncIterator[FakeDiscord]:
    server = FakeDiscord()
    server.gateway.interval = 0.05
    await server.open()
    yield server
    await server.close()


@pytest.fixture
async def office(discord: FakeDiscord) -> AsyncIterator[Office]:
    async with open_office(discord) as opened:
        yield opened


async def hears(office: Office) -> bool:
    """Whether what somebody types reaches the desk, told once."""
    before = len(office.desk.calls)
    outcome = await office.discord.command("ken", "support", "/queue")
    return outcome.error == "" and len(office.desk.calls) == before + 1


class Bare(library.Client):
    """discord.py alone, for the negative controls."""

    def __init__(self, config: DiscordConfig) -> None:
        addressed(config)
        super().__init__(intents=intents())
        self.heard: list[int] = []

    async def on_interaction(self, heard: library.Interaction) -> None:
        self.heard.append(heard.id)


# --- connecting -----------------------------------------------------------------------------------------------


async def test_it_asks_for_no_privileged_intent(discord: FakeDiscord) -> None:
    async with open_office(discord) as office:
        assert discord.gateway.intents == [1 | 1 << 9]
        assert (office.gateway.connected, office.gateway.trouble, office.identifies.count) == (True, "", 1)
        assert await hears(office)


async def test_a_first_connection_that_fails_is_tried_again(discord: FakeDiscord) -> None:
    discord.set_faults(Faults(refuse_sockets=True))
    async with open_office(discord, connects=False) as office, office.running():
        await until(lambda: "not connected (" in office.gateway.trouble and "yet" not in office.gateway.trouble)
        assert office.identifies.count == 0
        discord.set_faults(Faults())
        await until(lambda: office.gateway.connected and discord.commands())
        assert await hears(office)


async def test_discord_py_alone_ends_at_a_first_connection_that_fails(discord: FakeDiscord) -> None:
    """The negative control."""
    discord.set_faults(Faults(refuse_sockets=True))
    async with Bare(config_of(discord)) as client:
        with pytest.raises(AttributeError):
            await client.start(discord.token)


async def test_a_discord_that_is_down_is_found_when_it_is_back(discord: FakeDiscord) -> None:
    async with open_office(discord) as office:
        await discord.close()
        await until(lambda: not office.gateway.connected)
        await discord.open()
        await until(lambda: office.gateway.connected)
        assert await hears(office)


# --- connections that end ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "identifies", "resumes"),
    [("reconnect", 1, 1), ("resumable_session", 1, 1), ("invalid_session", 2, 0)],
)
async def test_a_line_is_made_anew_when_discord_wants_it(
    office: Office, reason: str, identifies: int, resumes: int
) -> None:
    gateway = office.discord.gateway
    await office.discord.refresh(reason)
    await until(lambda: (gateway.identifies, gateway.resumes) == (identifies, resumes) and office.gateway.connected)
    assert await hears(office)
    assert office.identifies.count == identifies


async def test_a_line_that_is_cut_is_resumed_and_nothing_is_lost(office: Office) -> None:
    office.discord.drop()
    asking = asyncio.create_task(office.discord.command("ken", "support", "/queue"))
    assert (await asking).error == ""
    assert (office.discord.gateway.identifies, office.discord.gateway.resumes) == (1, 1)
    assert office.identifies.count == 1


async def test_a_session_that_is_lost_meanwhile_is_begun_anew(office: Office) -> None:
    office.discord.forget()
    office.discord.drop()
    await until(lambda: office.discord.gateway.identifies == 2 and office.gateway.connected)
    assert await hears(office)


@pytest.mark.parametrize("code", [1000, 1001, 4000, 4007, 4008, 4009])
async def test_a_close_that_is_no_refusal_is_got_over(office: Office, code: int) -> None:
    await office.discord.hang_up(code)
    await until(lambda: office.gateway.connected and office.discord.gateway.open_ones)
    assert await hears(office)


async def test_a_line_that_breaks_again_and_again_is_given_a_rest(discord: FakeDiscord) -> None:
    timing = replace(NEVER, breaks=3, within=60.0)
    async with open_office(discord, timing=timing) as office:
        discord.set_faults(Faults(dropped=1.0))
        discord.drop()
        await until(lambda: "again and again" in office.gateway.trouble)
        count = discord.gateway.connected
        assert count <= 2 + timing.breaks
        discord.set_faults(Faults())
        assert discord.gateway.open_ones == []


# --- dead connections -------------------------------------------------------------------------------------------


def test_a_dead_line_is_found_within_a_minute() -> None:
    """Above Discord's heartbeat, so that a line is never taken for dead that only waits for the next one."""
    timing = Timing()
    assert 41.25 < timing.silence < timing.silence * 1.1 <= 60.0


async def test_a_black_hole_is_found_and_the_session_resumed(discord: FakeDiscord) -> None:
    async with open_office(discord, timing=replace(SWIFT, silence=0.5)) as office:
        discord.deafen()
        await until(lambda: discord.gateway.resumes == 1 and office.gateway.connected)
        assert await hears(office)
        assert discord.gateway.identifies == 1


async def test_a_line_that_tells_and_does_not_hear_is_dead_too(discord: FakeDiscord) -> None:
    async with open_office(discord, timing=replace(SWIFT, silence=0.5)) as office:
        discord.faults.unacked = True
        await events_until(discord, lambda: discord.gateway.resumes)
        discord.faults.unacked = False
        await until(lambda: office.gateway.connected)
        assert await hears(office)


async def test_without_our_watch_such_a_line_lives_on(discord: FakeDiscord) -> None:
    """The negative control: discord.py takes whatever sends events for alive."""
    async with open_office(discord, timing=replace(SWIFT, silence=60.0)):
        discord.faults.unacked = True
        (line,) = discord.gateway.open_ones
        beats = line.heartbeats
        await events_until(discord, lambda: line.heartbeats > beats + 20)
        assert discord.gateway.resumes == 0


async def test_a_quiet_line_is_not_taken_for_dead(discord: FakeDiscord) -> None:
    async with open_office(discord, timing=replace(SWIFT, silence=0.5)):
        (line,) = discord.gateway.open_ones
        await until(lambda: line.heartbeats > 20)
        assert (discord.gateway.resumes, discord.gateway.connected) == (0, 1)


async def test_a_gateway_that_says_nothing_is_given_up(discord: FakeDiscord) -> None:
    """It takes the connection, and that is all: discord.py would wait for a minute."""
    came: list[web.WebSocketResponse] = []

    async def silent(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(timeout=0.1)
        await socket.prepare(request)
        came.append(socket)
        async for _ in socket:
            pass
        return socket

    app = web.Application()
    app.add_routes([web.get("/", silent)])
    async with TestServer(app) as server:
        elsewhere = str(server.make_url("/").with_scheme("ws"))
        timing = replace(SWIFT, patience=0.1, farewell=0.1)
        elsewhere_office = open_office(discord, connects=False, timing=timing, gateway_url=elsewhere)
        async with elsewhere_office as office, office.running():
            await until(lambda: len(came) > 2)
            assert "does not let us in" in office.gateway.trouble
    addressed(config_of(discord))


async def events_until(discord: FakeDiscord, what: object) -> None:
    """Let events go over the line until it is so."""
    assert callable(what)
    async with asyncio.timeout(GUARD):
        while not what():
            discord.mangle("strange_event")
            await asyncio.sleep(0.01)


# --- refusals ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(FATAL))
async def test_a_refusal_is_told_with_what_to_do_and_not_tried_often(discord: FakeDiscord, code: int) -> None:
    discord.set_faults(Faults(close_code=code))
    async with open_office(discord, connects=False, timing=replace(SWIFT, fatal=60.0)) as office, office.running():
        await until(lambda: str(code) in office.gateway.trouble)
        assert FATAL[code] in office.gateway.trouble
        assert discord.gateway.identifies == 1


async def test_a_refusal_is_tried_again_once_a_minute() -> None:
    assert Timing().fatal >= 60.0


@pytest.mark.parametrize("faults", [Faults(close_code=4004), Faults(close_code=4014), Faults(revoked=True)])
async def test_what_was_refused_works_once_it_is_mended(discord: FakeDiscord, faults: Faults) -> None:
    discord.set_faults(faults)
    async with open_office(discord, connects=False, token_rest=0.01) as office, office.running():
        await until(lambda: "Developer Portal" in office.gateway.trouble)
        discord.set_faults(Faults())
        await until(lambda: office.gateway.connected)
        assert office.gateway.trouble == ""


async def test_a_refused_token_is_shown_nowhere(discord: FakeDiscord, caplog: pytest.LogCaptureFixture) -> None:
    discord.set_faults(Faults(revoked=True))
    with caplog.at_level(logging.DEBUG, logger="adapters"):
        async with open_office(discord, connects=False) as office, office.running():
            await until(lambda: "token" in office.gateway.trouble)
            assert discord.token not in office.gateway.trouble
    assert discord.token not in caplog.text


async def test_discord_is_not_told_too_often_who_we_are(discord: FakeDiscord, caplog: pytest.LogCaptureFixture) -> None:
    """After a thousand times in a day it resets the token."""
    told = Counter(Timing().identifies)
    with caplog.at_level(logging.CRITICAL):
        async with open_office(discord, connects=False, timing=NEVER, identifies=told) as office, office.running():
            await until(lambda: "introductions" in office.gateway.trouble)
            assert (discord.gateway.identifies, discord.gateway.connected) == (0, 1)
    assert [one.levelname for one in caplog.records if one.name == "adapters.discord.gateway"] == ["CRITICAL"]


async def test_a_crash_loop_stays_below_the_cap(discord: FakeDiscord) -> None:
    told = Counter()
    timing = replace(SWIFT, identifies=5, tired=60.0)
    discord.set_faults(Faults(close_code=4009))
    async with open_office(discord, connects=False, timing=timing, identifies=told) as office, office.running():
        await until(lambda: "introductions" in office.gateway.trouble)
        assert discord.gateway.identifies == 5


async def test_a_storage_that_is_down_keeps_us_from_telling_who_we_are(discord: FakeDiscord) -> None:
    class Down(Counter):
        async def note(self) -> int:
            if self.count < 0:
                self.count += 1
                raise StoreDown("no connection")
            return await super().note()

    async with open_office(discord, connects=False, identifies=Down(-2)) as office, office.running():
        await until(lambda: office.gateway.connected)
        assert discord.gateway.identifies == 1


# --- events that make no sense ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(MALFORMED))
async def test_what_makes_no_sense_does_not_end_the_hearing(office: Office, kind: str) -> None:
    office.discord.patience = 0.2
    for _ in range(3):
        office.discord.mangle(kind)
    await office.discord.command("ken", "support", "/queue")
    await until(lambda: office.gateway.connected and office.discord.gateway.open_ones)
    office.discord.patience = 3.0
    assert await hears(office)


@pytest.mark.parametrize("kind", ["no_data", "half"])
async def test_an_event_that_cannot_be_read_costs_no_session(office: Office, kind: str) -> None:
    office.discord.mangle(kind)
    assert await hears(office)
    assert (office.discord.gateway.identifies, office.discord.gateway.connected) == (1, 1)


async def test_discord_py_alone_ends_at_an_event_that_it_cannot_read(discord: FakeDiscord) -> None:
    """The negative control."""
    async with Bare(config_of(discord)) as client:
        running = asyncio.create_task(client.start(discord.token))
        await until(lambda: discord.gateway.open_ones)
        discord.mangle("half")
        await asyncio.wait([running], timeout=GUARD)
        assert isinstance(running.exception(), KeyError)


# --- replicas ---------------------------------------------------------------------------------------------------


class SharedLease:
    """One replica's side of a lease that another may hold."""

    def __init__(self, held: dict[str, object]) -> None:
        self._held = held

    async def hold(self, name: str) -> bool:
        return self._held.setdefault(name, self) is self

    async def release(self, name: str) -> None:
        if self._held.get(name) is self:
            del self._held[name]


async def test_one_of_two_replicas_hears_and_the_other_takes_over(discord: FakeDiscord) -> None:
    held: dict[str, object] = {}
    mine, others = SharedLease(held), SharedLease(held)
    async with (
        open_office(discord, lease=mine) as first,
        open_office(discord, lease=others, connects=False) as second,
        second.running(),
    ):
        await until(lambda: second.gateway.is_anothers)
        assert (second.gateway.connected, second.gateway.trouble) == (False, "")
        assert await hears(first)
        held["discord"] = others  # the database has freed what it took for dead, and the other one was there at once
        await until(lambda: second.gateway.connected and not first.gateway.connected)
        await until(lambda: len(discord.gateway.open_ones) == 1)
        assert await hears(second)
        assert len(first.desk.calls) == 1


async def test_a_replica_that_stops_lets_the_other_take_over(discord: FakeDiscord) -> None:
    held: dict[str, object] = {}
    async with open_office(discord, lease=SharedLease(held), connects=False) as second:
        async with open_office(discord, lease=SharedLease(held)):
            running = asyncio.create_task(second.gateway.run())
            await until(lambda: second.gateway.is_anothers)
        await until(lambda: second.gateway.connected)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert held == {}


async def test_a_replica_that_cannot_connect_leaves_it_to_another(discord: FakeDiscord) -> None:
    held: dict[str, object] = {}
    elsewhere = "ws://127.0.0.1:1/gateway"
    async with open_office(discord, lease=SharedLease(held), connects=False, timing=NEVER) as first:
        addressed(config_of(discord, gateway_url=elsewhere))
        async with first.running():
            await until(lambda: "not connected (" in first.gateway.trouble and "yet" not in first.gateway.trouble)
            await until(lambda: not held)
        addressed(config_of(discord))


async def test_a_lease_that_is_lost_ends_the_connection(discord: FakeDiscord) -> None:
    lease = FreeLease()
    async with open_office(discord, lease=lease) as office:
        lease.taken = True
        await until(lambda: not discord.gateway.open_ones)
        assert not office.gateway.connected
        lease.taken = False
        await until(lambda: office.gateway.connected)
        assert await hears(office)


async def test_a_lease_whose_storage_is_down_counts_as_lost(discord: FakeDiscord) -> None:
    class Down(FreeLease):
        async def hold(self, name: str) -> bool:
            if self.taken:
                raise StoreDown("no connection")
            return True

    lease = Down()
    async with open_office(discord, lease=lease) as office:
        lease.taken = True
        await until(lambda: not discord.gateway.open_ones)
        lease.taken = False
        await until(lambda: office.gateway.connected)


def test_another_replica_takes_over_within_half_a_minute() -> None:
    """The server frees the lease of a machine that vanished after 15 seconds; it is looked for each half beat."""
    assert 15.0 + Timing().beat / 2 + Timing().first <= 30.0


# --- stopping ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_dead", [False, True])
async def test_it_stops_within_three_seconds(discord: FakeDiscord, is_dead: bool) -> None:
    """A dead line says no farewell, and discord.py would wait for it for half a minute."""
    async with open_office(discord, connects=False) as office:
        async with office.running() as task:
            await until(lambda: office.gateway.connected)
            if is_dead:
                discord.deafen()
            task.cancel()
            async with asyncio.timeout(3.0):
                await asyncio.wait([task])
        assert task.cancelled()


async def test_it_stops_while_it_waits(discord: FakeDiscord) -> None:
    discord.set_faults(Faults(refuse_sockets=True))
    async with open_office(discord, connects=False, timing=NEVER) as office, office.running() as task:
        await until(lambda: "yet" not in office.gateway.trouble)
        task.cancel()
        async with asyncio.timeout(3.0):
            await asyncio.wait([task])
    assert isinstance(office.gateway, Gateway)
