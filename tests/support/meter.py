"""A meter that remembers what was counted."""

from collections import Counter


class Counts:
    """`bot.ports.Meter` for tests: `counted["name"]`, whatever the labels, and `labelled["name", "value"]`."""

    def __init__(self) -> None:
        self.counted: Counter[str] = Counter()
        self.labelled: Counter[tuple[str, ...]] = Counter()
        self.observed: Counter[str] = Counter()

    def count(self, name: str, amount: int = 1, **labels: str) -> None:
        """Remember that something happened."""
        self.counted[name] += amount
        self.labelled[(name, *labels.values())] += amount

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """Remember that something was measured; tests do not ask how long it took."""
        self.observed[name] += 1
