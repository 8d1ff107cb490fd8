"""Team: who is of the team, in which role."""

from bot.call import Call
from bot.chat.card import Card, Item
from bot.chat.command import Command
from bot.chat.invocation import Answer


async def team(call: Call) -> Answer:
    """Everybody who has a role, with their handles."""
    people = await call.tx.agents.all()
    items = []
    for person in people:
        handles = await call.tx.agents.handles(person.id)
        known = ", ".join(f"{one.platform}:{one.user}" for one in handles)
        items.append(Item((person.name,), (f"{call.say(f'choice.{person.role}')} · {known}",)))
    title = call.say("team.title", count=len(people))
    return Card(title=title, items=tuple(items), summary=title)


COMMAND = Command("team", team, changes=False)
