"""A chat platform of our own: a server that forgets nothing, has faults by switch, and posts twice if asked twice.

By hand: `python -m tests.fakes.chat --port 8790 --lost 0.15`.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from aiohttp import web

REFUSED, GONE, TOO_MANY, BROKEN = 403, 404, 429, 503
CLOSED = "this person takes no direct messages"
HANG = 3600.0


@dataclass
class Faults:
    """What goes wrong, by switch. Shares are between 0 and 1, times in seconds; the seed makes a run repeatable.

    `lost`: done, but the answer is not sent. `broken`: 503 and nothing done. `limited`: 429 with Retry-After
    `retry_after`, which closes the channel for so long. `slow`: done `slow_for` later. `lag`: so long `find` does
    not see what is new. `refused`: channels that take nothing. `closed`: people who take no direct messages, by
    their channels. `stuck`: channels in which no post is ever answered. `keyed`: who posts again under the key of a
    message that stands there is given that one, as on platforms that keep nonces.
    """

    seed: int = 1
    lost: float = 0.0
    broken: float = 0.0
    limited: float = 0.0
    slow: float = 0.0
    retry_after: float = 0.2
    slow_for: float = 0.1
    lag: float = 0.0
    keyed: bool = False
    refused: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)


@dataclass
class Posted:
    """A message as the platform keeps it. `parent` is the message in whose thread it stands."""

    id: int
    channel: str
    key: str
    card: dict[str, Any]
    at: datetime
    parent: int | None = None
    deleted: bool = False
    updates: int = 0


class FakeChat:
    """The platform's server. `impatient` counts requests that came although Retry-After said to wait."""

    def __init__(self, faults: Faults | None = None) -> None:
        self.messages: list[Posted] = []
        self.answers: list[tuple[str, str, str]] = []
        self.impatient = 0
        self.port = 0
        self.set_faults(faults or Faults())
        self._closed_until: dict[str, float] = {}
        self._released = asyncio.Event()
        self._runner: web.AppRunner | None = None

    def set_faults(self, faults: Faults) -> None:
        """Switch faults; says so, with the seed, so that a failure can be repeated."""
        self.faults = faults
        self._random = Random(faults.seed)
        sys.stdout.write(f"fake chat: {faults}\n")
        sys.stdout.flush()

    def release(self) -> None:
        """Answer what hangs in stuck channels, which from now on are stuck no more."""
        self.faults.stuck = []
        self._released.set()

    def delete(self, message: Posted) -> None:
        """Somebody deletes a message."""
        message.deleted = True

    def standing(self, channel: str = "", parent: int | None = None) -> list[Posted]:
        """What people see: the messages of a channel (or of all), or those in a message's thread, in order."""
        return [
            one for one in self.messages if not one.deleted and one.parent == parent and channel in ("", one.channel)
        ]

    def thread(self, root: Posted) -> list[Posted]:
        """The messages under a message, in order."""
        return self.standing(parent=root.id)

    async def open(self) -> int:
        """Begin to serve, on the port of last time if there was one; says on which."""
        app = web.Application(client_max_size=8 * 1024**2)
        app.add_routes(
            [
                web.post("/post", self._post),
                web.post("/update", self._update),
                web.post("/find", self._find),
                web.post("/remove", self._remove),
                web.get("/messages", self._messages),
                web.post("/faults", self._switch),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = int(self._runner.addresses[0][1])
        return self.port

    async def close(self) -> None:
        """Serve no more: connections are refused until it is opened again. Nothing is forgotten."""
        self._released.set()
        runner, self._runner = self._runner, None
        if runner:
            await runner.cleanup()
        self._released.clear()

    async def _post(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        channel = asked["channel"]
        refusal = await self._trouble("post", channel)
        if refusal is not None:
            return refusal
        parent = asked.get("parent")
        if parent is not None and self._standing(parent) is None:
            return self._answer("post", channel, GONE)
        if channel in self.faults.closed:
            return self._answer("post", channel, REFUSED, reason=CLOSED)
        same = [one for one in self.standing(channel, parent) if self.faults.keyed and one.key == asked["key"]]
        if same:
            return await self._answered(request, "post", channel, {"message": str(same[0].id)})
        one = Posted(len(self.messages) + 1, channel, asked["key"], asked["card"], datetime.now(UTC), parent)
        self.messages.append(one)
        return await self._answered(request, "post", channel, {"message": str(one.id)})

    async def _update(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        channel = asked["channel"]
        refusal = await self._trouble("update", channel)
        if refusal is not None:
            return refusal
        one = self._standing(int(asked["message"]))
        if one is None:
            return self._answer("update", channel, GONE)
        one.card = asked["card"]
        one.updates += 1
        return await self._answered(request, "update", channel, {})

    async def _find(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        refusal = await self._trouble("find", asked["channel"])
        if refusal is not None:
            return refusal
        since = datetime.fromisoformat(asked["since"])
        until = datetime.now(UTC) - timedelta(seconds=self.faults.lag)
        found = [
            one
            for one in self.messages
            if one.channel == asked["channel"]
            and one.key == asked["key"]
            and since <= one.at <= until
            and not one.deleted
        ]
        return await self._answered(request, "find", asked["channel"], {"message": str(found[0].id) if found else None})

    async def _remove(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        channel = asked["channel"]
        refusal = await self._trouble("remove", channel)
        if refusal is not None:
            return refusal
        one = self._standing(int(asked["message"]))
        if one is None:
            return self._answer("remove", channel, GONE)
        one.deleted, one.card = True, {}
        return await self._answered(request, "remove", channel, {})

    async def _messages(self, _request: web.Request) -> web.Response:
        kept = [{**asdict(one), "at": one.at.isoformat()} for one in self.messages]
        return web.json_response({"messages": kept, "impatient": self.impatient, "answers": len(self.answers)})

    async def _switch(self, request: web.Request) -> web.Response:
        self.set_faults(Faults(**await request.json()))
        return web.json_response({})

    def _standing(self, number: int) -> Posted | None:
        if not 0 < number <= len(self.messages) or self.messages[number - 1].deleted:
            return None
        return self.messages[number - 1]

    async def _trouble(self, verb: str, channel: str) -> web.Response | None:
        """A refusal before anything is done, or None; slow and stuck channels wait here."""
        faults, now = self.faults, asyncio.get_running_loop().time()
        rest = self._closed_until.get(channel, 0.0) - now
        if rest > 0:
            self.impatient += 1
            return self._limit(verb, channel, rest)
        if channel in faults.refused:
            return self._answer(verb, channel, REFUSED, reason="channel_is_archived")
        if channel in faults.stuck:
            await self._released.wait()
        if self._random.random() < faults.limited:
            self._closed_until[channel] = now + faults.retry_after
            return self._limit(verb, channel, faults.retry_after)
        if self._random.random() < faults.broken:
            return self._answer(verb, channel, BROKEN)
        if self._random.random() < faults.slow:
            await asyncio.sleep(faults.slow_for)
        return None

    def _limit(self, verb: str, channel: str, rest: float) -> web.Response:
        response = self._answer(verb, channel, TOO_MANY)
        response.headers["Retry-After"] = str(rest)
        return response

    def _answer(self, verb: str, channel: str, status: int, reason: str = "") -> web.Response:
        self.answers.append((verb, channel, str(status)))
        return web.json_response({"reason": reason}, status=status)

    async def _answered(
        self, request: web.Request, verb: str, channel: str, answer: dict[str, object]
    ) -> web.StreamResponse:
        """The answer to what was done, unless it gets lost on the way."""
        lost = self._random.random() < self.faults.lost
        self.answers.append((verb, channel, "lost" if lost else "200"))
        if lost and request.transport:
            request.transport.abort()
        return web.json_response(answer)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until ended; the first line of the output says on which port."""
    parser = argparse.ArgumentParser("python -m tests.fakes.chat", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    for one in fields(Faults):
        default = [] if one.name in ("refused", "closed", "stuck") else one.default
        kind = {"nargs": "*"} if default == [] else {"type": type(default)}
        kind = {"action": "store_true"} if default is False else kind
        parser.add_argument(f"--{one.name.replace('_', '-')}", default=default, **kind)
    given = vars(parser.parse_args(arguments))
    asyncio.run(_serve(given.pop("port"), Faults(**given)))


async def _serve(port: int, faults: Faults) -> None:
    chat = FakeChat(faults)
    chat.port = port
    sys.stdout.write(f"port {await chat.open()}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    main()
