"""The web server on HTTP_PORT: /healthz and /metrics, and whatever pages the wiring adds."""

from collections.abc import Awaitable, Callable, Iterable, Sequence

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from adapters.operations.metrics import Metrics
from bot.health import Part

Parts = Callable[[], Awaitable[Sequence[Part]]]

SHUTDOWN = 1.0
"""Seconds that open connections are given when the server stops."""


class Server:
    """Serves on one address until closed. Raises OSError from `open` when the port is taken."""

    def __init__(self, host: str, port: int, parts: Parts, metrics: Metrics, routes: Iterable[web.RouteDef]) -> None:
        self._host = host
        self._port = port
        self._parts = parts
        self._metrics = metrics
        self._app = web.Application(client_max_size=8 * 1024**2)
        self._app.add_routes([web.get("/healthz", self._healthz), web.get("/metrics", self._told), *routes])
        self._runner = web.AppRunner(self._app, shutdown_timeout=SHUTDOWN, access_log=None)

    async def open(self) -> int:
        """Begin to serve; says on which port, which port 0 leaves open."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def close(self) -> None:
        await self._runner.cleanup()

    async def _healthz(self, _request: web.Request) -> web.Response:
        parts = await self._parts()
        well = not any(part.trouble for part in parts)
        body = {
            "status": "ok" if well else "trouble",
            "parts": {part.name: {"ok": not part.trouble, "trouble": part.trouble, **part.figures} for part in parts},
        }
        return web.json_response(body, status=200 if well else 503)

    async def _told(self, _request: web.Request) -> web.Response:
        for part in await self._parts():
            for name, value in part.figures.items():
                self._metrics.figure(name, value)
        return web.Response(body=self._metrics.exposition(), headers={"Content-Type": CONTENT_TYPE_LATEST})
