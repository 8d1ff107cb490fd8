"""The doctor: looks at settings, database, mailboxes and platforms, and says in words how to mend what is wrong."""

import asyncio
import errno
import json
import socket
from collections import Counter
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from adapters.workspace.guard import refuse_beyond_loopback
from adapters.workspace.people import SAMPLE_PEOPLE
from bot.app import system_clock
from bot.level_checkup import look_over
from bot.mailbox_settings import MailboxSettings
from bot.mailrooms import mailbox_config
from bot.platforms import discord_config, slack_config
from bot.ports import StoreDown
from bot.settings import Settings, place_of
from storage.database import Database
from storage.schema import bring_up_to_date

NAMES = {"workspace": "the workspace", "slack": "Slack", "discord": "Discord"}
PLATFORMS = f"The platforms of this version: {', '.join(NAMES)}."
SWITCHES = {
    "workspace": "Set WORKSPACE=on, or another channel.",
    "slack": "Set SLACK__BOT_TOKEN, and SLACK__APP_TOKEN or SLACK__SIGNING_SECRET; docs/slack.md shows how.",
    "discord": "Set DISCORD__TOKEN; docs/discord.md shows how.",
}
SUPERVISORS = {
    "workspace": "workspace:emma",
    "slack": "slack:U0123ABCD (your member ID in Slack)",
    "discord": "discord:120000000000000002 (your user ID in Discord)",
}
PARKED = 10
PATIENCE = 3.0
"""Seconds that whoever has our port may take to say who it is."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What the doctor found about one part; `remedy` is empty when all is well."""

    part: str
    found: str
    remedy: str = ""

    @property
    def well(self) -> bool:
        return not self.remedy

    def __str__(self) -> str:
        mark = "✓" if self.well else "✗"
        return f"{mark} {self.part}: {self.found}" + (f"\n  {self.remedy}" if self.remedy else "")


async def examine(settings: Settings) -> list[Finding]:
    """All findings, the good ones too."""
    return [
        Finding("settings", "every setting can be read"),
        *_people(settings),
        *_places(settings),
        *await _slack(settings),
        *await _discord(settings),
        *_spools(settings),
        *[await _mailbox(name, mailbox) for name, mailbox in settings.mailboxes.items()],
        *await asyncio.to_thread(_web, settings),
        *await _store(settings),
    ]


def _people(settings: Settings) -> list[Finding]:
    named, are_on = dict.fromkeys((*settings.agents, *settings.supervisors)), _switched_on(settings)
    if not named and (settings.has_workspace or not any(are_on.values())):
        return [Finding("team", "the sample people of the workspace")]
    findings = [finding for person in named if (finding := _stranger(settings, person))]
    if not settings.supervisors and not settings.discord.supervisor_roles:
        example = next((SUPERVISORS[platform] for platform, is_on in are_on.items() if is_on), SUPERVISORS["workspace"])
        remedy = f"Set SUPERVISORS, for example SUPERVISORS={example}; supervisors add everybody else by /agent."
        findings.append(Finding("team", "nobody is a supervisor", remedy))
    by_role = ", and whoever has a role of Discord that DISCORD__ names" if settings.discord.supervisor_roles else ""
    return findings or [Finding("team", f"{len(named)} named{by_role}")]


def _stranger(settings: Settings, person: str) -> Finding | None:
    platform, handle = place_of(person)
    samples = [one.handle for one in SAMPLE_PEOPLE]
    match platform:
        case "slack" | "discord" if not _switched_on(settings)[platform] and not _has_company(settings):
            return Finding("team", f"{person}: {NAMES[platform]} is off", SWITCHES[platform])
        case "slack" | "discord":
            return None
        case "workspace" if handle in samples:
            return None
        case "workspace":
            remedy = f"The people of the workspace: {', '.join(samples)}."
            return Finding("team", f"{person}: the workspace knows nobody called {handle!r}", remedy)
    return Finding("team", f"{person}: there is no platform {platform!r}", PLATFORMS)


def _places(settings: Settings) -> list[Finding]:
    shown = {name for name, _ in settings.queue_channels}
    findings = []
    for name in settings.queues:
        if name not in shown:
            remedy = f"Add {name}=PLATFORM:CHANNEL to QUEUE_CHANNELS, or type /route {name} in a channel."
            findings.append(Finding(f"queue {name}", "QUEUE_CHANNELS shows its cards nowhere", remedy))
    shown_at = [(f"queue {name}", channel) for name, channel in settings.queue_channels]
    shown_at += [("board", channel) for channel in settings.calls.boards]
    return findings + [_place(settings, what, channel) for what, channel in shown_at]


def _place(settings: Settings, what: str, channel: str) -> Finding:
    platform, place = place_of(channel)
    are_on = _switched_on(settings)
    if platform not in are_on:
        return Finding(what, f"there is no platform {platform!r}", PLATFORMS)
    if not are_on[platform] and _has_company(settings):
        return Finding(what, f"its cards are left to the process that serves {NAMES[platform]}")
    if not are_on[platform]:
        return Finding(what, f"{NAMES[platform]} is off", SWITCHES[platform])
    if platform == "workspace" and place not in settings.workspace_channels:
        remedy = f"Add {place} to WORKSPACE_CHANNELS."
        return Finding(what, f"the workspace has no channel {place!r}", remedy)
    return Finding(what, f"its cards are shown in {channel}")


def _switched_on(settings: Settings) -> dict[str, bool]:
    """Every platform, and whether it is on here."""
    return {"workspace": settings.has_workspace, "slack": settings.slack.is_on, "discord": settings.discord.is_on}


def _has_company(settings: Settings) -> bool:
    """Whether other processes may share the work, and serve what is off here."""
    return settings.database_url.startswith("postgresql:")


async def _slack(settings: Settings) -> list[Finding]:
    slack = settings.slack
    if not slack.is_on:
        half = slack.app_token or slack.signing_secret
        return [Finding("slack", "it is off: the bot token is missing", SWITCHES["slack"])] if half else []
    from adapters.slack.check import check  # only where Slack is on: it costs a part of the start

    found = []
    if not slack.app_token and not settings.public_url.startswith("https://"):
        remedy = "Set PUBLIC_URL to it, or SLACK__APP_TOKEN for Socket Mode, which needs no address."
        found.append(Finding("slack", "over HTTP Slack needs an https address of ours", remedy))
    try:
        troubles = await check(slack_config(settings), *_named_on("slack", settings))
    except ValueError as error:
        return [Finding("slack", str(error), "Check the settings that begin with SLACK__; .env.example explains them.")]
    found += [Finding(one.part, one.found, one.remedy) for one in troubles]
    way = "Socket Mode" if slack.app_token else "HTTP"
    return found or [Finding("slack", f"it answers, and the app has every right; events come by {way}")]


async def _discord(settings: Settings) -> list[Finding]:
    if not settings.discord.is_on:
        return []
    from adapters.discord.check import check  # only where Discord is on: it costs a part of the start

    try:
        troubles = await check(discord_config(settings), *_named_on("discord", settings))
    except ValueError as error:
        return [Finding("discord", str(error), "Check the settings that begin with DISCORD__ against .env.example.")]
    found = [Finding(one.part, one.found, one.remedy) for one in troubles]
    return found or [Finding("discord", "it answers, and the bot has every permission; no privileged intent is needed")]


def _named_on(platform: str, settings: Settings) -> list[list[str]]:
    """The channels of queues on a platform, and its people, as the settings name them."""
    channels, people = [one for _, one in settings.queue_channels], (*settings.agents, *settings.supervisors)
    return [[rest for place, rest in map(place_of, written) if place == platform] for written in (channels, people)]


def _spools(settings: Settings) -> list[Finding]:
    if not settings.spool_folders and not settings.mailboxes:
        remedy = "Set SPOOL_FOLDERS, for example SPOOL_FOLDERS=support=var/spool, or a mailbox by MAILBOXES__..."
        return [Finding("mail", "no mail can come in", remedy)]
    users = Counter(Path(folder).resolve() for _, folder in settings.spool_folders)
    remedy = "Give each queue a spool folder of its own in SPOOL_FOLDERS."
    shared = [
        Finding("mail", f"several queues take their mail from {folder}", remedy)
        for folder, count in users.items()
        if count > 1
    ]
    return [*shared, *(_spool(queue, Path(folder)) for queue, folder in settings.spool_folders)]


async def _mailbox(name: str, mailbox: MailboxSettings) -> Finding:
    from adapters.mail.imap.check import check  # only where there is a mailbox: it costs a part of the start

    part = f"mailbox {name}"
    try:
        troubles = await check(mailbox_config(name, mailbox))
    except ValueError as error:
        troubles = [str(error)]
    if troubles:
        remedy = f"Check the settings that begin with MAILBOXES__{name.upper()}__; .env.example explains them."
        return Finding(part, " ".join(troubles), remedy)
    return Finding(part, f"{mailbox.user} on {mailbox.host} answers, and {mailbox.folder} can be taken in")


def _spool(queue: str, folder: Path) -> Finding:
    part = f"spool of {queue}"
    probe = folder / "tmp" / ".doctor"
    try:
        probe.parent.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        remedy = f"Let the user that runs Madoguchi write there, or set SPOOL_FOLDERS to another folder ({error})."
        return Finding(part, f"{folder} cannot be written", remedy)
    return Finding(part, f"{folder} takes mail")


def _web(settings: Settings) -> list[Finding]:
    host, port = settings.http_host, settings.http_port
    try:
        if settings.has_workspace:
            refuse_beyond_loopback(host)
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except ValueError as error:
        return [Finding("web", str(error), "Set HTTP_HOST=127.0.0.1; or WORKSPACE=off, to serve no page.")]
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return [_neighbour(host, port)]
        remedy = "Set HTTP_HOST to an address of this machine, and HTTP_PORT to a port above 1023."
        return [Finding("web", f"{host}:{port} cannot be served ({error})", remedy)]
    return [Finding("web", f"port {port} is free" if port else "a port that is free is taken at start")]


def _neighbour(host: str, port: int) -> Finding:
    """Who has our port: Madoguchi itself, or another program."""
    connection = HTTPConnection(host, port, timeout=PATIENCE)
    try:
        connection.request("GET", "/healthz")
        told = json.loads(connection.getresponse().read())
        parts = told["parts"].items()
    except (OSError, HTTPException, ValueError, KeyError, TypeError, AttributeError):
        remedy = f"Stop that program, or set HTTP_PORT to another port, for example HTTP_PORT={port - 1}."
        return Finding("web", f"another program uses port {port}", remedy)
    finally:
        connection.close()
    troubles = [f"{name}: {part['trouble']}" for name, part in parts if part["trouble"]]
    found = f"Madoguchi runs, on port {port}" + (" and is in trouble" if troubles else "")
    return Finding("web", found, "\n  ".join(troubles))


async def _store(settings: Settings) -> list[Finding]:
    remedy = "Check DATABASE_URL: sqlite:///FILE, or postgresql://USER:PASSWORD@HOST/NAME, and that it runs."
    try:
        await bring_up_to_date(settings.database_url)
        database = Database(settings.database_url, system_clock)
        try:
            async with database.snapshot() as tx:
                backlog, parked = await tx.outbox.backlog(), await tx.outbox.parked(PARKED)
                team, levels = await tx.agents.all(), await look_over(tx)
                telephones = sum([len(await tx.phone.extensions(one.id)) for one in team])
        finally:
            await database.close()
    except (StoreDown, ValueError, RuntimeError, OSError) as error:
        return [Finding("database", f"it cannot be used: {error}", remedy)]
    findings = [
        Finding("database", f"it answers and is up to date; {len(team)} people in the team"),
        Finding("outbox", f"{backlog.pending} waiting, {backlog.ambiguous} unclear, {backlog.refused} refused"),
    ]
    findings += _telephony(settings, telephones)
    findings += [Finding("service levels", one.found, one.remedy) for one in levels]
    remedy = "Mend the cause, then: python -m bot outbox retry"
    for one in parked:
        place = f"{one.place.platform}:{one.place.channel}"
        about = f"#{one.number}" if one.number else "a message"
        findings.append(Finding(f"{about} in {place}", f"refused: {one.reason}", remedy))
    return findings


def _telephony(settings: Settings, telephones: int) -> list[Finding]:
    telephony = settings.telephony
    if not telephony.is_on:
        return []
    switches = ((telephony.secret, "the webhook"), (telephony.twilio_auth_token, "Twilio"))
    ways = " and ".join(name for secret, name in switches if secret)
    known = f"telephones known: {telephones}" if telephones else "no telephone is known yet: /phone line adds yours"
    return [Finding("telephony", f"calls are told by {ways}; {known}")]
