"""Find: look through inquiries, answers, templates, articles and notes for words, narrowed down by filters."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.call import Call
from bot.cards.article_card import by_id as by_number
from bot.cards.find_card import PAGE, Asked, Row, find_card, nothing_card
from bot.chat.command import Command, Kind, Option, typed_options
from bot.chat.invocation import Answer
from bot.chat.invocation import call as pressing
from bot.chat.text import shorten
from bot.domain.errors import Refusal
from bot.domain.folding import is_searchable
from bot.domain.inquiry import Inquiry, Status
from bot.domain.period import days
from bot.ports import FINDABLE, Filter, Found, TextKind
from bot.seeking import by_id

WORDS_LENGTH = 400
"""Characters of a query that are looked at (see `bot.domain.folding`)."""
GIVEN_LENGTH = 100
"""Characters of a wrong filter that are said again."""
LAST_PAGE = 1000
KINDS = tuple(kind.value for kind in TextKind if kind in FINDABLE)
OPTIONS = (
    Option("words", Kind.TEXT, required=True),
    Option("queue", Kind.QUEUE, named=True),
    Option("person", Kind.PERSON, named=True),
    Option("status", Kind.CHOICE, choices=tuple(Status), named=True),
    Option("kind", Kind.CHOICE, choices=KINDS, named=True),
    Option("since", Kind.WORD, named=True),
    Option("until", Kind.WORD, named=True),
    Option("page", Kind.NUMBER, named=True),
)
FILTERS = tuple(option.name for option in OPTIONS[1:-1])


async def find(call: Call) -> Answer:
    """A page of what was found; filters may stand among the words, whichever way they were given."""
    typed = typed_options(call.text("words"), OPTIONS)
    words = " ".join(typed.pop("words", "").split())[:WORDS_LENGTH]
    if not is_searchable(words):
        raise Refusal("find.words")
    call = replace(call, options={**call.options, **typed})
    filters, wanted = await _narrowed(call)
    page = min(max(1, call.number("page", 1)), LAST_PAGE)
    found = await call.tx.search.find(words, wanted, (page - 1) * PAGE, PAGE)
    if not found.found and found.total and page > 1:
        page = -(-found.total // PAGE)
        found = await call.tx.search.find(words, wanted, (page - 1) * PAGE, PAGE)
    asked = Asked(words, filters)
    if not found.found:
        return nothing_card(asked, call.say)
    inquiries = await call.tx.inquiries.all_of({one.number for one in found.found if one.number})
    rows = [await _row(call, one, inquiries.get(one.number or 0)) for one in found.found]
    return find_card(asked, rows, found.total, found.is_more, page, call.say)


async def _narrowed(call: Call) -> tuple[dict[str, str], Filter]:
    """The filters as they can be typed again, and what they mean."""
    queue = call.text("queue")
    if queue and await call.tx.queues.get(queue) is None:
        names = ", ".join(one.name for one in await call.tx.queues.all())
        raise Refusal("refused.no_queue", given=_shown(queue), names=names)
    kind, status = _chosen(call, "kind", KINDS), _chosen(call, "status", tuple(Status))
    filters = {name: call.text(name) for name in FILTERS} | {"kind": kind, "status": status}
    return {name: value for name, value in filters.items() if value}, Filter(
        kinds=frozenset((TextKind(kind),)) if kind else FINDABLE,
        queue=queue,
        agent=(await call.person("person")).id if call.text("person") else None,
        status=status,
        since=_bound(call, "since"),
        until=_bound(call, "until"),
    )


def _chosen(call: Call, name: str, values: Collection[str]) -> str:
    """One of these values, which may be written as people call it. Raises Refusal when it is none."""
    given = call.text(name).casefold()
    found = next((one for one in values if given in (one, call.say(f"choice.{one}").casefold())), "")
    if given and not found:
        names = ", ".join(values)
        raise Refusal("find.status" if name == "status" else "find.kind", given=_shown(given), names=names)
    return found


def _bound(call: Call, name: str) -> datetime | None:
    """Where the asker's first day begins, or their last one ends. Raises Refusal when it cannot be read."""
    given, zone = call.text(name), ZoneInfo(call.say.time_zone)
    if not given:
        return None
    meant = days(given, call.act.at.astimezone(zone).date())
    if meant is None:
        raise Refusal("find.when", given=_shown(given))
    first, last = meant
    day: date = first if name == "since" else last + timedelta(1)
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def _shown(given: str) -> str:
    return shorten(given, GIVEN_LENGTH)


async def _row(call: Call, found: Found, inquiry: Inquiry | None) -> Row:
    row = Row(found.kind, found.title, found.text, found.at)
    if found.kind is TextKind.TEMPLATE:
        template = await call.tx.templates.get(found.ref)
        return replace(row, call=pressing("template", template=template.name)) if template else row
    if found.kind is TextKind.ARTICLE:
        return replace(row, call=pressing("article", article=by_number(found.ref)))
    if found.kind is TextKind.NOTE:
        return replace(row, call=pressing("customer", customer=by_id(found.customer))) if found.customer else row
    title = f"#{found.number} {found.title.strip() or call.say('card.no_subject')}"
    if inquiry is None:
        return replace(row, title=title)
    row = replace(row, title=title, call=pressing("show", inquiry.number, inquiry.version))
    if found.kind is TextKind.ANSWER:
        return replace(row, by=inquiry.holder.name if inquiry.holder else "")
    return replace(row, by=inquiry.customer.name or inquiry.customer.address, status=inquiry.status.value)


COMMAND = Command("find", find, OPTIONS, changes=False)
