"""Calls to Slack's Web API over the wire: what each way to fail means, how often methods are called, what is kept."""

import asyncio
import json
import logging
import selectors
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from adapters.slack.channels import Channels
from adapters.slack.config import SlackConfig
from adapters.slack.errors import GONE, LATER, REMEDIES, TOKEN_REMEDIES, UNCLEAR, TokenRefused, of_exception
from adapters.slack.people import FRESH, People
from adapters.slack.platform import Slack
from adapters.slack.tiers import TIER_2, TIER_3, TIER_4, TIERS, Tier, Tiers
from adapters.slack.web import Web
from bot.chat.card import Card
from bot.ports import Busy, MessageGone, MessageRef, NotSent, Refused, SendError, Unclear
from tests.support.clock import Clock

SECRET = "xoxb-canary-9f3"
US = {"ok": True, "team": "Example", "team_id": "T1", "user_id": "UBOT", "bot_id": "B1"}
POST = {"channel": "C1", "text": "hello"}

Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Wire:
    """A server that answers each call as the next line of its script says, and "ok" after the last one."""

    def __init__(self) -> None:
        self.script: list[Answering] = []
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        body = await request.text()
        self.asked.append((method, json.loads(body) if body.startswith("{") else dict(request.query)))
        if method == "auth.test" and not self.script:
            return web.json_response(US, headers={"x-oauth-scopes": "chat:write, commands"})
        return await self.script.pop(0)(request) if self.script else web.json_response({"ok": True})

    def methods(self) -> list[str]:
        return [method for method, _ in self.asked if method != "auth.test"]


def says(body: object, status: int = 200, kind: str = "application/json", **headers: str) -> Answering:
    async def answer(_request: web.Request) -> web.Response:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(body=data, status=status, headers={"Content-Type": kind, **named})

    return answer


def refuses(error: object, status: int = 200, **headers: str) -> Answering:
    return says({"ok": False, "error": error}, status, **headers)


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
    await response.write(b'{"ok": true, ')
    return await cuts(request)


ASKED_TWICE = (cuts, cuts)
"""A question whose answer is lost: aiohttp asks once more what changes nothing (GET)."""


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    served = Wire()
    app = web.Application()
    app.router.add_route("*", "/api/{method}", served.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    served.url = f"http://{host}:{port}/api/"
    yield served
    await runner.cleanup()


@pytest.fixture
async def slack(wire: Wire) -> AsyncIterator[Web]:
    opened = Web(SlackConfig(SECRET, api_url=wire.url, timeout=0.6))
    await opened.open()
    yield opened
    await opened.close()


async def failure(asking: Coroutine[Any, Any, object]) -> SendError:
    with pytest.raises(SendError) as raised:
        await asking
    return raised.value


# --- what a failure means ---------------------------------------------------------------------------------------

UNCLEAR_ANSWERS = {
    "lost": cuts,
    "half": breaks_off,
    "never": hangs,
    "500": refuses("internal_error", 500),
    "503": refuses("service_unavailable", 503),
    "503 with a refusal's name": refuses("is_archived", 503),
    "502 of a proxy": says(b"<html>Bad Gateway</html>", 502, "text/html"),
    "504 in words": says(b"upstream timed out", 504, "text/plain"),
    "page": says(b"<html>Sign in</html>", 200, "text/html"),
    "words": says(b"ok", 200, "text/plain"),
    "list": says([1, 2]),
    "number": says(7),
    "nothing": says(b""),
    "nothing at all": says({}),
    "no JSON": says(b"{ok: yes"),
    "no UTF-8": says(b'{"ok": "\xff\xfe"}'),
    "packed": says(b"\x1f\x8b", 200, "application/gzip"),
    "packed badly": says(b"plain", 200, Content_Encoding="gzip"),
    "no name": says({"ok": False}),
    "no word": refuses(["is_archived"]),
    "no name of Slack's": refuses("<b>Is it archived?</b>"),
    "403 of a proxy": says(b"no", 403, "text/html"),
    **{name: refuses(name) for name in sorted(UNCLEAR)},
}


@pytest.mark.parametrize("answer", UNCLEAR_ANSWERS.values(), ids=UNCLEAR_ANSWERS.keys())
async def test_whatever_might_have_been_done_is_unclear(wire: Wire, slack: Web, answer: Answering) -> None:
    wire.script = [answer]
    assert type(await failure(slack.ask("chat.postMessage", **POST))) is Unclear
    assert wire.methods() == ["chat.postMessage"]


@pytest.mark.parametrize("name", [*REMEDIES, "some_new_error"])
async def test_a_refusal_says_what_an_operator_must_do(wire: Wire, slack: Web, name: str) -> None:
    wire.script = [refuses(name)]
    told = await failure(slack.ask("chat.postMessage", **POST))
    assert isinstance(told, Refused)
    assert isinstance(told, TokenRefused) == (name in TOKEN_REMEDIES)
    assert name in str(told)
    assert str(told).endswith(".")
    assert "{" not in str(told)
    assert wire.methods() == ["chat.postMessage"]


async def test_a_refusal_names_the_place_and_what_is_missing(wire: Wire, slack: Web) -> None:
    wire.script = [refuses("not_in_channel"), says({"ok": False, "error": "missing_scope", "needed": "chat:write"})]
    assert "The app is not in C1. Type /invite" in str(await failure(slack.ask("chat.postMessage", **POST)))
    assert "lacks the scope chat:write" in str(await failure(slack.ask("chat.postMessage", **POST)))
    where = "must be less than 151 characters [json-pointer:/blocks/0/text/text]"
    wire.script = [says({"ok": False, "error": "invalid_blocks", "response_metadata": {"messages": [where]}})]
    assert where in str(await failure(slack.ask("chat.postMessage", **POST)))


@pytest.mark.parametrize("name", sorted(GONE))
async def test_what_is_deleted_is_gone(wire: Wire, slack: Web, name: str) -> None:
    wire.script = [refuses(name)]
    assert type(await failure(slack.ask("chat.update", channel="C1", ts="1.1", text="x"))) is MessageGone


@pytest.mark.parametrize("name", sorted(LATER))
async def test_a_workspace_that_moves_is_asked_again_later(wire: Wire, slack: Web, name: str) -> None:
    wire.script = [refuses(name)]
    told = await failure(slack.ask("chat.postMessage", **POST))
    assert isinstance(told, NotSent)
    assert told.retry_after is None


TOO_MANY = {
    "JSON": (refuses("ratelimited", 429, Retry_After="7"), 7.0),
    "a page": (says(b"<html>slow down</html>", 429, "text/html", Retry_After="3"), 3.0),
    "words": (says(b"slow down", 429, "text/plain", Retry_After="3"), 3.0),
    "no JSON": (says(b"{", 429, Retry_After="2"), 2.0),
    "unsaid": (refuses("ratelimited", 429), 10.0),
    "no number": (refuses("ratelimited", 429, Retry_After="soon"), 10.0),
    "for ever": (refuses("ratelimited", 429, Retry_After="inf"), 10.0),
    "negative": (refuses("ratelimited", 429, Retry_After="-1"), 0.0),
    "in words": (refuses("ratelimited", Retry_After="4"), 4.0),
    "of the old kind": (refuses("rate_limited"), 10.0),
}


@pytest.mark.parametrize(("answer", "seconds"), TOO_MANY.values(), ids=TOO_MANY.keys())
async def test_too_many_requests_were_not_sent(wire: Wire, slack: Web, answer: Answering, seconds: float) -> None:
    wire.script = [answer]
    told = await failure(slack.ask("chat.postMessage", **POST))
    assert isinstance(told, NotSent)
    assert told.retry_after == seconds


async def test_a_method_rests_as_long_as_slack_asks_and_no_request_is_made(wire: Wire, slack: Web) -> None:
    asked = {"channel": "C1", "ts": "1.1", "text": "x"}
    wire.script = [refuses("ratelimited", 429, Retry_After="30")]
    await failure(slack.ask("chat.update", **asked))
    for _ in range(3):
        told = await failure(slack.ask("chat.update", **{**asked, "channel": "C2"}))
        assert isinstance(told, Busy)
        assert told.retry_after is not None
        assert 29 < told.retry_after <= 30
    assert wire.methods() == ["chat.update"]
    await slack.ask("chat.postMessage", **POST)
    assert wire.methods() == ["chat.update", "chat.postMessage"]


async def test_posting_rests_in_the_channel_that_was_refused_and_everywhere_once_another_is(
    wire: Wire, slack: Web
) -> None:
    async def told(channel: str) -> SendError:
        return await failure(slack.ask("chat.postMessage", channel=channel, text="x"))

    wire.script = [refuses("ratelimited", 429, Retry_After="30")]
    await told("C1")
    assert (type(await told("C1")), wire.methods()) == (NotSent, ["chat.postMessage"])
    await slack.ask("chat.postMessage", channel="C2", text="a whisper waits for no other channel")
    wire.script = [refuses("ratelimited", 429, Retry_After="30")]
    assert type(await told("C2")) is NotSent
    assert type(await told("C3")) is Busy
    assert wire.methods() == ["chat.postMessage"] * 3


async def test_what_could_not_connect_was_not_sent(slack: Web, wire: Wire) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}/api/"
        deaf = Web(SlackConfig(SECRET, api_url=nobody, timeout=0.6))
        await deaf.open()
        told = await failure(deaf.ask("chat.postMessage", **POST))
        await deaf.close()
    assert type(told) is NotSent
    assert str(told) == deaf.trouble
    assert str(told).startswith("Slack cannot be reached (Connect call failed")


async def test_a_connection_that_is_never_taken_is_given_up_as_not_sent() -> None:
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for one in (first, second):
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        deaf = Web(SlackConfig(SECRET, api_url=f"http://127.0.0.1:{full.getsockname()[1]}/api/", timeout=0.6))
        await deaf.open()
        told = await failure(deaf.ask("chat.postMessage", **POST))
        await deaf.close()
    assert type(told) is NotSent
    assert told.retry_after is None


def test_a_name_that_cannot_be_found_was_not_sent() -> None:
    where: Any = type("Where", (), {"host": "slack.example", "port": 443, "ssl": True, "is_ssl": True})()
    told = of_exception(aiohttp.ClientConnectorDNSError(where, OSError(-2, "Name or service not known")))
    assert type(told) is NotSent
    assert "Name or service not known" in str(told)


async def test_before_and_after_nothing_is_sent(wire: Wire) -> None:
    shut = Web(SlackConfig(SECRET, api_url=wire.url))
    assert type(await failure(shut.ask("chat.postMessage", **POST))) is NotSent
    await shut.open()
    await shut.close()
    assert type(await failure(shut.ask("chat.postMessage", **POST))) is NotSent
    assert wire.methods() == []


# --- who we are, and trouble ------------------------------------------------------------------------------------


async def test_slack_tells_who_we_are_and_what_we_may_do(slack: Web) -> None:
    us = slack.identity
    assert (us.team, us.team_id, us.user_id, us.bot_id) == ("Example", "T1", "UBOT", "B1")
    assert us.scopes == {"chat:write", "commands"}
    assert slack.failure is None


async def test_trouble_tells_of_a_refused_token_until_something_goes_well(wire: Wire, slack: Web) -> None:
    wire.script = [refuses("token_revoked")]
    told = await failure(slack.ask("chat.postMessage", **POST))
    assert slack.trouble == str(told)
    assert "Install the app anew" in slack.trouble
    await slack.ask("chat.postMessage", **POST)
    assert slack.trouble == ""


async def test_one_lost_answer_is_no_trouble_and_two_are(wire: Wire, slack: Web) -> None:
    wire.script = [cuts, refuses("is_archived"), cuts, cuts]
    troubles = []
    for _ in range(4):
        await failure(slack.ask("chat.postMessage", **POST))
        troubles.append(bool(slack.trouble))
    assert troubles == [False, False, False, True]
    wire.script = [refuses("is_archived")]
    await failure(slack.ask("chat.postMessage", **POST))
    assert slack.trouble == ""


@pytest.mark.parametrize("answer", [refuses("token_revoked"), hangs, cuts, refuses("x", 500)])
async def test_the_start_goes_on_without_slack(wire: Wire, answer: Answering) -> None:
    wire.script = [answer]
    opened = Web(SlackConfig(SECRET, api_url=wire.url, timeout=0.3))
    await opened.open()
    assert opened.trouble
    assert opened.failure
    with pytest.raises(NotSent):
        _ = opened.identity
    us = await opened.identify()
    assert us.team_id == "T1"
    assert opened.identity is us
    assert not opened.trouble
    await opened.close()


async def test_no_token_in_errors_and_logs(wire: Wire, slack: Web, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    answers = [answer for answer in UNCLEAR_ANSWERS.values() if answer is not hangs]
    for answer in [*answers, refuses("invalid_auth"), refuses("is_archived"), refuses("ratelimited", 429)]:
        wire.script = [answer]
        told = await failure(slack.ask("chat.postMessage", **POST))
        logging.getLogger("tests").error("it failed", exc_info=told)
        assert SECRET not in f"{told} {told!r} {told.__cause__!r} {slack.trouble}"
    wire.script = [cuts]
    logging.getLogger("tests").error("it failed", exc_info=await failure(slack.respond(f"{wire.url}hook", {})))
    assert SECRET not in repr(SlackConfig(SECRET, SECRET, SECRET))
    assert "it failed" in caplog.text
    assert SECRET not in caplog.text
    assert "hello" not in caplog.text


# --- answers to response URLs -----------------------------------------------------------------------------------


async def test_an_answer_goes_to_a_response_url(wire: Wire, slack: Web) -> None:
    wire.script = [says(b"ok", 200, "text/plain"), says({"ok": True})]
    await slack.respond(f"{wire.url}hook", {"text": "done", "replace_original": True, "blocks": None})
    await slack.respond(f"{wire.url}hook", {"text": "again"})
    assert wire.asked[1:] == [("hook", {"text": "done", "replace_original": True}), ("hook", {"text": "again"})]


RESPONSES = {
    "used": (refuses("used_url", 404), Refused),
    "used in words": (says(b"used_url", 404, "text/plain"), Refused),
    "expired": (refuses("expired_url"), Refused),
    "gone": (says(b"<html>", 410, "text/html"), Refused),
    "blocks": (says(b"invalid_blocks", 400, "text/plain"), Refused),
    "too many": (refuses("ratelimited", 429, Retry_After="2"), NotSent),
    "503": (says(b"", 503, "text/html"), Unclear),
    "nonsense": (says([]), None),
    "lost": (cuts, Unclear),
    "never": (hangs, Unclear),
}


@pytest.mark.parametrize(("answer", "kind"), RESPONSES.values(), ids=RESPONSES.keys())
async def test_a_response_url_fails_in_the_same_words(
    wire: Wire, slack: Web, answer: Answering, kind: type[SendError] | None
) -> None:
    wire.script = [answer]
    if kind is None:
        await slack.respond(f"{wire.url}hook", {"text": "x"})
    else:
        assert type(await failure(slack.respond(f"{wire.url}hook", {"text": "x"}))) in (kind, *kind.__subclasses__())
    assert wire.methods() == ["hook"]


@pytest.mark.parametrize("url", ["https://slack.example/x", "https://127.0.0.1.example/x", "", "file:///etc/passwd"])
async def test_answers_go_to_slack_alone(slack: Web, url: str) -> None:
    told = await failure(slack.respond(url, {"text": "x"}))
    assert str(told) == "The response URL does not lead to Slack."


def test_slacks_answers_are_below_its_own_host() -> None:
    slacks = Web(SlackConfig(SECRET))
    assert slacks._is_slacks("https://hooks.slack.com/actions/T1/2/3")
    assert not slacks._is_slacks("https://hooks.slack.com.example/x")
    assert not slacks._is_slacks("https://notslack.com/x")


# --- tiers ------------------------------------------------------------------------------------------------------


class _Hurry(selectors.DefaultSelector):
    """Does not wait: the loop's time passes instead."""

    skipped = 0.0

    def select(self, timeout: float | None = None) -> Any:
        self.skipped += timeout or 0.0
        return super().select(0)


class Loop(asyncio.SelectorEventLoop):
    """A loop whose time passes by sleeping only, at once."""

    def __init__(self) -> None:
        self._hurry = _Hurry()
        super().__init__(self._hurry)

    def time(self) -> float:
        return 1000.0 + self._hurry.skipped


def in_virtual_time(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(work())


async def until_turned(tiers: Tiers, method: str) -> float:
    """Ask again whenever it was told to, and no earlier; the moment of the turn."""
    while True:
        try:
            await tiers.turn(method)
        except NotSent as error:
            await asyncio.sleep(error.retry_after or 0.0)
        else:
            return asyncio.get_running_loop().time()


@pytest.mark.parametrize("tier", [TIER_2, TIER_3, TIER_4], ids=str)
def test_no_minute_sees_more_calls_than_its_tier(tier: Tier) -> None:
    async def work() -> None:
        tiers = Tiers({"x": tier})
        turns = sorted(await asyncio.gather(*(until_turned(tiers, "x") for _ in range(4 * tier.per_minute))))
        for first, beyond in zip(turns, turns[tier.per_minute :], strict=False):
            assert beyond - first >= 60 - 1e-6
        assert turns[tier.burst - 1] == turns[0]
        assert turns[-1] - turns[0] < 4 * tier.per_minute / tier.per_second + 1

    in_virtual_time(work)


def test_a_short_wait_is_waited_and_a_long_one_is_told() -> None:
    async def work() -> None:
        tiers, clock = Tiers({"x": Tier(61, 1)}), asyncio.get_running_loop().time
        began = clock()
        await tiers.turn("x")
        assert clock() == began
        await tiers.turn("x")
        assert clock() == pytest.approx(began + 1)
        waiting = asyncio.create_task(tiers.turn("x"))
        await asyncio.sleep(0)
        with pytest.raises(NotSent) as told:
            await tiers.turn("x")
        assert told.value.retry_after == pytest.approx(2)
        await waiting
        assert clock() == pytest.approx(began + 2)
        await tiers.turn("chat.postMessage")
        assert clock() == pytest.approx(began + 2)

    in_virtual_time(work)


def test_who_waits_for_a_turn_when_slack_says_too_many_does_not_go() -> None:
    async def work() -> None:
        tiers = Tiers({"x": Tier(61, 1)})
        await tiers.turn("x")
        waiting = asyncio.create_task(tiers.turn("x"))
        await asyncio.sleep(0.5)
        tiers.hold("x", 20)
        tiers.hold("x", 5)
        with pytest.raises(NotSent) as told:
            await waiting
        assert told.value.retry_after == pytest.approx(19.5)
        await asyncio.sleep(19.5)
        await tiers.turn("x")

    in_virtual_time(work)


def test_every_method_that_slack_counts_has_its_tier() -> None:
    counted = ("chat.update", "chat.delete", "conversations.history", "conversations.replies", "conversations.open")
    assert {TIERS[method] for method in counted} == {TIER_3}
    assert TIERS["views.open"].per_minute == TIERS["users.info"].per_minute == 100
    assert TIERS["conversations.list"].per_minute == 20
    assert "chat.postMessage" not in TIERS


# --- replies to what is gone ------------------------------------------------------------------------------------


@pytest.mark.parametrize("removal", [says({"ok": True}), refuses("message_not_found"), cuts])
async def test_a_reply_that_slack_puts_into_the_channel_is_taken_back(
    wire: Wire, clock: Clock, removal: Answering
) -> None:
    config = SlackConfig(SECRET, api_url=wire.url)
    platform = Slack(config, lambda _language: {}, clock)
    await platform.open()
    loose = {"ok": True, "channel": "C1", "ts": "2.5", "message": {"text": "x", "ts": "2.5"}}
    wire.script = [says(loose), removal]
    assert type(await failure(platform.reply(MessageRef("C1", "1.5"), Card("again"), "letter:7:2"))) is MessageGone
    assert wire.methods() == ["chat.postMessage", "chat.delete"]
    assert wire.asked[1][1]["thread_ts"] == "1.5"
    assert wire.asked[2][1] == {"channel": "C1", "ts": "2.5"}
    wire.script = [says({**loose, "message": {"text": "x", "ts": "2.5", "thread_ts": "1.5"}})]
    assert (await platform.reply(MessageRef("C1", "1.5"), Card("again"), "letter:7:2")).message == "2.5"
    wire.script = [says({"ok": True, "channel": "C1"})]
    assert type(await failure(platform.post("C1", Card("again"), "card:7:1"))) is Unclear
    await platform.close()


# --- channels ---------------------------------------------------------------------------------------------------


def page(*names: str, cursor: str = "") -> Answering:
    channels = [{"id": f"C{name.upper()}", "name": name} for name in names]
    return says({"ok": True, "channels": channels, "response_metadata": {"next_cursor": cursor}})


async def test_a_channel_is_found_by_id_by_name_and_by_person(wire: Wire, slack: Web) -> None:
    channels = Channels(slack)
    wire.script = [page("team", "returns", cursor="n1"), page("support"), says({"ok": True, "channel": {"id": "D9"}})]
    assert [await channels.id_of(one) for one in ("C0123", "G7", "D8")] == ["C0123", "G7", "D8"]
    assert wire.methods() == []
    assert await channels.id_of("support") == await channels.id_of("#support") == "CSUPPORT"
    assert await channels.id_of("@U1") == await channels.id_of("@U1") == "D9"
    assert wire.methods() == ["conversations.list", "conversations.list", "conversations.open"]
    assert wire.asked[2][1]["cursor"] == "n1"
    assert await channels.name_of("CTEAM") == "team"


async def test_a_listing_that_breaks_off_goes_on_where_it_was(wire: Wire, slack: Web) -> None:
    channels = Channels(slack)
    wire.script = [page("team", cursor="n1"), *ASKED_TWICE, page("support", cursor="n2")]
    assert type(await failure(channels.id_of("support"))) is NotSent
    assert await channels.id_of("support") == "CSUPPORT"
    assert [asked.get("cursor") for _, asked in wire.asked[1:]] == [None, "n1", "n1", "n1"]


async def test_a_page_that_slack_forgot_begins_the_listing_anew(wire: Wire, slack: Web) -> None:
    channels = Channels(slack)
    wire.script = [page("team", cursor="n1"), refuses("invalid_cursor"), page("team", "support")]
    assert await channels.id_of("support") == "CSUPPORT"


async def test_many_who_look_for_the_same_channel_list_once(wire: Wire, slack: Web) -> None:
    channels = Channels(slack)
    wire.script = [page("team", "support")]
    assert set(await asyncio.gather(*(channels.id_of("support") for _ in range(20)))) == {"CSUPPORT"}
    assert wire.methods() == ["conversations.list"]


async def test_a_channel_that_is_not_there_is_refused_in_words_and_not_listed_for_again_and_again(
    wire: Wire, slack: Web
) -> None:
    channels = Channels(slack)
    wire.script = [page("team")]
    for _ in range(5):
        told = await failure(channels.id_of("support"))
        assert isinstance(told, Refused)
        assert "no channel #support" in str(told)
    assert wire.methods() == ["conversations.list"]


async def test_direct_messages_with_somebody_unknown_are_refused(wire: Wire, slack: Web) -> None:
    wire.script = [refuses("user_not_found")]
    told = await failure(Channels(slack).id_of("@U404"))
    assert isinstance(told, Refused)
    assert "nobody called U404" in str(told)


# --- people -----------------------------------------------------------------------------------------------------


def person(**other: object) -> dict[str, Any]:
    words = {"display_name": "hana", "real_name": "佐藤 花"}
    told = {"id": "U1", "team_id": "T1", "name": "hana.sato", "tz": "Asia/Tokyo", "locale": "ja-JP", "profile": words}
    return {**told, **other}


async def test_slack_tells_of_a_person(wire: Wire, slack: Web, clock: Clock) -> None:
    people = People(slack, clock)
    wire.script = [says({"ok": True, "user": person()})]
    profile = await people.profile("U1")
    assert profile
    assert (profile.user, profile.name, profile.language, profile.time_zone) == ("U1", "hana", "ja", "Asia/Tokyo")
    assert profile.may_join
    assert wire.asked[-1] == ("users.info", {"user": "U1", "include_locale": "1"})


OTHERS: list[dict[str, object]] = [
    {"is_bot": True},
    {"is_workflow_bot": True},
    {"is_restricted": True},
    {"is_ultra_restricted": True},
    {"is_stranger": True},
    {"team_id": "T2"},
    {"id": "USLACKBOT"},
]


@pytest.mark.parametrize("other", OTHERS)
async def test_others_are_not_of_the_workspace(slack: Web, clock: Clock, other: dict[str, object]) -> None:
    assert not People(slack, clock).of_event(person(**other)).is_member


async def test_a_person_of_the_whole_organisation_is_of_this_workspace(slack: Web, clock: Clock) -> None:
    told = person(team_id="E1", enterprise_user={"teams": ["T1", "T5"]})
    assert People(slack, clock).of_event(told).is_member


async def test_who_left_is_not_active_and_still_has_a_name(slack: Web, clock: Clock) -> None:
    profile = People(slack, clock).of_event({"id": "U1", "team_id": "T1", "deleted": True, "profile": {}})
    assert (profile.is_member, profile.is_active, profile.name) == (True, False, "U1")


async def test_people_are_asked_about_once_in_five_minutes(wire: Wire, slack: Web, clock: Clock) -> None:
    people = People(slack, clock)
    wire.script = [says({"ok": True, "user": person()}) for _ in range(3)]
    assert len(set(await asyncio.gather(*(people.profile("U1") for _ in range(20))))) == 1
    assert len(wire.methods()) == 1
    clock.forward(FRESH - timedelta(seconds=1))
    await people.profile("U1")
    assert len(wire.methods()) == 1
    clock.forward(timedelta(seconds=1))
    await people.profile("U1")
    assert len(wire.methods()) == 2
    people.forget("U1")
    await people.profile("U1")
    assert len(wire.methods()) == 3


async def test_what_slack_said_before_serves_while_it_cannot_be_asked(wire: Wire, slack: Web, clock: Clock) -> None:
    people = People(slack, clock)
    wire.script = [says({"ok": True, "user": person()}), *ASKED_TWICE, hangs]
    known = await people.profile("U1")
    clock.forward(FRESH)
    assert await people.profile("U1") == known
    assert await people.profile("U1") == known
    wire.script = [*ASKED_TWICE, refuses("missing_scope")]
    for _ in range(2):
        assert type(await failure(people.profile("U2"))) is NotSent
    await people.close()


async def test_nobody_is_nobody(wire: Wire, slack: Web, clock: Clock) -> None:
    people = People(slack, clock)
    wire.script = [refuses("user_not_found")]
    assert await people.profile("U404") is None
    assert await people.profile("U404") is None
    assert len(wire.methods()) == 1
    await people.close()


# --- settings ---------------------------------------------------------------------------------------------------

WRONG: list[dict[str, Any]] = [
    {"bot_token": " "},
    {"api_url": "http://slack.com/api/"},
    {"connections": 0},
    {"connections": 11},
    {"timeout": 0},
    {"settle": timedelta(seconds=-1)},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_setting_that_does_not_fit_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        SlackConfig(**{"bot_token": SECRET, **wrong})


def test_ways_in_are_on_when_they_are_set() -> None:
    assert not SlackConfig(SECRET).has_socket
    assert not SlackConfig(SECRET).has_http
    both = SlackConfig(SECRET, app_token="xapp-1", signing_secret="s")
    assert both.has_socket
    assert both.has_http
    assert both.secrets == (SECRET, "xapp-1", "s")
