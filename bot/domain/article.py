"""Articles: what the team knows, in its own words: answers, procedures, and failures that taught something."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.domain.agent import Agent, Role
from bot.domain.template import BODY_LENGTH, TITLE_LENGTH, length_of, plain_body

QUESTION_LENGTH, SITUATION_LENGTH, WORDS_LENGTH = TITLE_LENGTH, 500, BODY_LENGTH
"""Characters, as `template.length_of` counts them."""


class ArticleKind(StrEnum):
    """What an article is. FAILURE: what went wrong once, and what to do so that it does not again."""

    ANSWER = "answer"
    PROCEDURE = "procedure"
    FAILURE = "failure"


class ArticleState(StrEnum):
    """DRAFT: nobody has approved any version yet, and nobody is shown it. RETIRED: no longer true; kept."""

    DRAFT = "draft"
    APPROVED = "approved"
    RETIRED = "retired"


class Barrier(StrEnum):
    """Why something cannot be done with an article."""

    NOT_THEIRS = "not_theirs"
    CHANGED = "changed"
    RETIRED = "retired"
    NOTHING_NEW = "nothing_new"


class Flaw(StrEnum):
    """What is wrong with a wording."""

    NO_QUESTION = "no_question"
    NO_WORDS = "no_words"
    LONG_QUESTION = "long_question"
    LONG_SITUATION = "long_situation"
    LONG_WORDS = "long_words"


REVIEW_AFTER = {ArticleKind.ANSWER: 365, ArticleKind.PROCEDURE: 180, ArticleKind.FAILURE: 365}
"""Days after an approval when somebody should look whether it is still right."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What an article says: the question, the situation in which it came up, and the words that worked."""

    question: str
    words: str
    situation: str = ""

    def plain(self) -> "Wording":
        """As it is kept: the question on one line, no spaces at the ends of lines, no empty line around."""
        return Wording(" ".join(self.question.split()), plain_body(self.words), plain_body(self.situation))

    def flaws(self) -> tuple[Flaw, ...]:
        """What is wrong with it in its plain spelling."""
        plain = self.plain()
        wrong = {
            Flaw.NO_QUESTION: not plain.question,
            Flaw.NO_WORDS: not plain.words.strip(),
            Flaw.LONG_QUESTION: length_of(plain.question) > QUESTION_LENGTH,
            Flaw.LONG_SITUATION: length_of(plain.situation) > SITUATION_LENGTH,
            Flaw.LONG_WORDS: length_of(plain.words) > WORDS_LENGTH,
        }
        return tuple(flaw for flaw, is_so in wrong.items() if is_so)


@dataclass(frozen=True, slots=True)
class ArticleVersion:
    """What an article said at one version, and who wrote it when."""

    version: int
    wording: Wording
    at: datetime
    agent: Agent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An article as it stands. `latest` is what was written last, at `version`; `approved` what everybody is shown.

    So an edit that waits for approval takes nothing away. `approved_version` 0: none. `advice` is the piece that it was
    made from.
    """

    id: int = 0
    kind: ArticleKind
    language: str
    latest: Wording
    version: int = 1
    approved: Wording | None = None
    approved_version: int = 0
    retired: bool = False
    queue: str = ""
    owner: Agent | None = None
    review_on: date | None = None
    advice: int | None = None
    uses: int = 0
    used_at: datetime | None = None

    @property
    def state(self) -> ArticleState:
        if self.retired:
            return ArticleState.RETIRED
        return ArticleState.APPROVED if self.approved else ArticleState.DRAFT

    @property
    def shown(self) -> Wording | None:
        """What is found and suggested; None: nothing."""
        return None if self.retired else self.approved

    @property
    def is_pending(self) -> bool:
        """Whether its last version waits for approval."""
        return not self.retired and self.approved_version < self.version

    def needs_review(self, on: date) -> bool:
        """Whether somebody should look on that day if it is still right; nobody is asked about drafts."""
        return self.shown is not None and self.review_on is not None and self.review_on <= on

    def barrier_to_change(self, by: Agent, seen: int) -> Barrier | None:
        """Why somebody cannot edit or retire it, having seen that version: its owner and supervisors can."""
        is_owners = self.owner is not None and self.owner.id == by.id and by.may(Role.AGENT)
        if not (is_owners or by.may(Role.SUPERVISOR)):
            return Barrier.NOT_THEIRS
        if self.retired:
            return Barrier.RETIRED
        return Barrier.CHANGED if seen != self.version else None

    def barrier_to_approval(self, by: Agent, seen: int) -> Barrier | None:
        """Why somebody cannot approve what they saw: supervisors can, of what they wrote themselves too."""
        if not by.may(Role.SUPERVISOR):
            return Barrier.NOT_THEIRS
        if self.retired:
            return Barrier.RETIRED
        if not self.is_pending:
            return Barrier.NOTHING_NEW
        return Barrier.CHANGED if seen != self.version else None

    def edit(self, wording: Wording, by: Agent, on: date) -> "Article":
        """The next version. What a supervisor changes in an approved article is approved with it; else it waits.

        The same wording again changes nothing. Raises ValueError for a wording with flaws.
        """
        if wording.flaws():
            raise ValueError("a wording with flaws")
        if wording.plain() == self.latest:
            return self
        edited = replace(self, latest=wording.plain(), version=self.version + 1)
        is_approved = self.approved is not None and not self.is_pending and by.may(Role.SUPERVISOR)
        return edited.approve(on) if is_approved else edited

    def approve(self, on: date) -> "Article":
        """What was written last is shown from now on, and reviewed when its kind wants it: an approval is a review.

        Raises ValueError for a draft with flaws: it is edited first.
        """
        if self.latest.flaws():
            raise ValueError("a wording with flaws")
        review_on = on + timedelta(days=REVIEW_AFTER[self.kind])
        return replace(self, approved=self.latest, approved_version=self.version, review_on=review_on)

    def retire(self) -> "Article":
        """Nobody is shown it any more."""
        return replace(self, retired=True)

    def restore(self) -> "Article":
        """It stands where it stood before it was retired."""
        return replace(self, retired=False)

    def use(self, at: datetime) -> "Article":
        """Somebody took its words once more."""
        return replace(self, uses=self.uses + 1, used_at=max(at, self.used_at or at))
