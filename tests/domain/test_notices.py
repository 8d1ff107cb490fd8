"""When X happens, who must be told: the whole table."""

from dataclasses import replace

import pytest

from bot.domain.inquiry import Change
from bot.notices import Notice, NoticeKind, notices_of
from tests.builders import EMMA, HANA, KEN, a_message, an_act, an_inquiry, held_by

CUSTOMER_ACT = an_act(None, source="mail")
RESOLVED = held_by(HANA).resolve("done", an_act(HANA)).after
LEFT = replace(held_by(HANA), holder=replace(HANA, role=None))


@pytest.mark.parametrize(
    ("change", "letter", "whispered_to"),
    [
        (an_inquiry().claim(an_act(HANA)), False, []),
        (held_by(HANA).release(an_act(HANA)), False, []),
        (held_by(HANA).release(an_act(EMMA)), False, [HANA.id]),
        (an_inquiry().assign(KEN, an_act(HANA)), False, [KEN.id]),
        (an_inquiry().assign(KEN, an_act(KEN)), False, []),
        (held_by(HANA).assign(KEN, an_act(HANA)), False, [KEN.id]),
        (held_by(HANA).assign(KEN, an_act(EMMA)), False, [KEN.id, HANA.id]),
        (held_by(HANA).assign(EMMA, an_act(EMMA)), False, [HANA.id]),
        (LEFT.assign(KEN, an_act(EMMA)), False, [KEN.id]),
        (LEFT.release(an_act(EMMA)), False, []),
        (LEFT.release(an_act(None)), False, []),
        (held_by(HANA).resolve("", an_act(HANA)), False, []),
        (RESOLVED.reopen(an_act(HANA)), False, []),
        (RESOLVED.reopen(an_act(KEN)), False, [HANA.id]),
        (an_inquiry().receive(a_message(), CUSTOMER_ACT), True, []),
        (held_by(HANA).receive(a_message(), CUSTOMER_ACT), True, [HANA.id]),
        (RESOLVED.receive(a_message(), CUSTOMER_ACT), True, [HANA.id]),
        (LEFT.receive(a_message(), CUSTOMER_ACT), True, []),
    ],
    ids=[
        "claimed",
        "released by its holder",
        "released by another",
        "assigned",
        "taken by oneself",
        "handed on",
        "taken from one for another",
        "taken from one for oneself",
        "handed on from one who left the team",
        "released for one who left the team",
        "released because its holder left the team",
        "resolved",
        "reopened by its holder",
        "reopened by another",
        "a further message, nobody has it",
        "a further message to the holder",
        "reopened by the customer",
        "a further message, the holder left the team",
    ],
)
def test_who_is_told(change: Change, letter: bool, whispered_to: list[int]) -> None:
    told = notices_of(change)
    number, version = change.after.number, change.after.version
    expected = [Notice(NoticeKind.CARD, number, version)]
    if letter:
        expected.append(Notice(NoticeKind.LETTER, number, version))
    expected += [Notice(NoticeKind.WHISPER, number, version, agent) for agent in whispered_to]
    assert told == expected
