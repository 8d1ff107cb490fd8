"""Advising: when advice goes out to somebody on a call, how much of it, and who hears that it stays unread."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.advice import Advice, AdviceState
from bot.domain.agent import Agent, Role

LINES, LENGTH = 2, 120
"""Lines of a piece of advice, and characters of all of them: what is read at a glance while one talks."""
EVERY = timedelta(seconds=10)
"""To somebody on a call, one message goes out in this time at most."""
MOST_PIECES = 3
"""Pieces in one message; more wait for the next."""
ELLIPSIS = "…"
_BREAK = re.compile(r"[。！？、，!?,;；]|(?=\s)")
_CLINGS = re.compile("[\u200d\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")


@dataclass(frozen=True, slots=True)
class Fitted:
    """A text as it is sent, and `left`, the words for which there was no room: its sender is told them."""

    kept: str
    left: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """Pieces of advice that go out together, from that moment on."""

    at: datetime
    pieces: tuple[Advice, ...]


def fitted(text: str, lines: int = LINES, length: int = LENGTH) -> Fitted:
    """As much of a text as a piece of advice holds; empty lines and spaces in a row do not count.

    Cut at the end of a sentence or a word if there is one in its last third, and never within a sign; an ellipsis,
    which counts, says that it goes on. All that was written is in `kept` or in `left`, in its order.
    """
    if lines < 1 or length < 2:
        raise ValueError("advice needs room for a word")
    given = [" ".join(line.split()) for line in text.splitlines()]
    filled = [line for line in given if line]
    kept, left = "\n".join(filled[:lines]), "\n".join(filled[lines:])
    if len(kept) + len(ELLIPSIS if left else "") <= length:
        return Fitted(f"{kept}{ELLIPSIS}" if left else kept, left)
    end = _end(kept, length - len(ELLIPSIS))
    return Fitted(kept[:end].rstrip() + ELLIPSIS, "\n".join(filter(None, [kept[end:].lstrip(), left])))


def next_message(
    queued: Iterable[Advice], last_at: datetime | None, every: timedelta = EVERY, quiet_until: datetime | None = None
) -> Message | None:
    """What goes out next to somebody on a call, and when: from among all that is queued for them. None: nothing is.

    The first piece goes at once; what comes less than `every` after the last message (`last_at`) waits until then, and
    goes with all that came meanwhile. A message holds MOST_PIECES: people's before prepared ones, then the older
    first. Until `quiet_until` nothing goes. Asked again as something more is queued, it tells the same moment; whoever
    looks late finds all that is queued by then in it.
    """
    waiting = sorted((one for one in queued if one.state is AdviceState.QUEUED), key=_order)
    if not waiting:
        return None
    held = [last_at + every] if last_at else []
    at = max([min(one.at for one in waiting), *held, *filter(None, [quiet_until])])
    return Message(at, tuple(waiting[:MOST_PIECES]))


def withdrawn_by_end(advice: Iterable[Advice], call: int) -> list[Advice]:
    """What is withdrawn as a call ends: its pieces that were not delivered. Notes and delivered pieces stay."""
    return [one for one in advice if one.call == call and one.state is AdviceState.QUEUED]


def unread_at(advice: Advice, after: timedelta) -> datetime | None:
    """When a second supervisor is told that a piece stays unread, if it does: so long after it was sent, once.

    From then on, not from its delivery: what has not arrived is unread as well. None once it was seen or withdrawn, or
    one was told, and for notes.
    """
    is_over = advice.is_seen or advice.state is AdviceState.WITHDRAWN or advice.second is not None
    return None if is_over or advice.call is None else advice.at + after


def second(team: Iterable[Agent], advice: Advice, away: Collection[int]) -> Agent | None:
    """Who is told: the supervisor next by name after its sender, beginning again after the last one.

    Never the sender nor its reader nor who is away (by number); None: there is no such supervisor. What a rule made
    goes to the first by name.
    """
    unfit = {advice.to.id, *([advice.sender.id] if advice.sender else []), *away}
    able = sorted((one for one in team if one.may(Role.SUPERVISOR) and one.id not in unfit), key=_by_name)
    after = [one for one in able if advice.sender and _by_name(one) > _by_name(advice.sender)]
    return next(iter([*after, *able]), None)


def _by_name(agent: Agent) -> tuple[str, int]:
    return unicodedata.normalize("NFKC", agent.name).casefold(), agent.id


def _order(advice: Advice) -> tuple[bool, datetime, int]:
    return advice.rule is not None, advice.at, advice.id


def _end(text: str, limit: int) -> int:
    """Where to cut a text so that at most `limit` characters remain."""
    breaks = [found.end() for found in _BREAK.finditer(text[: limit + 1]) if found.end() <= limit]
    if breaks and breaks[-1] * 3 >= limit * 2:
        return breaks[-1]
    end = limit
    while end > 1 and _is_within(text, end):
        end -= 1
    return end if end > 1 else limit


def _is_within(text: str, end: int) -> bool:
    """Whether a sign goes on there: accents, joined emoji, flags of two letters."""
    after, before = text[end], text[end - 1]
    is_flag = all("\U0001f1e6" <= one <= "\U0001f1ff" for one in (before, after))
    return bool(unicodedata.combining(after) or _CLINGS.match(after) or before == "\u200d" or is_flag)
