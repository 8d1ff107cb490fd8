"""The process that reads mail for the program: `python -m adapters.mail.reading_child`, mails in, answers out.

It may use 512 MB, has nothing to lose and ends with the program that began it.
"""

import logging
import os
import signal
import sys
from typing import BinaryIO

from adapters.mail.frames import LENGTH, OUT_OF_MEMORY, Answer, frame, packed, unpacked_rules
from adapters.mail.mime import read_mail
from adapters.mail.part import UnreadableMail
from adapters.mail.rules import Rules

MOST_MEMORY = 512 * 1024 * 1024
ORPHAN_SECONDS = 30
"""Nobody waits for an answer that long: who began this process is gone."""
READY = b"ready"


def main() -> None:
    """Answer the mails on standard input one by one, until it ends."""
    incoming = sys.stdin.buffer
    outgoing = os.fdopen(os.dup(1), "wb")
    # Nothing that a library prints may stand between the answers.
    os.dup2(2, 1)
    logging.disable()
    _limit()
    rules = unpacked_rules(_next(incoming) or b"{}")
    _say(outgoing, READY)
    while (content := _next(incoming)) is not None:
        _alarm(ORPHAN_SECONDS)
        _say(outgoing, packed(_answer(content, rules)))
        _alarm(0)


def _answer(content: bytes, rules: Rules) -> Answer:
    try:
        return read_mail(content, rules)
    except UnreadableMail as fault:
        return fault
    except RecursionError:
        return UnreadableMail("nested too deeply")
    except MemoryError:
        return UnreadableMail(OUT_OF_MEMORY)


def _next(incoming: BinaryIO) -> bytes | None:
    """The next frame, or None when the other side is gone."""
    head = incoming.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    length: int = LENGTH.unpack(head)[0]
    content = incoming.read(length)
    return content if len(content) == length else None


def _say(outgoing: BinaryIO, content: bytes) -> None:
    outgoing.write(frame(content))
    outgoing.flush()


def _limit() -> None:
    """Ask the system to hold us to our memory, where it can."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    except (ImportError, OSError, ValueError):
        # Windows has no such limits and macOS keeps only some of them; the time limit stays.
        return


def _alarm(seconds: int) -> None:
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)


if __name__ == "__main__":
    main()
