"""Searching 200,000 texts, side by side with LIKE over the same texts, on SQLite and PostgreSQL."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from time import perf_counter

import sqlalchemy as sa

from benchmarks.databases import databases
from benchmarks.library import RARE, filled, indexed, texts
from benchmarks.table import Figure, percentile, plain, show
from bot.domain.template import Draft
from bot.ports import Filter
from storage.database import Database
from storage.tables import inquiry, message
from tests.builders import an_article

TEXTS = 200_000
TIMES, LIKE_TIMES, INQUIRIES = 60, 3, 40
PAGE = 20
OWN, OWN_LENGTH, TITLE, ASKED = 800, 400, 20, 600
"""Templates and articles, half of each, and the characters of one, of a title, and of what is asked."""
SELECTIVE, OTHER, SIMILAR, FITTING = 5.0, 50.0, 60.0, 20.0
"""The goals: milliseconds at the 95th percentile."""

QUERIES: dict[str, tuple[tuple[str, ...], Filter, float]] = {
    "selective": (RARE, Filter(), SELECTIVE),
    "half typed": (("invo",), Filter(), SELECTIVE),
    "absent": (("存在しない語", "鰐"), Filter(), SELECTIVE),
    "in 1 % of the texts": (("保証期間",), Filter(), OTHER),
    "in 5 %": (("領収書",), Filter(), OTHER),
    "in half: two characters": (("東京",), Filter(), OTHER),
    "in half: longer": (("暗証番号", "スマートフォン"), Filter(), OTHER),
    "one character": (("京", "の", "檸"), Filter(), OTHER),
    "a rare and a common word": (("冥王 東京",), Filter(), OTHER),
    "common, of one person": (("東京",), Filter(agent=7), OTHER),
    "common, of one queue": (("東京",), Filter(queue="billing"), OTHER),
    "common, in one day": (
        ("東京",),
        Filter(since=datetime(2025, 1, 1, tzinfo=UTC), until=datetime(2025, 1, 2, tzinfo=UTC)),
        OTHER,
    ),
    "selective, unresolved": (RARE, Filter(status="open"), SELECTIVE),
}
LIKE = {"selective": "冪等性", "absent": "存在しない語", "in 5 %": "領収書", "in half: two characters": "東京"}


def main() -> None:
    """Run on each database and print a table for each."""
    with databases() as urls:
        for name, url in urls.items():
            show(f"Searching {TEXTS:,} texts, {name}, p95", asyncio.run(_figures(url)))


async def _figures(url: str) -> list[Figure]:
    database = Database(url, _clock)
    try:
        await filled(database, TEXTS)
        begun = perf_counter()
        await indexed(database)
        built = perf_counter() - begun
        figures = [await _figure(database, name, *query) for name, query in QUERIES.items()]
        numbers = [1001 + n * 2_999 for n in range(INQUIRIES)]
        times = [await _time(lambda number=number: _alike(database, number)) for number in numbers]  # type: ignore[misc]
        alike = Figure("similar inquiries", [percentile(times, 0.95)], "ms", f"p50 {plain(percentile(times, 0.5))}")
        return [*figures, alike, await _fitting(database), Figure("the index, made anew", [built], "s")]
    finally:
        await database.close()


async def _figure(database: Database, name: str, words: tuple[str, ...], wanted: Filter, goal: float) -> Figure:
    times = []
    for word in words:
        await _found(database, word, wanted)  # the first one warms up
        times += [await _time(lambda word=word: _found(database, word, wanted)) for _ in range(TIMES)]  # type: ignore[misc]
    told = f"p50 {plain(percentile(times, 0.5))}"
    if name in LIKE:
        plain_ones = [await _time(lambda: _like(database, LIKE[name])) for _ in range(LIKE_TIMES)]
        told += f"; LIKE {plain(min(plain_ones))}"
    return Figure(name, [percentile(times, 0.95)], "ms", told, f"at most {goal:g}")


async def _fitting(database: Database) -> Figure:
    """The team's texts that fit what is asked, with templates and articles of the same words beside the inquiries."""
    stream = texts(OWN + INQUIRIES)
    written = [text[:OWN_LENGTH] for text, _ in zip(stream, range(OWN), strict=False)]
    async with database.transaction() as tx:
        for place, text in enumerate(written):
            if place % 2:
                draft = an_article(text[:TITLE], words=text, language="ja").approve(_clock().date())
                await tx.articles.add(draft, None, _clock())
            else:
                await tx.templates.add(Draft(f"t{place}", "ja", text[:TITLE], text), None, _clock())
    await indexed(database)
    asked = [f"{text[:TITLE]}\n{text}"[:ASKED] for text in (*written[: INQUIRIES // 2], *stream)]
    for text in asked:  # the first ones warm up
        await _fits(database, text)
    times = [await _time(lambda text=text: _fits(database, text)) for text in asked]  # type: ignore[misc]
    told = f"p50 {plain(percentile(times, 0.5))}"
    return Figure(f"fitting, {OWN} texts of the team", [percentile(times, 0.95)], "ms", told, f"at most {FITTING:g}")


async def _time(work: Callable[[], Awaitable[None]]) -> float:
    begun = perf_counter()
    await work()
    return 1000 * (perf_counter() - begun)


async def _found(database: Database, words: str, wanted: Filter) -> None:
    async with database.snapshot() as tx:
        await tx.search.find(words, wanted, 0, PAGE)


async def _alike(database: Database, number: int) -> None:
    async with database.snapshot() as tx:
        await tx.search.similar(number, 5)


async def _fits(database: Database, text: str) -> None:
    async with database.snapshot() as tx:
        await tx.search.fitting(text, "ja", 3)


async def _like(database: Database, word: str) -> None:
    """The newest texts that hold the word as it is, and how many there are, up to as many as we count."""
    pattern = f"%{word}%"
    asked = sa.select(message.c.number, message.c.at).where(message.c.text.like(pattern)).order_by(message.c.id.desc())
    answered = sa.select(inquiry.c.number, inquiry.c.opened_at).where(inquiry.c.note.like(pattern))
    async with database.snapshot() as tx:
        for query in (asked, answered.order_by(inquiry.c.number.desc())):
            (await tx.session.run(query.limit(201))).all()


def _clock() -> datetime:
    return datetime.now(UTC)
