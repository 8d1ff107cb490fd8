"""One connection to a folder: blocking steps for the mailbox's thread, each failing with a sentence."""

import imaplib
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from imapclient import SEEN, SocketTimeout
from imapclient.imapclient import SENT

from adapters.mail.imap.config import SENT_BY_SPECIAL_USE, MailboxConfig
from adapters.mail.imap.errors import FAULTS, MailboxError, explained, missing_folder, no_encryption, server_words
from adapters.mail.imap.fetch import Fetched, bodies, sizes
from adapters.mail.imap.wire import Client

T = TypeVar("T")

FLAGGED_AT_ONCE = 500
NO_IDLE_SECONDS = 30.0
"""A server that cannot tell us of news is asked this often."""


@dataclass(frozen=True, slots=True)
class Folder:
    """An open folder: mails are numbered under `validity`; the next one to arrive gets at least `next_uid`."""

    validity: int
    next_uid: int


class Link:
    """A connection. `call` and `cut` belong to the event loop, all else to the mailbox's thread."""

    def __init__(self, config: MailboxConfig, connect_seconds: float, read_seconds: float) -> None:
        self._config = config
        self._timeout = SocketTimeout(connect_seconds, read_seconds)
        self._client: Client | None = None
        self._socket: socket.socket | None = None
        self._token = ""
        self._is_cut = False
        self._calls = self._answers = 0
        self._ear, self._mouth = socket.socketpair()
        self._ear.setblocking(False)
        self._mouth.setblocking(False)

    def call(self) -> None:
        """A step is about to be asked for, to be begun by `answer`: until then `idle` returns at once."""
        self._calls += 1
        self._wake()

    def answer(self, step: Callable[..., T], *arguments: Any) -> T:
        """Do what was called for."""
        self._answers += 1
        with suppress(OSError):
            self._ear.recv(4096)
        return step(*arguments)

    def cut(self) -> None:
        """Break the line, now: whatever waits for the server fails at once."""
        self._is_cut = True
        self._wake()
        if self._socket is not None:
            _break(self._socket)

    def connect(self) -> None:
        """Connect, encrypted as the settings say. Raises MailboxError."""
        config = self._config
        with self._step("connect"):
            context = None if config.security == "plain" else self._context()
            is_tls = config.security == "tls"
            self._client = Client(
                config.host, config.real_port, context if is_tls else None, self._timeout, self._opened
            )
            if config.security == "starttls":
                self._client.starttls(context)

    def log_in(self, token: str = "") -> None:
        """Log in by the access token, or else by the password. Raises MailboxError."""
        config, client = self._config, self._connected
        self._token = token
        if not token and client.has_capability("LOGINDISABLED") and config.security == "plain":
            raise no_encryption(config)
        with self._step("login"):
            if token:
                client.oauth2_login(config.user, token)
            elif (config.user + config.password).isascii() and not client.has_capability("LOGINDISABLED"):
                client.login(config.user, config.password)
            else:
                client.plain_login(config.user, config.password)

    def open(self) -> Folder:
        """Select the folder. Raises MailboxError."""
        client = self._connected
        with self._step("select"):
            name = self._config.folder
            if name == SENT_BY_SPECIAL_USE:
                name = client.find_special_folder(SENT) or name
            try:
                said = client.select_folder(name, readonly=self._config.after == "keep")
            except imaplib.IMAP4.readonly as fault:
                sentence = f"The folder {name!r} of {self._config.user} may only be read. Set after to keep."
                raise MailboxError(sentence, is_stubborn=True) from fault
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error as fault:
                words = server_words(fault, self._config.secrets)
                raise missing_folder(name, self._config, self._names(), words) from fault
            next_uid = said.get(b"UIDNEXT") or max(client.search("ALL"), default=0) + 1
            return Folder(int(said[b"UIDVALIDITY"]), int(next_uid))

    def lacks(self) -> list[str]:
        """What the server cannot do and we would like, in sentences; and a folder to move mail to that is missing."""
        client, config = self._connected, self._config
        with self._step("select"):
            lacks = []
            if not client.has_capability("IDLE"):
                lacks.append(
                    f"{config.host} does not tell of new mail (no IDLE): it is looked for each {NO_IDLE_SECONDS:.0f} s."
                )
            if config.move_to and not client.folder_exists(config.move_to):
                lacks.append(str(missing_folder(config.move_to, config, self._names(), "")))
            return lacks

    def uids_after(self, uid: int) -> list[int]:
        """The UIDs above this one, ascending. Raises MailboxError."""
        with self._step("search"):
            # A range that ends in * always has the last mail in it (RFC 9051, 9).
            return sorted(one for one in self._connected.search(["UID", f"{uid + 1}:*"]) if one > uid)

    def uids_since(self, day: date) -> list[int]:
        """The UIDs of mails that the server received on this day or later, ascending. Raises MailboxError."""
        with self._step("search"):
            return sorted(self._connected.search(["SINCE", day]))

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """How large these mails are, as far as they are still there. Raises MailboxError."""
        with self._step("fetch"):
            return sizes(self._connected, uids)

    def fetch(self, wanted: Sequence[tuple[int, int]]) -> Fetched:
        """The mails of these UIDs and sizes, without marking them. Raises MailboxError."""
        with self._step("fetch"):
            return bodies(self._connected, wanted)

    def take(self, uids: Sequence[int]) -> None:
        """Mark or move mails as the settings say; those that are gone are passed over. Raises MailboxError."""
        client, target = self._connected, self._config.move_to
        with self._step("flag"):
            for first in range(0, len(uids), FLAGGED_AT_ONCE):
                some = uids[first : first + FLAGGED_AT_ONCE]
                if target:
                    self._move(some, target)
                elif self._config.after == "seen":
                    client.add_flags(some, [SEEN], silent=True)

    def idle(self, seconds: float) -> None:
        """Wait until there may be news, at most so long. Raises MailboxError."""
        client = self._connected
        if self._calls != self._answers:
            return
        with self._step("idle"):
            if client.has_capability("IDLE"):
                client.wire.idle_until(self._ear, seconds)
            else:
                client.wire.wait(self._ear, min(seconds, NO_IDLE_SECONDS))

    def close(self) -> None:
        """Log out, when the line is still good, and close it."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(*FAULTS):
                if not self._is_cut:
                    client.logout()
            with suppress(*FAULTS):
                client.shutdown()
        self._ear.close()
        self._mouth.close()

    def _opened(self, sock: socket.socket) -> None:
        self._socket = sock
        if self._is_cut:
            _break(sock)

    def _wake(self) -> None:
        with suppress(OSError):
            self._mouth.send(b"!")

    @property
    def _connected(self) -> Client:
        if self._client is None or self._is_cut:
            raise MailboxError(f"The connection to {self._config.host} is closed.")
        return self._client

    @contextmanager
    def _step(self, step: str) -> Iterator[None]:
        try:
            yield
        except FAULTS as fault:
            raise explained(fault, self._config, step, [self._token] if self._token else []) from fault

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._config.ca_file:
            context.load_verify_locations(self._config.ca_file)
        return context

    def _names(self) -> list[str]:
        """The folders that can hold mail."""
        with suppress(imaplib.IMAP4.error, ValueError, LookupError):
            return [name for flags, _, name in self._connected.list_folders() if b"\\Noselect" not in flags]
        return []

    def _move(self, uids: Sequence[int], target: str) -> None:
        client = self._connected
        if client.has_capability("MOVE"):
            client.move(uids, target)
            return
        client.copy(uids, target)
        client.delete_messages(uids, silent=True)
        if client.has_capability("UIDPLUS"):
            client.uid_expunge(uids)


def _break(sock: socket.socket) -> None:
    """End a line from any thread. For TLS too it is the plain shutdown: the other one would change what is in use."""
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
