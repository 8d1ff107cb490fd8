"""The spool: a Maildir folder on this machine as an inbox, for the embedded default and for tests."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from adapters.mail import maildir
from adapters.mail.maildir import Arrival, deliver
from bot.domain.message import RawMail

__all__ = ["Spool", "deliver"]

_BATCH_MAILS = 100
_BATCH_BYTES = 8 * 1024 * 1024
# A file of this size is no mail; reading it could take all memory.
_LARGEST_FILE = 256 * 1024 * 1024
_POLL_SECONDS = 0.1
_POLL_SOON_SECONDS = 0.03
_FULL_LOOK_SECONDS = 3.0
_TRUST_STAMP_AFTER = 1.0
_AGAIN_SECONDS = 30.0
_FAULT_SECONDS = 2.0


class Spool:
    """Hands over each file of a Maildir folder as one mail, again and again until `done` flags it.

    Identity: a file is moved to `cur/<uid>` before its bytes are handed over, and flagged as
    `cur/<uid>:2,S` once they are stored, so a crash at any step hands it over again under the same uid.
    `clock` gives the present; a mail counts as received when its file arrived, but never in the future.
    """

    def __init__(self, name: str, queue: str, folder: Path, clock: Callable[[], datetime]) -> None:
        self.name = name
        self.queue = queue
        self._folder = folder
        self._clock = clock
        self._ready: deque[Arrival] = deque()
        self._unsettled: dict[Arrival, float] = {}
        self._due: dict[str, float] = {}
        self._faults: dict[str, str] = {}
        self._folder_fault = ""
        self._stamp = (0, 0)
        self._full_look_at = 0.0
        self._last_moment = 0

    @property
    def trouble(self) -> str:
        """Empty when all is well, else a sentence for operators that names the file or folder."""
        if self._folder_fault:
            return f"The spool folder {self._folder} cannot be used: {self._folder_fault}."
        faults = list(self._faults.items())
        if not faults:
            return ""
        name, reason = faults[0]
        more = f" {len(faults) - 1} more are in trouble too." if len(faults) > 1 else ""
        return f"The file {name} in the spool folder {self._folder} cannot be read: {reason}.{more}"

    async def batches(self) -> AsyncIterator[Sequence[RawMail]]:
        """Mail as it arrives, oldest first: at most 100 mails or 8 MB at a time, a larger mail by itself.

        Begins with what was taken over earlier but never flagged. Never ends by itself.
        """
        started = False
        while True:
            try:
                if not started:
                    await asyncio.to_thread(self._start)
                    started = True
                batch = await asyncio.to_thread(self._next_batch)
                self._folder_fault = ""
            except OSError as fault:
                self._folder_fault = fault.strerror or str(fault)
                batch = []
            if batch:
                yield batch
            else:
                await asyncio.sleep(_POLL_SOON_SECONDS if self._unsettled else _POLL_SECONDS)

    async def done(self, batch: Sequence[RawMail]) -> None:
        """Flag the mails as stored. A mail that somebody removed meanwhile counts as flagged.

        Raises OSError when the folder does not allow it; then they are handed over again later.
        """
        uids = [mail.uid for mail in batch]
        await asyncio.to_thread(self._flag, uids)

    def _flag(self, uids: list[str]) -> None:
        for uid in uids:
            maildir.flag(self._folder, uid)
            self._due.pop(uid, None)

    def _start(self) -> None:
        maildir.prepare(self._folder)
        self._due = dict.fromkeys(maildir.unflagged(self._folder), 0.0)
        self._ready.clear()
        self._full_look_at = 0.0

    def _next_batch(self) -> list[RawMail]:
        if not self._ready:
            self._look()
        uids = self._choose()
        batch: list[RawMail] = []
        for uid in uids:
            mail = self._read(uid)
            if mail is not None:
                batch.append(mail)
        return batch

    def _look(self) -> None:
        """Sort what lies in the folder into what is ready and what somebody may still be writing."""
        now, wall = time.monotonic(), time.time()
        stamp = maildir.stamp(self._folder)
        # A stamp of this very moment may hide a file that came right after the last look.
        is_telling = wall - max(stamp) / 1e9 > _TRUST_STAMP_AFTER
        if stamp == self._stamp and is_telling and not self._unsettled and now < self._full_look_at:
            return
        self._stamp, self._full_look_at = stamp, now + _FULL_LOOK_SECONDS
        ready: list[Arrival] = []
        unsettled: dict[Arrival, float] = {}
        for arrival in maildir.arrivals(self._folder):
            first_seen = self._unsettled.get(arrival, now)
            # By our own watch a file rests too: its times may lie in the future or on another clock.
            if arrival.is_ready(wall) or arrival.is_ready(arrival.last_change + now - first_seen):
                ready.append(arrival)
            else:
                unsettled[arrival] = first_seen
        self._ready = deque(sorted(ready, key=lambda arrival: arrival.order))
        self._unsettled = unsettled

    def _choose(self) -> list[str]:
        """The uids of the next batch: what is due again, then new files, which are taken over here."""
        now = time.monotonic()
        chosen: list[str] = []
        room = _BATCH_BYTES
        for uid in sorted(uid for uid, due in list(self._due.items()) if due <= now):
            room -= maildir.size(self._folder, uid)
            if chosen and (room < 0 or len(chosen) >= _BATCH_MAILS):
                return chosen
            chosen.append(uid)
        has_taken = False
        while self._ready and len(chosen) < _BATCH_MAILS:
            room -= self._ready[0].size
            if chosen and room < 0:
                break
            uid = self._take(self._ready.popleft())
            if uid:
                chosen.append(uid)
                has_taken = True
        if has_taken:
            maildir.settle(self._folder)
        return chosen

    def _take(self, arrival: Arrival) -> str:
        """Move one file over; "" when that fails, which must not hold up the others."""
        name = arrival.path.name
        self._last_moment = max(self._last_moment + 1, arrival.changed_at)
        uid = maildir.new_uid(self._last_moment)
        try:
            maildir.take(self._folder, arrival, uid)
        except FileNotFoundError:
            self._faults.pop(name, None)
            return ""
        except OSError as fault:
            self._faults[name] = fault.strerror or str(fault)
            return ""
        self._faults.pop(name, None)
        self._due[uid] = 0.0
        return uid

    def _read(self, uid: str) -> RawMail | None:
        try:
            if maildir.size(self._folder, uid) > _LARGEST_FILE:
                raise OSError("it is too large for a mail")
            content = maildir.read(self._folder, uid)
        except FileNotFoundError as fault:
            if uid in self._faults:
                self._faults.pop(uid)
                self._due.pop(uid, None)
            else:
                self._hold_back(uid, fault)
            return None
        except OSError as fault:
            self._hold_back(uid, fault)
            return None
        self._faults.pop(uid, None)
        self._due[uid] = time.monotonic() + _AGAIN_SECONDS
        arrived = datetime.fromtimestamp(maildir.moment(uid) / 1e9, UTC)
        return RawMail(self.name, "", uid, content, min(arrived, self._clock()))

    def _hold_back(self, uid: str, fault: OSError) -> None:
        self._faults[uid] = fault.strerror or str(fault)
        self._due[uid] = time.monotonic() + _FAULT_SECONDS
