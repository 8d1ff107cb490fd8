"""The fake Slack itself: real slack_sdk and slack_bolt talk to it, and it refuses what the real Slack refuses."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession, web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.models import blocks as kit
from slack_sdk.models.metadata import Metadata
from slack_sdk.models.views import View
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, FakeSlack, Faults
from tests.fakes.slack_live import live
from tests.fakes.slack_people import BOT_USER

KEY = Metadata(event_type="madoguchi_card", event_payload={"k": "7"})


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    server = FakeSlack()
    await server.open()
    yield server
    await server.close()


@pytest.fixture
async def client(slack: FakeSlack) -> AsyncIterator[AsyncWebClient]:
    async with ClientSession() as session:
        yield a_client(slack, session)


def a_client(slack: FakeSlack, session: ClientSession, token: str = BOT_TOKEN) -> AsyncWebClient:
    return AsyncWebClient(token=token, base_url=slack.api_url, session=session, retry_handlers=[])


async def refused(call: Awaitable[Any]) -> str:
    """The name of the error with which a call is refused."""
    with pytest.raises(SlackApiError) as told:
        await call
    return str(told.value.response["error"])


async def reasons(call: Awaitable[Any]) -> str:
    """Why a call's blocks or view are refused."""
    with pytest.raises(SlackApiError) as told:
        await call
    assert told.value.response["error"] in ("invalid_blocks", "invalid_arguments")
    return "\n".join(told.value.response["response_metadata"]["messages"])


# --- messages -----------------------------------------------------------------------------------------------


async def test_a_card_is_posted_changed_answered_under_and_deleted(slack: FakeSlack, client: AsyncWebClient) -> None:
    card = [kit.SectionBlock(text=kit.PlainTextObject(text="Where is my order?"))]
    posted = await client.chat_postMessage(
        channel="C0SUPPORT", text="Where", blocks=card, metadata=KEY, unfurl_links=False, unfurl_media=False
    )
    (message,) = slack.messages("support")
    assert (message.ts, message.key, message.user, message.unfurl_links) == (posted["ts"], "7", BOT_USER, False)
    assert message.blocks[0]["text"] == {"type": "plain_text", "text": "Where is my order?", "emoji": True}

    await client.chat_update(channel="C0SUPPORT", ts=message.ts, text="Claimed")
    assert (message.text, message.blocks, message.key, message.updates) == ("Claimed", [], "7", 1)

    reply = await client.chat_postMessage(channel="C0SUPPORT", text="A reply", thread_ts=message.ts)
    under = await client.chat_postMessage(channel="C0SUPPORT", text="Another", thread_ts=reply["ts"])
    assert [one.text for one in slack.thread("support", message.ts)] == ["A reply", "Another"]
    assert (message.reply_count, under["message"]["thread_ts"]) == (2, message.ts)

    await client.chat_delete(channel="C0SUPPORT", ts=message.ts)
    assert slack.messages("support") == []
    assert await refused(client.chat_update(channel="C0SUPPORT", ts=message.ts, text="x")) == "message_not_found"


async def test_replies_outlive_the_message_that_had_some_and_no_other(slack: FakeSlack, client: AsyncWebClient) -> None:
    with_replies, without = [(await client.chat_postMessage(channel="C0TEAM", text=text))["ts"] for text in "ab"]
    await client.chat_postMessage(channel="C0TEAM", text="reply", thread_ts=with_replies)
    for ts in (with_replies, without):
        slack.delete("team", ts)
    assert (await client.chat_postMessage(channel="C0TEAM", text="more", thread_ts=with_replies))["ok"]
    told = await client.conversations_replies(channel="C0TEAM", ts=with_replies)
    assert [one.get("subtype", one["text"]) for one in told["messages"]] == ["tombstone", "reply", "more"]
    late = client.chat_postMessage(channel="C0TEAM", text="late", thread_ts=without)
    assert await refused(late) == "thread_not_found"
    assert await refused(client.conversations_replies(channel="C0TEAM", ts=without)) == "thread_not_found"


async def test_times_of_messages_are_unique_and_rise(slack: FakeSlack, client: AsyncWebClient) -> None:
    slack.world.clock = lambda: 1_700_000_000.0001
    told = await asyncio.gather(*(client.chat_postMessage(channel="C0TEAM", text="x") for _ in range(5)))
    assert {one["ts"] for one in told} == {f"1700000000.00010{n}" for n in range(5)}
    assert [one.ts for one in slack.messages("team")] == sorted(one["ts"] for one in told)


async def test_forms_are_read_like_json(slack: FakeSlack) -> None:
    blocks = json.dumps([{"type": "divider"}])
    form = {"token": BOT_TOKEN, "channel": "C0TEAM", "text": "x", "blocks": blocks, "unfurl_links": "false"}
    async with ClientSession() as session, session.post(f"{slack.api_url}chat.postMessage", data=form) as answer:
        assert (await answer.json())["ok"]
    (message,) = slack.messages("team")
    assert (message.blocks[0]["type"], message.unfurl_links) == ("divider", False)


async def test_direct_messages_are_written_to_a_user_and_changed_in_their_channel(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    posted = await client.chat_postMessage(channel="U0HANA", text="Only you")
    opened = await client.conversations_open(users="U0HANA")
    assert posted["channel"] == opened["channel"]["id"] == "D0HANA"
    assert [one.text for one in slack.direct("hana")] == [one.text for one in slack.messages("@hana")] == ["Only you"]
    assert await refused(client.chat_update(channel="U0HANA", ts=posted["ts"], text="x")) == "channel_not_found"
    assert (await client.chat_update(channel="D0HANA", ts=posted["ts"], text="x"))["ok"]
    assert await refused(client.chat_postMessage(channel="U0ROBOT", text="x")) == "cannot_dm_bot"
    assert await refused(client.chat_postMessage(channel="U0GONE", text="x")) == "user_disabled"
    assert await refused(client.conversations_open(users=[f"U{n}" for n in range(9)])) == "too_many_users"


async def test_channels_that_take_nothing_say_why(slack: FakeSlack, client: AsyncWebClient) -> None:
    def post(channel: str) -> Awaitable[Any]:
        return client.chat_postMessage(channel=channel, text="x")

    kept = (await post("C0RETURNS"))["ts"]
    slack.archive("returns")
    assert await refused(post("C0RETURNS")) == "is_archived"
    assert await refused(client.chat_update(channel="C0RETURNS", ts=kept, text="x")) == "is_inactive"
    slack.kick_bot("team")
    assert await refused(post("C0TEAM")) == "not_in_channel"
    assert await refused(client.conversations_history(channel="C0TEAM")) == "not_in_channel"
    slack.world.scopes.append("chat:write.public")
    assert (await post("C0TEAM"))["ok"]
    slack.add_channel("secret", ["hana"], private=True, with_bot=False)
    assert await refused(post("G0SECRET")) == await refused(post("support")) == "channel_not_found"
    slack.set_faults(Faults(refused={"C0SUPPORT": "restricted_action"}))
    assert await refused(post("C0SUPPORT")) == "restricted_action"


async def test_only_those_in_a_channel_are_shown_something_in_it(slack: FakeSlack, client: AsyncWebClient) -> None:
    await client.chat_postEphemeral(channel="C0TEAM", user="U0HANA", text="psst")
    assert [(one.text, one.channel) for one in slack.ephemerals("hana")] == [("psst", "C0TEAM")]
    assert (slack.ephemerals("ken"), slack.messages("team")) == ([], [])
    slack.leave("ken", "team")
    shown = client.chat_postEphemeral(channel="C0TEAM", user="U0KEN", text="psst")
    assert await refused(shown) == "user_not_in_channel"


async def test_what_nobody_could_read_is_refused(client: AsyncWebClient) -> None:
    def post(**said: object) -> Awaitable[Any]:
        return client.api_call("chat.postMessage", json={"channel": "C0TEAM", **said})

    ts = (await client.chat_postMessage(channel="C0TEAM", text="x"))["ts"]
    assert await refused(post()) == await refused(post(text=" ", blocks=[])) == "no_text"
    assert await refused(post(text="x" * 40_001)) == "msg_too_long"
    assert await refused(client.chat_update(channel="C0TEAM", ts=ts, text="問" * 1_400)) == "msg_too_long"
    long = [{"type": "section", "text": {"type": "plain_text", "text": "x" * 2900}}] * 5
    assert await refused(post(blocks=long)) == "msg_blocks_too_long"
    assert await refused(post(text="x", metadata={"event_type": "x"})) == "invalid_metadata_format"


# --- history ------------------------------------------------------------------------------------------------


async def test_history_comes_in_pages_with_metadata_when_asked(slack: FakeSlack, client: AsyncWebClient) -> None:
    sent = [
        (await client.chat_postMessage(channel="C0TEAM", text=str(n), metadata=KEY if n == 2 else None))["ts"]
        for n in range(5)
    ]
    await client.chat_postMessage(channel="C0TEAM", text="reply", thread_ts=sent[0])

    async def read(**args: Any) -> list[str]:
        texts, cursor = [], None
        while True:
            page = await client.conversations_history(channel="C0TEAM", limit=2, cursor=cursor, **args)
            texts += [one["text"] for one in page["messages"]]
            if not page["has_more"]:
                return texts
            cursor = page["response_metadata"]["next_cursor"]

    assert await read() == ["4", "3", "2", "1", "0"]
    assert await read(oldest=sent[1]) == ["3", "2", "4"]  # with oldest alone Slack pages forward
    assert await read(oldest=sent[1], latest=sent[3], inclusive=True) == ["3", "2", "1"]
    assert await read(oldest=sent[1], latest=sent[3]) == ["2"]
    (plain,) = (await client.conversations_history(channel="C0TEAM", latest=sent[3], limit=1))["messages"]
    assert "metadata" not in plain
    told = await client.conversations_history(channel="C0TEAM", latest=sent[3], limit=1, include_all_metadata=True)
    assert told["messages"][0]["metadata"]["event_payload"] == {"k": "7"}
    thread = await client.conversations_replies(channel="C0TEAM", ts=sent[0])
    assert [one["text"] for one in thread["messages"]] == ["0", "reply"]
    assert thread["messages"][0]["reply_count"] == 1


async def test_history_lags(slack: FakeSlack, client: AsyncWebClient) -> None:
    now = 1_700_000_000.0
    slack.world.clock = lambda: now
    slack.set_faults(Faults(lag=5))
    await client.chat_postMessage(channel="C0TEAM", text="x")
    now += 4
    assert (await client.conversations_history(channel="C0TEAM"))["messages"] == []
    now += 2
    assert len((await client.conversations_history(channel="C0TEAM"))["messages"]) == 1


# --- who and what -------------------------------------------------------------------------------------------


async def test_the_bot_learns_who_it_is_and_what_it_may(slack: FakeSlack, client: AsyncWebClient) -> None:
    told = await client.auth_test()
    assert (told["user_id"], told["bot_id"], told["team_id"]) == (BOT_USER, "B0DESK", "T0TEAM")
    assert "chat:write" in told.headers["x-oauth-scopes"].split(",")
    slack.set_faults(Faults(missing=["chat:write"]))
    with pytest.raises(SlackApiError) as refusal:
        await client.chat_postMessage(channel="C0TEAM", text="x")
    assert (refusal.value.response["error"], refusal.value.response["needed"]) == ("missing_scope", "chat:write")
    assert "users:read" in refusal.value.response["provided"]
    slack.set_faults(Faults(revoked="token_revoked"))
    assert await refused(client.auth_test()) == "token_revoked"


async def test_tokens_are_told_apart(slack: FakeSlack, client: AsyncWebClient) -> None:
    assert await refused(client.api_call("auth.test", headers={"Authorization": "Bearer xoxb-no"})) == "invalid_auth"
    assert await refused(client.apps_connections_open(app_token=BOT_TOKEN)) == "not_allowed_token_type"
    opened = await client.apps_connections_open(app_token=APP_TOKEN)
    assert opened["url"].startswith(f"ws://127.0.0.1:{slack.port}/socket?ticket=")
    assert await refused(client.api_call("chat.shout")) == "unknown_method"


async def test_people_and_channels_are_listed_in_pages(client: AsyncWebClient) -> None:
    names, cursor = [], None
    while cursor != "":
        page = await client.conversations_list(limit=2, cursor=cursor, types="public_channel,private_channel")
        names += [one["name"] for one in page["channels"]]
        cursor = page["response_metadata"]["next_cursor"]
    assert names == ["support", "returns", "team"]
    assert (await client.conversations_info(channel="C0SUPPORT"))["channel"]["is_member"] is True
    assert "U0HANA" in (await client.conversations_members(channel="C0SUPPORT"))["members"]
    hana = (await client.users_info(user="U0HANA", include_locale=True))["user"]
    assert (hana["locale"], hana["tz"], hana["profile"]["real_name"]) == ("ja-JP", "Asia/Tokyo", "佐藤 花")
    assert "locale" not in (await client.users_info(user="U0KEN"))["user"]
    assert (await client.users_info(user="U0ALIEN"))["user"]["is_stranger"] is True
    assert (await client.users_info(user="U0GONE"))["user"]["deleted"] is True
    assert await refused(client.users_info(user="U0NOBODY")) == "user_not_found"
    assert len((await client.users_list())["members"]) == 10


# --- blocks -------------------------------------------------------------------------------------------------


def words(text: str, kind: str = "plain_text") -> dict[str, Any]:
    return {"type": kind, "text": text}


def section(**parts: object) -> dict[str, Any]:
    return {"type": "section", "text": words("x"), **parts}


def button(**parts: object) -> dict[str, Any]:
    return {"type": "button", "text": words("x"), **parts}


def actions(*elements: object) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def select(count: int = 1, text: str = "x", value: str = "v", **parts: object) -> dict[str, Any]:
    options = [{"text": words(text), "value": f"{value}{n or ''}"} for n in range(count)]
    return {"type": "static_select", "options": options, **parts}


def rich(*leaves: dict[str, Any], kind: str = "rich_text_section") -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": list(leaves)}]}


def asked(element: dict[str, Any], **parts: object) -> dict[str, Any]:
    return {"type": "input", "label": words("x"), "element": element, **parts}


TYPED = {"type": "plain_text_input"}
BLOCKS: list[tuple[str, list[dict[str, Any]], str]] = [
    ("51 blocks", [{"type": "divider"}] * 51, "no more than 50 items"),
    ("unknown type", [{"type": "sectoin"}], "unsupported type: sectoin"),
    ("unknown key", [section(colour="red")], "invalid additional property: colour"),
    ("null", [section(block_id=None)], "must not be null"),
    ("section without text", [{"type": "section"}], "missing required field"),
    ("empty text", [section(text=words(""))], "must be more than 0 characters"),
    ("text 3001", [section(text=words("x" * 3001))], "must be less than 3001 characters"),
    ("fields 11", [section(fields=[words("x")] * 11)], "no more than 10 items"),
    ("field 2001", [section(fields=[words("x" * 2001)])], "must be less than 2001 characters"),
    ("mrkdwn header", [{"type": "header", "text": words("x", "mrkdwn")}], "plain_text"),
    ("header 151", [{"type": "header", "text": words("x" * 151)}], "must be less than 151"),
    ("verbatim on plain text", [section(text={**words("x"), "verbatim": True})], "invalid additional property"),
    ("context 11", [{"type": "context", "elements": [words("x")] * 11}], "no more than 10 items"),
    ("button in context", [{"type": "context", "elements": [button()]}], "unsupported type: button"),
    ("actions 26", [actions(*(button(action_id=str(n)) for n in range(26)))], "no more than 25 items"),
    ("no actions", [actions()], "no fewer than 1 items"),
    ("same action_id", [actions(button(action_id="a"), button(action_id="a"))], "action_id 'a' already exists"),
    ("same block_id", [section(block_id="b"), section(block_id="b")], "block_id 'b' already exists"),
    ("block_id 256", [section(block_id="b" * 256)], "must be less than 256"),
    ("action_id 256", [actions(button(action_id="a" * 256))], "must be less than 256"),
    ("button text 76", [actions(button(text=words("x" * 76)))], "must be less than 76"),
    ("button mrkdwn", [actions(button(text=words("x", "mrkdwn")))], "plain_text"),
    ("button value 2001", [actions(button(value="x" * 2001))], "must be less than 2001"),
    ("button url 3001", [actions(button(url="http://" + "x" * 2994))], "must be less than 3001"),
    ("button url", [actions(button(url="javascript:x"))], "invalid url"),
    ("button style", [actions(button(style="default"))], "must be a valid enum value"),
    ("input in actions", [actions(TYPED)], "unsupported type: plain_text_input"),
    ("no options", [actions(select(0))], "no fewer than 1 items"),
    ("options 101", [actions(select(101))], "no more than 100 items"),
    ("option text 76", [actions(select(text="x" * 76))], "must be less than 76"),
    ("option value 76", [actions(select(value="x" * 76))], "must be less than 76"),
    ("option without value", [actions(select(options=[{"text": words("x")}]))], "missing required field: value"),
    ("strange initial option", [actions(select(initial_option={"text": words("y"), "value": "y"}))], "initial option"),
    ("placeholder 151", [actions(select(placeholder=words("x" * 151)))], "must be less than 151"),
    ("overflow 6", [section(accessory={**select(6), "type": "overflow"})], "no more than 5 items"),
    ("radio buttons 11", [actions({**select(11), "type": "radio_buttons"})], "no more than 10 items"),
    ("image without alt", [{"type": "image", "image_url": "http://x"}], "missing required field: alt_text"),
    ("max_length 3001", [asked({**TYPED, "max_length": 3001})], "must be less than 3001"),
    ("label 2001", [asked(TYPED, label=words("x" * 2001))], "must be less than 2001"),
    ("label mrkdwn", [asked(TYPED, label=words("x", "mrkdwn"))], "plain_text"),
    ("button in input", [asked(button())], "unsupported type: button"),
    ("confirm title 101", [actions(button(confirm={"title": words("x" * 101)}))], "must be less than 101"),
    ("rich text, empty", [rich({"type": "text", "text": ""})], "must be more than 0 characters"),
    ("rich text, type", [rich({"type": "mention", "user_id": "U1"})], "unsupported type: mention"),
    ("rich text, style", [rich({"type": "text", "text": "x", "style": {"big": True}})], "additional property: big"),
    ("rich text, date", [rich({"type": "date", "timestamp": "1", "format": "{date}"})], "must provide an integer"),
    ("rich text, format", [rich({"type": "date", "timestamp": 1, "format": "now"})], "must contain a date token"),
    ("rich text, block", [rich(kind="rich_text_header")], "unsupported type: rich_text_header"),
    ("markdown 12001", [{"type": "markdown", "text": "x" * 12_001}], "must be less than 12001"),
    ("no object", ["x"], "must provide an object"),  # type: ignore[list-item]
]


@pytest.mark.parametrize(("blocks", "reason"), [case[1:] for case in BLOCKS], ids=[case[0] for case in BLOCKS])
async def test_blocks_beyond_the_limits_are_refused(
    client: AsyncWebClient, slack: FakeSlack, blocks: list[dict[str, Any]], reason: str
) -> None:
    assert reason in await reasons(client.chat_postMessage(channel="C0TEAM", text="x", blocks=blocks))
    assert slack.messages("team") == []


async def test_what_slack_sdk_builds_at_the_limits_is_taken(slack: FakeSlack, client: AsyncWebClient) -> None:
    plain, option = kit.PlainTextObject, kit.Option(text="x" * 75, value="v" * 75)
    parts = kit.RichTextElementParts
    blocks: list[kit.Block] = [
        kit.HeaderBlock(text=plain(text="x" * 150)),
        kit.SectionBlock(text=plain(text="x" * 3000), block_id="b" * 255),
        kit.SectionBlock(fields=[plain(text="x")] * 9 + [plain(text="x" * 2000)]),
        kit.SectionBlock(
            text=kit.MarkdownTextObject(text="*x*", verbatim=True),
            accessory=kit.OverflowMenuElement(options=[option, kit.Option(text="y", value="w")]),
        ),
        kit.ActionsBlock(
            elements=[
                kit.ButtonElement(text="x" * 75, action_id="a" * 255, value="x" * 2000, style="danger"),
                kit.LinkButtonElement(text="x", url="http://127.0.0.1:1/x", action_id="link"),
                kit.StaticSelectElement(options=[option], action_id="select", placeholder="x" * 150),
                kit.UserSelectElement(action_id="user", initial_user="U0HANA"),
            ]
        ),
        kit.ContextBlock(elements=[kit.MarkdownTextObject(text="<!date^1^{date}|x>")] * 10),
        kit.DividerBlock(),
        kit.RichTextBlock(
            elements=[
                kit.RichTextSectionElement(
                    elements=[
                        parts.Text(text="x", style=parts.TextStyle(bold=True)),
                        parts.Date(timestamp=1, format="{date_short_pretty} {time}", fallback="x"),
                        parts.Link(url="http://x", text="x"),
                    ]
                ),
                kit.RichTextQuoteElement(elements=[parts.Text(text="x\ny")]),
                kit.RichTextListElement(
                    style="bullet", elements=[kit.RichTextSectionElement(elements=[parts.Text(text="x")])]
                ),
                kit.RichTextPreformattedElement(elements=[parts.Text(text="x")]),
            ]
        ),
    ]
    await client.chat_postMessage(channel="C0TEAM", text="x", blocks=blocks)
    await client.chat_postMessage(channel="C0TEAM", text="x", blocks=[kit.DividerBlock()] * 50)
    assert len(slack.messages("team")) == 2


# --- views --------------------------------------------------------------------------------------------------


def a_view(**parts: object) -> dict[str, Any]:
    return {"type": "modal", "title": words("x"), "blocks": [section()], **parts}


VIEWS: list[tuple[str, dict[str, Any], str]] = [
    ("title 25", a_view(title=words("x" * 25)), "must be less than 25"),
    ("no title", {"type": "modal", "blocks": [section()]}, "missing required field: title"),
    ("submit 25", a_view(submit=words("x" * 25)), "must be less than 25"),
    ("no blocks", a_view(blocks=[]), "no fewer than 1 items"),
    ("101 blocks", a_view(blocks=[section()] * 101), "no more than 100 items"),
    ("private_metadata 3001", a_view(private_metadata="x" * 3001), "must be less than 3001"),
    ("callback_id 256", a_view(callback_id="x" * 256), "must be less than 256"),
    ("external_id 256", a_view(external_id="x" * 256), "must be less than 256"),
    ("input without submit", a_view(blocks=[asked(TYPED)]), "missing required field: submit"),
    ("unknown key", a_view(width=3), "invalid additional property: width"),
    ("two focuses", a_view(blocks=[actions(select(focus_on_load=True))] * 2), "only one element"),
    ("home", {"type": "home", "blocks": []}, "unsupported type: home"),
]


@pytest.mark.parametrize(("view", "reason"), [case[1:] for case in VIEWS], ids=[case[0] for case in VIEWS])
async def test_views_beyond_the_limits_are_refused(
    client: AsyncWebClient, slack: FakeSlack, view: dict[str, Any], reason: str
) -> None:
    trigger = slack.world.trigger("U0HANA")
    assert reason in await reasons(client.views_open(trigger_id=trigger, view=view))
    assert (await client.views_open(trigger_id=trigger, view=a_view()))["ok"]


async def test_a_trigger_opens_one_view_within_its_life(slack: FakeSlack, client: AsyncWebClient) -> None:
    now = 1_700_000_000.0
    slack.world.clock = lambda: now
    first, second = slack.world.trigger("U0HANA"), slack.world.trigger("U0HANA")

    def open_with(trigger: str) -> Awaitable[Any]:
        return client.views_open(trigger_id=trigger, view=View(type="modal", title="x", blocks=[kit.DividerBlock()]))

    now += 2.9
    assert (await open_with(first))["view"]["id"] == slack.views("hana")[-1].id
    assert await refused(open_with(first)) == "exchanged_trigger_id"
    now += 0.2
    assert await refused(open_with(second)) == "expired_trigger_id"
    assert await refused(open_with("1.2.abc")) == "invalid_trigger"


async def test_views_are_stacked_and_changed_by_hash(slack: FakeSlack, client: AsyncWebClient) -> None:
    opened = (await client.views_open(trigger_id=slack.world.trigger("U0HANA"), view=a_view()))["view"]
    for _ in range(2):
        await client.views_push(trigger_id=slack.world.trigger("U0HANA", opened["id"]), view=a_view())
    fourth = client.views_push(trigger_id=slack.world.trigger("U0HANA", opened["id"]), view=a_view())
    assert await refused(fourth) == "push_limit_reached"
    assert [one.root for one in slack.views("hana")] == [opened["id"]] * 3
    changed = await client.views_update(view_id=opened["id"], hash=opened["hash"], view=a_view(title=words("y")))
    assert changed["view"]["title"]["text"] == "y"
    late = client.views_update(view_id=opened["id"], hash=opened["hash"], view=a_view())
    assert await refused(late) == "hash_conflict"
    assert await refused(client.views_update(view_id="V0NONE", view=a_view())) == "not_found"


async def test_a_home_is_published(slack: FakeSlack, client: AsyncWebClient) -> None:
    view = {"type": "home", "blocks": [section()]}
    first = (await client.views_publish(user_id="U0HANA", view=view))["view"]
    again = (await client.views_publish(user_id="U0HANA", view=view, hash=first["hash"]))["view"]
    assert await refused(client.views_publish(user_id="U0HANA", view=view, hash=first["hash"])) == "hash_conflict"
    home = slack.home("hana")
    assert home is not None
    assert first["id"] == again["id"] == home.id
    titled = client.views_publish(user_id="U0HANA", view={**view, "title": words("x")})
    assert "invalid additional property: title" in await reasons(titled)


# --- the ways in --------------------------------------------------------------------------------------------


@dataclass
class Desk:
    """A small app on real slack-bolt, which writes down what comes in. `lines` are its Socket Mode clients."""

    slack: FakeSlack
    app: AsyncApp
    session: ClientSession
    client: AsyncWebClient
    heard: list[dict[str, Any]] = field(default_factory=list)
    lines: list[AsyncSocketModeHandler] = field(default_factory=list)
    port: int = 0
    is_mute: bool = False

    async def listen(self, count: int = 1) -> None:
        for _ in range(count):
            line = AsyncSocketModeHandler(self.app, APP_TOKEN, web_client=self.client)
            self.lines.append(line)
            await line.connect_async()  # type: ignore[no-untyped-call]
        await self.slack.sockets.connected_to(count)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        if self.is_mute:
            return web.Response(status=500, headers={"X-Slack-No-Retry": "0"})
        answer = await self.app.async_dispatch(await to_bolt_request(request))
        return await to_aiohttp_response(answer)

    def last(self) -> dict[str, Any]:
        return self.heard[-1]


@pytest.fixture
async def desk(slack: FakeSlack) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as closing:
        session = await closing.enter_async_context(ClientSession())
        client = a_client(slack, session)
        app = AsyncApp(client=client, signing_secret=SIGNING_SECRET, process_before_response=True)
        desk = Desk(slack, app, session, client)
        hear(desk)
        server = web.Application()
        server.add_routes([web.post("/slack/events", desk.serve)])
        runner = web.AppRunner(server)
        await runner.setup()
        closing.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        desk.port = int(runner.addresses[0][1])
        yield desk
        for line in desk.lines:
            await line.close_async()  # type: ignore[no-untyped-call]


def hear(desk: Desk) -> None:
    """Let the app write down, and acknowledge, all that comes."""

    async def note(ack: Callable[..., Awaitable[Any]], body: dict[str, Any]) -> None:
        desk.heard.append(body)
        await ack()

    async def answer(ack: Callable[..., Awaitable[Any]], body: dict[str, Any]) -> None:
        desk.heard.append(body)
        values = body["view"]["state"]["values"]
        if values["text"]["text"]["value"] == "bad":
            await ack(response_action="errors", errors={"text": "Not so"})
        elif values["text"]["text"]["value"] in ("update", "push"):
            await ack(response_action=values["text"]["text"]["value"], view=a_view())
        elif values["text"]["text"]["value"] == "clear":
            await ack(response_action="clear")
        else:
            await ack()

    everything = re.compile(".*")
    desk.app.command(everything)(note)
    desk.app.action(everything)(note)
    desk.app.shortcut(everything)(note)
    desk.app.event(everything)(note)
    desk.app.view_submission(everything)(answer)
    desk.app.view_closed(everything)(note)


WAYS = pytest.mark.parametrize("way", ["socket", "http"])


async def reach(desk: Desk, way: str) -> None:
    if way == "socket":
        await desk.listen()
    else:
        desk.slack.deliver_by_http(f"http://127.0.0.1:{desk.port}/slack/events")


@WAYS
async def test_a_command_arrives_and_is_answered_by_its_url(slack: FakeSlack, desk: Desk, way: str) -> None:
    await reach(desk, way)
    outcome = await slack.command("hana", "support", "/claim 1001 for:@ken in #team & <b>")
    assert outcome.acked is not None
    body = desk.last()
    assert (body["command"], body["user_id"], body["channel_id"]) == ("/claim", "U0HANA", "C0SUPPORT")
    assert body["text"] == "1001 for:@ken in <#C0TEAM|team> &amp; &lt;b&gt;"
    async with desk.session.post(body["response_url"], json={"text": "yours"}) as answer:
        assert (answer.status, await answer.text()) == (200, "ok")
    assert [(one.text, one.channel) for one in slack.ephemerals("hana")] == [("yours", "C0SUPPORT")]


@WAYS
async def test_a_button_is_pressed_on_a_card_and_on_what_one_person_sees(
    slack: FakeSlack, desk: Desk, way: str
) -> None:
    await reach(desk, way)
    blocks = [actions(button(value="claim:7:1", action_id="call:0"))]
    ts = (await desk.client.chat_postMessage(channel="C0SUPPORT", text="x", blocks=blocks))["ts"]
    assert (await slack.press("hana", "support", ts, "claim:7:1")).acked is not None
    body = desk.last()
    assert (body["container"]["message_ts"], body["message"]["ts"], body["actions"][0]["value"]) == (
        ts,
        ts,
        "claim:7:1",
    )
    assert body["user"] == {"id": "U0HANA", "username": "hana", "name": "hana", "team_id": "T0TEAM"}

    async def respond(**said: object) -> int:
        async with desk.session.post(body["response_url"], json=said) as answer:
            return answer.status

    assert await respond(text="page 1", blocks=blocks, thread_ts=ts) == 200
    (shown,) = slack.ephemerals("hana")
    assert shown.thread_ts == ts
    await slack.press("hana", "support", shown.id, "call:0")
    body = desk.last()
    assert (body["container"]["is_ephemeral"], body["container"]["thread_ts"], "message" in body) == (True, ts, False)
    assert await respond(text="page 2", replace_original=True) == 200
    assert (shown.text, shown.replaced, len(slack.ephemerals("hana"))) == ("page 2", 1, 1)
    assert await respond(delete_original=True) == 200
    assert slack.ephemerals("hana") == []


async def test_an_answers_address_has_five_uses_in_half_an_hour(slack: FakeSlack, desk: Desk) -> None:
    now = 1_700_000_000.0
    slack.world.clock = lambda: now
    first, second = (slack.world.address("commands", "U0HANA", "C0TEAM") for _ in range(2))

    async def respond(url: str, **said: object) -> tuple[int, str]:
        async with desk.session.post(url, json=said) as answer:
            return answer.status, "" if answer.status == 200 else (await answer.json())["error"]

    assert await respond(first, text="") == (400, "no_text")
    assert await respond(first, text="x", response_type="in_channel") == (200, "")
    assert [await respond(first, text="x") for _ in range(5)] == [(200, "")] * 4 + [(404, "used_url")]
    now += 1801
    assert await respond(second, text="x") == (404, "expired_url")
    assert (len(slack.messages("team")), len(slack.ephemerals("hana"))) == (1, 4)


@WAYS
async def test_a_form_is_filled_in_corrected_and_sent(slack: FakeSlack, desk: Desk, way: str) -> None:
    await reach(desk, way)
    inputs = [
        asked({**TYPED, "action_id": "text", "max_length": 10}, block_id="text"),
        asked(select(3, action_id="queue"), block_id="queue", optional=True),
        asked({"type": "users_select", "action_id": "agent"}, block_id="agent", optional=True),
    ]
    await slack.command("hana", "support", "/reply")
    view = a_view(blocks=inputs, submit=words("Send"), private_metadata="m", callback_id="form", notify_on_close=True)
    opened = (await desk.client.views_open(trigger_id=desk.last()["trigger_id"], view=view))["view"]["id"]

    assert (await slack.submit("hana", opened, {"queue": "v1"})).errors == {"text": "required"}
    assert (await slack.submit("hana", opened, {"text": "x" * 11})).errors == {"text": "too long"}
    assert (await slack.submit("hana", opened, {"text": "bad"})).errors == {"text": "Not so"}
    assert len(slack.views("hana")) == 1
    outcome = await slack.submit("hana", opened, {"text": "good", "agent": "U0KEN"})
    assert (outcome.errors, slack.views("hana")) == ({}, [])
    values = desk.last()["view"]["state"]["values"]
    assert values["text"]["text"] == {"type": "plain_text_input", "value": "good"}
    assert values["queue"]["queue"]["selected_option"]["value"] == "v1"
    assert values["agent"]["agent"] == {"type": "users_select", "selected_user": "U0KEN"}
    assert desk.last()["view"]["private_metadata"] == "m"
    with pytest.raises(LookupError):
        await slack.submit("hana", opened, {"text": "again"})

    for action, left in (("update", 1), ("push", 2), ("clear", 0)):
        trigger = slack.world.trigger("U0HANA")
        opened = (await desk.client.views_open(trigger_id=trigger, view=view))["view"]["id"]
        await slack.submit("hana", opened, {"text": action})
        assert len(slack.views("hana")) == left

    again = (await desk.client.views_open(trigger_id=outcome.trigger_id, view=view))["view"]["id"]
    await slack.close_view("hana", again)
    assert (desk.last()["type"], slack.views("hana")) == ("view_closed", [])


@WAYS
async def test_events_shortcuts_and_homes_arrive(slack: FakeSlack, desk: Desk, way: str) -> None:
    await reach(desk, way)
    written = slack.say("ken", "support", "My <order> is late")
    await slack.shortcut("hana", "support", written.ts, "new")
    assert (desk.last()["type"], desk.last()["callback_id"]) == ("message_action", "new")
    assert desk.last()["message"]["text"] == "My &lt;order&gt; is late"

    outcome = await slack.mention("hana", "support", "claim 1001", written.ts)
    body = desk.last()
    assert (body["event"]["type"], body["event"]["text"]) == ("app_mention", f"<@{BOT_USER}> claim 1001")
    assert (body["event"]["thread_ts"], body["event_id"]) == (written.ts, outcome.event_id)

    await slack.open_home("hana")
    assert (desk.last()["event"]["type"], desk.last()["event"]["channel"]) == ("app_home_opened", "D0HANA")
    await desk.client.views_publish(user_id="U0HANA", view={"type": "home", "blocks": [actions(button(value="mine"))]})
    await slack.press_home("hana", "mine")
    assert (desk.last()["view"]["type"], "response_url" in desk.last()) == ("home", False)
    opened = await desk.client.views_open(
        trigger_id=desk.last()["trigger_id"], view=a_view(blocks=[actions(select(2))])
    )
    await slack.press_modal(
        "hana", opened["view"]["id"], opened["view"]["blocks"][0]["elements"][0]["action_id"], chosen="v1"
    )
    assert desk.last()["actions"][0]["selected_option"]["value"] == "v1"

    await slack.deactivate("ken")
    assert (desk.last()["event"]["type"], desk.last()["event"]["user"]["deleted"]) == ("user_change", True)


async def test_payloads_are_spread_over_lines_and_may_come_twice(slack: FakeSlack, desk: Desk) -> None:
    await desk.listen(2)
    for _ in range(4):
        await slack.command("hana", "support", "/queue")
    assert [len(one.envelopes) for one in slack.sockets.connections] == [2, 2]
    await slack.mention("hana", "support", "queue", twice=True)
    assert [one["event_id"] for one in desk.heard[-2:]] == [desk.last()["event_id"]] * 2
    assert [len(one.envelopes) for one in slack.sockets.connections] == [3, 3]


async def test_what_nobody_acknowledges_is_shown_as_an_error_and_events_come_again(
    slack: FakeSlack, desk: Desk
) -> None:
    slack.ways.retries = (0.01, 0.02)
    assert (await slack.command("hana", "support", "/queue")).error == "dispatch_failed"
    outcome = await slack.mention("hana", "support", "queue")
    assert outcome.acked is None
    await slack.ways.settled()
    slack.ways.retries = (0.0,)
    await desk.listen(1)
    slack.deafen()
    slack.sockets.patience = 0.1
    outcome = await slack.mention("hana", "support", "queue")
    assert (outcome.error, desk.heard) == ("operation_timeout", [])
    slack.drop()


async def test_events_come_again_by_http_until_the_app_takes_them(slack: FakeSlack, desk: Desk) -> None:
    await reach(desk, "http")
    assert await slack.verify_url()
    slack.ways.retries = (0.0, 0.0)
    desk.is_mute = True
    assert (await slack.mention("hana", "support", "queue")).error == "http_error"
    desk.is_mute = False
    await slack.ways.settled()
    assert len(desk.heard) == 1
    slack.ways.signing_secret = "another"
    assert (await slack.command("hana", "support", "/queue")).error == "http_error"


def test_requests_are_signed_as_slack_sdk_checks_them() -> None:
    slack = FakeSlack()
    headers = slack.ways.signed("body")
    assert SignatureVerifier(SIGNING_SECRET).is_valid_request("body", headers)
    assert not SignatureVerifier(SIGNING_SECRET).is_valid_request("other", headers)


async def test_lines_are_refreshed_dropped_and_made_anew(slack: FakeSlack, desk: Desk) -> None:
    await desk.listen(1)
    (old,) = slack.sockets.open_ones
    await slack.refresh("refresh_requested")
    await slack.sockets.connected_to(1)
    (new,) = slack.sockets.open_ones
    assert new.number > old.number
    assert (await slack.command("hana", "support", "/queue")).acked is not None


async def test_a_line_may_be_dropped_with_what_was_sent_over_it(slack: FakeSlack, desk: Desk) -> None:
    await desk.listen()
    slack.set_faults(Faults(dropped=1))
    slack.sockets.patience = 0.2
    slack.ways.retries = ()
    assert (await slack.mention("hana", "support", "queue")).error == "operation_timeout"
    assert slack.sockets.open_ones == []


async def test_everything_may_come_twice(slack: FakeSlack, desk: Desk) -> None:
    await reach(desk, "http")
    slack.set_faults(Faults(double=1))
    await slack.command("hana", "support", "/queue")
    assert [one["trigger_id"] for one in desk.heard] == [desk.last()["trigger_id"]] * 2


async def test_only_commands_of_the_manifest_are_passed_on(slack: FakeSlack, desk: Desk) -> None:
    await reach(desk, "http")
    slack.world.commands = {"/queue"}
    assert (await slack.command("hana", "support", "/qeueu")).error == "not_a_valid_command"
    assert (await slack.command("hana", "support", "/queue vip")).error == ""
    assert [one["text"] for one in desk.heard] == ["vip"]


async def test_what_nobody_sees_nobody_presses(slack: FakeSlack, desk: Desk) -> None:
    blocks = [actions(button(value="claim:7:1"))]
    ts = (await desk.client.chat_postMessage(channel="C0SUPPORT", text="x", blocks=blocks))["ts"]
    shown = await desk.client.chat_postEphemeral(channel="C0SUPPORT", user="U0HANA", text="x", blocks=blocks)
    slack.leave("ken", "support")
    for user, place, what in (
        ("hana", ts, "release:7:1"),
        ("ken", ts, "claim:7:1"),
        ("emma", shown["message_ts"], "claim:7:1"),
        ("hana", "1.2", "claim:7:1"),
    ):
        with pytest.raises(LookupError):
            await slack.press(user, "support", place, what)


async def test_eleven_lines_are_too_many(slack: FakeSlack) -> None:
    async with AsyncExitStack() as closing:
        session = await closing.enter_async_context(ClientSession())
        told: list[Any] = []
        for _ in range(11):
            line = await closing.enter_async_context(session.ws_connect(slack.sockets.ticket()))
            told.append(await line.receive_json())
        assert [one["num_connections"] for one in told[:10]] == list(range(1, 11))
        assert told[10] | {"debug_info": {}} == {
            "type": "disconnect",
            "reason": "too_many_websockets",
            "debug_info": {},
        }


async def test_a_black_hole_stays_open_and_answers_no_ping(slack: FakeSlack) -> None:
    async with ClientSession() as session, session.ws_connect(slack.sockets.ticket(), autoping=False) as line:
        assert (await line.receive_json())["type"] == "hello"
        await line.ping(b"1")
        assert (await line.receive()).data == b"1"
        slack.deafen()
        await line.ping(b"2")
        with pytest.raises(TimeoutError):
            await line.receive(timeout=0.2)
        assert len(slack.sockets.open_ones) == 1
        slack.drop()
        assert slack.sockets.open_ones == []


# --- faults -------------------------------------------------------------------------------------------------


async def trouble(call: Awaitable[Any]) -> str:
    """How a call fails."""
    try:
        await call
    except SlackApiError as error:
        return str(error.response.status_code if error.response.status_code != 200 else error.response["error"])
    except ClientError as error:
        return type(error).__name__
    return "ok"


@pytest.mark.parametrize(
    ("faults", "told", "is_done"),
    [
        (Faults(lost=1), "ServerDisconnectedError", True),
        (Faults(fatal=1), "internal_error", True),
        (Faults(broken=1), "503", False),
        (Faults(reset=1), "ServerDisconnectedError", False),
        (Faults(limited=1), "429", False),
        (Faults(slow=1, slow_for=0.05), "ok", True),
        (Faults(lost=1, methods=["chat.update"]), "ok", True),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, Faults) else str(value),
)
async def test_faults_by_switch(
    slack: FakeSlack, client: AsyncWebClient, faults: Faults, told: str, is_done: bool
) -> None:
    slack.set_faults(faults)
    assert await trouble(client.chat_postMessage(channel="C0TEAM", text="x")) == told
    assert len(slack.messages("team")) == is_done
    assert (await client.auth_test())["ok"]


async def test_what_hangs_is_never_done(slack: FakeSlack, client: AsyncWebClient) -> None:
    slack.set_faults(Faults(hang=1))
    waiting = asyncio.create_task(trouble(client.chat_postMessage(channel="C0TEAM", text="x")))
    await client.auth_test()
    assert not waiting.done()
    slack.release()
    assert (await waiting, slack.messages("team")) == ("ServerDisconnectedError", [])


async def test_a_stuck_channel_holds_its_posts_until_it_is_released(slack: FakeSlack, client: AsyncWebClient) -> None:
    slack.set_faults(Faults(stuck=["C0TEAM"]))
    waiting = asyncio.create_task(client.chat_postMessage(channel="C0TEAM", text="x"))
    await client.chat_postMessage(channel="C0SUPPORT", text="x")
    assert not waiting.done()
    slack.release()
    await waiting
    assert len(slack.messages("team")) == 1


async def test_a_limit_closes_a_channel_and_counts_who_does_not_wait(slack: FakeSlack, client: AsyncWebClient) -> None:
    slack.set_faults(Faults(limited=1, retry_after=30))
    with pytest.raises(SlackApiError) as limit:
        await client.chat_postMessage(channel="C0TEAM", text="x")
    assert limit.value.response.headers["Retry-After"] == "30"
    slack.faults.limited = 0
    assert await trouble(client.chat_postMessage(channel="C0TEAM", text="x")) == "429"
    assert slack.impatient == 0  # it may have been under way already
    slack.gate.grace = 0.0
    assert await trouble(client.chat_postMessage(channel="C0TEAM", text="x")) == "429"
    assert slack.impatient == 1
    assert await trouble(client.chat_postMessage(channel="C0SUPPORT", text="x")) == "ok"


async def test_the_real_limits_are_counted_and_kept_when_switched_on(slack: FakeSlack, client: AsyncWebClient) -> None:
    slack.set_faults(Faults(second=1000))
    for _ in range(6):
        await client.chat_postMessage(channel="C0TEAM", text="x")
    assert slack.too_fast == 2
    slack.set_faults(Faults(limits=True, second=1000))
    assert await trouble(client.chat_postMessage(channel="C0TEAM", text="x")) == "429"
    assert await trouble(client.chat_postMessage(channel="C0SUPPORT", text="x")) == "ok"
    for _ in range(22):
        assert await trouble(client.conversations_list()) == "ok"
    assert await trouble(client.conversations_list()) == "429"


async def test_nothing_is_forgotten_between_closing_and_opening(slack: FakeSlack, client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel="C0TEAM", text="x")
    port = slack.port
    await slack.close()
    assert await trouble(client.auth_test()) in ("ClientConnectorError", "ServerDisconnectedError")
    assert await slack.open() == port
    assert len((await client.conversations_history(channel="C0TEAM"))["messages"]) == 1


async def test_another_process_can_drive_it(slack: FakeSlack, desk: Desk) -> None:
    await desk.listen()

    async def act(act: str, **arguments: object) -> Any:
        async with desk.session.post(f"{slack.url}/act/{act}", json=arguments) as answer:
            return await answer.json()

    told = await act("command", user="hana", channel="support", line="/queue")
    assert (told["error"], desk.last()["command"]) == ("", "/queue")
    assert "nobody called" in (await act("open_home", user="nobody"))["error"]
    assert (await act("add_channel", name="vip", members=["hana"]))["members"] == ["U0DESK", "U0HANA"]
    await desk.client.chat_postMessage(channel="C0VIP", text="x")
    async with desk.session.get(f"{slack.url}/see/messages", params={"channel": "vip"}) as answer:
        assert [one["text"] for one in await answer.json()] == ["x"]
    async with desk.session.post(f"{slack.url}/faults", json={"broken": 1}) as answer:
        assert answer.status == 200
    assert await trouble(desk.client.chat_postMessage(channel="C0VIP", text="x")) == "503"


LIVE: list[tuple[str, list[dict[str, Any]], list[str]]] = [
    ("&lt;!channel&gt; and @here", [], []),
    ("<!channel> <@U0KEN> <http://x|y>", [], ["!channel", "@U0KEN", "http://x|y"]),
    ("see https://evil.example/x", [], ["https://evil.example/x"]),
    ("evil.example", [], ["evil.example"]),
    ("", [section(text=words("<!here> http://x"))], []),
    ("", [section(text=words("<!here>", "mrkdwn"))], ["!here"]),
    ("", [section(text={**words("http://x <!date^1^{date}|then>", "mrkdwn"), "verbatim": True})], []),
    ("", [section(text=words("<!date^1^{date}^http://x|then>", "mrkdwn"))], ["!date^1^{date}^http://x|then"]),
    ("", [rich({"type": "text", "text": "<!here> http://x"})], []),
    ("", [rich({"type": "user", "user_id": "U0KEN"}, {"type": "link", "url": "http://x"})], ["user U0KEN", "http://x"]),
    ("", [actions(button(url="http://x"))], ["http://x"]),
]


@pytest.mark.parametrize(("text", "blocks", "found"), LIVE)
def test_what_calls_somebody_or_leads_somewhere_is_seen(
    text: str, blocks: list[dict[str, Any]], found: list[str]
) -> None:
    assert live(text, blocks) == found
