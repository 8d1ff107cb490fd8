"""A YAML document with its lines: every scalar as the text that it is, so that NO is Norway and 9:00 a time."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.level_file.problem import LevelsWrong, Problem

if TYPE_CHECKING:
    from yaml.nodes import Node

DEEPEST = 8
"""How far a document may be nested; service levels need four."""
LARGEST = 200_000
"""Characters of a document."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a document and the line where it stands: a text, a list of `items`, or `pairs` of keys and values."""

    line: int
    text: str | None = None
    items: "tuple[Piece, ...] | None" = None
    pairs: "tuple[tuple[Piece, Piece], ...] | None" = None

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing: nothing at all, "none", or an empty list."""
        return (self.text or "").strip().casefold() in ("", "none") and not self.items and not self.pairs

    def told(self) -> str:
        """What kind of thing it is, in words."""
        if self.text is not None:
            return repr(self.text)
        return "a list" if self.items is not None else "a row of keys and values"


@dataclass(slots=True)
class Problems:
    """Collects all that is wrong while a document is read, and what is right and yet may be meant otherwise.

    `queues` and `people` are those that there are, where they are known.
    """

    queues: Collection[str] | None = None
    people: Collection[str] | None = None
    all: list[Problem] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)

    def add(self, where: Piece, said: str) -> None:
        self.all.append(Problem(where.line, said))

    def remark(self, where: Piece, said: str) -> None:
        self.remarks.append(Problem(where.line, said))


def tree(text: str) -> Piece:
    """The document. Raises LevelsWrong when it is no YAML."""
    import yaml  # takes a part of the start, and the command line's help needs none

    if len(text) > LARGEST:
        raise LevelsWrong([Problem(0, f"it is too long: {LARGEST:,} characters at most")])
    try:
        node = yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = f"this is no YAML ({error.problem or error.context}): mind colons, dashes, quotes and indents"
        raise LevelsWrong([Problem(mark.line + 1 if mark else 0, said)]) from error
    except yaml.YAMLError as error:
        raise LevelsWrong(
            [Problem(0, f"it holds a character that YAML does not allow: {str(error).splitlines()[0]}")]
        ) from error
    except RecursionError as error:
        raise LevelsWrong([Problem(0, "it is nested too deeply")]) from error
    if node is None:
        raise LevelsWrong([Problem(0, "it is empty: write calendars and policies, or export what there is")])
    return _piece(node, 0)


def _piece(node: "Node", depth: int) -> Piece:
    from yaml.nodes import MappingNode, ScalarNode, SequenceNode

    line = node.start_mark.line + 1
    if depth > DEEPEST:
        raise LevelsWrong([Problem(line, "it is nested too deeply")])
    match node:
        case ScalarNode():
            return Piece(line, text="" if node.tag == "tag:yaml.org,2002:null" else node.value)
        case SequenceNode():
            return Piece(line, items=tuple(_piece(one, depth + 1) for one in node.value))
        case MappingNode():
            return Piece(line, pairs=tuple(_pairs(node, depth)))
    raise LevelsWrong([Problem(line, "this is no YAML that service levels are made of")])


def _pairs(node: "Node", depth: int) -> Iterator[tuple[Piece, Piece]]:
    for key, value in node.value:
        yield _piece(key, depth + 1), _piece(value, depth + 1)
