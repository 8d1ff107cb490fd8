"""The digest of a queue: the numbers, how they changed, who has how much as a picture, and what is due first."""

from collections.abc import Sequence
from datetime import datetime

from bot.chat.card import Bar, Button, Card, Chart, Field, Item, Style, Tone
from bot.chat.invocation import call
from bot.chat.text import Part, Text
from bot.domain.digest import Digest, Figures, Load, Trend, trend
from bot.domain.inquiry import Inquiry
from bot.translator import Speaker

URGENT = 5
"""Inquiries that are named."""
OVERDUE = ("digest.fewer_overdue", "digest.same_overdue", "digest.more_overdue")
OPEN = ("digest.fewer_open", "digest.same_open", "digest.more_open")
PARTS = (
    ("digest.part_overdue", Tone.ALERT),
    ("digest.part_today", Tone.OPEN),
    ("digest.part_rest", Tone.QUIET),
    ("digest.part_waiting", Tone.WAITING),
)
"""What the amounts of each bar are."""
BARS = 8
"""Bars of the picture; the lightest loads share the last one."""


def digest_card(digest: Digest, before: Digest | None, urgent: Sequence[Inquiry], say: Speaker) -> Card:
    """How the queue stood then, compared with the digest before. `urgent` are named without what customers wrote."""
    figures = digest.figures
    part = digest.slot.part if digest.slot else "now"
    title = say(f"digest.{part}", queue=digest.queue)
    busy = Tone.ALERT if figures.overdue else Tone.OPEN
    return Card(
        title=title,
        tone=busy if figures.open else Tone.DONE,
        lines=_changes(trend(digest, before), say),
        fields=_fields(figures, say),
        chart=_chart(figures.loads, say),
        items=_urgent(urgent, digest.at, say),
        buttons=(
            Button(say("button.queue"), call("queue", queue=digest.queue)),
            Button(say("button.day"), call("day")),
        ),
        footer=_footer(digest, before, say),
        summary=say("digest.summary", title=title, overdue=figures.overdue, today=figures.today, open=figures.open),
    )


def urgent_item(inquiry: Inquiry, now: datetime, say: Speaker) -> Item:
    """An inquiry by its number, with when it is due and who has it: nothing that its customer wrote."""
    assert inquiry.due_at is not None
    due = say.text("digest.was_due" if inquiry.due_at < now else "digest.due", at=say.at(inquiry.due_at))
    holder = inquiry.holder.name if inquiry.holder else say("card.nobody")
    verb, style = ("show", Style.NORMAL) if inquiry.holder else ("claim", Style.PRIMARY)
    button = Button(say(f"button.{verb}"), call(verb, inquiry.number, inquiry.version), style)
    return Item((f"#{inquiry.number} · ", *due), (holder,), button)


def _fields(figures: Figures, say: Speaker) -> tuple[Field, ...]:
    waiting = say("digest.waiting_for", customer=figures.on_customer, third_party=figures.on_third_party)
    told = {
        "digest.overdue": figures.overdue,
        "digest.today": figures.today,
        "digest.unclaimed": figures.unclaimed,
        "digest.open": figures.open,
        "digest.waiting": waiting,
        "digest.moved": say("digest.new_and_resolved", new=figures.new, resolved=figures.resolved),
    }
    return tuple(Field(say(key), (str(value),)) for key, value in told.items())


def _changes(change: Trend | None, say: Speaker) -> tuple[Text, ...]:
    if change is None:
        return ()
    then = say("digest.yesterday") if change.is_yesterdays else say("digest.before", at=say.at(change.before))
    changes = ((change.overdue, OVERDUE), (change.open, OPEN))
    return tuple((_change(by, keys, then, say),) for by, keys in changes)


def _change(by: int, keys: tuple[str, str, str], then: str, say: Speaker) -> str:
    fewer, same, more = keys
    return say(more if by > 0 else fewer if by else same, number=abs(by), then=then)


def _chart(loads: Sequence[Load], say: Speaker) -> Chart | None:
    """A bar for each who has something; None when nobody has."""
    if not loads:
        return None
    shown, rest = (loads, ()) if len(loads) <= BARS else (loads[: BARS - 1], loads[BARS - 1 :])
    bars = [_bar(load.name or say("digest.nobody"), [load]) for load in shown]
    if rest:
        bars.append(_bar(say("digest.others", number=len(rest)), rest))
    named = tuple((say(key), tone) for key, tone in PARTS)
    return Chart(say("digest.by_holder"), named, tuple(bars))


def _bar(label: str, loads: Sequence[Load]) -> Bar:
    amounts = [(load.overdue, load.today, load.rest, load.waiting) for load in loads]
    return Bar(label, tuple(sum(column) for column in zip(*amounts, strict=True)))


def _urgent(urgent: Sequence[Inquiry], now: datetime, say: Speaker) -> tuple[Item, ...]:
    if not urgent:
        return ()
    return (Item((say("digest.urgent"),), heading=True), *(urgent_item(one, now, say) for one in urgent))


def _footer(digest: Digest, before: Digest | None, say: Speaker) -> Text:
    parts: list[Part] = [*say.text("digest.as_of", at=say.at(digest.at))]
    if before:
        parts += [" · ", *say.text("digest.since", at=say.at(before.at))]
    else:
        parts += [" · ", say("digest.since_a_day")]
    return tuple(parts)
