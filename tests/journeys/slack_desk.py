"""A busy desk in the fake Slack."""

from collections.abc import Sequence

from tests.fakes.slack import FakeSlack
from tests.fakes.slack_people import SlackUser
from tests.fakes.slack_world import Ephemeral
from tests.journeys.busy_desk import BusyDesk
from tests.journeys.driver import SeenCard
from tests.journeys.slack_reading import seen_card
from tests.support.in_slack import hurry, settings_for


def hire(slack: FakeSlack, count: int) -> list[str]:
    """So many more people in the workspace and in #support; their ids."""
    people = [SlackUser(f"U0AGENT{number}", f"agent{number}", f"Agent {number}") for number in range(count)]
    for one in people:
        slack.world.users[one.id] = one
        slack.join(one.id, "support")
    return [one.id for one in people]


class SlackDesk(BusyDesk):
    """Hears Slack by socket or by HTTP."""

    def __init__(self, slack: FakeSlack, database_url: str, agents: Sequence[str], by_http: bool = False) -> None:
        settings = settings_for(slack.port, by_http)
        super().__init__("slack", database_url, agents, "U0EMMA", hurry, slack=settings)
        self.slack = slack
        self._by_http = by_http

    async def connected(self) -> None:
        if self._by_http:
            self.slack.deliver_by_http(f"http://127.0.0.1:{self.port}/slack/events")
            await self.seen(self.slack.verify_url)
        else:
            await self.slack.sockets.connected_to(2)

    def standing(self) -> int:
        return len(self.slack.messages("support"))

    def told(self, user: str) -> list[SeenCard]:
        return [_card(one) for one in self.slack.ephemerals(user)]

    def name_of(self, user: str) -> str:
        return self.slack.world.users[user].real_name


def _card(one: Ephemeral) -> SeenCard:
    return seen_card({"ts": one.id, "blocks": one.blocks}, one.channel)
