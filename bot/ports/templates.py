"""The templates in the store, with all their versions."""

from typing import Protocol


class Templates(Protocol):
    """The team's templates."""
