"""What a reader has to say about a file: for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of a reader.

    Parameters
    ----------
    text : str
        For people, without a final line break.
    data : mapping
        The same for programs: strings, numbers, lists and mappings that JSON can hold.
    """

    text: str
    data: Mapping[str, object]


def table(heads: Sequence[str], rows: Sequence[Sequence[object]], right: str = "") -> list[str]:
    """Lay out columns as wide as their widest cell.

    Parameters
    ----------
    heads : sequence of str
        One a column.
    rows : sequence of sequence
        The cells.
    right : str
        The columns set to the right: an ``r`` for each of them, anything else for the others.

    Returns
    -------
    list of str
        The heads, then a line a row.

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
