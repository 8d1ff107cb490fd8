"""The wiring of mail: spool folders, mailboxes on servers, and the reader of what they bring."""

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from adapters.mail.spool import Spool
from bot.domain.message import Message
from bot.mailbox_settings import MailboxSettings
from bot.ports import Clock, Inbox
from bot.settings import Settings
from storage.database import Database
from storage.leases import Leases
from storage.mailboxes import Mailboxes

if TYPE_CHECKING:
    from adapters.mail.imap.config import MailboxConfig, OAuth
    from adapters.mail.inbox import ImapInbox
    from adapters.mail.rules import Rules
    from adapters.mail.safe_reader import SafeReader


class MailRooms:
    """All inboxes of the settings. Raises ValueError with a sentence when one cannot work as it is set."""

    def __init__(self, settings: Settings, database: Database, leases: Leases, clock: Clock) -> None:
        spools = [Spool(f"spool:{folder}", queue, Path(folder), clock) for queue, folder in settings.spool_folders]
        self.mailboxes = _mailboxes(settings, database, leases, clock) if settings.mailboxes else []
        self.inboxes: list[Inbox] = [*spools, *self.mailboxes]
        self.reader = FirstMailReader(settings)

    async def balance(self) -> None:
        """Compare every mailbox on a server with what is stored; what is missing shows as its trouble."""
        for mailbox in self.mailboxes:
            await mailbox.balance()

    def close(self) -> None:
        """End the reading process."""
        self.reader.close()


class FirstMailReader:
    """The safe reader, made with the first mail, so that the window opens sooner."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._reader: SafeReader | None = None
        self._making = Lock()
        if settings.form_senders:
            _rules(settings)

    def read_all(self, contents: Sequence[bytes]) -> Sequence[Message | Exception]:
        """What each mail says, or why it cannot be read. Raises ReaderDown."""
        with self._making:  # or inboxes whose first mails come at once would each start a process
            if self._reader is None:
                from adapters.mail.safe_reader import SafeReader

                self._reader = SafeReader(_rules(self._settings))
        return self._reader.read_all(contents)

    def close(self) -> None:
        """End the reading process, if there is one."""
        if self._reader:
            self._reader.close()


def mailbox_config(name: str, mailbox: MailboxSettings) -> "MailboxConfig":
    """A mailbox as the adapter wants it told. Raises ValueError with a sentence."""
    from adapters.mail.imap.config import MailboxConfig

    return MailboxConfig(
        name=name,
        queue=mailbox.queue or name,
        host=mailbox.host,
        user=mailbox.user,
        password=mailbox.password,
        oauth=_oauth(mailbox),
        port=mailbox.port,
        security=mailbox.security,
        folder=mailbox.folder,
        sent_folder=mailbox.sent_folder,
        after=mailbox.after,
        look_back=mailbox.look_back,
        poll_seconds=mailbox.poll_seconds,
        ca_file=mailbox.ca_file,
    )


def _mailboxes(settings: Settings, database: Database, leases: Leases, clock: Clock) -> "list[ImapInbox]":
    from adapters.mail.inbox import ImapInbox  # only where there is one: it costs a part of the start

    found = []
    position = Mailboxes(database)
    for name, mailbox in settings.mailboxes.items():
        config = mailbox_config(name, mailbox)
        found.append(ImapInbox(config, position, clock, leases))
        if config.sent_folder:
            found.append(ImapInbox(config, position, clock, leases, kind="sent"))
    return found


def _oauth(mailbox: MailboxSettings) -> "OAuth | None":
    from adapters.mail.imap.config import gmail, microsoft365

    client, secret, refresh = mailbox.oauth_client_id, mailbox.oauth_client_secret, mailbox.oauth_refresh_token
    match mailbox.oauth:
        case "gmail":
            return gmail(client, secret, refresh)
        case "microsoft365":
            return microsoft365(mailbox.oauth_tenant, client, secret, refresh)
    return None


def _rules(settings: Settings) -> "Rules":
    from adapters.mail.forms import form_rules
    from adapters.mail.rules import Rules

    return Rules(own_lists=settings.own_lists, forms=form_rules(", ".join(settings.form_senders)))
