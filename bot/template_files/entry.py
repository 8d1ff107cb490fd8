"""What a file says of one template, before anybody judged it, and what is wrong with files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

FIELDS = ("name", "queue", "language", "title", "owner", "review_on", "retired", "body")
"""All that a file can say of a template, in the order in which files say it."""
REQUIRED = ("name", "language", "title", "body")
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong in a line of a file, and what to write instead. Line 0: the file as a whole."""

    file: str
    line: int
    said: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.said}" if self.line else f"{self.file}: {self.said}"


class FilesWrong(ValueError):
    """Files cannot be taken in; `problems` are all that is wrong with them, a line each in the message."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Entry:
    """A template as a file says it: its fields as they are written, and the line at which each begins.

    A field that the file leaves out is not among them; it says nothing about what there is.
    """

    file: str
    line: int
    fields: Mapping[str, str]
    lines: Mapping[str, int] = field(default_factory=dict)

    def problem(self, name: str, said: str) -> Problem:
        """Something that is wrong with one of its fields."""
        return Problem(self.file, self.lines.get(name, self.line), said)


@dataclass(slots=True)
class Reading:
    """What came out of files: entries, all that is wrong, and what the reader should know beside that."""

    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def written(
    name: str, queue: str, language: str, title: str, owner: str, review_on: date | None, retired: bool, body: str
) -> dict[str, str]:
    """The fields of a template as files say them, in their order; `owner` is platform:handle, or empty."""
    day = review_on.isoformat() if review_on else ""
    return dict(zip(FIELDS, (name, queue, language, title, owner, day, YES if retired else NO, body), strict=True))


def decoded(path: Path, reading: Reading) -> str | None:
    """A file's text with its byte order mark taken off; None when it is none, which is among the problems then.

    What is not UTF-8 is tried as cp932, in which a Japanese Excel saves, and a remark says so.
    """
    file, content = str(path), path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        reading.problems.append(Problem(file, 0, "it is UTF-16: save it as UTF-8 (in Excel: CSV UTF-8)"))
        return None
    for encoding in ("utf-8-sig", "cp932"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "cp932":
            reading.remarks.append(f"{file}: read as Shift_JIS (cp932); save it as UTF-8 if a text looks wrong")
        if "\0" in text:
            line = text.replace("\r\n", "\n").replace("\r", "\n").partition("\0")[0].count("\n") + 1
            reading.problems.append(Problem(file, line, "it holds a NUL character: save it as text, in UTF-8"))
            return None
        return text
    reading.problems.append(Problem(file, 0, "it is neither UTF-8 nor Shift_JIS: save it as UTF-8"))
    return None
