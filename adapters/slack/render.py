"""Cards, forms and answers as what Slack's methods take: messages, modals and the Home."""

from dataclasses import dataclass
from typing import Any

from slack_sdk.models.views import View

from adapters.slack.blocks import card_blocks
from adapters.slack.elements import literal
from adapters.slack.limits import MESSAGE, VIEW, cut
from adapters.slack.questions import form_blocks, read_inputs
from adapters.slack.text import one_line, unlinked
from bot.chat.card import Card, Form

__all__ = ["Message", "card_modal", "home_of", "message_of", "modal_of", "read_inputs"]


@dataclass(frozen=True, slots=True)
class Message:
    """A card as a message: `text` for notifications and screen readers, `blocks` for all others."""

    text: str
    blocks: list[dict[str, Any]]


def message_of(card: Card, link_base: str) -> Message:
    """The card for a channel, a thread or one person. `link_base` is where the paths of links lead, if anywhere."""
    told = one_line(card.summary) or one_line(card.title)
    return Message(unlinked(cut("notification", told)), card_blocks(card, link_base, MESSAGE))


def modal_of(form: Form, metadata: str) -> dict[str, Any]:
    """The form as a modal; its inputs are found again by `read_inputs`.

    `metadata` comes back with what is filled in. Raises SlackObjectFormationError when it is over 3000 characters.
    """
    view = View(
        type="modal",
        callback_id="form",
        title=literal("view title", one_line(form.title)),
        submit=literal("view button", one_line(form.submit)),
        close=literal("view button", one_line(form.cancel)),
        private_metadata=metadata,
        blocks=form_blocks(form),
    )
    return view.to_dict()


def card_modal(card: Card, title: str, close: str, link_base: str = "") -> dict[str, Any]:
    """The card as a modal, for where no message can answer; `title` and `close` are a few words each."""
    view = View(
        type="modal",
        callback_id="card",
        title=literal("view title", one_line(title)),
        close=literal("view button", one_line(close)),
        blocks=card_blocks(card, link_base, VIEW),
    )
    return view.to_dict()


def home_of(card: Card, link_base: str = "") -> dict[str, Any]:
    """The card as a person's App Home."""
    return View(type="home", blocks=card_blocks(card, link_base, VIEW)).to_dict()
