"""A hundred claims at once over fifty inquiries: one winner each, and everybody else is told who."""

from collections import defaultdict

import pytest

from bot.domain.inquiry import Inquiry
from bot.translator import Translator
from storage.database import Database
from tests.builders import a_message, a_queue, an_agent, opened
from tests.storage.racers import Claim, SlowStore, Told, claimed_at_once, in_processes, race
from tests.support.clock import Clock

INQUIRIES = 50
PEOPLE = ("Hana", "Ken", "Emma", "Yuto")


async def contested(database: Database) -> tuple[list[Claim], list[Claim]]:
    """Fifty inquiries in the store, each claimed by two people, and the claims of two processes.

    Of each three inquiries, one is contested between the processes, and one within each of them.
    """
    await a_queue(database)
    for name in PEOPLE:
        await an_agent(database, name)
    numbers = [one.number for one in await opened(database, *[a_message() for _ in range(INQUIRIES)])]
    ours: list[Claim] = []
    theirs: list[Claim] = []
    for n, number in enumerate(numbers):
        rivals = (PEOPLE[n % 2].lower(), number), (PEOPLE[2 + n % 2].lower(), number)
        for claims, claim in zip([(ours, theirs), (ours, ours), (theirs, theirs)][n % 3], rivals, strict=True):
            claims.append(claim)
    return ours, theirs


def winners_of(told: list[Told]) -> dict[int, list[str]]:
    """Who was told, of each inquiry, that it is theirs."""
    say = Translator().speaker("en", "UTC", Clock()())
    winners: dict[int, list[str]] = defaultdict(list)
    for who, number, words in told:
        if words == say("claim.done", inquiry=number):
            winners[number].append(who)
    return winners


async def all_of(database: Database) -> list[Inquiry]:
    async with database.snapshot() as tx:
        found, _ = await tx.inquiries.waiting(None, 0, 2 * INQUIRIES)
    return found


async def assert_one_winner_each(database: Database, told: list[Told]) -> None:
    winners = winners_of(told)
    holders = {one.number: one.holder.name for one in await all_of(database) if one.holder}
    assert len(told) == 2 * INQUIRIES
    assert {number: [name.lower()] for number, name in holders.items()} == winners
    assert len(winners) == INQUIRIES
    say = Translator().speaker("en", "UTC", Clock()())
    losers = [(number, words) for who, number, words in told if who not in winners[number]]
    assert losers == [
        (number, say("claim.held", inquiry=number, holder=holders[number], since=Clock()())) for number, _ in losers
    ]
    async with database.snapshot() as tx:
        histories = [await tx.inquiries.timeline(number) for number in holders]
    assert [len(history) for history in histories] == [2] * INQUIRIES


async def test_two_processes_on_postgresql(on_postgresql: Database) -> None:
    claims = await contested(on_postgresql)
    ours, theirs = await in_processes(race(on_postgresql.url, claims, naive=False))
    await assert_one_winner_each(on_postgresql, ours + theirs)


async def test_reading_then_writing_has_several_winners_in_the_same_race(on_postgresql: Database) -> None:
    """The negative control: without the version, the race above would be lost without anybody noticing."""
    claims = await contested(on_postgresql)
    ours, theirs = await in_processes(race(on_postgresql.url, claims, naive=True))
    assert max(len(people) for people in winners_of(ours + theirs).values()) > 1
    with pytest.raises(AssertionError):
        await assert_one_winner_each(on_postgresql, ours + theirs)


async def test_one_process(database_url: str, clock: Clock) -> None:
    database = SlowStore(database_url, clock)
    ours, theirs = await contested(database)
    told = await claimed_at_once(database, ours + theirs)
    await assert_one_winner_each(database, told)
    await database.close()
