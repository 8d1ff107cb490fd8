"""The fields of a part of a document: which there are, what each says, and what is wrong with it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import TypeVar

from bot.level_file.problem import Unreadable
from bot.level_file.tree import Piece, Problems

T = TypeVar("T")
D = TypeVar("D")


class Fields:
    """A row of keys and values. What is wrong goes to `problems`, and the default is taken instead, so as to go on."""

    def __init__(self, piece: Piece, what: str, problems: Problems, known: Sequence[str] = ()) -> None:
        self.piece = piece
        self._problems = problems
        self._known = known
        self.all: dict[str, Piece] = {}
        self.is_sound = piece.pairs is not None or piece.is_empty
        if not self.is_sound:
            problems.add(piece, f"{what} must be keys and values, not {piece.told()}")
        for key, value in piece.pairs or ():
            self._take(key, value, what)

    def has(self, name: str) -> bool:
        """Whether the field is there and says something."""
        return name in self.all and not self.all[name].is_empty

    def at(self, name: str) -> Piece:
        """The field; where it should stand when it is not there."""
        return self.all.get(name, self.piece)

    def wrong(self, name: str, said: str) -> None:
        """Something is wrong with a field."""
        self._problems.add(self.at(name), said)

    def wrong_at(self, where: Piece, said: str) -> None:
        """Something is wrong at another place: where these fields should stand, say."""
        self._problems.add(where, said)

    def one(self, name: str, read: Callable[[str], T], default: D) -> T | D:
        """What a field says; the default when it says nothing."""
        return self._read(self.all[name], read, default, name) if self.has(name) else default

    def many(self, name: str, read: Callable[[str], T], default: Sequence[T] = ()) -> list[T]:
        """What a list says, or a text with commas; the default only when the field is not there at all."""
        if name not in self.all:
            return list(default)
        return [one for piece in self.listed(name) for one in self._each(piece, read, name)]

    def key(self, name: str, read: Callable[[str], T], default: D) -> T | D:
        """What the key itself says."""
        return self._read(Piece(self.at(name).line, text=name), read, default, "")

    def within(self, name: str, what: str, known: Sequence[str] = ()) -> "Fields":
        """The keys and values of a field; none when it says nothing."""
        return Fields(self.at(name) if self.has(name) else Piece(self.piece.line), what, self._problems, known)

    def listed(self, name: str) -> tuple[Piece, ...]:
        """The items of a list; a text with commas is one."""
        piece = self.at(name)
        if name not in self.all or piece.is_empty:
            return ()
        if piece.pairs is not None:
            self.wrong(name, f"{name} must be a list, not {piece.told()}")
            return ()
        if piece.items is not None:
            return piece.items
        return tuple(Piece(piece.line, text=part.strip()) for part in (piece.text or "").split(",") if part.strip())

    def _take(self, key: Piece, value: Piece, what: str) -> None:
        name = (key.text or "").strip()
        if not name:
            self._problems.add(key, f"a key of {what} must be a text, not {key.told()}")
        elif self._known and name not in self._known:
            near = get_close_matches(name, self._known, 1)
            meant = f": did you mean {near[0]}?" if near else f"; there are {', '.join(self._known)}"
            self._problems.add(key, f"{what} knows no {name!r}{meant}")
        elif name in self.all:
            first = self.all[name].line
            self._problems.add(key, f"{name!r} is there already, in line {first}: leave one out")
        else:
            self.all[name] = replace(value, line=key.line)

    def _each(self, piece: Piece, read: Callable[[str], T], name: str) -> Iterator[T]:
        yield from self._read(piece, lambda text: (read(text),), (), name)

    def _read(self, piece: Piece, read: Callable[[str], T], default: D, name: str) -> T | D:
        if piece.text is None:
            self._problems.add(piece, f"{name} must be a text, not {piece.told()}")
            return default
        try:
            return read(piece.text)
        except Unreadable as error:
            self._problems.add(piece, f"{name}: {error}" if name else str(error))
            return default
