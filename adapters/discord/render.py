"""Cards and forms as what Discord takes: Components V2 and modals.

Cards are containers rather than embeds because, looked at side by side, only these hold a row and its button together.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from discord.ui import Button, Container, Item, LayoutView, Modal, Select

from adapters.discord.layout import COLOURS, card_items
from adapters.discord.limits import MESSAGE, Room, cut, too_long, walked
from adapters.discord.marks import again, container_id
from adapters.discord.questions import form_items, read_inputs
from bot.chat.card import Card, Form
from bot.chat.text import one_line

__all__ = ["card_view", "modal_of", "read_inputs"]


def card_view(card: Card, link_base: str, mark: str = "") -> LayoutView:
    """The card for a channel, a thread or one person. `link_base` is where the paths of links lead, if anywhere.

    `mark` is what a key's message is found by (see marks). The view is already stopped, so that the library keeps no
    copy of it: presses are told apart by their custom ids alone. A card's `summary` is shown nowhere: Discord takes
    no other text beside components, and its notifications only say who wrote where.
    """
    items = card_items(card, link_base, mark, Room(MESSAGE.components - 1, MESSAGE.characters))
    _told_apart(items)
    view = LayoutView(timeout=None)
    view.add_item(Container(*items, accent_colour=COLOURS[card.tone], id=container_id(mark)))
    view.stop()
    return view


def modal_of(form: Form, custom_id: str) -> Modal:
    """The form as a modal; its inputs are found again by `read_inputs`. Discord words its buttons itself.

    `custom_id` comes back with what is filled in. Raises ValueError when it is over 100 characters or when the form
    asks for more than five things.
    """
    if too_long("modal call", custom_id):
        raise ValueError(f"a modal on Discord cannot carry {custom_id!r}")
    modal = Modal(title=cut("modal title", one_line(form.title)), custom_id=custom_id, timeout=None)
    for item in form_items(form):
        modal.add_item(item)
    modal.stop()
    return modal


def _told_apart(items: Sequence[Item[Any]]) -> None:
    seen: Counter[str] = Counter()
    for item in walked(items):
        if isinstance(item, Button | Select) and item.custom_id:
            same = item.custom_id
            item.custom_id = again(same, seen[same]) if seen[same] else same
            seen[same] += 1
