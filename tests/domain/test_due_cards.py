"""What the cards of inquiries and of the queue say about what is due, waits, rests and tags."""

from dataclasses import replace
from datetime import timedelta

from bot.cards.inquiry_card import inquiry_card
from bot.cards.queue_card import queue_item
from bot.chat.text import words
from bot.domain.inquiry import Status
from bot.translator import Speaker, Translator
from tests.builders import HANA, an_act, an_inquiry, held_by
from tests.support.clock import MORNING

HOUR = timedelta(hours=1)
NOW = MORNING + 4 * HOUR
TRANSLATOR = Translator()
FREE, HELD = an_inquiry(), held_by(HANA)


def speaker(language: str = "en") -> Speaker:
    return TRANSLATOR.speaker(language, "Asia/Tokyo", NOW)


def test_an_inquirys_card_says_what_is_due_and_when_it_was() -> None:
    due = replace(HELD, due_at=NOW + HOUR, due_target="next_response", tags=("VIP", "returns"))
    for inquiry, en, ja in (
        (due, "Next response by 15:00", "次の返信は15:00まで"),
        (replace(due, due_at=NOW), "Next response overdue since 14:00", "次の返信：期限超過（期限 14:00）"),
        (replace(due, due_target=""), "Answer by 15:00", "返信は15:00まで"),
    ):
        fields = [
            {one.label: words(one.value) for one in inquiry_card(inquiry, speaker(la)).fields} for la in ("en", "ja")
        ]
        assert [fields[0]["Due"], fields[1]["期限"]] == [en, ja]
        assert [fields[0]["Tags"], fields[1]["タグ"]] == ["VIP, returns"] * 2
    card = inquiry_card(due.resolve("", an_act(HANA, 9)).after, speaker())
    assert "Due" not in {one.label for one in card.fields}


def test_an_inquirys_card_says_for_whom_one_waits_and_when_reminders_rest() -> None:
    waiting = replace(HELD, status=Status.WAITING_ON_THIRD_PARTY, waiting_until=NOW + HOUR)
    rests = replace(HELD, snoozed_until=NOW + HOUR)
    for inquiry, en, ja in (
        (
            replace(waiting, waiting_for="the carrier"),
            "Waiting for a third party (the carrier) until 15:00",
            "外部の方（the carrier）からの回答を15:00まで待っています。",
        ),
        (waiting, "Waiting for a third party until 15:00", "外部の方からの回答を15:00まで待っています。"),
        (rests, "Reminders rest until 15:00", "15:00までお知らせを止めています。"),
    ):
        assert [[words(line) for line in inquiry_card(inquiry, speaker(la)).lines] for la in ("en", "ja")] == [
            [en],
            [ja],
        ]
    assert inquiry_card(replace(HELD, snoozed_until=NOW), speaker()).lines == ()


def test_a_row_of_the_queue_says_what_is_due_first() -> None:
    row = queue_item(replace(FREE, due_at=NOW + HOUR, due_target="first_response"), speaker())
    assert words(row.detail) == "First response by 15:00 · Nobody yet · Ms Ito · asked 4 hours ago"
    assert words(queue_item(FREE, speaker()).detail) == "Nobody yet · Ms Ito · asked 4 hours ago"
