"""The doctor's look at Slack: each thing that is wrong is found, by name and with its remedy; nothing else is."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.slack.check import Trouble, check
from adapters.slack.config import SlackConfig
from adapters.slack.manifest import SCOPES
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_faults import Faults


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    server = FakeSlack()
    await server.open()
    yield server
    await server.close()


def config(slack: FakeSlack, **more: object) -> SlackConfig:
    """What an operator has set, with which all is well."""
    fine = SlackConfig(slack.bot_token, slack.app_token, slack.signing_secret, api_url=slack.api_url, timeout=5)
    return replace(fine, **more)  # type: ignore[arg-type] # the tests name fields that there are


def the(troubles: list[Trouble]) -> Trouble:
    """The only one."""
    (trouble,) = troubles
    return trouble


async def test_all_is_well(slack: FakeSlack) -> None:
    people = ("U0HANA", "U0KEN", "U0EMMA")
    assert await check(config(slack), ("support", "C0RETURNS", "#team"), people) == []
    assert slack.standing() == []


async def test_the_rights_of_the_manifest_are_enough(slack: FakeSlack) -> None:
    slack.world.scopes = list(SCOPES)
    assert await check(config(slack), ("support",), ("U0HANA",)) == []


# --- tokens -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["token_revoked", "account_inactive", "invalid_auth", "token_expired"])
async def test_a_bot_token_that_slack_takes_no_more(slack: FakeSlack, name: str) -> None:
    slack.set_faults(Faults(revoked=name))
    trouble = the(await check(config(slack), ("support",), ("U0HANA",)))
    assert name in trouble.found
    assert "SLACK__BOT_TOKEN" in trouble.remedy


async def test_a_wrong_bot_token(slack: FakeSlack) -> None:
    trouble = the(await check(config(slack, bot_token="xoxb-of-another-app")))
    assert "invalid_auth" in trouble.found
    assert "SLACK__BOT_TOKEN" in trouble.remedy
    assert "xoxb-of-another-app" not in str(trouble)


async def test_a_wrong_app_token(slack: FakeSlack) -> None:
    trouble = the(await check(config(slack, app_token="xapp-of-another-app")))
    assert trouble.found == "Slack does not take the app token (invalid_auth)"
    assert "SLACK__APP_TOKEN" in trouble.remedy
    assert "connections:write" in trouble.remedy
    assert "xapp-of-another-app" not in str(trouble)


async def test_without_an_app_token_none_is_tried(slack: FakeSlack) -> None:
    assert await check(config(slack, app_token="")) == []
    assert "apps.connections.open" not in {method for method, *_ in slack.answers}


async def test_slack_that_cannot_be_reached(slack: FakeSlack) -> None:
    await slack.close()
    trouble = the(await check(config(slack), ("support",)))
    assert "cannot be reached" in trouble.found
    assert "network" in trouble.remedy


# --- rights -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", SCOPES)
async def test_a_right_that_is_missing_is_named_with_its_purpose(slack: FakeSlack, scope: str) -> None:
    slack.set_faults(Faults(missing=[scope]))
    trouble = the(await check(config(slack), ("support",), ("U0HANA",)))
    assert trouble.found == f"the app lacks the right {scope}: {SCOPES[scope]}"
    assert "manifest" in trouble.remedy
    assert "Reinstall" in trouble.remedy


async def test_every_missing_right_is_named(slack: FakeSlack) -> None:
    slack.set_faults(Faults(missing=list(SCOPES)))
    troubles = await check(config(slack), ("support",), ("U0HANA",))
    assert len(troubles) == len(SCOPES)


# --- channels -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["support", "C0SUPPORT"])
async def test_a_channel_that_the_bot_is_not_in(slack: FakeSlack, channel: str) -> None:
    slack.kick_bot("support")
    trouble = the(await check(config(slack), (channel, "team")))
    assert trouble == Trouble(
        f"slack:{channel}", "Madoguchi is not in #support", "Type /invite @Madoguchi in #support."
    )
    slack.invite_bot("support")
    assert await check(config(slack), (channel, "team")) == []


async def test_an_archived_channel(slack: FakeSlack) -> None:
    slack.archive("support")
    trouble = the(await check(config(slack), ("C0SUPPORT",)))
    assert (trouble.part, trouble.found) == ("slack:C0SUPPORT", "#support is archived")
    assert "QUEUE_CHANNELS" in trouble.remedy


@pytest.mark.parametrize("channel", ["nowhere", "C0NOWHERE"])
async def test_a_channel_that_is_not_there(slack: FakeSlack, channel: str) -> None:
    trouble = the(await check(config(slack), (channel,)))
    assert trouble.part == f"slack:{channel}"
    assert "there is no such channel" in trouble.found
    assert "QUEUE_CHANNELS" in trouble.remedy


async def test_a_private_channel_without_the_bot_and_with_it(slack: FakeSlack) -> None:
    channel = slack.add_channel("secret", private=True, with_bot=False)
    assert "/invite @Madoguchi" in the(await check(config(slack), (channel.id,))).remedy
    assert "/invite @Madoguchi" in the(await check(config(slack), ("secret",))).remedy
    slack.invite_bot("secret")
    assert await check(config(slack), (channel.id, "secret")) == []


async def test_each_channel_is_looked_at_once(slack: FakeSlack) -> None:
    slack.kick_bot("support")
    assert len(await check(config(slack), ("C0SUPPORT", "C0SUPPORT"))) == 1


# --- people -------------------------------------------------------------------------------------------------


async def test_somebody_whom_slack_does_not_know(slack: FakeSlack) -> None:
    trouble = the(await check(config(slack), (), ("U0NOBODY", "U0EMMA")))
    assert (trouble.part, trouble.found) == ("slack:U0NOBODY", "Slack knows nobody with this member ID")
    assert "Copy member ID" in trouble.remedy


@pytest.mark.parametrize("user", ["U0GUEST", "U0ALIEN", "U0ROBOT"])
async def test_somebody_who_cannot_be_of_the_team(slack: FakeSlack, user: str) -> None:
    trouble = the(await check(config(slack), (), (user,)))
    assert "cannot be of the team" in trouble.found
    assert trouble.remedy == f"Take slack:{user} out of AGENTS and SUPERVISORS."


async def test_somebody_who_has_left(slack: FakeSlack) -> None:
    assert "is deactivated" in the(await check(config(slack), (), ("U0GONE",))).found


# --- a slow Slack -------------------------------------------------------------------------------------------


async def test_when_slack_asks_to_slow_down_the_check_waits_and_goes_on(slack: FakeSlack) -> None:
    slack.set_faults(Faults(limited=0.5, retry_after=0.01, whole_method=True, seed=3))
    slack.kick_bot("support")
    assert the(await check(config(slack), ("C0SUPPORT",), ("U0EMMA",))).part == "slack:C0SUPPORT"
    assert "429" in {said for *_, said in slack.answers}


async def test_when_slack_breaks_off_what_was_found_before_is_told_too(slack: FakeSlack) -> None:
    slack.kick_bot("support")
    slack.set_faults(Faults(broken=1.0, methods=["users.info"]))
    channel, people = await check(config(slack), ("C0SUPPORT",), ("U0EMMA",))
    assert (channel.part, people.part) == ("slack:C0SUPPORT", "slack")
    assert "503" in people.found
