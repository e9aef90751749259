"""Fit what the soloist's sampler leans towards: players' manners, and what it takes to reach them.

``.venv/bin/python benchmarks/fit_manner.py wjazzd.db split.json [--model soloist] [--out FILE]``

*Players' manners* are counted on the training part: means by tempo and covariance of
:data:`sideman.models.shaping.TRAITS`, the mean speed of bars by tempo, and how solos develop from
stretch to stretch.  *Multipliers* are then
found by playing over the songbook, until the traits come out as wanted: first that of the IOIs, at
tempi of training solos and with drawn manners; then the others, each solo of the mean manner.  The
second half takes some minutes and is to be done again for new weights.  The same files give the
same figures.
"""

from __future__ import annotations

import argparse
import json
import math
import os
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

import whole_solos
from sideman import files
from sideman.evaluation import loading
from sideman.formats import weimar
from sideman.library import songbook
from sideman.models import encoding, registry, sampler, shaping, traits
from sideman.models.events import DURATION_TICKS, PHRASE_GAP_TICKS, Events, from_solo
from sideman.models.protocol import Setting, Soloist
from sideman.models.shaping import TRAITS, USUAL_BPM
from sideman.score import Solo
from sideman.service.takes.performer import shortest_ticks

Floats = NDArray[np.float64]
FITTED = tuple(name for name in TRAITS if name != "speed")
FEWEST_NOTES = 60
FEWEST_IN_BAR = 3
FORMS = (
    "bird-blues-f",
    "eight-bar-blues-bb",
    "indiana",
    "dominant-cycle",
    "two-five-one-minor",
    "bye-bye-blackbird",
    "bossa-d",
    "waltz-blues-g",
)
"""None of those that the proof is played over (``benchmarks/lines.py``)."""
BY_TEMPO = np.array([3.0, 2.0])
"""Step of a round for each unit of error, of the multiplier of IOIs: at 150, and by tempo."""
PACE = {"phrase": 0.7, "rest": 0.7, "range": 0.7}
"""Step of a round for each unit of error, of the other traits; 0.4 for those in log-odds."""


def shown(events: Events) -> traits.Traits | None:
    """Return a solo's traits; None where too little of it shows them."""
    tones, _ = encoding.chord_bits(events.chords)
    over = tones.any(axis=1)[events.chord_index(events.onset)]
    if len(events) < FEWEST_NOTES or over.sum() < FEWEST_NOTES:
        return None
    found = traits.measure(events)
    return found if len(found.rests) >= 3 else None


def count(solos: list[Events]) -> dict[str, object]:
    """Fit means, slopes and covariance."""
    measured = [(found, solo) for solo in solos if (found := shown(solo)) is not None]
    tempo = [math.log((solo.tempo_bpm or USUAL_BPM) / USUAL_BPM) for _, solo in measured]
    design = np.stack([np.ones(len(tempo)), np.array(tempo)], axis=1)
    every = np.array([found.values for found, _ in measured])
    fitted, *_ = np.linalg.lstsq(design, every, rcond=None)
    off = every - design @ fitted
    # Somebody whose chords are not written down should not pass for a manner.
    middle = np.median(off, axis=0)
    width = 1.4826 * np.median(np.abs(off - middle), axis=0)
    sound = (np.abs(off - middle) < 4 * width).all(axis=1)
    fitted, *_ = np.linalg.lstsq(design[sound], every[sound], rcond=None)
    off = every[sound] - design[sound] @ fitted
    who = [solo.performer for (_, solo), kept in zip(measured, sound, strict=True) if kept]
    heights = [
        float(solo.pitch.mean()) for (_, solo), kept in zip(measured, sound, strict=True) if kept
    ]
    own, register = {}, {}
    for name in sorted(set(who)):
        his = np.array([other == name for other in who])
        own[name] = (off[his].sum(axis=0) / (his.sum() + 1)).round(3).tolist()
        pitches = np.append(np.array(heights)[his], np.mean(heights))
        register[name] = round(float(pitches.mean()), 2)
    return {
        "mean": fitted[0].round(4).tolist(),
        "slope": fitted[1].round(4).tolist(),
        "covariance": np.cov(off.T).round(5).tolist(),
        "phrase": quantiles([found.phrases for found, _ in measured]),
        "rest": quantiles([found.rests for found, _ in measured]),
        "solos": int(sound.sum()),
        "own": own,
        "register": register,
    }


def quantiles(every: Sequence[Floats]) -> list[float]:
    """Return quantiles of values less the mean of their solo."""
    off = np.concatenate([each - each.mean() for each in every])
    return np.quantile(off, np.linspace(0, 1, 101)).round(2).tolist()


def bars(events: Events) -> Floats:
    """Return the mean log IOI within phrases of each bar, NaN where fewer than three notes are."""
    ioi = events.ioi[1:]
    within = ioi - np.array(DURATION_TICKS)[events.duration[:-1]] < PHRASE_GAP_TICKS
    at = np.maximum(events.onset[1:] // events.ticks_per_bar, 0)[within]
    many = np.bincount(at)
    total = np.bincount(at, np.log(ioi[within]))
    return np.where(many < FEWEST_IN_BAR, np.nan, total / np.maximum(many, 1))


def mean_speed(solos: Sequence[Events]) -> Floats:
    """Fit the mean speed of bars: coefficients of 1, z and z squared, z the log tempo over 150."""
    lines = [bars(solo) for solo in solos]
    z = [shaping.log_tempo(solo.tempo_bpm or USUAL_BPM) for solo in solos]
    at, every = np.repeat(z, [len(line) for line in lines]), np.concatenate(lines)
    known = ~np.isnan(every)
    fitted, *_ = np.linalg.lstsq(np.vander(at[known], 3, increasing=True), every[known], rcond=None)
    return fitted


def text(found: dict[str, object]) -> str:
    """Write JSON, a line for each key."""
    return (
        "{\n"
        + ",\n".join(f'"{key}": {json.dumps(value)}' for key, value in found.items())
        + "\n}\n"
    )


def play(model: Soloist, seeds: int) -> Floats:
    """Play solos without following, and give what came out less what was wanted."""
    known = shaping.players()
    gaps = []
    for number, form in enumerate(FORMS):
        sheet = songbook.load(form)
        tempo = sheet.tempo_bpm or USUAL_BPM
        changes = sheet.changes.repeated(2)
        wanted = shaping.centre(known, tempo)
        for seed in range(seeds):
            notes = sampler.sample(
                model,
                Setting(changes, tempo, 46, 77, shortest_ticks(tempo)),
                rng=np.random.default_rng([7, number, seed]),
                controls=model.defaults,
            )
            solo = Solo(form, notes, changes, tempo_bpm=tempo)
            found = shown(from_solo(solo))
            if found is not None:
                gaps.append(found.values - wanted)
    return np.mean(gaps, axis=0)


def at_tempi(model: Soloist, mean: Floats, tempi: Sequence[float], seeds: int) -> Floats:
    """Play solos with drawn manners at tempi of players; return how far bars' speeds are off.

    Two coefficients: the difference from `mean` at 150 quarters a minute, and its slope along the
    logarithm of the tempo.
    """
    rng = np.random.default_rng(7)
    off, at = [], []
    for number, form in enumerate(FORMS):
        changes = songbook.load(form).changes.repeated(2)
        for seed in range(seeds):
            tempo = float(rng.choice(tempi))
            notes = sampler.sample(
                model,
                Setting(changes, tempo, 46, 77, shortest_ticks(tempo)),
                rng=np.random.default_rng([8, number, seed]),
                controls=model.defaults,
            )
            line = bars(from_solo(Solo(form, notes, changes, tempo_bpm=tempo)))
            z = shaping.log_tempo(tempo)
            off.append(float(np.nanmean(line)) - np.polyval(mean[::-1], z))
            at.append(z)
    return np.linalg.lstsq(np.vander(at, 2, increasing=True), np.array(off), rcond=None)[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus")
    parser.add_argument("split")
    parser.add_argument("--model", default="soloist")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--out", type=Path, default=shaping._FILE)
    options = parser.parse_args()
    tempo = np.array(shaping.players().tempo)
    shaping._FILE = options.out
    chosen = loading.select([options.corpus], options.split, "train", only_common_time=True)
    found = count(list(chosen.events))
    transcriptions = {one.number: one for one in weimar.parse(Path(options.corpus).read_bytes())}
    levels = [whole_solos.recorded(transcriptions[item.number]) for item in chosen.items]
    found |= whole_solos.fitted(
        [whole_solos.qualities(*each) for each in zip(chosen.events, levels, strict=True)]
    )
    found["corpus"] = loading.fingerprint(chosen.events)
    base = dict.fromkeys(FITTED, 0.0)
    if options.out.exists():
        base |= json.loads(options.out.read_text(encoding="utf-8"))["base"]
    model = registry.load(options.model)
    found["base"] = base
    mean = mean_speed(chosen.events)
    tempi = [solo.tempo_bpm or USUAL_BPM for solo in chosen.events]
    for turn in range(options.rounds + 1):
        found["tempo"] = tempo.round(3).tolist()
        files.write_whole(options.out, text(found))
        shaping.players.cache_clear()
        if turn < options.rounds:
            gap = at_tempi(model, mean, tempi, options.seeds)
            print(turn, found["tempo"], gap.round(3).tolist(), flush=True)
            tempo = tempo - BY_TEMPO * gap
    shaping._PACE, following = 0.0, shaping._PACE
    shaping._OUTERMOST, outermost = 0.0, shaping._OUTERMOST
    for turn in range(options.rounds + 1):
        found["base"] = {name: round(value, 3) for name, value in base.items()}
        files.write_whole(options.out, text(found))
        shaping.players.cache_clear()
        if not options.rounds:
            break
        gap = dict(zip(TRAITS, play(model, options.seeds).tolist(), strict=True))
        print(turn, {name: (round(base[name], 2), round(gap[name], 3)) for name in FITTED})
        if turn < options.rounds:
            for name in FITTED:
                base[name] -= PACE.get(name, 0.4) * gap[name]
    shaping._PACE, shaping._OUTERMOST = following, outermost


if __name__ == "__main__":
    main()
