"""What an operator says about a Slack workspace, checked when it is made; secrets stay out of its repr."""

from dataclasses import dataclass, field
from datetime import timedelta

MOST_CONNECTIONS = 10
"""Slack serves no more Socket Mode connections of one app (docs.slack.dev/apis/events-api/using-socket-mode)."""


@dataclass(frozen=True, slots=True)
class SlackConfig:
    """The app's tokens, and how it is used.

    `app_token` switches Socket Mode on, `signing_secret` requests over HTTP. `prefix` stands before every slash
    command. `settle`: a post whose answer was lost is looked for so long after it began; it must exceed `timeout`
    (seconds that a whole request may take) and what Slack's history lags behind. `link_base`: where the paths of
    downloads lead, without a slash at the end. `verbs`: those of all commands.
    Raises ValueError with a sentence when something does not fit.
    """

    bot_token: str = field(repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    prefix: str = ""
    settle: timedelta = timedelta(seconds=30)
    api_url: str = "https://slack.com/api/"
    link_base: str = ""
    connections: int = 2
    timeout: float = 15.0
    verbs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.bot_token.strip():
            raise ValueError("Slack needs a bot token (xoxb-...)")
        if not self.api_url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
            raise ValueError("the address of Slack's Web API must begin with https://")
        if not 1 <= self.connections <= MOST_CONNECTIONS:
            raise ValueError(f"Slack allows 1 to {MOST_CONNECTIONS} connections, not {self.connections}")
        if self.timeout <= 0 or self.settle < timedelta():
            raise ValueError("timeout must be above 0, and settle not below")

    @property
    def has_socket(self) -> bool:
        """True when events come in by Socket Mode."""
        return bool(self.app_token)

    @property
    def has_http(self) -> bool:
        """True when events come in as signed requests to our own web server."""
        return bool(self.signing_secret)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown or logged."""
        return tuple(one for one in (self.bot_token, self.app_token, self.signing_secret) if one)
