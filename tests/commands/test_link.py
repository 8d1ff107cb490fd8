"""Link: a code makes two handles one person with one set of claims; once, and for a while."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.chat.profile import Profile
from bot.domain.agent import Role
from bot.domain.errors import Conflict
from bot.members import Members
from bot.ports import Handle
from commands.link import LASTS, LETTERS
from storage.database import Database
from storage.tables import link
from tests.builders import SUPPORT, a_message, an_act, opened
from tests.commands.linking import HANA, KEN, KEN_THERE, code_of, held, joins, known, nobody, redeemed, types
from tests.commands.window import STRANGER, Window, button_of, code_in, current, said
from tests.storage.taking import kinds, save, sent, taken
from tests.support.clock import Clock
from tests.support.texts import says

# --- the code -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ja"])
async def test_the_code_is_told_in_the_language_of_who_asks(window: Window, language: str) -> None:
    await window.types("ken", f"/language {language}")
    answer = await types(window, KEN, "/link")
    code = code_in(answer)
    assert says(said(answer), language, "link.code", code=code, minutes=10)
    assert len(code) == 10
    assert set(code) <= set(LETTERS)


async def test_the_code_is_kept_nowhere(window: Window, database: Database) -> None:
    code = await code_of(window)
    async with database.transaction() as tx:
        rows = (await tx.session.run(sa.select(link))).all()
    assert len(rows) == 1
    assert code not in str(rows)


async def test_each_code_is_another(window: Window) -> None:
    assert len({await code_of(window) for _ in range(5)}) == 5


@pytest.mark.parametrize("spelling", ["{}", " {} ", "code:{}"], ids=["as it is", "with spaces", "by name"])
async def test_a_code_may_be_typed_in_small_letters(window: Window, database: Database, spelling: str) -> None:
    typed = spelling.format((await code_of(window)).lower())
    assert says(await redeemed(window, typed), "en", "link.done", person="Ken Miller")


# --- a stranger there ---------------------------------------------------------------------------------------


async def test_a_stranger_becomes_the_same_agent_at_once(window: Window, database: Database) -> None:
    ken = await known(database, KEN)
    (first, second) = await opened(database, a_message(), a_message())
    await types(window, KEN, f"/claim {first.number}")
    code = await code_of(window)
    assert says(said(await types(window, KEN_THERE, "/queue")), "en", "refused.stranger")

    assert says(await redeemed(window, code), "en", "link.done", person="Ken Miller")

    assert await known(database, KEN_THERE) == await known(database, KEN) == ken
    async with database.snapshot() as tx:
        assert await tx.agents.handles(ken.id) == [KEN, KEN_THERE]
        assert [one.name for one in await tx.agents.all()].count("Ken Miller") == 1
    assert says(said(await types(window, KEN_THERE, f"/release {first.number}")), "en", "release.done")
    await types(window, KEN_THERE, f"/claim {second.number}")
    assert says(said(await types(window, KEN, f"/claim {second.number}")), "en", "claim.yours")


async def test_a_stranger_is_answered_in_the_language_of_their_platform(window: Window) -> None:
    answer = await types(window, KEN_THERE, f"/link {await code_of(window)}", language="ja")
    assert says(said(answer), "ja", "link.done", person="Ken Miller")


@pytest.mark.parametrize("person", [STRANGER, "rei"], ids=["a stranger", "a former agent"])
async def test_only_the_team_is_given_a_code(window: Window, database: Database, person: str) -> None:
    answer = await types(window, Handle("workspace", person), "/link")
    assert says(said(answer), "en", "refused.stranger", handle=person)
    async with database.transaction() as tx:
        assert (await tx.session.run(sa.select(link))).all() == []


@pytest.mark.parametrize("guest", [Profile("71", "Ken", is_member=False), Profile("71", "Ken", is_active=False)])
async def test_guests_may_not_use_a_code_which_would_cost_its_owner_their_role(
    window: Window, database: Database, guest: Profile
) -> None:
    code = await code_of(window)
    assert says(await redeemed(window.knowing(guest), code), "en", "refused.guest")
    assert await nobody(database, KEN_THERE)
    assert says(await redeemed(window.knowing(replace(guest, is_member=True, is_active=True)), code), "en", "link.done")


# --- an agent there -----------------------------------------------------------------------------------------


async def test_who_was_an_agent_there_brings_their_claims_along(window: Window, database: Database) -> None:
    ken, other = await known(database, KEN), await joins(database, KEN_THERE, Role.AGENT)
    here, (there, resolved) = (await held(database, ken, 1))[0], await held(database, other, 2)
    resolved = await save(database, resolved.resolve("sent", an_act(other)))

    assert says(await redeemed(window, await code_of(window)), "en", "link.done", person="Ken Miller")

    assert await known(database, KEN_THERE) == ken
    async with database.snapshot() as tx:
        assert [one.number for one in await tx.inquiries.held_by(ken.id)] == [here.number, there.number]
        assert await tx.inquiries.held_by(other.id) == []
        assert "Miller-san" not in [one.name for one in await tx.agents.all()]
        assert await tx.agents.handles(other.id) == []
    await types(window, KEN, f"/reopen {resolved.number}")
    assert (await current(database, resolved.number)).holder == ken


async def test_all_their_handles_come_along(window: Window, database: Database) -> None:
    third = Handle("slack", "U7")
    await joins(database, KEN_THERE, Role.AGENT)
    assert says(await redeemed(window, await code_of(window, KEN_THERE), third), "en", "link.done")
    await redeemed(window, await code_of(window), third)
    async with database.snapshot() as tx:
        assert await tx.agents.handles((await known(database, KEN)).id) == [KEN, KEN_THERE, third]


async def test_history_keeps_the_name_under_which_something_was_done(window: Window, database: Database) -> None:
    other = await joins(database, KEN_THERE, Role.AGENT)
    (one,) = await held(database, other, 1)
    await redeemed(window, await code_of(window))
    async with database.snapshot() as tx:
        claimed = (await tx.inquiries.timeline(one.number))[-1]
    assert claimed.act.agent == replace(other, role=None)
    assert claimed.details["to"] == "Miller-san"


async def test_the_cards_of_what_they_held_follow_and_old_buttons_are_good_still(
    window: Window, database: Database
) -> None:
    other = await joins(database, KEN_THERE, Role.AGENT)
    one, resolved = await held(database, other, 2)
    resolved = await save(database, resolved.resolve("", an_act(other)))
    old = button_of(one, "release", window)
    for card in await taken(database, SUPPORT):
        await sent(database, card)
    await redeemed(window, await code_of(window))
    assert [number for _, number in kinds(await taken(database, SUPPORT))] == [one.number], (
        "what is closed stays as it is"
    )
    assert says(said(await window.presses("ken", old)), "en", "release.done", inquiry=one.number)


async def test_whoever_changes_what_they_held_at_that_moment_decides_anew(window: Window, database: Database) -> None:
    """Or the customer's next mail would give it back to somebody whom nobody is any more."""
    other = await joins(database, KEN_THERE, Role.AGENT)
    (one,) = await held(database, other, 1)
    await redeemed(window, await code_of(window))
    with pytest.raises(Conflict):
        await save(database, one.receive(a_message(), an_act(None, source="mail")))
    assert (await current(database, one.number)).holder == await known(database, KEN)


@pytest.mark.parametrize(
    ("mine", "theirs", "higher"),
    [
        (Role.AGENT, Role.SUPERVISOR, Role.SUPERVISOR),
        (Role.SUPERVISOR, Role.AGENT, Role.SUPERVISOR),
        (Role.AGENT, Role.AGENT, Role.AGENT),
        (Role.AGENT, None, Role.AGENT),
    ],
)
async def test_the_higher_role_stays(
    window: Window, database: Database, mine: Role, theirs: Role | None, higher: Role
) -> None:
    mia = Handle("workspace", "mia")
    await joins(database, mia, mine, "Mia")
    other = await joins(database, KEN_THERE, theirs)
    await redeemed(window, await code_of(window, mia))
    assert (await known(database, mia)).role is (await known(database, KEN_THERE)).role is higher
    async with database.snapshot() as tx:
        assert other.id not in [one.id for one in await tx.agents.all()]


async def test_they_are_called_as_they_were_where_the_code_comes_from(
    window: Window, database: Database, clock: Clock
) -> None:
    """Two platforms that call one person by two names would rename them at every turn."""
    ken = await known(database, KEN)
    await redeemed(window, await code_of(window))
    members = Members(database, clock, "en", "UTC")
    await members.meet("discord", Profile("71", "ken_m", "ja", "Europe/London"))
    assert await known(database, KEN) == ken
    await members.meet("workspace", Profile("ken", "Ken D. Miller"))
    assert (await known(database, KEN_THERE)).name == "Ken D. Miller"


# --- a code that is not good --------------------------------------------------------------------------------


async def test_a_code_is_good_once(window: Window, database: Database) -> None:
    code = await code_of(window)
    assert says(await redeemed(window, code), "en", "link.done")
    assert says(await redeemed(window, code, Handle("discord", "72")), "en", "link.unknown")
    assert await nobody(database, Handle("discord", "72"))


async def test_a_code_is_good_for_ten_minutes(window: Window, database: Database, clock: Clock) -> None:
    code = await code_of(window)
    clock.forward(LASTS + timedelta(seconds=1))
    assert says(await redeemed(window, code), "en", "link.unknown")
    assert await nobody(database, KEN_THERE)


async def test_until_then_it_is(window: Window, clock: Clock) -> None:
    """The control of the test above."""
    code = await code_of(window)
    clock.forward(LASTS)
    assert says(await redeemed(window, code), "en", "link.done")


@pytest.mark.parametrize("code", ["AAAAAAAAAA", "x", "%", "' or 1=1", "ｋ" * 400])
async def test_a_wrong_code_is_worth_nothing(window: Window, database: Database, code: str) -> None:
    right = await code_of(window)
    assert says(await redeemed(window, code), "en", "link.unknown")
    assert await nobody(database, KEN_THERE)
    assert says(await redeemed(window, right), "en", "link.done")


async def test_ones_own_code_changes_nothing_and_stays_good(window: Window, database: Database) -> None:
    ken, code = await known(database, KEN), await code_of(window)
    assert says(await redeemed(window, code, KEN), "en", "link.same")
    assert await known(database, KEN) == ken
    assert says(await redeemed(window, code), "en", "link.done")


async def test_who_is_linked_already_is_told_so(window: Window) -> None:
    await redeemed(window, await code_of(window))
    assert says(await redeemed(window, await code_of(window)), "en", "link.same")
    assert says(await redeemed(window, await code_of(window, KEN_THERE), KEN), "en", "link.same")


async def test_a_new_code_ends_the_old_one(window: Window) -> None:
    old, new = await code_of(window), await code_of(window)
    assert says(await redeemed(window, old), "en", "link.unknown")
    assert says(await redeemed(window, new), "en", "link.done")


async def test_a_code_of_somebody_else_ends_none(window: Window) -> None:
    """The control of the test above."""
    code, _ = await code_of(window), await code_of(window, HANA)
    assert says(await redeemed(window, code), "en", "link.done", person="Ken Miller")


async def test_the_code_of_somebody_who_was_dismissed_is_worth_nothing(window: Window, database: Database) -> None:
    code = await code_of(window)
    await window.types("emma", "/agent @ken none")
    assert says(await redeemed(window, code), "en", "link.unknown")
    assert await nobody(database, KEN_THERE)


async def test_the_code_of_somebody_who_became_another_is_worth_nothing(window: Window, database: Database) -> None:
    await joins(database, KEN_THERE, Role.AGENT)
    code = await code_of(window, KEN_THERE)
    await redeemed(window, await code_of(window))
    assert says(await redeemed(window, code, Handle("slack", "U7")), "en", "link.unknown")


# --- afterwards ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("leaves", [KEN, KEN_THERE], ids=["where the code came from", "where it was typed"])
async def test_who_leaves_on_one_platform_has_left_on_both(
    window: Window, database: Database, clock: Clock, leaves: Handle
) -> None:
    await redeemed(window, await code_of(window))
    ken = await known(database, KEN)
    (one,) = await held(database, ken, 1)
    await Members(database, clock, "en", "UTC").meet(leaves.platform, Profile(leaves.user, "Ken", is_active=False))
    assert (await current(database, one.number)).holder is None
    for who in (KEN, KEN_THERE):
        assert (await known(database, who)).role is None
        answer = await types(window, who, f"/claim {one.number}")
        assert says(said(answer), "en", "refused.stranger", handle=who.user)


async def test_who_left_on_one_platform_is_not_brought_back_by_the_other(
    window: Window, database: Database, clock: Clock
) -> None:
    """A role of Discord that nobody took away yet is no way back in for somebody whose account was closed."""
    members = Members(database, clock, "en", "UTC")
    there = Profile(KEN_THERE.user, "Ken", role="agent")
    await members.meet("discord", there)
    await redeemed(window, await code_of(window))
    await members.meet("workspace", Profile("ken", "Ken", is_active=False))
    await members.meet("discord", there)
    assert (await known(database, KEN_THERE)).role is None


async def test_who_is_dismissed_by_name_has_left_on_both(window: Window, database: Database) -> None:
    await redeemed(window, await code_of(window))
    assert says(said(await window.types("emma", "/agent Ken none")), "en", "agent.removed", person="Ken Miller")
    assert (await known(database, KEN)).role is (await known(database, KEN_THERE)).role is None
