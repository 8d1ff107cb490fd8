"""Refused notices as people are told of them: with the inquiry that they are about, and no other one."""

import pytest
import sqlalchemy as sa

from bot.domain.agent import Agent
from bot.domain.inquiry import Inquiry
from bot.notices import Notice, NoticeKind
from storage.database import Database
from storage.tables import outbox
from tests.builders import SUPPORT


@pytest.mark.parametrize(
    ("kind", "is_about_it"),
    [
        (NoticeKind.CALL, True),
        (NoticeKind.ADVICE, True),
        (NoticeKind.HELP, True),
        (NoticeKind.REVIEW, False),
        (NoticeKind.DIGEST, False),
    ],
)
async def test_the_number_of_a_template_or_a_digest_is_no_inquirys(
    database: Database, inquiry: Inquiry, hana: Agent, kind: NoticeKind, is_about_it: bool
) -> None:
    async with database.transaction() as tx:
        await tx.outbox.say_at(SUPPORT, Notice(kind, inquiry.number, 1, hana.id), "one")
        await tx.outbox.say_at(SUPPORT, Notice(NoticeKind.BOARD, 0, 0), "board")
        await tx.session.run(sa.update(outbox).where(outbox.c.kind.in_((kind, "board"))).values(state="refused"))
        parked = await tx.outbox.parked(10)
    assert [one.number for one in parked] == [None, inquiry.number if is_about_it else None]
