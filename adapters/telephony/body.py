"""The body of a request: read with limits, and turned into fields; whose they are is found out elsewhere."""

import asyncio
import json
from collections.abc import Mapping
from typing import Never
from urllib.parse import parse_qsl

from aiohttp import web

from adapters.telephony.refused import Refused
from bot.chat.text import one_line, shorten

LONGEST = 64 * 1024
"""Bytes of a body: what telephone systems send is far below."""
DEEPEST = 16
"""Levels of a JSON body."""
MOST = 200
"""Fields of a form: Twilio sends about forty."""
ID_LIMIT = 128
"""Characters of a call's name."""
ADDRESS_LIMIT = 256
"""Characters of a number or an address: as many as Twilio's own names may have."""

Fields = Mapping[str, object]


async def read_raw(request: web.Request, kind: str, within: float) -> bytes:
    """The bytes of a POST of that content type, which come within so many seconds.

    Raises Refused: 405, 415, 413, 408, or 400 when they break off.
    """
    if request.method != "POST":
        raise Refused(405, "Use POST.")
    if request.content_type != kind:
        raise Refused(415, f"Send {kind}.")
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Refused(415, "Send the body as it is, not compressed.")
    raw = bytearray()
    try:
        async with asyncio.timeout(within):
            async for chunk in request.content.iter_any():
                raw += chunk
                if len(raw) > LONGEST:
                    raise Refused(413, f"At most {LONGEST} bytes are taken.")
    except TimeoutError:
        raise Refused(408, f"The body must come within {within:g} s.") from None
    except (web.RequestPayloadError, ConnectionError):
        raise Refused(400, "The body broke off.") from None
    return bytes(raw)


def json_fields(raw: bytes) -> Fields:
    """The object that a JSON body is. Raises Refused (400)."""
    try:
        body = json.loads(raw.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refused(400, "The body must be a JSON object in UTF-8.")
    level = list(body.values())
    for _ in range(DEEPEST):
        level = [inner for value in level for inner in _within(value)]
    if level:
        raise Refused(400, f"The body is nested too deeply: {DEEPEST} levels are taken.")
    return body


def form_fields(raw: bytes) -> list[tuple[str, str]]:
    """The fields of a form, in order, empty ones too; bytes that are no UTF-8 stay what they are, for signatures.

    Raises Refused (400) when they are too many.
    """
    try:
        text = raw.decode("utf-8", "surrogateescape")
        return parse_qsl(text, keep_blank_values=True, errors="surrogateescape", max_num_fields=MOST)
    except ValueError:
        raise Refused(400, f"At most {MOST} fields are taken.") from None


def identifier(name: str, value: object) -> str:
    """What names a call: never shortened, for two calls must not become one. Raises Refused (400)."""
    given = one_line(_spelt(name, value))
    if not 0 < len(given) <= ID_LIMIT:
        raise Refused(400, f"{name} must name the call, in 1 to {ID_LIMIT} characters.")
    return given


def address(name: str, value: object) -> str:
    """A number, extension or address on one line, without what cannot be seen; "" for none. Raises Refused (400)."""
    return shorten(one_line(_spelt(name, value)), ADDRESS_LIMIT)


def _spelt(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**20:
        return str(value)
    if not isinstance(value, str):
        raise Refused(400, f"{name} must be a text.")
    return value


def _within(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list) else []


def _no_number(_name: str) -> Never:
    raise ValueError("NaN and Infinity are no JSON")
