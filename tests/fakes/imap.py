"""An IMAP server of our own on the loopback: mailboxes in memory, and faults to order (RFC 3501, 2177, 4315, 6851)."""

import asyncio
import base64
import re
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

CAPABILITIES = "IMAP4rev1 IDLE UIDPLUS MOVE AUTH=PLAIN AUTH=XOAUTH2 SASL-IR SPECIAL-USE"
WORD = re.compile(rb'"((?:[^"\\]|\\.)*)"|(\([^)]*\))|([^ ]+)')


@dataclass(slots=True)
class Kept:
    """A mail in a folder."""

    uid: int
    content: bytes
    at: datetime
    flags: set[str] = field(default_factory=set)


@dataclass(slots=True)
class FakeFolder:
    """Mails under one UIDVALIDITY."""

    validity: int = 1000
    next_uid: int = 1
    mails: list[Kept] = field(default_factory=list)

    def put(self, content: bytes, at: datetime | None = None) -> int:
        """A mail arrives; its UID."""
        uid, self.next_uid = self.next_uid, self.next_uid + 1
        self.mails.append(Kept(uid, content, at or datetime.now(UTC)))
        return uid

    def renumber(self) -> None:
        """Every mail gets another UID, under another UIDVALIDITY."""
        self.validity += 1
        for uid, mail in enumerate(self.mails, 3):
            mail.uid = uid
        self.next_uid = len(self.mails) + 3


class FakeImap:
    """The server. `put` and the like are what a test does; the public attributes are what it may order.

    `refusals` answer a command ("UID STORE", "LOGIN" ...) with the given words, and `hangs` never ("CONNECT": no
    greeting). `unfetchable` UIDs come without their body, `unreadable` ones are left out, `undated` ones come with
    nonsense as their date. `pause` delays each answer; `greeting` is the first line; `slipped_in` stands in the clear
    behind the answer to STARTTLS.
    """

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.folders: dict[str, dict[str, FakeFolder]] = {}
        self.password = "correct-horse"
        self.tokens: set[str] = set()
        self.capabilities = CAPABILITIES
        self.refusals: dict[str, str] = {}
        self.hangs: set[str] = set()
        self.unfetchable: set[int] = set()
        self.unreadable: set[int] = set()
        self.undated: set[int] = set()
        self.pause = 0.0
        self.slipped_in = b""
        self.greeting = "* OK here is a fake"
        self.splits_lines = False
        self.commands: list[str] = []
        self.sessions: set[_Session] = set()
        self.logins = 0
        self.port = self.tls_port = 0
        self.context = context
        self._servers: list[asyncio.Server] = []

    async def open(self, port: int = 0) -> None:
        """Listen on two ports of the loopback, one of them for TLS when there is a certificate; `port` is the other."""
        self._servers.clear()
        for at, context in ((port, None), (0, self.context)):
            server = await asyncio.start_server(self._serve, "127.0.0.1", at, ssl=context)
            self._servers.append(server)
        self.port, self.tls_port = (server.sockets[0].getsockname()[1] for server in self._servers)

    async def close(self) -> None:
        """Drop everybody and stop listening."""
        for server in self._servers:
            server.close()
        self.drop()

    def folder(self, user: str, name: str = "INBOX") -> FakeFolder:
        """A folder of a user, made when it is not there."""
        return self.folders.setdefault(user, {"INBOX": FakeFolder(), "Sent": FakeFolder(validity=7)}).setdefault(
            name, FakeFolder()
        )

    def mailbox(self, user: str) -> None:
        """The user has a mailbox from now on."""
        self.folder(user)

    def put(self, user: str, content: bytes, folder: str = "INBOX", at: datetime | None = None) -> None:
        """A mail arrives, and whoever idles hears of it."""
        self.folder(user, folder).put(content, at)
        self.tell()

    def contents(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """The bytes of the mails in a folder."""
        return [mail.content for mail in self.folder(user, folder).mails]

    def seen(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """The bytes of the mails that are marked as seen."""
        return [mail.content for mail in self.folder(user, folder).mails if "\\Seen" in mail.flags]

    def renumber(self, user: str) -> None:
        """Every mail gets another UID under another UIDVALIDITY."""
        self.folder(user).renumber()

    def drop(self) -> None:
        """Every line is closed, without a word."""
        for session in list(self.sessions):
            session.writer.transport.abort()

    def say_bye(self, words: str) -> None:
        """Every line is closed, politely."""
        for session in list(self.sessions):
            session.say(f"* BYE {words}")
            session.writer.close()

    def tell(self) -> None:
        """Whoever idles hears of new mail."""
        for session in list(self.sessions):
            if session.is_idle:
                session.tell_news()

    @property
    def idle(self) -> int:
        """How many wait for news."""
        return sum(session.is_idle for session in self.sessions)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = _Session(self, reader, writer)
        self.sessions.add(session)
        try:
            await session.run()
        except (OSError, asyncio.IncompleteReadError, ValueError):
            pass
        finally:
            self.sessions.discard(session)
            writer.close()


class _Session:
    def __init__(self, server: FakeImap, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.user = ""
        self.folder: FakeFolder | None = None
        self.told = 0
        self.is_idle = False
        self.is_over = False
        self.saying: asyncio.Task[None] | None = None

    def say(self, line: str | bytes) -> None:
        self.writer.write((line.encode() if isinstance(line, str) else line) + b"\r\n")

    def tell_news(self) -> None:
        if self.folder and len(self.folder.mails) != self.told:
            self.told = len(self.folder.mails)
            line = f"* {self.told} EXISTS"
            if self.server.splits_lines:
                self.saying = asyncio.ensure_future(self._say_slowly(line))
            else:
                self.say(line)

    async def _say_slowly(self, line: str) -> None:
        """In two packets, the second of them late."""
        self.writer.write(line[:4].encode())
        await asyncio.sleep(0.05)
        self.say(line[4:])

    async def run(self) -> None:
        if "CONNECT" in self.server.hangs:
            self.server.commands.append("CONNECT")
            await self.reader.read()
            return
        self.say(self.server.greeting)
        if self.server.greeting.startswith("* BYE"):
            return
        while not self.is_over and (line := await self.reader.readline()):
            tag, words = await self._words(line)
            if not words:
                continue
            name = words[0].upper()
            if name == "UID":
                name, words = f"UID {words[1].upper()}", words[1:]
            self.server.commands.append(name)
            if self.server.pause:
                await asyncio.sleep(self.server.pause)
            if name in self.server.hangs:
                while await self.reader.read(1 << 16):
                    pass
                return
            if name in self.server.refusals:
                answer = self.server.refusals[name]
            else:
                answer = await self._done(name, words[1:])
            self.say(f"{tag} {answer}")
            if name == "STARTTLS" and answer.startswith("OK") and self.server.context:
                self.writer.write(self.server.slipped_in)
                await self.writer.start_tls(self.server.context)
            await self.writer.drain()

    async def _words(self, line: bytes) -> tuple[str, list[str]]:
        """Tag and words of a command; literals are asked for."""
        while literal := re.search(rb"\{(\d+)(\+?)\}\r?\n$", line):
            if not literal[2]:
                self.say("+ go on")
            value = await self.reader.readexactly(int(literal[1]))
            line = line[: literal.start()] + b'"' + value + b'"' + await self.reader.readline()
        found = [quoted or group or plain for quoted, group, plain in WORD.findall(line.strip())]
        words = [re.sub(r"\\(.)", r"\1", word.decode()) if b'"' in line else word.decode() for word in found]
        return (words[0], words[1:]) if words else ("", [])

    async def _done(self, name: str, words: list[str]) -> str:
        handlers: dict[str, Callable[[list[str]], str]] = {
            "CAPABILITY": self._capability,
            "NOOP": self._noop,
            "STARTTLS": lambda _words: "OK go on" if self.server.context else "BAD no TLS here",
            "LOGIN": self._login,
            "LIST": self._list,
            "CREATE": self._create,
            "SELECT": self._select,
            "EXAMINE": self._select,
            "UID SEARCH": self._search,
            "UID FETCH": self._fetch,
            "UID STORE": self._store,
            "UID COPY": self._copy,
            "UID MOVE": self._move,
            "UID EXPUNGE": self._expunge,
            "LOGOUT": self._logout,
        }
        if name == "IDLE":
            return await self._idle()
        if name == "AUTHENTICATE":
            return await self._authenticate(words)
        if name not in handlers:
            return f"BAD there is no {name}"
        return handlers[name](words)

    def _capability(self, _words: list[str]) -> str:
        self.say(f"* CAPABILITY {self.server.capabilities}")
        return "OK done"

    def _noop(self, _words: list[str]) -> str:
        self.tell_news()
        return "OK done"

    def _logout(self, _words: list[str]) -> str:
        self.say("* BYE see you")
        self.is_over = True
        return "OK done"

    def _login(self, words: list[str]) -> str:
        if words[0] not in self.server.folders or words[1] != self.server.password:
            return "NO [AUTHENTICATIONFAILED] Authentication failed."
        self.user = words[0]
        self.server.logins += 1
        return "OK Logged in"

    async def _authenticate(self, words: list[str]) -> str:
        if len(words) > 1:
            said = words[1]
        else:
            self.say("+ ")
            said = (await self.reader.readline()).decode().strip()
        plain = base64.b64decode(said).decode()
        if words[0].upper() == "PLAIN":
            _, user, password = plain.split("\0")
            return self._login([user, password])
        fields = dict(one.split("=", 1) for one in plain.split("\1") if one)
        if fields["auth"].removeprefix("Bearer ") not in self.server.tokens:
            self.say("+ " + base64.b64encode(b'{"status":"400"}').decode())
            await self.reader.readline()
            return "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)"
        return self._login([fields["user"], self.server.password])

    def _list(self, words: list[str]) -> str:
        for name in self.server.folders[self.user]:
            if words[1] not in ("*", name):
                continue
            marks = "\\HasNoChildren \\Sent" if name == "Sent" else "\\HasNoChildren"
            self.say(f'* LIST ({marks}) "/" "{name}"')
        return "OK done"

    def _create(self, words: list[str]) -> str:
        self.server.folder(self.user, words[0])
        return "OK done"

    def _select(self, words: list[str]) -> str:
        folder = self.server.folders[self.user].get(words[0])
        if folder is None:
            return f"NO [NONEXISTENT] Mailbox doesn't exist: {words[0]}"
        self.folder, self.told = folder, len(folder.mails)
        self.say(f"* {self.told} EXISTS")
        self.say("* FLAGS (\\Seen \\Deleted)")
        self.say(f"* OK [UIDVALIDITY {folder.validity}] valid")
        self.say(f"* OK [UIDNEXT {folder.next_uid}] next")
        return "OK [READ-WRITE] done"

    async def _idle(self) -> str:
        # As real servers do: what is new stands in the same packet as the answer.
        self.writer.write(b"+ idling\r\n")
        self.tell_news()
        self.is_idle = True
        try:
            line = await self.reader.readline()
        finally:
            self.is_idle = False
        if self.saying:
            await self.saying
        if line.strip().upper() != b"DONE":
            raise ValueError("only DONE ends IDLE")
        return "OK done"

    def _search(self, words: list[str]) -> str:
        assert self.folder
        found = self.folder.mails
        match [word.upper() for word in words]:
            case ["UID", numbers]:
                found = self._chosen(numbers)
            case ["SINCE", day]:
                since = datetime.strptime(day.strip('"'), "%d-%b-%Y").date()  # noqa: DTZ007 - a day has no zone
                found = [mail for mail in found if mail.at.date() >= since]
            case ["UNSEEN"]:
                found = [mail for mail in found if "\\Seen" not in mail.flags]
            case ["ALL"]:
                pass
            case _:
                return f"BAD cannot search for {words}"
        self.say("* SEARCH" + "".join(f" {mail.uid}" for mail in found))
        return "OK done"

    def _fetch(self, words: list[str]) -> str:
        assert self.folder
        items = words[1].strip("()").upper().split()
        place = {mail.uid: number for number, mail in enumerate(self.folder.mails, 1)}
        for mail in self._chosen(words[0]):
            said: list[bytes] = [b"UID %d" % mail.uid]
            if mail.uid in self.server.unreadable:
                continue
            for item in items:
                if item == "RFC822.SIZE":
                    said.append(b"RFC822.SIZE %d" % len(mail.content))
                elif item == "INTERNALDATE" and mail.uid in self.server.undated:
                    said.append(b'INTERNALDATE "99-Foo-0000 99:99:99 +9999"')
                elif item == "INTERNALDATE":
                    said.append(mail.at.strftime('INTERNALDATE "%d-%b-%Y %H:%M:%S +0000"').encode())
                elif item == "BODY[]":
                    mail.flags.add("\\Seen")
                    said.append(b"BODY[] {%d}\r\n%s" % (len(mail.content), mail.content))
                elif item.startswith("BODY.PEEK[]") and mail.uid not in self.server.unfetchable:
                    part = re.search(r"<0\.(\d+)>", item)
                    content = mail.content[: int(part[1])] if part else mail.content
                    said.append(b"BODY[]%s {%d}\r\n%s" % (b"<0>" if part else b"", len(content), content))
            self.say(b"* %d FETCH (%s)" % (place[mail.uid], b" ".join(said)))
        return "OK done"

    def _store(self, words: list[str]) -> str:
        for mail in self._chosen(words[0]):
            mail.flags.update(words[2].strip("()").split())
        return "OK done"

    def _copy(self, words: list[str]) -> str:
        target = self.server.folders[self.user].get(words[1])
        if target is None:
            return "NO [TRYCREATE] there is no such folder"
        for mail in self._chosen(words[0]):
            target.put(mail.content, mail.at)
        return "OK done"

    def _move(self, words: list[str]) -> str:
        moved = self._chosen(words[0])
        answer = self._copy(words)
        if answer.startswith("OK"):
            self._remove(moved)
        return answer

    def _expunge(self, words: list[str]) -> str:
        self._remove([mail for mail in self._chosen(words[0]) if "\\Deleted" in mail.flags])
        return "OK done"

    def _remove(self, mails: Iterable[Kept]) -> None:
        assert self.folder
        for mail in mails:
            self.say(f"* {self.folder.mails.index(mail) + 1} EXPUNGE")
            self.folder.mails.remove(mail)
        self.told = len(self.folder.mails)

    def _chosen(self, numbers: str) -> list[Kept]:
        assert self.folder
        highest = self.folder.mails[-1].uid if self.folder.mails else 0
        wanted: set[int] = set()
        for part in numbers.split(","):
            first, _, last = part.partition(":")
            ends = [highest if end == "*" else int(end) for end in (first, last or first)]
            wanted.update(range(min(ends), max(ends) + 1))
        return [mail for mail in self.folder.mails if mail.uid in wanted]
