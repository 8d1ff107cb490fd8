"""The versions of a template: who changed it, when and why, and the difference between two."""

from bot.call import Call
from bot.cards.template_list_card import variants_card
from bot.cards.template_versions_card import versions_card
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.errors import Refusal
from bot.domain.template import TemplateVersion
from bot.filling import meant


async def template_versions(call: Call) -> Answer:
    """All versions, and what changed between two of them: the last two, unless others are named."""
    found = await meant(call)
    if len(found) > 1:
        return variants_card(found, "template_versions", call.say)
    versions = await call.tx.templates.versions(found[0].id)
    after = _version(versions, call.number("to", versions[0].version))
    before = _version(versions, call.number("from", max(1, after.version - 1)))
    return versions_card(found[0], versions, before, after, call.say)


def _version(versions: list[TemplateVersion], number: int) -> TemplateVersion:
    for one in versions:
        if one.version == number:
            return one
    raise Refusal("template.no_version", given=number, newest=versions[0].version)


COMMAND = Command(
    "template_versions",
    template_versions,
    (
        Option("template", Kind.TEMPLATE, required=True),
        Option("from", Kind.NUMBER),
        Option("to", Kind.NUMBER),
    ),
    changes=False,
)
