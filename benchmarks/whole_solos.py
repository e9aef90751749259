"""Measure how solos develop from stretch to stretch: players, ours, and the effect of a plan.

``.venv/bin/python benchmarks/whole_solos.py wjazzd.db split.json [--effort 1]``

Printed are, of the 87 solos of valid and test and of as many generated ones over the same changes,
tempo and range: the spread of the :data:`sideman.models.planning.QUALITIES` over the stretches of a
solo, their mean in the first, the middle and the last stretch, and where the highest one stands; of
ours the correlation of plan and outcome too, and beside it that with the plan of another seed.
``docs/listening.md`` has results.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

import told_apart
from sideman.feel import dynamics
from sideman.formats import weimar
from sideman.models import planning, registry, sampler
from sideman.models.events import Events, from_solo
from sideman.score import Changes, Note, Solo

Floats = NDArray[np.float64]
FEWEST_NOTES = FEWEST_BARS = 4
FEWEST_STRETCHES = 3


def filled(changes: Changes, last: int) -> list[tuple[int, int, int]]:
    """Return number, first and last tick of each stretch of four bars that a solo fills.

    `last` is the onset of the last note of the solo.
    """
    begins = planning.onsets(changes)
    bar = changes.meter.ticks_per_bar
    spans = zip(range(len(begins)), begins, (*begins[1:], changes.length), strict=True)
    return [
        (number, begin, end)
        for number, begin, end in spans
        if end <= last + 2 * bar and end - begin >= FEWEST_BARS * bar
    ]


def qualities(events: Events, levels: Iterable[tuple[int, float]]) -> Floats:
    """Return the qualities of each stretch less their means, shape (stretches, 3).

    `levels` are ticks and decibels.  A stretch of fewer than four notes is NaN.
    """
    assert events.changes is not None
    heard = np.array(sorted(levels)).reshape(-1, 2)
    rows = []
    for _, begin, end in filled(events.changes, int(events.onset[-1])):
        inside = (events.onset >= begin) & (events.onset < end)
        loud = heard[(heard[:, 0] >= begin) & (heard[:, 0] < end), 1]
        if inside.sum() < FEWEST_NOTES or len(loud) < FEWEST_NOTES:
            rows.append((np.nan,) * 3)
            continue
        bars = (end - begin) / events.ticks_per_bar
        rows.append((np.log(inside.sum() / bars), events.pitch[inside].mean(), float(loud.mean())))
    found = np.array(rows).reshape(-1, 3)
    return found - np.nanmean(found, axis=0) if np.isfinite(found).any() else found


def recorded(transcription: weimar.Transcription) -> list[tuple[int, float]]:
    """Return the tick and the level in decibels of each tone whose level is known."""
    first = weimar.first_bar(transcription)
    return [
        (96 * (tone.bar - first) + 24 * (tone.beat - 1), tone.loudness)
        for tone in transcription.tones
        if tone.loudness is not None and tone.loudness > 0
    ]


def played(notes: Sequence[Note]) -> list[tuple[int, float]]:
    """Return the tick and the level in decibels of each note as it is performed."""
    performed = dynamics.shaped(notes, np.random.default_rng(0))
    return [(note.onset, 40 * float(np.log10(note.velocity))) for note in performed]


def along(solos: Iterable[Floats]) -> tuple[Floats, Floats]:
    """Return places from 0 to 1 and qualities of the stretches of whole solos."""
    known = [solo for solo in solos if is_whole(solo)]
    return np.concatenate([np.linspace(0, 1, len(solo)) for solo in known]), np.concatenate(known)


def is_whole(solo: Floats) -> bool:
    """Return whether a solo has three stretches or more, all known."""
    return len(solo) >= FEWEST_STRETCHES and bool(np.isfinite(solo).all())


def fitted(solos: Sequence[Floats]) -> dict[str, object]:
    """Return the arc of players and the covariance around it, as the soloist's manner has them."""
    places, drawn = along(solos)
    powers = np.vander(places, 3, increasing=True)
    arc, *_ = np.linalg.lstsq(powers, drawn, rcond=None)
    off = drawn - powers @ arc
    # A solo's own mean is gone from its stretches, and with it a part of their variance.
    many = np.concatenate([np.full(len(solo), len(solo)) for solo in solos if is_whole(solo)])
    lost = (1 / (1 - 1 / many))[:, None]
    return {
        "arc": arc.round(4).tolist(),
        "spread": ((off * lost).T @ off / len(off)).round(4).tolist(),
    }


def row(name: str, solos: Sequence[Floats]) -> None:
    """Print how solos develop."""
    places, drawn = along(solos)
    third = np.minimum((places * 3).astype(int), 2)
    peaks = [np.linspace(0, 1, len(solo))[solo.argmax(axis=0)] for solo in solos if is_whole(solo)]
    for number, quality in enumerate(planning.QUALITIES):
        values = drawn[:, number]
        means = [values[places == 0], values[third == 1], values[places == 1]]
        print(
            f"{name:8} {quality:9} spread {values.std():.3f}  first, middle, last "
            + " ".join(f"{mean.mean():+.3f}" for mean in means)
            + f"  place of the highest {np.mean(peaks, axis=0)[number]:.2f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus")
    parser.add_argument("split")
    parser.add_argument("--model", default="soloist")
    parser.add_argument("--effort", type=int, default=2)
    options = parser.parse_args()
    by_number = {each.number: each for each in weimar.parse(Path(options.corpus).read_bytes())}
    items = told_apart.real(options.corpus, options.split)
    row("players", [qualities(each.events, recorded(by_number[each.number])) for each in items])
    soloist = registry.load(options.model)
    controls = replace(soloist.defaults, effort=options.effort)
    ours, plans, others = [], [], []
    for number, item in enumerate(items):
        performer = replace(told_apart.performer_like(item, soloist), controls=controls)
        changes = item.solo.changes
        assert changes is not None
        notes = performer.play(changes, rng=np.random.default_rng([20_260, number]))
        solo = Solo("", notes, changes, tempo_bpm=performer.tempo_bpm)
        ours.append(qualities(from_solo(solo), played(notes)))
        for seed, found in ((20_260, plans), (20_261, others)):
            # The beginning of the same request has the same plan.
            begun = sampler.begin(
                soloist,
                performer.setting(changes),
                rng=np.random.default_rng([seed, number]),
                controls=controls,
            )
            parts = [begun.plan[part] for part, *_ in filled(changes, notes[-1].onset)]
            found.append(np.array([(it.density, it.register, it.loudness) for it in parts]))
    row("ours", ours)
    kept = [number for number, solo in enumerate(ours) if is_whole(solo)]
    outcome = np.concatenate([ours[n] for n in kept])
    for name, known in (("plan", plans), ("another", others)):
        planned = np.concatenate([known[n] - known[n].mean(axis=0) for n in kept])
        r = [np.corrcoef(planned[:, k], outcome[:, k])[0, 1] for k in range(3)]
        print(name, "correlates with the outcome", " ".join(f"{each:.2f}" for each in r))


if __name__ == "__main__":
    main()
