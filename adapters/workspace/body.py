"""What the page sends: JSON bodies, read with limits and checked field by field."""

import json
from collections.abc import Mapping
from typing import cast

from aiohttp import web

from adapters.workspace.guard import problem
from adapters.workspace.text import clean

Body = Mapping[str, object]

LIMIT = 1_000_000
"""Bytes of an ordinary body."""


async def read_body(request: web.Request, limit: int = LIMIT) -> Body:
    """The JSON object that a request carries, at most `limit` bytes; raises the HTTP refusal otherwise.

    Only application/json is taken: no form of another site can send that.
    """
    if request.content_type != "application/json":
        raise problem(400, "Send application/json.")
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.content.iter_any():
        size += len(chunk)
        if size > limit:
            raise web.HTTPRequestEntityTooLarge(
                max_size=limit,
                actual_size=size,
                text=json.dumps({"error": f"At most {limit} bytes are taken."}),
                content_type="application/json",
            )
        chunks.append(chunk)
    try:
        body = json.loads(b"".join(chunks))
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise problem(400, "The body must be a JSON object.")
    return cast(Body, body)


def word(body: Body, name: str, default: str | None = "") -> str:
    """A text of the body, cleaned; raises 400 when it is no text, or missing without a default."""
    value = body.get(name, default)
    if not isinstance(value, str):
        raise problem(400, f"{name} must be a text.")
    return clean(value)


def number(body: Body, name: str) -> int | None:
    """A message number of the body, or None when it is absent; raises 400 on anything else."""
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**62:
        raise problem(400, f"{name} must be a number.")
    return value


def words_by_name(body: Body, name: str) -> dict[str, str]:
    """A mapping of texts, such as a form's inputs; raises 400 on anything else."""
    value = body.get(name, {})
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise problem(400, f"{name} must be an object of texts.")
    return {clean(key): clean(each) for key, each in value.items()}
