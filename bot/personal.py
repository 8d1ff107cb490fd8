"""What the command line does with a person's data: hand it over, or erase it, and say what was done."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from sqlite3 import Error as StorageError

from adapters.mail.maildir import forget
from adapters.workspace.messages import Messages
from adapters.workspace.platform import FILE
from bot.app import system_clock
from bot.erasure import Erasing, Mention, Prospect
from bot.operator import desk
from bot.ports import TextKind
from bot.ports.erasures import Erasure
from bot.settings import Settings
from storage.scrubbing import scrub

Tell = Callable[[str], None]
Ask = Callable[[str], str]

TEXTS = {
    TextKind.INQUIRY: "inquiries",
    TextKind.ANSWER: "answers",
    TextKind.TEMPLATE: "templates",
    TextKind.ARTICLE: "articles",
    TextKind.NOTE: "notes",
    None: "pieces of prepared advice",
}
OTHERS = """\
What people of the team typed into threads and channels themselves stays, and what they said to one another in calls
of other customers: only they know whom it is about. So do mail on the servers of your mailboxes, backups, what was
exported, and a Home in Slack until it is opened again; the README says more under "Personal data"."""


async def erase(settings: Settings, text: str, by: str, is_sure: bool, tell: Tell, ask: Ask | None) -> int:
    """Erase whoever is meant, once that was said again by `ask`, unless it `is_sure`; answers with the exit status.

    Without `ask` nobody is there to say it, and nothing is changed. Raises StoreDown and Conflict.
    """
    async with desk(settings) as database:
        erasing = Erasing(database, settings.phone_region)
        prospects = await erasing.prospects(text)
        if not prospects and (before := await erasing.former(text)):
            tell(f"{text} was erased already, {_when(before)}.")
            await _finish(settings, erasing, tell)
            return 0
        if len(prospects) != 1:
            tell(_not_one(text, prospects))
            return 1
        [prospect] = prospects
        tell(_announced(prospect))
        if unread := await erasing.unread():
            tell(f"  {unread} mails are still to be read: those of theirs will come in as a stranger's.")
        if not is_sure and ask is None:
            tell("Nothing was changed: nobody is here to say that it is meant. Add --yes to do it without asking.")
            return 1
        if ask and not is_sure and not _is_meant(ask, prospect.label):
            tell("Nothing was changed.")
            return 1
        await _forget_written_mails(settings, prospect, tell)
        done = await erasing.erase(prospect.person.id, by)
        tell(f"Erased: {done.inquiries} inquiries and {done.mails} mails. Their numbers and times stay, for reports.")
        await _finish(settings, erasing, tell)
        for line in _mentioned(await erasing.mentions(prospect.person)):
            tell(line)
        tell(OTHERS)
        return 0


async def export(settings: Settings, text: str, output: Path | None, tell: Tell, show: Tell) -> int:
    """Hand all data of whoever is meant to `show`, or write them into a file; answers with the exit status."""
    async with desk(settings) as database:
        erasing = Erasing(database, settings.phone_region)
        prospects = await erasing.prospects(text)
        if len(prospects) != 1:
            tell(_not_one(text, prospects))
            return 1
        told = await erasing.everything(prospects[0].person.id)
    written = json.dumps({**told, "exported_at": system_clock().isoformat()}, ensure_ascii=False, indent=2)
    if output is None:
        show(written)
    else:
        await asyncio.to_thread(output.write_text, written + "\n", encoding="utf-8")
        tell(f"Written to {output}.")
    return 0


async def _finish(settings: Settings, erasing: Erasing, tell: Tell) -> None:
    """What follows the erasure itself, and may be done again: no bytes stay in files; what is left to do is told."""
    folders = {f"spool:{folder}": Path(folder) for _, folder in settings.spool_folders}
    files = [(folders[mailbox], uid) for mailbox, uid in await erasing.spooled() if mailbox in folders]
    count = sum([await asyncio.to_thread(forget, folder, uid) for folder, uid in files])
    if count:
        tell(f"{count} files were deleted from the spool folders.")
    if trouble := await scrub(settings.database_url):
        tell(f"The database's files still hold traces ({trouble}). Run this again in a while.")
    if not await _scrubbed_workspace(settings):
        tell("The workspace's file still holds traces, because it is in use. Run this again in a while.")
    if left := await erasing.left():
        tell(
            f"{left} messages in chat are still to be redrawn or taken away: the desk does that while it runs, and at "
            "its next start. Run this again to see how many are left."
        )
    else:
        tell("Nothing is left of it in chat.")


async def _forget_written_mails(settings: Settings, prospect: Prospect, tell: Tell) -> None:
    """The workspace remembers the mails that were written as a customer on its page."""
    async with _workspace(settings) as messages:
        if messages and (count := await messages.forget_mails([one.value for one in prospect.person.identities])):
            tell(f"The workspace forgot {count} mails that were written on its page.")


async def _scrubbed_workspace(settings: Settings) -> bool:
    try:
        async with _workspace(settings) as messages:
            return messages is None or await messages.scrub()
    except StorageError:
        return False


@asynccontextmanager
async def _workspace(settings: Settings) -> AsyncIterator[Messages | None]:
    """The workspace's messages, where there are any."""
    file = settings.data_folder / FILE
    messages = await Messages.open(file) if file.exists() else None
    try:
        yield messages
    finally:
        if messages:
            await messages.close()


def _is_meant(ask: Ask, label: str) -> bool:
    return ask(f"This cannot be undone. Type {label} to erase it all: ").strip() == label


def _announced(prospect: Prospect) -> str:
    held, person = prospect.holdings, prospect.person
    known_by = ", ".join(one.value for one in person.identities) or "nothing that is theirs alone"
    several = f" ({len(person.records)} records, joined)" if len(person.records) > 1 else ""
    return (
        f"{person.name or 'Somebody without a name'}, known by {known_by}{several}\n"
        f"  {len(held.inquiries)} inquiries with {held.messages} messages: {_numbers(held.inquiries)}\n"
        f"  {held.mails} mails, {held.notes} notes, {held.posts} messages in chat"
    )


def _numbers(inquiries: Sequence[int], most: int = 20) -> str:
    shown = ", ".join(f"#{one}" for one in inquiries[:most])
    return (shown or "none") + (f" and {len(inquiries) - most} more" if len(inquiries) > most else "")


def _not_one(text: str, prospects: Sequence[Prospect]) -> str:
    if not prospects:
        return f"Nobody is known by {text!r}. Give an address, a phone number, a name, or an inquiry such as '#1042'."
    named = "\n".join(f"  {one.person.name} <{one.label}>" for one in prospects)
    return f"Several customers fit {text!r}. Give one of these addresses or numbers:\n{named}"


def _when(before: Erasure) -> str:
    return f"{before.at:%Y-%m-%d %H:%M} UTC by {before.by}: {before.inquiries} inquiries, {before.mails} mails"


def _mentioned(mentions: Sequence[Mention]) -> list[str]:
    told = [f"  {one.words}: {one.count}{' or more' * one.is_more} {TEXTS[one.kind]}" for one in mentions]
    return ["Other texts hold these words; look at them by /find, they are not theirs alone:", *told] if told else []
