"""What the page reads: itself, its files, the state of the workspace, messages, and the live stream."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from adapters.workspace.guard import HEADERS, problem
from adapters.workspace.people import SUPERVISORS, Person

if TYPE_CHECKING:
    from adapters.workspace.platform import Workspace

PAGE_SIZE = 50


class Pages:
    """The handlers of everything that is only read."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def index(self, request: web.Request) -> web.Response:
        """The page, carrying the token that lets it change things."""
        hints = (self._workspace.texts(language).get("page.noscript", "") for language in ("en", "ja"))
        return self._workspace.assets.page(token=self._workspace.guard.token, noscript=" ".join(hints))

    async def file(self, request: web.Request) -> web.Response:
        """A file of the page."""
        known = request.headers.get(hdrs.IF_NONE_MATCH)
        return self._workspace.assets.file(request.match_info["name"], known)

    async def state(self, request: web.Request) -> web.Response:
        """Who and what is there, for one person; `cursor` is where the live stream continues."""
        workspace = self._workspace
        cursor = workspace.hub.cursor
        me = person(workspace, request.query.get("me", ""), request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))
        channels = [
            {
                "id": channel,
                "private": channel == SUPERVISORS,
                "unread": await workspace.messages.unread(me.handle, channel),
            }
            for channel in workspace.channels_of(me)
        ]
        return _fresh(
            {
                "cursor": cursor,
                "build": workspace.assets.build,
                "me": asdict(me),
                "people": [asdict(each) for each in workspace.people.values()],
                "channels": channels,
                "queues": workspace.queues if workspace.deliver_mail else [],
                "commands": [asdict(hint) for hint in workspace.commands(me.language)],
                "texts": dict(workspace.texts(me.language)),
            }
        )

    async def messages(self, request: web.Request) -> web.Response:
        """A page of a channel's messages, the newest or those before `before`."""
        workspace, channel = self._workspace, request.query.get("channel", "")
        check_channel(workspace, person(workspace, request.query.get("me", "")), channel)
        before = request.query.get("before", "")
        found, more = await workspace.messages.page(
            channel, int(before) if before.isdecimal() and len(before) < 19 else None, PAGE_SIZE
        )
        return _fresh({"messages": [message.json() for message in found], "more": more})

    async def thread(self, request: web.Request) -> web.Response:
        """A message and the replies under it."""
        workspace, number = self._workspace, request.query.get("message", "")
        me = person(workspace, request.query.get("me", ""))
        root = await workspace.messages.get(int(number) if number.isdecimal() and len(number) < 19 else 0)
        if root is None:
            raise problem(404, workspace.word(me, "page.gone"))
        check_channel(workspace, me, root.channel)
        replies = await workspace.messages.thread(root.id)
        return _fresh({"root": root.json(), "replies": [reply.json() for reply in replies]})

    async def mails(self, request: web.Request) -> web.Response:
        """The mails written as a customer, which a next one may answer."""
        return _fresh({"mails": [asdict(mail) for mail in await self._workspace.messages.mails()]})

    async def events(self, request: web.Request) -> web.StreamResponse:
        """The live stream, from the event after Last-Event-ID (or `after`) on."""
        workspace = self._workspace
        me = person(workspace, request.query.get("me", ""))
        after = request.headers.get("Last-Event-ID") or request.query.get("after", "")
        response = web.StreamResponse(headers={**HEADERS, hdrs.CACHE_CONTROL: "no-store"})
        response.content_type = "text/event-stream"
        await response.prepare(request)
        try:
            await response.write(b"retry: 1000\n\n")
            async for chunk in workspace.hub.follow(me.handle, after):
                await response.write(chunk)
        except ConnectionResetError:
            pass  # The page was closed; there is nobody left to tell.
        return response


def routes(workspace: Workspace) -> list[web.RouteDef]:
    """The routes of everything that is only read, each behind the guard."""
    pages, guard = Pages(workspace), workspace.guard
    return [
        web.get("/", guard.page(pages.index)),
        web.get("/static/{name}", guard.page(pages.file)),
        web.get("/api/state", guard.read(pages.state)),
        web.get("/api/messages", guard.read(pages.messages)),
        web.get("/api/thread", guard.read(pages.thread)),
        web.get("/api/mails", guard.read(pages.mails)),
        web.get("/api/events", guard.read(pages.events)),
    ]


def person(workspace: Workspace, handle: str, accept_language: str = "") -> Person:
    """The person that a tab acts as; nobody named yet means the first who speaks the browser's language."""
    if handle:
        if handle not in workspace.people:
            raise problem(404, f"There is nobody called {handle[:100]}.")
        return workspace.people[handle]
    wanted = accept_language[:2].lower()
    everyone = list(workspace.people.values())
    return next((each for each in everyone if each.language == wanted), everyone[0])


def check_channel(workspace: Workspace, me: Person, channel: str) -> None:
    """Raise 404 unless this is a channel, or the person's own direct messages."""
    if channel not in workspace.channels_of(me):
        raise problem(404, f"There is no channel called {channel[:100]} here.")


def _fresh(data: object) -> web.Response:
    return web.json_response(data, headers={hdrs.CACHE_CONTROL: "no-store"})
