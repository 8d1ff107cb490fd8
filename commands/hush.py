"""Hush: until when somebody wants no advice, while they are on the phone too."""

from datetime import datetime

from bot.call import Call
from bot.cards.word import word
from bot.chat.card import Button, Tone
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.invocation import call as pressing
from bot.domain.advice import AdviceState
from bot.domain.errors import Refusal
from bot.domain.when import amount, moment
from bot.whispering import bind

OFF = ("off", "none", "なし", "オフ", "解除")


async def hush(call: Call) -> Answer:
    """Set it, end it, or tell it; what waits for them goes out accordingly, and its senders see when."""
    given = call.text("time")
    if given:
        until = None if given.casefold() in OFF else _until(call, given)
        await call.tx.advice.leave_alone(call.agent.id, until)
        await bind(call.tx, call.agent, call.act.at)
        await _tell_senders(call)
    until = await call.tx.advice.undisturbed_until(call.agent.id)
    if until is None or until <= call.act.at:
        return word(call.say("hush.off" if given else "hush.none"))
    end = Button(call.say("button.hush_off"), pressing("hush", time=OFF[0]))
    return word(call.say("hush.until", until=until), Tone.WAITING, (end,))


def _until(call: Call, given: str) -> datetime:
    """So long, or until then. Raises Refusal."""
    length = amount(given)
    at = call.act.at + length if length else moment(given, call.act.at, call.say.time_zone, None)
    if at is None:
        raise Refusal("hush.unknown", given=given)
    if at <= call.act.at:
        raise Refusal("hush.past", given=given)
    return at


async def _tell_senders(call: Call) -> None:
    live = (await call.tx.phone.live_of([call.agent.id])).get(call.agent.id)
    for one in await call.tx.advice.of_call(live.id) if live else ():
        if one.state is AdviceState.QUEUED:
            await call.tx.advice.say_receipts(one)


COMMAND = Command("hush", hush, (Option("time", Kind.TEXT, is_line=True),))
