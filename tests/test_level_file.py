"""Service levels as a YAML document: what is read, what is written, and every mistake by its line."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.folding import folded
from bot.domain.hours import MIDNIGHT, Span
from bot.domain.levels import Calendar, Escalations, Facts, Level, Levels
from bot.domain.policy import Policy, Target
from bot.level_file import (
    LevelsWrong,
    Unreadable,
    amount_of,
    amount_text,
    check,
    count_of,
    country_of,
    country_of_zone,
    day_of,
    days_of,
    days_text,
    holidays_in,
    read,
    share_of,
    spans_of,
    spans_text,
    truth_of,
    week_of,
    week_text,
    week_texts,
    weekdays_of,
    written,
    zone_of,
)
from bot.starters import starter_levels
from tests.domain.sla_vectors import AMERICA, BRAZIL, CALENDARS, ENGLAND, JAPAN, YEARS_END, vectors
from tests.domain.sla_vectors import amount as told_amount

NINE, NOON, ONE, SIX = time(9), time(12), time(13), time(18)
DAY = timedelta(days=1)
TOKYO = """\
calendars:
  tokyo:
    time_zone: Asia/Tokyo
    week: {mon-fri: "09:00-12:00, 13:00-18:00", sat: 10:00-15:00}
    holidays: JP
    closed: [2026-12-29..2027-01-03]
    open: {2026-12-28: 09:00-12:00}
policies:
  - {name: gold, queues: [support, returns], tags: Claim, ranks: [ゴールド], languages: [ja], calendar: tokyo,
     urgent: no, first_response: 1h30m, next_response: 8h, resolution: 40h, warn: [80, 50], overdue: [4h, 1h],
     tell: emma, untouched: 8h, hand_back: 2h, remind_after: 3, offer_closing: 7}
  - name: standard
    first_response: 4h
escalations: {criteria: [The customer speaks of a lawyer], experts: {billing: "slack:C123"}, call: "Emma, 555-0100"}
digests: no
"""


def hours(amount: float) -> timedelta:
    return timedelta(hours=amount)


# --- reading ------------------------------------------------------------------------------------------------


def test_a_document_is_read() -> None:
    levels = read(TOKYO)
    work, saturday = ((NINE, NOON), (ONE, SIX)), ((time(10), time(15)),)
    closed = frozenset(date(2026, 12, 29) + DAY * each for each in range(6))
    week = {**dict.fromkeys(range(5), work), 5: saturday}
    tokyo = Calendar("tokyo", "Asia/Tokyo", week, "JP", closed, {date(2026, 12, 28): ((NINE, NOON),)})
    assert levels.calendars == {"tokyo": tokyo}
    gold, standard = levels.levels
    targets = {Target.FIRST_RESPONSE: hours(1.5), Target.NEXT_RESPONSE: hours(8), Target.RESOLUTION: hours(40)}
    assert gold == Level(
        policy=Policy("gold", targets, (50, 80), (hours(1), hours(4))),
        calendar="tokyo",
        queues=frozenset({"support", "returns"}),
        tags=frozenset({"claim"}),
        ranks=frozenset({folded("ゴールド")}),
        spellings={"claim": "Claim", folded("ゴールド"): "ゴールド"},
        languages=frozenset({"ja"}),
        person="emma",
        untouched=hours(8),
        hand_back=hours(2),
        remind_after=3,
        offer_closing=7,
    )
    assert standard == Level(policy=Policy("standard", {Target.FIRST_RESPONSE: hours(4)}), calendar="tokyo")
    assert levels.escalations == Escalations(
        ("The customer speaks of a lawyer",), {"billing": "slack:C123"}, "Emma, 555-0100"
    )
    assert levels.digests is False
    assert levels.of(Facts("returns", frozenset({"claim"}), frozenset({folded("ゴールド")}), "ja")) is gold
    assert levels.of(Facts("returns")) is standard


def test_the_same_text_gives_the_same_calendars_which_know_their_months() -> None:
    assert read(TOKYO).calendars["tokyo"].hours is read(TOKYO).calendars["tokyo"].hours


def test_what_yaml_takes_for_something_else_is_read_as_it_is_written() -> None:
    text = "calendars: {oslo: {time_zone: Europe/Oslo, week: {sun: 9:30-10:30}, holidays: NO}}\n"
    oslo = read(text + "policies: [{name: on, first_response: 1h}, {name: 010, resolution: 2h}]\n")
    assert oslo.calendars["oslo"].holidays == "NO"
    assert oslo.calendars["oslo"].week == {6: ((time(9, 30), time(10, 30)),)}
    assert [one.name for one in oslo.levels] == ["on", "010"]


def test_a_policy_may_say_that_it_neither_warns_nor_promises() -> None:
    text = TOKYO + ""
    quiet = read(text.replace("first_response: 4h", "first_response: none\n    warn: none\n    overdue: []")).levels[1]
    assert quiet.policy == Policy("standard", {}, (), ())


def test_a_week_may_be_written_as_one_text() -> None:
    as_text = TOKYO.replace(
        '{mon-fri: "09:00-12:00, 13:00-18:00", sat: 10:00-15:00}', "月〜金 9時-12時、13時-18時; sat 10-15"
    )
    assert as_text != TOKYO
    assert read(as_text) == read(TOKYO)


# --- writing ------------------------------------------------------------------------------------------------

ODD = [
    "no",
    "NO",
    "1:30",
    "2026-12-28",
    "a: b",
    "# x",
    "「急ぎ」",
    "- x",
    "*x",
    "null",
    "'",
    '"',
    "😀",
    "{x}",
    "yes",
    "1e3",
]
words = st.sampled_from(ODD) | st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
texts = words.filter(lambda text: text.casefold() != "none" and "," not in text and text == " ".join(text.split()))
tags = texts.map(folded).filter(lambda text: text == folded(" ".join(text.split())) and text not in ("", "none"))
amounts = st.integers(1, 9999 * 60).map(lambda minutes: timedelta(minutes=minutes))
days = st.dates(date(2024, 1, 1), date(2024, 3, 1))


@st.composite
def spans(draw: st.DrawFn) -> tuple[Span, ...]:
    """Hours of a day, in order, which may touch and may last until midnight."""
    edges = sorted(draw(st.sets(st.integers(0, 24 * 60), min_size=2, max_size=6)))
    clocks = [time(minute // 60 % 24, minute % 60) for minute in edges]
    return tuple(zip(clocks[::2], clocks[1::2], strict=False))


weeks = st.dictionaries(st.integers(0, 6), spans(), min_size=1).map(lambda week: dict(sorted(week.items())))


@st.composite
def documents(draw: st.DrawFn) -> Levels:
    """Service levels as somebody might lay them down."""
    names = draw(st.lists(texts, min_size=1, max_size=2, unique=True))
    calendars = {
        name: Calendar(
            name,
            draw(st.sampled_from(["Asia/Tokyo", "UTC", "Australia/Lord_Howe"])),
            draw(weeks),
            draw(st.sampled_from(["", "JP", "NO", "US-CA", "GB-ENG"])),
            draw(st.frozensets(days, max_size=5)),
            draw(st.dictionaries(days, spans(), max_size=2)),
        )
        for name in names
    }
    policies = draw(st.lists(texts, max_size=3, unique=True))
    levels = tuple(draw(levels_of(name, names)) for name in policies)
    helps = Escalations(
        tuple(draw(st.lists(texts, max_size=2))), draw(st.dictionaries(texts, texts, max_size=2)), draw(texts)
    )
    return Levels(calendars, levels, helps, draw(st.booleans()))


@st.composite
def levels_of(draw: st.DrawFn, name: str, calendars: list[str]) -> Level:
    untouched = draw(st.none() | amounts)
    targets = draw(st.dictionaries(st.sampled_from(Target), amounts))
    return Level(
        policy=Policy(
            name,
            {target: targets[target] for target in Target if target in targets},
            tuple(sorted(draw(st.sets(st.integers(1, 99), max_size=3)))),
            tuple(sorted(draw(st.sets(amounts, max_size=2)))),
            draw(st.booleans()),
        ),
        calendar=draw(st.sampled_from(calendars)),
        queues=draw(st.frozensets(texts, max_size=2)),
        tags=draw(st.frozensets(tags, max_size=2)),
        ranks=draw(st.frozensets(tags, max_size=2)),
        languages=draw(st.frozensets(st.sampled_from(["ja", "en", "pt-br"]))),
        person=draw(st.just("") | texts),
        untouched=untouched,
        hand_back=draw(st.none() | amounts) if untouched else None,
        remind_after=draw(st.none() | st.integers(1, 10)),
        offer_closing=draw(st.none() | st.integers(11, 99)),
    )


@given(documents())
def test_what_is_written_reads_back_to_the_same(levels: Levels) -> None:
    text = written(levels)
    assert read(text) == levels
    assert written(read(text)) == text


@given(weeks, st.frozensets(days), amounts)
def test_the_parts_that_forms_show_read_back_to_the_same(
    week: dict[int, tuple[Span, ...]], closed: frozenset[date], amount: timedelta
) -> None:
    assert week_of(week_text(week)) == week
    assert all(spans_of(spans_text(one)) == one for one in week.values())
    assert days_of(days_text(closed)) == closed
    assert amount_of(amount_text(amount)) == amount


def test_the_document_is_written_for_people() -> None:
    assert (
        written(read(TOKYO))
        == """\
calendars:
  tokyo:
    time_zone: Asia/Tokyo
    week:
      mon-fri: 09:00-12:00, 13:00-18:00
      sat: 10:00-15:00
    holidays: JP
    closed:
      - 2026-12-29..2027-01-03
    open:
      2026-12-28: 09:00-12:00
policies:
  - name: gold
    queues: [returns, support]
    tags: [Claim]
    ranks: [ゴールド]
    languages: [ja]
    calendar: tokyo
    first_response: 1h30m
    next_response: 8h
    resolution: 40h
    warn: [50, 80]
    overdue: [1h, 4h]
    tell: emma
    untouched: 8h
    hand_back: 2h
    remind_after: 3
    offer_closing: 7
  - name: standard
    calendar: tokyo
    first_response: 4h
    warn: [50, 80]
escalations:
  criteria:
    - The customer speaks of a lawyer
  experts:
    billing: slack:C123
  call: Emma, 555-0100
digests: no
"""
    )


# --- parts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("4h", 240), ("1h30m", 90), ("45m", 45), ("1 h 30 min", 90), ("９０ｍ", 90), ("2時間", 120), ("2時間30分", 150)],
)
def test_amounts(text: str, minutes: int) -> None:
    assert amount_of(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("mon-fri", [0, 1, 2, 3, 4]),
        ("Sat, Sunday", [5, 6]),
        ("sat-mon", [5, 6, 0]),
        ("月〜水、土曜", [0, 1, 2, 5]),
        ("平日", [0, 1, 2, 3, 4]),
        ("daily", [*range(7)]),
        ("金曜日から日曜日", [4, 5, 6]),
    ],
)
def test_days_of_the_week(text: str, named: list[int]) -> None:
    assert weekdays_of(text) == named


def test_hours_until_midnight_and_hours_with_breaks() -> None:
    assert spans_of("22:00-24:00") == spans_of("22:00-0:00") == ((time(22), MIDNIGHT),)
    assert spans_of("00:00-24:00") == ((MIDNIGHT, MIDNIGHT),)
    assert spans_of("13時〜18時、9時から12時まで") == ((NINE, NOON), (ONE, SIX))
    assert week_of("Mon-Fri: 9:00-18:00\nsat 9-12") == {**dict.fromkeys(range(5), ((NINE, SIX),)), 5: ((NINE, NOON),)}
    assert week_texts({0: ((NINE, SIX),), 2: ((NINE, SIX),), 3: ((NINE, SIX),), 4: ()}) == {
        "mon": "09:00-18:00",
        "wed-thu": "09:00-18:00",
    }


def test_dates_and_rows_of_dates() -> None:
    first = date(2026, 12, 31)
    assert days_of("2026-12-31..2027-01-01, 2027/5/1") == {first, first + DAY, date(2027, 5, 1)}
    assert days_of("2026年12月31日〜2027年1月1日") == {first, first + DAY}
    assert days_of("") == frozenset()
    assert days_text([first + DAY, first, date(2027, 5, 1)]) == "2026-12-31..2027-01-01, 2027-05-01"
    assert (day_of("２０２６-12-31"), count_of("3日"), share_of("50%"), truth_of("はい")) == (first, 3, 50, True)


@pytest.mark.parametrize(
    ("read_", "text", "kind", "sentence"),
    [
        (amount_of, "2d", "amount", "write hours"),
        (amount_of, "3日", "amount", "write hours"),
        (amount_of, "4", "amount", "write it as 4h, 1h30m or 45m"),
        (amount_of, "0m", "amount", "no amount"),
        (amount_of, "10000h", "amount", "no amount"),
        (amount_of, "", "amount", "no amount"),
        (count_of, "0", "count", "no number of days"),
        (share_of, "100", "share", "between 1 and 99"),
        (truth_of, "maybe", "truth", "neither yes nor no"),
        (spans_of, "9-8", "spans", "ends before it begins"),
        (spans_of, "24:00-1:00", "spans", "ends before it begins"),
        (spans_of, "9:00-9:00", "spans", "ends before it begins"),
        (spans_of, "9:00-25:00", "spans", "are no hours"),
        (spans_of, "9:00-12:60", "spans", "are no hours"),
        (spans_of, "9:00-12:00, 11:00-13:00", "spans", "overlaps itself"),
        (spans_of, "20:00-24:00, 21:00-22:00", "spans", "overlaps itself"),
        (spans_of, " ", "spans", "there are no hours"),
        (week_of, "", "week", "there are no hours"),
        (week_of, "mon", "week", "does not say hours of days"),
        (week_of, "mon 9-12; mon-fri 9-12", "week", "mon has hours already"),
        (weekdays_of, "mon-fri, wed", "week", "names a day twice"),
        (weekdays_of, "mon-wed-fri", "week", "no day of the week"),
        (weekdays_of, "moonday", "week", "no day of the week"),
        (days_of, "2026-13-01", "day", "no date"),
        (days_of, "1 May", "days", "no date"),
        (days_of, "2027-01-03..2026-12-29", "days", "must lead from one day to a later one"),
        (days_of, "2026-01-01..2027-02-01", "days", "within a year"),
        (zone_of, "tokyo", "zone", "such as Asia/Tokyo"),
        (zone_of, "../passwd", "zone", "no time zone"),
        (zone_of, "", "zone", "no time zone"),
        (country_of, "Japan", "holidays", "write a country such as JP"),
        (country_of, "GB-XX", "holidays", "GB-ENG"),
        (country_of, "JP-13", "holidays", "write JP"),
    ],
)
def test_what_says_nothing_is_refused_with_what_to_write(read_: object, text: str, kind: str, sentence: str) -> None:
    assert callable(read_)
    with pytest.raises(Unreadable) as refused:
        read_(text)
    assert (refused.value.kind, sentence in str(refused.value)) == (kind, True)


def test_seconds_cannot_be_written() -> None:
    for amount in (timedelta(), timedelta(seconds=61)):
        with pytest.raises(ValueError, match="no amount of whole minutes"):
            amount_text(amount)


# --- mistakes -----------------------------------------------------------------------------------------------

WRONG = """\
calendars:
  tokyo:
    time_zone: Tokio
    week: {mon-fri: "09:00-18:00", fri: "10:00-12:00", moonday: "1-2"}
    holidays: Japan
    closed: [2026-13-01, 2026-05-01]
    open: {2026-12-28: none, 2026-12-27..2026-12-28: "9-12"}
    lunch: noon
  empty:
policies:
  - name: a
    first_response: 1d
    calendar: kyoto
    queue: support
    warn: [0, 50%]
  - name: a
    calendar: [tokyo]
    hand_back: 2h
    remind_after: 3
    offer_closing: 3
    offer_closing: 7
  - first_response: 4h
    queues: [nowhere]
    overdue: {first: 1h}
  - standard
escalations:
  expert: {}
digests: maybe
"""


def test_every_mistake_is_told_at_once_with_its_line() -> None:
    with pytest.raises(LevelsWrong) as wrong:
        check(WRONG, queues=["support"], people=[])
    told = [(one.line, one.said) for one in wrong.value.problems]
    lines = "3 4 4 5 6 7 7 8 9 9 12 13 14 15 16 17 18 20 21 22 22 23 24 25 27 28"
    assert [line for line, _ in told] == [int(line) for line in lines.split()]
    for line, sentence in [
        (3, "time_zone: 'Tokio' is no time zone"),
        (4, "'fri' names a day that has hours in another row"),
        (4, "'moonday' is no day of the week"),
        (6, "closed: '2026-13-01' is no date: write it as 2026-12-29"),
        (7, "2026-12-28 needs hours, such as 09:00-12:00"),
        (8, "calendar tokyo knows no 'lunch'; there are time_zone, week"),
        (9, "calendar empty needs a week"),
        (12, "first_response: '1d': write hours, such as 8h"),
        (13, "there is no calendar 'kyoto': write tokyo or empty"),
        (14, "a policy knows no 'queue': did you mean queues?"),
        (16, "there is a policy 'a' already, in line 11"),
        (18, "write untouched as well"),
        (20, "offer_closing must come after remind_after: write more than 3"),
        (21, "'offer_closing' is there already, in line 20: leave one out"),
        (22, "a policy needs a name"),
        (23, "there is no queue 'nowhere': write support"),
        (24, "overdue must be a list"),
        (25, "a policy must be keys and values, not 'standard'"),
        (27, "escalations knows no 'expert': did you mean experts?"),
        (28, "digests: 'maybe' is neither yes nor no"),
    ]:
        assert any(at == line and sentence in said for at, said in told), (line, sentence)
    assert str(wrong.value).splitlines()[0].startswith("line 3: ")


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("", 0, "it is empty"),
        ("# nothing yet\n", 0, "it is empty"),
        ("digests: yes\n- x\n", 2, "this is no YAML"),
        ("calendars:\n  a: [\n", 3, "this is no YAML"),
        ("digests: &a yes\ncalendars: *b\n", 2, "this is no YAML"),
        ("digests: \0\n", 0, "a character that YAML does not allow"),
        ("- a\n", 1, "the document must be keys and values, not a list"),
        ("[" * 5000, 0, "nested too deeply"),
        ("a: " + "[" * 20 + "]" * 20, 1, "nested too deeply"),
        ("digests: yes\npolicies: {a: 1}\n", 2, 'must be a list, each beginning with "- name:"'),
        ("policies:\n- name: a\n", 2, "there is no calendar to count this in"),
        ("x" * 300_000, 0, "it is too long"),
        ("? [a]\n: 1\n", 1, "must be a text, not a list"),
    ],
)
def test_what_is_no_document_is_told(text: str, line: int, sentence: str) -> None:
    with pytest.raises(LevelsWrong) as wrong:
        read(text)
    assert any(one.line == line and sentence in one.said for one in wrong.value.problems), str(wrong.value)


def test_a_policy_must_say_its_calendar_when_there_are_several() -> None:
    second = TOKYO.replace("policies:", "  kyoto: {time_zone: Asia/Tokyo, week: {sat: 9-12}}\npolicies:")
    with pytest.raises(LevelsWrong, match="line 13: say which calendar this counts in: tokyo, kyoto"):
        read(second)


def test_somebody_whom_nobody_knows_makes_a_remark_only() -> None:
    assert check(TOKYO, ["support", "returns"], ["Emma"])[1] == []
    [remark] = check(TOKYO, ["support", "returns"], ["Hana"])[1]
    assert (remark.line, "'emma'" in remark.said) == (11, True)


# --- holidays -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "told"),
    [
        ("JP", JAPAN),
        ("GB-ENG", ENGLAND),
        ("US", AMERICA),
        ("BR", BRAZIL.replace("2018-02-13", "")),  # at Carnival most are closed, but no law says so
    ],
)
def test_public_holidays_with_their_substitutes_are_those_checked_by_hand(country: str, told: str) -> None:
    is_holiday = holidays_in(country_of(country))
    known = sorted(map(date.fromisoformat, told.split()))
    for year in {day.year for day in known}:
        every_day = [date(year, 1, 1) + DAY * each for each in range(366)]
        wrong = {day for day in every_day if day.year == year and day.weekday() < 5 and is_holiday(day)} ^ {
            day for day in known if day.year == year and day.weekday() < 5
        }
        assert wrong == set(), year


def test_a_holiday_does_not_depend_on_what_was_asked_before() -> None:
    new_year = date(2027, 12, 31)  # the substitute of 1 January 2028, a Saturday
    assert holidays_in("US")(new_year)
    assert holidays_in("US")(date(2028, 5, 1)) is False
    assert holidays_in("US")(new_year)
    assert not holidays_in("")(date(2027, 1, 1))
    assert holidays_in(country_of("au-nsw"))(date(2027, 1, 26))
    assert holidays_in(country_of("BR-SP"))(date(2026, 7, 9)) is not holidays_in("BR")(date(2026, 7, 9))


def test_the_vectors_checked_by_hand_come_out_of_a_document_as_well() -> None:
    text = (
        "calendars: {tokyo: {time_zone: Asia/Tokyo, week: {mon-fri: '09:00-12:00, 13:00-18:00'}, holidays: JP, "
        f"closed: [{', '.join(YEARS_END.split())}], open: {{2026-11-23: 10:00-15:00, 2026-12-28: 09:00-12:00}}}}}}"
    )
    tokyo = read(text).calendars["tokyo"].hours
    asked = [one for one in vectors() if one.hours == "tokyo" and " + " in one.ask]
    for one in asked:
        start, _, length = one.ask.partition(" + ")
        assert one.told(tokyo.after(one.moment(start), told_amount(length))) == one.expected, one
    assert len(asked) > 40
    assert CALENDARS["tokyo"].zone == tokyo.zone


@pytest.mark.parametrize(
    ("zone", "country"),
    [("Asia/Tokyo", "JP"), ("Japan", "JP"), ("America/Sao_Paulo", "BR"), ("Europe/London", "GB"), ("UTC", "")],
)
def test_the_country_of_a_time_zone(zone: str, country: str) -> None:
    assert country_of_zone(zone) == country


# --- the starter document -----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_new_desk_begins_with_one_policy_for_all(language: str) -> None:
    levels, remarks = check(starter_levels(language, "Asia/Tokyo"), [], [])
    [standard] = levels.levels
    assert remarks == []
    assert levels.calendars["office"].week == dict.fromkeys(range(5), ((NINE, SIX),))
    assert (levels.calendars["office"].holidays, levels.calendars["office"].zone) == ("JP", "Asia/Tokyo")
    assert standard.policy.targets == {Target.FIRST_RESPONSE: hours(4), Target.NEXT_RESPONSE: hours(8)}
    assert (standard.policy.warn, standard.policy.overdue) == ((50, 80), (hours(1), hours(4)))
    assert (standard.untouched, standard.hand_back, standard.remind_after, standard.offer_closing) == (
        *(hours(8), hours(4)),
        *(3, 7),
    )
    assert standard.fits(Facts("any"))
    assert len(levels.escalations.criteria) == 6
    assert read(starter_levels(language, "UTC")).calendars["office"].holidays == ""


def test_tags_and_ranks_keep_their_spelling() -> None:
    text = """\
calendars: {tokyo: {time_zone: Asia/Tokyo, week: mon-fri 09:00-18:00}}
policies:
  - {name: gold, tags: [カード, refund], ranks: [ゴールド, VIP, vip], calendar: tokyo, first_response: 1h}
"""
    (level,) = read(text).levels
    assert level.ranks == {folded("ゴールド"), "vip"}
    assert level.spelled(level.ranks) == ["VIP", "ゴールド"]
    assert level.spelled(level.tags) == ["refund", "カード"]
    again = written(read(text))
    assert "tags: [refund, カード]" in again
    assert "ranks: [VIP, ゴールド]" in again
    assert read(again) == read(text)
