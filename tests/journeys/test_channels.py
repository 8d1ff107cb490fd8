"""Queues and channels: two queues side by side, one queue in two channels, and mail of machines."""

from aiohttp import ClientSession

from tests.journeys.conftest import OpenDesk
from tests.journeys.desk import Desk
from tests.journeys.driver import FREE, HELD, sequence
from tests.support.texts import says, template

HOSTILE = "</script><img src=x onerror=alert(1)> *b* <!channel> @everyone [x](http://example.com) &amp; {inquiry} %s"


async def test_two_queues_with_their_own_spools_and_channels(open_desk: OpenDesk) -> None:
    desk = await open_desk(queues=("support", "returns"))
    await desk.customer().writes("To support")
    await desk.support.shows("#1001")
    await desk.customer().writes("To returns", queue="returns")
    await desk.channel("returns").shows("#1002")

    assert sequence(desk.support.cards) == [1001]
    assert sequence(desk.channel("returns").cards) == [1002]
    assert [row.text for row in (await desk.ken.types("/queue returns")).rows] == ["#1002 To returns"]
    assert says((await desk.ken.types("/queue")).title, "en", "queue.empty") is False
    assert says((await desk.ken.types("/queue sales")).title, "en", "refused.no_queue", given="sales")


async def test_a_queue_in_a_second_channel_and_both_cards_follow(desk: Desk) -> None:
    await desk.customer().writes()
    await desk.support.shows("#1001")
    await desk.customer().writes()
    await desk.support.shows("#1002")
    await desk.ken.types("/resolve 1002 done")

    assert says((await desk.hana.types("/route support", channel="team")).title, "ja", "refused.role")
    assert says((await desk.emma.types("/route support", channel="team")).title, "en", "route.show", queue="support")

    team = desk.channel("team")
    card = await team.shows("#1001", *FREE)
    await desk.hana.clicks("Claim", on=card)
    await team.shows("#1001", *HELD)
    await desk.support.shows("#1001", *HELD)
    assert sequence(team.cards) == [1001], "what is resolved need not be shown"

    assert says((await desk.emma.types("/route support hide", channel="team")).title, "en", "route.hide")
    await desk.customer().writes()
    await desk.support.shows("#1003")
    assert sequence(team.cards) == [1001]


async def test_robots_are_set_aside_and_listed(desk: Desk) -> None:
    assert says((await desk.hana.types("/robots")).title, "ja", "robots.none")
    await desk.customer("Shop", "news@example.com").writes("Sale!", headers=(("List-Id", "<news.example.com>"),))
    await desk.customer().writes("Away", headers=(("Auto-Submitted", "auto-replied"),))
    await desk.customer().writes("A person")

    await desk.support.shows("#1001")

    assert sequence(desk.support.cards) == [1001]
    assert desk.support.card("#1001").title == "#1001 A person"
    assert {row.text for row in (await desk.ken.types("/robots")).rows} == {"Sale!", "Away"}
    assert any("/robots" in line for line in (await desk.ken.types("/queue")).lines)


async def test_a_mail_that_nobody_can_read_becomes_a_card_and_holds_up_nobody(desk: Desk) -> None:
    customer = desk.customer()
    await customer.sends(b"Subject: " + b"x" * 70_000 + b"\r\n\r\nhello\r\n")
    bad = await desk.support.shows("#1001")
    await customer.sends(
        b"From: a@example.com\r\nSubject: half\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x"
    )
    await customer.writes("The good one")
    await desk.support.until(lambda channel: any("The good one" in card.title for card in channel.cards))

    assert bad.tone == "alert"
    assert bad.title == f"#1001 {template('en', 'card.unreadable_subject')}"
    assert bad.lines == (template("en", "card.unreadable"),)
    assert says((await desk.hana.clicks("Claim", on=bad)).title, "ja", "claim.done", inquiry=1001)
    assert len(desk.support.cards) == 3


async def test_a_supervisor_downloads_what_nobody_can_read_as_it_came(desk: Desk) -> None:
    raw = b"Subject: " + b"x" * 70_000 + b"\r\n\r\n\x00\xff <script>alert(1)</script>\r\n"
    await desk.customer().sends(raw)
    bad = await desk.support.shows("#1001")
    assert "original" in bad.verbs
    assert says((await desk.ken.clicks("Original", on=bad)).title, "en", "refused.role")
    (row,) = (await desk.emma.clicks("Original", on=bad)).rows

    async with ClientSession() as session, session.get(desk.url + row.download) as response:
        assert await response.read() == raw
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.content_type == "application/octet-stream"
    async with ClientSession() as session, session.get(desk.url + row.download + "x") as response:
        assert response.status == 404


async def test_hostile_words_come_out_as_plain_text(desk: Desk) -> None:
    customer = desk.customer("@everyone *Aki* {inquiry} %s [x](y)", "ito@example.com")
    await customer.writes(HOSTILE, HOSTILE, files=("<img src=x>.pdf",))

    card = await desk.support.shows("#1001")
    full = await desk.ken.types("/show 1001")

    assert card.title == f"#1001 {HOSTILE}"
    assert card.quote == full.quote == HOSTILE
    assert (card.fields or {})[template("en", "card.customer")] == f"{customer.name} <ito@example.com>"
    assert "<img src=x>.pdf" in full.words
    assert says((await desk.ken.types(f"/claim {HOSTILE}")).title, "en", "refused.number")
    assert (await desk.ken.types("/queue")).rows[0].text == f"#1001 {HOSTILE}"


async def test_a_deleted_card_comes_back_with_the_next_change(desk: Desk) -> None:
    await desk.customer().writes()
    card = await desk.support.shows("#1001")
    await desk.platform.delete("emma", card)
    await desk.support.until(lambda channel: not channel.cards)

    await desk.ken.types("/claim 1001")

    assert (await desk.support.shows("#1001", *HELD)).message != card.message
