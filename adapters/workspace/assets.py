"""The page's files, read once at start: small enough to keep, and nothing else can be asked for."""

from dataclasses import dataclass
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template

from aiohttp import hdrs, web

FOLDER = Path(__file__).parent / "page"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Assets:
    """The page and its files. `build` changes when any of them does, so that open pages know."""

    index: Template
    files: dict[str, bytes]
    build: str

    @classmethod
    def load(cls) -> "Assets":
        """Read every file of the page."""
        index = (FOLDER / "index.html").read_bytes()
        files = {file.name: file.read_bytes() for file in sorted(FOLDER.iterdir()) if file.suffix in KINDS}
        everything = sha256(index)
        for name, content in files.items():
            everything.update(name.encode() + content)
        return cls(Template(index.decode()), files, everything.hexdigest()[:16])

    def page(self, **words: str) -> web.Response:
        """The page with these words filled in; they are escaped."""
        text = self.index.substitute({name: escape(word) for name, word in words.items()}, build=self.build)
        return web.Response(text=text, content_type="text/html", headers={hdrs.CACHE_CONTROL: "no-store"})

    def file(self, name: str, known: str | None) -> web.Response:
        """One file, or 304 when the browser's copy (`known`, its If-None-Match) is current. Raises 404."""
        content = self.files.get(name)
        if content is None:
            raise web.HTTPNotFound()
        headers = {hdrs.CACHE_CONTROL: "no-cache", hdrs.ETAG: f'"{self.build}"'}
        if known == headers[hdrs.ETAG]:
            return web.Response(status=304, headers=headers)
        kind = KINDS[Path(name).suffix]
        return web.Response(body=content, content_type=kind, charset="utf-8", headers=headers)
