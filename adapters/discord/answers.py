"""Brings answers to those who asked: by the interaction while it lives, else by direct message."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, Protocol

from adapters.discord.asked import Way
from adapters.discord.marks import custom_id
from adapters.discord.modals import fitting, for_button, written_again
from adapters.discord.render import card_view, modal_of
from adapters.discord.replies import Answered, Body, Reply
from bot.chat.card import Button, Card, Form, Style, Tone
from bot.chat.invocation import Answer
from bot.ports import Closed, MessageRef, NotSent, Refused, SendError

Texts = Callable[[str], Mapping[str, str]]
"""The adapter's own texts in a language: msgid ("platform.late") to words."""

Send = Callable[[], Awaitable[object]]

QUICK = 2.0
"""Seconds that an answer may take before its asker is told that we think."""
AGAIN = 0.2
"""Seconds between attempts at a first response."""
PAUSES = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0, 60.0)
"""Seconds between attempts to bring an answer while Discord can't be reached: three minutes in all."""

log = logging.getLogger(__name__)


class Sends(Protocol):
    """Sends messages of its own accord; each raises SendError."""

    async def post(self, channel: str, card: Card, key: str) -> MessageRef: ...

    async def whisper(self, handle: str, card: Card, key: str) -> MessageRef: ...

    async def mark(self, message: MessageRef) -> None: ...


class Answers:
    """Answers reach their askers by the first way that works.

    First response, edit of it, another message, direct message, and for whom takes none, a word in the channel that
    does not say what it is about. A double answer does no harm and a lost one does: what is unclear is sent again.
    """

    def __init__(
        self,
        sends: Sends,
        texts: Texts,
        link_base: str,
        quick: float = QUICK,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._sends = sends
        self._texts = texts
        self._link_base = link_base
        self._quick = quick
        self._pauses = pauses

    async def bring(self, work: Coroutine[Any, Any, Answer | None], reply: Reply, way: Way) -> None:
        """Bring what `work` decides, however long that takes; raises what it raises, and never SendError.

        None is what was told twice: its twin brings the answer.
        """
        deciding = asyncio.create_task(work)
        try:
            await asyncio.wait([deciding], timeout=max(self._quick - reply.age, 0.0))
            if not deciding.done():
                await self._defer(reply, way)
            answer = await deciding
        finally:
            deciding.cancel()
            await asyncio.wait([deciding])
        if answer is not None:
            await self.give(answer, reply, way)

    async def give(self, answer: Answer, reply: Reply, way: Way) -> None:
        """Bring a card, or open a form. Never raises SendError; what cannot be brought at all is logged."""
        if isinstance(answer, Card):
            await self._show(answer, reply, way)
        elif way.opens and not reply.deferred:
            await self._open(answer, reply, way)
        else:
            await self._show(self._offer(answer, way, "platform.form"), reply, way)

    async def acknowledge(self, answer: Answer, way: Way) -> None:
        """Answer what was written in a channel: all can read there, so what went well gets a mark and no word.

        Anything else is said by direct message. Never raises SendError.
        """
        if isinstance(answer, Card) and answer.tone is not Tone.ALERT and not answer.buttons:
            try:
                await self._sends.mark(MessageRef(way.place, way.event))
                return
            except SendError as error:
                log.info("a message got no mark", extra={"why": str(error)})
        card = answer if isinstance(answer, Card) else self._offer(answer, way, "platform.form")
        await self._insist([lambda: self._directly(card, way)], way)

    async def regret(self, reference: str, way: Way) -> None:
        """Tell somebody by direct message that we failed them; `reference` finds the error in the log."""
        await self.acknowledge(self._apology(reference, way), way)

    async def apologise(self, reference: str, reply: Reply, way: Way) -> None:
        """Tell somebody that we failed them; `reference` finds the error in the log."""
        await self.give(self._apology(reference, way), reply, way)

    async def garbled(self, reply: Reply, way: Way) -> None:
        """Tell somebody that what they pressed says nothing that we know."""
        text = self._texts(way.language)["platform.garbled"]
        await self.give(Card(title=text, tone=Tone.ALERT, summary=text), reply, way)

    async def _defer(self, reply: Reply, way: Way) -> None:
        try:
            await self._first(lambda: reply.defer(way.replaces), reply)
        except SendError as error:
            log.warning("an interaction could not be answered in time", extra={"why": str(error)})

    async def _open(self, form: Form, reply: Reply, way: Way) -> None:
        """A form opens in a modal; when the time for that is over, a button offers it again."""
        fitted = fitting(form, self._texts(way.language)["platform.text"])
        try:
            modal = modal_of(fitted, custom_id(fitted.call, "")).to_dict()
            await self._first(lambda: reply.open(modal), reply)
        except Answered:
            # Told twice: the other one has opened the modal, or it thinks, and then this takes the place of that.
            offered = self._drawn(self._offer(form, way, "platform.late"))
            await self._insist([lambda: reply.edit(offered)], way, quiet=True)
        except SendError as error:
            log.warning("a form could not be opened at once", extra={"why": str(error)})
            await self._show(self._offer(form, way, "platform.late"), reply, way)

    async def _show(self, card: Card, reply: Reply, way: Way) -> None:
        drawn = self._drawn(card)
        if not reply.deferred:
            try:
                await self._first(lambda: reply.show(drawn, way.replaces), reply)
                return
            except SendError as error:
                log.info("an answer was no first response", extra={"why": str(error)})
        ways: list[Send] = [lambda: reply.edit(drawn), lambda: reply.follow(drawn)]
        if way.user:
            ways.append(lambda: self._directly(card, way))
        await self._insist(ways, way)

    async def _first(self, respond: Send, reply: Reply) -> None:
        """Insist on a first response for as long as it is taken."""
        while True:
            try:
                await respond()
            except Refused:
                raise
            except SendError as error:
                pause = max(AGAIN, getattr(error, "retry_after", None) or 0.0)
                if reply.left <= pause:
                    raise
                await asyncio.sleep(pause)
            else:
                return

    async def _insist(self, ways: list[Send], way: Way, quiet: bool = False) -> None:
        """Try one way after the other, and again after a while; a way that is refused is not tried again."""
        why = ""
        for pause in (*self._pauses, None):
            wait = pause
            for send in tuple(ways):
                try:
                    await send()
                except Refused as error:
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
        if not quiet:
            log.error("an answer could not be brought to its asker", extra={"user": way.user, "why": why})

    async def _directly(self, card: Card, way: Way) -> None:
        try:
            await self._sends.whisper(way.user, card, f"answer:{way.event}")
        except Closed:
            if not way.place:
                raise
            text = self._texts(way.language)["platform.closed"].format(name=way.user_name)
            await self._sends.post(way.place, Card(title=text, summary=text), f"closed:{way.event}")

    def _apology(self, reference: str, way: Way) -> Card:
        text = self._texts(way.language)["platform.apology"].format(reference=reference)
        return Card(title=text, tone=Tone.ALERT, summary=text)

    def _drawn(self, card: Card) -> list[Body]:
        view = card_view(card, self._link_base)
        return [item.to_component_dict() for item in view.children]

    def _offer(self, form: Form, way: Way, why: str) -> Card:
        """A form as a card with one button that opens it; what the button cannot carry is shown whole, to be copied.

        That are words too long for it, and, after a form that was filled in, what already stands in the next one.
        """
        texts = self._texts(way.language)
        carried, cut = for_button(form.call)
        again = "" if way.opens else written_again(form)
        told = [form.intro, texts[why]]
        told += [texts["platform.too_long"]] if cut else [texts["platform.written"]] if again else []
        button = Button(form.title, carried, Style.PRIMARY)
        lines = tuple((line,) for line in told if line.strip())
        cut = "\n\n".join(filter(None, (cut, again)))
        return Card(title=form.title, lines=lines, copy=cut, buttons=(button,), summary=form.title)
