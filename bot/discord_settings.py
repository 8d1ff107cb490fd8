"""What an operator sets for Discord: DISCORD__TOKEN and its like."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, Field, field_validator, model_validator
from pydantic_settings import NoDecode

Names = Annotated[tuple[str, ...], NoDecode]

WHERE_TOKENS_ARE = "in the Developer Portal: your application, Bot, Reset Token"
OTHERS_OF_THE_PORTAL: Mapping[str, str] = MappingProxyType(
    {
        "[0-9]+": "an application ID",
        "[0-9a-f]{64}": "the application's public key",
        "[0-9A-Za-z_-]{32}": "the application's client secret",
    }
)
"""What stands near the token in Discord's pages and is taken for it."""


class DiscordSettings(BaseModel):
    """Discord is on once `token` is set.

    Roles are named by id or by name; when there are any, they say who is of the team, else `/agent` does.
    """

    model_config = {"extra": "forbid", "frozen": True}

    token: str = Field("", repr=False)
    guild: str = ""
    agent_roles: Names = ()
    supervisor_roles: Names = ()
    settle_seconds: float = Field(3, ge=0)
    api_url: str = "https://discord.com/api/v10"
    gateway_url: str = ""

    @field_validator("token")
    @classmethod
    def _check_token(cls, value: str) -> str:
        if value.startswith("Bot "):
            raise ValueError("write the token alone, without the word Bot before it")
        if re.search(r"\s", value):
            raise ValueError(f"a token holds neither spaces nor line breaks; {WHERE_TOKENS_ARE}")
        for mistaken, kind in OTHERS_OF_THE_PORTAL.items():
            if re.fullmatch(mistaken, value):
                raise ValueError(f"this is {kind}; {WHERE_TOKENS_ARE}")
        return value

    @field_validator("guild")
    @classmethod
    def _check_guild(cls, value: str) -> str:
        if not re.fullmatch("[0-9]*", value):
            raise ValueError("write the server's ID, a number; in Discord: press the server's name, Copy Server ID")
        return value

    @field_validator("agent_roles", "supervisor_roles", mode="before")
    @classmethod
    def _read_roles(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        roles = (role.strip().removeprefix("@") for role in value.replace(";", ",").split(","))
        return tuple(dict.fromkeys(role for role in roles if role))

    @field_validator("agent_roles", "supervisor_roles")
    @classmethod
    def _check_roles(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if "everyone" in value:
            raise ValueError("@everyone is everybody in the server: name a role that only people of the team have")
        return value

    @field_validator("api_url")
    @classmethod
    def _check_api_url(cls, value: str) -> str:
        if not re.match("https?://.", value):
            raise ValueError("write an address, such as https://discord.com/api/v10")
        return value.rstrip("/")

    @field_validator("gateway_url")
    @classmethod
    def _check_gateway_url(cls, value: str) -> str:
        if value and not re.match("wss?://.", value):
            raise ValueError("write an address, such as wss://gateway.discord.gg, or nothing: Discord's own")
        return value

    @model_validator(mode="after")
    def _says_one_thing_of_a_role(self) -> "DiscordSettings":
        if both := sorted(set(self.agent_roles) & set(self.supervisor_roles)):
            raise ValueError(f"{both[0]} is in AGENT_ROLES and in SUPERVISOR_ROLES: leave it in one of them")
        return self

    @property
    def is_on(self) -> bool:
        """True when Madoguchi is to be in Discord."""
        return bool(self.token)

    @property
    def application_id(self) -> str:
        """The application's id, as the token tells it; empty where it tells none."""
        return _first_part(self.token)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be logged."""
        return (self.token,) if self.token else ()


def _first_part(token: str) -> str:
    """The id that a token begins with (developers/reference#authentication); empty if there is none."""
    written = token.partition(".")[0]
    try:
        id = urlsafe_b64decode(written + "=" * (-len(written) % 4)).decode("ascii")
    except ValueError:
        return ""
    return id if id.isdecimal() else ""
