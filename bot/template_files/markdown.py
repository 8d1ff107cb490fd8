"""Templates as a folder of Markdown files: front matter in YAML between lines of ---, then the body."""

import math
import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from unicodedata import normalize

import yaml

from bot.template_files.entry import FIELDS, REQUIRED, YES, Entry, Problem, Reading, decoded

FENCE = "---"
HEAD = tuple(name for name in FIELDS if name != "body")
SHAPE = "begin with a line ---, then lines such as `name: late-delivery`, a line --- again, and the text"


def write_folder(folder: Path, rows: Iterable[Mapping[str, str]]) -> None:
    """Write templates into a folder, a file each; it is made when it is not there. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    taken: set[str] = set()
    for row in rows:
        (folder / _file_name(row, taken)).write_bytes(as_markdown(row).encode())


def as_markdown(row: Mapping[str, str]) -> str:
    """A template as a Markdown file."""
    known: dict[str, object] = {name: row[name] for name in HEAD}
    known["retired"] = row["retired"] == YES
    known["review_on"] = date.fromisoformat(row["review_on"]) if row["review_on"] else ""
    head = yaml.safe_dump(known, allow_unicode=True, sort_keys=False, width=math.inf)
    return f"{FENCE}\n{head}{FENCE}\n{row['body']}\n"


def read_folder(folder: Path, reading: Reading) -> None:
    """Read the Markdown files of a folder and the folders in it, but hidden ones, in order. Raises OSError."""
    files = [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() == ".md" and path.is_file() and not _is_hidden(path.relative_to(folder))
    ]
    if not files:
        reading.problems.append(Problem(str(folder), 0, "there is no Markdown file (*.md) in this folder"))
    for path in files:
        read_markdown(path, reading)


def read_markdown(path: Path, reading: Reading) -> None:
    """Read the template of one Markdown file into `reading`. Raises OSError."""
    file, text = str(path), decoded(path, reading)
    if text is None:
        return
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    fences = [index for index, line in enumerate(lines) if line.rstrip() == FENCE][:2]
    if len(fences) < 2 or fences[0] != 0:
        reading.problems.append(Problem(file, 1, f"the front matter is missing: {SHAPE}"))
        return
    end = fences[1]
    try:
        fields, places = _front_matter("\n".join(lines[1:end]) + "\n", file, reading)
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark.line if error.problem_mark else 0) + 2
        said = f"the front matter is no YAML ({error.problem}): put a value that holds : # or quotes into quotes"
        reading.problems.append(Problem(file, line, said))
        return
    except yaml.YAMLError:
        reading.problems.append(Problem(file, 2, "the front matter holds characters that YAML does not allow"))
        return
    fields["body"], places["body"] = "\n".join(lines[end + 1 :]), end + 2
    reading.entries.append(Entry(file, 1, fields, places))


def _front_matter(text: str, file: str, reading: Reading) -> tuple[dict[str, str], dict[str, int]]:
    """Each value as it is written (`no` is a language, not False), and its line. Raises YAMLError."""
    root = yaml.compose(text, yaml.SafeLoader)
    fields: dict[str, str] = {}
    places: dict[str, int] = {}
    if root is not None and not isinstance(root, yaml.MappingNode):
        reading.problems.append(Problem(file, 2, "the front matter has to be lines such as `name: late-delivery`"))
        return fields, places
    for key, value in root.value if root else ():
        line, name = key.start_mark.line + 2, str(key.value).strip().lower()
        said = ""
        if name not in HEAD:
            said = f"there is no {name!r} in the front matter: it knows {', '.join(HEAD)}"
        elif name in places:
            said = f"{name!r} is there twice: leave one out"
        elif not isinstance(value, yaml.ScalarNode):
            said = f"{name!r} has to be one text: put it into quotes"
        else:
            fields[name] = "" if value.tag == "tag:yaml.org,2002:null" else value.value
        places.setdefault(name, line)
        if said:
            reading.problems.append(Problem(file, line, said))
    for name in REQUIRED:
        if name not in places and name != "body":
            said = f"the front matter does not say the {name}: add a line `{name}: ...`"
            reading.problems.append(Problem(file, 1, said))
    return fields, places


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _file_name(row: Mapping[str, str], taken: set[str]) -> str:
    """A name that every file system takes, from name, language and queue; never one that is `taken` already."""
    parts = [row["name"], row["language"], *([row["queue"]] if row["queue"] else [])]
    stem = ".".join(re.sub(r"[^\w-]+", "_", part)[:60] for part in parts)
    name, count = f"{stem}.md", 1
    while (folded := normalize("NFC", name).casefold()) in taken:
        count += 1
        name = f"{stem}.{count}.md"
    taken.add(folded)
    return name
