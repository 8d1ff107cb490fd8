"""What platforms say of people counts: guests are turned away, and whoever joins is called as they are called there."""

from dataclasses import replace

import pytest

from bot.chat.card import Card, Choice, Form, InputKind
from bot.chat.invocation import Answer, Invocation
from bot.chat.profile import Profile
from bot.domain.agent import Agent, Role
from bot.ports import Handle
from storage.database import Database
from tests.builders import SUPPORT, opened
from tests.commands.window import Window, current, happened, rows, said
from tests.support.texts import says

KEN = Profile("ken", "Ken Miller", "en", "Asia/Tokyo")
EMMA = Profile("emma", "Emma Clark", "en", "Asia/Tokyo")
YUI = Profile("yui", "田中 結衣", "ja", "Asia/Tokyo")
GUESTS = [replace(KEN, is_member=False), replace(KEN, is_active=False)]
GUEST_IDS = ["a guest or a bot", "a closed account"]


async def known(database: Database, user: str) -> Agent | None:
    async with database.snapshot() as tx:
        return await tx.agents.by_handle(Handle("workspace", user))


def form(answer: Answer) -> Form:
    assert isinstance(answer, Form), answer
    return answer


# --- who asks -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("guest", GUESTS, ids=GUEST_IDS)
async def test_guests_are_refused_even_when_they_are_enrolled(
    window: Window, database: Database, guest: Profile
) -> None:
    await opened(database)
    for line in ("/queue", "/claim 1001", "/new Ito Hello", "/home"):
        assert says(said(await window.knowing(guest).types("ken", line)), "en", "refused.guest")
    assert await happened(database, 1001) == ["opened"]


async def test_members_are_not_refused(window: Window, database: Database) -> None:
    """The control of the test above."""
    await opened(database)
    assert says(said(await window.knowing(KEN).types("ken", "/claim 1001")), "en", "claim.done", inquiry=1001)


async def test_it_is_the_asker_who_counts_and_not_whom_they_mention(window: Window, database: Database) -> None:
    await opened(database)
    mentioned = replace(YUI, is_member=False)
    assert says(said(await window.knowing(KEN, mentioned).types("ken", "/claim 1001")), "en", "claim.done")


@pytest.mark.parametrize("guest", GUESTS, ids=GUEST_IDS)
async def test_a_guest_is_offered_nothing(window: Window, guest: Profile) -> None:
    answer = await window.knowing(guest).types("ken", "/help")
    assert isinstance(answer, Card)
    assert rows(answer) == ["/help"]
    assert says(str(answer.lines[0][0]), "en", "refused.guest")


@pytest.mark.parametrize(
    ("profile", "named"),
    [(Profile("U77", "Otto"), "Otto"), (Profile("U77", "Otto K.", mention="otto"), "otto")],
    ids=["by their name", "by what names them"],
)
async def test_a_stranger_is_told_what_a_supervisor_types(window: Window, profile: Profile, named: str) -> None:
    """Their id would say nothing to anybody."""
    for line in ("/queue", "/help"):
        answer = await window.knowing(profile).types("U77", line)
        assert isinstance(answer, Card)
        words = [answer.title, *(str(line[0]) for line in answer.lines)]
        assert any(says(one, "en", "refused.stranger", handle=named) for one in words)


# --- who is made an agent -----------------------------------------------------------------------------------


async def test_whoever_joins_is_called_as_the_platform_calls_them(window: Window, database: Database) -> None:
    answer = await window.knowing(EMMA, YUI).types("emma", "/agent <@yui|yui.t> agent")
    assert says(said(answer), "en", "agent.done", person="田中 結衣")
    yui = await known(database, "yui")
    assert yui is not None
    assert yui == Agent(yui.id, "田中 結衣", Role.AGENT, "ja", "Asia/Tokyo")


async def test_what_the_platform_does_not_say_is_as_with_who_asks(window: Window, database: Database) -> None:
    await window.types("emma", "/language ja")
    await window.knowing(EMMA, Profile("yui", "Yui")).types("emma", "/agent @yui agent")
    yui = await known(database, "yui")
    assert yui is not None
    assert yui == Agent(yui.id, "Yui", Role.AGENT, "ja", "Asia/Tokyo")


async def test_whoever_comes_back_is_called_as_they_are_called_now(window: Window, database: Database) -> None:
    back = Profile("rei", "Rei Mori", "ja", "Europe/London")
    answer = await window.knowing(EMMA, back).types("emma", "/agent @rei supervisor")
    assert says(said(answer), "en", "agent.done", person="Rei Mori")
    rei = await known(database, "rei")
    assert rei is not None
    assert rei == Agent(rei.id, "Rei Mori", Role.SUPERVISOR, "ja", "Europe/London")


async def test_a_language_once_chosen_survives_a_new_role(window: Window, database: Database) -> None:
    await window.types("ken", "/language ja")
    await window.knowing(EMMA, KEN).types("emma", "/agent @ken supervisor")
    ken = await known(database, "ken")
    assert ken is not None
    assert (ken.role, ken.language) == (Role.SUPERVISOR, "ja")


async def test_where_the_platform_knows_nobody_the_handle_is_the_name(window: Window, database: Database) -> None:
    assert says(said(await window.types("emma", "/agent @yui agent")), "en", "agent.done", person="yui")


@pytest.mark.parametrize("profile", [replace(YUI, is_member=False), replace(YUI, is_active=False)], ids=GUEST_IDS)
async def test_guests_cannot_be_made_agents(window: Window, database: Database, profile: Profile) -> None:
    answer = await window.knowing(EMMA, profile).types("emma", "/agent @yui agent")
    assert says(said(answer), "en", "agent.guest", person="田中 結衣")
    assert await known(database, "yui") is None


async def test_nor_can_somebody_whom_the_platform_does_not_know(window: Window, database: Database) -> None:
    answer = await window.knowing(EMMA).types("emma", "/agent @yui agent")
    assert says(said(answer), "en", "agent.unknown", given="yui")
    assert await known(database, "yui") is None


async def test_whoever_has_left_can_still_be_put_out_of_the_team(window: Window, database: Database) -> None:
    await opened(database)
    await window.types("ken", "/claim 1001")
    for profiles in ([EMMA], [EMMA, replace(KEN, is_active=False)]):
        await window.types("emma", "/agent @ken agent")
        answer = await window.knowing(*profiles).types("emma", "/agent @ken none")
        assert says(said(answer), "en", "agent.removed", person="Ken Miller")
    assert (await current(database, 1001)).holder is None


# --- the form that asks for somebody ------------------------------------------------------------------------


async def test_the_form_asks_for_somebody_of_the_platform_who_may_join(window: Window, database: Database) -> None:
    guest = Profile("otto", "Otto", is_member=False)
    asked = form(await window.knowing(EMMA, YUI, guest).types("emma", "/agent"))
    who = asked.inputs[0]
    assert (who.name, who.kind, who.required) == ("who", InputKind.MEMBER, True)
    assert who.choices == (Choice("emma", "Emma Clark"), Choice("yui", "田中 結衣"))
    answer = await window.knowing(EMMA, YUI).fills("emma", asked, who="yui", role="agent")
    assert says(said(answer), "en", "agent.done", person="田中 結衣")


# --- how commands are called --------------------------------------------------------------------------------


async def test_texts_name_commands_as_the_platform_calls_them(window: Window, database: Database) -> None:
    there = replace(window, names={"queue": "desk-queue", "help": "madoguchi-help"})
    assert "/desk-queue " in said(await there.types("ken", "/show 9999"))
    listed = rows(await there.types("ken", "/help"))
    assert {"/desk-queue support", "/madoguchi-help", "/claim 1042"} <= set(listed)
    assert "/queue " in said(await window.types("ken", "/show 9999"))


async def test_no_name_is_changed_in_what_people_wrote(window: Window, database: Database) -> None:
    there = replace(window, names={"queue": "desk-queue"})
    asked = Invocation("workspace", "ken", "queue", "ken", SUPPORT.channel, "", "/queue")
    answer = await there.call(asked)
    assert isinstance(answer, Card)
    assert says(answer.title, "en", "refused.no_queue", given="/queue")
