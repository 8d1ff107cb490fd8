"""A part of a mail while it is parsed, and the limits that protect its reader."""

from collections.abc import Sequence
from email.message import Message as EmailMessage
from email.policy import Policy, compat32
from typing import Any, cast

from adapters.mail.lifted import Lifted

LARGEST_MAIL = 25 * 1024 * 1024
LARGEST_HEADER_BLOCK = 64 * 1024
MOST_PARTS = 200
DEEPEST_PART = 20


class UnreadableMail(ValueError):
    """The mail breaks a limit that protects the reader; `reason` tells an operator which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Part(EmailMessage):
    """A mail or one of its parts; the parser that fills it is stopped as soon as a limit is passed."""

    def __init__(self, policy: Policy = compat32, lifted: Lifted | None = None) -> None:
        super().__init__(policy)
        self._lifted = lifted
        self._room = LARGEST_HEADER_BLOCK
        self._depth = 0
        self._count = [1]

    def set_raw(self, name: str, value: str) -> None:
        """Take a header field from the parser. Raises UnreadableMail beyond 64 KB of them."""
        self._room -= len(name) + len(value) + len(": \n")
        if self._room < 0:
            raise UnreadableMail("a part has more than 64 KB of headers")
        super().set_raw(name, value)

    def attach(self, payload: Any) -> None:
        """Take a part from the parser. Raises UnreadableMail beyond 200 parts or 20 levels."""
        super().attach(payload)
        if isinstance(payload, Part):
            payload._depth, payload._count = self._depth + 1, self._count
            self._count[0] += 1
            if payload._depth > DEEPEST_PART:
                raise UnreadableMail(f"parts are nested deeper than {DEEPEST_PART}")
            if self._count[0] > MOST_PARTS:
                raise UnreadableMail(f"more than {MOST_PARTS} parts")

    @property
    def children(self) -> "Sequence[Part]":
        """The parts of this part: of a multipart, or the one mail that a message/rfc822 encloses."""
        held = self._held()
        return held if isinstance(held, list) else ()

    @property
    def content(self) -> bytes:
        """The bytes of a part without parts, still in their transfer encoding."""
        held = self._held()
        content = held.encode("utf-8", "surrogateescape") if isinstance(held, str) else b""
        return self._lifted.put_back(content) if self._lifted else content

    def _held(self) -> Any:
        # get_payload would decode by the label of the part, which need not name any real charset.
        return cast(Any, self)._payload
