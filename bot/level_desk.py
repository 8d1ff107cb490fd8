"""What the operator asks of service levels by the command line: into and from a file, and what they would promise."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.app import system_clock
from bot.chat.text import shorten
from bot.domain.errors import Conflict
from bot.domain.hours import NeverOpen
from bot.domain.levels import Facts, Level, Levels
from bot.domain.policy import Target
from bot.domain.sla import preview
from bot.domain.template import WHY_LENGTH
from bot.domain.when import moment
from bot.level_checkup import people_of
from bot.level_file import LevelsWrong, Problem, amount_text, check, read, tag_of
from bot.operator import ATTEMPTS, desk
from bot.ports import Transaction
from bot.settings import Settings

WEEK = timedelta(days=7)
TARGETS = {
    Target.FIRST_RESPONSE: "First response",
    Target.NEXT_RESPONSE: "Next response",
    Target.RESOLUTION: "Resolution",
}
NOTHING_YET = "There are no service levels yet: Madoguchi puts some in when it runs for the first time."


@dataclass(frozen=True, slots=True)
class Laid:
    """What became of a document: its version (the one that stood, when it is the same), and what should be known."""

    version: int
    is_new: bool
    levels: Levels
    remarks: list[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """A mail as `levels preview` imagines it: when it comes, as people type it, and what is known of it."""

    when: str
    queue: str = ""
    tags: tuple[str, ...] = ()
    ranks: tuple[str, ...] = ()
    language: str = ""


async def export_levels(settings: Settings) -> str:
    """The document that holds, as it was laid down. Raises StoreDown; RuntimeError when there is none."""
    async with desk(settings) as database, database.snapshot() as tx:
        current = await tx.levels.current()
    if current is None:
        raise RuntimeError(NOTHING_YET)
    return current.body


async def import_levels(settings: Settings, path: Path) -> Laid:
    """Lay down the document of a file as a new version; the same once more changes nothing.

    Raises LevelsWrong with all that is wrong with it; OSError when it cannot be read; StoreDown.
    """
    text, why = _text(path), _why(path)
    async with desk(settings) as database:
        for _ in range(ATTEMPTS):
            try:
                async with database.transaction() as tx:
                    return await _laid(tx, text, why, path)
            except Conflict:
                continue
    raise RuntimeError("The service levels could not be imported: others kept changing them. Try again.")


async def preview_levels(settings: Settings, asked: Asked) -> list[str]:
    """By when a mail would be due, a line for each target. Raises StoreDown; RuntimeError; ValueError with a sentence.

    Times are those of the calendar that counts. No queue: the first one.
    """
    async with desk(settings) as database, database.snapshot() as tx:
        current = await tx.levels.current()
        queues = [queue.name for queue in await tx.queues.all()]
    if current is None:
        raise RuntimeError(NOTHING_YET)
    if asked.queue and asked.queue not in queues:
        raise ValueError(f"There is no queue {asked.queue!r}: write {_or(queues)}.")
    queue = asked.queue or next(iter(queues), "")
    levels = read(current.body)
    facts = Facts(queue, _folded(asked.tags), _folded(asked.ranks), asked.language.casefold())
    level = levels.of(facts)
    if level is None:
        return [f"No policy fits such an inquiry of {queue}: nothing is promised."]
    return _previewed(levels, level, asked.when, queue, system_clock())


def sentence(due: datetime, at: datetime) -> str:
    """ "a mail at 17:35 on Friday is due Tuesday 09:05", with the date when the weekday does not say it."""
    day = f"{due:%A}" if due.date() - at.date() < WEEK else f"{due:%A} {due.day} {due:%B}"
    year = "" if due.year == at.year or due.date() - at.date() < WEEK else f" {due.year}"
    return f"a mail at {at:%H:%M} on {at:%A} is due {day}{year} {due:%H:%M}"


def _previewed(levels: Levels, level: Level, when: str, queue: str, now: datetime) -> list[str]:
    calendar, hours = levels.calendars[level.calendar], levels.hours(level)
    at = moment(when, now, calendar.zone, hours)
    if at is None:
        raise ValueError(f"{when!r} is no time: write it as 'fri 17:35', 'tomorrow 9:00' or '2026-12-01 09:00'.")
    zone = ZoneInfo(calendar.zone)
    there = at.astimezone(zone)
    counted = "day and night" if level.policy.urgent else f"in the hours of {calendar.name}"
    head = f"{there:%A} {there.day} {there:%B %Y}, {queue}: policy {level.name}, {counted} ({calendar.zone})"
    try:
        due = {clock.target: clock.due for clock in preview(level.policy, hours, at).all}
    except NeverOpen as error:
        return [head, f"Nothing is ever due: {error}"]
    lines = [
        f"{TARGETS[target]} ({amount_text(level.policy.targets[target])}): {sentence(moment.astimezone(zone), there)}."
        for target, moment in due.items()
        if moment
    ]
    return [head, *(lines or ["It promises nothing."])]


async def _laid(tx: Transaction, text: str, why: str, path: Path) -> Laid:
    queues = [queue.name for queue in await tx.queues.all()]
    levels, found = check(text, queues, await people_of(tx))
    remarks = [*told(path, found), *_unpromised(levels, queues)]
    current = await tx.levels.current()
    if current and current.body == text:
        return Laid(current.version, False, levels, remarks)
    seen = current.version if current else 0
    return Laid(await tx.levels.keep(text, seen, None, system_clock(), why), True, levels, remarks)


def told(path: Path, problems: Collection[Problem]) -> list[str]:
    """Problems of a file, as a compiler tells them."""
    return [f"{path}:{one.line}: {one.said}" if one.line else f"{path}: {one.said}" for one in problems]


def _unpromised(levels: Levels, queues: list[str]) -> list[str]:
    """Remarks on queues of which nothing is promised, unless more is known, and on policies that nothing gets."""
    bare = [queue for queue in queues if levels.of(Facts(queue)) is None]
    remarks = [f"No policy fits every inquiry of {_and(bare)}: nothing is promised to the others."] if bare else []
    for number, one in enumerate(levels.levels):
        if one.queues or one.tags or one.ranks or one.languages:
            continue
        if later := [other.name for other in levels.levels[number + 1 :]]:
            remarks.append(f"{_and(later)} will never be used: {one.name}, which stands before, fits every inquiry.")
        break
    return remarks


def _text(path: Path) -> str:
    if not path.exists():
        raise FileNotFoundError(f"{path}: there is no such file")
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise LevelsWrong([Problem(line, "this is no UTF-8: save the file as UTF-8")]) from error


def _why(path: Path) -> str:
    return f"imported from {shorten(path.resolve().name, WHY_LENGTH // 2)}"


def _folded(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(tag_of, words))


def _and(names: list[str]) -> str:
    return " and ".join(names)


def _or(names: list[str]) -> str:
    return " or ".join(names)
