"""Seeking: which customer is meant, by whatever it is that people know of them; and never somebody else."""

import pytest

from bot.domain.customer import by_id
from bot.seeking import MOST, sought
from storage.database import Database
from tests.builders import a_message, a_queue, an_act, opened

ITO, AKI = "ito@example.com", "+819012345678"


async def _known(database: Database) -> dict[str, int]:
    """Ms Ito, who wrote; Aki, who called; two of one name; and all of them in the index."""
    await a_queue(database)
    [ito] = await opened(database, a_message(from_address=ITO, from_name="伊藤 亜紀"))
    async with database.transaction() as tx:
        message = a_message(from_address=AKI, from_name="髙橋 花子")
        aki = await tx.inquiries.record("support", message, an_act(None))
        await tx.customers.describe(ito.customer.id, "伊藤 亜紀", "いとう あき", "ja", [], an_act(None))
    twins = await opened(database, *[a_message(from_address=f"{n}@example.com", from_name="Kim") for n in (1, 2)])
    async with database.transaction() as tx:
        while await tx.search.catch_up(100):
            pass
    return {
        "ito": ito.customer.id,
        "aki": aki.customer.id,
        "kim 1": twins[0].customer.id,
        "kim 2": twins[1].customer.id,
    }


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("#1001", ["ito"]),
        ("1001", ["ito"]),
        ("＃１００２", ["aki"]),
        ("ITO@Example.com", ["ito"]),
        (" ｉｔｏ＠ｅｘａｍｐｌｅ．ｃｏｍ ", ["ito"]),
        ("090-1234-5678", ["aki"]),
        ("０９０−１２３４−５６７８", ["aki"]),
        ("+81 (0)90 1234 5678", ["aki"]),
        ("09012345678", ["aki"]),
        ("伊藤", ["ito"]),
        ("イトウ", ["ito"]),
        ("高橋花子", ["aki"]),
        ("髙橋", ["aki"]),
        ("kim", ["kim 1", "kim 2"]),
        *((nobody, []) for nobody in ("", " ", "#9999", "#", "9999", "110", "nobody@example.com", "080-1111-2222")),
        *(
            (nobody, [])
            for nobody in ("ito@example.co", "to@example.com", "090-1234-5679", "佐藤", "〜！？", "id:9999")
        ),
        *((odd, []) for odd in ("id:", "id:-1", "id:" + "9" * 40, "#" + "9" * 40, "9" * 5000, "\u202e", "a" * 100_000)),
        *(
            (odd, [])
            for odd in ("' OR 1=1 --", '"; DROP TABLE customer; --', "%", "_", "*", "<b>@here</b>", "NEAR(a b)")
        ),
    ],
)
async def test_whoever_is_meant(database: Database, text: str, meant: list[str]) -> None:
    known = await _known(database)
    async with database.snapshot() as tx:
        assert sorted(await sought(tx, text, "JP")) == sorted(known[one] for one in meant)


async def test_a_button_names_a_customer_whoever_was_joined_to_whom(database: Database) -> None:
    known = await _known(database)
    async with database.transaction() as tx:
        await tx.customers.merge(known["aki"], known["ito"], an_act(None))
    async with database.snapshot() as tx:
        for text in (by_id(known["aki"]), by_id(known["ito"]), AKI, "090-1234-5678", ITO, "#1002", "髙橋", "伊藤"):
            assert await sought(tx, text, "JP") == [known["ito"]], text


async def test_of_many_only_some_are_named(database: Database) -> None:
    await a_queue(database)
    await opened(database, *[a_message(from_address="", from_name="高橋花子") for _ in range(MOST + 3)])
    async with database.transaction() as tx:
        while await tx.search.catch_up(100):
            pass
    async with database.snapshot() as tx:
        assert len(await sought(tx, "高橋", "JP")) == MOST
