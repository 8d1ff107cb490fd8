"""Agent: make somebody of this platform an agent or a supervisor, or no longer one."""

from bot.call import Call, plain_handle
from bot.cards.word import word
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.agent import Role
from bot.domain.errors import Refusal
from bot.members import dismiss
from bot.ports import Handle

NOBODY = "none"


async def agent(call: Call) -> Answer:
    """Give a person a role. Nobody takes their own away, so that a supervisor is always left."""
    given, role = call.text("who"), call.text("role").casefold() or Role.AGENT.value
    if role not in (*Role, NOBODY):
        raise Refusal("agent.role", given=role)
    if role == NOBODY:
        return await _removed(call)
    handle = Handle(call.handle.platform, plain_handle(given))
    if handle == call.handle:
        raise Refusal("agent.self")
    profile = call.profile(handle.user)
    name = profile.name if profile else given.strip("<>@!").rpartition("|")[2] or handle.user
    language = (profile.language if profile else "") or call.agent.language
    time_zone = (profile.time_zone if profile else "") or call.agent.time_zone
    person = await call.tx.agents.enrol(handle, name, Role(role), language, time_zone)
    if profile:  # whoever comes back may be called otherwise now
        await call.tx.agents.describe(person.id, name, profile.language, profile.time_zone)
    known_as = name if profile else person.name
    return word(call.say("agent.done", person=known_as, role=call.say(f"choice.{role}")))


async def _removed(call: Call) -> Answer:
    """Take the role from somebody who is there: a name that fits nobody must not look like a success."""
    person = await call.person("who")
    if person.id == call.agent.id:
        raise Refusal("agent.self")
    handle, *_ = await call.tx.agents.handles(person.id)
    count = await dismiss(call.tx, person, handle, call.act)
    return word(call.say("agent.removed", person=person.name, count=count))


COMMAND = Command(
    "agent",
    agent,
    (
        Option("who", Kind.MEMBER, required=True),
        Option("role", Kind.CHOICE, asked=True, choices=(*Role, NOBODY)),
    ),
    role=Role.SUPERVISOR,
)
