"""Telephone systems over HTTP: only what is signed, and of these minutes, becomes an event, and each has one effect."""

import ast
import asyncio
import gzip
import hashlib
import hmac
import inspect
import json
import logging
import re
from base64 import b64encode
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import permutations
from random import Random
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import ClientSession, web
from hypothesis import given, settings
from hypothesis import strategies as st
from yarl import URL

from adapters.telephony import signatures, twilio, webhook
from adapters.telephony.body import ADDRESS_LIMIT, DEEPEST, LONGEST, MOST, form_fields
from adapters.telephony.config import TelephonyConfig
from adapters.telephony.refused import Refused
from adapters.telephony.routes import EVENTS, TWILIO, routes
from adapters.telephony.signatures import (
    OF_TWILIO,
    SIGNATURE,
    TIMESTAMP,
    check_twilio,
    twilio_signature,
    webhook_signature,
)
from bot.domain.errors import Conflict
from bot.ports import StoreDown
from bot.ports.telephony import Handler, Kind, Outcome, TelephoneEvent
from storage.database import Database
from tests.support.clock import MORNING, Clock

SECRET = "a secret of the exchange"
TOKEN = "0123456789abcdef0123456789abcdef"
PUBLIC = "https://desk.example.com/madoguchi"
NOW = int(MORNING.timestamp())
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
STARTED = '{"id": "7f3a", "event": "started", "from": "+81312345678", "agent": "201"}\n'
STARTED_SIGNATURE = "v1=a5db647df23a3143eaed2d526bb4f5ec61130d943d81e08b11911f955361e8b8"
"""Made at MORNING by the shell lines of the handbook, with `openssl dgst`."""

SID = "CAbe982f58915a2def4cf7aaa1f1766236"
PARENT = "CA47ebdee5f6d2049fe18cf3ca151ff3a7"
COMPLETED = {
    "Called": "+815012345678", "ToState": "", "CallerCountry": "JP", "Direction": "outbound-dial",
    "Timestamp": "Wed, 01 Apr 2026 01:00:00 +0000", "CallbackSource": "call-progress-events", "CallerState": "",
    "ToZip": "", "SequenceNumber": "3", "To": "+815012345678", "CallSid": SID, "ParentCallSid": PARENT,
    "ToCountry": "JP", "CallerZip": "", "CalledZip": "", "ApiVersion": "2010-04-01", "CallStatus": "completed",
    "CalledCity": "São Paulo", "Duration": "1", "From": "+81312345678", "CallDuration": "49",
    "AccountSid": "AC47ebdee5f6d2049fe18cf3ca151ff3a7", "CalledCountry": "JP", "Caller": "+81312345678",
}  # fmt: skip
"""A status callback with the fields that Twilio sends at the end of a leg."""


@dataclass
class Exchange:
    """A telephone system that tells, and what became of it."""

    url: str
    taken: list[TelephoneEvent] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    async def post(self, path: str, body: str | bytes | AsyncIterator[bytes], headers: Mapping[str, str]) -> int:
        """The status of the answer, whose words are kept."""
        url = URL(self.url + path, encoded=True)
        async with ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
            self.answers.append(await answer.text())
            return answer.status

    async def tell(self, body: str | bytes, at: int = NOW) -> int:
        """POST to the webhook, signed."""
        return await self.post(EVENTS, body, JSON | signed(body, at))

    async def call_back(self, fields: Mapping[str, str], query: str = "", base: str = PUBLIC, **headers: str) -> int:
        """POST as Twilio does, signed for the public address."""
        right = {OF_TWILIO: twilio_signature(TOKEN, base + TWILIO + query, fields.items())}
        return await self.post(TWILIO + query, urlencode(fields), FORM | right | headers)


def signed(body: str | bytes, at: int | str = NOW, secret: str = SECRET) -> dict[str, str]:
    raw = body.encode() if isinstance(body, str) else body
    return {TIMESTAMP: str(at), SIGNATURE: webhook_signature(secret, str(at), raw)}


def event(**told: object) -> str:
    return json.dumps({"id": "7f3a", "event": "started"} | told)


async def in_pieces(raw: bytes) -> AsyncIterator[bytes]:
    """A body whose length is not told beforehand."""
    for at in range(0, len(raw), 10_000):
        yield raw[at : at + 10_000]


@asynccontextmanager
async def serving(clock: Clock, handler: Handler | None = None, **more: float) -> AsyncIterator[Exchange]:
    exchange = Exchange("")

    async def take(one: TelephoneEvent) -> None:
        exchange.taken.append(one)
        if handler:
            await handler(one)

    config = TelephonyConfig(secret=SECRET, auth_token=TOKEN, public_url=PUBLIC, **more)
    app = web.Application()
    app.add_routes(routes(config, take, clock))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    exchange.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield exchange
    await runner.cleanup()


@pytest.fixture
async def exchange(clock: Clock) -> AsyncIterator[Exchange]:
    async with serving(clock) as one:
        yield one


# --- without a secret ---------------------------------------------------------------------------------------


def test_without_a_secret_there_is_no_way_in() -> None:
    wrongs: list[dict[str, Any]] = [
        {},
        {"public_url": PUBLIC},
        {"secret": "short"},
        {"secret": " " * 40},
        {"auth_token": " ", "public_url": PUBLIC},
        {"auth_token": COMPLETED["AccountSid"], "public_url": PUBLIC},
        {"auth_token": TOKEN},
        {"auth_token": TOKEN, "public_url": "desk.example.com"},
        {"auth_token": TOKEN, "public_url": "https://desk.example.com:port"},
        {"auth_token": TOKEN, "public_url": PUBLIC + "/"},
        {"auth_token": TOKEN, "public_url": PUBLIC + "?x=1"},
    ]
    for wrong in wrongs:
        with pytest.raises(ValueError, match=r"[a-z]{4}") as refused:
            TelephonyConfig(**wrong)
        assert TOKEN not in str(refused.value)
    with pytest.raises(ValueError, match="above 0"):
        TelephonyConfig(secret=SECRET, patience=0)


def test_only_what_has_a_secret_is_switched_on(clock: Clock) -> None:
    async def take(_: TelephoneEvent) -> None: ...

    def paths(config: TelephonyConfig) -> list[str]:
        return [one.path for one in routes(config, take, clock)]

    assert paths(TelephonyConfig(secret=SECRET)) == [EVENTS]
    assert paths(TelephonyConfig(auth_token=TOKEN, public_url=PUBLIC)) == [TWILIO]
    assert paths(TelephonyConfig(SECRET, TOKEN, PUBLIC)) == [EVENTS, TWILIO]


def test_secrets_are_named_and_not_shown() -> None:
    config = TelephonyConfig(SECRET, TOKEN, PUBLIC)
    assert config.secrets == (SECRET, TOKEN)
    assert [one for one in config.secrets if one in repr(config)] == []


# --- the webhook: who may tell ------------------------------------------------------------------------------


async def test_what_a_shell_signs_gets_in(exchange: Exchange) -> None:
    headers = {**JSON, TIMESTAMP: str(NOW), SIGNATURE: STARTED_SIGNATURE}
    assert await exchange.post(EVENTS, STARTED, headers) == 204
    assert exchange.taken == [
        TelephoneEvent("telephony", "7f3a", Kind.STARTED, "+81312345678", "201", MORNING),
    ]


async def test_what_is_not_signed_right_is_refused(exchange: Exchange) -> None:
    right = signed(STARTED)
    wrong = [
        {},
        {TIMESTAMP: right[TIMESTAMP]},
        {SIGNATURE: right[SIGNATURE]},
        right | {SIGNATURE: ""},
        right | {SIGNATURE: "v1="},
        right | {SIGNATURE: "v1=" + "0" * 64},
        right | {SIGNATURE: right[SIGNATURE].removeprefix("v1=")},
        right | {SIGNATURE: "v1=" + right[SIGNATURE].removeprefix("v1=").upper()},
        right | {SIGNATURE: right[SIGNATURE][:-1]},
        right | {SIGNATURE: "v1=鍵"},
        right | {TIMESTAMP: str(NOW + 1)},
        right | {TIMESTAMP: "0" + str(NOW)},
        signed(STARTED, "soon"),
        signed(STARTED, -1),
        signed(STARTED, f"{NOW}.0"),
        signed(STARTED, "9" * 400),
        signed(STARTED, secret="another secret of somebody"),
        signed(STARTED, secret=""),
        signed(STARTED + " "),
        signed(json.dumps(json.loads(STARTED))),
        {OF_TWILIO: twilio_signature(TOKEN, PUBLIC + EVENTS, [])},
    ]
    assert [await exchange.post(EVENTS, STARTED, JSON | headers) for headers in wrong] == [401] * len(wrong)
    assert exchange.taken == []
    assert await exchange.post(EVENTS, STARTED, JSON | right) == 204, "it is the signature that they lacked"


async def test_a_body_altered_in_any_byte_is_refused(exchange: Exchange) -> None:
    random, raw, headers = Random(8), STARTED.encode(), JSON | signed(STARTED)
    altered = []
    for _ in range(100):
        at = random.randrange(len(raw))
        altered.append(raw[:at] + bytes([raw[at] ^ 1 << random.randrange(8)]) + raw[at + 1 :])
    assert {await exchange.post(EVENTS, one, headers) for one in altered} == {401}
    assert exchange.taken == []


@pytest.mark.parametrize("skew", [-300, 300])
async def test_five_minutes_are_allowed(exchange: Exchange, skew: int) -> None:
    assert await exchange.tell(STARTED, NOW + skew) == 204


@pytest.mark.parametrize("skew", [-(10**9), -301, 301, 10**9])
async def test_more_is_a_replay_or_a_wrong_clock(exchange: Exchange, skew: int) -> None:
    assert await exchange.tell(STARTED, NOW + skew) == 401
    assert (exchange.taken, "NTP" in exchange.answers[-1]) == ([], True)


async def test_only_who_knows_the_secret_learns_of_our_clock(exchange: Exchange) -> None:
    late = signed(STARTED, NOW - 400, secret="another secret of somebody")
    assert await exchange.post(EVENTS, STARTED, JSON | late) == 401
    assert "NTP" not in exchange.answers[-1]


async def test_what_was_heard_in_time_is_refused_when_it_comes_again_late(exchange: Exchange, clock: Clock) -> None:
    assert await exchange.tell(STARTED) == 204
    clock.forward(timedelta(seconds=301))
    assert await exchange.tell(STARTED) == 401
    assert await exchange.tell(STARTED, NOW + 301) == 204, "signed anew, it may come again"


def test_signatures_are_compared_in_constant_time() -> None:
    """By `compare_digest` alone: nothing there asks whether two things are the same."""
    nodes = list(ast.walk(ast.parse(inspect.getsource(signatures))))
    assert [one for one in nodes if isinstance(one, ast.Eq | ast.NotEq | ast.In)] == []
    assert "compare_digest" in {one.attr for one in nodes if isinstance(one, ast.Attribute)}


# --- the webhook: what is told ------------------------------------------------------------------------------


async def test_everything_that_can_be_told(exchange: Exchange) -> None:
    told = event(
        event="ended",
        direction="out",
        to="+81 3 1234 5678",
        agent="hana@example.com",
        at="2026-04-01T09:59:00+09:00",
        duration=95.7,
        outcome="completed",
        parent="7f39",
        mood={"of": ["the", "caller"]},
        **{"from": "+81398765432"},
    )
    assert await exchange.tell(told) == 204
    (one,) = exchange.taken
    assert one == TelephoneEvent(
        source="telephony",
        id="7f3a",
        kind=Kind.ENDED,
        caller="+81 3 1234 5678",
        agent="hana@example.com",
        at=MORNING - timedelta(minutes=1),
        seconds=95,
        outgoing=True,
        outcome=Outcome.COMPLETED,
        parent="7f39",
    )
    assert one.at.tzinfo is UTC


@pytest.mark.parametrize(
    ("told", "caller", "agent"),
    [
        ({"from": "090", "to": "03"}, "090", "03"),
        ({"from": "090", "to": "03", "agent": 201}, "090", "201"),
        ({"from": "03", "to": "090", "direction": "outbound"}, "090", "03"),
        ({"from": None, "direction": None}, "", ""),
        ({"from": "  +81\u202e 3\t1234\u200b\n5678 \0", "agent": "\ud8002\ufeff01"}, "+81 3 1234 5678", "201"),
        ({"from": "9" * 10_000}, "9" * (ADDRESS_LIMIT - 1) + "…", ""),
        ({"from": "<!channel> =cmd|' '!A1"}, "<!channel> =cmd|' '!A1", ""),
    ],
)
async def test_whose_the_two_sides_are(exchange: Exchange, told: dict[str, object], caller: str, agent: str) -> None:
    assert await exchange.tell(event(**told)) == 204
    assert [(one.caller, one.agent) for one in exchange.taken] == [(caller, agent)]


async def test_a_length_is_of_a_call_that_has_ended(exchange: Exchange) -> None:
    kinds = ["ringing", "started", "ended"]
    assert {await exchange.tell(event(event=kind, duration="12", outcome="busy")) for kind in kinds} == {204}
    assert [(one.seconds, one.outcome) for one in exchange.taken] == [(None, None), (None, None), (12, Outcome.BUSY)]


async def test_what_is_signed_and_wrong_is_told_in_a_sentence(exchange: Exchange) -> None:
    wrong: dict[str | bytes, str] = {
        b"": "JSON object",
        b"{": "JSON object",
        b"[]": "JSON object",
        b"\xff\xfe{\0}\0": "UTF-8",
        b"[" * 60_000: "JSON object",
        b'{"a":' * 10_000: "JSON object",
        b'{"id": 1, "event": "ended", "duration": NaN}': "JSON object",
        b'{"id": ' + b"9" * 5_000 + b"}": "JSON object",
        event(x=json.loads("[" * (DEEPEST + 1) + "0" + "]" * (DEEPEST + 1))): "too deeply",
        event(id=None): "id must",
        event(id=""): "id must",
        event(id=" \u200b"): "id must",
        event(id="7" * 129): "id must",
        event(id=["7"]): "id must",
        event(id=True): "id must",
        event(id=10**20): "id must",
        event(event=None): "event must",
        event(event="Started"): "event must",
        event(event=["started"]): "event must",
        event(direction="up"): "direction must",
        event(direction={"in": 1}): "direction must",
        event(agent={"ext": 201}): "agent must",
        event(**{"from": 1.5}): "from must",
        event(parent=["7"]): "parent must",
        event(at="soon"): "at must",
        event(at="2026-04-01T10:00:00"): "at must",
        event(at=True): "at must",
        event(at=1e300): "at must",
        event(at="0001-01-01T00:00:00+14:00"): "at must",
        event(at=NOW - 8 * 86400): "at must lie",
        event(at=NOW + 301): "at must lie",
        event(event="ended", duration=-1): "duration must",
        event(event="ended", duration="long"): "duration must",
        event(event="ended", duration=True): "duration must",
        event(event="ended", duration=10**9): "duration must",
    }
    for body, words in wrong.items():
        assert (await exchange.tell(body), body) == (400, body)
        assert words in exchange.answers[-1]
        assert len(exchange.answers[-1]) < 160
    assert exchange.taken == []


async def test_what_looks_odd_and_is_right(exchange: Exchange) -> None:
    odd: list[str | bytes] = [
        b"\xef\xbb\xbf" + STARTED.encode(),
        event(id=7, at=NOW - 3600),
        event(x=json.loads("[" * (DEEPEST - 1) + "]" * (DEEPEST - 1))),
        event(event="ended", outcome={"a": "word"}),
        event(event="ended", outcome="voicemail"),
    ]
    assert [await exchange.tell(one) for one in odd] == [204] * len(odd)
    assert [one.outcome for one in exchange.taken] == [None] * len(odd)


# --- both: requests that are none ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", [EVENTS, TWILIO])
async def test_other_methods_are_told_to_post(exchange: Exchange, path: str) -> None:
    async with ClientSession() as session:
        for method in ("GET", "PUT", "DELETE"):
            async with session.request(method, exchange.url + path) as answer:
                assert (answer.status, answer.headers["Allow"], await answer.text()) == (405, "POST", "Use POST.\n")


@pytest.mark.parametrize("path", [EVENTS, TWILIO])
async def test_other_content_types_are_refused(exchange: Exchange, path: str) -> None:
    packed = gzip.compress(STARTED.encode())
    right = JSON if path == EVENTS else FORM
    for headers in ({"Content-Type": "text/plain"}, {"Content-Type": "multipart/form-data"}, {**FORM, **JSON, **right}):
        encoded = (
            headers if headers["Content-Type"] != right["Content-Type"] else headers | {"Content-Encoding": "gzip"}
        )
        assert await exchange.post(path, packed, encoded | signed(packed)) == 415
    assert exchange.taken == []


async def test_a_charset_beside_the_content_type_does_no_harm(exchange: Exchange) -> None:
    headers = signed(STARTED) | {"Content-Type": "application/json; charset=utf-8"}
    assert await exchange.post(EVENTS, STARTED, headers) == 204


async def test_64_kilobytes_are_taken_and_no_more(exchange: Exchange) -> None:
    most = STARTED + " " * (LONGEST - len(STARTED))
    assert await exchange.tell(most) == 204
    for body in (most + " ", most * 4):
        headers = JSON | signed(body)
        assert await exchange.post(EVENTS, body, headers) == 413
        assert await exchange.post(EVENTS, in_pieces(body.encode()), headers) == 413
    assert len(exchange.taken) == 1


def begun(exchange: Exchange) -> tuple[str, int, bytes]:
    """Host, port, and the first half of a request that is signed right."""
    url = URL(exchange.url)
    headers = "".join(f"{name}: {value}\r\n" for name, value in (JSON | signed(STARTED)).items())
    first = f"POST {EVENTS} HTTP/1.1\r\nHost: desk\r\n{headers}Content-Length: {len(STARTED)}\r\n\r\n{STARTED[:9]}"
    return str(url.host), int(url.port or 0), first.encode()


async def test_a_body_that_comes_too_slowly_is_given_up(clock: Clock) -> None:
    async with serving(clock, body_within=0.05) as exchange:
        host, port, first = begun(exchange)
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(first)
        assert b" 408 " in await reader.readline()
        writer.close()
        assert exchange.taken == []
        assert await exchange.tell(STARTED) == 204


async def test_a_body_that_breaks_off_is_no_event_and_no_bug(
    exchange: Exchange, caplog: pytest.LogCaptureFixture
) -> None:
    host, port, first = begun(exchange)
    _, writer = await asyncio.open_connection(host, port)
    writer.write(first)
    await writer.drain()
    await exchange.post(EVENTS, "", {})  # so long that the first is being read
    writer.close()
    whys: list[object] = []
    for _ in range(1000):
        whys = [one.__dict__.get("why") for one in caplog.records if one.__dict__.get("status") == 400]
        if whys:
            break
        await asyncio.sleep(0.01)
    assert whys == ["The body broke off."]
    assert exchange.taken == []
    assert [one.message for one in caplog.records if one.levelno >= logging.ERROR] == []


async def test_what_is_no_http_body_is_refused(exchange: Exchange, caplog: pytest.LogCaptureFixture) -> None:
    host, port = exchange.url.removeprefix("http://").split(":")
    headers = "\r\n".join(f"{name}: {value}" for name, value in (JSON | signed(STARTED)).items())
    head = f"POST {EVENTS} HTTP/1.1\r\nHost: desk\r\n{headers}\r\n"
    for wrong in ("Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\nno length\r\n", "Content-Length: many\r\n\r\n{}"):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(head.encode())
        await writer.drain()
        writer.write(wrong.encode())
        assert b" 400 " in await reader.readline()
        writer.close()
    assert exchange.taken == []
    assert [one.message for one in caplog.records if one.levelname == "ERROR" and "Unhandled" in one.message] == []


# --- both: what becomes of it -------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [StoreDown("the database at db.example.com is down"), Conflict("who was first?")])
async def test_what_cannot_be_stored_is_to_be_told_again(clock: Clock, error: Exception) -> None:
    troubles = [error]

    async def store(_: TelephoneEvent) -> None:
        if troubles:
            raise troubles.pop()

    async with serving(clock, store) as exchange:
        assert await exchange.tell(STARTED) == 503
        assert "again" in exchange.answers[-1]
        assert str(error) not in exchange.answers[-1]
        assert await exchange.tell(STARTED) == 204
        troubles.append(error)
        assert [await exchange.call_back(COMPLETED) for _ in range(2)] == [503, 204]


async def test_a_taking_that_hangs_is_given_up_and_to_be_told_again(clock: Clock) -> None:
    async def hang(_: TelephoneEvent) -> None:
        await asyncio.Event().wait()

    async with serving(clock, hang, patience=0.05) as exchange:
        assert await exchange.tell(STARTED) == 503


async def test_a_bug_of_ours_is_a_500_that_says_nothing(clock: Clock) -> None:
    async def fail(_: TelephoneEvent) -> None:
        raise ValueError("the agent's own words")

    async with serving(clock, fail) as exchange:
        assert await exchange.tell(STARTED) == 500
        assert "own words" not in exchange.answers[-1]


async def test_told_again_it_has_one_effect_for_a_handler_that_notes_its_key(clock: Clock, on_sqlite: Database) -> None:
    """The control is in the same test: what was merely counted was counted every time."""
    effects: list[str] = []

    async def once(one: TelephoneEvent) -> None:
        async with on_sqlite.transaction() as tx:
            if await tx.arrivals.first(one.source, one.key):
                effects.append(f"{one.id} {one.kind}")

    ended = event(event="ended", at=NOW)
    async with serving(clock, once) as exchange:
        assert {await exchange.tell(STARTED) for _ in range(3)} == {204}
        clock.forward(timedelta(seconds=200))
        assert await exchange.tell(STARTED, NOW + 200) == 204
        assert set(await asyncio.gather(*(exchange.tell(ended) for _ in range(5)))) == {204}
    async with serving(clock, once) as another:
        assert await another.tell(STARTED) == 204
    assert effects == ["7f3a started", "7f3a ended"]
    assert len(exchange.taken) == 9


def test_only_the_same_event_has_the_same_key() -> None:
    one = TelephoneEvent("telephony", "7", Kind.STARTED, "090", "201", MORNING)
    told_again = TelephoneEvent("telephony", "7", Kind.STARTED, "", "201", MORNING + timedelta(seconds=2))
    others = [
        TelephoneEvent("telephony", "8", Kind.STARTED, "090", "201", MORNING),
        TelephoneEvent("telephony", "7", Kind.ENDED, "090", "201", MORNING),
        TelephoneEvent("telephony", "7", Kind.STARTED, "090", "202", MORNING),
    ]
    assert one.key == told_again.key
    assert len({one.key, *(other.key for other in others)}) == 4


async def test_out_of_order_the_furthest_that_was_told_still_holds(exchange: Exchange) -> None:
    """Nothing waits for what has not come. The kinds tell how far a call is; the order of arrival would not."""
    kinds = ["ringing", "in-progress", "completed"]
    by_kind, by_arrival = set(), set()
    for order in permutations(kinds):
        exchange.taken.clear()
        for status in order:
            at = format_datetime(MORNING + timedelta(seconds=kinds.index(status)))
            assert await exchange.call_back(COMPLETED | {"CallStatus": status, "Timestamp": at}) == 204
        assert [one.at - MORNING for one in exchange.taken] == [timedelta(seconds=kinds.index(one)) for one in order]
        by_kind.add(max((one.kind for one in exchange.taken), key=list(Kind).index))
        by_arrival.add(exchange.taken[-1].kind)
    assert (by_kind, by_arrival) == ({Kind.ENDED}, set(Kind))


async def test_refusals_are_logged_without_numbers(exchange: Exchange, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    body = event(event="ended", duration=-1, **{"from": "+81312345678"})
    assert [await exchange.post(EVENTS, body, JSON), await exchange.tell(body)] == [401, 400]
    told = [(one.levelname, one.__dict__["status"]) for one in caplog.records if "refused" in one.message]
    assert told == [("INFO", 401), ("WARNING", 400)]
    assert "12345678" not in "".join(str(one.__dict__) for one in caplog.records)


# --- Twilio -------------------------------------------------------------------------------------------------

DOCUMENTED = {
    "CallSid": "CA1234567890ABCDE",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
    "Caller": "+14158675309",
}
REPEATED = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")]


@pytest.mark.parametrize(
    ("public", "fields", "signature"),
    [
        ("https://mycompany.com", DOCUMENTED.items(), "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("https://mycompany.com:1234", DOCUMENTED.items(), "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("https://mycompany.com", DOCUMENTED.items(), "kvajT1Ptam85bY51eRf/AJRuM3w="),
        ("http://mycompany.com", DOCUMENTED.items(), "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        ("http://mycompany.com:1234", DOCUMENTED.items(), "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
        ("https://mycompany.com", REPEATED, "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
    ],
)
def test_the_signatures_of_twilios_documentation(
    public: str, fields: Iterable[tuple[str, str]], signature: str
) -> None:
    """Those of its page on security, and of the tests of its Python library: with and without ports, told twice."""
    told = list(fields)
    check_twilio({OF_TWILIO: signature}, public, "/myapp.php?foo=1&bar=2", told, "12345")
    wrong: list[tuple[str, str, str, list[tuple[str, str]], str]] = [
        (signature.swapcase(), public, "/myapp.php?foo=1&bar=2", told, "12345"),
        (signature, public.replace("my", "your"), "/myapp.php?foo=1&bar=2", told, "12345"),
        (signature, public, "/myapp.php?bar=2&foo=1", told, "12345"),
        (signature, public, "/myapp.php", told, "12345"),
        (signature, public, "/myapp.php?foo=1&bar=2", told[1:], "12345"),
        (signature, public, "/myapp.php?foo=1&bar=2", [*told, ("Z", "")], "12345"),
        (signature, public, "/myapp.php?foo=1&bar=2", told, "12346"),
        ("", public, "/myapp.php?foo=1&bar=2", told, "12345"),
    ]
    for given_, base, path, of, token in wrong:
        with pytest.raises(Refused) as refused:
            check_twilio({OF_TWILIO: given_}, base, path, of, token)
        assert refused.value.status == 401


async def test_the_end_of_a_leg(exchange: Exchange) -> None:
    assert await exchange.call_back(COMPLETED) == 204
    assert exchange.taken == [
        TelephoneEvent(
            source="twilio",
            id=SID,
            kind=Kind.ENDED,
            caller="+81312345678",
            agent="+815012345678",
            at=MORNING,
            seconds=49,
            outcome=Outcome.COMPLETED,
            parent=PARENT,
        )
    ]


async def test_the_minutes_of_the_bill_are_no_length(exchange: Exchange) -> None:
    for length in ({"CallDuration": ""}, {"CallDuration": "-1"}, {"CallDuration": "９"}, {"CallDuration": "9" * 10}):
        assert await exchange.call_back(COMPLETED | length) == 204
    assert [one.seconds for one in exchange.taken] == [None] * 4


@pytest.mark.parametrize(
    ("status", "kind", "outcome"),
    [
        ("queued", Kind.RINGING, None),
        ("initiated", Kind.RINGING, None),
        ("ringing", Kind.RINGING, None),
        ("in-progress", Kind.STARTED, None),
        ("answered", Kind.STARTED, None),
        ("completed", Kind.ENDED, Outcome.COMPLETED),
        ("busy", Kind.ENDED, Outcome.BUSY),
        ("failed", Kind.ENDED, Outcome.FAILED),
        ("no-answer", Kind.ENDED, Outcome.NO_ANSWER),
        ("canceled", Kind.ENDED, Outcome.CANCELED),
    ],
)
async def test_what_the_words_of_twilio_mean(
    exchange: Exchange, status: str, kind: Kind, outcome: Outcome | None
) -> None:
    assert await exchange.call_back(COMPLETED | {"CallStatus": status}) == 204
    (one,) = exchange.taken
    assert (one.kind, one.outcome) == (kind, outcome)
    assert (one.seconds is None) == (kind is not Kind.ENDED)


@pytest.mark.parametrize(
    ("caller", "called", "query", "theirs", "ours", "outgoing"),
    [
        ("+81312345678", "+815012345678", "", "+81312345678", "+815012345678", False),
        ("+81312345678", "client:hana", "", "+81312345678", "client:hana", False),
        ("anonymous", "sip:201@desk.example.com", "", "anonymous", "sip:201@desk.example.com", False),
        ("client:hana", "+81312345678", "", "+81312345678", "client:hana", True),
        ("client:ken", "client:hana", "", "client:ken", "client:hana", False),
        ("+81312345678", "+815012345678", "?agent=201", "+81312345678", "201", False),
        ("+815012345678", "+81312345678", "?agent=emma%40example.com&direction=out", "+81312345678",
         "emma@example.com", True),
        ("sip:guest@example.com", "+815012345678", "?direction=in", "sip:guest@example.com", "+815012345678", False),
        ("", "", "?agent=", "", "", False),
    ],
)  # fmt: skip
async def test_whose_leg_it_is(
    exchange: Exchange, caller: str, called: str, query: str, theirs: str, ours: str, outgoing: bool
) -> None:
    assert await exchange.call_back(COMPLETED | {"From": caller, "To": called}, query) == 204
    (one,) = exchange.taken
    assert (one.caller, one.agent, one.outgoing) == (theirs, ours, outgoing)


async def test_nobody_but_twilio_says_whose_leg_it_is(exchange: Exchange) -> None:
    headers = {OF_TWILIO: twilio_signature(TOKEN, PUBLIC + TWILIO, COMPLETED.items())}
    assert await exchange.post(TWILIO + "?agent=202", urlencode(COMPLETED), FORM | headers) == 401
    assert await exchange.post(TWILIO, urlencode(COMPLETED), FORM | headers) == 204


async def test_behind_a_proxy_the_public_address_counts_and_no_header(exchange: Exchange) -> None:
    """The control: what the request says of itself is not what Twilio signed."""
    assert await exchange.call_back(COMPLETED, Host="elsewhere.example.com") == 204
    assert await exchange.call_back(COMPLETED, base=PUBLIC.replace(".com", ".com:443")) == 204
    forged = {
        "X-Forwarded-Host": "evil.example.com",
        "X-Forwarded-Proto": "https",
        "Forwarded": "host=evil.example.com",
    }
    assert await exchange.call_back(COMPLETED, base="https://evil.example.com", **forged) == 401
    assert await exchange.call_back(COMPLETED, base=exchange.url) == 401
    assert len(exchange.taken) == 2


async def test_what_twilio_did_not_sign_is_refused(exchange: Exchange) -> None:
    right = twilio_signature(TOKEN, PUBLIC + TWILIO, COMPLETED.items())
    bare = urlencode(COMPLETED)
    requests: list[tuple[str, dict[str, str]]] = [
        (bare, {}),
        (bare, {OF_TWILIO: ""}),
        (bare, {OF_TWILIO: "鍵"}),
        (bare, {OF_TWILIO: right.swapcase()}),
        (bare, {OF_TWILIO: twilio_signature("f" * 32, PUBLIC + TWILIO, COMPLETED.items())}),
        (bare, signed(bare)),
        (urlencode(COMPLETED | {"CallDuration": "50"}), {OF_TWILIO: right}),
        (urlencode(COMPLETED | {"More": ""}), {OF_TWILIO: right}),
        (urlencode({name: value for name, value in COMPLETED.items() if value}), {OF_TWILIO: right + "x"}),
        ("", {OF_TWILIO: right}),
    ]
    assert [await exchange.post(TWILIO, body, FORM | headers) for body, headers in requests] == [401] * len(requests)
    assert exchange.taken == []
    assert await exchange.post(TWILIO, bare, FORM | {OF_TWILIO: right}) == 204, "it is the signature that they lacked"


@pytest.mark.parametrize(("age", "status"), [(300, 204), (-300, 204), (301, 401), (-301, 401), (10**8, 401)])
async def test_a_callback_of_long_ago_is_refused(exchange: Exchange, age: int, status: int) -> None:
    at = format_datetime(MORNING - timedelta(seconds=age))
    assert await exchange.call_back(COMPLETED | {"Timestamp": at}) == status


async def test_what_is_twilios_and_no_status_callback_is_told_in_a_sentence(exchange: Exchange) -> None:
    wrong = {
        "CallSid": ["", "CA123", SID + "CallStatuscompleted", SID.replace("CA", "SM")],
        "CallStatus": ["", "Completed", "asleep"],
        "Timestamp": [
            "",
            "soon",
            "2026-04-01T10:00:00Z",
            "Wed, 01 Apr 99999 01:00:00 +0000",
            "31 Dec 9999 23:59:59 -2300",
        ],
    }
    for name, values in wrong.items():
        for value in values:
            assert (await exchange.call_back(COMPLETED | {name: value}), value) == (400, value)
            assert name in exchange.answers[-1]
    assert await exchange.call_back({f"Field{number}": "" for number in range(MOST + 1)}) == 400
    assert exchange.taken == []


async def test_a_name_that_is_no_utf_8_spoils_no_signature(exchange: Exchange) -> None:
    body = (urlencode(COMPLETED) + "&zName=%8E%52%93c").encode()
    text = PUBLIC + TWILIO + "".join(name + value for name, value in sorted(COMPLETED.items())) + "zName"
    right = hmac.new(TOKEN.encode(), text.encode() + b"\x8e\x52\x93c", hashlib.sha1)
    headers = {OF_TWILIO: b64encode(right.digest()).decode()}
    assert await exchange.post(TWILIO, body, FORM | headers) == 204


@pytest.mark.parametrize(
    ("caller", "is_withheld"),
    [
        ("", True), ("anonymous", True), ("Anonymous", True), ("RESTRICTED", True), ("unavailable", True),
        ("+266696687", True), ("266696687", True), ("+7378742833", True), ("sip:anonymous@anonymous.invalid", True),
        ("非通知", True), ("+81312345678", False), ("sip:anna@example.com", False), ("client:anonymous", False),
        ("+2666966870", False),
    ],
)  # fmt: skip
def test_who_keeps_their_number_back_is_known_as_such(caller: str, is_withheld: bool) -> None:
    """As two customers, and not as one who always rings."""
    one = TelephoneEvent("twilio", SID, Kind.RINGING, caller, "201", MORNING)
    assert (one.is_withheld, one.caller) == (is_withheld, caller)


# --- whatever is sent ---------------------------------------------------------------------------------------

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
NAMES = st.sampled_from(
    ["id", "event", "direction", "from", "to", "agent", "at", "duration", "outcome", "parent", "more"]
)
LIKELY = st.sampled_from(["7", "ringing", "started", "ended", "in", "out", NOW, "2026-04-01T10:00:00+09:00", 12])


def assert_sound(one: TelephoneEvent, now: datetime) -> None:
    """What a handler may rely on."""
    assert 0 < len(one.id) <= 128
    assert max(len(one.caller), len(one.agent)) <= ADDRESS_LIMIT
    for text in (one.id, one.caller, one.agent, one.parent):
        assert text.encode().decode() == text.strip()
        assert not re.search("[\x00-\x1f\x7f\u202e\u200b]", text)
    assert one.at.utcoffset() == timedelta()
    assert one.at <= now + timedelta(seconds=signatures.WINDOW)
    assert one.seconds is None or one.seconds >= 0
    assert re.fullmatch("[0-9a-f]{64}", one.key)


def assert_said(refused: Refused, statuses: set[int]) -> None:
    """That it is a sentence, short enough for a log line."""
    assert refused.status in statuses
    assert refused.sentence.endswith(".")
    assert len(refused.sentence) < 160


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300) | st.dictionaries(NAMES, LIKELY | ANYTHING).map(lambda told: json.dumps(told).encode()))
def test_any_body_is_an_event_or_a_sentence(raw: bytes) -> None:
    try:
        one = webhook.event_of(raw, MORNING)
    except Refused as refused:
        assert_said(refused, {400})
    else:
        assert_sound(one, MORNING)


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=200),
    st.dictionaries(
        st.sampled_from([*COMPLETED, "ParentCallSid"]),
        st.text(max_size=400) | st.sampled_from(list(COMPLETED.values())),
    ),
    st.dictionaries(st.sampled_from(["agent", "direction"]), st.text() | st.just("out")),
)
def test_any_form_is_an_event_or_a_sentence(more: bytes, changes: dict[str, str], query: dict[str, str]) -> None:
    fields = form_fields(urlencode(COMPLETED | changes, errors="replace").encode() + b"&X=" + more)
    try:
        one = twilio.event_of(fields, query, MORNING)
    except Refused as refused:
        assert_said(refused, {400, 401})
    else:
        assert_sound(one, MORNING)


def mangled(random: Random, raw: bytes) -> bytes:
    """A body with a piece of it gone, doubled or spoilt."""
    spice: Sequence[bytes] = (
        b"\0",
        b"\xff",
        b'"',
        b"{",
        b"[" * 50,
        b"\\ud800",
        b"1e999",
        b"%ZZ",
        b"&",
        b"=",
        b"null",
        b"",
    )
    for _ in range(random.choice((1, 1, 2, 5))):
        at, length = random.randrange(len(raw) + 1), random.choice((0, 1, 4, 30))
        raw = raw[:at] + random.choice((*spice, raw[at : at + length] * 2)) + raw[at + length :]
    return raw


async def test_no_signed_body_however_mangled_is_a_bug(exchange: Exchange) -> None:
    random, full = Random(8), event(event="ended", at=NOW, duration=3, agent="201", direction="in", x=[{}]).encode()
    statuses = {await exchange.tell(mangled(random, full)) for _ in range(200)}
    for _ in range(200):
        raw = mangled(random, urlencode(COMPLETED).encode())
        right = {OF_TWILIO: twilio_signature(TOKEN, PUBLIC + TWILIO, form_fields(raw))}
        statuses.add(await exchange.post(TWILIO, raw, FORM | right))
    assert statuses == {204, 400}
    for one in exchange.taken:
        assert_sound(one, MORNING)
