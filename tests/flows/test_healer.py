"""The healer: of messages that stand there twice one stays, the one that our rows know."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from bot.domain.inquiry import Inquiry
from bot.healer import LOOK_BACK, Healer
from bot.ports import MessageRef, NotSent, Place, Refused, SendError
from storage.database import Database
from tests.builders import a_message, a_queue, opened
from tests.storage.taking import sent, taken
from tests.support.clock import Clock

C1, C2 = Place("slack", "C1"), Place("slack", "C2")


@dataclass
class Channels:
    """A platform that holds messages under keys, some of them twice; in `troubled` channels it tells nothing."""

    name: str = "slack"
    messages: dict[MessageRef, str] = field(default_factory=dict)
    troubled: dict[str, SendError] = field(default_factory=dict)
    asked_since: list[datetime] = field(default_factory=list)

    def hold(self, channel: str, *messages: str, key: str = "card:1001") -> list[MessageRef]:
        """Messages under one key, the oldest first."""
        refs = [MessageRef(channel, one) for one in messages]
        self.messages.update(dict.fromkeys(refs, key))
        return refs

    async def doubles(self, channel: str, since: datetime) -> Sequence[Sequence[MessageRef]]:
        self.asked_since.append(since)
        if channel in self.troubled:
            raise self.troubled[channel]
        groups: dict[str, list[MessageRef]] = {}
        for ref, key in self.messages.items():
            if ref.channel == channel:
                groups.setdefault(key, []).append(ref)
        return [group for group in groups.values() if len(group) > 1]

    async def remove(self, message: MessageRef) -> None:
        if message.message in self.troubled:
            raise self.troubled[message.message]
        del self.messages[message]


@pytest.fixture
async def inquiries(database: Database) -> list[Inquiry]:
    """Two, whose cards are on their way into C1 and C2."""
    await a_queue(database, "support", C1, C2)
    return await opened(database, a_message(), a_message())


async def post(database: Database, place: Place, *stands: MessageRef | None) -> None:
    """Send what is due there; each card stands where it is told, or nowhere that is known."""
    for sending, at in zip(await taken(database, place), stands, strict=True):
        await sent(database, sending, at=at)


async def test_the_message_that_the_placement_points_at_stays(
    database: Database, inquiries: list[Inquiry], clock: Clock
) -> None:
    chat = Channels()
    first, second, third = chat.hold("C1", "m1", "m2", "m3")
    await post(database, C1, second, None)
    assert await Healer(database, [chat], clock).heal() == 2
    assert list(chat.messages) == [second]
    assert {first, third}.isdisjoint(chat.messages)


async def test_where_no_placement_points_the_oldest_stays_and_only_at_the_second_look(
    database: Database, inquiries: list[Inquiry], clock: Clock
) -> None:
    chat = Channels()
    healer = Healer(database, [chat], clock)
    oldest, _ = chat.hold("C1", "m1", "m2", key="letter:1001")
    await post(database, C1, None, None)
    assert await healer.heal() == 0
    assert await healer.heal() == 1
    assert list(chat.messages) == [oldest]
    assert await healer.heal() == 0


async def test_a_card_whose_placement_is_noted_between_two_looks_stays(
    database: Database, inquiries: list[Inquiry], clock: Clock
) -> None:
    """The look that came between a post and its note would have taken the card that counts."""
    chat = Channels()
    healer = Healer(database, [chat], clock)
    _, newer = chat.hold("C1", "m1", "m2")
    sendings = await taken(database, C1)
    assert await healer.heal() == 0
    await sent(database, sendings[0], at=newer)
    assert await healer.heal() == 1
    assert list(chat.messages) == [newer]


async def test_a_double_that_has_grown_waits_once_more(
    database: Database, inquiries: list[Inquiry], clock: Clock
) -> None:
    chat = Channels()
    healer = Healer(database, [chat], clock)
    chat.hold("C1", "m1", "m2")
    await post(database, C1, None, None)
    assert await healer.heal() == 0
    chat.hold("C1", "m3")
    assert await healer.heal() == 0
    assert await healer.heal() == 2


async def test_single_messages_and_other_keys_are_left_alone(
    database: Database, inquiries: list[Inquiry], clock: Clock
) -> None:
    chat = Channels()
    healer = Healer(database, [chat], clock)
    chat.hold("C1", "m1", key="card:1001")
    chat.hold("C1", "m2", key="card:1002")
    chat.hold("C2", "m3", key="card:1001")
    await post(database, C1, None, None)
    await post(database, C2, None, None)
    assert [await healer.heal() for _ in range(3)] == [0, 0, 0]
    assert len(chat.messages) == 3


@pytest.mark.parametrize("error", [NotSent("slow down", 3.0), Refused("channel_not_found")], ids=["later", "never"])
async def test_trouble_in_one_channel_keeps_no_other_from_being_healed(
    database: Database, inquiries: list[Inquiry], clock: Clock, error: SendError
) -> None:
    chat = Channels(troubled={"C1": error})
    kept, _ = chat.hold("C1", "a1", "a2")
    other, _ = chat.hold("C2", "b1", "b2", key="card:1002")
    await post(database, C1, kept, None)
    await post(database, C2, None, other)
    healer = Healer(database, [chat], clock)
    assert await healer.heal() == 1
    assert [one.message for one in chat.messages] == ["a1", "a2", "b1"]
    chat.troubled.clear()
    assert await healer.heal() == 1
    assert [one.message for one in chat.messages] == ["a1", "b1"]


async def test_what_cannot_be_removed_is_tried_again(
    database: Database, inquiries: list[Inquiry], clock: Clock
) -> None:
    chat = Channels(troubled={"m2": NotSent("slow down")})
    kept, _ = chat.hold("C1", "m1", "m2")
    await post(database, C1, kept, None)
    healer = Healer(database, [chat], clock)
    assert await healer.heal() == 0
    chat.troubled.clear()
    assert await healer.heal() == 1


async def test_a_platform_is_asked_about_its_own_channels_of_late(
    database: Database, inquiries: list[Inquiry], clock: Clock
) -> None:
    slack, line = Channels(), Channels("line")
    healer = Healer(database, [slack, line], clock)
    assert await healer.heal() == 0
    assert slack.asked_since == [], "nothing was sent yet"
    await post(database, C1, None, None)
    await healer.heal()
    assert slack.asked_since == [clock() - LOOK_BACK]
    assert line.asked_since == []
    if database.is_sqlite:  # PostgreSQL goes by its own clock
        clock.forward(LOOK_BACK + timedelta(seconds=1))
        await healer.heal()
        assert len(slack.asked_since) == 1
