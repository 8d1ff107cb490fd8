"""Service levels in plain words: what is promised to whom, in which hours, and who is reminded when."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.domain.hours import DAY, MIDNIGHT, NeverOpen, Span
from bot.domain.levels import Calendar, Level, Levels
from bot.domain.policy import Target
from bot.domain.sla import preview
from bot.translator import Speaker, known_zone

TARGETS = {
    Target.FIRST_RESPONSE: "levels.first_response",
    Target.NEXT_RESPONSE: "levels.next_response",
    Target.RESOLUTION: "levels.resolution",
}
"""What each target is called."""
LOOKED_AHEAD = 200
"""Days in which the next closing days are looked for."""
DAYS_TOLD = 5


def target_in_words(target: Target, say: Speaker) -> str:
    """ "First response" """
    return say(TARGETS[target])


def length(amount: timedelta, say: Speaker) -> str:
    """ "30 hours": business time has no days."""
    return say.duration(amount, in_days=False)


def whom(level: Level, say: Speaker) -> str:
    """For which inquiries a level is."""
    told = (
        say("levels.of_queues", names=_listed(level.queues, say)) if level.queues else "",
        say("levels.of_tags", names=_listed(level.spelled(level.tags), say)) if level.tags else "",
        say("levels.of_ranks", names=_listed(level.spelled(level.ranks), say)) if level.ranks else "",
        say("levels.of_languages", names=_listed(level.languages, say)) if level.languages else "",
    )
    return " · ".join(filter(None, told)) or say("levels.of_all")


def promises(level: Level, say: Speaker) -> str:
    """ "First response 4 hours, resolution 24 hours", the targets in a row."""
    told = [
        say("levels.promise", target=target_in_words(target, say), time=length(level.policy.targets[target], say))
        for target in Target
        if target in level.policy.targets
    ]
    return say("levels.between").join(told) or say("levels.nothing_promised")


def counted(level: Level, say: Speaker) -> str:
    """In which time it counts."""
    if level.policy.urgent:
        return say("levels.day_and_night", calendar=level.calendar)
    return say("levels.in_hours", calendar=level.calendar)


def ladder(level: Level, say: Speaker) -> list[str]:
    """Who is told when, a sentence for each rung."""
    policy = level.policy
    between = say("levels.between")
    shares = between.join(say("levels.share", share=share) for share in sorted(set(policy.warn)))
    told = [say("levels.rung_warn", shares=shares) if shares else say("levels.rung_due")]
    overdue = sorted(set(policy.overdue))
    if overdue:
        told.append(say("levels.rung_supervisors", time=length(overdue[0], say)))
    if overdue[1:]:
        times = between.join(length(one, say) for one in overdue[1:])
        person = level.person or say("levels.supervisors")
        told.append(say("levels.rung_person", time=times, person=person))
    elif level.person:
        told.append(say("levels.rung_nobody", person=level.person, label=say("levels.overdue")))
    return told


def ladder_in_short(level: Level, say: Speaker) -> str:
    """When somebody is told, in a row."""
    policy, between = level.policy, say("levels.between")
    shares = [say("levels.share", share=share) for share in sorted(set(policy.warn))]
    told = between.join([*shares, say("levels.when_due")])
    if not policy.overdue:
        return say("levels.told", times=told)
    late = between.join(length(one, say) for one in sorted(set(policy.overdue)))
    person = (level.person if policy.overdue[1:] else "") or say("levels.supervisors")
    return say("levels.told_late", times=told, late=late, person=person)


def care(level: Level, say: Speaker) -> list[str]:
    """What else people are reminded of, a sentence each."""
    told = []
    if level.untouched:
        told.append(say("levels.untouched_after", time=length(level.untouched, say)))
        if level.hand_back:
            told.append(say("levels.handed_back_after", time=length(level.hand_back, say)))
    if level.remind_after:
        told.append(say("levels.silent_after", count=level.remind_after))
    if level.offer_closing:
        told.append(say("levels.closing_after", count=level.offer_closing))
    return told


def week(hours: Mapping[int, tuple[Span, ...]], say: Speaker) -> list[str]:
    """ "Mon–Fri 09:00–12:00, 13:00–18:00": the week, a row for days that follow one another with the same hours."""
    rows: list[tuple[int, int]] = []
    for day in sorted(day for day, spans in hours.items() if spans):
        if rows and rows[-1][1] == day - 1 and hours[rows[-1][0]] == hours[day]:
            rows[-1] = (rows[-1][0], day)
        else:
            rows.append((day, day))
    return [f"{_days(first, last, say)} {spans(hours[first])}" for first, last in rows]


def spans(hours: Iterable[Span]) -> str:
    """ "09:00–12:00, 13:00–18:00" """
    return ", ".join(f"{start:%H:%M}–{'24:00' if end == MIDNIGHT else f'{end:%H:%M}'}" for start, end in hours)


def next_closed(calendar: Calendar, since: date, say: Speaker) -> list[str]:
    """The next days on which the team would work and does not, with the reason; days that follow one another as one."""
    rows: list[tuple[str, date, date]] = []
    is_row_over = True
    for day in (since + ahead * DAY for ahead in range(LOOKED_AHEAD)):
        if day not in calendar.extra and not calendar.week.get(day.weekday()):
            continue
        reason = _reason(calendar, day)
        if not reason:
            is_row_over = True
        elif not is_row_over and rows[-1][0] == reason:
            rows[-1] = (reason, rows[-1][1], day)
        elif len(rows) == DAYS_TOLD:
            break
        else:
            rows.append((reason, day, day))
            is_row_over = False
    return [say(reason, day=_from_to(first, last, say)) for reason, first, last in rows]


def next_special(calendar: Calendar, since: date, say: Speaker) -> list[str]:
    """The next days with hours of their own."""
    days = sorted(day for day in calendar.extra if day >= since)[:DAYS_TOLD]
    return [f"{say.day(day)} {spans(calendar.extra[day]) or say('levels.closed_day')}" for day in days]


def there(calendar: Calendar, say: Speaker) -> Speaker:
    """The same speaker, by the clocks of a calendar."""
    return replace(say, time_zone=known_zone(calendar.zone))


def due_times(levels: Levels, level: Level, at: datetime, say: Speaker) -> dict[Target, str]:
    """By when each promise to a customer is due who writes at that moment, by the clocks of the level's calendar."""
    local = there(levels.calendars[level.calendar], say)
    try:
        made = preview(level.policy, levels.hours(level), at)
    except NeverOpen:
        return dict.fromkeys((target for target in Target if target in level.policy.targets), say("levels.never"))
    return {clock.target: local.moment(clock.due) for clock in made.all if clock.due}


def level_facts(level: Level, say: Speaker) -> dict[str, str]:
    """All that a level says, by what it is called; what it does not say is left out."""
    told = {
        say("levels.whom"): whom(level, say),
        **{target_in_words(target, say): length(amount, say) for target, amount in level.policy.targets.items()},
        say("levels.counts"): counted(level, say),
        say("levels.ladder"): "\n".join(ladder(level, say)),
        say("levels.care"): "\n".join(care(level, say)),
    }
    return {label: value for label, value in told.items() if value}


def hours_in_short(calendar: Calendar, say: Speaker) -> str:
    """The week, the zone and the public holidays in a row."""
    holidays = say("levels.holidays_of", country=calendar.holidays) if calendar.holidays else ""
    return " · ".join(filter(None, (say("levels.between").join(week(calendar.week, say)), calendar.zone, holidays)))


def calendar_facts(calendar: Calendar, say: Speaker) -> dict[str, str]:
    """What a calendar says of every week and year, by what it is called."""
    return {
        say("levels.time_zone"): calendar.zone,
        say("levels.week"): "\n".join(week(calendar.week, say)),
        say("levels.holidays"): calendar.holidays or say("levels.no_holidays"),
    }


def _reason(calendar: Calendar, day: date) -> str:
    """Why a day on which the team would work is closed, as the catalogues call it; empty when it is not."""
    if day in calendar.extra:
        return ""
    if day in calendar.closed:
        return "levels.own_day"
    return "levels.public_day" if calendar.is_holiday(day) else ""


def _from_to(first: date, last: date, say: Speaker) -> str:
    return say.day(first) if first == last else say("levels.days", first=say.day(first), last=say.day(last))


def _listed(names: Iterable[str], say: Speaker) -> str:
    return say("levels.between").join(sorted(names))


def _days(first: int, last: int, say: Speaker) -> str:
    if first == last:
        return say.weekday(first)
    return say("levels.days", first=say.weekday(first), last=say.weekday(last))
