"""What a query is in each database's own language: quoted grams, and nothing else that anybody typed."""

from collections.abc import Collection, Iterator, Sequence

from bot.domain.folding import Phrase, Term
from bot.ports import TextKind
from storage.documents import CODES

ABOUT_INQUIRIES = frozenset((TextKind.INQUIRY, TextKind.ANSWER))


def mark_of(kind: TextKind) -> str:
    """A word of each text's own that tells its kind; nobody can type it, for it is no letter."""
    return f"…{CODES[kind]}"


def marks_of(kinds: Collection[TextKind]) -> list[str]:
    """The marks of which a text must have one; none where nearly all texts have it, and it would help nothing."""
    return [] if ABOUT_INQUIRIES & set(kinds) else sorted(map(mark_of, kinds))


def fts5(asked: Sequence[Term], marks: Sequence[str]) -> str:
    """For SQLite's FTS5."""
    parts = ["(" + " OR ".join(f'"{mark}"' for mark in marks) + ")"] if marks else []
    for term in asked:
        phrases = [f'"{" ".join(one.grams)}"' + (" *" if one.is_beginning else "") for one in term.phrases]
        parts.append("(" + " OR ".join(phrases) + ")")
    return " AND ".join(parts)


def tsquery(asked: Sequence[Term], marks: Sequence[str]) -> str:
    """For PostgreSQL, as its type tsquery is read, without any of its parsers."""
    parts = ["(" + " | ".join(f"'{mark}'" for mark in marks) + ")"] if marks else []
    parts += ["(" + " | ".join(_phrase(one) for one in term.phrases) + ")" for term in asked]
    return " & ".join(parts)


def _phrase(one: Phrase) -> str:
    return " <-> ".join(f"'{gram}'" for gram in one.grams) + (":*" if one.is_beginning else "")


def single_grams(asked: Sequence[Term]) -> Iterator[str]:
    """Every gram of a query as a tsquery of its own."""
    for term in asked:
        one = term.phrases[0]
        for gram in one.grams[:-1]:
            yield f"'{gram}'"
        yield _phrase(Phrase(one.grams[-1:], one.is_beginning))


def single_character(term: Term) -> str:
    """The character, when a term asks for nothing but words that begin with it; else empty."""
    (gram, *more) = term.phrases[0].grams
    return gram if not more and len(gram) == 1 and term.phrases[0].is_beginning else ""
