"""The door of the fake Discord's REST API: the token, the bodies and their check, faults, and the routes behind it."""

import json
import re
from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.fakes import discord_callbacks as callbacks
from tests.fakes import discord_chat as chat
from tests.fakes import discord_reading as reading
from tests.fakes.discord_chat import Call, Reply
from tests.fakes.discord_commands import get_commands, put_commands
from tests.fakes.discord_errors import DiscordError, refuse
from tests.fakes.discord_faults import OF_INTERACTIONS, Gate
from tests.fakes.discord_spec import checked
from tests.fakes.discord_world import World

Method = Callable[[World, Call], Reply]
BASE = "/api/v10"
ROUTES: list[tuple[str, str, str, Method, str]] = [
    ("GET", "/users/@me", "me", reading.me, ""),
    ("GET", "/oauth2/applications/@me", "application", reading.application, ""),
    ("GET", "/applications/@me", "application", reading.application, ""),
    ("GET", "/users/@me/guilds", "get_guilds", reading.guilds, ""),
    ("POST", "/users/@me/channels", "create_dm", chat.create_dm, "/users/@me/channels"),
    ("GET", "/users/{user}", "get_user", reading.user, ""),
    ("GET", "/guilds/{guild}", "get_guild", reading.guild, ""),
    ("GET", "/guilds/{guild}/channels", "get_channels", reading.guild_channels, ""),
    ("GET", "/guilds/{guild}/roles", "get_roles", reading.guild_roles, ""),
    ("GET", "/guilds/{guild}/members", "get_members", reading.members, ""),
    ("GET", "/guilds/{guild}/members/search", "search_members", reading.search_members, ""),
    ("GET", "/guilds/{guild}/members/{user}", "get_member", reading.member, ""),
    ("GET", "/guilds/{guild}/threads/active", "get_threads", reading.active_threads, ""),
    ("GET", "/channels/{channel}", "get_channel", reading.channel, ""),
    ("PATCH", "/channels/{channel}", "edit_channel", reading.edit_channel, "/channels/{channel_id}"),
    ("DELETE", "/channels/{channel}", "delete_channel", reading.delete_channel, ""),
    ("POST", "/channels/{channel}/messages", "create_message", chat.create_message, "/channels/{channel_id}/messages"),
    ("GET", "/channels/{channel}/messages", "get_messages", chat.get_messages, ""),
    ("GET", "/channels/{channel}/messages/{message}", "get_message", chat.get_message, ""),
    ("PATCH", "/channels/{channel}/messages/{message}", "edit_message", chat.edit_message,
     "/channels/{channel_id}/messages/{message_id}"),
    ("DELETE", "/channels/{channel}/messages/{message}", "delete_message", chat.delete_message, ""),
    ("PUT", "/channels/{channel}/messages/{message}/reactions/{emoji}/@me", "react", chat.react, ""),
    ("POST", "/channels/{channel}/messages/{message}/threads", "start_thread", chat.start_thread,
     "/channels/{channel_id}/messages/{message_id}/threads"),
    ("GET", "/applications/{app}/commands", "get_commands", get_commands, ""),
    ("PUT", "/applications/{app}/commands", "put_commands", put_commands, "/applications/{application_id}/commands"),
    ("GET", "/applications/{app}/guilds/{guild}/commands", "get_commands", get_commands, ""),
    ("PUT", "/applications/{app}/guilds/{guild}/commands", "put_commands", put_commands,
     "/applications/{application_id}/guilds/{guild_id}/commands"),
    ("POST", "/interactions/{interaction}/{token}/callback", "callback", callbacks.callback,
     "/interactions/{interaction_id}/{interaction_token}/callback"),
    ("POST", "/webhooks/{app}/{token}", "followup", callbacks.followup, "/webhooks/{webhook_id}/{webhook_token}"),
    ("GET", "/webhooks/{app}/{token}/messages/@original", "get_original", callbacks.get_followup, ""),
    ("PATCH", "/webhooks/{app}/{token}/messages/@original", "edit_original", callbacks.edit_followup,
     "/webhooks/{webhook_id}/{webhook_token}/messages/@original"),
    ("DELETE", "/webhooks/{app}/{token}/messages/@original", "delete_original", callbacks.delete_followup, ""),
    ("GET", "/webhooks/{app}/{token}/messages/{message}", "get_followup", callbacks.get_followup, ""),
    ("PATCH", "/webhooks/{app}/{token}/messages/{message}", "edit_followup", callbacks.edit_followup,
     "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"),
    ("DELETE", "/webhooks/{app}/{token}/messages/{message}", "delete_followup", callbacks.delete_followup, ""),
]  # fmt: skip
"""Method, path, name, what does it, and the path by which the OpenAPI description knows its body."""


class RestApi:
    """Serves /api/v10/..."""

    def __init__(self, world: World, gate: Gate, token: str, gateway: Callable[[], dict[str, Any]]) -> None:
        self._world = world
        self._gate = gate
        self._token = token
        self._gateway = gateway

    def routes(self) -> list[web.RouteDef]:
        found = [web.route(verb, BASE + path, self._handler(*rest)) for verb, path, *rest in ROUTES]  # type: ignore[arg-type]
        for path, name in (("/gateway", "gateway"), ("/gateway/bot", "gateway_bot")):
            found.append(web.get(BASE + path, self._handler(name, lambda world, call: (200, self._gateway()), "")))
        return [*found, web.route("*", BASE + "/{rest:.*}", self._handler("unknown", _nothing, ""))]

    def _handler(self, name: str, do: Method, schema: str) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._call(request, name, do, schema)

        return handle

    async def _call(self, request: web.Request, name: str, do: Method, schema: str) -> web.StreamResponse:
        path = request.match_info
        place = path.get("channel") or path.get("token") or path.get("guild") or ""
        text, files = await _read(request)
        trouble = await self._gate.before(request, name, place)
        if trouble is not None:
            return trouble
        try:
            self._check_token(request, name)
            call = Call(path, request.query, _parsed(text), files)
            if schema:
                self._check_body(request.method, schema, call.body)
            status, told = do(self._world, call)
        except DiscordError as refusal:
            status, told = refusal.status, refusal.told()
        return self._gate.after(request, name, place, status, told)

    def _check_token(self, request: web.Request, name: str) -> None:
        if name in OF_INTERACTIONS:
            return
        if request.headers.get("Authorization") != f"Bot {self._token}" or self._gate.faults.revoked:
            raise DiscordError(0)

    def _check_body(self, verb: str, schema: str, body: Any) -> None:
        """Hold the body against the OpenAPI description, where there is one."""
        found = checked(verb, schema, body)
        self._world.unknown_keys += [f"{verb} {schema}: {re.sub(r'[0-9]+', '*', key)}" for key in found.unknown]
        refuse(found.faults)


def _nothing(_world: World, _call: Call) -> Reply:
    return 404, {"message": "404: Not Found", "code": 0}


async def _read(request: web.Request) -> tuple[str, list[str]]:
    """The body in JSON, and the names of the files that came with it."""
    if request.content_type != "multipart/form-data":
        return await request.text(), []
    form = await request.post()
    files = [part.filename for part in form.values() if isinstance(part, web.FileField)]
    return str(form.get("payload_json", "{}")), files


def _parsed(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        raise DiscordError(50109) from None
