"""Slack's requests over HTTP: only what Slack signed within the last five minutes gets in."""

import hashlib
import hmac
import json
import logging
from collections.abc import AsyncIterator, Mapping
from io import BytesIO
from urllib.parse import urlencode

import pytest
from aiohttp import ClientSession

from adapters.slack.requests import LONGEST, SIGNATURE, TIMESTAMP, is_signed
from tests.adapters.slack_office import Office, open_office
from tests.fakes.slack import FakeSlack

NOW = 1_800_000_000
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
COMMAND = urlencode({"command": "/queue", "user_id": "U0KEN", "channel_id": "C0SUPPORT", "text": ""})


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    slack = FakeSlack()
    await slack.open()
    async with open_office(slack, "http", now=lambda: NOW) as opened:
        yield opened
    await slack.close()


async def sent(office: Office, body: str | bytes | BytesIO, headers: Mapping[str, str]) -> int:
    async with ClientSession() as session, session.post(office.url, data=body, headers=headers) as answer:
        return answer.status


def signed(office: Office, body: str, at: int = NOW) -> dict[str, str]:
    return office.slack.ways.signed(body, at)


async def test_what_slack_signed_gets_in(office: Office) -> None:
    assert await sent(office, COMMAND, {**FORM, **signed(office, COMMAND)}) == 200
    assert (await office.desk.called()).verb == "queue"


@pytest.mark.parametrize("age", [-300, 300])
async def test_five_minutes_are_allowed(office: Office, age: int) -> None:
    assert await sent(office, COMMAND, {**FORM, **signed(office, COMMAND, NOW + age)}) == 200


async def test_what_slack_did_not_sign_is_refused(office: Office) -> None:
    right = signed(office, COMMAND)
    wrong = [
        {},
        {TIMESTAMP: right[TIMESTAMP]},
        {SIGNATURE: right[SIGNATURE]},
        right | {SIGNATURE: "v0=" + "0" * 64},
        right | {SIGNATURE: right[SIGNATURE].removeprefix("v0=")},
        right | {SIGNATURE: right[SIGNATURE].upper()},
        right | {SIGNATURE: "v0=鍵"},
        right | {TIMESTAMP: str(NOW + 1)},
        right | {TIMESTAMP: "soon"},
        right | {TIMESTAMP: "-1"},
        right | {TIMESTAMP: "１８０００００００"},
        signed(office, COMMAND, NOW - 301),
        signed(office, COMMAND, NOW + 301),
        signed(office, COMMAND + "&text=more"),
    ]
    statuses = [await sent(office, COMMAND, {**FORM, **headers}) for headers in wrong]
    await office.listeners.close()
    assert statuses == [401] * len(wrong)
    assert office.desk.calls == []


async def test_a_check_of_slacks_certificate_is_no_way_round_the_signature(office: Office) -> None:
    """bolt takes anything with ssl_check=1 for verified."""
    assert await sent(office, f"{COMMAND}&ssl_check=1", FORM) == 401
    await office.listeners.close()
    assert office.desk.calls == []


def test_without_a_secret_nothing_is_signed() -> None:
    assert not is_signed(b"", {TIMESTAMP: str(NOW), SIGNATURE: "v0="}, "", NOW)


async def test_more_than_a_megabyte_is_refused(office: Office) -> None:
    body = "x" * (LONGEST + 1)
    assert await sent(office, BytesIO(body.encode()), {**FORM, **signed(office, body)}) == 413


async def test_slacks_challenge_is_answered(office: Office) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "sesame"})
    headers = {**JSON, **signed(office, body)}
    async with ClientSession() as session, session.post(office.url, data=body, headers=headers) as answer:
        assert (answer.status, "sesame" in await answer.text()) == (200, True)


async def test_a_command_whose_words_hold_payload_is_heard(office: Office) -> None:
    body = urlencode({"command": "/note", "user_id": "U0KEN", "text": "7 the payload=1 broke"})
    assert await sent(office, body, {**FORM, **signed(office, body)}) == 200
    assert (await office.desk.called()).text == "7 the payload=1 broke"


async def test_a_retry_is_taken_and_recognised(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    event = {"type": "app_mention", "user": "U0KEN", "text": "<@U0DESK> queue", "channel": "C0SUPPORT"}
    body = json.dumps({"type": "event_callback", "event_id": "Ev7", "event": event})
    headers = {**JSON, **signed(office, body)}
    again = {**headers, "X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
    assert [await sent(office, body, headers), await sent(office, body, again)] == [200, 200]
    await office.desk.called(2)
    assert [one.event for one in office.desk.calls] == ["Ev7", "Ev7"]
    assert [one.__dict__["why"] for one in caplog.records if "tells an event again" in one.message] == ["http_timeout"]


@pytest.mark.parametrize(
    ("body", "headers"),
    [(b"{", JSON), (b"[]", JSON), (b"\xff\xfe", JSON), (b"[" * 100_000, JSON), (b"payload={", FORM), (b"", FORM)],
)
async def test_what_is_slacks_but_makes_no_sense_is_acknowledged(
    office: Office, body: bytes, headers: Mapping[str, str]
) -> None:
    base = b"v0:%d:" % NOW + body
    right = hmac.new(office.slack.signing_secret.encode(), base, hashlib.sha256).hexdigest()
    assert await sent(office, body, {**headers, TIMESTAMP: str(NOW), SIGNATURE: f"v0={right}"}) == 200
