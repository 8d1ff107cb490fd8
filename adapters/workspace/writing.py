"""The "write as a customer" panel: its letters become real mails in the spool."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from aiohttp import web

from adapters.workspace import pages
from adapters.workspace.body import Body, number, read_body, word
from adapters.workspace.customer import AttachedFile, Letter, compose, is_address
from adapters.workspace.guard import Handler, problem
from adapters.workspace.people import Person

if TYPE_CHECKING:
    from adapters.workspace.platform import Workspace

ATTACHMENT_LIMIT = 5_000_000
LIMIT = 8_000_000
"""Bytes of the body: the attachment in base64, and a long text."""


def listener(workspace: Workspace) -> Handler:
    """The handler that turns what the panel sends into a mail and delivers it."""

    async def handle(request: web.Request) -> web.Response:
        body = await read_body(request, LIMIT)
        me = pages.person(workspace, word(body, "me"))
        if workspace.deliver_mail is None:
            raise problem(404, "No spool folder takes mail here.")
        letter = await _letter(workspace, me, body)
        raw, written = compose(letter, workspace.clock())
        try:
            await workspace.deliver_mail(letter.queue, raw)
        except OSError as error:
            raise problem(503, workspace.word(me, "page.customer.undelivered")) from error
        await workspace.messages.add_mail(written)
        return web.json_response({"message_id": written.message_id})

    return handle


async def _letter(workspace: Workspace, me: Person, body: Body) -> Letter:
    queue = word(body, "queue", None)
    if queue not in workspace.queues:
        raise problem(404, f"There is no queue called {queue[:100]}.")
    address = word(body, "address").strip()
    if not is_address(address):
        raise problem(400, workspace.word(me, "page.customer.bad_address"))
    if not word(body, "text").strip():
        raise problem(400, workspace.word(me, "page.customer.no_text"))
    answers = number(body, "answers")
    return Letter(
        queue=queue,
        name=word(body, "name"),
        address=address,
        subject=word(body, "subject"),
        text=word(body, "text"),
        attachment=_attachment(workspace, me, body),
        answers=await workspace.messages.mail(answers) if answers else None,
        old_japanese=body.get("old_japanese") is True,
    )


def _attachment(workspace: Workspace, me: Person, body: Body) -> AttachedFile | None:
    given = body.get("attachment")
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise problem(400, "attachment must be an object.")
    try:
        content = base64.b64decode(word(given, "data", None), validate=True)
    except binascii.Error as error:
        raise problem(400, "attachment.data must be base64.") from error
    if len(content) > ATTACHMENT_LIMIT:
        raise problem(400, workspace.word(me, "page.customer.too_big"))
    kind = word(given, "type")
    is_kind = re.fullmatch(r"(?!message|multipart)[a-z]+/[\w.+-]{1,80}", kind, re.ASCII)
    name = word(given, "name") or "file"
    return AttachedFile(name, kind if is_kind else "application/octet-stream", content)
