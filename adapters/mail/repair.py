"""Header blocks with lines that are no header: a strict parser would take the rest of them for the body."""

import re

_BROKEN = re.compile(rb"^(?![!-9;-~]+:|[ \t]|From |\r?$)", re.MULTILINE)
_SPACED_NAME = re.compile(rb"^[ \t]*([!-9;-~]{1,60})[ \t]+:", re.MULTILINE)
_KNOWN = re.compile(
    rb"[ \t]*(?:from|to|cc|subject|date|message-id|mime-version|content-type|content-transfer-encoding|received"
    rb"|return-path|reply-to|sender|x-mailer|in-reply-to|references)[ \t]*:",
    re.IGNORECASE,
)
_HEADER = re.compile(rb"[!-9;-~]+:")


def is_broken(content: bytes, length: int) -> bool:
    """True when the first `length` bytes hold a line that a mail header must not have."""
    return content[:1] in (b" ", b"\t") or _BROKEN.search(content, 0, length) is not None


def mended(block: bytes) -> bytes:
    """The header block without the blanks before colons and without stray lines between its fields.

    What follows the last known field is left alone: where the empty line is missing, that is the body.
    """
    lines = block.splitlines(keepends=True)
    last_known = max((number for number, line in enumerate(lines) if _KNOWN.match(line)), default=-1)
    out: list[bytes] = []
    for number, line in enumerate(lines):
        starts_field = number == 0 and _KNOWN.match(line)
        if number <= last_known:
            if line[:1] in (b" ", b"\t") and not starts_field:
                if out:
                    out.append(line)
                continue
            line = _SPACED_NAME.sub(rb"\1:", line.lstrip(b" \t"))
            if not _HEADER.match(line):
                continue
        out.append(line)
    return b"".join(out)
