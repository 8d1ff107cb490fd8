"""A Slack of our own on loopback: it takes and refuses what the real one does, and has faults by switch.

By hand: `python -m tests.fakes.slack --port 8790 --lost 0.15`. It prints its port, its tokens and its signing secret.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields, is_dataclass
from inspect import isawaitable
from typing import Any

from aiohttp import web

from tests.fakes.slack_acts import Acts
from tests.fakes.slack_api import WebApi
from tests.fakes.slack_faults import Faults, Gate
from tests.fakes.slack_socket import Connection, Sockets
from tests.fakes.slack_ways import Ways
from tests.fakes.slack_world import Ephemeral, Posted, SlackView, World

__all__ = ["APP_TOKEN", "BOT_TOKEN", "SIGNING_SECRET", "FakeSlack", "Faults"]
BOT_TOKEN, APP_TOKEN, SIGNING_SECRET = "xoxb-sample-bot", "xapp-sample-app", "sample-signing-secret"
ACTS = {
    "command", "press", "press_home", "press_modal", "submit", "close_view", "mention", "shortcut", "open_home",
    "change_user", "deactivate", "say", "delete", "add_channel", "archive", "kick_bot", "invite_bot", "join", "leave",
    "refresh", "drop", "deafen", "deliver_by_http", "deliver_by_socket", "verify_url", "release",
}  # fmt: skip
SIGHTS = {"messages", "thread", "standing", "ephemerals", "views", "home", "direct"}


class FakeSlack(Acts):
    """The server. Acts (command, press, submit ...) are what people do; messages(), views() ... what they see."""

    def __init__(self, faults: Faults | None = None, clock: Callable[[], float] = time.time) -> None:
        self.gate = Gate(faults or Faults())
        self.sockets = Sockets(self.gate, lambda: self.url)
        world = World(clock)
        super().__init__(world, Ways(world, self.gate, self.sockets, SIGNING_SECRET))
        self.bot_token, self.app_token, self.signing_secret = BOT_TOKEN, APP_TOKEN, SIGNING_SECRET
        self.port = 0
        self._api = WebApi(world, self.gate, BOT_TOKEN, APP_TOKEN, self.sockets.ticket)
        self._runner: web.AppRunner | None = None
        self.set_faults(self.gate.faults)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def api_url(self) -> str:
        """What SlackConfig.api_url and slack_sdk's base_url want."""
        return f"{self.url}/api/"

    async def open(self) -> int:
        """Begin to serve, on the port of last time if there was one; says on which."""
        app = web.Application(client_max_size=8 * 1024**2)
        app.add_routes(
            [
                *self._api.routes(),
                web.get("/socket", self.sockets.serve),
                web.get("/messages", self._messages),
                web.post("/faults", self._switch),
                web.post("/act/{act}", self._act),
                web.get("/see/{sight}", self._see),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = int(self._runner.addresses[0][1])
        self.world.base = self.url
        return self.port

    async def close(self) -> None:
        """Serve no more until it is opened again: lines are cut, and what hangs is never done. Nothing is forgotten."""
        await self.ways.close()
        self.sockets.drop()
        runner, self._runner = self._runner, None
        if runner:
            await runner.cleanup()

    # --- switches -------------------------------------------------------------------------------------------

    @property
    def faults(self) -> Faults:
        return self.gate.faults

    def set_faults(self, faults: Faults) -> None:
        """Switch faults; says so, with the seed, so that a failure can be repeated."""
        self.gate.set_faults(faults)
        sys.stdout.write(f"fake slack: {faults}\n")
        sys.stdout.flush()

    def release(self) -> None:
        """Let all that hangs go on; stuck channels are stuck no more."""
        self.gate.release()

    def deliver_by_http(self, request_url: str) -> None:
        """From now on everything goes to this URL, signed."""
        self.ways.request_url = request_url

    def deliver_by_socket(self) -> None:
        """From now on everything goes over Socket Mode (so it is at first)."""
        self.ways.request_url = ""

    async def verify_url(self) -> bool:
        """Whether the request URL answers Slack's challenge."""
        return await self.ways.verify()

    async def refresh(self, reason: str = "refresh_requested", line: Connection | None = None) -> None:
        """Tell a line (or all) to be made anew: warning, refresh_requested, link_disabled."""
        await self.sockets.refresh(reason, line)

    def drop(self, line: Connection | None = None) -> None:
        """Cut a line (or all) without a word."""
        self.sockets.drop(line)

    def deafen(self, line: Connection | None = None) -> None:
        """Make a black hole of a line (or of all)."""
        self.sockets.deafen(line)

    # --- what was asked -------------------------------------------------------------------------------------

    @property
    def answers(self) -> list[tuple[str, str, str]]:
        """Every request: method, channel, and ok, an error's name, a status, lost, reset or hung."""
        return self.gate.answers

    @property
    def impatient(self) -> int:
        """Requests that came although Retry-After said to wait."""
        return self.gate.impatient

    @property
    def too_fast(self) -> int:
        """Requests beyond Slack's real limits, switched on or not."""
        return self.gate.too_fast.total()

    # --- what people see ------------------------------------------------------------------------------------

    async def news(self) -> None:
        """Return when something new can be seen."""
        await self.world.news()

    def standing(self, channel: str = "", thread_ts: str = "") -> list[Posted]:
        """The messages of a channel (or of all), or those in a message's thread, in order."""
        place = self.world.channel_named(channel).id if channel else ""
        return [
            one
            for one in self.world.posted
            if not one.deleted and one.thread_ts == thread_ts and place in ("", one.channel)
        ]

    def messages(self, channel: str) -> list[Posted]:
        """The top-level messages of a channel, in order."""
        return self.standing(channel)

    def thread(self, channel: str, ts: str) -> list[Posted]:
        """The replies under a message, in order."""
        return self.standing(channel, ts)

    def direct(self, user: str) -> list[Posted]:
        """The top-level direct messages between somebody and the bot."""
        return self.standing(self.world.user_named(user).id)

    def ephemerals(self, user: str) -> list[Ephemeral]:
        """What only this person sees, in the order in which it came."""
        who = self.world.user_named(user).id
        return [one for one in self.world.shown if one.user == who and not one.deleted]

    def views(self, user: str) -> list[SlackView]:
        """The open modals of a person, the one in front last."""
        return list(self.world.modals.get(self.world.user_named(user).id, []))

    def home(self, user: str) -> SlackView | None:
        """The Home as this person sees it."""
        return self.world.homes.get(self.world.user_named(user).id)

    # --- for other processes --------------------------------------------------------------------------------

    async def _messages(self, _request: web.Request) -> web.Response:
        kept = [_told(one) for one in self.world.posted]
        counts = {"impatient": self.impatient, "too_fast": self.too_fast, "answers": len(self.answers)}
        return web.json_response({"messages": kept, **counts})

    async def _switch(self, request: web.Request) -> web.Response:
        self.set_faults(Faults(**await request.json()))
        return web.json_response({})

    async def _act(self, request: web.Request) -> web.Response:
        name = request.match_info["act"]
        if name not in ACTS:
            return web.json_response({"error": f"no such act: {name}"}, status=404)
        try:
            done = getattr(self, name)(**await request.json())
            told = await done if isawaitable(done) else done
        except (LookupError, TypeError) as refusal:
            return web.json_response({"error": str(refusal)}, status=409)
        return web.json_response(_told(told))

    async def _see(self, request: web.Request) -> web.Response:
        name = request.match_info["sight"]
        if name not in SIGHTS:
            return web.json_response({"error": f"no such sight: {name}"}, status=404)
        seen = getattr(self, name)(**request.query)
        return web.json_response([_told(one) for one in seen] if isinstance(seen, list) else _told(seen))


def _told(value: Any) -> Any:
    if isinstance(value, set | tuple):
        return sorted(value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    return {name: _told(part) for name, part in asdict(value).items()}


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until ended; the first line of the output says on which port."""
    parser = argparse.ArgumentParser("python -m tests.fakes.slack", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    for one in fields(Faults):
        default = getattr(Faults(), one.name)
        if isinstance(default, bool):
            parser.add_argument(f"--{one.name.replace('_', '-')}", action="store_true")
        elif isinstance(default, list):
            parser.add_argument(f"--{one.name.replace('_', '-')}", nargs="*", default=default)
        elif isinstance(default, dict):
            parser.add_argument(f"--{one.name.replace('_', '-')}", type=json.loads, default=default)
        else:
            parser.add_argument(f"--{one.name.replace('_', '-')}", type=type(default), default=default)
    given = vars(parser.parse_args(arguments))
    asyncio.run(_serve(given.pop("port"), Faults(**given)))


async def _serve(port: int, faults: Faults) -> None:
    slack = FakeSlack(faults)
    slack.port = port
    await slack.open()
    sys.stdout.write(f"port {slack.port}\n")
    sys.stdout.write(f"bot token {BOT_TOKEN}, app token {APP_TOKEN}, signing secret {SIGNING_SECRET}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    main()
