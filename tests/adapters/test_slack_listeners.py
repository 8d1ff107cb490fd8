"""Slack in: every way of asking becomes a call of the desk, is acknowledged at once, and gets its answer."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.bolt import ANY, dispatched
from adapters.slack.modals import KEEPS, KEEPS_CALL
from adapters.slack.typed import plain, typed
from bot.chat.card import Button, Card, Form, Input, InputKind, Tone
from bot.chat.invocation import Answer, Invocation, call, pressed
from bot.chat.profile import Profile
from tests.adapters.slack_office import TEXTS, Office, open_office, until
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_blocks import elements
from tests.fakes.slack_faults import Faults

NOTE = Form(
    title="Note on #7",
    call=call("note", 7, 3),
    inputs=(
        Input("text", "Note", InputKind.PARAGRAPH, required=True),
        Input("who", "Who", InputKind.MEMBER),
    ),
    submit="Save",
    cancel="Cancel",
)


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    server = FakeSlack()
    await server.open()
    yield server
    await server.close()


@pytest.fixture(params=["socket", "http"])
async def office(request: pytest.FixtureRequest, slack: FakeSlack) -> AsyncIterator[Office]:
    """The office, once with each way in."""
    async with open_office(slack, request.param) as opened:
        yield opened


@pytest.fixture
async def by_socket(slack: FakeSlack) -> AsyncIterator[Office]:
    async with open_office(slack, "socket") as opened:
        yield opened


def card_with(slack: FakeSlack, button: str, channel: str = "support", thread_ts: str = "") -> str:
    """A message of ours with a button; its ts."""
    block = {
        "type": "actions",
        "block_id": "b",
        "elements": [
            {"type": "button", "action_id": "a", "value": button, "text": {"type": "plain_text", "text": "Go"}}
        ],
    }
    where = slack.world.channel_named(channel).id
    return slack.world.add(where, "U0DESK", "card", [block], bot_id="B0DESK", thread_ts=thread_ts).ts


def said(blocks: object) -> str:
    return json.dumps(blocks, ensure_ascii=False)


def buttons(blocks: list[dict[str, object]]) -> list[str]:
    return [str(one["value"]) for block in blocks for one in elements(block) if one.get("value")]


# --- ways in ----------------------------------------------------------------------------------------------------


async def test_a_slash_command_is_a_call_and_its_answer_is_for_the_asker_alone(office: Office) -> None:
    outcome = await office.slack.command("hana", "support", "/assign 1001 @ken <payload> & so on")
    asked = await office.desk.called()
    assert outcome.acked is not None
    assert (asked.platform, asked.user, asked.verb, asked.channel) == ("slack", "U0HANA", "assign", "C0SUPPORT")
    assert asked.text == "1001 <@U0KEN|ken> <payload> & so on"
    assert asked.event == outcome.trigger_id
    assert (asked.language, asked.user_name) == ("ja", "hana")
    assert {user: one.is_member for user, one in asked.profiles.items()} == {"U0HANA": True, "U0KEN": True}
    await office.seen(lambda: office.slack.ephemerals("hana"))
    (answer,) = office.slack.ephemerals("hana")
    assert (answer.channel, "assign done" in said(answer.blocks)) == ("C0SUPPORT", True)
    assert office.slack.messages("support") == []


@pytest.mark.parametrize(
    ("prefix", "line", "verb"),
    [
        ("", "/queue", "queue"),
        ("", "/help", "help"),
        ("desk-", "/desk-help", "help"),
        ("", "/other", "other"),
    ],
)
async def test_commands_are_known_by_their_names_in_slack(slack: FakeSlack, prefix: str, line: str, verb: str) -> None:
    async with open_office(slack, "socket", prefix=prefix) as office:
        await slack.command("hana", "support", line)
        asked = await office.desk.called()
        assert asked.verb == verb
        assert asked.names.get("help", "help") == ("desk-help" if prefix else "help")


async def test_a_mention_in_a_thread_is_a_call_about_its_card(office: Office) -> None:
    ts = card_with(office.slack, "claim:7:1")
    outcome = await office.slack.mention("ken", "support", "<@U0DESK>　claim now", ts)
    asked = await office.desk.called()
    assert (asked.verb, asked.text, asked.message, asked.event) == ("claim", "now", ts, outcome.event_id)
    await office.seen(lambda: office.slack.ephemerals("ken"))
    assert office.slack.ephemerals("ken")[0].thread_ts == ts


# --- replies ----------------------------------------------------------------------------------------------------


def board(office: Office) -> str:
    """A message of ours whose thread takes words for those on the phone."""
    ts = card_with(office.slack, "whisper:::call=1")
    office.desk.boards.add(ts)
    office.slack.tells_messages = True
    return ts


async def test_words_under_a_board_are_handed_on_and_answered_there_to_their_writer_alone(office: Office) -> None:
    ts = board(office)
    outcome = await office.slack.reply("ken", "support", "@hana offer <a new one> & sorry", ts)
    asked = await office.desk.called()
    assert (asked.user, asked.channel, asked.message, asked.event) == ("U0KEN", "C0SUPPORT", ts, outcome.event_id)
    assert asked.options == {"reply": "<@U0HANA|hana> offer <a new one> & sorry"}
    assert {user: one.is_member for user, one in asked.profiles.items()} == {"U0HANA": True, "U0KEN": True}
    await office.seen(lambda: office.slack.ephemerals("ken"))
    (answer,) = office.slack.ephemerals("ken")
    assert (answer.thread_ts, "whisper done" in said(answer.blocks)) == (ts, True)
    assert [one.ts for one in office.slack.messages("support")] == [ts], "nobody else sees an answer"


async def test_words_under_another_message_of_ours_are_asked_about_and_nobody_is_answered(by_socket: Office) -> None:
    ts = card_with(by_socket.slack, "claim:7:1")
    await by_socket.slack.reply("ken", "support", "has anybody seen this?", ts)
    await until(lambda: by_socket.desk.replies)
    await by_socket.listeners.close()
    assert (by_socket.desk.calls, by_socket.slack.ephemerals("ken")) == ([], [])


async def unheard(office: Office, **event: object) -> None:
    """The event comes to nothing; one that does not follows, so that this is known."""
    message = {"type": "message", "user": "U0KEN", "text": "hello", "channel": "C0SUPPORT", "ts": "5.5", **event}
    await dispatched(office.listeners.app, {"type": "event_callback", "event_id": "Ev1", "event": message})
    await office.slack.reply("ken", "support", "the next", board(office))
    await office.desk.called()
    assert [one.text for one in office.desk.replies] == ["the next"]


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"thread_ts": "5.5"},
        {"thread_ts": "4.4", "parent_user_id": "U0HANA"},
        {"thread_ts": "4.4", "bot_id": "B0ROBOT"},
        {"thread_ts": "4.4", "user": "U0DESK"},
        {"thread_ts": "4.4", "subtype": "message_changed"},
        {"thread_ts": "4.4", "subtype": "message_deleted"},
        {"thread_ts": "4.4", "subtype": "bot_message"},
        {"thread_ts": "4.4", "text": " \n"},
        {"thread_ts": "4.4", "text": None},
        {"thread_ts": ["4.4"], "channel": 7},
        {"thread_ts": "4.4", "user": ""},
        {"thread_ts": "4.4", "channel": None},
    ],
    ids=str,
)
async def test_other_messages_are_not_heard(by_socket: Office, event: dict[str, object]) -> None:
    await unheard(by_socket, **event)


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast"])
async def test_words_with_a_file_or_shown_in_the_channel_too_are_words(by_socket: Office, subtype: str) -> None:
    ts = board(by_socket)
    event = {"type": "message", "subtype": subtype, "user": "U0KEN", "text": "look", "channel": "C0SUPPORT"}
    event |= {"ts": "5.5", "thread_ts": ts, "parent_user_id": "U0DESK"}
    await dispatched(by_socket.listeners.app, {"type": "event_callback", "event_id": "Ev1", "event": event})
    assert (await by_socket.desk.called()).options == {"reply": "look"}


async def test_a_reply_told_twice_is_answered_once(office: Office) -> None:
    await office.slack.reply("ken", "support", "offer a refund", board(office), twice=True)
    await until(lambda: len(office.desk.replies) == 2)
    await office.listeners.close()
    assert len({one.event for one in office.desk.replies}) == 1
    assert len(office.slack.ephemerals("ken")) == 1


@pytest.mark.parametrize("twice", [False, True])
async def test_a_command_after_our_name_under_a_board_is_no_whisper(office: Office, twice: bool) -> None:
    await office.slack.mention("ken", "support", "<@U0DESK> queue", board(office), twice=twice)
    await office.desk.called(1 + twice)
    await office.listeners.close()
    assert [one.verb for one in office.desk.calls] == ["queue"] * (1 + twice)
    assert office.desk.replies == []
    assert len(office.slack.ephemerals("ken")) == 1


@pytest.mark.parametrize("twice", [False, True])
async def test_other_words_after_our_name_under_a_board_are_whispered_as_they_are(office: Office, twice: bool) -> None:
    await office.slack.mention("ken", "support", "<@U0DESK> Hana offer a refund", board(office), twice=twice)
    await office.desk.called()
    await office.listeners.close()
    assert {one.verb for one in office.desk.calls} == {"whisper"}
    assert {one.text for one in office.desk.replies} == {"Hana offer a refund"}
    assert len({one.event for one in office.desk.replies}) == 1
    assert len(office.slack.ephemerals("ken")) == 1


async def test_what_is_no_command_is_one_all_the_same_under_a_card(by_socket: Office) -> None:
    await by_socket.slack.mention("ken", "support", "<@U0DESK> Hana offer", card_with(by_socket.slack, "claim:7:1"))
    asked = await by_socket.desk.called()
    assert (asked.verb, asked.text) == ("hana", "offer")


async def test_our_name_alone_asks_for_help(by_socket: Office) -> None:
    await by_socket.slack.mention("ken", "support", "<@U0DESK>")
    assert (await by_socket.desk.called()).verb == "help"


async def test_a_pressed_button_is_a_call_about_its_card(office: Office) -> None:
    ts = card_with(office.slack, "claim:7:3:page=2")
    outcome = await office.slack.press("ken", "support", ts, "claim:7:3:page=2")
    asked = await office.desk.called()
    assert (asked.verb, dict(asked.options), asked.seen) == ("claim", {"inquiry": "7", "page": "2"}, 3)
    assert (asked.channel, asked.message, asked.event) == ("C0SUPPORT", ts, outcome.trigger_id)
    await office.seen(lambda: office.slack.ephemerals("ken"))
    assert "claim done" in said(office.slack.ephemerals("ken")[0].blocks)


async def test_a_press_in_a_thread_is_answered_there(by_socket: Office) -> None:
    above = card_with(by_socket.slack, "claim:7:1")
    ts = card_with(by_socket.slack, "claim:7:1", thread_ts=above)
    await by_socket.slack.press("ken", "support", ts, "claim:7:1")
    await by_socket.seen(lambda: by_socket.slack.ephemerals("ken"))
    assert by_socket.slack.ephemerals("ken")[0].thread_ts == above


async def test_an_answer_to_what_only_one_person_sees_takes_its_place(office: Office) -> None:
    def turn(invocation: Invocation) -> Answer:
        page = int(invocation.options.get("page", "1"))
        return Card(title=f"page {page}", buttons=(Button("Next", call("queue", page=str(page + 1))),))

    office.desk.answers = turn
    await office.slack.command("ken", "support", "/queue")
    await office.seen(lambda: office.slack.ephemerals("ken"))
    (shown,) = office.slack.ephemerals("ken")
    await office.slack.press("ken", "support", shown.id, "Next")
    await office.seen(lambda: shown.replaced)
    assert office.slack.ephemerals("ken") == [shown]
    assert "page 2" in said(shown.blocks)


async def test_a_form_opens_and_what_is_filled_in_is_a_call(office: Office) -> None:
    ts = card_with(office.slack, "note:7:3")
    office.desk.answers = lambda asked: done_or_form(asked)
    await office.slack.press("hana", "support", ts, "note:7:3")
    await office.seen(lambda: office.slack.views("hana"))
    (view,) = office.slack.views("hana")
    outcome = await office.slack.submit("hana", view.id, {"text": "called twice", "who": "U0KEN"})
    asked = await office.desk.called(2)
    assert outcome.errors == {}
    assert (asked.verb, asked.seen, asked.message, asked.channel) == ("note", 3, ts, "C0SUPPORT")
    assert dict(asked.options) == {"inquiry": "7", "text": "called twice", "who": "U0KEN"}
    assert asked.profiles["U0KEN"].name == "ken"
    await office.seen(lambda: office.slack.ephemerals("hana"))
    assert office.slack.views("hana") == []


async def test_what_was_written_comes_back_with_a_refusal(by_socket: Office) -> None:
    by_socket.desk.answers = lambda asked: (
        Card("Too late", tone=Tone.ALERT) if "text" in asked.options else done_or_form(asked)
    )
    await by_socket.slack.command("hana", "support", "/note")
    await by_socket.seen(lambda: by_socket.slack.views("hana"))
    await by_socket.slack.submit("hana", by_socket.slack.views("hana")[0].id, {"text": "my long words"})
    await by_socket.seen(lambda: by_socket.slack.ephemerals("hana"))
    assert "my long words" in said(by_socket.slack.ephemerals("hana")[0].blocks)


async def test_a_message_becomes_an_inquiry_by_its_shortcut(office: Office) -> None:
    message = office.slack.say("emma", "support", "broken & late, ask @ken <soon>")
    outcome = await office.slack.shortcut("hana", "support", message.ts, "new")
    asked = await office.desk.called()
    assert (asked.verb, asked.event, asked.channel) == ("new", outcome.trigger_id, "C0SUPPORT")
    assert dict(asked.options) == {"text": "broken & late, ask @ken <soon>", "customer": "emma"}


async def test_words_too_long_for_a_modal_to_keep_become_a_field_of_it(by_socket: Office) -> None:
    long = "あ" * 2990

    def form(asked: Invocation) -> Answer:
        kept = call("new", None, None, **{name: value for name, value in asked.options.items() if value})
        return Form("New", kept, (Input("queue", "Queue"),), "Open", "Cancel")

    by_socket.desk.answers = form
    message = by_socket.slack.say("emma", "support", long)
    await by_socket.slack.shortcut("hana", "support", message.ts, "new")
    await by_socket.seen(lambda: by_socket.slack.views("hana"))
    (view,) = by_socket.slack.views("hana")
    assert len(view.body["private_metadata"]) <= KEEPS
    await by_socket.slack.submit("hana", view.id, {"queue": "support"})
    asked = await by_socket.desk.called(2)
    assert dict(asked.options) == {"customer": "emma", "queue": "support", "text": long}


async def test_the_home_is_published_when_it_is_opened_and_anew_after_a_call_from_it(office: Office) -> None:
    def counting(asked: Invocation) -> Answer:
        homes = sum(one.verb == "home" for one in office.desk.calls)
        release = (Button("Release", call("release", 7, 1)),)
        return Card(f"home {homes}" if asked.verb == "home" else "released", buttons=release)

    office.desk.answers = counting
    await office.slack.open_home("ken")
    await office.seen(lambda: office.slack.home("ken"))
    home = office.slack.home("ken")
    assert home
    assert "home 1" in said(home.body)
    await office.slack.press_home("ken", "Release")
    await office.seen(lambda: "home 2" in said(home.body) and office.slack.views("ken"))
    (modal,) = office.slack.views("ken")
    assert "released" in said(modal.body)
    await office.slack.press_modal("ken", modal.id, "Release")
    await office.seen(lambda: "home 3" in said(home.body))
    assert office.slack.views("ken") == [modal]


async def test_a_form_from_the_home_is_answered_in_a_modal(by_socket: Office) -> None:
    def answer(asked: Invocation) -> Answer:
        if asked.verb == "home":
            return Card(f"home {len(by_socket.desk.calls)}", buttons=(Button("Note", call("note", 7, 3)),))
        return done_or_form(asked)

    by_socket.desk.answers = answer
    await by_socket.slack.open_home("ken")
    await by_socket.seen(lambda: by_socket.slack.home("ken"))
    await by_socket.slack.press_home("ken", "Note")
    await by_socket.seen(lambda: by_socket.slack.views("ken"))
    await by_socket.slack.submit("ken", by_socket.slack.views("ken")[0].id, {"text": "words"})
    home = by_socket.slack.home("ken")
    assert home
    await by_socket.seen(lambda: "home 4" in said(home.body) and by_socket.slack.views("ken"))
    assert "note done" in said(by_socket.slack.views("ken")[0].body)


async def test_the_desk_meets_who_changed(office: Office) -> None:
    await office.slack.command("ken", "support", "/queue")
    await office.slack.deactivate("ken")
    met = await office.desk.has_met()
    assert (met.user, met.is_active, met.may_join) == ("U0KEN", False, False)


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("see <https://example.com/?a=1&amp;b=2>", "see https://example.com/?a=1&b=2"),
        ("see <http://example.com|example.com>", "see example.com"),
        ("ask <mailto:hana@example.com|hana@example.com>", "ask hana@example.com"),
        ("<!here> <!subteam^S1|@helpers> <!date^1^{date}|today>", "@here @helpers today"),
        ("<@U0KEN|ken> in <#C0TEAM|team>", "<@U0KEN|ken> in <#C0TEAM|team>"),
        ("&lt;!channel&gt;", "<!channel>"),
    ],
)
def test_what_is_typed_is_read_without_slacks_marks(sent: str, meant: str) -> None:
    assert typed(sent) == meant


def test_a_quoted_message_names_its_people_and_channels() -> None:
    known = {"U0KEN": Profile("U0KEN", "Ken <b>")}
    assert plain("<@U0KEN> <@U1|emma> <@U2> <#C1|team> <#C2>", known) == "@Ken <b> @emma @U2 #team #C2"


# --- who asks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["alien", "guest", "robot"])
@pytest.mark.parametrize("says_nothing", [False, True])
async def test_strangers_are_no_members(slack: FakeSlack, who: str, says_nothing: bool) -> None:
    if says_nothing:
        slack.set_faults(Faults(broken=1.0, methods=["users.info"]))
    async with open_office(slack, "socket") as office:
        await slack.press(who, "support", card_with(slack, "claim:7:1"), "claim:7:1")
        asked = await office.desk.called()
        if says_nothing and who != "alien":
            assert asked.profiles == {}
        else:
            assert not asked.profiles[asked.user].is_member


async def test_a_bot_that_mentions_us_is_no_member(by_socket: Office) -> None:
    event = {
        "type": "app_mention",
        "user": "U0ROBOT",
        "bot_id": "B1",
        "text": "<@U0DESK> queue",
        "channel": "C0SUPPORT",
    }
    await dispatched(by_socket.listeners.app, {"type": "event_callback", "event_id": "Ev1", "event": event})
    asked = await by_socket.desk.called()
    assert not asked.profiles["U0ROBOT"].is_member


async def test_our_own_messages_are_not_heard(by_socket: Office) -> None:
    event = {"type": "app_mention", "user": "U0DESK", "text": "<@U0DESK> queue", "channel": "C0SUPPORT"}
    await dispatched(by_socket.listeners.app, {"type": "event_callback", "event_id": "Ev1", "event": event})
    await by_socket.listeners.close()
    assert by_socket.desk.calls == []


# --- acknowledged at once ---------------------------------------------------------------------------------------


async def test_acks_do_not_wait_for_the_desk(office: Office) -> None:
    office.desk.stall()
    ts = card_with(office.slack, "claim:7:1")
    presses = [office.slack.press("ken", "support", ts, "claim:7:1") for _ in range(40)]
    outcomes = await asyncio.gather(*presses)
    assert all(one.acked is not None for one in outcomes)
    await office.desk.called(40)
    assert office.slack.ephemerals("ken") == []
    office.desk.go_on()
    await office.seen(lambda: len(office.slack.ephemerals("ken")) == 40)


async def test_acks_do_not_wait_for_slack_to_say_who_asks(by_socket: Office) -> None:
    by_socket.slack.set_faults(Faults(hang=1.0, methods=["users.info"]))
    outcome = await by_socket.slack.command("ken", "support", "/queue")
    assert outcome.acked is not None
    asked = await by_socket.desk.called()
    assert asked.profiles == {}
    by_socket.slack.set_faults(Faults())  # aiohttp asks once more when the line is cut
    by_socket.slack.release()
    await by_socket.listeners.close()


async def test_a_call_that_fails_at_once_is_acknowledged_with_one_apology_and_one_traceback(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.desk.answers = lambda asked: broken()
    outcome = await office.slack.command("hana", "support", "/queue")
    assert outcome.acked is not None
    await office.seen(lambda: office.slack.ephemerals("hana"))
    (apology,) = office.slack.ephemerals("hana")
    (record,) = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert record.exc_info
    assert f"[ja] Our fault ({record.__dict__['reference']})." in said(apology.blocks)


async def test_negative_control_a_listener_that_fails_after_its_ack_loses_it(slack: FakeSlack) -> None:
    app = AsyncApp(
        client=AsyncWebClient(token=slack.bot_token, base_url=slack.api_url),
        signing_secret="sample",
        process_before_response=True,
    )

    async def naive(ack: AsyncAck) -> None:
        await ack()
        raise RuntimeError("at once")

    app.command(ANY)(naive)
    answer = await dispatched(app, {"command": "/queue", "user_id": "U0KEN"})
    assert answer.status != 200


@pytest.mark.parametrize(
    "payload",
    [
        None,
        "words",
        [],
        {},
        {"type": "nobody knows"},
        {"type": "event_callback", "event": {"type": "reaction_added"}},
        {"type": "event_callback", "event": {"type": "app_mention"}},
        {"type": "event_callback", "event": {"type": "user_change", "user": "U1"}},
        {"type": "event_callback", "event": "words"},
        {"type": "block_actions", "actions": []},
        {"type": "block_actions", "actions": ["words"]},
        {"type": "block_actions", "actions": [{"action_id": "a", "type": "button", "value": "not a call!"}]},
        {"type": "block_actions", "user": {"id": "U1"}, "actions": [{"action_id": "a", "type": "button", "url": "x"}]},
        {"type": "view_submission", "view": {"callback_id": "form", "private_metadata": "no JSON"}},
        {"type": "view_submission", "view": {"callback_id": "form", "private_metadata": "[]", "blocks": "words"}},
        {"type": "message_action", "callback_id": "new", "user": {}},
        {"command": "/queue"},
        {"type": "view_closed", "view": {"callback_id": "form"}},
        {"team": 7, "authorizations": 7},
    ],
)
async def test_what_makes_no_sense_is_acknowledged_and_nothing_comes_of_it(slack: FakeSlack, payload: object) -> None:
    async with open_office(slack, "none") as office:
        answer = await dispatched(office.listeners.app, payload)
        assert answer.status == 200
        await office.listeners.close()
        assert office.desk.calls == []


@pytest.mark.parametrize("payload", [None, "words", {}, {"type": "nobody knows"}])
async def test_envelopes_that_make_no_sense_are_acknowledged(by_socket: Office, payload: dict[str, object]) -> None:
    answer = await by_socket.slack.sockets.send("interactive", payload, (0, ""))
    assert answer.acked is not None


# --- the same thing twice ---------------------------------------------------------------------------------------


async def test_what_comes_twice_bears_the_same_event_and_is_answered_once(office: Office) -> None:
    ts = card_with(office.slack, "claim:7:1")
    await office.slack.press("ken", "support", ts, "claim:7:1", twice=True)
    await office.slack.mention("ken", "support", "claim 7", twice=True)
    await office.slack.command("ken", "support", "/claim 7", twice=True)
    await office.desk.called(6)
    await office.listeners.close()
    events = [one.event for one in office.desk.calls]
    assert len(set(events)) == 3
    assert "" not in events
    assert len(office.slack.ephemerals("ken")) == 3


async def test_a_form_asked_for_twice_opens_once(by_socket: Office) -> None:
    desk = by_socket.desk
    desk.answers = done_or_form
    await by_socket.slack.command("ken", "support", "/note", twice=True)
    await desk.called(2)
    await by_socket.listeners.close()
    assert len(by_socket.slack.views("ken")) == 1
    assert by_socket.slack.ephemerals("ken") == []


# --- answers always arrive --------------------------------------------------------------------------------------


async def test_a_response_url_that_is_used_up_is_no_loss(office: Office) -> None:
    office.desk.stall()
    await office.slack.command("ken", "support", "/queue")
    await office.desk.called()
    for address in office.slack.world.addresses.values():
        address.uses = 5
    office.desk.go_on()
    await office.seen(lambda: office.slack.ephemerals("ken"))
    assert ("chat.postEphemeral", "C0SUPPORT", "ok") in office.slack.answers


async def test_who_left_the_channel_is_answered_by_direct_message(by_socket: Office) -> None:
    by_socket.desk.stall()
    await by_socket.slack.mention("ken", "support", "queue")
    await by_socket.desk.called()
    by_socket.slack.leave("ken", "support")
    by_socket.desk.go_on()
    await by_socket.seen(lambda: by_socket.slack.direct("ken"))
    assert by_socket.slack.ephemerals("ken") == []
    assert "queue done" in said(by_socket.slack.direct("ken")[0].blocks)


async def test_answers_wait_for_slack_to_come_back(by_socket: Office) -> None:
    ways = ["chat.postEphemeral", "conversations.open"]
    by_socket.slack.set_faults(Faults(broken=1.0, methods=ways))
    await by_socket.slack.mention("ken", "support", "queue")
    await until(lambda: sum(method in ways for method, _, _ in by_socket.slack.answers) >= 4)
    by_socket.slack.set_faults(Faults())
    await by_socket.seen(lambda: by_socket.slack.ephemerals("ken"))
    assert by_socket.slack.direct("ken") == []


async def test_a_mention_has_no_trigger_so_its_form_is_offered_by_a_button(by_socket: Office) -> None:
    by_socket.desk.answers = done_or_form
    await by_socket.slack.mention("ken", "support", "note 7")
    await by_socket.seen(lambda: by_socket.slack.ephemerals("ken"))
    (offer,) = by_socket.slack.ephemerals("ken")
    assert TEXTS["platform.form"] in said(offer.blocks)
    assert buttons(offer.blocks) == [NOTE.call]


async def test_a_form_that_comes_too_late_is_offered_again(office: Office) -> None:
    office.desk.answers = done_or_form
    office.slack.world.trigger_life = -1.0
    await office.slack.command("ken", "support", "/note")
    await office.seen(lambda: office.slack.ephemerals("ken"))
    (offer,) = office.slack.ephemerals("ken")
    assert TEXTS["platform.late"] in said(offer.blocks)
    office.slack.world.trigger_life = 3.0
    await office.slack.press("ken", "support", offer.id, NOTE.call)
    await office.seen(lambda: office.slack.views("ken"))
    assert "Note on #7" in said(office.slack.views("ken")[0].body)


async def test_words_too_long_for_a_button_are_shown_whole(by_socket: Office) -> None:
    long = "い%:" * 900
    by_socket.desk.answers = lambda asked: Form("Note", call("note", 7, 3, text=long, who="ken"), (), "Save", "Cancel")
    await by_socket.slack.mention("ken", "support", "note")
    await by_socket.seen(lambda: by_socket.slack.ephemerals("ken"))
    (offer,) = by_socket.slack.ephemerals("ken")
    (carried,) = buttons(offer.blocks)
    verb, options, seen = pressed(carried)
    assert (verb, options["inquiry"], options["who"], seen) == ("note", "7", "ken", 3)
    assert len(carried) <= KEEPS_CALL
    assert long.startswith(options["text"].rstrip("…"))
    assert TEXTS["platform.too_long"] in said(offer.blocks)
    assert long[:2000] in said(offer.blocks)


# --- the end ----------------------------------------------------------------------------------------------------


async def test_calls_under_way_may_end_when_we_stop(by_socket: Office) -> None:
    by_socket.desk.stall()
    await by_socket.slack.command("ken", "support", "/queue")
    await by_socket.desk.called()
    closing = asyncio.create_task(by_socket.listeners.close())
    await asyncio.sleep(0)
    by_socket.desk.go_on()
    await closing
    assert len(by_socket.slack.ephemerals("ken")) == 1


async def test_calls_that_do_not_end_are_given_up(slack: FakeSlack) -> None:
    before = asyncio.all_tasks()
    async with open_office(slack, "socket", last=0.01) as office:
        office.desk.stall()
        await slack.command("ken", "support", "/queue")
        await office.desk.called()
    left = {task for task in asyncio.all_tasks() - before if "fakes" not in str(task) and "aiohttp" not in str(task)}
    assert left == set()
    assert slack.ephemerals("ken") == []


def done_or_form(asked: Invocation) -> Answer:
    """The form, until its text is there."""
    return Card(f"{asked.verb} done") if "text" in asked.options else NOTE


def broken() -> Answer:
    raise RuntimeError("a bug")
