"""One reading process as its owner sees it: started, given mails, heard, and killed."""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from adapters.mail.frames import LENGTH, Answer, frame, packed_rules, unpacked
from adapters.mail.rules import Rules

STARTING_SECONDS = 60.0
_LARGEST_ANSWER = 64 * 1024 * 1024
_ROOT = Path(__file__).parents[2]
_KEPT = ("LANG", "LC_ALL", "LC_CTYPE", "TZ", "SYSTEMROOT")
"""All of our environment that the process may know; tokens and passwords stand in the rest."""


class ProcessLost(Exception):
    """The process died or took too long over the mail that it was at."""


class ReadingProcess:
    """A running process. Raises ProcessLost, with what it said, when it does not come up."""

    def __init__(self, rules: Rules) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-W", "ignore", "-m", "adapters.mail.reading_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=_environment(),
            # A Ctrl-C at the terminal is for the program, which then ends this process in order.
            start_new_session=True,
        )
        assert self._process.stdin
        assert self._process.stdout
        assert self._process.stderr
        self._to = self._process.stdin.fileno()
        self._from = self._process.stdout.fileno()
        self._errors = self._process.stderr.fileno()
        for end in (self._to, self._from, self._errors):
            os.set_blocking(end, False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._from, selectors.EVENT_READ)
        self._heard = bytearray()
        try:
            next(self._exchange(iter([packed_rules(rules)]), STARTING_SECONDS))
        except ProcessLost:
            self.kill()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def answers(self, contents: Sequence[bytes], seconds: float) -> Iterator[Answer]:
        """The answers to mails, in order; the process reads on while the caller looks at one.

        Raises ProcessLost at the mail for which none comes within `seconds`; then kill it.
        """
        exchange = self._exchange(iter(contents), seconds)
        for _ in contents:
            try:
                yield unpacked(next(exchange))
            except (ValueError, KeyError, TypeError) as fault:
                raise ProcessLost(f"the reader answers nonsense: {fault!r}"[:200]) from fault

    def kill(self) -> None:
        """End it at once, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        self._selector.close()
        for end in (self._process.stdin, self._process.stdout, self._process.stderr):
            if end:
                end.close()

    def _exchange(self, contents: Iterator[bytes], seconds: float) -> Iterator[bytes]:
        """Write the contents as far as the pipe takes them, and yield each answer as it comes."""
        unsent = _next_frame(contents)
        if unsent:
            self._selector.register(self._to, selectors.EVENT_WRITE)
        deadline = time.monotonic() + seconds
        while True:
            events = self._selector.select(max(0.0, deadline - time.monotonic()))
            if not events:
                raise ProcessLost(f"took longer than {seconds:g} seconds to read")
            for key, _ in events:
                if key.fd == self._to:
                    try:
                        unsent = self._sent(unsent) or _next_frame(contents)
                    except BrokenPipeError:
                        # What it answered before it died is still to be read, and tells at which mail it did.
                        unsent = memoryview(b"")
                    if not unsent:
                        self._selector.unregister(self._to)
                else:
                    self._hear()
            while (answer := self._answer()) is not None:
                yield answer
                deadline = time.monotonic() + seconds

    def _sent(self, unsent: memoryview) -> memoryview:
        """What the pipe did not take yet."""
        try:
            return unsent[os.write(self._to, unsent) :]
        except BlockingIOError:
            return unsent

    def _hear(self) -> None:
        said = os.read(self._from, 1 << 18)
        if not said:
            raise ProcessLost(self._last_words())
        self._heard += said

    def _answer(self) -> bytes | None:
        """The next whole answer, if one has come."""
        if len(self._heard) < LENGTH.size:
            return None
        end = LENGTH.size + LENGTH.unpack_from(self._heard)[0]
        if end > _LARGEST_ANSWER:
            raise ProcessLost("the reader answers without end")
        if len(self._heard) < end:
            return None
        answer = bytes(self._heard[LENGTH.size : end])
        del self._heard[:end]
        return answer

    def _last_words(self) -> str:
        """Why it died: by which signal, or with which error."""
        try:
            code = self._process.wait(1)
        except subprocess.TimeoutExpired:
            return "the reader closed its pipe"
        try:
            said = os.read(self._errors, 1 << 16).decode("utf-8", "replace").strip()
        except BlockingIOError:
            said = ""
        if code < 0:
            return f"the reader was ended by {signal.Signals(-code).name}"
        return f"the reader failed: {said.rpartition(chr(10))[2] or code}"[:200]


def _next_frame(contents: Iterator[bytes]) -> memoryview:
    for content in contents:
        return memoryview(frame(content))
    return memoryview(b"")


def _environment() -> dict[str, str]:
    """No more than Python and its modules need to be found."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    places = dict.fromkeys([str(_ROOT), *(place for place in sys.path if place)])
    return {**kept, "PYTHONPATH": os.pathsep.join(places), "PYTHONUTF8": "1"}
