"""From `python -m bot run` until it is open, and the memory then, against a script that only imports the libraries."""

import asyncio
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.table import Figure, median, ratio, show
from storage.schema import bring_up_to_date

ROOT = Path(__file__).parents[1]
ROUNDS = 15
SLOWER = 1.2
LARGEST = 100
"""Megabytes."""


@dataclass(frozen=True, slots=True)
class Start:
    """One start: seconds until the process said that it is open, and its resident megabytes then."""

    seconds: float
    megabytes: float


def main() -> None:
    """Start both in turns and print a table."""
    with tempfile.TemporaryDirectory(prefix="madoguchi-bench-") as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'bench.sqlite3'}"
        asyncio.run(bring_up_to_date(url))
        bare = [sys.executable, "-m", "benchmarks.bare_start", url.replace("sqlite:", "sqlite+aiosqlite:")]
        ours = [sys.executable, "-m", "bot", "run"]
        pairs = [(_start(ours, folder, url), _start(bare, folder, url)) for _ in range(ROUNDS + 1)][1:]
    seconds = [one.seconds for one, _ in pairs], [one.seconds for _, one in pairs]
    memory = [one.megabytes for one, _ in pairs], [one.megabytes for _, one in pairs]
    show(
        "Start-up, on a migrated SQLite file",
        [
            Figure("python -m bot run, until open", seconds[0], "s"),
            Figure(
                "bare imports and an open database",
                seconds[1],
                "s",
                f"ours takes {ratio(*seconds):.2f} times",
                f"at most {SLOWER}",
            ),
            Figure(
                "resident memory when open", memory[0], "MB", f"{median(memory[0]):.0f} MB", f"at most {LARGEST} MB"
            ),
            Figure("of the bare script", memory[1], "MB"),
        ],
    )


def _start(command: list[str], folder: Path, url: str) -> Start:
    """Start, wait for the first line, measure, stop. Raises RuntimeError when it ends before."""
    settings = {
        "DATABASE_URL": url,
        "DATA_FOLDER": str(folder),
        "SPOOL_FOLDERS": f"support={folder / 'spool'}",
        "HTTP_PORT": "0",
        "PYTHONPATH": str(ROOT),
    }
    begun = perf_counter()
    with subprocess.Popen(
        command, cwd=folder, env={**os.environ, **settings}, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        taken = perf_counter() - begun
        if not said:
            raise RuntimeError(f"{command[2]} ended before it was open")
        memory = _resident(process.pid)
        process.terminate()
    return Start(taken, memory)


def _resident(process: int) -> float:
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(process)], check=True, capture_output=True, text=True)
    return int(told.stdout) / 1024
