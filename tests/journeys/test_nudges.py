"""Promises, and what people are reminded of: before they are due, when they are, and after."""

from collections.abc import Sequence
from datetime import timedelta

from tests.journeys.desk import Desk, Inside
from tests.journeys.driver import Person, SeenCard, until
from tests.support.ageing import inquiry_ages
from tests.support.texts import says

HOUR = timedelta(hours=1)


async def promised(desk: Desk, first_response: str = "1h", warn: str = "50", overdue: str = "1h, 2h") -> None:
    """Emma promises an answer within an hour, day and night, so that no test depends on when it runs."""
    form = await desk.emma.opens("/sla set standard")
    given = {
        "first_response": first_response,
        "next_response": "2h",
        "resolution": "",
        "warn": warn,
        "overdue": overdue,
    }
    await desk.emma.fills(form, **given)
    form = await desk.emma.opens("/sla who standard")
    await desk.emma.fills(form, urgent="yes")


async def asked(desk: Desk) -> SeenCard:
    """A customer writes, and the card shows by when they are to be answered."""
    await desk.customer("Aki Ito").writes("Where is my parcel?")
    return await desk.support.shows("#1001")


async def ages(desk: Desk, minutes: float) -> None:
    """So much more time has passed since all that happened to the inquiry."""
    assert isinstance(desk.running, Inside)
    await inquiry_ages(desk.running.app.database, 1001, timedelta(minutes=minutes))


async def told(desk: Desk, person: Person | None, *words: str) -> SeenCard:
    """The newest card with all these words, in the channel or to a person, as soon as there is one."""

    def there() -> SeenCard:
        cards: Sequence[SeenCard] = person.whispers if person else desk.support.cards
        found = [one for one in cards if all(word in one.words for word in words) and not one.title.startswith("#1001")]
        if not found:
            raise LookupError
        return found[-1]

    seen = person.whispers if person else desk.support.cards
    return await until(desk.platform, there, lambda: "\n\n".join(card.words for card in seen))


async def more(desk: Desk, person: Person, than: int) -> None:
    """Wait until somebody was told more than so many things."""
    await until(desk.platform, lambda: len(person.whispers) > than)


async def test_what_nobody_has_is_told_to_the_channel_and_can_be_claimed_there(desk: Desk) -> None:
    await promised(desk)
    card = await asked(desk)
    assert "Due" in (card.fields or {})

    await ages(desk, 35)
    nudge = await told(desk, None, "left", "#1001")
    assert "claim" in nudge.verbs
    await desk.ken.clicks("Claim", on=nudge)

    await told(desk, None, "Ken Miller", "#1001")
    assert not desk.ken.whispers or "left" not in desk.ken.whispers[-1].words
    await ages(desk, 30)
    due = await told(desk, desk.ken, "overdue", "#1001")
    form = await desk.ken.clicks_for_form("answered", on=due)
    await desk.ken.fills(form, how="by phone")
    await desk.support.until(lambda channel: channel.card("#1001").badge == "Waiting on customer")
    await desk.support.until(lambda channel: any("by phone" in one.words for one in channel.thread("#1001")))
    await told(desk, desk.ken, "Answered", "#1001")


async def test_an_overdue_one_goes_to_the_supervisor_who_gives_more_time(desk: Desk) -> None:
    await promised(desk)
    card = await asked(desk)
    await desk.hana.clicks("Claim", on=card)

    await ages(desk, 125)
    await told(desk, desk.hana, "#1001")
    nudge = await told(desk, desk.emma, "overdue", "#1001")
    form = await desk.emma.clicks_for_form("extend", on=nudge)
    refused = await desk.emma.fills(form, amount="10m", reason="Too little")
    assert says(refused.title, "en", "extend.too_short")
    form = await desk.emma.clicks_for_form("extend", on=nudge)
    answer = await desk.emma.fills(form, amount="5h", reason="The carrier answers tomorrow")

    assert "#1001" in answer.words
    await desk.support.until(
        lambda channel: "overdue" not in (channel.card("#1001").fields or {}).get("Due", "overdue")
    )
    shown = await desk.ken.types("/show 1001")
    assert "The carrier answers tomorrow" in shown.words


async def test_a_snooze_and_a_wait_hold_reminders_back(desk: Desk) -> None:
    await promised(desk)
    card = await asked(desk)
    await desk.ken.clicks("Claim", on=card)
    await ages(desk, 35)
    nudge = await told(desk, desk.ken, "left", "#1001")

    await desk.ken.clicks("Snooze 15 min", on=nudge)
    await told(desk, desk.ken, "rest until", "#1001")
    await ages(desk, 16)
    await more(desk, desk.ken, 1)

    await desk.ken.types('/wait 1001 third_party 2h note:"the carrier"')
    await desk.support.until(lambda channel: "the carrier" in channel.card("#1001").words)
    before = len(desk.ken.whispers)
    await ages(desk, 121)
    await desk.support.until(lambda channel: channel.card("#1001").badge == "Open")
    await more(desk, desk.ken, before)


async def test_nothing_is_told_twice_after_a_restart(desk: Desk) -> None:
    await promised(desk)
    await asked(desk)
    await ages(desk, 35)
    await told(desk, None, "left", "#1001")
    before = len(desk.support.cards)

    await desk.restart()
    await desk.customer("Ben Abe", "abe@example.com").writes("Hello?")
    await desk.support.shows("#1002")

    assert len(desk.support.cards) == before + 1


async def test_who_is_away_is_not_asked_and_the_team_is(desk: Desk) -> None:
    await promised(desk)
    card = await asked(desk)
    await desk.hana.clicks("Claim", on=card)
    await desk.hana.types("/absence today")

    await ages(desk, 35)
    await told(desk, None, "left", "#1001")
    assert desk.support.card("#1001").badge in ("New", "Open")
    assert "claim" in desk.support.card("#1001").verbs


async def test_the_policy_is_shown_with_what_it_promises(desk: Desk) -> None:
    await promised(desk)
    await asked(desk)

    shown = await desk.hana.types("/sla standard")
    assert "1" in shown.words
    listed = await desk.ken.types("/sla")
    assert "standard" in listed.words
    history = await desk.ken.types("/sla versions")
    assert "Emma" in history.words
    refused = await desk.ken.types("/sla set standard")
    assert "supervisor" in refused.words.lower()


async def test_my_day_and_the_digest_on_request(desk: Desk) -> None:
    await promised(desk)
    card = await asked(desk)
    await desk.ken.clicks("Claim", on=card)
    await ages(desk, 90)
    await told(desk, desk.ken, "overdue", "#1001")

    day = await desk.ken.types("/day")
    assert "#1001" in day.words
    digest = await desk.ken.types("/digest support")
    assert "Ken Miller" in digest.words


async def test_somebody_asks_for_help_gets_an_answer_and_says_whether_it_helped(desk: Desk) -> None:
    card = await asked(desk)
    await desk.ken.clicks("Claim", on=card)

    form = await desk.ken.opens("/escalate 1001")
    assert "Where is my parcel?" in "\n".join(one.value for one in form.inputs)
    criterion = next(one for one in form.inputs if one.name == "criterion")
    given = {"tried": "Asked the carrier", "wanted": "answer.soon", "criterion": criterion.choices[0]}
    await desk.ken.fills(form, **given)
    call = await told(desk, desk.emma, "Asked the carrier", "#1001")
    await desk.emma.clicks("escalate_accept", on=call)
    await told(desk, desk.ken, "Emma")
    form = await desk.emma.clicks_for_form("escalate_answer", on=call)
    await desk.emma.fills(form, answer="Send it once more, free of charge")

    answer = await told(desk, desk.ken, "Send it once more")
    await desk.ken.clicks("escalate_feedback", on=answer)
    shown = await desk.hana.types("/show 1001")
    assert "Emma" in shown.words
