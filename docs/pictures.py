"""Draw the picture of the README: a chorus as a piano roll, coloured by what each tone is.

python docs/pictures.py
"""

from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.random import default_rng

from sideman import charts, improviser, models
from sideman.chord import Chord
from sideman.files import writing_whole
from sideman.score import Solo

COLOURS = {"chord tone": "#1f4e79", "scale tone": "#5b9bd5", "outside": "#d1495b"}


def kind(chord: Chord | None, pitch: int) -> str:
    """Say what a pitch is to a chord."""
    if chord is not None and pitch % 12 in chord.tones:
        return "chord tone"
    return "scale tone" if chord is not None and pitch % 12 in chord.scale else "outside"


def draw(solo: Solo, path: Path) -> None:
    """Draw a solo of one chorus, two rows of bars."""
    changes = solo.changes
    assert changes is not None
    figure = Figure(figsize=(11, 4.6), layout="constrained")
    FigureCanvasAgg(figure)
    half = len(changes.bars) // 2
    low, high = min(n.pitch for n in solo.notes), max(n.pitch for n in solo.notes)
    for row, axes in enumerate(figure.subplots(2, 1)):
        start, end = changes.bar_starts[row * half], changes.bar_starts[(row + 1) * half]
        for note in solo.notes:
            if start <= note.onset < end:
                colour = COLOURS[kind(changes.chord_at(note.onset), note.pitch)]
                axes.barh(note.pitch, note.duration - 1, 0.9, note.onset, color=colour)
        for bar in changes.bar_starts:
            axes.axvline(bar, color="#cccccc", linewidth=0.8, zorder=0)
        for span in changes.spans:
            if start <= span.onset < end:
                axes.text(span.onset + 2, high + 2.2, span.chord.symbol, fontsize=10)
        axes.set(xlim=(start, end), ylim=(low - 2, high + 5), xticks=[], ylabel="pitch")
        axes.set_yticks(range(60 if low > 55 else 48, high + 1, 12))
        axes.spines[["top", "right"]].set_visible(False)
    figure.legend(
        handles=[Patch(color=colour, label=name) for name, colour in COLOURS.items()],
        loc="outside upper right", ncols=3, frameon=False, fontsize=9,
    )  # fmt: skip
    with writing_whole(path) as temporary:
        figure.savefig(temporary, dpi=110, metadata={"Software": None})


if __name__ == "__main__":
    _, sheet = charts.find("happy-birthday")
    take = improviser.improvise(sheet, model=models.load("course"), rng=default_rng(7), choruses=1)
    draw(take.solo, Path(__file__).with_name("solo.png"))
