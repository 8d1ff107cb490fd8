"""What an operator sets for telephones and calls: TELEPHONY__SECRET and its like."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, Field, field_validator
from pydantic_settings import NoDecode

from bot.domain.phoning import Patience

SHORTEST = 16
"""Characters of a secret: less can be guessed."""


class CallSettings(BaseModel):
    """An agent is asked about a call that was silent for `ask_minutes`; it ends by itself `end_minutes` later.

    Advice that is not read after `unread_seconds` is shown to another supervisor; who asked for advice and got none
    after `experts_seconds` is told to the experts of the topic. `boards` are the channels that show from the start who
    is on the phone; empty: see `Settings.boards`.
    """

    model_config = {"extra": "forbid", "frozen": True}

    ask_minutes: int = Field(30, ge=1, le=24 * 60)
    end_minutes: int = Field(10, ge=1, le=24 * 60)
    unread_seconds: int = Field(60, ge=1, le=3600)
    experts_seconds: int = Field(60, ge=1, le=3600)
    boards: Annotated[tuple[str, ...], NoDecode] = ()

    @field_validator("boards", mode="before")
    @classmethod
    def _read_boards(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(dict.fromkeys(one.strip() for one in value.replace(";", ",").split(",") if one.strip()))

    @field_validator("boards")
    @classmethod
    def _check_boards(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            if not re.fullmatch("[^:]+:.+", one):
                raise ValueError(f"{one!r} must be written like workspace:supervisors, the platform first")
        return value

    @property
    def delays(self) -> tuple[Patience, timedelta, timedelta]:
        """All of that, as `bot.phone_watch` takes it."""
        asked, ended = timedelta(minutes=self.ask_minutes), timedelta(minutes=self.end_minutes)
        return Patience(asked, ended), timedelta(seconds=self.unread_seconds), timedelta(seconds=self.experts_seconds)


class TelephonySettings(BaseModel):
    """Telephone systems tell of calls by a webhook once `secret` is set, Twilio by its own once its token is.

    `queue` is where calls open inquiries; empty: the first queue.
    """

    model_config = {"extra": "forbid", "frozen": True}

    secret: str = Field("", repr=False)
    twilio_auth_token: str = Field("", repr=False)
    queue: str = ""

    @field_validator("secret")
    @classmethod
    def _check_secret(cls, value: str) -> str:
        value = value.strip()
        if value and len(value) < SHORTEST:
            raise ValueError(f"it needs at least {SHORTEST} characters: `openssl rand -hex 32` makes one")
        return value

    @field_validator("twilio_auth_token")
    @classmethod
    def _check_auth_token(cls, value: str) -> str:
        value = value.strip()
        if re.fullmatch("(AC|SK)[0-9a-f]{32}", value):
            raise ValueError("this is a SID; in Twilio's Console: Account Info, Auth Token")
        return value

    @property
    def is_on(self) -> bool:
        """True when any telephone system may tell of calls."""
        return bool(self.secret or self.twilio_auth_token)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be logged."""
        return tuple(one for one in (self.secret, self.twilio_auth_token) if one)
