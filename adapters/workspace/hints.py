"""What the wiring tells the page: its texts, and the commands that a person can type."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OptionHint:
    """One option of a command, in the order in which its value is typed.

    `completes` says that `Desk.complete` knows values for it. `named`: its value only ever follows its name and a
    colon. `swallows`: it takes the rest of the line, so that its value may have spaces in it.
    """

    name: str
    description: str = ""
    required: bool = False
    completes: bool = False
    named: bool = False
    swallows: bool = False


@dataclass(frozen=True, slots=True)
class CommandHint:
    """A command as the page offers it; `usage` reads like `/assign inquiry agent`.

    An underscore in `name` is typed as a space: `template_edit` as `/template edit`.
    """

    name: str
    description: str
    usage: str = ""
    options: tuple[OptionHint, ...] = ()


Texts = Callable[[str], Mapping[str, str]]
"""The page's texts in a language: msgid ("page.send") to words."""

Commands = Callable[[str], Sequence[CommandHint]]
"""The commands, described in a language."""

DeliverMail = Callable[[str, bytes], Awaitable[None]]
"""Puts a customer's mail (queue, raw bytes) where the mailboxes look; raises OSError when it cannot."""
