"""The two cards of advice: what its reader presses, what is drawn when it was pressed, and what its sender sees."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cards.advice_card import PRESSES, advice_card
from bot.cards.receipts_card import SHOWN, Sent, receipts_card
from bot.chat.card import Card
from bot.chat.invocation import pressed
from bot.chat.text import words
from bot.domain.advice import READ, Advice, AdviceState, Receipt, Token
from bot.translator import Speaker, Translator
from tests.builders import EMMA, HANA
from tests.support.clock import MORNING
from tests.support.texts import says

SAY = Translator().speaker("en", "UTC", MORNING)
ONE = Advice(id=7, to=HANA, text="Ask for the slip.", at=MORNING, sender=EMMA, call=3)


def told(one: Advice, *tokens: Token) -> Advice:
    return replace(one, receipts=frozenset(Receipt(token, MORNING) for token in tokens))


def verbs(card: Card) -> list[tuple[str, str]]:
    calls = [pressed(button.call) for button in card.buttons]
    return [(verb, options.get("token", "")) for verb, options, _ in calls]


def test_the_words_are_the_title_and_the_notification() -> None:
    card = advice_card([replace(ONE, text="Ask for the slip。\nThen pay")], True, SAY)
    assert (card.title, [words(line) for line in card.lines]) == ("Ask for the slip。", ["Then pay"])
    assert card.summary == "Ask for the slip。 Then pay"
    assert words(card.footer) == "Emma · 01:00"


@pytest.mark.parametrize("token", READ)
def test_what_was_pressed_shows_and_only_what_says_more_can_be(token: Token) -> None:
    one = told(ONE, Token.DELIVERED, token)
    card = advice_card([one], False, SAY)
    assert says(card.badge, "en", f"choice.{token}")
    assert verbs(card) == [("advice", each.value) for each in PRESSES[one.state]]
    assert token not in PRESSES[one.state]


def test_help_can_be_asked_for_only_while_the_call_goes_on() -> None:
    assert verbs(advice_card([ONE], True, SAY))[-1] == ("help_me", "")
    for card in (advice_card([ONE], False, SAY), advice_card([replace(ONE, call=None)], True, SAY)):
        assert ("help_me", "") not in verbs(card)


@pytest.mark.parametrize("is_live", [True, False])
def test_what_was_withdrawn_is_left_out(is_live: bool) -> None:
    gone = told(replace(ONE, id=8, text="Never mind"), Token.WITHDRAWN)
    assert "Never mind" not in str(advice_card([ONE, gone], is_live, SAY))
    alone = advice_card([gone], is_live, SAY)
    assert says(alone.title, "en", "advice.taken_back" if is_live else "advice.over")
    assert (alone.buttons, "Never mind" in str(alone)) == ((), False)


def test_prepared_advice_and_notes_say_that_they_are() -> None:
    prepared, note = replace(ONE, sender=None, rule=2), replace(ONE, call=None)
    assert says(advice_card([prepared], True, SAY).badge, "en", "advice.is_prepared")
    assert says(advice_card([note], False, SAY).badge, "en", "advice.is_note")
    several = advice_card([prepared, note], True, SAY)
    for row, key in zip(several.items, ("advice.prepared", "advice.note"), strict=True):
        assert says(words(row.detail), "en", key, at="01:00")


def test_nothing_to_say_is_no_advice() -> None:
    with pytest.raises(ValueError, match="says something"):
        advice_card([], True, SAY)


# --- what became of it --------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", AdviceState)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_each_state_in_words(state: AdviceState, language: str) -> None:
    say = Translator().speaker(language, "UTC", MORNING)
    one = ONE if state is AdviceState.QUEUED else told(ONE, Token(state.value))
    [row] = receipts_card(Sent(HANA, [one], 3, True), say).items
    assert says(words(row.detail), language, f"receipts.{state}")
    assert (row.button is not None) is (state is AdviceState.QUEUED)


def test_what_waits_says_until_when_and_what_is_refused_that_it_is() -> None:
    pieces = [ONE, replace(ONE, id=8), replace(ONE, id=9)]
    sent = Sent(HANA, pieces, 3, True, {7: timedelta(minutes=30), 8: timedelta(seconds=9)}, {9})
    refused, soon, waits = _details(sent, SAY)
    assert says(waits, "en", "receipts.waits", until="01:30")
    assert says(soon, "en", "receipts.queued")
    assert says(refused, "en", "receipts.refused")


def _details(sent: Sent, say: Speaker) -> list[str]:
    return [words(row.detail) for row in receipts_card(sent, say).items]


def test_one_can_say_more_while_the_call_lasts_and_old_pieces_are_counted() -> None:
    pieces = [replace(ONE, id=n, at=MORNING + timedelta(seconds=n)) for n in range(SHOWN + 3)]
    card = receipts_card(Sent(HANA, pieces, 3, True), SAY)
    assert [one.call for one in card.buttons] == ["whisper:::call=3"]
    assert len(card.items) == SHOWN
    assert says(words(card.footer), "en", "receipts.more", number="3")
    assert receipts_card(Sent(HANA, pieces, 3, False), SAY).buttons == ()
    assert receipts_card(Sent(HANA, pieces[:1]), SAY).buttons == ()
