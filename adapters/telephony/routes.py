"""The ways in for telephone systems: checked, read, and handed on; every answer is one of ours."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

from adapters.telephony import twilio, webhook
from adapters.telephony.body import form_fields, read_raw
from adapters.telephony.config import TelephonyConfig
from adapters.telephony.refused import Refused
from adapters.telephony.signatures import check_twilio, check_webhook
from bot.domain.errors import Conflict
from bot.ports import Clock, StoreDown
from bot.ports.telephony import Handler, TelephoneEvent

EVENTS = "/telephony/events"
TWILIO = "/telephony/twilio"
LATER = 5
"""Seconds after which a system may try again."""

Hear = Callable[[web.Request], Awaitable[TelephoneEvent]]

log = logging.getLogger(__name__)


def routes(config: TelephonyConfig, handler: Handler, clock: Clock) -> list[web.RouteDef]:
    """The addresses that the settings switch on.

    An event is handed to `handler` once for each time that it is told, and 204 says that the handler took it. When it
    raises StoreDown or Conflict, or takes longer than `patience`, the answer is 503.
    """

    async def told_to_webhook(request: web.Request) -> TelephoneEvent:
        raw = await read_raw(request, "application/json", config.body_within)
        check_webhook(request.headers, raw, config.secret, clock())
        return webhook.event_of(raw, clock())

    async def told_by_twilio(request: web.Request) -> TelephoneEvent:
        raw = await read_raw(request, "application/x-www-form-urlencoded", config.body_within)
        fields = form_fields(raw)
        check_twilio(request.headers, config.public_url, request.raw_path, fields, config.auth_token)
        return twilio.event_of(fields, request.query, clock())

    def answering(hear: Hear) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            try:
                await _take(await hear(request), handler, config.patience)
            except Refused as no:
                return _refusal(request, no)
            return web.Response(status=204)

        return answer

    ways = [(config.secret, EVENTS, told_to_webhook), (config.auth_token, TWILIO, told_by_twilio)]
    return [web.route("*", path, answering(hear)) for secret, path, hear in ways if secret]


async def _take(event: TelephoneEvent, handler: Handler, patience: float) -> None:
    try:
        async with asyncio.timeout(patience):
            await handler(event)
    except (StoreDown, Conflict, TimeoutError) as error:
        log.warning("a telephone event must be told again", extra={"source": event.source, "why": type(error).__name__})
        raise Refused(503, "It could not be stored. Send it again.") from None


def _refusal(request: web.Request, no: Refused) -> web.Response:
    # Anybody may knock unsigned: that is no reason for a warning. Numbers stay out of logs.
    level = logging.INFO if no.status in (401, 405, 415) else logging.WARNING
    log.log(level, "a telephone event was refused", extra={"path": request.path, "status": no.status, "why": str(no)})
    headers = {405: {"Allow": "POST"}, 503: {"Retry-After": str(LATER)}}.get(no.status)
    return web.Response(status=no.status, text=no.sentence + "\n", headers=headers)
