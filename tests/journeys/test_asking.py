"""What people ask by slash commands: lists, an inquiry in full, languages, the team and its rights."""

from tests.journeys.conftest import OpenDesk
from tests.journeys.desk import Desk
from tests.journeys.driver import CARE, DONE, FREE, HELD, SeenCard
from tests.support.texts import says, template


async def test_the_queue_is_paged_unclaimed_first_and_the_oldest_first(desk: Desk) -> None:
    for number in range(20):
        await desk.customer().writes(f"Question {number}")
        await desk.support.shows(f"#{1001 + number}")
    for held in (1001, 1003):
        await desk.ken.types(f"/claim {held}")

    pages = [await desk.hana.types("/queue")]
    further, back = template("ja", "queue.on"), template("ja", "queue.back")
    while further in [button.label for button in pages[-1].buttons]:
        pages.append(await desk.hana.clicks(further, on=pages[-1]))

    assert says(pages[0].title, "ja", "queue.title", count=20)
    listed = [_number(row.text) for page in pages for row in page.rows]
    assert listed == [1002, *range(1004, 1021), 1001, 1003]
    assert says(pages[-1].footer, "ja", "queue.page", page=len(pages), pages=len(pages))
    before = await desk.hana.clicks(back, on=pages[-1])
    assert [row.text for row in before.rows] == [row.text for row in pages[-2].rows]

    first = await desk.hana.types("/queue")
    assert says((await desk.hana.clicks("Claim", on=first)).title, "ja", "claim.done", inquiry=1002)


async def test_show_tells_an_inquiry_in_full(desk: Desk) -> None:
    customer = desk.customer("Aki")
    mail = await customer.writes(text="\n".join(f"line {number}" for number in range(30)), files=("bill.pdf",))
    await desk.support.shows("#1001")
    await desk.ken.types("/claim 1001")
    await customer.writes(text="\n".join(f"more {number}" for number in range(30)), reply_to=mail)
    await desk.support.until(lambda channel: channel.thread("#1001"))

    card = await desk.hana.types("/show 1001")

    assert card.quote.index("more 29") < card.quote.index("line 29"), "the newest first, and what led to it"
    assert "bill.pdf" in card.words
    assert len(card.rows) == 3
    assert desk.ken.name in card.rows[1].text
    assert card.verbs == list(CARE)

    await desk.ken.types("/resolve 1001 Sent a new one")
    await desk.ken.types("/reopen 1001")
    card = await desk.hana.types("/show 1001")
    assert "Sent a new one" in card.rows[3].detail, "a note outlives the reopening"


async def test_commands_in_a_cards_thread_need_no_number(desk: Desk) -> None:
    await desk.customer().writes()
    await desk.customer().writes("Another one")
    card = await desk.support.shows("#1001")
    await desk.support.shows("#1002")

    assert says((await desk.hana.types("/claim", under=card)).title, "ja", "claim.done", inquiry=1001)
    assert (await desk.ken.types("/show", under=card)).number == 1001
    assert says((await desk.hana.types("/assign @ken", under=card)).title, "ja", "assign.done", inquiry=1001)
    assert says((await desk.ken.types("/claim 1002", under=card)).title, "en", "claim.done", inquiry=1002)
    answer = await desk.ken.types("/resolve sent the label again", under=card)
    assert says(answer.title, "en", "resolve.done", inquiry=1001)
    assert (await desk.support.shows("#1001", *DONE)).words.count("sent the label again") == 1


async def test_numbers_as_japanese_keyboards_type_them(desk: Desk) -> None:
    await desk.customer().writes()
    await desk.support.shows("#1001")
    assert says((await desk.hana.types("／claim　＃１００１")).title, "ja", "claim.done", inquiry=1001)


async def test_each_is_answered_in_their_own_language(desk: Desk) -> None:
    assert says((await desk.ken.types("/language ja")).title, "ja", "language.done")
    assert says((await desk.ken.types("/queue")).title, "ja", "queue.empty")
    assert says((await desk.hana.types("/language 英語")).title, "en", "language.done")
    if desk.stage.name != "discord":  # which offers the languages that there are, and takes no other
        assert says((await desk.hana.types("/language klingon")).title, "en", "language.unknown", given="klingon")
    await desk.restart()
    assert says((await desk.ken.types("/queue")).title, "ja", "queue.empty")


async def test_help_lists_what_one_may_ask(desk: Desk) -> None:
    helped = await desk.hana.types("/help")
    assert says(helped.title, "ja", "help.title")
    assert {row.text.split()[0] for row in helped.rows} >= {"/queue", "/claim", "/help"}
    if desk.stage.name != "discord":  # which lets nobody type what it does not know
        assert says((await desk.ken.types("/tickets")).title, "en", "refused.no_command", given="tickets")


async def test_a_stranger_is_told_what_to_do_and_a_supervisor_does_it(open_desk: OpenDesk) -> None:
    desk = await open_desk(agents=("hana",))
    await desk.customer().writes()
    card = await desk.support.shows("#1001")

    told = await desk.ken.clicks("Claim", on=card)
    assert says(told.title, "en", "refused.stranger", handle=desk.ken.mention)
    assert told.fields == {}
    assert says(
        (await desk.hana.types("/agent @ken")).title, "ja", "refused.role", needed=template("ja", "choice.supervisor")
    )

    form = await desk.emma.opens("/agent @ken")
    assert form.inputs[0].choices == ("agent", "supervisor", "none")
    await desk.emma.fills(role="agent")

    assert says((await desk.ken.clicks("Claim", on=card)).title, "en", "claim.done", inquiry=1001)
    team = await desk.hana.types("/team")
    assert says(team.title, "ja", "team.title", count=3)
    assert any(f"{desk.stage.name}:{desk.stage.handle('ken')}" in row.detail for row in team.rows)


async def test_a_role_taken_away_ends_rights_at_once_and_gives_back_what_was_held(desk: Desk) -> None:
    await desk.customer().writes()
    await desk.ken.clicks("Claim", on=await desk.support.shows("#1001"))
    held = await desk.support.shows("#1001", *HELD)

    await desk.emma.types("/agent @ken none")

    assert says((await desk.ken.clicks("Release", on=held)).title, "en", "refused.stranger", handle=desk.ken.mention)
    assert says((await desk.ken.types("/queue")).title, "en", "refused.stranger", handle=desk.ken.mention)
    await desk.support.shows("#1001", *FREE)
    assert says((await desk.emma.types("/agent @emma none")).title, "en", "agent.self")


def _number(text: str) -> int:
    return SeenCard("", "", text).number
