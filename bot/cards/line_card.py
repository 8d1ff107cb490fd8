"""By what a telephone system knows somebody of the team."""

from collections.abc import Sequence

from bot.chat.card import Button, Card, Item, Tone
from bot.chat.invocation import call as pressing
from bot.chat.invocation import pressable
from bot.chat.text import one_line
from bot.domain.agent import Agent
from bot.domain.identity import spoken_phone
from bot.translator import Speaker

ROWS = 8


def lines_card(whose: Agent, addresses: Sequence[str], is_own: bool, region: str, say: Speaker) -> Card:
    """Somebody's telephones, each with the button that takes it away; else how one is given."""
    person = "" if is_own else whose.name
    if not addresses:
        text = say("phone.line_none", person=whose.name)
        return Card(title=text, lines=((say("phone.line_how"),),), summary=text)
    heading = say("phone.lines", person=whose.name)
    rows = []
    for one in addresses[:ROWS]:
        press = pressing("phone_line", address=one, off="off", person=person)
        button = Button(say("phone.line_take"), press) if pressable(press) else None
        rows.append(Item((spoken_lines([one], region),), button=button))
    more = len(addresses) - ROWS
    footer = (spoken_lines(addresses[ROWS:], region),) if more > 0 else ()
    return Card(title=heading, tone=Tone.DONE, items=tuple(rows), footer=footer, summary=heading)


def spoken_lines(addresses: Sequence[str], region: str) -> str:
    """Extensions, numbers and addresses as people write them."""
    return ", ".join(spoken_phone(one, region) if one.startswith("+") else one_line(one) for one in addresses)
