"""Who may talk to the workspace: its own page in a browser on this machine, and nobody else.

Other sites reach a loopback server through the browser (cross-site requests, DNS rebinding), so Host,
Origin and a token that is new at every start are checked. Cookies do not know ports: another local server
could read ours, therefore the cookie only lets read, and changes need the token in a header.
"""

import secrets
from collections.abc import Awaitable, Callable
from ipaddress import ip_address

from aiohttp import hdrs, web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
HEADER = "X-Madoguchi-Token"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
        " frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def refuse_beyond_loopback(host: str) -> None:
    """Raise ValueError, in a sentence, when serving on `host` would let other machines in."""
    if host == "localhost":
        return
    try:
        inside = ip_address(host.strip("[]")).is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise ValueError(
            f"The workspace page has no log-in and is for this machine only: bind to 127.0.0.1, not to {host!r}."
        )


def problem(status: int, sentence: str) -> web.HTTPException:
    """An HTTP refusal that says in JSON what is wrong, ready to be raised."""
    kinds: dict[int, type[web.HTTPException]] = {
        400: web.HTTPBadRequest,
        401: web.HTTPUnauthorized,
        403: web.HTTPForbidden,
        404: web.HTTPNotFound,
        503: web.HTTPServiceUnavailable,
    }
    body = web.json_response({"error": sentence}).text
    return kinds[status](text=body, content_type="application/json")


class Guard:
    """Checks requests; `token` and the cookie's value are new in every instance."""

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(32)
        self._pass = secrets.token_urlsafe(32)

    def page(self, handler: Handler) -> Handler:
        """Let a browser of this machine fetch what is no secret; the answer brings the cookie."""

        async def checked(request: web.Request) -> web.StreamResponse:
            port = _check_host(request)
            response = await handler(request)
            response.set_cookie(_cookie(port), self._pass, httponly=True, samesite="Strict", path="/")
            return response

        return _protected(checked)

    def read(self, handler: Handler) -> Handler:
        """Let only our own page read; the cookie is its pass."""

        async def checked(request: web.Request) -> web.StreamResponse:
            port = _check_host(request)
            if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
                raise problem(403, "Only the workspace's own page may read this.")
            if not _same(request.cookies.get(_cookie(port), ""), self._pass):
                raise problem(401, "Madoguchi was started again: load the page again.")
            return await handler(request)

        return _protected(checked)

    def write(self, handler: Handler) -> Handler:
        """Let only our own page change things; the token in a header is its pass."""

        async def checked(request: web.Request) -> web.StreamResponse:
            _check_host(request)
            origin = request.headers.get(hdrs.ORIGIN)
            if origin is None:
                own = request.headers.get("Sec-Fetch-Site") == "same-origin"
            else:
                own = origin == f"http://{request.host}"
            if not own:
                raise problem(403, "Only the workspace's own page may do this.")
            if not _same(request.headers.get(HEADER, ""), self.token):
                raise problem(401, "Madoguchi was started again: load the page again.")
            return await handler(request)

        return _protected(checked)


def _check_host(request: web.Request) -> int:
    """The port that the request came in at; refuses names and peers that are not this machine."""
    transport = request.transport
    port = int(transport.get_extra_info("sockname")[1]) if transport else 0
    allowed = {f"{name}:{port}" for name in LOOPBACK} | (set(LOOPBACK) if port == 80 else set())
    if request.host.lower() not in allowed or not _is_near(request.remote):
        raise problem(403, f"The workspace answers only on this machine: open http://127.0.0.1:{port}/")
    return port


def _is_near(peer: str | None) -> bool:
    return peer is not None and ip_address(peer).is_loopback


def _cookie(port: int) -> str:
    return f"madoguchi_{port}"


def _same(given: str, expected: str) -> bool:
    return secrets.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def _protected(handler: Handler) -> Handler:
    async def protected(request: web.Request) -> web.StreamResponse:
        try:
            response = await handler(request)
        except web.HTTPException as refusal:
            refusal.headers.update(HEADERS)
            raise
        if not response.prepared:
            response.headers.update(HEADERS)
        return response

    return protected
