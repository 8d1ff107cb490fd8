"""Everything is still there after a restart, and after kill -9."""

import asyncio

import pytest

from adapters.operations.metrics import Metrics
from bot.delivery import Delivery
from bot.translator import Translator
from storage.database import Database
from tests.journeys.desk import Desk
from tests.journeys.driver import FREE, HELD, sequence, until
from tests.support.clock import Clock
from tests.support.texts import says


async def test_everything_is_still_there_after_a_restart(desk: Desk) -> None:
    customer = desk.customer()
    mail = await customer.writes()
    card = await desk.support.shows("#1001")
    await desk.hana.clicks("Claim", on=card)
    await customer.writes(text="And one more thing.", reply_to=mail)
    await until(desk.platform, lambda: desk.hana.whispers)
    held = await desk.support.until(lambda channel: len(channel.thread("#1001")) == 1 and channel.card("#1001"))
    await desk.support.until(lambda channel: "2 messages" in channel.card("#1001").footer)
    shown = desk.support.card("#1001")

    await desk.restart()

    assert desk.support.card("#1001") == shown
    assert len(desk.support.thread("#1001")) == 1
    assert len(desk.hana.whispers) == 1
    assert says((await desk.hana.clicks("Release", on=held)).title, "ja", "release.done", inquiry=1001)
    await customer.writes("After the restart")
    await desk.support.shows("#1002")
    assert sequence(desk.support.cards) == [1001, 1002]


async def test_mail_that_comes_while_nobody_is_there_is_taken_in_once(desk: Desk) -> None:
    await desk.stop()
    await desk.customer().writes("While you were away")
    await desk.start()

    card = await desk.support.shows("#1001")
    assert card.title == "#1001 While you were away"
    await desk.restart()
    await desk.customer().writes("Afterwards")
    await desk.support.shows("#1002")
    assert sequence(desk.support.cards) == [1001, 1002]


async def test_a_killed_desk_goes_on_where_it_was(desk_apart: Desk) -> None:
    desk = desk_apart
    mail = await desk.customer().writes()
    card = await desk.support.shows("#1001")
    await desk.hana.clicks("Claim", on=card)

    await desk.crash()
    await desk.customer().writes("Meanwhile")
    await desk.customer().writes(text="Hello?", reply_to=mail)
    await desk.start()

    await desk.support.shows("#1002", *FREE)
    await desk.support.shows("#1001", *HELD)
    letters = await desk.support.until(lambda channel: channel.thread("#1001"))
    assert [letter.quote for letter in letters] == ["Hello?"]
    assert sequence(desk.support.cards) == [1001, 1002]


@pytest.mark.parametrize("steps", range(6))
async def test_delivery_stops_even_when_it_is_woken_that_very_moment(
    database: Database, clock: Clock, steps: int
) -> None:
    delivery = Delivery(database, {}, Translator(), clock, Metrics())
    at_work = asyncio.create_task(delivery.run())
    await asyncio.sleep(0.05)  # it waits now; a shorter wait would only make the test easier to pass
    delivery.wake()
    for _ in range(steps):
        await asyncio.sleep(0)

    at_work.cancel()

    _, late = await asyncio.wait((at_work,), timeout=10)
    assert not late
