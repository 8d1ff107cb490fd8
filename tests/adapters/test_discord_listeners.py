"""Discord in: every way of asking becomes a call of the desk, has its first response in time, and gets its answer."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import discord as library
import pytest

from adapters.discord.app_commands import CommandShape, OptionShape
from adapters.discord.limits import LIMITS
from adapters.discord.marks import custom_id, mark_of
from adapters.discord.modals import CARRIED, fitting, for_button
from bot.chat.card import Button, Card, Choice, Form, Input, InputKind, Item, Tone
from bot.chat.command import Kind
from bot.chat.invocation import Answer, Invocation, call, pressed
from bot.ports import MessageRef
from tests.adapters.discord_office import GUARD, TEXTS, Office, RecordingDesk, open_office, texts, until
from tests.fakes import discord_payloads
from tests.fakes.discord import FakeDiscord, Faults, Posted
from tests.fakes.discord_people import APP, BOT_USER, EMMA, GUILD, HANA, KEN, OTTO, SUPPORT
from tests.journeys.discord_reading import seen_card

LONG = "x" * 900
SLOW = 0.05
"""Seconds after which these tests' answers are late, so that nobody waits for two."""


def note_form(more: str = "") -> Form:
    return Form(
        title="Note on #7",
        call=call("note", 7, 3, **({"about": more} if more else {})),
        inputs=(Input("text", "Note", InputKind.PARAGRAPH, required=True), Input("who", "Who", InputKind.MEMBER)),
        submit="Save",
        cancel="Cancel",
    )


def form_first(asked: Invocation) -> Answer:
    """A form until it is filled in."""
    return Card("note done") if "text" in asked.options else note_form()


@pytest.fixture
async def discord() -> AsyncIterator[FakeDiscord]:
    server = FakeDiscord()
    await server.open()
    yield server
    await server.close()
    assert server.unknown_keys == []


@pytest.fixture
async def office(discord: FakeDiscord) -> AsyncIterator[Office]:
    async with open_office(discord) as opened:
        yield opened


@pytest.fixture
async def swift(discord: FakeDiscord) -> AsyncIterator[Office]:
    """An office in which answers are late at once."""
    async with open_office(discord, quick=SLOW) as opened:
        yield opened


async def card_with(office: Office, *calls: str, channel: str = SUPPORT, key: str = "k1") -> MessageRef:
    """A card of ours with these buttons, posted by the platform itself."""
    buttons = tuple(Button(f"Go {number}", one) for number, one in enumerate(calls))
    return await office.platform.post(channel, Card("#7 Broken", buttons=buttons), key)


def last(office: Office, user: str) -> Posted:
    return office.discord.ephemerals(user)[-1]


# --- ways in ----------------------------------------------------------------------------------------------------


async def test_a_command_is_a_call_and_its_answer_is_for_the_asker_alone(office: Office) -> None:
    outcome = await office.discord.command("hana", "support", "assign", {"inquiry": "#1001", "person": "ken"})
    asked = await office.desk.called()
    assert (outcome.kind, outcome.error) == ("message", "")
    assert (asked.platform, asked.user, asked.verb, asked.channel) == ("discord", HANA, "assign", SUPPORT)
    assert dict(asked.options) == {"inquiry": "#1001", "person": "ken"}
    assert (asked.event, asked.language, asked.user_name, asked.message) == (outcome.id, "ja", "佐藤 花", "")
    assert asked.profiles[HANA].is_member
    assert "assign done" in last(office, "hana").text
    assert office.discord.messages("support") == []


async def test_a_chosen_member_is_told_of_without_asking_discord(office: Office) -> None:
    await until(lambda: [method for method, _, _ in office.discord.answers].count("get_commands") == 2)
    before = len(office.discord.answers)
    await office.discord.command("emma", "support", "agent", {"who": "ken", "role": "Agent"})
    asked = await office.desk.called()
    assert dict(asked.options) == {"who": KEN, "role": "agent"}
    assert (asked.profiles[KEN].name, asked.profiles[KEN].is_member) == ("Ken", True)
    assert [method for method, _, _ in office.discord.answers[before:]] == ["callback"]


async def test_a_command_in_a_cards_thread_is_about_that_card(office: Office) -> None:
    card = await card_with(office, call("claim", 7, 3))
    await until(lambda: office.discord.threads("support"))
    await office.discord.command("ken", card.message, "/claim")
    asked = await office.desk.called()
    assert (asked.verb, asked.channel, asked.message, dict(asked.options)) == ("claim", SUPPORT, card.message, {})


async def test_a_pressed_button_is_a_call_about_its_card(office: Office) -> None:
    card = await card_with(office, call("claim", 7, 3, page="2"))
    outcome = await office.discord.press("ken", "support", card.message, "Go 0")
    asked = await office.desk.called()
    assert (asked.verb, dict(asked.options), asked.seen) == ("claim", {"inquiry": "7", "page": "2"}, 3)
    assert (asked.channel, asked.message, asked.event) == (SUPPORT, card.message, outcome.id)
    assert "claim done" in last(office, "ken").text
    assert office.discord.messages("support")[0].updates == 0


# --- replies ----------------------------------------------------------------------------------------------------

US = f"<@{BOT_USER}>"


async def board(office: Office) -> str:
    """A message of ours whose answers are words for those on the phone; it has a thread."""
    posted = await card_with(office, call("whisper", call="1"))
    await until(lambda: office.discord.threads("support"))
    office.desk.boards.add(posted.message)
    return posted.message


def directly(office: Office, user: str) -> list[str]:
    return [one.text for one in office.discord.messages(f"@{user}")]


async def test_a_reply_to_a_board_is_handed_on_and_gets_a_mark_and_no_word(office: Office) -> None:
    above = await board(office)
    before = len(office.discord.messages("support"))
    written = office.discord.say("ken", "support", f"<@{HANA}> offer *a new one*", answers=above)
    asked = await office.desk.called()
    assert (asked.platform, asked.user, asked.channel, asked.message) == ("discord", KEN, SUPPORT, above)
    assert (asked.verb, asked.event, asked.options) == (
        "whisper",
        written.id,
        {"reply": f"<@{HANA}> offer *a new one*"},
    )
    assert {user: one.is_member for user, one in asked.profiles.items()} == {KEN: True, HANA: True}
    await office.seen(lambda: written.reactions)
    assert written.reactions == ["✅"]
    assert len(office.discord.messages("support")) == before + 1
    assert directly(office, "ken") == []


async def test_our_name_in_the_thread_of_a_board_does_as_well(office: Office) -> None:
    above = await board(office)
    written = office.discord.say("ken", above, f"{US} Hana offer a refund")
    asked = await office.desk.called()
    assert (asked.channel, asked.message, asked.options) == (SUPPORT, above, {"reply": "Hana offer a refund"})
    await office.seen(lambda: written.reactions)


@pytest.mark.parametrize(
    "answer",
    [Card("No, not you.", tone=Tone.ALERT), Card("As a note?", buttons=(Button("Yes", "whisper"),)), note_form()],
    ids=["refused", "asked back", "a form"],
)
async def test_what_needs_words_is_told_by_direct_message(office: Office, answer: Answer) -> None:
    office.desk.answers = lambda _: answer
    above = await board(office)
    before = len(office.discord.messages("support"))
    written = office.discord.say("ken", "support", "offer a refund", answers=above)
    await office.seen(lambda: directly(office, "ken"))
    assert answer.title in directly(office, "ken")[0]
    assert written.reactions == []
    assert len(office.discord.messages("support")) == before + 1


async def test_who_lets_us_set_no_marks_is_told_by_direct_message(office: Office) -> None:
    above = await board(office)
    office.discord.deny("support", "add_reactions")
    written = office.discord.say("ken", "support", "offer a refund", answers=above)
    await office.seen(lambda: directly(office, "ken"))
    assert "whisper done" in directly(office, "ken")[0]
    assert written.reactions == []


async def test_a_reply_that_does_not_call_us_comes_without_its_words(office: Office) -> None:
    """Discord does not tell them; whoever decides sees that there are none."""
    office.discord.say("ken", "support", "offer a refund", answers=await board(office), pings=False)
    assert (await office.desk.called()).options == {"reply": ""}


async def test_replies_to_our_other_messages_are_asked_about_and_nobody_is_answered(office: Office) -> None:
    card = await card_with(office, call("claim", 7, 3))
    written = office.discord.say("ken", "support", "has anybody seen this?", answers=card.message)
    await until(lambda: office.desk.replies)
    await office.listeners.close()
    assert (office.desk.calls, written.reactions, directly(office, "ken")) == ([], [], [])


async def test_a_reply_told_twice_is_answered_once(office: Office) -> None:
    above = await board(office)
    written = office.discord.say("ken", "support", "offer a refund", answers=above)
    office.discord.gateway.publish("MESSAGE_CREATE", office.discord.world.told_newly(written), SUPPORT)
    await until(lambda: len(office.desk.replies) == 2)
    await office.seen(lambda: written.reactions)
    await office.listeners.close()
    assert {one.event for one in office.desk.replies} == {written.id}
    assert [name for name, _, _ in office.discord.answers].count("react") == 1
    assert directly(office, "ken") == []


async def test_other_messages_are_not_heard(office: Office) -> None:
    above = await board(office)
    theirs = office.discord.say("hana", "support", "hello").id
    office.discord.say("ken", "support", f"{US} hello")
    office.discord.say("ken", "support", f"{US} hello", answers=theirs)
    office.discord.say("ken", above, "between us")
    office.discord.say("ken", "@ken", f"{US} hello")
    await office.platform.reply(MessageRef(SUPPORT, above), Card("ours"), "k9")
    office.discord.say("ken", "support", "the next", answers=above)
    await office.desk.called()
    assert [one.text for one in office.desk.replies] == ["the next"]


GARBLED: dict[str, dict[str, Any]] = {
    "nobody": {"author": None},
    "a number": {"author": {"id": 7}},
    "a bot": {"author": {"id": KEN, "bot": True}},
    "a webhook": {"webhook_id": "17"},
    "no list": {"mentions": {"id": BOT_USER}, "message_reference": "x"},
    "no kind": {"type": None},
    "a pin": {"type": 6},
    "no number": {"channel_id": "x"},
    "no guild": {"guild_id": None},
    "a far guild": {"guild_id": "no"},
    "forwarded": {"message_reference": {"type": 1, "message_id": "1"}},
}


@pytest.mark.parametrize("wrong", GARBLED.values(), ids=GARBLED)
async def test_messages_that_make_no_sense_come_to_nothing(office: Office, wrong: dict[str, Any]) -> None:
    above = await board(office)
    plain = office.discord.world.told_newly(office.discord.say("ken", "support", "x", answers=above))
    await office.desk.called()
    for session in office.discord.gateway.sessions.values():
        told = {**plain, "id": "9", "guild_id": GUILD, **wrong}
        office.discord.gateway._dispatch(session, "MESSAGE_CREATE", told)
    office.discord.say("ken", "support", "the next", answers=above)
    await office.desk.called(2)
    assert [one.text for one in office.desk.replies] == ["x", "the next"]


class FailingDesk(RecordingDesk):
    async def reply(self, invocation: Invocation) -> Answer | None:
        raise LookupError


async def test_a_reply_that_fails_is_regretted_once_and_directly(
    discord: FakeDiscord, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_office(discord, FailingDesk()) as office:
        discord.say("ken", "support", "offer a refund", answers=await board(office))
        await office.seen(lambda: directly(office, "ken"))
        assert "Our fault" in directly(office, "ken")[0]
    assert [one.exc_info is not None for one in caplog.records if "a reply in discord" in one.message] == [True]


async def test_an_answer_to_what_only_one_person_sees_takes_its_place(office: Office) -> None:
    def turn(asked: Invocation) -> Answer:
        page = int(asked.options.get("page", "1"))
        return Card(f"page {page}", buttons=(Button("Next", call("queue", page=str(page + 1))),))

    office.desk.answers = turn
    await office.discord.command("ken", "support", "/queue")
    shown = last(office, "ken")
    outcome = await office.discord.press("ken", "support", shown, "Next")
    assert (outcome.kind, office.desk.calls[-1].message) == ("update", "")
    assert len(office.discord.ephemerals("ken")) == 1
    assert "page 2" in last(office, "ken").text


async def test_a_form_opens_and_what_is_filled_in_is_a_call(office: Office) -> None:
    card = await card_with(office, call("note", 7, 3))
    office.desk.answers = form_first
    outcome = await office.discord.press("hana", "support", card.message, "Go 0")
    assert outcome.kind == "modal"
    (modal,) = office.discord.modals("hana")
    await office.discord.submit("hana", modal, {"text": "called twice", "who": "ken"})
    asked = await office.desk.called(2)
    assert (asked.verb, asked.seen, asked.message, asked.channel) == ("note", 3, card.message, SUPPORT)
    assert dict(asked.options) == {"inquiry": "7", "text": "called twice", "who": KEN}
    assert asked.profiles[KEN].name == "Ken"
    assert "note done" in last(office, "hana").text


async def test_what_was_written_comes_back_with_a_refusal(office: Office) -> None:
    office.desk.answers = lambda asked: (
        Card("Too late", tone=Tone.ALERT) if "text" in asked.options else form_first(asked)
    )
    await office.discord.command("hana", "support", "/note")
    await office.discord.submit("hana", office.discord.modals("hana")[0], {"text": "my long\nwords"})
    assert "my long\n> words" in last(office, "hana").text


async def test_a_form_after_a_form_is_offered_by_a_button(office: Office) -> None:
    """Discord opens no modal in answer to a modal."""
    office.desk.answers = lambda asked: note_form()
    await office.discord.command("hana", "support", "/note")
    outcome = await office.discord.submit("hana", office.discord.modals("hana")[0], {"text": "x"})
    assert outcome.kind == "message"
    again = await office.discord.press("hana", "support", last(office, "hana"), "Note on #7")
    assert again.kind == "modal"


async def test_what_stands_in_a_form_after_a_form_is_shown_to_be_copied(office: Office) -> None:
    """The button begins the form anew: what was written, and why it is asked again, stand beside it."""
    written = Input("text", "Note", InputKind.PARAGRAPH, value="my long\nwords ```")
    office.desk.answers = lambda asked: (
        replace(note_form(), inputs=(written,), intro="Ken changed it.") if "text" in asked.options else note_form()
    )
    await office.discord.command("hana", "support", "/note")
    await office.discord.submit("hana", office.discord.modals("hana")[0], {"text": "my long\nwords ```"})
    offered = seen_card({"components": last(office, "hana").components}, "support")
    assert offered.copy == "my long\nwords ```"
    assert offered.lines == ("Ken changed it.", texts("ja")["platform.form"], texts("ja")["platform.written"])


async def test_commands_of_two_words_are_called_by_their_verb_and_spelt_as_discord_has_them(
    discord: FakeDiscord,
) -> None:
    shapes = (CommandShape("note_edit", {"en": "Change it"}, (OptionShape("queue", Kind.QUEUE),)),)
    async with open_office(discord, shapes=shapes) as office:
        await discord.command("hana", "support", "note-edit", {"queue": "support"})
        asked = await office.desk.called()
        assert (asked.verb, dict(asked.options)) == ("note_edit", {"queue": "support"})
        await discord.autocomplete("hana", "support", "note-edit", "queue", "s")
        assert [(one.verb, option, typed) for one, option, typed in office.desk.completed] == [
            ("note_edit", "queue", "s")
        ]


async def test_a_message_becomes_an_inquiry_by_its_menu(office: Office) -> None:
    said = office.discord.say("emma", "support", f"broken, ask <@{KEN}> soon")
    told = {"content": said.content, "mentions": [office.discord.world.users[KEN].told()]}
    await begin_from(office, said, told)
    asked = await office.desk.called()
    assert (asked.verb, asked.channel, asked.message) == ("new", SUPPORT, said.id)
    assert dict(asked.options) == {"text": "broken, ask @Ken Miller soon", "customer": "Emma Clark"}


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ({"embeds": [{"title": "Alert", "description": "disk full"}]}, "Alert\ndisk full"),
        ({"attachments": [{"id": "1", "filename": "photo.png", "size": 1, "url": "u", "proxy_url": "p"}]}, "photo.png"),
        ({}, ""),
    ],
)
async def test_a_message_without_words_says_what_it_shows(office: Office, told: dict[str, Any], text: str) -> None:
    await begin_from(office, office.discord.say("emma", "support", ""), told)
    assert (await office.desk.called()).options["text"] == text


async def begin_from(office: Office, said: Posted, told: dict[str, Any]) -> None:
    """Hana chooses our entry in the menu of a message, which Discord shows whole then."""
    world = office.discord.world
    message = world.told(said) | told
    data = {"id": "1", "name": "Make an inquiry of this", "type": 3, "guild_id": GUILD, "target_id": said.id}
    data["resolved"] = {"messages": {said.id: message}}
    of = world.interact(2, HANA, SUPPORT)
    office.discord.gateway.interact(discord_payloads.interaction(world, of, data))


async def test_a_row_of_a_menu_is_its_call(office: Office) -> None:
    """Cards with more rows than Discord has room for offer them in a menu."""
    rows = tuple(Item((f"#{n}",), button=Button(f"Open #{n}", call("show", n))) for n in range(1, 41))
    office.desk.answers = lambda asked: Card("Queue", items=rows) if asked.verb == "queue" else Card("one")
    await office.discord.command("ken", "support", "/queue")
    menus = [one for one in office.discord.ephemerals("ken")[0].components[0]["components"] if one["type"] == 1]
    menu = next(one for row in menus for one in row["components"] if one["type"] == 3)
    await office.discord.choose("ken", "support", last(office, "ken"), menu["custom_id"], menu["options"][3]["value"])
    asked = await office.desk.called(2)
    assert (asked.verb, asked.options["inquiry"]) == ("show", pressed(menu["options"][3]["value"])[1]["inquiry"])


async def test_a_press_in_direct_messages_knows_its_presser(office: Office) -> None:
    """Discord tells nothing of a member there, and is asked."""
    card = await office.platform.whisper(KEN, Card("It waits", buttons=(Button("Claim", call("claim", 7, 3)),)), "w1")
    outcome = await office.discord.press("ken", "@ken", card.message, "Claim")
    asked = await office.desk.called()
    assert outcome.kind == "message"
    assert (asked.channel, asked.profiles[KEN].is_member) == (card.channel, True)


async def test_somebody_who_left_the_server_is_no_member(office: Office) -> None:
    card = await office.platform.whisper(KEN, Card("It waits", buttons=(Button("Claim", call("claim", 7, 3)),)), "w1")
    office.discord.leave("ken")
    await office.discord.press("ken", "@ken", card.message, "Claim")
    assert not (await office.desk.called()).profiles[KEN].is_member


async def test_the_desk_hears_once_of_each_person_what_is_new(discord: FakeDiscord) -> None:
    async with open_office(discord, agent_roles=("Agents",), supervisor_roles=("Supervisors",)) as office:
        for _ in range(2):
            await discord.command("hana", "support", "/queue")
        await discord.command("emma", "support", "agent", {"who": "hana"})
        assert [(one.user, one.role, one.language) for one in office.desk.met] == [
            (HANA, "agent", "ja"),
            (EMMA, "supervisor", "en"),
        ]
        discord.take_role("hana", "Agents")
        await discord.command("hana", "support", "/queue")
        assert (office.desk.met[-1].user, office.desk.met[-1].role) == (HANA, "none")


async def test_nobody_loses_their_role_because_the_server_is_not_there_yet(discord: FakeDiscord) -> None:
    """discord.py knows no roles of a server that is unavailable; what it makes of them would be "none"."""
    async with open_office(discord, agent_roles=("Agents",)) as office:
        discord.gateway.publish("GUILD_DELETE", {"id": GUILD, "unavailable": True}, "")
        await discord.command("hana", "support", "/queue")
        assert [(one.user, one.role) for one in office.desk.met] == [(HANA, "agent")]


# --- told twice, late, stalled ----------------------------------------------------------------------------------


async def test_what_is_told_twice_is_answered_once(office: Office) -> None:
    await office.discord.command("ken", "support", "/queue", twice=True)
    card = await card_with(office, call("claim", 7, 3))
    await office.discord.press("ken", "support", card.message, "Go 0", twice=True)
    await office.desk.called(4)
    await until(lambda: len(office.discord.ephemerals("ken")) == 2)
    assert office.desk.calls[2].event == office.desk.calls[3].event
    assert office.discord.direct("ken") == []


async def test_a_form_that_is_told_twice_opens_once(office: Office) -> None:
    office.desk.tells_twins = False
    office.desk.answers = lambda asked: note_form()
    outcome = await office.discord.command("ken", "support", "/note", twice=True)
    assert outcome.kind == "modal"
    await until(lambda: "edit_original" in [method for method, _, _ in office.discord.answers])
    assert office.discord.ephemerals("ken") == []


async def test_the_first_response_does_not_wait_for_the_database(office: Office) -> None:
    """Neither for the call, nor for taking note of who asks."""
    card = await card_with(office, call("claim", 7, 3))
    office.desk.stall()
    outcomes = await asyncio.gather(
        office.discord.press("ken", "support", card.message, "Go 0"),
        office.discord.command("hana", "support", "/queue"),
    )
    assert [(one.kind, one.error) for one in outcomes] == [("deferred", ""), ("deferred", "")]
    assert last(office, "ken").is_loading
    office.desk.go_on()
    await office.seen(lambda: "claim done" in office.shown("ken") and "queue done" in office.shown("hana"))
    assert not last(office, "ken").is_loading
    assert len(office.discord.ephemerals("ken")) == len(office.discord.ephemerals("hana")) == 1
    assert office.discord.messages("support")[0].updates == 0


async def test_waiting_for_the_desk_misses_the_three_seconds(discord: FakeDiscord) -> None:
    """The negative control: without the defer, the same press fails."""
    discord.patience = 0.3
    async with open_office(discord, quick=60.0) as office:
        office.desk.stall()
        assert (await discord.command("ken", "support", "/queue")).error == "no_response"
        office.desk.go_on()
        await until(lambda: discord.direct("ken"))
        assert "queue done" in discord.direct("ken")[0].text


async def test_a_late_answer_in_place_takes_the_place_of_what_was_pressed(swift: Office) -> None:
    swift.desk.answers = lambda asked: Card(asked.options.get("page", "1"), buttons=(Button("Next", "queue:::page=2"),))
    await swift.discord.command("ken", "support", "/queue")
    swift.desk.stall()
    outcome = await swift.discord.press("ken", "support", last(swift, "ken"), "Next")
    assert outcome.kind == "deferred_update"
    swift.desk.go_on()
    await swift.seen(lambda: last(swift, "ken").text.startswith("2"))
    assert len(swift.discord.ephemerals("ken")) == 1


async def test_a_late_form_is_offered_by_a_button(swift: Office) -> None:
    card = await card_with(swift, call("note", 7, 3))
    swift.desk.answers = form_first
    swift.desk.stall()
    outcome = await swift.discord.press("hana", "support", card.message, "Go 0")
    assert outcome.kind == "deferred"
    swift.desk.go_on()
    await swift.seen(lambda: TEXTS["platform.form"] in swift.shown("hana"))
    assert "ja" in swift.shown("hana").partition("Press")[0]
    again = await swift.discord.press("hana", "support", last(swift, "hana"), "Note on #7")
    assert again.kind == "modal"


async def test_an_answer_after_the_token_comes_by_direct_message(swift: Office) -> None:
    swift.desk.stall()
    await swift.discord.command("ken", "support", "/queue")
    swift.discord.world.token_life = -1.0
    swift.desk.go_on()
    await swift.seen(lambda: swift.discord.direct("ken"))
    assert "queue done" in swift.discord.direct("ken")[0].text


async def test_who_takes_no_direct_messages_is_told_so_in_the_channel_and_nothing_else(swift: Office) -> None:
    swift.desk.stall()
    swift.discord.close_dm("ken")
    await swift.discord.command("ken", "support", "/queue")
    swift.discord.world.token_life = -1.0
    swift.desk.go_on()
    await swift.seen(lambda: swift.discord.messages("support"))
    (word,) = swift.discord.messages("support")
    assert "Ken, open your direct messages." in word.text.replace("\\", "")
    assert "queue" not in word.text
    assert word.pinged == []


async def test_a_lost_first_response_is_made_up_for(swift: Office) -> None:
    """It went through, and its answer did not: trying again, Discord says that it was answered."""
    swift.discord.set_faults(Faults(lost=1.0, methods=["callback"]))
    await swift.discord.command("ken", "support", "/queue")
    await until(lambda: [said for method, _, said in swift.discord.answers if method == "callback"][-1] == "40060")
    swift.discord.set_faults(Faults())
    await until(lambda: "edit_original" in [method for method, _, _ in swift.discord.answers])
    assert "queue done" in swift.shown("ken")
    assert len(swift.discord.ephemerals("ken")) == 1


async def test_a_first_response_is_insisted_on(swift: Office) -> None:
    swift.discord.set_faults(Faults(broken=1.0, methods=["callback"]))
    asking = asyncio.create_task(swift.discord.command("ken", "support", "/queue"))
    await until(lambda: [one for one in swift.discord.answers if one[0] == "callback"])
    swift.discord.set_faults(Faults())
    outcome = await asking
    assert (outcome.kind, outcome.error) == ("message", "")


async def test_an_answer_outlives_the_gateways_connection(swift: Office) -> None:
    swift.desk.stall()
    await swift.discord.command("ken", "support", "/queue")
    swift.discord.forget()
    swift.discord.drop()
    await until(lambda: swift.discord.gateway.identifies == 2)
    swift.desk.go_on()
    await swift.seen(lambda: "queue done" in swift.shown("ken"))


# --- old and strange --------------------------------------------------------------------------------------------


async def test_buttons_menus_and_forms_survive_a_restart(discord: FakeDiscord) -> None:
    async with open_office(discord) as before:
        before.desk.answers = lambda asked: note_form()
        card = await card_with(before, call("claim", 7, 3), call("note", 7, 3))
        await discord.command("ken", "support", "/queue")
        await discord.command("hana", "support", "/note")
    async with open_office(discord) as after:
        (modal,) = discord.modals("hana")
        pressing = await discord.press("emma", "support", card.message, "Go 0")
        submitting = await discord.submit("hana", modal, {"text": "still here"})
        assert (pressing.error, submitting.error) == ("", "")
        assert [(one.verb, one.options.get("text")) for one in after.desk.calls] == [
            ("claim", None),
            ("note", "still here"),
        ]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "|",
        "garbage",
        "inq:42:claim:7",
        "|abcdefgh",
        "claim:x:y|abcdefgh",
        "Claim!|",
        "あ い|",
        "claim:1:x|" + "a" * 8,
    ],
)
async def test_a_button_that_says_nothing_is_answered_in_words(office: Office, name: str) -> None:
    outcome = await press_raw(office, {"component_type": 2, "custom_id": name, "id": 3})
    assert outcome == 4
    assert office.desk.calls == []
    assert TEXTS["platform.garbled"] in office.shown("otto")


@pytest.mark.parametrize(
    "data",
    [
        {"custom_id": "nothing", "components": []},
        {"custom_id": "note:7|", "components": [{"type": 18, "component": {"type": 4, "custom_id": 5, "value": []}}]},
        {"custom_id": "note:7|", "components": []},
    ],
)
async def test_a_form_that_makes_no_sense_is_answered(office: Office, data: dict[str, Any]) -> None:
    assert await press_raw(office, data, kind=5) == 4


@pytest.mark.parametrize(
    "more",
    [
        {"message": {"id": "5"}},
        {"message": None},
        {"channel": {"id": "1", "type": 99}},
        {"member": {"user": {"id": OTTO}}},
        {"data": {"component_type": "x"}},
        {"data": {}},
        {"entitlements": 7},
        {"attachment_size_limit": None, "version": None, "authorizing_integration_owners": 5},
    ],
)
async def test_what_discord_py_cannot_read_is_answered_in_words(office: Office, more: dict[str, Any]) -> None:
    outcome = await press_raw(office, {"component_type": 2, "custom_id": "claim:7:3|abcdefgh", "id": 3}, more=more)
    assert outcome == 4
    assert (await office.discord.command("ken", "support", "/queue")).error == ""


async def press_raw(office: Office, data: dict[str, Any], kind: int = 3, more: dict[str, Any] | None = None) -> int:
    """Tell of a press by a payload made by hand; the kind of the first response."""
    world = office.discord.world
    posted = world.add(SUPPORT, APP, "", flags=1 << 15)
    of = world.interact(kind, OTTO, SUPPORT, posted.id)
    told = discord_payloads.interaction(world, of, data, world.told(posted)) | (more or {})
    office.discord.gateway.interact(told)
    await until(lambda: of.first)
    return of.first


async def test_a_command_that_we_know_no_more_is_a_call_all_the_same(office: Office) -> None:
    office.discord.world.commands[GUILD].append(
        office.discord.commands()[0]
        | {"id": "77", "name": "former", "options": [{"type": 3, "name": "what", "description": "What"}]}
    )
    outcome = await office.discord.command("ken", "support", "former", {"what": "x"})
    assert outcome.kind == "message"
    assert ((await office.desk.called()).verb, office.desk.calls[0].options) == ("former", {"what": "x"})


async def test_a_bug_of_ours_is_owned_up_to(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: Invocation) -> Answer:
        raise ZeroDivisionError

    office.desk.answers = fail
    with caplog.at_level(logging.ERROR):
        outcome = await office.discord.command("ken", "support", "/queue")
    assert outcome.kind == "message"
    (record,) = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert f"Our fault ({record.__dict__['reference']})" in office.shown("ken").replace("\\", "")


# --- forms and buttons that are too long ------------------------------------------------------------------------


def test_an_option_too_long_for_a_modal_becomes_a_field_of_it() -> None:
    form = fitting(note_form(LONG), "Text")
    assert len(form.call) <= CARRIED
    assert form.inputs[-1] == Input("about", "Text", InputKind.PARAGRAPH, value=LONG)
    assert fitting(note_form(), "Text") == note_form()


def test_an_option_too_long_for_a_button_is_shown_whole() -> None:
    carried, cut = for_button(call("note", 7, 3, about=LONG))
    assert (carried, cut) == (call("note", 7, 3), LONG)
    assert for_button(call("note", 7, 3)) == (call("note", 7, 3), "")


def test_what_a_button_carries_has_room_for_its_mark() -> None:
    assert len(custom_id("x" * CARRIED, mark_of("key"))) <= 100
    assert LIMITS["call"] == CARRIED


async def test_a_long_option_comes_back_from_its_form(office: Office) -> None:
    office.desk.answers = lambda asked: note_form(LONG) if "text" not in asked.options else Card("done")
    await office.discord.command("hana", "support", "/note")
    await office.discord.submit("hana", office.discord.modals("hana")[0], {"text": "short"})
    assert dict((await office.desk.called(2)).options) == {"inquiry": "7", "text": "short", "who": "", "about": LONG}


# --- suggestions ------------------------------------------------------------------------------------------------


async def test_what_may_be_typed_is_suggested(office: Office) -> None:
    office.desk.choices = [Choice(str(n), f"#{n} Subject {'x' * 200}") for n in range(40)]
    outcome = await office.discord.autocomplete("hana", "support", "assign", "inquiry", "#10", {"person": "ken"})
    asked, option, typed = office.desk.completed[0]
    assert (asked.verb, asked.user, asked.language, option, typed) == ("assign", HANA, "ja", "inquiry", "#10")
    assert dict(asked.options) == {"person": "ken"}
    assert asked.profiles[HANA].is_member
    assert len(outcome.choices) == 25
    assert (outcome.choices[0]["value"], len(outcome.choices[0]["name"])) == ("0", 100)


async def test_suggestions_that_do_not_come_in_time_are_none(office: Office) -> None:
    office.desk.stall()
    outcome = await office.discord.autocomplete("hana", "support", "claim", "inquiry", "1")
    assert (outcome.error, outcome.choices) == ("", [])
    office.desk.go_on()


async def test_values_that_discord_does_not_take_are_left_out(office: Office) -> None:
    office.desk.choices = [Choice("x" * 101, "long"), Choice("", "empty"), Choice("good", "")]
    outcome = await office.discord.autocomplete("hana", "support", "claim", "inquiry", "")
    assert outcome.choices == [{"name": "good", "value": "good"}]


# --- stopping ---------------------------------------------------------------------------------------------------


async def test_calls_under_way_are_ended_when_we_stop(discord: FakeDiscord) -> None:
    desk = RecordingDesk()
    async with asyncio.timeout(GUARD):
        async with open_office(discord, desk, quick=SLOW, last=0.05):
            desk.stall()
            await discord.command("ken", "support", "/queue")
    assert (len(desk.met), desk.calls) == (1, [])
    assert [one.get_name() for one in asyncio.all_tasks() if "discord" in one.get_name()] == []


def test_the_texts_of_these_tests_are_those_that_the_adapter_asks_for() -> None:
    assert texts("ja")["platform.late"].startswith("[ja]")
    assert library.__version__ == "2.7.1"
