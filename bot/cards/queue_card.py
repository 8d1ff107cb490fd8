"""The open queue: what waits, unclaimed first and the oldest first, a page at a time."""

from collections.abc import Sequence

from bot.cards.inquiry_card import due_text, title
from bot.chat.card import Button, Card, Item, Style, Tone
from bot.chat.invocation import call
from bot.chat.text import Text
from bot.domain.inquiry import Inquiry
from bot.translator import Speaker

PAGE = 8
"""Inquiries a page: each is a row with a button, and Discord's cards hold forty parts."""


def queue_card(
    inquiries: Sequence[Inquiry], total: int, queue: str, page: int, warnings: Sequence[str], say: Speaker
) -> Card:
    """One page of the open inquiries. `queue` is empty when all are shown; `warnings` stand first."""
    heading = say("queue.title", count=total) if total else say("queue.empty")
    pages = max(1, -(-total // PAGE))
    return Card(
        title=f"{queue}: {heading}" if queue else heading,
        tone=Tone.OPEN if total else Tone.DONE,
        lines=tuple((warning,) for warning in warnings),
        items=tuple(queue_item(inquiry, say) for inquiry in inquiries),
        buttons=_turns(queue, page, pages, say),
        footer=(say("queue.page", page=page, pages=pages),) if pages > 1 else (),
        summary=heading,
    )


def queue_item(inquiry: Inquiry, say: Speaker) -> Item:
    """An open inquiry as a row, with what one would do next."""
    verb = "show" if inquiry.holder else "claim"
    detail = whose(inquiry, say)
    if due := due_text(inquiry, say):
        detail = (*due, " · ", *detail)
    style = Style.NORMAL if inquiry.holder else Style.PRIMARY
    button = Button(say(f"button.{verb}"), call(verb, inquiry.number, inquiry.version), style)
    return Item((title(inquiry, say),), detail, button)


def whose(inquiry: Inquiry, say: Speaker) -> Text:
    """Who has an inquiry, who asked, and since when they wait."""
    return say.text(
        "queue.detail",
        holder=inquiry.holder.name if inquiry.holder else say("card.nobody"),
        customer=inquiry.customer.name or inquiry.customer.address,
        since=say.since(inquiry.waiting_since),
    )


def _turns(queue: str, page: int, pages: int, say: Speaker) -> tuple[Button, ...]:
    def turn(key: str, to: int) -> Button:
        return Button(say(key), call("queue", page=str(to), queue=queue))

    back = (turn("queue.back", page - 1),) if page > 1 else ()
    on = (turn("queue.on", page + 1),) if page < pages else ()
    return back + on
