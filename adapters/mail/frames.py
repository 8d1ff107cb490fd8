"""What the program and the process that reads mail for it say to each other: frames of bytes on a pipe.

Answers are JSON and not pickle: whoever takes over the reading process must not take over the program.
"""

import dataclasses
import json
import struct
from datetime import datetime
from typing import Any

from adapters.mail.forms import FormRule
from adapters.mail.part import UnreadableMail
from adapters.mail.rules import Rules
from bot.domain.message import Attachment, Message

LENGTH = struct.Struct(">I")
"""Before each frame: how many bytes it has."""

OUT_OF_MEMORY = "needs more than 512 MB to be read"

Answer = Message | UnreadableMail


def frame(content: bytes) -> bytes:
    """The content with its length before it."""
    return LENGTH.pack(len(content)) + content


def packed_rules(rules: Rules) -> bytes:
    """The rules as the first frame that a reading process gets."""
    return json.dumps(dataclasses.asdict(rules)).encode()


def unpacked_rules(content: bytes) -> Rules:
    """The rules that such a frame holds."""
    told = json.loads(content)
    forms = tuple(FormRule(**{name: _tuples(value) for name, value in one.items()}) for one in told["forms"])
    return Rules(tuple(told["own_lists"]), told["desk"], forms)


def packed(answer: Answer) -> bytes:
    """An answer as bytes."""
    if isinstance(answer, UnreadableMail):
        told: dict[str, Any] = {"unreadable": answer.reason}
    else:
        told = {name: getattr(answer, name) for name in _FIELDS}
        told["attachments"] = [(one.name, one.content_type, one.size) for one in answer.attachments]
        told["sent_at"] = answer.sent_at.isoformat() if answer.sent_at else None
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def unpacked(content: bytes) -> Answer:
    """The answer that the bytes hold. Raises ValueError, KeyError or TypeError for anything else."""
    told = json.loads(content)
    if "unreadable" in told:
        return UnreadableMail(str(told["unreadable"]))
    values = {name: _tuples(told[name]) for name in _FIELDS}
    values["attachments"] = tuple(Attachment(*one) for one in told["attachments"])
    values["sent_at"] = datetime.fromisoformat(told["sent_at"]) if told["sent_at"] else None
    return Message(**values)


_FIELDS = tuple(one.name for one in dataclasses.fields(Message))


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
