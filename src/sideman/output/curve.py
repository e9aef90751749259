"""The curve of surprise over a tune, as a picture."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from io import BytesIO

_INK, _LINE = "#222222", "#c8c8c8"
_UNHEARD, _DEDUCED = "#6bb7e8", "#0f4c81"
_EVERY_BAR = 16  # the most bars of which each has its number
_INCHES_A_BAR, _LEAST_INCHES, _MOST_INCHES, _HEIGHT = 0.3, 6.0, 60.0, 3.6
_METADATA = {
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


KINDS = tuple(_METADATA)
"""The formats of a picture."""


@dataclass(frozen=True, slots=True)
class Point:
    """A change: its place in bars from 0, its bits, and a label, which may be empty."""

    place: float
    unheard: float
    deduced: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """The changes of a tune; `sections` are the first bars, from 0, and letters of sections."""

    title: str
    points: tuple[Point, ...]
    bars: int
    sections: tuple[tuple[int, str], ...] = ()


def draw(curve: Curve, kind: str = "svg") -> bytes:
    """Return the curve as SVG, PNG or PDF; the same curve gives the same bytes."""
    # Imported here: it takes a second.
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    width = min(max(_LEAST_INCHES, curve.bars * _INCHES_A_BAR), _MOST_INCHES)
    with rc_context({"svg.hashsalt": "sideman", "font.family": "DejaVu Sans", "font.size": 8}):
        figure = Figure(figsize=(width, _HEIGHT), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots()
        places = [*(each.place for each in curve.points), float(curve.bars)]
        for values, colour, name in (
            ([each.unheard for each in curve.points], _UNHEARD, "unheard"),
            ([each.deduced for each in curve.points], _DEDUCED, "deduced"),
        ):
            axes.stairs(values, places, fill=True, color=colour, label=name)
        highest = max(max(each.unheard for each in curve.points), 1.0)
        for each in curve.points:
            if each.label:
                axes.annotate(
                    each.label.replace("$", r"\$"),
                    (each.place, each.unheard),
                    (0, 3),
                    textcoords="offset points",
                    rotation=30,
                    fontsize=6,
                    color=_INK,
                )
        for bar, letter in curve.sections:
            axes.axvline(bar, color=_LINE, lw=0.8, zorder=0)
            axes.text(bar, highest * 1.5, letter.replace("$", r"\$"), fontsize=9, color=_INK)
        axes.set_xlim(0, curve.bars)
        axes.set_ylim(0, highest * 1.6)
        step = 1 if curve.bars <= _EVERY_BAR else 4 if curve.bars <= 128 else 16
        axes.set_xticks(
            range(0, curve.bars, step), [f"{bar + 1}" for bar in range(0, curve.bars, step)]
        )
        axes.set_xlabel("bar")
        axes.set_ylabel("bits a change")
        axes.set_title(curve.title.replace("$", r"\$"), loc="left", color=_INK)
        axes.legend(loc="upper right", frameon=False, ncols=2)
        for side in ("right", "top"):
            axes.spines[side].set_visible(False)
        stream = BytesIO()
        with warnings.catch_warnings():
            # A title may have letters that the font has not; they are drawn as boxes.
            warnings.filterwarnings("ignore", message="Glyph .* missing from font")
            figure.savefig(stream, format=kind, dpi=110, metadata=_METADATA[kind])
    return stream.getvalue()
