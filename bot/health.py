"""How each part of the desk is, for operators."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.ports import ChatPlatform, Clock, Inbox, Standing, Store, StoreDown

LATE = timedelta(minutes=5)
"""A notice that waits longer than this means that delivery does not keep up."""
BEHIND = timedelta(minutes=2)
"""Nudges that are due for longer mean that their engine does not keep up: it looks every few seconds."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part: well, or the sentence that says what is wrong; with figures."""

    name: str
    trouble: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)


class Health:
    """Asks every part. `intake` tells why intake stands still; `missing` how many nudges an audit found missing."""

    def __init__(
        self,
        store: Store,
        inboxes: Sequence[Inbox],
        platforms: Sequence[ChatPlatform],
        clock: Clock,
        intake: Callable[[], str] = lambda: "",
        missing: Callable[[], int] = lambda: 0,
    ) -> None:
        self._store = store
        self._inboxes = inboxes
        self._platforms = platforms
        self._clock = clock
        self._intake = intake
        self._missing = missing

    async def parts(self) -> list[Part]:
        """The store, the outbox and the nudges, every mailbox, every platform."""
        return [
            *await self._storage(),
            Part("intake", self._intake()),
            *(Part(f"mailbox {inbox.name}", inbox.trouble) for inbox in self._inboxes),
            *(Part(f"platform {platform.name}", platform.trouble) for platform in self._platforms),
        ]

    async def _storage(self) -> list[Part]:
        try:
            async with self._store.snapshot() as tx:
                backlog = await tx.outbox.backlog()
                standing = await tx.audits.standing()
        except StoreDown as error:
            return [Part("store", f"The database does not answer: {error}. Check DATABASE_URL.")]
        age = (self._clock() - backlog.oldest).total_seconds() if backlog.oldest else 0.0
        figures = {
            "pending": backlog.pending,
            "ambiguous": backlog.ambiguous,
            "refused": backlog.refused,
            "oldest_pending_seconds": round(max(age, 0.0), 1),
        }
        trouble = ""
        if age > LATE.total_seconds():
            trouble = f"The oldest message has waited for {age / 60:.0f} minutes. Check the platforms below."
        elif backlog.refused:
            trouble = f"{backlog.refused} messages were refused. `python -m bot doctor` names them."
        return [Part("store"), Part("outbox", trouble, figures), self._nudges(standing)]

    def _nudges(self, standing: Standing) -> Part:
        missing, trouble = self._missing(), ""
        if standing.lag > BEHIND.total_seconds():
            trouble = f"Nudges have been due for {standing.lag / 60:.0f} minutes and are not said. The log tells why."
        elif missing:
            trouble = f"{missing} nudges that were due were not said. The log names them; restart, and report it."
        figures = {"due": standing.due, "lag_seconds": round(standing.lag, 1), "missing": missing}
        return Part("nudges", trouble, figures)
