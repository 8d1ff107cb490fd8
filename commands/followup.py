"""Follow-up: remind me of this inquiry then."""

from bot.appointments import appointed
from bot.call import Call
from bot.cards.word import word
from bot.chat.card import Button, Card, Form, Input, Item
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.invocation import call as pressing
from bot.chat.text import cleaned
from bot.domain.errors import Refusal
from bot.domain.follow_up import NOTE_LENGTH, FollowUp
from bot.domain.inquiry import Inquiry

OFF = ("off", "none", "なし", "やめる")
"""What is typed instead of a time to forget one's own reminders of an inquiry."""


async def followup(call: Call) -> Answer:
    """Remind whoever asks, with a note of theirs; "off" forgets what they wanted. Without a time: a form."""
    inquiry = await call.inquiry()
    if inquiry.erased_at:
        raise Refusal("inquiry.erased", number=inquiry.number, inquiry=inquiry.number, at=inquiry.erased_at)
    given = call.text("until")
    if not given:
        return _form(call, inquiry, await _mine(call, inquiry))
    if given.casefold() in OFF:
        for one in await _mine(call, inquiry):
            await call.tx.follow_ups.cancel(one.id, call.agent.id)
        return word(call.say("followup.off", inquiry=inquiry.number))
    at = await appointed(call, "until", inquiry)
    note = cleaned(call.text("note"))[:NOTE_LENGTH]
    await call.tx.follow_ups.add(inquiry.number, call.agent.id, at, note, call.act.at)
    text = call.say("followup.done", inquiry=inquiry.number)
    return Card(
        title=text,
        items=tuple(_item(one, call) for one in await _mine(call, inquiry)),
        buttons=(Button(call.say("button.followup_off"), pressing("followup", inquiry.number, until=OFF[0])),),
        summary=text,
    )


async def _mine(call: Call, inquiry: Inquiry) -> list[FollowUp]:
    return [one for one in await call.tx.follow_ups.of_inquiry(inquiry.number) if one.agent == call.agent.id]


def _item(one: FollowUp, call: Call) -> Item:
    return Item((call.say.at(one.at),), (one.note,) if one.note else ())


def _form(call: Call, inquiry: Inquiry, mine: list[FollowUp]) -> Form:
    say = call.say
    times = ", ".join(say.clock(one.at) for one in mine)
    return Form(
        title=say("form.followup", inquiry=inquiry.number),
        call=pressing("followup", inquiry.number),
        inputs=(
            Input("until", say("label.followup.until"), required=True, hint=say("hint.followup.until")),
            Input("note", say("label.followup.note"), value=call.text("note")),
        ),
        submit=say("button.followup"),
        cancel=say("form.cancel"),
        intro=say("followup.already", times=times) if mine else "",
    )


COMMAND = Command(
    "followup",
    followup,
    (
        Option("inquiry", Kind.INQUIRY, required=True),
        Option("until", Kind.TEXT),
        Option("note", Kind.TEXT, named=True),
    ),
)
