"""What a supervisor is told when nudges that were due were not said."""

from bot.chat.card import Button, Card, Tone
from bot.chat.invocation import call
from bot.translator import Speaker


def missed_card(count: int, first: int, say: Speaker) -> Card:
    """How many are missing, with the way to an inquiry of which one is (0: none in particular); 0 are: it is over."""
    if not count:
        title = say("missed.over")
        return Card(title=title, tone=Tone.DONE, summary=title)
    title = say("missed.title", count=count)
    return Card(
        title=title,
        tone=Tone.ALERT,
        lines=((say("missed.next"),),),
        buttons=(
            *((Button(say("button.show"), call("show", first)),) if first else ()),
            Button(say("button.queue"), call("queue")),
        ),
        summary=title,
    )
