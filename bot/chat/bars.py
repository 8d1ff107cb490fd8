"""Charts in letters, for platforms that draw no pictures: bars of blocks, each with its numbers as text."""

from collections.abc import Sequence

from bot.chat.card import Bar, Chart
from bot.chat.text import one_line, shorten

SHADES = "█▓▒░"
"""One for each part, from the heaviest to the lightest: they differ without colours."""
FILLER = "▁"
"""Behind a bar: a block, too, so that it is as wide as the others in fonts where a space is not."""
WIDTH = 12
"""Blocks of the longest bar: with its words it stays one line where the window is not too narrow."""
BARS = 15
LABEL_LENGTH = 24
NOTE_LENGTH = 40
PART_LENGTH = 24


def bar_lines(chart: Chart, limit: int) -> tuple[str, ...]:
    """The chart as lines of at most `limit` characters together, for a font whose letters are all as wide.

    The legend is first. Bars come before words, so that words of any width leave them in line. Bars that do not fit
    are counted: "… +5". Amounts below nothing are drawn as nothing.
    """
    parts = chart.parts[: len(SHADES)]
    names = (shorten(one_line(name), PART_LENGTH) for name, _ in parts)
    legend = "  ".join(f"{shade} {name}" for shade, name in zip(SHADES, names, strict=False))
    amounts = [[max(0, amount) for amount in bar.parts[: len(parts)]] for bar in chart.bars]
    most = max(map(sum, amounts), default=0)
    digits = len(f"{most:,}")
    drawn = [_line(bar, each, most, digits) for bar, each in zip(chart.bars[:BARS], amounts, strict=False)]
    room = limit - len(legend) - len(_more(len(chart.bars))) - 2
    kept = _fitting(drawn, room)
    left_out = len(chart.bars) - kept
    return (*((legend,) if legend else ()), *drawn[:kept], *((_more(left_out),) if left_out else ()))


def cells(amounts: Sequence[int], most: int) -> list[int]:
    """How many blocks each amount gets when `most` gets WIDTH: at least one for whatever there is, as long as it fits.

    The blocks of one bar are never more than WIDTH.
    """
    given = [max(1, round(amount * WIDTH / most)) if amount else 0 for amount in amounts]
    while sum(given) > WIDTH:
        given[given.index(max(given))] -= 1
    return given


def _line(bar: Bar, amounts: Sequence[int], most: int, digits: int) -> str:
    drawn = "".join(shade * count for shade, count in zip(SHADES, cells(amounts, most), strict=False))
    told = f"{drawn:{FILLER}<{WIDTH}} {sum(amounts):>{digits},} {shorten(one_line(bar.label), LABEL_LENGTH)}"
    if len(amounts) > 1 and any(amounts):
        told += "  " + " ".join(f"{shade}{one:,}" for shade, one in zip(SHADES, amounts, strict=False) if one)
    note = shorten(one_line(bar.note), NOTE_LENGTH)
    return f"{told}  {note}" if note else told.rstrip()


def _fitting(lines: Sequence[str], room: int) -> int:
    """How many of the first lines fit."""
    for count, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            return count
    return len(lines)


def _more(count: int) -> str:
    return f"… +{count}"
