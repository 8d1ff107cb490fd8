"""One call of a command inside its transaction: what a command is given to work with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.chat.command import Command, plain_number
from bot.chat.invocation import Invocation
from bot.chat.profile import Profile
from bot.domain.agent import Agent
from bot.domain.errors import Refusal
from bot.domain.events import Act
from bot.domain.inquiry import Inquiry
from bot.ports import Handle, Place, Transaction
from bot.translator import Speaker

LARGEST = 10**9
"""No number of ours is larger; databases hold a little more."""


class Missing(Exception):
    """A command finds that it needs one more of its options: a form shall ask for it."""

    def __init__(self, option: str) -> None:
        super().__init__(option)
        self.option = option


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a command inside its transaction. `agent` is None only for commands that anybody may use.

    `region` is where phone numbers without a country's code are taken to be from ("JP").
    """

    invocation: Invocation
    options: Mapping[str, str]
    tx: Transaction
    act: Act
    say: Speaker
    seen: int | None
    commands: Sequence[Command["Call"]]
    region: str

    @property
    def agent(self) -> Agent:
        """Who asks. Raises Refusal when they are not of the team."""
        if self.act.agent is None or self.act.agent.role is None:
            raise Refusal("refused.stranger")
        return self.act.agent

    @property
    def handle(self) -> Handle:
        """Who asks, on their platform."""
        return Handle(self.invocation.platform, self.invocation.user)

    @property
    def place(self) -> Place:
        """Where they ask."""
        return Place(self.invocation.platform, self.invocation.channel)

    def text(self, name: str) -> str:
        """An option's words, empty when it was not given."""
        return self.options.get(name, "").strip()

    def number(self, name: str, default: int) -> int:
        """An option's number. Raises Refusal when it is none."""
        given = self.text(name)
        try:
            number = plain_number(given) if given else default
        except ValueError:
            raise Refusal("refused.number", given=given) from None
        if abs(number) > LARGEST:
            raise Refusal("refused.number", given=given)
        return number

    def profile(self, user: str) -> Profile | None:
        """What the platform says of a person whom the call concerns, where it knows its people.

        Raises Refusal when it knows nobody of that id, and when it is somebody who may not be of the team.
        """
        profiles = self.invocation.profiles
        if not profiles:
            return None
        found = profiles.get(user)
        if found is None:
            raise Refusal("agent.unknown", given=user)
        if not found.may_join:
            raise Refusal("agent.guest", person=found.name)
        return found

    async def inquiry(self, name: str = "inquiry") -> Inquiry:
        """The inquiry that an option names. Raises Refusal when there is none of that number."""
        number = self.number(name, 0)
        found = await self.tx.inquiries.get(number) if number > 0 else None
        if found is None:
            raise Refusal("refused.no_inquiry", inquiry=number)
        return found

    async def owner(self, now: Agent | None) -> Agent | None:
        """Whom a form names as the owner of a text: `now` is who it was. Raises Refusal for who is not of the team."""
        given = self.text("owner")
        if not given or (now and given == now.name):
            return now
        owner = await self.person("owner")
        if owner.role is None:
            raise Refusal("assign.not_agent", person=owner.name)
        return owner

    async def queue_here(self) -> str:
        """The queue that was named, else the one that shows here, else the only one.

        Raises Refusal when there is none, and Missing when it is unclear.
        """
        queues = await self.tx.queues.all()
        names = [queue.name for queue in queues]
        given = self.text("queue")
        if given and given not in names:
            raise Refusal("refused.no_queue", given=given, names=", ".join(names))
        here = [queue.name for queue in queues if self.place in queue.places]
        if given:
            return given
        if len(here) == 1:
            return here[0]
        if len(names) == 1:
            return names[0]
        if not names:
            raise Refusal("new.no_queues")
        raise Missing("queue")

    async def person(self, name: str) -> Agent:
        """The agent whom an option names, by name, handle or "me". Raises Refusal when nobody or several fit."""
        return await self.somebody(self.text(name))

    async def somebody(self, given: str) -> Agent:
        """The agent whom these words name, as `person` reads them. Raises Refusal when nobody or several fit."""
        if given.lower() == "me":
            return self.agent
        by_handle = await self.tx.agents.by_handle(Handle(self.invocation.platform, plain_handle(given)))
        if by_handle:
            return by_handle
        team = await self.tx.agents.all()
        wanted = given.lstrip("@").casefold()
        exact = [agent for agent in team if agent.name.casefold() == wanted]
        fitting = exact or [agent for agent in team if wanted and wanted in agent.name.casefold()]
        if len(fitting) != 1:
            names = ", ".join(agent.name for agent in (fitting or team))
            raise Refusal("refused.several" if fitting else "refused.nobody", given=given, names=names)
        return fitting[0]


def plain_handle(given: str) -> str:
    """A handle without the marks that platforms put around it: "@hana" and "<@U1|hana>" are "hana" and "U1"."""
    return given.strip().removeprefix("<").removesuffix(">").lstrip("@!").partition("|")[0]
