"""A Maildir folder as files: what has arrived, what is taken over, what is flagged as stored."""

import errno
import os
import re
import secrets
import stat
import time
from dataclasses import dataclass
from pathlib import Path

# Windows allows no colon in a file name; Maildir programs there use this sign.
_FLAGS = ("!" if os.name == "nt" else ":") + "2,"
_SEEN = _FLAGS + "S"
_OURS = re.compile(r"\d{19}\.[0-9a-f]{16}\.madoguchi")
_WRITTEN_AFTER = 0.5
_MOVED_AFTER = 0.02
_EMPTY_AFTER = 60.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that somebody put into the folder; times in nanoseconds since 1970."""

    path: Path
    size: int
    written_at: int
    changed_at: int

    @property
    def order(self) -> tuple[int, str]:
        """Arrivals are taken in this order: oldest first, then by name."""
        return self.written_at, self.path.name

    @property
    def last_change(self) -> float:
        """Seconds since 1970, by the clock of the file system."""
        return max(self.written_at, self.changed_at) / 1e9

    def is_ready(self, now: float) -> bool:
        """True when nobody is writing the file any more, judged at `now` (seconds since 1970).

        A rename changes the inode (ctime) without the content (mtime), so a moved file is complete.
        Both change together while a file is written; then it has to rest for half a second. The two
        times are not set at one instant, hence the short wait even for moved files. An empty file is
        most likely one that its writer has only just opened.
        """
        rested = now - self.last_change
        if not self.size:
            return rested >= _EMPTY_AFTER
        moved = self.changed_at > self.written_at and os.name != "nt"
        return rested >= (_MOVED_AFTER if moved else _WRITTEN_AFTER)


def prepare(folder: Path) -> None:
    """Make the folder a Maildir where it is none. Raises OSError when that is not possible."""
    for part in ("tmp", "new", "cur"):
        (folder / part).mkdir(parents=True, exist_ok=True)


def stamp(folder: Path) -> tuple[int, int]:
    """Changes whenever files come to the folder or leave it (to the granularity of the file system)."""
    return folder.stat().st_mtime_ns, (folder / "new").stat().st_mtime_ns


def arrivals(folder: Path) -> list[Arrival]:
    """The files in the folder itself and in its `new`; no dot files, no folders, no links."""
    found: list[Arrival] = []
    for place in (folder, folder / "new"):
        with os.scandir(place) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                try:
                    info = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                if stat.S_ISREG(info.st_mode):
                    found.append(Arrival(Path(entry.path), info.st_size, info.st_mtime_ns, info.st_ctime_ns))
    return found


def unflagged(folder: Path) -> list[str]:
    """Our names in `cur` that carry no flag yet, oldest first: taken over, but perhaps never stored."""
    with os.scandir(folder / "cur") as entries:
        return sorted(entry.name for entry in entries if _OURS.fullmatch(entry.name))


def new_uid(nanoseconds: int) -> str:
    """A name that no other mail of the folder has; its first part tells the moment."""
    return f"{nanoseconds:019d}.{secrets.token_hex(8)}.madoguchi"


def moment(uid: str) -> int:
    """The nanoseconds since 1970 that a name of ours tells."""
    return int(uid.partition(".")[0])


def take(folder: Path, arrival: Arrival, uid: str) -> None:
    """Move a file to `cur` under its name of ours. Raises OSError when it is gone or cannot be moved."""
    os.rename(arrival.path, folder / "cur" / uid)


def settle(folder: Path) -> None:
    """Make the moves last: after a power cut a mail must not come back under its old name."""
    for place in (folder, folder / "new", folder / "cur"):
        _sync_folder(place)


def read(folder: Path, uid: str) -> bytes:
    """The bytes of a mail that was taken over. Raises OSError, also when somebody still writes it."""
    with open(folder / "cur" / uid, "rb") as file:
        before = os.fstat(file.fileno())
        content = file.read()
        after = os.fstat(file.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise OSError(errno.EBUSY, "somebody still writes the file")
    return content


def flag(folder: Path, uid: str) -> None:
    """Mark a mail as stored. A mail that is gone or flagged already is left alone. Raises OSError."""
    try:
        os.rename(folder / "cur" / uid, folder / "cur" / (uid + _SEEN))
    except FileNotFoundError:
        return


def forget(folder: Path, uid: str) -> bool:
    """Delete a mail that was taken over, flagged or not; False when it is gone. Raises OSError."""
    found = False
    for name in (uid, uid + _SEEN):
        path = folder / "cur" / name
        if path.is_file():
            path.unlink()
            found = True
    return found


def size(folder: Path, uid: str) -> int:
    """The bytes that a mail takes; 0 when it is gone."""
    try:
        return (folder / "cur" / uid).stat().st_size
    except OSError:
        return 0


def deliver(folder: Path, content: bytes) -> None:
    """Put a mail into the folder as Maildir programs do: written aside, synced, then moved in one step.

    Raises OSError when the folder cannot be written.
    """
    prepare(folder)
    now = time.time_ns()
    name = f"{now // 10**9}.M{now % 10**9 // 1000}P{os.getpid()}R{secrets.token_hex(6)}.local"
    aside = folder / "tmp" / name
    with open(aside, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    # On coarse clocks the move would bear the time of the writing, and the reader would wait for more.
    os.utime(aside, ns=(now, now - 50_000_000))
    os.rename(aside, folder / "new" / name)
    _sync_folder(folder / "new")


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
