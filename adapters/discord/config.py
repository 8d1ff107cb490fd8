"""What an operator says about a Discord server, checked when it is made; the token stays out of its repr."""

from dataclasses import dataclass, field
from datetime import timedelta

API = "https://discord.com/api/v10"


@dataclass(frozen=True, slots=True)
class DiscordConfig:
    """The bot's token, and how it is used.

    `guild`: the server in which commands are registered and people are looked up; commands are global, and all the
    bot's servers count, when it is empty. `agent_roles` and `supervisor_roles`, by id or name, say who is of the team.
    `link_base`: where the paths of downloads lead, without a slash at the end. `settle`: a post whose answer was lost
    is looked for so long after it began. `timeout`: seconds that one request may take. `token_rest`: seconds that
    nothing is asked once Discord has refused the token. `gateway_url`: another gateway than Discord's own.
    Raises ValueError with a sentence when something does not fit.
    """

    token: str = field(repr=False)
    guild: str = ""
    agent_roles: tuple[str, ...] = ()
    supervisor_roles: tuple[str, ...] = ()
    api_url: str = API
    gateway_url: str = ""
    link_base: str = ""
    settle: timedelta = timedelta(seconds=3)
    timeout: float = 10.0
    token_rest: float = 60.0

    def __post_init__(self) -> None:
        if not self.token.strip():
            raise ValueError("Discord needs the bot's token")
        if not self.api_url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
            raise ValueError("the address of Discord's API must begin with https://")
        if not self.gateway_url.startswith(("wss://", "ws://127.0.0.1:", "ws://localhost:")) and self.gateway_url:
            raise ValueError("the address of Discord's gateway must begin with wss://")
        if self.guild and not self.guild.isdecimal():
            raise ValueError("a Discord server is named by its id, a number")
        if self.timeout <= 0 or self.token_rest < 0 or self.settle < timedelta():
            raise ValueError("timeout must be above 0, token_rest and settle not below")

    @property
    def says_roles(self) -> bool:
        """True when roles of the server say who is of the team."""
        return bool(self.agent_roles or self.supervisor_roles)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown or logged."""
        return (self.token,)
