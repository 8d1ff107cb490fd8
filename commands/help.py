"""Help: what can be asked, with examples that work."""

from bot.call import Call
from bot.chat.card import Card, Item
from bot.chat.command import Command
from bot.chat.invocation import Answer


async def help_(call: Call) -> Answer:
    """Every command that the asker's role allows, with an example; strangers are told how to join."""
    agent = call.act.agent
    asker = call.invocation.profiles.get(call.handle.user)
    is_guest = asker is not None and not asker.may_join
    allowed = [one for one in call.commands if one.role is None or (agent and agent.may(one.role))]
    offered = [one for one in allowed if one.name == COMMAND.name or not is_guest]
    items = tuple(Item((call.say(f"example.{one.name}"),), (call.say(f"command.{one.name}"),)) for one in offered)
    title = call.say("help.title")
    here = f"help.intro.{call.invocation.platform}"
    intro = call.say(here if call.say.knows(here) else "help.intro")
    if is_guest:
        intro = call.say("refused.guest")
    elif agent is None or agent.role is None:
        intro = call.say("refused.stranger", handle=asker.named if asker else call.handle.user)
    return Card(title=title, lines=((intro,),), items=items, summary=title)


COMMAND = Command("help", help_, role=None, changes=False)
