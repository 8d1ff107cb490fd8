"""The command line as people use it: in processes of its own, with its sentences and its exit codes."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from pathlib import Path

import pytest

import run
from bot.settings import Settings

ROOT = Path(run.__file__).parent
PATIENCE = 60
"""Seconds after which a process that should have ended or spoken is taken for hanging."""
FRAMEWORKS = ("aiohttp", "alembic", "apscheduler", "babel", "pydantic", "sqlalchemy", "sqlmodel", "structlog", "yaml")
COMMANDS = ["run", "doctor", "manifest", "mail", "outbox", "templates", "levels", "erase", "export"]
KEYS = ["subject", "from_address", "from_name", "text", "reply_text", "attachments", "is_auto", "is_bounce"]


def environment(**settings: str) -> dict[str, str]:
    """An environment that holds no settings but these; any free port unless one is given."""
    bare = {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields}
    return {**bare, "PYTHONPATH": str(ROOT), "HTTP_PORT": "0", "DEFAULT_TIME_ZONE": "UTC", **settings}


def madoguchi(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """`python -m bot ARGUMENTS`, carried out to its end in a folder of its own."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`python -m bot run` once it is open, and the address that it serves."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        cwd=folder,
        env=environment(**settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        said = ""
        while "Stop with" not in said:
            line = process.stdout.readline()
            assert line, f"it ended: {process.communicate()[1]}"
            said += line
        assert said.startswith("Madoguchi is open.\n")
        (address,) = re.findall(r"Health: (http://127\.0\.0\.1:\d+/)healthz", said)
        yield process, address
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.communicate()


def a_mail(subject: str = "請求書について") -> bytes:
    """What a customer's mail program sends."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "伊藤 <ito@example.com>", "support@example.com", subject
    mail["Message-ID"] = "<one@example.com>"
    mail.set_content("請求書を再送してください。\n")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="請求書.pdf")
    return bytes(mail)


# --- help ---------------------------------------------------------------------------------------------------


def test_the_version_is_the_projects(tmp_path: Path) -> None:
    told = madoguchi(tmp_path, "--version")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (told.returncode, told.stdout) == (0, f"Madoguchi {project['version']}\n")


def test_help_names_every_command(tmp_path: Path) -> None:
    told = madoguchi(tmp_path, "--help")
    assert told.returncode == 0
    assert re.findall(r"^    (\w+)", told.stdout, re.MULTILINE) == COMMANDS


@pytest.mark.parametrize("arguments", [[], ["open"], ["mail"], ["mail", "list", "--outcome", "lost"]], ids=" ".join)
def test_what_it_does_not_know_is_answered_with_what_it_knows(tmp_path: Path, arguments: list[str]) -> None:
    told = madoguchi(tmp_path, *arguments)
    assert told.returncode == 2
    assert told.stderr.startswith("usage: python -m bot")


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["mail", "--help"]], ids=" ".join)
def test_help_loads_no_framework(tmp_path: Path, arguments: list[str]) -> None:
    code = (
        "import sys\nfrom bot.__main__ import main\n"
        f"try: main({arguments!r})\n"
        f"finally: print('loaded', sorted(set(sys.modules) & set({FRAMEWORKS!r})))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True
    )
    assert told.stdout.splitlines()[-1] == "loaded []"


# --- mail ---------------------------------------------------------------------------------------------------


def test_mail_inspect_tells_how_a_mail_is_understood(tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(a_mail())
    told = madoguchi(tmp_path, "mail", "inspect", "one.eml", HTTP_PORT="no setting matters here")
    assert (told.returncode, told.stderr) == (0, "")
    assert "請求書" in told.stdout
    understood = json.loads(told.stdout)
    assert list(understood) == KEYS
    assert understood == {
        "subject": "請求書について",
        "from_address": "ito@example.com",
        "from_name": "伊藤",
        "text": "請求書を再送してください。",
        "reply_text": "請求書を再送してください。",
        "attachments": ["請求書.pdf"],
        "is_auto": False,
        "is_bounce": False,
    }


def test_mail_inspect_says_why_a_file_cannot_be_read(tmp_path: Path) -> None:
    told = madoguchi(tmp_path, "mail", "inspect", "missing.eml")
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr == "missing.eml cannot be read: [Errno 2] No such file or directory: 'missing.eml'\n"


def test_mail_list_and_outbox_retry_on_a_desk_that_has_seen_nothing(tmp_path: Path) -> None:
    listed, retried = madoguchi(tmp_path, "mail", "list"), madoguchi(tmp_path, "outbox", "retry")
    assert (listed.returncode, listed.stdout, listed.stderr) == (0, "", "")
    assert (retried.returncode, retried.stdout) == (0, "0 messages will be tried again.\n")


def test_a_mail_that_waits_in_the_spool_is_taken_in_and_listed_while_madoguchi_runs(tmp_path: Path) -> None:
    new = tmp_path / "var" / "spool" / "new"
    new.mkdir(parents=True)
    (new / "one").write_bytes(a_mail())
    with running(tmp_path):
        deadline = time.monotonic() + PATIENCE
        lines: list[str] = []
        while not (lines and "opened" in lines[0]):
            assert time.monotonic() < deadline, f"never listed: {lines}"
            lines = madoguchi(tmp_path, "mail", "list").stdout.splitlines()
        assert madoguchi(tmp_path, "mail", "list", "--outcome", "robot").stdout == ""
    (line,) = lines
    assert re.fullmatch(r"1\t\d{4}-\d\d-\d\d \d\d:\d\d\topened\t#\d+\tito@example\.com\t請求書について", line)


# --- templates ----------------------------------------------------------------------------------------------


def test_templates_go_into_files_and_back_while_madoguchi_runs(tmp_path: Path) -> None:
    with running(tmp_path):
        written = madoguchi(tmp_path, "templates", "export", "ours")
        assert (written.returncode, written.stdout, written.stderr) == (0, "32 templates written to ours\n", "")
        assert len(list((tmp_path / "ours").glob("*.md"))) == 32
        (tmp_path / "ours" / "bye.en.md").write_text("---\nname: bye\nlanguage: en\ntitle: Bye\n---\nGood-bye.\n")
        letter = tmp_path / "ours" / "late-delivery.ja.md"
        letter.write_text(letter.read_text(encoding="utf-8") + "敬具\n", encoding="utf-8")
        taken = madoguchi(tmp_path, "templates", "import", "ours")
        assert (taken.returncode, taken.stdout, taken.stderr) == (0, "1 new, 1 changed, 31 the same\n", "")
        assert madoguchi(tmp_path, "templates", "export", "all.csv").stdout == "33 templates written to all.csv\n"
    again = madoguchi(tmp_path, "templates", "import", "all.csv")
    assert again.stdout == "0 new, 0 changed, 33 the same\n"


def test_templates_with_a_mistake_are_told_by_line_and_none_is_taken_in(tmp_path: Path) -> None:
    lines = ["name,language,title,body", "fine,en,Fine,Fine", "late,en,,Late", "list,en,List,List"]
    (tmp_path / "ours.csv").write_text("\n".join(lines))
    told = madoguchi(tmp_path, "templates", "import", "ours.csv")
    assert (told.returncode, told.stdout) == (1, "")
    first, second, last = told.stderr.splitlines()
    assert first.startswith("ours.csv:3: ")
    assert second.startswith("ours.csv:4: ")
    assert last == "Nothing was changed. Mend this and import again."
    assert madoguchi(tmp_path, "templates", "export", "all.csv").stdout == "0 templates written to all.csv\n"


# --- service levels -----------------------------------------------------------------------------------------

LEVELS = """\
calendars:
  tokyo: {time_zone: Asia/Tokyo, week: {mon-fri: "09:00-12:00, 13:00-18:00"}, holidays: JP}
policies:
  - {name: gold, queues: [support], ranks: [Gold], first_response: 20m, tell: nobody}
  - {name: standard, first_response: 30m, resolution: 40h}
"""


def test_service_levels_go_into_a_file_and_back_and_are_previewed_while_madoguchi_runs(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text(LEVELS, encoding="utf-8")
    with running(tmp_path, DEFAULT_TIME_ZONE="Asia/Tokyo", DEFAULT_LANGUAGE="ja"):
        first = madoguchi(tmp_path, "levels", "export", "-")
        assert (first.returncode, first.stderr) == (0, "")
        assert "time_zone: Asia/Tokyo" in first.stdout
        assert "holidays: JP" in first.stdout
        assert "弁護士" in first.stdout
        told = madoguchi(tmp_path, "levels", "import", "ours.yaml")
        assert (told.returncode, told.stdout) == (0, "Version 2 holds; policies: gold, standard\n")
        assert told.stderr == "ours.yaml:4: nobody of the team is called 'nobody' yet: supervisors are told instead\n"
        shown = madoguchi(tmp_path, "levels", "preview", "2026-07-17 17:35")
    assert shown.stdout.splitlines() == [
        "Friday 17 July 2026, support: policy standard, in the hours of tokyo (Asia/Tokyo)",
        "First response (30m): a mail at 17:35 on Friday is due Tuesday 09:05.",
        "Resolution (40h): a mail at 17:35 on Friday is due Monday 27 July 17:35.",
    ]
    gold = madoguchi(tmp_path, "levels", "preview", "2026-07-17 17:35", "--queue", "support", "--rank", "GOLD")
    assert "First response (20m): a mail at 17:35 on Friday is due Friday 17:55." in gold.stdout
    written = madoguchi(tmp_path, "levels", "export", "theirs.yaml")
    assert (written.returncode, written.stdout) == (0, "The service levels are written to theirs.yaml\n")
    assert (tmp_path / "theirs.yaml").read_text(encoding="utf-8") == LEVELS
    again = madoguchi(tmp_path, "levels", "import", "theirs.yaml")
    assert again.stdout == "Version 2 holds as before; policies: gold, standard\n"


def test_service_levels_with_mistakes_are_told_by_line_and_nothing_is_changed(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text(LEVELS.replace("20m", "2d").replace("Asia/Tokyo", "Tokyo"))
    told = madoguchi(tmp_path, "levels", "import", "ours.yaml")
    assert (told.returncode, told.stdout) == (1, "")
    zone, amount, queue, last = told.stderr.splitlines()
    assert zone == "ours.yaml:2: time_zone: 'Tokyo' is no time zone: write a name such as Asia/Tokyo"
    assert amount.startswith("ours.yaml:4: first_response: '2d': write hours, such as 8h")
    assert queue == "ours.yaml:4: queues: there is no queue 'support'"
    assert last == "Nothing was changed. Mend this and import again."
    assert "There are no service levels yet" in madoguchi(tmp_path, "levels", "export", "-").stderr


# --- doctor and wrong settings ------------------------------------------------------------------------------


def test_the_doctor_is_content_with_a_fresh_checkout(tmp_path: Path) -> None:
    told = madoguchi(tmp_path, "doctor")
    assert (told.returncode, told.stderr) == (0, "")
    assert all(line.startswith("✓ ") for line in told.stdout.splitlines())


def test_the_doctor_fails_when_something_must_be_mended(tmp_path: Path) -> None:
    told = madoguchi(tmp_path, "doctor", AGENTS="workspace:hana")
    assert told.returncode == 1
    assert "✗ team: nobody is a supervisor\n  Set SUPERVISORS" in told.stdout


ASKED = ("mail list", "outbox retry", "templates export new", "levels export new")
NO_PORT = {"HTTP_PORT": "many"}, "HTTP_PORT: "
DOWN = {"DATABASE_URL": "postgresql://hana:sesame@127.0.0.1:1/desk"}, "Connection refused"


@pytest.mark.parametrize(
    ("arguments", "settings", "sentence"),
    [
        ("run", {"DATABASE_URL": "mysql://localhost/desk"}, "DATABASE_URL: write sqlite:///FILE or postgresql://"),
        ("run", {"DATABASE_URL": "sqlite:///file/x.db"}, "file"),
        *((command, *NO_PORT) for command in ("run", "doctor", *ASKED)),
        *((command, *DOWN) for command in ("run", "doctor", *ASKED)),
        ("templates import nowhere", {}, "nowhere: there is no such file or folder"),
        ("templates export file/new", {}, "file"),
        ("levels import nowhere", {}, "nowhere: there is no such file"),
        ("levels export -", {}, "There are no service levels yet: Madoguchi puts some in"),
        ("levels preview tomorrow", {}, "There are no service levels yet"),
    ],
)
def test_wrong_settings_are_told_in_a_sentence(
    tmp_path: Path, arguments: str, settings: dict[str, str], sentence: str
) -> None:
    (tmp_path / "file").write_text("in the way")
    told = madoguchi(tmp_path, *arguments.split(), **settings)
    assert told.returncode == 1
    said = told.stdout + told.stderr
    assert sentence in said
    assert "Traceback" not in said
    assert "sesame" not in said


def test_the_workspace_is_not_served_to_other_machines(tmp_path: Path) -> None:
    told = madoguchi(tmp_path, "run", HTTP_HOST="0.0.0.0")
    assert told.returncode == 1
    assert "for this machine only: bind to 127.0.0.1" in told.stderr
    assert "Traceback" not in told.stderr


# --- run ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_it_serves_until_it_is_stopped_and_ends_well(tmp_path: Path, stop: signal.Signals) -> None:
    with running(tmp_path, LOG_FORMAT="json") as (process, address):
        with urllib.request.urlopen(f"{address}healthz", timeout=PATIENCE) as answer:
            assert json.load(answer)["status"] == "ok"
        with urllib.request.urlopen(address, timeout=PATIENCE) as page:
            assert b"Madoguchi" in page.read()
        process.send_signal(stop)
        rest, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, rest) == (0, "")
    assert [line for line in errors.splitlines() if json.loads(line)["level"] in ("warning", "error", "critical")] == []


def test_open_pages_do_not_keep_it_from_ending(tmp_path: Path) -> None:
    with running(tmp_path) as (process, address), socket.socket() as page:
        page.connect(("127.0.0.1", int(address.rsplit(":", 1)[1].strip("/"))))
        page.sendall(b"GET /healthz HTTP/1.1\r\n")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 0


def test_a_second_process_on_the_same_sqlite_file_is_refused_until_the_first_one_ends(tmp_path: Path) -> None:
    with running(tmp_path) as (first, address):
        second = madoguchi(tmp_path, "run")
        assert second.returncode == 1
        assert "Another Madoguchi runs on var/madoguchi.sqlite3 already. Stop it first, or set" in second.stderr
        assert "Traceback" not in second.stderr
        with urllib.request.urlopen(f"{address}healthz", timeout=PATIENCE) as answer:
            assert answer.status == 200
        first.kill()
        first.communicate(timeout=PATIENCE)
    with running(tmp_path) as (third, _):
        assert third.poll() is None


def test_a_port_that_is_taken_is_told_in_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        told = madoguchi(tmp_path, "run", HTTP_PORT=str(other.getsockname()[1]))
    assert told.returncode == 1
    assert told.stderr.startswith("HTTP_PORT is in use: Madoguchi runs already, or another program has it.")
