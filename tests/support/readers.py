"""Readers of mail for tests of what happens with mails, not of how they are read."""

from collections.abc import Callable, Sequence

from bot.domain.message import Message


class ReadBy:
    """`bot.ports.Reader` that reads each mail by one function, which may raise."""

    def __init__(self, read: Callable[[bytes], Message]) -> None:
        self._read = read

    def read_all(self, contents: Sequence[bytes]) -> list[Message | Exception]:
        """What each mail says, or the error that the function raised."""
        return [self._one(content) for content in contents]

    def _one(self, content: bytes) -> Message | Exception:
        try:
            return self._read(content)
        except Exception as error:  # noqa: BLE001 - as a reader in a process of its own tells whatever went wrong
            return error
