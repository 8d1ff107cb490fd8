"""The fake Slack's Socket Mode: up to ten connections, each payload to one of them, acks, refreshes, dead lines."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any
from uuid import uuid4

from aiohttp import ClientConnectionError, WSMsgType, web

from tests.fakes.slack_faults import Gate
from tests.fakes.slack_people import APP

MOST = 10
PING = 10.0
ACK = 3.0
"""Seconds within which Slack wants an answer; `Sockets.patience` may be set to others, for HTTP too."""


@dataclass
class Answer:
    """How the app answered a payload: seconds until then, and what it said; or why it did not."""

    acked: float | None = None
    response: dict[str, Any] | None = None
    error: str = ""
    retries: bool = True


@dataclass
class Connection:
    """A line to the app. A deaf one stays open, but reads nothing, sends nothing and answers no ping."""

    number: int
    socket: web.WebSocketResponse
    request: web.Request
    over: asyncio.Event = field(default_factory=asyncio.Event)
    reader: asyncio.Task[None] | None = None
    is_deaf: bool = False
    is_leaving: bool = False
    envelopes: list[str] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        transport = self.request.transport
        return not (self.over.is_set() or self.socket.closed or transport is None or transport.is_closing())


class Sockets:
    """All lines, and the way over them."""

    def __init__(self, gate: Gate, base: Callable[[], str]) -> None:
        self.connections: list[Connection] = []
        self.patience = ACK
        self.tickets = 0
        self.connected = 0
        self.is_disabled = False
        self._gate = gate
        self._base = base
        self._valid: set[str] = set()
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._turn = 0
        self._change = asyncio.Event()

    def ticket(self) -> str:
        """The address of a new line, for one use."""
        self.tickets += 1
        name = token_hex(16)
        self._valid.add(name)
        return f"{self._base().replace('http', 'ws', 1)}/socket?ticket={name}&app_id={APP}"

    async def connected_to(self, count: int) -> None:
        """Return when so many lines are open."""
        while len(self.open_ones) < count:
            await self._change.wait()

    @property
    def open_ones(self) -> list[Connection]:
        return [one for one in self.connections if one.is_open and not one.is_leaving]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One line, until it ends."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._valid or self.is_disabled:
            return web.json_response({"ok": False, "error": "invalid_ticket"}, status=401)
        self._valid.discard(ticket)
        socket = web.WebSocketResponse(autoping=True, compress=False, timeout=0.1)
        await socket.prepare(request)
        if len(self.open_ones) >= MOST:
            await socket.send_json(_disconnect("too_many_websockets"))
            await socket.close()
            return socket
        self.connected += 1
        line = Connection(self.connected, socket, request)
        self.connections.append(line)
        await socket.send_json(self._hello())
        self._changed()
        line.reader = asyncio.create_task(self._read(line))
        while not line.over.is_set():
            await self._pinged(line)
        self.connections.remove(line)
        self._changed()
        return socket

    async def send(self, kind: str, payload: dict[str, Any], retry: tuple[int, str], other_than: int = 0) -> Answer:
        """Send a payload over one line (another than that number, where there is one); wait for the ack."""
        lines = self.open_ones
        lines = [one for one in lines if one.number != other_than] or lines
        if not lines:
            return Answer(error="dispatch_failed")
        self._turn += 1
        line = lines[self._turn % len(lines)]
        name = str(uuid4())
        envelope: dict[str, Any] = {"envelope_id": name, "payload": payload, "type": kind}
        envelope["accepts_response_payload"] = kind != "events_api"
        if kind == "events_api":
            envelope |= {"retry_attempt": retry[0], "retry_reason": retry[1]}
        loop = asyncio.get_running_loop()
        self._waiting[name] = loop.create_future()
        began = loop.time()
        line.envelopes.append(name)
        try:
            async with asyncio.timeout(self.patience):
                if not line.is_deaf:
                    await line.socket.send_json(envelope)
                if self._gate.chance(self._gate.faults.dropped):
                    self.drop(line)
                response = await self._waiting[name]
        except (TimeoutError, ClientConnectionError):
            return Answer(error="operation_timeout")
        finally:
            del self._waiting[name]
        return Answer(loop.time() - began, response.get("payload"))

    async def refresh(self, reason: str = "refresh_requested", line: Connection | None = None) -> None:
        """Tell a line (or all) to be made anew: warning, refresh_requested or link_disabled.

        After a warning the line goes on as before; otherwise nothing more is sent over it. It is for the app to close.
        """
        self.is_disabled = self.is_disabled or reason == "link_disabled"
        for one in [line] if line else self.open_ones:
            one.is_leaving = reason != "warning"
            if not one.is_deaf:
                await one.socket.send_json(_disconnect(reason))

    def drop(self, line: Connection | None = None) -> None:
        """Cut a line (or all) without a word."""
        for one in [line] if line else list(self.connections):
            if one.request.transport:
                one.request.transport.abort()
            self._end(one)

    def deafen(self, line: Connection | None = None) -> None:
        """Make a black hole of a line (or of all): open, but nothing is read, sent or answered."""
        for one in [line] if line else self.open_ones:
            one.is_deaf = True
            if one.reader:
                one.reader.cancel()

    async def _pinged(self, line: Connection) -> None:
        """Rest until the next ping or the line's end; Slack pings too."""
        try:
            async with asyncio.timeout(PING):
                await line.over.wait()
        except TimeoutError:
            with suppress(ClientConnectionError):
                if not line.is_deaf:
                    await line.socket.ping()

    async def _read(self, line: Connection) -> None:
        try:
            async for message in line.socket:
                if message.type is WSMsgType.TEXT:
                    self._hear(json.loads(message.data))
        finally:
            if not line.is_deaf:
                self._end(line)

    def _hear(self, said: dict[str, Any]) -> None:
        waiting = self._waiting.get(str(said.get("envelope_id")))
        if waiting is not None and not waiting.done():
            waiting.set_result(said)

    def _end(self, line: Connection) -> None:
        line.over.set()
        if line.reader and line.reader is not asyncio.current_task():
            line.reader.cancel()

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self.open_ones),
            "debug_info": {"host": "applink-1", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": APP},
        }

    def _changed(self) -> None:
        self._change.set()
        self._change = asyncio.Event()


def _disconnect(reason: str) -> dict[str, Any]:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-1"}}
