"""The telephone: hears what telephone systems tell of calls, and hands it to the phone desk of whoever has the call.

Told twice, late or in another order, it has one effect. A phone that only rings is nothing yet.
"""

import logging
from datetime import timedelta
from itertools import pairwise

from bot.domain.agent import Agent
from bot.domain.calling import addresses
from bot.domain.events import Act
from bot.domain.identity import phone
from bot.domain.phone import Began, Caller, Ended, Line, Outcome, PhoneCall, Voice
from bot.phone_desk import begin, end
from bot.ports import Clock, Meter, Store, Transaction
from bot.ports.telephony import Kind, TelephoneEvent
from bot.ports.telephony import Outcome as Told
from bot.races import run_again

TAKEN, AGAIN, NOBODYS = "taken", "again", "nobodys"

log = logging.getLogger(__name__)


class Telephone:
    """`bot.ports.telephony.Handler` is its `hear`.

    `region` is where numbers without a country's code are from ("JP"); calls of people who have no open inquiry open
    one in `queue`.
    """

    def __init__(self, store: Store, clock: Clock, region: str, queue: str, meter: Meter) -> None:
        self._store = store
        self._clock = clock
        self._region = region
        self._queue = queue
        self._meter = meter

    async def hear(self, event: TelephoneEvent) -> None:
        """Take what was told, in one transaction. Raises StoreDown, and Conflict when others are always quicker."""
        if event.kind is Kind.RINGING:
            return
        became = await run_again(self._store, lambda tx: self._take(tx, event))
        self._meter.count("madoguchi_telephone_events_total", became=became)
        if became == NOBODYS:
            # Numbers stay out of logs, and this may be one.
            log.info("a telephone event is about nobody of the team", extra={"source": event.source})

    async def _take(self, tx: Transaction, event: TelephoneEvent) -> str:
        line, agent = Line(event.source, event.id), await self._agent(tx, event)
        known = await tx.phone.of_line(line)
        if agent is None and (event.kind is Kind.STARTED or not known):
            return NOBODYS  # and not noted: told again once somebody has that telephone, it counts
        if not await tx.arrivals.first(event.source, event.key):
            return AGAIN
        # All whom it may concern, in one order, so that no two events wait for each other.
        for one in sorted({call.agent.id for call in known} | ({agent.id} if agent else set())):
            await tx.phone.lock(one)
        if event.kind is Kind.STARTED and agent:
            await self._started(tx, event, line, agent)
        elif event.kind is Kind.ENDED:
            await self._ended(tx, event, line, agent)
        return TAKEN

    async def _started(self, tx: Transaction, event: TelephoneEvent, line: Line, agent: Agent) -> None:
        at = min(event.at, self._clock())
        told = Began(at, Voice.TELEPHONY, self._caller(event))
        await begin(tx, agent, told, Act(at, event.source, agent), self._queue, line)
        await self._passed_on(tx, event, line)

    async def _passed_on(self, tx: Transaction, event: TelephoneEvent, line: Line) -> None:
        """A line has one call at a time: whoever had it before another one talks no more."""
        calls = [(one.started_at, one) for one in await tx.phone.of_line(line) if one.started_at]
        for (_, one), (since, _) in pairwise(sorted(calls, key=lambda pair: (pair[0], pair[1].id))):
            if one.is_live:
                over = Ended(max(one.alive_at or since, since), Voice.TELEPHONY)
                await end(tx, one, over, Act(over.at, event.source, one.agent))

    async def _ended(self, tx: Transaction, event: TelephoneEvent, line: Line, agent: Agent | None) -> None:
        """Of whoever is named, or, when the system names nobody of the team, of all who have the call."""
        calls = await tx.phone.of_line(line)
        theirs = [one for one in calls if agent is None or one.agent.id == agent.id]
        at = min(event.at, self._clock())
        lasted = timedelta(seconds=event.seconds) if event.seconds else None
        is_completed = event.outcome in (None, Told.COMPLETED)
        if agent and lasted and is_completed and not any(one.is_begun for one in theirs):
            # Nobody told that it began, but they talked: that is a contact, though it never was live.
            told = Began(at - lasted, Voice.TELEPHONY, self._caller(event))
            _, call = await begin(tx, agent, told, Act(told.at, event.source, agent), self._queue, line)
            theirs = [call]
        for one in theirs or ([PhoneCall(agent=agent, line=line)] if agent else []):
            outcome = None if is_completed or one.is_begun else Outcome.UNANSWERED
            over = Ended(at, Voice.TELEPHONY, lasted if one.is_begun else None, outcome)
            await end(tx, one, over, Act(at, event.source, one.agent))

    def _caller(self, event: TelephoneEvent) -> Caller:
        if event.is_withheld:
            return Caller()
        numbers = (phone(one, self._region) for one in addresses(event.caller, self._region))
        return Caller(next((one for one in numbers if one), ""))

    async def _agent(self, tx: Transaction, event: TelephoneEvent) -> Agent | None:
        for address in addresses(event.agent, self._region):
            if found := await tx.phone.agent_at(address):
                return found
        return None
