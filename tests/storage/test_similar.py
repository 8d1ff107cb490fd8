"""Past answers: the resolved inquiries that are most like one, and what the team thought of them."""

import pytest
import sqlalchemy as sa

from bot.domain.agent import Agent
from bot.ports import Similar
from storage.database import Database
from storage.similar import RARE, telling_words
from storage.tables import document, inquiry
from tests.builders import a_queue, an_agent
from tests.storage.texts import arrived, indexed, minutes, resolved

BROKEN = ("画面が割れました", "届いたスマートフォンの画面が割れていました。交換できますか。")
BROKEN_TOO = ("画面の破損", "スマートフォンを落とし、画面が割れました。修理か交換をお願いします。")
LATE = ("荷物が届きません", "先週注文した荷物がまだ届きません。追跡番号は12345です。")
GREETING = ("お世話になっております", "いつもお世話になっております。よろしくお願いいたします。")
PARCEL = ("Parcel damaged", "The parcel arrived damaged, the tracking number is AB-77123.")


@pytest.fixture
async def hana(database: Database) -> Agent:
    await a_queue(database, "support")
    return await an_agent(database)


async def similar(database: Database, number: int, limit: int = 5) -> list[Similar]:
    async with database.snapshot() as tx:
        return await tx.search.similar(number, limit)


async def rated(database: Database, number: int, about: int, agent: Agent, helpful: bool) -> None:
    async with database.transaction() as tx:
        await tx.search.rate(number, about, agent.id, helpful, minutes(1))


async def test_the_likest_resolved_inquiry_comes_first_with_its_answer(database: Database, hana: Agent) -> None:
    asked, alike, late, greeting = [one.number for one in await arrived(database, [BROKEN, BROKEN_TOO, LATE, GREETING])]
    for number in (alike, late, greeting):
        await resolved(database, number, f"answer {number}", hana)
    await indexed(database)
    (one,) = await similar(database, asked)
    assert (one.number, one.question, one.answer) == (alike, "\n".join(BROKEN_TOO), f"answer {alike}")
    assert (one.score > 0, one.helpful, one.unhelpful) == (True, 0, 0)


async def test_latin_words_and_numbers_are_alike_as_well(database: Database, hana: Agent) -> None:
    asked, alike, late = [one.number for one in await arrived(database, [PARCEL, PARCEL, LATE])]
    await resolved(database, alike, "sent anew", hana)
    await resolved(database, late, "arrived", hana)
    await indexed(database)
    assert [one.number for one in await similar(database, asked)] == [alike]


async def test_only_what_is_resolved_and_answered_helps(database: Database, hana: Agent) -> None:
    asked, still_open, unanswered, reopened = [one.number for one in await arrived(database, [BROKEN] * 4)]
    await resolved(database, unanswered, "", hana)
    again = await resolved(database, reopened, "交換した", hana)
    async with database.transaction() as tx:
        await tx.session.run(sa.update(inquiry).where(inquiry.c.number == again.number).values(status="open"))
    await indexed(database)
    assert await similar(database, asked) == []
    await resolved(database, still_open, "交換した", hana)
    await indexed(database)
    assert [one.number for one in await similar(database, asked)] == [still_open]


async def test_an_inquiry_is_not_like_itself(database: Database, hana: Agent) -> None:
    (one,) = await arrived(database, [BROKEN])
    await resolved(database, one.number, "交換した", hana)
    await indexed(database)
    assert await similar(database, one.number) == []


@pytest.mark.parametrize("text", [("", ""), ("？", "です"), GREETING])
async def test_a_text_that_tells_nothing_is_like_nothing(
    database: Database, hana: Agent, text: tuple[str, str]
) -> None:
    asked, other = [one.number for one in await arrived(database, [text, LATE])]
    await resolved(database, other, "届いた", hana)
    await indexed(database)
    assert await similar(database, asked) == []
    assert await similar(database, 99_999) == []
    assert await similar(database, asked, limit=0) == []


async def test_helpful_opinions_lift_and_others_lower(database: Database, hana: Agent) -> None:
    ken = await an_agent(database, "Ken")
    asked, first, second, third = [one.number for one in await arrived(database, [BROKEN, *[BROKEN_TOO] * 3])]
    for number in (first, second, third):
        await resolved(database, number, "交換した", hana)
    await indexed(database)
    assert [one.number for one in await similar(database, asked)] == [third, second, first]
    await rated(database, asked, first, hana, helpful=True)
    await rated(database, asked, third, hana, helpful=False)
    await rated(database, asked, third, ken, helpful=False)
    ranked = await similar(database, asked)
    assert [(one.number, one.helpful, one.unhelpful) for one in ranked] == [
        (first, 1, 0),
        (second, 0, 0),
        (third, 0, 2),
    ]
    assert ranked[0].score > ranked[1].score > ranked[2].score


async def test_a_second_opinion_takes_the_place_of_the_first(database: Database, hana: Agent) -> None:
    asked, alike = [one.number for one in await arrived(database, [BROKEN, BROKEN_TOO])]
    await resolved(database, alike, "交換した", hana)
    await indexed(database)
    await rated(database, asked, alike, hana, helpful=False)
    await rated(database, asked, alike, hana, helpful=True)
    (one,) = await similar(database, asked)
    assert (one.helpful, one.unhelpful) == (1, 0)


async def test_the_best_is_found_among_many_that_share_a_word(database: Database, hana: Agent) -> None:
    """A word that many hold finds nobody by itself; together with another one it does."""
    crowd = [("商品の件", f"商品について {n}") for n in range(RARE + 20)]
    crowd += [("保証の件", f"保証について {n}") for n in range(RARE + 20)]
    asked, best, *others = [
        one.number
        for one in await arrived(database, [("商品と保証", "商品の保証"), ("商品の保証", "保証と商品"), *crowd])
    ]
    for number in (best, *others):
        await resolved(database, number, "案内した", hana)
    await indexed(database)
    assert (await similar(database, asked, limit=1))[0].number == best


async def test_an_answer_that_is_gone_is_not_offered(database: Database, hana: Agent) -> None:
    asked, alike = [one.number for one in await arrived(database, [BROKEN, BROKEN_TOO])]
    await resolved(database, alike, "交換した", hana)
    await indexed(database)
    async with database.transaction() as tx:
        await tx.session.run(sa.update(inquiry).where(inquiry.c.number == alike).values(erased_at=minutes(5)))
        assert (await tx.session.run(sa.select(sa.func.count()).select_from(document))).scalar_one() > 1
    assert await similar(database, asked) == []


def test_words_that_tell_are_nouns_and_not_grammar() -> None:
    from bot.ports import TextKind
    from storage.documents import Text

    text = Text(
        TextKind.INQUIRY,
        1,
        BROKEN[0],
        "お世話になっております。ｽﾏｰﾄﾌｫﾝの画面の件、Please advise the RMA 4711.",
        minutes(0),
    )
    assert telling_words(text) == ["画面", "すまーとふぉん", "advise", "4711", "rma"]
