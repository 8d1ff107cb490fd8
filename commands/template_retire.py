"""Retire a template: nobody is offered it any more, and it can be brought back with all its versions."""

from dataclasses import replace

from bot.call import Call
from bot.cards.template_card import changed_card
from bot.cards.template_list_card import variants_card
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.text import shorten
from bot.domain.errors import Refusal
from bot.domain.template import WHY_LENGTH
from bot.filling import meant

RETIRE, RESTORE = "retire", "restore"


async def template_retire(call: Call) -> Answer:
    """Retire a template, or bring it back; its owner and supervisors may."""
    found = await meant(call)
    do = call.text("do") or RETIRE
    if do not in (RETIRE, RESTORE):
        raise Refusal("template.what", given=shorten(do, 40))
    if len(found) > 1:
        fitting = [one for one in found if one.retired is (do == RESTORE)]
        if len(fitting) != 1:
            return variants_card(found, "template_retire", call.say)
        found = fitting
    one = found[0]
    if not one.may_be_changed_by(call.agent):
        if one.owner is None:
            raise Refusal("template.nobodys", name=one.name)
        raise Refusal("template.not_yours", name=one.name, owner=one.owner.name)
    key = "template.retired_now" if do == RETIRE else "template.restored"
    if one.retired is not (do == RETIRE):
        why = shorten(" ".join(call.text("why").split()), WHY_LENGTH) or call.say(key, name=one.name)
        one = await call.tx.templates.change(
            one, replace(one.draft, retired=do == RETIRE), call.agent, call.act.at, why
        )
    return changed_card(call.say(key, name=one.name), one, call.agent, call.say)


COMMAND = Command(
    "template_retire",
    template_retire,
    (
        Option("template", Kind.TEMPLATE, required=True),
        Option("do", Kind.CHOICE, choices=(RETIRE, RESTORE)),
        Option("why", Kind.TEXT, named=True),
    ),
)
