"""People as Slack knows them: names, languages, time zones, and who belongs to the workspace."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from adapters.slack.errors import SlackRefused
from adapters.slack.web import Web
from bot.chat.profile import Profile
from bot.ports import Clock, NotSent, SendError

FRESH = timedelta(minutes=5)
"""How long what Slack said of a person is taken for true."""
PATIENCE = 1.0
"""Seconds that a fresh answer is waited for when an old one is at hand."""
SLACKBOT = "USLACKBOT"
UNKNOWN = ("user_not_found", "user_not_visible")


class People:
    """Asks Slack about people, one request for all who want the same, and remembers the answers for a while."""

    def __init__(self, web: Web, clock: Clock) -> None:
        self._web = web
        self._clock = clock
        self._known: dict[str, tuple[datetime, Profile | None]] = {}
        self._asking: dict[str, asyncio.Task[Profile | None]] = {}
        self._tasks: set[asyncio.Task[Profile | None]] = set()

    async def profile(self, user: str) -> Profile | None:
        """What Slack says of a person, None when it knows nobody of that id.

        When Slack cannot be asked, what it said before serves; where it said nothing, raises NotSent.
        """
        at, known = self._known.get(user, (None, None))
        if self.is_fresh(user):
            return known
        asking = self._asking.get(user) or self._ask(user)
        await asyncio.wait([asking], timeout=None if at is None else PATIENCE)
        if not asking.done():
            return known
        try:
            return asking.result()
        except asyncio.CancelledError:
            raise NotSent("The connection to Slack is being closed.") from None
        except SendError as error:
            if at is None:
                raise NotSent(str(error), getattr(error, "retry_after", None)) from error
            return known

    def is_fresh(self, user: str) -> bool:
        """Whether `profile` answers without asking Slack."""
        known = self._known.get(user)
        return known is not None and self._clock() - known[0] < FRESH

    def forget(self, user: str) -> None:
        """Ask Slack anew when this person comes up again; an answer under way may be an old one."""
        self._known.pop(user, None)
        self._asking.pop(user, None)

    def of_event(self, told: Mapping[str, Any]) -> Profile:
        """The profile in Slack's user object, as users.info and the user_change event hold it."""
        words = told.get("profile") or {}
        names = (words.get("display_name"), words.get("real_name"), told.get("real_name"), told.get("name"))
        return Profile(
            user=str(told["id"]),
            name=str(next(filter(None, names), told["id"])),
            language=str(told.get("locale") or "").partition("-")[0],
            time_zone=str(told.get("tz") or ""),
            is_member=self._is_member(told),
            is_active=not told.get("deleted"),
        )

    async def close(self) -> None:
        """End the requests under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ask(self, user: str) -> asyncio.Task[Profile | None]:
        """Begin to ask; everybody who wants to know the same waits for this one request."""
        asking = asyncio.create_task(self._asked(user), name=f"users.info {user}")
        self._asking[user] = asking
        self._tasks.add(asking)
        asking.add_done_callback(self._heard)
        return asking

    def _heard(self, asking: asyncio.Task[Profile | None]) -> None:
        self._tasks.discard(asking)
        if not asking.cancelled():
            asking.exception()  # perhaps nobody waits for it any more

    async def _asked(self, user: str) -> Profile | None:
        asking = asyncio.current_task()
        try:
            told = await self._web.ask("users.info", user=user, include_locale=True)
            if not told.get("user"):
                raise NotSent("Slack does not say who that is.")
            profile = self.of_event(told["user"])
        except SlackRefused as error:
            if error.name not in UNKNOWN:
                raise
            profile = None
        finally:
            is_wanted = self._asking.get(user) is asking
            if is_wanted:
                del self._asking[user]
        if is_wanted:
            self._known[user] = (self._clock(), profile)
        return profile

    def _is_member(self, told: Mapping[str, Any]) -> bool:
        """Whether this is one of the workspace's own people: no bot, no guest, nobody of another organisation."""
        other = ("is_bot", "is_workflow_bot", "is_restricted", "is_ultra_restricted", "is_stranger")
        if told["id"] == SLACKBOT or any(told.get(mark) for mark in other):
            return False
        ours = self._web.identity.team_id
        everywhere = (told.get("enterprise_user") or {}).get("teams") or ()
        return ours in (told.get("team_id") or ours, *everywhere)
