"""What a filter asks of a text, as conditions on its id: when it was, of which kind it is, and whose."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from bot.domain.inquiry import Status
from bot.ports import Filter, TextKind
from storage.documents import CODES, KIND_BITS, REF_BITS, beginning_of
from storage.tables import document, inquiry

Id = sa.ColumnElement[int]
_OF_THE_TEAM = (TextKind.TEMPLATE.value, TextKind.ARTICLE.value)


def number_of(id_: Id) -> sa.ColumnElement[int]:
    """The ref in an id, as an expression."""
    return id_.bitwise_rshift(_constant(KIND_BITS)).bitwise_and(_constant((1 << REF_BITS) - 1))


def of_time(id_: Id, wanted: Filter) -> Iterator[sa.ColumnElement[bool]]:
    """Ids are in order of time."""
    if wanted.since:
        yield id_ >= beginning_of(wanted.since)
    if wanted.until:
        yield id_ < beginning_of(wanted.until)


def of_kind(id_: Id, wanted: Filter) -> Iterator[sa.ColumnElement[bool]]:
    """The kind stands in the id."""
    codes = sorted(CODES[one] for one in wanted.kinds)
    if len(codes) < len(CODES):
        yield _kind(id_).in_(codes)


def is_of_somebody(wanted: Filter) -> bool:
    """Whether a queue, a person or a status is asked for."""
    return bool(wanted.queue or wanted.status or wanted.agent is not None)


def of_whom(id_: Id, wanted: Filter, is_few: bool) -> Iterator[sa.ColumnElement[bool]]:
    """An inquiry's queue, holder and status are looked up as they are now, so that no claim has to touch the index.

    Where their inquiries are few they are listed once, else looked at one by one.
    """
    if not is_of_somebody(wanted):
        return
    theirs: sa.ColumnElement[bool]
    if is_few:
        theirs = number_of(id_).in_(inquiries_of(wanted))
    else:
        theirs = inquiries_of(wanted, with_index=False).where(inquiry.c.number == number_of(id_)).exists()
    about_inquiry = _kind(id_).in_([CODES[TextKind.INQUIRY], CODES[TextKind.ANSWER]])
    if wanted.status:
        yield about_inquiry & theirs
    else:
        yield (about_inquiry & theirs) | (sa.not_(about_inquiry) & _others(id_, wanted).exists())


def inquiries_of(wanted: Filter, with_index: bool = True) -> sa.Select[Any]:
    """The numbers of the inquiries that are asked for; by the index that begins with the status, when told so."""
    numbers = sa.select(inquiry.c.number)
    if wanted.status:
        numbers = numbers.where(inquiry.c.status == _storable(wanted.status))
    elif wanted.agent is not None and with_index:
        numbers = numbers.where(inquiry.c.status.in_(list(Status)))
    if wanted.agent is not None:
        numbers = numbers.where(inquiry.c.holder_id == wanted.agent)
    return numbers.where(inquiry.c.queue == _storable(wanted.queue)) if wanted.queue else numbers


def _others(id_: Id, wanted: Filter) -> sa.Select[Any]:
    """Templates, articles and notes; what the team wrote for no queue is for every queue."""
    others = sa.select(document.c.id).where(document.c.id == id_)
    if wanted.queue:
        everywhere = document.c.kind.in_(_OF_THE_TEAM) & (document.c.queue == "")
        others = others.where((document.c.queue == _storable(wanted.queue)) | everywhere)
    return others.where(document.c.agent_id == wanted.agent) if wanted.agent is not None else others


def _storable(name: str) -> str:
    """What no database takes is nobody's name."""
    return name.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _kind(id_: Id) -> sa.ColumnElement[int]:
    return id_.bitwise_and(_constant((1 << KIND_BITS) - 1))


def _constant(number: int) -> sa.ColumnElement[int]:
    return sa.literal_column(str(number), sa.Integer())  # PostgreSQL shifts by no bigint, which a parameter would be
