"""How the figures are printed: a small table of medians, each with its ratio to a floor and the goal."""

from collections.abc import Sequence
from dataclasses import dataclass

HEAD = ("", "median", "spread", "ratio", "goal")


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: `values` are the rounds' results in `unit`; `ratio` and `goal` are told as they are given."""

    name: str
    values: Sequence[float]
    unit: str
    ratio: str = ""
    goal: str = ""

    def cells(self) -> tuple[str, ...]:
        """The line as the table's columns."""
        spread = f"{plain(min(self.values))} - {plain(max(self.values))}" if len(self.values) > 1 else ""
        return (self.name, f"{plain(median(self.values))} {self.unit}", spread, self.ratio, self.goal)


def median(values: Sequence[float]) -> float:
    """The value in the middle, the upper one of two."""
    return sorted(values)[len(values) // 2]


def percentile(values: Sequence[float], share: float) -> float:
    """The value that so many of all (0 to 1) do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def ratio(values: Sequence[float], floor: Sequence[float]) -> float:
    """The median of the ratios round by round: what slows down a whole round cancels out."""
    return median([one / bare for one, bare in zip(values, floor, strict=True)])


def plain(value: float) -> str:
    """Three digits that matter, without an exponent."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def show(title: str, figures: Sequence[Figure], remarks: Sequence[str] = ()) -> None:
    """Print one table."""
    lines = [HEAD, *(figure.cells() for figure in figures)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    print(f"\n{title}")
    for line in lines:
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        print("  " + "   ".join(cells).rstrip())
    for remark in remarks:
        print(f"  {remark}")
