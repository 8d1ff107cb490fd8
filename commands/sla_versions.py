"""The versions of service levels: who changed what and when; supervisors go back to an earlier one."""

from bot.call import Call
from bot.cards.level_changes_card import changed_card, touched
from bot.cards.level_versions_card import PAGE, Edition, version_card, versions_card
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.agent import Role
from bot.domain.errors import Refusal
from bot.level_changes import LaidDown, changed_meanwhile, keep, laid_down, readable
from bot.ports import LevelsVersion


async def sla_versions(call: Call) -> Answer:
    """All versions, or one with what going back to it would change; `back` does that, which makes a new version."""
    held = await laid_down(call)
    if not held.version:
        raise Refusal("levels.none")
    if call.text("back"):
        return await _gone_back(call, held)
    if call.text("to"):
        return await _one(call, held, call.number("to", 0), "")
    pages = -(-held.version // PAGE)
    page = min(max(call.number("page", 1), 1), pages)
    found = (await call.tx.levels.versions(page * PAGE + 1))[(page - 1) * PAGE :]
    return versions_card([_edition(call, one) for one in found], page, pages, call.say)


async def _one(call: Call, held: LaidDown, number: int, told: str) -> Answer:
    versions = [_edition(call, one) for one in await _since(call, held, number)]
    place = held.version - number
    before = versions[place + 1] if place + 1 < len(versions) else None
    may_change = call.agent.may(Role.SUPERVISOR)
    return version_card(versions[place], before, versions[0], call.act.at, may_change, told, call.say)


async def _gone_back(call: Call, held: LaidDown) -> Answer:
    """Lay down an earlier version again; whoever did not see the newest one is shown what that would undo."""
    if not call.agent.may(Role.SUPERVISOR):
        raise Refusal("refused.role", needed=Role.SUPERVISOR.value)
    number = call.number("back", 0)
    told = (await changed_meanwhile(call, held, lambda levels: levels)).told
    wanted = readable((await _since(call, held, number))[held.version - number])
    if told or wanted is None or wanted == held.levels:
        return await _one(call, held, number, told)
    version = await keep(call, held, wanted)
    title = call.say("levels.gone_back", version=number)
    return changed_card(title, held.levels, wanted, touched(held.levels, wanted), version, call.act.at, call.say)


async def _since(call: Call, held: LaidDown, number: int) -> list[LevelsVersion]:
    """The versions from the one before that number on, the newest first. Raises Refusal when there is none."""
    if not 1 <= number <= held.version:
        raise Refusal("levels.no_version", given=number, newest=held.version)
    return await call.tx.levels.versions(held.version - number + 2)


def _edition(call: Call, one: LevelsVersion) -> Edition:
    person = one.by.name if one.by else call.say("levels.nobody")
    return Edition(one.version, person, one.at, one.why, readable(one))


COMMAND = Command(
    "sla_versions",
    sla_versions,
    (Option("to", Kind.NUMBER), Option("page", Kind.NUMBER, named=True)),
)
