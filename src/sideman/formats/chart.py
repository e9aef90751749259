"""A form as a text chart: four bars per line, with aligned columns.

The chart can be read as typed changes (:mod:`sideman.formats.typed`).
"""

from __future__ import annotations

from math import gcd

from sideman.formats.report import BARS_A_LINE
from sideman.formats.typed import spread
from sideman.score import Bar, Changes
from sideman.theory.meter import Meter


def chart(changes: Changes) -> str:
    """Return a form as lines of up to four bars, without a final line break.

    A section begins a line with its label, and a change of meter precedes its bar. A dot continues
    the chord for a beat, or for the whole bar if alone.

    Examples
    --------
    >>> from sideman.formats import typed
    >>> print(chart(typed.parse("[A] F7 | Bb7 . . Bdim7 | F7 | Cm7 F7 | [B] Bb7 | .").changes))
    [A] | F7  | Bb7 . . Bdim7 | F7 | Cm7 F7 |
    [B] | Bb7 | .             |
    """
    rows: list[tuple[str, list[str]]] = []
    meter = Meter()
    for bar in changes.bars:
        if bar.section is not None or not rows or len(rows[-1][1]) == BARS_A_LINE:
            rows.append((f"[{bar.section}]" if bar.section else "", []))
        mark = f"({bar.meter}) " if bar.meter != meter else ""
        rows[-1][1].append(mark + _cell(bar))
        meter = bar.meter
    lead = max((len(label) for label, _ in rows), default=0)
    widths = [
        max((len(cells[column]) for _, cells in rows if column < len(cells)), default=0)
        for column in range(BARS_A_LINE)
    ]
    lines = []
    for label, cells in rows:
        laid = (f" {cell.ljust(width)} |" for cell, width in zip(cells, widths, strict=False))
        lines.append(f"{label.ljust(lead)} |".lstrip(" " if not lead else "") + "".join(laid))
    return "\n".join(lines)


def _cell(bar: Bar) -> str:
    """Write a bar: the chords only if they are evenly spread, else on a grid with dots."""
    ticks = bar.meter.ticks_per_bar
    onsets = tuple(change.onset for change in bar.chords)
    if onsets and len(onsets) <= bar.meter.beats and onsets == spread(len(onsets), bar.meter):
        return " ".join(change.chord.symbol for change in bar.chords)
    if not onsets:
        return "."
    step = gcd(ticks, bar.meter.ticks_per_beat, *onsets)
    words = ["."] * (ticks // step)
    for change in bar.chords:
        words[change.onset // step] = change.chord.symbol
    return " ".join(words)
