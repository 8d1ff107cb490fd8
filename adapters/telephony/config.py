"""What an operator says about telephone systems, checked when it is made; secrets stay out of its repr."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

SHORTEST = 16
"""Characters of a secret: less can be guessed."""


@dataclass(frozen=True, slots=True)
class TelephonyConfig:
    """Which telephone systems may tell of calls.

    `secret` switches the webhook for any system on, `auth_token` Twilio. `public_url` is where Twilio finds us, in
    front of all proxies, without a slash at the end: Twilio signs that address. `patience`: seconds that the taking
    of an event may last before the system is told to try again; Twilio waits 15.
    `body_within`: seconds in which the body of a request must have come.
    Raises ValueError with a sentence when something does not fit, and when there is no secret at all.
    """

    secret: str = field(default="", repr=False)
    auth_token: str = field(default="", repr=False)
    public_url: str = ""
    patience: float = 10.0
    body_within: float = 10.0

    def __post_init__(self) -> None:
        if not (self.secret or self.auth_token):
            raise ValueError("nobody may tell of calls without a secret: set one for the webhook, or Twilio's token")
        if self.secret and len(self.secret.strip()) < SHORTEST:
            raise ValueError(f"the secret needs at least {SHORTEST} characters: `openssl rand -hex 32` makes one")
        if self.auth_token:
            _check_auth_token(self.auth_token)
            _check_public_url(self.public_url)
        if self.patience <= 0 or self.body_within <= 0:
            raise ValueError("patience and body_within must be above 0")

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown or logged."""
        return tuple(one for one in (self.secret, self.auth_token) if one)


def _check_auth_token(token: str) -> None:
    if not token.strip():
        raise ValueError("Twilio's auth token is blank")
    if re.fullmatch("(AC|SK)[0-9a-f]{32}", token):
        raise ValueError("this is a SID; in Twilio's Console: Account Info, Auth Token")


def _check_public_url(url: str) -> None:
    parts = urlsplit(url)
    try:
        fits = parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or parts.query or parts.fragment or url.endswith("/"):
        raise ValueError("Twilio signs our public address: set PUBLIC_URL, such as https://desk.example.com")
