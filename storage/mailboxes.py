"""How far each mailbox on a server has been taken in, for whoever watches it: each call is a unit of its own."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from storage.database import Database
from storage.session import Session
from storage.tables import mail
from storage.tables import mailbox as box

CHUNK = 500
"""Values in one list of a query: SQLite allows 32,766, and long lists are slow to prepare."""


class Mailboxes:
    """Positions in mailboxes, and which mails of theirs are safe with us. Raises StoreDown."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def position(self, mailbox: str) -> tuple[int, int] | None:
        """UIDVALIDITY and the last UID that is safe with us; None when the mailbox was never watched."""
        async with self._database.snapshot() as unit:
            row = (await unit.session.run(sa.select(box).where(box.c.name == mailbox))).one_or_none()
        return (row.validity, row.last_uid) if row else None

    async def moved(self, mailbox: str, uidvalidity: int, last_uid: int) -> None:
        """Everything up to `last_uid` is safe with us. Under one UIDVALIDITY it never moves back."""
        async with self._database.transaction() as unit:
            await _move(unit.session, mailbox, uidvalidity, last_uid)

    async def began(self, mailbox: str) -> tuple[datetime, int] | None:
        """When watching began, and after which UID under the present UIDVALIDITY; None when it never did."""
        async with self._database.snapshot() as unit:
            row = (await unit.session.run(sa.select(box).where(box.c.name == mailbox))).one_or_none()
        return (row.began_at, row.began_uid) if row else None

    async def known(self, mailbox: str, sha256s: Collection[str]) -> set[str]:
        """Those of the SHA-256 sums (hex) that belong to a mail of this mailbox which is safe with us."""
        sums, found = list(sha256s), set[str]()
        async with self._database.snapshot() as unit:
            for begin in range(0, len(sums), CHUNK):
                wanted = mail.c.sha256.in_(sums[begin : begin + CHUNK])
                query = sa.select(mail.c.sha256).where(mail.c.mailbox == mailbox, wanted)
                found.update((await unit.session.run(query)).scalars())
        return found

    async def stored_uids(self, mailbox: str, uidvalidity: int) -> set[int]:
        """The UIDs of all mails of this mailbox that are safe with us."""
        query = sa.select(mail.c.uid).where(mail.c.mailbox == mailbox, mail.c.validity == str(uidvalidity))
        async with self._database.snapshot() as unit:
            return {int(uid) for uid in (await unit.session.run(query)).scalars()}


async def _move(session: Session, name: str, uidvalidity: int, last_uid: int) -> None:
    values = {"name": name, "validity": uidvalidity, "last_uid": last_uid, "began_uid": last_uid}
    insert = session.upsert(box).values(**values, began_at=session.now())
    same = box.c.validity == uidvalidity
    farther = sa.case((box.c.last_uid > last_uid, box.c.last_uid), else_=last_uid)
    moved = {
        "validity": uidvalidity,
        "last_uid": sa.case((same, farther), else_=last_uid),
        "began_uid": sa.case((same, box.c.began_uid), else_=last_uid),
    }
    await session.run(insert.on_conflict_do_update(index_elements=["name"], set_=moved))
