"""An inquiry is resolved and opens again; old buttons are answered in words."""

from tests.journeys.desk import Desk
from tests.journeys.driver import DONE, HELD, SeenCard, until
from tests.support.texts import says, template


async def test_resolve_with_a_note_through_the_form_and_reopen_by_the_button(desk: Desk) -> None:
    await desk.customer().writes()
    card = await desk.support.shows("#1001")
    await desk.hana.clicks("Claim", on=card)
    card = await desk.support.shows("#1001", *HELD)

    form = await desk.hana.clicks_for_form("解決にする", on=card)
    assert [(one.name, one.required) for one in form.inputs] == [("note", False)]
    answer = await desk.hana.fills(note="追跡番号をお送りしました。\n<b>済</b>")

    assert says(answer.title, "ja", "resolve.done", inquiry=1001)
    card = await desk.support.shows("#1001", *DONE)
    assert card.badge == template("en", "status.resolved")
    assert (card.fields or {})[template("en", "card.note")] == "追跡番号をお送りしました。\n<b>済</b>"

    answer = await desk.ken.clicks("Reopen", on=card)

    assert says(answer.title, "en", "reopen.done", inquiry=1001)
    card = await desk.support.shows("#1001", *HELD)
    assert desk.hana.name in card.words, "whoever resolved it has it still"


async def test_a_reply_joins_in_the_thread_and_is_whispered_to_the_holder(desk: Desk) -> None:
    customer = desk.customer("Aki")
    mail = await customer.writes("The parcel is late", "Where is it?")
    card = await desk.support.shows("#1001")
    await desk.hana.clicks("Claim", on=card)

    await customer.writes(text="It came, but broken.", reply_to=mail, files=("broken.jpg",))

    letter, *_ = await desk.support.until(lambda channel: channel.thread("#1001"))
    assert says(letter.title, "en", "letter.wrote", customer="Aki")
    assert letter.quote == "It came, but broken."
    assert "broken.jpg" in letter.words
    whisper, *_ = await until(desk.platform, lambda: desk.hana.whispers)
    assert says(whisper.title, "ja", "whisper.wrote", inquiry=1001)
    assert desk.ken.whispers == []
    card = await desk.support.until(
        lambda channel: "2 messages" in channel.card("#1001").footer and channel.card("#1001")
    )
    assert card.quote == "It came, but broken."
    assert len(desk.support.cards) == 1


async def test_a_reply_to_a_resolved_one_opens_it_again(desk: Desk) -> None:
    customer = desk.customer()
    mail = await customer.writes()
    await desk.support.shows("#1001")
    await desk.hana.types("/resolve 1001 done")
    await desk.support.shows("#1001", *DONE)

    answer = await customer.writes(text="It is still not here.", reply_to=mail)
    await customer.writes(text="Hello?", reply_to=answer)

    await desk.support.shows("#1001", *HELD)
    letters = await desk.support.until(lambda channel: len(channel.thread("#1001")) == 2 and channel.thread("#1001"))
    assert says(letters[0].title, "en", "letter.reopened", customer="Aki Ito")
    assert says(letters[1].title, "en", "letter.wrote", customer="Aki Ito")
    whispers = await until(desk.platform, lambda: len(desk.hana.whispers) == 2 and desk.hana.whispers)
    assert says(whispers[0].title, "ja", "whisper.reopened", inquiry=1001)


async def test_resolve_after_a_message_that_its_presser_has_not_seen(desk: Desk) -> None:
    customer = desk.customer()
    mail = await customer.writes()
    card = await desk.support.shows("#1001")
    await desk.ken.clicks("Claim", on=card)
    old = await desk.support.shows("#1001", *HELD)
    form = await desk.ken.clicks_for_form("Resolve", on=old)
    await customer.writes(text="Wait, one more thing.", reply_to=mail)
    await until(desk.platform, lambda: desk.ken.whispers)

    for answer in (await desk.ken.fills(form, note="done"), await desk.ken.clicks("Resolve", on=old)):
        assert says(answer.title, "en", "resolve.wrote_again", inquiry=1001)
        assert answer.verbs == [*HELD]

    await desk.ken.clicks_for_form("Resolve", on=answer)
    assert says((await desk.ken.fills(note="done")).title, "en", "resolve.done", inquiry=1001)


async def test_release_after_a_hand_over(desk: Desk) -> None:
    old = await _held_by_ken(desk)
    await desk.emma.types("/assign 1001 @hana")

    answer = await desk.ken.clicks("Release", on=old)

    assert says(answer.title, "en", "inquiry.changed_hands", holder=desk.hana.name, inquiry=1001)
    assert desk.hana.name in answer.words, "with the card as it is now"
    assert says((await desk.hana.types("/release 1001")).title, "ja", "release.done", inquiry=1001)


async def test_claim_on_an_old_card_still_works_where_it_makes_sense(desk: Desk) -> None:
    await desk.customer().writes()
    old = await desk.support.shows("#1001")
    await desk.ken.clicks("Claim", on=old)
    await desk.ken.types("/release 1001")

    assert says((await desk.hana.clicks("Claim", on=old)).title, "ja", "claim.done", inquiry=1001)
    assert says((await desk.hana.clicks("Claim", on=old)).title, "ja", "claim.yours", inquiry=1001)


async def test_buttons_of_an_open_card_on_a_resolved_inquiry(desk: Desk) -> None:
    old = await _held_by_ken(desk)
    await desk.ken.types("/resolve 1001 done")

    for label in ("Resolve", "Release"):
        answer = await desk.ken.clicks(label, on=old)
        assert says(answer.title, "en", "inquiry.resolved", inquiry=1001), "before any form is filled in"
        assert answer.verbs == [*DONE]


async def test_nobody_fills_in_a_form_only_to_be_refused(desk: Desk) -> None:
    card = await _held_by_ken(desk)

    answer = await desk.hana.clicks("Resolve", on=card)

    assert says(answer.title, "ja", "resolve.held", holder=desk.ken.name, inquiry=1001)


async def _held_by_ken(desk: Desk) -> SeenCard:
    await desk.customer().writes()
    await desk.ken.clicks("Claim", on=await desk.support.shows("#1001"))
    return await desk.support.shows("#1001", *HELD)
