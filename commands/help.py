"""Help: what can be asked, with examples that work."""

from bot.chat.card import Card, Item
from bot.chat.command import Command
from bot.chat.invocation import Answer
from bot.dispatch import Call


async def help_(call: Call) -> Answer:
    """Every command that the asker's role allows, with an example."""
    agent = call.act.agent
    allowed = [one for one in call.commands if one.role is None or (agent and agent.may(one.role))]
    items = tuple(Item((call.say(f"example.{one.name}"),), (call.say(f"command.{one.name}"),)) for one in allowed)
    title = call.say("help.title")
    return Card(title=title, lines=((call.say("help.intro"),),), items=items, summary=title)


COMMAND = Command("help", help_, role=None, changes=False)
