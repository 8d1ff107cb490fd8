"""Changes of service levels: what holds now, what somebody typed into a form about it, and a new version of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar
from unicodedata import normalize

from bot.call import Call
from bot.cards.level_changes_card import differences
from bot.chat.invocation import call as pressing
from bot.chat.invocation import pressable
from bot.chat.text import one_line, shorten
from bot.domain.errors import Refusal
from bot.domain.levels import Level, Levels
from bot.level_file import LevelsWrong, Unreadable, read, written
from bot.ports import LevelsVersion
from bot.service_levels import levels_of

T = TypeVar("T")

TYPED_LENGTH = 60
WHY_LENGTH = 400
NOTHING = ("", "-", "なし", "none")
"""What stands for nothing in a form's input."""
WRONG = {
    "amount": "levels.bad_amount",
    "count": "levels.bad_count",
    "share": "levels.bad_share",
    "spans": "levels.bad_hours",
    "week": "levels.bad_week",
    "day": "levels.bad_day",
    "days": "levels.bad_day",
    "holidays": "levels.bad_country",
    "zone": "levels.bad_zone",
    "truth": "levels.bad_truth",
}
"""What each kind of unreadable text is told as."""


@dataclass(frozen=True, slots=True)
class LaidDown:
    """The levels that hold now, and their version; 0: nobody has laid down anything yet."""

    version: int
    levels: Levels


@dataclass(frozen=True, slots=True)
class Meanwhile(Generic[T]):
    """What others changed since somebody looked, in words (empty: nothing), and what it `was` then."""

    told: str
    was: T


async def laid_down(call: Call) -> LaidDown:
    """What holds now."""
    kept = await call.tx.levels.current()
    return LaidDown(kept.version if kept else 0, await levels_of(call.tx))


def named(levels: Levels, given: str) -> Level:
    """The policy of that name, whatever its case and width. Raises Refusal when there is none."""
    if not levels.levels:
        raise Refusal("levels.none")
    wanted = plain(given)
    found = levels.named(given) or next((one for one in levels.levels if plain(one.name) == wanted), None)
    if found is None:
        names = ", ".join(one.name for one in levels.levels)
        raise Refusal("levels.unknown", given=shorten(one_line(given), TYPED_LENGTH), names=names)
    return found


def plain(name: str) -> str:
    """A name as it is compared."""
    return " ".join(normalize("NFKC", name).casefold().split())


def replaced(levels: Levels, after: Level) -> Levels:
    """The levels with another policy in the place of that of its name."""
    return replace(levels, levels=tuple(after if one.name == after.name else one for one in levels.levels))


async def keep(call: Call, held: LaidDown, after: Levels) -> int:
    """Lay down a new version, with the reason in words; open inquiries follow by themselves.

    Raises Conflict when somebody else did so since `held` was read, and LevelsWrong for levels that contradict
    themselves.
    """
    why = shorten("; ".join(differences(held.levels, after, call.say)).replace("\n", ", "), WHY_LENGTH)
    body = written(after)
    read(body)
    return await call.tx.levels.keep(body, held.version, call.agent, call.act.at, why)


async def changed_meanwhile(call: Call, held: LaidDown, part: Callable[[Levels], T]) -> "Meanwhile[T]":
    """What others did to this part of the levels since the pressed button or form was drawn."""
    now = part(held.levels)
    if call.seen is None or not 0 <= call.seen < held.version:
        return Meanwhile("", now)
    versions = await call.tx.levels.versions(held.version - call.seen + 1)
    before = _then(versions[held.version - call.seen :])
    was = part(before)
    if was == now:
        return Meanwhile("", now)
    newest = next(
        (one for place, one in enumerate(versions) if part(_then(versions[place + 1 :])) != part(_then([one]))),
        versions[0],
    )
    person = newest.by.name if newest.by else call.say("levels.nobody")
    told = [call.say("levels.changed_by", person=person, at=newest.at), *differences(before, held.levels, call.say)]
    return Meanwhile("\n".join(told), was)


def _then(versions: Sequence[LevelsVersion]) -> Levels:
    """The levels of the first of these versions; none where there is none, or nobody can read it any more."""
    return (readable(versions[0]) if versions else None) or Levels()


def readable(version: LevelsVersion) -> Levels | None:
    """The levels of a version; None when its document cannot be read any more."""
    try:
        return read(version.body)
    except LevelsWrong:
        return None


@dataclass(slots=True)
class Sheet:
    """A form about levels: what holds (`current`, by input), what somebody typed over it, and what is wrong with that.

    `drawn` is what held as they saw the form: inputs that they left alone follow what others changed since.

    A form that comes again carries what was typed in its call, as far as a button can: where a form cannot answer
    a form, one presses a button to see it.
    """

    call: Call
    current: Mapping[str, str]
    labels: Mapping[str, str]
    drawn: Mapping[str, str] | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def is_filled_in(self) -> bool:
        """Whether somebody sent the form off; not when a button only brings it back."""
        given = [name for name in self.current if name in self.call.options]
        return len(given) == len(self.current) if self.call.text("again") else bool(given)

    @property
    def typed(self) -> dict[str, str]:
        """What stands in the inputs: what was typed, else what holds."""
        given = {name: _plain_text(self.call.text(name)) for name in self.current if name in self.call.options}
        drawn = self.current if self.drawn is None else self.drawn
        return {**self.current, **{name: value for name, value in given.items() if value != drawn.get(name, "")}}

    def read(self, name: str, reader: Callable[[str], T], default: T) -> T:
        """What an input says; the default when it says nothing, or when it cannot be read, which is noted."""
        given = self.typed[name]
        try:
            return reader(given) if given else default
        except Unreadable as error:
            self._unreadable(name, error)
            return default

    def many(self, name: str, reader: Callable[[str], T]) -> list[T]:
        """What each of an input's parts says, between commas."""
        parts = [part.strip() for part in self.typed[name].replace("、", ",").replace("，", ",").split(",")]
        try:
            return [reader(part) for part in parts if part]
        except Unreadable as error:
            self._unreadable(name, error)
            return []

    def wrong(self, name: str, said: str) -> None:
        """Something is wrong with an input."""
        self.problems.append(self.call.say("levels.problem", label=self.labels[name], said=said))

    def again(self, verb: str, version: int, **options: str) -> str:
        """The call of the form that comes again."""
        carried = dict(options, again="1")
        over = {name: value for name, value in self.typed.items() if value != self.current[name]}
        for name, value in sorted(over.items(), key=lambda one: len(one[1])):
            longer = {**carried, name: value or "-"}
            if pressable(pressing(verb, None, version, **longer)):
                carried = longer
        return pressing(verb, None, version, **carried)

    def _unreadable(self, name: str, error: Unreadable) -> None:
        given = shorten(one_line(error.given), TYPED_LENGTH)
        self.wrong(name, self.call.say(WRONG.get(error.kind, "levels.bad_text"), given=given))


def _plain_text(value: str) -> str:
    """What was typed, with lines as we write them; empty for what stands for nothing."""
    text = "\n".join(value.strip().splitlines())
    return "" if text.casefold() in NOTHING else text
