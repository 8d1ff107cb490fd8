"""`python -m bot manifest slack` and `manifest discord`, as an operator runs them before anything else."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import run
from bot.settings import Settings
from commands import COMMANDS

ROOT = Path(run.__file__).parent
VERBS = [command.name for command in COMMANDS if "_" not in command.name]
"""Commands of two words are typed after the name of the first."""
PATIENCE = 60
"""Seconds after which a process that should have ended is taken for hanging."""
HEAVY = ("aiohttp", "slack_bolt", "slack_sdk", "sqlalchemy", "alembic", "apscheduler", "bot.app", "storage")
HEAVY_FOR_DISCORD = tuple(one for one in HEAVY if one != "aiohttp")
"""discord.py knows the permissions, and brings aiohttp along."""
SECRET = "0123456789abcdef-sesame"
DISCORD_TOKEN = "MzAwMDAwMDAwMDAwMDAwMDAx.open.sesame"
"""Begins with the id 300000000000000001."""


def environment(**settings: str) -> dict[str, str]:
    """An environment that holds no settings but these."""
    bare = {
        name: value
        for name, value in os.environ.items()
        if name.lower().partition("__")[0] not in Settings.model_fields
    }
    return {**bare, "PYTHONPATH": str(ROOT), **settings}


def told(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """`python -m bot ARGUMENTS`, carried out in a folder without a .env."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def manifest(folder: Path, **settings: str) -> dict[str, Any]:
    """The manifest that is printed, and nothing else is."""
    said = told(folder, "manifest", "slack", **settings)
    assert (said.returncode, said.stderr) == (0, "")
    made: dict[str, Any] = json.loads(said.stdout)
    return made


def slash_commands(made: dict[str, Any]) -> list[str]:
    return [one["command"] for one in made["features"]["slash_commands"]]


def test_it_is_printed_before_anything_is_set(tmp_path: Path) -> None:
    made = manifest(tmp_path)
    assert slash_commands(made) == [f"/{verb}" for verb in VERBS]
    assert made["settings"]["socket_mode_enabled"] is True
    assert list(tmp_path.iterdir()) == []


def test_each_command_has_its_description_and_an_example(tmp_path: Path) -> None:
    by_name = {one["command"]: one for one in manifest(tmp_path)["features"]["slash_commands"]}
    assert (by_name["/claim"]["description"], by_name["/claim"]["usage_hint"]) == ("Take an inquiry", "1042")
    assert by_name["/help"]["usage_hint"] == "me"
    assert "usage_hint" not in by_name["/home"]


def test_it_speaks_the_default_language(tmp_path: Path) -> None:
    by_name = {one["command"]: one for one in manifest(tmp_path, DEFAULT_LANGUAGE="ja")["features"]["slash_commands"]}
    assert by_name["/claim"]["description"] == "問い合わせの担当になります"


def test_the_prefix_of_the_settings_goes_before_each_command(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SLACK__PREFIX=desk-\n")
    assert slash_commands(manifest(tmp_path)) == [f"/desk-{verb}" for verb in VERBS]


def test_with_a_public_address_and_a_signing_secret_everything_comes_over_http(tmp_path: Path) -> None:
    settings = {"PUBLIC_URL": "https://desk.example.com/", "SLACK__SIGNING_SECRET": SECRET}
    made = manifest(tmp_path, **settings)["settings"]
    assert made["socket_mode_enabled"] is False
    assert made["event_subscriptions"]["request_url"] == "https://desk.example.com/slack/events"


@pytest.mark.parametrize(
    "settings",
    [
        {"PUBLIC_URL": "https://desk.example.com"},
        {"PUBLIC_URL": "https://desk.example.com", "SLACK__SIGNING_SECRET": SECRET, "SLACK__APP_TOKEN": "xapp-1"},
    ],
    ids=["no-secret", "app-token"],
)
def test_else_it_is_socket_mode(tmp_path: Path, settings: dict[str, str]) -> None:
    assert manifest(tmp_path, **settings)["settings"]["socket_mode_enabled"] is True


def test_what_http_lacks_is_said_beside_the_manifest(tmp_path: Path) -> None:
    said = told(tmp_path, "manifest", "slack", SLACK__SIGNING_SECRET=SECRET)
    assert said.stderr == "This is for Socket Mode; for HTTP, set PUBLIC_URL to an https address.\n"
    assert json.loads(said.stdout)["settings"]["socket_mode_enabled"] is True
    assert "sesame" not in said.stdout


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"SLACK__PREFIX": "/desk"}, "SLACK__PREFIX: write at most 20 of a-z"),
        ({"SLACK__BOT_TOKEN": "sesame"}, "SLACK__BOT_TOKEN: it begins with xoxb-"),
        ({"SLACK__BOT_TOKEN": "xoxb-sesame"}, "SLACK: BOT_TOKEN alone hears nothing"),
    ],
    ids=lambda given: "-".join(given) if isinstance(given, dict) else "",
)
def test_wrong_settings_are_told_in_a_sentence(tmp_path: Path, settings: dict[str, str], sentence: str) -> None:
    said = told(tmp_path, "manifest", "slack", **settings)
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr.startswith(sentence)
    assert "sesame" not in said.stderr


@pytest.mark.parametrize("arguments", [["manifest"], ["manifest", "irc"]], ids=" ".join)
def test_the_platform_must_be_one_that_has_a_manifest(tmp_path: Path, arguments: list[str]) -> None:
    said = told(tmp_path, *arguments)
    assert (said.returncode, said.stdout) == (2, "")
    assert "slack" in said.stderr
    assert "discord" in said.stderr


@pytest.mark.parametrize(("platform", "heavy"), [("slack", HEAVY), ("discord", HEAVY_FOR_DISCORD)])
def test_nothing_heavy_is_loaded_for_it(tmp_path: Path, platform: str, heavy: tuple[str, ...]) -> None:
    code = (
        f"import sys\nfrom bot.__main__ import main\nmain(['manifest', {platform!r}])\n"
        f"print('loaded', sorted(set(sys.modules) & set({heavy!r})), file=sys.stderr)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment(DISCORD__TOKEN=DISCORD_TOKEN),
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stderr == "loaded []\n"


# --- discord ------------------------------------------------------------------------------------------------


def test_the_invite_link_of_discord_is_made_from_the_token(tmp_path: Path) -> None:
    said = told(tmp_path, "manifest", "discord", DISCORD__TOKEN=DISCORD_TOKEN, DISCORD__GUILD="110000000000000001")
    assert (said.returncode, said.stderr) == (0, "")
    link, *rest = said.stdout.splitlines()
    assert link.startswith("https://discord.com/oauth2/authorize?client_id=300000000000000001&")
    assert link.endswith("&guild_id=110000000000000001")
    assert any("Privileged Gateway Intents" in line for line in rest)
    assert "sesame" not in said.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "Set DISCORD__TOKEN first: the link is made from it. docs/discord.md shows where it is.\n"),
        ({"DISCORD__TOKEN": "open-sesame"}, "DISCORD__TOKEN does not begin with the bot's ID"),
        ({"DISCORD__TOKEN": "Bot open.sesame"}, "DISCORD__TOKEN: write the token alone"),
    ],
    ids=["none", "no token", "too much"],
)
def test_without_a_token_it_says_what_to_set(tmp_path: Path, settings: dict[str, str], sentence: str) -> None:
    said = told(tmp_path, "manifest", "discord", **settings)
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr.startswith(sentence)
    assert "sesame" not in said.stderr
