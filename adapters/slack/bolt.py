"""Our slack-bolt app: it hears everything that Slack sends, answers at once, and leaves the work to its listeners."""

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.asked import Payload
from adapters.slack.web import Web
from bot.ports import NotSent

ANY = re.compile("")
Hear = Callable[[Payload], None]
"""Takes a payload in, without waiting and without raising: Slack is answered right after."""

GARBLED = (ValueError, TypeError, AttributeError, LookupError)
"""What bolt raises over a payload that is not as Slack writes it."""

log = logging.getLogger(__name__)


def bolt_app(web: Web, api_url: str, ways_in: Mapping[str, Hear]) -> AsyncApp:
    """An app that hands on what comes in, by kind: command, press, submission, shortcut, or an event by its name.

    Requests must have been verified before they are dispatched. Whatever nobody hears is answered all the same.
    """
    logger = logging.getLogger("slack_bolt.madoguchi")
    logger.setLevel(logging.ERROR)  # below, bolt writes whole payloads, customers' words included
    app = AsyncApp(
        name="madoguchi",
        logger=logger,
        client=AsyncWebClient(base_url=api_url),
        authorize=_known(web),
        process_before_response=True,
        signing_secret="",
        request_verification_enabled=False,
        ssl_check_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
        raise_error_for_unhandled_request=True,
    )
    kinds: dict[str, Callable[..., Callable[..., object]]] = {
        "press": app.block_action,
        "command": app.command,
        "submission": app.view_submission,
        "shortcut": app.message_shortcut,
    }
    for name, hear in ways_in.items():
        on = kinds[name](ANY) if name in kinds else app.event(name)
        on(_listener(hear))
    app.error(_failed)
    return app


async def dispatched(app: AsyncApp, payload: object) -> BoltResponse:
    """Bolt's answer to a payload, verified already; one that makes no sense is answered and logged."""
    body = payload if isinstance(payload, dict) else {}
    try:
        request = AsyncBoltRequest(body=body, mode="socket_mode")
        return await app.async_dispatch(request)
    except GARBLED as error:
        log.warning("slack sent something that makes no sense", extra={"why": type(error).__name__})
        return BoltResponse(status=200, body="")


def _listener(hear: Hear) -> Callable[..., Awaitable[None]]:
    async def listener(ack: AsyncAck, body: dict[str, Any]) -> None:
        hear(body)
        await ack()

    return listener


def _known(web: Web) -> Callable[..., Awaitable[AuthorizeResult]]:
    """Who we are, without asking Slack at each request; bolt needs it to leave out our own doings."""

    async def authorize() -> AuthorizeResult:
        try:
            we = web.identity
        except NotSent:
            return AuthorizeResult(enterprise_id=None, team_id=None)
        return AuthorizeResult(enterprise_id=None, team_id=we.team_id, bot_user_id=we.user_id, bot_id=we.bot_id)

    return authorize


async def _failed(error: Exception, body: dict[str, Any]) -> BoltResponse:
    """Slack is answered even then: to hear it again would not help."""
    kind = body.get("type") or body.get("command") or "nothing known"
    if isinstance(error, BoltUnhandledRequestError):
        log.info("slack sent something that nobody here hears", extra={"kind": kind})
    else:
        log.error("slack sent something that made bolt fail", extra={"kind": kind}, exc_info=error)
    return BoltResponse(status=200, body="")
