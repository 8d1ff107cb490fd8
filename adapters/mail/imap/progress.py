"""How far a mailbox has been taken in under one UIDVALIDITY: which mails are out, safe, or refused by the server."""

from collections.abc import Collection, Iterable


class Progress:
    """Counts UIDs. `last` is the position: everything up to it is safe; `top` the highest that was handed over."""

    def __init__(self, validity: int, last: int) -> None:
        self.validity = validity
        self.last = last
        self.refused: dict[int, str] = {}
        self.unflagged: set[int] = set()
        self._top = last
        self._out: set[int] = set()
        self._safe: set[int] = set()

    def connected(self, last: int) -> None:
        """A new connection: what is out and never became safe is handed over again; `last` is what is stored."""
        self._out.clear()
        self.refused.clear()
        self.last = max(self.last, last)
        self._top = max([self.last, *self._safe])
        self._prune()

    def wanted(self, uids: Iterable[int]) -> list[int]:
        """Those that are to be handed over now."""
        return [uid for uid in uids if uid not in self._safe and uid not in self._out]

    def handed(self, uids: Collection[int]) -> None:
        """These are out now."""
        self._out.update(uids)
        self._top = max([self._top, *uids])
        for uid in uids:
            self.refused.pop(uid, None)

    def refuse(self, reasons: dict[int, str]) -> None:
        """These the server does not give out: the position stays below them."""
        self.refused.update(reasons)
        self._top = max([self._top, *reasons])

    def safe(self, uids: Collection[int]) -> None:
        """These need not be handed over again."""
        self._out.difference_update(uids)
        self._safe.update(uids)
        self._top = max([self._top, *uids])
        for uid in uids:
            self.refused.pop(uid, None)

    @property
    def is_settled(self) -> bool:
        """Nothing is out, nothing refused."""
        return not self._out and not self.refused

    @property
    def reached(self) -> int:
        """How far everything is safe."""
        return max(self.last, min([*self._out, *self.refused], default=self._top + 1) - 1)

    def saved(self, last: int) -> None:
        """The position is stored."""
        self.last = last
        self._prune()

    def _prune(self) -> None:
        self._safe = {uid for uid in self._safe if uid > self.last}
