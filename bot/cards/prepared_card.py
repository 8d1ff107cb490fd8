"""Cards of prepared advice: what is said by itself, when, and how often that helped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.cards.prepared_forms import by_id
from bot.chat.card import Button, Card, Item, Style, Tone
from bot.chat.invocation import call
from bot.chat.text import one_line, shorten
from bot.domain.prepared import Counts, PreparedAdvice
from bot.translator import Speaker

PAGE = 5
"""Rules a page: each has a row of buttons under it, and Discord's cards hold forty parts."""
WORDS_LENGTH = 60
"""Characters of the words, and of the labels, that a row says."""


@dataclass(frozen=True, slots=True)
class Ruled:
    """A rule as its cards show it: at which version it stands, and how often it helped."""

    rule: PreparedAdvice
    version: int
    counts: Counts


def prepared_list_card(found: Sequence[Ruled], page: int, pages: int, count: int, say: Speaker) -> Card:
    """One page of the rules; `count` is how many there are on all."""
    title = say("prepared.all", count=count) if count else say("prepared.none")
    hint = say("prepared.how_it_works") if count else say("prepared.how_to_begin")
    add = Button(say("prepared.add"), call("prepared_set"), Style.NORMAL if count else Style.PRIMARY)
    return Card(
        title=title,
        tone=Tone.OPEN if count else Tone.QUIET,
        lines=((hint,),),
        items=tuple(_item(one, say) for one in found),
        buttons=(*_turns(page, pages, say), add),
        footer=(say("queue.page", page=page, pages=pages),) if pages > 1 else (),
        summary=title,
    )


def prepared_card(title: str, one: Ruled, told: str, say: Speaker) -> Card:
    """One rule, after something was done with it; `told` is what else there is to say of that."""
    every = Button(say("prepared.show_all"), call("prepared"), Style.QUIET)
    return Card(
        title=title,
        tone=Tone.DONE,
        lines=((told,),) if told else (),
        items=(_item(one, say),),
        buttons=(every,),
        summary=title,
    )


def switch_card(one: Ruled, told: str, say: Speaker) -> Card:
    """Asks anew whether a rule shall be turned on that somebody changed meanwhile."""
    return Card(title=told, tone=Tone.WAITING, items=(_item(one, say),), summary=told)


def prepared_removal_card(one: Ruled, told: str, say: Speaker) -> Card:
    """Asks whether a rule shall go; `told` is what happened to it meanwhile, if anything."""
    title = say("prepared.really_remove", name=one.rule.name)
    of = call("prepared_remove", None, one.version, rule=by_id(one.rule), sure="1")
    keep = Button(say("prepared.show_all"), call("prepared"), Style.QUIET)
    return Card(
        title=title,
        tone=Tone.WAITING,
        lines=tuple((line,) for line in (told, say("prepared.what_removing_does")) if line),
        items=(Item(*_told(one, say)),),
        buttons=(Button(say("prepared.remove"), of, Style.DANGER), keep),
        summary=title,
    )


def conditions(rule: PreparedAdvice, say: Speaker) -> str:
    """When it is said, all of its conditions in words."""
    told = (
        say("prepared.if_words", words=_listed(rule.words, say)) if rule.words else "",
        say("prepared.if_labels", labels=_listed(rule.labels, say)) if rule.labels else "",
        say("prepared.if_caution") if rule.caution else "",
        say("prepared.if_longer", time=say.duration(rule.longer_than)) if rule.longer_than else "",
    )
    return say("prepared.and").join(filter(None, told)) or say("prepared.no_conditions")


def _item(one: Ruled, say: Speaker) -> Item:
    text, detail = _told(one, say)
    return Item(text, detail, buttons=_buttons(one, say))


def _told(one: Ruled, say: Speaker) -> tuple[tuple[str], tuple[str]]:
    """Name and state; then its words, when it says them, and what came of that."""
    counts = one.counts
    came = say("prepared.counts", count=counts.said, used=counts.used, helped=counts.helped)
    said = say("prepared.words", text=one_line(one.rule.text))
    told = (said, conditions(one.rule, say), came if counts.said else say("prepared.never_said"))
    key = "prepared.on" if one.rule.is_on else "prepared.off"
    return (say(key, name=one.rule.name),), (" · ".join(told),)


def _buttons(one: Ruled, say: Speaker) -> tuple[Button, ...]:
    rule = by_id(one.rule)
    turned = "off" if one.rule.is_on else "on"
    key = "prepared.turn_off" if one.rule.is_on else "prepared.turn_on"
    switch = [Button(say(key), call("prepared_switch", None, one.version, rule=rule, turn=turned))]
    return (
        *(switch if one.rule.is_on or one.rule.conditions else []),
        Button(say("prepared.edit"), call("prepared_set", None, one.version, rule=rule)),
        Button(say("prepared.remove_button"), call("prepared_remove", None, one.version, rule=rule), Style.QUIET),
    )


def _turns(page: int, pages: int, say: Speaker) -> list[Button]:
    back = [Button(say("queue.back"), call("prepared", None, None, page=str(page - 1)), Style.QUIET)]
    on = [Button(say("queue.on"), call("prepared", None, None, page=str(page + 1)), Style.QUIET)]
    return [*(back if page > 1 else []), *(on if page < pages else [])]


def _listed(names: Sequence[str], say: Speaker) -> str:
    return shorten(say("prepared.or").join(say("prepared.quoted", word=one) for one in names), WORDS_LENGTH)


def ruled(rules: Sequence[PreparedAdvice], versions: Mapping[int, int], counts: Mapping[int, Counts]) -> list[Ruled]:
    """The rules with what is known of them."""
    return [Ruled(one, versions.get(one.id, 0), counts.get(one.id, Counts())) for one in rules]
