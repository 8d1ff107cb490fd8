"""Calls to Discord's REST API over the wire: what each way to fail means, how often is asked, what is kept."""

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from discord.http import Route

from adapters.discord.buckets import SURE
from adapters.discord.caution import EVERY, MOST, Caution
from adapters.discord.channels import Channels
from adapters.discord.config import DiscordConfig
from adapters.discord.errors import CLOSED, GONE, LATER, REMEDIES, Act, TokenRefused
from adapters.discord.people import FRESH, People
from adapters.discord.rest import Rest
from adapters.discord.rests import PATIENCE
from bot.ports import Closed, MessageGone, NotSent, Refused, SendError, Unclear
from tests.support.clock import Clock

SECRET = "MTIz.canary.9f3"
US = {"id": "300000000000000001", "username": "desk", "bot": True}
CARD: dict[str, Any] = {"content": "hello"}
HERE, THERE = "600000000000000001", "600000000000000002"
HANA = "200000000000000001"
GUILD = "400000000000000001"

Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Wire:
    """A server that answers each call as the next line of its script says, and with a message after the last one."""

    def __init__(self) -> None:
        self.script: list[Answering] = []
        self.asked: list[tuple[str, str, Any]] = []
        self.tokens: set[str] = set()
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        body = await request.text()
        self.asked.append((request.method, path, json.loads(body) if body else dict(request.query)))
        self.tokens.add(request.headers.get("Authorization", ""))
        if path == "users/@me" and not self.script:
            return await says(US)(request)
        return await (self.script.pop(0) if self.script else says({"id": "7"}))(request)

    def paths(self) -> list[str]:
        return [f"{method} {path}" for method, path, _ in self.asked if path != "users/@me"]


def says(body: object, status: int = 200, kind: str = "application/json", **headers: str) -> Answering:
    async def answer(_request: web.Request) -> web.Response:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(body=data, status=status, headers={"Content-Type": kind, "Via": "1.1 google", **named})

    return answer


def refuses(code: int, status: int = 400, message: str = "No", **headers: str) -> Answering:
    return says({"code": code, "message": message}, status, **headers)


async def cuts(request: web.Request) -> web.StreamResponse:
    assert request.transport
    request.transport.abort()
    return web.Response()


async def hangs(_request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(30)
    return web.Response()


async def breaks_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "500"})
    await response.prepare(request)
    await response.write(b'{"id": "7", ')
    return await cuts(request)


async def bans(_request: web.Request) -> web.StreamResponse:
    return web.Response(text="error code: 1015", status=429, headers={"Retry-After": "40"})


ASKED_TWICE = (cuts, cuts)
"""A question whose answer is lost: aiohttp asks once more what changes nothing (GET)."""


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    served = Wire()
    app = web.Application()
    app.router.add_route("*", "/api/v10/{path:.*}", served.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    served.url = f"http://{host}:{port}/api/v10"
    yield served
    await runner.cleanup()


def config_for(wire: Wire, **more: Any) -> DiscordConfig:
    return DiscordConfig(SECRET, **{"api_url": wire.url, "timeout": 0.6, "guild": GUILD, **more})


@pytest.fixture
async def rest(wire: Wire) -> AsyncIterator[Rest]:
    opened = Rest(config_for(wire))
    await opened.open()
    yield opened
    await opened.close()


def post(rest: Rest, channel: str = HERE) -> Coroutine[Any, Any, Any]:
    return rest.ask(Route("POST", "/channels/{channel_id}/messages", channel_id=channel), Act.POST, json=CARD)


def edit(rest: Rest, message: str = "7") -> Coroutine[Any, Any, Any]:
    path = "/channels/{channel_id}/messages/{message_id}"
    return rest.ask(Route("PATCH", path, channel_id=HERE, message_id=message), Act.POST, json=CARD)


async def failure(asking: Coroutine[Any, Any, object]) -> SendError:
    with pytest.raises(SendError) as raised:
        await asking
    return raised.value


# --- what a failure means ---------------------------------------------------------------------------------------

UNCLEAR_ANSWERS = {
    "lost": cuts,
    "half": breaks_off,
    "never": hangs,
    "500": refuses(0, 500),
    "503": refuses(0, 503),
    "503 with a refusal's code": refuses(50013, 503),
    "502 of a proxy": says(b"<html>Bad Gateway</html>", 502, "text/html"),
    "504 in words": says(b"upstream timed out", 504, "text/plain"),
    "page": says(b"<html>Sign in</html>", 200, "text/html"),
    "words": says(b"ok", 200, "text/plain"),
    "no JSON": says(b"{id: 7"),
    "no UTF-8": says(b'{"id": "\xff\xfe"}'),
    "packed badly": says(b"plain", 200, Content_Encoding="gzip"),
    "no code": says({}, 400),
    "404 of a proxy": says(b"no", 404, "text/html"),
    "elsewhere": says(b"", 302, "text/html", Location="https://example.com/"),
}


@pytest.mark.parametrize("answer", UNCLEAR_ANSWERS.values(), ids=UNCLEAR_ANSWERS.keys())
async def test_whatever_might_have_been_done_is_unclear_and_asked_once(
    wire: Wire, rest: Rest, answer: Answering
) -> None:
    wire.script = [answer]
    assert type(await failure(post(rest))) is Unclear
    assert wire.paths() == [f"POST channels/{HERE}/messages"]


@pytest.mark.parametrize("code", [*REMEDIES, 50001, 50013, 99999])
async def test_a_refusal_says_what_an_operator_must_do(wire: Wire, rest: Rest, code: int) -> None:
    wire.script = [refuses(code, 403 if code in (50001, 50013) else 400, "Not so")]
    told = await failure(post(rest))
    assert isinstance(told, Refused)
    assert f"{code} Not so" in str(told)
    assert str(told).endswith(".")
    assert "{" not in str(told)


LACKS = {
    Act.POST: "the permission Send Messages in #support",
    Act.START: "the permission Create Public Threads in #support",
    Act.ANSWER: "the permission Send Messages in Threads in #support",
    Act.FIND: "the permission Read Message History in #support",
}


@pytest.mark.parametrize(("act", "words"), LACKS.items())
async def test_a_missing_permission_is_named_with_its_channel(wire: Wire, rest: Rest, act: Act, words: str) -> None:
    rest.names[HERE] = "support"
    route = Route("POST", "/channels/{channel_id}/messages", channel_id=HERE)
    wire.script = [refuses(50013, 403), refuses(50001, 403)]
    assert words in str(await failure(rest.ask(route, act)))
    assert "View Channel" in str(await failure(rest.ask(route, act)))


async def test_what_is_wrong_with_a_card_is_told_by_its_place(wire: Wire, rest: Rest) -> None:
    errors = {"components": {"0": {"_errors": [{"code": "BASE", "message": "Must be 40 or fewer."}]}}}
    wire.script = [says({"code": 50035, "message": "Invalid Form Body", "errors": errors}, 400)]
    assert "In components.0: Must be 40 or fewer" in str(await failure(post(rest)))


@pytest.mark.parametrize("code", sorted(GONE))
async def test_what_is_deleted_is_gone(wire: Wire, rest: Rest, code: int) -> None:
    wire.script = [refuses(code, 404)]
    assert type(await failure(edit(rest))) is MessageGone


@pytest.mark.parametrize("code", sorted(CLOSED))
async def test_who_takes_no_direct_messages_is_closed(wire: Wire, rest: Rest, code: int) -> None:
    wire.script = [refuses(code, 403)]
    assert type(await failure(post(rest))) is Closed
    assert not rest.trouble


@pytest.mark.parametrize("code", sorted(LATER))
async def test_what_discord_has_switched_off_is_asked_again_later(wire: Wire, rest: Rest, code: int) -> None:
    wire.script = [refuses(code, 400)]
    assert type(await failure(post(rest))) is NotSent


TOO_MANY = {
    "whole": ({"Retry_After": "7"}, 7.0),
    "broken": ({"Retry_After": "0.65"}, 0.65),
    "unsaid": ({}, 10.0),
    "no number": ({"Retry_After": "soon"}, 10.0),
    "for ever": ({"Retry_After": "inf"}, 10.0),
    "minutes": ({"Retry_After": "219"}, 219.0),
}


@pytest.mark.parametrize(("headers", "seconds"), TOO_MANY.values(), ids=TOO_MANY.keys())
async def test_too_many_requests_were_not_sent_and_nobody_waits(
    wire: Wire, rest: Rest, headers: dict[str, str], seconds: float
) -> None:
    wire.script = [refuses(0, 429, "You are being rate limited.", **headers)]
    told = await failure(post(rest))
    assert isinstance(told, NotSent)
    assert told.retry_after == seconds
    assert wire.paths() == [f"POST channels/{HERE}/messages"]


async def test_a_channel_rests_as_long_as_discord_asks_and_others_do_not(wire: Wire, rest: Rest) -> None:
    wire.script = [refuses(0, 429, Retry_After="30")]
    await failure(post(rest))
    for _ in range(3):
        told = await failure(post(rest))
        assert isinstance(told, NotSent)
        assert told.retry_after is not None
        assert 29 < told.retry_after <= 30
    await edit(rest)
    await post(rest, THERE)
    with pytest.raises(NotSent):
        await post(rest)
    assert len(wire.paths()) == 3


ALL_REST = {
    "global": refuses(0, 429, Retry_After="30", X_RateLimit_Scope="global"),
    "banned": bans,
    "403 before Discord": says(b"<html>Blocked</html>", 403, "text/html"),
}


@pytest.mark.parametrize("answer", ALL_REST.values(), ids=ALL_REST.keys())
async def test_everything_rests_when_discord_means_everything(wire: Wire, rest: Rest, answer: Answering) -> None:
    wire.script = [answer]
    assert type(await failure(post(rest))) is NotSent
    for asking in (post(rest), post(rest, THERE), edit(rest)):
        assert type(await failure(asking)) is NotSent
    assert len(wire.paths()) == 1


async def test_a_limit_is_kept_before_it_is_reached(wire: Wire, rest: Rest) -> None:
    def told(remaining: int, after: float) -> Answering:
        named = {"X-RateLimit-Limit": "2", "X-RateLimit-Remaining": str(remaining), "X-RateLimit-Bucket": "b"}

        async def answer(_request: web.Request) -> web.Response:
            told = {**named, "X-RateLimit-Reset-After": str(after), "Content-Type": "application/json"}
            return web.Response(body=b'{"id": "7"}', headers=told)

        return answer

    wire.script = [told(1, 0.3), told(0, 0.3)]
    loop = asyncio.get_running_loop()
    began = loop.time()
    await post(rest)
    await post(rest)
    assert loop.time() - began < 0.3, "an answer never waits"
    await post(rest)
    assert loop.time() - began >= 0.3
    wire.script = [told(0, 300)]
    await post(rest)
    full = await failure(post(rest))
    assert isinstance(full, NotSent)
    assert full.retry_after
    assert 299 < full.retry_after <= 300
    await post(rest, THERE)
    assert len(wire.paths()) == 5


async def test_what_lost_its_answer_counts_as_sent(wire: Wire, rest: Rest) -> None:
    wire.script = [cuts]
    loop = asyncio.get_running_loop()
    began = loop.time()
    await failure(post(rest))
    await edit(rest)
    assert loop.time() - began < SURE
    await post(rest)
    assert loop.time() - began >= SURE


async def test_headers_that_make_no_sense_do_no_harm(wire: Wire, rest: Rest) -> None:
    wire.script = [says({"id": "7"}, X_RateLimit_Remaining="many", X_RateLimit_Reset="x") for _ in range(3)]
    assert await asyncio.gather(*(post(rest) for _ in range(3))) == [{"id": "7"}] * 3


async def test_what_could_not_connect_was_not_sent(wire: Wire) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        deaf = Rest(config_for(wire, api_url=f"http://127.0.0.1:{taken.getsockname()[1]}"))
        await deaf.open()
        told = await failure(post(deaf))
        await deaf.close()
    assert type(told) is NotSent
    assert str(told) == deaf.trouble
    assert str(told).startswith("Discord cannot be reached (Connect call failed")


async def test_before_and_after_nothing_is_sent(wire: Wire) -> None:
    shut = Rest(config_for(wire))
    assert type(await failure(post(shut))) is NotSent
    await shut.open()
    await shut.close()
    assert type(await failure(post(shut))) is NotSent
    assert wire.paths() == []


async def test_what_is_under_way_ends_with_the_connection(wire: Wire) -> None:
    closing = Rest(config_for(wire, timeout=20.0))
    await closing.open()
    wire.script = [hangs]
    under_way = asyncio.create_task(failure(post(closing)))
    async with asyncio.timeout(5):
        while not wire.paths():  # noqa: ASYNC110 - it sets no event
            await asyncio.sleep(0.01)
    await closing.close()
    assert isinstance(await under_way, Unclear | NotSent)


# --- who we are, and trouble ------------------------------------------------------------------------------------


async def test_discord_tells_who_we_are(wire: Wire, rest: Rest) -> None:
    assert (rest.identity.user_id, rest.identity.name) == (US["id"], "desk")
    assert rest.failure is None
    assert wire.tokens == {f"Bot {SECRET}"}


async def test_a_refused_token_is_not_shown_again_for_a_while(wire: Wire) -> None:
    rest = Rest(config_for(wire, token_rest=0.3))
    await rest.open()
    wire.script = [refuses(0, 401, "401: Unauthorized")]
    told = await failure(post(rest))
    assert isinstance(told, TokenRefused)
    assert rest.trouble == str(told)
    assert "Developer Portal" in rest.trouble
    for asking in (post(rest), post(rest, THERE), rest.identify()):
        assert isinstance(await failure(asking), TokenRefused)
    assert len(wire.paths()) == 1
    await asyncio.sleep(0.31)
    await post(rest)
    assert rest.trouble == ""
    await rest.close()


async def test_one_lost_answer_is_no_trouble_and_two_are(wire: Wire, rest: Rest) -> None:
    wire.script = [cuts, refuses(50006), cuts, cuts]
    troubles = []
    for number in range(4):
        await failure(post(rest, f"6{number:017}"))
        troubles.append(bool(rest.trouble))
    assert troubles == [False, False, False, True]
    await post(rest)
    assert rest.trouble == ""


@pytest.mark.parametrize(
    "answer", [hangs, cuts, refuses(0, 500), bans, says(b"<html>Sign in</html>", 200, "text/html")]
)
async def test_the_start_goes_on_without_discord(wire: Wire, answer: Answering) -> None:
    wire.script = [answer, answer]
    opened = Rest(config_for(wire, timeout=0.3))
    await opened.open()
    assert opened.trouble
    assert opened.failure
    with pytest.raises(NotSent):
        _ = opened.identity
    await opened.close()


async def test_no_token_and_no_words_in_errors_and_logs(
    wire: Wire, rest: Rest, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answers = [answer for answer in UNCLEAR_ANSWERS.values() if answer is not hangs]
    for number, answer in enumerate([*answers, refuses(50013, 403), refuses(10008, 404), refuses(0, 401)]):
        wire.script = [answer]
        told = await failure(post(rest, f"6{number:017}"))
        logging.getLogger("tests").error("it failed", exc_info=told)
        assert SECRET not in f"{told} {told!r} {told.__cause__!r} {rest.trouble}"
    assert SECRET not in repr(config_for(wire))
    assert "it failed" in caplog.text
    assert SECRET not in caplog.text
    assert "hello" not in caplog.text


# --- few invalid requests ---------------------------------------------------------------------------------------


async def test_a_place_that_refuses_again_and_again_is_not_asked_every_time(wire: Wire, rest: Rest) -> None:
    wire.script = [refuses(50013, 403) for _ in range(PATIENCE)]
    told = [str(await failure(post(rest))) for _ in range(3 * PATIENCE)]
    assert len(set(told)) == 1
    assert len(wire.paths()) == PATIENCE
    await post(rest, THERE)
    await edit(rest)


async def test_a_place_that_was_mended_in_time_is_as_good_as_new(wire: Wire, rest: Rest) -> None:
    for _ in range(3):
        wire.script = [refuses(50013, 403) for _ in range(PATIENCE - 1)]
        for _ in range(PATIENCE - 1):
            assert isinstance(await failure(post(rest)), Refused)
        await post(rest)


async def test_while_everything_is_refused_little_is_asked(wire: Wire, rest: Rest) -> None:
    wire.script = [refuses(0, 429, Retry_After="0") for _ in range(200)]
    failures = [await failure(post(rest, f"6{number:017}")) for number in range(60)]
    assert {type(one) for one in failures} == {NotSent}
    assert len(wire.paths()) == MOST
    assert "asked every 8 seconds only" in rest.trouble
    last = failures[-1]
    assert isinstance(last, NotSent)
    assert last.retry_after is not None
    assert 0 < last.retry_after <= EVERY


class Reckless(Caution):
    """Minds nothing."""

    def invalid(self) -> None:
        """Forget it."""


async def test_without_caution_everything_is_asked(wire: Wire) -> None:
    rest = Rest(config_for(wire), Reckless())
    await rest.open()
    wire.script = [refuses(0, 429, Retry_After="0") for _ in range(200)]
    for number in range(60):
        await failure(post(rest, f"6{number:017}"))
    assert len(wire.paths()) == 60
    await rest.close()


async def test_caution_counts_what_goes_well_and_waits_its_time() -> None:
    assert MOST + 600 / EVERY < 100
    caution = Caution()
    for _ in range(MOST + 5):
        caution.invalid()
    assert caution.trouble
    assert 5 * EVERY < caution.wait <= 6 * EVERY
    with pytest.raises(NotSent):
        async with caution.turn():
            pass
    for _ in range(7):
        caution.valid()
    assert not caution.trouble
    async with caution.turn():
        assert caution.wait == 0


async def test_shared_limits_are_not_our_fault(wire: Wire, rest: Rest) -> None:
    wire.script = [refuses(0, 429, Retry_After="0", X_RateLimit_Scope="shared") for _ in range(MOST + 5)]
    for _ in range(MOST + 5):
        await failure(post(rest))
    assert len(wire.paths()) == MOST + 5
    assert rest.trouble == ""


async def test_other_clients_with_our_token_are_watched(wire: Wire, rest: Rest) -> None:
    async with aiohttp.ClientSession(trace_configs=[rest.watch()]) as other:
        wire.script = [refuses(50027, 401), refuses(0, 401)]
        for path in ("webhooks/1/token", "users/@me"):
            async with other.get(f"{wire.url}/{path}") as answer:
                assert answer.status == 401
        for refused in (other.get(f"{wire.url}/gateway"), post(rest)):
            with pytest.raises(TokenRefused):
                await refused
        async with other.get(f"{wire.url}/webhooks/1/token") as answer:
            assert answer.status == 200
    assert "token" in rest.trouble


# --- channels ---------------------------------------------------------------------------------------------------


def channel(id: str, name: str, kind: int = 0) -> dict[str, Any]:
    return {"id": id, "name": name, "type": kind}


LISTED = [
    channel(HERE, "support"),
    channel(THERE, "返品"),
    channel("9" * 18, "ideas", 15),
    channel("8" * 18, "desk", 4),
]


@pytest.fixture
def channels(wire: Wire, rest: Rest) -> Channels:
    return Channels(rest, config_for(wire))


async def test_a_channel_is_found_by_id_by_name_and_by_person(wire: Wire, rest: Rest, channels: Channels) -> None:
    wire.script = [says(channel(HERE, "support")), says(LISTED), says({"id": "7", "type": 1})]
    assert [await channels.id_of(HERE) for _ in range(2)] == [HERE, HERE]
    assert await channels.id_of("support") == await channels.id_of("#Support") == HERE
    assert await channels.id_of("返品") == THERE
    assert await channels.id_of(f"@{HANA}") == await channels.id_of(f"@{HANA}") == "7"
    listing = f"GET guilds/{GUILD}/channels"
    assert wire.paths() == [f"GET channels/{HERE}", listing, "POST users/@me/channels"]
    assert wire.asked[-1][2] == {"recipient_id": HANA}
    assert rest.place(HERE) == f"#support ({HERE})"


async def test_without_a_server_in_the_settings_all_servers_are_looked_into(wire: Wire, rest: Rest) -> None:
    channels = Channels(rest, config_for(wire, guild=""))
    wire.script = [says([{"id": "1"}, {"id": "2"}]), says([]), says(LISTED)]
    assert await channels.id_of("support") == HERE
    assert wire.paths() == ["GET users/@me/guilds", "GET guilds/1/channels", "GET guilds/2/channels"]


REFUSED = {
    "forum": (LISTED, "ideas", "it is a forum"),
    "category": (LISTED, "desk", "no channel #desk"),
    "two": ([*LISTED, channel("5" * 18, "support")], "support", f"{HERE}, 5555"),
    "none": (LISTED, "sales", "no channel #sales"),
    "forum by id": (channel("9" * 18, "ideas", 15), "9" * 18, "it is a forum"),
    "category by id": (channel("8" * 18, "desk", 4), "8" * 18, "it is a category"),
    "person": ({}, "@hana", "ids are numbers"),
}


@pytest.mark.parametrize(("listed", "name", "words"), REFUSED.values(), ids=REFUSED.keys())
async def test_a_place_that_takes_no_cards_is_refused_in_words(
    wire: Wire, channels: Channels, listed: object, name: str, words: str
) -> None:
    wire.script = [says(listed)]
    for _ in range(3):
        told = await failure(channels.id_of(name))
        assert isinstance(told, Refused)
        assert words in str(told)
    assert len(wire.paths()) <= 1


async def test_many_who_look_for_the_same_channel_list_once(wire: Wire, channels: Channels) -> None:
    wire.script = [says(LISTED)]
    assert set(await asyncio.gather(*(channels.id_of("support") for _ in range(20)))) == {HERE}
    assert len(wire.paths()) == 1


async def test_looking_for_a_channel_sends_nothing(wire: Wire, channels: Channels) -> None:
    for name in ("support", f"@{HANA}", HERE):
        wire.script = [*ASKED_TWICE]
        assert type(await failure(channels.id_of(name))) is NotSent
        wire.script = []


# --- people -----------------------------------------------------------------------------------------------------


def member(*roles: str, bot: bool = False, nick: str | None = None) -> dict[str, Any]:
    return {
        "nick": nick,
        "roles": list(roles),
        "user": {"id": HANA, "username": "hana", "global_name": "花", "bot": bot},
    }


def people_at(wire: Wire, rest: Rest, clock: Clock, **more: Any) -> People:
    config = config_for(wire, **more)
    return People(rest, Channels(rest, config), config, clock)


async def test_discord_tells_of_a_person(wire: Wire, rest: Rest, clock: Clock) -> None:
    people = people_at(wire, rest, clock)
    wire.script = [says(member("51", nick="Hana S."))]
    profile = await people.profile(HANA)
    assert profile
    assert (profile.user, profile.name, profile.language, profile.mention) == (HANA, "Hana S.", "", "")
    assert (profile.may_join, profile.role) == (True, "")
    assert wire.paths() == [f"GET guilds/{GUILD}/members/{HANA}"]
    assert (await people.of_payload(member(), GUILD, "en-US")).language == "en"
    assert (await people.of_payload(member(), GUILD)).name == "花"
    people.forget(HANA)
    wire.script = [says(member())]
    again = await people.profile(HANA)
    assert again
    assert again.language == "en", "what they did told their language"


async def test_others_are_not_of_the_server(wire: Wire, rest: Rest, clock: Clock) -> None:
    people = people_at(wire, rest, clock, agent_roles=("51",))
    wire.script = [refuses(10007, 404), says({"id": HANA, "username": "hana"})]
    stranger = await people.profile(HANA)
    assert stranger
    assert (stranger.name, stranger.is_member, stranger.role) == ("hana", False, "none")
    robot, alien = await people.of_payload(member("51", bot=True), GUILD), await people.of_payload(member("51"), "1")
    assert not robot.is_member
    assert (alien.is_member, alien.role) == (False, "none")


async def test_nobody_is_nobody(wire: Wire, rest: Rest, clock: Clock) -> None:
    people = people_at(wire, rest, clock)
    wire.script = [refuses(10013, 404), refuses(10013, 404)]
    assert await people.profile(HANA) is None
    assert await people.profile(HANA) is None
    assert await people.profile("hana") is None
    assert len(wire.paths()) == 2


ROLES = [{"id": GUILD, "name": "@everyone"}, {"id": "51", "name": "Agents"}, {"id": "52", "name": "Team Leads"}]
SETTINGS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["", "", "", ""]),
    ({"agent_roles": ("51",), "supervisor_roles": ("52",)}, ["none", "agent", "supervisor", "supervisor"]),
    ({"agent_roles": ("agents",), "supervisor_roles": ("team leads",)}, ["none", "agent", "supervisor", "supervisor"]),
    ({"agent_roles": ("51", "Team Leads")}, ["none", "agent", "agent", "agent"]),
]


@pytest.mark.parametrize(("settings", "roles"), SETTINGS, ids=str)
async def test_roles_of_the_server_say_who_is_of_the_team(
    wire: Wire, rest: Rest, clock: Clock, settings: dict[str, Any], roles: list[str]
) -> None:
    people = people_at(wire, rest, clock, **settings)
    wire.script = [says(ROLES)]
    held: list[tuple[str, ...]] = [(), ("51",), ("52", "53"), ("51", "52")]
    assert [(await people.of_payload(member(*one), GUILD)).role for one in held] == roles
    assert len(wire.paths()) <= 1


async def test_people_are_asked_about_once_in_five_minutes(wire: Wire, rest: Rest, clock: Clock) -> None:
    people = people_at(wire, rest, clock)
    wire.script = [says(member()) for _ in range(3)]
    assert len(set(await asyncio.gather(*(people.profile(HANA) for _ in range(20))))) == 1
    clock.forward(FRESH - timedelta(seconds=1))
    await people.profile(HANA)
    assert len(wire.paths()) == 1
    clock.forward(timedelta(seconds=1))
    await people.profile(HANA)
    assert len(wire.paths()) == 2
    people.forget(HANA)
    await people.profile(HANA)
    assert len(wire.paths()) == 3


async def test_what_discord_said_before_serves_while_it_cannot_be_asked(wire: Wire, rest: Rest, clock: Clock) -> None:
    people = people_at(wire, rest, clock)
    wire.script = [says(member()), *ASKED_TWICE, hangs]
    known = await people.profile(HANA)
    clock.forward(FRESH)
    assert await people.profile(HANA) == known
    assert await people.profile(HANA) == known
    wire.script = [*ASKED_TWICE, refuses(50001, 403)]
    for _ in range(2):
        assert type(await failure(people.profile("200000000000000002"))) is NotSent
    await people.close()


# --- settings ---------------------------------------------------------------------------------------------------

WRONG: list[dict[str, Any]] = [
    {"token": " "},
    {"api_url": "http://discord.com/api/v10"},
    {"gateway_url": "ws://gateway.discord.gg"},
    {"guild": "Example"},
    {"timeout": 0},
    {"token_rest": -1},
    {"settle": timedelta(seconds=-1)},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_setting_that_does_not_fit_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        DiscordConfig(**{"token": SECRET, **wrong})


def test_the_token_is_a_secret() -> None:
    config = DiscordConfig(SECRET)
    assert config.secrets == (SECRET,)
    assert SECRET not in repr(config)
