"""Reports on the content of a file, as text and as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Report:
    """A report on a file.

    Parameters
    ----------
    text : str
        The text, without a final line break.
    data : mapping
        The same content as JSON values.
    """

    text: str
    data: Mapping[str, object]


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
