"""Slack's signed requests over HTTP: checked against the raw body before anything reads it."""

import hashlib
import hmac
import json
import logging
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from yarl import URL

from adapters.slack.asked import Garbled

LONGEST = 1024**2
"""Bytes of a request: Slack's own stay far below."""
WINDOW = 300
"""Seconds by which a request's time may differ from ours.

Source: docs.slack.dev/authentication/verifying-requests-from-slack.
"""
TIMESTAMP = "X-Slack-Request-Timestamp"
SIGNATURE = "X-Slack-Signature"
RETRY = "X-Slack-Retry-Num"

log = logging.getLogger(__name__)


async def read_signed(request: web.Request, secret: str, now: float) -> dict[str, Any]:
    """What Slack asks, once its signature is found right.

    Raises HTTPRequestEntityTooLarge above 1 MB, HTTPUnauthorized when it is not Slack's, or not of these 5 minutes,
    and Garbled when it is Slack's and makes no sense.
    """
    raw = bytearray()
    async for chunk in request.content.iter_any():
        raw += chunk
        if len(raw) > LONGEST:
            raise web.HTTPRequestEntityTooLarge(LONGEST, len(raw))
    if not is_signed(bytes(raw), request.headers, secret, now):
        raise web.HTTPUnauthorized(text="This request is not signed by Slack.")
    if retry := request.headers.get(RETRY):
        why = request.headers.get("X-Slack-Retry-Reason", "")
        log.info("slack tells an event again", extra={"retry": retry, "why": why})
    return _payload(bytes(raw), request.content_type)


def is_signed(raw: bytes, headers: Mapping[str, str], secret: str, now: float) -> bool:
    """Whether the headers hold the signature (v0) of this very body, made within 5 minutes of `now`, a Unix time."""
    moment = headers.get(TIMESTAMP, "")
    if not (secret and moment.isascii() and moment.isdecimal() and abs(now - int(moment)) <= WINDOW):
        return False
    right = hmac.new(secret.encode(), b"v0:" + moment.encode() + b":" + raw, hashlib.sha256).hexdigest()
    given = headers.get(SIGNATURE, "").encode("utf-8", "replace")
    return hmac.compare_digest(f"v0={right}".encode(), given)


def _payload(raw: bytes, content_type: str) -> dict[str, Any]:
    """The request's JSON, or its form's: bolt takes a form whose text holds the word "payload" for empty."""
    try:
        text = raw.decode()
        if content_type == "application/json":
            payload = json.loads(text)
        else:
            payload = dict(URL.build(query_string=text, encoded=True).query)  # several times as fast as parse_qsl
            payload = json.loads(payload["payload"]) if "payload" in payload else payload
    except (ValueError, RecursionError) as error:
        raise Garbled(f"no request of Slack's: {type(error).__name__}") from None
    if not isinstance(payload, dict):
        raise Garbled("no request of Slack's: no object")
    return payload
