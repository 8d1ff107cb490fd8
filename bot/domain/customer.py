"""Customers: the people who write to us."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who wrote to us, known by a mail address."""

    id: int
    name: str
    address: str

    @property
    def label(self) -> str:
        """How cards call them: the name with the address, or the one that is known."""
        if self.name and self.address and self.name != self.address:
            return f"{self.name} <{self.address}>"
        return self.name or self.address
