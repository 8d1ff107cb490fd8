"""Mutated mails and bombs through the safe reader: none stops it, and the good mail behind each is read."""

import os
import secrets
from collections import Counter
from collections.abc import Iterator

import pytest

from adapters.mail.part import UnreadableMail
from adapters.mail.safe_reader import SafeReader
from bot.domain.message import Message
from tests.adapters.bombs import BOMBS
from tests.fuzz import GOOD, complaint, fuzz

COUNT = 5_000


@pytest.fixture(scope="module")
def reader() -> Iterator[SafeReader]:
    with SafeReader() as opened:
        yield opened


def test_mutated_mails_are_read_or_refused_with_a_reason(reader: SafeReader) -> None:
    seed = int(os.environ.get("FUZZ_SEED") or secrets.randbelow(2**32))
    print(f"FUZZ_SEED={seed}")  # noqa: T201 - shown when the test fails
    became: Counter[type] = Counter()
    wrong = []
    for number, answer, found in fuzz(reader, seed, COUNT):
        became[type(answer)] += 1
        if found:
            wrong.append(f"python -m tests.fuzz --seed {seed} --show {number}: {found}")
    assert wrong == []
    assert became[Message] > COUNT * 0.9
    assert sum(became.values()) == COUNT


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_harms_nobody(reader: SafeReader, name: str) -> None:
    bomb, behind = reader.read_all([BOMBS[name](), GOOD])
    assert complaint(bomb) == ""
    assert isinstance(behind, Message)
    assert (behind.from_address, behind.text) == ("hana@example.com", "Where is it?")


def test_complaints_are_made() -> None:
    fine = Message("Hi", "hana@example.com", "Hana", "text\n", "text")
    assert complaint(fine) == ""
    assert complaint(Message("a\nb", "", "", "", ""))
    assert complaint(Message("", "", "", "\x00", ""))
    assert complaint(Message("", "", "", "", "\ud800"))
    assert complaint(KeyError("x"))
    assert complaint(UnreadableMail(""))
