"""The fake chat in a process of its own, seen from outside."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from tests.fakes.chat import Faults

ROOT = Path(__file__).parents[2]


class ChatProcess:
    """A fake chat that serves on `port`."""

    def __init__(self, port: int) -> None:
        self.port = port

    def set_faults(self, faults: Faults) -> None:
        """Switch faults."""
        self._ask("faults", json.dumps(asdict(faults)).encode())

    def messages(self) -> list[dict[str, Any]]:
        """All that was ever posted, in order."""
        kept: list[dict[str, Any]] = self._ask("messages")["messages"]
        return kept

    def _ask(self, path: str, body: bytes | None = None) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        with urlopen(Request(f"http://127.0.0.1:{self.port}/{path}", body, headers), timeout=30) as answer:
            told: dict[str, Any] = json.load(answer)
            return told


@contextmanager
def running_chat() -> Iterator[ChatProcess]:
    """A fake chat without faults, until the end of the block."""
    command = [sys.executable, "-m", "tests.fakes.chat"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            assert process.stdout
            port = next(int(line.split()[1]) for line in process.stdout if line.startswith("port "))
            yield ChatProcess(port)
        finally:
            process.kill()
