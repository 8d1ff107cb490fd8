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


def verb_of(label: str) -> str:
    """The verb of a button by its label in any language, or by the verb itself. Raises LookupError."""
    for language in ("en", "ja"):
        for key, text in _translator().texts(language, "button.").items():
            if label in (text, key.removeprefix("button.")):
                return key.removeprefix("button.")
    if label.isidentifier() and label.isascii():
        return label
    raise LookupError(f"no button is labelled {label!r} in any language")
