"""The driver of the embedded workspace: it opens the page, follows its live streams, and posts what people do."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, CookieJar

from tests.journeys.charts import told_in_json
from tests.journeys.driver import Seen, SeenButton, SeenCard, SeenForm, SeenInput, SeenRow

HEADER = "X-Madoguchi-Token"


class WorkspacePlatform:
    """`tests.journeys.driver.Platform` over the workspace's HTTP API, as its page uses it."""

    def __init__(self, url: str, users: tuple[str, ...]) -> None:
        self._url = url
        self._users = users
        self._messages: dict[int, dict[str, Any]] = {}
        self._news = asyncio.Event()
        self._streams: list[asyncio.Task[None]] = []
        self._headers: dict[str, str] = {}

    async def open(self) -> None:
        """Load the page, and follow the streams of all people until closed."""
        self._client = ClientSession(cookie_jar=CookieJar(unsafe=True), timeout=ClientTimeout(total=None, connect=10))
        async with self._client.get(f"{self._url}/") as page:
            token = re.search(r'name="madoguchi-token" content="([^"]+)"', await page.text())
        assert token is not None
        self._headers = {"Origin": self._url, HEADER: token[1]}
        for user in self._users:
            state = await self._get("state", me=user)
            await self._fetched(user, [one["id"] for one in state["channels"]])
            self._streams.append(asyncio.create_task(self._followed(user, state["cursor"])))

    async def close(self) -> None:
        for stream in self._streams:
            stream.cancel()
        await asyncio.gather(*self._streams, return_exceptions=True)
        self._streams.clear()
        await self._client.close()

    def cards(self, channel: str) -> list[SeenCard]:
        here = [one for one in self._ordered() if one["channel"] == channel and one["parent"] is None]
        return [_card(one["card"], channel, str(one["id"])) for one in here if "card" in one]

    def thread(self, card: SeenCard) -> list[SeenCard]:
        under = [one for one in self._ordered() if str(one["parent"]) == card.message]
        return [_card(one["card"], card.channel, str(one["id"])) for one in under if "card" in one]

    async def type(self, user: str, channel: str, line: str, under: SeenCard | None) -> Seen:
        message = under.message if under else ""
        return await self._ask("say", user, channel, message, text=line)

    async def press(self, user: str, button: SeenButton, on: SeenCard) -> Seen:
        return await self._ask("press", user, on.channel, on.message, call=button.call)

    async def submit(self, user: str, form: SeenForm, inputs: Mapping[str, str]) -> Seen:
        known = {one.name: one.value for one in form.inputs}
        assert set(inputs) <= set(known), f"the form asks for {set(known)}"
        filled = known | dict(inputs)
        return await self._ask("submit", user, form.channel, form.message, call=form.call, inputs=filled)

    async def delete(self, user: str, card: SeenCard) -> None:
        """Delete a message, as the page's bin does."""
        await self._post("delete", me=user, message=int(card.message))

    async def news(self) -> None:
        await self._news.wait()

    async def _ask(self, path: str, user: str, channel: str, message: str, **body: object) -> Seen:
        about = {"message": int(message)} if message else {}
        said = await self._post(path, me=user, channel=channel, **about, **body)
        answer = said["answer"]
        if "form" in answer:
            return _form(answer["form"], channel, message)
        return _card(answer["card"], channel, message)

    async def _post(self, path: str, **body: object) -> dict[str, Any]:
        async with self._client.post(f"{self._url}/api/{path}", json=body, headers=self._headers) as response:
            assert response.status == 200, await response.text()
            told: dict[str, Any] = await response.json()
            return told

    async def _get(self, path: str, **query: str) -> dict[str, Any]:
        async with self._client.get(f"{self._url}/api/{path}", params=query) as response:
            assert response.status == 200, await response.text()
            told: dict[str, Any] = await response.json()
            return told

    async def _fetched(self, user: str, channels: list[str]) -> None:
        for channel in channels:
            page = await self._get("messages", me=user, channel=channel)
            for message in page["messages"]:
                self._take(message)
                if message["replies"]:
                    thread = await self._get("thread", me=user, message=str(message["id"]))
                    for reply in thread["replies"]:
                        self._take(reply)

    async def _followed(self, user: str, cursor: str) -> None:
        with suppress(ClientError):  # the desk is stopped, or crashed: a new driver is made for the next one
            async with self._client.get(f"{self._url}/api/events", params={"me": user, "after": cursor}) as stream:
                async for name, data in _events(stream.content):
                    assert name != "refetch", "the driver missed events"
                    if name == "message":
                        self._take(data)
                    elif name == "gone":
                        self._messages.pop(data["id"], None)
                    self._tell()

    def _take(self, message: dict[str, Any]) -> None:
        known = self._messages.get(message["id"])
        if known is None or known["revision"] <= message["revision"]:
            self._messages[message["id"]] = message

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def _ordered(self) -> list[dict[str, Any]]:
        return [self._messages[number] for number in sorted(self._messages)]


async def _events(content: asyncio.StreamReader | Any) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """The events of a stream, by name, with what they tell."""
    name = ""
    async for line in content:
        field, _, value = line.decode().rstrip("\n").partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


def _words(parts: list[Any]) -> str:
    return "".join(part if isinstance(part, str) else part["spoken"] for part in parts)


def _button(button: Mapping[str, str]) -> SeenButton:
    return SeenButton(button["label"], button["call"])


def _card(card: Mapping[str, Any], channel: str, message: str) -> SeenCard:
    return SeenCard(
        channel=channel,
        message=message,
        title=card["title"],
        tone=card["tone"],
        badge=card["badge"],
        lines=tuple(_words(line) for line in card["lines"]),
        fields={field["label"]: _words(field["value"]) for field in card["fields"]},
        quote=card["quote"],
        copy=card["copy"],
        chart=told_in_json(card.get("chart")),
        rows=tuple(
            SeenRow(
                _words(item["text"]),
                _words(item["detail"]),
                _button(item["button"]) if item["button"] else None,
                item["link"]["path"] if item["link"] else "",
                tuple(_button(button) for button in item["buttons"]),
            )
            for item in card["items"]
        ),
        buttons=tuple(_button(button) for button in card["buttons"]),
        footer=_words(card["footer"]),
    )


def _form(form: Mapping[str, Any], channel: str, message: str) -> SeenForm:
    inputs = tuple(
        SeenInput(
            one["name"],
            one["label"],
            one["required"],
            tuple(choice["value"] for choice in one["choices"]),
            one["value"],
        )
        for one in form["inputs"]
    )
    return SeenForm(channel, message, form["title"], form["call"], inputs)
