"""HTTP in: what people type, press, fill in and read, as calls of the desk and as messages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from aiohttp import web

from adapters.workspace import pages, writing
from adapters.workspace.body import Body, number, read_body, word, words_by_name
from adapters.workspace.guard import Handler, problem
from adapters.workspace.people import Person
from adapters.workspace.render import answer_json, choice_json
from bot.chat.invocation import Invocation, pressed
from bot.ports import Desk

if TYPE_CHECKING:
    from adapters.workspace.platform import Workspace

Listener = Callable[["Workspace", Person, Body], Awaitable[dict[str, object]]]

SLASHES = ("/", "／")


def routes(workspace: Workspace) -> list[web.RouteDef]:
    """Every route of the workspace, each behind the guard."""
    guard = workspace.guard
    posts: dict[str, Listener] = {
        "say": say,
        "press": press,
        "submit": submit,
        "complete": complete,
        "read": mark_read,
        "delete": delete,
    }
    return [
        *pages.routes(workspace),
        *[web.post(f"/api/{name}", guard.write(_posted(workspace, each))) for name, each in posts.items()],
        web.post("/api/customer", guard.write(writing.listener(workspace))),
    ]


async def say(workspace: Workspace, me: Person, body: Body) -> dict[str, object]:
    """A chat message, or a slash command; the answer of a command goes back to its sender alone.

    So does what the desk says to a message in the thread under one of ours.
    """
    channel, thread = await _place(workspace, me, body)
    text = word(body, "text", None).strip()
    if text.startswith(SLASHES):
        # Any white space divides: Japanese keyboards type a full-width blank.
        verb, rest = [*text[1:].split(maxsplit=1), "", ""][:2]
        return await _call(workspace, me, _invocation(me, channel, thread, verb.lower(), text=rest))
    above = await _ours(workspace, thread)
    desk = _desk(workspace, me) if above else None
    said = await workspace.say(me, channel, text, thread) if text else None
    if not (desk and said):
        return {}
    replied = replace(_invocation(me, channel, above, "", text=text), event=f"said {said.id}")
    answer = await desk.reply(replace(replied, profiles=workspace.profiles))
    return {} if answer is None else {"verb": "whisper", "answer": answer_json(answer)}


async def _ours(workspace: Workspace, thread: int | None) -> int | None:
    """The message of ours that a thread hangs under, if it is ours."""
    under = await workspace.messages.get(thread) if thread else None
    root = await workspace.messages.get(under.parent) if under and under.parent else under
    return root.id if root and not root.author else None


async def press(workspace: Workspace, me: Person, body: Body) -> dict[str, object]:
    """A button: a command whose options are filled in."""
    channel, message = await _place(workspace, me, body)
    verb, options, seen = _pressed(word(body, "call", None))
    return await _call(workspace, me, _invocation(me, channel, message, verb, options=options, seen=seen))


async def submit(workspace: Workspace, me: Person, body: Body) -> dict[str, object]:
    """A filled-in form: its call, with the inputs added."""
    channel, message = await _place(workspace, me, body)
    verb, options, seen = _pressed(word(body, "call", None))
    options = {**options, **words_by_name(body, "inputs")}
    return await _call(workspace, me, _invocation(me, channel, message, verb, options=options, seen=seen))


async def complete(workspace: Workspace, me: Person, body: Body) -> dict[str, object]:
    """Values that fit what was typed of an option so far."""
    channel, thread = await _place(workspace, me, body)
    invocation = _invocation(me, channel, thread, word(body, "verb", None), text=word(body, "text"))
    desk = _desk(workspace, me)
    choices = await desk.complete(invocation, word(body, "option", None), word(body, "typed"))
    return {"choices": [choice_json(choice) for choice in choices]}


async def mark_read(workspace: Workspace, me: Person, body: Body) -> dict[str, object]:
    """The person has seen a channel up to a message; their other tabs hear of it."""
    channel, _ = await _place(workspace, me, body)
    await workspace.messages.mark_read(me.handle, channel, number(body, "upto") or 0)
    unread = await workspace.messages.unread(me.handle, channel)
    workspace.hub.tell("read", {"channel": channel, "unread": unread}, (me.handle,))
    return {}


async def delete(workspace: Workspace, me: Person, body: Body) -> dict[str, object]:
    """Delete one's own message; supervisors may delete every message, as a workspace's owners may."""
    message = await workspace.messages.get(number(body, "message") or 0)
    if message is None:
        return {}
    if not me.may_see(message.channel):
        raise problem(404, "There is no such message.")
    if message.author != me.handle and me.role != "supervisor":
        raise problem(403, workspace.word(me, "page.delete.denied"))
    await workspace.delete(message)
    return {}


async def _call(workspace: Workspace, me: Person, invocation: Invocation) -> dict[str, object]:
    answer = await _desk(workspace, me).call(replace(invocation, profiles=workspace.profiles))
    assert answer is not None  # calls of the page carry no event: none comes twice
    return {"verb": invocation.verb, "answer": answer_json(answer)}


async def _place(workspace: Workspace, me: Person, body: Body) -> tuple[str, int | None]:
    """Where it happens: a channel that the person may see, and the message that it is about, if any."""
    channel = word(body, "channel", None)
    pages.check_channel(workspace, me, channel)
    message = number(body, "message")
    if message is not None:
        found = await workspace.messages.get(message)
        if found is None or found.channel != channel:
            raise problem(404, workspace.word(me, "page.gone"))
    return channel, message


def _posted(workspace: Workspace, listener: Listener) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        body = await read_body(request)
        return web.json_response(await listener(workspace, pages.person(workspace, word(body, "me")), body))

    return handle


def _desk(workspace: Workspace, me: Person) -> Desk:
    if workspace.desk is None:
        raise problem(503, workspace.word(me, "page.starting"))
    return workspace.desk


def _invocation(
    me: Person,
    channel: str,
    message: int | None,
    verb: str,
    text: str = "",
    options: dict[str, str] | None = None,
    seen: int | None = None,
) -> Invocation:
    return Invocation(
        platform="workspace",
        user=me.handle,
        user_name=me.name,
        channel=channel,
        message="" if message is None else str(message),
        verb=verb,
        text=text,
        options=options or {},
        seen=seen,
        language=me.language,
    )


def _pressed(call: str) -> tuple[str, dict[str, str], int | None]:
    try:
        return pressed(call)
    except ValueError as error:
        raise problem(400, f"This is no call of a command: {call[:100]!r}") from error
