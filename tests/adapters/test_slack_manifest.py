"""The app manifest keeps to Slack's reference: its fields, its limits, and no more rights than are used."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

import run
from adapters.slack.manifest import EVENTS, EVENTS_PATH, SCOPES, SHORTCUT, ManifestCommand, ManifestWords, manifest
from commands import COMMANDS

REQUEST_URL = f"https://desk.example.com{EVENTS_PATH}"
QUEUE = ManifestCommand("queue", "What is waiting", "support")
HELP = ManifestCommand("help", "What can be asked")

FIELDS: dict[str, type] = {
    "display_information.name": str,
    "display_information.description": str,
    "display_information.long_description": str,
    "display_information.background_color": str,
    "features.app_home.home_tab_enabled": bool,
    "features.app_home.messages_tab_enabled": bool,
    "features.app_home.messages_tab_read_only_enabled": bool,
    "features.bot_user.display_name": str,
    "features.bot_user.always_online": bool,
    "features.shortcuts.[].name": str,
    "features.shortcuts.[].type": str,
    "features.shortcuts.[].callback_id": str,
    "features.shortcuts.[].description": str,
    "features.slash_commands.[].command": str,
    "features.slash_commands.[].url": str,
    "features.slash_commands.[].description": str,
    "features.slash_commands.[].usage_hint": str,
    "features.slash_commands.[].should_escape": bool,
    "oauth_config.redirect_urls.[]": str,
    "oauth_config.scopes.bot.[]": str,
    "oauth_config.scopes.user.[]": str,
    "oauth_config.token_management_enabled": bool,
    "settings.allowed_ip_address_ranges.[]": str,
    "settings.event_subscriptions.request_url": str,
    "settings.event_subscriptions.bot_events.[]": str,
    "settings.event_subscriptions.user_events.[]": str,
    "settings.incoming_webhooks.incoming_webhooks_enabled": bool,
    "settings.interactivity.is_enabled": bool,
    "settings.interactivity.request_url": str,
    "settings.interactivity.message_menu_options_url": str,
    "settings.org_deploy_enabled": bool,
    "settings.socket_mode_enabled": bool,
    "settings.token_rotation_enabled": bool,
    "settings.function_runtime": str,
}
"""Every field of the manifest reference that an app without custom functions may have, and what it holds."""
LONGEST = {
    "display_information.name": 35,
    "display_information.description": 139,
    "features.bot_user.display_name": 80,
    "features.shortcuts.[].name": 24,
    "features.shortcuts.[].callback_id": 255,
    "features.shortcuts.[].description": 150,
    "features.slash_commands.[].command": 32,
    "features.slash_commands.[].description": 2000,
    "features.slash_commands.[].usage_hint": 1000,
}
"""Characters, at most. Of the description Slack's reference allows 140; its server has refused them."""
METHOD_SCOPES = {
    "chat.postMessage": ["chat:write"],
    "chat.postEphemeral": ["chat:write"],
    "chat.update": ["chat:write"],
    "chat.delete": ["chat:write"],
    "conversations.list": ["channels:read", "groups:read"],
    "conversations.info": ["channels:read", "groups:read"],
    "conversations.open": ["im:write"],
    "conversations.history": ["channels:history", "groups:history", "im:history"],
    "conversations.replies": ["channels:history", "groups:history", "im:history"],
    "users.info": ["users:read"],
    "auth.test": [],
    "views.open": [],
    "views.update": [],
    "views.publish": [],
    "views.push": [],
    "apps.connections.open": [],
}
"""The bot scopes that each method needs for public and private channels and direct messages, by its reference page.

`apps.connections.open` needs connections:write, which belongs to the app-level token and is in no manifest.
"""
WAYS_IN_SCOPES = {
    "app_home_opened": [],
    "app_mention": ["app_mentions:read"],
    "message.channels": ["channels:history"],
    "message.groups": ["groups:history"],
    "user_change": ["users:read"],
    "slash commands and shortcuts": ["commands"],
}


def leaves(node: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every value of the manifest with the path of its field, [] for any place in a list."""
    match node:
        case dict():
            for name, value in node.items():
                yield from leaves(value, f"{path}.{name}".strip("."))
        case list():
            for value in node:
                yield from leaves(value, f"{path}.[]")
        case _:
            yield path, node


def faults(made: dict[str, object]) -> list[str]:
    """What Slack would not take of a manifest."""
    return [
        f"{path}: {value!r}"
        for path, value in leaves(made)
        if type(value) is not FIELDS.get(path)
        or (isinstance(value, str) and not 0 < len(value) <= LONGEST.get(path, 255))
    ]


def registry() -> list[ManifestCommand]:
    return [ManifestCommand(command.name, f"What {command.name} does", "1042") for command in COMMANDS]


def made(*commands: ManifestCommand, **more: Any) -> dict[str, Any]:
    """A manifest, as it is after a way through JSON."""
    told: dict[str, Any] = json.loads(json.dumps(manifest(commands, **more)))
    return told


@pytest.mark.parametrize("request_url", ["", REQUEST_URL], ids=["socket", "http"])
@pytest.mark.parametrize("prefix", ["", "desk-"])
def test_it_has_only_fields_of_the_reference_each_within_its_limits(prefix: str, request_url: str) -> None:
    told = made(*registry(), prefix=prefix, request_url=request_url)
    assert faults(told) == []
    assert list(told) == ["display_information", "features", "oauth_config", "settings"]
    assert len(told["features"]["slash_commands"]) == len([one for one in COMMANDS if "_" not in one.name])


def test_an_unknown_field_and_a_text_that_is_too_long_would_be_noticed() -> None:
    assert faults({"settings": {"socket_mode": True}}) == ["settings.socket_mode: True"]
    assert faults({"display_information": {"name": "x" * 36}}) != []
    assert faults({"settings": {"socket_mode_enabled": "yes"}}) != []


def test_each_command_is_a_slash_command_of_its_own() -> None:
    assert made(QUEUE, HELP)["features"]["slash_commands"] == [
        {"command": "/queue", "description": "What is waiting", "usage_hint": "support", "should_escape": True},
        {"command": "/help", "description": "What can be asked", "should_escape": True},
    ]


def test_commands_of_two_words_stand_in_the_example_of_the_first() -> None:
    template = ManifestCommand("template", "Find a text", "late-parcel")
    more = (ManifestCommand("template_add", "Add one"), ManifestCommand("template_edit", "Change one", "late-parcel"))
    told = made(template, *more, HELP, prefix="desk-")["features"]["slash_commands"]
    assert [(one["command"], one.get("usage_hint")) for one in told] == [
        ("/desk-template", "late-parcel | add | edit"),
        ("/desk-help", None),
    ]


def test_the_prefix_goes_before_every_command() -> None:
    told = made(QUEUE, HELP, prefix="desk-")
    assert [one["command"] for one in told["features"]["slash_commands"]] == ["/desk-queue", "/desk-help"]


def test_without_a_request_url_everything_comes_over_socket_mode() -> None:
    told = made(QUEUE)
    assert told["settings"]["socket_mode_enabled"] is True
    assert "http" not in json.dumps(told)


def test_with_a_request_url_everything_comes_there() -> None:
    told = made(QUEUE, HELP, request_url=REQUEST_URL)
    assert told["settings"]["socket_mode_enabled"] is False
    addresses = {path: value for path, value in leaves(told) if path.endswith("url")}
    assert set(addresses.values()) == {REQUEST_URL}
    assert set(addresses) == {
        "features.slash_commands.[].url",
        "settings.event_subscriptions.request_url",
        "settings.interactivity.request_url",
    }
    assert all(one["url"] == REQUEST_URL for one in told["features"]["slash_commands"])


def test_any_message_can_be_made_an_inquiry() -> None:
    (shortcut,) = made(QUEUE)["features"]["shortcuts"]
    assert (shortcut["name"], shortcut["type"], shortcut["callback_id"]) == (
        "Make an inquiry of this",
        "message",
        "new",
    )
    assert SHORTCUT == "new"


def test_the_home_is_on_and_messages_can_only_be_read() -> None:
    assert made(QUEUE)["features"]["app_home"] == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": True,
    }


def test_the_rights_are_those_that_methods_and_events_need_and_no_more() -> None:
    needed = {scope for table in (METHOD_SCOPES, WAYS_IN_SCOPES) for scopes in table.values() for scope in scopes}
    assert set(SCOPES) == needed
    assert made(QUEUE)["oauth_config"]["scopes"] == {"bot": list(SCOPES)}
    assert set(EVENTS) < set(WAYS_IN_SCOPES)
    assert made(QUEUE)["settings"]["event_subscriptions"]["bot_events"] == list(EVENTS)


def test_every_method_that_the_adapter_calls_is_in_the_table_of_rights() -> None:
    sources = (Path(run.__file__).parent / "adapters" / "slack").glob("*.py")
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    named = set(re.findall(r'"([a-z]+(?:\.[a-zA-Z]+)+)"', text))
    called = {name for name in named if hasattr(AsyncWebClient, name.replace(".", "_"))}
    assert "users.info" in called
    assert called - METHOD_SCOPES.keys() == set()


def test_texts_that_are_too_long_are_cut() -> None:
    words = ManifestWords("about " * 40, "shortcut " * 40, "what it does " * 40)
    told = made(ManifestCommand("queue", "long " * 900, "1042 " * 900), words=words)
    assert faults(told) == []
    assert told["display_information"]["description"].endswith("…")


def test_more_commands_than_slack_takes_are_told() -> None:
    fifty = [ManifestCommand(f"verb{number}", "Something") for number in range(50)]
    assert len(made(*fifty)["features"]["slash_commands"]) == 50
    with pytest.raises(ValueError, match="Slack takes 50 commands of an app, and these are 51"):
        made(*fifty, QUEUE)


@pytest.mark.parametrize("scope", SCOPES)
def test_the_handbook_says_what_each_right_is_for(scope: str) -> None:
    page = (Path(run.__file__).parent / "docs" / "slack.md").read_text(encoding="utf-8")
    english, japanese = page.split("## 日本語")
    assert f"| `{scope}` |" in english
    assert f"| `{scope}` |" in japanese


def test_the_handbook_names_no_right_that_is_not_asked_for() -> None:
    page = (Path(run.__file__).parent / "docs" / "slack.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z_:]+)` \|", page, re.MULTILINE)) == set(SCOPES)
