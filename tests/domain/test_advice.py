"""Advice: its state follows from what was told, in any order; its pace and length; who hears that it is unread."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise, permutations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.advice import READ, Advice, AdviceState, Objection, Receipt, Token, may_advise
from bot.domain.advising import (
    ELLIPSIS,
    EVERY,
    MOST_PIECES,
    Fitted,
    fitted,
    next_message,
    second,
    unread_at,
    withdrawn_by_end,
)
from bot.domain.agent import Agent, Role
from tests.builders import EMMA, HANA, KEN
from tests.support.clock import MORNING

SECOND = timedelta(seconds=1)
AOI, MIRA, ZOE = (Agent(id, name, Role.SUPERVISOR) for id, name in ((11, "Aoi"), (12, "mira"), (13, "Zoe")))
LEFT = replace(EMMA, id=14, name="Lena", role=None)


def at(seconds: float) -> datetime:
    return MORNING + seconds * SECOND


def told(token: Token, seconds: float = 5) -> Receipt:
    return Receipt(token, at(seconds))


def advice(
    *receipts: Receipt, id: int = 1, seconds: float = 0, rule: int | None = None, call: int | None = 7
) -> Advice:
    sender = None if rule else EMMA
    one = Advice(id=id, to=HANA, sender=sender, rule=rule, text="Offer a refund", at=at(seconds), call=call)
    for receipt in receipts:
        one = one.telling(receipt)
    return one


DELIVERED, SEEN, USED = told(Token.DELIVERED, 1), told(Token.SEEN, 2), told(Token.USED, 3)
HELPED, NOT_NOW, WITHDRAWN = told(Token.HELPED, 4), told(Token.NOT_NOW, 3), told(Token.WITHDRAWN, 2)


# --- state --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("receipts", "state"),
    [
        ([], "queued"),
        ([DELIVERED], "delivered"),
        ([DELIVERED, SEEN], "seen"),
        ([DELIVERED, SEEN, USED], "used"),
        ([DELIVERED, SEEN, USED, HELPED], "helped"),
        ([DELIVERED, NOT_NOW], "not_now"),
        ([DELIVERED, NOT_NOW, USED], "used"),
        ([SEEN], "seen"),
        ([HELPED], "helped"),
        ([WITHDRAWN], "withdrawn"),
        ([WITHDRAWN, told(Token.DELIVERED, 3)], "withdrawn"),
        ([WITHDRAWN, told(Token.DELIVERED, 2)], "delivered"),
        ([WITHDRAWN, DELIVERED], "delivered"),
        ([WITHDRAWN, told(Token.WITHDRAWN, 0), DELIVERED], "withdrawn"),
        ([WITHDRAWN, told(Token.DELIVERED, 3), told(Token.SEEN, 9)], "seen"),
        ([WITHDRAWN, told(Token.NOT_NOW, 9)], "not_now"),
    ],
)
def test_the_state_is_the_same_in_whatever_order_it_was_told(receipts: list[Receipt], state: str) -> None:
    assert {advice(*order).state for order in permutations(receipts)} == {AdviceState(state)}


def test_every_token_has_a_state_of_its_name() -> None:
    assert {one.value for one in Token} | {"queued"} == {one.value for one in AdviceState}


RECEIPTS = st.lists(st.builds(told, st.sampled_from(Token), st.integers(0, 6)), max_size=7)


@st.composite
def _told_twice(draw: st.DrawFn) -> tuple[list[Receipt], list[Receipt]]:
    receipts = draw(RECEIPTS)
    again = draw(st.lists(st.sampled_from(receipts), max_size=5)) if receipts else []
    return receipts, draw(st.permutations([*receipts, *again]))


@given(_told_twice())
def test_any_order_of_the_same_receipts_and_any_repetition_is_the_same_advice(
    lists: tuple[list[Receipt], list[Receipt]],
) -> None:
    one, other = (advice(*receipts) for receipts in lists)
    assert one == other
    assert (one.state, one.seen_at, one.is_know_how) == (other.state, other.seen_at, other.is_know_how)


@given(RECEIPTS, st.sampled_from(Token), st.integers(0, 6))
def test_what_was_seen_is_never_withdrawn_and_what_was_said_is_never_unsaid(
    receipts: list[Receipt], token: Token, seconds: int
) -> None:
    before = advice(*receipts)
    after = before.telling(told(token, seconds))
    if before.is_seen:
        ranks = list(AdviceState)
        assert ranks.index(after.state) >= ranks.index(before.state) >= ranks.index(AdviceState.SEEN)
    if before.objection(Token.WITHDRAWN, None) is Objection.DELIVERED:
        late = before.telling(told(Token.WITHDRAWN, 7))
        assert late.state is AdviceState.DELIVERED, "not even when it is withdrawn all the same"


@given(RECEIPTS, st.sampled_from(Token), st.integers(0, 9))
def test_a_receipt_that_comes_again_later_changes_no_state(receipts: list[Receipt], token: Token, later: int) -> None:
    one = advice(*receipts, told(token, 3))
    assert one.telling(told(token, 3 + later)).state is one.state


def test_the_controls_that_believe_the_last_receipt_or_the_first_are_deceived() -> None:
    def last_wins(receipts: Iterable[Receipt]) -> str:
        return ["queued", *(one.token.value for one in receipts)][-1]

    def first_answer_wins(receipts: Iterable[Receipt]) -> str:
        return next((one.token.value for one in receipts if one.token in READ), "queued")

    facts = (DELIVERED, SEEN, USED)
    assert {last_wins(order) for order in permutations(facts)} == {"delivered", "seen", "used"}
    assert {first_answer_wins(order) for order in permutations(facts)} == {"seen", "used"}
    assert {advice(*order).state for order in permutations(facts)} == {AdviceState.USED}


def test_it_was_seen_by_the_first_press_of_any_kind() -> None:
    assert advice(DELIVERED).seen_at is None
    assert advice(DELIVERED, told(Token.USED, 4), told(Token.SEEN, 9)).seen_at == at(4)


def test_only_words_of_people_that_worked_are_know_how() -> None:
    assert [advice(one).is_know_how for one in (USED, HELPED, SEEN, NOT_NOW)] == [True, True, False, False]
    assert not advice(HELPED, rule=3).is_know_how


# --- who may ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("receipts", "token", "by", "objection"),
    [
        ([DELIVERED], Token.USED, HANA, None),
        ([], Token.SEEN, HANA, None),
        ([WITHDRAWN], Token.SEEN, HANA, None),
        ([DELIVERED, USED], Token.NOT_NOW, HANA, None),
        ([DELIVERED], Token.SEEN, EMMA, Objection.NOT_THEIRS),
        ([DELIVERED], Token.HELPED, KEN, Objection.NOT_THEIRS),
        ([DELIVERED], Token.SEEN, None, Objection.NOT_THEIRS),
        ([], Token.DELIVERED, None, None),
        ([], Token.DELIVERED, HANA, Objection.NOT_THEIRS),
        ([], Token.WITHDRAWN, EMMA, None),
        ([], Token.WITHDRAWN, MIRA, None),
        ([], Token.WITHDRAWN, None, None),
        ([], Token.WITHDRAWN, HANA, Objection.NOT_THEIRS),
        ([], Token.WITHDRAWN, KEN, Objection.NOT_THEIRS),
        ([DELIVERED], Token.WITHDRAWN, EMMA, Objection.DELIVERED),
        ([DELIVERED], Token.WITHDRAWN, None, Objection.DELIVERED),
        ([SEEN], Token.WITHDRAWN, None, Objection.SEEN),
        ([WITHDRAWN], Token.WITHDRAWN, None, None),
    ],
)
def test_who_may_tell_what(
    receipts: list[Receipt], token: Token, by: Agent | None, objection: Objection | None
) -> None:
    assert advice(*receipts).objection(token, by) is objection


def test_an_expert_may_take_back_what_they_said() -> None:
    assert replace(advice(), sender=KEN).objection(Token.WITHDRAWN, KEN) is None


@pytest.mark.parametrize(
    ("sender", "to", "is_asked", "objection"),
    [
        (EMMA, HANA, False, None),
        (EMMA, MIRA, False, None),
        (KEN, HANA, False, Objection.NOT_THEIRS),
        (KEN, HANA, True, None),
        (EMMA, EMMA, True, Objection.OWN),
        (LEFT, HANA, True, Objection.NOT_THEIRS),
        (EMMA, LEFT, False, Objection.NOT_THEIRS),
    ],
)
def test_supervisors_advise_and_who_was_asked(
    sender: Agent, to: Agent, is_asked: bool, objection: Objection | None
) -> None:
    assert may_advise(sender, to, is_asked) is objection


# --- pace ---------------------------------------------------------------------------------------------------


def test_the_first_goes_at_once_and_what_comes_soon_after_waits_and_goes_together() -> None:
    first, *rest = (advice(id=id, seconds=seconds) for id, seconds in ((1, 0), (2, 3), (3, 8)))
    alone = next_message([first], None)
    assert alone
    assert (alone.at, alone.pieces) == (at(0), (first,))
    together = next_message(rest, at(0))
    assert together
    assert (together.at, together.pieces) == (at(10), tuple(rest))
    later = next_message([advice(seconds=60)], at(0))
    assert later
    assert later.at == at(60)


def test_after_a_breakdown_all_that_is_queued_goes_together() -> None:
    queued = [advice(id=id, seconds=seconds) for id, seconds in ((1, 20), (2, 90))]
    message = next_message(queued, at(0))
    assert message
    assert (message.at, message.pieces) == (at(20), tuple(queued))


def test_what_was_delivered_or_withdrawn_goes_no_more() -> None:
    assert next_message([advice(DELIVERED), advice(WITHDRAWN), advice(SEEN)], None) is None


def test_nothing_goes_while_they_want_quiet() -> None:
    held = next_message([advice(id=1), advice(id=2, seconds=50)], at(-5), quiet_until=at(60))
    assert held
    assert (held.at, len(held.pieces)) == (at(60), 2)


def test_a_message_holds_few_pieces_of_people_before_those_of_rules() -> None:
    queued = [advice(id=1, rule=5), *(advice(id=id, seconds=id) for id in (5, 4, 3, 2))]
    message = next_message(queued, at(0))
    assert message
    assert [one.id for one in message.pieces] == [2, 3, 4]


def test_as_a_call_ends_only_what_has_not_arrived_is_withdrawn() -> None:
    pieces = [advice(id=1), advice(DELIVERED, id=2), advice(SEEN, id=3), advice(id=4, call=8), advice(id=5, call=None)]
    assert [one.id for one in withdrawn_by_end([*pieces, advice(WITHDRAWN, id=6)], 7)] == [1]


def sent(arrivals: Sequence[float], every: timedelta = EVERY) -> list[tuple[datetime, tuple[Advice, ...]]]:
    """What goes out when pieces are queued at those seconds, and each message goes at its moment."""
    coming = [advice(id=id, seconds=seconds) for id, seconds in enumerate(sorted(arrivals), 1)]
    messages: list[tuple[datetime, tuple[Advice, ...]]] = []
    queued: list[Advice] = []
    while coming or queued:
        message = next_message(queued, messages[-1][0] if messages else None, every)
        if coming and (message is None or coming[0].at <= message.at):
            queued.append(coming.pop(0))
            grown = next_message(queued, messages[-1][0] if messages else None, every)
            assert grown
            assert message is None or grown.at == message.at, "what comes meanwhile puts nothing off"
        elif message:
            messages.append((message.at, message.pieces))
            queued = [one for one in queued if one not in message.pieces]
    return messages


@given(st.lists(st.integers(0, 90), max_size=15))
@example([0, 1, 2, 3, 4, 5])
def test_messages_keep_their_distance_and_no_piece_is_lost_said_twice_or_late(arrivals: list[int]) -> None:
    messages = sent(arrivals)
    assert all(after - before >= EVERY for (before, _), (after, _) in pairwise(messages))
    assert sorted(one.id for _, pieces in messages for one in pieces) == list(range(1, len(arrivals) + 1))
    for moment, pieces in messages:
        assert 1 <= len(pieces) <= MOST_PIECES
        for one in pieces:
            ahead = sum(moment - EVERY < other < moment or other == moment for other, _ in messages)
            assert ahead == 1
            assert one.at <= moment
    if len(arrivals) <= MOST_PIECES:
        assert all(moment - one.at <= EVERY for moment, pieces in messages for one in pieces)


def test_the_control_without_a_pace_disturbs() -> None:
    moments = [moment for moment, _ in sent([0, 1, 2], every=timedelta())]
    assert min(after - before for before, after in pairwise(moments)) < EVERY
    assert len(sent([0, 1, 2])) == 2


# --- unread -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "due"),
    [
        (advice(), 30),
        (advice(DELIVERED), 30),
        (advice(DELIVERED, SEEN), None),
        (advice(NOT_NOW), None),
        (advice(WITHDRAWN), None),
        (advice(call=None), None),
        (replace(advice(DELIVERED), second=MIRA), None),
    ],
)
def test_a_second_supervisor_is_told_once_of_what_stays_unread(one: Advice, due: float | None) -> None:
    assert unread_at(one, 30 * SECOND) == (None if due is None else at(due))


@pytest.mark.parametrize(
    ("sender", "to", "away", "expected"),
    [
        (AOI, HANA, [], EMMA),
        (EMMA, HANA, [], MIRA),
        (MIRA, HANA, [], ZOE),
        (ZOE, HANA, [], AOI),
        (EMMA, HANA, [MIRA.id], ZOE),
        (EMMA, HANA, [MIRA.id, ZOE.id], AOI),
        (EMMA, MIRA, [], ZOE),
        (KEN, HANA, [], MIRA),
        (None, HANA, [], AOI),
        (EMMA, HANA, [AOI.id, MIRA.id, ZOE.id], None),
    ],
)
def test_the_second_is_next_by_name_and_neither_sender_nor_reader_nor_away(
    sender: Agent | None, to: Agent, away: list[int], expected: Agent | None
) -> None:
    one = replace(advice(), sender=sender, to=to)
    for team in ([ZOE, EMMA, HANA, LEFT, MIRA, KEN, AOI], [AOI, KEN, MIRA, LEFT, HANA, EMMA, ZOE]):
        assert second(team, one, away) == expected


# --- length -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "length", "expected"),
    [
        ("Offer a refund", 20, Fitted("Offer a refund")),
        ("  Offer \n\n\n a  refund ", 20, Fitted("Offer\na refund")),
        ("one\ntwo\nthree\nfour", 20, Fitted("one\ntwo…", "three\nfour")),
        ("Offer a full refund today", 20, Fitted("Offer a full refund…", "today")),
        ("返金を先に案内。住所も確認してください", 12, Fitted("返金を先に案内。…", "住所も確認してください")),
        ("A bcdefghijklmnopqrstuvwxyz", 20, Fitted("A bcdefghijklmnopqr…", "stuvwxyz")),
        ("ああああああああああああ", 6, Fitted("あああああ…", "あああああああ")),
        ("OK 👨‍👩‍👧 and", 6, Fitted("OK…", "👨‍👩‍👧 and")),
        ("", 20, Fitted("")),
    ],
)
def test_what_is_too_long_is_cut_where_people_pause_and_its_rest_is_told(
    text: str, length: int, expected: Fitted
) -> None:
    assert fitted(text, 2, length) == expected


@given(
    st.text(st.sampled_from("ab 、。\n👨\u200d👩🇯🇵か\u3099\u0301"), max_size=60), st.integers(1, 3), st.integers(2, 20)
)
def test_nothing_that_was_written_is_lost_and_limits_hold(text: str, lines: int, length: int) -> None:
    found = fitted(text, lines, length)
    assert len(found.kept) <= length
    assert len(found.kept.splitlines()) <= lines
    assert found.kept.endswith(ELLIPSIS) is bool(found.left)
    kept = found.kept.removesuffix(ELLIPSIS) if found.left else found.kept
    assert "".join((kept + found.left).split()) == "".join(text.split())
    again = fitted(found.kept, lines, length)
    assert again == Fitted(found.kept)


def test_the_control_that_just_slices_cuts_a_sign_in_two() -> None:
    text = "が" * 3
    spelt = unicodedata.normalize("NFD", text)
    assert spelt[:3].endswith("か")
    assert fitted(spelt, 2, 4).kept == unicodedata.normalize("NFD", "が") + ELLIPSIS


def test_advice_needs_room() -> None:
    for lines, length in ((0, 20), (2, 1)):
        with pytest.raises(ValueError, match="room"):
            fitted("Offer", lines, length)
