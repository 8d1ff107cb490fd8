"""A server that hands out access tokens (OAuth 2.0, RFC 6749, 4.4 and 6), on the loopback."""

from aiohttp import web


class TokenServer:
    """Hands out "token-1", "token-2" ...; `forms` holds what was asked; `answer` is said instead, when it is set."""

    def __init__(self) -> None:
        self.forms: list[dict[str, str]] = []
        self.lasts: object = 3600
        self.renewed = ""
        self.answer: tuple[int, str] | None = None
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        """Listen."""
        app = web.Application()
        app.router.add_post("/token", self._serve)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/token"

    async def close(self) -> None:
        """Stop listening."""
        if self._runner:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.Response:
        self.forms.append({name: str(value) for name, value in (await request.post()).items()})
        if self.answer:
            return web.Response(status=self.answer[0], text=self.answer[1])
        said = {"access_token": f"token-{len(self.forms)}", "token_type": "Bearer", "expires_in": self.lasts}
        if self.renewed:
            said["refresh_token"] = self.renewed
        return web.json_response(said)
