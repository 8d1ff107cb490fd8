"""Board: who of the team is on the phone; for whoever asks, or kept up in a channel."""

from bot.boards import board as drawn
from bot.call import Call
from bot.cards.word import word
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.agent import Role
from bot.domain.errors import Refusal

HERE, OFF = "here", "off"


async def board(call: Call) -> Answer:
    """Show the calls that go on to the asker, or begin or cease to show them in this channel."""
    match call.text("where"):
        case "":
            return await drawn(call.tx, call.number("page", 1), call.region, call.say)
        case where if where == HERE:
            done = await call.tx.phone.show_board(call.place)
            return word(call.say("board.here" if done else "board.here_already"))
        case where if where == OFF:
            done = await call.tx.phone.hide_board(call.place)
            return word(call.say("board.off" if done else "board.off_already"))
        case other:
            raise Refusal("board.where", given=other)


COMMAND = Command(
    "board",
    board,
    (Option("where", Kind.CHOICE, choices=(HERE, OFF)), Option("page", Kind.NUMBER, named=True)),
    role=Role.SUPERVISOR,
)
