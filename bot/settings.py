"""Every setting, typed: read from the environment and from a file `.env`; `.env.example` describes them all."""

import re
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.discord_settings import DiscordSettings
from bot.mailbox_settings import MailboxSettings
from bot.phone_settings import CallSettings, TelephonySettings
from bot.slack_settings import SlackSettings


class SettingsError(ValueError):
    """A setting is wrong; the message says which, and what to write instead, one line a setting."""


def _pairs(text: object) -> object:
    """Read "support=workspace:support, returns=workspace:returns" into pairs."""
    if not isinstance(text, str):
        return text
    parts = [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]
    if any("=" not in part for part in parts):
        raise ValueError("write it like name=value, several with commas between them")
    return tuple(tuple(half.strip() for half in part.split("=", 1)) for part in parts)


def _words(text: object) -> object:
    """Read "workspace:hana, workspace:ken" into a list."""
    if not isinstance(text, str):
        return text
    return tuple(part.strip() for part in text.replace(";", ",").split(",") if part.strip())


Pairs = Annotated[tuple[tuple[str, str], ...], NoDecode]
SUPERVISORS = "supervisors"
"""The channel of the workspace that supervisors alone see."""
_NAMING_QUEUES = ("spool_folders", "mailboxes", "queue_channels")
Words = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    """What an operator sets. A platform or a mailbox is on when its settings are there."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_nested_delimiter="__", extra="ignore", frozen=True
    )

    database_url: str = "sqlite:///var/madoguchi.sqlite3"
    data_folder: Path = Path("var")
    http_host: str = "127.0.0.1"
    http_port: int = Field(8710, ge=0, le=65535)
    public_url: str = ""
    workspace: Literal["auto", "on", "off"] = "auto"
    workspace_channels: Words = ("support", "team", SUPERVISORS)
    spool_folders: Pairs = (("support", "var/spool"),)
    mailboxes: dict[str, MailboxSettings] = Field(default_factory=dict)
    slack: SlackSettings = Field(default_factory=SlackSettings)
    discord: DiscordSettings = Field(default_factory=DiscordSettings)
    own_lists: Words = ()
    form_senders: Words = ()
    flood_limit: int = Field(20, ge=0)
    queue_channels: Pairs = (("support", "workspace:support"),)
    telephony: TelephonySettings = Field(default_factory=TelephonySettings)
    calls: CallSettings = Field(default_factory=CallSettings)
    agents: Words = ()
    supervisors: Words = ()
    default_language: Literal["en", "ja"] = "en"
    default_time_zone: str = ""
    phone_region: str = Field("JP", pattern="^[A-Z]{2}$")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"

    @field_validator("database_url")
    @classmethod
    def _check_database(cls, value: str) -> str:
        return _database(value)

    @field_validator("spool_folders", "queue_channels", mode="before")
    @classmethod
    def _read_pairs(cls, value: object) -> object:
        return _pairs(value)

    @field_validator("workspace_channels", "agents", "supervisors", "own_lists", "form_senders", mode="before")
    @classmethod
    def _read_words(cls, value: object) -> object:
        return _words(value)

    @field_validator("queue_channels")
    @classmethod
    def _check_channels(cls, value: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        for _, channel in value:
            _check_place(channel)
        return value

    @field_validator("agents", "supervisors")
    @classmethod
    def _check_people(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for person in value:
            _check_place(person)
        return value

    @field_validator("default_time_zone")
    @classmethod
    def _check_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value or "UTC")
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{value!r} is no time zone: write a name such as Asia/Tokyo") from None
        return value

    @field_validator("public_url")
    @classmethod
    def _check_public_url(cls, value: str) -> str:
        if value and not re.match(r"https?://[^/]", value):
            raise ValueError("write an address, such as https://desk.example.com")
        return value.rstrip("/")

    @field_validator("telephony")
    @classmethod
    def _check_telephony(cls, value: TelephonySettings, info: ValidationInfo) -> TelephonySettings:
        if value.twilio_auth_token and not info.data.get("public_url", "unread"):
            raise ValueError("Twilio signs our public address: set PUBLIC_URL, such as https://desk.example.com")
        if value.is_on and not (value.queue or any(info.data.get(one) for one in _NAMING_QUEUES)):
            raise ValueError("nothing names a queue: set TELEPHONY__QUEUE, for calls to open inquiries in")
        return value

    @property
    def time_zone(self) -> str:
        """The default time zone: the one set, else this machine's."""
        return self.default_time_zone or _machine_zone()

    @property
    def has_workspace(self) -> bool:
        """The embedded workspace is on when asked for, or when no other platform is."""
        return self.workspace == "on" or (self.workspace == "auto" and not self.slack.is_on and not self.discord.is_on)

    @property
    def boards(self) -> tuple[str, ...]:
        """Where boards are shown from the start: as it is set, else in the workspace's channel for supervisors."""
        if self.calls.boards or not self.has_workspace or SUPERVISORS not in self.workspace_channels:
            return self.calls.boards
        return (f"workspace:{SUPERVISORS}",)

    @property
    def queues(self) -> tuple[str, ...]:
        """The queues that the settings name, each once, in order."""
        named = [name for name, _ in (*self.spool_folders, *self.queue_channels)]
        named += [mailbox.queue or name for name, mailbox in self.mailboxes.items()]
        named += [self.telephony.queue] if self.telephony.queue else []
        return tuple(dict.fromkeys(named))

    @property
    def secrets(self) -> tuple[str, ...]:
        """Values that must never be logged, as they are written in settings and as they are meant."""
        _, _, after = self.database_url.partition("://")
        credentials, at, _ = after.rpartition("@")
        written = [credentials.partition(":")[2] if at else "", *re.findall(r"[?&]password=([^&]*)", after)]
        written += self.slack.secrets + self.discord.secrets + self.telephony.secrets
        written += [secret for mailbox in self.mailboxes.values() for secret in mailbox.secrets]
        return tuple(dict.fromkeys(spelling for one in written if one for spelling in (one, unquote(one))))


def read_settings() -> Settings:
    """The settings from the environment. Raises SettingsError."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"{'__'.join(str(part) for part in one['loc']).upper()}: {one['msg'].removeprefix('Value error, ')}"
            for one in error.errors()
        ]
        raise SettingsError("\n".join(lines)) from None


def place_of(text: str) -> tuple[str, str]:
    """Read "workspace:support" into platform and channel (or person). Raises ValueError."""
    platform, colon, rest = text.partition(":")
    if not (platform and colon and rest):
        raise ValueError(f"{text!r} must be written like workspace:support, the platform first")
    return platform, rest.lstrip("#@")


def _database(url: str) -> str:
    """The URL, its scheme spelt in the one way that all parts know; drivers are ours to choose."""
    scheme, _, rest = url.strip().partition("://")
    match scheme.partition("+")[0]:
        case "sqlite" if re.fullmatch(r"/[^:].*", rest):
            return f"sqlite://{rest}"
        case "postgres" | "postgresql" if re.fullmatch(r"(.*@)?(\[.*\]|[^@:/?]*)(:\d*)?([/?].*)?", rest):
            return f"postgresql://{rest}"
    raise ValueError("write sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/NAME")


def _check_place(text: str) -> None:
    place_of(text)


def _machine_zone() -> str:
    key = getattr(datetime.now().astimezone().tzinfo, "key", None)
    if isinstance(key, str):
        return key
    from tzlocal import get_localzone_name

    return get_localzone_name() or "UTC"
