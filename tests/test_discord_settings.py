"""Discord's settings: what is missing or mistaken is told in words, and the token is shown nowhere."""

from base64 import urlsafe_b64encode

import pytest
from pydantic import ValidationError

from bot.discord_settings import DiscordSettings

ID = "1100000000000000001"
FIRST = urlsafe_b64encode(ID.encode()).decode().rstrip("=")
TOKEN = f"{FIRST}.sesame.open_sesame-0123456789"


def test_without_any_discord_is_off() -> None:
    settings = DiscordSettings()
    assert not settings.is_on
    assert (settings.secrets, settings.application_id) == ((), "")
    assert (settings.settle_seconds, settings.api_url, settings.gateway_url) == (3, "https://discord.com/api/v10", "")


def test_a_token_turns_it_on_and_tells_the_application() -> None:
    settings = DiscordSettings(token=TOKEN)
    assert settings.is_on
    assert settings.application_id == ID


def test_the_token_is_a_secret_and_shown_nowhere() -> None:
    settings = DiscordSettings(token=TOKEN)
    assert settings.secrets == (TOKEN,)
    assert "sesame" not in repr(settings)
    assert "sesame" not in str(settings)


@pytest.mark.parametrize("id", ["1", "12", "123", ID, f"{ID}0", f"{ID}01"])
def test_the_application_is_told_whatever_the_length_of_its_id(id: str) -> None:
    first = urlsafe_b64encode(id.encode()).decode()
    assert DiscordSettings(token=f"{first.rstrip('=')}.a.b").application_id == id


@pytest.mark.parametrize("token", ["sesame", "x.sesame.y", "c2VzYW1l.sesame.y", "____.sesame.y", ".sesame.y"])
def test_a_token_that_names_no_application_is_taken_all_the_same(token: str) -> None:
    settings = DiscordSettings(token=token)
    assert settings.is_on
    assert settings.application_id == ""


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"token": f"Bot {TOKEN}"}, "without the word Bot before it"),
        ({"token": ID}, "this is an application ID; in the Developer Portal: your application, Bot, Reset Token"),
        ({"token": "sesame0123456789_0123456789-abcd"}, "this is the application's client secret; in the Developer"),
        ({"token": "0123456789abcdef" * 4}, "this is the application's public key; in the Developer Portal"),
        ({"token": f"{TOKEN}\n"}, "neither spaces nor line breaks"),
        ({"token": f"{TOKEN} {TOKEN}"}, "neither spaces nor line breaks"),
        ({"guild": "Our server"}, "write the server's ID, a number"),
        ({"guild": f"{ID}\n"}, "write the server's ID, a number"),
        ({"agent_roles": "everyone"}, "@everyone is everybody in the server"),
        ({"supervisor_roles": ("everyone",)}, "@everyone is everybody in the server"),
        ({"agent_roles": "Desk, Night", "supervisor_roles": "Leads;Night"}, "Night is in AGENT_ROLES and in SUPERV"),
        ({"settle_seconds": -1}, "greater than or equal to 0"),
        ({"api_url": "discord.com/api"}, "write an address, such as https://discord.com/api/v10"),
        ({"api_url": "https://"}, "write an address"),
        ({"gateway_url": "https://gateway.discord.gg"}, "write an address, such as wss://gateway.discord.gg"),
        ({"tokens": TOKEN}, "not permitted"),
    ],
)
def test_what_is_wrong_is_told(given: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told) as caught:
        DiscordSettings.model_validate(given)
    assert "sesame" not in str(caught.value.errors()[0]["msg"])


def test_roles_are_written_with_commas_by_name_or_id() -> None:
    settings = DiscordSettings.model_validate({"agent_roles": f" @Desk, 夜勤 ;Night shift,,{ID}, Desk"})
    assert settings.agent_roles == ("Desk", "夜勤", "Night shift", ID)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://discord.com/api/v10/", "https://discord.com/api/v10"),
        ("http://127.0.0.1:80/api", "http://127.0.0.1:80/api"),
    ],
)
def test_the_address_of_the_api_ends_without_a_slash(written: str, meant: str) -> None:
    assert DiscordSettings(api_url=written).api_url == meant
