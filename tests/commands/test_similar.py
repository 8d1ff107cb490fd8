"""Past answers, as people use them: one at a time, each judged as helpful or not."""

import pytest
import sqlalchemy as sa

from adapters.slack.render import message_of
from bot.chat.card import Button, Card, Tone
from bot.chat.invocation import LONGEST_CALL, Answer, pressed
from bot.chat.text import words
from storage.database import Database
from storage.tables import opinion
from tests.adapters.discord_pictures import drawn, wrong_with_message
from tests.adapters.test_slack_hostile import live
from tests.builders import a_message, opened
from tests.commands.test_find import HOSTILE, caught_up
from tests.commands.window import Window, labels, said
from tests.fakes.slack_blocks import wrong_in_message
from tests.support.texts import says

LINK = "https://desk.example.com"


async def asked_before(window: Window, database: Database, count: int = 2) -> int:
    """So many resolved questions on a printer and one on something else; the number of a new one on a printer."""
    before = [f"My printer is out of toner, what can I do? ({number})" for number in range(count)]
    texts = [*before, "When do you open on Sundays?", "The printer is out of toner again"]
    *past, _, new = await opened(
        database,
        *(a_message(subject="Toner" if "toner" in one else "Hours", text=one, reply_text=one) for one in texts),
    )
    for one in past:
        await window.types("ken", f"/resolve {one.number} Sent cartridge TK-{one.number} by express")
    await window.types("ken", f"/resolve {new.number - 1} At nine")
    await caught_up(database)
    return new.number


async def opinions(database: Database) -> list[tuple[int, int, bool]]:
    """For which inquiry, about which one, and whether it helped."""
    async with database.transaction() as tx:
        kept = await tx.session.run(sa.select(opinion).order_by(opinion.c.about, opinion.c.agent_id))
        return [(row.number, row.about, row.helpful) for row in kept]


def card(answer: Answer) -> Card:
    """The card, once Slack and Discord have taken it and nothing in it lives."""
    assert isinstance(answer, Card), answer
    message = message_of(answer, LINK)
    assert wrong_in_message(message.blocks) == []
    assert live(message) == []
    assert wrong_with_message(drawn(answer)) == []
    assert len(answer.buttons) <= 5
    assert [one.call for one in answer.buttons if len(one.call) > LONGEST_CALL] == []
    return answer


def button(answer: Card, verb: str, verdict: str = "") -> Button:
    """A button by what it does."""
    return next(
        one
        for one in answer.buttons
        if pressed(one.call)[0] == verb and pressed(one.call)[1].get("verdict", "") == verdict
    )


@pytest.mark.parametrize(("user", "language"), [("hana", "ja"), ("ken", "en")])
async def test_a_past_answer_is_shown_with_its_question_ready_to_copy(
    window: Window, database: Database, user: str, language: str
) -> None:
    number = await asked_before(window, database)
    answer = card(await window.types(user, f"/similar {number}"))

    about = int(answer.title.split()[0].lstrip("#"))
    assert about in (1001, 1002)
    assert answer.copy == f"Sent cartridge TK-{about} by express"
    assert labels(answer) == ["rate", "rate", "similar", "show"]
    assert [one.label for one in answer.buttons[:2]] == [
        window.speaker(language)(f"choice.{one}") for one in ("helpful", "not_helpful")
    ]
    told = [words(one.value) for one in answer.fields]
    assert any("out of toner" in one for one in told)
    assert any("Ken Miller" in one for one in told)
    assert window.speaker(language)("similar.place", place=1, places=2) in words(answer.footer)
    shown = await window.presses(user, button(answer, "show").call)
    assert said(shown).startswith(f"#{about}")


async def test_next_leads_to_the_others_and_any_place_is_one_that_is_there(window: Window, database: Database) -> None:
    number = await asked_before(window, database)
    first = card(await window.types("ken", f"/similar {number}"))
    second = card(await window.presses("ken", button(first, "similar").call))
    assert {first.title.split()[0], second.title.split()[0]} == {"#1001", "#1002"}
    assert labels(second) == ["rate", "rate", "show"]
    for place, shown in (("0", first), ("-5", first), ("2", second), ("99", second)):
        assert card(await window.types("ken", f"/similar {number} place:{place}")) == shown


@pytest.mark.parametrize(("user", "language"), [("hana", "ja"), ("ken", "en")])
async def test_opinions_are_kept_and_lead_on_to_the_next_and_to_thanks(
    window: Window, database: Database, user: str, language: str
) -> None:
    number = await asked_before(window, database)
    first = card(await window.types(user, f"/similar {number}"))
    second = card(await window.presses(user, button(first, "rate", "helpful").call))
    assert (window.speaker(language)("rate.thanks"),) in second.lines
    assert second.title != first.title
    last = card(await window.presses(user, button(second, "rate", "not_helpful").call))
    assert says(last.title, language, "rate.last", inquiry=number)
    about = int(first.title.split()[0].lstrip("#"))
    assert set(await opinions(database)) == {(number, about, True), (number, 2003 - about, False)}


async def test_pressing_twice_or_changing_ones_mind_replaces(window: Window, database: Database) -> None:
    number = await asked_before(window, database)
    shown = card(await window.types("ken", f"/similar {number}"))
    about = int(shown.title.split()[0].lstrip("#"))
    for verdict in ("helpful", "helpful", "not_helpful"):
        await window.presses("ken", button(shown, "rate", verdict).call)
    assert await opinions(database) == [(number, about, False)]
    await window.presses("hana", button(shown, "rate", "helpful").call)
    assert sorted(await opinions(database)) == [(number, about, False), (number, about, True)]
    counted = [
        words(card(await window.types("emma", f"/similar {number} place:{place}")).footer) for place in ("1", "2")
    ]
    assert any(window.speaker("en")("similar.opinions", helpful=1, unhelpful=1) in one for one in counted)


async def test_an_opinion_can_be_typed(window: Window, database: Database) -> None:
    number = await asked_before(window, database)
    assert isinstance(await window.types("ken", f"/rate {number} #1001 Helpful"), Card)
    assert await opinions(database) == [(number, 1001, True)]
    assert says(said(await window.types("ken", f"/rate {number} 9999 helpful")), "en", "refused.no_inquiry")
    assert says(said(await window.types("ken", f"/rate {number} x helpful")), "en", "refused.number")
    assert await opinions(database) == [(number, 1001, True)]


@pytest.mark.parametrize(("user", "language"), [("hana", "ja"), ("ken", "en")])
async def test_without_past_answers_it_says_what_to_try(
    window: Window, database: Database, user: str, language: str
) -> None:
    await opened(database)
    await caught_up(database)
    answer = card(await window.types(user, "/similar 1001"))
    assert says(answer.title, language, "similar.none", inquiry=1001)
    assert (window.speaker(language)("similar.try_find"),) in answer.lines
    assert answer.tone is not Tone.ALERT
    assert labels(answer) == ["find", "show"]


@pytest.mark.parametrize("user", ["hana", "ken"])
async def test_hostile_questions_and_answers_stay_words(window: Window, database: Database, user: str) -> None:
    texts = [text.encode(errors="replace").decode().replace("\0", "") for text in HOSTILE]
    asked = [f"The printer is out of toner {text}" for text in texts]
    past = await opened(database, *(a_message(subject=one[:900], text=one, reply_text=one) for one in asked))
    for inquiry, text in zip(past, HOSTILE, strict=True):
        await window.types("ken", f"/resolve {inquiry.number} {text}")
    [new] = await opened(database, a_message(subject="Toner", text="The printer is out of toner", reply_text=""))
    await caught_up(database)
    shown = card(await window.types(user, f"/similar {new.number}"))
    seen = [shown.copy]
    while "similar" in labels(shown):
        shown = card(await window.presses(user, button(shown, "similar").call))
        seen.append(shown.copy)
    assert len(seen) > 1
    for given in HOSTILE:
        for line in (f"/similar {given}", f"/rate {new.number} {given}", f"/rate {new.number} 1001 {given}"):
            answer = await window.types(user, line)
            if isinstance(answer, Card):
                assert card(answer).tone is Tone.ALERT
                assert not says(answer.title, "ja" if user == "hana" else "en", "refused.bug"), line
    assert await opinions(database) == []
