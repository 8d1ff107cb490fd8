"""The fake Discord's gateway: lines and sessions, identify and resume, heartbeats, events, dead lines."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from secrets import token_hex
from typing import Any

from aiohttp import ClientConnectionError, WSMsgType, web

from tests.fakes.discord_faults import Gate
from tests.fakes.discord_lines import (
    ACK,
    DISPATCH,
    GUILDS,
    HEARTBEAT,
    HELLO,
    IDENTIFY,
    INVALID_SESSION,
    MALFORMED,
    RECONNECT,
    RESUME,
    Connection,
    Session,
    guild_create,
    intent_for,
    payload,
    ready,
)
from tests.fakes.discord_world import World

ENDING = (1000, 1001)
"""Codes with which a client ends its session; with others it may resume."""
PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15
MOST_IDENTIFIES = 1000
"""Identifies a day, after which Discord resets the token."""
LARGEST, MOST_SENT = 4096, 120
INTERVAL = 41.25


class Gateway:
    """All lines and sessions. `interval`: seconds between heartbeats, as HELLO says; `identifies` and `resumes` count,
    `intents` are those of each identify; `closed` the codes with which it closed lines."""

    def __init__(self, world: World, gate: Gate, token: str, base: Callable[[], str]) -> None:
        self.connections: list[Connection] = []
        self.sessions: dict[str, Session] = {}
        self.interval = INTERVAL
        self.connected = 0
        self.identifies = 0
        self.resumes = 0
        self.most_identifies = MOST_IDENTIFIES
        self.intents: list[int] = []
        self.closed: list[int] = []
        self._world = world
        self._gate = gate
        self._token = token
        self._base = base
        self._change = asyncio.Event()
        world.publish = self.publish

    @property
    def url(self) -> str:
        """Where the lines lead."""
        return f"{self._base().replace('http', 'ws', 1)}/gateway"

    @property
    def open_ones(self) -> list[Connection]:
        """The lines over which events go."""
        return [one for one in self.connections if one.is_ready]

    async def connected_to(self, count: int = 1) -> None:
        """Return when so many lines are ready."""
        while len(self.open_ones) < count:
            await self._change.wait()

    def told(self) -> dict[str, Any]:
        """GET gateway/bot."""
        left = max(self.most_identifies - self.identifies, 0)
        limit = {"total": self.most_identifies, "remaining": left, "reset_after": 86_400_000, "max_concurrency": 1}
        return {"url": self.url, "shards": 1, "session_start_limit": limit}

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One line, until it ends."""
        if self._gate.faults.refuse_sockets:
            return web.Response(status=503)
        socket = web.WebSocketResponse(autoping=True, compress=False, timeout=0.1, max_msg_size=0)
        await socket.prepare(request)
        self.connected += 1
        line = Connection(self.connected, socket, request)
        self.connections.append(line)
        await socket.send_json(payload(HELLO, {"heartbeat_interval": round(self.interval * 1000), "_trace": []}))
        line.reader = asyncio.create_task(self._read(line))
        writer = asyncio.create_task(self._write(line))
        self._changed()
        await line.over.wait()
        writer.cancel()
        self.connections.remove(line)
        self._changed()
        return socket

    def publish(self, name: str, data: dict[str, Any], channel: str) -> None:
        """Tell every session whose intents ask for it; those that are not connected may fetch it by resuming."""
        place = self._world.channels.get(channel)
        wanted = intent_for(name, is_direct=place is not None and bool(place.partner))
        if name.startswith("MESSAGE"):
            data = self._world.placed(data, channel)
        for session in self.sessions.values():
            if session.is_valid and (not wanted or session.intents & wanted):
                self._dispatch(session, name, data)

    def interact(self, payload: dict[str, Any], times: int = 1) -> None:
        """Tell of something that a person did."""
        for _ in range(times + self._gate.chance(self._gate.faults.double)):
            self.publish("INTERACTION_CREATE", payload, "")

    async def refresh(self, reason: str = "reconnect", line: Connection | None = None) -> None:
        """Tell a line (or all) to be made anew: reconnect (op 7), or invalid_session, resumable_session (op 9)."""
        for one in [line] if line else self.open_ones:
            if reason == "reconnect":
                self._put(one, payload(RECONNECT, None))
                continue
            is_resumable = reason == "resumable_session"
            if one.session and not is_resumable:
                one.session.is_valid = False
            self._put(one, payload(INVALID_SESSION, is_resumable))

    def forget(self) -> None:
        """Lose all sessions: resuming is answered with INVALID_SESSION false."""
        for session in self.sessions.values():
            session.is_valid = False

    def drop(self, line: Connection | None = None) -> None:
        """Cut a line (or all) without a word."""
        for one in [line] if line else list(self.connections):
            if one.request.transport:
                one.request.transport.abort()
            self._end(one)

    async def hang_up(self, code: int, line: Connection | None = None) -> None:
        """Close a line (or all) with a code: 1000, 4000, 4004, 4008, 4009 ..."""
        for one in [line] if line else list(self.connections):
            await self._close(one, code)

    def deafen(self, line: Connection | None = None) -> None:
        """Make a black hole of a line (or of all): open, but nothing is read, sent or acknowledged."""
        for one in [line] if line else self.open_ones:
            one.is_deaf = True
            if one.reader:
                one.reader.cancel()

    def mangle(self, kind: str = "no_json", line: Connection | None = None) -> None:
        """Send something that is no event, by a name of MALFORMED."""
        for one in [line] if line else self.open_ones:
            text = MALFORMED[kind]
            number = self._number(one.session) if one.session and "%d" in text else 0
            one.outbox.put_nowait(text % number if "%d" in text else text)

    # --- one line -------------------------------------------------------------------------------------------

    async def _read(self, line: Connection) -> None:
        try:
            async for message in line.socket:
                if message.type is WSMsgType.TEXT:
                    await self._hear(line, message.data)
        finally:
            if line.session and line.socket.close_code in ENDING and not line.is_leaving:
                line.session.is_valid = False
            if not line.is_deaf:
                self._end(line)

    async def _write(self, line: Connection) -> None:
        with suppress(ClientConnectionError, RuntimeError):
            while True:
                text = await line.outbox.get()
                if not text:
                    self.drop(line)
                elif not line.is_deaf:
                    await line.socket.send_str(text)

    async def _hear(self, line: Connection, text: str) -> None:
        now = asyncio.get_running_loop().time()
        line.sent = [*(at for at in line.sent if at > now - 60), now]
        if len(text.encode()) > LARGEST:
            return await self._close(line, 4002)
        if len(line.sent) > MOST_SENT:
            return await self._close(line, 4008)
        try:
            said = json.loads(text)
            op, data = said["op"], said.get("d")
        except (ValueError, KeyError, TypeError):
            return await self._close(line, 4002)
        if op == HEARTBEAT:
            line.heartbeats += 1
            if not self._gate.faults.unacked:
                self._put(line, payload(ACK, None))
        elif op == IDENTIFY:
            await self._identify(line, data)
        elif op == RESUME:
            await self._resume(line, data)
        elif op not in (3, 4, 8):
            await self._close(line, 4001)
        elif line.session is None:
            await self._close(line, 4003)
        return None

    async def _identify(self, line: Connection, data: dict[str, Any]) -> None:
        intents = data.get("intents")
        if line.session is not None:
            return await self._close(line, 4005)
        self.identifies += 1
        self.intents.append(intents or 0)
        is_used_up = self.identifies > self.most_identifies
        if is_used_up:
            self._gate.faults.revoked = True
        if data.get("token") != self._token or self._gate.faults.revoked:
            return await self._close(line, 4004)
        if self._gate.faults.close_code:
            return await self._close(line, self._gate.faults.close_code)
        if not isinstance(intents, int) or intents >= 1 << 26 or "properties" not in data:
            return await self._close(line, 4013)
        if intents & PRIVILEGED & ~self._world.privileged:
            return await self._close(line, 4014)
        line.session = Session(token_hex(16), intents)
        self.sessions[line.session.id] = line.session
        self._dispatch(line.session, "READY", ready(self._world, line.session, self.url))
        if self._world.in_guild and intents & GUILDS:
            self._dispatch(line.session, "GUILD_CREATE", guild_create(self._world, intents))
        self._changed()
        return None

    async def _resume(self, line: Connection, data: dict[str, Any]) -> None:
        self.resumes += 1
        if data.get("token") != self._token or self._gate.faults.revoked:
            return await self._close(line, 4004)
        session = self.sessions.get(str(data.get("session_id")))
        answer = self._gate.faults.sessions
        if answer or session is None or not session.is_valid:
            if session and answer != "again":
                session.is_valid = False
            self._put(line, payload(INVALID_SESSION, answer == "again"))
            return None
        seen = int(data.get("seq") or 0)
        if seen > len(session.events):
            return await self._close(line, 4007)
        for other in self.connections:
            if other.session is session and other is not line:
                self._end(other)
        line.session = session
        for number, name, event in session.events[seen:]:
            self._send(line, number, name, event)
        self._dispatch(session, "RESUMED", {"_trace": []})
        self._changed()
        return None

    def _dispatch(self, session: Session, name: str, data: Any) -> None:
        number = self._number(session)
        session.events[number - 1] = (number, name, data)
        for line in self.open_ones:
            if line.session is session:
                self._send(line, number, name, data)

    def _number(self, session: Session) -> int:
        """The number of the next event; its place is kept."""
        session.events.append((len(session.events) + 1, "NOTHING", {}))
        return len(session.events)

    def _send(self, line: Connection, number: int, name: str, data: Any) -> None:
        faults = self._gate.faults
        if self._gate.chance(faults.malformed):
            self.mangle(faults.malformed_as, line)
        line.events.append(name)
        self._put(line, {"op": DISPATCH, "t": name, "s": number, "d": data})
        if name != "READY" and self._gate.chance(faults.dropped):
            line.outbox.put_nowait("")

    def _put(self, line: Connection, payload: dict[str, Any]) -> None:
        line.outbox.put_nowait(json.dumps(payload))

    async def _close(self, line: Connection, code: int) -> None:
        self.closed.append(code)
        line.is_leaving = True
        if code in (1000, 4004, 4007, 4009, 4013, 4014) and line.session:
            line.session.is_valid = False
        if not line.is_deaf:
            with suppress(ClientConnectionError, RuntimeError):
                await line.socket.close(code=code, message=b"")
        self._end(line)

    def _end(self, line: Connection) -> None:
        line.over.set()
        if line.reader and line.reader is not asyncio.current_task():
            line.reader.cancel()

    def _changed(self) -> None:
        self._change.set()
        self._change = asyncio.Event()
