"""The one door to Slack's Web API: a shared session, each method's pace, and errors in the core's words."""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters.slack.config import SlackConfig
from adapters.slack.errors import TokenRefused, of_answer, of_exception
from adapters.slack.tiers import Tiers
from bot.ports import NotSent, Refused, SendError, Unclear

ANSWERS = "response_url"
"""Under this name all response URLs rest together."""
POST = "chat.postMessage"
"""Slack limits it in each channel, and in the workspace."""
CONNECT = 1 / 3
"""How much of a request's time may pass before it is connected: what ends then was surely not sent."""
START = 3.0
"""Seconds that the start waits for Slack: the desk opens without it."""
USED_UP = frozenset([404, 410])
"""What a response URL answers after 30 minutes or five uses."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are in Slack: the workspace, our bot user, and what it may do."""

    team: str
    team_id: str
    user_id: str
    bot_id: str
    scopes: frozenset[str] = frozenset()


class Web:
    """Calls methods of the Web API. Use it between `open` and `close`; before and after, nothing is sent."""

    def __init__(self, config: SlackConfig, tiers: Tiers | None = None) -> None:
        self._config = config
        self._tiers = tiers or Tiers()
        self._session: aiohttp.ClientSession | None = None
        self._client: AsyncWebClient | None = None
        self._identity: Identity | None = None
        self._failure: SendError | None = None
        self._trouble = ""
        self._is_doubtful = False
        self._sdk_log = logging.getLogger("slack_sdk.web.madoguchi")
        self._sdk_log.setLevel(logging.WARNING)  # its debug lines hold whole requests, customers' words included

    @property
    def trouble(self) -> str:
        """Empty when all is well, else a sentence for operators."""
        return self._trouble

    @property
    def client(self) -> AsyncWebClient:
        """Slack's own client, on our session, without retries. Raises NotSent when not open."""
        if self._client is None or self._session is None or self._session.closed:
            raise NotSent("The connection to Slack is not open.")
        return self._client

    @property
    def failure(self) -> SendError | None:
        """Why Slack did not tell who we are when it was last asked; None when it did, or was not asked."""
        return self._failure

    @property
    def identity(self) -> Identity:
        """Who we are. Raises NotSent until Slack has told."""
        if self._identity is None:
            raise NotSent("Slack has not told yet who we are.")
        return self._identity

    async def open(self) -> None:
        """Make the session, and ask who we are; when Slack does not tell, `trouble` says why and nothing is raised."""
        timeout = aiohttp.ClientTimeout(total=self._config.timeout, connect=self._config.timeout * CONNECT)
        self._session = aiohttp.ClientSession(timeout=timeout)
        self._client = AsyncWebClient(
            token=self._config.bot_token,
            base_url=self._config.api_url,
            session=self._session,
            retry_handlers=[],
            logger=self._sdk_log,
        )
        self._client.proxy = _proxy_to(self._config.api_url)  # slack_sdk's own choice knows no exceptions (NO_PROXY)
        try:
            async with asyncio.timeout(START):
                await self.identify()
        except TimeoutError:
            self._failure = NotSent("Slack does not answer.")
            self._trouble = str(self._failure)
        except SendError:
            pass  # `failure` tells

    async def close(self) -> None:
        """Close the connections; nothing is sent any more."""
        session, self._session, self._client = self._session, None, None
        if session:
            await session.close()

    async def identify(self) -> Identity:
        """Ask Slack anew who we are. Raises SendError."""
        try:
            data, headers = await self._call("auth.test", {})
        except SendError as error:
            self._failure = error
            self._trouble = self._trouble or str(error)
            raise
        self._failure = None
        team, team_id, user_id, bot_id = (str(data.get(one) or "") for one in ("team", "team_id", "user_id", "bot_id"))
        scopes = {one.strip() for one in headers.get("x-oauth-scopes", "").split(",")} - {""}
        self._identity = Identity(team, team_id, user_id, bot_id, frozenset(scopes))
        return self._identity

    async def ask(self, method: str, **arguments: object) -> Mapping[str, Any]:
        """Call a method once, and return its answer.

        Raises NotSent when it was surely not carried out (with `retry_after` when the method has to rest), Unclear
        when nobody knows, MessageGone, or Refused with what an operator must do.
        """
        data, _ = await self._call(method, arguments)
        return data

    async def respond(self, response_url: str, body: Mapping[str, Any]) -> None:
        """Post an answer to a response URL. Raises SendError as `ask`; Refused when the URL is used up."""
        if not self._is_slacks(response_url):
            raise Refused("The response URL does not lead to Slack.")
        client = self.client
        await self._tiers.turn(ANSWERS)
        hook = AsyncWebhookClient(response_url, session=client.session, retry_handlers=[], logger=self._sdk_log)
        hook.proxy = client.proxy
        try:
            answer = await hook.send_dict(dict(body))
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise self._failed(ANSWERS, of_exception(error)) from None
        said = _said(answer.body)
        if answer.status_code in USED_UP or said.get("error") in ("expired_url", "used_url"):
            raise Refused("The response URL is used up, or too old.")
        if answer.status_code != 200 or said.get("ok") is False:
            raise self._failed(ANSWERS, of_answer(answer.status_code, answer.headers, said, {}))

    def _is_slacks(self, url: str) -> bool:
        """Whether a URL leads to the host that we ask, or to one below it, such as hooks.slack.com."""
        host, ours = urlsplit(url).hostname or "", urlsplit(self._config.api_url).hostname or ""
        return host == ours or host.endswith(f".{ours}")

    async def _call(self, method: str, arguments: Mapping[str, object]) -> tuple[dict[str, Any], Mapping[str, str]]:
        call = getattr(self.client, method.replace(".", "_"))
        place = str(arguments.get("channel") or "") if method == POST else ""
        await self._tiers.turn(method, place)
        try:
            answer = await call(**arguments)
        except SlackApiError as error:
            raise self._failed(method, _refusal(error, arguments), place) from None
        except (aiohttp.ClientError, TimeoutError, ValueError, AttributeError) as error:
            # the last is how slack_sdk stumbles over a 200 that holds text, or a list
            raise self._failed(method, of_exception(error)) from None
        if not isinstance(answer.data, dict):
            raise self._failed(method, Unclear("Slack answered something that is no JSON."))
        self._trouble, self._is_doubtful = "", False
        return answer.data, answer.headers

    def _failed(self, method: str, error: SendError, place: str = "") -> SendError:
        """The same error, once the method rests that has to, and `trouble` says what follows from it."""
        was_doubtful, self._is_doubtful = self._is_doubtful, isinstance(error, Unclear)
        match error:
            case NotSent(retry_after=float(seconds)):
                self._tiers.hold(method, seconds, place)
            case NotSent() | TokenRefused():
                self._trouble = str(error)
            case Unclear():
                self._trouble = str(error) if was_doubtful else self._trouble  # one lost answer is an accident
            case _:
                self._trouble = ""
        return error


def _refusal(error: SlackApiError, asked: Mapping[str, object]) -> SendError:
    """What slack_sdk's error means; its answer is aiohttp's own when the body was no JSON."""
    answer = error.response
    if isinstance(answer, AsyncSlackResponse):
        return of_answer(answer.status_code, answer.headers, answer.data, asked)
    return of_answer(answer.status, answer.headers, None, asked)


def _said(body: str) -> dict[str, object]:
    """What a response URL answered: JSON, or the bare name of an error."""
    try:
        said = json.loads(body)
    except ValueError:
        return {"error": body.strip()}
    return said if isinstance(said, dict) else {}


def next_cursor(answer: Mapping[str, Any]) -> str:
    """Where an answer's next page begins, empty after the last."""
    return str((answer.get("response_metadata") or {}).get("next_cursor") or "")


def _proxy_to(url: str) -> str | None:
    """The proxy that the environment names for a URL, if any."""
    parts = urlsplit(url)
    return None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)
