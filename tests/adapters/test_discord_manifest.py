"""The invitation asks for what the adapter uses and for no more, and the handbook says what each permission is for."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import discord
import pytest

import run
from adapters.discord.manifest import INTENTS, PERMISSIONS, intents, invitation, invite_url, label, permissions

ID = "1100000000000000001"
GUILD = "1200000000000000002"
HANDBOOK = Path(run.__file__).parent / "docs" / "discord.md"


def asked(url: str) -> dict[str, str]:
    """What a link asks for."""
    return {name: one for name, (one,) in parse_qs(urlsplit(url).query).items()}


def test_the_link_names_the_application_its_scopes_and_its_permissions() -> None:
    url = invite_url(ID)
    assert url.startswith("https://discord.com/oauth2/authorize?")
    assert asked(url) == {
        "client_id": ID,
        "scope": "bot applications.commands",
        "permissions": str(permissions().value),
    }


def test_the_link_offers_the_server_that_is_set() -> None:
    assert asked(invite_url(ID, GUILD)) == {**asked(invite_url(ID)), "guild_id": GUILD}


def test_the_permissions_are_those_of_the_table_and_no_others() -> None:
    # as the table on Discord's page of permissions counts them
    bits = 1 << 6 | 1 << 10 | 1 << 11 | 1 << 16 | 1 << 35 | 1 << 38
    assert permissions().value == bits
    assert all(getattr(discord.Permissions(bits), name) for name in PERMISSIONS)


@pytest.mark.parametrize("power", ["administrator", "mention_everyone"])
def test_nothing_is_asked_for_that_could_do_harm(power: str) -> None:
    assert not getattr(permissions(), power)
    elevated = discord.Permissions.elevated()
    assert (permissions() & elevated).value == 0


def test_no_privileged_intent_is_asked_for() -> None:
    asked_for = intents()
    assert [name for name, is_on in asked_for if is_on] == list(INTENTS)
    privileged = discord.Intents(members=True, presences=True, message_content=True)
    assert asked_for.value & privileged.value == 0


@pytest.mark.parametrize(
    ("name", "read"),
    [("send_messages", "Send Messages"), ("send_messages_in_threads", "Send Messages in Threads")],
)
def test_a_permission_is_called_as_discord_shows_it(name: str, read: str) -> None:
    assert label(name) == read


def test_the_invitation_begins_with_the_link_and_says_what_each_permission_is_for() -> None:
    told = invitation(ID, GUILD)
    assert told.splitlines()[0] == invite_url(ID, GUILD)
    assert re.findall(r"^  ([A-Z].*?)  +(to .*)$", told, re.MULTILINE) == [
        (label(name), purpose) for name, purpose in PERMISSIONS.items()
    ]


def test_the_invitation_names_the_switches_of_this_very_application() -> None:
    told = invitation(ID)
    assert f"https://discord.com/developers/applications/{ID}/bot\n  Privileged Gateway Intents" in told
    assert f"https://discord.com/developers/applications/{ID}/information\n  Interactions Endpoint URL" in told
    assert "Requires OAuth2 Code Grant" in told
    assert max(len(line) for line in told.splitlines()[1:]) <= 120


def test_the_handbook_says_in_both_languages_what_each_permission_is_for_and_names_no_other() -> None:
    english, japanese = HANDBOOK.read_text(encoding="utf-8").split("## 日本語")
    rows = re.findall(r"^\| ([A-Z][A-Za-z ]+) \| (to .*) \|$", english, re.MULTILINE)
    assert rows == [(label(name), purpose) for name, purpose in PERMISSIONS.items()]
    assert re.findall(r"^\| .*（([A-Z].*)） \| .*ため \|$", japanese, re.MULTILINE) == [
        label(name) for name in PERMISSIONS
    ]
