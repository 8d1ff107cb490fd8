"""Original: the raw mails of an inquiry, to download."""

from datetime import timedelta

from bot.call import Call
from bot.chat.card import Card, Item, Link
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.agent import Role

LASTS = timedelta(minutes=10)
PATH = "/original/"
"""Where our web server hands them out."""


async def original(call: Call) -> Answer:
    """Links that end soon, one for each mail, as it came: also of what nobody could read."""
    inquiry = await call.inquiry()
    offers = await call.tx.mails.offer(inquiry.number, call.agent.id, LASTS)
    title = call.say("original.title", inquiry=inquiry.number) if offers else call.say("original.none")
    items = tuple(
        Item(
            (mail.subject or call.say("card.no_subject"),),
            call.say.text("robots.detail", sender=mail.sender or "-", at=call.say.at(mail.received_at)),
            link=Link(call.say("original.download"), PATH + token),
        )
        for mail, token in offers
    )
    return Card(title=title, items=items, summary=title)


COMMAND = Command("original", original, (Option("inquiry", Kind.INQUIRY, required=True),), role=Role.SUPERVISOR)
