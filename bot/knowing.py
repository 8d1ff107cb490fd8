"""Knowing: which article somebody means, which they may see, and why they may not change it."""

from bot.call import Call
from bot.chat.text import one_line, shorten
from bot.domain.agent import Role
from bot.domain.article import (
    QUESTION_LENGTH,
    SITUATION_LENGTH,
    WORDS_LENGTH,
    Article,
    ArticleKind,
    ArticleState,
    Barrier,
    Flaw,
    Wording,
)
from bot.domain.errors import Refusal
from bot.domain.inquiry import Inquiry
from bot.filling import written_in
from bot.ports import Filter, Fitting, TextKind
from bot.translator import LANGUAGES

AMONG = 8
"""The best texts of any kind, among which articles are looked for."""
MOST = 200
"""Articles that words may find."""
GIVEN_LENGTH = 60
"""Characters of the words that are said again."""
_ID = "id:"


async def by_button(call: Call) -> Article | None:
    """The article that a button names (`bot.cards.article_card.by_id`); None where words were typed.

    Raises Refusal when there is none of that id, or it is not for the asker's eyes.
    """
    given = call.text("article")
    id_ = given.removeprefix(_ID)
    if not (given.startswith(_ID) and id_.isdecimal() and id_.isascii() and len(id_) < 10):
        return None
    found = await call.tx.articles.get(int(id_))
    if found is None or not is_for(found, call):
        raise Refusal("article.unknown")
    return found


async def found_by(call: Call, words: str) -> list[Article]:
    """The approved articles that hold all the words; else those that fit them best."""
    page = await call.tx.search.find(words, Filter(frozenset((TextKind.ARTICLE,))), 0, MOST)
    refs = [one.ref for one in page.found]
    if not refs:
        fitting = await call.tx.search.fitting(words, call.say.language, MOST)
        refs = [one.ref for one in fitting if one.kind is TextKind.ARTICLE]
    articles = [await call.tx.articles.get(ref) for ref in refs]
    return [one for one in articles if one and one.shown]


async def fitting_articles(call: Call, inquiry: Inquiry, most: int) -> list[Fitting]:
    """The articles that fit an inquiry best."""
    text = f"{inquiry.subject}\n{inquiry.excerpt}"
    if inquiry.erased_at:
        return []
    found = await call.tx.search.fitting(text, written_in(text) or call.say.language, AMONG)
    return [one for one in found if one.kind is TextKind.ARTICLE][:most]


async def meant(call: Call) -> list[Article]:
    """The articles that a call may mean: the one that a button names, else those that the words find.

    At least one. Raises Refusal when there is none.
    """
    if one := await by_button(call):
        return [one]
    words = call.text("article")
    found = await found_by(call, words)
    if not found:
        raise Refusal("article.nothing_found", given=shorten(one_line(words), GIVEN_LENGTH))
    exact = [one for one in found if one.latest.question.casefold() == words.casefold()]
    return exact if len(exact) == 1 else found


def is_for(one: Article, call: Call) -> bool:
    """Whether the asker may see it: what is approved all may, the rest its owner and supervisors."""
    is_owners = one.owner is not None and one.owner.id == call.agent.id
    return one.state is ArticleState.APPROVED or is_owners or call.agent.may(Role.SUPERVISOR)


def must_be_able(barrier: Barrier | None, one: Article) -> None:
    """Raises Refusal for whoever may not, and for what cannot be; not for what changed meanwhile: that is shown."""
    if barrier is Barrier.NOT_THEIRS:
        if one.owner is None:
            raise Refusal("article.nobodys")
        raise Refusal("article.not_yours", owner=one.owner.name)
    if barrier is Barrier.RETIRED:
        raise Refusal("article.is_retired")


def must_be_sound(wording: Wording) -> None:
    """Raises Refusal for a wording with a flaw, telling the first."""
    match next(iter(wording.flaws()), None):
        case Flaw.NO_QUESTION:
            raise Refusal("article.question_missing")
        case Flaw.NO_WORDS:
            raise Refusal("article.no_words")
        case Flaw.LONG_QUESTION:
            raise Refusal("article.long_question", limit=QUESTION_LENGTH)
        case Flaw.LONG_SITUATION:
            raise Refusal("article.long_situation", limit=SITUATION_LENGTH)
        case Flaw.LONG_WORDS:
            raise Refusal("article.long_words", limit=WORDS_LENGTH)


def kind_of(call: Call, default: ArticleKind) -> ArticleKind:
    """The kind that a form says. Raises Refusal for what is none."""
    given = call.text("kind")
    if given and given not in set(ArticleKind):
        raise Refusal("article.bad_kind", given=shorten(given, GIVEN_LENGTH))
    return ArticleKind(given) if given else default


def language_of(call: Call) -> str:
    """The language that a form says, else the asker's. Raises Refusal for one that is not spoken here."""
    given = call.text("language") or call.say.language
    if given not in LANGUAGES:
        raise Refusal("article.bad_language", given=shorten(given, GIVEN_LENGTH), names=", ".join(LANGUAGES))
    return given
