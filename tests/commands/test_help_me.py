"""Help me: who hears of it, what they read, and what whoever asks again is told."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from adapters.operations.metrics import Metrics
from bot.chat.card import Card, Tone
from bot.chat.invocation import pressed
from bot.domain.agent import Role
from bot.notices import NoticeKind
from bot.ports import Handle
from tests.commands.window import Window
from tests.flows.phone_office import SUPERVISORS, PhoneOffice, a_phone_office
from tests.support.texts import says

HELP = NoticeKind.HELP


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[PhoneOffice]:
    async with a_phone_office(database_url) as opened:
        yield opened


async def told(office: PhoneOffice) -> list[str]:
    return sorted({channel for channel, _ in await office.said(HELP)})


async def nobody_supervises(office: PhoneOffice) -> None:
    async with office.database.transaction() as tx:
        for name in SUPERVISORS:
            await tx.agents.enrol(Handle("workspace", name.lower()), name, Role.AGENT, "en", "UTC")


# --- who is told --------------------------------------------------------------------------------------------


async def test_all_supervisors_who_are_there_hear_of_it_and_the_asker_who(office: PhoneOffice) -> None:
    await office.goes_away("Mia")
    await office.begins()
    answer = await office.types("Hana", "/help me May we pay?")
    assert says(answer.title, "en", "help_me.asked", names="Emma, Rei")
    assert await told(office) == ["@emma", "@rei"]


async def test_when_all_are_away_all_hear_of_it(office: PhoneOffice) -> None:
    for name in SUPERVISORS:
        await office.goes_away(name)
    await office.begins()
    await office.types("Hana", "/help me")
    assert await told(office) == ["@emma", "@mia", "@rei"]


async def test_a_supervisor_asks_the_others(office: PhoneOffice) -> None:
    await office.begins("Mia")
    await office.types("Mia", "/help me")
    assert await told(office) == ["@emma", "@rei"]


async def test_without_a_supervisor_experts_are_asked_at_once_and_only_once(office: PhoneOffice) -> None:
    await nobody_supervises(office)
    await office.begins(about="What does the law say of customs?")
    answer = await office.types("Hana", "/help me")
    assert says(answer.title, "en", "help_me.asked", names="Customs, Law")
    assert await told(office) == ["@ken", "customs"]
    assert await office.tick(seconds=90) == 0


@pytest.mark.parametrize("by", ["subject", "tag", "words"])
async def test_a_topic_fits_by_the_subject_a_tag_or_what_is_asked(office: PhoneOffice, by: str) -> None:
    await nobody_supervises(office)
    call = await office.begins(about="A question of law" if by == "subject" else "The parcel is late")
    if by == "tag":
        await office.types("Hana", f"/tag {call.inquiry} LAW")
    await office.types("Hana", "/help me is that the law?" if by == "words" else "/help me")
    assert await told(office) == ["@ken"]


async def test_an_expert_is_not_asked_by_themselves(office: PhoneOffice) -> None:
    await nobody_supervises(office)
    await office.begins("Ken", about="A question of law")
    answer = await office.types("Ken", "/help me")
    assert (answer.tone, says(answer.title, "en", "help_me.nobody")) == (Tone.ALERT, True)
    assert await told(office) == []


async def test_whoever_was_asked_may_advise_and_nobody_else(office: PhoneOffice) -> None:
    await nobody_supervises(office)
    call = await office.begins(about="A question of law")
    await office.types("Hana", "/help me")
    async with office.database.snapshot() as tx:
        asked = [await tx.help_requests.asked(call.id, office.people[one].id) for one in ("Ken", "Emma")]
    assert asked == [True, False]


async def test_whoever_was_asked_may_look_at_the_call_and_not_change_it(office: PhoneOffice) -> None:
    await nobody_supervises(office)
    call = await office.begins(about="A question of law")
    line = f"/phone call:{call.id}"
    assert says((await office.types("Ken", line)).title, "en", "phone.not_yours", person="Hana")
    await office.types("Hana", "/help me")
    assert (await office.types("Ken", line)).tone is not Tone.ALERT
    assert says((await office.types("Emma", line)).title, "en", "phone.not_yours", person="Hana")
    assert says(
        (await office.types("Ken", f"/phone still call:{call.id}")).title, "en", "phone.not_yours", person="Hana"
    )


async def test_who_is_asked_in_a_channel_may_be_anybody(office: PhoneOffice) -> None:
    await nobody_supervises(office)
    call = await office.begins(about="customs")
    await office.types("Hana", "/help me")
    async with office.database.snapshot() as tx:
        assert await tx.help_requests.asked(call.id, office.people["Emma"].id)


# --- again --------------------------------------------------------------------------------------------------


async def test_asked_again_nothing_is_added_and_it_says_who_was_told(office: PhoneOffice) -> None:
    await office.begins()
    await office.types("Hana", "/help me May we?")
    office.time.forward(timedelta(minutes=3))
    answer = await office.types("Hana", "/help me May we?")
    assert says(answer.title, "en", "help_me.asked_before", names="Emma, Mia, Rei", since="3 minutes ago")
    assert await office.said(HELP) == [("@emma", 1), ("@mia", 1), ("@rei", 1)]


async def test_new_words_are_added_to_what_everybody_sees(office: PhoneOffice) -> None:
    await office.begins()
    await office.types("Hana", "/help me")
    answer = await office.types("Hana", "/help me May we pay?")
    assert says(answer.title, "en", "help_me.added", names="Emma, Mia, Rei")
    await office.delivers()
    assert [one.card["quote"] for one in office.standing(HELP)] == ["May we pay?"] * 3


async def test_after_an_answer_it_can_be_asked_anew(office: PhoneOffice) -> None:
    call = await office.begins()
    await office.types("Hana", "/help me")
    await office.advises(call)
    answer = await office.types("Hana", "/help me And now?")
    assert says(answer.title, "en", "help_me.asked")
    async with office.database.snapshot() as tx:
        assert [one.is_open for one in await tx.help_requests.of_call(call.id)] == [False, True]


async def test_pressed_twice_at_once_it_is_asked_once(office: PhoneOffice) -> None:
    call = await office.begins()
    other = office.time.database() if "postgresql" in office.database.url else office.database
    windows = [Window(one, office.time, Metrics()) for one in (office.database, other)]
    pressed_ = f"help_me:::call={call.id}"
    await asyncio.gather(*(one.presses("hana", pressed_) for one in windows * 2))
    if other is not office.database:
        await other.close()
    async with office.database.snapshot() as tx:
        assert len(await tx.help_requests.of_call(call.id)) == 1


@pytest.mark.parametrize("line", ["/help me", "/help me call:{other}", "/help me call:{own}"])
async def test_on_no_call_or_anothers_it_is_refused(office: PhoneOffice, line: str) -> None:
    own, other = await office.begins(), await office.begins("Ken", "+819087654321")
    await office.ends(own)
    answer = await office.types("Hana", line.format(own=own.id, other=other.id))
    assert says(answer.title, "en", "help_me.no_call")
    assert await told(office) == []


# --- what they read -----------------------------------------------------------------------------------------


async def test_the_message_says_who_asks_about_what_and_hides_the_number(office: PhoneOffice) -> None:
    call = await office.begins()
    await office.types("Hana", f"/customer caution customer:{call.inquiry} reason:Insulting")
    await office.types("Hana", "/help me May we pay?")
    await office.delivers()
    [message] = office.standing(HELP, "@emma")
    card = message.card
    assert says(card["title"], "en", "help_me.wanted", person="Hana")
    shown = str(card)
    for words in ("The parcel is late", "May we pay?", "Insulting", "090-••••-5678"):
        assert words in shown
    assert "1234" not in shown
    assert [pressed(one["call"])[0] for one in card["buttons"]] == ["whisper", "phone"]
    assert all(pressed(one["call"])[1] == {"call": str(call.id)} for one in card["buttons"])


async def test_a_channel_reads_what_it_is_about_and_not_with_whom(office: PhoneOffice) -> None:
    call = await office.begins(about="Held by customs")
    await office.types("Hana", f"/customer caution customer:{call.inquiry} reason:Insulting")
    await office.types("Hana", "/help me May we pay?")
    await office.tick(seconds=60)
    await office.delivers()
    [there], [at_emmas] = office.standing(HELP, "customs"), office.standing(HELP, "@emma")
    assert "Held by customs" in str(there.card)
    assert "May we pay?" in str(there.card)
    for hidden in ("090", "5678", "Insulting"):
        assert hidden in str(at_emmas.card), "the control: a supervisor reads it"
        assert hidden not in str(there.card)


async def test_everybody_reads_who_is_advising_and_then_that_the_call_is_over(office: PhoneOffice) -> None:
    call = await office.begins()
    await office.types("Hana", "/help me")
    await office.delivers()
    office.time.forward(timedelta(minutes=2))
    await office.advises(call, "Rei")
    await office.delivers()
    for one in office.standing(HELP):
        assert says(one.card["title"], "en", "help_me.advising", person="Rei", asker="Hana")
        assert "01:02" in str(one.card["lines"])
    await office.ends(call)
    await office.delivers()
    for one in office.standing(HELP):
        assert says(one.card["title"], "en", "help_me.advised", person="Rei", asker="Hana")
        assert [pressed(each["call"])[0] for each in one.card["buttons"]] == ["phone"]


async def test_the_button_of_the_asker_needs_no_words(office: PhoneOffice) -> None:
    call = await office.begins()
    answer = await Window(office.database, office.time, Metrics()).presses("hana", f"help_me:::call={call.id}")
    assert isinstance(answer, Card)
    assert says(answer.title, "en", "help_me.asked")
