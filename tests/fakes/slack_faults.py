"""What goes wrong at the fake Slack, by switch, and the real Slack's rate limits."""

import asyncio
import math
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from random import Random

from aiohttp import web

GRACE = 0.5
"""Seconds after a 429 in which requests still come that were under way when it was said; see `Gate.grace`."""
BURST = 4
"""Posts into a channel that Slack takes at once before it holds to one a second."""
TOLERANCE = 1.1
"""Tiers are promised as `50+ per minute`."""
TIERS = {
    "apps.connections.open": 50, "auth.test": 600, "chat.delete": 50, "chat.postEphemeral": 100, "chat.update": 50,
    "conversations.history": 50, "conversations.info": 50, "conversations.list": 20, "conversations.members": 100,
    "conversations.open": 50, "conversations.replies": 50, "users.info": 100, "users.list": 20,
    "views.open": 100, "views.publish": 100, "views.push": 100, "views.update": 100,
}  # fmt: skip
"""Requests a minute and method, for the whole workspace."""


@dataclass
class Faults:
    """What goes wrong. Shares are between 0 and 1, times in seconds; the seed makes a run repeatable.

    `lost`: done, but the connection is cut before the answer. `fatal`: done, but answered with internal_error.
    `broken`: 503 and nothing done. `reset`: cut before anything is done. `hang`: not done and never answered.
    `limited`: 429 with Retry-After `retry_after`; for posts it closes the channel, with `whole_method` the method.
    `slow`: done `slow_for` later. `lag`: so long history does not show what is new. `refused`: what is said of a
    channel, such as {"C0TEAM": "is_archived"}. `stuck`: channels in which no post is answered until release().
    `revoked`: said to every call with a token (token_revoked, invalid_auth ...). `missing`: scopes that are missing.
    `double`: deliveries that come twice. `dropped`: deliveries whose socket is dropped right after.
    `limits`: the real rate limits are kept with 429; `second` is how long Slack's second lasts for them.
    `orphans`: replies to what is deleted are taken and seen by nobody. `methods`: those that lost, fatal, broken,
    reset, hang, limited and slow befall; none named: all but auth.test and apps.connections.open.
    """

    seed: int = 1
    lost: float = 0.0
    fatal: float = 0.0
    broken: float = 0.0
    reset: float = 0.0
    hang: float = 0.0
    limited: float = 0.0
    slow: float = 0.0
    retry_after: float = 1.0
    whole_method: bool = False
    slow_for: float = 0.1
    lag: float = 0.0
    refused: dict[str, str] = field(default_factory=dict)
    stuck: list[str] = field(default_factory=list)
    revoked: str = ""
    missing: list[str] = field(default_factory=list)
    double: float = 0.0
    dropped: float = 0.0
    limits: bool = False
    second: float = 1.0
    orphans: bool = False
    methods: list[str] = field(default_factory=list)


class Gate:
    """Lets requests through, or not. `impatient` counts those that came inside a Retry-After, `too_fast` those
    beyond the real limits, whether these are switched on or not."""

    def __init__(self, faults: Faults) -> None:
        self.grace = GRACE
        self.impatient = 0
        self.too_fast: Counter[str] = Counter()
        self.answers: list[tuple[str, str, str]] = []
        self.set_faults(faults)
        self._closed: dict[tuple[str, str], tuple[float, float]] = {}
        self._posts: dict[str, tuple[float, float]] = {}
        self._recent: defaultdict[str, deque[float]] = defaultdict(deque)
        self._released = asyncio.Event()

    def set_faults(self, faults: Faults) -> None:
        self.faults = faults
        self.random = Random(faults.seed)

    def release(self) -> None:
        """Let all that hangs go on; stuck channels are stuck no more."""
        self.faults.stuck = []
        self._released.set()
        self._released = asyncio.Event()

    def chance(self, share: float) -> bool:
        return share > 0 and self.random.random() < share

    async def before(self, request: web.Request, method: str, channel: str) -> web.StreamResponse | None:
        """An answer before anything is done, or None; what is slow or stuck waits here."""
        faults, now = self.faults, asyncio.get_running_loop().time()
        place = channel if method == "chat.postMessage" and not faults.whole_method else ""
        for key in {(method, place), (method, "")}:
            since, until = self._closed.get(key, (0.0, 0.0))
            if now < until:
                self.impatient += now - since > self.grace
                return self._limit(method, channel, until - now)
        if self._is_too_fast(method, channel, now):
            self.too_fast[method] += 1
            if faults.limits:
                return self._close(method, channel, place, now)
        if channel in faults.stuck and method.startswith("chat."):
            await self._released.wait()
        if not self._befalls(method):
            return None
        if self.chance(faults.limited):
            return self._close(method, channel, place, now)
        if self.chance(faults.broken):
            return self._answer(method, channel, 503, "service_unavailable")
        if self.chance(faults.reset):
            return self.cut(request, method, channel, "reset")
        if self.chance(faults.hang):
            await self._released.wait()
            return self.cut(request, method, channel, "hung")
        if self.chance(faults.slow):
            await asyncio.sleep(faults.slow_for)
        return None

    def after(self, request: web.Request, method: str, channel: str, outcome: str) -> web.StreamResponse | None:
        """Another answer than the one to what was done, or None."""
        if self._befalls(method) and outcome == "ok":
            if self.chance(self.faults.lost):
                return self.cut(request, method, channel, "lost")
            if self.chance(self.faults.fatal):
                return self._answer(method, channel, 200, "internal_error")
        self.answers.append((method, channel, outcome))
        return None

    def cut(self, request: web.Request, method: str, channel: str, outcome: str) -> web.Response:
        """Cut the connection instead of answering."""
        self.answers.append((method, channel, outcome))
        if request.transport:
            request.transport.abort()
        return web.Response()

    def _befalls(self, method: str) -> bool:
        if self.faults.methods:
            return method in self.faults.methods
        return method not in ("auth.test", "apps.connections.open")

    def _is_too_fast(self, method: str, channel: str, now: float) -> bool:
        second = self.faults.second
        if method == "chat.postMessage":
            left, at = self._posts.get(channel, (float(BURST), now))
            left = min(float(BURST), left + (now - at) / second)
            self._posts[channel] = (max(left - 1, 0.0), now)
            return left < 1
        recent = self._recent[method]
        while recent and recent[0] <= now - 60 * second:
            recent.popleft()
        recent.append(now)
        return len(recent) > TIERS.get(method, 10_000) * TOLERANCE

    def _close(self, method: str, channel: str, place: str, now: float) -> web.Response:
        self._closed[method, place] = (now, now + self.faults.retry_after)
        return self._limit(method, channel, self.faults.retry_after)

    def _limit(self, method: str, channel: str, rest: float) -> web.Response:
        """Slack says whole seconds; parts of a second are only said when retry_after is set to such."""
        response = self._answer(method, channel, 429, "ratelimited")
        whole = float(self.faults.retry_after).is_integer()
        response.headers["Retry-After"] = str(math.ceil(rest)) if whole else f"{rest:.3f}"
        return response

    def _answer(self, method: str, channel: str, status: int, error: str) -> web.Response:
        self.answers.append((method, channel, str(status) if status != 200 else error))
        return web.json_response({"ok": False, "error": error}, status=status)
