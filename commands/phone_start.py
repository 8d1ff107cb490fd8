"""Start a call: say with whom one talks, in whatever way one knows them."""

from bot.call import Call
from bot.callers import caller_of
from bot.cards.call_card import end_button, several_card, show_button
from bot.cards.customer_card import called, known_by
from bot.chat.card import Button, Card, Style, Tone
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer, pressable
from bot.chat.invocation import call as pressing
from bot.chat.text import one_line, shorten
from bot.domain.customer import Person
from bot.domain.errors import Refusal
from bot.domain.folding import folded
from bot.domain.identity import mail_address, phone
from bot.domain.phone import Began, Caller, Ended, PhoneCall, Voice
from bot.domain.phoning import Verdict
from bot.phone_desk import begin, end
from bot.seeking import MOST, by_id, named_address, sought

SUBJECT_LENGTH, NAME_LENGTH = 100, 80
GROUPS = 6
"""Groups of digits in which a number may be typed."""
HIDDEN = ("?", "unknown", "hidden", "withheld", "anonymous", "private", "不明", "非通知")
"""What is typed of a caller of whom nothing is known."""


async def phone_start(call: Call) -> Answer:
    """Begin a call with a number in any spelling, with a customer, or with somebody whom nobody knows yet."""
    given, about = await _whole_name(call, *_said(call))
    people = await _people(call, given)
    if len(people) > 1:
        rows = [(called(one, call.say, call.region), _known(call, one), _again(by_id(one.id), about)) for one in people]
        return several_card(rows, call.say)
    name, number = named_address(given, call.region)
    number = phone(number, call.region) or ""
    person = people[0] if people else None
    name = "" if person or number == given or given.casefold() in HIDDEN else name
    told = Began(call.act.at, Voice.HAND, Caller(number, person.id if person else None))
    queue = await _queue(call, person)
    if call.text("call"):
        await _end_former(call)
    verdict, one = await begin(call.tx, call.agent, told, call.act, queue, about=about)
    if verdict is Verdict.ASK:
        return await _which_one(call, one, by_id(person.id) if person else number or given, about)
    if name:
        await _name(call, one, name)
    return await _begun(call, one)


def _said(call: Call) -> tuple[str, str]:
    """Whom they talk with, and what about. The groups of a number that was typed with spaces are one number."""
    given, about = " ".join(call.text("customer").split()), one_line(call.text("text"))
    words = [given, *about.split()]
    for count in range(2, min(GROUPS, len(words)) + 1):
        joined = " ".join(words[:count])
        if not phone(given, call.region) and phone(joined, call.region):
            given, about = joined, " ".join(words[count:])
    return given, shorten(about, SUBJECT_LENGTH)


async def _whole_name(call: Call, given: str, about: str) -> tuple[str, str]:
    """A known customer's name that was typed in two words, with what is left of what it is about."""
    second, _, rest = about.partition(" ")
    if not second or len(given.split()) > 1 or not (given + second).isalpha():
        return given, about
    both = f"{given} {second}"
    found = [await call.tx.customers.person(one) for one in await sought(call.tx, both, call.region)]
    is_known = any(one and folded(one.name) == folded(both) for one in found)
    return (both, rest) if is_known else (given, about)


async def _people(call: Call, given: str) -> list[Person]:
    """Those who may be meant; nobody for a number or a name that is new. Raises Refusal where it says of nobody who."""
    if given.casefold() in HIDDEN:
        return []
    found = await sought(call.tx, given, call.region)
    if not found:
        name, number = named_address(given, call.region)
        if number and phone(number, call.region):
            found = await sought(call.tx, number, call.region)
        elif mail_address(given) or not any(one.isalpha() for one in name):
            raise Refusal("phone.nobody", given=shorten(given, NAME_LENGTH))
    return [person for one in found[:MOST] if (person := await call.tx.customers.person(one))]


async def _queue(call: Call, person: Person | None) -> str:
    """Where an inquiry is opened if the call is about none that is open: else the queue of theirs that is open."""
    if person and not call.text("queue"):
        contacts, _ = await call.tx.histories.contacts(person.id, 0, 1)
        if contacts and not contacts[0].inquiry.is_resolved:
            return contacts[0].inquiry.queue
    return await call.queue_here()


async def _end_former(call: Call) -> None:
    """End the call that was in the way, if the asker is on it still."""
    former = await call.tx.phone.get(call.number("call", 0))
    if former and former.agent.id == call.agent.id and former.is_live:
        await end(call.tx, former, Ended(call.act.at, Voice.HAND), call.act)


async def _name(call: Call, one: PhoneCall, name: str) -> None:
    """Write down what a caller is called of whom no name was known."""
    inquiry = await call.tx.inquiries.get(one.inquiry) if one.inquiry else None
    whose = one.caller.customer or (inquiry.customer.id if inquiry else None)
    person = await call.tx.customers.person(whose) if whose else None
    if person and person.name in ("", one.caller.number):
        told = shorten(one_line(name), NAME_LENGTH)
        await call.tx.customers.describe(person.id, told, person.kana, person.language, person.tags, call.act)


async def _begun(call: Call, one: PhoneCall) -> Card:
    view = await caller_of(call.tx, one, call.region, fitting=False)
    heading = call.say("phone.on", caller=view.called(call.say))
    caution = ((call.say("history.caution", reason=shorten(one_line(view.caution), 2 * SUBJECT_LENGTH)),),)
    return Card(
        title=heading,
        tone=Tone.ALERT if view.caution else Tone.OPEN,
        lines=(*(caution if view.caution else ()), (call.say("phone.begun"),)),
        buttons=(end_button(one, call.say), *show_button(view.inquiry, call.say)),
        summary=heading,
    )


async def _which_one(call: Call, former: PhoneCall, whom: str, about: str) -> Card:
    """That they are on the phone already, and with whom; one press ends that and starts this."""
    view = await caller_of(call.tx, former, call.region, fitting=False)
    heading = call.say("phone.busy", caller=view.called(call.say))
    since = (call.say.text("phone.began", since=call.say.since(former.started_at)),) if former.started_at else ()
    both = Button(call.say("phone.end_and_start"), _again(whom, about, former.id), Style.PRIMARY)
    return Card(
        title=heading,
        tone=Tone.WAITING,
        lines=since,
        buttons=(both, end_button(former, call.say, Style.NORMAL)),
        summary=heading,
    )


def _again(whom: str, about: str, former: int = 0) -> str:
    """A button's call that starts with this person, with as much of what it is about as it can carry."""
    instead = str(former or "")
    whole = pressing("phone_start", customer=whom, text=about, call=instead)
    while not pressable(whole) and (about or whom):
        about, whom = (about[:-1], whom) if about else ("", whom[:-1])
        whole = pressing("phone_start", customer=whom, text=about, call=instead)
    return whole


def _known(call: Call, person: Person) -> str:
    return " · ".join(filter(None, (person.kana, known_by(person.identities, call.region))))


COMMAND = Command(
    "phone_start",
    phone_start,
    (
        Option("customer", Kind.CUSTOMER, required=True),
        Option("text", Kind.TEXT),
        Option("queue", Kind.QUEUE, named=True),
        Option("call", Kind.NUMBER, named=True),
    ),
)
