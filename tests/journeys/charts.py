"""Reads charts back, drawn in letters or as JSON, into the same lines: "Support: Overdue 3, Due today 4 (12)"."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.chat.bars import FILLER, SHADES, WIDTH

_AMOUNT = re.compile(rf"([{SHADES}])([\d,]+)")
_PARTS = re.compile(rf"  ((?:[{SHADES}][\d,]+ ?)+)(?=  |$)")
_BAR = re.compile(rf"[{SHADES}{FILLER}]{{{WIDTH}}} +([\d,]+)(?: (.*))?")


def told_in_letters(title: str, lines: Sequence[str]) -> tuple[str, ...]:
    """The title, and what each bar says. What was left out stands last, as it is told."""
    legend, *rest = lines
    names = {one[0]: one[2:] for one in legend.split("  ")}
    return (title, *(_told(line, names) for line in rest))


def told_in_json(chart: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The same from what the workspace's page is given."""
    if not chart:
        return ()
    names = [part["label"] for part in chart["parts"]]
    return (
        chart["title"],
        *(
            _line(one["label"], dict(zip(names, one["parts"], strict=True)), sum(one["parts"]), one["note"])
            for one in chart["bars"]
        ),
    )


def _told(line: str, names: Mapping[str, str]) -> str:
    found = _BAR.fullmatch(line)
    if found is None:
        return line
    total, words = int(found[1].replace(",", "")), found[2] or ""
    parts = {names[SHADES[0]]: total}
    label, note = words, ""
    if several := _PARTS.search(words):
        parts = {names[shade]: int(amount.replace(",", "")) for shade, amount in _AMOUNT.findall(several[1])}
        label, note = words[: several.start()], words[several.end() :]
    else:
        label, _, note = words.partition("  ")
    return _line(label, parts, total, note.strip())


def _line(label: str, parts: Mapping[str, int], total: int, note: str) -> str:
    told = ", ".join(f"{name} {amount:,}" for name, amount in parts.items() if amount)
    return f"{label}: {told or '–'} ({total:,})" + (f" {note}" if note else "")
