"""The door of the fake Slack's Web API: bodies of both kinds, tokens, scopes, faults, and the methods behind it."""

import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.fakes.slack_blocks import as_kept
from tests.fakes.slack_chat import content, delete, edit, flag, post_ephemeral, post_message, update
from tests.fakes.slack_faults import Faults, Gate
from tests.fakes.slack_people import BOT, BOT_USER, DOMAIN, TEAM, TEAM_NAME
from tests.fakes.slack_reading import (
    channel_info,
    history,
    list_channels,
    list_users,
    members,
    open_conversation,
    replies,
    user_info,
)
from tests.fakes.slack_views import open_view, publish_view, push_view, update_view
from tests.fakes.slack_world import ResponseAddress, SlackError, World

Method = Callable[[World, Faults, dict[str, Any]], dict[str, Any]]
IN_JSON = ("blocks", "metadata", "view", "attachments")
USES, LIFE = 5, 30 * 60.0
"""How often, and for how many seconds, a response_url can be used."""


def auth_test(_world: World, _faults: Faults, _args: dict[str, Any]) -> dict[str, Any]:
    """auth.test: who the bot is."""
    names = {"url": f"https://{DOMAIN}.slack.com/", "team": TEAM_NAME, "user": "desk"}
    return names | {"team_id": TEAM, "user_id": BOT_USER, "bot_id": BOT, "is_enterprise_install": False}


METHODS: dict[str, tuple[Method, str]] = {
    "auth.test": (auth_test, ""),
    "chat.postMessage": (post_message, "chat:write"),
    "chat.update": (update, "chat:write"),
    "chat.delete": (delete, "chat:write"),
    "chat.postEphemeral": (post_ephemeral, "chat:write"),
    "conversations.list": (list_channels, "{types}:read"),
    "conversations.info": (channel_info, "{kind}:read"),
    "conversations.members": (members, "{kind}:read"),
    "conversations.history": (history, "{kind}:history"),
    "conversations.replies": (replies, "{kind}:history"),
    "conversations.open": (open_conversation, "im:write"),
    "users.info": (user_info, "users:read"),
    "users.list": (list_users, "users:read"),
    "views.open": (open_view, ""),
    "views.push": (push_view, ""),
    "views.update": (update_view, ""),
    "views.publish": (publish_view, ""),
}
"""Every method that we use, with the scope that it needs."""
TYPES = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}


class WebApi:
    """Serves /api/... and the response_urls."""

    def __init__(self, world: World, gate: Gate, bot_token: str, app_token: str, ticket: Callable[[], str]) -> None:
        self._world = world
        self._gate = gate
        self._bot_token = bot_token
        self._app_token = app_token
        self._ticket = ticket

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", "/api/{method}", self._call),
            web.post("/{kind:commands|actions}/{rest:.*}", self._respond),
        ]

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        token, args = await self._read(request)
        channel = str(args.get("channel") or "")
        if method == "chat.postMessage" and channel in self._world.users:
            channel = next((one.id for one in self._world.channels.values() if one.partners == (channel,)), channel)
        trouble = await self._gate.before(request, method, channel)
        if trouble is not None:
            return trouble
        try:
            told = {"ok": True, **self._done(method, token, args)}
        except SlackError as refusal:
            told = {"ok": False, "error": refusal.error, **refusal.more}
        other = self._gate.after(request, method, channel, "ok" if told["ok"] else str(told["error"]))
        if other is not None:
            return other
        headers = {"x-slack-req-id": f"r{len(self._gate.answers)}"}
        if token == self._bot_token:
            headers["x-oauth-scopes"] = ",".join(self._scopes())
        return web.json_response(told, headers=headers)

    async def _read(self, request: web.Request) -> tuple[str, dict[str, Any]]:
        """The token, and the arguments: of the query, and of a body of JSON or of a form."""
        args: dict[str, Any] = dict(request.query)
        if request.content_type == "application/json":
            given = json.loads(await request.text() or "{}")
            args |= given if isinstance(given, dict) else {}
        elif request.can_read_body:
            args |= dict(await request.post())
        for name in IN_JSON:
            if isinstance(args.get(name), str):
                try:
                    args[name] = json.loads(args[name])
                except ValueError:
                    args[name] = args[name]
        bearer = request.headers.get("Authorization", "")
        token = bearer.removeprefix("Bearer ").strip() or str(args.get("token", ""))
        return token, args

    def _scopes(self) -> list[str]:
        return [one for one in self._world.scopes if one not in self._gate.faults.missing]

    def _done(self, method: str, token: str, args: dict[str, Any]) -> dict[str, Any]:
        """Carry a call out; SlackError in Slack's words when it is refused."""
        if not token:
            raise SlackError("not_authed")
        if method == "apps.connections.open":
            if token != self._app_token:
                raise SlackError("not_allowed_token_type" if token == self._bot_token else "invalid_auth")
            return {"url": self._ticket()}
        if method not in METHODS:
            raise SlackError("unknown_method", req_method=method)
        if token != self._bot_token:
            raise SlackError("not_allowed_token_type" if token == self._app_token else "invalid_auth")
        if self._gate.faults.revoked:
            raise SlackError(self._gate.faults.revoked)
        function, scope = METHODS[method]
        for needed in self._needed(scope, args):
            if needed not in self._scopes():
                raise SlackError("missing_scope", needed=needed, provided=",".join(self._scopes()))
        return function(self._world, self._gate.faults, args)

    def _needed(self, scope: str, args: dict[str, Any]) -> list[str]:
        if "{types}" in scope:
            asked = str(args.get("types") or "public_channel").split(",")
            return [f"{TYPES[one]}:read" for one in asked if one in TYPES]
        if "{kind}" in scope:
            channel = self._world.channels.get(str(args.get("channel")))
            return [scope.format(kind=channel.kind)] if channel else []
        return [scope] if scope else []

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        """An answer by a response_url: five within half an hour."""
        address = self._world.addresses.get(request.path)
        channel = address.channel if address else ""
        trouble = await self._gate.before(request, "response_url", channel)
        if trouble is not None:
            return trouble
        status, told = self._answered(address, await request.text())
        other = self._gate.after(request, "response_url", channel, "ok" if status == 200 else str(told["error"]))
        if other is not None:
            return other
        return web.Response(text="ok") if status == 200 else web.json_response(told, status=status)

    def _answered(self, address: ResponseAddress | None, said: str) -> tuple[int, dict[str, Any]]:
        if address is None:
            return 404, {"ok": False, "error": "invalid_url"}
        if self._world.clock() - address.at > LIFE:
            return 404, {"ok": False, "error": "expired_url"}
        if address.uses >= USES:
            return 404, {"ok": False, "error": "used_url"}
        try:
            body = json.loads(said)
            if not isinstance(body, dict):
                raise ValueError
        except ValueError:
            return 400, {"ok": False, "error": "invalid_payload"}
        try:
            respond(self._world, address, body)
        except SlackError as refusal:
            return 400, {"ok": False, "error": refusal.error, **refusal.more}
        address.uses += 1
        return 200, {"ok": True}


def respond(world: World, address: ResponseAddress, body: dict[str, Any]) -> None:
    """What an answer by a response_url does: show, post, replace or delete."""
    shown = next((one for one in world.shown if one.id == address.ephemeral and not one.deleted), None)
    original = world.find(address.channel, address.ts) if address.ts else None
    if flag(body, "delete_original"):
        if shown:
            shown.deleted = True
            shown.seen = world.tell()
        elif original:
            world.remove(original)
        return
    text, blocks = content(body)
    if flag(body, "replace_original") and shown:
        shown.former += shown.blocks
        shown.text, shown.blocks = text, as_kept(blocks)
        shown.replaced += 1
        shown.seen = world.tell()
    elif flag(body, "replace_original") and original:
        edit(world, original, text, blocks)
    elif body.get("response_type", "ephemeral") == "in_channel":
        thread = str(body.get("thread_ts") or "")
        world.add(address.channel, BOT_USER, text, blocks, bot_id=BOT, thread_ts=thread)
    else:
        world.show(address.user, address.channel, text, blocks, str(body.get("thread_ts") or ""))
