"""The app manifest: all that Slack must know of Madoguchi, as its page "Create an app from a manifest" takes it.

Fields and limits are those of the manifest reference (docs.slack.dev/reference/app-manifest).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from adapters.slack.names import names
from bot.chat.text import shorten

SCOPES: Mapping[str, str] = MappingProxyType(
    {
        "app_mentions:read": "to hear @Madoguchi in channels and threads",
        "channels:history": (
            "to look whether a card in a public channel is there already, before it is sent again,"
            " and to hear replies under a board of calls"
        ),
        "channels:read": "to find public channels by name, and to see whether Madoguchi is in them",
        "chat:write": "to post cards, to keep them up to date, and to answer",
        "commands": "for the slash commands and the message shortcut",
        "groups:history": (
            "to look whether a card in a private channel is there already, before it is sent again,"
            " and to hear replies under a board of calls"
        ),
        "groups:read": "to find private channels by name, and to see whether Madoguchi is in them",
        "im:history": "to look whether a direct message is there already, before it is sent again",
        "im:write": "to open direct messages with people of the team",
        "users:read": "for people's names, languages and time zones, and to hear that somebody has left",
    }
)
"""What the bot may do, each with what it is for: no more than the methods and events that are used ask for."""
EVENTS = ("app_home_opened", "app_mention", "message.channels", "message.groups", "user_change")
SHORTCUT = "new"
"""The callback id of the message shortcut: the verb that it stands for."""
EVENTS_PATH = "/slack/events"
"""Where the web server takes everything that Slack sends over HTTP."""

MOST_COMMANDS = 50
LONGEST_ABOUT = 139
"""Characters of the app's description: the reference says 140, and Slack refuses as many."""
LONGEST_DESCRIPTION = 2000
LONGEST_USAGE = 1000
LONGEST_SHORTCUT = 24
LONGEST_SHORTCUT_DESCRIPTION = 150


@dataclass(frozen=True, slots=True)
class ManifestCommand:
    """A command as Slack's menu shows it; `usage` is an example of what may follow it, empty for nothing.

    One of two words (`template_edit`) is no entry of its own: Slack's menu names it after the first one's example.
    """

    verb: str
    description: str
    usage: str = ""


@dataclass(frozen=True, slots=True)
class ManifestWords:
    """What people read on the app itself: what it is, and the message shortcut with its description."""

    about: str = "One window for every customer inquiry, inside your team's own chat"
    shortcut: str = "Make an inquiry of this"
    shortcut_about: str = "Opens an inquiry with the text of this message"


def manifest(
    commands: Sequence[ManifestCommand], prefix: str = "", request_url: str = "", words: ManifestWords | None = None
) -> dict[str, object]:
    """The manifest, ready for JSON. With `request_url` Slack sends everything there; without, Socket Mode is on.

    Texts that are too long for Slack are cut. Raises ValueError when Slack could not take the commands.
    """
    words = words or ManifestWords()
    commands = _with_second_words(commands)
    if len(commands) > MOST_COMMANDS:
        raise ValueError(f"Slack takes {MOST_COMMANDS} commands of an app, and these are {len(commands)}.")
    told_to = {"request_url": request_url} if request_url else {}
    return {
        "display_information": {
            "name": "Madoguchi",
            "description": shorten(words.about, LONGEST_ABOUT),
            "background_color": "#24476b",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,  # what people wrote there would be read by nobody
            },
            "bot_user": {"display_name": "Madoguchi", "always_online": True},
            "shortcuts": [_shortcut(words)],
            "slash_commands": _slash_commands(commands, prefix, request_url),
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**told_to, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **told_to},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not request_url,
            "token_rotation_enabled": False,
        },
    }


def _shortcut(words: ManifestWords) -> dict[str, object]:
    return {
        "name": shorten(words.shortcut, LONGEST_SHORTCUT),
        "type": "message",
        "callback_id": SHORTCUT,
        "description": shorten(words.shortcut_about, LONGEST_SHORTCUT_DESCRIPTION),
    }


def _with_second_words(commands: Sequence[ManifestCommand]) -> list[ManifestCommand]:
    """The commands of one word; the second words of the others stand in the examples of these."""
    second: dict[str, list[str]] = {}
    for one in commands:
        first, _, word = one.verb.partition("_")
        second.setdefault(first, []).extend(filter(None, [word]))
    return [
        replace(one, usage=" | ".join(filter(None, (one.usage, *second[one.verb]))))
        for one in commands
        if "_" not in one.verb
    ]


def _slash_commands(commands: Sequence[ManifestCommand], prefix: str, request_url: str) -> list[dict[str, object]]:
    named = names((one.verb for one in commands), prefix)
    return [
        {
            "command": f"/{named[one.verb]}",
            **({"url": request_url} if request_url else {}),
            "description": shorten(one.description, LONGEST_DESCRIPTION),
            **({"usage_hint": shorten(one.usage, LONGEST_USAGE)} if one.usage else {}),
            "should_escape": True,  # so that @hana arrives as her user id
        }
        for one in commands
    ]
