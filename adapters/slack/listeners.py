"""Slack in: what people type, press and fill in becomes calls of the desk; every payload is answered at once."""

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any
from weakref import WeakValueDictionary

from aiohttp import web as http
from slack_bolt.adapter.aiohttp import to_aiohttp_response

from adapters.slack import invocations
from adapters.slack.answers import Answers, Texts
from adapters.slack.asked import Asked, Garbled, Payload, dig
from adapters.slack.bolt import Hear, bolt_app, dispatched
from adapters.slack.config import SlackConfig
from adapters.slack.modals import with_what_was_typed
from adapters.slack.names import names
from adapters.slack.people import People
from adapters.slack.requests import read_signed
from adapters.slack.web import Identity, Web
from bot.chat.card import Card, Form
from bot.chat.invocation import Invocation
from bot.chat.profile import Profile
from bot.ports import Desk, NotSent, SendError
from bot.tasks import Tasks

QUICK = 1.0
"""Seconds that people are looked up while a trigger runs out, which lasts 3."""
CALM = 5.0
"""Seconds that they are looked up otherwise."""
MANY = 10
"""More people than this in one call are not looked up."""
REMEMBERED = 1000
"""Events that are remembered, lest words that were whispered be taken for a command when Slack tells them again."""
LAST = 3.0
"""Seconds that calls under way are given to end when we stop."""

Read = Callable[[Payload], Asked | None]
Answer = Callable[[Asked], Coroutine[Any, Any, object]]

log = logging.getLogger(__name__)


class Listeners:
    """Hands what comes in from Slack to `desk`, and the answers to their askers, until closed.

    The answer that Slack waits for never waits for the desk, nor for Slack itself.
    """

    def __init__(
        self,
        config: SlackConfig,
        web: Web,
        people: People,
        texts: Texts,
        desk: Desk,
        answers: Answers | None = None,
        now: Callable[[], float] = time.time,
        last: float = LAST,
    ) -> None:
        self._secret = config.signing_secret
        self._web = web
        self._people = people
        self._desk = desk
        self._answers = answers or Answers(web, texts, config.link_base)
        self._now = now
        self._last = last
        spelt = names(config.verbs, config.prefix)
        self._names = {verb: name for verb, name in spelt.items() if verb != name}
        self._verbs = {name: verb for verb, name in spelt.items()}
        self._tasks = Tasks()
        self._said: deque[str] = deque(maxlen=REMEMBERED)
        self._homes: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        ways_in: dict[str, Hear] = {
            "press": self._hearing(invocations.press, self._answer),
            "command": self._hearing(lambda body: invocations.command(body, self._verbs), self._answer),
            "submission": self._hearing(invocations.submission, self._answer),
            "shortcut": self._hearing(invocations.shortcut, self._answer),
            "app_mention": self._hearing(self._mention, self._answer_mention),
            "message": self._hearing(self._reply, self._answer_reply),
            "app_home_opened": self._hearing(invocations.home, self._show_home),
            "user_change": lambda body: self._begin(self._meet(body)),
        }
        self.app = bolt_app(web, config.api_url, ways_in)

    async def receive(self, request: http.Request) -> http.Response:
        """POST /slack/events: the one address for events, interactivity and commands. Anything not Slack's gets 401."""
        try:
            payload = await read_signed(request, self._secret, self._now())
        except Garbled as error:
            log.warning("slack sent something that makes no sense", extra={"why": str(error)})
            return http.Response()
        return await to_aiohttp_response(await dispatched(self.app, payload))

    async def close(self) -> None:
        """Let the calls under way end, for `last` seconds."""
        await self._tasks.finish(self._last)

    def _hearing(self, read: Read, answer: Answer) -> Hear:
        return lambda body: self._begin(self._heard(body, read, answer))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.start(work)

    async def _heard(self, body: Payload, read: Read, answer: Answer) -> None:
        try:
            asked = read(body)
        except Garbled as error:
            log.warning("slack sent something that makes no sense", extra={"why": str(error)})
            return
        if asked is None:
            return
        try:
            asked = await self._with_people(asked)
            await answer(asked)
        except Exception:  # the boundary: a bug of ours must not leave its asker without an answer
            reference = secrets.token_hex(4)
            log.exception("a call from slack failed", extra={"verb": asked.invocation.verb, "reference": reference})
            await self._answers.apologise(reference, asked.way)

    async def _answer(self, asked: Asked) -> None:
        answer = await self._desk.call(asked.invocation)
        if answer is None:
            return
        await self._answers.give(with_what_was_typed(answer, asked.typed), asked.way)
        if asked.way.home and not isinstance(answer, Form):
            await self._show_home(asked)

    async def _answer_reply(self, asked: Asked) -> bool:
        """Hand on what was written in a thread; nobody is answered where it concerns nobody here."""
        answer = await self._desk.reply(asked.invocation)
        if answer is None:
            return False
        await self._answers.give(answer, asked.way)
        return True

    async def _answer_mention(self, asked: Asked) -> None:
        """A command, or, in a thread, words that are none: those may be meant for whoever is on the phone."""
        asks = asked.invocation
        if not asked.way.thread or asks.verb in self._verbs.values():
            await self._answer(asked)
        elif asks.event not in self._said:
            self._said.append(asks.event)
            if not await self._answer_reply(replace(asked, invocation=replace(asks, verb="", text=asked.said))):
                await self._answer(asked)

    async def _show_home(self, asked: Asked) -> None:
        """Publish somebody's Home as it is now; of two at once, the later one shows the later state."""
        asks = asked.invocation
        lock = self._homes.setdefault(asks.user, asyncio.Lock())
        async with lock:
            card = await self._desk.call(
                Invocation(
                    platform=asks.platform,
                    user=asks.user,
                    verb="home",
                    user_name=asks.user_name,
                    language=asks.language,
                    profiles=asks.profiles,
                    names=asks.names,
                )
            )
            if isinstance(card, Card):
                await self._answers.home(card, asks.user)

    async def _meet(self, body: Payload) -> None:
        """Slack says that somebody changed: their name, their language, or that they are gone."""
        told = dig(body, "event", "user")
        if not isinstance(told, Mapping) or not isinstance(told.get("id"), str):
            log.warning("slack sent something that makes no sense", extra={"why": "a user_change of nobody"})
            return
        self._people.forget(told["id"])
        await self._desk.meet(invocations.PLATFORM, self._people.of_event(told))

    def _reply(self, body: Payload) -> Asked | None:
        we = self._we()
        return invocations.reply(body, we.user_id) if we else None

    def _mention(self, body: Payload) -> Asked:
        we = self._we()
        return invocations.mention(body, self._verbs, we.user_id if we else "")

    async def _with_people(self, asked: Asked) -> Asked:
        """The same, with what Slack says of the asker and of the people mentioned, as far as it says so in time."""
        profiles: dict[str, Profile] = {}

        async def look_up(user: str) -> None:
            try:
                if known := await self._people.profile(user):
                    profiles[user] = known
            except SendError as error:
                log.info("slack says nothing of somebody", extra={"user": user, "why": str(error)})

        users = dict.fromkeys([asked.invocation.user, *asked.people][:MANY])
        if all(map(self._people.is_fresh, users)):
            for user in users:  # nobody waits, and tasks would cost more than the looking up
                await look_up(user)
        else:
            try:
                async with asyncio.timeout(QUICK if asked.way.trigger else CALM):
                    await asyncio.gather(*map(look_up, users))
            except TimeoutError:
                log.info("slack is slow to say something of its people")
        we = self._we()
        return asked.knowing(profiles, we.team_id if we else "", self._names)

    def _we(self) -> Identity | None:
        try:
            return self._web.identity
        except NotSent:
            return None
