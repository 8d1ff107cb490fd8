"""A mail and its parts, each a stretch of the mail's bytes, and the limits that protect their reader."""

from dataclasses import dataclass, field

from adapters.mail.headers import Headers

LARGEST_MAIL = 25 * 1024 * 1024
LARGEST_HEADER_BLOCK = 64 * 1024
MOST_PARTS = 200
DEEPEST_PART = 20


class UnreadableMail(ValueError):
    """The mail breaks a limit that protects the reader; `reason` tells an operator which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True, eq=False)
class Part:
    """A mail or one of its parts: what its headers say, and where its content lies in the mail."""

    headers: Headers
    content_type: str
    """The media type in lower case; that of text for nonsense."""
    values: dict[str, str]
    """The parameters of the media type, by lower-case name."""
    mail: bytes
    start: int
    end: int
    children: "list[Part]" = field(default_factory=list)
    """The parts of this part: of a multipart, or the one mail that a message/rfc822 encloses."""

    @property
    def content(self) -> bytes:
        """The bytes below the headers, still in their transfer encoding."""
        return self.mail[self.start : self.end]
