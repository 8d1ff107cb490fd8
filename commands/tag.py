"""Tag: words that say what an inquiry is about; what is promised may go by them."""

import re

from bot.call import Call
from bot.cards.word import word
from bot.chat.card import Form, Input, Tone
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.invocation import call as pressing
from bot.chat.text import one_line
from bot.domain.care import tag as label
from bot.domain.errors import Refusal
from bot.domain.events import EventKind
from bot.domain.inquiry import Inquiry

_BETWEEN = re.compile(r"[,、，\n]")


async def tag(call: Call) -> Answer:
    """Give it these tags and no others; none are given: a form with those that it has."""
    inquiry = await call.inquiry()
    if "tags" not in call.options:
        inquiry.must_not_be_resolved()
        return _form(call, inquiry)
    await _must_have_seen_tags(call, inquiry)
    change = label(inquiry, [one_line(one) for one in _BETWEEN.split(call.text("tags"))], call.act)
    await call.tx.inquiries.save(change)
    if not change.after.tags:
        return word(call.say("tag.none", inquiry=inquiry.number), Tone.OPEN)
    return word(call.say("tag.done", inquiry=inquiry.number, tags=", ".join(change.after.tags)), Tone.OPEN)


async def _must_have_seen_tags(call: Call, inquiry: Inquiry) -> None:
    """What somebody else tagged since the form was drawn is not lost unseen."""
    if call.seen is None or call.seen >= inquiry.version:
        return
    timeline = await call.tx.inquiries.timeline(inquiry.number)
    if any(one.kind is EventKind.TAGGED and one.version > call.seen for one in timeline):
        tags = ", ".join(inquiry.tags) or "-"
        raise Refusal("tag.changed", number=inquiry.number, inquiry=inquiry.number, tags=tags)


def _form(call: Call, inquiry: Inquiry) -> Form:
    say = call.say
    return Form(
        title=say("form.tag", inquiry=inquiry.number),
        call=pressing("tag", inquiry.number, inquiry.version),
        inputs=(Input("tags", say("option.tags"), value=", ".join(inquiry.tags), hint=say("hint.tag.tags")),),
        submit=say("button.tag"),
        cancel=say("form.cancel"),
    )


COMMAND = Command(
    "tag",
    tag,
    (Option("inquiry", Kind.INQUIRY, required=True), Option("tags", Kind.TEXT)),
)
