"""Mutated mails through the reader: `python -m tests.fuzz --count 100000`; a seed and a number tell each mail."""

# ruff: noqa: E501, T201 - a table; a command line

import argparse
import secrets
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random

from adapters.mail.part import UnreadableMail
from adapters.mail.safe_reader import SafeReader
from bot.domain.message import Message
from tests.adapters.japanese_mails import SAMPLES
from tests.support.corpus import CORPUS, corpus_files

LARGEST_SEED = 100_000
BATCH = 100
GOOD = b"From: Hana <hana@example.com>\r\nSubject: Order 1042\r\n\r\nWhere is it?"
SPICE = [
    b"\x00", b"\xff", b"\r", b"\n", b"\n\n", b"\r\n\r\n", b"\x1b$B", b"\x1b(I", b"=?utf-8?B?", b"=?iso-2022-jp?Q?", b"?=", b'"',
    b"(", b"<", b">", b";", b":", b"@", b"--", b"*0*=", b"boundary=", b"charset=utf-7", b"charset=\xe3", b"charset=idna",
    b"+2AA-", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"Content-Transfer-Encoding: uuencode\n", b"base64", b"quoted-printable",
    b"format=flowed", b"multipart/mixed", b"multipart/alternative", b"message/rfc822", b"message/delivery-status",
    b"text/calendar", b"text/html", b"application/ms-tnef", b"From: ", b"Subject: ", b"Auto-Submitted: ", b"9" * 40, b"<table>",
    b"<div>", b"&#x110000;", b"> ", b"\xe2\x80\xae", b"../../", b"=\n", b"%00", b"\\",
]  # fmt: skip
FORBIDDEN = {*map(chr, range(9)), *map(chr, range(0x0B, 0x20)), "\x7f"}


def seed_mails() -> list[bytes]:
    """The hand-made mails, and those of the corpus where it is present."""
    found = [sample.content for sample in SAMPLES]
    if (CORPUS / "ORACLE.jsonl").is_file():
        paths = corpus_files()
        found.extend(path.read_bytes() for path in paths if path.stat().st_size <= LARGEST_SEED)
    return found


def mutated(mails: Sequence[bytes], seed: int, number: int) -> bytes:
    """The mutated mail of that number: always the same for the same seed and mails."""
    random = Random(f"{seed} {number}")
    content = random.choice(mails)
    for _ in range(random.choice((1, 1, 2, 3, 5, 8, 20))):
        content = _changed(random, content, mails)
    return content


def _changed(random: Random, content: bytes, mails: Sequence[bytes]) -> bytes:
    # Half of the changes hit the header, which is the smaller and the more fragile part.
    end = content.find(b"\n\r\n") if random.random() < 0.5 else len(content)
    at = random.randint(0, max(0, end))
    length = random.choice((0, 1, 2, 4, 16, 64, 500))
    piece = content[at : at + length]
    match random.randrange(9):
        case 0:
            return content[:at] + random.choice(SPICE) + content[at + length :]
        case 1:
            return content[:at] + random.choice(SPICE) * random.choice((1, 2, 50, 2000)) + content[at:]
        case 2:
            return content[:at] + content[at + length :]
        case 3:
            return content[:at] + piece * random.choice((2, 3, 100)) + content[at:]
        case 4:
            return content[:at] + random.randbytes(length) + content[at + length :]
        case 5:
            return (
                content[:at] + bytes((content[at] ^ 1 << random.randrange(8),)) + content[at + 1 :]
                if piece
                else content
            )
        case 6:
            return content[:at]
        case 7:
            other = random.choice(mails)
            return content[:at] + other[random.randint(0, len(other)) :]
    lines = content.splitlines(keepends=True)
    random.shuffle(lines)
    return b"".join(lines) if random.random() < 0.1 else content[:at] + b"".join(lines[:3]) + content[at:]


def complaint(answer: Message | Exception) -> str:
    """What is wrong with an answer: neither a message nor a reason, or text that must not be shown; "" when fine."""
    if isinstance(answer, UnreadableMail):
        return "" if answer.reason else "no reason"
    if not isinstance(answer, Message):
        return f"neither message nor reason: {answer!r}"
    lines = [answer.subject, answer.from_address, answer.from_name, answer.message_id, *answer.to, *answer.references]
    for file in answer.attachments:
        if not file.name or "/" in file.name or "\\" in file.name or file.name in (".", ".."):
            return f"file name {file.name!r}"
        lines += [file.name, file.content_type]
    for text in (answer.text, answer.reply_text, *lines):
        if not FORBIDDEN.isdisjoint(text) or (not text.isprintable() and any(map(_is_surrogate, text))):
            return f"unsafe text {text[:80]!r}"
    unsafe = [line for line in lines if "\n" in line or "\u202e" in line]
    return f"unsafe line {unsafe[0][:80]!r}" if unsafe else ""


def _is_surrogate(sign: str) -> bool:
    return unicodedata.category(sign) == "Cs"


def fuzz(reader: SafeReader, seed: int, count: int) -> Iterator[tuple[int, Message | Exception, str]]:
    """Number, answer and complaint for each mail; a good mail is read behind every batch."""
    mails = seed_mails()
    for numbers in batches(range(count)):
        answers = reader.read_all([*(mutated(mails, seed, number) for number in numbers), GOOD])
        last = answers.pop()
        is_read = isinstance(last, Message) and last.text == "Where is it?"
        for number, answer in zip(numbers, answers, strict=True):
            yield number, answer, complaint(answer) or ("" if is_read else "the good mail behind it is not read")


def batches(numbers: range) -> Iterator[range]:
    for start in range(0, len(numbers), BATCH):
        yield numbers[start : start + BATCH]


def main() -> int:
    """Read the asked number of mutated mails and say what was found; 1 when anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="how many mails (100000)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32), help="the seed of an earlier run")
    parser.add_argument("--show", type=int, metavar="NUMBER", help="write that mail of the seed to standard output")
    asked = parser.parse_args()
    if asked.show is not None:
        sys.stdout.buffer.write(mutated(seed_mails(), asked.seed, asked.show))
        return 0
    print(f"seed {asked.seed}", flush=True)
    began = time.monotonic()
    reasons: Counter[str] = Counter()
    wrong = 0
    with SafeReader() as reader:
        for number, answer, found in fuzz(reader, asked.seed, asked.count):
            reasons["read" if isinstance(answer, Message) else str(answer)] += 1
            if found:
                wrong += 1
                print(f"mail {number} (--seed {asked.seed} --show {number}): {found}", flush=True)
    for reason, times in reasons.most_common(20):
        print(f"{times:8} {reason}")
    print(f"{asked.count} mails in {time.monotonic() - began:.0f} s, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
