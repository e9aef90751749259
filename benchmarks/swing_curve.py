"""Measure how soloists swing: the table and the figure of docs/feel.md.

``.venv/bin/python benchmarks/swing_curve.py wjazzd.db --out docs``

From the performed onsets of the Weimar Jazz Database: beats that hold two notes, the first on the
beat, the second an eighth later (binary, or as the last of a triplet).  Three figures a pair: how
late the first is after the beat that was heard in the rhythm section, where in the beat the second
stands, and the ratio of the two where the next beat begins with a note too.  Each solo counts once,
by its medians; solos with fewer than 20 pairs are left out.  Then the same for loudness and length.

Lines with corners at 130, 200, 260 and 340 quarters a minute are fitted to the solos;
:mod:`sideman.feel.timing` holds their corners.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sideman.files import writing_whole
from sideman.formats import weimar

CORNERS_BPM = (130.0, 200.0, 260.0, 340.0)
FEWEST_PAIRS = 20
EVEN_BELOW = 0.55  # solos whose off-beats stand before this place, below 200, play even eighths
BINS_BPM = (100, 120, 140, 160, 180, 200, 220, 240, 270, 300, 400)
_PAIRS = {(2, 2), (3, 3)}  # the second note: division of the beat and tatum


class Swinging(NamedTuple):
    """A solo's medians."""

    tempo_bpm: float
    late_ms: float
    """The on-beat eighth after the beat."""
    offbeat: float
    """Where in the beat the off-beat eighth stands; 0.5 is the middle."""
    ratio: float
    """The on-beat eighth over the off-beat one."""
    triplets_late_ms: float
    """The middle notes of triplets after their place."""
    pairs: int


def swinging(solo: weimar.Transcription) -> Swinging | None:
    """Measure a solo; None where it has too few pairs of eighths."""
    beats = {(beat.bar, beat.beat): beat.onset_seconds for beat in solo.beats}
    order = sorted(beats)
    following = dict(pairwise(order))
    tones: dict[tuple[int, int], list[weimar.ToneEvent]] = defaultdict(list)
    for tone in solo.tones:
        tones[tone.bar, tone.beat].append(tone)
    late, places, ratios, lengths, triplets = [], [], [], [], []
    for place, held in tones.items():
        after = following.get(place)
        if after is None or held[0].meter_unit != 4:
            continue
        start, length = beats[place], beats[after] - beats[place]
        if not 0.1 < length < 2.0:
            continue
        if [tone.tatum for tone in held] == [1, 2, 3] and held[0].division == 3:
            triplets.append(held[1].onset_seconds - start - length / 3)
        first, *others = held
        if len(others) != 1 or first.tatum != 1:
            continue
        second = others[0]
        if (second.division, second.tatum) not in _PAIRS:
            continue
        late.append(first.onset_seconds - start)
        places.append((second.onset_seconds - start) / length)
        lengths.append(length)
        third = tones.get(after)
        if third and third[0].tatum == 1 and third[0].onset_seconds > second.onset_seconds:
            short = third[0].onset_seconds - second.onset_seconds
            ratios.append((second.onset_seconds - first.onset_seconds) / short)
    if len(ratios) < FEWEST_PAIRS:
        return None
    return Swinging(
        60 / float(np.median(lengths)),
        1000 * float(np.median(late)),
        float(np.median(places)),
        float(np.median(ratios)),
        1000 * float(np.median(triplets)) if len(triplets) >= 5 else float("nan"),
        len(ratios),
    )


def fitted(tempi: Sequence[float], values: Sequence[float]) -> NDArray[np.float64]:
    """Fit a line with corners at `CORNERS_BPM`, flat beyond them; returns its corners.

    Least absolute deviations, by least squares reweighted: solos that play even eighths at a
    medium tempo (the database no longer says which are Latin) do not pull it down.
    """
    hats = np.stack(
        [np.interp(tempi, CORNERS_BPM, row) for row in np.eye(len(CORNERS_BPM))], axis=1
    )
    wanted = np.asarray(values)
    corners = np.linalg.lstsq(hats, wanted, rcond=None)[0]
    for _ in range(100):
        off = np.abs(wanted - hats @ corners)
        weights = 1 / np.sqrt(np.maximum(off, 1e-3 * np.ptp(wanted)))
        corners = np.linalg.lstsq(hats * weights[:, None], wanted * weights, rcond=None)[0]
    return corners


def loudness(solos: Iterable[weimar.Transcription]) -> dict[str, float]:
    """Measure decibels: of turns against their neighbours, and along phrases of six notes or more.

    Also the share of notes that are 10 dB or more below their neighbours (ghosts).
    """
    found: dict[str, list[float]] = defaultdict(list)
    for solo in solos:
        tones, levels = solo.tones, [tone.loudness for tone in solo.tones]
        heard = [level for level in levels if level]
        if not heard:
            continue
        middle = float(np.median(heard))
        for before, tone, after in zip(tones, tones[1:], tones[2:], strict=False):
            quick = after.onset_seconds - before.onset_seconds < 1.0
            if not (before.loudness and tone.loudness and after.loudness and quick):
                continue
            local = tone.loudness - (before.loudness + after.loudness) / 2
            neighbours = (before.pitch, after.pitch)
            if tone.pitch > max(neighbours):
                found["the top of a turn"].append(local)
            elif tone.pitch < min(neighbours):
                found["the bottom of a turn"].append(local)
                found["ghosts among bottoms, share"].append(float(local < -10))
            if tone.tatum == 1:
                found["on the beat"].append(local)
            elif (tone.division, tone.tatum) in _PAIRS:
                found["off the beat"].append(local)
        for phrase in solo.spans("PHRASE"):
            inside = levels[phrase.first : phrase.last + 1]
            if len(inside) >= 6:
                for index, level in enumerate(inside):
                    if level:
                        third = ["first", "middle", "last"][3 * index // len(inside)]
                        found[f"the {third} third of a phrase"].append(level - middle)
                if inside[-1]:
                    found["the last note of a phrase"].append(inside[-1] - middle)
    return {name: float(np.mean(values)) for name, values in sorted(found.items())}


def register(solos: Iterable[weimar.Transcription]) -> float:
    """Measure decibels an octave: how much louder high lines are, a line being nine notes long."""
    found = []
    for solo in solos:
        heard = np.array([tone.loudness or np.nan for tone in solo.tones])
        pitch = np.array([tone.pitch for tone in solo.tones])
        if len(heard) < 100 or np.isnan(heard).mean() > 0.3:
            continue
        line = np.convolve(pitch, np.ones(9) / 9, "same")
        known = ~np.isnan(heard)
        known[:5] = known[-5:] = False
        seen = np.stack([line, pitch - line, np.ones(len(pitch))], axis=1)[known]
        found.append(12 * np.linalg.lstsq(seen, heard[known], rcond=None)[0][0])
    return float(np.median(found))


def lengths(solos: Iterable[weimar.Transcription]) -> dict[str, float]:
    """Measure how much of the time to the next note an eighth sounds, as medians."""
    found: dict[str, list[float]] = defaultdict(list)
    for solo in solos:
        for tone, after in pairwise(solo.tones):
            step = after.onset_seconds - tone.onset_seconds
            if not 0 < step < tone.beat_seconds:
                continue
            if tone.division == 2:
                found["on the beat" if tone.tatum == 1 else "off the beat"].append(
                    tone.duration_seconds / step
                )
    return {name: float(np.median(values)) for name, values in sorted(found.items())}


def table(measured: Sequence[Swinging]) -> str:
    """Write the medians of the solos by tempo as Markdown."""
    rows = [
        "| quarters a minute | solos | on-beat late, ms | off-beat at | ensemble ratio "
        "| soloist's ratio (quartiles) |",
        "|---|---|---|---|---|---|",
    ]
    for low, high in pairwise(BINS_BPM):
        these = [one for one in measured if low <= one.tempo_bpm < high]
        if these:
            late = np.median([one.late_ms for one in these])
            place = np.median([one.offbeat for one in these])
            first, half, third = np.percentile([one.ratio for one in these], (25, 50, 75))
            rows.append(
                f"| {low}–{high} | {len(these)} | {late:.0f} | {place:.3f} "
                f"| {place / (1 - place):.2f} | {half:.2f} ({first:.2f}–{third:.2f}) |"
            )
    return "\n".join(rows)


def draw(measured: Sequence[Swinging], late: Sequence[float], place: Sequence[float]) -> object:
    """Draw the solos, the fitted lines, and what was found before."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    tempi = [one.tempo_bpm for one in measured]
    grid = np.linspace(90, 360, 271)
    places = np.interp(grid, CORNERS_BPM, place)
    lates = np.interp(grid, CORNERS_BPM, late) / 1000 * grid / 60
    left.scatter(tempi, [one.ratio for one in measured], s=9, color="#5b9bd5", label="solos")
    left.plot(grid, places / (1 - places), color="#d1495b", label="ensemble: off-beats, fitted")
    left.plot(
        grid,
        (places - lates) / (1 + lates - places),
        color="#1f4e79",
        label="soloist: off-beats less the delay",
    )
    drummers = np.clip((60 / grid - 0.1) / 0.1, 1, 3.5)
    left.plot(grid, drummers, ":", color="grey", label="drummers, short note of 100 ms (F&S)")
    left.set(xlabel="quarters a minute", ylabel="swing ratio", ylim=(0.8, 3.6))
    left.legend(fontsize=8)
    right.scatter(tempi, [one.late_ms for one in measured], s=9, color="#5b9bd5")
    right.plot(grid, np.interp(grid, CORNERS_BPM, late), color="#1f4e79")
    right.axhline(0, color="grey", lw=0.5)
    right.set(xlabel="quarters a minute", ylabel="on-beat eighths after the beat, ms")
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database")
    parser.add_argument("--out", type=Path, help="where swing.png goes")
    options = parser.parse_args()
    solos = weimar.parse(Path(options.database).read_bytes())
    measured = [one for one in map(swinging, solos) if one is not None]
    tempi = [one.tempo_bpm for one in measured]
    late = fitted(tempi, [one.late_ms for one in measured])
    place = fitted(tempi, [one.offbeat for one in measured])
    print(f"{len(measured)} solos, {sum(one.pairs for one in measured):,} pairs\n")
    print(table(measured))
    print("\ncorners at", *(f"{bpm:g}" for bpm in CORNERS_BPM))
    print("on-beat late, ms:", *(f"{value:.1f}" for value in late))
    print("off-beat at:", *(f"{value:.3f}" for value in place))
    triplets = np.array([one.triplets_late_ms - one.late_ms for one in measured])
    print(f"triplets' middle later than on-beats by {np.nanmedian(triplets):.1f} ms (median)")
    even = [one for one in measured if one.offbeat < EVEN_BELOW and one.tempo_bpm < 200]
    behind = [(one.late_ms + (one.offbeat - 0.5) * 60_000 / one.tempo_bpm) / 2 for one in even]
    print(
        f"{len(even)} solos in even eighths lie {np.median(behind):.0f} ms behind, on and off beats"
    )
    for name, value in loudness(solos).items():
        print(f"{name}: {value:+.2f}")
    print(f"lines an octave higher: {register(solos):+.2f} (median of the solos)")
    for name, value in lengths(solos).items():
        print(f"eighths {name} sound for {value:.0%} of their time")
    if options.out is not None:
        figure = draw(measured, late.tolist(), place.tolist())
        with writing_whole(options.out / "swing.png") as temporary:
            figure.savefig(temporary, format="png", dpi=100)  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
