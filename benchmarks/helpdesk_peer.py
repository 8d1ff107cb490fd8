"""django-helpdesk in an environment of its own: set up as its makers say, and told to fetch its mail."""

import json
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from tests.support.dovecot import PASSWORD

WANTED = ("django-helpdesk==2.6.*", "psycopg[binary]")
PATIENCE = 300
"""Seconds that the installation may take, or one mailbox."""

SETTINGS = """
import json, os
SECRET_KEY = "only for a benchmark"
USE_TZ = True
DATABASES = {"default": json.loads(os.environ["PEER_DATABASE"])}
INSTALLED_APPS = [
    *("django.contrib." + name for name in ("auth", "contenttypes", "sessions", "messages", "sites", "admin")),
    *("django.contrib.humanize", "django.contrib.staticfiles", "rest_framework", "django_cleanup", "helpdesk"),
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
ROOT_URLCONF = "peer_urls"
SITE_ID = 1
MEDIA_ROOT = os.environ["PEER_FILES"]
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
HELPDESK_TEAMS_MODE_ENABLED = False
SILENCED_SYSTEM_CHECKS = ["admin.E403"]
"""
"""Its answers to customers are rendered and never sent, which is in its favour."""

URLS = 'from django.urls import include, path\nurlpatterns = [path("", include("helpdesk.urls"))]\n'

PREPARE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("loaddata", "emailtemplate.json", verbosity=0)
"""

TAKE_IN = """
import json, sys
from time import perf_counter
import django
django.setup()
from django.core.management import call_command
from helpdesk.models import FollowUp, Queue, Ticket
box = json.loads(sys.argv[1])
Queue.objects.create(
    title="Support", slug="support", email_address="support@example.com", allow_email_submission=True,
    email_box_type="imap", email_box_host="127.0.0.1", email_box_port=box["port"], email_box_user=box["user"],
    email_box_pass=box["password"], email_box_imap_folder="INBOX", email_box_interval=0, logging_type="none",
)
begun = perf_counter()
call_command("get_email", quiet=True)
print(perf_counter() - begun, Ticket.objects.count(), FollowUp.objects.count())
"""


class NoPeerError(RuntimeError):
    """The peer cannot be had on this machine; the message says why, in one line."""


@dataclass(frozen=True, slots=True)
class Peer:
    """An installed django-helpdesk, and the folder that holds it."""

    home: Path
    version: str

    @classmethod
    def installed(cls, home: Path) -> "Peer":
        """Install the newest 2.6 below `home`. Raises NoPeerError where the package index cannot be reached."""
        python = _python(home)
        try:
            venv.create(home / "venv", with_pip=True)
            quietly = ("--quiet", "--disable-pip-version-check", "--retries", "1", "--timeout", "15")
            _said([python, "-m", "pip", "install", *quietly, *WANTED])
        except (OSError, subprocess.SubprocessError) as fault:
            words = (getattr(fault, "stderr", "") or str(fault)).strip().splitlines()
            raise NoPeerError(f"django-helpdesk cannot be installed: {words[-1] if words else fault}") from fault
        for name, content in (("settings", SETTINGS), ("urls", URLS), ("prepare", PREPARE), ("take_in", TAKE_IN)):
            (home / f"peer_{name}.py").write_text(content, encoding="utf-8")
        asked = "from importlib.metadata import version; print(version('django-helpdesk'), version('django'))"
        return cls(home, " on Django ".join(_said([python, "-c", asked]).split()))

    def prepare(self, url: str) -> None:
        """Make the tables at an empty database's SQLAlchemy URL, and load the templates of its mails."""
        self._run(url, "peer_prepare.py")

    def take_in(self, url: str, port: int, user: str) -> tuple[float, int]:
        """Run `get_email` on a mailbox: the seconds without the start of Python, and how many follow-ups it made."""
        box = json.dumps({"port": port, "user": user, "password": PASSWORD})
        seconds, _, made = self._run(url, "peer_take_in.py", box).split()
        return float(seconds), int(made)

    def _run(self, url: str, script: str, *arguments: str) -> str:
        environment = {
            "PATH": "/usr/bin:/bin",
            "DJANGO_SETTINGS_MODULE": "peer_settings",
            "PEER_DATABASE": json.dumps(_database(url)),
            "PEER_FILES": str(self.home / "files"),
        }
        return _said([_python(self.home), script, *arguments], cwd=self.home, env=environment)


def _python(home: Path) -> str:
    return str(home / "venv" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python"))


def _database(url: str) -> dict[str, object]:
    """The entry of DATABASES for a URL; SQLite is tuned, which makes it twice as fast as it comes."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        tuned = {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL", "transaction_mode": "IMMEDIATE"}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": parsed.database, "OPTIONS": tuned}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parsed.database,
        "USER": parsed.username,
        "PASSWORD": parsed.password or "",
        "HOST": parsed.host,
        "PORT": parsed.port,
    }


def _said(command: list[str], **options: Any) -> str:
    """What a command prints. Raises CalledProcessError or TimeoutExpired."""
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE, **options)
    return str(done.stdout)
