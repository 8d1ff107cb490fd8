"""Recognises what Madoguchi says, in either language, without repeating its words."""

import re
from functools import cache
from string import Formatter

from bot.translator import Translator


@cache
def _translator() -> Translator:
    return Translator()


def template(language: str, key: str) -> str:
    """A text of the catalogue, unfilled; the first of its plural forms. Raises KeyError when there is none."""
    return _translator().texts(language, key)[key]


def says(text: str, language: str, key: str, **details: object) -> bool:
    """True when `text` is the catalogue's text `key`, filled in with these details, others being anything."""
    pattern = ""
    for words, name, _, _ in Formatter().parse(template(language, key)):
        pattern += re.escape(words)
        if name is not None:
            pattern += re.escape(str(details[name])) if name in details else "(?s:.+)"
    return re.fullmatch(pattern, text) is not None


def labels_of(verb: str) -> set[str]:
    """A command's button in every language, and the verb itself."""
    key = f"button.{verb}"
    return {verb} | {text for language in ("en", "ja") if (text := _translator().texts(language, key).get(key))}
