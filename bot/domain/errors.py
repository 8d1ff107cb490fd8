"""The two kinds of error: a rule's no, and a lost race. Everything else is a bug."""

from collections.abc import Mapping


class Refusal(Exception):
    """A rule said no. Told privately to the person who asked, in their language.

    `key` names the text in the catalogues, `details` fill it in. `number` is the inquiry to show as it is now.
    """

    def __init__(self, key: str, /, *, number: int | None = None, **details: object) -> None:
        super().__init__(key)
        self.key = key
        self.number = number
        self.details = details

    def with_details(self, details: Mapping[str, object]) -> "Refusal":
        """The same refusal, said with other details."""
        return Refusal(self.key, number=self.number, **details)


class Conflict(Exception):
    """Somebody else changed the inquiry since it was read: read it again and decide anew."""
