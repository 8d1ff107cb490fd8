"""Help: what can be asked, with examples that work."""

from collections.abc import Sequence

from bot.call import Call
from bot.chat.card import Card, Item
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.text import one_line, shorten
from bot.domain.errors import Refusal

GIVEN_LENGTH = 40


async def help_(call: Call) -> Answer:
    """Every command that the asker's role allows, with an example; strangers are told how to join.

    What belongs to another command (`/template edit`) stands behind that one; `/help template` lists it.
    """
    agent = call.act.agent
    asker = call.invocation.profiles.get(call.handle.user)
    is_guest = asker is not None and not asker.may_join
    allowed = [one for one in call.commands if one.role is None or (agent and agent.may(one.role))]
    offered = [one for one in allowed if one.name == COMMAND.name or not is_guest]
    if about := call.text("command"):
        return _family(call, about, offered)
    items = tuple(_item(call, one, offered) for one in offered if _stands_alone(one))
    title = call.say("help.title")
    here = f"help.intro.{call.invocation.platform}"
    intro = call.say(here if call.say.knows(here) else "help.intro")
    if is_guest:
        intro = call.say("refused.guest")
    elif agent is None or agent.role is None:
        intro = call.say("refused.stranger", handle=asker.named if asker else call.handle.user)
    return Card(title=title, lines=((intro,),), items=items, summary=title)


def _family(call: Call, about: str, offered: Sequence[Command[Call]]) -> Answer:
    """One command, with those that belong to it."""
    name = about.casefold().lstrip("/／").replace("-", "_")
    found = [one for one in offered if name in (one.name, one.name.partition("_")[0])]
    if not found:
        raise Refusal("refused.no_command", given=shorten(one_line(about), GIVEN_LENGTH))
    title = call.say("help.title")
    items = tuple(Item((call.say(f"example.{one.name}"),), (call.say(f"command.{one.name}"),)) for one in found)
    return Card(title=title, items=items, summary=title)


def _stands_alone(command: Command[Call]) -> bool:
    """Whether a command is a row of its own. `/help me` is: nobody looks for it behind the word on how to ask."""
    return command.name.partition("_")[0] in (command.name, COMMAND.name)


def _item(call: Call, command: Command[Call], offered: Sequence[Command[Call]]) -> Item:
    family = [one for one in offered if one.name.startswith(f"{command.name}_") and not _stands_alone(one)]
    more = [one.name.partition("_")[2] for one in family]
    told = call.say(f"command.{command.name}")
    if more:
        told = call.say("help.more", what=told, names=", ".join(more), command=command.name)
    return Item((call.say(f"example.{command.name}"),), (told,))


COMMAND = Command("help", help_, (Option("command", Kind.WORD),), role=None, changes=False)
