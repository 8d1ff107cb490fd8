"""The full-text index."""

from storage.session import Session


class SearchTable:
    """`bot.ports.Search` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session
