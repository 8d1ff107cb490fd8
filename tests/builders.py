"""Builders: the field's nouns with defaults, so that a test names only what it is about."""

from datetime import timedelta
from itertools import count
from typing import Any

from bot.domain.agent import Agent, Role
from bot.domain.article import Article, ArticleKind, Wording
from bot.domain.customer import Customer
from bot.domain.events import Act
from bot.domain.inquiry import Inquiry
from bot.domain.levels import Levels
from bot.domain.message import Message, RawMail
from bot.level_file import written
from bot.ports import Handle, Opening, Place
from storage.database import Database
from tests.support.clock import MORNING

HANA = Agent(1, "Hana", Role.AGENT, "ja", "Asia/Tokyo")
KEN = Agent(2, "Ken", Role.AGENT, "en", "UTC")
EMMA = Agent(3, "Emma", Role.SUPERVISOR, "en", "Europe/London")
CUSTOMER = Customer(1, "Ms Ito", "ito@example.com")
SUPPORT = Place("workspace", "support")

_uids = count(1)


def an_act(agent: Agent | None = HANA, minutes: int = 0, source: str = "workspace") -> Act:
    """Somebody does something, so many minutes after the tests' morning began."""
    return Act(MORNING + timedelta(minutes=minutes), source, agent)


def a_message(**fields: Any) -> Message:
    """What a customer wrote."""
    defaults: dict[str, Any] = {
        "subject": "The parcel is late",
        "from_address": CUSTOMER.address,
        "from_name": CUSTOMER.name,
        "text": "Where is my parcel?",
        "reply_text": "Where is my parcel?",
        "message_id": f"message-{next(_uids)}@example.com",
    }
    return Message(**{**defaults, **fields})


def a_raw_mail(**fields: Any) -> RawMail:
    """A mail as a mailbox hands it over, each with a uid of its own."""
    uid = str(next(_uids))
    content = f"Subject: mail {uid}\r\n\r\nWhere is my parcel?\r\n".encode()
    defaults: dict[str, Any] = {
        "mailbox": "spool",
        "validity": "",
        "uid": uid,
        "content": content,
        "received_at": MORNING,
    }
    return RawMail(**{**defaults, **fields})


def an_article(question: str = "May it come back?", **fields: Any) -> Article:
    """A draft of an article, which nobody has kept yet."""
    words = {"words": fields.pop("words", "Within 30 days, yes."), "situation": fields.pop("situation", "")}
    return Article(**{"kind": ArticleKind.ANSWER, "language": "en", "latest": Wording(question, **words), **fields})


def an_inquiry(**fields: Any) -> Inquiry:
    """An inquiry as it is right after it was opened."""
    defaults: dict[str, Any] = {
        "number": 1001,
        "queue": "support",
        "subject": "The parcel is late",
        "customer": CUSTOMER,
        "opened_at": MORNING,
        "waiting_since": MORNING,
    }
    return Inquiry(**{**defaults, **fields})


def held_by(agent: Agent) -> Inquiry:
    """An inquiry that somebody claimed."""
    return an_inquiry().claim(an_act(agent)).after


async def a_queue(database: Database, name: str = "support", *places: Place) -> None:
    """A queue in the store that shows in these places."""
    async with database.transaction() as tx:
        await tx.queues.add(name, "en", "UTC")
        for place in places:
            await tx.queues.show(name, place)


async def an_agent(
    database: Database, name: str = "Hana", role: Role = Role.AGENT, platform: str = "workspace"
) -> Agent:
    """A person of the team in the store, who is called by their name in small letters on the platform."""
    async with database.transaction() as tx:
        return await tx.agents.enrol(Handle(platform, name.lower()), name, role, "en", "UTC")


async def stored_mails(database: Database, count: int = 1, queue: str = "support") -> list[int]:
    """The ids of so many mails, fresh in the store, that nobody has read."""
    async with database.transaction() as tx:
        return [one.id for one in await tx.mails.store(queue, [a_raw_mail() for _ in range(count)])]


async def opened(database: Database, *messages: Message, queue: str = "support") -> list[Inquiry]:
    """Inquiries in the store, one for each message; one with a plain message when none is given."""
    said = messages or (a_message(),)
    mails = await stored_mails(database, len(said), queue)
    openings = [Opening(queue, one, MORNING, mail) for one, mail in zip(said, mails, strict=True)]
    async with database.transaction() as tx:
        return await tx.inquiries.open(openings)


async def nothing_promised(database: Database) -> None:
    """A desk that begins without service levels: nobody is reminded of inquiries as old as the tests' morning."""
    async with database.transaction() as tx:
        if await tx.levels.current() is None:
            await tx.levels.keep(written(Levels()), 0, None, MORNING, "")
