"""Commands and their options, defined once for every platform."""

import re
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from bot.chat.invocation import Answer
from bot.domain.agent import Role

CallT = TypeVar("CallT")


class Kind(Enum):
    """What an option holds. TEXT, PERSON, CUSTOMER and TEMPLATE take the rest of a typed line when they are last.

    PERSON is somebody of the team, MEMBER anybody of the platform. CUSTOMER is whoever is meant by an address, a
    number, a name or an inquiry; TEMPLATE a template by its name, or words to find one.
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


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that a command needs to know. A form asks for it when `required`, or `asked`, and not given.

    `named`: never given by its place in a typed line, only by name or in a form.
    """

    name: str
    kind: Kind = Kind.TEXT
    required: bool = False
    asked: bool = False
    choices: tuple[str, ...] = ()
    named: bool = False


@dataclass(frozen=True, slots=True)
class Command(Generic[CallT]):
    """Something that a person can ask. `role` is the least that is needed; None: anybody may.

    A command that only reads says so by `changes=False`, and waits for no one who writes.
    """

    name: str
    run: Callable[[CallT], Awaitable[Answer]]
    options: tuple[Option, ...] = ()
    role: Role | None = Role.AGENT
    changes: bool = True


_SWALLOWING = (Kind.TEXT, Kind.PERSON, Kind.CUSTOMER, Kind.TEMPLATE)
_NAMED = re.compile(r"([a-z_]+)[:=]\s*(.*)", re.DOTALL)


def typed_options(text: str, options: Sequence[Option]) -> dict[str, str]:
    """Read the words after a slash command: `name:value` where named, else in the order of the options.

    Words beyond the last option belong to it when it is a text, so that notes need no quotes.
    """
    by_name = {option.name: option for option in options}
    values: dict[str, str] = {}
    waiting = [option for option in options if not option.named]
    rest = text.strip()
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
        if option.kind in _SWALLOWING and not waiting:
            given, rest = f"{given} {rest}".strip(), ""
        values[option.name] = given
    return values


def plain_number(text: str) -> int:
    """Read "#1042", "1042" or "＃１０４２". Raises ValueError when it is no number."""
    return int(unicodedata.normalize("NFKC", text).strip().lstrip("#").strip())


def _split(text: str) -> tuple[str, str, str]:
    match = re.match(r"(\S+)(\s*)(.*)", text, re.DOTALL)
    assert match is not None
    return match[1], match[2], match[3]
