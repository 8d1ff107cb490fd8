"""Five hundred real mails through the running desk: each one is an inquiry, part of one, or a listed robot."""

import asyncio
from collections import Counter

import pytest

from adapters.mail.spool import deliver
from bot.app import system_clock
from bot.ports import MailRecord, Outcome
from storage.database import Database
from tests.journeys.conftest import ON_WORKSPACE, OpenDesk, Setting
from tests.journeys.driver import PATIENCE
from tests.support.corpus import corpus_files, need_corpus

MAILS = 500


@pytest.mark.parametrize("setting", ON_WORKSPACE, indirect=True)
async def test_each_of_500_real_mails_has_its_place_and_each_inquiry_its_card(
    open_desk: OpenDesk, setting: Setting
) -> None:
    need_corpus()
    files = [path for path in corpus_files() if path.stat().st_size]  # the spool waits for an empty one's writer
    chosen = files[:: len(files) // MAILS][:MAILS]
    desk = await open_desk()
    for path in chosen:
        deliver(desk.spools["support"], path.read_bytes())

    database = Database(setting.database_url, system_clock)
    try:
        mails = await _all_told(database)
        cards = await _cards(database)
    finally:
        await database.close()

    became = Counter(mail.outcome for mail in mails)
    inquiries = {mail.number for mail in mails if mail.outcome in (Outcome.OPENED, Outcome.UNREADABLE)}
    assert len(mails) == MAILS
    assert set(became) <= {Outcome.OPENED, Outcome.JOINED, Outcome.FOLDED, Outcome.ROBOT, Outcome.UNREADABLE}
    assert len(inquiries) == became[Outcome.OPENED] + became[Outcome.UNREADABLE]
    assert {mail.number for mail in mails if mail.number is not None} == inquiries
    assert cards == inquiries
    assert became[Outcome.OPENED] > MAILS / 2
    assert became[Outcome.ROBOT] > 0


async def _all_told(database: Database) -> list[MailRecord]:
    """All mails, once nobody waits to be read and nothing to be sent."""
    async with asyncio.timeout(4 * PATIENCE):
        while True:
            async with database.snapshot() as tx:
                mails = await tx.mails.listed(None, 10 * MAILS)
                backlog = await tx.outbox.backlog()
            if len(mails) >= MAILS and all(mail.outcome for mail in mails) and not backlog.oldest:
                return mails
            await asyncio.sleep(0.1)


async def _cards(database: Database) -> set[int]:
    """The inquiries that a card in the channel stands for."""
    async with database.snapshot() as tx:
        waiting, total = await tx.inquiries.waiting(None, 0, 10 * MAILS)
        assert len(waiting) == total
        (place,) = [place for queue in await tx.queues.all() for place in queue.places]
        placed = [(one.number, await tx.placements.of(one.number, place)) for one in waiting]
    return {number for number, placement in placed if placement and placement.ref}
