"""Reading mail in a process of its own, which may fail, hang or be killed without harm to the program."""

from collections.abc import Callable, Sequence
from functools import partial
from threading import Lock
from types import TracebackType
from typing import Self

from adapters.mail.frames import OUT_OF_MEMORY, Answer
from adapters.mail.part import LARGEST_MAIL, UnreadableMail
from adapters.mail.reading_process import ProcessLost, ReadingProcess
from adapters.mail.rules import NO_RULES, Rules
from bot.domain.message import Message
from bot.ports import ReaderDown
from bot.ports.mail import ReadingLost

READING_SECONDS = 10.0
_STARTS = 3


class ReadingStopped(ReaderDown):
    """No reading process can be started: nothing can be said about any mail. Says why."""


class LostMail(UnreadableMail, ReadingLost):
    """A mail that its process did not survive, or took too much time or memory for."""

    def __init__(self, reason: str, again: Callable[[], Answer]) -> None:
        super().__init__(reason)
        self.again = again


class SafeReader:
    """A Reader for worker threads; takes at most 10 s and 512 MB for a mail. Close it, or use it in a `with`.

    The process starts with the first mail, and anew after each mail that ends it: that one is a LostMail.
    """

    def __init__(self, rules: Rules = NO_RULES, seconds: float = READING_SECONDS) -> None:
        self._rules = rules
        self._seconds = seconds
        self._lock = Lock()
        self._process: ReadingProcess | None = None

    def __call__(self, content: bytes) -> Message:
        """What one mail says. Raises UnreadableMail with the reason, or ReadingStopped."""
        answer = self.read_all([content])[0]
        if isinstance(answer, UnreadableMail):
            raise answer
        return answer

    def read_all(self, contents: Sequence[bytes]) -> list[Answer]:
        """What each mail says, or why it cannot be read; faster than one by one. Raises ReadingStopped."""
        answers: dict[int, Answer] = {}
        for number, content in enumerate(contents):
            if len(content) > LARGEST_MAIL:
                answers[number] = too_large(content)
        fitting = [number for number in range(len(contents)) if number not in answers]
        with self._lock:
            while fitting:
                read = self._read([contents[number] for number in fitting])
                answers.update(zip(fitting, read, strict=False))
                fitting = fitting[len(read) :]
        return [answers[number] for number in range(len(contents))]

    @property
    def pid(self) -> int | None:
        """The id of the process, for operators; None while there is none."""
        process = self._process
        return process.pid if process else None

    def close(self) -> None:
        """End the process, if there is one; the next mail would start another."""
        with self._lock:
            self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read(self, contents: Sequence[bytes]) -> list[Answer]:
        """The answers up to and with the first mail that the process did not survive."""
        answers: list[Answer] = []
        process = self._running()
        is_done = False
        try:
            for answer in process.answers(contents, self._seconds):
                if isinstance(answer, UnreadableMail) and answer.reason == OUT_OF_MEMORY:
                    # What mails leave behind in that memory must not cost the next one, and may have cost this one.
                    raise ProcessLost(OUT_OF_MEMORY)
                answers.append(answer)
            is_done = True
        except ProcessLost as loss:
            answers.append(LostMail(str(loss), partial(self._read_alone, contents[len(answers)])))
        finally:
            # Also when interrupted: an answer nobody waited for would be taken for that of the next mail.
            if not is_done:
                self._end()
        return answers

    def _read_alone(self, content: bytes) -> Answer:
        """What a mail says to a process that has read no other, while ours reads on."""
        with SafeReader(self._rules, self._seconds) as fresh:
            return fresh.read_all([content])[0]

    def _running(self) -> ReadingProcess:
        if self._process is not None and not self._process.is_alive:
            self._end()
        for attempt in range(1, _STARTS + 1):
            if self._process is not None:
                break
            try:
                self._process = ReadingProcess(self._rules)
            except (ProcessLost, OSError) as fault:
                if attempt == _STARTS:
                    raise ReadingStopped(f"the process that reads mail does not start: {fault}") from fault
        assert self._process is not None
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process = None


def too_large(content: bytes) -> UnreadableMail:
    """Why a mail beyond the limit is not read at all."""
    return UnreadableMail(f"larger than 25 MB ({len(content)} bytes)")
