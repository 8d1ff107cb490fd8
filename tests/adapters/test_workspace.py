"""The workspace over loopback: a real server, real HTTP, real files."""

import asyncio
import base64
import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

import pytest
from aiohttp import ClientResponse, ClientSession, ClientTimeout, CookieJar, web

from adapters.workspace.customer import Letter, compose
from adapters.workspace.guard import HEADER, refuse_beyond_loopback
from adapters.workspace.hints import CommandHint, OptionHint
from adapters.workspace.live import KEPT, Hub
from adapters.workspace.messages import StoredMessage, WrittenMail
from adapters.workspace.people import SAMPLE_PEOPLE
from adapters.workspace.platform import FILE, Workspace
from bot.chat.card import Button, Card, Choice, Field, Form, Input, Item, Tone
from bot.chat.invocation import Answer, Invocation, call
from bot.chat.profile import Profile
from bot.chat.text import Moment
from bot.ports import ChatPlatform, MessageGone, MessageRef, NotSent, Refused

NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
TEXTS = MappingProxyType(
    {
        "en": {"page.starting": "Starting.", "page.delete.denied": "Not yours.", "page.noscript": "No script <b>"},
        "ja": {"page.starting": "起動中です。", "page.customer.bad_address": "住所が必要です。"},
    }
)
PEOPLE = {
    one.handle: Profile(one.handle, one.name, one.language, one.time_zone, mention=one.handle) for one in SAMPLE_PEOPLE
}
HOSTILE = "</script><img src=x onerror=alert(1)>\u202e<!channel> \"'&amp; \x7f"


class RecordingDesk:
    """A desk that remembers what it was asked, and answers with a card, or with a form when asked to ask."""

    def __init__(self) -> None:
        self.calls: list[Invocation] = []
        self.replies: list[Invocation] = []
        self.boards: set[str] = set()

    async def call(self, invocation: Invocation) -> Answer:
        self.calls.append(invocation)
        if invocation.verb == "ask":
            return Form("Why?", call("resolve", 7, 2), (Input("note", "Note", required=True),), "Resolve", "Cancel")
        return Card(title=f"did {invocation.verb}")

    async def reply(self, invocation: Invocation) -> Answer | None:
        self.replies.append(invocation)
        if invocation.message not in self.boards:
            return None
        return await self.call(replace(invocation, verb="whisper", options={"reply": invocation.text}))

    async def complete(self, invocation: Invocation, option: str, typed: str) -> Sequence[Choice]:
        return [Choice(f"{invocation.verb}-{option}-{typed}", invocation.text)]

    async def meet(self, platform: str, profile: Profile) -> None:
        raise AssertionError("the workspace's people never change")


@dataclass
class Serving:
    """A workspace on a port of this machine, and a browser-like client that has opened its page."""

    workspace: Workspace
    client: ClientSession
    url: str
    desk: RecordingDesk
    mails: list[tuple[str, bytes]] = field(default_factory=list)

    def headers(self, **other: str) -> dict[str, str]:
        return {"Origin": self.url, HEADER: self.workspace.guard.token, **other}

    async def post(self, path: str, body: object, headers: dict[str, str] | None = None) -> ClientResponse:
        sent = {"Content-Type": "application/json", **(self.headers() if headers is None else headers)}
        content = BytesIO(json.dumps(body).encode())
        return await self.client.post(f"{self.url}/api/{path}", data=content, headers=sent)

    async def asks(self, path: str, **body: object) -> dict[str, object]:
        response = await self.post(path, {"me": "hana", "channel": "support", **body})
        assert response.status == 200, await response.text()
        answer: dict[str, object] = await response.json()
        return answer

    async def reads(self, path: str) -> dict[str, list[dict[str, object]]]:
        response = await self.client.get(f"{self.url}/api/{path}")
        assert response.status == 200, await response.text()
        answer: dict[str, list[dict[str, object]]] = await response.json()
        return answer


def commands(language: str) -> Sequence[CommandHint]:
    return [CommandHint("claim", f"claim in {language}", "/claim inquiry", (OptionHint("inquiry", completes=True),))]


def make(folder: Path, deliver: Callable[[str, bytes], Awaitable[None]] | None = None) -> Workspace:
    return Workspace(
        folder,
        ("support", "sales", "supervisors"),
        SAMPLE_PEOPLE,
        deliver,
        lambda: NOON,
        lambda name: TEXTS[name],
        commands,
    )


@pytest.fixture
async def unstarted(tmp_path: Path) -> AsyncIterator[Serving]:
    mails: list[tuple[str, bytes]] = []

    async def deliver(queue: str, raw: bytes) -> None:
        mails.append((queue, raw))

    workspace = make(tmp_path, deliver)
    await workspace.open()
    app = web.Application()
    app.add_routes(workspace.routes())
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with ClientSession(cookie_jar=CookieJar(unsafe=True), timeout=ClientTimeout(total=20)) as client:
        assert (await client.get(url)).status == 200
        yield Serving(workspace, client, url, RecordingDesk(), mails)
    await workspace.close()
    await runner.cleanup()


@pytest.fixture
async def serving(unstarted: Serving) -> AsyncIterator[Serving]:
    running = asyncio.create_task(unstarted.workspace.run(unstarted.desk))
    await asyncio.sleep(0)
    yield unstarted
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


# --- the platform -----------------------------------------------------------------------------------------


async def test_it_fills_the_port(serving: Serving) -> None:
    platform: ChatPlatform = serving.workspace
    assert (platform.name, platform.trouble) == ("workspace", "")
    assert platform.pace.per_second >= 100


async def test_the_same_key_is_posted_once_even_at_the_same_moment(serving: Serving) -> None:
    posts = [serving.workspace.post("support", Card(f"card {n}"), "key-1") for n in range(10)]
    refs = await asyncio.gather(*posts)
    assert len(set(refs)) == 1
    [message] = (await serving.reads("messages?me=hana&channel=support"))["messages"]
    assert str(message["id"]) == refs[0].message


async def test_a_key_is_found_in_its_channel_and_time_also_in_threads_and_when_deleted(serving: Serving) -> None:
    workspace = serving.workspace
    root = await workspace.post("support", Card("root"), "root")
    reply = await workspace.reply(root, Card("reply"), "reply")
    assert await workspace.find("support", "reply", NOON - timedelta(seconds=1)) == reply
    assert await workspace.find("sales", "reply", NOON - timedelta(seconds=1)) is None
    assert await workspace.find("support", "reply", NOON + timedelta(seconds=1)) is None
    stored = await workspace.messages.get(int(root.message))
    assert stored is not None
    await workspace.delete(stored)
    assert await workspace.find("support", "root", NOON - timedelta(seconds=1)) == root
    assert await workspace.post("support", Card("root"), "root") == root


async def test_a_reply_to_a_reply_stays_in_the_thread(serving: Serving) -> None:
    root = await serving.workspace.post("support", Card("root"), "root")
    first = await serving.workspace.reply(root, Card("first"), "first")
    await serving.workspace.reply(first, Card("second"), "second")
    thread = await serving.reads(f"thread?me=hana&message={root.message}")
    assert [reply["parent"] for reply in thread["replies"]] == [int(root.message)] * 2
    [shown] = (await serving.reads("messages?me=hana&channel=support"))["messages"]
    assert (shown["replies"], shown["revision"]) == (2, 3)


async def test_an_update_shows_and_a_deleted_message_is_gone(serving: Serving) -> None:
    ref = await serving.workspace.post("support", Card("before"), "key")
    await serving.workspace.update(ref, Card("after", Tone.DONE))
    [message] = (await serving.reads("messages?me=hana&channel=support"))["messages"]
    assert message["card"] == message["card"] | {"title": "after", "tone": "done"}  # type: ignore[operator]
    assert (await serving.post("delete", {"me": "emma", "message": int(ref.message)})).status == 200
    with pytest.raises(MessageGone):
        await serving.workspace.update(ref, Card("later"))
    with pytest.raises(MessageGone):
        await serving.workspace.reply(ref, Card("later"), "reply")
    with pytest.raises(MessageGone):
        await serving.workspace.update(MessageRef("support", "no number"), Card("later"))


async def test_unknown_channels_and_people_are_refused_in_words(serving: Serving) -> None:
    with pytest.raises(Refused, match="no channel called nowhere"):
        await serving.workspace.post("nowhere", Card("x"), "a")
    with pytest.raises(Refused, match="nobody called mallory"):
        await serving.workspace.whisper("mallory", Card("x"), "b")


async def test_whispers_are_only_their_readers(serving: Serving) -> None:
    ref = await serving.workspace.whisper("hana", Card("for hana"), "w")
    assert ref.channel == "@hana"
    [message] = (await serving.reads("messages?me=hana&channel=@hana"))["messages"]
    assert message["author"] == ""
    for path in ("messages?me=ken&channel=@hana", f"thread?me=ken&message={ref.message}"):
        assert (await serving.client.get(f"{serving.url}/api/{path}")).status == 404
    stolen = {"me": "ken", "channel": "@hana", "message": int(ref.message), "call": "show:1"}
    assert (await serving.post("press", stolen)).status == 404


async def test_everything_is_there_again_after_opening_anew(tmp_path: Path) -> None:
    first = make(tmp_path)
    await first.open()
    ref = await first.post("support", Card("kept"), "key")
    await first.say(SAMPLE_PEOPLE[0], "support", "見ました", int(ref.message))
    # Not closed: a killed process does not close its files either.
    second = make(tmp_path)
    await second.open()
    found, more = await second.messages.page("support", None, 50)
    assert [(message.replies, more) for message in found] == [(1, False)]
    assert await second.post("support", Card("again"), "key") == ref
    await second.close()
    await first.close()


async def test_a_file_that_cannot_be_used_means_not_sent_and_is_told(tmp_path: Path) -> None:
    workspace = make(tmp_path)
    with pytest.raises(NotSent):
        await workspace.post("support", Card("too early"), "key")
    await workspace.open()
    with sqlite3.connect(tmp_path / FILE) as other:
        other.execute("ALTER TABLE message RENAME TO elsewhere")
    with pytest.raises(NotSent):
        await workspace.post("support", Card("no table"), "key")
    assert FILE in workspace.trouble
    with sqlite3.connect(tmp_path / FILE) as other:
        other.execute("ALTER TABLE elsewhere RENAME TO message")
    await workspace.post("support", Card("mended"), "key")
    assert workspace.trouble == ""
    await workspace.close()


async def test_pages_of_messages_reach_back_to_the_first(serving: Serving) -> None:
    for number in range(120):
        await serving.workspace.post("support", Card(str(number)), f"key-{number}")
    seen: list[object] = []
    before, more = "", True
    while more:
        page = await serving.reads(f"messages?me=hana&channel=support&before={before}")
        seen = [message["card"]["title"] for message in page["messages"]] + seen  # type: ignore[index]
        before, more = str(page["messages"][0]["id"]), bool(page["more"])
    assert seen == [str(number) for number in range(120)]


# --- calls ------------------------------------------------------------------------------------------------


async def test_a_slash_command_becomes_a_call_and_leaves_no_message(serving: Serving) -> None:
    ref = await serving.workspace.post("support", Card("root"), "root")
    answer = await serving.asks("say", text="／Claim\u300042 please", message=int(ref.message))
    assert answer["answer"]["card"]["title"] == "did claim"  # type: ignore[index]
    assert serving.desk.calls == [
        Invocation(
            platform="workspace",
            user="hana",
            user_name="佐藤 花",
            channel="support",
            message=ref.message,
            verb="claim",
            text="42 please",
            language="ja",
            profiles=PEOPLE,
        )
    ]
    assert (await serving.reads(f"thread?me=hana&message={ref.message}"))["replies"] == []


async def replies(serving: Serving, root: int) -> list[StoredMessage]:
    """What stands in the thread under a message."""
    return await serving.workspace.messages.thread(root)


async def test_words_under_a_board_are_handed_on_and_answered_to_their_writer_alone(serving: Serving) -> None:
    board = int((await serving.workspace.post("support", Card(title="On the phone"), "board")).message)
    serving.desk.boards.add(str(board))
    answer = await serving.asks("say", text=" offer a <refund> ", message=board)
    assert (answer["verb"], "did whisper" in str(answer["answer"])) == ("whisper", True)
    (first,) = await replies(serving, board)
    await serving.asks("say", text="and be quick", message=first.id)
    assert [one.body["text"] for one in await replies(serving, board)] == ["offer a <refund>", "and be quick"]
    told = [(one.user, one.channel, one.message, one.options) for one in serving.desk.calls]
    assert told == [
        ("hana", "support", str(board), {"reply": "offer a <refund>"}),
        ("hana", "support", str(board), {"reply": "and be quick"}),
    ]
    assert len({one.event for one in serving.desk.calls}) == 2
    assert all(one.profiles == PEOPLE for one in serving.desk.calls)


async def test_words_elsewhere_are_only_said(serving: Serving) -> None:
    card = int((await serving.workspace.post("support", Card(title="An inquiry"), "card")).message)
    assert await serving.asks("say", text="who knows?", message=card) == {}
    assert [one.text for one in serving.desk.replies] == ["who knows?"]
    await serving.asks("say", text="hello")
    theirs = (await serving.workspace.messages.page("support", None, 1))[0][0].id
    assert await serving.asks("say", text="hello to you", message=theirs) == {}
    assert len(serving.desk.replies) == 1
    assert serving.desk.calls == []


async def test_a_command_under_a_board_is_a_command(serving: Serving) -> None:
    board = int((await serving.workspace.post("support", Card(title="On the phone"), "board")).message)
    serving.desk.boards.add(str(board))
    await serving.asks("say", text="/claim 7", message=board)
    assert ([one.verb for one in serving.desk.calls], serving.desk.replies) == (["claim"], [])


async def test_before_the_core_is_there_nothing_is_said_that_nobody_would_hear(unstarted: Serving) -> None:
    board = int((await unstarted.workspace.post("support", Card(title="On the phone"), "board")).message)
    sent = {"me": "hana", "channel": "support", "text": "offer a refund", "message": board}
    assert (await unstarted.post("say", sent)).status == 503
    assert await replies(unstarted, board) == []


async def test_a_button_carries_its_options_and_the_version_it_was_drawn_at(serving: Serving) -> None:
    ref = await serving.workspace.post("support", Card("root"), "root")
    pressed = call("assign", 42, 7, agent="ken: a/b")
    answer = await serving.asks("press", message=int(ref.message), call=pressed)
    assert answer["verb"] == "assign"
    [made] = serving.desk.calls
    assert (made.options, made.seen, made.message) == ({"inquiry": "42", "agent": "ken: a/b"}, 7, ref.message)


async def test_a_form_is_shown_and_submitting_it_adds_the_inputs(serving: Serving) -> None:
    asked = await serving.asks("say", text="/ask")
    form = asked["answer"]["form"]  # type: ignore[index]
    assert form["inputs"][0] == form["inputs"][0] | {"name": "note", "required": True, "kind": "line"}
    await serving.asks("submit", call=form["call"], inputs={"note": "送りました"})
    assert serving.desk.calls[-1].options == {"inquiry": "7", "note": "送りました"}
    assert serving.desk.calls[-1].seen == 2


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("say", {"text": "/claim 42"}),
        ("press", {"message": 0, "call": "claim:42:7"}),
        ("submit", {"call": "claim:42:7", "inputs": {}}),
    ],
    ids=["typed", "pressed", "filled in"],
)
async def test_every_call_tells_who_is_here(serving: Serving, path: str, body: dict[str, object]) -> None:
    ref = await serving.workspace.post("support", Card("root"), "root")
    await serving.asks(path, **{**body, **({"message": int(ref.message)} if "message" in body else {})})
    assert serving.desk.calls[-1].profiles == PEOPLE


async def test_headings_and_the_rows_under_them_are_told_apart(serving: Serving) -> None:
    under = (Button("Whisper", "whisper:::call=7"), Button("Details", "phone:::call=7"))
    rows = (Item(("Yours: 1",), heading=True), Item(("#1001 Parcel",), buttons=under))
    await serving.workspace.post("support", Card("Home", items=rows), "home")
    (message,) = (await serving.reads("messages?me=hana&channel=support"))["messages"]
    items = message["card"]["items"]  # type: ignore[index]
    assert [(one["text"], one["heading"]) for one in items] == [(["Yours: 1"], True), (["#1001 Parcel"], False)]
    assert [[each["call"] for each in one["buttons"]] for one in items] == [[], [one.call for one in under]]


async def test_options_are_completed_by_the_desk(serving: Serving) -> None:
    answer = await serving.asks("complete", verb="assign", option="agent", typed="ke", text="42")
    assert answer == {"choices": [{"value": "assign-agent-ke", "label": "42"}]}


async def test_before_the_core_is_there_calls_are_answered_in_words(unstarted: Serving) -> None:
    response = await unstarted.post("say", {"me": "hana", "channel": "support", "text": "/queue"})
    assert (response.status, await response.json()) == (503, {"error": "起動中です。"})


@pytest.mark.parametrize(
    "body",
    [
        {"me": "hana", "channel": "support", "call": "no call!"},
        {"me": "hana", "channel": "support", "call": "claim:forty-two"},
        {"me": "hana", "channel": "support", "call": 5},
        {"me": "hana", "channel": "support", "call": "claim:1", "message": "1"},
        {"me": "hana", "channel": "support", "call": "claim:1", "message": True},
        ["me"],
    ],
)
async def test_bodies_that_make_no_sense_are_refused(serving: Serving, body: object) -> None:
    assert (await serving.post("press", body)).status == 400
    assert serving.desk.calls == []


async def test_large_bodies_are_refused(serving: Serving) -> None:
    body = {"me": "hana", "channel": "support", "text": "x" * 1_000_001}
    assert (await serving.post("say", body)).status == 413


async def test_people_delete_their_own_words_and_only_those(serving: Serving) -> None:
    await serving.asks("say", text="typo")
    [message] = (await serving.reads("messages?me=hana&channel=support"))["messages"]
    denied = await serving.post("delete", {"me": "ken", "message": message["id"]})
    assert (denied.status, await denied.json()) == (403, {"error": "Not yours."})
    assert (await serving.post("delete", {"me": "hana", "message": message["id"]})).status == 200
    assert (await serving.reads("messages?me=hana&channel=support"))["messages"] == []


async def test_unread_counts_are_kept_per_person(serving: Serving) -> None:
    ref = await serving.workspace.post("support", Card("one"), "one")
    await serving.asks("read", upto=int(ref.message))
    await serving.workspace.post("support", Card("two"), "two")

    async def unread(me: str) -> object:
        return (await serving.reads(f"state?me={me}"))["channels"][0]["unread"]

    assert (await unread("hana"), await unread("ken")) == (1, 2)


async def test_hostile_words_are_only_ever_json(serving: Serving) -> None:
    moment = Moment(NOON, HOSTILE, relative=True)
    card = Card(
        HOSTILE,
        badge=HOSTILE,
        lines=((HOSTILE, moment),),
        fields=(Field(HOSTILE, (HOSTILE,)),),
        quote=HOSTILE,
        items=(Item((HOSTILE,), button=Button(HOSTILE, call("claim", 1, 1, note=HOSTILE))),),
    )
    await serving.workspace.post("support", card, HOSTILE)
    await serving.asks("say", text=HOSTILE + "\0\ud800")
    response = await serving.client.get(f"{serving.url}/api/messages?me=hana&channel=support")
    assert response.content_type == "application/json"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    shown, said = (await response.json())["messages"]
    assert shown["card"]["lines"] == [[HOSTILE, {"at": NOON.isoformat(), "spoken": HOSTILE, "relative": True}]]
    assert said["text"] == HOSTILE + "\ufffd"
    page = await (await serving.client.get(serving.url)).text()
    assert "onerror" not in page
    assert "No script &lt;b&gt;" in page


# --- live -------------------------------------------------------------------------------------------------


async def events(serving: Serving, me: str, after: str, headers: dict[str, str] | None = None) -> ClientResponse:
    url = f"{serving.url}/api/events?me={me}&after={after}"
    response = await serving.client.get(url, headers=headers)
    assert response.status == 200
    return response


async def next_event(stream: ClientResponse) -> tuple[str, str, dict[str, object]]:
    """The next event's id, name and data."""
    found: dict[str, str] = {}
    while True:
        line = (await asyncio.wait_for(stream.content.readline(), 10)).decode().rstrip("\n")
        if not line and "event" in found:
            return found["id"], found["event"], json.loads(found["data"])
        name, _, value = line.partition(": ")
        found[name] = value


async def test_what_happens_is_streamed_to_those_who_may_see_it(serving: Serving) -> None:
    cursor = str((await serving.reads("state?me=hana"))["cursor"])
    hana, ken = await events(serving, "hana", cursor), await events(serving, "ken", cursor)
    ref = await serving.workspace.post("support", Card("one"), "one")
    await serving.workspace.whisper("hana", Card("secret"), "w")
    await serving.workspace.update(ref, Card("two"))
    assert [(await next_event(hana))[1] for _ in range(4)] == ["hello", "message", "message", "message"]
    titles = [(await next_event(ken))[2].get("card") for _ in range(3)]
    assert [card["title"] for card in titles if isinstance(card, dict)] == ["one", "two"]
    hana.close()
    ken.close()


async def test_a_page_that_comes_back_gets_what_it_missed(serving: Serving) -> None:
    stream = await events(serving, "hana", serving.workspace.hub.cursor)
    seen, name, _ = await next_event(stream)
    assert name == "hello"
    stream.close()
    await serving.workspace.post("support", Card("missed"), "one")
    again = await events(serving, "hana", "", {"Last-Event-ID": seen})
    assert (await next_event(again))[1] == "hello"
    assert (await next_event(again))[2]["card"]["title"] == "missed"  # type: ignore[index]
    again.close()


async def test_the_channel_for_supervisors_is_theirs_alone(serving: Serving) -> None:
    seen = {me: (await serving.reads(f"state?me={me}"))["channels"] for me in ("hana", "emma")}
    assert [[one["id"] for one in seen[me]] for me in ("hana", "emma")] == [
        ["support", "sales", "@hana"],
        ["support", "sales", "supervisors", "@emma"],
    ]
    cursor = str((await serving.reads("state?me=hana"))["cursor"])
    hana, emma = await events(serving, "hana", cursor), await events(serving, "emma", cursor)
    ref = await serving.workspace.post("supervisors", Card("board"), "board")
    await serving.workspace.post("support", Card("for all"), "card")
    assert [(await next_event(emma))[1] for _ in range(2)] == ["hello", "message"]
    assert (await next_event(hana))[1] == "hello"
    assert (await next_event(hana))[2]["card"]["title"] == "for all"  # type: ignore[index]
    hana.close()
    emma.close()
    for path in ("messages?me=hana&channel=supervisors", f"thread?me=hana&message={ref.message}"):
        assert (await serving.client.get(f"{serving.url}/api/{path}")).status == 404
    pressed = {"me": "hana", "channel": "supervisors", "message": int(ref.message), "call": "board"}
    assert (await serving.post("press", pressed)).status == 404
    assert (await serving.post("delete", {"me": "hana", "message": int(ref.message)})).status == 404
    assert (await serving.post("press", pressed | {"me": "emma"})).status == 200


async def test_a_page_of_another_start_fetches_everything_anew(serving: Serving) -> None:
    stream = await events(serving, "hana", "otherstart-3")
    assert (await next_event(stream))[1] == "refetch"
    stream.close()


async def test_a_page_that_missed_too_much_fetches_everything_anew() -> None:
    hub = Hub("start")
    before = hub.cursor
    for number in range(KEPT + 1):
        hub.tell("message", {"id": number})
    stream = hub.follow("hana", before)
    assert b"event: refetch" in await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]


async def test_closing_ends_the_streams(serving: Serving) -> None:
    stream = await events(serving, "hana", serving.workspace.hub.cursor)
    await next_event(stream)
    serving.workspace.hub.finish()
    assert await asyncio.wait_for(stream.content.read(), 10) == b""


# --- the guard --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "forged",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site"},
        {},
    ],
)
async def test_other_sites_cannot_change_anything(serving: Serving, forged: dict[str, str]) -> None:
    headers = {HEADER: serving.workspace.guard.token, **forged}
    response = await serving.post("say", {"me": "hana", "channel": "support", "text": "/claim 1"}, headers)
    assert response.status == 403
    assert serving.desk.calls == []


async def test_our_own_page_is_known_by_its_origin_or_by_the_browser_saying_so(serving: Serving) -> None:
    body = {"me": "hana", "channel": "support", "text": "/claim 1"}
    token = serving.workspace.guard.token
    for own in ({"Origin": serving.url}, {"Sec-Fetch-Site": "same-origin"}):
        assert (await serving.post("say", body, {HEADER: token, **own})).status == 200


@pytest.mark.parametrize("token", ["", "guess", "löschen"])
async def test_without_the_token_of_this_start_nothing_changes(serving: Serving, token: str) -> None:
    body = {"me": "hana", "channel": "support", "text": "/claim 1"}
    assert (await serving.post("say", body, {"Origin": serving.url, HEADER: token})).status == 401
    assert serving.desk.calls == []


@pytest.mark.parametrize("path", ["", "static/main.js", "api/state", "api/events", "api/messages?channel=support"])
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:1", "127.0.0.1.evil.example", ""])
async def test_other_host_names_are_turned_away(serving: Serving, path: str, host: str) -> None:
    response = await serving.client.get(f"{serving.url}/{path}", headers={"Host": host})
    assert response.status in (400, 403)


async def test_reading_needs_the_cookie_and_our_own_page(serving: Serving) -> None:
    async with ClientSession() as stranger:
        for path in ("state", "events", "messages?channel=support", "thread?message=1", "mails"):
            assert (await stranger.get(f"{serving.url}/api/{path}")).status == 401
    headers = {"Sec-Fetch-Site": "same-site"}
    assert (await serving.client.get(f"{serving.url}/api/state", headers=headers)).status == 403


async def test_the_cookie_does_not_open_what_the_token_opens(serving: Serving) -> None:
    cookie = next(iter(serving.client.cookie_jar))
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")
    assert cookie.value != serving.workspace.guard.token
    page = await (await serving.client.get(serving.url)).text()
    assert serving.workspace.guard.token in page
    assert cookie.value not in page


@pytest.mark.parametrize("path", ["", "static/main.js", "api/state", "api/state?me=nobody"])
async def test_every_answer_carries_the_policies(serving: Serving, path: str) -> None:
    response = await serving.client.get(f"{serving.url}/{path}")
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["Referrer-Policy"] == "no-referrer"


async def test_only_the_pages_own_files_are_served(serving: Serving) -> None:
    for name in ("..%2Fplatform.py", "platform.py", "index.html", "main.js%00"):
        assert (await serving.client.get(f"{serving.url}/static/{name}")).status == 404


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "", "example.com"])
def test_binding_beyond_loopback_is_refused_in_a_sentence(host: str) -> None:
    with pytest.raises(ValueError, match="this machine only"):
        refuse_beyond_loopback(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_loopback_is_fine(host: str) -> None:
    refuse_beyond_loopback(host)


# --- writing as a customer --------------------------------------------------------------------------------


def read(raw: bytes) -> EmailMessage:
    mail = message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


async def test_the_panel_writes_a_real_mail_and_a_reply_refers_to_it(serving: Serving) -> None:
    letter = {"queue": "support", "name": "青木 葵\r\nBcc: x@example.com", "address": "aoi@example.com"}
    first = {**letter, "subject": "請求書 \n再発行", "text": "お世話になっております。\nよろしく"}
    attached = {"name": "見積.pdf", "type": "application/pdf", "data": base64.b64encode(b"%PDF").decode()}
    await serving.asks("customer", **first, attachment=attached)
    [known] = (await serving.reads("mails?me=hana"))["mails"]
    await serving.asks("customer", **letter, subject="Re: 請求書", text="追加です", answers=known["id"])
    (queue, raw), (_, answer) = serving.mails
    mail, reply = read(raw), read(answer)
    assert queue == "support"
    assert (str(mail["Subject"]), mail["Bcc"]) == ("請求書 再発行", None)
    assert mail["From"].addresses[0].addr_spec == "aoi@example.com"
    body = mail.get_body()
    assert body is not None
    assert body.get_content().splitlines() == ["お世話になっております。", "よろしく"]
    [file] = mail.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("見積.pdf", b"%PDF")
    assert str(reply["In-Reply-To"]) == str(reply["References"]) == str(mail["Message-ID"])
    assert str(reply["Message-ID"]) != str(mail["Message-ID"])


def test_older_programs_write_iso_2022_jp_in_headers_and_text() -> None:
    letter = Letter("support", "青木 葵", "aoi@example.com", "請求書", "再発行をお願いします", old_japanese=True)
    raw, _ = compose(letter, NOON)
    assert b"=?iso-2022-jp?" in raw.lower()
    assert letter.text.encode("iso-2022-jp") in raw
    assert raw.isascii()
    mail = read(raw)
    assert (str(mail["Subject"]), mail.get_content().strip()) == ("請求書", "再発行をお願いします")


def test_what_iso_2022_jp_cannot_say_goes_out_as_utf_8() -> None:
    letter = Letter("support", "髙橋 ①", "t@example.com", "絵文字 🙂", "🙂", old_japanese=True)
    mail = read(compose(letter, NOON)[0])
    assert (mail.get_content_charset(), mail.get_content().strip()) == ("utf-8", "🙂")
    assert mail["From"].addresses[0].display_name == "髙橋 ①"


def test_references_grow_with_the_thread() -> None:
    before = WrittenMail("support", "A", "a@example.com", "S", "<2@x>", ("<1@x>",))
    mail = read(compose(Letter("support", "A", "a@example.com", "S", "t", answers=before), NOON)[0])
    assert (mail["References"], mail["In-Reply-To"]) == ("<1@x> <2@x>", "<2@x>")


async def test_a_letter_without_an_address_is_refused_in_the_readers_words(serving: Serving) -> None:
    body = {"me": "hana", "queue": "support", "address": "nobody", "text": "x"}
    response = await serving.post("customer", body)
    assert (response.status, await response.json()) == (400, {"error": "住所が必要です。"})
    assert serving.mails == []


async def test_attachments_of_five_megabytes_pass_and_larger_ones_do_not(serving: Serving) -> None:
    letter = {"queue": "sales", "address": "a@example.com", "text": "see file"}

    def attachment(size: int) -> dict[str, str]:
        return {"name": "a.bin", "type": "nonsense", "data": base64.b64encode(bytes(size)).decode()}

    await serving.asks("customer", **letter, attachment=attachment(5_000_000))
    too_big = {"me": "hana", **letter, "attachment": attachment(5_000_001)}
    assert (await serving.post("customer", too_big)).status == 400
    assert len(serving.mails) == 1


async def test_a_spool_that_does_not_take_it_is_told(tmp_path: Path, serving: Serving) -> None:
    async def full(queue: str, raw: bytes) -> None:
        raise OSError("No space left on device")

    serving.workspace.deliver_mail = full
    body = {"me": "ken", "queue": "support", "address": "a@example.com", "text": "x"}
    assert (await serving.post("customer", body)).status == 503
    assert (await serving.reads("mails?me=hana"))["mails"] == []
