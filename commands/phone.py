"""Phone: the call that one is on, with all that may help; a supervisor may look at anybody's."""

from bot.call import Call
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.phone_calls import idle_card, meant_call, whole_card


async def phone(call: Call) -> Answer:
    """The call as it stands now, else the asker's last one, of which they may say still what came of it."""
    one = await meant_call(call, locked=False)
    return await whole_card(call, one) if one else idle_card(call)


COMMAND = Command("phone", phone, (Option("call", Kind.NUMBER, named=True),), changes=False)
