"""Raw mails to download, by links that a supervisor was given and that end soon."""

from collections.abc import Awaitable, Callable

from aiohttp import web

Fetch = Callable[[str], Awaitable[bytes | None]]
PATH = "/original/"
HEADERS = {
    "Content-Disposition": 'attachment; filename="original.eml"',
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}


def routes(fetch: Fetch) -> list[web.RouteDef]:
    """The download of the mail that a token stands for; always as a file, never shown by the browser."""

    async def original(request: web.Request) -> web.Response:
        content = await fetch(request.match_info["token"])
        if content is None:
            raise web.HTTPNotFound(text="This link has ended. Ask for a new one by /original.")
        return web.Response(body=content, content_type="application/octet-stream", headers=HEADERS)

    return [web.get(PATH + "{token}", original)]
