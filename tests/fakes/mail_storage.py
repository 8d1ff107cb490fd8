"""What a mailbox needs from the storage, in memory: positions, known sums, leases; and a desk that stores mail."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from hashlib import sha256

from bot.domain.message import RawMail
from bot.ports import Inbox, StoreDown

Identity = tuple[str, str, str]


class MailStorage:
    """`Position` in memory, and the mails by identity; `handed` counts how often each was handed over."""

    def __init__(self) -> None:
        self.mails: dict[Identity, RawMail] = {}
        self.new: list[RawMail] = []
        self.handed: Counter[Identity] = Counter()
        self.positions: dict[str, tuple[int, int]] = {}
        self.beginnings: dict[str, tuple[datetime, int]] = {}
        self.is_down = False

    async def position(self, mailbox: str) -> tuple[int, int] | None:
        self._check()
        return self.positions.get(mailbox)

    async def moved(self, mailbox: str, uidvalidity: int, last_uid: int) -> None:
        self._check()
        validity, last = self.positions.get(mailbox, (0, 0))
        if validity != uidvalidity:
            at = self.beginnings[mailbox][0] if mailbox in self.beginnings else datetime.now(UTC)
            self.beginnings[mailbox] = (at, last_uid)
            last = 0
        self.positions[mailbox] = (uidvalidity, max(last, last_uid))

    async def began(self, mailbox: str) -> tuple[datetime, int] | None:
        self._check()
        return self.beginnings.get(mailbox)

    async def known(self, mailbox: str, sha256s: Collection[str]) -> set[str]:
        self._check()
        return {
            sum_
            for one in self.mails.values()
            if one.mailbox == mailbox and (sum_ := sha256(one.content).hexdigest()) in sha256s
        }

    async def stored_uids(self, mailbox: str, uidvalidity: int) -> set[int]:
        self._check()
        return {int(uid) for name, validity, uid in self.mails if (name, validity) == (mailbox, str(uidvalidity))}

    def keep(self, batch: Sequence[RawMail]) -> None:
        """Store a batch, each identity once."""
        for mail in batch:
            identity = (mail.mailbox, mail.validity, mail.uid)
            self.handed[identity] += 1
            if identity not in self.mails:
                self.mails[identity] = mail
                self.new.append(mail)

    async def take_in(self, inbox: Inbox) -> None:
        """What intake does: store each batch, then say so; until cancelled."""
        async for batch in inbox.batches():
            self.keep(batch)
            await inbox.done(batch)

    @property
    def contents(self) -> list[bytes]:
        """The bytes of the mails stored, in the order in which they came."""
        return [mail.content for mail in self.new]

    def _check(self) -> None:
        if self.is_down:
            raise StoreDown("out of order")


class Leases:
    """Leases among the replicas of one test; `die` is what the death of a holder is to the others."""

    def __init__(self) -> None:
        self._holders: dict[str, str] = {}

    def of(self, replica: str) -> "ReplicaLease":
        """The leases as one replica sees them."""
        return ReplicaLease(self._holders, replica)

    def die(self, replica: str) -> None:
        """Whatever it holds is free."""
        for name in [name for name, holder in self._holders.items() if holder == replica]:
            del self._holders[name]


class ReplicaLease:
    """`Lease` of one replica; it is refused everything while `is_cut_off`."""

    def __init__(self, holders: dict[str, str], replica: str) -> None:
        self._holders = holders
        self._replica = replica
        self.is_cut_off = False

    async def hold(self, name: str) -> bool:
        return not self.is_cut_off and self._holders.setdefault(name, self._replica) == self._replica

    async def release(self, name: str) -> None:
        if self._holders.get(name) == self._replica:
            del self._holders[name]
