"""What concerns one person now: what they hold, what nobody has, and what waits too long."""

from collections.abc import Sequence

from bot.cards.caller import CallerView
from bot.cards.queue_card import queue_item
from bot.chat.card import Button, Card, Item, Tone
from bot.chat.invocation import call
from bot.domain.inquiry import Inquiry
from bot.translator import Speaker

ROWS = 10
"""Inquiries that a part shows; the queue has the rest."""
COUNTED = 100
"""Inquiries up to which a part counts; "100+" is many, however many."""


def home_card(
    mine: Sequence[Inquiry],
    unclaimed: Sequence[Inquiry],
    late: Sequence[Inquiry],
    is_promised: bool,
    say: Speaker,
    caller: CallerView | None = None,
) -> Card:
    """The three parts, each with its rows or the word that there is nothing; of each, COUNTED at most are needed.

    `late` are overdue when something is promised (`is_promised`), else they wait for more than a day.
    `caller` is with whom the reader talks at this moment.
    """
    items = [
        *_part("home.mine", mine, say),
        *_part("home.unclaimed", unclaimed, say),
        *_part("home.overdue" if is_promised else "home.late", late, say),
    ]
    title = say("home.title")
    on = ((say("phone.on", caller=caller.called(say)),),) if caller else ()
    phone = (Button(say("button.phone"), call("phone")),) if caller else ()
    buttons = (*phone, Button(say("button.queue"), call("queue")), Button(say("button.new"), call("new")))
    return Card(title=title, tone=Tone.OPEN, lines=on, items=tuple(items), buttons=buttons, summary=title)


def _part(key: str, inquiries: Sequence[Inquiry], say: Speaker) -> list[Item]:
    number = str(len(inquiries)) if len(inquiries) < COUNTED else f"{COUNTED}+"
    heading = Item((say(key, number=number),), heading=True)
    rows = [queue_item(one, say) for one in inquiries[:ROWS]]
    return [heading, *(rows or [Item((say("home.nothing"),))])]
