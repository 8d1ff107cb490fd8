"""Templates as files: one CSV file, or a folder with a Markdown file for each."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from bot.template_files.entry import Entry, FilesWrong, Problem, Reading, written
from bot.template_files.judge import Judge
from bot.template_files.markdown import read_folder, read_markdown, write_folder
from bot.template_files.sheet import read_sheet, write_sheet

__all__ = ["Entry", "FilesWrong", "Judge", "Problem", "Reading", "read_files", "write_files", "written"]


def read_files(path: Path) -> Reading:
    """What a CSV file, a Markdown file or a folder of those says. Raises OSError; ValueError for another file."""
    reading = Reading()
    match path.suffix.lower():
        case _ if path.is_dir():
            read_folder(path, reading)
        case ".csv":
            read_sheet(path, reading)
        case ".md":
            read_markdown(path, reading)
        case _ if path.exists():
            raise ValueError(f"{path}: templates are read from a file *.csv or *.md, or a folder of *.md")
        case _:
            raise FileNotFoundError(f"{path}: there is no such file or folder")
    return reading


def write_files(path: Path, rows: Iterable[Mapping[str, str]]) -> None:
    """Write templates, as `written` gives them: *.csv is a file, anything else a folder. Raises OSError, ValueError."""
    if path.suffix.lower() == ".csv":
        path.parent.mkdir(parents=True, exist_ok=True)
        write_sheet(path, rows)
    elif path.suffix and not path.is_dir():
        raise ValueError(f"{path}: name a file that ends in .csv, or a folder for Markdown files")
    else:
        write_folder(path, rows)
