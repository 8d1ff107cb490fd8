"""What only Slack has: the App Home, the message shortcut, and people who are guests, bots, or have left."""

import pytest

from tests.fakes.slack import FakeSlack
from tests.journeys.conftest import ON_SLACK, OpenDesk, Setting
from tests.journeys.desk import Desk
from tests.journeys.driver import FREE, HELD, SeenCard, SeenForm, until
from tests.journeys.slack_driver import SlackStage
from tests.journeys.slack_reading import seen_card, seen_form
from tests.support.texts import says, template

pytestmark = pytest.mark.parametrize("setting", ON_SLACK, indirect=True)


@pytest.fixture
def slack(setting: Setting) -> FakeSlack:
    assert isinstance(setting.stage, SlackStage)
    return setting.stage.slack


async def test_the_home_shows_what_concerns_one_and_is_drawn_anew_after_a_press(desk: Desk, slack: FakeSlack) -> None:
    await desk.customer().writes("Mine")
    await desk.customer().writes("Nobody's")
    await desk.support.shows("#1001")
    await desk.support.shows("#1002")
    await desk.hana.types("/claim 1001")

    await slack.open_home("hana")
    home = await until(desk.platform, lambda: _home(slack, "hana"))
    assert home.title == template("ja", "home.title")
    rows = [row.text for row in home.rows]
    assert rows.index("#1001 Mine") < rows.index("#1002 Nobody's")

    claim = next(row.button for row in home.rows if row.text.startswith("#1002") and row.button)
    outcome = await slack.press_home("hana", claim.call)

    assert outcome.acked is not None
    answer = await until(desk.platform, lambda: _modal(slack, "hana"))
    assert isinstance(answer, SeenCard)
    assert says(answer.title, "ja", "claim.done", inquiry=1002)
    await until(
        desk.platform, lambda: not _home(slack, "hana").words.count(template("ja", "button.claim")) and _held(slack)
    )
    await desk.support.shows("#1002", *HELD)


async def test_an_inquiry_is_made_of_any_message(desk: Desk, slack: FakeSlack) -> None:
    said = slack.say("otto", "team", "The printer on floor 2 <&> is out of *ink*\nsince Monday")

    await slack.shortcut("ken", "team", said.ts, "new")
    form = await until(desk.platform, lambda: _modal(slack, "ken") or _told(slack, "ken"))
    if isinstance(form, SeenForm):
        view = slack.views("ken")[-1]
        await slack.submit("ken", view.id, {})

    card = await desk.support.shows("#1001", *FREE)
    assert card.title == "#1001 The printer on floor 2 <&> is out of *ink*"
    assert "since Monday" in card.quote


async def test_who_leaves_the_company_leaves_the_team_and_gives_back_what_they_held(
    desk: Desk, slack: FakeSlack
) -> None:
    await desk.customer().writes()
    await desk.ken.clicks("Claim", on=await desk.support.shows("#1001"))
    await desk.support.shows("#1001", *HELD)

    await slack.deactivate("ken")

    await desk.support.shows("#1001", *FREE)
    team = await desk.emma.types("/team")
    assert says(team.title, "en", "team.title", count=2)
    assert any("left the team" in row.text for row in (await desk.emma.types("/show 1001")).rows)


@pytest.mark.parametrize("somebody", ["guest", "alien"])
async def test_guests_and_people_of_other_companies_are_never_agents(
    desk: Desk, slack: FakeSlack, somebody: str
) -> None:
    await desk.customer().writes()
    card = await desk.support.shows("#1001")
    slack.join(somebody, "support")

    refused = await desk.emma.types(f"/agent @{somebody} agent")
    assert says(refused.title, "en", "agent.guest")

    await slack.press(somebody, "support", card.message, card.buttons[0].call)
    told = await until(desk.platform, lambda: _told(slack, somebody) or False)
    assert any(says(told.title, language, "refused.guest") for language in ("en", "ja"))
    assert desk.support.card("#1001").verbs == [*FREE]


async def test_a_prefix_goes_before_every_command_and_into_what_is_said_of_them(
    open_desk: OpenDesk, setting: Setting
) -> None:
    assert isinstance(setting.stage, SlackStage)
    setting.stage.prefix = "desk-"
    desk = await open_desk()

    helped = await desk.hana.types("/help")

    assert {row.text.split()[0] for row in helped.rows} >= {"/desk-queue", "/desk-claim", "/desk-help"}


def _home(slack: FakeSlack, user: str) -> SeenCard:
    view = slack.home(user)
    if view is None:
        raise LookupError("no Home yet")
    return seen_card({"blocks": view.body["blocks"]}, "")


def _held(slack: FakeSlack) -> bool:
    home = _home(slack, "hana")
    return [row.text for row in home.rows if row.button][:2] == ["#1001 Mine", "#1002 Nobody's"]


def _modal(slack: FakeSlack, user: str) -> SeenCard | SeenForm | None:
    views = slack.views(user)
    if not views:
        return None
    return (
        seen_form(views[-1].body) if "submit" in views[-1].body else seen_card({"blocks": views[-1].body["blocks"]}, "")
    )


def _told(slack: FakeSlack, user: str) -> SeenCard | None:
    told = slack.ephemerals(user)
    return seen_card({"ts": told[-1].id, "blocks": told[-1].blocks}, "") if told else None
