"""Edit an article: its owner or a supervisor changes what it says, its kind, and whose it is."""

from dataclasses import replace
from datetime import timedelta

from bot.call import Call
from bot.cards.article_card import article_card, changes_in_words
from bot.cards.article_forms import Typed, edit_form
from bot.cards.article_list_card import which_card
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.article import REVIEW_AFTER, Article, Barrier, Wording
from bot.knowing import kind_of, meant, must_be_able, must_be_sound


async def article_edit(call: Call) -> Answer:
    """Keep a new version. Who edits what somebody else changed meanwhile is shown that, with their own text again."""
    found = await meant(call)
    if len(found) > 1:
        return which_card(found, "article_edit", call.say)
    one = found[0]
    barrier = one.barrier_to_change(call.agent, one.version if call.seen is None else call.seen)
    must_be_able(barrier, one)
    if barrier is Barrier.CHANGED:
        return await _changed_meanwhile(call, one)
    if call.text("right"):
        return await _still_right(call, one)
    if "words" not in call.options:
        return edit_form(one, _as_it_is(one), await _team(call), "", call.say)
    wording = Wording(call.text("question"), call.text("words"), call.text("situation")).plain()
    must_be_sound(wording)
    changed = replace(one, kind=kind_of(call, one.kind), owner=await call.owner(one.owner))
    after = changed.edit(wording, call.agent, call.act.at.date())
    if after == one:
        return article_card(one, call.agent, call.say, call.say("article.unchanged"))
    await call.tx.articles.save(one, after, call.agent, call.act.at)
    return article_card(after, call.agent, call.say, call.say("article.saved"))


async def _still_right(call: Call, one: Article) -> Answer:
    """Somebody looked at what is shown: the next time is when its kind wants it."""
    review_on = call.act.at.date() + timedelta(days=REVIEW_AFTER[one.kind])
    after = replace(one, review_on=review_on)
    await call.tx.articles.save(one, after, call.agent, call.act.at)
    return article_card(after, call.agent, call.say, call.say("article.reviewed", date=review_on.isoformat()))


async def _changed_meanwhile(call: Call, one: Article) -> Answer:
    """The form again, with what was typed in it, and what somebody else did since it was drawn."""
    newest, *older = await call.tx.articles.versions(one.id)
    seen = next((each for each in older if each.version == call.seen), newest)
    person = newest.agent.name if newest.agent else call.say("template.nobody")
    told = call.say("article.changed_by", person=person, at=call.say.clock(newest.at))
    wording = Wording(call.text("question"), call.options.get("words", ""), call.text("situation"))
    typed = Typed(wording, kind_of(call, one.kind), owner=call.text("owner"))
    intro = f"{told}\n{changes_in_words(seen, newest, call.say)}"
    return edit_form(one, typed if "words" in call.options else _as_it_is(one), await _team(call), intro, call.say)


def _as_it_is(one: Article) -> Typed:
    return Typed(one.latest, one.kind, one.language, one.owner.name if one.owner else "")


async def _team(call: Call) -> list[str]:
    return [one.name for one in await call.tx.agents.all()]


COMMAND = Command("article_edit", article_edit, (Option("article", Kind.TEXT, required=True),))
