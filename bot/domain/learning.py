"""Learning: the article that a piece of advice may become once its words have worked."""

import re
from collections.abc import Iterable

from bot.domain.advice import Advice
from bot.domain.advising import fitted
from bot.domain.article import QUESTION_LENGTH, SITUATION_LENGTH, Article, ArticleKind, Wording

LEFT_OUT = "…"
"""What stands for a name, an address or a number that belongs to one customer."""
SITUATION_LINES = 6
_ADDRESS = re.compile(r"[^\s<>@（）()「」]+@[^\s<>@（）()「」、。]+")


def draft_of(
    advice: Advice, question: str, situation: str, language: str, names: Iterable[str] = (), region: str = ""
) -> Article | None:
    """The article that a piece of advice may become, to be looked at; None when its words were not used.

    What prepared advice says is known already. Its owner is who gave the advice. Question and situation come from the
    inquiry: what belongs to one customer is left out of them, and what is too long. A question may be missing still.
    """
    if not advice.is_know_how:
        return None
    told = situation.strip().removeprefix(question.strip()).strip()  # a call's subject is all that is known at first
    about = [impersonal(one, names, region) for one in (question, told, advice.text)]
    wording = Wording(
        fitted(" ".join(about[0].split()), lines=1, length=QUESTION_LENGTH // 2).kept,
        about[2],
        fitted(about[1], lines=SITUATION_LINES, length=SITUATION_LENGTH // 2).kept,
    )
    return Article(
        kind=ArticleKind.ANSWER,
        language=language,
        latest=wording.plain(),
        owner=advice.sender,
        advice=advice.id,
    )


def impersonal(text: str, names: Iterable[str] = (), region: str = "") -> str:
    """A text without mail addresses, phone numbers (as dialled in `region`, or with a country's code) and `names`.

    Names also in their parts, as people sign with them. What is found so is found; whoever approves reads it for the
    rest.
    """
    import phonenumbers  # slow to import, and of no use until somebody asks

    plain = _ADDRESS.sub(LEFT_OUT, text)
    for match in reversed(list(phonenumbers.PhoneNumberMatcher(plain, region or None))):
        plain = plain[: match.start] + LEFT_OUT + plain[match.end :]
    whole = {one.strip() for one in names}
    parts = {part for one in whole for part in one.split()}
    for name in sorted({one for one in whole | parts if len(one) > 1}, key=lambda one: (-len(one), one)):
        plain = re.sub(_as_word(name), LEFT_OUT, plain)
    return plain


def _as_word(name: str) -> str:
    """A name as it is found: one in Latin letters only where no longer word goes on."""
    return rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])" if name.isascii() else re.escape(name)
