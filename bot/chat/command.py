"""Commands and their options, defined once for every platform."""

import re
import unicodedata
from collections.abc import Awaitable, Callable, Container, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from bot.chat.invocation import Answer
from bot.domain.agent import Role

CallT = TypeVar("CallT")


class Kind(Enum):
    """What an option holds. TEXT, PERSON, CUSTOMER, TEMPLATE and LEVEL take the rest of a typed line when last.

    PERSON is somebody of the team, MEMBER anybody of the platform. CUSTOMER is whoever is meant by an address, a
    number, a name or an inquiry; TEMPLATE a template by its name, or words to find one; LEVEL a policy by its name.
    """

    TEXT = "text"
    WORD = "word"
    NUMBER = "number"
    INQUIRY = "inquiry"
    PERSON = "person"
    MEMBER = "member"
    QUEUE = "queue"
    CHOICE = "choice"
    CUSTOMER = "customer"
    TEMPLATE = "template"
    LEVEL = "level"


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that a command needs to know. A form asks for it when `required`, or `asked`, and not given.

    `named`: never given by its place in a typed line, only by name or in a form. `is_line`: a text for which a form
    has a single line, since nobody writes more there.
    """

    name: str
    kind: Kind = Kind.TEXT
    required: bool = False
    asked: bool = False
    choices: tuple[str, ...] = ()
    named: bool = False
    is_line: bool = False


@dataclass(frozen=True, slots=True)
class Command(Generic[CallT]):
    """Something that a person can ask. `role` is the least that is needed; None: anybody may.

    A command that only reads says so by `changes=False`, and waits for no one who writes. While an `urgent` one is
    carried out, what else is on its way to the chats gives way.
    """

    name: str
    run: Callable[[CallT], Awaitable[Answer]]
    options: tuple[Option, ...] = ()
    role: Role | None = Role.AGENT
    changes: bool = True
    urgent: bool = False


SWALLOWING = frozenset((Kind.TEXT, Kind.PERSON, Kind.CUSTOMER, Kind.TEMPLATE, Kind.LEVEL))
"""Kinds that may hold several words."""
_NAMED = re.compile(r"([a-z_]+)[:=：＝]\s*(.*)", re.DOTALL)
_NAMED_ANYWHERE = re.compile(r"(?<!\S)([a-z_]+)[:=：＝](?:[\"“”]([^\"“”]*)[\"“”](?!\S)|(\S*))\s*")


def typed_options(text: str, options: Sequence[Option]) -> dict[str, str]:
    """Read the words after a slash command: `name:value` where named, else in the order of the options.

    Words beyond the last option belong to it when it is a text, so that notes need no quotes. Options that are never
    given by their place may stand anywhere, several words of theirs in quotes: `返品 送料 person:"Ken Miller"`.
    """
    by_name = {option.name: option for option in options}
    waiting = [option for option in options if not option.named]
    rest, values = _without_named(text, {option.name for option in options if option.named})
    while rest:
        word, _, tail = _split(rest)
        named = _NAMED.fullmatch(word)
        if named and named[1] in by_name:
            option = by_name[named[1]]
            given, rest = named[2], tail
        elif waiting:
            option = waiting[0]
            given, rest = word, tail
        else:
            break
        if option in waiting:
            waiting.remove(option)
        if option.kind in SWALLOWING and not waiting:
            given, rest = f"{given} {rest}".strip(), ""
        values[option.name] = given
    return values


def plain_number(text: str) -> int:
    """Read "#1042", "1042" or "＃１０４２". Raises ValueError when it is no number."""
    return int(unicodedata.normalize("NFKC", text).strip().lstrip("#").strip())


def two_worded(verb: str, text: str, known: Container[str]) -> tuple[str, str]:
    """The command that is meant, and the words after it: `template` with "edit late" is `template_edit` with "late".

    `template-edit` is that too. What is `known` as it stands stays so, unless its first word makes it another.
    """
    plain = unicodedata.normalize("NFKC", verb).lower().replace("-", "_")
    first, _, rest = _split(text) if (text := text.lstrip()) else ("", "", "")
    longer = f"{plain}_{unicodedata.normalize('NFKC', first).lower()}"
    if longer in known:
        return longer, rest
    return (plain if plain in known else verb), text


def spelt(verb: str) -> str:
    """How a command is typed after the slash: `template edit`."""
    return verb.replace("_", " ")


def _without_named(text: str, names: Container[str]) -> tuple[str, dict[str, str]]:
    """The text without what is given in it by one of these names, and that."""
    values: dict[str, str] = {}

    def take(found: re.Match[str]) -> str:
        if found[1] not in names:
            return found[0]
        values[found[1]] = found[3] if found[2] is None else found[2].strip()
        return ""

    return _NAMED_ANYWHERE.sub(take, text).strip(), values


def _split(text: str) -> tuple[str, str, str]:
    match = re.match(r"(\S+)(\s*)(.*)", text, re.DOTALL)
    assert match is not None
    return match[1], match[2], match[3]
