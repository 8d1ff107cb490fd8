"""What went wrong with a call to Discord, in the core's words: not sent, unclear, refused, closed, or gone."""

import math
from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

import aiohttp
import discord

from bot.chat.text import shorten
from bot.ports import Closed, MessageGone, NotSent, Refused, SendError, Unclear

TOO_MANY = 429
UNSAID_REST = 10.0
"""Seconds to rest when Discord says "too many" and not for how long."""
LONGEST_DETAIL = 300

ACCESS, PERMISSION = 50001, 50013
UNKNOWN_CHANNEL, ARCHIVED, HAS_THREAD = 10003, 50083, 160004
CLOSED = frozenset([50007, 50278])
"""Somebody takes no direct messages of ours, or shares no server with us any more."""
GONE = frozenset([10008, 50005, 50021])
"""The message is not there any more, or can never be changed by us: another bot's, or one of Discord's own."""
LATER = frozenset([20016, 20022, 20028, 20029, 30046, 40004, 40006, 130000])
"""Refused before anything was done, for being too much at once, or while Discord has something switched off."""

REMEDIES: Mapping[int, str] = MappingProxyType(
    {
        10003: "There is no {where}. If it was deleted, show the queue elsewhere by /route.",
        10004: "The bot is in no such server. Check the server's id, and open the invite link.",
        10007: "That person is not in the server.",
        10013: "Discord knows nobody of that id. Check it.",
        30033: "The thread has as many members as it may.",
        40333: "Discord's network does not let this server's requests through. Check its address and proxy.",
        50006: "This is an error of ours: the card is empty.",
        50008: "Cards cannot go to {where}: take a text channel; a forum, a category and the like hold no messages.",
        50024: "That cannot be done in {where}: take a text channel.",
        50033: "Discord knows nobody of that id who can be written to. Check it.",
        50035: "This is an error of ours: Discord does not take the card as it was drawn.",
        160005: "The thread is locked. Unlock it in Discord.",
        160006: "The server has as many open threads as it may. Close some.",
        200000: "AutoMod blocks the message. Exempt the bot's role in the server's settings, AutoMod.",
        200001: "AutoMod blocks the title. Exempt the bot's role in the server's settings, AutoMod.",
    }
)
"""What an operator does about a refusal, by code (discord.com/developers/docs/topics/opcodes-and-status-codes)."""


class Act(Enum):
    """What we ask Discord to do; its value is the permission without which it does not."""

    POST = "Send Messages"
    START = "Create Public Threads"
    ANSWER = "Send Messages in Threads"
    FIND = "Read Message History"
    MARK = "Add Reactions"
    LOOK = "View Channel"


class DiscordRefused(Refused):
    """Refused by Discord; `code` is its number for the reason."""

    def __init__(self, sentence: str, code: int) -> None:
        super().__init__(sentence)
        self.code = code


class TokenRefused(DiscordRefused):
    """Discord takes our token no more: nothing works until an operator sets another."""


class Told(Exception):
    """Discord answered "too many", or had an error of its own; raised before the library would wait and ask again."""

    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(f"Discord answered {status}.")
        self.status = status
        self.headers = headers

    @property
    def is_global(self) -> bool:
        """Whether nothing at all may be asked for a while; the network before Discord, which sends no Via, means it."""
        scope = self.headers.get("X-RateLimit-Scope", "")
        return scope == "global" or "X-RateLimit-Global" in self.headers or "Via" not in self.headers

    @property
    def is_invalid(self) -> bool:
        """Whether it counts as an invalid request of ours (topics/rate-limits: those of a shared limit do not)."""
        return self.status == TOO_MANY and self.headers.get("X-RateLimit-Scope") != "shared"


def of_exception(error: Exception) -> SendError:
    """What an error of the connection means. Its own text is left out where it may hold a request's headers."""
    match error:
        case Told(status=429):
            return NotSent("Discord asks to slow down.", retry_after(error.headers))
        case Told():
            return Unclear(f"Discord answered {error.status}.")
        case discord.RateLimited():
            return NotSent("Discord's limit is reached.", error.retry_after)
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError() | aiohttp.ClientHttpProxyError():
            return NotSent(f"Discord cannot be reached ({_reason(error)}).")
        case TimeoutError():
            return Unclear("Discord did not answer in time.")
        case _:
            return Unclear(f"The connection to Discord broke, or its answer made no sense ({type(error).__name__}).")


def of_answer(error: discord.HTTPException, act: Act, where: str) -> SendError:
    """What an answer other than 2xx means; `where` names the channel in a sentence."""
    code = error.code or 0
    if error.status == 401:
        return token_refused()
    if error.status == TOO_MANY or code in LATER:
        return NotSent(f"Discord asks to slow down ({code}).", UNSAID_REST)
    if error.status >= 500:
        return Unclear(f"Discord answered {error.status}.")
    if error.status == 403 and not code:
        return NotSent("Something before Discord refuses our requests (403).", UNSAID_REST)
    if not code:
        return Unclear(f"Discord answered {error.status}, and not why.")
    if code in CLOSED:
        return Closed(f"That person takes no direct messages from the bot ({code}).")
    if code in GONE:
        return MessageGone(f"The message is gone, or cannot be changed ({code}).")
    return DiscordRefused(_sentence(error, code, act, where), code)


def token_refused() -> TokenRefused:
    """Nothing works with this token."""
    return TokenRefused("Discord refuses the bot's token (401). Reset it in the Developer Portal, and set the new.", 0)


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds that Discord asks us to wait."""
    try:
        seconds = float(headers.get("Retry-After", UNSAID_REST))
    except ValueError:
        return UNSAID_REST
    return max(seconds, 0.0) if math.isfinite(seconds) else UNSAID_REST


def _sentence(error: discord.HTTPException, code: int, act: Act, where: str) -> str:
    title, _, detail = (error.text or "").partition("\n")
    if code == ACCESS:
        seen = Act.LOOK.value if act in (Act.LOOK, Act.START) else f"{Act.LOOK.value} and {act.value}"
        remedy = f"Let the bot's role have {seen} in {where}, or invite the bot by its link."
    elif code == PERMISSION:
        remedy = f"Let the bot's role have the permission {act.value} in {where}."
    else:
        remedy = REMEDIES.get(code, "See discord.com/developers/docs for what it means.").format(where=where)
    about = shorten(f": {detail}", LONGEST_DETAIL).replace("\n", "; ") if detail and code == 50035 else ""
    return f"Discord refused it ({code} {shorten(title, LONGEST_DETAIL).rstrip('.')}{about}). {remedy}"


def _reason(error: Exception) -> str:
    """Why no connection came about: the system's own words, which hold no header."""
    cause = getattr(error, "os_error", None)
    return getattr(cause, "strerror", None) or type(error).__name__
