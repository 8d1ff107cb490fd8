"""What an operator sets for a mailbox on a server: MAILBOXES__NAME__HOST and its like."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, model_validator


class MailboxSettings(BaseModel):
    """A mailbox that is taken in over IMAP, with a password or by OAuth. `queue` is its own name unless set."""

    model_config = {"extra": "forbid", "frozen": True}

    host: str
    user: str
    password: str = Field("", repr=False)
    queue: str = ""
    port: int = Field(0, ge=0, le=65535)
    security: Literal["tls", "starttls", "plain"] = "tls"
    folder: str = "INBOX"
    sent_folder: str = ""
    after: str = Field("seen", pattern="^(keep|seen|move:.+)$")
    look_back: int = Field(0, ge=0)
    poll_seconds: float = Field(300, gt=0)
    ca_file: Path | None = None
    oauth: Literal["", "gmail", "microsoft365"] = ""
    oauth_tenant: str = "common"
    oauth_client_id: str = ""
    oauth_client_secret: str = Field("", repr=False)
    oauth_refresh_token: str = Field("", repr=False)

    @model_validator(mode="after")
    def _has_one_way_in(self) -> "MailboxSettings":
        if bool(self.password) == bool(self.oauth):
            raise ValueError("set either PASSWORD or OAUTH")
        if self.oauth and not self.oauth_client_id:
            raise ValueError("OAUTH needs OAUTH_CLIENT_ID")
        if self.oauth and not (self.oauth_client_secret or self.oauth_refresh_token):
            raise ValueError("OAUTH needs OAUTH_REFRESH_TOKEN, or OAUTH_CLIENT_SECRET for the application itself")
        return self

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be logged."""
        return tuple(one for one in (self.password, self.oauth_client_secret, self.oauth_refresh_token) if one)
