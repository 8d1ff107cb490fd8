"""Fake chats in processes of their own, seen from outside."""

import json
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from urllib.request import Request, urlopen

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Shown:
    """A card that stands in a channel, by the platform's names of both."""

    channel: str
    message: str
    title: str


class ServedChat(ABC):
    """A fake chat that serves on `port`; `kind` is the platform's name, `module` what serves.

    `there` are channels that it has from the beginning.
    """

    kind: ClassVar[str]
    module: ClassVar[str]
    there: ClassVar[tuple[str, ...]] = ()

    def __init__(self, port: int) -> None:
        self.port = port

    def set_faults(self, faults: Any) -> None:
        """Switch faults: a dataclass of the module's own."""
        self.ask("faults", asdict(faults))

    def messages(self) -> list[dict[str, Any]]:
        """All that was ever posted, in order."""
        kept: list[dict[str, Any]] = self.ask("messages")["messages"]
        return kept

    @abstractmethod
    def cards(self) -> list[Shown]:
        """What stands in the channels."""

    def ask(self, path: str, body: object = None) -> Any:
        """What it answers to a GET, or to a POST of `body`."""
        headers = {"Content-Type": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        with urlopen(Request(f"http://127.0.0.1:{self.port}/{path}", content, headers), timeout=30) as answer:
            return json.load(answer)


class ChatProcess(ServedChat):
    """Our own plain chat."""

    kind = "fake"
    module = "tests.fakes.chat"

    def cards(self) -> list[Shown]:
        return [Shown(one["channel"], str(one["id"]), one["card"]["title"]) for one in self.messages()]


Chat = TypeVar("Chat", bound=ServedChat)


@contextmanager
def running(kind: type[Chat]) -> Iterator[Chat]:
    """A chat of this kind without faults, until the end of the block."""
    command = [sys.executable, "-m", kind.module]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            assert process.stdout
            port = next(int(line.split()[1]) for line in process.stdout if line.startswith("port "))
            yield kind(port)
        finally:
            process.kill()
