"""Mails fetched in bulk; one that the server cannot give out holds up no other."""

import imaplib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from adapters.mail.imap.errors import server_words
from adapters.mail.imap.wire import Client

BATCH_MAILS = 100
BATCH_BYTES = 8 * 1024 * 1024
SIZES_AT_ONCE = 500
LARGEST_MAIL = 64 * 1024 * 1024
"""Of a larger mail only the first HEAD bytes are taken; all of it stays on the server."""
HEAD = 1024 * 1024

Answer = Mapping[bytes, Any]


@dataclass(slots=True)
class Fetched:
    """Mails by UID: bytes and the server's time; `gone` were deleted meanwhile, `refused` the server does not give."""

    mails: dict[int, tuple[bytes, datetime | None]] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    refused: dict[int, str] = field(default_factory=dict)


def sizes(client: Client, uids: Sequence[int]) -> dict[int, int]:
    """How large the mails are in bytes, as far as they are there; 0 where the server does not say."""
    answer = client.fetch(uids, ["RFC822.SIZE"])
    return {uid: int(said.get(b"RFC822.SIZE") or 0) for uid, said in answer.items()}


def cut_to_batch(waiting: Sequence[tuple[int, int]]) -> int:
    """How many of the (UID, size) pairs make one batch: at least one, within both limits."""
    room = BATCH_BYTES
    for count, (_, size) in enumerate(waiting[:BATCH_MAILS]):
        room -= min(size, LARGEST_MAIL)
        if room < 0 and count:
            return count
    return min(len(waiting), BATCH_MAILS)


def bodies(client: Client, wanted: Sequence[tuple[int, int]]) -> Fetched:
    """The mails of these UIDs and sizes, all at once; when that fails, one by one. Raises what a lost line raises."""
    fetched = Fetched()
    whole = [uid for uid, size in wanted if size <= LARGEST_MAIL]
    empty = {uid for uid, size in wanted if not size}
    try:
        _sort(client.fetch(whole, ["INTERNALDATE", "BODY.PEEK[]"]), fetched, empty)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, ValueError, LookupError):
        for uid in whole:
            _alone(client, uid, "BODY.PEEK[]", fetched, empty)
    for uid in (uid for uid, size in wanted if size > LARGEST_MAIL):
        _alone(client, uid, f"BODY.PEEK[]<0.{HEAD}>", fetched, empty)
    missing = [uid for uid, _ in wanted if uid not in fetched.mails and uid not in fetched.refused]
    if missing:
        there = set(client.search(["UID", *(",".join(map(str, missing)),)]))
        fetched.gone.update(set(missing) - there)
        fetched.refused.update(dict.fromkeys(there, "the server gives nothing out"))
    return fetched


def _alone(client: Client, uid: int, what: str, fetched: Fetched, empty: Collection[int]) -> None:
    """One mail, without the server's time, which may be what the answer could not be read for."""
    try:
        _sort(client.fetch([uid], [what]), fetched, empty)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, ValueError, LookupError) as fault:
        fetched.refused[uid] = server_words(fault, ())


def _sort(answer: Mapping[int, Answer], fetched: Fetched, empty: Collection[int]) -> None:
    """Take what has a body; a server that gives none for a mail that is not `empty` may do so later."""
    for uid, said in answer.items():
        content = next((value for key, value in said.items() if key.startswith(b"BODY[]")), None)
        if content or (content is not None and uid in empty):
            at = said.get(b"INTERNALDATE")
            fetched.mails[uid] = (content, at if isinstance(at, datetime) and at.tzinfo else None)
