"""The templates, with all their versions."""

from storage.session import Session


class TemplateTable:
    """`bot.ports.Templates` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session
