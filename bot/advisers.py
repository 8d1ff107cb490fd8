"""Advisers: who is asked when somebody on a call wants advice, and where they are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from bot.domain.agent import Agent, Role
from bot.domain.folding import folded
from bot.domain.help_request import HelpRequest
from bot.domain.inquiry import Inquiry
from bot.domain.prepared import mentions
from bot.ports import Handle, Place, Transaction
from bot.service_levels import levels_of


@dataclass(frozen=True, slots=True)
class Adviser:
    """Somebody who is asked, by name, or the experts of a topic; and where they are told."""

    name: str
    at: Place


async def supervisors(tx: Transaction, asker: Agent, now: datetime) -> list[Adviser]:
    """The supervisors who are there, or all when none is. Never the asker, nor anybody who cannot be told."""
    team = [one for one in await tx.agents.all() if one.may(Role.SUPERVISOR) and one.id != asker.id]
    doors = await tx.escalations.directly([one.id for one in team])
    away = await tx.absences.away([one.id for one in team], now)
    reached = [one for one in team if one.id in doors]
    present = [one for one in reached if one.id not in away]
    return [Adviser(one.name, doors[one.id]) for one in present or reached]


async def experts(tx: Transaction, request: HelpRequest, inquiry: Inquiry | None) -> list[Adviser]:
    """Those who know what a call is about, by topic: of every topic that is a tag of its inquiry, or of which its
    subject or the asker's words speak. Never the asker, nor anybody who cannot be told."""
    laid_down = (await levels_of(tx)).escalations.experts
    fitting = [(topic, expert) for topic, expert in laid_down.items() if _fits(topic, request, inquiry)]
    found = [(topic, await expert_at(tx, expert, request.asker)) for topic, expert in fitting]
    return [Adviser(topic, place) for topic, place in found if place]


async def told(tx: Transaction, request: HelpRequest) -> tuple[list[str], bool]:
    """The people who were told of a request, by name, and whether a channel was told as well."""
    places = await tx.help_requests.places(request.id)
    directly = [Handle(one.platform, one.channel[1:]) for one in places if one.channel.startswith("@")]
    people = [await tx.agents.by_handle(one) for one in directly]
    return sorted(one.name for one in people if one), len(directly) < len(places)


async def expert_at(tx: Transaction, expert: str, asker: Agent) -> Place | None:
    """Where an expert is: a channel or a person of a platform, else somebody of the team by name; never the asker."""
    platform, is_place, channel = (part.strip() for part in expert.partition(":"))
    if not is_place:
        people = [one for one in await tx.agents.all() if one.name.casefold() == platform.casefold()]
        return await _door(tx, [one.id for one in people if one.id != asker.id])
    if not channel or not await tx.escalations.reaches(platform):
        return None
    if not channel.startswith("@"):
        return Place(platform, channel)
    person = await tx.agents.by_handle(Handle(platform, channel.removeprefix("@")))
    return Place(platform, channel) if person and person.role and person.id != asker.id else None


async def _door(tx: Transaction, agents: Collection[int]) -> Place | None:
    return next(iter((await tx.escalations.directly(agents)).values()), None)


def _fits(topic: str, request: HelpRequest, inquiry: Inquiry | None) -> bool:
    tags = inquiry.tags if inquiry else ()
    texts = (request.text, inquiry.subject if inquiry else "")
    return folded(topic) in map(folded, tags) or any(mentions(text, topic) for text in texts)
