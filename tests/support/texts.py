"""Recognises what Madoguchi says, in either language, without repeating its words."""

import re
from functools import cache
from string import Formatter

from babel.messages.pofile import read_po

from bot.translator import CATALOGUES, LANGUAGES

_TWO_WORDED = re.compile(r"/([a-z]+)\\ ([a-z]+)")
"""A command of two words in a pattern: Discord has a hyphen between them."""


@cache
def _texts(language: str) -> dict[str, tuple[str, ...]]:
    """Every text by its name, in all its plural forms."""
    texts: dict[str, tuple[str, ...]] = {}
    for path in (CATALOGUES / language).glob("*.po"):
        with path.open("rb") as file:
            catalogue = read_po(file)
        for message in catalogue:
            forms = message.string
            key = message.id if isinstance(message.id, str) else message.id[0]
            texts[key] = (forms,) if isinstance(forms, str) else tuple(forms or ())
    return texts


def template(language: str, key: str) -> str:
    """A text of the catalogue, unfilled; the first of its plural forms. Raises KeyError when there is none."""
    return _texts(language)[key][0]


def says(text: str, language: str, key: str, **details: object) -> bool:
    """True when `text` is the catalogue's text `key`, filled in with these details, others being anything."""
    return any(pattern(form, **details).fullmatch(text) for form in _texts(language)[key])


def pattern(form: str, **details: object) -> re.Pattern[str]:
    """A text as a pattern: what is not in `details` may be anything."""
    parts = [
        re.escape(words) + ("" if name is None else re.escape(str(details[name])) if name in details else "(?:.|\\n)+")
        for words, name, _, _ in Formatter().parse(form)
    ]
    return re.compile(_TWO_WORDED.sub(r"/\1[ -]\2", "".join(parts)))


def labels_of(verb: str) -> set[str]:
    """A command's button in every language, and the verb itself."""
    key = f"button.{verb}"
    return {verb} | {template(language, key) for language in LANGUAGES if key in _texts(language)}
