"""A shop's mail, made up and always the same: Japanese and English, in many charsets, with replies and attachments."""

import base64
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.header import Header
from email.utils import format_datetime

BEGINNING = datetime(2026, 4, 1, tzinfo=UTC)
SEED = 20260401
SHOP = "support@example.com"
JAPANESE, MULTIPART, ATTACHED, REPLY = 0.55, 0.45, 0.08, 0.45
CHARSETS = (("iso-2022-jp", 35), ("utf-8", 50), ("shift_jis", 15))
"""How Japanese mails are written, with their shares."""

WORDS = {
    True: (
        *("荷物がまだ届きません。", "返品したいのですが、", "領収書をお願いします。", "サイズを間違えました。", "東京"),
        *(
            "お世話になっております。",
            "ご確認をお願いいたします。",
            "注文番号は次のとおりです。",
            "カートに入りません。",
        ),
    ),
    False: (
        *("Where is my parcel?", "I would like to return the shoes.", "Please send me an invoice.", "The box"),
        *("was damaged when it came.", "My order number is below.", "The size does not fit.", "Thanks in advance."),
    ),
}
NAMES = {True: ("伊藤花子", "佐藤健", "鈴木一郎", "高橋美咲", "田中翔"), False: ("Emma", "Ken", "Hana", "Li Wei")}


@dataclass(frozen=True, slots=True)
class Made:
    """One mail, and the moment at which it came."""

    content: bytes
    at: datetime


def mails(count: int) -> Iterator[Made]:
    """So many mails, 6 KB each in the mean, from a quarter as many customers; the same at each call."""
    dice = random.Random(SEED)
    threads: list[tuple[int, list[str]]] = []
    customers = max(1, count // 4)
    for number in range(count):
        at = BEGINNING + timedelta(minutes=5 * number)
        message_id = f"<{number}.{dice.getrandbits(64):x}@mail.example.com>"
        if threads and dice.random() < REPLY:
            customer, ids = dice.choice(threads[-200:])
        else:
            customer, ids = int(dice.random() ** 2 * customers), []
            threads.append((customer, ids))
        yield Made(_mail(dice, number, customer, message_id, ids, at), at)
        ids.append(message_id)


def _mail(dice: random.Random, number: int, customer: int, message_id: str, ids: list[str], at: datetime) -> bytes:
    is_japanese = random.Random(customer).random() < JAPANESE
    charset = dice.choices([one for one, _ in CHARSETS], [share for _, share in CHARSETS])[0]
    charset = charset if is_japanese else "utf-8"
    name = NAMES[is_japanese][customer % len(NAMES[is_japanese])]
    subject = ("Re: " if ids else "") + _words(dice, is_japanese, 2) + f" {number}"
    text = "\n".join(_words(dice, is_japanese, dice.randint(1, 4)) for _ in range(dice.randint(2, 8)))
    if ids:
        text += f"\n\nOn {at:%d %b %Y}, support wrote:\n" + "".join(
            f"> {_words(dice, is_japanese, 3)}\n" for _ in range(6)
        )
    kind, body = _body(dice, text, charset, number)
    head = [
        f"Return-Path: <customer{customer}@example.com>",
        *(_received(dice, hop, at) for hop in range(3)),
        _signature(dice),
        f"Date: {format_datetime(at)}",
        f"From: {_encoded(name, charset)} <customer{customer}@example.com>",
        f"To: Support <{SHOP}>",
        f"Subject: {_encoded(subject, charset)}",
        f"Message-ID: {message_id}",
        *([f"In-Reply-To: {ids[-1]}", "References: " + "\n ".join(ids[-8:])] if ids else []),
        "MIME-Version: 1.0",
        "X-Mailer: Example Mail 7.1",
        *kind,
    ]
    return "\n".join([*head, "", body]).replace("\n", "\r\n").encode("ascii")


def _body(dice: random.Random, text: str, charset: str, number: int) -> tuple[list[str], str]:
    """Content headers and what stands below them."""
    kind, body = _leaf("plain", text, charset)
    if dice.random() < MULTIPART:
        page = "<html><body>" + "".join(f"<p>{line}</p>\n" for line in text.splitlines()) + "</body></html>"
        leaves = [(kind, body), _leaf("html", page, charset)]
        kind, body = _multipart("alternative", leaves, f"alt-{number}")
    if dice.random() < ATTACHED:
        content = base64.encodebytes(dice.randbytes(int(5_000 + 115_000 * dice.random() ** 4))).decode().rstrip()
        file = [
            f'Content-Type: image/jpeg; name="photo{number}.jpg"',
            "Content-Transfer-Encoding: base64",
            f'Content-Disposition: attachment; filename="photo{number}.jpg"',
        ]
        kind, body = _multipart("mixed", [(kind, body), (file, content)], f"mix-{number}")
    return kind, body


def _leaf(subtype: str, text: str, charset: str) -> tuple[list[str], str]:
    content_type = f"Content-Type: text/{subtype}; charset={charset}"
    if charset == "iso-2022-jp":
        return [content_type, "Content-Transfer-Encoding: 7bit"], text.encode("iso-2022-jp").decode("ascii")
    encoded = base64.encodebytes(text.encode(charset)).decode("ascii").rstrip()
    return [content_type, "Content-Transfer-Encoding: base64"], encoded


def _multipart(subtype: str, leaves: list[tuple[list[str], str]], boundary: str) -> tuple[list[str], str]:
    parts = "".join(f"--{boundary}\n" + "\n".join(kind) + f"\n\n{body}\n" for kind, body in leaves)
    return [f'Content-Type: multipart/{subtype}; boundary="{boundary}"'], f"{parts}--{boundary}--\n"


def _received(dice: random.Random, hop: int, at: datetime) -> str:
    serial = f"{dice.getrandbits(48):012X}"
    return (
        f"Received: from mx{hop}.example.net (mx{hop}.example.net [192.0.2.{dice.randint(1, 254)}])\n"
        f"\tby mail{hop}.example.com (Postfix) with ESMTPS id {serial}\n\tfor <{SHOP}>; {format_datetime(at)}"
    )


def _signature(dice: random.Random) -> str:
    said = base64.b64encode(dice.randbytes(256)).decode()
    lines = "\n\t ".join(said[begin : begin + 70] for begin in range(0, len(said), 70))
    return (
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=mail;\n"
        f"\th=from:to:subject:date:message-id:mime-version; b={lines}"
    )


def _encoded(text: str, charset: str) -> str:
    return text if text.isascii() else Header(text, charset, maxlinelen=70).encode()


def _words(dice: random.Random, is_japanese: bool, count: int) -> str:
    return ("" if is_japanese else " ").join(dice.choices(WORDS[is_japanese], k=count))
