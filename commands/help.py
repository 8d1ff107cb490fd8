"""Help: what can be asked, with examples that work."""

from bot.chat.card import Card, Item
from bot.chat.command import Command
from bot.chat.invocation import Answer
from bot.dispatch import Call


async def help_(call: Call) -> Answer:
    """Every command that the asker's role allows, with an example; strangers are told how to join."""
    agent = call.act.agent
    allowed = [one for one in call.commands if one.role is None or (agent and agent.may(one.role))]
    items = tuple(Item((call.say(f"example.{one.name}"),), (call.say(f"command.{one.name}"),)) for one in allowed)
    title = call.say("help.title")
    known = agent is not None and agent.role is not None
    intro = call.say("help.intro") if known else call.say("refused.stranger", handle=call.handle.user)
    return Card(title=title, lines=((intro,),), items=items, summary=title)


COMMAND = Command("help", help_, role=None, changes=False)
