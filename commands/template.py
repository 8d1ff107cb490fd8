"""Template: find one of the team's texts, and have it filled in for an inquiry, ready to copy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.call import LARGEST, Call
from bot.cards.template_card import filled_card, template_card
from bot.cards.template_forms import fill_form
from bot.cards.template_list_card import template_list_card
from bot.chat.command import Command, Kind, Option, plain_number
from bot.chat.invocation import Answer
from bot.chat.text import one_line, shorten
from bot.domain.errors import Refusal
from bot.domain.inquiry import Inquiry
from bot.domain.template import Template, best, fill, plain_name, unfilled, variables
from bot.filling import by_button, known_values, wished

MOST = 1000
"""Templates that are looked through for a list."""
TYPED_LENGTH = 60
"""Characters of the words that are said again."""


async def template(call: Call) -> Answer:
    """The template that is meant: filled in when there is an inquiry, else as it is; or those that may be meant."""
    words, inquiry = await _asked(call)
    queue, language = await wished(call, inquiry)
    one = await by_button(call) or await _named(call, words, queue, language)
    if one is None:
        found = await _found(call, words, queue, language)
        if len(found) != 1 or not words:
            return template_list_card(
                found, words, call.number("page", 1), inquiry.number if inquiry else None, call.say
            )
        one = found[0]
    if inquiry is None and not call.text("fill"):
        return template_card(one, await _others(call, one, queue), call.agent, call.say)
    return await _filled(call, one, inquiry, queue)


async def _asked(call: Call) -> tuple[str, Inquiry | None]:
    """The words that a template is sought by, and the inquiry: the option's, or the number that the words end with."""
    *words, last = call.text("template").split() or [""]
    number = _number(last)
    if number is not None:
        inquiry = await call.tx.inquiries.get(number) if 0 < number <= LARGEST else None
        if inquiry is None and last.startswith(("#", "＃")):
            raise Refusal("refused.no_inquiry", inquiry=number)
        if inquiry:
            return " ".join(words), inquiry
    return " ".join([*words, last]), await call.inquiry() if call.text("inquiry") else None


async def _named(call: Call, name: str, queue: str, language: str) -> Template | None:
    """The template of exactly that name: the variant that fits best, else one for another queue, or a retired one."""
    variants = await call.tx.templates.variants(plain_name(name))
    return best(variants, queue, language) or best(variants, "", language) or next(iter(variants), None)


def _number(word: str) -> int | None:
    try:
        return plain_number(word)
    except ValueError:
        return None


async def _found(call: Call, words: str, queue: str, language: str) -> list[Template]:
    """What the words find, each name once, by its variant that fits best. Raises Refusal when they find nothing."""
    every = await call.tx.templates.matching(words, MOST)
    named: dict[str, list[Template]] = {}
    for one in every:
        named.setdefault(one.name, []).append(one)
    found = [fitting for variants in named.values() if (fitting := best(variants, queue, language))]
    if words and not found:
        raise Refusal("template.nothing_found", given=shorten(one_line(words), TYPED_LENGTH))
    return found


async def _others(call: Call, one: Template, queue: str) -> list[Template]:
    variants = await call.tx.templates.variants(one.name)
    return [
        each for each in variants if each.id != one.id and not each.retired and (not queue or each.queue in ("", queue))
    ]


@dataclass(frozen=True, slots=True)
class _Given:
    """What was filled into a form, by the variables' names; `is_changed`: the template is another one since then."""

    values: Mapping[str, str]
    is_changed: bool


async def _filled(call: Call, one: Template, inquiry: Inquiry | None, queue: str) -> Answer:
    """The text, counted as used; or a form for what nobody knows yet."""
    if one.retired:
        raise Refusal("template.is_retired", name=one.name)
    number = inquiry.number if inquiry else None
    known = await known_values(call, one, inquiry)
    given = await _given(call, one)
    values = {**known, **{name: value for name, value in given.values.items() if value.strip()}}
    if unfilled(one.body, values):
        asked = [name for name in variables(one.body) if not known.get(name, "").strip()]
        intro = call.say("template.changed_since") if given.is_changed else call.say("template.fill_in")
        return fill_form(one, asked, given.values, number, intro, call.say)
    await call.tx.templates.used(one.id, call.act.at)
    text = fill(one.body, values)
    return filled_card(one, text, number, await _others(call, one, queue), given.is_changed, call.agent, call.say)


async def _given(call: Call, one: Template) -> _Given:
    """What a form brings. Its inputs go by their places among the variables of the version that it was drawn at."""
    places = variables(one.body)
    is_changed = bool(call.text("fill")) and call.seen not in (None, one.version)
    if is_changed:
        drawn = [each for each in await call.tx.templates.versions(one.id) if each.version == call.seen]
        places = variables(drawn[0].body) if drawn else []
    values = {name: call.text(f"v{place}") for place, name in enumerate(places)}
    values |= _rest(call.text("rest"), places)
    values = {name: value for name, value in values.items() if value}
    return _Given(values, is_changed and bool(values))


def _rest(text: str, names: Sequence[str]) -> dict[str, str]:
    """The last input's lines, "name: value" each; a line without a name goes on with the one before."""
    values: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        head, colon, value = line.replace("：", ":", 1).partition(":")
        if colon and head.strip() in names:
            name = head.strip()
            values[name] = value.strip()
        elif name:
            values[name] = f"{values[name]}\n{line}".strip()
    return values


COMMAND = Command(
    "template",
    template,
    (
        Option("template", Kind.TEMPLATE),
        Option("inquiry", Kind.INQUIRY, named=True),
        Option("page", Kind.NUMBER, named=True),
    ),
)
