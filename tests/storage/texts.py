"""Texts in the store that can be found, and what is found of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.agent import Agent
from bot.domain.inquiry import Inquiry
from bot.domain.message import Message
from bot.ports import Filter, FoundPage, Opening
from storage.database import Database
from tests.builders import a_message, an_act, stored_mails
from tests.support.clock import MORNING


def wrote(subject: str, text: str) -> Message:
    """What a customer wrote."""
    return a_message(subject=subject, text=text, reply_text=text)


async def arrived(database: Database, texts: Sequence[tuple[str, str]], queue: str = "support") -> list[Inquiry]:
    """Inquiries with these subjects and texts, a minute after one another, not yet in the index."""
    mails = await stored_mails(database, len(texts), queue)
    openings = [
        Opening(queue, wrote(subject, text), MORNING + timedelta(minutes=minute), mail)
        for minute, ((subject, text), mail) in enumerate(zip(texts, mails, strict=True))
    ]
    async with database.transaction() as tx:
        return await tx.inquiries.open(openings)


async def indexed(database: Database) -> int:
    """All that changed is put into the index; how many changes there were."""
    async with database.transaction() as tx:
        return await tx.search.catch_up(100_000)


async def resolved(database: Database, number: int, note: str, by: Agent, minutes: int = 600) -> Inquiry:
    """An inquiry that somebody resolves with a note."""
    async with database.transaction() as tx:
        now = await tx.inquiries.get(number)
        assert now is not None
        change = now.resolve(note, an_act(by, minutes))
        await tx.inquiries.save(change)
    return change.after


async def found(
    database: Database, words: str, wanted: Filter | None = None, offset: int = 0, limit: int = 1000
) -> FoundPage:
    """What a query finds."""
    async with database.snapshot() as tx:
        return await tx.search.find(words, wanted or Filter(), offset, limit)


async def refs(database: Database, words: str, wanted: Filter | None = None) -> list[int]:
    """The refs of all that a query finds, in order."""
    return [one.ref for one in (await found(database, words, wanted)).found]


def minutes(count: int) -> datetime:
    """So many minutes after the tests' morning began."""
    return MORNING + timedelta(minutes=count)
