"""Discord as a chat platform, through the real discord.py, against a Discord of our own on loopback."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from adapters.discord.config import DiscordConfig
from adapters.discord.errors import TokenRefused
from adapters.discord.history import PAGE
from adapters.discord.marks import container_id, mark_of
from adapters.discord.platform import LOOK_EVERY, RESTS, Discord, rest_after
from bot.chat.card import Button, Card, Choice, Field, Tone
from bot.chat.invocation import Answer, Invocation, call
from bot.chat.profile import Profile
from bot.ports import (
    ChatPlatform,
    Closed,
    Directory,
    MessageGone,
    MessageRef,
    NotSent,
    Pace,
    Refused,
    SendError,
    Unclear,
)
from tests.fakes.discord import FakeDiscord, Faults, Posted
from tests.fakes.discord_people import AGENTS, ALIEN, BOT_USER, EMMA, HANA, IDEAS, OTTO, ROBOT, SUPPORT
from tests.support.hurried_loop import HurriedLoop, in_a_hurry

CARD = Card("#7 Broken kettle", Tone.NEW, "New", fields=(Field("From", ("ken@example.com",)),), quote="It *leaks*")
CLAIMED = Card("#7 Broken kettle", Tone.OPEN, "hana", buttons=(Button("Resolve", call("resolve", 7, 2)),))
DONE = Card("#7 Broken kettle", Tone.DONE, "Resolved")
LETTER = Card("ken@example.com wrote again @everyone", quote=f"<@{HANA}>")
QUICK = Pace(per_second=1000, burst=100, settle=timedelta(seconds=30))
UNKNOWN = "600000000000000404"


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


class Alone:
    """The lease and the count of a process that has no replicas and began today."""

    def __init__(self) -> None:
        self.noted = 0

    async def hold(self, name: str) -> bool:
        return True

    async def release(self, name: str) -> None:
        return None

    async def note(self) -> int:
        self.noted += 1
        return self.noted


class Ours:
    """A clock that is the machine's, and can be put forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def discord_at(
    fake: FakeDiscord, clock: Callable[[], datetime], pace: Pace = QUICK, *, timeout: float = 0.6
) -> Discord:
    config = DiscordConfig(
        fake.token,
        fake.guild,
        agent_roles=("Agents",),
        supervisor_roles=("Supervisors",),
        api_url=fake.api_url,
        gateway_url=fake.gateway_url,
        timeout=timeout,
        token_rest=0.0,
    )
    return Discord(config, (), lambda _language: {}, clock, Alone(), Alone(), pace)


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    served = FakeDiscord()
    await served.open()
    yield served
    await served.close()


@pytest.fixture
def ours() -> Ours:
    return Ours()


@pytest.fixture
async def discord(fake: FakeDiscord, ours: Ours) -> AsyncIterator[Discord]:
    opened = discord_at(fake, ours)
    await opened.open()
    yield opened
    await opened.close()


def a_minute_ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=1)


def asked(fake: FakeDiscord, method: str) -> int:
    return sum(one == method for one, _, _ in fake.answers)


def ref(one: Posted) -> MessageRef:
    return MessageRef(one.channel, one.id)


# --- posting ----------------------------------------------------------------------------------------------------


def test_discord_is_what_the_core_asks_for(ours: Ours) -> None:
    discord = Discord(DiscordConfig("a.b.c"), (), lambda _language: {}, ours, Alone(), Alone())
    platform: ChatPlatform = discord
    directory: Directory = discord
    assert {platform.name, directory.name} == {"discord"}
    assert platform.pace == Pace(per_second=1, burst=5, settle=timedelta(seconds=3))
    assert discord.routes() == []


@pytest.mark.parametrize("channel", ["support", "#support", SUPPORT])
async def test_a_card_is_posted_with_its_mark_and_a_thread(fake: FakeDiscord, discord: Discord, channel: str) -> None:
    posted = await discord.post(channel, CLAIMED, "card:7:1")
    (one,) = fake.messages("support")
    assert posted == MessageRef(SUPPORT, one.id)
    assert one.key == mark_of("card:7:1")
    assert one.components[0]["id"] == container_id(mark_of("card:7:1"))
    (thread,) = fake.threads("support")
    assert (thread.id, thread.name, thread.is_archived) == (one.id, "#7 Broken kettle", False)
    assert fake.unknown_keys == []


async def test_a_card_is_changed_where_it_stands_and_calls_nobody(fake: FakeDiscord, discord: Discord) -> None:
    posted = await discord.post("support", LETTER, "card:7:1")
    await discord.update(posted, Card("@everyone", quote=f"<@{HANA}> <@&{AGENTS}>", buttons=CLAIMED.buttons))
    reply = await discord.reply(posted, LETTER, "letter:7:2")
    (one,) = fake.messages("support")
    assert one.updates == 1
    assert "Resolve" in one.text
    (under,) = fake.thread(one)
    assert ref(under) == reply
    assert one.pinged == under.pinged == []


async def test_a_letter_goes_into_the_thread_under_the_card(fake: FakeDiscord, discord: Discord) -> None:
    posted = await discord.post("support", CARD, "card:7:1")
    replied = await discord.reply(posted, LETTER, "letter:7:2")
    (one,) = fake.thread(posted.message)
    assert replied == MessageRef(posted.message, one.id)
    assert len(fake.messages("support")) == 1


async def test_a_whisper_goes_to_one_person_and_has_no_thread(fake: FakeDiscord, discord: Discord) -> None:
    whispered = await discord.whisper(HANA, LETTER, "whisper:7:3")
    (one,) = fake.direct("hana")
    assert whispered == ref(one)
    await discord.update(whispered, CARD)
    assert one.updates == 1
    assert await discord.find(f"@{HANA}", "whisper:7:3", a_minute_ago()) == whispered
    assert asked(fake, "start_thread") == 0


async def test_who_takes_no_direct_messages_is_closed_to_us_alone(fake: FakeDiscord, discord: Discord) -> None:
    fake.close_dm("hana")
    for user in (HANA, ALIEN, ROBOT):
        with pytest.raises(Closed):
            await discord.whisper(user, LETTER, "whisper:7:3")
    await discord.whisper(EMMA, LETTER, "whisper:7:3")
    fake.open_dm("hana")
    await discord.whisper(HANA, LETTER, "whisper:7:3")
    for user in ("200000000000000404", "hana"):
        with pytest.raises(Refused, match="id") as told:
            await discord.whisper(user, LETTER, "whisper:7:3")
        assert not isinstance(told.value, Closed)


async def test_what_was_deleted_is_gone(fake: FakeDiscord, discord: Discord) -> None:
    fake.deny("support", "create_public_threads")
    posted = await discord.post("support", CARD, "card:7:1")
    fake.delete("support", posted.message)
    with pytest.raises(MessageGone):
        await discord.update(posted, CLAIMED)
    fake.allow("support", "create_public_threads")
    with pytest.raises(MessageGone):
        await discord.reply(posted, LETTER, "letter:7:2")
    assert await discord.find("support", "card:7:1", a_minute_ago()) is None
    with pytest.raises(MessageGone):
        await discord.post("support", CARD, "card:7:1")


@pytest.mark.parametrize("message", ["", "1.2", "latest"])
async def test_what_never_was_discords_is_gone_without_asking(
    fake: FakeDiscord, discord: Discord, message: str
) -> None:
    nothing = MessageRef(SUPPORT, message)
    with pytest.raises(MessageGone):
        await discord.update(nothing, CARD)
    with pytest.raises(MessageGone):
        await discord.reply(nothing, LETTER, "letter:7:2")
    assert {method for method, _, _ in fake.answers} == {"me"}


async def test_a_forum_is_refused_in_words(fake: FakeDiscord, discord: Discord) -> None:
    for channel in ("ideas", IDEAS):
        with pytest.raises(Refused, match=r"#ideas .* it is a forum"):
            await discord.post(channel, CARD, "card:7:1")
    assert asked(fake, "create_message") == 0


LACKS = {
    "view": ("view_channel", "View Channel"),
    "send": ("send_messages", r"the permission Send Messages in #support \("),
}


@pytest.mark.parametrize(("permission", "words"), LACKS.values(), ids=LACKS.keys())
async def test_a_missing_permission_is_named_and_other_channels_go_on(
    fake: FakeDiscord, discord: Discord, permission: str, words: str
) -> None:
    await discord.post("support", CARD, "card:6:1")
    fake.deny("support", permission)
    with pytest.raises(Refused, match=words):
        await discord.post("support", CARD, "card:7:1")
    assert discord.trouble == ""
    await discord.post("returns", CARD, "card:8:1")
    fake.allow("support", permission)
    await discord.post("support", CARD, "card:7:1")


async def test_a_channel_that_was_deleted_says_so(fake: FakeDiscord, discord: Discord) -> None:
    posted = await discord.post("support", CARD, "card:7:1")
    fake.remove_channel("support")
    for asking in (discord.post(SUPPORT, CARD, "card:8:1"), discord.update(posted, CARD)):
        with pytest.raises(Refused, match="/route"):
            await asking


async def test_a_token_that_is_refused_is_trouble_until_it_works(fake: FakeDiscord, discord: Discord) -> None:
    fake.set_faults(Faults(revoked=True))
    with pytest.raises(TokenRefused, match="401"):
        await discord.post(SUPPORT, CARD, "card:7:1")
    assert "Developer Portal" in discord.trouble
    fake.set_faults(Faults())
    await discord.post(SUPPORT, CARD, "card:7:1")
    assert discord.trouble == ""


# --- sending once -----------------------------------------------------------------------------------------------

DOUBTFUL = {
    "lost": Faults(lost=1, methods=["create_message"]),
    "fatal": Faults(fatal=1, methods=["create_message"]),
    "broken": Faults(broken=1, methods=["create_message"]),
    "reset": Faults(reset=1, methods=["create_message"]),
    "hang": Faults(hang=1, methods=["create_message"]),
    "slow": Faults(slow=1, slow_for=1.0, methods=["create_message"]),
}


@pytest.mark.parametrize("faults", DOUBTFUL.values(), ids=DOUBTFUL.keys())
async def test_a_post_stands_there_once_at_most_whatever_happens(
    fake: FakeDiscord, discord: Discord, faults: Faults
) -> None:
    fake.set_faults(faults)
    with pytest.raises(Unclear):
        await discord.post(SUPPORT, CARD, "card:7:1")
    assert asked(fake, "create_message") <= 2
    fake.set_faults(Faults())
    posted = await discord.post(SUPPORT, CARD, "card:7:1")
    assert [ref(one) for one in fake.messages("support")] == [posted]


async def test_a_lost_answer_is_asked_for_again_under_the_same_nonce(fake: FakeDiscord, discord: Discord) -> None:
    fake.set_faults(Faults(lost=1, methods=["create_message"]))
    posting = asyncio.create_task(discord.post(SUPPORT, CARD, "card:7:1"))
    async with asyncio.timeout(5):
        while not asked(fake, "create_message"):  # noqa: ASYNC110 - it sets no event
            await asyncio.sleep(0.01)
    fake.set_faults(Faults())
    posted = await posting
    assert [ref(one) for one in fake.messages("support")] == [posted]
    assert asked(fake, "create_message") == 2


async def test_the_same_key_in_two_places_is_two_messages(fake: FakeDiscord, discord: Discord) -> None:
    posted = [await discord.post(channel, CARD, "card:7:1") for channel in ("support", "returns", "support")]
    assert posted[0] == posted[2]
    assert (len(fake.messages("support")), len(fake.messages("returns"))) == (1, 1)


async def test_no_request_is_made_before_retry_after_is_over(fake: FakeDiscord, discord: Discord) -> None:
    fake.set_faults(Faults(limited=1, retry_after=0.9, methods=["create_message"]))
    with pytest.raises(NotSent) as told:
        await discord.post(SUPPORT, CARD, "card:7:1")
    fake.set_faults(Faults())
    fake.gate.grace = 0.0
    for _ in range(5):
        with pytest.raises(NotSent):
            await discord.post(SUPPORT, CARD, "card:8:1")
    assert (told.value.retry_after, fake.impatient, asked(fake, "create_message")) == (1.0, 0, 1)


async def test_five_in_five_seconds_are_kept(fake: FakeDiscord, ours: Ours) -> None:
    fake.set_faults(Faults(limits=True, second=0.1))
    discord = discord_at(fake, ours)
    await discord.open()
    await asyncio.gather(*(discord.post(SUPPORT, CARD, f"card:{number}:1") for number in range(12)))
    await discord.close()
    assert len(fake.messages("support")) == 12
    assert (fake.too_fast, fake.invalid_requests) == (0, 0)


def test_ten_minutes_of_refusals_are_met_with_few_requests() -> None:
    in_a_hurry(200.0, ten_minutes_of_refusals)


async def ten_minutes_of_refusals(loop: HurriedLoop) -> None:
    fake = FakeDiscord(clock=lambda: loop.now().timestamp())
    channels = [fake.add_channel(f"queue{number}").id for number in range(20)]
    await fake.open()
    discord = discord_at(fake, loop.now, timeout=60.0)
    await discord.open()
    ends = loop.time() + 600

    async def insists(channel: str) -> None:
        while loop.time() < ends:
            try:
                await discord.post(channel, CARD, "card:7:1")
            except NotSent as error:
                await asyncio.sleep(min(max(error.retry_after or 1.0, 1.0), 150.0))
            except SendError:
                await asyncio.sleep(1.0)

    ways = [
        Faults(limited=1, retry_after=1),
        Faults(revoked=True),
        Faults(missing=["view_channel"]),
        Faults(banned=True),
    ]
    fake.set_faults(ways[0])
    pushing = asyncio.gather(*map(insists, channels))
    for faults in ways:
        fake.set_faults(faults)
        await asyncio.sleep(600 / len(ways))
    await pushing
    assert 20 < fake.invalid_requests < 100
    assert fake.standing() == []
    await discord.close()
    await fake.close()


# --- threads ----------------------------------------------------------------------------------------------------


async def test_a_thread_is_archived_when_all_is_done_and_opened_again(fake: FakeDiscord, discord: Discord) -> None:
    posted = await discord.post("support", CARD, "card:7:1")
    (thread,) = fake.threads("support")
    for card, is_archived, edits in ((CLAIMED, False, 0), (DONE, True, 1), (DONE, True, 1), (CLAIMED, False, 2)):
        await discord.update(posted, card)
        assert (thread.is_archived, asked(fake, "edit_channel")) == (is_archived, edits)


async def test_a_reply_opens_an_archived_thread(fake: FakeDiscord, discord: Discord) -> None:
    posted = await discord.post("support", CARD, "card:7:1")
    await discord.update(posted, DONE)
    await discord.reply(posted, LETTER, "letter:7:2")
    (thread,) = fake.threads("support")
    assert not thread.is_archived


async def test_a_card_is_worth_more_than_its_thread(fake: FakeDiscord, discord: Discord) -> None:
    for faults in (Faults(broken=1, methods=["start_thread"]), Faults(lost=1, methods=["edit_channel"])):
        fake.set_faults(faults)
        posted = await discord.post("support", CARD, f"card:{faults.lost}:1")
        await discord.update(posted, DONE)
    assert len(fake.messages("support")) == 2


async def test_the_first_reply_starts_a_thread_that_could_not_be_started(fake: FakeDiscord, discord: Discord) -> None:
    fake.set_faults(Faults(broken=1, methods=["start_thread"]))
    posted = await discord.post("support", CARD, "card:7:1")
    assert fake.threads("support") == []
    with pytest.raises(NotSent):
        await discord.reply(posted, LETTER, "letter:7:2")
    fake.set_faults(Faults())
    await discord.reply(posted, LETTER, "letter:7:2")
    assert [one.name for one in fake.threads("support")] == ["#7 Broken kettle"]
    assert len(fake.thread(posted.message)) == 1


async def test_a_card_that_was_found_again_gets_its_thread(fake: FakeDiscord, discord: Discord) -> None:
    fake.set_faults(Faults(lost=1, methods=["create_message"]))
    with pytest.raises(Unclear):
        await discord.post(SUPPORT, CARD, "card:7:1")
    fake.set_faults(Faults())
    found = await discord.find(SUPPORT, "card:7:1", a_minute_ago())
    assert found
    assert fake.threads("support") == []
    for _ in range(2):
        await discord.update(found, CLAIMED)
    assert [one.id for one in fake.threads("support")] == [found.message]
    assert asked(fake, "start_thread") == 1


async def test_a_thread_that_is_there_already_is_taken(fake: FakeDiscord, discord: Discord) -> None:
    posted = await discord.post("support", CARD, "card:7:1")
    await discord.post("support", CARD, "card:7:1")
    assert ("start_thread", SUPPORT, "160004") in fake.answers
    fake.set_faults(Faults(lost=1, methods=["start_thread"]))
    other = await discord.post("returns", CARD, "card:7:1")
    fake.set_faults(Faults())
    for card in (posted, other):
        assert (await discord.reply(card, LETTER, "letter:7:2")).channel == card.message


async def test_where_no_thread_may_be_started_the_letter_answers_the_card(fake: FakeDiscord, discord: Discord) -> None:
    fake.deny("support", "create_public_threads")
    posted = await discord.post("support", CARD, "card:7:1")
    letter = await discord.reply(posted, LETTER, "letter:7:2")
    _, one = fake.messages("support")
    assert ref(one) == letter
    assert (one.reference, one.pinged) == (posted.message, [])
    assert await discord.find("support", "letter:7:2", a_minute_ago(), posted) == letter


async def test_a_thread_in_which_we_may_not_write_is_named_by_its_channel(fake: FakeDiscord, discord: Discord) -> None:
    posted = await discord.post("support", CARD, "card:7:1")
    fake.deny("support", "send_messages_in_threads")
    with pytest.raises(Refused, match=r"Send Messages in Threads in #support"):
        await discord.reply(posted, LETTER, "letter:7:2")


async def test_a_thread_is_called_as_its_card_as_far_as_that_goes(fake: FakeDiscord, discord: Discord) -> None:
    for number, title in enumerate(["#7 " + "長い" * 200, "two\nlines", "x" * 100]):
        await discord.post("support", Card(title), f"card:{number}:1")
    names = [one.name for one in fake.threads("support")]
    assert names[1:] == ["two lines", "x" * 100]
    assert len(names[0]) <= 100


# --- taking away ------------------------------------------------------------------------------------------------


async def test_a_message_is_taken_away_out_of_an_archived_thread_too(fake: FakeDiscord, discord: Discord) -> None:
    posted = await discord.post("support", CARD, "card:7:1")
    letter = await discord.reply(posted, LETTER, "letter:7:2")
    await discord.update(posted, DONE)
    (thread,) = fake.threads("support")
    assert thread.is_archived
    for _ in range(2):
        await discord.remove(letter)
        assert fake.thread(posted.message) == []


async def test_a_message_in_a_place_that_is_gone_is_gone(fake: FakeDiscord, discord: Discord) -> None:
    posted = await discord.post("support", CARD, "card:7:1")
    letter = await discord.reply(posted, LETTER, "letter:7:2")
    fake.world.channels[letter.channel].is_deleted = True
    await discord.remove(letter)
    await discord.remove(posted)
    assert fake.messages("support") == []


async def test_a_quiet_card_leaves_nothing_in_the_name_of_its_thread(fake: FakeDiscord, discord: Discord) -> None:
    posted = await discord.post("support", CARD, "card:7:1")
    await discord.update(posted, DONE)
    for _ in range(2):
        await discord.update(posted, Card("#7 was erased", Tone.QUIET))
        (thread,) = fake.threads("support")
        assert (thread.name, thread.is_archived) == ("#7 was erased", False)
    assert asked(fake, "edit_channel") == 2, "to archive it, and to give it its name"


# --- finding ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("card", [CARD, CLAIMED], ids=["by its container", "by its buttons"])
async def test_a_message_is_found_by_its_key(fake: FakeDiscord, discord: Discord, card: Card) -> None:
    since = a_minute_ago()
    first = await discord.post("support", card, "card:7:1")
    other = await discord.post("returns", card, "card:7:1")
    letter = await discord.reply(first, card, "letter:7:2")
    fake.say("hana", "support", f"card:7:1 {mark_of('card:7:1')}")
    assert await discord.find("support", "card:7:1", since) == first
    assert await discord.find("returns", "card:7:1", since) == other
    assert await discord.find("support", "card:7", since) is None
    assert await discord.find("support", "letter:7:2", since) is None
    assert await discord.find("support", "letter:7:2", since, first) == letter
    assert await discord.find("support", "", since) is None
    assert await discord.find("support", "card:7:1", datetime.now(UTC) + timedelta(seconds=1)) is None


async def test_under_a_card_without_a_thread_nothing_is_found(discord: Discord) -> None:
    assert await discord.find("support", "letter:7:2", a_minute_ago(), MessageRef(SUPPORT, UNKNOWN)) is None


async def test_the_mark_of_somebody_else_is_not_ours(fake: FakeDiscord, discord: Discord) -> None:
    await discord.post("support", CLAIMED, "card:7:1")
    (one,) = fake.messages("support")
    one.user = OTTO
    assert await discord.find("support", "card:7:1", a_minute_ago()) is None


async def test_a_message_is_found_behind_many_others(fake: FakeDiscord, discord: Discord) -> None:
    since = a_minute_ago()
    for number in range(PAGE + 50):
        fake.say("hana", "support", f"{number}")
    posted = await discord.post("support", CARD, "card:7:1")
    assert await discord.find("support", "card:7:1", since) == posted
    assert asked(fake, "get_messages") == 2
    for number in range(PAGE + 50):
        fake.say("hana", posted.message, f"{number}")
    letter = await discord.reply(posted, LETTER, "letter:7:2")
    assert await discord.find("support", "letter:7:2", since, posted) == letter


async def test_one_reading_serves_all_posts_that_had_settled(fake: FakeDiscord, discord: Discord, ours: Ours) -> None:
    since = datetime.now(UTC)
    posted = [await discord.post(SUPPORT, CARD, f"card:{number}:1") for number in range(5)]
    ours.ahead = QUICK.settle + timedelta(seconds=1)
    found = [await discord.find(SUPPORT, f"card:{number}:1", since) for number in range(6)]
    assert found == [*posted, None]
    assert asked(fake, "get_messages") == 1
    ours.ahead += QUICK.settle / 2
    await discord.find(SUPPORT, "card:5:1", since)
    assert asked(fake, "get_messages") == 2


async def test_a_post_that_had_not_settled_is_looked_for_anew(discord: Discord) -> None:
    since = datetime.now(UTC)
    assert await discord.find(SUPPORT, "card:7:1", since) is None
    posted = await discord.post(SUPPORT, CARD, "card:7:1")
    assert await discord.find(SUPPORT, "card:7:1", since) == posted


async def test_a_look_that_fails_is_not_a_look_that_finds_nothing(fake: FakeDiscord, discord: Discord) -> None:
    await discord.post(SUPPORT, CARD, "card:7:1")
    for faults in (Faults(broken=1), Faults(lost=1), Faults(missing=["view_channel"]), Faults(limited=1)):
        fake.set_faults(faults)
        with pytest.raises((Unclear, NotSent, Refused)):
            await discord.find(SUPPORT, "card:7:1", a_minute_ago())


# --- running ----------------------------------------------------------------------------------------------------


async def test_the_desk_opens_while_discord_is_away_and_discord_joins_later(fake: FakeDiscord, ours: Ours) -> None:
    await fake.close()
    discord = discord_at(fake, ours)
    await discord.open()
    assert discord.trouble.startswith("Discord cannot be reached")
    running = asyncio.create_task(discord.run(QuietDesk()))
    await fake.open()
    async with asyncio.timeout(10):
        while discord.trouble or not fake.gateway.open_ones:  # noqa: ASYNC110 - it sets no event
            await asyncio.sleep(0.02)
    assert discord.rest.identity.user_id == BOT_USER
    assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert running.cancelled()
    await discord.close()
    assert discord.trouble == ""


async def test_every_process_sends_without_a_gateway(fake: FakeDiscord, discord: Discord, ours: Ours) -> None:
    other = discord_at(fake, ours)
    await other.open()
    posted = await discord.post("support", CARD, "card:7:1")
    assert await other.post("support", CARD, "card:7:1") == posted
    assert await other.find("support", "card:7:1", a_minute_ago()) == posted
    await other.update(posted, CLAIMED)
    assert await discord.find("support", "card:7:1", a_minute_ago()) == posted
    await other.close()
    assert not fake.gateway.open_ones


def test_discord_is_asked_less_and_less_often_who_we_are() -> None:
    away = NotSent("away")
    assert [rest_after(away, failures) for failures in range(7)] == [*RESTS, RESTS[-1], RESTS[-1]]
    assert rest_after(NotSent("too many", 45.0), 0) == 45.0
    assert rest_after(TokenRefused("refused", 0), 0) == LOOK_EVERY >= 60


async def test_discord_tells_of_its_people(discord: Discord) -> None:
    hana, emma, otto, alien = [await discord.profile(user) for user in (HANA, EMMA, OTTO, ALIEN)]
    assert hana
    assert emma
    assert otto
    assert alien
    assert (hana.name, hana.may_join, hana.role) == ("佐藤 花", True, "agent")
    assert (emma.role, otto.role) == ("supervisor", "none")
    assert (alien.is_member, alien.role) == (False, "none")
    assert await discord.profile("200000000000000404") is None
