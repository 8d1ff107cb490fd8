"""What reminders say and offer: each kind, told to each rung, alone and in lists, in both languages."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cards.nudge_card import ROWS, NudgeLine, nudge_card
from bot.chat.card import Card, Tone
from bot.chat.invocation import pressed
from bot.chat.text import words
from bot.domain.inquiry import Inquiry, Status
from bot.domain.nudge import NudgeKind, Rung
from bot.domain.policy import Target
from bot.translator import Speaker, Translator
from tests.builders import HANA, an_act, an_inquiry, held_by
from tests.support.clock import MORNING

NOW = MORNING + timedelta(hours=4)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TRANSLATOR = Translator()
DUE = replace(held_by(HANA), due_at=NOW + HOUR, due_target="resolution")
FREE, HELD = an_inquiry(excerpt="Where is it?\nIto"), replace(held_by(HANA), excerpt="Where is it?\nIto")


def speaker(language: str = "en") -> Speaker:
    return TRANSLATOR.speaker(language, "Asia/Tokyo", NOW)


def a_line(inquiry: Inquiry = FREE, left: timedelta | None = 12 * MINUTE, **fields: object) -> NudgeLine:
    due = NOW if left is None else NOW + left
    given = {"kind": NudgeKind.CLOCK, "target": Target.FIRST_RESPONSE, "due": due, "at": NOW, "left": left} | fields
    return NudgeLine(inquiry, **given)  # type: ignore[arg-type]


def alone(line: NudgeLine, to: Rung = Rung.TEAM, language: str = "en") -> Card:
    return nudge_card([line], 1, to, NOW, speaker(language))


def verbs(card: Card) -> list[str]:
    return [pressed(one.call)[0] for one in card.buttons]


# Words


@pytest.mark.parametrize(
    ("left", "tone", "en", "ja"),
    [
        (12 * MINUTE, Tone.WAITING, "First response: 12 minutes left | Due 14:12", "初回返信：残り12分 | 期限 14:12"),
        (
            90 * MINUTE,
            Tone.WAITING,
            "First response: 1 hour 30 minutes left | Due 15:30",
            "初回返信：残り1時間30分 | 期限 15:30",
        ),
        (timedelta(seconds=20), Tone.ALERT, "First response is due now | Due 14:00", "初回返信の期限です | 期限 14:00"),
        (
            timedelta(seconds=-2),
            Tone.ALERT,
            "First response is due now | Was due 13:59",
            "初回返信の期限です | 期限は13:59でした",
        ),
        (
            -3 * HOUR,
            Tone.ALERT,
            "First response: 3 hours overdue | Was due 11:00",
            "初回返信：3時間超過 | 期限は11:00でした",
        ),
        (
            timedelta(hours=-30, minutes=-20),
            Tone.ALERT,
            "First response: 30 hours overdue | Was due Mar 31 07:40",
            "初回返信：30時間超過 | 期限は3月31日 07:40でした",
        ),
    ],
)
def test_how_much_time_is_left_is_said_in_words(left: timedelta, tone: Tone, en: str, ja: str) -> None:
    told = {language: alone(a_line(left=left), language=language) for language in ("en", "ja")}
    due = {language: words(card.lines[-1]) for language, card in told.items()}
    assert {language: f"{card.title} | {due[language]}" for language, card in told.items()} == {"en": en, "ja": ja}
    assert {card.tone for card in told.values()} == {tone}


def test_the_time_left_is_the_policys_own_and_not_that_of_the_wall() -> None:
    line = a_line(due=NOW + timedelta(hours=20), left=2 * HOUR)
    assert alone(line).title == "First response: 2 hours left"
    unknown = replace(line, left=None)
    assert alone(unknown).title == "First response by Apr 2 10:00"
    assert alone(replace(unknown, due=NOW - HOUR)).title == "First response overdue since 13:00"
    assert alone(replace(unknown, due=NOW - HOUR)).tone is Tone.ALERT
    assert alone(replace(unknown, due=None)).title == "First response: not given yet"


@pytest.mark.parametrize(
    ("line", "en", "ja"),
    [
        (a_line(HELD, kind=NudgeKind.UNTOUCHED), "Are you still at it?", "引き続き対応中ですか？"),
        (a_line(kind=NudgeKind.HAND_BACK), "This goes back to the team.", "チームに戻ります。"),
        (
            a_line(kind=NudgeKind.SILENT, text="7"),
            "The customer has been silent for 7 days.",
            "お客様から7日間、返信がありません。",
        ),
        (
            a_line(kind=NudgeKind.CLOSING, text="14"),
            "The customer has been silent for 14 days. Resolve it?",
            "お客様から14日間、返信がありません。解決にしますか？",
        ),
        (
            a_line(replace(HELD, answered_at=NOW - timedelta(days=3)), kind=NudgeKind.SILENT),
            "The customer has been silent for 3 days.",
            "お客様から3日間、返信がありません。",
        ),
        (a_line(kind=NudgeKind.RESUME), "The time of waiting is over.", "待機の期限になりました。"),
        (
            a_line(kind=NudgeKind.FOLLOW_UP, text="Call"),
            "You wanted to be reminded at 14:00.",
            "14:00のリマインドです。",
        ),
        (
            a_line(HELD, None, kind=NudgeKind.SNOOZED, target=None, due=None),
            "The snooze is over, and this is still open.",
            "再通知の時間です。まだ解決していません。",
        ),
        (
            a_line(DUE, None, kind=NudgeKind.SNOOZED, target=None, due=None),
            "The snooze is over. Resolution by 15:00",
            "再通知の時間です。解決は15:00まで",
        ),
    ],
)
def test_each_kind_has_its_words(line: NudgeLine, en: str, ja: str) -> None:
    assert [alone(line, Rung.HOLDER, language).title for language in ("en", "ja")] == [en, ja]


def test_a_card_names_the_inquiry_and_calls_its_words_to_mind() -> None:
    card = alone(a_line())
    told = [words(line) for line in card.lines]
    assert told == ["#1001 The parcel is late", "Nobody yet · Ms Ito · asked 4 hours ago", "Due 14:12"]
    assert (card.quote, card.is_ours) == ("Where is it? Ito", False)
    assert card.summary == f"{card.title} · #1001 The parcel is late"
    note = alone(a_line(HELD, kind=NudgeKind.FOLLOW_UP, text="Call the carrier"), Rung.HOLDER)
    assert (note.quote, note.is_ours, verbs(note)) == ("Call the carrier", True, ["show"])
    assert alone(a_line(replace(FREE, readable=False))).quote == ""


# Buttons


@pytest.mark.parametrize(
    ("inquiry", "kind", "to", "expected"),
    [
        (FREE, NudgeKind.CLOCK, Rung.TEAM, ["claim", "answered", "snooze", "show"]),
        (HELD, NudgeKind.CLOCK, Rung.TEAM, ["show"]),
        (HELD, NudgeKind.CLOCK, Rung.HOLDER, ["answered", "snooze", "snooze", "snooze", "escalate"]),
        (HELD, NudgeKind.CLOCK, Rung.SUPERVISORS, ["assign", "extend", "snooze", "show"]),
        (FREE, NudgeKind.CLOCK, Rung.PERSON, ["assign", "extend", "snooze", "show"]),
        (HELD, NudgeKind.SNOOZED, Rung.HOLDER, ["answered", "snooze", "snooze", "snooze", "escalate"]),
        (FREE, NudgeKind.SNOOZED, Rung.TEAM, ["claim", "answered", "snooze", "show"]),
        (HELD, NudgeKind.UNTOUCHED, Rung.HOLDER, ["keep", "release", "wait", "answered", "show"]),
        (FREE, NudgeKind.HAND_BACK, Rung.TEAM, ["claim", "show"]),
        (HELD, NudgeKind.SILENT, Rung.HOLDER, ["show", "resolve", "snooze", "resume"]),
        (HELD, NudgeKind.CLOSING, Rung.HOLDER, ["resolve", "show", "snooze", "resume"]),
    ],
)
def test_what_can_be_done_depends_on_who_is_told(
    inquiry: Inquiry, kind: NudgeKind, to: Rung, expected: list[str]
) -> None:
    assert verbs(alone(a_line(inquiry, kind=kind), to)) == expected


def test_a_holder_puts_it_aside_with_one_press_and_others_are_asked_for_how_long() -> None:
    calls = [one.call for one in alone(a_line(HELD), Rung.HOLDER).buttons if one.call.startswith("snooze")]
    assert [pressed(one)[1]["time"] for one in calls] == ["15m", "1h", "tomorrow"]
    (asked,) = [one.call for one in alone(a_line(HELD), Rung.SUPERVISORS).buttons if one.call.startswith("snooze")]
    assert pressed(asked) == ("snooze", {"inquiry": "1001"}, HELD.version)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("kind", NudgeKind)
@pytest.mark.parametrize("to", Rung)
@pytest.mark.parametrize("inquiry", [FREE, HELD], ids=["free", "held"])
def test_every_button_fits_on_every_platform(language: str, kind: NudgeKind, to: Rung, inquiry: Inquiry) -> None:
    large = replace(inquiry, number=999_999_999, version=9_999_999)
    card = alone(a_line(large, kind=kind, text="5"), to, language)
    assert 1 <= len(card.buttons) <= 5
    assert len({one.label for one in card.buttons}) == len(card.buttons)
    assert all(len(one.call) <= 89 and 0 < len(one.label) <= 40 for one in card.buttons)


# What is over


@pytest.mark.parametrize(
    ("inquiry", "to", "en", "ja"),
    [
        (HELD, Rung.TEAM, "Claimed by Hana", "Hanaさんが担当しています"),
        (HELD, Rung.HOLDER, "Hana is at it", "Hanaさんが対応しています"),
        (HELD.answer(an_act(HANA, 9), "Hana", MORNING).after, Rung.HOLDER, "Answered", "返信済みです"),
        (HELD.resolve("", an_act(HANA, 9)).after, Rung.HOLDER, "Resolved", "解決済みです"),
        (HELD.release(an_act(HANA, 9)).after, Rung.HOLDER, "Back with the team", "チームに戻りました"),
        (
            replace(HELD, snoozed_until=NOW + HOUR),
            Rung.HOLDER,
            "Reminders rest until 15:00",
            "15:00までお知らせを止めています",
        ),
        (
            replace(HELD, status=Status.WAITING_ON_THIRD_PARTY, waiting_until=NOW + HOUR),
            Rung.TEAM,
            "Waiting until 15:00",
            "15:00まで回答待ちです",
        ),
        (
            replace(HELD, due_at=NOW + 2 * HOUR, due_target="first_response"),
            Rung.HOLDER,
            "Extended: now due 16:00",
            "期限を16:00まで延ばしました",
        ),
    ],
)
def test_what_is_over_tells_what_happened_and_asks_for_nothing(inquiry: Inquiry, to: Rung, en: str, ja: str) -> None:
    told = [alone(a_line(inquiry, is_over=True), to, language) for language in ("en", "ja")]
    assert [card.title for card in told] == [en, ja]
    for card in told:
        assert (card.tone, card.quote, verbs(card)) == (Tone.DONE, "", ["show"])


def test_of_what_was_erased_nothing_is_said() -> None:
    gone = replace(HELD, subject="", excerpt="", erased_at=NOW)
    card = alone(a_line(gone, is_over=True))
    assert (card.title, card.tone, card.quote, card.buttons) == ("#1001 · erased on request", Tone.QUIET, "", ())
    row, _ = nudge_card([a_line(gone), a_line()], 2, Rung.TEAM, NOW, speaker()).items
    assert (words(row.text), row.detail, row.button) == ("#1001 · erased on request", (), None)


# Lists


def test_several_are_rows_the_most_severe_first_with_one_button_each() -> None:
    lines = [a_line(replace(HELD, number=1002), -3 * HOUR), a_line(), a_line(replace(FREE, number=1003), is_over=True)]
    card = nudge_card(lines, 3, Rung.TEAM, NOW, speaker())
    assert (card.title, card.tone, card.buttons, card.footer) == ("2 inquiries need attention", Tone.ALERT, (), ())
    assert [(words(one.text), words(one.detail)) for one in card.items] == [
        ("#1002 The parcel is late", "First response: 3 hours overdue, was due 11:00 · Hana"),
        ("#1001 The parcel is late", "First response: 12 minutes left (due 14:12) · Nobody yet"),
        ("#1003 The parcel is late", "Back with the team · Nobody yet"),
    ]
    assert [pressed(one.button.call)[0] for one in card.items if one.button] == ["show", "claim", "show"]


def test_a_storm_is_one_list_that_counts_the_rest() -> None:
    lines = [a_line(replace(FREE, number=1000 + place)) for place in range(50)]
    for language, title, more in (
        ("en", "5,000 inquiries need attention", "and 4,992 more: /queue"),
        ("ja", "5,000 件の確認をお願いします", "ほか 4,992 件：/queue"),
    ):
        card = nudge_card(lines, 5000, Rung.TEAM, NOW, speaker(language))
        assert (card.title, words(card.footer), len(card.items)) == (title, more, ROWS)
        assert verbs(card) == ["queue"]


def test_a_list_of_what_is_over_needs_nobody() -> None:
    lines = [a_line(replace(HELD, number=number), is_over=True) for number in (1002, 1003)]
    card = nudge_card(lines, 2, Rung.TEAM, NOW, speaker())
    assert (card.title, card.tone) == ("Nothing is left to do here", Tone.DONE)
    assert nudge_card(lines[:1], 2, Rung.TEAM, NOW, speaker()).title == "1 inquiry needs attention"


def test_nothing_is_no_reminder() -> None:
    with pytest.raises(ValueError, match="at least one"):
        nudge_card([], 0, Rung.TEAM, NOW, speaker())
