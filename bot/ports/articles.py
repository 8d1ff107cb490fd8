"""Articles in the store."""

from datetime import date, datetime
from typing import Protocol

from bot.domain.agent import Agent
from bot.domain.article import Article, ArticleState, ArticleVersion


class Articles(Protocol):
    """What the team knows, with every version of it."""

    async def add(self, article: Article, by: Agent | None, at: datetime, number: int | None = None, /) -> Article:
        """Keep a new one, at version 1. `number` is the inquiry that it comes from. Raises Conflict when there is one
        of the same piece of advice."""
        ...

    async def get(self, article: int, /) -> Article | None: ...

    async def of_advice(self, advice: int, /) -> Article | None:
        """The one that was made from a piece of advice."""
        ...

    async def listed(self, state: ArticleState | None, offset: int, limit: int, /) -> tuple[list[Article], int]:
        """Those in that state (None: all but retired), what waits for approval first; and how many there are."""
        ...

    async def save(self, before: Article, after: Article, by: Agent | None, at: datetime, /) -> None:
        """Keep a change. Raises Conflict when it is not at the version of `before` any more."""
        ...

    async def versions(self, article: int, /) -> list[ArticleVersion]:
        """Its versions, the newest first."""
        ...

    async def used(self, article: int, at: datetime, /) -> None:
        """Somebody took its words."""
        ...

    async def remind(self, today: date, limit: int, /) -> int:
        """Tell the owners of articles that are to be reviewed by today, each once a date; says how many."""
        ...
