"""What is to be true after many clicks on one platform, whichever it is."""

import sys
from collections.abc import Sequence
from typing import Protocol

from bot.domain.events import EventKind
from bot.domain.inquiry import Inquiry
from storage.database import Database
from tests.journeys.busy_desk import BusyDesk
from tests.support.texts import says


class Clicked(Protocol):
    """What somebody saw of a click: `acked` are the seconds until it was answered, if it was."""

    acked: float | None
    error: str


def expect_acked(outcomes: Sequence[Clicked]) -> None:
    """Each was answered within the platform's three seconds, and no one saw an error."""
    late = [one for one in outcomes if one.acked is None or one.error]
    assert not late, late[:3]
    slowest = max(one.acked or 0.0 for one in outcomes)
    sys.stdout.write(f"{len(outcomes)} clicks acknowledged, the slowest after {slowest * 1000:.0f} ms\n")


async def expect_one_winner_each(desk: BusyDesk, inquiries: Sequence[Inquiry], more: int = 0) -> None:
    """Who holds an inquiry was told so, and everybody else was told who it is; each was told once about each.

    Each was told so much `more` about other things.
    """
    async with desk.app.database.snapshot() as tx:
        now = [await tx.inquiries.get(one.number) for one in inquiries]
    held = {one.number: one.holder.name for one in now if one and one.holder}
    assert len(held) == len(inquiries)
    for user in desk.agents:
        told, name = [card.title for card in desk.told(user)], desk.name_of(user)
        for number, holder in held.items():
            expected = "claim.done" if holder == name else "claim.held"
            about = [title for title in told if says(title, "en", expected, inquiry=number, holder=holder)]
            assert len(about) == 1, (name, number, holder, told)
        assert len(told) == len(held) + more


async def happened(database: Database, inquiry: Inquiry) -> list[EventKind]:
    """What an inquiry's timeline tells."""
    async with database.snapshot() as tx:
        return [event.kind for event in await tx.inquiries.timeline(inquiry.number)]
