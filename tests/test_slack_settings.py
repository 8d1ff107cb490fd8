"""Slack's settings: what is missing or mistaken is told in words, and tokens are shown nowhere."""

import pytest
from pydantic import ValidationError

from bot.slack_settings import SlackSettings

BOT, APP, SECRET = "xoxb-1-sesame", "xapp-1-sesame", "0123456789abcdef-sesame"


def test_without_any_slack_is_off() -> None:
    settings = SlackSettings()
    assert not settings.is_on
    assert settings.secrets == ()
    assert (settings.settle_seconds, settings.connections, settings.api_url) == (30, 2, "https://slack.com/api/")


@pytest.mark.parametrize("given", [{"app_token": APP}, {"signing_secret": SECRET}, {"prefix": "desk-"}])
def test_it_may_be_half_set_while_it_is_off(given: dict[str, str]) -> None:
    assert not SlackSettings.model_validate(given).is_on


@pytest.mark.parametrize("given", [{"app_token": APP}, {"signing_secret": SECRET}])
def test_a_bot_token_and_a_way_in_turn_it_on(given: dict[str, str]) -> None:
    assert SlackSettings.model_validate({"bot_token": BOT, **given}).is_on


def test_all_three_are_secrets_and_shown_nowhere() -> None:
    settings = SlackSettings(bot_token=BOT, app_token=APP, signing_secret=SECRET)
    assert settings.secrets == (BOT, APP, SECRET)
    assert "sesame" not in repr(settings)
    assert "sesame" not in str(settings)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"bot_token": BOT}, r"set APP_TOKEN \(Socket Mode\) or SIGNING_SECRET \(HTTP\) too"),
        ({"bot_token": "xoxp-1-sesame", "app_token": APP}, "begins with xoxb-.* Bot User OAuth Token"),
        ({"bot_token": APP, "app_token": APP}, "begins with xoxb-"),
        ({"app_token": BOT}, "begins with xapp-.* App-Level Tokens"),
        ({"signing_secret": BOT}, "this is a token.* Signing Secret"),
        ({"signing_secret": APP}, "this is a token.* Signing Secret"),
        ({"prefix": "/desk"}, "without a slash, for example: desk-"),
        ({"prefix": "Desk-"}, "write at most 20 of a-z"),
        ({"prefix": "x" * 21}, "write at most 20 of a-z"),
        ({"prefix": "desk-\n"}, "write at most 20 of a-z"),
        ({"settle_seconds": -1}, "greater than or equal to 0"),
        ({"connections": 0}, "greater than or equal to 1"),
        ({"connections": 11}, "less than or equal to 10"),
        ({"api_url": "slack.com/api"}, "write an address, such as https://slack.com/api/"),
        ({"api_url": "https://"}, "write an address"),
        ({"bot_tokens": BOT}, "not permitted"),
    ],
)
def test_what_is_wrong_is_told(given: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told) as caught:
        SlackSettings.model_validate(given)
    assert "sesame" not in str(caught.value.errors()[0]["msg"])


@pytest.mark.parametrize("prefix", ["", "desk-", "m_", "x" * 20])
def test_a_prefix_that_slack_can_take(prefix: str) -> None:
    assert SlackSettings(prefix=prefix).prefix == prefix


def test_the_address_of_the_api_ends_in_a_slash() -> None:
    assert SlackSettings(api_url="http://127.0.0.1:8000/api").api_url == "http://127.0.0.1:8000/api/"
