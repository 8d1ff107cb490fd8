"""A busy desk in the fake Discord."""

from collections.abc import Sequence

from tests.fakes.discord import FakeDiscord, Posted
from tests.fakes.discord_people import AGENTS, EMMA, DiscordUser
from tests.journeys.busy_desk import BusyDesk
from tests.journeys.discord_reading import seen_card
from tests.journeys.driver import SeenCard
from tests.support.in_discord import hurry, settings_for


def hire(discord: FakeDiscord, count: int) -> list[str]:
    """So many more people in the server; their ids."""
    people = [
        DiscordUser(f"2100000000000{number:05}", f"agent{number}", f"Agent {number}", roles=[AGENTS])
        for number in range(count)
    ]
    for one in people:
        discord.world.users[one.id] = one
    return [one.id for one in people]


class DiscordDesk(BusyDesk):
    """Hears Discord by the gateway."""

    def __init__(self, discord: FakeDiscord, database_url: str, agents: Sequence[str]) -> None:
        settings = settings_for(discord.port)
        super().__init__("discord", database_url, agents, EMMA, hurry, discord=settings)
        self.discord = discord

    async def connected(self) -> None:
        await self.discord.gateway.connected_to(1)
        await self.seen(self.discord.commands)

    def standing(self) -> int:
        return len(self.discord.messages("support"))

    def told(self, user: str) -> list[SeenCard]:
        return [_card(one) for one in self.discord.ephemerals(user) if not one.is_loading]

    def name_of(self, user: str) -> str:
        return self.discord.world.users[user].global_name


def _card(one: Posted) -> SeenCard:
    return seen_card({"id": one.id, "components": one.components}, one.channel)
