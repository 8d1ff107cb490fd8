"""One Socket Mode connection: hears envelopes, answers each at once, and says when it should be replaced."""

import asyncio
import json
import logging
from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncApp

from adapters.slack.asked import dig, word
from adapters.slack.bolt import dispatched

CLOSING = 1.0
"""Seconds that Slack is given to say goodbye."""

log = logging.getLogger(__name__)


class Line:
    """A connection that has said hello. It never connects again: whoever holds it opens another.

    `leaving` is set as soon as Slack announces its end, and when it ends; `ended` when nothing is heard any more.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, app: AsyncApp) -> None:
        self._socket = socket
        self._app = app
        self._born = asyncio.get_running_loop().time()
        self.leaving = asyncio.Event()
        self.ended = asyncio.Event()
        self.why = ""

    @classmethod
    async def open(cls, session: aiohttp.ClientSession, url: str, app: AsyncApp, ping: float) -> "Line":
        """Connect to a one-time address and wait for hello; dead connections show by pings every `ping` seconds.

        Raises aiohttp.ClientError, and ValueError when something else than hello comes.
        """
        socket = await session.ws_connect(
            url, heartbeat=ping, timeout=aiohttp.ClientWSTimeout(ws_close=CLOSING), max_msg_size=0
        )
        try:
            message = await socket.receive()
            if message.type is not aiohttp.WSMsgType.TEXT or word(json.loads(message.data), "type") != "hello":
                raise ValueError("no hello")
        except BaseException:
            await socket.close()
            raise
        return cls(socket, app)

    @property
    def age(self) -> float:
        """Seconds since hello."""
        return asyncio.get_running_loop().time() - self._born

    async def hear(self) -> None:
        """Answer what comes until the connection ends. Never raises but when cancelled."""
        try:
            async for message in self._socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    await self._take(message.data)
                elif message.type is aiohttp.WSMsgType.ERROR:
                    break
        except (aiohttp.ClientError, ConnectionError) as error:  # an answer could not be sent
            self.why = self.why or type(error).__name__
        finally:
            died = self._socket.exception()
            self.why = self.why or (type(died).__name__ if died else f"closed ({self._socket.close_code})")
            self.ended.set()
            self.leaving.set()

    async def close(self, hearing: "asyncio.Task[None]") -> None:
        """End the connection, and `hearing` with it."""
        hearing.cancel()
        await asyncio.wait([hearing])
        if not hearing.cancelled() and (error := hearing.exception()):
            log.error("a socket to slack failed", exc_info=error)
        await self._socket.close()

    async def _take(self, text: str) -> None:
        try:
            message = json.loads(text)
        except ValueError:
            log.warning("slack sent something that makes no sense", extra={"why": "no JSON"})
            return
        if word(message, "type") == "disconnect":
            self.why = word(message, "reason") or "disconnect"
            self.leaving.set()
        elif envelope := word(message, "envelope_id"):
            await self._socket.send_json(await self._answered(envelope, message))

    async def _answered(self, envelope: str, message: object) -> dict[str, Any]:
        if dig(message, "retry_attempt"):
            why = word(message, "retry_reason")
            log.info("slack tells an event again", extra={"retry": dig(message, "retry_attempt"), "why": why})
        await dispatched(self._app, dig(message, "payload"))
        return {"envelope_id": envelope}
