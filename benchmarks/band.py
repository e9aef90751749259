"""Measure whether the band builds with the soloist's plan.

python benchmarks/band.py [--takes N] [--out docs]

For some takes of three choruses, without heads, the band's level (the sum of the squared amplitudes
of its notes, in decibels) and density (notes a bar) by four bars are printed beside the plan of the
solo, with their correlations and the number of patterns of the drums.  The plan is the sum of its
three qualities over their standard deviations, and its loudness alone.  --out draws band.png.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sideman.band.arranging import Plan
from sideman.files import writing_whole
from sideman.models import planning
from sideman.score import Arrangement
from sideman.service import playing
from sideman.service.requests import PlayRequest, Tune

TAKES = (
    *(("happy-birthday", 1), ("blues-f", 2), ("ballad-eb", 3)),
    *(("rhythm-changes-bb", 4), ("bossa-d", 5), ("jazz-waltz-f", 6)),
    *(("blues-f", 7), ("happy-birthday", 8), ("rhythm-changes-bb", 9), ("ballad-eb", 10)),
    *(("bossa-d", 11), ("jazz-waltz-f", 12)),
)
GROUP = 4  # bars
Floats = NDArray[np.float64]


class Built(NamedTuple):
    """A take by four bars: the plan and its loudness, the level and density of the band."""

    name: str
    plan: Floats
    loudness: Floats
    level: Floats
    density: Floats
    patterns: int


def measured(tune: str, seed: int) -> Built:
    """Play a take and measure it."""
    plans: list[tuple[planning.Stretch, ...]] = []
    drawn = planning.draw

    def recorded(*arguments: Any) -> tuple[planning.Stretch, ...]:
        plans.append(drawn(*arguments))
        return plans[-1]

    planning.draw = recorded
    try:
        request = PlayRequest(
            changes=Tune(name=tune),
            seed=seed,
            choruses=3,
            arrangement=Plan(head=False, ending=False),
        )
        piece = playing.play(request).arrangement
    finally:
        planning.draw = drawn
    starts = piece.changes.bar_starts
    tops = sorted({*piece.changes.chorus_starts, len(starts) - 1})
    edges = [
        (starts[first], starts[min(first + GROUP, end)], min(GROUP, end - first))
        for top, end in pairwise(tops)
        for first in range(top, end, GROUP)
    ]
    spans = [[each for each in plans[-1] if each.onset <= start][-1] for start, _, _ in edges]
    table = np.array([[each.density, each.register, each.loudness] for each in spans])
    level, density = band(piece, edges)
    return Built(
        f"{tune}, seed {seed}",
        (table / table.std(axis=0)).sum(axis=1),
        table[:, 2],
        level,
        density,
        len(patterns(piece)),
    )


def band(piece: Arrangement, edges: Sequence[tuple[int, int, int]]) -> tuple[Floats, Floats]:
    """Return the band's level and density from tick to tick, over some bars each."""
    notes = [note for part in piece.parts[1:] for note in part.notes]
    level, density = [], []
    for start, end, bars in edges:
        inside = [note for note in notes if start <= note.onset < end]
        energy = sum((note.velocity / 127) ** 4 for note in inside) / bars
        level.append(10 * np.log10(energy))
        density.append(len(inside) / bars)
    return np.array(level), np.array(density)


def patterns(piece: Arrangement) -> set[tuple[tuple[int, int], ...]]:
    """Return what the drums play in a bar: ticks and keys."""
    starts = piece.changes.bar_starts
    found = set()
    for start, end in pairwise(starts):
        inside = [note for note in piece.parts[-1].notes if start <= note.onset < end]
        found.add(tuple((note.onset - start, note.pitch) for note in inside))
    return found


def drawing(takes: Sequence[Built]) -> Any:
    """Return a figure of the takes: plan, level and density by four bars."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 1.9 * ((len(takes) + 1) // 2)), layout="constrained")
    for axes, take in zip(figure.subplots((len(takes) + 1) // 2, 2).ravel(), takes, strict=False):
        along = np.arange(len(take.level))
        for values, label, colour in (
            (take.plan, "plan of the solo", "#222222"),
            (take.level, "level of the band", "#0f4c81"),
            (take.density, "notes a bar of the band", "#6bb7e8"),
        ):
            scaled = (values - values.mean()) / (values.std() or 1.0)
            axes.step(along, scaled, where="mid", label=label, color=colour)
        axes.set_title(f"{take.name}: level {np.ptp(take.level):.1f} dB", fontsize=9)
        axes.set_yticks([])
        axes.tick_params(labelsize=8)
    figure.axes[0].legend(fontsize=7, frameon=False)
    figure.supxlabel("four bars; each curve over its standard deviation", fontsize=8)
    return figure


def main() -> None:
    """Print a table, and draw the first six takes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--takes", type=int, default=6, help=f"at most {len(TAKES)}")
    parser.add_argument("--out", type=Path, help="where band.png goes")
    options = parser.parse_args()
    takes = [measured(*each) for each in TAKES[: options.takes]]
    print("| take | r level, plan | level, loudness | density, plan | dB | notes a bar | bars |")
    print("|---|---|---|---|---|---|---|")
    for take in takes:
        rows = [
            np.corrcoef(one, other)[0, 1]
            for one, other in (
                (take.level, take.plan),
                (take.level, take.loudness),
                (take.density, take.plan),
            )
        ]
        print(
            f"| {take.name} | {' | '.join(f'{r:.2f}' for r in rows)} | {np.ptp(take.level):.1f} | "
            f"{take.density.min():.0f}–{take.density.max():.0f} | {take.patterns} |"
        )
    centred = [
        np.concatenate([getattr(take, field) - getattr(take, field).mean() for take in takes])
        for field in ("level", "plan", "loudness", "density")
    ]
    level, plan, loudness, density = centred
    print(
        f"all, each less its mean: r level, plan {np.corrcoef(level, plan)[0, 1]:.2f}; level, "
        f"loudness {np.corrcoef(level, loudness)[0, 1]:.2f}; density, plan "
        f"{np.corrcoef(density, plan)[0, 1]:.2f}"
    )
    if options.out:
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        figure = drawing(takes[:6])
        with writing_whole(options.out / "band.png") as temporary:
            FigureCanvasAgg(figure).print_png(str(temporary), metadata={"Software": None})


if __name__ == "__main__":
    main()
