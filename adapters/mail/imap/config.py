"""What an operator says about a mailbox on an IMAP server, checked when it is made; secrets stay out of its repr."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

Security = Literal["tls", "starttls", "plain"]
Kind = Literal["mail", "sent"]

PORTS = {"tls": 993, "starttls": 143, "plain": 143}
MOVE = "move:"
SENT_BY_SPECIAL_USE = "auto"
"""As a sent folder: the one that the server itself marks as such (RFC 6154)."""


@dataclass(frozen=True, slots=True)
class OAuth:
    """How to get access tokens: by a refresh token, or (without one) by the client's own credentials for `scope`."""

    token_url: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    scope: str = ""

    def __post_init__(self) -> None:
        if not self.token_url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
            raise ValueError("token_url must begin with https://")
        if not self.refresh_token and not (self.client_secret and self.scope):
            raise ValueError("OAuth needs a refresh token, or a client secret and a scope")


def gmail(client_id: str, client_secret: str, refresh_token: str) -> OAuth:
    """Access to Gmail on behalf of the person who gave the refresh token (scope https://mail.google.com/)."""
    return OAuth("https://oauth2.googleapis.com/token", client_id, client_secret, refresh_token)


def microsoft365(tenant: str, client_id: str, client_secret: str = "", refresh_token: str = "") -> OAuth:
    """Access to Microsoft 365: for a person by a refresh token, else for the application itself."""
    scope = "https://outlook.office365.com/.default"
    if refresh_token:
        scope = "https://outlook.office365.com/IMAP.AccessAsUser.All offline_access"
    url = f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"
    return OAuth(url, client_id, client_secret, refresh_token, scope)


@dataclass(frozen=True, slots=True)
class MailboxConfig:
    """A folder of a mailbox, and the queue that its mail belongs to.

    `port` 0 means the usual one. `after` says what becomes of a mail that is safe with us: "keep" it as it is, mark
    it "seen", or "move:FOLDER". `look_back` is in days and counts at the first start only: 0 takes in only new mail.
    `poll_seconds`: how often to look even when the server told nothing. `ca_file`: a private CA's certificate.
    Raises ValueError with a sentence when something does not fit.
    """

    name: str
    queue: str
    host: str
    user: str
    password: str = field(default="", repr=False)
    oauth: OAuth | None = None
    port: int = 0
    security: Security = "tls"
    folder: str = "INBOX"
    sent_folder: str = ""
    after: str = "seen"
    look_back: int = 0
    poll_seconds: float = 300.0
    ca_file: Path | None = None

    def __post_init__(self) -> None:
        for name in ("name", "queue", "host", "user", "folder"):
            if not getattr(self, name).strip():
                raise ValueError(f"a mailbox needs a {name}")
        if self.security not in PORTS:
            raise ValueError(f"security is tls, starttls or plain, not {self.security!r}")
        if self.after not in ("keep", "seen") and not self.move_to:
            raise ValueError(f"after is keep, seen or move:FOLDER, not {self.after!r}")
        if self.move_to == self.folder:
            raise ValueError("after must move mail to another folder than the one it comes from")
        if self.look_back < 0 or self.poll_seconds <= 0:
            raise ValueError("look_back cannot be below 0, and poll_seconds must be above")
        if not 0 <= self.port <= 65535:
            raise ValueError(f"{self.port} is no port")
        if bool(self.password) == (self.oauth is not None):
            raise ValueError("a mailbox needs either a password or OAuth")

    @property
    def real_port(self) -> int:
        """The port to connect to."""
        return self.port or PORTS[self.security]

    @property
    def move_to(self) -> str:
        """The folder that mail is moved to; "" when it is not moved."""
        return self.after[len(MOVE) :].strip() if self.after.startswith(MOVE) else ""

    def for_sent_folder(self) -> "MailboxConfig":
        """The same mailbox as a watcher of its sent folder, which stays as it is. Raises ValueError without one."""
        if not self.sent_folder:
            raise ValueError(f"the mailbox {self.name} has no sent folder set")
        return replace(self, folder=self.sent_folder, after="keep")

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown or logged."""
        oauth = (self.oauth.client_secret, self.oauth.refresh_token) if self.oauth else ()
        return tuple(one for one in (self.password, *oauth) if one)
