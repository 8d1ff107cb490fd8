"""What the store holds about a person, and how it is taken away."""

from typing import Protocol


class Erasures(Protocol):
    """A person's data, to hand over and to erase."""
