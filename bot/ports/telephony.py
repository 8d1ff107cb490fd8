"""What telephone systems tell: a call rings, has started, has ended."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

WITHHELD = frozenset(
    ("anonymous", "restricted", "unavailable", "unknown", "private", "blocked", "withheld", "非通知", "表示圏外")
)
"""What stands in place of a number that a caller keeps back, or that the network does not know."""
SPELT = frozenset(("266696687", "7378742833", "86282452253", "8656696", "2562533"))
"""Some networks send those words as digits: ANONYMOUS and its like, typed on a telephone's keys."""


class Kind(StrEnum):
    """How far a call has come. What stands later here came later, in whatever order it is told."""

    RINGING = "ringing"
    STARTED = "started"
    ENDED = "ended"


class Outcome(StrEnum):
    """How a call ended, in the words of Twilio. Only COMPLETED was talked in, by a person or by a machine."""

    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class TelephoneEvent:
    """One thing that happened to one leg of a call.

    `id` names the leg within its `source`, `parent` the call that it is a leg of, as far as the system tells.
    `caller` is the other side: who rang us or, when `outgoing`, who was rung. `agent` is our side: an extension,
    a number or an address, "" when nobody's yet. Both as they came, without what cannot be seen; nothing says that
    they are numbers. `at` is aware, in UTC. `seconds` is the length of a call that has ended, as far as it is told.
    """

    source: str
    id: str
    kind: Kind
    caller: str
    agent: str
    at: datetime
    seconds: int | None = None
    outgoing: bool = False
    outcome: Outcome | None = None
    parent: str = ""

    @property
    def key(self) -> str:
        """The same whenever the same is told again: note it with its effect, for telephone systems repeat themselves.

        The agent is part of it, as one call may ring at several and may be handed on.
        """
        return sha256("\0".join((self.id, self.kind, self.agent)).encode()).hexdigest()

    @property
    def is_withheld(self) -> bool:
        """True when `caller` tells nobody apart: all who keep their number back look the same."""
        name = self.caller.casefold().removeprefix("sips:").removeprefix("sip:").partition("@")[0].removeprefix("+")
        return not name or name in WITHHELD or name in SPELT


Handler = Callable[[TelephoneEvent], Awaitable[None]]
"""Takes an event. Told again, it has no second effect. Raises StoreDown or Conflict for "tell me again later"."""
