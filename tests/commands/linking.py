"""People who link two handles of theirs, at the commands' own front door."""

from bot.chat.invocation import Answer, Invocation
from bot.domain.agent import Agent, Role
from bot.domain.inquiry import Inquiry
from bot.ports import Handle
from storage.database import Database
from tests.builders import a_message, an_act, opened
from tests.commands.window import Window, code_in, said
from tests.storage.taking import save

KEN, HANA = Handle("workspace", "ken"), Handle("workspace", "hana")
KEN_THERE = Handle("discord", "71")


async def types(window: Window, who: Handle, line: str, language: str = "") -> Answer:
    """A line on any platform, of which the window itself is one."""
    verb, _, text = line.removeprefix("/").partition(" ")
    answer = await window.call(Invocation(who.platform, who.user, verb, who.user, text=text, language=language))
    assert answer is not None
    return answer


async def code_of(window: Window, who: Handle = KEN) -> str:
    return code_in(await types(window, who, "/link"))


async def redeemed(window: Window, code: str, who: Handle = KEN_THERE) -> str:
    """What somebody is told who types a code."""
    return said(await types(window, who, f"/link {code}"))


async def known(database: Database, who: Handle) -> Agent:
    async with database.snapshot() as tx:
        found = await tx.agents.by_handle(who)
    assert found is not None
    return found


async def nobody(database: Database, who: Handle) -> bool:
    async with database.snapshot() as tx:
        return await tx.agents.by_handle(who) is None


async def joins(database: Database, who: Handle, role: Role | None, name: str = "Miller-san") -> Agent:
    """Somebody who is an agent of their own on another platform."""
    async with database.transaction() as tx:
        return await tx.agents.enrol(who, name, role, "en", "Asia/Tokyo")


async def held(database: Database, by: Agent, count: int) -> list[Inquiry]:
    messages = [a_message() for _ in range(count)]
    return [await save(database, one.claim(an_act(by))) for one in await opened(database, *messages)]
