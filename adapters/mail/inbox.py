"""A folder of a mailbox on an IMAP server as an inbox: pushed new mail, taken in once, by one replica at a time."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from adapters.mail.imap.config import Kind, MailboxConfig
from adapters.mail.imap.errors import MailboxError
from adapters.mail.imap.harvest import Harvest
from adapters.mail.imap.link import Link
from adapters.mail.imap.patience import LONGEST_IDLE, Patience
from adapters.mail.imap.ports import Alone, Position
from adapters.mail.imap.progress import Progress
from adapters.mail.imap.worker import T, Worker
from adapters.mail.oauth import TokenError, Tokens
from bot.domain.message import RawMail
from bot.ownership import Ownership
from bot.ports import Clock, Lease, StoreDown

__all__ = ["Alone", "Balance", "ImapInbox", "Kind", "MailboxConfig", "Patience", "Position"]

REST = 0.02
"""Seconds of quiet after which a position is stored: until then the desk has mail to settle, which matters more."""
UNSAVED = 1_000
"""Mails after which a position is stored all the same: so many may be handed over once more after a crash."""
FAULTS_OF_OUR_OWN = 3
"""After more faults in a row another replica may try: the fault may lie in our network."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Balance:
    """The server's mails since watching began against ours: how many it has, and the UIDs that we lack."""

    server_count: int
    missing: tuple[int, ...]


class ImapInbox:
    """Hands over every mail of a folder at least once, under (name, UIDVALIDITY, UID) as its identity.

    `kind` "sent" watches the mailbox's sent folder, which is never changed. `lease` lets one of several replicas
    connect; `clock` gives the present.
    """

    def __init__(
        self,
        config: MailboxConfig,
        position: Position,
        clock: Clock,
        lease: Lease | None = None,
        kind: Kind = "mail",
        patience: Patience | None = None,
    ) -> None:
        self.name = f"imap:{config.name}" + (":sent" if kind == "sent" else "")
        self.queue = config.queue
        self.kind = kind
        self._config = config if kind == "mail" else config.for_sent_folder()
        self._position = position
        self._clock = clock
        self._patience = patience or Patience()
        self._owner = Ownership(lease or Alone(), self.name, self._patience.beat, self._cut)
        self._tokens = Tokens(config.oauth) if config.oauth else None
        self._worker: Worker | None = None
        self._link: Link | None = None
        self._harvest: Harvest | None = None
        self._progress: Progress | None = None
        self._flagging = asyncio.Lock()
        self._unsaved = 0
        self._faults = 0
        self._fault = ""
        self._flag_fault = ""
        self._imbalance = ""

    @property
    def trouble(self) -> str:
        """Empty when all is well, or when another replica has the mailbox; else a sentence for operators."""
        if self._owner.is_anothers:
            return ""
        return self._fault or self._flag_fault or self._held_back or self._imbalance

    @property
    def _held_back(self) -> str:
        refused = dict(self._progress.refused) if self._progress else {}
        for uid, reason in sorted(refused.items()):
            return f"{self._config.host} does not give out mails: {len(refused)}, the first is UID {uid} ({reason})."
        return ""

    async def batches(self) -> AsyncIterator[Sequence[RawMail]]:
        """New mail as it comes, in the order of arrival; waits for ever, until cancelled or closed."""
        await self._leave()
        worker = self._worker = Worker(self.name)
        try:
            while True:
                yield await self._next_batch(worker)
        finally:
            if self._worker is worker:  # else somebody began anew
                await self._leave()

    async def done(self, batch: Sequence[RawMail]) -> None:
        """Mark or move the mails. What fails is made up for later, and told as `trouble`."""
        progress = self._progress
        if not batch or progress is None or batch[0].validity != str(progress.validity):
            return
        uids = [int(mail.uid) for mail in batch]
        progress.safe(uids)
        progress.unflagged.update(uids)
        self._unsaved += len(uids)
        try:
            await self._flag(progress)
        except MailboxError as fault:
            log.warning("mail is stored but not yet marked", extra={"inbox": self.name, "why": str(fault)})
            self._cut()

    async def balance(self) -> Balance | None:
        """Compare the server's mails with ours; None while not connected. Raises StoreDown.

        The outcome shows in `trouble` until the next comparison.
        """
        progress, began = self._progress, await self._position.began(self.name)
        if self._link is None or self._harvest is None or progress is None or began is None or self._harvest.rescans:
            return None
        try:
            on_server = await self._now(self._link.uids_after, began[1])
        except MailboxError:
            return None
        settled = [uid for uid in on_server if uid <= progress.last or uid in progress.refused]
        stored = await self._position.stored_uids(self.name, progress.validity)
        missing = tuple(uid for uid in settled if uid not in stored)
        self._imbalance = ""
        if missing:
            some = ", ".join(map(str, missing[:5]))
            self._imbalance = f"{self._config.host} has mails that are not stored here: {len(missing)} (UID {some})."
        return Balance(len(on_server), missing)

    # --- one connection after another ---------------------------------------------------------------------

    async def _next_batch(self, worker: Worker) -> list[RawMail]:
        while True:
            await self._owner.gain()
            try:
                if self._link is None:
                    await self._connect(worker)
                if batch := await self._look(worker):
                    return batch
            except MailboxError as fault:
                await self._recover(str(fault), fault.is_stubborn)
            except StoreDown as fault:
                await self._recover(f"The database does not answer ({fault}).", False)

    async def _connect(self, worker: Worker) -> None:
        token = await self._token()
        link = self._link = Link(self._config, self._patience.connect, self._patience.read)
        await worker.do(link.connect)
        try:
            await worker.do(link.log_in, token)
        except MailboxError as fault:
            if self._tokens:
                self._tokens.forget()
                # The first time it may be the token alone that is too old.
                raise MailboxError(str(fault), is_stubborn=fault.is_stubborn and self._faults > 0) from fault
            raise
        folder = await worker.do(link.open)
        look_back = timedelta(days=self._config.look_back)
        harvest = Harvest(self.name, link, worker, self._position, self._clock, look_back)
        self._progress = await harvest.begin(folder, self._progress)
        self._harvest = harvest
        log.info("a mailbox is connected", extra={"inbox": self.name})

    async def _look(self, worker: Worker) -> list[RawMail]:
        """The next batch; when there is none, wait for news."""
        link, harvest, progress = self._link, self._harvest, self._progress
        assert link is not None
        assert harvest is not None
        assert progress is not None
        await self._flag(progress)
        if self._unsaved >= UNSAVED:
            await self._save(harvest, progress)
        batch = await harvest.next(progress)
        self._faults, self._fault = 0, ""
        if batch:
            return [replace(mail, sent=self.kind == "sent") for mail in batch]
        compared_to = harvest.finish_rescan(progress)
        if compared_to is not None:
            await self._position.moved(self.name, progress.validity, compared_to)
            progress.saved(compared_to)
        elif self._unsaved:
            self._unsaved = 0
            await worker.do(link.idle, REST)
        else:
            await self._save(harvest, progress)
            await worker.do(link.idle, min(self._config.poll_seconds, LONGEST_IDLE))
        return []

    async def _flag(self, progress: Progress) -> None:
        """Mark or move what is safe. Raises MailboxError."""
        async with self._flagging:
            link = self._link
            uids = sorted(progress.unflagged)
            if link is None or not self._owner.is_held or not uids:
                return
            if self._config.after != "keep":
                try:
                    await self._now(link.take, uids)
                    self._flag_fault = ""
                except MailboxError as fault:
                    if fault.is_cut:
                        raise
                    # Refused: the mail is safe all the same. It is tried again with the next mail.
                    self._flag_fault = str(fault)
                    return
            progress.unflagged.difference_update(uids)

    async def _save(self, harvest: Harvest, progress: Progress) -> None:
        """Store how far we are. Raises StoreDown."""
        self._unsaved = 0
        if progress.reached > progress.last and not harvest.rescans:
            await self._position.moved(self.name, progress.validity, reached := progress.reached)
            progress.saved(reached)

    async def _now(self, step: Callable[..., T], *arguments: Any) -> T:
        """A step on the open connection, which need not wait for news to come."""
        if self._link is None or self._worker is None:
            raise MailboxError(f"The connection to {self._config.host} is closed.")
        self._link.call()
        return await self._worker.do(self._link.answer, step, *arguments)

    async def _token(self) -> str:
        try:
            return await self._tokens.token() if self._tokens else ""
        except TokenError as fault:
            raise MailboxError(str(fault), is_stubborn=fault.is_stubborn) from fault

    # --- faults and farewells -------------------------------------------------------------------------------

    async def _recover(self, sentence: str, is_stubborn: bool) -> None:
        """Drop the connection; rest, unless another replica goes on."""
        self._cut()
        await self._part()
        if not self._owner.is_held:
            self._fault = ""
            log.info("a mailbox is not ours any more", extra={"inbox": self.name})
            return
        self._faults += 1
        if sentence != self._fault:
            log.warning("a mailbox is in trouble", extra={"inbox": self.name, "why": sentence})
        self._fault = sentence
        if self._faults > FAULTS_OF_OUR_OWN:
            await self._owner.give_up()
        await asyncio.sleep(self._patience.rest(self._faults, is_stubborn))

    def _cut(self) -> None:
        if self._link:
            self._link.cut()

    async def _part(self) -> None:
        """Close the connection: politely while the server answers, else at once."""
        link, self._link, self._harvest = self._link, None, None
        if link is None or self._worker is None:
            return
        link.call()
        closing = asyncio.ensure_future(self._worker.do(link.answer, link.close))
        await asyncio.wait([closing], timeout=self._patience.stop)
        if not closing.done():
            link.cut()

    async def _leave(self) -> None:
        harvest, progress = self._harvest, self._progress
        if harvest and progress and self._owner.is_held and not progress.unflagged:
            with suppress(StoreDown, TimeoutError):
                async with asyncio.timeout(self._patience.stop):  # wait_for of Python 3.11 may swallow a cancellation
                    await self._save(harvest, progress)
        await self._part()
        worker, self._worker = self._worker, None
        if worker:
            worker.stop()
        await self._owner.give_up()
