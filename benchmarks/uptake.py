"""Measure what a line takes up: ``trade`` of a phrase, ``--prime`` of a riff, ``--keep`` of a take.

``.venv/bin/python benchmarks/uptake.py wjazzd.db split.json [--effort 1] [--seed 0]``

*Answers* to phrases of held-out Weimar solos (4/4, six notes or more, at most four bars) over the
changes on which their players went on, and to phrases of generated solos: how many reach
:data:`sideman.evaluation.uptake.TAKEN_UP` bits; beside them the same answers to the phrases of all
other solos; the notes of the longest run that an answer and its phrase have in common to the tick
and the semitone; and milliseconds of one core, as ratios too.

*Riffs*, phrases of 5 to 12 notes and less than two bars, each of another solo, begin solos of the
songbook: how often the rest states them (:func:`sideman.evaluation.uptake.statements`), beside the
riffs of the others.

*Takes*, generated ones of ten densities and ten solos of part valid: all but the first four bars
are played again, twice; notes a bar and mean pitch of the new bars and of the take.

"Without" is the same request with the plan of statements, or the take's manner, left out.  The run
takes two minutes of one core (set OMP_NUM_THREADS=1 and OPENBLAS_NUM_THREADS=1).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from unittest import mock

import numpy as np
from numpy.random import default_rng

from sideman.evaluation import loading, style, uptake
from sideman.library import songbook
from sideman.models import registry, soloist
from sideman.models.controls import Controls
from sideman.models.protocol import Soloist
from sideman.score import Changes, Note, Solo, monophonic
from sideman.service.takes import reading, settling, trading
from sideman.service.takes.performer import Performer
from sideman.theory.instruments import Instrument

BARS = 4
BAR_TICKS = 96
# What the soloists of the corpus mostly play.
INSTRUMENT = Instrument("saxophone", 66, 49, 80)
TUNES = ("blues-f", "indiana", "bird-blues-f", "rhythm-bb", "bye-bye-blackbird")
DENSITIES = (0.3, 0.4, 0.5, 0.7, 0.85, 1, 1.2, 1.5, 2, 3)
KEPT = 4
PHRASES, GENERATED, RIFFS, TAKES = 60, 30, 20, 10


@dataclass(frozen=True)
class Call:
    """A phrase in its place: notes from the downbeat of `bar` of the changes."""

    name: str
    changes: Changes
    tempo_bpm: float
    bar: int
    notes: tuple[Note, ...]


def phrases(solo: Solo, starts: Sequence[int]) -> Iterator[tuple[int, tuple[Note, ...]]]:
    """Yield the phrases of a solo that can be answered, which begin with notes of some numbers.

    Each is its bar and its notes, from the downbeat of that bar.
    """
    changes = solo.changes
    if changes is None or not changes.spans:
        return
    for first, last in pairwise((*starts, len(solo.notes))):
        notes = monophonic(solo.notes[first:last])
        bar = changes.bar_at(notes[0].onset)
        start = bar * BAR_TICKS
        if len(notes) < 6 or bar < 0 or bar + 2 * BARS > len(changes.bars):
            continue
        if notes[-1].end <= start + BARS * BAR_TICKS:
            yield bar, tuple(replace(note, onset=note.onset - start) for note in notes)


def calls(name: str, solo: Solo, starts: Sequence[int]) -> Iterator[Call]:
    """Yield the phrases of a solo as :func:`phrases` does."""
    for bar, notes in phrases(solo, starts):
        assert solo.changes is not None
        yield Call(name, solo.changes, solo.tempo_bpm or 150.0, bar, reading.even(notes))


def shuffled(found: list[Call], seed: int, most: int) -> list[Call]:
    return [found[at] for at in default_rng(seed).permutation(len(found))[:most]]


def longest_run(phrase: Sequence[Note], answer: Sequence[Note]) -> int:
    """Return the notes of the longest run with the same IOIs and intervals."""
    one, other = (
        [(b.onset - a.onset, b.pitch - a.pitch) for a, b in pairwise(line)]
        for line in (phrase, answer)
    )
    longest = 0
    row = [0] * (len(one) + 1)
    for symbol in other:
        row = [0] + [row[at] + 1 if each == symbol else 0 for at, each in enumerate(one)]
        longest = max(longest, *row)
    return longest + 1 if longest else 0


@dataclass
class Played:
    """Answers in order, and the seconds of each."""

    answers: list[tuple[Note, ...]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def played(
    every: Sequence[Call], model: Soloist, controls: Controls, seed: int
) -> dict[bool, Played]:
    """Answer each phrase twice in turn, without and with planned statements."""
    found = {False: Played(), True: Played()}
    plans = {False: lambda *_: (), True: soloist.planned}
    for number, call in enumerate(every):
        for planned, one in found.items():
            with mock.patch.object(soloist, "planned", plans[planned]):
                before = time.process_time()
                exchange = trading.exchange(
                    Performer(model, call.tempo_bpm, INSTRUMENT, controls),
                    Solo(call.name, call.notes, tempo_bpm=call.tempo_bpm),
                    call.changes,
                    bars=BARS,
                    first_bar=call.bar,
                    rng=default_rng([seed, number]),
                )
                one.seconds.append(time.process_time() - before)
            one.answers.append(exchange.answer.notes)
    return found


def answers(every: Sequence[Call], model: Soloist, seed: int, label: str) -> None:
    print(f"\nAnswers to {len(every)} phrases of {label} solos")
    print(f"{'':22}taken up  others  rhythm  contour  run 50%, 95%  ms 50%, 99%   ratios")
    for best_of in (1, 3):
        found = played(every, model, replace(model.defaults, effort=1, best_of=best_of), seed)
        base = np.percentile(found[False].seconds, (50, 99))
        for planned, one in found.items():
            pairs = [(call.notes, answer) for call, answer in zip(every, one.answers, strict=True)]
            own, rhythm, contour = (
                np.mean([measure(*pair) >= uptake.TAKEN_UP for pair in pairs])
                for measure in (uptake.uptake, uptake.rhythm, uptake.contour)
            )
            others = np.mean(
                [
                    uptake.uptake(other.notes, answer) >= uptake.TAKEN_UP
                    for call, answer in zip(every, one.answers, strict=True)
                    for other in every
                    if other.name != call.name
                ]
            )
            runs = np.percentile([longest_run(*pair) for pair in pairs], (50, 95))
            times = np.percentile(one.seconds, (50, 99))
            print(
                f"{'planned' if planned else 'without'}, best of {best_of}    "
                f"{own:8.2f}{others:8.2f}{rhythm:8.2f}{contour:9.2f}{runs[0]:7.0f},{runs[1]:4.0f}"
                f"{1000 * times[0]:10.0f},{1000 * times[1]:4.0f}"
                f"{times[0] / base[0]:8.2f},{times[1] / base[1]:5.2f}"
            )


def primes(every: Sequence[Call], model: Soloist, effort: int, seed: int) -> None:
    riffs: dict[str, tuple[Note, ...]] = {}
    for call in every:
        last = call.notes[-1].onset
        if 5 <= len(call.notes) <= 12 and last - call.notes[0].onset < 2 * BAR_TICKS > last:
            pitches = [note.pitch for note in call.notes]
            if INSTRUMENT.reach[0] <= min(pitches) and max(pitches) <= INSTRUMENT.reach[1]:
                riffs.setdefault(call.name, call.notes)
    chosen = list(riffs.values())[:RIFFS]
    print(f"\nSolos that begin with a riff, {len(chosen)} of them, effort {effort}")
    print(f"{'':12}{'statements':>12}{'others':>8}{'none':>8}{'two or more':>13}{'most':>6}")
    controls = replace(model.defaults, effort=effort)
    for planned in (False, True):
        own, others = [], []
        rng = default_rng(seed)
        for at, riff in enumerate(chosen):
            sheet = songbook.load(TUNES[at % len(TUNES)])
            changes = sheet.changes.repeated(3 if len(sheet.changes.bars) < 20 else 2)
            fixed = settling.priming(Solo("", riff), changes, INSTRUMENT)
            if not planned:
                fixed = replace(fixed, theme=())
            performer = Performer(model, sheet.tempo_bpm or 150.0, INSTRUMENT, controls)
            line = performer.play(changes, rng=rng, constraints=fixed)[len(riff) :]
            own.append(len(uptake.statements(riff, line, BAR_TICKS)))
            others += [
                len(uptake.statements(other, line, BAR_TICKS))
                for other in chosen
                if other is not riff
            ]
        many = np.array(own)
        print(
            f"{'planned' if planned else 'without':12}{many.mean():12.2f}{np.mean(others):8.2f}"
            f"{(many == 0).mean():8.2f}{(many > 1).mean():13.2f}{many.max():6}"
        )


def generated(model: Soloist, seed: int) -> list[Solo]:
    """Return solos of ten densities."""
    found = []
    for at, density in enumerate(DENSITIES):
        sheet = songbook.load(TUNES[at % len(TUNES)])
        changes = sheet.changes.repeated(2 if len(sheet.changes.bars) < 20 else 1)
        tempo = sheet.tempo_bpm or 150.0
        controls = replace(model.defaults, effort=1, density=density)
        notes = Performer(model, tempo, INSTRUMENT, controls).play(
            changes, rng=default_rng([seed, at])
        )
        found.append(Solo(sheet.title, notes, changes, tempo_bpm=tempo))
    return found


def first_bars(solo: Solo) -> Solo:
    """Return the first 32 bars of a solo, or all."""
    assert solo.changes is not None
    changes = Changes(solo.changes.bars[:32]).steady()
    notes = [note for note in monophonic(solo.notes) if 0 <= note.onset < changes.length]
    return replace(solo, notes=tuple(notes), changes=changes)


def keeps(takes: Sequence[Solo], model: Soloist, effort: int, seed: int, label: str) -> None:
    print(f"\n{len(takes)} {label} takes of which bars {KEPT + 1} on are played again")
    print(f"{'':12}{'correlation':>12}{'ratio':>7}{'from':>6}{'to':>6}{'pitch r':>9}{'off':>5}")
    controls = replace(model.defaults, effort=effort)
    for inherits in (False, True):
        rows = []
        for number, take in enumerate(takes):
            changes = take.changes
            assert changes is not None
            fixed = settling.rewriting(take, changes, kept=range(KEPT))
            if not inherits:
                fixed = replace(fixed, take=())
            performer = Performer(model, take.tempo_bpm or 150.0, INSTRUMENT, controls)
            start = changes.bar_starts[KEPT]
            new = [
                note
                for again in range(2)
                for note in performer.play(
                    changes, rng=default_rng([seed, number, again]), constraints=fixed
                )
                if note.onset >= start
            ]
            bars = len(changes.bars)
            rows.append(
                (
                    len(take.notes) / bars,
                    len(new) / (bars - KEPT) / 2,
                    np.mean([note.pitch for note in take.notes]),
                    np.mean([note.pitch for note in new]),
                )
            )
        theirs, own, pitch, new_pitch = np.array(rows).T
        ratio = own / theirs
        print(
            f"{'inherited' if inherits else 'without':12}"
            f"{np.corrcoef(np.log(theirs), np.log(own))[0, 1]:12.2f}"
            f"{np.exp(np.log(ratio).mean()):7.2f}{ratio.min():6.2f}{ratio.max():6.2f}"
            f"{np.corrcoef(pitch, new_pitch)[0, 1]:9.2f}{np.abs(pitch - new_pitch).mean():5.1f}"
        )
        print(
            "   notes a bar, take > new: "
            + ", ".join(f"{a:.1f} > {b:.1f}" for a, b in zip(theirs, own, strict=True))
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus")
    parser.add_argument("split")
    parser.add_argument("--effort", type=int, default=1, help="of solos; answers have 1")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    model: Soloist = registry.load("soloist")
    test, valid = (
        loading.select([options.corpus], options.split, part, only_common_time=True)
        for part in ("test", "valid")
    )
    every = [
        call for item in test.items for call in calls(item.name, item.solo, item.solo.phrase_starts)
    ]
    every = shuffled(every, options.seed, len(every))
    takes = generated(model, options.seed)
    own = [
        call
        for number, solo in enumerate(takes)
        for call in calls(
            str(number),
            solo,
            [solo.notes.index(phrase[0]) for phrase in style.phrases(solo)],
        )
    ]
    answers(every[:PHRASES], model, options.seed, "held-out")
    answers(shuffled(own, options.seed, GENERATED), model, options.seed, "generated")
    primes(every, model, options.effort, options.seed)
    keeps(takes, model, options.effort, options.seed, "generated")
    played_solos = [first_bars(item.solo) for item in valid.items if item.solo.changes is not None]
    step = len(played_solos) // TAKES
    keeps(played_solos[::step][:TAKES], model, options.effort, options.seed, "held-out")


if __name__ == "__main__":
    main()
