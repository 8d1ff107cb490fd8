"""Language: in which language Madoguchi answers you."""

from bot.call import Call
from bot.cards.word import word
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.errors import Refusal

LANGUAGES = ("en", "ja")
NAMES = {"english": "en", "英語": "en", "japanese": "ja", "日本語": "ja"}


async def language(call: Call) -> Answer:
    """Remember the asker's language, and answer in it at once."""
    given = call.text("language").casefold()
    chosen = NAMES.get(given, given)
    if chosen not in LANGUAGES:
        raise Refusal("language.unknown", given=call.text("language"))
    await call.tx.agents.speak(call.agent.id, chosen)
    return word(call.say.into(chosen)("language.done"))


COMMAND = Command("language", language, (Option("language", Kind.CHOICE, required=True, choices=LANGUAGES),))
