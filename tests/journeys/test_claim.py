"""A mail becomes a card; people claim it, race for it, give it back and hand it over."""

import asyncio
import re

import pytest

from tests.journeys.conftest import ON_SLACK, ON_WORKSPACE, OpenDesk
from tests.journeys.desk import Desk
from tests.journeys.driver import DONE, FREE, HELD, until
from tests.support.texts import says, template


async def test_a_mail_becomes_a_card(desk: Desk) -> None:
    await desk.customer("伊藤 明", "ito@example.com").writes(
        "The parcel is late", "Where is it?\n\nAki", files=("bill.pdf",)
    )

    card = await desk.support.shows("#1001", *FREE)

    assert card.title == "#1001 The parcel is late"
    assert card.badge == template("en", "status.new")
    assert card.quote.startswith("Where is it?")
    fields = card.fields or {}
    assert fields[template("en", "card.customer")] == "伊藤 明 <ito@example.com>"
    assert fields[template("en", "card.queue")] == "support"
    assert fields[template("en", "card.holder")] == template("en", "card.nobody")
    assert "1 file" in card.footer


async def test_the_card_speaks_the_channels_language(open_desk: OpenDesk) -> None:
    desk = await open_desk(DEFAULT_LANGUAGE="ja")
    await desk.customer().writes("請求書について", "再送してください。")

    card = await desk.support.shows("#1001")

    assert card.badge == template("ja", "status.new")
    assert [button.label for button in card.buttons] == [template("ja", f"button.{verb}") for verb in FREE]


async def test_claim_and_release(desk: Desk) -> None:
    await desk.customer().writes()
    card = await desk.support.shows("#1001")

    answer = await desk.hana.clicks("Claim", on=card)

    assert says(answer.title, "ja", "claim.done", inquiry=1001)
    card = await desk.support.shows("#1001", *HELD)
    assert (card.fields or {})[template("en", "card.holder")].startswith(desk.hana.name)
    assert card.badge == template("en", "status.open")

    answer = await desk.hana.clicks("担当を外れる", on=card)

    assert says(answer.title, "ja", "release.done", inquiry=1001)
    await desk.support.shows("#1001", *FREE)


async def test_of_two_who_press_at_once_one_wins_and_the_other_is_told_who(desk: Desk) -> None:
    await desk.customer().writes()
    card = await desk.support.shows("#1001")

    hana, ken = await asyncio.gather(desk.hana.clicks("Claim", on=card), desk.ken.clicks("Claim", on=card))

    card = await desk.support.shows("#1001", *HELD)
    holder = (card.fields or {})[template("en", "card.holder")]
    if holder.startswith(desk.hana.name):
        assert says(hana.title, "ja", "claim.done")
        assert says(ken.title, "en", "claim.held", holder=desk.hana.name, inquiry=1001)
        loser = ken
    else:
        assert says(ken.title, "en", "claim.done")
        assert says(hana.title, "ja", "claim.held", holder=desk.ken.name, inquiry=1001)
        loser = hana
    assert loser.verbs == ["show"], "the loser sees the card as it is now, with what they may do"
    assert re.search(r"\d\d:\d\d", loser.title), "and since when"
    assert sum(row.text.count("claimed") for row in (await desk.emma.types("/show 1001")).rows) == 1


async def test_a_supervisor_assigns_and_both_are_told(desk: Desk) -> None:
    await desk.customer().writes()
    card = await desk.support.shows("#1001")
    await desk.ken.clicks("Claim", on=card)

    refused = await desk.hana.types("/assign 1001 @hana")
    assert says(refused.title, "ja", "assign.held", holder=desk.ken.name)

    answer = await desk.emma.types("/assign 1001 @hana")

    assert says(answer.title, "en", "assign.done", person=desk.hana.name, inquiry=1001)
    told = await until(desk.platform, lambda: desk.hana.whispers)
    assert says(told[0].title, "ja", "whisper.assigned", person=desk.emma.name, inquiry=1001)
    told = await until(desk.platform, lambda: desk.ken.whispers)
    assert says(told[0].title, "en", "whisper.taken_over", person=desk.emma.name, holder=desk.hana.name)
    await desk.support.until(lambda channel: desk.hana.name in channel.card("#1001").words)


async def test_the_buttons_of_a_whisper_work(desk: Desk) -> None:
    await desk.customer().writes()
    await desk.support.shows("#1001")
    await desk.emma.types("/assign 1001 @hana")
    whisper, *_ = await until(desk.platform, lambda: desk.hana.whispers)

    await desk.hana.clicks_for_form("解決にする", on=whisper)
    assert says((await desk.hana.fills(note="")).title, "ja", "resolve.done", inquiry=1001)

    await desk.support.shows("#1001", *DONE)


@pytest.mark.parametrize("setting", [*ON_WORKSPACE, *ON_SLACK], indirect=True)  # Discord asks for it by itself
async def test_a_form_asks_for_what_was_not_typed(desk: Desk) -> None:
    await desk.customer().writes()
    card = await desk.support.shows("#1001")

    form = await desk.emma.opens("/assign", under=card)

    assert [one.name for one in form.inputs] == ["person"]
    assert set(form.inputs[0].choices) == {desk.hana.name, desk.ken.name, desk.emma.name}
    assert says((await desk.emma.fills(person=desk.ken.name)).title, "en", "assign.done", person=desk.ken.name)
