"""What is held about a person, and how it is taken away."""

from storage.session import Session


class ErasureTable:
    """`bot.ports.Erasures` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session
