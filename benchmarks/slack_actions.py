"""Actions from Slack: how many a second beside bare bolt, and how soon each is answered while the database stalls."""

import asyncio
import gc
import json
import re
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter
from urllib.parse import urlencode

from aiohttp import web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.streams import StreamReader
from aiohttp.test_utils import make_mocked_request
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult

from adapters.operations.metrics import Metrics
from adapters.slack.config import SlackConfig
from adapters.slack.listeners import Listeners
from adapters.slack.people import People
from adapters.slack.web import Web
from benchmarks.counting import Counting
from benchmarks.databases import databases
from benchmarks.table import Figure, percentile, plain, ratio, show
from bot.chat.invocation import call
from bot.dispatch import Dispatch
from bot.domain.agent import Role
from bot.domain.inquiry import Inquiry
from bot.ports import Handle, Place
from bot.translator import Translator
from commands import COMMANDS
from storage.database import Database
from tests.builders import a_message, a_queue, opened
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack import BOT_TOKEN, SIGNING_SECRET, FakeSlack
from tests.fakes.slack_acts import Outcome
from tests.fakes.slack_people import BOT, BOT_USER, TEAM
from tests.journeys.slack_desk import SlackDesk, hire

ACTIONS = 500
AT_ONCE = 50
ROUNDS = 7
GOAL = 0.75
STALLS, STALL, A_SECOND, PEOPLE = 4, 5, 50, 10
SOON = 1000
"""Milliseconds within which 999 of 1,000 clicks are to be acknowledged."""
PATH = "/slack/events"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
COMPARED = (
    "The same signed HTTP requests, taken in without a socket: signature, parsing, bolt, answer; "
    "ours is done when the call has been carried out, in the background."
)

Receive = Callable[[web.Request], Awaitable[web.StreamResponse]]


def main() -> None:
    """Run on SQLite and print a table for each question."""
    with databases() as urls:
        show(f"Actions from Slack, {AT_ONCE} at once", asyncio.run(_rates(urls["SQLite"])), [COMPARED])
        title = f"Acknowledged, {A_SECOND} clicks a second, the database stalled for {STALL} s at a time, Socket Mode"
        show(title, asyncio.run(_acks(urls["SQLite"])))


@dataclass
class Contender:
    """Takes requests in; `desk` is where they end up, if it has one."""

    receive: Receive
    desk: Counting | None = None


async def _rates(url: str) -> list[Figure]:
    async with AsyncExitStack() as closing:
        slack = FakeSlack()
        await slack.open()
        closing.push_async_callback(slack.close)
        database = Database(url, _clock)
        closing.push_async_callback(database.close)
        inquiry = await _an_inquiry(database)
        dispatch = Dispatch(database, COMMANDS, Translator(), _clock, Metrics(), "en", "UTC")
        contenders = {
            "ours": await _ours(slack, Counting(), closing),
            "same": Contender(_bare(in_one=True)),
            "usual": Contender(_bare(in_one=False)),
            "whole": await _ours(slack, Counting(dispatch), closing),
        }
        rates: dict[str, list[float]] = {name: [] for name in contenders}
        for _ in range(ROUNDS + 1):
            for name, contender in contenders.items():
                rates[name].append(await _rate(slack, inquiry, contender))
    ours, same, usual, whole = (values[1:] for values in rates.values())  # the first round warms up
    goal = f"at least {GOAL:.0%}"
    return [
        Figure("our listeners, a desk that does nothing", ours, "actions/s"),
        Figure(
            "bare bolt, process_before_response as ours", same, "actions/s", f"ours is {ratio(ours, same):.0%}", goal
        ),
        Figure("bare bolt as it comes", usual, "actions/s", f"ours is {ratio(ours, usual):.0%}", goal),
        Figure(
            "our listeners and dispatch, a press of Show", whole, "actions/s", f"{ratio(whole, same):.0%} of bare bolt"
        ),
    ]


async def _an_inquiry(database: Database) -> Inquiry:
    await a_queue(database, "support", Place("slack", "C0SUPPORT"))
    async with database.transaction() as tx:
        await tx.agents.enrol(Handle("slack", "U0KEN"), "Ken", Role.AGENT, "en", "UTC")
    (inquiry,) = await opened(database, a_message())
    return inquiry


async def _ours(slack: FakeSlack, desk: Counting, closing: AsyncExitStack) -> Contender:
    config = SlackConfig(BOT_TOKEN, signing_secret=SIGNING_SECRET, api_url=slack.api_url)
    inside = Web(config)
    await inside.open()
    closing.push_async_callback(inside.close)
    listeners = Listeners(config, inside, People(inside, _clock), lambda _language: {}, desk)
    closing.push_async_callback(listeners.close)
    return Contender(listeners.receive, desk)


def _bare(in_one: bool) -> Receive:
    """Bolt with a handler that acknowledges and does nothing else, checking signatures itself."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=TEAM, bot_user_id=BOT_USER, bot_id=BOT)

    async def nothing(ack: AsyncAck) -> None:
        await ack()

    app = AsyncApp(signing_secret=SIGNING_SECRET, process_before_response=in_one, authorize=authorize)
    app.action(re.compile(""))(nothing)

    async def receive(request: web.Request) -> web.StreamResponse:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    return receive


async def _rate(slack: FakeSlack, inquiry: Inquiry, contender: Contender) -> float:
    """Actions per second. Raises RuntimeError when one was not answered by 200."""
    requests = iter([_pressed(slack, inquiry) for _ in range(ACTIONS)])
    statuses: list[int] = []

    async def press_some() -> None:
        for request in requests:
            await asyncio.sleep(0)  # as when a request is waited for: what began before may go on
            response = await contender.receive(request)
            statuses.append(response.status)

    if contender.desk:
        contender.desk.expect(ACTIONS)
    gc.collect()
    begun = perf_counter()
    await asyncio.gather(*(press_some() for _ in range(AT_ONCE)))
    if contender.desk:
        await contender.desk.done()
    taken = perf_counter() - begun
    if statuses != [200] * ACTIONS:
        raise RuntimeError("not every action was answered")
    return ACTIONS / taken


def _pressed(slack: FakeSlack, inquiry: Inquiry) -> web.Request:
    """Slack's signed request after Ken pressed Show on a card."""
    ken, support = slack.world.user_named("ken"), slack.world.channel_named("support")
    card = slack.messages("support")[0] if slack.messages("support") else slack.say("ken", "support", "a card")
    button = {"action_id": "call:0", "block_id": "buttons", "type": "button", "action_ts": slack.world.stamp()}
    action = {**button, "value": call("show", inquiry.number, inquiry.version)}
    body = urlencode({"payload": json.dumps(payloads.pressed_on_message(slack.world, ken, support, card, action))})
    content = StreamReader(BaseProtocol(asyncio.get_running_loop()), 2**16, loop=asyncio.get_running_loop())
    content.feed_data(body.encode())
    content.feed_eof()
    return make_mocked_request("POST", PATH, {**FORM, **slack.ways.signed(body)}, payload=content)


async def _acks(url: str) -> list[Figure]:
    """How long Slack waited for each acknowledgement."""
    slack = FakeSlack()
    await slack.open()
    agents = hire(slack, PEOPLE)
    desk = SlackDesk(slack, url, agents)
    await desk.start()
    outcomes: list[Outcome] = []

    def all_are_told() -> bool:
        return sum(len(desk.told(user)) for user in agents) == len(outcomes)

    for _ in range(STALLS):
        await desk.write(*("Where is it?" for _ in range(STALL * A_SECOND // PEOPLE)))
        cards = slack.messages("support")[-STALL * A_SECOND // PEOPLE :]
        desk.store.stall()
        clicks = []
        for card in cards:
            for user in agents:
                clicks.append(asyncio.create_task(slack.press(user, "support", card.ts, "Claim")))
                await asyncio.sleep(1 / A_SECOND)
        outcomes += await asyncio.gather(*clicks)
        desk.store.go_on()
        await desk.seen(all_are_told)
    await desk.end()
    await slack.close()
    waits = [one.acked * 1000 for one in outcomes if one.acked is not None]
    missed = len(outcomes) - len(waits)
    return [
        Figure("p50", [percentile(waits, 0.5)], "ms", f"{len(waits)} clicks"),
        Figure("p99.9", [percentile(waits, 0.999)], "ms", "", f"below {plain(SOON)} ms"),
        Figure("the slowest", [max(waits)], "ms", f"{missed} missed", "0 missed"),
    ]


def _clock() -> datetime:
    return datetime.now(UTC)
