"""What Discord must know of Madoguchi: the link that invites it, and what to switch on and off for the application.

Permissions are called as discord.py calls them. Link: discord.com/developers/docs/topics/oauth2#bot-authorization-flow.
"""

from collections.abc import Mapping
from types import MappingProxyType

import discord

PERMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        "view_channel": "to see the channels that show its cards",
        "send_messages": "to post cards, and to keep them up to date",
        "read_message_history": "to look whether a card is there already, before it is sent again",
        "add_reactions": "to mark what is written under a board of calls as passed on",
        "create_public_threads": "to start a thread under each card, and to close it with the inquiry",
        "send_messages_in_threads": "to write in those threads, and to open them again",
    }
)
"""What the bot may do, each with what it is for: no more than what the adapter does asks for."""
SCOPES = ("bot", "applications.commands")
INTENTS = ("guilds", "guild_messages")
"""What the gateway tells beside commands and presses, which need none. None is privileged: nothing to switch on.

Of messages it tells no words, but for those that call us.
"""


def permissions() -> discord.Permissions:
    """All that the bot may do, as Discord counts it."""
    return discord.Permissions(**dict.fromkeys(PERMISSIONS, True))


def intents() -> discord.Intents:
    """All that the gateway is to tell."""
    return discord.Intents(**dict.fromkeys(INTENTS, True))


def label(permission: str) -> str:
    """A permission as people read it: `send_messages` is "Send Messages"."""
    return permission.replace("_", " ").title().replace(" In ", " in ")


def invite_url(application_id: str, guild: str = "") -> str:
    """Where whoever manages a server lets Madoguchi in; `guild` is the server to offer first."""
    return discord.utils.oauth_url(
        application_id,
        permissions=permissions(),
        scopes=SCOPES,
        guild=discord.Object(int(guild)) if guild else discord.utils.MISSING,
    )


def portal_url(application_id: str) -> str:
    """The application in the Developer Portal."""
    return f"https://discord.com/developers/applications/{application_id}"


def invitation(application_id: str, guild: str = "") -> str:
    """What an operator is told before the first start: the link, alone on the first line, and what it asks for."""
    asked = [f"  {label(name):25} {purpose}" for name, purpose in PERMISSIONS.items()]
    return "\n".join(
        [
            invite_url(application_id, guild),
            "",
            "Open it, choose your server, and press Authorize. It asks for these permissions and no others:",
            *asked,
            "",
            "Nothing needs to be switched on. In the Developer Portal these stay as they are in a new application:",
            f"{portal_url(application_id)}/bot",
            "  Privileged Gateway Intents   off, all three: none is needed",
            "  Requires OAuth2 Code Grant   off: the link would not work",
            f"{portal_url(application_id)}/information",
            "  Interactions Endpoint URL    empty: commands and presses would go there, not to Madoguchi",
        ]
    )
