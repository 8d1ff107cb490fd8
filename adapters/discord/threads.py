"""The thread under each card: started from it, archived once its inquiry is done, and opened again."""

import logging
from collections.abc import Mapping
from typing import Any

from discord.http import Route

from adapters.discord.errors import HAS_THREAD, Act, DiscordRefused
from adapters.discord.limits import cut
from adapters.discord.rest import Rest
from bot.chat.text import one_line
from bot.ports import MessageRef, NotSent, SendError, Unclear

KEPT = 10080
"""Minutes without a word after which Discord archives a thread by itself: the longest that it offers, a week."""
UNNAMED = "–"
"""The name of a thread whose card says nothing: Discord takes no empty one."""

MOST = 1000
"""Cards without a thread whose titles are remembered."""

log = logging.getLogger(__name__)


class Threads:
    """Starts threads from cards, and archives them. A thread has the id of the message that it was started from."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._titles: dict[str, str] = {}

    async def start(self, card: MessageRef, title: str) -> None:
        """Start a card's thread; one that is there already will do. Raises SendError, MessageGone without the card.

        It is called `title`, or as it was to be called when the card was posted.
        """
        route = Route(
            "POST",
            "/channels/{channel_id}/messages/{message_id}/threads",
            channel_id=card.channel,
            message_id=card.message,
        )
        name = _named(self._titles.get(card.message) or title)
        try:
            await self._rest.ask(route, Act.START, json={"name": name, "auto_archive_duration": KEPT})
        except DiscordRefused as error:
            if error.code != HAS_THREAD:
                raise
        except Unclear as error:
            raise NotSent(str(error)) from error  # starting it twice is starting it once

    async def try_to_start(self, card: MessageRef, title: str) -> None:
        """The same, where a card is worth more than its thread: when it fails, the next update or reply tries again."""
        self.lacks(card, title)
        try:
            await self.start(card, title)
        except SendError as error:
            log.warning("a card has no thread yet", extra={"card": card.message, "why": str(error)})
        else:
            self._titles.pop(card.message, None)

    def lacks(self, card: MessageRef, title: str = "") -> None:
        """Remember that a card may have no thread yet: whoever posted it may have got no further than that."""
        if len(self._titles) >= MOST:
            del self._titles[next(iter(self._titles))]
        self._titles[card.message] = title

    def forget(self, card: MessageRef) -> None:
        """What a card was called is of no use any more."""
        self._titles.pop(card.message, None)

    async def follow(self, card: MessageRef, told: Mapping[str, Any], title: str, is_done: bool) -> None:
        """Archive the thread of a card, as Discord has just told it, or open it again. Never raises.

        A thread that is known to be lacking is started.
        """
        thread = told.get("thread") or {}
        archived = (thread.get("thread_metadata") or {}).get("archived")
        if not thread.get("id"):
            if card.message in self._titles and not is_done:
                await self.try_to_start(card, title)
        elif archived is not is_done:
            try:
                await self.archive(str(thread["id"]), is_done)
            except SendError as error:
                log.warning("a thread stays as it is", extra={"card": card.message, "why": str(error)})

    async def rename(self, told: Mapping[str, Any], title: str) -> None:
        """Call the thread of a card, as Discord has just told it, by this title: its name is what the card once said.

        It is opened by that, and archived by Discord after a while. Raises SendError.
        """
        thread, name = told.get("thread") or {}, _named(title)
        if thread.get("id") and thread.get("name") != name:
            route = Route("PATCH", "/channels/{channel_id}", channel_id=str(thread["id"]))
            await self._rest.ask(route, Act.ANSWER, json={"name": name, "archived": False})

    async def archive(self, thread: str, is_archived: bool) -> None:
        """Archive a thread, or open it again. Raises SendError."""
        route = Route("PATCH", "/channels/{channel_id}", channel_id=thread)
        await self._rest.ask(route, Act.ANSWER, json={"archived": is_archived})


def _named(title: str) -> str:
    return cut("thread", one_line(title)) or UNNAMED
