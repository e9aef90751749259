"""Measure timing and loudness of players and of sideman: the tables and the figure of docs/feel.md.

``.venv/bin/python benchmarks/performance.py wjazzd.db --part valid --out docs``

A line is measured by the residuals of its onsets, after the beat that was heard in the rhythm
section (a straight line through five beats at a time, since single beats are tapped), and the
median of the notes at the same place of the beat are taken away, which removes swing and delay; and
by its loudness in decibels, after the median of the solo is taken away.  Residuals above 120 ms are
left out as places where the notation is doubtful.  The statistics are medians over the solos of a
part of the split; sideman plays tunes of the songbook, plain (``--expression 0``, which is how
version 0.1 played) and with expression, and the same functions measure it.

With ``--fit`` the parameters of :mod:`sideman.feel.drift` and :mod:`sideman.feel.dynamics` are
fitted to the training part: the spread by tempo, and the shares of the variance that decay from
note to note.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.random import default_rng
from numpy.typing import NDArray

from sideman import feel
from sideman.band import styles
from sideman.band.arranging import SOLO
from sideman.feel import dynamics
from sideman.files import writing_whole
from sideman.formats import weimar
from sideman.score import Arrangement, Performance
from sideman.service import playing
from sideman.service.requests import PlayRequest, Tune
from sideman.theory.meter import PERFORMED_TICKS_PER_QUARTER, TICKS_PER_QUARTER

Floats = NDArray[np.float64]

KNOTS_BPM = (130.0, 200.0, 260.0, 340.0)
LAGS = (1, 2, 3, 4, 8, 16)
FEWEST_NOTES = 100
WIDEST_SECONDS = 0.12
HALF_WINDOW = 2  # beats on either side over which the beat is smoothed
GHOST_DB = -8.0
PLACES = ("first note", "first third", "middle third", "last third", "last note", "whole phrase")
# The instruments in the database are unknown; those of players who play no saxophone:
OTHERS = {
    "trumpet": "BixBeiderbecke BuckClayton CharlieShavers ChetBaker CliffordBrown DizzyGillespie "
    "DonEllis FatsNavarro FreddieHubbard HarryEdison HenryAllen KennyDorham KennyWheeler LeeMorgan "
    "LouisArmstrong MilesDavis NatAdderley RexStewart RoyEldridge WoodyShaw WyntonMarsalis",
    "trombone": "CurtisFuller DickieWells JCHigginbotham JJJohnson KaiWinding KidOry SteveTurre",
    "clarinet": "BennyGoodman JohnnyDodds",
    "vibraphone": "LionelHampton MiltJackson",
    "guitar": "JohnAbercrombie PatMartino PatMetheny",
    "piano": "HerbieHancock RedGarland",
}
TEMPOS = (110, 140, 170, 200, 240, 280)
FINER = PERFORMED_TICKS_PER_QUARTER // TICKS_PER_QUARTER
TUNES = (
    *("blues-f", "after-youve-gone", "indiana", "rhythm-changes-bb", "minor-blues-c"),
    "eight-bar-blues-bb",
)


class Line(NamedTuple):
    """A solo, an array element for each note; unknown values are NaN."""

    tempo_bpm: float
    late: Floats
    """Seconds after the place of the notes at the same place of the beat."""
    level: Floats
    """Decibels above the median of the solo."""
    pitch: Floats
    phrase: NDArray[np.int64]
    """The number of the phrase."""
    onbeat: NDArray[np.bool_]


def residuals(late: Floats, places: Sequence[object]) -> Floats:
    """Return onsets less the median at their place in the beat; NaN at places with few notes."""
    found = np.full(len(late), np.nan)
    for place in set(places):
        same = np.array([each == place for each in places])
        if same.sum() >= 8:
            found[same] = late[same] - np.nanmedian(late[same])
    found[np.abs(found) > WIDEST_SECONDS] = np.nan
    return found


def smoothed(times: Floats, half: int = HALF_WINDOW) -> Floats:
    """Return each beat as predicted by a linear regression on the beats around it."""
    found = times.copy()
    for index in range(len(times)):
        first, last = max(0, index - half), min(len(times), index + half + 1)
        if last - first > 2:
            found[index] = np.polyfit(np.arange(first, last) - index, times[first:last], 1)[1]
    return found


def of_player(solo: weimar.Transcription) -> Line:
    """Return a transcribed solo as a line."""
    times = smoothed(np.array([beat.onset_seconds for beat in solo.beats]))
    number = {(beat.bar, beat.beat): index for index, beat in enumerate(solo.beats)}
    late = []
    for tone in solo.tones:
        index = number.get((tone.bar, tone.beat), len(times))
        length = times[index + 1] - times[index] if index + 1 < len(times) else 0.0
        place = (tone.tatum - 1) / tone.division
        sound = 0.1 < length < 2.0
        late.append(tone.onset_seconds - times[index] - place * length if sound else np.nan)
    level = np.array([tone.loudness or np.nan for tone in solo.tones])
    level[level < 20] = np.nan
    level -= np.nanmedian(level) if np.isfinite(level).any() else 0
    level[np.abs(level) > 30] = np.nan
    phrase = np.full(len(level), -1)
    for index, span in enumerate(solo.spans("PHRASE")):
        phrase[span.first : span.last + 1] = index
    return Line(
        60 / float(np.median(np.diff(times))) if len(times) > 1 else np.nan,
        residuals(np.array(late), [(tone.tatum - 1) / tone.division for tone in solo.tones]),
        level,
        np.array([tone.pitch for tone in solo.tones], dtype=float),
        phrase,
        np.array([tone.tatum == 1 for tone in solo.tones]),
    )


def of_performance(arrangement: Arrangement, performance: Performance) -> Line:
    """Return the soloist's part of a performance as a line; the beat is that of the band."""
    both = list(zip(arrangement.parts, performance.parts, strict=True))
    written, played = next((one.notes, two.notes) for one, two in both if one.name == SOLO)
    heard: dict[int, list[float]] = defaultdict(list)
    for one, two in both:
        if one.name != SOLO:
            for before, after in zip(one.notes, two.notes, strict=True):
                if before.onset % TICKS_PER_QUARTER == 0:
                    grid = performance.seconds_at(before.onset * FINER)
                    heard[before.onset].append(performance.seconds_at(after.onset) - grid)
    at = sorted(heard)
    beats = np.arange(min(0, written[0].onset), arrangement.changes.length + 48, TICKS_PER_QUARTER)
    shifts = np.interp(beats, at, [float(np.mean(heard[tick])) for tick in at])
    times = smoothed(np.array([performance.seconds_at(tick * FINER) for tick in beats]) + shifts)
    onsets = [performance.seconds_at(note.onset) for note in played]
    late = np.array(onsets) - np.interp([note.onset for note in written], beats, times)
    places = [note.onset % TICKS_PER_QUARTER for note in written]
    level = 40 * np.log10([note.velocity for note in played])
    groups = dynamics.phrases(written)
    return Line(
        arrangement.tempo_bpm,
        residuals(late, places),
        level - np.median(level),
        np.array([note.pitch for note in written], dtype=float),
        np.repeat(np.arange(len(groups)), [len(group) for group in groups]),
        np.array(places) == 0,
    )


def correlations(values: Floats) -> list[float]:
    """Return the autocorrelations at `LAGS`, in notes."""
    return [correlation(values, lag) for lag in LAGS]


def correlation(values: Floats, lag: int) -> float:
    """Return the autocorrelation at a lag."""
    centred = values - np.nanmean(values)
    return float(np.nanmean(centred[lag:] * centred[:-lag]) / np.nanvar(values))


def ends(line: Line, values: Floats) -> dict[str, list[float]]:
    """Return values by the place in phrases of six notes or more."""
    found: dict[str, list[float]] = defaultdict(list)
    for number in np.unique(line.phrase[line.phrase >= 0]):
        inside = values[line.phrase == number]
        if len(inside) >= 6:
            found["first note"].append(inside[0])
            for index, value in enumerate(inside[1:-1], 1):
                third = ("first", "middle", "last")[3 * index // len(inside)]
                found[f"{third} third"].append(value)
            found["last note"].append(inside[-1])
            found["whole phrase"].append(float(np.nanmean(inside)))
    return found


def ghosts(line: Line) -> tuple[float, float]:
    """Return the shares of notes 8 dB below their neighbours: of all, and of off-beat bottoms."""
    local = line.level[1:-1] - (line.level[:-2] + line.level[2:]) / 2
    low = (line.pitch[1:-1] < line.pitch[:-2]) & (line.pitch[1:-1] < line.pitch[2:])
    known = np.isfinite(local)
    chosen = known & low & ~line.onbeat[1:-1]
    if chosen.sum() < 10:
        return float(np.mean(local[known] < GHOST_DB)), np.nan
    return float(np.mean(local[known] < GHOST_DB)), float(np.mean(local[chosen] < GHOST_DB))


def statistics(lines: Sequence[Line]) -> dict[str, float]:
    """Return the medians over lines of what is measured, by its name."""
    found: dict[str, list[float]] = defaultdict(list)
    places: dict[str, list[float]] = defaultdict(list)
    for line in lines:
        late = 1000 * line.late
        if np.isfinite(late).sum() >= FEWEST_NOTES:
            found["onsets: standard deviation, ms"].append(float(np.nanstd(late)))
            for lag, value in zip(LAGS, correlations(late), strict=True):
                found[f"onsets: autocorrelation at {lag}"].append(value)
            for place, values in ends(line, late).items():
                places[f"onsets: {place}, ms"] += values
        if np.isfinite(line.level).mean() > 0.8 and len(line.level) >= FEWEST_NOTES:
            found["loudness: standard deviation, dB"].append(float(np.nanstd(line.level)))
            for lag, value in zip(LAGS, correlations(line.level), strict=True):
                found[f"loudness: autocorrelation at {lag}"].append(value)
            for place, values in ends(line, line.level).items():
                places[f"loudness: {place}, dB"] += values
            known = np.isfinite(line.level)
            slope = np.polyfit(line.pitch[known], line.level[known], 1)[0]
            found["loudness: an octave higher, dB"].append(12 * float(slope))
            of_all, of_low = ghosts(line)
            found["ghosts: of all notes, %"].append(100 * of_all)
            found["ghosts: of off-beat bottoms, %"].append(100 * of_low)
    result = {name: float(np.nanmedian(values)) for name, values in found.items()}
    for place in PLACES:
        for name, values in places.items():
            if place in name:
                result[name] = float(np.nanmean(values))
                result[f"{name}, spread"] = float(np.nanstd(values))
    return result


def played(expressions: Sequence[float]) -> list[list[Line]]:
    """Return lines of sideman for each expression: the same solos, played on."""
    found: list[list[Line]] = [[] for _ in expressions]
    for seed, name in enumerate(TUNES):
        for tempo in TEMPOS:
            request = PlayRequest(
                changes=Tune(name=name), tempo=float(tempo), choruses=2, seed=seed + tempo
            )
            arrangement = playing.play(request).arrangement
            for expression, lines in zip(expressions, found, strict=True):
                performance = feel.perform(
                    arrangement,
                    styles.load("swing"),
                    default_rng(seed),
                    expression=expression,
                )
                lines.append(of_performance(arrangement, performance))
    return found


def split(part: str) -> set[str]:
    """Return the names of the solos in a part of the benchmark's split."""
    text = (resources.files("sideman.evaluation") / "wjazzd.split.json").read_text("utf-8")
    return set(json.loads(text)[part])


def fitted(tempos: Sequence[float], values: Sequence[float]) -> Floats:
    """Fit a line with corners at `KNOTS_BPM`, by least absolute deviations."""
    hats = np.stack([np.interp(tempos, KNOTS_BPM, row) for row in np.eye(len(KNOTS_BPM))], axis=1)
    wanted = np.asarray(values)
    weights = np.ones(len(wanted))
    for _ in range(100):
        corners = np.linalg.lstsq(hats * weights[:, None], wanted * weights, rcond=None)[0]
        weights = 1 / np.sqrt(np.maximum(np.abs(wanted - hats @ corners), 1e-3 * np.ptp(wanted)))
    return np.asarray(corners)


def decays(measured: Floats) -> tuple[float, float, float, float]:
    """Return shares and correlations of two decays that sum to autocorrelations at `LAGS`."""
    lags = np.array(LAGS)
    best = (np.inf, 0.0, 0.0, 0.0, 0.0)
    for fast in np.arange(0.1, 0.7, 0.05):
        for slow in np.arange(0.75, 0.98, 0.02):
            both = np.stack([fast**lags, slow**lags], axis=1)
            shares = np.linalg.lstsq(both, measured, rcond=None)[0]
            error = float(np.sum((both @ shares - measured) ** 2))
            if (shares >= 0).all() and shares.sum() <= 1 and error < best[0]:
                best = (error, float(shares[0]), float(fast), float(shares[1]), float(slow))
    return best[1:]


def explained(line: Line) -> Floats:
    """Return the residual loudness after a regression on pitch, place in the phrase and turns."""
    count = len(line.level)
    mean = np.convolve(line.pitch, np.ones(9) / 9, "same")
    place, last = np.zeros(count), np.zeros(count)
    for number in np.unique(line.phrase[line.phrase >= 0]):
        inside = np.flatnonzero(line.phrase == number)
        place[inside] = np.linspace(0, 1, len(inside))
        last[inside[-1]] = 1
    turn = np.zeros(count)
    turn[1:-1] = np.sign(line.pitch[1:-1] - line.pitch[:-2])
    turn[1:-1] += np.sign(line.pitch[1:-1] - line.pitch[2:])
    seen = np.stack([np.ones(count), mean, line.pitch - mean, place, last, turn, line.onbeat], 1)
    known = np.isfinite(line.level)
    found = line.level.copy()
    found[known] -= seen[known] @ np.linalg.lstsq(seen[known], line.level[known], rcond=None)[0]
    return found


def fit(lines: Sequence[Line]) -> None:
    """Print the parameters that fit lines."""
    timed = [line for line in lines if np.isfinite(line.late).sum() >= FEWEST_NOTES]
    swung = [line for line in timed if 100 <= line.tempo_bpm <= 400]
    spread = fitted(
        [line.tempo_bpm for line in swung], [1000 * np.nanstd(one.late) for one in swung]
    )
    print(
        "spread of onsets, ms, at",
        *(f"{bpm:g}: {ms:.1f}" for bpm, ms in zip(KNOTS_BPM, spread, strict=True)),
    )
    print(
        "shares and decays:",
        np.round(decays(np.mean([correlations(one.late) for one in timed], 0)), 2),
    )
    loud = [
        one
        for one in lines
        if np.isfinite(one.level).mean() > 0.8 and len(one.level) >= FEWEST_NOTES
    ]
    left = [explained(line) for line in loud]
    print("loudness left, dB:", round(float(np.median([np.nanstd(each) for each in left])), 2))
    print(
        "shares and decays:", np.round(decays(np.mean([correlations(each) for each in left], 0)), 2)
    )


def by_instrument(names: Sequence[str], lines: Sequence[Line]) -> None:
    """Print the register and the ghost notes by instrument."""
    played_by = {name: one for one, players in OTHERS.items() for name in players.split()}
    groups: dict[str, list[Line]] = defaultdict(list)
    for name, line in zip(names, lines, strict=True):
        groups[played_by.get(name.split("_")[0], "saxophone")].append(line)
    for instrument, group in groups.items():
        found = statistics(group)
        print(
            f"{instrument}: {len(group)} solos, an octave higher "
            f"{found['loudness: an octave higher, dB']:+.1f} dB, ghosts among off-beat bottoms "
            f"{found['ghosts: of off-beat bottoms, %']:.0f} %"
        )


def table(columns: dict[str, dict[str, float]]) -> str:
    """Return statistics as a table in Markdown; the spread of a mean stands beside it."""

    def cell(column: dict[str, float], name: str) -> str:
        value = f"{column[name]:.{2 if 'correlation' in name else 1}f}"
        spread = column.get(f"{name}, spread")
        return value if spread is None else f"{value} ± {spread:.1f}"

    names = dict.fromkeys(name.removesuffix(", spread") for name in next(iter(columns.values())))
    rows = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for name in names:
        cells = " | ".join(cell(column, name) for column in columns.values())
        rows.append(f"| {name} | {cells} |")
    return "\n".join(rows)


def draw(groups: dict[str, Sequence[Line]]) -> object:
    """Draw the autocorrelations of onsets and loudness, and a stretch of each."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 6), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(2, 2)
    colours = ("#1f4e79", "grey", "#d1495b")
    for row, (unit, scale) in enumerate((("onsets, ms", 1000.0), ("loudness, dB", 1.0))):
        left, right = axes[row]
        for (name, lines), colour in zip(groups.items(), colours, strict=True):
            values = [scale * (line.late if row == 0 else line.level) for line in lines]
            known = [one for one in values if np.isfinite(one).sum() >= FEWEST_NOTES]
            lags = np.arange(1, 17)
            means = [np.median([correlation(one, lag) for one in known]) for lag in lags.tolist()]
            left.plot(lags, means, "o-", ms=3, color=colour, label=name)
            pooled = np.concatenate([one - np.nanmean(one) for one in known])
            pooled = pooled[np.isfinite(pooled)]
            edges = np.linspace(-80, 80, 65) if row == 0 else np.linspace(-16, 12, 57)
            right.hist(pooled, edges, density=True, histtype="step", color=colour, label=name)
        left.axhline(0, color="grey", lw=0.5)
        left.set(xlabel="lag, notes", ylabel=f"autocorrelation of {unit.split(',')[0]}")
        right.set(xlabel=unit, ylabel="density")
        left.legend(fontsize=8)
        for each in (left, right):
            each.spines[["top", "right"]].set_visible(False)
    return figure


def of_players(data: bytes, part: str) -> dict[str, Line]:
    """Return the solos of a part of the split, by name."""
    names = split(part)
    return {solo.name: of_player(solo) for solo in weimar.parse(data) if solo.name in names}


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--part", default="valid", choices=["train", "valid"])
    parser.add_argument("--fit", action="store_true", help="fit the parameters to the part")
    parser.add_argument("--out", type=Path, help="where performance.png goes")
    options = parser.parse_args(None if arguments is None else list(arguments))
    players = of_players(options.database.read_bytes(), options.part)
    if options.fit:
        fit(list(players.values()))
        by_instrument(list(players), list(players.values()))
        return
    plain, expressive = played((0.0, feel.EXPRESSION))
    groups: dict[str, Sequence[Line]] = {
        "players": list(players.values()),
        "plain": plain,
        "with expression": expressive,
    }
    print(table({name: statistics(lines) for name, lines in groups.items()}))
    if options.out is not None:
        figure = draw(groups)
        with writing_whole(options.out / "performance.png") as temporary:
            figure.savefig(temporary, format="png", dpi=100)  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
