"""What the fake Discord says when it refuses: codes, statuses and words as the real one has them."""

from collections.abc import Iterable
from typing import Any

CODES: dict[int, tuple[int, str]] = {
    0: (401, "401: Unauthorized"),
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10013: (404, "Unknown User"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    20012: (403, "You are not authorized to perform this action on this application"),
    30034: (400, "Max number of daily application command creates has been reached (200)"),
    30046: (429, "Maximum number of edits to messages older than 1 hour reached. Try again later"),
    40060: (400, "Interaction has already been acknowledged."),
    50001: (403, "Missing Access"),
    50003: (403, "Cannot execute action on a DM channel"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50008: (400, "Cannot send messages in a non-text channel"),
    50013: (403, "Missing Permissions"),
    50024: (400, "Cannot execute action on this channel type"),
    50027: (401, "Invalid Webhook Token"),
    50033: (400, "Invalid Recipient(s)"),
    50035: (400, "Invalid Form Body"),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    50278: (403, "Cannot send messages to this user due to having no mutual guilds"),
    160004: (400, "A thread has already been created for this message"),
    160006: (400, "Maximum number of active threads reached"),
}
"""By code: the status and the message."""


class DiscordError(Exception):
    """A request that Discord refuses, by its code; `wrong` are the faults of a form: where, and in which words."""

    def __init__(self, code: int, wrong: Iterable[tuple[str, str]] = ()) -> None:
        self.code = code
        self.wrong = list(wrong)
        self.status, self.message = CODES.get(code, (400, f"Error {code}"))
        super().__init__(f"{code} {self.message} {self.wrong or ''}".strip())

    def told(self) -> dict[str, Any]:
        """Discord's error object."""
        told: dict[str, Any] = {"message": self.message, "code": self.code}
        if self.wrong:
            told["errors"] = _nested(self.wrong)
        return told


def refuse(wrong: Iterable[tuple[str, str]]) -> None:
    """Raise the error of a form if anything is wrong."""
    faults = list(wrong)
    if faults:
        raise DiscordError(50035, faults)


def _nested(wrong: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Faults by their places: {"embeds": {"0": {"title": {"_errors": [...]}}}}."""
    errors: dict[str, Any] = {}
    for place, words in wrong:
        at = errors
        for name in filter(None, place.split("/")):
            at = at.setdefault(name, {})
        at.setdefault("_errors", []).append({"code": "INVALID", "message": words})
    return errors
