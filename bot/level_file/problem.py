"""What can be wrong with service levels as people write them."""

from collections.abc import Iterable
from dataclasses import dataclass


class Unreadable(ValueError):
    """A piece of text that says no amount, hours, days or the like; the message is what to write instead.

    `kind` names what was wanted ("amount", "spans", "week", "day", "days", "holidays", "zone", "count", "share",
    "truth", "name", "queue"), with `given` as it was written.
    """

    def __init__(self, kind: str, given: str, said: str) -> None:
        super().__init__(said)
        self.kind = kind
        self.given = given


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong in a line of the document, and what to write instead. Line 0: the document as a whole."""

    line: int
    said: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.said}" if self.line else self.said


class LevelsWrong(ValueError):
    """The document cannot be taken; `problems` are all that is wrong with it, a line each in the message."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))
