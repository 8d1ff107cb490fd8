"""Brings answers to those who asked: in the place where they asked, else beside it, else by direct message."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from adapters.slack.asked import Way
from adapters.slack.modals import fitting, for_button, keep
from adapters.slack.render import Message, card_modal, home_of, message_of, modal_of
from adapters.slack.web import Web
from bot.chat.card import Button, Card, Form, Style, Tone
from bot.chat.invocation import Answer
from bot.ports import MessageGone, NotSent, Refused, SendError

Texts = Callable[[str], Mapping[str, str]]
"""The adapter's own texts in a language: msgid ("platform.late") to words."""

Send = Callable[[], Awaitable[None]]

PAUSES = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0, 60.0)
"""Seconds between attempts to bring an answer while Slack can't be reached: three minutes in all."""

ALREADY_OPEN = "exchanged_trigger_id"
"""Slack's word for a trigger that opened its modal before: the same click was told twice."""

log = logging.getLogger(__name__)


class Answers:
    """Answers reach their askers by the first way that works: modal, response URL, ephemeral message, direct message.

    A double answer does no harm and a lost one does: whatever is unclear is sent again.
    """

    def __init__(self, web: Web, texts: Texts, link_base: str, pauses: Sequence[float] = PAUSES) -> None:
        self._web = web
        self._texts = texts
        self._link_base = link_base
        self._pauses = pauses

    async def give(self, answer: Answer, way: Way) -> None:
        """Bring a card, or open a form. Never raises SendError; what cannot be brought at all is logged."""
        if isinstance(answer, Form):
            await self._open(answer, way)
        elif way.view or not (way.channel or way.response_url):
            await self._in_modal(answer, way)
        else:
            await self._send(answer, way)

    async def home(self, card: Card, user: str) -> None:
        """Publish somebody's App Home. Never raises SendError."""
        view = home_of(card, self._link_base)
        await self._insist([lambda: self._call("views.publish", user_id=user, view=view)], user)

    async def apologise(self, reference: str, way: Way) -> None:
        """Tell somebody that we failed them; `reference` finds the error in the log."""
        text = self._texts(way.language)["platform.apology"].format(reference=reference)
        await self.give(Card(title=text, tone=Tone.ALERT, summary=text), way)

    async def _open(self, form: Form, way: Way) -> None:
        """A form opens in a modal; without a trigger, or when its 3 seconds are over, a button offers it again."""
        texts = self._texts(way.language)
        if not (way.trigger or way.view):
            await self._send(_offer(form, texts, "platform.form"), way)
            return
        form = fitting(form, way, texts["platform.text"])
        view = modal_of(form, keep(way, form.call))
        try:
            if way.view:
                await self._call("views.update", view_id=way.view, view=view)
            else:
                await self._call("views.open", trigger_id=way.trigger, view=view)
        except SendError as error:
            if ALREADY_OPEN in str(error):
                return
            log.warning("a form could not be opened at once", extra={"why": str(error)})
            await self._send(_offer(form, texts, "platform.late"), way)

    async def _in_modal(self, card: Card, way: Way) -> None:
        texts = self._texts(way.language)
        view = card_modal(card, texts["platform.title"], texts["platform.close"], self._link_base)
        view["private_metadata"] = keep(way)
        try:
            if way.view:
                await self._call("views.update", view_id=way.view, view=view)
                return
            if way.trigger:
                await self._call("views.open", trigger_id=way.trigger, view=view)
                return
        except SendError as error:
            log.info("an answer found no modal", extra={"why": str(error)})
            if ALREADY_OPEN in str(error):
                return
        await self._send(card, way)

    async def _send(self, card: Card, way: Way) -> None:
        message = message_of(card, self._link_base)
        ways: list[Send] = []
        if way.response_url:
            ways.append(lambda: self._respond(message, way))
        if way.channel:
            ways.append(lambda: self._post_ephemeral(message, way))
        ways.append(lambda: self._post_directly(message, way))
        await self._insist(ways, way.user)

    async def _insist(self, ways: list[Send], user: str) -> None:
        """Try one way after the other, and again after a while; a way that is refused is not tried again."""
        why = ""
        for pause in (*self._pauses, None):
            wait = pause
            for send in tuple(ways):
                try:
                    await send()
                except (Refused, MessageGone) as error:
                    ways.remove(send)
                    why = str(error)
                except SendError as error:
                    why = str(error)
                    if isinstance(error, NotSent) and wait is not None:
                        wait = max(wait, error.retry_after or 0.0)
                else:
                    return
            if not ways or wait is None:
                break
            await asyncio.sleep(wait)
        log.error("an answer could not be brought to its asker", extra={"user": user, "why": why})

    async def _respond(self, message: Message, way: Way) -> None:
        body: dict[str, object] = {"response_type": "ephemeral", "replace_original": way.replaces}
        if way.thread:
            body["thread_ts"] = way.thread
        await self._web.respond(way.response_url, {**body, "text": message.text, "blocks": message.blocks})

    async def _post_ephemeral(self, message: Message, way: Way) -> None:
        thread = {"thread_ts": way.thread} if way.thread else {}
        await self._call(
            "chat.postEphemeral", channel=way.channel, user=way.user, text=message.text, blocks=message.blocks, **thread
        )

    async def _post_directly(self, message: Message, way: Way) -> None:
        opened = await self._web.ask("conversations.open", users=way.user)
        await self._call(
            "chat.postMessage",
            channel=opened["channel"]["id"],
            text=message.text,
            blocks=message.blocks,
            unfurl_links=False,
            unfurl_media=False,
        )

    async def _call(self, method: str, **arguments: object) -> None:
        await self._web.ask(method, **arguments)


def _offer(form: Form, texts: Mapping[str, str], why: str) -> Card:
    """A form as a card with one button that opens it; words too long for a button are shown whole, to copy."""
    carried, cut = for_button(form.call)
    lines = ((texts[why],), (texts["platform.too_long"],)) if cut else ((texts[why],),)
    button = Button(form.title, carried, Style.PRIMARY)
    return Card(title=form.title, lines=lines, copy=cut, buttons=(button,), summary=form.title)
