"""imapclient on a line of our own: lines split anywhere, IDLE that loses no news, and a way to be woken or cut off."""

import imaplib
import selectors
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from imapclient import IMAPClient, SocketTimeout

LONGEST_LINE = 32 * 1024 * 1024
"""Bytes: the answer to a search in a mailbox of millions is one line."""
LARGEST_LITERAL = 256 * 1024 * 1024
CHUNK = 256 * 1024
Opened = Callable[[socket.socket], None]
"""Hears of the line's socket before anything is waited for on it."""
KEEP_ALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}


class Wire(imaplib.IMAP4):
    """imaplib's protocol over a socket with a buffer that we can look into.

    imaplib reads through a file object, whose buffer hides from select() what came in the same packet as the answer
    to IDLE, and which breaks when a line is split between two packets.
    """

    def __init__(self, host: str, port: int, timeout: float, context: ssl.SSLContext | None, opened: Opened) -> None:
        self._context = context
        self._opened = opened
        self._kept = bytearray()
        super().__init__(host, port, timeout)

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        """Connect, with TLS when there is a context. Raises OSError."""
        self.host, self.port = host, port
        sock = socket.create_connection((host, port), timeout)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for name, value in KEEP_ALIVE.items():
            if hasattr(socket, name):
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        self._opened(sock)
        self.sock = self._encrypted(sock, self._context) if self._context else sock

    def starttls(self, ssl_context: ssl.SSLContext | None = None) -> Any:
        """Go on in TLS; what a stranger slipped in before it is dropped."""
        assert ssl_context is not None
        said, data = self._simple_command("STARTTLS")
        if said != "OK":
            raise self.error(data[-1])
        self._kept.clear()
        self.sock = self._encrypted(self.sock, ssl_context)
        self._get_capabilities()
        return said, data

    def read(self, size: int) -> bytes:
        """So many bytes; fewer only at the end of the line."""
        if size > LARGEST_LITERAL:
            raise self.abort(f"the server announced {size} bytes at once")
        while len(self._kept) < size and self._fill():
            pass
        return self._taken(size)

    def readline(self) -> bytes:
        """The next line, however many packets it comes in; b"" at the end."""
        searched = 0
        while (end := self._kept.find(b"\n", searched)) < 0:
            searched = len(self._kept)
            if searched > LONGEST_LINE:
                raise self.abort("the server sent a line without an end")
            if not self._fill():
                return self._taken(searched)
        return self._taken(end + 1)

    def shutdown(self) -> None:
        """Close the line; quiet when it is closed already."""
        with suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()

    def idle_until(self, woken: socket.socket, seconds: float) -> None:
        """IDLE until the server says something, `woken` becomes readable, or time is over."""
        tag = self._command("IDLE")
        while self._get_response() is not None:
            if answer := self.tagged_commands[tag]:
                raise self.error(answer[1][-1])
            self._check_bye()
        self._wait(woken, seconds)
        self.send(b"DONE\r\n")
        self._command_complete("IDLE", tag)
        self.untagged_responses.clear()

    def wait(self, woken: socket.socket, seconds: float) -> None:
        """The same for a server without IDLE: nothing but time or `woken` ends it."""
        self._wait(woken, seconds)

    def _wait(self, woken: socket.socket, seconds: float) -> None:
        sock: socket.socket = self.sock
        if not (self._kept or (isinstance(sock, ssl.SSLSocket) and sock.pending())):
            with selectors.DefaultSelector() as selector:
                selector.register(self.sock, selectors.EVENT_READ)
                selector.register(woken, selectors.EVENT_READ)
                selector.select(seconds)

    def _encrypted(self, sock: socket.socket, context: ssl.SSLContext) -> ssl.SSLSocket:
        encrypted = context.wrap_socket(sock, server_hostname=self.host, do_handshake_on_connect=False)
        self._opened(encrypted)
        try:
            encrypted.do_handshake()
        except OSError:
            encrypted.close()
            raise
        return encrypted

    def _fill(self) -> bool:
        more = self.sock.recv(CHUNK)
        self._kept += more
        return bool(more)

    def _taken(self, size: int) -> bytes:
        taken = bytes(memoryview(self._kept)[:size])
        del self._kept[:size]
        return taken


class Client(IMAPClient):  # type: ignore[misc]  # imapclient has no types
    """imapclient over a Wire. Its debug log is off: it would repeat people's mails."""

    def __init__(
        self, host: str, port: int, context: ssl.SSLContext | None, timeout: SocketTimeout, opened: Opened
    ) -> None:
        self._context = context
        self._opened = opened
        super().__init__(host, port, ssl=context is not None, timeout=timeout)
        self.normalise_times = False
        self.wire.debug = 0

    @property
    def wire(self) -> Wire:
        """The line below."""
        wire: Wire = self._imap
        return wire

    def _create_IMAP4(self) -> Wire:
        return Wire(self.host, self.port, self._timeout.connect, self._context, self._opened)
