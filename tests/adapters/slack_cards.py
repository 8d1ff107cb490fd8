"""The real cards about one inquiry, for the tests that draw them."""

from dataclasses import replace
from datetime import timedelta

from bot.cards.customer_card import people_card
from bot.cards.details_card import details_card
from bot.cards.history_card import PAGE, history_card
from bot.cards.home_card import home_card
from bot.cards.inquiry_card import inquiry_card
from bot.cards.letter_card import letter_card
from bot.cards.nudge_card import NudgeLine, nudge_card
from bot.cards.queue_card import queue_card
from bot.cards.whisper_card import whisper_card
from bot.cards.word import refusal_card, word
from bot.chat.card import Bar, Card, Chart, Item, Link, Tone
from bot.domain.customer import Customer, Identity, IdentityKind, Note, Person, Record
from bot.domain.errors import Refusal
from bot.domain.events import Event, EventKind
from bot.domain.inquiry import Inquiry
from bot.domain.message import Attachment
from bot.domain.nudge import NudgeKind, Rung
from bot.domain.policy import Target
from bot.translator import Speaker, Translator
from tests.builders import EMMA, HANA, KEN, a_message, an_act, an_inquiry
from tests.support.clock import MORNING

_TRANSLATOR = Translator()
NAMES = (
    "new", "claimed", "waiting", "resolved", "unreadable", "details", "letter", "whisper", "queue", "refusal", "home",
    "word", "original", "flagged", "history", "people", "due", "nudge", "nudges", "follow_up", "chart",
)  # fmt: skip
TEXT = "Hello,\n\nwhere is my parcel?\nIto"


def speaker(language: str = "en") -> Speaker:
    """Somebody who speaks an hour after the tests' morning began."""
    return _TRANSLATOR.speaker(language, "Asia/Tokyo", MORNING + timedelta(minutes=72))


def real_cards(
    say: Speaker, subject: str = "The parcel is late", name: str = "Ms Ito", file: str = "invoice.pdf", text: str = TEXT
) -> dict[str, Card]:
    """What the team may see of one inquiry, with the customer's own words where they can stand."""
    new = an_inquiry(subject=subject, customer=Customer(1, name, "ito@example.com"), excerpt=text, attachments=1)
    held = new.claim(an_act(HANA, 30)).after
    files = (Attachment(file, "application/pdf", 3),)
    mail = a_message(subject=subject, from_name=name, text=text, reply_text=text, attachments=files)
    events = [
        Event(1001, 1, EventKind.OPENED, an_act(None, source="mail")),
        Event(1001, 2, EventKind.CLAIMED, an_act(HANA, 30), {"to": "Hana"}),
        Event(1001, 3, EventKind.RESOLVED, an_act(KEN, 60), {"note": text}),
    ]
    assigned = Event(1001, 3, EventKind.ASSIGNED, an_act(EMMA, 40), {"to": "Hana", "to_id": HANA.id})
    mine = replace(new, number=1002)
    flagged = replace(held, customer=replace(new.customer, caution=text), related=1000)
    known = tuple(Identity(IdentityKind.MAIL, f"{name}{place}@example.com") for place in range(7))
    person = Person(
        id=1,
        name=name,
        kana=name,
        tags=(name, "VIP"),
        caution=text,
        records=(Record(1, name, known),),
        notes=(Note(1, MORNING, HANA, text),),
    )
    done = replace(held.resolve(text, an_act(HANA, 60)).after, number=1003)
    contacts = [(mine, ""), (held, text), *[(done, text)] * (PAGE - 2)]
    mails = (
        Item((subject,), say.text("robots.detail", sender=name, at=say.at(MORNING)), link=Link("Get", "/original/x")),
    )
    return {
        "new": inquiry_card(new, say),
        "claimed": inquiry_card(held, say),
        "waiting": inquiry_card(held.answer(an_act(HANA, 50), "Hana", MORNING).after, say),
        "resolved": inquiry_card(held.resolve(text, an_act(HANA, 60)).after, say),
        "unreadable": inquiry_card(an_inquiry(readable=False, subject=""), say),
        "details": details_card(held, [mail], events, say),
        "letter": letter_card(mail, outgoing=False, reopened=True, say=say),
        "whisper": whisper_card(assigned, held, HANA, say),
        "queue": queue_card([held, mine], 18, "support", 2, [], say),
        "refusal": refusal_card(
            Refusal("claim.held", number=1001, inquiry=1001, holder=name, since=""), held, KEN, say
        ),
        "home": home_card([held], [new, mine], [], False, say),
        "word": word(say("claim.done", inquiry=1001), Tone.OPEN),
        "flagged": inquiry_card(flagged, say, nth=3),
        "history": history_card(person, contacts, 30, 2, "id:1", say),
        "people": people_card([person, replace(person, id=2)], "history", name, "", say),
        **_reminders(held, mine, say, text),
        "original": Card(title=say("original.title", inquiry=1001), items=mails),
    }


def _reminders(held: Inquiry, free: Inquiry, say: Speaker, text: str) -> dict[str, Card]:
    """What people are reminded of, with the customer's words, the team's notes and tags where they can stand."""
    due = say.now + timedelta(minutes=12)
    late = replace(held, due_at=MORNING, due_target=Target.RESOLUTION, tags=(text, "VIP"), snoozed_until=due)
    clock = NudgeLine(free, NudgeKind.CLOCK, "warn-80", Target.FIRST_RESPONSE, due, left=due - say.now)
    overdue = NudgeLine(late, NudgeKind.CLOCK, "due", Target.RESOLUTION, MORNING, left=MORNING - say.now)
    note = NudgeLine(late, NudgeKind.FOLLOW_UP, at=MORNING, text=text)
    bars = (Bar(text, (1, 2), text), Bar("support", (0, 1200)))
    return {
        "due": inquiry_card(late, say),
        "nudge": nudge_card([clock], 1, Rung.TEAM, say.now, say),
        "nudges": nudge_card([overdue, clock], 9, Rung.TEAM, say.now, say),
        "follow_up": nudge_card([note], 1, Rung.HOLDER, say.now, say),
        "chart": Card("Title", Tone.OPEN, chart=Chart(text, ((text, Tone.ALERT), ("Open", Tone.OPEN)), bars)),
    }
