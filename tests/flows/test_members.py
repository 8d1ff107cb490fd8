"""Who is of the team by what platforms say: names and zones are taken over, and whoever leaves gives all back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest

from bot.chat.card import Card
from bot.chat.invocation import Invocation
from bot.chat.profile import Profile
from bot.delivery import Delivery
from bot.dispatch import Dispatch
from bot.domain.agent import Agent, Role
from bot.domain.errors import Conflict
from bot.domain.events import Act, EventKind
from bot.domain.inquiry import Inquiry
from bot.members import Members
from bot.ports import Handle, NotSent, Place, Refused, SendError, Store, StoreDown, Transaction
from bot.translator import Translator
from commands import COMMANDS
from storage.database import Database
from tests.builders import a_message, a_queue, an_act, opened
from tests.fakes.chat import FakeChat
from tests.fakes.chat_platform import FakeChatPlatform
from tests.storage.racers import SlowStore
from tests.storage.taking import save
from tests.support.clock import Clock
from tests.support.meter import Counts
from tests.support.texts import says, template

HANA = Handle("slack", "U1")
PROFILE = Profile("U1", "Hana Sato", "ja", "Asia/Tokyo")
GONE = [
    replace(PROFILE, is_active=False),
    replace(PROFILE, is_member=False),
    replace(PROFILE, is_member=False, is_active=False),
]
GONE_IDS = ["a closed account", "a guest or a bot", "both"]
C1 = Place("slack", "C1")


@pytest.fixture
async def hana(database: Database) -> Agent:
    await a_queue(database, "support", C1)
    async with database.transaction() as tx:
        return await tx.agents.enrol(HANA, "U1", Role.AGENT, "en", "UTC")


@pytest.fixture
def members(database: Database, clock: Clock) -> Members:
    return Members(database, clock)


async def known(database: Database, handle: Handle = HANA) -> Agent:
    async with database.snapshot() as tx:
        found = await tx.agents.by_handle(handle)
    assert found is not None
    return found


async def holding(database: Database, agent: Agent, count: int = 1) -> list[Inquiry]:
    """So many inquiries that somebody has claimed."""
    return [
        await save(database, one.claim(an_act(agent)))
        for one in await opened(database, *[a_message() for _ in range(count)])
    ]


async def current(database: Database, number: int) -> Inquiry:
    async with database.snapshot() as tx:
        found = await tx.inquiries.get(number)
    assert found is not None
    return found


# --- what is taken over -------------------------------------------------------------------------------------


async def test_name_language_and_zone_are_taken_over(database: Database, members: Members, hana: Agent) -> None:
    await members.meet("slack", PROFILE)
    assert await known(database) == Agent(hana.id, "Hana Sato", Role.AGENT, "ja", "Asia/Tokyo")


async def test_what_the_platform_does_not_say_stays(database: Database, members: Members, hana: Agent) -> None:
    await members.meet("slack", PROFILE)
    await members.meet("slack", Profile("U1", ""))
    assert await known(database) == Agent(hana.id, "Hana Sato", Role.AGENT, "ja", "Asia/Tokyo")


async def test_a_language_that_somebody_chose_stays(database: Database, members: Members, hana: Agent) -> None:
    async with database.transaction() as tx:
        await tx.agents.speak(hana.id, "en")
    await members.meet("slack", replace(PROFILE, name="Hana S."))
    assert await known(database) == Agent(hana.id, "Hana S.", Role.AGENT, "en", "Asia/Tokyo")


async def test_strangers_and_people_of_another_platform_are_none_of_ours(
    database: Database, members: Members, hana: Agent
) -> None:
    await members.meet("slack", replace(PROFILE, user="U2"))
    await members.meet("discord", replace(PROFILE, name="Somebody"))
    assert await known(database) == hana
    async with database.snapshot() as tx:
        assert await tx.agents.by_handle(Handle("slack", "U2")) is None


# --- who leaves ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", GONE, ids=GONE_IDS)
async def test_whoever_leaves_loses_role_and_claims(
    database: Database, members: Members, hana: Agent, clock: Clock, profile: Profile
) -> None:
    held = await holding(database, hana, 2)
    resolved = await save(database, held[1].resolve("sent", an_act(hana)))
    await members.meet("slack", profile)
    assert await known(database) == replace(hana, role=None)
    free = await current(database, held[0].number)
    assert (free.holder, free.version) == (None, held[0].version + 1)
    assert await current(database, resolved.number) == replace(resolved, holder=replace(hana, role=None))
    async with database.snapshot() as tx:
        last = (await tx.inquiries.timeline(free.number))[-1]
    assert (last.kind, last.act, last.details) == (EventKind.RELEASED, Act(clock(), "slack"), {"from": "U1"})


async def test_whoever_stays_keeps_both(database: Database, members: Members, hana: Agent) -> None:
    """The control of the test above."""
    (held,) = await holding(database, hana)
    await members.meet("slack", PROFILE)
    assert (await known(database)).role is Role.AGENT
    assert (await current(database, held.number)).version == held.version


async def test_leaving_twice_is_leaving_once(database: Database, members: Members, hana: Agent) -> None:
    (held,) = await holding(database, hana)
    for _ in range(2):
        await members.meet("slack", GONE[0])
    assert (await current(database, held.number)).version == held.version + 1


async def test_whoever_comes_back_has_no_role_until_they_are_given_one(
    database: Database, members: Members, hana: Agent
) -> None:
    await members.meet("slack", GONE[0])
    await members.meet("slack", PROFILE)
    assert (await known(database)).role is None


async def test_the_card_follows_and_tells_nobody_who_is_gone(
    database: Database, members: Members, hana: Agent, clock: Clock
) -> None:
    chat = FakeChat()
    await chat.open()
    platform = FakeChatPlatform(chat.port, "slack")
    delivery = Delivery(database, {"slack": platform}, Translator(), clock, Counts())
    await holding(database, hana)
    await delivery.empty()
    (card,) = chat.messages
    assert "U1" in str(card.card["fields"])
    await members.meet("slack", GONE[0])
    await delivery.empty()
    await platform.close()
    await chat.close()
    assert [one.channel for one in chat.messages] == ["C1"], "no direct message"
    assert card.updates == 1
    assert "U1" not in str(card.card["fields"])
    assert template("en", "card.nobody") in str(card.card["fields"])


async def test_the_timeline_says_why_it_is_free_again(
    database: Database, members: Members, hana: Agent, clock: Clock
) -> None:
    async with database.transaction() as tx:
        await tx.agents.enrol(Handle("slack", "U2"), "Ken", Role.AGENT, "en", "UTC")
    (held,) = await holding(database, hana)
    await members.meet("slack", GONE[0])
    desk = Dispatch(database, COMMANDS, Translator(), clock, Counts(), "en", "UTC")
    shown = await desk.call(Invocation("slack", "U2", "show", options={"inquiry": str(held.number)}))
    assert isinstance(shown, Card)
    assert says(str(shown.items[-1].text[0]), "en", "event.left", holder="U1")


async def test_who_leaves_while_handing_on_holds_nothing_and_takes_nothing_back(
    database_url: str, clock: Clock
) -> None:
    """Of an inquiry that changes at this very moment, whoever comes second decides anew."""
    store = SlowStore(database_url, clock)
    try:
        await a_queue(store, "support", C1)
        async with store.transaction() as tx:
            hana = await tx.agents.enrol(HANA, "U1", Role.AGENT, "en", "UTC")
            await tx.agents.enrol(Handle("slack", "U2"), "Ken", Role.AGENT, "en", "UTC")
        held = await holding(store, hana, 3)
        desk = Dispatch(store, COMMANDS, Translator(), clock, Counts(), "en", "UTC")
        away = [
            desk.call(Invocation("slack", "U1", "assign", options={"inquiry": str(one.number), "person": "Ken"}))
            for one in held[:2]
        ]
        await asyncio.gather(*away, Members(store, clock).meet("slack", GONE[0]))
        async with store.snapshot() as tx:
            assert await tx.inquiries.held_by(hana.id) == []
            holders = [await tx.inquiries.get(one.number) for one in held]
        assert holders[2] is not None
        assert holders[2].holder is None
    finally:
        await store.close()


# --- the roll call ------------------------------------------------------------------------------------------


@dataclass
class Directory:
    """A platform that knows these people, or tells nothing."""

    name: str = "slack"
    people: dict[str, Profile] = field(default_factory=dict)
    trouble: SendError | None = None
    asked: list[str] = field(default_factory=list)

    async def profile(self, user: str) -> Profile | None:
        self.asked.append(user)
        if self.trouble:
            raise self.trouble
        return self.people.get(user)


async def test_the_roll_call_finds_news_that_were_missed(database: Database, members: Members, hana: Agent) -> None:
    async with database.transaction() as tx:
        ken = await tx.agents.enrol(Handle("slack", "U2"), "Ken", Role.SUPERVISOR, "en", "UTC")
        await tx.agents.enrol(Handle("workspace", "mia"), "Mia", Role.AGENT, "en", "UTC")
    directory = Directory(people={"U1": GONE[0], "U2": Profile("U2", "Ken Miller")})
    await members.roll_call([directory])
    assert sorted(directory.asked) == ["U1", "U2"]
    assert (await known(database)).role is None
    assert await known(database, Handle("slack", "U2")) == replace(ken, name="Ken Miller")


async def test_whom_the_platform_does_not_know_stays_as_they_are(
    database: Database, members: Members, hana: Agent
) -> None:
    await members.roll_call([Directory()])
    assert await known(database) == hana


@pytest.mark.parametrize("trouble", [NotSent("slow down", 30.0), Refused("missing_scope")], ids=["later", "never"])
async def test_a_platform_that_does_not_answer_changes_nothing_and_is_not_pressed(
    database: Database, members: Members, hana: Agent, trouble: SendError
) -> None:
    async with database.transaction() as tx:
        await tx.agents.enrol(Handle("slack", "U2"), "Ken", Role.AGENT, "en", "UTC")
        await tx.agents.enrol(Handle("discord", "7"), "Mia", Role.AGENT, "en", "UTC")
    silent = Directory(trouble=trouble, people={"U1": GONE[0]})
    other = Directory("discord", {"7": Profile("7", "Mia Wong")})
    await members.roll_call([silent, other])
    assert len(silent.asked) == 1
    assert await known(database) == hana
    assert (await known(database, Handle("discord", "7"))).name == "Mia Wong"


class Broken:
    """A store whose every commit fails."""

    def __init__(self, store: Store, error: Exception) -> None:
        self._store = store
        self._error = error

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        async with self._store.transaction() as tx:
            yield tx
            raise self._error

    def snapshot(self) -> AbstractAsyncContextManager[Transaction]:
        return self._store.snapshot()


# --- the desk's door ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [StoreDown("it is down"), Conflict("always")], ids=["down", "contested"])
async def test_the_desk_never_raises_on_meeting_somebody(
    database: Database, hana: Agent, clock: Clock, error: Exception
) -> None:
    desk = Dispatch(Broken(database, error), COMMANDS, Translator(), clock, Counts(), "en", "UTC")
    await desk.meet("slack", GONE[0])
    assert (await known(database)).role is Role.AGENT
    await Dispatch(database, COMMANDS, Translator(), clock, Counts(), "en", "UTC").meet("slack", GONE[0])
    assert (await known(database)).role is None
