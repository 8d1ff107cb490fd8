"""Prepared advice: what supervisors laid down to be said by itself to whoever is on a call of a certain kind."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.advice import Advice, AdviceState
from bot.domain.agent import Agent
from bot.domain.folding import Phrase, folded, grams, terms
from bot.domain.phone import PhoneCall

PACE = timedelta(minutes=1)
"""Between two pieces of prepared advice in one call: nobody listens to two at once."""
MOST = 3
"""Pieces of prepared advice in one call: after that it is the people's turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedAdvice:
    """A rule: in calls to which all of its conditions apply that are set, its text is said, once a call.

    `words`: any of them, in the subject or in notes. `labels`: any of them, products or tags. `caution`: the caller
    needs care. `longer_than`: so long into the call. Off until somebody turns it on.
    """

    id: int
    name: str
    text: str
    owner: Agent | None = None
    words: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    caution: bool = False
    longer_than: timedelta | None = None
    is_on: bool = False

    @property
    def conditions(self) -> int:
        """How many are set. Without any it would be said in every call, and so is said in none."""
        return sum(map(bool, (self.words, self.labels, self.caution, self.longer_than)))

    def fits(self, facts: "Facts") -> bool:
        """Whether it is on, and applies to a call of which this is known, as far as its length does not matter."""
        if not self.is_on or not self.conditions or (self.caution and not facts.caution):
            return False
        labels = {folded(one) for one in facts.labels}
        if self.labels and not any(folded(one) in labels for one in self.labels):
            return False
        return not self.words or any(mentions(text, word) for text in facts.texts for word in self.words)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a call by now: subject and notes, products and tags, and whether the caller needs care."""

    texts: tuple[str, ...] = ()
    labels: frozenset[str] = frozenset()
    caution: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """A piece of prepared advice, and from when on it is to be said."""

    at: datetime
    rule: PreparedAdvice


@dataclass(frozen=True, slots=True)
class Counts:
    """How often a rule's advice reached somebody, was used, and helped. What helped was used."""

    said: int = 0
    used: int = 0
    helped: int = 0


def following(
    rules: Iterable[PreparedAdvice], call: PhoneCall, facts: Facts, said: Mapping[int, datetime], now: datetime
) -> Due | None:
    """What is to be said next in a call; due when its moment is not after `now`. None: nothing, as far as is known.

    `said`: the rules that spoke in this call, by id, and when; each speaks once, however it was edited since. They
    keep PACE between them, and are MOST in a call.

    Of several that could speak, first what tells to take care, then what has more conditions, then what came up
    earlier, then the older rule. The same comes out whenever it is asked with the same facts, after a restart too.
    """
    if not call.is_live or call.started_at is None or len(said) >= MOST:
        return None
    able = [
        Due(call.started_at + (one.longer_than or timedelta()), one)
        for one in rules
        if one.id not in said and one.fits(facts)
    ]
    if not able:
        return None
    pause = [max(said.values()) + PACE] if said else []
    at = max([min(one.at for one in able), *pause])
    ready = [one for one in able if one.at <= max(at, now)]
    return Due(at, min(ready, key=_urgency).rule)


def mentions(text: str, word: str) -> bool:
    """Whether a text speaks of a word, or of all words of it, as a search would find them.

    Width, case, kana and spellings of names do not count; a Latin word is found at the beginning of a longer one when
    it has three letters, and never within it.
    """
    wanted, found = terms(word), grams(text)
    return bool(wanted) and all(any(_stands(phrase, found) for phrase in term.phrases) for term in wanted)


def counts(advice: Iterable[Advice]) -> dict[int, Counts]:
    """What became of the advice that rules gave, by rule."""
    found: dict[int, Counts] = {}
    for one in advice:
        if one.rule is None or one.state in (AdviceState.QUEUED, AdviceState.WITHDRAWN):
            continue
        before = found.get(one.rule, Counts())
        is_helpful = one.state is AdviceState.HELPED
        is_used = is_helpful or one.state is AdviceState.USED
        found[one.rule] = Counts(before.said + 1, before.used + is_used, before.helped + is_helpful)
    return found


def _urgency(due: Due) -> tuple[bool, int, datetime, int]:
    return not due.rule.caution, -due.rule.conditions, due.at, due.rule.id


def _stands(phrase: Phrase, found: Sequence[str]) -> bool:
    """Whether the grams of a phrase follow one another in a text's; its last may go on when it says so."""
    *first, last = phrase.grams
    places = range(len(found) - len(first))
    return any(
        list(found[at : at + len(first)]) == first
        and (found[at + len(first)].startswith(last) if phrase.is_beginning else found[at + len(first)] == last)
        for at in places
    )
