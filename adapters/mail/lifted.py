"""Large mails are parsed as a skeleton: long stretches of lines are lifted out of them, and put back when asked for.

The parser of the standard library makes an object of each line: twenty times the memory of the mail.
"""

import re
import secrets

_LARGE = 1024 * 1024
_LONG = 512 * 1024
# Headers of a part, and of mails enclosed in it, stand above the cut.
_KEPT_ABOVE = 160 * 1024
_KEPT_BELOW = 1024
_FENCE = re.compile(rb"^--", re.MULTILINE)


class Lifted:
    """The stretches that were taken out of a mail, with the marks that stand for them."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._mark = b"lifted-" + secrets.token_hex(16).encode()
        self._marked = re.compile(self._mark + rb"-(\d+)-(\d+)\r?\n?")

    def mark(self, start: int, end: int) -> bytes:
        """A line that stands for the stretch."""
        return b"%b-%d-%d\n" % (self._mark, start, end)

    def put_back(self, content: bytes) -> bytes:
        """The content with the stretches that its marks stand for."""
        if self._mark not in content:
            return content
        return self._marked.sub(lambda found: self._content[int(found[1]) : int(found[2])], content)


def lift(content: bytes) -> tuple[bytes, Lifted | None]:
    """The mail without its long stretches, and these; a small mail as it is.

    A stretch never holds a line that begins with "--", so that every boundary stays where it was.
    """
    if len(content) < _LARGE:
        return content, None
    lifted = Lifted(content)
    kept: list[bytes] = []
    done = start = 0
    for fence in _FENCE.finditer(content, 1):
        done = _cut(content, lifted, kept, done, start, fence.start())
        start = fence.start()
    done = _cut(content, lifted, kept, done, start, len(content))
    if not kept:
        return content, None
    return b"".join([*kept, content[done:]]), lifted


def _cut(content: bytes, lifted: Lifted, kept: list[bytes], done: int, start: int, end: int) -> int:
    """Lift what lies between two fences, if it is long; how far the content is dealt with."""
    if end - start < _LONG:
        return done
    first = content.find(b"\n", start + _KEPT_ABOVE, end) + 1
    last = content.rfind(b"\n", start + _KEPT_ABOVE, end - _KEPT_BELOW) + 1
    if not 0 < first < last:
        return done
    kept += [content[done:first], lifted.mark(first, last)]
    return last
