"""The piano roll of a solo, each note coloured by its relation to the chord.

Time runs from left to right, each chorus on one row or more; bars are numbered, chords and
sections are printed above.  The colours are distinguishable in every common form of colour
blindness.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from sideman.errors import FormatError, MusicError
from sideman.files import write_whole
from sideman.output.printed import printed
from sideman.score import Bar, Changes, LeadSheet, Note, Solo
from sideman.score.relations import KINDS, kinds
from sideman.theory.meter import Meter

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SUFFIXES = (".png", ".svg")
MOST_BARS = 800
"""The longest music that is drawn: about fifty rows."""

COLOURS = dict(zip(KINDS, ("#0f4c81", "#6bb7e8", "#f0a202", "#b3204d", "#8a8a8a"), strict=True))
"""The relations of a note to its chord, with their colours."""

_MOST_BARS_A_ROW = 16
_WIDTH_INCHES = 13.0
_LEFT_INCHES, _ROW_INCHES = 0.45, 12.45
_TOP_INCHES, _GAP_INCHES, _BOTTOM_INCHES = 0.4, 0.15, 0.35
_INCHES_A_PITCH = 0.072
_CHORD_ROOM = 6.0
_DOTS_AN_INCH = 110
_POINTS = 9.0
_SMALLEST_POINTS = 5.0
_INK, _LINE, _STRIPE = "#222222", "#c8c8c8", "#f3f3f3"
_BLACK_KEYS = (1, 3, 6, 8, 10)


def draw(music: Solo | LeadSheet, kind: str = "png") -> bytes:
    """Return a piano roll as PNG or SVG; the same music gives the same bytes.

    Raise MusicError if there are no notes, or more than 800 bars, and FormatError for another
    `kind`.
    """
    if f".{kind}" not in SUFFIXES:
        raise FormatError(f"{kind[:40]!r} is no kind of piano roll; choose png or svg.")
    roll = _roll(music)
    # Imported here: it takes a second.
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    row_inches = max(1.0, (roll.high - roll.low + 3 + _CHORD_ROOM) * _INCHES_A_PITCH)
    height = _TOP_INCHES + len(roll.rows) * (row_inches + _GAP_INCHES) + _BOTTOM_INCHES
    with rc_context({"svg.hashsalt": "sideman", "font.family": "DejaVu Sans"}):
        figure = Figure(figsize=(_WIDTH_INCHES, height))
        FigureCanvasAgg(figure)
        for number, row in enumerate(roll.rows):
            bottom = height - _TOP_INCHES - number * (row_inches + _GAP_INCHES) - row_inches
            axes = figure.add_axes(
                (
                    _LEFT_INCHES / _WIDTH_INCHES,
                    bottom / height,
                    _ROW_INCHES / _WIDTH_INCHES,
                    row_inches / height,
                )
            )
            _draw_row(axes, roll, row)
        figure.text(
            0.01, 1 - 0.08 / height, roll.title, ha="left", va="top", fontsize=13, color=_INK
        )
        shown = [name for name in COLOURS if name in roll.kinds]
        figure.legend(
            handles=[Patch(color=COLOURS[name], label=name) for name in shown],
            loc="lower center",
            ncols=len(shown),
            frameon=False,
            fontsize=_POINTS,
        )
        stream = BytesIO()
        unsigned = {"Software": None} if kind == "png" else {"Date": None, "Creator": None}
        figure.savefig(stream, format=kind, dpi=_DOTS_AN_INCH, metadata=unsigned)
    return stream.getvalue()


def write(path: str | os.PathLike[str], music: Solo | LeadSheet) -> Path:
    """Write a piano roll as ``.png`` or ``.svg``; raise as :func:`draw`, or a FileError."""
    write_whole(path, dumps(music, str(path)))
    return Path(path)


def dumps(music: Solo | LeadSheet, name: str) -> bytes:
    """Return a piano roll in the format that a file's name ends in: see :func:`draw`."""
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise FormatError(
            f"{name}: a piano roll is not drawn in that format; let the name end in "
            f"{' or '.join(SUFFIXES)}."
        )
    return draw(music, suffix[1:])


@dataclass(frozen=True, slots=True)
class _Row:
    """The bars of a row, from `first` up to `last`, and its label."""

    first: int
    last: int
    label: str


@dataclass(frozen=True, slots=True)
class _Roll:
    """The contents of a piano roll."""

    title: str
    notes: tuple[Note, ...]
    kinds: tuple[str, ...]
    changes: Changes
    rows: tuple[_Row, ...]

    @property
    def low(self) -> int:
        return min(note.pitch for note in self.notes)

    @property
    def high(self) -> int:
        return max(note.pitch for note in self.notes)


def _roll(music: Solo | LeadSheet) -> _Roll:
    notes = music.notes if isinstance(music, Solo) else music.melody
    if not notes:
        raise MusicError(f"{music.title or 'The music'}: has no notes to draw; give a solo.")
    end = max(note.end for note in notes)
    bars = -(-end // Meter().ticks_per_bar)
    given = music.changes
    changes = given if given is not None and given.bars else Changes((Bar(),) * max(1, bars))
    if max(bars, len(changes.bars)) > MOST_BARS:
        raise MusicError(
            f"{music.title or 'The music'}: is longer than the {MOST_BARS} bars that are drawn; "
            "give fewer choruses."
        )
    held = tuple(
        note
        for note in sorted(notes, key=lambda note: (note.onset, note.pitch))
        if -changes.meter.ticks_per_bar < note.onset < changes.length
    )
    if not held:
        raise MusicError(f"{music.title or 'The music'}: no note lies within its bars.")
    starts = (music.chorus_bars if isinstance(music, Solo) else ()) or (0,)
    return _Roll(music.title, held, kinds(held, changes), changes, _rows(changes, starts))


def _rows(changes: Changes, starts: Sequence[int]) -> tuple[_Row, ...]:
    """Return a row for each chorus, or several of at most sixteen bars that end with sections."""
    count = len(changes.bars)
    bounds = [*(start for start in starts if start < count), count]
    rows = []
    for number, (start, end) in enumerate(pairwise(bounds), 1):
        label = f"Chorus {number}" if len(bounds) > 2 else ""
        for first, last in _row_bounds(changes, start, end):
            rows.append(_Row(first, last, label if first == start else ""))
    return tuple(rows)


def _row_bounds(changes: Changes, start: int, end: int) -> list[tuple[int, int]]:
    sections = [bar for bar in range(start + 1, end) if changes.bars[bar].section is not None]
    rows: list[tuple[int, int]] = []
    for first, last in pairwise([start, *sections, end]):
        if rows and last - rows[-1][0] <= _MOST_BARS_A_ROW:
            rows[-1] = rows[-1][0], last
            continue
        length = last - first
        width = -(-length // -(-length // _MOST_BARS_A_ROW))
        rows += [(bar, min(bar + width, last)) for bar in range(first, last, width)]
    return rows


def _draw_row(axes: Axes, roll: _Roll, row: _Row) -> None:
    starts = roll.changes.bar_starts
    widest = max(starts[one.last] - starts[one.first] for one in roll.rows)
    upbeat = max(0, -roll.notes[0].onset)
    first = starts[row.first] - (upbeat if row.first == 0 else 0)
    last = starts[row.last]
    top = roll.high + 1.5
    axes.set(
        xlim=(starts[row.first] - upbeat, starts[row.first] + widest),
        ylim=(roll.low - 1.5, top + _CHORD_ROOM),
        xticks=[],
    )
    octaves = range(-(-(roll.low - 1) // 12) * 12, roll.high + 2, 12)
    axes.set_yticks(octaves, [f"C{pitch // 12 - 1}" for pitch in octaves], fontsize=7)
    axes.tick_params(length=0, colors=_INK)
    axes.spines[:].set_visible(False)
    if row.label:
        axes.set_ylabel(row.label, fontsize=_POINTS, color=_INK)
    stripes = [p for p in range(roll.low - 1, roll.high + 2) if p % 12 in _BLACK_KEYS]
    _boxes(axes, [(first, last, pitch) for pitch in stripes], 1.0, _STRIPE, 0)
    for bar in range(row.first, row.last + 1):
        heavy = bar < row.last and roll.changes.bars[bar].section is not None
        colour, width = (_INK, 1.2) if heavy else (_LINE, 0.8)
        axes.vlines(starts[bar], roll.low - 1.5, top, color=colour, linewidth=width, zorder=1)
        if bar < row.last:
            axes.text(starts[bar] + 1, roll.low - 1.4, str(bar + 1), fontsize=6, color="#777777")
            section = roll.changes.bars[bar].section
            if section:
                axes.text(
                    starts[bar] + 1, top + 3.4, section, fontsize=_POINTS, fontweight="bold",
                    color=_INK,
                )  # fmt: skip
    for name, colour in COLOURS.items():
        boxes = [
            # One tick of space separates a note from the next.
            (max(note.onset, first), max(min(note.end, last) - 1, note.onset + 0.5), note.pitch)
            for note, kind in zip(roll.notes, roll.kinds, strict=True)
            if kind == name and note.onset < last and note.end > first
        ]
        _boxes(axes, boxes, 0.9, colour, 2)
    _draw_chords(axes, roll.changes, first, last, widest, top)


def _boxes(
    axes: Axes,
    boxes: Sequence[tuple[float, float, int]],
    height: float,
    colour: str,
    layer: int,
) -> None:
    """Draw boxes from tick to tick, centred on pitches."""
    from matplotlib.collections import PolyCollection

    half = height / 2
    corners = [
        [(start, p - half), (end, p - half), (end, p + half), (start, p + half)]
        for start, end, p in boxes
    ]
    axes.add_collection(
        PolyCollection(corners, facecolors=colour, linewidths=0, zorder=layer), autolim=False
    )


def _draw_chords(
    axes: Axes, changes: Changes, first: int, last: int, widest: int, top: float
) -> None:
    """Print the chords above a row, smaller where they are close together."""
    spans = [span for span in changes.spans if first <= span.onset < last]
    points_a_tick = _ROW_INCHES * 72 / widest
    for index, span in enumerate(spans):
        symbol = printed(span.chord.symbol)
        end = spans[index + 1].onset if index + 1 < len(spans) else last
        room = (end - span.onset) * points_a_tick
        size = max(_SMALLEST_POINTS, min(_POINTS, room / (0.68 * len(symbol) + 0.4)))
        axes.text(span.onset + 1, top + 0.6, symbol, fontsize=size, color=_INK)
