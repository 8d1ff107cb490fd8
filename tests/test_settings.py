"""Settings: .env.example describes them all, each is read as it is written there, and what is wrong is told."""

import os
import re
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel

import run
from bot.discord_settings import DiscordSettings
from bot.mailbox_settings import MailboxSettings
from bot.phone_settings import CallSettings, TelephonySettings
from bot.settings import Settings, SettingsError, place_of, read_settings
from bot.slack_settings import SlackSettings

EXAMPLE = Path(run.__file__).parent / ".env.example"
LINE = re.compile(r"#? ?([A-Z_]+)=(.*)")


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting comes from the environment or from a .env of this checkout."""
    for name in list(os.environ):
        if name.lower().partition("__")[0] in Settings.model_fields:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def example_lines() -> list[tuple[str, str]]:
    """Name and default of every setting that .env.example shows."""
    found = [LINE.fullmatch(line) for line in EXAMPLE.read_text(encoding="utf-8").splitlines()]
    return [(match[1], match[2]) for match in found if match]


def read_with(text: str) -> Settings:
    """The settings, with this as the .env file."""
    Path(".env").write_text(text, encoding="utf-8")
    return read_settings()


MAILBOX = "MAILBOXES__SUPPORT__"
PLATFORMS: dict[str, type[BaseModel]] = {
    "SLACK__": SlackSettings,
    "DISCORD__": DiscordSettings,
    "TELEPHONY__": TelephonySettings,
    "CALLS__": CallSettings,
}


def test_the_example_names_every_setting_once_and_no_other() -> None:
    plain = [name.lower() for name, _ in example_lines() if not name.startswith((MAILBOX, *PLATFORMS))]
    assert sorted([*plain, "mailboxes", "slack", "discord", "telephony", "calls"]) == sorted(Settings.model_fields)


@pytest.mark.parametrize("block", PLATFORMS)
def test_the_example_names_every_setting_of_a_platform_once_and_no_other(block: str) -> None:
    named = [name.removeprefix(block).lower() for name, _ in example_lines() if name.startswith(block)]
    assert sorted(named) == sorted(PLATFORMS[block].model_fields)


@pytest.mark.parametrize("block", PLATFORMS)
def test_the_example_shows_the_defaults_of_a_platform(block: str) -> None:
    shown = {name.removeprefix(block).lower(): value for name, value in example_lines() if name.startswith(block)}
    assert shown == {name: "" if value == () else str(value) for name, value in PLATFORMS[block]().model_dump().items()}


def test_the_example_names_every_setting_of_a_mailbox_once_and_no_other() -> None:
    named = [name.removeprefix(MAILBOX).lower() for name, _ in example_lines() if name.startswith(MAILBOX)]
    assert sorted(named) == sorted(MailboxSettings.model_fields)


def test_the_example_shows_the_defaults_of_a_mailbox() -> None:
    shown = {name.removeprefix(MAILBOX).lower(): value for name, value in example_lines() if name.startswith(MAILBOX)}
    own = ("host", "user", "password", "queue")
    mailbox = MailboxSettings(host="imap.example.com", user="support", password="change-me")
    assert {name: value for name, value in shown.items() if name not in own} == {
        name: "" if value is None else str(value).removesuffix(".0")
        for name, value in mailbox.model_dump().items()
        if name not in own
    }


def test_a_mailbox_is_read_from_its_block() -> None:
    shown = "\n".join(f"{name}={value}" for name, value in example_lines() if name.startswith(MAILBOX) and value)
    settings = read_with(shown)
    assert settings.mailboxes["support"].host == "imap.example.com"
    assert "change-me" in settings.secrets
    assert "change-me" not in repr(settings)


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("PASSWORD=", "set either PASSWORD or OAUTH"),
        ("PASSWORD=x OAUTH=gmail", "set either PASSWORD or OAUTH"),
        ("OAUTH=gmail", "OAUTH needs OAUTH_CLIENT_ID"),
        ("OAUTH=gmail OAUTH_CLIENT_ID=x", "OAUTH needs OAUTH_REFRESH_TOKEN"),
        ("PASSWORD=x SECURITY=none", "SECURITY"),
        ("PASSWORD=x FOLDRE=INBOX", "FOLDRE"),
        ("PASSWORD=x AFTER=delete", "AFTER"),
    ],
)
def test_a_mailbox_that_cannot_work_is_told(block: str, told: str) -> None:
    lines = [f"{MAILBOX}{one}" for one in ("HOST=h", "USER=u", *block.split())]
    with pytest.raises(SettingsError, match=told):
        read_with("\n".join(lines))


def test_the_example_shows_the_defaults() -> None:
    shown = "\n".join(f"{name}={value}" for name, value in example_lines() if not name.startswith(MAILBOX))
    assert read_with(shown) == read_with("") == defaults()


def defaults() -> Settings:
    values = {name: field.get_default(call_default_factory=True) for name, field in Settings.model_fields.items()}
    return Settings.model_construct(**values)


def test_the_example_explains_each_setting_right_above_it() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    bare = [line for above, line in pairwise(lines) if LINE.fullmatch(line) and not re.match("# .", above)]
    assert bare == []


def test_the_example_can_be_copied_as_it_is() -> None:
    assert read_with(EXAMPLE.read_text(encoding="utf-8")) == defaults()


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PORT", "9000")
    assert read_with("HTTP_PORT=9001\nLOG_LEVEL=debug").http_port == 9000
    assert read_settings().log_level == "debug"


def test_lists_and_pairs_are_written_with_commas() -> None:
    settings = read_with(
        "SPOOL_FOLDERS=support=var/a, 返品 = var/b ,\n"
        "QUEUE_CHANNELS=support=workspace:support;返品=workspace:#team\n"
        "AGENTS=workspace:hana,workspace:@ken\nWORKSPACE_CHANNELS= support ,, team"
    )
    assert settings.spool_folders == (("support", "var/a"), ("返品", "var/b"))
    assert settings.queue_channels == (("support", "workspace:support"), ("返品", "workspace:#team"))
    assert settings.queues == ("support", "返品")
    assert settings.workspace_channels == ("support", "team")
    assert [place_of(one) for one in settings.agents] == [("workspace", "hana"), ("workspace", "ken")]


@pytest.mark.parametrize(
    ("lines", "boards"),
    [
        ("", ("workspace:supervisors",)),
        ("WORKSPACE=off", ()),
        ("WORKSPACE_CHANNELS=support, team", ()),
        ("CALLS__BOARDS= slack:desk ;discord:#calls,slack:desk", ("slack:desk", "discord:#calls")),
    ],
)
def test_boards_are_shown_where_it_is_said_else_to_the_workspaces_supervisors(
    lines: str, boards: tuple[str, ...]
) -> None:
    assert read_with(lines).boards == boards


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("HTTP_PORT=many", "HTTP_PORT: .*integer"),
        ("HTTP_PORT=65536", "HTTP_PORT: .*65535"),
        ("WORKSPACE=maybe", "WORKSPACE: .*'auto', 'on' or 'off'"),
        ("DEFAULT_LANGUAGE=fr", "DEFAULT_LANGUAGE: .*'en' or 'ja'"),
        ("DEFAULT_TIME_ZONE=Tokyo", "DEFAULT_TIME_ZONE: 'Tokyo' is no time zone: write a name such as Asia/Tokyo"),
        ("DEFAULT_TIME_ZONE=../etc", "DEFAULT_TIME_ZONE: '../etc' is no time zone"),
        ("PUBLIC_URL=desk.example.com", "PUBLIC_URL: .*write an address, such as https://desk.example.com"),
        ("DISCORD__TOKEN=1234", "DISCORD__TOKEN: this is an application ID"),
        ("TELEPHONY__SECRET=short", "TELEPHONY__SECRET: it needs at least 16 characters: `openssl rand -hex 32`"),
        (f"TELEPHONY__TWILIO_AUTH_TOKEN=AC{'0' * 32}", "TELEPHONY__TWILIO_AUTH_TOKEN: this is a SID; .*Auth Token"),
        ("TELEPHONY__TWILIO_AUTH_TOKEN=0123456789abcdef", "TELEPHONY: Twilio signs .*: set PUBLIC_URL"),
        ("DISCORD__AGENT_ROLES=everyone", "DISCORD__AGENT_ROLES: @everyone is everybody"),
        ("SPOOL_FOLDERS=var/spool", "SPOOL_FOLDERS: write it like name=value"),
        ("QUEUE_CHANNELS=support=general", "QUEUE_CHANNELS: 'general' must be written like workspace:support"),
        ("CALLS__BOARDS=supervisors", "CALLS__BOARDS: 'supervisors' must be written like workspace:supervisors"),
        ("SUPERVISORS=emma", "SUPERVISORS: 'emma' must be written like workspace:support"),
        ("LOG_LEVEL=loud", "LOG_LEVEL: .*'debug', 'info', 'warning' or 'error'"),
        ("DATABASE_URL=mysql://madoguchi:open-sesame@localhost/x", "DATABASE_URL: write sqlite:///FILE or postgresql:"),
        ("DATABASE_URL=sqlite://", "DATABASE_URL: write sqlite:///FILE"),
        ("DATABASE_URL=sqlite:///:memory:", "DATABASE_URL: write sqlite:///FILE"),
        ("DATABASE_URL=postgresql://madoguchi:open-sesame@localhost:port/x", "DATABASE_URL: write .*:PORT/NAME"),
    ],
)
def test_what_is_wrong_is_told_in_a_line_that_names_the_setting(line: str, told: str) -> None:
    with pytest.raises(SettingsError, match=f"^{told}") as caught:
        read_with(line)
    assert "\n" not in str(caught.value)
    assert "open-sesame" not in str(caught.value)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        read_with("HTTP_PORT=many\nLOG_FORMAT=xml")
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == ["HTTP_PORT", "LOG_FORMAT"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("postgres://localhost/x", "postgresql://localhost/x"),
        ("postgresql+asyncpg://u:p@h:5432/x", "postgresql://u:p@h:5432/x"),
        ("postgresql://[::1]:5432/x", "postgresql://[::1]:5432/x"),
        ("postgresql:///x?host=/run/postgresql", "postgresql:///x?host=/run/postgresql"),
        ("sqlite+aiosqlite:////srv/desk.db", "sqlite:////srv/desk.db"),
    ],
)
def test_a_database_may_be_written_in_the_ways_that_people_do(written: str, meant: str) -> None:
    assert read_with(f"DATABASE_URL={written}").database_url == meant


@pytest.mark.parametrize(
    ("url", "secrets"),
    [
        ("sqlite:///var/x.db", set()),
        ("postgresql://localhost/x", set()),
        ("postgresql://hana@localhost/x", set()),
        ("postgresql://hana:sesame@localhost/x", {"sesame"}),
        ("postgresql://hana:a:b@c@localhost/x", {"a:b@c"}),
        ("postgresql://hana:open%40sesame@localhost/x", {"open%40sesame", "open@sesame"}),
        ("postgresql:///x?user=hana&password=open%40sesame&host=h", {"open%40sesame", "open@sesame"}),
    ],
)
def test_passwords_are_known_as_secrets_however_they_are_written(url: str, secrets: set[str]) -> None:
    assert set(read_with(f"DATABASE_URL='{url}'").secrets) == secrets


def test_tokens_are_known_as_secrets() -> None:
    slack = "SLACK__BOT_TOKEN=xoxb-1\nSLACK__APP_TOKEN=xapp-2\nSLACK__SIGNING_SECRET=three"
    settings = read_with(f"{slack}\nDISCORD__TOKEN=four.five.six")
    assert set(settings.secrets) == {"xoxb-1", "xapp-2", "three", "four.five.six"}
    assert not [one for one in settings.secrets if one in repr(settings)]


def test_what_tells_of_calls_is_a_secret() -> None:
    told = "TELEPHONY__SECRET= a-secret-of-the-exchange \nTELEPHONY__TWILIO_AUTH_TOKEN=0123456789abcdef"
    settings = read_with(f"{told}\nPUBLIC_URL=https://desk.example.com")
    assert set(settings.secrets) == {"a-secret-of-the-exchange", "0123456789abcdef"}
    assert not [one for one in settings.secrets if one in repr(settings)]
    assert settings.telephony.is_on
    assert not read_with("").telephony.is_on


def test_calls_may_have_a_queue_of_their_own() -> None:
    assert read_with("TELEPHONY__QUEUE=phone").queues == ("support", "phone")


def test_without_any_queue_calls_need_one() -> None:
    nothing = "SPOOL_FOLDERS=\nQUEUE_CHANNELS=\nTELEPHONY__SECRET=a-secret-of-the-exchange"
    with pytest.raises(SettingsError, match="TELEPHONY: nothing names a queue: set TELEPHONY__QUEUE"):
        read_with(nothing)
    assert read_with(f"{nothing}\nTELEPHONY__QUEUE=phone").queues == ("phone",)


def test_roles_of_discord_are_written_with_commas() -> None:
    settings = read_with("DISCORD__AGENT_ROLES=Support, 夜勤\nDISCORD__SUPERVISOR_ROLES=130000000000000003").discord
    assert settings.agent_roles == ("Support", "夜勤")
    assert settings.supervisor_roles == ("130000000000000003",)


@pytest.mark.parametrize(
    ("lines", "is_on"),
    [
        ("", True),
        ("WORKSPACE=off", False),
        ("SLACK__BOT_TOKEN=xoxb-1\nSLACK__APP_TOKEN=xapp-2", False),
        ("SLACK__BOT_TOKEN=xoxb-1\nSLACK__APP_TOKEN=xapp-2\nWORKSPACE=on", True),
        ("DISCORD__TOKEN=x.y.z", False),
        ("DISCORD__TOKEN=x.y.z\nWORKSPACE=on", True),
    ],
    ids=["alone", "switched off", "beside Slack", "beside Slack, asked for", "beside Discord", "beside it, asked for"],
)
def test_the_workspace_is_on_when_no_other_chat_is_or_when_asked_for(lines: str, is_on: bool) -> None:
    assert read_with(lines).has_workspace is is_on


@pytest.mark.parametrize(
    ("written", "meant"),
    [("", ""), ("https://desk.example.com/", "https://desk.example.com"), ("http://[::1]:8710", "http://[::1]:8710")],
)
def test_the_public_address_ends_without_a_slash(written: str, meant: str) -> None:
    assert read_with(f"PUBLIC_URL={written}").public_url == meant


def test_the_time_zone_is_the_one_set_or_else_this_machines() -> None:
    assert read_with("DEFAULT_TIME_ZONE=Asia/Tokyo").time_zone == "Asia/Tokyo"
    assert ZoneInfo(read_with("").time_zone).key
