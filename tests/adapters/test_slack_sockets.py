"""Socket Mode: there is always a connection that hears, whatever befalls one of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

from adapters.slack.sockets import Timing
from tests.adapters.slack_office import GUARD, Office, open_office, until
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_faults import Faults

CONNECT = "apps.connections.open"


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    server = FakeSlack()
    await server.open()
    yield server
    await server.close()


@asynccontextmanager
async def watching(slack: FakeSlack) -> AsyncIterator[list[int]]:
    """How many lines Slack had at the most and at the least meanwhile: looked at in every turn of the loop."""
    counts = [len(slack.sockets.open_ones)]

    async def watch() -> None:
        while True:
            if counts[-1] != len(slack.sockets.open_ones):
                counts.append(len(slack.sockets.open_ones))
            await asyncio.sleep(0)

    task = asyncio.create_task(watch())
    try:
        yield counts
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def running(office: Office) -> AsyncIterator[None]:
    """The sockets at work, connected or not."""
    task = asyncio.create_task(office.sockets.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until_connected(slack: FakeSlack, count: int) -> None:
    """Wait until so many lines have been opened in all."""
    await until(lambda: slack.sockets.connected >= count)


async def until_left(slack: FakeSlack, count: int) -> None:
    """Wait until no more than so many lines are there, told to go or not."""
    await until(lambda: len(slack.sockets.connections) <= count)


def attempts(slack: FakeSlack) -> int:
    return sum(method == CONNECT for method, _, _ in slack.answers)


async def heard(office: Office) -> None:
    """Everything that comes now is acknowledged."""
    for _ in range(4):
        outcome = await office.slack.command("ken", "support", "/queue")
        assert (outcome.error, outcome.acked is not None) == ("", True)


async def test_both_connections_hear(slack: FakeSlack) -> None:
    async with open_office(slack, "socket") as office:
        await heard(office)
        assert (office.sockets.connected, office.sockets.trouble) == (2, "")
        assert all(line.envelopes for line in slack.sockets.connections)


async def test_as_many_connections_as_are_set(slack: FakeSlack) -> None:
    async with open_office(slack, "socket", connections=4) as office:
        await heard(office)
        assert (office.sockets.connected, attempts(slack)) == (4, 4)


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "too_many_websockets"])
async def test_while_one_is_refreshed_the_other_hears(slack: FakeSlack, reason: str) -> None:
    async with open_office(slack, "socket") as office:
        async with watching(slack) as counts:
            await slack.refresh(reason, slack.sockets.connections[0])
            await heard(office)
            await until_connected(slack, 3)
            await until_left(slack, 2)
            await heard(office)
        assert min(counts) >= 1


async def test_a_successor_hears_before_its_predecessor_goes(slack: FakeSlack) -> None:
    """Even with one connection there is never a gap, when Slack says beforehand that it will end."""
    async with open_office(slack, "socket", connections=1) as office:
        async with watching(slack) as counts:
            await slack.refresh("warning")
            await until_connected(slack, 2)
            await until_left(slack, 1)
            await heard(office)
        assert (min(counts), max(counts)) == (1, 2)


async def test_negative_control_the_librarys_own_client_leaves_a_gap(slack: FakeSlack) -> None:
    async with open_office(slack, "none") as office:
        handler = AsyncSocketModeHandler(office.listeners.app, slack.app_token, web_client=office.web.client)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        client = handler.client
        tasks = [client.message_processor, client.current_session_monitor, client.message_receiver]
        async with asyncio.timeout(GUARD):
            await slack.sockets.connected_to(1)
        async with watching(slack) as counts:
            await slack.refresh("warning")
            await until_connected(slack, 2)
        tasks += [client.current_session_monitor, client.message_receiver]
        await handler.close_async()  # type: ignore[no-untyped-call]
        await asyncio.gather(*(task for task in tasks if task), return_exceptions=True)
        assert min(counts) == 0


async def test_connections_that_drop_are_made_anew(slack: FakeSlack) -> None:
    async with open_office(slack, "socket") as office:
        slack.drop()
        await until_connected(slack, 4)
        await heard(office)
        assert office.sockets.trouble == ""


async def test_a_connection_that_is_open_but_dead_is_found_by_pings(slack: FakeSlack) -> None:
    timing = Timing(ping=0.2, patience=5.0, grace=0.1, first=0.01, longest=0.05, refused=0.05, flap=0.0)
    async with open_office(slack, "socket", timing=timing) as office:
        for line in list(slack.sockets.connections):
            slack.deafen(line)
        await until_connected(slack, 4)
        await until(lambda: len(slack.sockets.open_ones) <= 2)
        await heard(office)


async def test_quiet_connections_that_live_are_left_alone(slack: FakeSlack) -> None:
    timing = Timing(ping=0.1, patience=5.0, flap=0.0)
    async with open_office(slack, "socket", timing=timing) as office:
        await asyncio.sleep(0.5)
        assert (slack.sockets.connected, office.sockets.connected) == (2, 2)


def test_dead_connections_are_found_within_a_minute() -> None:
    timing = Timing()
    assert timing.ping * 1.5 + timing.patience <= 60


async def test_slack_out_of_reach_is_trouble_until_it_is_back(slack: FakeSlack) -> None:
    async with open_office(slack, "socket") as office:
        await slack.close()
        await until(lambda: office.sockets.trouble)
        await slack.open()
        await until_connected(slack, 4)
        await heard(office)
        assert office.sockets.trouble == ""


async def test_a_token_that_slack_refuses_is_tried_again_once_a_minute_for_all_connections(slack: FakeSlack) -> None:
    hasty = Timing(first=0.001, longest=0.001)
    assert hasty.refused >= 60
    async with open_office(slack, "none", timing=hasty, app_token="xapp-other") as office, running(office):
        await until(lambda: "invalid_auth" in office.sockets.trouble)
        await asyncio.sleep(0.2)
        assert attempts(slack) == 1


async def test_negative_control_without_that_it_is_tried_at_once(slack: FakeSlack) -> None:
    hasty = Timing(first=0.001, longest=0.001, refused=0.0)
    async with open_office(slack, "none", timing=hasty, app_token="xapp-other") as office, running(office):
        await until(lambda: attempts(slack) >= 10)


async def test_retry_after_is_obeyed(slack: FakeSlack) -> None:
    async with open_office(slack, "none") as office:
        slack.set_faults(Faults(limited=1.0, retry_after=1.0, methods=[CONNECT]))
        async with running(office):
            await until(lambda: attempts(slack))
            slack.set_faults(Faults())
            await until_connected(slack, 2)
        assert slack.impatient == 0


async def test_an_address_that_is_refused_is_not_tried_again(slack: FakeSlack) -> None:
    """Slack's addresses are good for one use; slack_sdk's own client tries a refused one for ever."""
    slack.sockets.is_disabled = True
    async with open_office(slack, "none") as office, running(office):
        await until(lambda: attempts(slack) >= 3)
        slack.sockets.is_disabled = False
        await until_connected(slack, 2)


async def test_the_same_payload_over_two_connections_bears_the_same_event(slack: FakeSlack) -> None:
    async with open_office(slack, "socket") as office:
        await slack.command("ken", "support", "/claim 7", twice=True)
        await office.desk.called(2)
        assert office.desk.calls[0].event == office.desk.calls[1].event != ""
        assert all(line.envelopes for line in slack.sockets.connections)


async def test_nothing_is_left_when_it_ends(slack: FakeSlack) -> None:
    before = asyncio.all_tasks()
    async with open_office(slack, "socket") as office:
        await slack.refresh("warning")
        await heard(office)
    await until(lambda: not asyncio.all_tasks() - before)
    assert slack.sockets.connections == []
