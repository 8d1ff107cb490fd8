"""When X happens, who must be told: events become notices, all on this page."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.agent import Agent
from bot.domain.events import EventKind
from bot.domain.inquiry import Change


class NoticeKind(StrEnum):
    """What a notice does.

    CARD brings the inquiry's card up to date where its queue shows, LETTER puts a customer's further message
    into the thread under the card, WHISPER tells one person by direct message, ALARM tells a supervisor that a
    place refuses what is sent there. REVIEW reminds the owner of a template, or an article, to look at it. REMOVAL
    takes a message away that was sent before, because what it says was erased. MISSED tells a supervisor that nudges
    were not said.

    Of phone calls: CALL tells an agent whom they talk with, CALL_CHECK asks whether they still do, BOARD shows
    supervisors who talks with whom, ADVICE brings what is whispered, RECEIPTS shows its sender what became of it, HELP
    asks for advice, UNREAD tells a second supervisor that advice was not read.
    """

    CARD = "card"
    LETTER = "letter"
    WHISPER = "whisper"
    ALARM = "alarm"
    REVIEW = "review"
    REMOVAL = "removal"
    NUDGE = "nudge"
    DIGEST = "digest"
    ESCALATION = "escalation"
    MISSED = "missed"
    CALL = "call"
    CALL_CHECK = "call_check"
    BOARD = "board"
    ADVICE = "advice"
    RECEIPTS = "receipts"
    HELP = "help"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class Notice:
    """Somebody must be told of an inquiry: `number` is its. `agent` is who is told.

    REVIEW is about the template of that number, or the article whose `review_number` it is; DIGEST about that digest;
    the version of an ESCALATION is its id, that of MISSED how many are.
    """

    kind: NoticeKind
    number: int
    version: int
    agent: int | None = None


def review_number(article: int) -> int:
    """How a REVIEW names an article: below nought, where no template's number is."""
    return -article


def notices_of(change: Change) -> list[Notice]:
    """Who must be told of a change: the card's channels always, people when it concerns them."""
    number, version = change.after.number, change.after.version
    before, after = change.before.holder, change.after.holder
    told = [Notice(NoticeKind.CARD, number, version)]
    concerned: list[Agent | None] = []

    match change.event.kind:
        case EventKind.MESSAGE_RECEIVED | EventKind.REOPENED if change.event.act.agent is None:
            told.append(Notice(NoticeKind.LETTER, number, version))
            concerned = [after]
        case EventKind.REOPENED:
            concerned = [after]
        case EventKind.ANSWERED:
            told.append(Notice(NoticeKind.LETTER, number, version))
        case EventKind.ASSIGNED:
            concerned = [after, before]
        case EventKind.RELEASED:
            concerned = [before]
        case EventKind.RESUMED | EventKind.EXTENDED:
            concerned = [after]

    doer = change.event.act.agent
    people = [one for one in concerned if one and one.role and not (doer and one.id == doer.id)]
    return told + [Notice(NoticeKind.WHISPER, number, version, one.id) for one in people]
