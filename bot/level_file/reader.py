"""Reads service levels from a YAML document, or tells all that is wrong with it, line by line."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import lru_cache
from unicodedata import normalize

from bot.domain.folding import folded
from bot.domain.hours import Span
from bot.domain.levels import Calendar, Escalations, Level, Levels
from bot.domain.policy import Policy, Target
from bot.level_file.days import days_of
from bot.level_file.fields import Fields
from bot.level_file.places import country_of, holidays_in, zone_of
from bot.level_file.problem import LevelsWrong, Problem, Unreadable
from bot.level_file.tree import Piece, Problems, tree
from bot.level_file.values import amount_of, count_of, share_of, truth_of
from bot.level_file.week import spans_of, week_of, weekdays_of

DOCUMENT = ("calendars", "policies", "escalations", "digests")
CALENDAR = ("time_zone", "week", "holidays", "closed", "open")
CONDITIONS = ("queues", "tags", "ranks", "languages")
CLOCKS = ("urgent", "first_response", "next_response", "resolution", "warn", "overdue", "tell")
CARE = ("untouched", "hand_back", "remind_after", "offer_closing")
POLICY = ("name", *CONDITIONS, "calendar", *CLOCKS, *CARE)
ESCALATIONS = ("criteria", "experts", "call")
LONGEST_NAME = 60
WARNINGS = Policy("", {}).warn
"""When people are warned by a policy that does not say."""


@lru_cache(maxsize=64)
def read(text: str) -> Levels:
    """The service levels of a document. The same text gives the same object, whose calendars know their months.

    Raises LevelsWrong with all that is wrong.
    """
    return check(text)[0]


def check(
    text: str, queues: Collection[str] | None = None, people: Collection[str] | None = None
) -> tuple[Levels, list[Problem]]:
    """The service levels of a document, and remarks on what is right and yet may be meant otherwise.

    A queue that is not among `queues` is wrong; somebody who is not among `people` (names and handles) makes a remark.
    Raises LevelsWrong with all that is wrong.
    """
    problems = Problems(queues, people)
    document = Fields(tree(text), "the document", problems, DOCUMENT)
    calendars = _calendars(document)
    levels = _levels(document, tuple(calendars), problems)
    helps = document.within("escalations", "escalations", ESCALATIONS)
    experts = helps.within("experts", "experts")
    escalations = Escalations(
        tuple(helps.many("criteria", text_of)),
        {topic: place for topic in experts.all if (place := experts.one(topic, text_of, ""))},
        helps.one("call", text_of, ""),
    )
    digests = document.one("digests", truth_of, True)
    if problems.all:
        raise LevelsWrong(problems.all)
    for topic, place in escalations.experts.items():
        _must_be_known(place, experts.at(topic), problems)
    return Levels(calendars, levels, escalations, digests), problems.remarks


def name_of(given: str) -> str:
    """A name of a policy or a calendar: one line, 60 characters at most. Raises Unreadable."""
    name = text_of(given)
    if not name or len(name) > LONGEST_NAME:
        raise Unreadable("name", given, f"{given!r} is no name: write 1 to {LONGEST_NAME} characters")
    return name


def tag_of(given: str) -> str:
    """A tag or a rank as it is compared."""
    return folded(text_of(given))


def words_of(typed: Iterable[str]) -> dict[str, str]:
    """Tags or ranks as they are compared, each with its first spelling."""
    found = dict[str, str]()
    for one in map(text_of, typed):
        found.setdefault(tag_of(one), one)
    return {word: one for word, one in found.items() if word}


def spellings(*words: Mapping[str, str]) -> dict[str, str]:
    """How those words were typed that were typed otherwise than they are compared; the first spelling counts."""
    return {word: typed for each in reversed(words) for word, typed in each.items() if word != typed}


def text_of(given: str) -> str:
    """One line of words."""
    return " ".join(given.split())


def _calendars(document: Fields) -> dict[str, Calendar]:
    rows = document.within("calendars", "calendars")
    found = dict[str, Calendar]()
    for row in rows.all:
        name = rows.key(row, name_of, row)
        found[name] = _calendar(name, rows.within(row, f"calendar {name}", CALENDAR), rows.at(row))
    return found


def _calendar(name: str, fields: Fields, where: Piece) -> Calendar:
    if fields.is_sound and not fields.has("time_zone"):
        fields.wrong_at(where, f"calendar {name} needs a time_zone, such as Asia/Tokyo")
    if fields.is_sound and not fields.has("week"):
        fields.wrong_at(where, f'calendar {name} needs a week, such as mon-fri: "09:00-12:00, 13:00-18:00"')
    zone, country = fields.one("time_zone", zone_of, "UTC"), fields.one("holidays", country_of, "")
    closed = frozenset(day for row in fields.many("closed", days_of) for day in row)
    return Calendar(name, zone, _week(fields), country, closed, _open(fields), holidays_in(country))


def _week(fields: Fields) -> dict[int, tuple[Span, ...]]:
    if fields.at("week").text is not None:
        return fields.one("week", week_of, {})
    rows, week = fields.within("week", "week"), dict[int, tuple[Span, ...]]()
    for row in rows.all:
        spans = rows.one(row, spans_of, ())
        for day in rows.key(row, weekdays_of, ()):
            if day in week:
                rows.wrong(row, f"{row!r} names a day that has hours in another row: name each day once")
            week[day] = spans
    return {day: spans for day, spans in sorted(week.items()) if spans}


def _open(fields: Fields) -> dict[date, tuple[Span, ...]]:
    rows, found = fields.within("open", "open"), dict[date, tuple[Span, ...]]()
    for row in rows.all:
        spans = rows.one(row, spans_of, ())
        if rows.at(row).is_empty:
            rows.wrong(row, f"{row} needs hours, such as 09:00-12:00; a day without any belongs to closed")
        for day in rows.key(row, days_of, ()):
            if day in found:
                rows.wrong(row, f"{day} has hours in another row: name each day once")
            found[day] = spans
    return dict(sorted(found.items()))


def _levels(document: Fields, calendars: tuple[str, ...], problems: Problems) -> tuple[Level, ...]:
    piece = document.at("policies")
    if document.has("policies") and piece.items is None:
        document.wrong("policies", f'policies must be a list, each beginning with "- name:", not {piece.told()}')
        return ()
    found, names = list[Level](), dict[str, int]()
    for one in piece.items or () if document.has("policies") else ():
        fields = Fields(one, "a policy", problems, POLICY)
        if one.pairs is None:
            continue
        level = _level(fields, calendars, problems.queues)
        _must_be_known(level.person, fields.at("tell"), problems)
        if first := names.get(level.name):
            fields.wrong("name", f"there is a policy {level.name!r} already, in line {first}: give this another name")
        if level.name:
            names.setdefault(level.name, fields.at("name").line)
        found.append(level)
    return tuple(found)


def _level(fields: Fields, calendars: tuple[str, ...], queues: Collection[str] | None) -> Level:
    if not fields.has("name"):
        fields.wrong("name", "a policy needs a name")
    policy = Policy(
        fields.one("name", name_of, ""),
        {target: amount for target in Target if (amount := fields.one(target, amount_of, None))},
        tuple(sorted(set(fields.many("warn", share_of, WARNINGS)))),
        tuple(sorted(set(fields.many("overdue", amount_of)))),
        fields.one("urgent", truth_of, False),
    )
    untouched, hand_back = fields.one("untouched", amount_of, None), fields.one("hand_back", amount_of, None)
    remind_after, offer_closing = (
        fields.one("remind_after", count_of, None),
        fields.one("offer_closing", count_of, None),
    )
    if fields.has("hand_back") and not fields.has("untouched"):
        fields.wrong("hand_back", "hand_back counts from when the holder was asked: write untouched as well")
    if remind_after and offer_closing and offer_closing <= remind_after:
        fields.wrong("offer_closing", f"offer_closing must come after remind_after: write more than {remind_after}")
    tags, ranks = words_of(fields.many("tags", text_of)), words_of(fields.many("ranks", text_of))
    return Level(
        policy=policy,
        calendar=_calendar_of(fields, calendars),
        queues=frozenset(fields.many("queues", lambda given: _queue(given, queues))),
        tags=frozenset(tags),
        ranks=frozenset(ranks),
        languages=frozenset(one.casefold() for one in fields.many("languages", text_of)),
        person=fields.one("tell", text_of, ""),
        untouched=untouched,
        hand_back=hand_back,
        remind_after=remind_after,
        offer_closing=offer_closing,
        spellings=spellings(tags, ranks),
    )


def _queue(given: str, queues: Collection[str] | None) -> str:
    name = text_of(given)
    if queues is not None and name not in queues:
        known = f": write {' or '.join(sorted(queues))}" if queues else ""
        raise Unreadable("queue", given, f"there is no queue {name!r}{known}")
    return name


def _must_be_known(person: str, where: Piece, problems: Problems) -> None:
    """A remark on somebody whom nobody knows; a channel ("slack:C123") is no person, and nobody here can tell."""
    is_named = bool(person) and (":" not in person or ":@" in person)
    people = problems.people
    if is_named and people is not None and _plain(person.replace(":@", ":")) not in {_plain(one) for one in people}:
        problems.remark(where, f"nobody of the team is called {person!r} yet: supervisors are told instead")


def _plain(name: str) -> str:
    return normalize("NFKC", name).casefold()


def _calendar_of(fields: Fields, calendars: tuple[str, ...]) -> str:
    """The calendar that is named; the only one when none is."""
    named = fields.one("calendar", text_of, "")
    if not calendars:
        fields.wrong("calendar", "there is no calendar to count this in: write one under calendars")
    elif not named and len(calendars) > 1 and not fields.has("calendar"):
        fields.wrong("calendar", f"say which calendar this counts in: {', '.join(calendars)}")
    elif named and named not in calendars:
        fields.wrong("calendar", f"there is no calendar {named!r}: write {' or '.join(calendars)}")
    return named or next(iter(calendars), "")
