"""Articles: what they say, who may change and approve them, when they are reviewed, how advice becomes one."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.advice import Advice, Receipt, Token
from bot.domain.agent import Agent
from bot.domain.article import (
    QUESTION_LENGTH,
    REVIEW_AFTER,
    SITUATION_LENGTH,
    WORDS_LENGTH,
    Article,
    ArticleKind,
    ArticleState,
    Barrier,
    Flaw,
    Wording,
)
from bot.domain.learning import draft_of, impersonal
from tests.builders import EMMA, HANA, KEN
from tests.support.clock import MORNING

TODAY = date(2026, 4, 1)
FIRST = Wording("May they send it back?", "Within 30 days, yes.", "After a gift.")
SECOND, THIRD = replace(FIRST, words="Within 60 days, yes."), replace(FIRST, words="Always.")
LEFT = replace(HANA, role=None)


def an_article(**fields: Any) -> Article:
    defaults: dict[str, Any] = {"id": 5, "kind": ArticleKind.ANSWER, "language": "en", "latest": FIRST, "owner": HANA}
    return Article(**{**defaults, **fields})


DRAFT = an_article()
APPROVED = DRAFT.approve(TODAY)
PENDING = APPROVED.edit(SECOND, HANA, TODAY)
RETIRED = APPROVED.retire()


# --- its life -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("article", "state", "shown", "is_pending"),
    [
        (DRAFT, "draft", None, True),
        (APPROVED, "approved", FIRST, False),
        (PENDING, "approved", FIRST, True),
        (PENDING.approve(TODAY), "approved", SECOND, False),
        (RETIRED, "retired", None, False),
        (RETIRED.restore(), "approved", FIRST, False),
        (DRAFT.retire().restore(), "draft", None, True),
        (PENDING.retire().restore(), "approved", FIRST, True),
    ],
)
def test_what_is_shown(article: Article, state: str, shown: Wording | None, is_pending: bool) -> None:
    assert (article.state, article.shown, article.is_pending) == (ArticleState(state), shown, is_pending)


def test_an_edit_is_a_new_version_and_the_same_again_is_none() -> None:
    assert (PENDING.version, PENDING.approved_version) == (2, 1)
    assert PENDING.edit(replace(SECOND, question="  May they\nsend it back? "), HANA, TODAY) == PENDING


def test_what_a_supervisor_changes_in_an_approved_article_is_approved_with_it() -> None:
    edited = APPROVED.edit(SECOND, EMMA, TODAY)
    assert (edited.shown, edited.is_pending) == (SECOND, False)
    assert DRAFT.edit(SECOND, EMMA, TODAY).shown is None, "a draft is approved by a press, not by a comma"
    assert PENDING.edit(THIRD, EMMA, TODAY).shown == FIRST, "nor is what somebody else had changed before"


@given(st.lists(st.sampled_from(["hana", "emma", "approve", "retire", "restore"]), max_size=12))
def test_nothing_is_ever_shown_that_no_supervisor_has_approved(steps: list[str]) -> None:
    article, looked_at = DRAFT, set[Wording]()
    for number, step in enumerate(steps):
        wording = replace(FIRST, words=f"Answer {number}")
        match step:
            case "hana":
                article = article.edit(wording, HANA, TODAY)
            case "emma":
                was_clean = not article.is_pending and article.approved is not None
                article = article.edit(wording, EMMA, TODAY)
                looked_at |= {wording} if was_clean else set()
            case "approve" if article.barrier_to_approval(EMMA, article.version) is None:
                article = article.approve(TODAY)
                looked_at.add(article.latest)
            case "retire":
                article = article.retire()
            case "restore":
                article = article.restore()
        assert article.shown is None or article.shown in looked_at
        assert article.approved_version <= article.version


def test_the_control_that_shows_the_latest_shows_what_nobody_approved() -> None:
    assert PENDING.latest == SECOND
    assert PENDING.shown == FIRST


# --- who may ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("article", "by", "seen", "barrier"),
    [
        (DRAFT, HANA, 1, None),
        (DRAFT, EMMA, 1, None),
        (DRAFT, KEN, 1, Barrier.NOT_THEIRS),
        (DRAFT, LEFT, 1, Barrier.NOT_THEIRS),
        (an_article(owner=None), HANA, 1, Barrier.NOT_THEIRS),
        (PENDING, HANA, 1, Barrier.CHANGED),
        (PENDING, HANA, 2, None),
        (RETIRED, HANA, 1, Barrier.RETIRED),
    ],
)
def test_who_may_change_it(article: Article, by: Agent, seen: int, barrier: Barrier | None) -> None:
    assert article.barrier_to_change(by, seen) is barrier


@pytest.mark.parametrize(
    ("article", "by", "seen", "barrier"),
    [
        (DRAFT, EMMA, 1, None),
        (an_article(owner=EMMA), EMMA, 1, None),
        (DRAFT, HANA, 1, Barrier.NOT_THEIRS),
        (PENDING, EMMA, 2, None),
        (PENDING, EMMA, 1, Barrier.CHANGED),
        (APPROVED, EMMA, 1, Barrier.NOTHING_NEW),
        (DRAFT.retire(), EMMA, 1, Barrier.RETIRED),
    ],
)
def test_who_may_approve_what_they_saw(article: Article, by: Agent, seen: int, barrier: Barrier | None) -> None:
    assert article.barrier_to_approval(by, seen) is barrier


# --- review and use -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ArticleKind)
def test_an_approval_is_a_review(kind: ArticleKind) -> None:
    days = timedelta(days=REVIEW_AFTER[kind])
    article = an_article(kind=kind).approve(TODAY)
    assert article.review_on == TODAY + days
    assert not article.needs_review(TODAY + days - timedelta(days=1))
    assert article.needs_review(TODAY + days)
    assert not article.retire().needs_review(TODAY + days)


def test_nobody_is_asked_about_a_draft() -> None:
    assert not an_article(review_on=TODAY).needs_review(TODAY)


def test_uses_are_counted_and_the_last_is_kept_however_they_come() -> None:
    article = DRAFT.use(MORNING).use(MORNING - timedelta(days=1))
    assert (article.uses, article.used_at) == (2, MORNING)


# --- wording ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "flaws"),
    [
        ({}, ()),
        ({"question": " \n"}, (Flaw.NO_QUESTION,)),
        ({"words": "\n \n"}, (Flaw.NO_WORDS,)),
        ({"question": "a" * QUESTION_LENGTH, "situation": "a" * SITUATION_LENGTH, "words": "a" * WORDS_LENGTH}, ()),
        ({"question": "a" * (QUESTION_LENGTH + 1)}, (Flaw.LONG_QUESTION,)),
        ({"situation": "a" * (SITUATION_LENGTH + 1)}, (Flaw.LONG_SITUATION,)),
        ({"words": "😀" * (WORDS_LENGTH // 2 + 1)}, (Flaw.LONG_WORDS,)),
        ({"question": "", "words": ""}, (Flaw.NO_QUESTION, Flaw.NO_WORDS)),
    ],
)
def test_what_is_wrong_with_a_wording(fields: dict[str, str], flaws: tuple[Flaw, ...]) -> None:
    wording = replace(FIRST, **fields)
    assert wording.flaws() == flaws
    if flaws:
        with pytest.raises(ValueError, match="flaws"):
            DRAFT.edit(wording, EMMA, TODAY)
        with pytest.raises(ValueError, match="flaws"):
            an_article(latest=wording).approve(TODAY)


# --- from advice --------------------------------------------------------------------------------------------


def advice(token: Token | None, **fields: Any) -> Advice:
    receipts = frozenset([Receipt(token, MORNING)] if token else [])
    defaults: dict[str, Any] = {"id": 3, "to": HANA, "sender": EMMA, "text": "Offer\na refund", "at": MORNING}
    return Advice(**{**defaults, "call": 7, "receipts": receipts, **fields})


@pytest.mark.parametrize(
    ("given", "becomes"),
    [
        (advice(Token.USED), True),
        (advice(Token.HELPED), True),
        (advice(Token.NOT_NOW), False),
        (advice(Token.SEEN), False),
        (advice(None), False),
        (advice(Token.HELPED, sender=None, rule=2), False),
    ],
)
def test_words_that_worked_may_become_an_article(given: Advice, becomes: bool) -> None:
    assert (draft_of(given, "Late", "", "en") is not None) is becomes


def test_the_draft_knows_where_it_comes_from_and_waits_for_approval() -> None:
    draft = draft_of(advice(Token.HELPED), "Re:  Late\nparcel", "Ordered in May.\n\nNot there.", "en")
    assert draft
    assert draft.latest == Wording("Re: Late parcel", "Offer\na refund", "Ordered in May.\nNot there.")
    assert (draft.owner, draft.advice, draft.state) == (EMMA, 3, ArticleState.DRAFT)
    assert draft.barrier_to_approval(EMMA, 1) is None


@pytest.mark.parametrize("situation", ["Late parcel", " Late parcel\n"])
def test_a_situation_that_says_no_more_than_the_question_is_left_open(situation: str) -> None:
    draft = draft_of(advice(Token.USED), "Late parcel", situation, "en")
    assert draft
    assert draft.latest.situation == ""


def test_what_belongs_to_one_customer_is_left_out() -> None:
    told = (
        "伊藤花子様（ito.hanako@example.com）より。折り返しは 090-1234-5678 か +1 415-555-2671 まで。注文 1042、5月3日"
    )
    plain = "…様（…）より。折り返しは … か … まで。注文 1042、5月3日"
    assert impersonal(told, ["伊藤", "伊藤花子", "", "様"], "JP") == plain
    draft = draft_of(advice(Token.USED, text="伊藤花子様に返金"), told, told, "ja", ["伊藤花子"], "JP")
    assert draft
    assert [one for one in ("伊藤花子", "example.com", "5678", "2671") if one in repr(draft.latest)] == []


def test_the_parts_of_a_name_are_left_out_but_not_of_words() -> None:
    told = "Nora asks, Field corner; Noraさんより。Fields and Noras stay."
    assert impersonal(told, ["Nora Field"]) == "… asks, … corner; …さんより。Fields and Noras stay."
    assert impersonal("伊藤 花子様、花子より、花", ["伊藤 花子"]) == "…様、…より、花"


@given(st.text(max_size=400), st.text(max_size=1500))
@example("😀" * 200, "😀" * 1000)
def test_the_question_and_situation_of_a_draft_always_fit(question: str, situation: str) -> None:
    draft = draft_of(advice(Token.USED), question, situation, "en", region="JP")
    assert draft
    assert set(draft.latest.flaws()) <= {Flaw.NO_QUESTION}
