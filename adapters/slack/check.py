"""Tries a Slack workspace step by step, for the doctor: tokens, rights, channels and people."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from adapters.slack.channels import Channels
from adapters.slack.config import SlackConfig
from adapters.slack.errors import TokenRefused
from adapters.slack.manifest import SCOPES
from adapters.slack.people import UNKNOWN, People
from adapters.slack.web import Identity, Web
from bot.chat.profile import Profile
from bot.ports import NotSent, Refused, SendError

LONGEST_WAIT = 60.0
"""Seconds that Slack may ask us to slow down; when it asks for more, the check ends there."""
ATTEMPTS = 5

BOT_TOKEN = "Set SLACK__BOT_TOKEN to the Bot User OAuth Token; in Slack's pages of the app: OAuth & Permissions."  # noqa: S105
APP_TOKEN = (
    "Set SLACK__APP_TOKEN to an App-Level Token with the scope connections:write;"  # noqa: S105
    " in Slack's pages of the app: Basic Information."
)
REINSTALL = "Put the manifest (python -m bot manifest slack) under App Manifest, then press Install App, Reinstall."
MEMBER_ID = "In Slack: the person's profile, then ⋮, then Copy member ID. Write it as slack:U0123ABCD."

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a part of Slack, in words, and how to mend it."""

    part: str
    found: str
    remedy: str


async def check(config: SlackConfig, channels: Sequence[str] = (), people: Sequence[str] = ()) -> list[Trouble]:
    """What is wrong; empty when all is well. Takes what stands in settings: channels by name or id, people by id.

    Asks who the tokens belong to and what they may do, and looks at each channel and person. Changes nothing.
    """
    web = Web(config)
    troubles: list[Trouble] = []
    await web.open()
    try:
        identity = await _patient(web.identify)
        troubles += [*await _app_token(web, config), *_rights(identity)]
        lacking = SCOPES.keys() - identity.scopes
        if not lacking & {"channels:read", "groups:read"}:
            directory = Channels(web)
            for channel in dict.fromkeys(channels):
                troubles += await _channel(web, directory, channel)
        if "users:read" not in lacking:
            for user in dict.fromkeys(people):
                troubles += await _person(web, user)
    except TokenRefused as error:
        troubles.append(Trouble("slack", str(error), BOT_TOKEN))
    except Refused as error:
        troubles.append(Trouble("slack", str(error), "Mend that, then ask the doctor again."))
    except SendError as error:
        troubles.append(Trouble("slack", str(error), "Check the network, or wait a moment; then ask the doctor again."))
    finally:
        await web.close()
    return troubles


async def _app_token(web: Web, config: SlackConfig) -> list[Trouble]:
    if not config.has_socket:
        return []
    try:
        await _patient(lambda: web.ask("apps.connections.open", app_token=config.app_token))
    except Refused as error:
        return [Trouble("slack", f"Slack does not take the app token{_code(error)}", APP_TOKEN)]
    return []


def _rights(identity: Identity) -> list[Trouble]:
    return [
        Trouble("slack", f"the app lacks the right {scope}: {purpose}", REINSTALL)
        for scope, purpose in SCOPES.items()
        if scope not in identity.scopes
    ]


async def _channel(web: Web, directory: Channels, channel: str) -> list[Trouble]:
    part = f"slack:{channel}"
    try:
        id = await _patient(lambda: directory.id_of(channel))
        told = (await _patient(lambda: web.ask("conversations.info", channel=id)))["channel"]
    except Refused as error:
        remedy = "Write another channel in QUEUE_CHANNELS; if it is a private one, type /invite @Madoguchi in it."
        return [Trouble(part, f"there is no such channel, or Madoguchi cannot see it{_code(error)}", remedy)]
    name = told.get("name") or channel
    if told.get("is_archived"):
        return [Trouble(part, f"#{name} is archived", "Unarchive it, or write another channel in QUEUE_CHANNELS.")]
    if not told.get("is_member"):
        return [Trouble(part, f"Madoguchi is not in #{name}", f"Type /invite @Madoguchi in #{name}.")]
    return []


async def _person(web: Web, user: str) -> list[Trouble]:
    part = f"slack:{user}"
    try:
        profile = await _patient(lambda: _profile(web, user))
    except Refused as error:
        if _code(error).strip(" ()") not in UNKNOWN:
            raise
        return [Trouble(part, "Slack knows nobody with this member ID", MEMBER_ID)]
    remedy = f"Take slack:{user} out of AGENTS and SUPERVISORS."
    if not profile.is_active:
        return [Trouble(part, f"{profile.name} is deactivated in Slack", remedy)]
    if not profile.is_member:
        found = f"{profile.name} is a guest, an app, or of another workspace, and cannot be of the team"
        return [Trouble(part, found, remedy)]
    return []


async def _profile(web: Web, user: str) -> Profile:
    told = await web.ask("users.info", user=user, include_locale=True)
    return People(web, lambda: datetime.now(UTC)).of_event(told["user"])


async def _patient(call: Callable[[], Awaitable[ResultT]]) -> ResultT:
    """What the call answers, after the rests that Slack asks for. Raises SendError."""
    for _ in range(ATTEMPTS - 1):
        try:
            return await call()
        except NotSent as error:
            if error.retry_after is None or error.retry_after > LONGEST_WAIT:
                raise
            await asyncio.sleep(error.retry_after)
    return await call()


def _code(error: Refused) -> str:
    """Slack's own name of a refusal, in brackets, where it gave one."""
    found = re.search(r"\(([a-z_]+)", str(error))
    return f" ({found[1]})" if found else ""
