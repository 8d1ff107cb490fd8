"""Calls of commands: what a person typed, pressed or filled in, the same from every platform."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from bot.chat.card import Card, Form
from bot.chat.profile import Profile

Answer = Card | Form
"""What only the person who asked sees."""
LONGEST_CALL = 89
"""Of a button's call, in UTF-16 units: of the 100 of Discord's custom ids, what marks each button takes the others."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call of a command.

    `user` is the platform's own id of the person. `text` holds words typed after a slash command, in order or
    as name:value; `options` holds what buttons and forms filled in. `seen` is the inquiry's version that the
    pressed button was drawn at. `message` is the platform's id of the message pressed, or of the card in
    whose thread the command was typed.

    `event` is the platform's own id of this call, where the same one may come twice. `profiles` tells of the
    people concerned, by user, where the platform knows them. `names` says how commands are called there, by verb,
    where that differs.
    """

    platform: str
    user: str
    verb: str
    user_name: str = ""
    channel: str = ""
    message: str = ""
    text: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    seen: int | None = None
    language: str = ""
    event: str = ""
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def with_options(self, more: Mapping[str, str]) -> "Invocation":
        """The same call with `more` options filled in."""
        return replace(self, options={**self.options, **more})


def call(verb: str, inquiry: int | None = None, seen: int | None = None, **options: str) -> str:
    """A button's call as one string: `claim:42:7`, or `queue:::page=2`; what holds words may not be `pressable`."""
    parts = [verb, "" if inquiry is None else str(inquiry), "" if seen is None else str(seen)]
    parts += [f"{name}={_marked(value)}" for name, value in options.items() if value]
    return ":".join(parts).rstrip(":")


def pressable(call: str) -> bool:
    """Whether a button can carry that call on every platform; what cannot is left out there."""
    return len(call.encode("utf-16-le")) // 2 <= LONGEST_CALL


def pressed(call: str) -> tuple[str, dict[str, str], int | None]:
    """Read a button's call: the verb, its options, and the version that it was drawn at.

    Raises ValueError when the string is none of ours.
    """
    verb, inquiry, seen, *rest = [*call.split(":"), "", ""] if call.count(":") < 2 else call.split(":")
    if not verb.isidentifier():
        raise ValueError(f"not a call: {call!r}")
    options = {"inquiry": str(int(inquiry))} if inquiry else {}
    for part in filter(None, rest):
        name, _, value = part.partition("=")
        options[name] = unquote(value)
    return verb, options, int(seen) if seen else None


def _marked(value: str) -> str:
    """A value without the sign that ends it; nothing else is marked, so that Japanese stays short."""
    return value.replace("%", "%25").replace(":", "%3A")
