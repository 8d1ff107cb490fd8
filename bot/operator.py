"""What the operator asks by the command line, on a desk that runs or one that is closed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.app import system_clock
from bot.chat.text import shorten
from bot.domain.agent import Agent
from bot.domain.errors import Conflict, Refusal
from bot.domain.template import WHY_LENGTH, Template
from bot.ports import Outcome, Put, Transaction
from bot.settings import Settings
from bot.template_files import Judge, Reading, read_files, write_files, written
from bot.translator import Translator
from storage.database import Database
from storage.schema import bring_up_to_date

ATTEMPTS = 5
"""How often templates are put in anew when somebody changed one at that very moment."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of templates that were imported, and what the operator should know of the files."""

    put: Put
    remarks: list[str]


async def mails(settings: Settings, outcome: str | None, limit: int) -> list[str]:
    """The newest mails, a line each: number, time, what became of it, inquiry, sender, subject. Raises StoreDown."""
    async with desk(settings) as database, database.snapshot() as tx:
        listed = await tx.mails.listed(Outcome(outcome) if outcome else None, limit)
    return [
        f"{one.id}\t{one.received_at:%Y-%m-%d %H:%M}\t{one.outcome or 'unread'}\t"
        f"{f'#{one.number}' if one.number else '-'}\t{one.sender}\t{one.subject}"
        for one in listed
    ]


async def retry(settings: Settings) -> int:
    """Give every refused message another try; says how many. Raises StoreDown."""
    async with desk(settings) as database, database.transaction() as tx:
        return await tx.outbox.retry_refused()


async def import_templates(settings: Settings, path: Path) -> Imported:
    """Take in the templates of a CSV file or of a folder of Markdown files: all of them, or none.

    What is not in the files stays as it is, and so does what a file leaves out of a template. Raises FilesWrong with
    all that is wrong in any file; ValueError or OSError when they cannot be read; StoreDown.
    """
    reading, why = read_files(path), f"imported from {_name(path)}"
    async with desk(settings) as database:
        for _ in range(ATTEMPTS):
            try:
                async with database.transaction() as tx:
                    return await _put(tx, reading, why)
            except Conflict:
                continue
    raise RuntimeError("The templates could not be imported: others kept changing them. Try again.")


async def export_templates(settings: Settings, path: Path) -> int:
    """Write all templates, retired ones too, into a CSV file or a folder of Markdown files; says how many.

    Raises ValueError or OSError when they cannot be written; StoreDown.
    """
    async with desk(settings) as database, database.snapshot() as tx:
        templates = sorted(await tx.templates.listed(None, None, True), key=lambda one: one.draft.key)
        owners = {one.owner.id: await _owner(tx, one.owner) for one in templates if one.owner}
    write_files(path, [_row(one, owners[one.owner.id] if one.owner else "") for one in templates])
    return len(templates)


@asynccontextmanager
async def desk(settings: Settings) -> AsyncIterator[Database]:
    """The desk's database, brought up to date, for as long as one question takes. Raises StoreDown."""
    await bring_up_to_date(settings.database_url)
    database = Database(settings.database_url, system_clock)
    try:
        yield database
    finally:
        await database.close()


def _name(path: Path) -> str:
    """What a file or a folder is called, "." too."""
    return shorten(path.resolve().name, WHY_LENGTH // 2)


async def _put(tx: Transaction, reading: Reading, why: str) -> Imported:
    now = system_clock()
    say = Translator().speaker("en", "UTC", now)

    def told(refusal: Refusal) -> str:
        return say(refusal.key, **refusal.details)

    standing = await tx.templates.listed(None, None, True)
    queues = [queue.name for queue in await tx.queues.all()]
    remarks = list(reading.remarks)
    drafts = Judge(await _team(tx, standing), queues, standing, told, remarks.append).drafts(reading)
    return Imported(await tx.templates.put(drafts, None, now, why), remarks)


async def _team(tx: Transaction, standing: list[Template]) -> dict[str, list[Agent]]:
    """Who may be named as an owner, by name and by platform:handle; who left may, where they are an owner already."""
    team = await tx.agents.all()
    members = {agent.id for agent in team}
    leavers = {one.owner.id: one.owner for one in standing if one.owner and one.owner.id not in members}
    named: dict[str, list[Agent]] = {}
    for agent in [*team, *leavers.values()]:
        for handle in await tx.agents.handles(agent.id):
            named.setdefault(f"{handle.platform}:{handle.user}", []).append(agent)
        if agent.id in members:
            named.setdefault(agent.name, []).append(agent)
    return named


async def _owner(tx: Transaction, agent: Agent) -> str:
    """How a file names an owner: by the handle that nobody else has."""
    handles = await tx.agents.handles(agent.id)
    return f"{handles[0].platform}:{handles[0].user}" if handles else agent.name


def _row(template: Template, owner: str) -> dict[str, str]:
    return written(
        name=template.name,
        queue=template.queue,
        language=template.language,
        title=template.title,
        owner=owner,
        review_on=template.review_on,
        retired=template.retired,
        body=template.body,
    )
