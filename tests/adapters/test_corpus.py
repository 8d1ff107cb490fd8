"""The parser over the corpus of public test mails: no crash, and scores that must not fall."""

import json
import re
import unicodedata
from collections import Counter
from functools import cache

import pytest

from adapters.mail.mime import UnreadableMail, read_mail
from bot.domain.message import Message
from tests.support.corpus import CORPUS, need_corpus

BOMBS = {"mail/flanker/messages/long-header.eml"}
# In percent, a little below what the parser reaches.
FLOORS = {
    "subject": 99.7,
    "from_address": 99.7,
    "from_name": 99.0,
    "body": 99.2,
    "attachments": 96.0,
    "is_bounce": 99.2,
    "is_auto": 99.5,
    "reply_text": 91.0,
}


@pytest.fixture(autouse=True)
def _corpus() -> None:
    need_corpus()


def squash(text: object) -> str:
    """Layout does not count: NFKC and no white space."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(text)))


@cache
def corpus_mails() -> dict[str, Message | str]:
    """What the parser reads in each mail of the corpus, or why it refuses it."""
    found: dict[str, Message | str] = {}
    for path in sorted((CORPUS / "mail").rglob("*")):
        if path.is_file():
            try:
                found[path.relative_to(CORPUS).as_posix()] = read_mail(path.read_bytes())
            except UnreadableMail as fault:
                found[path.relative_to(CORPUS).as_posix()] = fault.reason
    return found


def verdicts(wanted: dict[str, object], message: Message) -> dict[str, bool]:
    """Field by field whether the message is what the corpus expects; fields without expectation are left out."""
    found: dict[str, bool] = {}
    if "expected_subject" in wanted:
        found["subject"] = squash(wanted["expected_subject"]) == squash(message.subject)
    if "expected_from" in wanted:
        expected = squash(wanted["expected_from"]).lower()
        found["from_address"] = expected == squash(message.from_address).lower()
    if "expected_from_name" in wanted:
        found["from_name"] = squash(wanted["expected_from_name"]) == squash(message.from_name)
    if isinstance(lines := wanted.get("expected_body_contains"), list):
        text = squash(message.text)
        found["body"] = all(squash(line) in text for line in lines)
    if "expected_reply_text" in wanted:
        found["reply_text"] = squash(wanted["expected_reply_text"]) == squash(message.reply_text)
    if isinstance(names := wanted.get("expected_attachments"), list):
        missing = Counter(map(squash, names)) - Counter(squash(one.name) for one in message.attachments)
        found["attachments"] = not missing
    if wanted.get("is_bounce") is not None:
        found["is_bounce"] = wanted["is_bounce"] == message.is_bounce
    if wanted.get("is_auto_reply") is not None:
        found["is_auto"] = wanted["is_auto_reply"] == message.is_auto
    return found


@cache
def scores() -> dict[str, float]:
    """Percent of the expectations met, by field."""
    tally: dict[str, list[bool]] = {field: [] for field in FLOORS}
    mails = corpus_mails()
    for line in (CORPUS / "ORACLE.jsonl").read_text(encoding="utf-8").splitlines():
        wanted = json.loads(line)
        message = mails[wanted["path"]]
        if isinstance(message, Message):
            for field, is_right in verdicts(wanted, message).items():
                tally[field].append(is_right)
    return {field: 100 * sum(rights) / max(1, len(rights)) for field, rights in tally.items()}


def test_every_mail_is_read_but_the_bombs() -> None:
    refused = {path for path, message in corpus_mails().items() if isinstance(message, str)}
    assert refused == BOMBS & corpus_mails().keys()
    assert len(corpus_mails()) > 1000


@pytest.mark.parametrize(("field", "floor"), FLOORS.items())
def test_scores_do_not_fall(field: str, floor: float) -> None:
    assert scores()[field] >= floor
