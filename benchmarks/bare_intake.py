"""The floor under a mail's way to its card: poll a folder, read a file, insert a row, post a row; nothing more."""

import os
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path

POLL = 0.1
"""Seconds between looks into the folder, as in the product."""


def serve(url: str, folder: Path) -> None:
    """Take in mail until stopped; the name of each file is printed once its row is posted."""
    insert = _inserter(url)
    posted = sqlite3.connect(folder / "posted.sqlite3", isolation_level=None)
    posted.execute("pragma journal_mode=wal")
    posted.execute("pragma synchronous=normal")
    posted.execute("create table if not exists message (id integer primary key, body text)")
    print("open", flush=True)
    while True:
        with os.scandir(folder / "new") as found:
            arrived = sorted(entry.name for entry in found)
        for name in arrived:
            content = (folder / "new" / name).read_bytes()
            insert(name, content)
            (folder / "new" / name).rename(folder / "cur" / name)
            posted.execute("insert into message (body) values (?)", (content.decode(),))
            print(name, flush=True)
        if not arrived:
            time.sleep(POLL)


def _inserter(url: str) -> Callable[[str, bytes], object]:
    """Inserts one row and commits it."""
    if url.startswith("sqlite"):
        file = sqlite3.connect(url.removeprefix("sqlite:///") + ".bare", isolation_level=None)
        file.execute("pragma journal_mode=wal")
        file.execute("pragma synchronous=full")
        file.execute("create table if not exists bare_mail (name text primary key, content blob)")
        return lambda name, content: file.execute("insert into bare_mail values (?, ?)", (name, content))
    import psycopg

    server = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
    server.execute("create table if not exists bare_mail (name text primary key, content bytea)")
    return lambda name, content: server.execute("insert into bare_mail values (%s, %s)", (name, content))


if __name__ == "__main__":
    serve(sys.argv[1], Path(sys.argv[2]))
