"""What a mailbox needs from the storage: where it stands; and the lease of a process that is alone."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol


class Position(Protocol):
    """How far a mailbox has been taken in. Its methods may raise StoreDown."""

    async def position(self, mailbox: str) -> tuple[int, int] | None:
        """UIDVALIDITY and the last UID that is safe with us; None when the mailbox was never watched."""
        ...

    async def moved(self, mailbox: str, uidvalidity: int, last_uid: int) -> None:
        """Everything up to `last_uid` is safe with us. Under one UIDVALIDITY it never moves back.

        The first call for a mailbox notes the time, the first call for each UIDVALIDITY notes `last_uid`: there
        watching began.
        """
        ...

    async def began(self, mailbox: str) -> tuple[datetime, int] | None:
        """When the mailbox was first watched, and after which UID watching began under its present UIDVALIDITY."""
        ...

    async def known(self, mailbox: str, sha256s: Collection[str]) -> set[str]:
        """Those of the SHA-256 sums (hex) that belong to a mail of this mailbox which is safe with us."""
        ...

    async def stored_uids(self, mailbox: str, uidvalidity: int) -> set[int]:
        """The UIDs of all mails of this mailbox that are safe with us."""
        ...


class Alone:
    """The lease of a process that has no replicas."""

    async def hold(self, name: str) -> bool:
        """Always ours."""
        return True

    async def release(self, name: str) -> None:
        """Nobody waits for it."""
