"""Reading mail in a process of its own: answers in order, whatever becomes of the process."""

import base64
import os
import re
import resource
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.mail.forms import FormRule
from adapters.mail.frames import packed, packed_rules, unpacked, unpacked_rules
from adapters.mail.mime import UnreadableMail, read_mail
from adapters.mail.rules import Rules
from adapters.mail.safe_reader import ReadingStopped, SafeReader
from bot.domain.message import Attachment, Message
from bot.ports.mail import ReadingLost
from tests.adapters.japanese_mails import SAMPLES
from tests.support.needs import need

GOOD = b"From: Hana <hana@example.com>\r\nSubject: Order 1042\r\n\r\nWhere is it?"
MB = 1024 * 1024


@pytest.fixture(scope="module")
def reader() -> Iterator[SafeReader]:
    with SafeReader() as opened:
        yield opened


def numbered(number: int) -> bytes:
    return GOOD.replace(b"1042", str(number).encode())


def running(reader: SafeReader) -> int:
    """The id of the process, once it has read a mail."""
    reader(GOOD)
    assert reader.pid is not None
    return reader.pid


# --- answers ------------------------------------------------------------------------------------------------


def test_it_says_what_the_parser_says(reader: SafeReader) -> None:
    contents = [sample.content for sample in SAMPLES]
    assert reader.read_all(contents) == [read_mail(content) for content in contents]


def test_a_batch_is_answered_in_order_in_one_process(reader: SafeReader) -> None:
    pid = running(reader)
    batch = [numbered(n) + b"\r\nline" * (n % 7 * 1000) for n in range(500)]
    subjects = [one.subject for one in reader.read_all(batch) if isinstance(one, Message)]
    assert subjects == [f"Order {n}" for n in range(500)]
    assert reader.pid == pid


def test_no_mail_is_no_answer() -> None:
    reader = SafeReader()
    assert reader.read_all([]) == []
    assert reader.pid is None


def test_threads_share_it(reader: SafeReader) -> None:
    read: dict[int, str] = {}

    def work(first: int) -> None:
        for number in range(first, first + 20):
            read[number] = reader(numbered(number)).subject

    threads = [threading.Thread(target=work, args=(first,)) for first in (0, 20, 40, 60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read == {number: f"Order {number}" for number in range(80)}


def test_the_rules_reach_the_process() -> None:
    rules = Rules(("support@example.com",), "desk-1", (FormRule("form@example.com", name=("Who",)),))
    form = b"From: form@example.com\r\nSubject: form\r\n\r\nWho: Hana\nEmail: hana@example.com\n"
    ours = GOOD.replace(b"Subject", b"X-Madoguchi-Desk: desk-1\r\nSubject")
    with SafeReader(rules) as reader:
        customer, back = reader.read_all([form, ours])
    assert isinstance(customer, Message)
    assert (customer.from_name, customer.from_address) == ("Hana", "hana@example.com")
    assert isinstance(back, Message)
    assert back.is_auto


def test_nothing_is_lost_on_the_way() -> None:
    rules = Rules(("a@example.com", "b"), "desk", (FormRule("x@example.com", ("n", "m"), (), ("s",), ("b",)),))
    assert unpacked_rules(packed_rules(rules)) == rules
    message = Message(
        "件名\u2028", "a@b", "花", "text\n\ttab", "text", (Attachment("a.pdf", "application/pdf", 3),), "id",
        ("r", "s"), ("t@u",), ("c@u",), sent_at=datetime(2025, 1, 6, 1, tzinfo=UTC), is_auto=True, is_bounce=True,
    )  # fmt: skip
    assert unpacked(packed(message)) == message
    assert all(getattr(message, one.name) != one.default for one in fields(Message)), "a new field needs a value here"
    refused = unpacked(packed(UnreadableMail("too large")))
    assert isinstance(refused, UnreadableMail)
    assert refused.reason == "too large"


# --- trouble ------------------------------------------------------------------------------------------------


def test_a_refused_mail_is_told_with_its_reason_and_costs_no_process(reader: SafeReader) -> None:
    pid = running(reader)
    refused = b"A: " + b"b" * 70_000 + b"\r\n\r\nx"
    with pytest.raises(UnreadableMail, match="64 KB of headers"):
        reader(refused)
    answers = reader.read_all([b"x" * (25 * MB + 1), refused, GOOD])
    assert [str(one) for one in answers[:2]] == [
        f"larger than 25 MB ({25 * MB + 1} bytes)",
        "more than 64 KB of headers",
    ]
    assert isinstance(answers[2], Message)
    assert reader.pid == pid


def test_a_process_that_hangs_is_killed_and_the_next_mail_read() -> None:
    with SafeReader(seconds=0.3) as reader:
        pid = running(reader)
        os.kill(pid, signal.SIGSTOP)
        answers = reader.read_all([GOOD, GOOD])
        assert str(answers[0]) == "took longer than 0.3 seconds to read"
        assert isinstance(answers[1], Message)
        assert reader.pid not in (None, pid)
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_process_that_dies_over_a_mail_costs_that_mail_only() -> None:
    with SafeReader() as reader:
        pid = running(reader)
        os.kill(pid, signal.SIGSTOP)
        threading.Timer(0.2, os.kill, (pid, signal.SIGKILL)).start()
        answers = reader.read_all([GOOD, numbered(7)])
        assert str(answers[0]) == "the reader was ended by SIGKILL"
        assert isinstance(answers[1], Message)
        assert answers[1].subject == "Order 7"


def test_whoever_kills_it_each_answer_is_that_of_its_mail() -> None:
    batch = [numbered(n) + b"\r\nline" * 500 for n in range(2000)]
    is_done = threading.Event()
    with SafeReader() as reader:
        running(reader)

        def kill_again_and_again() -> None:
            while not is_done.wait(0.05):
                with suppress(ProcessLookupError):
                    if (pid := reader.pid) is not None:
                        os.kill(pid, signal.SIGKILL)

        killer = threading.Thread(target=kill_again_and_again)
        killer.start()
        try:
            answers = reader.read_all(batch)
        finally:
            is_done.set()
            killer.join()
    read = {n: one.subject for n, one in enumerate(answers) if isinstance(one, Message)}
    assert read == {n: f"Order {n}" for n in read}
    lost = [str(one) for one in answers if not isinstance(one, Message)]
    assert set(lost) == {"the reader was ended by SIGKILL"}
    assert len(lost) + len(read) == 2000
    assert len(lost) < 1000


def test_a_process_that_died_between_mails_costs_none() -> None:
    need("os.waitid", hasattr(os, "waitid"), "macOS has it from Python 3.13 on")
    with SafeReader() as reader:
        pid = running(reader)
        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert reader(GOOD).subject == "Order 1042"
        assert reader.pid not in (None, pid)


def test_too_much_memory_is_a_reason_and_alone_a_mail_has_all_of_it() -> None:
    need("memory limits", sys.platform == "linux", "only Linux keeps them")
    greedy = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + b"a " * (12 * MB) + "😀".encode()
    with SafeReader() as reader:
        limit = resource.prlimit(running(reader), resource.RLIMIT_AS)
        leave(running(reader), 40 * MB)
        lost, behind = reader.read_all([greedy, GOOD])
        assert (str(lost), limit) == ("needs more than 512 MB to be read", (512 * MB, 512 * MB))
        assert isinstance(behind, Message)
        assert isinstance(lost, ReadingLost)
        assert isinstance(lost.again(), Message)


def leave(pid: int, memory: int) -> None:
    """Let a process have so many bytes more than it has."""
    told = re.search(r"VmSize:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert told
    most = int(told[1]) * 1024 + memory
    resource.prlimit(pid, resource.RLIMIT_AS, (most, most))


def test_a_lost_mail_is_read_again_while_the_process_is_busy_with_others() -> None:
    with SafeReader() as reader:
        lost = read_until_killed(reader, numbered(7))
        assert isinstance(lost, ReadingLost)
        busy_one = running(reader)
        os.kill(busy_one, signal.SIGSTOP)
        busy = threading.Thread(target=reader.read_all, args=([GOOD],))
        busy.start()
        again = lost.again()
        assert busy.is_alive()
        assert isinstance(again, Message)
        assert again.subject == "Order 7"
        os.kill(busy_one, signal.SIGKILL)
        busy.join()


def read_until_killed(reader: SafeReader, content: bytes) -> Message | Exception:
    """The answer for a mail whose process is killed over it."""
    pid = running(reader)
    os.kill(pid, signal.SIGSTOP)
    threading.Timer(0.1, os.kill, (pid, signal.SIGKILL)).start()
    return reader.read_all([content])[0]


def test_a_mail_that_kills_its_reader_each_time_says_so_each_time() -> None:
    with SafeReader(seconds=0.001) as reader:
        answer: Message | Exception = reader.read_all([many_lines()])[0]
        for _ in range(3):
            assert isinstance(answer, ReadingLost)
            assert str(answer) == "took longer than 0.001 seconds to read"
            answer = answer.again()


def many_lines() -> bytes:
    """A mail that takes far more than a millisecond to be read."""
    return GOOD + b"\r\n> line" * 500_000


def test_what_can_never_be_read_is_not_to_be_tried_again(reader: SafeReader) -> None:
    (refused,) = reader.read_all([b"A: " + b"b" * 70_000 + b"\r\n\r\nx"])
    assert isinstance(refused, UnreadableMail)
    assert not isinstance(refused, ReadingLost)


def test_closing_ends_the_process_and_a_later_mail_starts_another() -> None:
    reader = SafeReader()
    pid = running(reader)
    reader.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert reader.pid is None
    with reader:
        assert reader(GOOD).text == "Where is it?"


def test_a_python_that_does_not_start_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json").mkdir()
    (tmp_path / "json" / "__init__.py").write_text("raise ImportError('no json today')", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    reader = SafeReader(Rules())
    # The package of the program itself stands first; what else is missing is told.
    with pytest.raises(ReadingStopped, match="no json today"):
        reader(GOOD)


def test_no_secret_reaches_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAP_PASSWORD", "swordfish")
    with SafeReader() as reader:
        told = Path(f"/proc/{running(reader)}/environ")
        need("/proc", told.exists(), "only Linux shows the environment of a process")
        assert b"swordfish" not in told.read_bytes()
        assert b"PYTHONPATH" in told.read_bytes()


# --- large mails --------------------------------------------------------------------------------------------


def test_a_mail_of_nearly_25_mb_is_read_with_its_attachments(reader: SafeReader) -> None:
    data = bytes(range(256)) * 36_500
    file = b"Content-Type: application/pdf; name=%b.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + (
        base64.encodebytes(data).replace(b"\n", b"\r\n")
    )
    text = "商品の写真です。".encode()
    content = b"From: hana@example.com\r\nContent-Type: multipart/mixed; boundary=sep\r\n\r\n"
    for part in (b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + text, file % b"a", file % b"b"):
        content += b"--sep\r\n" + part + b"\r\n"
    content += b"--sep--\r\n"
    assert 24 * MB < len(content) <= 25 * MB
    message = reader(content)
    assert message.text == "商品の写真です。"
    assert [(one.name, one.size) for one in message.attachments] == [("a.pdf", len(data)), ("b.pdf", len(data))]


def test_large_texts_and_enclosed_mails_are_read_as_if_they_were_small() -> None:
    lines = "".join(f"{n} 行目の文章です。\r\n" for n in range(60_000)).encode()
    head = b"From: hana@example.com\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    assert len(lines) > MB
    text = read_mail(head + lines).text
    assert text == lines.decode().replace("\r\n", "\n").strip()[: len(text)]
    assert len(text) > 700_000
    enclosed = (
        b"From: ken@example.com\r\nContent-Type: multipart/mixed; boundary=out\r\n\r\n"
        b"--out\r\n\r\nsee below\r\n--out\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n"
        + head
        + lines
        + b"\r\n--out--\r\n"
    )
    message = read_mail(enclosed)
    assert message.text == "see below"
    assert [one.name for one in message.attachments] == ["inner.eml"]
    assert abs(message.attachments[0].size - len(lines)) < 500
