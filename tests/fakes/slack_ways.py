"""How the fake Slack hands a payload to the app: over a socket, or signed by HTTP; events again until acknowledged."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientError, ClientSession, ClientTimeout

from tests.fakes.slack_faults import Gate
from tests.fakes.slack_socket import Answer, Sockets
from tests.fakes.slack_world import World

EVENTS, INTERACTIVE, COMMANDS = "events_api", "interactive", "slash_commands"
RETRIES = (0.0, 60.0, 300.0)
"""Seconds after which Slack sends an event again that was not acknowledged."""
REDIRECTS = 2


class Ways:
    """The way in that is set. `request_url` is where HTTP leads; "" means Socket Mode."""

    def __init__(self, world: World, gate: Gate, sockets: Sockets, signing_secret: str) -> None:
        self.request_url = ""
        self.retries: Sequence[float] = RETRIES
        self.signing_secret = signing_secret
        self._world = world
        self._gate = gate
        self._sockets = sockets
        self._again: set[asyncio.Task[None]] = set()

    async def hand_over(self, kind: str, payload: dict[str, Any], twice: bool = False) -> Answer:
        """Deliver a payload; with `twice` two times at once, where there are two sockets over both."""
        if not (twice or self._gate.chance(self._gate.faults.double)):
            return await self._first(kind, payload)
        first, _ = await asyncio.gather(self._first(kind, payload), self._once(kind, payload, (0, "")))
        return first

    async def settled(self) -> None:
        """Return when no event waits to be sent again."""
        while self._again:
            await asyncio.gather(*self._again)

    async def close(self) -> None:
        for task in self._again:
            task.cancel()
        await asyncio.gather(*self._again, return_exceptions=True)

    async def verify(self) -> bool:
        """Whether the app's request URL answers Slack's challenge."""
        challenge = f"challenge-{time.time_ns()}"
        answer = await self._by_http(EVENTS, {"type": "url_verification", "challenge": challenge}, (0, ""))
        return (answer.response or {}).get("challenge", (answer.response or {}).get("text")) == challenge

    async def _first(self, kind: str, payload: dict[str, Any]) -> Answer:
        answer = await self._once(kind, payload, (0, ""))
        if kind == EVENTS and answer.acked is None and answer.retries:
            task = asyncio.create_task(self._repeat(payload, answer.error))
            self._again.add(task)
            task.add_done_callback(self._again.discard)
        return answer

    async def _repeat(self, payload: dict[str, Any], error: str) -> None:
        for number, rest in enumerate(self.retries, start=1):
            await asyncio.sleep(rest)
            answer = await self._once(EVENTS, payload, (number, error))
            if answer.acked is not None or not answer.retries:
                return
            error = answer.error

    async def _once(self, kind: str, payload: dict[str, Any], retry: tuple[int, str]) -> Answer:
        if self.request_url:
            return await self._by_http(kind, payload, retry)
        reason = {"": "", "operation_timeout": "timeout", "dispatch_failed": "no_connection"}.get(retry[1], retry[1])
        return await self._sockets.send(kind, payload, (retry[0], reason))

    async def _by_http(self, kind: str, payload: dict[str, Any], retry: tuple[int, str]) -> Answer:
        """POST to the request URL as Slack does, signed v0."""
        form = "application/x-www-form-urlencoded"
        body, content = json.dumps(payload), "application/json"
        if kind == INTERACTIVE:
            body, content = urlencode({"payload": body}), form
        elif kind == COMMANDS:
            body, content = urlencode(payload), form
        headers = {"Content-Type": content, "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)"}
        headers |= self.signed(body)
        if retry[0]:
            headers |= {"X-Slack-Retry-Num": str(retry[0]), "X-Slack-Retry-Reason": retry[1] or "unknown_error"}
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with (
                ClientSession(timeout=ClientTimeout(total=self._sockets.patience)) as session,
                session.post(self.request_url, data=body, headers=headers, max_redirects=REDIRECTS) as response,
            ):
                text = await response.text()
                retries = response.headers.get("X-Slack-No-Retry") != "1"
                if response.status // 100 != 2:
                    return Answer(error="http_error", retries=retries, response={"status": response.status})
        except TimeoutError:
            return Answer(error="http_timeout" if kind == EVENTS else "operation_timeout")
        except ClientError:
            return Answer(error="connection_failed" if kind == EVENTS else "dispatch_failed")
        return Answer(loop.time() - began, _read(text))

    def signed(self, body: str, at: int | None = None) -> dict[str, str]:
        """The headers of a request that is signed with the app's signing secret."""
        stamp = str(int(time.time()) if at is None else at)
        digest = hmac.new(self.signing_secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def _read(text: str) -> dict[str, Any] | None:
    """The body of an answer: JSON, or a text to show."""
    if not text.strip():
        return None
    try:
        told = json.loads(text)
    except ValueError:
        return {"text": text}
    return told if isinstance(told, dict) else {"text": text}
