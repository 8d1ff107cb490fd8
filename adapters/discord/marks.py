"""What a message carries so that it can be known again: the mark of its key, in custom ids and in a container's id."""

from base64 import b32decode, b32encode
from hashlib import sha256

LENGTH = 8
"""Letters of a mark."""
_BETWEEN = "|"
_ID_BITS = 31
_LEAST_ID = 2000
"""Those below are for what stands inside a container: ids are unique in a message."""


def mark_of(key: str) -> str:
    """The mark of a send's key: eight letters and digits that say nothing else."""
    return b32encode(sha256(key.encode()).digest()).decode()[:LENGTH].lower()


def container_id(mark: str) -> int | None:
    """The mark as a component's id, which has 31 bits; None for no mark."""
    return max(_LEAST_ID, int.from_bytes(b32decode(mark.upper())) % (1 << _ID_BITS)) if mark else None


def custom_id(call: str, mark: str) -> str:
    """A call as a button, menu or modal carries it."""
    return f"{call}{_BETWEEN}{mark}"


def call_of(custom_id: str) -> str:
    """The call that a custom id carries; "" for a menu, whose chosen value is the call."""
    return custom_id.rpartition(_BETWEEN)[0]


def again(custom_id: str, times: int) -> str:
    """The custom id for the same call once more on the same card: custom ids are unique in a message."""
    call, _, mark = custom_id.rpartition(_BETWEEN)
    return f"{call}{_BETWEEN}{times}{mark}"


def is_marked(custom_id: str, mark: str) -> bool:
    """True for a custom id of a message with that mark."""
    return bool(mark) and custom_id.rpartition(_BETWEEN)[2].endswith(mark)
