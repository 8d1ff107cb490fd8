"""The driver of Slack: it acts on the fake Slack as people do, and reads what they see there."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path

from adapters.slack.names import names
from adapters.workspace.people import SAMPLE_PEOPLE
from bot.translator import LANGUAGES
from commands import COMMANDS
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_acts import Outcome
from tests.fakes.slack_world import Ephemeral, Posted, SlackView
from tests.journeys.driver import Platform, Seen, SeenButton, SeenCard, SeenForm, until
from tests.journeys.slack_reading import further, seen_card, seen_form
from tests.support.texts import template

VERBS = {command.name for command in COMMANDS}
OFFERS = [(template(language, "platform.form"),) for language in LANGUAGES]
"""How a form is offered where none can open by itself."""
ON_SLACK = {one.handle: f"U0{one.handle.upper()}" for one in SAMPLE_PEOPLE}


class SlackPlatform:
    """`tests.journeys.driver.Platform` over the fake Slack."""

    def __init__(self, slack: FakeSlack, prefix: str = "") -> None:
        self._slack = slack
        self._names = names(VERBS, prefix)

    async def open(self) -> None:
        """Return when the desk knows everybody by name: it listens, and has asked Slack about its people."""
        for one in SAMPLE_PEOPLE:
            while one.name not in (await self._team(one.handle)).words:  # noqa: ASYNC110 - the roll call sets no event
                await asyncio.sleep(0.02)

    async def close(self) -> None:
        """Slack itself stays."""

    def cards(self, channel: str) -> list[SeenCard]:
        return [_card(one, channel) for one in self._slack.messages(channel) if one.bot_id]

    def thread(self, card: SeenCard) -> list[SeenCard]:
        return [_card(one, card.channel) for one in self._slack.thread(card.channel, card.message) if one.bot_id]

    async def type(self, user: str, channel: str, line: str, under: SeenCard | None) -> Seen:
        """A slash command; where Slack takes none (in threads, unknown ones), a mention of the bot."""
        words = line[1:].split(maxsplit=1)
        verb, rest = words[0].lower(), "".join(words[1:])
        if line.startswith("/") and verb in self._names and under is None:
            return await self._asked(
                user, channel, lambda: self._slack.command(user, channel, f"/{self._names[verb]} {rest}".strip())
            )
        thread = under.message if under else ""
        line = f"{verb} {rest}".strip()
        said = re.sub(r"(?<![\w.])@(\w+)", lambda name: f"<@{ON_SLACK.get(name[1], name[1])}>", line)
        seen = await self._asked(user, channel, lambda: self._slack.mention(user, channel, said, thread))
        if isinstance(seen, SeenCard) and seen.lines in OFFERS:
            return await self.press(user, seen.buttons[0], seen)
        return seen

    async def press(self, user: str, button: SeenButton, on: SeenCard) -> Seen:
        if on.message in [view.id for view in self._slack.views(user)]:
            return await self._asked(user, on.channel, lambda: self._slack.press_modal(user, on.message, button.call))
        return await self._asked(user, on.channel, lambda: self._slack.press(user, on.channel, on.message, button.call))

    async def submit(self, user: str, form: SeenForm, inputs: Mapping[str, str]) -> Seen:
        view = next(view for view in self._slack.views(user) if "submit" in view.body and _form(view) == form)
        others = {one: "" for name in inputs for one in further(view.body, name)}
        return await self._asked(user, form.channel, lambda: self._slack.submit(user, view.id, {**others, **inputs}))

    async def delete(self, user: str, card: SeenCard) -> None:
        """Delete a message, as an administrator may."""
        self._slack.delete(card.channel, card.message)

    async def news(self) -> None:
        await self._slack.news()

    async def _team(self, user: str) -> SeenCard:
        seen = await self.type(user, "team", "/team", None)
        assert isinstance(seen, SeenCard)
        return seen

    async def _asked(self, user: str, channel: str, act: Callable[[], Awaitable[Outcome]]) -> Seen:
        """Do something, and wait for what appears for this person alone."""
        before = max((one.seen for one in self._private(user)), default=0)
        outcome = await act()
        assert outcome.acked is not None, outcome
        assert not outcome.error, outcome
        assert not outcome.errors, outcome
        fresh = await until(
            self,
            lambda: [one for one in self._private(user) if one.seen > before] or False,
            lambda: f"{user} was told nothing",
        )
        return _seen(max(fresh, key=lambda one: one.seen), channel)

    def _private(self, user: str) -> list[Ephemeral | SlackView]:
        return [*self._slack.ephemerals(user), *self._slack.views(user)]


class SlackStage:
    """A Slack workspace of its own, reached by Socket Mode or by HTTP."""

    name = "slack"

    def __init__(self, by_http: bool) -> None:
        self.slack = FakeSlack()
        for one in SAMPLE_PEOPLE:
            self.slack.world.users[ON_SLACK[one.handle]].display_name = one.name
        self.prefix = ""
        self._by_http = by_http

    async def open(self, queues: tuple[str, ...]) -> None:
        for queue in queues:
            if queue not in ("support", "returns", "team"):
                self.slack.add_channel(queue, ON_SLACK.values())
        await self.slack.open()

    async def close(self) -> None:
        await self.slack.close()

    def settings(self, folder: Path, queues: tuple[str, ...]) -> dict[str, str]:
        way_in = (
            {"SLACK__SIGNING_SECRET": self.slack.signing_secret}
            if self._by_http
            else {"SLACK__APP_TOKEN": self.slack.app_token}
        )
        return {
            "DATA_FOLDER": str(folder / "data"),
            "QUEUE_CHANNELS": ",".join(f"{queue}=slack:{queue}" for queue in queues),
            "SLACK__BOT_TOKEN": self.slack.bot_token,
            "SLACK__API_URL": self.slack.api_url,
            "SLACK__SETTLE_SECONDS": "0.2",
            "SLACK__PREFIX": self.prefix,
            **way_in,
        }

    def handle(self, person: str) -> str:
        return ON_SLACK[person]

    def mention(self, person: str) -> str:
        return next(one.name for one in SAMPLE_PEOPLE if one.handle == person)

    async def seat(self, desk_url: str) -> Platform:
        if self._by_http:
            self.slack.deliver_by_http(f"{desk_url}/slack/events")
        platform = SlackPlatform(self.slack, self.prefix)
        await self._until_heard()
        await platform.open()
        return platform

    async def _until_heard(self) -> None:
        """Until the desk takes what people do."""
        if not self._by_http:
            await self.slack.sockets.connected_to(2)
        while self._by_http and not await self.slack.verify_url():  # noqa: ASYNC110 - the start sets no event
            await asyncio.sleep(0.02)


def _card(one: Posted, channel: str) -> SeenCard:
    return seen_card({"ts": one.ts, "blocks": one.blocks}, channel)


def _form(view: SlackView) -> SeenForm:
    form = seen_form(view.body)
    return replace(form, channel=_short(form.channel))


def _seen(one: Ephemeral | SlackView, channel: str) -> Seen:
    if isinstance(one, Ephemeral):
        return seen_card({"ts": one.id, "blocks": one.blocks}, channel)
    if "submit" in one.body:
        return _form(one)
    return seen_card({"ts": one.id, "blocks": one.body["blocks"]}, channel)


def _short(channel: str) -> str:
    """ "support" for C0SUPPORT, "@hana" for D0HANA."""
    name = channel[2:].lower()
    return f"@{name}" if channel.startswith("D") else name
