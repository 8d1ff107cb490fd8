"""How often each method of the Web API may be called, and how long it rests after Slack said: too often."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.ports import Busy, NotSent

PATIENCE = 1.0
"""Seconds that a call waits for its turn; when it would take longer, the caller comes again."""


@dataclass(frozen=True, slots=True)
class Tier:
    """At most `per_minute` calls in any minute, of which `burst` may come at once and the others evenly."""

    per_minute: int
    burst: int

    @property
    def per_second(self) -> float:
        """How fast a burst that was used up comes back."""
        return (self.per_minute - self.burst) / 60


TIER_2 = Tier(20, 5)
TIER_3 = Tier(50, 10)
TIER_4 = Tier(100, 30)

TIERS: Mapping[str, Tier] = MappingProxyType(
    {
        "chat.delete": TIER_3,
        "chat.postEphemeral": TIER_4,
        "chat.update": TIER_3,
        "conversations.history": TIER_3,
        "conversations.info": TIER_3,
        "conversations.list": TIER_2,
        "conversations.open": TIER_3,
        "conversations.replies": TIER_3,
        "users.info": TIER_4,
        "views.open": TIER_4,
        "views.publish": TIER_4,
        "views.push": TIER_4,
        "views.update": TIER_4,
    }
)
"""Slack's tiers (docs.slack.dev/apis/web-api/rate-limits and each method's page); they hold for a whole workspace.

chat.postMessage has a pace of its own in each channel, which the core keeps.
"""


class Tiers:
    """Gives each method's calls their turns, by the running loop's clock.

    `second` is how long Slack's second lasts: one that is in a hurry, for tests, has shorter ones.
    """

    def __init__(self, tiers: Mapping[str, Tier] = TIERS, second: float = 1.0) -> None:
        self._tiers = tiers
        self._second = second
        self._spent: dict[str, tuple[float, float]] = {}
        self._opens_at: dict[str, float] = {}
        self._refused: dict[tuple[str, str], float] = {}

    async def turn(self, method: str, place: str = "") -> None:
        """Wait for a moment if need be until `method` may be called.

        Raises Busy with the seconds to wait when that is longer, or while the method rests; NotSent while it rests in
        this place alone.
        """
        self._raise_if_resting(method)
        if (rest := self._refused.get((method, place), 0.0) - _now()) > 0:
            raise NotSent(f"Slack wants no {method} there for {rest:.0f} more seconds.", rest)
        if tier := self._tiers.get(method):
            wait = self._take(method, tier)
            if wait > 0:
                await asyncio.sleep(wait)
                self._raise_if_resting(method)

    def hold(self, method: str, seconds: float, place: str = "") -> None:
        """Let no call of `method` begin for so long, or longer when it was held for longer already.

        `place`: where Slack refused it, if the method has limits for each. It rests there alone, until Slack refuses
        another place meanwhile: then the limit is that of the whole workspace.
        """
        if place:
            self._refused = {one: until for one, until in self._refused.items() if until > _now()}
            self._refused[method, place] = _now() + seconds
            if len([one for one, _ in self._refused if one == method]) == 1:
                return
        self._opens_at[method] = max(self._opens_at.get(method, 0.0), _now() + seconds)

    def _raise_if_resting(self, method: str) -> None:
        rest = self._opens_at.get(method, 0.0) - _now()
        if rest > 0:
            raise Busy(f"Slack wants no {method} for {rest:.0f} more seconds.", rest)

    def _take(self, method: str, tier: Tier) -> float:
        """Take a turn; seconds until it comes. Raises NotSent, and takes none, when that is too long."""
        spent, at = self._spent.get(method, (0.0, 0.0))
        per_second = tier.per_second / self._second
        spent = max(spent - (_now() - at) * per_second, 0.0)
        wait = (spent + 1 - tier.burst) / per_second
        if wait > PATIENCE:
            self._spent[method] = (spent, _now())
            raise Busy(f"Slack allows {method} {tier.per_minute} times a minute.", wait)
        self._spent[method] = (spent + 1, _now())
        return wait


def _now() -> float:
    return asyncio.get_running_loop().time()
