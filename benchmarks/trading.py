"""Measure whether ``sideman trade`` answers the phrase that it heard, and in time.

``.venv/bin/python benchmarks/trading.py wjazzd.db split.json [--phrases 200]``

Phrases of held-out Weimar solos (4/4, six notes or more, at most four bars) are answered over the
changes on which their players went on.  Every answer is then judged twice: after its own phrase,
and after the phrase of another solo put in its place (in the same bars, its chord's root moved to
the root of the own phrase's chord, in the nearest octave).  Judges are the soloist and the n-gram
mixture, which did not play.  The answer's first note does not count: it depends on where the
phrase happened to end.  Beside that: what the answer takes up of contour and rhythm, in bits
(:mod:`sideman.evaluation.uptake`), of its own phrase and of the other.

Printed are means of the paired differences with their standard errors, and the processor's time
of one core from a loaded model (set OMP_NUM_THREADS=1 and OPENBLAS_NUM_THREADS=1).
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sideman.evaluation import loading, scorers, uptake
from sideman.models import events, registry
from sideman.models.soloist import NeuralSoloist
from sideman.score import Changes, Note, Solo
from sideman.service.takes import trading
from sideman.service.takes.performer import Performer
from uptake import BAR_TICKS, BARS, INSTRUMENT, phrases


@dataclass(frozen=True)
class Call:
    """A phrase in its place: notes from the downbeat of `bar` of the solo."""

    solo: Solo
    bar: int
    notes: tuple[Note, ...]

    @property
    def root(self) -> int:
        """The pitch class of the root under the first note."""
        changes = self.solo.changes
        assert changes is not None
        chord = changes.chord_at(self.bar * BAR_TICKS + self.notes[0].onset)
        return chord.tones[0] if chord is not None and chord.tones else 0


def calls(solo: Solo) -> list[Call]:
    return [Call(solo, *phrase) for phrase in phrases(solo, solo.phrase_starts)]


def in_place_of(other: Call, own: Call) -> tuple[Note, ...]:
    """Another phrase over the own one's chord, in the nearest octave."""
    shift = (own.root - other.root) % 12
    middle = np.mean([note.pitch for note in own.notes])
    theirs = np.mean([note.pitch for note in other.notes]) + shift
    shift += 12 * round((middle - theirs) / 12)
    return tuple(replace(note, pitch=note.pitch + shift) for note in other.notes)


def judged(
    judge: events.Scorer, phrase: Sequence[Note], answer: Sequence[Note], form: Changes, bpm: float
) -> float:
    """Nats of the answer's notes after the first, per note."""
    after = [replace(note, onset=note.onset + BARS * BAR_TICKS) for note in answer]
    line = replace(
        events.from_solo(Solo("", (*phrase, *after), form, tempo_bpm=bpm)), chorus_onsets=(0,)
    )
    told = judge.distributions(line)
    row = np.arange(len(phrase) + 1, len(line))
    total = np.log(told.ioi[row, line.ioi[row] - 1])
    total += np.log(told.pitch[row, line.pitch[row]])
    total += np.log(told.duration[row, line.duration[row]])
    return float(total.mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus")
    parser.add_argument("split")
    parser.add_argument("--phrases", type=int, default=200)
    parser.add_argument("--best-of", type=int, default=trading.USUAL["best_of"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", default="soloist")
    options = parser.parse_args()

    chosen = loading.select([options.corpus], options.split, "test", only_common_time=True)
    every = [call for item in chosen.items for call in calls(item.solo)]
    rng = np.random.default_rng(options.seed)
    every = [every[at] for at in rng.permutation(len(every))]
    model = registry.load(options.model)
    assert isinstance(model, NeuralSoloist)
    judges: dict[str, events.Scorer] = {"soloist": model, "n-gram": scorers.named("ngram")}
    controls = replace(model.defaults, best_of=options.best_of, effort=1)
    differences: dict[str, list[float]] = {}
    seconds = []
    for number, call in enumerate(every[: options.phrases]):
        changes = call.solo.changes
        assert changes is not None
        other = next(
            one for one in every[number + 1 :] + every[:number] if one.solo is not call.solo
        )
        tempo = call.solo.tempo_bpm or 150.0
        before = time.process_time()
        answer = trading.exchange(
            Performer(model, tempo, INSTRUMENT, controls),
            replace(call.solo, notes=call.notes),
            changes,
            bars=BARS,
            first_bar=call.bar,
            rng=rng,
        ).answer.notes
        seconds.append(time.process_time() - before)
        theirs = in_place_of(other, call)
        if len(answer) < 2:
            continue
        form = trading.turned(changes, call.bar, 2 * BARS)
        for name, judge in judges.items():
            gain = judged(judge, call.notes, answer, form, tempo) - judged(
                judge, theirs, answer, form, tempo
            )
            differences.setdefault(f"nats a note, {name}", []).append(gain)
        for name, taken in (
            ("contour taken up, bits", uptake.contour),
            ("rhythm taken up, bits", uptake.rhythm),
        ):
            differences.setdefault(name, []).append(
                taken(call.notes, answer) - taken(theirs, answer)
            )
    result: dict[str, object] = {}
    for name, values in differences.items():
        mean, error = np.mean(values), np.std(values, ddof=1) / np.sqrt(len(values))
        result[name] = {
            "pairs": len(values),
            "own less other": round(float(mean), 4),
            "standard error": round(float(error), 4),
            "own is more": round(float(np.mean(np.array(values) > 0)), 3),
        }
    result["seconds of one core"] = {
        f"p{share}": round(float(np.percentile(seconds, share)), 4) for share in (50, 95, 99)
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
