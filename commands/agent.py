"""Agent: make somebody of this platform an agent or a supervisor, or no longer one."""

from bot.cards.word import word
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.dispatch import Call, plain_handle
from bot.domain.agent import Agent, Role
from bot.domain.errors import Refusal
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
    name = given.strip("<>@!").rpartition("|")[2] or handle.user
    person = await call.tx.agents.enrol(handle, name, Role(role), call.agent.language, call.agent.time_zone)
    return word(call.say("agent.done", person=person.name, role=call.say(f"choice.{role}")))


async def _removed(call: Call) -> Answer:
    """Take the role from somebody who is there: a name that fits nobody must not look like a success."""
    person = await call.person("who")
    if person.id == call.agent.id:
        raise Refusal("agent.self")
    handle, *_ = await call.tx.agents.handles(person.id)
    await call.tx.agents.enrol(handle, person.name, None, person.language, person.time_zone)
    return word(call.say("agent.removed", person=person.name, count=await _released(call, person)))


async def _released(call: Call, person: Agent) -> int:
    """Whoever leaves the team holds nothing: what they had goes back to it."""
    held = await call.tx.inquiries.held_by(person.id)
    for inquiry in held:
        await call.tx.inquiries.save(inquiry.release(call.act))
    return len(held)


COMMAND = Command(
    "agent",
    agent,
    (
        Option("who", Kind.WORD, required=True),
        Option("role", Kind.CHOICE, asked=True, choices=(*Role, NOBODY)),
    ),
    role=Role.SUPERVISOR,
)
