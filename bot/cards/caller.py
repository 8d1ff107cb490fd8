"""The caller as cards show them: who it is, what they asked before, and what may help to answer them."""

from dataclasses import dataclass

from bot.chat.text import one_line, shorten
from bot.domain.inquiry import Inquiry
from bot.domain.phone import PhoneCall
from bot.translator import Speaker

NAME_LENGTH = 60
"""Characters of a name: what is read at a glance."""


@dataclass(frozen=True, slots=True)
class FittingText:
    """A text of the team that may answer a caller. `kind` is one of `bot.ports.TextKind`, which says what `ref` is."""

    kind: str
    ref: int
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerView:
    """Whom an agent talks with, and all that is known of them.

    `number` is in E.164, `spoken` as people write it; both are empty when nobody knows it. `inquiry` is what the call
    is about; `contacts` are others of theirs, each with what was answered. `calls` are earlier ones, the newest first.
    """

    name: str = ""
    number: str = ""
    spoken: str = ""
    customer: int | None = None
    caution: str = ""
    inquiry: Inquiry | None = None
    contacts: tuple[tuple[Inquiry, str], ...] = ()
    calls: tuple[PhoneCall, ...] = ()
    texts: tuple[FittingText, ...] = ()

    def called(self, say: Speaker) -> str:
        """What they are called, on one line: by name, else by number."""
        return shorten(one_line(self.name), NAME_LENGTH) or self.spoken or say("phone.unknown_caller")
