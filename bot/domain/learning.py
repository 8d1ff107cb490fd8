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
    about = [impersonal(one, names, region) for one in (question, situation, advice.text)]
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

    What is found so is found; whoever approves reads it for the rest.
    """
    import phonenumbers  # slow to import, and of no use until somebody asks

    plain = _ADDRESS.sub(LEFT_OUT, text)
    for match in reversed(list(phonenumbers.PhoneNumberMatcher(plain, region or None))):
        plain = plain[: match.start] + LEFT_OUT + plain[match.end :]
    for name in sorted({one.strip() for one in names if len(one.strip()) > 1}, key=lambda one: (-len(one), one)):
        plain = plain.replace(name, LEFT_OUT)
    return plain
