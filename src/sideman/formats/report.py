"""Reports on the content of a file, as text and as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

BARS_A_LINE = 4
"""Bars per line of a chart as text."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report on a file.

    Parameters
    ----------
    text : str
        The text, without a final line break.
    data : mapping
        The same content as JSON values.
    brief : str
        The most important of it in one line; the first line of the text where empty.
    """

    text: str
    data: Mapping[str, object]
    brief: str = ""


def chart_lines(bars: Sequence[str], first: int, width: int) -> list[str]:
    """Return bars as lines of four, each with the number of its first bar."""
    return [
        f"{first + start:6}  | "
        + " | ".join(bar.ljust(width) for bar in bars[start : start + BARS_A_LINE])
        + " |"
        for start in range(0, len(bars), BARS_A_LINE)
    ]


def melody_lines(measures: Sequence[Mapping[str, Any]], pitch: str) -> list[str]:
    """Return a line of notes for each measure; `pitch` is the key of a note's pitch."""
    return [
        f"{measure['bar']:6}  "
        + "  ".join(f"{n['beat']:g}:{n[pitch]} {n['quarters']:g}" for n in measure["notes"])
        for measure in measures
    ]


def table(heads: Sequence[str], rows: Sequence[Sequence[object]], right: str = "") -> list[str]:
    """Return the lines of a table with aligned columns.

    Parameters
    ----------
    heads : sequence of str
        One per column.
    rows : sequence of sequence
        The cells.
    right : str
        One character per column: ``r`` for a right-aligned column.

    Examples
    --------
    >>> table(["part", "notes"], [["Guitar", 1330], ["Kick", 7]], "lr")
    ['part    notes', 'Guitar   1330', 'Kick        7']
    """
    lines = [[str(cell) for cell in line] for line in (heads, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    sides = right.ljust(len(heads))
    return [
        "  ".join(
            cell.rjust(width) if side == "r" else cell.ljust(width)
            for cell, width, side in zip(line, widths, sides, strict=True)
        ).rstrip()
        for line in lines
    ]
