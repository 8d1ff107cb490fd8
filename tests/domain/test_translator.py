"""How the translator tells times and amounts, in both languages."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Formatter

import pytest

from bot.chat.text import Moment, words
from bot.translator import Speaker, Translator, known_language
from commands import COMMANDS
from tests.support.clock import MORNING


@pytest.fixture(scope="module")
def translator() -> Translator:
    return Translator()


def speaker(translator: Translator, language: str, time_zone: str = "Asia/Tokyo") -> Speaker:
    return translator.speaker(language, time_zone, MORNING)


@pytest.mark.parametrize(
    ("time", "en", "ja"),
    [
        (datetime(2026, 4, 1, 0, 42, tzinfo=UTC), "09:42", "09:42"),
        (datetime(2026, 3, 31, 15, 0, tzinfo=UTC), "00:00", "00:00"),
        (datetime(2026, 3, 31, 14, 59, tzinfo=UTC), "Mar 31 23:59", "3月31日 23:59"),
        (datetime(2025, 12, 31, 23, 0, tzinfo=UTC), "Jan 1 08:00", "1月1日 08:00"),
        (datetime(2025, 12, 31, 14, 0, tzinfo=UTC), "Dec 31, 2025 23:00", "2025年12月31日 23:00"),
    ],
    ids=["today", "today's first minute", "yesterday", "this year by the reader's calendar", "another year"],
)
def test_the_clock_of_the_reader(translator: Translator, time: datetime, en: str, ja: str) -> None:
    assert speaker(translator, "en").clock(time) == en
    assert speaker(translator, "ja").clock(time) == ja


@pytest.mark.parametrize(
    ("amount", "en", "ja"),
    [
        (timedelta(minutes=12), "12 minutes", "12分"),
        (timedelta(hours=3), "3 hours", "3時間"),
        (timedelta(minutes=90), "1 hour 30 minutes", "1時間30分"),
        (timedelta(days=2), "2 days", "2日"),
        (timedelta(days=2, hours=3, minutes=4), "2 days 3 hours 4 minutes", "2日3時間4分"),
        (timedelta(minutes=59, seconds=58), "1 hour", "1時間"),
        (timedelta(hours=-3, seconds=-2), "3 hours", "3時間"),
        (timedelta(), "1 minute", "1分"),
    ],
)
def test_an_amount_of_time_in_words(translator: Translator, amount: timedelta, en: str, ja: str) -> None:
    assert speaker(translator, "en").duration(amount) == en
    assert speaker(translator, "ja").duration(amount) == ja


def test_business_time_has_no_days(translator: Translator) -> None:
    told = [speaker(translator, language).duration(timedelta(hours=30), in_days=False) for language in ("en", "ja")]
    assert told == ["30 hours", "30時間"]


def test_amounts_of_things_have_their_thousands_marked(translator: Translator) -> None:
    assert [speaker(translator, language).number(4992) for language in ("en", "ja")] == ["4,992", "4,992"]


def test_the_same_moment_is_another_hour_elsewhere(translator: Translator) -> None:
    assert speaker(translator, "en", "Europe/London").clock(MORNING) == "02:00"


@pytest.mark.parametrize(
    ("passed", "en", "ja"),
    [
        (timedelta(seconds=-9), "1 minute", "1分"),
        (timedelta(), "1 minute", "1分"),
        (timedelta(minutes=12, seconds=59), "12 minutes", "12分"),
        (timedelta(minutes=60), "1 hour", "1時間"),
        (timedelta(minutes=95), "1 hour 35 minutes", "1時間35分"),
        (timedelta(hours=23, minutes=59), "23 hours 59 minutes", "23時間59分"),
        (timedelta(days=3, hours=4, minutes=59), "3 days 4 hours", "3日4時間"),
    ],
)
def test_how_long_somebody_waits(translator: Translator, passed: timedelta, en: str, ja: str) -> None:
    assert speaker(translator, "en").waiting(MORNING - passed) == en
    assert "".join(speaker(translator, "ja").waiting(MORNING - passed).split()) == ja


def test_moments_stay_moments_in_texts_and_become_words_in_sentences(translator: Translator) -> None:
    say = speaker(translator, "en")
    text = say.text("card.held_since", holder="Hana", since=say.at(MORNING))
    assert [part.at for part in text if isinstance(part, Moment)] == [MORNING]
    assert words(text) == say("card.held_since", holder="Hana", since=MORNING) == "Hana, since 10:00"


def test_amounts_take_their_plural(translator: Translator) -> None:
    english, japanese = (speaker(translator, language) for language in ("en", "ja"))
    assert [english("card.messages", count=n) for n in (1, 2)] == ["1 message", "2 messages"]
    assert japanese("card.messages", count=1).replace("1", "2") == japanese("card.messages", count=2)


def test_braces_of_customers_are_only_text(translator: Translator) -> None:
    assert "{holder.__class__}" in speaker(translator, "en")("card.held_since", holder="{holder.__class__}", since="")


@pytest.mark.parametrize(
    ("tag", "language"), [("ja", "ja"), ("ja-JP", "ja"), ("JA_jp", "ja"), ("en-GB", "en"), ("fr", "en"), ("", "en")]
)
def test_tags_of_platforms(tag: str, language: str) -> None:
    assert known_language(tag) == language


@pytest.mark.parametrize(
    ("zone", "told"), [("Asia/Tokyo", "10:00"), ("Mars/Olympus", "01:00"), ("", "01:00"), ("../x", "01:00")]
)
def test_a_zone_that_this_machine_does_not_know_is_told_in_utc(translator: Translator, zone: str, told: str) -> None:
    assert translator.speaker("en", zone, MORNING).clock(MORNING) == told


# --- commands as they are called on a platform --------------------------------------------------------------

NAMES = {
    "queue": "desk-queue",
    "help": "madoguchi-help",
    "route": "desk-route",
    "show": "desk-show",
    "template": "desk-template",
    "customer_edit": "customer-edit",
}


def renamed(translator: Translator, language: str) -> Speaker:
    return translator.speaker(language, "UTC", MORNING, NAMES)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize(
    ("key", "verb"),
    [
        ("refused.no_inquiry", "queue"),
        ("refused.no_command", "help"),
        ("new.no_queues", "route"),
        ("example.show", "show"),
    ],
)
def test_texts_spell_commands_as_the_platform_does(translator: Translator, language: str, key: str, verb: str) -> None:
    details = {"inquiry": 9, "given": "x"}
    plain = speaker(translator, language)(key, **details)
    told = renamed(translator, language)(key, **details)
    assert told == plain.replace(f"/{verb}", f"/{NAMES[verb]}") != plain
    assert renamed(translator, language).text(key, **details) != speaker(translator, language).text(key, **details)


def test_every_text_that_names_a_command_is_spelt_so(translator: Translator) -> None:
    """Whatever stands around it: a full stop, a bracket, or Japanese without a space."""
    for language in ("en", "ja"):
        say = translator.speaker(language, "UTC", MORNING, {"x": "y", **{one.name: "renamed" for one in COMMANDS}})
        for key, text in translator.texts(language, "").items():
            if mentioned := {one.name for one in COMMANDS if f"/{one.name}" in text}:
                filled = say(key, **{name: "" for _, name, _, _ in Formatter().parse(text) if name})
                assert not [one for one in mentioned if f"/{one}" in filled], (language, key, filled)
                assert "/renamed" in filled


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("Type /queue.", "Type /desk-queue."),
        ("(/queue)", "(/desk-queue)"),
        ("次に/queueと入力", "次に/desk-queueと入力"),
        ("「/queue」", "「/desk-queue」"),
        ("/queue/help", "/queue/help"),
        ("var/queue", "var/queue"),
        ("/queue.txt", "/queue.txt"),
        ("https://queue", "https://queue"),
        ("/queues", "/queues"),
        ("/claim 1", "/claim 1"),
        ("/template edit late-parcel", "/desk-template edit late-parcel"),
        ("「/template edit」と入力", "「/desk-template edit」と入力"),
        ("/customer edit ito@example.com", "/customer-edit ito@example.com"),
        ("/customer editor", "/customer editor"),
        ("/queue support.txt", "/desk-queue support.txt"),
        ("Type /queue or /customer edit.", "Type /desk-queue or /customer-edit."),
    ],
)
def test_only_commands_are_spelt_otherwise(tmp_path: Path, written: str, told: str) -> None:
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    for language in ("en", "ja"):
        (tmp_path / language).mkdir()
        (tmp_path / language / "desk.po").write_text(f'{head}msgid "a.text"\nmsgstr "{written}"\n', encoding="utf-8")
    assert renamed(Translator(tmp_path), "en")("a.text") == told


def test_what_people_wrote_is_never_spelt_otherwise(translator: Translator) -> None:
    assert "“/queue”" in renamed(translator, "en")("refused.no_command", given="/queue")


def test_another_language_keeps_the_platforms_names(translator: Translator) -> None:
    assert "/madoguchi-help" in renamed(translator, "en").into("ja")("refused.no_command", given="x")


def test_an_unknown_text_is_a_bug_and_not_a_riddle_on_a_card(translator: Translator) -> None:
    say = speaker(translator, "ja")
    assert not say.knows("no.such")
    with pytest.raises(KeyError):
        say("no.such")


def test_missing_catalogues_are_noticed_at_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Translator(tmp_path)
