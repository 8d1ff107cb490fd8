"""What an operator sets for Slack: SLACK__BOT_TOKEN and its like."""

import re

from pydantic import BaseModel, Field, field_validator, model_validator


class SlackSettings(BaseModel):
    """Slack is on once `bot_token` is set: over Socket Mode with `app_token`, over HTTP with `signing_secret`."""

    model_config = {"extra": "forbid", "frozen": True}

    bot_token: str = Field("", repr=False)
    app_token: str = Field("", repr=False)
    signing_secret: str = Field("", repr=False)
    prefix: str = ""
    settle_seconds: float = Field(30, ge=0)
    connections: int = Field(2, ge=1, le=10)
    api_url: str = "https://slack.com/api/"

    @field_validator("bot_token")
    @classmethod
    def _check_bot_token(cls, value: str) -> str:
        if value and not value.startswith("xoxb-"):
            raise ValueError("it begins with xoxb-; in Slack's pages: OAuth & Permissions, Bot User OAuth Token")
        return value

    @field_validator("app_token")
    @classmethod
    def _check_app_token(cls, value: str) -> str:
        if value and not value.startswith("xapp-"):
            raise ValueError("it begins with xapp-; in Slack's pages: Basic Information, App-Level Tokens")
        return value

    @field_validator("signing_secret")
    @classmethod
    def _check_signing_secret(cls, value: str) -> str:
        if re.match("xox|xapp-", value):
            raise ValueError("this is a token; in Slack's pages: Basic Information, App Credentials, Signing Secret")
        return value

    @field_validator("prefix")
    @classmethod
    def _check_prefix(cls, value: str) -> str:
        if not re.fullmatch("[a-z0-9_-]{0,20}", value):
            raise ValueError("write at most 20 of a-z, 0-9, - and _, without a slash, for example: desk-")
        return value

    @field_validator("api_url")
    @classmethod
    def _check_api_url(cls, value: str) -> str:
        if not re.match("https?://.", value):
            raise ValueError("write an address, such as https://slack.com/api/")
        return value.rstrip("/") + "/"

    @model_validator(mode="after")
    def _has_a_way_in(self) -> "SlackSettings":
        if self.bot_token and not (self.app_token or self.signing_secret):
            raise ValueError("BOT_TOKEN alone hears nothing: set APP_TOKEN (Socket Mode) or SIGNING_SECRET (HTTP) too")
        return self

    @property
    def is_on(self) -> bool:
        """True when Madoguchi is to be in Slack."""
        return bool(self.bot_token)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be logged."""
        return tuple(one for one in (self.bot_token, self.app_token, self.signing_secret) if one)
