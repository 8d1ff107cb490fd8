"""Edit a template: its owner or a supervisor changes what it says, when it is reviewed, and whose it is."""

import unicodedata
from dataclasses import replace
from datetime import date, timedelta

from bot.call import Call
from bot.cards.template_card import changed_card
from bot.cards.template_forms import Typed, edit_form
from bot.cards.template_list_card import variants_card
from bot.cards.template_versions_card import difference_in_words
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.text import shorten
from bot.domain.errors import Refusal
from bot.domain.template import REVIEW_AFTER, WHY_LENGTH, Draft, Template
from bot.filling import meant


async def template_edit(call: Call) -> Answer:
    """Keep a new version. Who edits what somebody else changed meanwhile is shown that, with their own text again."""
    found = await meant(call)
    own = [one for one in found if one.may_be_changed_by(call.agent)]
    if len(own) > 1:
        return variants_card(own, "template_edit", call.say)
    one = (own or found)[0]
    if not one.may_be_changed_by(call.agent):
        if one.owner is None:
            raise Refusal("template.nobodys", name=one.name)
        raise Refusal("template.not_yours", name=one.name, owner=one.owner.name)
    if call.text("right"):
        return await _still_right(call, one)
    if not call.text("body"):
        return edit_form(one, None, await _team(call), "", call.say)
    if call.seen is not None and call.seen != one.version:
        return await _changed_meanwhile(call, one)
    draft = await _draft(call, one)
    if draft == one.draft:
        return changed_card(call.say("template.unchanged", name=one.name), one, call.agent, call.say)
    why = shorten(" ".join(call.text("why").split()), WHY_LENGTH)
    after = await call.tx.templates.change(one, draft, call.agent, call.act.at, why)
    return changed_card(call.say("template.saved", name=one.name), after, call.agent, call.say)


async def _still_right(call: Call, one: Template) -> Answer:
    """Somebody looked at it: the next time is in a year. What they did not see is shown to them first."""
    if call.seen is not None and call.seen != one.version:
        return await _changed_meanwhile(call, one)
    review_on = (call.act.at + timedelta(days=REVIEW_AFTER)).date()
    draft = replace(one.draft, review_on=review_on)
    after = await call.tx.templates.change(one, draft, call.agent, call.act.at, call.say("review.why"))
    text = call.say("review.done", name=one.name, date=review_on.isoformat())
    return changed_card(text, after, call.agent, call.say)


async def _changed_meanwhile(call: Call, one: Template) -> Answer:
    """The form again, with what was typed in it, and what somebody else did since it was drawn."""
    newest, *older = await call.tx.templates.versions(one.id)
    seen = next((each for each in older if each.version == call.seen), newest)
    person = newest.agent.name if newest.agent else call.say("template.nobody")
    told = call.say("template.changed_by", person=person, at=call.say.clock(newest.at))
    intro = f"{told}\n{difference_in_words(seen, newest, call.say)}"
    typed = Typed(*(call.text(name) for name in ("title", "body", "review", "owner", "why")))
    return edit_form(one, typed if typed.body else None, await _team(call), intro, call.say)


async def _draft(call: Call, one: Template) -> Draft:
    draft = replace(
        one.draft,
        title=call.text("title") or one.title,
        body=call.options["body"],
        review_on=_day(call.text("review")) if "review" in call.options else one.review_on,
        owner=await call.owner(one.owner),
    )
    return draft.checked()


def _day(given: str) -> date | None:
    """A day as YYYY-MM-DD, in full width or with strokes too. Raises Refusal when it is none."""
    plain = unicodedata.normalize("NFKC", given).strip().replace("/", "-").replace(".", "-")
    try:
        year, month, day = map(int, plain.split("-")) if plain else (0, 0, 0)
        return date(year, month, day) if plain else None
    except (ValueError, OverflowError):
        raise Refusal("template.bad_date", given=shorten(given, 40)) from None


async def _team(call: Call) -> list[str]:
    return [one.name for one in await call.tx.agents.all()]


COMMAND = Command("template_edit", template_edit, (Option("template", Kind.TEMPLATE, required=True),))
