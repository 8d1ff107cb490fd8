"""A Discord of our own on loopback: it takes and refuses what the real one does, and has faults by switch.

By hand: `python -m tests.fakes.discord --port 8791 --lost 0.15`. It prints its port, its token and its addresses.
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

from tests.fakes.discord_acts import Acts, Outcome
from tests.fakes.discord_api import BASE, RestApi
from tests.fakes.discord_faults import Faults, Gate
from tests.fakes.discord_gateway import Gateway
from tests.fakes.discord_lines import Connection
from tests.fakes.discord_people import GUILD
from tests.fakes.discord_things import STARTER, Modal, Posted
from tests.fakes.discord_world import World

__all__ = ["GUILD", "TOKEN", "FakeDiscord", "Faults", "Modal", "Outcome", "Posted"]
TOKEN = "MzAwMDAwMDAwMDAwMDAwMDAx.sample.token"
ACTS = {
    "command", "autocomplete", "press", "choose", "submit", "close_view", "say", "delete", "add_channel",
    "remove_channel", "archive", "deny", "allow", "kick_bot", "invite_bot", "join", "leave", "deactivate",
    "give_role", "take_role", "change_user", "close_dm", "open_dm", "refresh", "drop", "hang_up", "deafen", "mangle",
    "forget", "release",
}  # fmt: skip
SIGHTS = {"messages", "thread", "standing", "ephemerals", "modals", "views", "direct", "threads", "commands"}


class FakeDiscord(Acts):
    """The server. Acts (command, press, submit ...) are what people do; messages(), modals() ... what they see."""

    def __init__(self, faults: Faults | None = None, clock: Callable[[], float] = time.time) -> None:
        self.gate = Gate(faults or Faults())
        world = World(clock, lambda: self.gate.faults)
        super().__init__(world, Gateway(world, self.gate, TOKEN, lambda: self.url))
        self.token, self.guild = TOKEN, GUILD
        self.port = 0
        self._api = RestApi(world, self.gate, TOKEN, self.gateway.told)
        self._runner: web.AppRunner | None = None
        self.set_faults(self.gate.faults)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def api_url(self) -> str:
        """What DiscordConfig.api_url and discord.http.Route.BASE want."""
        return f"{self.url}{BASE}"

    @property
    def gateway_url(self) -> str:
        """What DiscordConfig.gateway_url and discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY want."""
        return self.gateway.url

    async def open(self) -> int:
        """Begin to serve, on the port of last time if there was one; says on which."""
        app = web.Application(client_max_size=32 * 1024**2)
        app.add_routes(
            [
                *self._api.routes(),
                web.get("/gateway", self.gateway.serve),
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
        return self.port

    async def close(self) -> None:
        """Serve no more until it is opened again: lines are cut, and what hangs is never done. Nothing is forgotten."""
        self.gateway.drop()
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
        sys.stdout.write(f"fake discord: {faults}\n")
        sys.stdout.flush()

    def release(self) -> None:
        """Let all that hangs go on; stuck channels are stuck no more."""
        self.gate.release()

    async def refresh(self, reason: str = "reconnect", line: Connection | None = None) -> None:
        """Tell a line (or all) to be made anew: reconnect (op 7), invalid_session or resumable_session (op 9)."""
        await self.gateway.refresh(reason, line)

    def drop(self, line: Connection | None = None) -> None:
        """Cut a line (or all) without a word."""
        self.gateway.drop(line)

    async def hang_up(self, code: int, line: Connection | None = None) -> None:
        """Close a line (or all) with a code."""
        await self.gateway.hang_up(code, line)

    def deafen(self, line: Connection | None = None) -> None:
        """Make a black hole of a line (or of all)."""
        self.gateway.deafen(line)

    def mangle(self, kind: str = "no_json", line: Connection | None = None) -> None:
        """Send something over a line (or all) that is no event; see discord_gateway.MALFORMED."""
        self.gateway.mangle(kind, line)

    def forget(self) -> None:
        """Lose the sessions: resuming fails, one must identify."""
        self.gateway.forget()

    # --- what was asked -------------------------------------------------------------------------------------

    @property
    def answers(self) -> list[tuple[str, str, str]]:
        """Every request: method, channel (or token, or guild), and ok, an error's code, a status, lost, reset, hung."""
        return self.gate.answers

    @property
    def impatient(self) -> int:
        """Requests that came although Retry-After said to wait."""
        return self.gate.impatient

    @property
    def too_fast(self) -> int:
        """Requests beyond Discord's real limits, while these are switched on."""
        return self.gate.too_fast.total()

    @property
    def invalid_requests(self) -> int:
        """Answers of 401, 403 and 429 (but those of a shared limit): 10,000 in ten minutes ban an address."""
        return self.gate.invalid_requests

    @property
    def unknown_keys(self) -> list[str]:
        """Keys in bodies that Discord's OpenAPI description does not know and discord.py does not send by itself."""
        return self.world.unknown_keys

    # --- what people see ------------------------------------------------------------------------------------

    async def news(self) -> None:
        """Return when something new can be seen."""
        await self.world.news()

    def standing(self, channel: str = "") -> list[Posted]:
        """The messages of a channel or thread (or of all) that everybody there sees, in order."""
        place = self.world.channel_named(channel).id if channel else ""
        every = self.world.messages.values()
        return [one for one in every if self._is_seen(one) and not one.only and place in ("", one.channel)]

    def messages(self, channel: str) -> list[Posted]:
        """The messages of a channel, without those in its threads; of a thread (by its id) those in it."""
        return self.standing(channel)

    def thread(self, message: "Posted | str") -> list[Posted]:
        """The messages in the thread that was started from a message; none where there is no thread."""
        name = message.id if isinstance(message, Posted) else message
        return self.standing(name) if name in self.world.channels else []

    def threads(self, channel: str) -> list[Any]:
        """The threads under a channel: id, name, is_archived, is_locked."""
        place = self.world.channel_named(channel).id
        return [one for one in self.world.channels.values() if one.parent == place and not one.is_deleted]

    def direct(self, user: str) -> list[Posted]:
        """The direct messages between somebody and the bot, without those that only flash up as answers."""
        return self.standing(self.world.user_named(user).id)

    def ephemerals(self, user: str) -> list[Posted]:
        """What only this person sees, in the order in which it came."""
        who = self.world.user_named(user).id
        return [one for one in self.world.messages.values() if one.only == who and self._is_seen(one)]

    def modals(self, user: str) -> list[Modal]:
        """The form that a person has open: none or one."""
        found = self.world.modals.get(self.world.user_named(user).id)
        return [found] if found else []

    def views(self, user: str) -> list[Modal]:
        """The same by the name that it has in the fake Slack."""
        return self.modals(user)

    def commands(self, guild: str = GUILD) -> list[dict[str, Any]]:
        """The registered commands of the guild; with "" the global ones."""
        return self.world.commands[guild]

    def _is_seen(self, one: Posted) -> bool:
        return not one.deleted and one.kind != STARTER and not self.world.channels[one.channel].is_deleted

    # --- for other processes --------------------------------------------------------------------------------

    async def _messages(self, _request: web.Request) -> web.Response:
        kept = [_told(one) | {"key": one.key, "text": one.text} for one in self.world.messages.values()]
        counts = {
            "impatient": self.impatient,
            "too_fast": self.too_fast,
            "invalid_requests": self.invalid_requests,
            "answers": len(self.answers),
            "identifies": self.gateway.identifies,
            "resumes": self.gateway.resumes,
            "connected": len(self.gateway.open_ones),
        }
        return web.json_response({"messages": kept, **counts})

    async def _switch(self, request: web.Request) -> web.Response:
        self.set_faults(Faults(**await request.json()))
        return web.json_response({})

    async def _act(self, request: web.Request) -> web.Response:
        name = request.match_info["act"]
        if name not in ACTS:
            return web.json_response({"error": f"no such act: {name}"}, status=404)
        given = await request.json()
        try:
            done = getattr(self, name)(*given.pop("*", []), **given)
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
    told = {name: _told(part) for name, part in asdict(value).items()}
    return told | {"key": value.key, "text": value.text} if isinstance(value, Posted) else told


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until ended; the first line of the output says on which port."""
    parser = argparse.ArgumentParser("python -m tests.fakes.discord", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    for one in fields(Faults):
        default = getattr(Faults(), one.name)
        option = f"--{one.name.replace('_', '-')}"
        if isinstance(default, bool):
            parser.add_argument(option, action="store_true")
        elif isinstance(default, list):
            parser.add_argument(option, nargs="*", default=default)
        elif isinstance(default, dict):
            parser.add_argument(option, type=json.loads, default=default)
        else:
            parser.add_argument(option, type=type(default), default=default)
    given = vars(parser.parse_args(arguments))
    asyncio.run(_serve(given.pop("port"), Faults(**given)))


async def _serve(port: int, faults: Faults) -> None:
    discord = FakeDiscord(faults)
    discord.port = port
    await discord.open()
    sys.stdout.write(f"port {discord.port}\n")
    sys.stdout.write(f"token {TOKEN}, guild {GUILD}, api {discord.api_url}, gateway {discord.gateway_url}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    main()
