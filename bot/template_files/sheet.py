"""Templates as one CSV file, which a spreadsheet may open: no cell of it is ever taken for a formula."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from bot.template_files.entry import FIELDS, REQUIRED, Entry, Problem, Reading, decoded

_ACTS = re.compile(r"'*\s*[=+\-@\t\r＝＋－＠]")
"""How a cell begins that a spreadsheet may take for a formula; with a guard before it, or several."""
_SEPARATORS = ",;\t"
"""What spreadsheets put between cells: by country, a semicolon too."""


def write_sheet(path: Path, rows: Iterable[Mapping[str, str]]) -> None:
    """Write templates, a row each; UTF-8 with a byte order mark, by which Excel knows it. Raises OSError."""
    text = io.StringIO(newline="")
    sheet = csv.writer(text, quoting=csv.QUOTE_ALL)
    sheet.writerow(FIELDS)
    sheet.writerows([guarded(row[name]) for name in FIELDS] for row in rows)
    path.write_bytes(text.getvalue().encode("utf-8-sig"))


def read_sheet(path: Path, reading: Reading) -> None:
    """Read the templates of a CSV file, a row each, into `reading`. Raises OSError."""
    file, text = str(path), decoded(path, reading)
    if text is None:
        return
    header = text.partition("\n")[0].partition("\r")[0]
    separator = max(_SEPARATORS, key=header.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    columns: list[str] | None = None
    begun = 1
    try:
        for row in rows:
            line, begun = begun, rows.line_num + 1
            if not any(cell.strip() for cell in row):
                continue
            if columns is None:
                columns = [cell.strip().lower() for cell in row]
                reading.problems += [Problem(file, line, said) for said in _wrong(columns)]
            elif len(row) != len(columns):
                said = f"the row has {len(row)} cells, and the first row names {len(columns)}: put quotes around each"
                reading.problems.append(Problem(file, line, said))
            else:
                cells = zip(columns, map(unguarded, row), strict=True)
                reading.entries.append(Entry(file, line, {name: cell for name, cell in cells if name in FIELDS}))
    except csv.Error as error:
        said = f"a cell cannot be read ({error}): put quotes around each cell, and write a quote inside one twice"
        reading.problems.append(Problem(file, begun, said))
    if columns is None:
        reading.problems.append(Problem(file, 1, f"it is empty: begin with the row {','.join(FIELDS)}"))


def _wrong(columns: list[str]) -> list[str]:
    """All that is wrong with the first row."""
    unknown = [name for name in columns if name not in FIELDS]
    return [
        *(f"there is no column {name!r}: the columns are {', '.join(FIELDS)}" for name in unknown),
        *(f"the column {name!r} is there twice: leave one out" for name in FIELDS if columns.count(name) > 1),
        *(f"the column {name!r} is missing: name it in the first row" for name in REQUIRED if name not in columns),
    ]


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: one that might be gets a ' before it."""
    return f"'{cell}" if _ACTS.match(cell) else cell


def unguarded(cell: str) -> str:
    """The cell that was guarded; others stay as they are."""
    return cell[1:] if cell.startswith("'") and _ACTS.match(cell) else cell
