"""How texts get into the index: soon, whole, none twice and none lost, and none because of another."""

import asyncio
import logging
from typing import NoReturn

import pytest
import sqlalchemy as sa

from bot.domain.message import Message
from bot.indexer import BATCH, Indexer
from bot.ports import Joining, StoreDown, TextKind
from storage.database import Database
from storage.tables import document, inquiry, template
from tests.builders import a_message, a_queue, an_act, an_agent, opened, stored_mails
from tests.storage.texts import arrived, found, indexed, refs, resolved, wrote


@pytest.fixture(autouse=True)
async def _queue(database: Database) -> None:
    await a_queue(database, "support")


async def rows(database: Database) -> int:
    """How many texts the index itself holds."""
    async with database.snapshot() as tx:
        return int((await tx.session.run(sa.text("SELECT count(*) FROM search_index"))).scalar_one())


async def behind(database: Database) -> int:
    async with database.snapshot() as tx:
        return await tx.search.behind()


async def joined(database: Database, number: int, said: Message, outgoing: bool = False) -> None:
    """A further message of an inquiry."""
    (mail,) = await stored_mails(database)
    async with database.transaction() as tx:
        now = await tx.inquiries.get(number)
        assert now is not None
        change = now.answer(an_act(), "Hana", now.opened_at) if outgoing else now.receive(said, an_act(None))
        await tx.inquiries.join([Joining(change, said, mail, outgoing)])


async def test_a_text_is_found_when_the_index_has_caught_up(database: Database) -> None:
    (one,) = await arrived(database, [("請求書", "再発行")])
    assert await refs(database, "請求") == []
    assert await behind(database) == 2  # the inquiry and its customer
    assert await indexed(database) == 2
    assert await behind(database) == 0
    assert await refs(database, "請求") == [one.number]


async def test_what_the_customer_writes_later_is_found_too(database: Database) -> None:
    (one,) = await arrived(database, [("請求書", "")])
    await indexed(database)
    await joined(database, one.number, wrote("Re: 請求書", "冥王星はまだですか"))
    await indexed(database)
    assert await refs(database, "冥王星") == [one.number]
    assert await rows(database) == 2  # it took the place of its former text


async def test_answers_and_notes_are_texts_of_their_own(database: Database) -> None:
    hana = await an_agent(database)
    (one,) = await arrived(database, [("質問", "どこですか")])
    await joined(database, one.number, wrote("Re: 質問", "天王星です"), outgoing=True)
    await resolved(database, one.number, "海王星と案内した", hana)
    await indexed(database)
    for words in ("天王星", "海王星", "天王星 海王星"):
        (answer,) = (await found(database, words)).found
        assert (answer.kind, answer.number, answer.title) == (TextKind.ANSWER, one.number, "質問")
    assert await refs(database, "質問") == [one.number, one.number]


async def test_an_answer_is_as_new_as_its_last_word(database: Database) -> None:
    hana = await an_agent(database)
    first, second = await arrived(database, [("冥王", ""), ("冥王", "")])
    await resolved(database, second.number, "案内", hana, minutes=10)
    await resolved(database, first.number, "案内", hana, minutes=20)
    await indexed(database)
    assert await refs(database, "案内") == [first.number, second.number]


async def test_a_text_without_anything_in_it_has_no_row(database: Database) -> None:
    await arrived(database, [("", " \n")])
    await opened(database, a_message(subject="", text="", reply_text="", from_name="", from_address=""))
    await indexed(database)
    async with database.snapshot() as tx:
        kinds = (await tx.session.run(sa.select(document.c.kind))).scalars().all()
    assert kinds == ["customer"]
    assert await rows(database) == 1


async def test_what_is_gone_leaves_the_index(database: Database) -> None:
    (one,) = await arrived(database, [("冥王", "")])
    async with database.transaction() as tx:
        made = {"name": "pluto", "queue": "", "language": "ja", "title": "冥王", "body": "", "uses": 0}
        await tx.session.insert(template, [made | {"version": 1, "retired": False}])
        await tx.search.changed(TextKind.TEMPLATE, [1])
    await indexed(database)
    assert await rows(database) == 3
    async with database.transaction() as tx:
        await tx.session.run(sa.update(inquiry).values(erased_at=one.opened_at))
        await tx.session.run(sa.update(template).values(retired=True))
        await tx.search.changed(TextKind.INQUIRY, [one.number])
        await tx.search.changed(TextKind.TEMPLATE, [1])
        await tx.search.changed(TextKind.NOTE, [77])  # never was
    await indexed(database)
    assert await rows(database) == 1
    assert (await found(database, "冥王")).total == 0


async def test_a_change_rolled_back_changes_nothing(database: Database) -> None:
    await arrived(database, [("冥王", "")])
    with pytest.raises(LookupError):
        await _indexed_and_regretted(database)
    assert (await rows(database), await behind(database)) == (0, 2)


async def _indexed_and_regretted(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.search.catch_up(10)
        raise LookupError


async def test_one_text_changed_often_is_indexed_once(database: Database) -> None:
    (one,) = await arrived(database, [("冥王", "")])
    async with database.transaction() as tx:
        for _ in range(5):
            await tx.search.changed(TextKind.INQUIRY, [one.number, one.number])
    assert await indexed(database) == 7
    assert await rows(database) == 2


async def test_the_latest_changes_are_indexed_first(database: Database) -> None:
    await arrived(database, [("冥王", str(n)) for n in range(10)])
    (last,) = await arrived(database, [("冥王", "")])
    async with database.transaction() as tx:
        assert await tx.search.catch_up(1) == 1
    assert await refs(database, "冥王") == [last.number]


async def test_a_change_made_while_its_text_is_indexed_is_not_lost(on_postgresql: Database) -> None:
    """The naive way, one row for each text, would be taken for done with what was read before the change."""
    await a_queue(on_postgresql, "support")
    (one,) = await arrived(on_postgresql, [("古い", "")])
    async with on_postgresql.transaction() as indexing:
        await indexing.search.catch_up(10)
        async with on_postgresql.transaction() as tx:  # waits for nobody
            await tx.session.run(sa.update(inquiry).values(subject="新しい"))
            await tx.search.changed(TextKind.INQUIRY, [one.number])
    assert await behind(on_postgresql) == 1
    await indexed(on_postgresql)
    assert await refs(on_postgresql, "新しい") == [one.number]
    assert await refs(on_postgresql, "古い") == []


async def test_one_replica_indexes_at_a_time(on_postgresql: Database) -> None:
    """Two at once might put an older text over a newer one."""
    await a_queue(on_postgresql, "support")
    await arrived(on_postgresql, [("冥王", str(n)) for n in range(4)])
    async with on_postgresql.transaction() as first:
        assert await first.search.catch_up(2) == 2
        async with on_postgresql.transaction() as second:
            assert await second.search.catch_up(2) == 0
    assert await indexed(on_postgresql) == 3


async def test_a_text_that_cannot_be_indexed_holds_up_no_other(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    first, bad, last = await arrived(database, [("冥王", "1"), ("冥王", "2"), ("冥王", "3")])
    async with database.transaction() as tx:
        await tx.session.run(sa.text(_REFUSAL.format(number=bad.number)) if database.is_sqlite else sa.text("SELECT 1"))
        if not database.is_sqlite:
            check = f"ALTER TABLE document ADD CONSTRAINT good CHECK (number <> {bad.number})"
            await tx.session.run(sa.text(check))
    try:
        with caplog.at_level(logging.ERROR):
            await indexed(database)
        assert await behind(database) == 0
        assert await refs(database, "冥王") == [last.number, first.number]
        assert [record.__dict__["ref"] for record in caplog.records] == [bad.number]
    finally:
        if not database.is_sqlite:
            async with database.transaction() as tx:
                await tx.session.run(sa.text("ALTER TABLE document DROP CONSTRAINT good"))


_REFUSAL = """
CREATE TRIGGER good BEFORE INSERT ON document WHEN new.number = {number}
BEGIN SELECT RAISE(ABORT, 'not this one'); END
"""


# --- the flow -----------------------------------------------------------------------------------------------


async def test_the_indexer_goes_on_until_nothing_is_left(database: Database) -> None:
    await arrived(database, [("冥王", str(n)) for n in range(BATCH + 7)])
    assert await Indexer(database, share=0.9).catch_up() == BATCH + 8
    assert await Indexer(database, share=0.9).catch_up() == 0
    assert (await found(database, "冥王")).total == BATCH + 7


async def test_two_indexers_put_in_everything_once(database: Database) -> None:
    await arrived(database, [("冥王", str(n)) for n in range(BATCH * 2)])
    while await behind(database):
        await asyncio.gather(*(Indexer(database, share=0.9).catch_up() for _ in range(2)))
    assert await rows(database) == BATCH * 2 + 1


async def test_a_database_that_is_down_is_told_and_tried_again(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await arrived(database, [("冥王", "")])
    assert await Indexer(Down(database)).catch_up() == 0
    assert "tried again" in caplog.text
    assert await Indexer(database).catch_up() == 2


class Down(Database):
    """A store that can be read and not written."""

    def __init__(self, readable: Database) -> None:
        self.__dict__.update(readable.__dict__)

    def transaction(self) -> NoReturn:
        raise StoreDown("gone")
