"""The doctor: looks at settings, database, mailboxes and platforms, and says in words how to mend what is wrong."""

import errno
import socket
from dataclasses import dataclass
from pathlib import Path

from bot.app import system_clock
from bot.ports import Outcome, StoreDown
from bot.settings import Settings, place_of
from storage.database import Database
from storage.schema import bring_up_to_date

PARKED = 10


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
        *(_spool(queue, Path(folder)) for queue, folder in settings.spool_folders),
        _port(settings),
        *await _store(settings),
    ]


async def mails(settings: Settings, outcome: str | None, limit: int) -> list[str]:
    """The newest mails, a line each: number, time, what became of it, sender, subject."""
    database = Database(settings.database_url, system_clock)
    try:
        async with database.snapshot() as tx:
            listed = await tx.mails.listed(Outcome(outcome) if outcome else None, limit)
    finally:
        await database.close()
    return [
        f"{one.id}\t{one.received_at:%Y-%m-%d %H:%M}\t{one.outcome or 'unread'}\t"
        f"{f'#{one.number}' if one.number else '-'}\t{one.sender}\t{one.subject}"
        for one in listed
    ]


async def retry(settings: Settings) -> int:
    """Give every refused message another try; says how many."""
    database = Database(settings.database_url, system_clock)
    try:
        async with database.transaction() as tx:
            return await tx.outbox.retry_refused()
    finally:
        await database.close()


def _people(settings: Settings) -> list[Finding]:
    if settings.supervisors or not settings.agents:
        named = len(settings.agents) + len(settings.supervisors)
        return [Finding("team", f"{named} people named" if named else "the sample people of the workspace")]
    remedy = "Set SUPERVISORS, for example SUPERVISORS=workspace:emma; supervisors add everybody else by /agent."
    return [Finding("team", "nobody is a supervisor", remedy)]


def _places(settings: Settings) -> list[Finding]:
    findings = []
    shown = {name for name, _ in settings.queue_channels}
    for name in settings.queues:
        if name not in shown:
            remedy = f"Add {name}=workspace:CHANNEL to QUEUE_CHANNELS, or type /route {name} in a channel."
            findings.append(Finding(f"queue {name}", "QUEUE_CHANNELS shows its cards nowhere", remedy))
    for name, channel in settings.queue_channels:
        platform, place = place_of(channel)
        if platform != "workspace":
            remedy = "The platforms of this version: workspace."
            findings.append(Finding(f"queue {name}", f"there is no platform {platform!r}", remedy))
        elif not settings.has_workspace:
            findings.append(Finding(f"queue {name}", "the workspace is off", "Set WORKSPACE=on, or another channel."))
        elif place not in settings.workspace_channels:
            remedy = f"Add {place} to WORKSPACE_CHANNELS."
            findings.append(Finding(f"queue {name}", f"the workspace has no channel {place!r}", remedy))
        else:
            findings.append(Finding(f"queue {name}", f"its cards are shown in {channel}"))
    return findings


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


def _port(settings: Settings) -> Finding:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.http_host, settings.http_port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                found = f"port {settings.http_port} is in use: by Madoguchi itself, when it runs"
                return Finding("web", found)
            remedy = "Set HTTP_HOST to an address of this machine, and HTTP_PORT to a port above 1023."
            return Finding("web", f"{settings.http_host}:{settings.http_port} cannot be served ({error})", remedy)
    return Finding("web", f"port {settings.http_port} is free")


async def _store(settings: Settings) -> list[Finding]:
    try:
        await bring_up_to_date(settings.database_url)
        database = Database(settings.database_url, system_clock)
    except (StoreDown, ValueError) as error:
        remedy = "Check DATABASE_URL: sqlite:///FILE, or postgresql://USER:PASSWORD@HOST/NAME, and that it runs."
        return [Finding("database", f"it cannot be used: {error}", remedy)]
    try:
        async with database.snapshot() as tx:
            backlog, parked = await tx.outbox.backlog(), await tx.outbox.parked(PARKED)
            team = await tx.agents.all()
    finally:
        await database.close()
    findings = [
        Finding("database", f"it answers and is up to date; {len(team)} people in the team"),
        Finding("outbox", f"{backlog.pending} waiting, {backlog.ambiguous} unclear, {backlog.refused} refused"),
    ]
    remedy = "Mend the cause, then: python -m bot outbox retry"
    for one in parked:
        place = f"{one.place.platform}:{one.place.channel}"
        findings.append(Finding(f"#{one.number} in {place}", f"refused: {one.reason}", remedy))
    return findings
