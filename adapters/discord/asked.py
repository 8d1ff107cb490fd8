"""Somebody asked something in Discord: the call of a command, and the ways in which its answer can reach them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.chat.invocation import Invocation
from bot.chat.profile import Profile

Payload = Mapping[str, Any]
"""What Discord sent, as JSON."""


class Garbled(ValueError):
    """What came in is nothing that we wrote, or not as Discord writes it."""


@dataclass(frozen=True, slots=True)
class Way:
    """How an answer can reach `user`.

    `place`: the channel or thread in which they asked, empty for direct messages. `replaces`: the pressed message is
    for them alone, and the answer takes its place. `opens`: a modal may be the answer. `event`: the interaction's id.
    """

    user: str
    user_name: str = ""
    place: str = ""
    replaces: bool = False
    opens: bool = True
    event: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A call, with the way back to its asker.

    `people`: others who are concerned, by user id. `members`: what Discord tells of some of them and of the asker as
    members of the server, as its raw member objects. `typed`: what was written into a form.
    """

    invocation: Invocation
    way: Way
    people: tuple[str, ...] = ()
    members: Mapping[str, Payload] = field(default_factory=dict)
    typed: str = ""

    def knowing(self, profiles: Mapping[str, Profile], names: Mapping[str, str]) -> "Asked":
        """The same, with what is known of its people, and how commands are spelt here."""
        asker = profiles.get(self.invocation.user)
        name = asker.name if asker and asker.name else self.invocation.user_name
        invocation = replace(self.invocation, profiles=dict(profiles), user_name=name, names=names)
        return replace(self, invocation=invocation)


def dig(payload: object, *names: str) -> Any:
    """The value under these names, one in the other; None where one is missing."""
    for name in names:
        payload = payload.get(name) if isinstance(payload, Mapping) else None
    return payload


def word(payload: object, *names: str) -> str:
    """Like `dig`, for text: empty where there is none."""
    value = dig(payload, *names)
    return value if isinstance(value, str) else ""


def objects(payload: object, *names: str) -> list[Payload]:
    """Like `dig`, for a list of objects: whatever else stands there is left out."""
    value = dig(payload, *names)
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def by_id(payload: object, *names: str) -> dict[str, Payload]:
    """Like `dig`, for objects by their ids."""
    value = dig(payload, *names)
    found = value.items() if isinstance(value, Mapping) else ()
    return {str(key): one for key, one in found if isinstance(one, Mapping)}


def needed(payload: object, *names: str) -> str:
    """Like `word`. Raises Garbled where there is none."""
    if value := word(payload, *names):
        return value
    raise Garbled(f"{'.'.join(names)} is missing")
