"""Robots: the newest automatic mails, which never become inquiries by themselves."""

from bot.call import Call
from bot.chat.card import Card, Item
from bot.chat.command import Command
from bot.chat.invocation import Answer
from bot.ports import Outcome

NEWEST = 15


async def robots(call: Call) -> Answer:
    """Bounces, lists and automatic answers, so that a mail taken for a robot's can still be found."""
    mails = await call.tx.mails.listed(Outcome.ROBOT, NEWEST)
    title = call.say("robots.title", count=len(mails)) if mails else call.say("robots.none")
    items = tuple(
        Item(
            (mail.subject or call.say("card.no_subject"),),
            call.say.text("robots.detail", sender=mail.sender or "-", at=call.say.at(mail.received_at)),
        )
        for mail in mails
    )
    return Card(title=title, items=items, summary=title)


COMMAND = Command("robots", robots, changes=False)
