"""What goes wrong at the fake Discord, by switch, and the real Discord's rate limits."""

import asyncio
import hashlib
import json
import math
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

from aiohttp import web

GRACE = 0.5
"""Seconds after a 429 in which requests still come that were under way when it was said; see `Gate.grace`."""
LIMITS = {
    "create_message": (5, 5.0), "edit_message": (5, 5.0), "delete_message": (5, 1.0), "start_thread": (10, 10.0),
    "edit_channel": (10, 10.0), "create_dm": (10, 10.0), "put_commands": (5, 20.0), "followup": (5, 2.0),
    "edit_original": (5, 2.0), "edit_followup": (5, 2.0),
}  # fmt: skip
"""Requests per so many seconds, channel (or token) and method, as observed; Discord publishes none of them."""
OTHERS = (50, 1.0)
MOST = 50
"""Requests a second of the whole bot; interactions and their tokens do not count."""
LOGIN = ("me", "application", "gateway", "gateway_bot")
OF_INTERACTIONS = (
    "callback", "followup", "get_original", "edit_original", "delete_original", "get_followup", "edit_followup",
    "delete_followup",
)  # fmt: skip


@dataclass
class Faults:
    """What goes wrong. Shares are between 0 and 1, times in seconds; the seed makes a run repeatable.

    `lost`: done, but the connection is cut before the answer. `fatal`: done, but answered with 500. `broken`: answered
    with `broken_status` and nothing done. `reset`: cut before anything is done. `hang`: not done and never answered.
    `limited`: 429 with `retry_after` and `scope` (user: closes the route in its channel; global: everything but
    interactions; shared: as user, and not the bot's fault). `banned`: every request gets the 429 in HTML, without Via,
    of an address that made too many invalid requests. `slow`: done `slow_for` later. `lag`: so long reading messages
    does not show what is new. `refused`: what is said of a channel: {channel id: 50013}. `stuck`: channels in which no
    message is answered until release(). `revoked`: the token is (401, gateway 4004). `missing`: permissions that the
    bot has nowhere. `limits`: the rate limits are kept with 429, and told in the headers; `second` is how long
    Discord's second lasts for them. `methods`: those that lost, fatal, broken, reset, hang, limited and slow befall;
    none named: all but the login.
    Gateway: `double`: events that come twice. `dropped`: events right after which the line is dropped. `malformed`:
    events before which comes something that is none (`malformed_as`: see Gateway.mangle). `unacked`: heartbeats are
    not acknowledged. `sessions`: how RESUME is answered: "" well, "lost" INVALID_SESSION false, "again" true.
    `refuse_sockets`: lines are answered with 503. `close_code`: with which each IDENTIFY is closed.
    """

    seed: int = 1
    lost: float = 0.0
    fatal: float = 0.0
    broken: float = 0.0
    broken_status: int = 503
    reset: float = 0.0
    hang: float = 0.0
    limited: float = 0.0
    slow: float = 0.0
    retry_after: float = 1.0
    scope: str = "user"
    banned: bool = False
    slow_for: float = 0.1
    lag: float = 0.0
    refused: dict[str, int] = field(default_factory=dict)
    stuck: list[str] = field(default_factory=list)
    revoked: bool = False
    missing: list[str] = field(default_factory=list)
    limits: bool = False
    second: float = 1.0
    methods: list[str] = field(default_factory=list)
    double: float = 0.0
    dropped: float = 0.0
    malformed: float = 0.0
    malformed_as: str = "no_json"
    unacked: bool = False
    sessions: str = ""
    refuse_sockets: bool = False
    close_code: int = 0


class Bucket:
    """How many requests a route may still take in a place: so many in a while that begins with the first of them."""

    def __init__(self, most: int, per: float) -> None:
        self.most = most
        self.per = per
        self.taken = 0
        self.began = float("-inf")

    def take(self, now: float) -> bool:
        """Note a request; whether there was room for it."""
        if now >= self.began + self.per:
            self.began, self.taken = now, 0
        if self.taken >= self.most:
            return False
        self.taken += 1
        return True

    def rest(self, now: float) -> float:
        """Seconds until there is room for all again."""
        return max(self.began + self.per - now, 0.0)


class Gate:
    """Lets requests through, or not. `impatient` counts those that came inside a Retry-After, `too_fast` those beyond
    the real limits while these are switched on (else their headers promise more), `invalid_requests` answers of 401,
    403 and 429."""

    def __init__(self, faults: Faults) -> None:
        self.grace = GRACE
        self.impatient = 0
        self.invalid_requests = 0
        self.too_fast: Counter[str] = Counter()
        self.answers: list[tuple[str, str, str]] = []
        self._released = asyncio.Event()
        self.set_faults(faults)

    def set_faults(self, faults: Faults) -> None:
        """From now on these faults; what hung goes on."""
        self._released.set()
        self.faults = faults
        self._released = asyncio.Event()
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._whole = Bucket(MOST, faults.second)
        self._closed: dict[tuple[str, str], tuple[float, float]] = {}
        self.random = Random(faults.seed)

    def release(self) -> None:
        """Let all that hangs go on; stuck channels are stuck no more."""
        self.faults.stuck = []
        self._released.set()
        self._released = asyncio.Event()

    def chance(self, share: float) -> bool:
        return share > 0 and self.random.random() < share

    async def before(self, request: web.Request, method: str, place: str) -> web.StreamResponse | None:
        """An answer before anything is done, or None; what is slow or stuck waits here."""
        faults, now = self.faults, asyncio.get_running_loop().time()
        if faults.banned:
            return self._banned(method, place)
        is_own = method in OF_INTERACTIONS
        for key in {(method, place)} | (set() if is_own else {("", "")}):
            since, until = self._closed.get(key, (0.0, 0.0))
            if now < until:
                self.impatient += now - since > self.grace
                return self._limit(method, place, until - now, "global" if key == ("", "") else faults.scope)
        if faults.limits and not self._bucket(method, place).take(now):
            self.too_fast[method] += 1
            return self._close((method, place), method, place, self._bucket(method, place).rest(now), "user")
        if faults.limits and not is_own and not self._whole.take(now):
            self.too_fast["global"] += 1
            return self._close(("", ""), method, place, self._whole.rest(now), "global")
        if place in faults.stuck and method in ("create_message", "edit_message", "start_thread", "edit_channel"):
            await self._released.wait()
        if not self._befalls(method):
            return None
        if self.chance(faults.limited):
            key = ("", "") if faults.scope == "global" else (method, place)
            return self._close(key, method, place, faults.retry_after, faults.scope)
        if self.chance(faults.broken):
            return self.answer(method, place, faults.broken_status, {"message": "Service Unavailable", "code": 0})
        if self.chance(faults.reset):
            return self.cut(request, method, place, "reset")
        if self.chance(faults.hang):
            await self._released.wait()
            return self.cut(request, method, place, "hung")
        if self.chance(faults.slow):
            await asyncio.sleep(faults.slow_for)
        return None

    def after(self, request: web.Request, method: str, place: str, status: int, told: Any) -> web.StreamResponse:
        """The answer to what was done, or what befalls it."""
        if self._befalls(method) and status < 300:
            if self.chance(self.faults.lost):
                return self.cut(request, method, place, "lost")
            if self.chance(self.faults.fatal):
                return self.answer(method, place, 500, {"message": "500: Internal Server Error", "code": 0})
        return self.answer(method, place, status, told)

    def answer(self, method: str, place: str, status: int, told: Any) -> web.Response:
        """Answer exactly as Discord does: application/json without a charset."""
        code = told.get("code", 0) if isinstance(told, dict) else 0
        self.answers.append((method, place, "ok" if status < 300 else str(code or status)))
        self.invalid_requests += status in (401, 403)
        headers = {"Via": "1.1 google", **self._headers(method, place)}
        if status == 204:
            return web.Response(status=204, headers=headers)
        headers["Content-Type"] = "application/json"
        return web.Response(body=json.dumps(told).encode(), status=status, headers=headers)

    def cut(self, request: web.Request, method: str, place: str, outcome: str) -> web.Response:
        """Cut the connection instead of answering."""
        self.answers.append((method, place, outcome))
        if request.transport:
            request.transport.abort()
        return web.Response()

    def _befalls(self, method: str) -> bool:
        return method in self.faults.methods if self.faults.methods else method not in LOGIN

    def _bucket(self, method: str, place: str) -> Bucket:
        most, per = LIMITS.get(method, OTHERS)
        return self._buckets.setdefault((method, place), Bucket(most, per * self.faults.second))

    def _headers(self, method: str, place: str) -> dict[str, str]:
        """The rate limit as told; generous while the limits are not kept."""
        if method == "callback":
            return {}
        bucket, now = self._bucket(method, place), asyncio.get_running_loop().time()

        most, left = (bucket.most, bucket.most - bucket.taken) if self.faults.limits else (1000, 999)
        rest = _upwards(bucket.rest(now)) if self.faults.limits else 1.0
        return {
            "X-RateLimit-Limit": str(most),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset": f"{time.time() + rest:.3f}",
            "X-RateLimit-Reset-After": f"{rest:.3f}",
            "X-RateLimit-Bucket": hashlib.sha256(method.encode()).hexdigest()[:32],
        }

    def _close(self, key: tuple[str, str], method: str, place: str, rest: float, scope: str) -> web.Response:
        now = asyncio.get_running_loop().time()
        self._closed[key] = (now, now + rest)
        return self._limit(method, place, rest, scope)

    def _limit(self, method: str, place: str, rest: float, scope: str) -> web.Response:
        told = {
            "message": "You are being rate limited.",
            "retry_after": _upwards(rest),
            "global": scope == "global",
        }
        response = self.answer(method, place, 429, told)
        self.invalid_requests += scope != "shared"
        response.headers["Retry-After"] = str(int(rest) + 1)
        response.headers["X-RateLimit-Scope"] = scope
        if scope == "global":
            response.headers["X-RateLimit-Global"] = "true"
        elif "X-RateLimit-Remaining" in response.headers:
            response.headers["X-RateLimit-Remaining"] = "0"
            response.headers["X-RateLimit-Reset-After"] = f"{_upwards(rest):.3f}"
        return response

    def _banned(self, method: str, place: str) -> web.Response:
        self.answers.append((method, place, "429"))
        self.invalid_requests += 1
        headers = {"Content-Type": "text/html; charset=UTF-8", "Retry-After": "3600"}
        return web.Response(body=b"<html>Access denied | error 1015</html>", status=429, headers=headers)


def _upwards(seconds: float) -> float:
    """As Discord tells times: to the millisecond, never too short."""
    return math.ceil(seconds * 1000) / 1000
