"""Reading a mail: ours, against the standard library's structured parser, and a bare one that reads less."""

from collections.abc import Callable
from email import message_from_bytes, policy
from time import perf_counter

from adapters.mail.mime import read_mail
from benchmarks.bare_backlog import parse
from benchmarks.mailgen import mails
from benchmarks.table import Figure, ratio, show

MAILS = 1_000
ROUNDS = 5
FASTER = 4

FIELDS = (
    *("From", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References"),
    *("Auto-Submitted", "Precedence", "List-Id", "Return-Path"),
)
"""The headers that fill a Message, or tell whether a machine wrote it."""

Read = Callable[[bytes], object]


def main() -> None:
    """Read the same mails in turns and print a table."""
    contents = [made.content for made in mails(MAILS)]
    readers: dict[str, Read] = {"ours": read_mail, "default": _structured, "bare": lambda content: parse(0, content)}
    taken: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(ROUNDS + 1):
        for name, read in readers.items():
            begun = perf_counter()
            for content in contents:
                read(content)
            taken[name].append(1000 * (perf_counter() - begun) / MAILS)
    ours, default, bare = (taken[name][1:] for name in ("ours", "default", "bare"))  # the first round warms up
    faster = f"ours is {ratio(default, ours):.1f} times as fast"
    show(
        "Reading a mail",
        [
            Figure("ours, every field, quotes trimmed", ours, "ms/mail"),
            Figure("email.policy.default, the same fields", default, "ms/mail", faster, f"at least {FASTER}"),
            Figure("compat32, five fields", bare, "ms/mail", f"ours takes {ratio(ours, bare):.2f} times"),
        ],
    )


def _structured(content: bytes) -> tuple[dict[str, str], str, list[tuple[str, str, int]]]:
    """The fields that ours fills, by the library's own means; nothing is trimmed, recognised or made safe."""
    message = message_from_bytes(content, policy=policy.default)
    told = {name: str(message[name] or "") for name in FIELDS}
    body = message.get_body(("plain", "html"))
    text = body.get_content() if body else ""
    files = [
        (part.get_filename() or "", part.get_content_type(), len(part.get_payload(decode=True) or b""))
        for part in message.iter_attachments()
    ]
    return told, text, files


if __name__ == "__main__":
    main()
