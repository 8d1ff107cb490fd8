"""What Discord would say to cards and forms, for the tests that draw them."""

from typing import Any

from discord.ui import LayoutView, Modal

from adapters.discord.render import card_view
from bot.chat.card import Card
from tests.fakes.discord_limits import wrong_in_message, wrong_in_modal
from tests.fakes.discord_spec import checked
from tests.journeys.discord_reading import TEXT, walked

BASE = "https://desk.example.com"
MARK = "abcd2345"
V2 = 1 << 15
MESSAGES = "/channels/{channel_id}/messages"
ANSWERS = "/interactions/{interaction_id}/{interaction_token}/callback"


def drawn(card: Card) -> dict[str, Any]:
    """The card as a message with a mark."""
    return message_of(card_view(card, BASE, MARK))


def message_of(view: LayoutView) -> dict[str, Any]:
    components = view.to_components()  # type: ignore[no-untyped-call] # so it is in the library
    return {"flags": V2, "components": components}


def texts_of(message: dict[str, Any]) -> list[str]:
    """The Markdown of a message."""
    return [one["content"] for one in walked(message["components"]) if one["type"] == TEXT]


def wrong_with_message(message: dict[str, Any]) -> list[object]:
    """What Discord refuses, by its description and by its documented limits, counted as strictly as it may count."""
    units = sum(len(text.encode("utf-16-le")) // 2 for text in texts_of(message))
    found: list[object] = [("texts", units)] if units > 4000 else []
    return [*found, *wrong_in_message(message, is_v2=True), *checked("POST", MESSAGES, message).faults]


def wrong_with_modal(modal: Modal) -> list[object]:
    """The same for a modal as an interaction's answer."""
    data = modal.to_dict()
    return [*wrong_in_modal(data), *checked("POST", ANSWERS, {"type": 9, "data": data}).faults]
