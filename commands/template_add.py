"""Add a template: a text that the whole team may use from now on."""

from datetime import timedelta

from bot.call import Call
from bot.cards.template_card import changed_card
from bot.cards.template_forms import ANY, add_form
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.errors import Refusal
from bot.domain.template import REVIEW_AFTER, Draft


async def template_add(call: Call) -> Answer:
    """Keep a new template; who adds it owns it, and is asked a year later whether it is still right."""
    queues = [one.name for one in await call.tx.queues.all()]
    if not call.text("body"):
        return add_form(call.text("name"), queues, call.say)
    queue = "" if call.text("queue") == ANY else call.text("queue")
    if queue and queue not in queues:
        raise Refusal("refused.no_queue", given=queue, names=", ".join(queues))
    review_on = (call.act.at + timedelta(days=REVIEW_AFTER)).date()
    language = call.text("language") or call.say.language
    draft = Draft(
        call.text("name"), language, call.text("title"), call.text("body"), queue, call.agent, review_on
    ).checked()
    if any(one.draft.key == draft.key for one in await call.tx.templates.variants(draft.name)):
        raise Refusal("template.exists", name=draft.name)
    made = await call.tx.templates.add(draft, call.agent, call.act.at)
    return changed_card(call.say("template.added", name=made.name), made, call.agent, call.say)


COMMAND = Command("template_add", template_add, (Option("name", Kind.WORD),))
