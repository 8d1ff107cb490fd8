"""Rules of prepared advice as commands name, read and change them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.call import Call
from bot.cards.prepared_card import Ruled, conditions, ruled
from bot.cards.prepared_forms import by_id, read_when, values
from bot.chat.text import cleaned, one_line, shorten
from bot.domain.advising import LENGTH, LINES, fitted
from bot.domain.errors import Refusal
from bot.domain.folding import folded, terms
from bot.domain.prepared import PreparedAdvice

NAME_LENGTH = 40
WORD_LENGTH, MOST_WORDS = 40, 20
TYPED_LENGTH = 60
_BETWEEN = re.compile(r"[,、，;；\n]")
_NEW = PreparedAdvice(id=0, name="", text="")


async def meant(call: Call) -> PreparedAdvice:
    """The rule that a call names. Raises Refusal when there is none, or several may be meant."""
    given = call.text("rule")
    rules = await call.tx.prepared.all()
    fitting = named(rules, given) or [one for one in rules if plain(given) in plain(one.name)]
    if len(fitting) == 1 and given:
        return fitting[0]
    shown = shorten(one_line(given), TYPED_LENGTH)
    if len(fitting) > 1:
        raise Refusal("prepared.several", given=shown, names=", ".join(one.name for one in fitting))
    raise Refusal("prepared.unknown", given=shown)


def named(rules: Sequence[PreparedAdvice], given: str) -> list[PreparedAdvice]:
    """Those that a button names, or that are called exactly so, whatever their case and width."""
    return [one for one in rules if given and (given == by_id(one) or plain(one.name) == plain(given))]


def plain(name: str) -> str:
    """A name as it is compared."""
    return " ".join(folded(name).split())


async def shown(call: Call, rules: Sequence[PreparedAdvice]) -> list[Ruled]:
    """The rules as cards show them."""
    ids = [one.id for one in rules]
    standings = await call.tx.prepared.standings(ids)
    counts = await call.tx.advice.counts(ids)
    return ruled(rules, {rule: one.version for rule, one in standings.items()}, counts)


async def changed_meanwhile(call: Call, rule: PreparedAdvice) -> str:
    """What somebody else did to a rule since the pressed button or form was drawn, in words; empty: nothing."""
    standing = (await call.tx.prepared.standings([rule.id])).get(rule.id)
    if standing is None or call.seen is None or call.seen == standing.version:
        return ""
    say, text = call.say, one_line(rule.text)
    person = standing.by.name if standing.by else say("template.nobody")
    return say(
        "prepared.changed_by",
        person=person,
        at=say.clock(standing.at),
        text=text,
        conditions=conditions(rule, say),
    )


@dataclass(slots=True)
class Sheet:
    """The form as somebody sent it off: what was typed, over what the rule is, and what is wrong with it."""

    call: Call
    rule: PreparedAdvice | None
    problems: list[str] = field(default_factory=list)

    @property
    def is_filled_in(self) -> bool:
        """Whether it was sent off; a button that only brings it back carries no text."""
        return "text" in self.call.options

    @property
    def typed(self) -> Mapping[str, str]:
        """What stands in the inputs: what was typed, else what holds."""
        held = values(self.rule or replace(_NEW, name=self.call.text("rule")))
        given = {name: cleaned(self.call.text(name)) for name in held if name in self.call.options}
        return {**held, **given, "when": given.get("when") or held["when"]}

    def read(self, others: Sequence[PreparedAdvice]) -> PreparedAdvice:
        """The rule as it was typed; what is wrong with that is among the `problems` then."""
        typed, say = self.typed, self.call.say
        name = one_line(typed["name"])
        if not name or len(name) > NAME_LENGTH:
            self.problems.append(say("prepared.bad_name", limit=NAME_LENGTH))
        elif any(plain(one.name) == plain(name) for one in others):
            self.problems.append(say("prepared.exists", name=name))
        text = fitted(typed["text"])
        if not text.kept:
            self.problems.append(say("prepared.no_text"))
        elif text.left:
            self.problems.append(say("prepared.long_text", lines=LINES, length=LENGTH, left=one_line(text.left)))
        caution, longer_than = self._when(typed["when"])
        before = self.rule or replace(_NEW, owner=self.call.agent)
        after = replace(
            before,
            name=name,
            text=text.kept,
            words=self._several("words", typed["words"]),
            labels=self._several("labels", typed["labels"]),
            caution=caution,
            longer_than=longer_than,
        )
        return replace(after, is_on=after.is_on and bool(after.conditions))

    def _several(self, name: str, given: str) -> tuple[str, ...]:
        say = self.call.say
        parts = [one_line(one) for one in _BETWEEN.split(given)]
        found = tuple({plain(one): one for one in reversed([each for each in parts if each])}.values())[::-1]
        if len(found) > MOST_WORDS:
            self.problems.append(say("prepared.many_words", limit=MOST_WORDS))
        for one in found:
            if len(one) > WORD_LENGTH or (name == "words" and not terms(one)):
                self.problems.append(say("prepared.bad_word", word=shorten(one, WORD_LENGTH), limit=WORD_LENGTH))
        return found

    def _when(self, given: str) -> tuple[bool, timedelta | None]:
        try:
            return read_when(given)
        except ValueError:
            self.problems.append(self.call.say("prepared.bad_when", given=shorten(one_line(given), TYPED_LENGTH)))
            return False, None
