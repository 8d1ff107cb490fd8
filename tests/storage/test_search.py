"""The full-text index: what is found and in which order, and that nothing typed does harm; alike on both databases."""

import sqlite3
from collections.abc import Callable, Iterable

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.folding import folded, terms
from bot.domain.inquiry import Status
from bot.ports import Filter, TextKind
from storage.database import Database
from storage.hits import Hits
from storage.indexing import column
from storage.matching import fts5, mark_of
from storage.ranking import WINDOW
from storage.search import COUNTED
from storage.tables import customer, customer_note, identity, inquiry, template
from tests.builders import a_message, a_queue, an_act, an_agent, an_article, opened
from tests.storage.questions import QUESTIONS, TEXTS
from tests.storage.texts import arrived, found, indexed, minutes, refs, resolved
from tests.support.clock import MORNING

HOSTILE = (
    *(
        "'",
        '"',
        "''; DROP TABLE inquiry; --",
        '" OR 1=1',
        "請求' OR '1'='1",
        "%",
        "_",
        "%請求%",
        "\\",
        "\\'",
        "\0請\0求\0",
    ),
    *(
        "AND",
        "OR",
        "NOT",
        "NEAR(請求 書)",
        "請求*",
        "^請求",
        "grams:請求",
        "{grams} : 請求",
        "+",
        "-",
        "(",
        ")",
        '"""',
        "*",
    ),
    *(
        "'a' & 'b'",
        "a <-> b",
        "!請求",
        "a:*",
        "a | b",
        "<2>",
        "請求:A",
        "$1",
        ":words",
        "%(words)s",
        "?",
        "\ud800",
        "\U0010ffff",
    ),
    *("請求" * 5_000, "a " * 10_000, "x" * 100_000, "( " * 2_000, "\u202e請求", "🎉", "請求🎉書", "ﷺ" * 300),
)


@pytest.fixture(autouse=True)
async def _queues(database: Database) -> None:
    await a_queue(database, "support")
    await a_queue(database, "billing")


# --- words --------------------------------------------------------------------------------------------------


async def test_each_question_finds_what_it_must_and_nothing_else(database: Database) -> None:
    numbers = {one.number: name for one, name in zip(await arrived(database, list(TEXTS.values())), TEXTS, strict=True)}
    await indexed(database)
    wrong = {}
    for typed, expected, _why in QUESTIONS:
        names = {numbers[ref] for ref in await refs(database, typed)}
        if names != set(expected.split()):
            wrong[typed] = names
    assert len(QUESTIONS) >= 60
    assert wrong == {}


def test_neither_trigrams_nor_the_texts_as_they_are_would_do() -> None:
    """The negative control: the usual ways fail the same table, at the very first question too."""
    texts = {name: f"{title}\n{text}" for name, (title, text) in TEXTS.items()}
    index = sqlite3.connect(":memory:")
    index.execute("CREATE VIRTUAL TABLE trigrams USING fts5(name UNINDEXED, text, tokenize='trigram')")
    index.executemany("INSERT INTO trigrams VALUES (?, ?)", [(name, folded(text)) for name, text in texts.items()])

    def by_trigrams(typed: str) -> Iterable[str]:
        words = " AND ".join(f'"{word}"' for word in folded(typed).replace('"', "").split())
        return [row[0] for row in index.execute("SELECT name FROM trigrams WHERE text MATCH ?", (words,))]

    def unfolded(typed: str) -> Iterable[str]:
        return [name for name, text in texts.items() if all(word in text for word in typed.split())]

    assert "請求" in _failures(by_trigrams)
    assert "ぱそこん" in _failures(unfolded)
    assert len(_failures(by_trigrams)) > 20
    assert len(_failures(unfolded)) > 20
    index.close()


def _failures(search: Callable[[str], Iterable[str]]) -> list[str]:
    return [typed for typed, expected, _ in QUESTIONS if set(search(typed)) != set(expected.split())]


@given(text=st.text(st.sampled_from("東京都請求書髙﨑々アｶﾞパーんヶ葛"), min_size=2, max_size=30), data=st.data())
def test_a_text_is_found_by_any_two_characters_of_it(text: str, data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(text)))
    typed = folded(text)[begin : begin + 2]
    index = sqlite3.connect(":memory:")
    index.execute("CREATE VIRTUAL TABLE texts USING fts5(grams, tokenize='ascii')")
    index.execute("INSERT INTO texts VALUES (?)", (column(text, mark_of(TextKind.INQUIRY)),))
    words = fts5(terms(typed), [])
    found_by_it = (
        index.execute("SELECT count(*) FROM texts WHERE texts MATCH ?", (words,)).fetchone() if words else (1,)
    )
    index.close()
    assert found_by_it == (1,)


async def test_a_gram_that_stands_there_very_often_is_found_with_its_neighbours(database: Database) -> None:
    """PostgreSQL keeps 255 places of a word and 16,383 in a text: what lies beyond is found on neither database."""
    often = "です。" * 300
    (one, two) = await arrived(database, [("often", often + "終わりです冥王星"), ("late", "あ" * 300 + "冥王星です")])
    await indexed(database)
    assert await refs(database, "冥王星") == [two.number, one.number]
    assert await refs(database, "です冥王") == []
    assert await refs(database, "冥王星です") == [two.number]


async def test_only_the_beginning_of_a_very_long_text_is_looked_at(database: Database) -> None:
    (one,) = await arrived(database, [("long", "はじめ " + "あい " * 30_000 + "おわり")])
    await indexed(database)
    assert await refs(database, "はじめ") == [one.number]
    assert await refs(database, "おわり") == []


# --- whatever is typed --------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", HOSTILE, ids=lambda typed: ascii(typed[:16]))
async def test_nothing_typed_does_any_harm(database: Database, typed: str) -> None:
    await arrived(database, [("請求書", "請求書の再発行"), ("other", "something else")])
    await indexed(database)
    async with database.snapshot() as tx:
        everything = await tx.search.find(typed, Filter(), 0, 10)
        assert len(everything.found) <= 1
        for wanted in (Filter(queue=typed), Filter(status=typed), Filter(queue=typed, agent=1)):
            assert await tx.search.find("請求", wanted, 0, 10) == type(everything)()
        assert await tx.search.customers(typed, 10) in ([], [1])
    assert await refs(database, "請求") == [1001]


async def test_pages_beyond_the_end_are_empty(database: Database) -> None:
    await arrived(database, [("請求書", "")])
    await indexed(database)
    assert (await found(database, "請求", offset=5)).found == []
    assert (await found(database, "請求", offset=-3, limit=-1)).found == []
    assert (await found(database, "請求", offset=10**12, limit=1)).total == 1


# --- filters ------------------------------------------------------------------------------------------------


async def test_filters_follow_the_inquiry_without_indexing_anew(database: Database) -> None:
    hana, ken = await an_agent(database), await an_agent(database, "Ken")
    (one,) = await arrived(database, [("請求書", "")])
    (other,) = await arrived(database, [("請求書", "")], queue="billing")
    await indexed(database)
    async with database.transaction() as tx:
        await tx.inquiries.save(one.claim(an_act(hana)))
        assert await tx.search.behind() == 0  # a claim has nothing to do for the index
    assert await refs(database, "請求", Filter(queue="billing")) == [other.number]
    assert await refs(database, "請求", Filter(agent=hana.id)) == [one.number]
    assert await refs(database, "請求", Filter(agent=ken.id)) == []
    assert await refs(database, "請求", Filter(status=Status.OPEN)) == [one.number]
    assert await refs(database, "請求", Filter(status=Status.NEW, queue="billing")) == [other.number]
    assert await refs(database, "請求", Filter(status=Status.NEW, queue="support")) == []
    assert await refs(database, "請求", Filter(agent=hana.id, status=Status.NEW)) == []


async def test_a_period_takes_its_first_moment_in_and_not_its_last(database: Database) -> None:
    numbers = [one.number for one in await arrived(database, [("請求書", f"{n}") for n in range(5)])]
    await indexed(database)
    assert await refs(database, "請求", Filter(since=minutes(1), until=minutes(3))) == [numbers[2], numbers[1]]
    assert await refs(database, "請求", Filter(since=minutes(3))) == [numbers[4], numbers[3]]
    assert await refs(database, "請求", Filter(until=minutes(-1))) == []


async def test_texts_of_every_kind_are_found_by_their_kind(database: Database) -> None:
    hana = await an_agent(database)
    (one,) = await arrived(database, [("冥王", "冥王星の本")])
    await resolved(database, one.number, "冥王星の本を送りました", hana)
    async with database.transaction() as tx:
        made = {"name": "pluto", "queue": "", "language": "ja", "title": "冥王", "body": "冥王星", "uses": 0}
        await tx.session.insert(template, [made | {"version": 1, "owner_id": hana.id, "retired": False}])
        note = {"customer_id": 1, "agent_id": hana.id, "at": MORNING, "text": "冥王星が好き"}
        await tx.session.insert(customer_note, [note])
        await tx.session.run(sa.update(customer).values(name="冥王太郎"))
        await tx.articles.add(an_article("冥王", owner=hana).approve(MORNING.date()), hana, MORNING)
        for kind in (TextKind.TEMPLATE, TextKind.NOTE, TextKind.CUSTOMER):
            await tx.search.changed(kind, [1])
    await indexed(database)
    page = await found(database, "冥王")
    told = {(each.kind, each.ref, each.number, each.customer, each.status) for each in page.found}
    assert told == {
        (TextKind.INQUIRY, one.number, one.number, None, "resolved"),
        (TextKind.ANSWER, one.number, one.number, None, "resolved"),
        (TextKind.TEMPLATE, 1, None, None, ""),
        (TextKind.ARTICLE, 1, None, None, ""),
        (TextKind.NOTE, 1, None, 1, ""),
    }
    for kind in TextKind:
        only = await found(database, "冥王", Filter(frozenset((kind,))))
        assert [each.kind for each in only.found] == [kind]
    mine = await found(database, "冥王", Filter(agent=hana.id))
    assert {each.kind for each in mine.found} == set(TextKind) - {TextKind.CUSTOMER}
    in_queue = await found(database, "冥王", Filter(queue="support"))
    assert {each.kind for each in in_queue.found} == set(TextKind) - {TextKind.NOTE, TextKind.CUSTOMER}
    closed = await found(database, "冥王", Filter(status="resolved"))
    assert {each.kind for each in closed.found} == {TextKind.INQUIRY, TextKind.ANSWER}


async def test_what_is_gone_is_not_found_even_before_the_index_knows(database: Database) -> None:
    await arrived(database, [("冥王", "一"), ("冥王", "二")])
    await indexed(database)
    async with database.transaction() as tx:
        await tx.session.run(sa.update(inquiry).where(inquiry.c.number == 1001).values(erased_at=MORNING))
        await tx.search.changed(TextKind.INQUIRY, [1001])
    assert await refs(database, "冥王") == [1002]
    await indexed(database)
    assert (await found(database, "冥王")).total == 1


# --- order and pages ----------------------------------------------------------------------------------------


async def test_the_newest_come_first_and_the_better_before_them(database: Database) -> None:
    texts = [
        ("other", "冥王星"),
        ("冥王星", "in the title"),
        ("other", "サーバー、冥王星、冥王星"),
        ("other", "サーバー"),
        ("other", "ｻｰﾊﾞｰ"),
        ("other", "冥王星"),
    ]
    first, title, often, exact, half, newest = [one.number for one in await arrived(database, texts)]
    await indexed(database)
    assert await refs(database, "冥王星") == [title, often, newest, first]
    assert await refs(database, "サーバー") == [exact, often, half]
    assert await refs(database, "ｻｰﾊﾞｰ") == [half, exact, often]


async def test_a_much_newer_text_comes_before_a_slightly_better_one(database: Database) -> None:
    texts = [("冥王星", "old, in the title"), *[("other", "冥王星")] * WINDOW]
    numbers = [one.number for one in await arrived(database, texts)]
    await indexed(database)
    assert await refs(database, "冥王星") == [*reversed(numbers[1:]), numbers[0]]


@pytest.mark.parametrize("size", [7, 40, 33, 200])
async def test_pages_lose_nothing_and_tell_nothing_twice(database: Database, size: int) -> None:
    texts = [("冥王" if n % 7 == 0 else "other", "冥王星" * (n % 4 + 1)) for n in range(130)]
    numbers = {one.number for one in await arrived(database, texts)}
    await indexed(database)
    whole = await found(database, "冥王")
    pages = [await found(database, "冥王", offset=begin, limit=size) for begin in range(0, 130, size)]
    assert [one for page in pages for one in page.found] == whole.found
    assert {one.ref for one in whole.found} == numbers
    assert {(page.total, page.is_more) for page in pages} == {(130, False)}


async def test_more_than_can_be_counted_is_told_as_more(database: Database) -> None:
    await arrived(database, [("冥王", "")] * (COUNTED + 2))
    await indexed(database)
    page = await found(database, "冥王", offset=COUNTED - 3, limit=10)
    assert (page.total, page.is_more, len(page.found)) == (COUNTED, True, 3)


# --- how it is looked for -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("walk", "few"), [(1, 0), (5, 100), (1_000, 0)])
async def test_however_postgresql_looks_it_finds_the_same(on_postgresql: Database, walk: int, few: int) -> None:
    await a_queue(on_postgresql, "support")
    await arrived(on_postgresql, [("冥王" if n % 3 else "other", "天王星") for n in range(30)])
    await indexed(on_postgresql)
    async with on_postgresql.snapshot() as tx:
        for typed in ("冥王", "天王星", "天", "冥王 天王", "存在"):
            for wanted in (
                Filter(),
                Filter(queue="support", since=minutes(4)),
                Filter(status="new"),
                Filter(agent=1),
                Filter(frozenset((TextKind.ANSWER,))),
                Filter(frozenset((TextKind.NOTE,))),
            ):
                for limit in (1, 4, 100):
                    rare = await Hits(tx.session, common=10**9).newest(terms(typed), wanted, limit)
                    common = await Hits(tx.session, common=-1, walk=walk, few=few).newest(terms(typed), wanted, limit)
                    assert common == rare


# --- people -------------------------------------------------------------------------------------------------


async def test_people_are_found_by_name_reading_and_identity(database: Database) -> None:
    people = [
        ("髙橋　花子", "タカハシ　ハナコ", "hana@example.com"),
        ("高橋花", "", "takahashi.hana@example.com"),
        ("小林", "こばやし", "林@example.com"),
        ("Emma Müller", "", "emma@example.org"),
    ]
    async with database.transaction() as tx:
        rows = [{"name": name, "kana": kana, "tags": []} for name, kana, _ in people]
        ids = await tx.session.insert_numbered(customer, rows, "created_at")
        told = [{"kind": "mail", "value": one[2], "customer_id": id_} for id_, one in zip(ids, people, strict=True)]
        await tx.session.insert(identity, told)
        await tx.search.changed(TextKind.CUSTOMER, ids)
    await indexed(database)
    hanako, hana, kobayashi, emma = ids
    asked = {
        "高橋花子": [hanako],
        "髙橋 花子": [hanako],
        "たかはしはなこ": [hanako],
        "ﾀｶﾊｼ": [hanako],
        "高橋花": [hana, hanako],
        "高橋": [hana, hanako],
        "林": [kobayashi],
        "emma@example.org": [emma],
        "muller": [emma],
        "example.com": [kobayashi, hana, hanako],
        "鈴木": [],
        "？": [],
    }
    async with database.snapshot() as tx:
        assert {typed: await tx.search.customers(typed, 9) for typed in asked} == asked
        assert await tx.search.customers("example.com", 1) == [kobayashi]


async def test_records_of_one_person_are_one(database: Database) -> None:
    await opened(database, a_message(from_address="a@example.com", from_name="冥王太郎"))
    await opened(database, a_message(from_address="b@example.com", from_name="冥王太郎"))
    await indexed(database)
    async with database.transaction() as tx:
        assert sorted(await tx.search.customers("冥王", 9)) == [1, 2]
        await tx.session.run(sa.update(customer).where(customer.c.id == 2).values(person_id=1, merged_into=1))
        assert await tx.search.customers("冥王", 9) == [1]
