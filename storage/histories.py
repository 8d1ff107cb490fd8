"""What customers asked so far."""

from storage.session import Session


class HistoryTable:
    """`bot.ports.Histories` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session
