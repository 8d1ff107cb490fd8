"""A desk with many texts, made up and always the same: inquiries and answers, whose words have known shares."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from storage.database import Database, async_url
from storage.tables import agent, customer, event, inquiry, message, queue, reindex

ANSWERED = 0.54
"""The share of inquiries that are resolved, with an answer."""
CHUNK = 5_000
QUEUES = {"support": 0.8, "billing": 0.1, "returns": 0.1}
BEGINNING = datetime(2024, 1, 1, tzinfo=UTC)
SEED = 20240101
HOLDERS = 50
PLANTED = {"東京": 0.47, "暗証番号": 0.47, "スマートフォン": 0.47, "領収書": 0.05, "保証期間": 0.01, "parcel": 0.2}
"""Words, and the share of texts that they stand in."""
RARE = ("冪等性", "冥王", "invoice", "ヴィオラ", "檸檬")
"""Words that stand in about a hundred texts each."""
RARELY = 100
_KANJI = (
    "注文返品交換配送料金支払請求書類手続変更解約登録住所氏名電話番号"
    "確認在庫商品破損不良説明会員情報更新期限予約日時領域画面操作"
)
_KANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモラリルレロンー"
_BETWEEN = (
    "の",
    "を",
    "が",
    "は",
    "に",
    "で",
    "と",
    "から",
    "まで",
    "について、",
    "ですが、",
    "しました。",
    "お願いします。",
)


def texts(count: int) -> Iterator[str]:
    """So many texts of some 250 characters in the mean; the same at each call."""
    dice = random.Random(SEED)
    words = _vocabulary(dice)
    weights = list(accumulate(1 / place for place in range(1, len(words) + 1)))
    rarely = RARELY / count
    for _ in range(count):
        chosen = dice.choices(words, cum_weights=weights, k=dice.randint(20, 90))
        chosen += [word for word, share in PLANTED.items() if dice.random() < share]
        chosen += [word for word in RARE if dice.random() < rarely]
        dice.shuffle(chosen)
        yield "".join(word + dice.choice(_BETWEEN) for word in chosen)


def _vocabulary(dice: random.Random) -> list[str]:
    kanji = ["".join(dice.choices(_KANJI, k=dice.choice((2, 2, 3, 4)))) for _ in range(6_000)]
    kana = ["".join(dice.choices(_KANA, k=dice.randint(3, 6))) for _ in range(2_000)]
    return dice.sample(kanji + kana, 8_000)


async def filled(database: Database, count: int) -> None:
    """Put so many texts into a migrated, empty database, and the note that all of them wait for the index."""
    engine = create_async_engine(async_url(database.url))
    inquiries = round(count / (1 + ANSWERED))
    stream, dice = texts(count), random.Random(SEED)
    async with engine.begin() as connection:
        queues = [{"name": name, "language": "ja", "time_zone": "UTC"} for name in QUEUES]
        await connection.execute(sa.insert(queue), queues)
        people = [{"name": f"Agent {n}", "role": "agent", "language": "ja", "time_zone": "UTC"} for n in range(HOLDERS)]
        await connection.execute(sa.insert(agent), people)
        await connection.execute(sa.insert(customer), [{"name": "伊藤花子", "created_at": BEGINNING}])
        for begin in range(0, inquiries, CHUNK):
            numbers = range(1001 + begin, 1001 + min(inquiries, begin + CHUNK))
            rows: dict[sa.Table, list[dict[str, Any]]] = {one: [] for one in (inquiry, message, event, reindex)}
            for number in numbers:
                _add(rows, number, stream, dice)
            for table, some in rows.items():
                await connection.execute(sa.insert(table), some)
    await engine.dispose()


def _add(rows: dict[sa.Table, list[dict[str, Any]]], number: int, stream: Iterator[str], dice: random.Random) -> None:
    at = BEGINNING + timedelta(minutes=5 * (number - 1001))
    text = next(stream)
    answer = next(stream, None) if dice.random() < ANSWERED else None
    rows[inquiry].append(
        {
            "number": number,
            "queue": dice.choices([*QUEUES], [*QUEUES.values()])[0],
            "customer_id": 1,
            "address": "hana@example.com",
            "subject": text[:20],
            "status": "resolved" if answer else "open",
            "holder_id": dice.randint(1, HOLDERS),
            "opened_at": at,
            "waiting_since": at,
            "note": answer or "",
            "excerpt": "",
            "attachments": 0,
            "messages": 1,
            "readable": True,
            "version": 2,
            "spoken_version": 1,
            "holder_version": 1,
        }
    )
    letter = {"number": number, "version": 1, "message_id": f"{number}@example.com", "at": at, "subject": text[:20]}
    rows[message].append(
        letter
        | {"from_address": "hana@example.com", "from_name": "伊藤花子", "text": text, "reply_text": text}
        | {"outgoing": False, "participants": [], "files": []}
    )
    rows[reindex].append({"kind": "inquiry", "ref": number})
    if answer:
        happened = {"number": number, "version": 2, "kind": "resolved", "at": at + timedelta(hours=3)}
        rows[event].append(happened | {"source": "workspace", "agent_id": None, "details": {"note": answer}})
        rows[reindex].append({"kind": "answer", "ref": number})


async def indexed(database: Database) -> None:
    """Put all that waits into the index."""
    while True:
        async with database.transaction() as tx:
            if not await tx.search.catch_up(CHUNK // 10):
                break
    if not database.is_sqlite:
        engine = create_async_engine(database.url, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(sa.text("VACUUM ANALYZE"))  # as its own cleaning does within minutes
        await engine.dispose()
