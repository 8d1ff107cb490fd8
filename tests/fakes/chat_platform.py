"""The thin client of the fake chat: a `bot.ports.ChatPlatform` that classifies what goes wrong."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

import aiohttp

from adapters.workspace.render import card_json
from bot.chat.card import Card
from bot.ports import Closed, Desk, MessageGone, MessageRef, NotSent, Pace, Refused, Unclear
from tests.fakes.chat import CLOSED, GONE, REFUSED, TOO_MANY

QUICK = Pace(per_second=2000.0, burst=100, settle=timedelta(milliseconds=20))


class FakeChatPlatform:
    """Talks to the fake chat on a port of this machine; a request may take `timeout` seconds."""

    def __init__(self, port: int, name: str = "fake", pace: Pace = QUICK, timeout: float = 1.0) -> None:
        self.name = name
        self.pace = pace
        self.trouble = ""
        self.desk: Desk | None = None
        self.errors: list[str] = []
        self._base = f"http://127.0.0.1:{port}"
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session:
            await session.close()

    async def run(self, desk: Desk) -> None:
        """Nobody presses anything by itself: keep `desk`, until cancelled."""
        self.desk = desk
        try:
            await asyncio.Event().wait()
        finally:
            await self.close()

    async def post(self, channel: str, card: Card, key: str) -> MessageRef:
        """Post a card, again if asked again. Raises SendError."""
        answer = await self._ask("post", {"channel": channel, "card": card_json(card), "key": key})
        return MessageRef(channel, answer["message"])

    async def update(self, message: MessageRef, card: Card) -> None:
        """Change a card where it stands. Raises SendError."""
        asked = {"channel": message.channel, "message": message.message, "card": card_json(card)}
        await self._ask("update", asked)

    async def reply(self, message: MessageRef, card: Card, key: str) -> MessageRef:
        """Post a card into a thread, again if asked again. Raises SendError."""
        parent = int(message.message)
        asked = {"channel": message.channel, "card": card_json(card), "key": key, "parent": parent}
        return MessageRef(message.channel, (await self._ask("post", asked))["message"])

    async def whisper(self, handle: str, card: Card, key: str) -> MessageRef:
        """Send a card to one person. Raises SendError."""
        return await self.post(f"@{handle}", card, key)

    async def find(self, channel: str, key: str, since: datetime, under: MessageRef | None = None) -> MessageRef | None:
        """The first message with that key since then, as far as the platform's history reaches."""
        answer = await self._ask("find", {"channel": channel, "key": key, "since": since.isoformat()})
        return MessageRef(channel, answer["message"]) if answer["message"] else None

    async def remove(self, message: MessageRef) -> None:
        """Take a message away. Raises SendError."""
        await self._ask("remove", {"channel": message.channel, "message": message.message})

    async def _ask(self, verb: str, asked: Mapping[str, object]) -> dict[str, Any]:
        try:
            async with self._connected().post(f"{self._base}/{verb}", json=asked) as response:
                return await _read(response)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            self.errors.append("not connected")
            raise NotSent(str(error)) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            self.errors.append(type(error).__name__)
            raise Unclear(repr(error)) from error
        except (NotSent, Unclear, Refused, MessageGone) as error:
            self.errors.append(str(error))
            raise

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self._session


async def _read(response: aiohttp.ClientResponse) -> dict[str, Any]:
    match response.status:
        case 200:
            answer: dict[str, Any] = await response.json()
            return answer
        case status if status == TOO_MANY:
            raise NotSent("429", float(response.headers["Retry-After"]))
        case status if status == GONE:
            raise MessageGone("404")
        case status if status == REFUSED:
            reason = (await response.json())["reason"]
            raise Closed(reason) if reason == CLOSED else Refused(reason)
        case status:
            raise Unclear(str(status))
