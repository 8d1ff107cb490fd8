"""The wiring: the one module that knows every adapter, the storage and the commands."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from adapters.mail.spool import deliver
from adapters.operations import originals
from adapters.operations.metrics import Metrics
from adapters.operations.server import Server
from adapters.workspace.people import SAMPLE_PEOPLE
from bot.auditor import EVERY as AUDIT_EVERY
from bot.auditor import Auditor
from bot.delivery import LEASE, Delivery
from bot.digests import EVERY as DIGEST_EVERY
from bot.digests import Digests
from bot.dispatch import Dispatch
from bot.domain.agent import Role
from bot.domain.errors import Conflict
from bot.gate import RESTS
from bot.healer import EVERY as HEAL_EVERY
from bot.healer import Healer
from bot.health import Health
from bot.indexer import EVERY as INDEX_EVERY
from bot.indexer import Indexer
from bot.intake import READING_TIME, Intake
from bot.mailrooms import MailRooms
from bot.members import Members
from bot.nudges import EVERY as NUDGE_EVERY
from bot.nudges import Nudges
from bot.phone_watch import EVERY as WATCH_EVERY
from bot.phone_watch import PhoneWatch
from bot.platforms import Platforms
from bot.ports import ChatPlatform, Clock, Handle, Inbox, Place, Store
from bot.reviews import EVERY as REMIND_EVERY
from bot.reviews import Reviews
from bot.schedule import Schedule, Tick
from bot.settings import Settings, place_of
from bot.switchboard import telephone_routes
from bot.translator import Translator
from commands import COMMANDS
from storage.database import Database
from storage.leases import Leases
from storage.schema import bring_up_to_date

RESTART_AFTER = (1, 2, 5, 10, 30)
"""Seconds before a part that failed is started again."""
RESTARTS = 10
ROLL_CALL_EVERY = 600.0
"""Seconds between looks at who of the team is still there: news of it come by themselves, unless they are lost."""
FORGET_EVERY = 6 * 3600.0
REMEMBERED = timedelta(days=3)
"""How long events are remembered: Slack tells one again within an hour, delayed ones within a day."""
BALANCE_EVERY = 6 * 3600.0
"""Seconds between comparisons of the mailboxes on servers with what is stored."""

log = logging.getLogger(__name__)


def system_clock() -> datetime:
    """Now, aware, in UTC."""
    return datetime.now(UTC)


class App:
    """The whole desk, made from settings. `store`, `inboxes` and `platforms` may be wrapped before `run`, for tests.

    `lease` and `reading_time` say after how long the work of a replica that died is taken over, `rests` how many
    seconds a channel is left alone after each failure in a row.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock = system_clock,
        lease: timedelta = LEASE,
        reading_time: timedelta = READING_TIME,
        rests: Sequence[float] = RESTS,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self._lease = lease
        self._reading_time = reading_time
        self._rests = rests
        self.metrics = Metrics()
        self.translator = Translator()
        self.database = Database(settings.database_url, clock, self._wake)
        self.store: Store = self.database
        self._leases = Leases(self.database)
        self._mail = MailRooms(settings, self.database, self._leases, clock)
        self.inboxes: list[Inbox] = self._mail.inboxes
        self._chats = Platforms(settings, self.translator, self.database, self._leases, clock, self._deliver_mail)
        self.workspace = self._chats.workspace
        self.platforms: list[ChatPlatform] = self._chats.all
        self.delivery: Delivery | None = None
        self.port = 0

    async def run(self, stop: asyncio.Event, ready: Callable[[], None] = lambda: None) -> None:
        """Serve until `stop` is set. Raises StoreDown, RuntimeError or OSError with a sentence when it cannot start."""
        self.database.guard()
        await bring_up_to_date(self.settings.database_url)
        await self._enrol()
        await self._chats.open()
        limit = self.settings.flood_limit
        intake = Intake(self.store, self._mail.reader, self.clock, self.metrics, flood=limit)
        health = Health(
            self.store,
            self.inboxes,
            self.platforms,
            self.clock,
            lambda: intake.trouble,
            lambda: len(self._auditor.missing),
        )
        telephones = telephone_routes(self.settings, self.store, self.clock, self.metrics)
        routes = originals.routes(self._original) + self._chats.routes() + telephones
        server = Server(self.settings.http_host, self.settings.http_port, health.parts, self.metrics, routes)
        try:
            self.port = await server.open()
            await self._serve(intake, stop, ready)
        finally:
            await self._chats.close()
            await server.close()
            self._mail.close()
            await self._leases.close()
            await self.database.close()

    async def _serve(self, intake: Intake, stop: asyncio.Event, ready: Callable[[], None]) -> None:
        platforms = {platform.name: platform for platform in self.platforms}
        delivery = Delivery(
            self.store,
            platforms,
            self.translator,
            self.clock,
            self.metrics,
            self._lease,
            self._rests,
            self.settings.phone_region,
        )
        dispatch = Dispatch(
            self.store,
            COMMANDS,
            self.translator,
            self.clock,
            self.metrics,
            self.settings.default_language,
            self.settings.time_zone,
            self.settings.phone_region,
            delivery.hurrying,
        )
        if self.database.is_sqlite:
            await self._take_over(intake)
        self.delivery = delivery
        members = Members(self.store, self.clock, self.settings.default_language, self.settings.time_zone)
        schedule = Schedule(tuple(self._ticks(intake, members)))
        parts = [
            _begun("delivery", delivery.run),
            *(_begun(f"inbox {one.name}", partial(intake.run, one)) for one in self.inboxes),
            _begun("roll call", partial(members.first_roll_call, self._chats.directories)),
            *(_begun(f"platform {one.name}", partial(one.run, dispatch)) for one in self.platforms),
        ]
        schedule.start()
        ready()
        try:
            await stop.wait()
        finally:
            schedule.stop()
            for part in reversed(parts):
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)

    def _ticks(self, intake: Intake, members: Members) -> Iterator[Tick]:
        """What runs by itself, as far as there is anything for it to do."""
        yield Tick(
            "catch up on mail", self._reading_time.total_seconds() / 4, partial(intake.catch_up, self._reading_time)
        )
        yield Tick("give back what leavers hold", ROLL_CALL_EVERY, members.give_back)
        yield Tick("index texts", INDEX_EVERY, Indexer(self.store).catch_up)
        yield Tick("tell the digests", DIGEST_EVERY, Digests(self.store).tick)
        yield Tick("remind of reviews", REMIND_EVERY, Reviews(self.store, self.clock, self.settings.time_zone).remind)
        yield Tick("nudge", NUDGE_EVERY, Nudges(self.store, self.metrics).tick)
        watch = PhoneWatch(self.store, self.metrics, *self.settings.calls.delays)
        yield Tick("watch the calls", WATCH_EVERY, watch.tick)
        yield Tick("audit the nudges", AUDIT_EVERY, self._auditor.audit)
        if self._mail.mailboxes:
            yield Tick("balance the mailboxes", BALANCE_EVERY, self._mail.balance)
        if self._chats.directories:
            yield Tick("call the roll", ROLL_CALL_EVERY, partial(members.roll_call, self._chats.directories))
            yield Tick("forget events", FORGET_EVERY, self._forget)
        if self._chats.healable:
            yield Tick("heal doubles", HEAL_EVERY, Healer(self.store, self._chats.healable, self.clock).heal)

    @cached_property
    def _auditor(self) -> Auditor:
        return Auditor(self.store)

    async def _take_over(self, intake: Intake) -> None:
        """On SQLite nobody else can be at work: what a former process left is ours at once."""
        async with self.store.transaction() as tx:
            await tx.outbox.orphaned()
        began = self.clock()
        while await intake.catch_up(self.clock() - began):  # not what is begun from now on: nothing is read twice here
            pass

    async def _enrol(self) -> None:
        """Queues, channels and people that the settings name, and the starter set; what commands changed stays."""
        for _ in range(RESTARTS):
            try:
                return await self._enrol_once()
            except Conflict:  # another replica starts at this moment, and enrols the same people
                continue
        raise RuntimeError("The team could not be enrolled: other processes kept changing it. Start again.")

    async def _enrol_once(self) -> None:
        language, zone = self.settings.default_language, self.settings.time_zone
        async with self.store.transaction() as tx:
            known = {queue.name for queue in await tx.queues.all()}
            for name in self.settings.queues:
                await tx.queues.add(name, language, zone)
            for name, channel in self.settings.queue_channels:
                if name not in known:
                    await tx.queues.show(name, Place(*place_of(channel)))
            for channel in self.settings.boards:
                await tx.phone.show_board(Place(*place_of(channel)), True)
            for handle, name, role, spoken, person_zone in self._people():
                if await tx.agents.by_handle(handle) is None:
                    await tx.agents.enrol(handle, name, role, spoken, person_zone)
            if await tx.templates.is_empty():
                from bot.starters import STARTER_SET, starters  # once: reading files costs a part of the start

                await tx.templates.put(starters(), None, self.clock(), STARTER_SET)
            if await tx.levels.current() is None:
                from bot.starters import STARTER_SET, starter_levels  # once, as well

                await tx.levels.keep(starter_levels(language, zone), 0, None, self.clock(), STARTER_SET)

    def _people(self) -> list[tuple[Handle, str, Role, str, str]]:
        named = {
            Handle(*place_of(text)): role
            for role, texts in ((Role.AGENT, self.settings.agents), (Role.SUPERVISOR, self.settings.supervisors))
            for text in texts
        }
        samples = {Handle("workspace", one.handle): one for one in SAMPLE_PEOPLE if self.workspace}
        if not named:
            named = {handle: Role(one.role) for handle, one in samples.items()}
        language, zone = self.settings.default_language, self.settings.time_zone
        return [
            (handle, one.name, role, one.language, one.time_zone)
            if (one := samples.get(handle))
            else (handle, handle.user, role, language, zone)
            for handle, role in named.items()
        ]

    async def _deliver_mail(self, queue: str, content: bytes) -> None:
        folder = next(Path(folder) for name, folder in self.settings.spool_folders if name == queue)
        await asyncio.to_thread(deliver, folder, content)

    async def _original(self, token: str) -> bytes | None:
        async with self.store.snapshot() as tx:
            return await tx.mails.offered(token)

    async def _forget(self) -> None:
        async with self.store.transaction() as tx:
            await tx.arrivals.forget(self.clock() - REMEMBERED)

    def _wake(self) -> None:
        if self.delivery:
            self.delivery.wake()


def _begun(name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> asyncio.Task[None]:
    return asyncio.create_task(kept_up(name, work), name=name)


async def kept_up(name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a part until cancelled; when it fails, say so and start it again after a while."""
    failures = 0
    while True:
        begun = asyncio.get_running_loop().time()
        try:
            await work()
            return
        except Exception:
            if asyncio.get_running_loop().time() - begun > 60:
                failures = 0
            wait = RESTART_AFTER[min(failures, len(RESTART_AFTER) - 1)]
            failures += 1
            log.exception("a part of the desk failed and starts again", extra={"part": name, "after": wait})
            await asyncio.sleep(wait)
