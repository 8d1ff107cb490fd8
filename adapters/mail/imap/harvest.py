"""What an open folder has for us: new mails in batches, and after a change of UIDVALIDITY those that we do not know."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from adapters.mail.imap.fetch import SIZES_AT_ONCE, Fetched, cut_to_batch
from adapters.mail.imap.link import Folder, Link
from adapters.mail.imap.ports import Position
from adapters.mail.imap.progress import Progress
from adapters.mail.imap.worker import Worker
from bot.domain.message import RawMail
from bot.ports import Clock

UNKNOWN_SIZE = 1
MARGIN = timedelta(days=1)
"""SINCE goes by the date where the server stands, without its time zone."""


class Harvest:
    """Goes through a folder for as long as its connection lasts."""

    def __init__(
        self, mailbox: str, link: Link, worker: Worker, position: Position, clock: Clock, look_back: timedelta
    ) -> None:
        self._mailbox = mailbox
        self._link = link
        self._worker = worker
        self._position = position
        self._clock = clock
        self._look_back = look_back
        self._waiting: list[int] = []
        self._sized: list[tuple[int, int]] = []
        self._rescan_to: int | None = None

    async def begin(self, folder: Folder, former: Progress | None) -> Progress:
        """Find out from where to go on. Raises MailboxError and StoreDown."""
        stored = await self._position.position(self._mailbox)
        if stored is None:
            return await self._first_start(folder)
        validity, last = stored
        if validity == folder.validity:
            progress = former if former and former.validity == validity else Progress(validity, last)
            progress.connected(last)
            return progress
        return await self._renumbered(folder, former)

    @property
    def rescans(self) -> bool:
        """The folder was renumbered and is still being compared with what we have: the position must not move."""
        return self._rescan_to is not None

    async def next(self, progress: Progress) -> list[RawMail]:
        """The next batch; empty when there is nothing more for now. Raises MailboxError and StoreDown."""
        if not self._waiting and not self._sized and not self.rescans:
            self._waiting = progress.wanted(await self._worker.do(self._link.uids_after, progress.last))
        while self._waiting or self._sized:
            await self._weigh()
            wanted = self._sized[: cut_to_batch(self._sized)]
            fetched = await self._worker.do(self._link.fetch, wanted) if wanted else Fetched()
            del self._sized[: len(wanted)]
            progress.safe(fetched.gone)
            progress.refuse(fetched.refused)
            batch = [self._mail(progress.validity, uid, *fetched.mails[uid]) for uid in sorted(fetched.mails)]
            if self.rescans:
                batch = await self._unknown(batch, progress)
            if batch:
                progress.handed([int(mail.uid) for mail in batch])
                return batch
        return []

    def finish_rescan(self, progress: Progress) -> int | None:
        """Where the position stands after a rescan, once all of it is safe; None before, or without one."""
        if self._rescan_to is None or self._waiting or self._sized or not progress.is_settled:
            return None
        reached, self._rescan_to = max(self._rescan_to, progress.reached), None
        return reached

    async def _first_start(self, folder: Folder) -> Progress:
        start = folder.next_uid - 1
        if self._look_back:
            day = (self._clock() - self._look_back).date()
            start = min([folder.next_uid, *await self._worker.do(self._link.uids_since, day)]) - 1
        # At once: mail that comes before the first is stored, while we are down, is new mail too.
        await self._position.moved(self._mailbox, folder.validity, start)
        return Progress(folder.validity, start)

    async def _renumbered(self, folder: Folder, former: Progress | None) -> Progress:
        began = await self._position.began(self._mailbox)
        day = (began[0] - self._look_back - MARGIN).date() if began else None
        search = self._worker.do(self._link.uids_since, day) if day else self._worker.do(self._link.uids_after, 0)
        uids = [uid for uid in await search if uid < folder.next_uid]
        progress = Progress(folder.validity, min(uids, default=folder.next_uid) - 1)
        if former and former.validity == folder.validity:
            progress = former
            progress.connected(progress.last)
        self._rescan_to = folder.next_uid - 1
        self._waiting = progress.wanted(uids)
        return progress

    async def _weigh(self) -> None:
        """Learn how large the next mails are."""
        if self._sized or not self._waiting:
            return
        some = self._waiting[:SIZES_AT_ONCE]
        sizes = await self._worker.do(self._link.sizes, some)
        del self._waiting[: len(some)]
        # One without a size need not be gone: some servers leave out what they cannot read just now.
        self._sized = [(uid, sizes.get(uid, UNKNOWN_SIZE)) for uid in some]

    async def _unknown(self, batch: Sequence[RawMail], progress: Progress) -> list[RawMail]:
        """Those whose bytes we do not have; the others are safe under their former numbers."""
        sums = {mail.uid: sha256(mail.content).hexdigest() for mail in batch}
        known = await self._position.known(self._mailbox, set(sums.values()))
        progress.safe([int(uid) for uid, sum_ in sums.items() if sum_ in known])
        return [mail for mail in batch if sums[mail.uid] not in known]

    def _mail(self, validity: int, uid: int, content: bytes, at: datetime | None) -> RawMail:
        now = self._clock()
        return RawMail(self._mailbox, str(validity), str(uid), content, min(at or now, now))
