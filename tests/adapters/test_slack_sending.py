"""Slack as a chat platform, through the real slack_sdk, against a Slack of our own on loopback."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.slack.config import SlackConfig
from adapters.slack.errors import TokenRefused
from adapters.slack.history import PAGE
from adapters.slack.platform import RESTS, TOKEN_REST, Slack, rest_after
from adapters.slack.render import message_of
from adapters.slack.tiers import Tiers
from bot.chat.card import Button, Card, Choice, Field, Tone
from bot.chat.invocation import Answer, Invocation, call
from bot.chat.profile import Profile
from bot.ports import (
    ChatPlatform,
    Directory,
    Healable,
    MessageGone,
    MessageRef,
    NotSent,
    Pace,
    Refused,
    SendError,
    Unclear,
)
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_faults import Faults
from tests.fakes.slack_world import Posted

CARD = Card("#7 Broken kettle", Tone.NEW, "New", fields=(Field("From", ("ken@example.com",)),), quote="It <b>leaks</b>")
CLAIMED = Card("#7 Broken kettle", Tone.OPEN, "hana", buttons=(Button("Resolve", call("resolve", 7, 2)),))
LETTER = Card("ken@example.com wrote again")
QUICK = Pace(per_second=1000, burst=100, settle=timedelta(seconds=30))


class QuietDesk:
    """A desk that nobody asks."""

    async def call(self, invocation: Invocation) -> Answer | None:
        raise AssertionError(invocation)

    async def reply(self, invocation: Invocation) -> Answer | None:
        raise AssertionError("nobody replies here")

    async def complete(self, invocation: Invocation, option: str, typed: str) -> Sequence[Choice]:
        raise AssertionError(invocation)

    async def meet(self, platform: str, profile: Profile) -> None:
        raise AssertionError(profile)


class Ours:
    """A clock that is the machine's, and can be put forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def slack_at(
    fake: FakeSlack, clock: Ours, pace: Pace = QUICK, *, app_token: str = "", signing_secret: str = ""
) -> Slack:
    config = SlackConfig(fake.bot_token, app_token, signing_secret, api_url=fake.api_url, timeout=0.6)
    return Slack(config, lambda _language: {}, clock, pace, Tiers(second=0.001))


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    served = FakeSlack()
    await served.open()
    yield served
    await served.close()


@pytest.fixture
def ours() -> Ours:
    return Ours()


@pytest.fixture
async def slack(fake: FakeSlack, ours: Ours) -> AsyncIterator[Slack]:
    opened = slack_at(fake, ours)
    await opened.open()
    yield opened
    await opened.close()


def a_minute_ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=1)


def asked(fake: FakeSlack, method: str) -> int:
    return sum(one == method for one, _, _ in fake.answers)


def where(message: MessageRef) -> tuple[str, str]:
    return message.channel, message.message


def ref(one: Posted) -> MessageRef:
    return MessageRef(one.channel, one.ts)


# --- posting ----------------------------------------------------------------------------------------------------


def test_slack_is_what_the_core_asks_for(fake: FakeSlack, ours: Ours) -> None:
    platform: ChatPlatform = Slack(SlackConfig("xoxb-1"), lambda _language: {}, ours)
    healable: Healable = slack_at(fake, ours)
    directory: Directory = slack_at(fake, ours)
    assert {platform.name, healable.name, directory.name} == {"slack"}
    assert platform.pace == Pace(per_second=1, burst=3, settle=timedelta(seconds=30))


@pytest.mark.parametrize("channel", ["support", "#support", "C0SUPPORT"])
async def test_a_card_is_posted_with_its_key(fake: FakeSlack, slack: Slack, channel: str) -> None:
    posted = await slack.post(channel, CARD, "card:7:1")
    (one,) = fake.messages("support")
    assert where(posted) == ("C0SUPPORT", one.ts)
    assert one.metadata == {"event_type": "madoguchi_card", "event_payload": {"k": "card:7:1"}}
    assert (one.unfurl_links, one.unfurl_media) == (False, False)
    assert one.text == message_of(CARD, "").text
    assert [block["type"] for block in one.blocks] == [block["type"] for block in message_of(CARD, "").blocks]


async def test_a_card_is_changed_where_it_stands_and_keeps_its_key(fake: FakeSlack, slack: Slack) -> None:
    posted = await slack.post("support", CARD, "card:7:1")
    await slack.update(posted, CLAIMED)
    (one,) = fake.messages("support")
    assert one.updates == 1
    assert "Resolve" in str(one.blocks)
    assert one.key == "card:7:1"


async def test_a_letter_goes_into_the_thread_under_the_card(fake: FakeSlack, slack: Slack) -> None:
    posted = await slack.post("support", CARD, "card:7:1")
    replied = await slack.reply(posted, LETTER, "letter:7:2")
    (one,) = fake.thread("support", posted.message)
    assert where(replied) == ("C0SUPPORT", one.ts)
    assert one.key == "letter:7:2"
    assert len(fake.messages("support")) == 1


async def test_a_whisper_goes_to_one_person(fake: FakeSlack, slack: Slack) -> None:
    whispered = await slack.whisper("U0HANA", LETTER, "whisper:7:3")
    (one,) = fake.direct("hana")
    assert where(whispered) == (one.channel, one.ts)
    await slack.update(whispered, CARD)
    assert one.updates == 1
    assert await slack.find("@U0HANA", "whisper:7:3", a_minute_ago()) == whispered


async def test_whom_slack_does_not_know_or_let_us_write_to_is_refused(slack: Slack) -> None:
    for user, name in (("U404", "user_not_found"), ("U0GONE", "user_disabled"), ("U0ROBOT", "cannot_dm_bot")):
        with pytest.raises(Refused, match=name):
            await slack.whisper(user, LETTER, "whisper:7:3")


async def test_what_was_deleted_is_gone(fake: FakeSlack, slack: Slack) -> None:
    posted = await slack.post("support", CARD, "card:7:1")
    fake.delete("support", posted.message)
    with pytest.raises(MessageGone):
        await slack.update(posted, CLAIMED)
    with pytest.raises(MessageGone):
        await slack.reply(posted, LETTER, "letter:7:2")
    with pytest.raises(MessageGone):
        await slack.find("support", "letter:7:2", a_minute_ago(), posted)
    assert await slack.find("support", "card:7:1", a_minute_ago()) is None
    await slack.remove(posted)


@pytest.mark.parametrize("message", ["", "17", "1.2.3", "latest"])
async def test_what_never_was_slacks_is_gone_without_asking(fake: FakeSlack, slack: Slack, message: str) -> None:
    nothing = MessageRef("C0SUPPORT", message)
    with pytest.raises(MessageGone):
        await slack.update(nothing, CARD)
    with pytest.raises(MessageGone):
        await slack.reply(nothing, LETTER, "letter:7:2")
    await slack.remove(nothing)
    assert {method for method, _, _ in fake.answers} == {"auth.test"}


REFUSED = {
    "archived": ("is_archived", "Unarchive it"),
    "kicked": ("not_in_channel", "Type /invite"),
    "restricted": ("restricted_action", "Ask an admin"),
}


@pytest.mark.parametrize(("name", "remedy"), REFUSED.values(), ids=REFUSED.keys())
async def test_a_channel_that_refuses_says_what_to_do_and_others_go_on(
    fake: FakeSlack, slack: Slack, name: str, remedy: str
) -> None:
    fake.set_faults(Faults(refused={"C0SUPPORT": name}))
    with pytest.raises(Refused, match=remedy):
        await slack.post("support", CARD, "card:7:1")
    assert slack.trouble == ""
    await slack.post("returns", CARD, "card:8:1")


async def test_a_missing_scope_is_named(fake: FakeSlack, slack: Slack) -> None:
    fake.set_faults(Faults(missing=["chat:write"]))
    with pytest.raises(Refused, match="lacks the scope chat:write"):
        await slack.post("C0SUPPORT", CARD, "card:7:1")


@pytest.mark.parametrize("name", ["token_revoked", "account_inactive", "invalid_auth"])
async def test_a_token_that_is_refused_is_trouble_until_it_works(fake: FakeSlack, slack: Slack, name: str) -> None:
    fake.set_faults(Faults(revoked=name))
    with pytest.raises(TokenRefused, match=name):
        await slack.post("C0SUPPORT", CARD, "card:7:1")
    assert name in slack.trouble
    fake.set_faults(Faults())
    await slack.post("C0SUPPORT", CARD, "card:7:1")
    assert slack.trouble == ""


FAULTS: dict[str, tuple[Faults, type[SendError], int]] = {
    "lost": (Faults(lost=1), Unclear, 1),
    "fatal": (Faults(fatal=1), Unclear, 1),
    "broken": (Faults(broken=1), Unclear, 0),
    "reset": (Faults(reset=1), Unclear, 0),
    "hang": (Faults(hang=1), Unclear, 0),
    "slow": (Faults(slow=1, slow_for=1.0), Unclear, 0),
    "limited": (Faults(limited=1, retry_after=5), NotSent, 0),
}


@pytest.mark.parametrize(("faults", "kind", "done"), FAULTS.values(), ids=FAULTS.keys())
async def test_a_post_is_sent_once_whatever_happens(
    fake: FakeSlack, slack: Slack, faults: Faults, kind: type[SendError], done: int
) -> None:
    fake.set_faults(faults)
    with pytest.raises(kind) as told:
        await slack.post("C0SUPPORT", CARD, "card:7:1")
    assert type(told.value) is kind
    assert len(fake.messages("support")) == done
    assert asked(fake, "chat.postMessage") <= 1


async def test_looking_for_a_channel_sends_nothing(fake: FakeSlack, slack: Slack) -> None:
    fake.set_faults(Faults(fatal=1, methods=["conversations.list", "conversations.open"]))
    for channel in ("support", "@U0HANA"):
        with pytest.raises(NotSent):
            await slack.post(channel, CARD, "card:7:1")
    assert asked(fake, "chat.postMessage") == 0


async def test_no_request_is_made_before_retry_after_is_over(fake: FakeSlack, slack: Slack) -> None:
    fake.set_faults(Faults(limited=1, retry_after=0.4))
    with pytest.raises(NotSent) as told:
        await slack.post("C0SUPPORT", CARD, "card:7:1")
    fake.set_faults(Faults())
    for _ in range(5):
        with pytest.raises(NotSent):
            await slack.post("C0SUPPORT", CARD, "card:8:1")
    await asyncio.sleep(told.value.retry_after or 0)
    await slack.post("C0SUPPORT", CARD, "card:7:1")
    assert (fake.impatient, asked(fake, "chat.postMessage")) == (0, 2)


async def test_tiers_are_kept_by_telling_to_wait(fake: FakeSlack, ours: Ours) -> None:
    fake.set_faults(Faults(limits=True))
    slow = Slack(SlackConfig(fake.bot_token, api_url=fake.api_url), lambda _language: {}, ours)
    await slow.open()
    posted = await slow.post("C0SUPPORT", CARD, "card:7:1")
    waits = []
    for _ in range(80):
        try:
            await slow.update(posted, CARD)
        except NotSent as error:
            waits.append(error.retry_after or 0)
    await slow.close()
    assert fake.messages("support")[0].updates == asked(fake, "chat.update") == 80 - len(waits)
    assert all(1 < wait < 2 for wait in waits)
    assert fake.too_fast == 0


# --- finding ----------------------------------------------------------------------------------------------------


async def test_a_message_is_found_by_its_key(fake: FakeSlack, slack: Slack) -> None:
    since = a_minute_ago()
    first = await slack.post("support", CARD, "card:7:1")
    other = await slack.post("returns", CARD, "card:7:1")
    letter = await slack.reply(first, LETTER, "letter:7:2")
    fake.say("hana", "support", "card:7:1")
    assert await slack.find("support", "card:7:1", since) == first
    assert await slack.find("returns", "card:7:1", since) == other
    assert await slack.find("support", "card:7", since) is None
    assert await slack.find("support", "letter:7:2", since) is None
    assert await slack.find("support", "letter:7:2", since, first) == letter
    assert await slack.find("support", "card:7:1", since, first) is None
    assert await slack.find("support", "", since) is None
    assert await slack.find("support", "card:7:1", datetime.now(UTC) + timedelta(seconds=1)) is None


async def test_the_key_of_somebody_else_is_not_ours(fake: FakeSlack, slack: Slack) -> None:
    one = fake.say("ken", "support", "hello")
    one.metadata = {"event_type": "madoguchi_card", "event_payload": {"k": "card:7:1"}}
    assert await slack.find("support", "card:7:1", a_minute_ago()) is None
    assert await slack.doubles("support", a_minute_ago()) == []


async def test_a_message_is_found_behind_many_others(fake: FakeSlack, slack: Slack) -> None:
    since = a_minute_ago()
    for number in range(PAGE + 50):
        fake.say("hana", "support", f"{number}")
    posted = await slack.post("support", CARD, "card:7:1")
    assert await slack.find("support", "card:7:1", since) == posted
    assert asked(fake, "conversations.history") == 2
    for number in range(PAGE + 50):
        fake.say("hana", "support", f"{number}", thread_ts=posted.message)
    letter = await slack.reply(posted, LETTER, "letter:7:2")
    assert await slack.find("support", "letter:7:2", since, posted) == letter


async def test_a_post_whose_answer_was_lost_is_found_again(fake: FakeSlack, slack: Slack) -> None:
    fake.set_faults(Faults(lost=1, methods=["chat.postMessage"]))
    with pytest.raises(Unclear):
        await slack.post("C0SUPPORT", CARD, "card:7:1")
    assert await slack.find("C0SUPPORT", "card:7:1", a_minute_ago()) == ref(fake.messages("support")[0])


async def test_one_reading_serves_all_posts_that_had_settled(fake: FakeSlack, slack: Slack, ours: Ours) -> None:
    since = datetime.now(UTC)
    posted = [await slack.post("C0SUPPORT", CARD, f"card:{number}:1") for number in range(5)]
    ours.ahead = QUICK.settle + timedelta(seconds=1)
    found = [await slack.find("C0SUPPORT", f"card:{number}:1", since) for number in range(6)]
    assert found == [*posted, None]
    assert asked(fake, "conversations.history") == 1
    ours.ahead += QUICK.settle / 2
    await slack.find("C0SUPPORT", "card:5:1", since)
    assert asked(fake, "conversations.history") == 2


async def test_a_post_that_had_not_settled_is_looked_for_anew(slack: Slack) -> None:
    since = datetime.now(UTC)
    assert await slack.find("C0SUPPORT", "card:7:1", since) is None
    posted = await slack.post("C0SUPPORT", CARD, "card:7:1")
    assert await slack.find("C0SUPPORT", "card:7:1", since) == posted


async def test_a_clock_that_is_put_back_makes_no_old_reading_new(slack: Slack, ours: Ours) -> None:
    since = datetime.now(UTC)
    ours.ahead = QUICK.settle + timedelta(seconds=1)
    assert await slack.find("C0SUPPORT", "card:7:1", since) is None
    ours.ahead = timedelta()
    posted = await slack.post("C0SUPPORT", CARD, "card:7:1")
    assert await slack.find("C0SUPPORT", "card:7:1", since) == posted


async def test_without_a_settle_time_every_look_is_a_new_one(fake: FakeSlack, ours: Ours) -> None:
    hasty = slack_at(fake, ours, Pace(per_second=1000, burst=100, settle=timedelta()))
    await hasty.open()
    since = a_minute_ago()
    assert await hasty.find("C0SUPPORT", "card:7:1", since) is None
    posted = await hasty.post("C0SUPPORT", CARD, "card:7:1")
    assert await hasty.find("C0SUPPORT", "card:7:1", since) == posted
    await hasty.close()


async def test_a_look_that_fails_is_not_a_look_that_finds_nothing(fake: FakeSlack, slack: Slack) -> None:
    await slack.post("C0SUPPORT", CARD, "card:7:1")
    for faults in (Faults(broken=1), Faults(lost=1), Faults(missing=["channels:history"]), Faults(limited=1)):
        fake.set_faults(faults)
        with pytest.raises((Unclear, NotSent, Refused)):
            await slack.find("C0SUPPORT", "card:7:1", a_minute_ago())


# --- healing ----------------------------------------------------------------------------------------------------


async def test_doubles_are_found_in_channels_and_threads_and_can_be_removed(fake: FakeSlack, slack: Slack) -> None:
    since = a_minute_ago()
    first = await slack.post("support", CARD, "card:7:1")
    second = await slack.post("support", CARD, "card:7:1")
    await slack.post("support", CARD, "card:8:1")
    letters = [await slack.reply(first, LETTER, "letter:7:2") for _ in range(3)]
    await slack.reply(first, LETTER, "letter:7:4")
    assert sorted(await slack.doubles("support", since), key=len) == [[first, second], letters]
    await slack.remove(second)
    await slack.remove(letters[1])
    assert await slack.doubles("support", since) == [[letters[0], letters[2]]]
    await slack.remove(letters[2])
    assert await slack.doubles("support", since) == []
    assert len(fake.messages("support")) == 2


async def test_doubles_in_threads_of_other_processes_are_found(fake: FakeSlack, slack: Slack, ours: Ours) -> None:
    first = await slack.post("support", CARD, "card:7:1")
    letters = [await slack.reply(first, LETTER, "letter:7:2") for _ in range(2)]
    other = slack_at(fake, ours)
    await other.open()
    assert await other.doubles("support", a_minute_ago()) == [letters]
    await other.close()


async def test_doubles_under_an_old_card_are_found_where_something_was_posted_lately(
    fake: FakeSlack, slack: Slack
) -> None:
    first = await slack.post("support", CARD, "card:7:1")
    for number in range(PAGE + 10):
        fake.say("hana", "support", f"{number}")
    since = datetime.now(UTC)
    letters = [await slack.reply(first, LETTER, "letter:7:2") for _ in range(2)]
    assert await slack.doubles("support", since) == [letters]


async def test_a_thread_that_was_deleted_holds_no_doubles(fake: FakeSlack, slack: Slack) -> None:
    first = await slack.post("support", CARD, "card:7:1")
    letter = await slack.reply(first, LETTER, "letter:7:2")
    fake.delete("support", letter.message)
    fake.delete("support", first.message)
    assert await slack.doubles("support", a_minute_ago()) == []


async def test_old_doubles_are_left_alone(slack: Slack) -> None:
    for _ in range(2):
        await slack.post("support", CARD, "card:7:1")
    assert await slack.doubles("support", datetime.now(UTC) + timedelta(seconds=1)) == []


# --- running ----------------------------------------------------------------------------------------------------


async def test_the_desk_opens_while_slack_is_away_and_slack_joins_later(fake: FakeSlack, ours: Ours) -> None:
    await fake.close()
    slack = slack_at(fake, ours)
    await slack.open()
    assert slack.trouble.startswith("Slack cannot be reached")
    running = asyncio.create_task(slack.run(QuietDesk()))
    await fake.open()
    async with asyncio.timeout(10):
        while slack.trouble:  # noqa: ASYNC110 - it sets no event
            await asyncio.sleep(0.02)
    assert slack.web.identity.bot_id
    assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await slack.close()


async def test_slack_is_served_until_cancelled(fake: FakeSlack, ours: Ours) -> None:
    slack = slack_at(fake, ours, app_token=fake.app_token)
    await slack.open()
    running = asyncio.create_task(slack.run(QuietDesk()))
    async with asyncio.timeout(10):
        await fake.sockets.connected_to(2)
        while slack.trouble:  # noqa: ASYNC110 - it sets no event
            await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert running.cancelled()
    await slack.close()
    assert slack.trouble == ""


async def test_requests_are_taken_while_the_platform_runs(fake: FakeSlack, ours: Ours) -> None:
    assert slack_at(fake, ours).routes() == []
    slack = slack_at(fake, ours, signing_secret=fake.signing_secret)
    await slack.open()
    app = web.Application()
    app.add_routes(slack.routes())
    async with TestServer(app) as server:
        fake.deliver_by_http(str(server.make_url("/slack/events")))
        assert not await fake.verify_url()
        running = asyncio.create_task(slack.run(QuietDesk()))
        await asyncio.sleep(0)
        assert await fake.verify_url()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert not await fake.verify_url()
    await slack.close()


def test_slack_is_asked_less_and_less_often_who_we_are() -> None:
    away = NotSent("away")
    assert [rest_after(away, failures) for failures in range(7)] == [*RESTS, RESTS[-1], RESTS[-1]]
    assert rest_after(NotSent("too many", 45.0), 0) == 45.0
    assert rest_after(TokenRefused("revoked", "token_revoked"), 0) == TOKEN_REST >= 60


async def test_slack_tells_of_its_people(slack: Slack) -> None:
    hana, gone, guest = [await slack.profile(user) for user in ("U0HANA", "U0GONE", "U0GUEST")]
    assert hana
    assert gone
    assert guest
    assert (hana.name, hana.language, hana.may_join) == ("hana", "ja", True)
    assert (gone.is_active, guest.is_member) == (False, False)
    assert await slack.profile("U404") is None
