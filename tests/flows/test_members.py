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
    return Members(database, clock, "en", "UTC")


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
        await asyncio.gather(*away, Members(store, clock, "en", "UTC").meet("slack", GONE[0]))
        async with store.snapshot() as tx:
            assert await tx.inquiries.held_by(hana.id) == []
            holders = [await tx.inquiries.get(one.number) for one in held]
        assert holders[2] is not None
        assert holders[2].holder is None
    finally:
        await store.close()


# --- roles that a platform gives ----------------------------------------------------------------------------


MIA = Handle("discord", "7")
MIA_THERE = Profile("7", "Mia Wong", "ja", role="agent")


def in_role(role: str) -> Profile:
    return replace(MIA_THERE, role=role)


async def given_by_hand(database: Database, role: Role | None, handle: Handle = MIA) -> Agent:
    """What /agent does."""
    async with database.transaction() as tx:
        return await tx.agents.enrol(handle, "Mia", role, "ja", "UTC")


@pytest.mark.parametrize("role", list(Role))
async def test_whom_the_platform_calls_of_the_team_is_of_the_team(
    database: Database, members: Members, role: Role
) -> None:
    await members.meet("discord", in_role(role.value))
    mia = await known(database, MIA)
    assert mia == Agent(mia.id, "Mia Wong", role, "ja", "UTC")


@pytest.mark.parametrize(
    "profile",
    [
        in_role(""),
        in_role("none"),
        in_role("owner"),
        replace(MIA_THERE, is_member=False),
        replace(MIA_THERE, is_active=False),
    ],
    ids=["it does not say", "no role", "a role that we do not know", "a guest or a bot", "a closed account"],
)
async def test_anybody_else_stays_a_stranger(database: Database, members: Members, profile: Profile) -> None:
    await members.meet("discord", profile)
    async with database.snapshot() as tx:
        assert await tx.agents.by_handle(MIA) is None
        assert await tx.agents.all() == []


async def test_what_the_platform_does_not_say_of_a_newcomer_is_as_with_everybody(
    database: Database, clock: Clock
) -> None:
    await Members(database, clock, "ja", "Asia/Tokyo").meet("discord", Profile("7", "Mia Wong", role="agent"))
    mia = await known(database, MIA)
    assert (mia.language, mia.time_zone) == ("ja", "Asia/Tokyo")


async def test_whoever_rises_and_falls_there_does_so_here_and_keeps_their_claims(
    database: Database, members: Members, hana: Agent
) -> None:
    await members.meet("discord", MIA_THERE)
    (held,) = await holding(database, await known(database, MIA))
    for role in (Role.SUPERVISOR, Role.AGENT, Role.SUPERVISOR):
        await members.meet("discord", in_role(role.value))
        assert (await known(database, MIA)).role is role
    assert (await current(database, held.number)).version == held.version


async def test_who_loses_their_role_there_loses_it_here_with_all_claims(
    database: Database, members: Members, hana: Agent, clock: Clock
) -> None:
    await members.meet("discord", MIA_THERE)
    (held,) = await holding(database, await known(database, MIA))
    await members.meet("discord", in_role("none"))
    assert (await known(database, MIA)).role is None
    async with database.snapshot() as tx:
        assert await tx.inquiries.held_by((await known(database, MIA)).id) == []
        last = (await tx.inquiries.timeline(held.number))[-1]
    assert (last.kind, last.act) == (EventKind.RELEASED, Act(clock(), "discord"))


async def test_a_platform_that_says_nothing_of_roles_takes_none(
    database: Database, members: Members, hana: Agent
) -> None:
    """The control of the test above."""
    await members.meet("discord", MIA_THERE)
    (held,) = await holding(database, await known(database, MIA))
    await members.meet("discord", in_role(""))
    assert (await known(database, MIA)).role is Role.AGENT
    assert (await current(database, held.number)).version == held.version


@pytest.mark.parametrize("away", [in_role("none"), replace(MIA_THERE, is_member=False)], ids=["no role", "left"])
async def test_what_the_platform_took_it_gives_back(database: Database, members: Members, away: Profile) -> None:
    for profile in (MIA_THERE, away, away):
        await members.meet("discord", profile)
    assert (await known(database, MIA)).role is None
    await members.meet("discord", in_role("supervisor"))
    assert (await known(database, MIA)).role is Role.SUPERVISOR


@pytest.mark.parametrize("says", ["none", "supervisor", "agent"])
@pytest.mark.parametrize("role", list(Role))
async def test_a_role_that_a_person_gave_is_not_changed_by_the_platform(
    database: Database, members: Members, role: Role, says: str
) -> None:
    await given_by_hand(database, role)
    await members.meet("discord", in_role(says))
    assert (await known(database, MIA)).role is role
    assert (await known(database, MIA)).name == "Mia Wong", "what else it says counts"


async def test_a_role_that_a_person_took_is_not_given_back_by_the_platform(
    database: Database, members: Members
) -> None:
    await members.meet("discord", MIA_THERE)
    await given_by_hand(database, None)
    await members.meet("discord", MIA_THERE)
    assert (await known(database, MIA)).role is None
    await given_by_hand(database, Role.AGENT)
    assert (await known(database, MIA)).role is Role.AGENT


async def test_a_role_that_a_person_confirmed_is_theirs_to_take(
    database: Database, members: Members, clock: Clock
) -> None:
    await members.meet("discord", MIA_THERE)
    async with database.transaction() as tx:
        await tx.agents.enrol(Handle("discord", "1"), "Emma", Role.SUPERVISOR, "en", "UTC")
    desk = Dispatch(database, COMMANDS, Translator(), clock, Counts(), "en", "UTC")
    await desk.call(Invocation("discord", "1", "agent", options={"who": "<@7>", "role": "agent"}))
    await members.meet("discord", in_role("none"))
    assert (await known(database, MIA)).role is Role.AGENT


async def test_another_platforms_word_does_not_count(database: Database, members: Members) -> None:
    """The same id there is somebody else, and a second account of theirs is not the one that has the role."""
    await members.meet("discord", MIA_THERE)
    mia = await known(database, MIA)
    async with database.transaction() as tx:
        await tx.agents.join(mia, Handle("discord", "8"), None)
        await tx.agents.join(mia, Handle("slack", "7"), None)
    for platform, user in (("discord", "8"), ("slack", "7")):
        for role in ("none", "supervisor"):
            await members.meet(platform, replace(MIA_THERE, user=user, role=role))
    assert await known(database, MIA) == mia


@pytest.mark.parametrize(
    ("here", "there", "demoted"),
    [(Role.AGENT, "agent", Role.AGENT), (Role.AGENT, "supervisor", None), (Role.SUPERVISOR, "agent", Role.SUPERVISOR)],
    ids=["alike: the person's", "the platform's is higher", "the person's is higher"],
)
async def test_of_two_who_join_the_higher_role_stays_whosever_it_was(
    database: Database, members: Members, here: Role, there: str, demoted: Role | None
) -> None:
    """Nobody keeps a platform's role for ever by joining it to one that a person gave."""
    slack = await given_by_hand(database, here, HANA)
    await members.meet("discord", in_role(there))
    async with database.transaction() as tx:
        await tx.agents.join(slack, MIA, await tx.agents.by_handle(MIA))
    assert (await known(database, MIA)).role is max(here, Role(there), key=list(Role).index)
    await members.meet("discord", in_role("none"))
    assert (await known(database, HANA)).role is demoted


async def test_of_two_alike_the_one_that_a_person_gave_stays_whichever_way_they_join(
    database: Database, members: Members
) -> None:
    slack = await given_by_hand(database, Role.AGENT, HANA)
    await members.meet("discord", MIA_THERE)
    async with database.transaction() as tx:
        await tx.agents.join(await known(database, MIA), HANA, slack)
    await members.meet("discord", in_role("none"))
    assert (await known(database, HANA)).role is Role.AGENT


async def test_who_is_met_by_several_processes_at_once_is_one_agent(postgres_url: str, clock: Clock) -> None:
    stores = [SlowStore(postgres_url, clock) for _ in range(4)]  # one process alone may use an SQLite file
    try:
        await asyncio.gather(*(Members(one, clock, "en", "UTC").meet("discord", MIA_THERE) for one in stores))
        async with stores[0].snapshot() as tx:
            assert [one.name for one in await tx.agents.all()] == ["Mia Wong"]
    finally:
        for one in stores:
            await one.close()


async def test_what_a_leaver_still_holds_goes_back_to_the_team(
    database: Database, members: Members, hana: Agent
) -> None:
    [mine] = await holding(database, hana)
    async with database.transaction() as tx:  # a claim that met the leaving: the role is gone, and the claim is not
        await tx.agents.enrol(HANA, hana.name, None, "en", "UTC")
        ken = await tx.agents.enrol(Handle("slack", "U2"), "Ken", Role.AGENT, "en", "UTC")
    [kens] = await holding(database, ken)

    assert await members.give_back() == 1

    assert (await current(database, mine.number)).holder is None
    assert (await current(database, kens.number)).holder is not None
    assert await members.give_back() == 0


async def test_the_roll_call_brings_news_of_roles(database: Database, members: Members) -> None:
    await members.meet("discord", MIA_THERE)
    await members.roll_call([Directory("discord", {"7": in_role("none")})])
    assert (await known(database, MIA)).role is None


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
