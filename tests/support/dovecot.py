"""A real Dovecot for the tests: a throw-away server on the loopback, with its mail in a temporary folder."""

import contextlib
import grp
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from pathlib import Path

HOW_TO_GET = "install the package dovecot-imapd (Debian)"
PASSWORD = "correct-horse"
PATIENCE = 15.0
"""Seconds that it may take to start or to stop."""
CONNECTIONS = 10
"""How many lines one user may have."""


class DovecotFailedError(RuntimeError):
    """Dovecot is on this machine but did not start; the message ends with its own words."""


def found_dovecot() -> str | None:
    """The program, where there is one of version 2.3 (2.4 wants other settings)."""
    program = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        return None
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    return program if version.startswith("2.3") else None


class Dovecot:
    """The running server. Every user exists, with the same PASSWORD, and has the folders INBOX and Sent."""

    def __init__(self, home: Path, port: int, tls_port: int, owner: tuple[int, int]) -> None:
        self.port = port
        self.tls_port = tls_port
        self._home = home
        self._owner = owner
        self._numbers = count(1)

    def mailbox(self, user: str) -> None:
        """The user has a mailbox from now on."""
        self._maildir(user, "INBOX")

    def put(self, user: str, content: bytes, folder: str = "INBOX", at: datetime | None = None) -> None:
        """A mail arrives, as a mail transport would leave it: written in full, then renamed."""
        home = self._maildir(user, folder)
        moment = at.timestamp() if at else time.time()
        name = f"{int(moment)}.M{next(self._numbers):09d}.here"
        written = home / "tmp" / name
        written.write_bytes(content)
        os.utime(written, (moment, moment))
        self._give(written)
        written.rename(home / "new" / name)

    def contents(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """The bytes of the mails in a folder."""
        return [path.read_bytes() for path in self._files(user, folder)]

    def seen(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """The bytes of the mails that are marked as seen."""
        return [path.read_bytes() for path in self._files(user, folder) if "S" in path.name.partition(":2,")[2]]

    def renumber(self, user: str) -> None:
        """Every mail gets another UID under another UIDVALIDITY. Nobody may be connected."""
        home = self._maildir(user, "INBOX")
        (home / "dovecot-uidlist").unlink()
        for path in (*home.glob("dovecot.index*"), *home.glob("dovecot-uidvalidity*")):
            path.unlink()
        # Dovecot takes the present second as the UIDVALIDITY, and a former one may be ahead of it.
        (home / "dovecot-uidlist").write_text(
            f"3 V{int(time.time()) + 1000 * next(self._numbers)} N1 G{secrets.token_hex(16)}\n"
        )
        self._give(home / "dovecot-uidlist")

    def _files(self, user: str, folder: str) -> list[Path]:
        home = self._maildir(user, folder)
        return sorted(path for place in ("new", "cur") for path in (home / place).iterdir())

    def _maildir(self, user: str, folder: str) -> Path:
        """The Maildir of a folder, made when it is not there (Maildir++)."""
        top = self._home / "mail" / user
        home = top / "Maildir" / ("" if folder == "INBOX" else f".{folder}")
        for path in (home / "tmp", home / "new", home / "cur"):
            path.mkdir(parents=True, exist_ok=True)
        for path in (top, top / "Maildir", home, home / "tmp", home / "new", home / "cur"):
            self._give(path)
        return home

    def _give(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, *self._owner)


@contextlib.contextmanager
def dovecot_server(certificate: Path, key: Path) -> Iterator[Dovecot | None]:
    """Yield a running server, or None where there is no Dovecot (HOW_TO_GET). Raises DovecotFailedError."""
    program = found_dovecot()
    if program is None:
        yield None
        return
    # Not under pytest's tmp_path: sockets want a short path, and the server's user must be able to enter.
    home = Path(tempfile.mkdtemp(prefix="madoguchi-imap-"))
    try:
        user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        for source, name in ((certificate, "certificate.pem"), (key, "key.pem")):
            shutil.copy(source, home / name)
        (home / "mail").mkdir()
        for path in (home, *home.iterdir()):
            if os.geteuid() == 0:
                os.chown(path, user.pw_uid, user.pw_gid)
        process, server = _start(program, home, user)
        try:
            yield server
        finally:
            _stop(process)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _start(program: str, home: Path, user: pwd.struct_passwd) -> tuple[subprocess.Popen[bytes], Dovecot]:
    """Start on free ports of the loopback; again on others when somebody else was quicker to take them."""
    for _ in range(3):
        port, tls_port = _free_port(), _free_port()
        (home / "dovecot.conf").write_text(_settings(home, user, port, tls_port), encoding="utf-8")
        (home / "dovecot.conf").chmod(0o644)
        identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        with (home / "output").open("ab") as output:
            process = subprocess.Popen(
                [program, "-F", "-c", home / "dovecot.conf"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=home,
                start_new_session=True,
                **identity,  # type: ignore[call-overload]  # an int, or a list
            )
        if _answers(process, port):
            return process, Dovecot(home, port, tls_port, (user.pw_uid, user.pw_gid))
        _stop(process)
    words = "".join(
        path.read_text(encoding="utf-8", errors="replace") for path in (home / "output", home / "log") if path.exists()
    )
    raise DovecotFailedError(f"{program} did not start: {words[-2000:]}")


def _settings(home: Path, user: pwd.struct_passwd, port: int, tls_port: int) -> str:
    group = grp.getgrgid(user.pw_gid).gr_name
    return f"""
protocols = imap
listen = 127.0.0.1
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
default_internal_user = {user.pw_name}
default_internal_group = {group}
default_login_user = {user.pw_name}
first_valid_uid = {min(user.pw_uid, 500)}
first_valid_gid = {min(user.pw_gid, 1)}
ssl = yes
ssl_cert = <{home}/certificate.pem
ssl_key = <{home}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain
auth_failure_delay = 0
mail_max_userip_connections = {CONNECTIONS}
maildir_very_dirty_syncs = no
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  service_count = 0
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={user.pw_uid} gid={user.pw_gid} home={home}/mail/%u mail=maildir:~/Maildir
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
}}
"""


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until the server greets; False when it ended or stayed silent."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 2) as line:
            line.settimeout(2)
            if re.match(rb"\* OK", line.recv(100)):
                return process.poll() is None
        time.sleep(0.02)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
