"""When X happens, who must be told: events become notices, all on this page."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.events import EventKind
from bot.domain.inquiry import Change


class NoticeKind(StrEnum):
    """What a notice does.

    CARD brings the inquiry's card up to date where its queue shows, LETTER puts a customer's further message
    into the thread under the card, WHISPER tells one person by direct message.
    """

    CARD = "card"
    LETTER = "letter"
    WHISPER = "whisper"


@dataclass(frozen=True, slots=True)
class Notice:
    """Somebody must be told of an inquiry. `agent` is the person of a WHISPER."""

    kind: NoticeKind
    number: int
    version: int
    agent: int | None = None


def notices_of(change: Change) -> list[Notice]:
    """Who must be told of a change: the card's channels always, people when it concerns them."""
    number, version = change.after.number, change.after.version
    doer, holder = change.event.act.agent, change.after.holder
    told = [Notice(NoticeKind.CARD, number, version)]

    match change.event.kind:
        case EventKind.MESSAGE_RECEIVED | EventKind.REOPENED if change.event.details.get("by_customer"):
            told.append(Notice(NoticeKind.LETTER, number, version))
            if holder and holder.role:
                told.append(Notice(NoticeKind.WHISPER, number, version, holder.id))
        case EventKind.ASSIGNED if holder and doer and holder.id != doer.id:
            told.append(Notice(NoticeKind.WHISPER, number, version, holder.id))
            if change.before.holder and change.before.holder.id != doer.id:
                told.append(Notice(NoticeKind.WHISPER, number, version, change.before.holder.id))
        case EventKind.RELEASED if change.before.holder and doer and change.before.holder.id != doer.id:
            told.append(Notice(NoticeKind.WHISPER, number, version, change.before.holder.id))
    return told
