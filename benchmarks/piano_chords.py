"""Measure the inference of chords from a piano alone.

    python benchmarks/piano_chords.py IREAL_FILE

Charts of the songbook and of an iReal Pro file, and 30 further charts of that file, are played by
the piano of two styles, without and with a melody on top; the chord symbols are taken out and the
files are read back. Printed are the shares of the time with the right root, and with the right root
and class: without a prior, and with the model of harmony as the prior. That model is trained on the
songbook and the études as the shipped one is, but without any that has the changes of a measured
chart. Intervals are 95 in 100 draws of a paired bootstrap over charts. Files of one line and of
drums must get no chords.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sideman import opening
from sideman.band.comping import comp
from sideman.band.styles import load
from sideman.errors import SidemanError
from sideman.evaluation import bootstrap
from sideman.formats import registry
from sideman.formats.document import Tune
from sideman.formats.midi import parse, take
from sideman.formats.midi.solo import Taken
from sideman.formats.midi.writing import dumps
from sideman.formats.prior import Prior
from sideman.library import etudes, songbook
from sideman.models.harmony import alphabet, learning
from sideman.models.harmony.model import HarmonyModel
from sideman.score import Arrangement, Changes, LeadSheet, Note, Part
from sideman.theory.chord import Chord
from sideman.theory.pitch import Key

STYLES = ("swing", "bossa")
CHARTS = 15  # of each source


def class_of(chord: Chord) -> str:
    """Return the class of a chord as in the model."""
    quality = chord.quality
    if quality.third in (5, 2):
        return "suspended"
    if quality.third == 3 and quality.fifth == 6:
        return "half-diminished" if 10 in quality.semitones else "diminished"
    if quality.third == 3:
        return "minor"
    return "dominant" if quality.third == 4 and 10 in quality.semitones else "major"


def melody(changes: Changes, rng: np.random.Generator) -> list[Note]:
    """Return a line of eighths and quarters above the piano, mostly of chord tones."""
    notes, now, last = [], 0, 76
    while now < changes.length:
        length = int(rng.choice([12, 12, 24, 36]))
        chord = changes.chord_at(now)
        if chord is not None and chord.root is not None and rng.random() < 0.8:
            held = chord.tones if rng.random() < 0.65 else chord.scale or chord.tones
            near = [p for p in range(72, 89) if p % 12 in held]
            last = min(near, key=lambda p: abs(p - last - rng.integers(-4, 5)))
            notes.append(Note(now, min(length, changes.length - now), last, 85))
        now += length
    return notes


def read_back(
    parts: tuple[Part, ...],
    changes: Changes,
    key: Key | None = None,
    prior: Prior | None = None,
) -> Taken:
    """Return the solo that is read from the parts without chord symbols."""
    data = dumps(Arrangement("Piano", parts, changes, key=key))
    file = parse(data, "piano.mid")
    bare = replace(file, tracks=tuple(replace(track, texts=()) for track in file.tracks))
    return take(bare, prior=prior)


def score(changes: Changes, found: Changes | None, shift: int) -> tuple[int, int, int]:
    """Return ticks in all, with the right root, and with root and class."""
    total = roots = classes = 0
    for span in changes.spans:
        if span.chord.root is None:
            continue
        for tick in range(span.onset, span.end, 12):
            total += 1
            guess = None
            if found is not None and found.spans and found.spans[0].onset <= tick - shift:
                guess = found.chord_at(tick - shift)
            if guess is not None and guess.root is not None:
                right = guess.root.pitch_class == span.chord.root.pitch_class
                roots += right
                classes += right and class_of(guess) == class_of(span.chord)
    return total, roots, classes


def sheets(path: str) -> list[LeadSheet]:
    """Return the charts: of the songbook, and of an iReal file every 64th."""
    found = [songbook.load(name) for name in songbook.names()]
    found = [sheet for sheet in found if len(sheet.changes.bars) >= 12]
    found = found[:: len(found) // CHARTS][:CHARTS]
    tunes = registry.open_document(path).charts or ()
    return [*found, *_opened(tunes[::64], CHARTS)]


def further(path: str) -> list[LeadSheet]:
    """Return further charts of an iReal file."""
    tunes = registry.open_document(path).charts or ()
    others = [tune for number, tune in enumerate(tunes) if number % 8 == 0 and number % 64]
    return _opened(others[2::5], 2 * CHARTS)


def _opened(tunes: Sequence[Tune], most: int) -> list[LeadSheet]:
    """Return the first charts that are sound."""
    found: list[LeadSheet] = []
    for tune in tunes:
        try:
            found.append(tune.open())
        except SidemanError:
            continue
        if len(found) == most:
            break
    return found


def unmeasured(held: Sequence[LeadSheet]) -> HarmonyModel:
    """Return a model of the songbook and the études without the changes of some charts."""
    measured = [_moves(sheet) for sheet in held]
    tunes = [
        learning.Tune(sheet.title, sheet.changes, sheet.key.tonic.pitch_class, sheet.key.minor)
        for sheet in (
            *map(songbook.load, songbook.names()),
            *map(etudes.sheet, etudes.names()),
        )
        if sheet.key is not None and not any(one in _moves(sheet) for one in measured)
    ]
    print(f"the prior is trained on {len(tunes)} charts")
    return learning.learn(tunes)


def _moves(sheet: LeadSheet) -> str:
    """Return the changes as text, the same in all keys."""
    changes = alphabet.spelled_out(sheet.changes)
    first = changes[0].root
    return " ".join(f"{(each.root - first) % 12}:{each.quality}" for each in changes)


def measured(
    held: Sequence[LeadSheet], name: str, over: bool, priors: Sequence[Prior | None]
) -> NDArray[np.float64]:
    """Return the scores of a style, (priors, charts, 3), with or without a melody on top."""
    style = load(name)
    found = np.zeros((len(priors), len(held), 3))
    for number, sheet in enumerate(held):
        rng = np.random.default_rng(number)
        changes = Changes(sheet.changes.bars * 2)
        part = comp(changes, style, rng)
        notes = [*part.notes, *(melody(changes, rng) if over else ())]
        part = Part("Piano", tuple(sorted(notes)), 0)
        for at, prior in enumerate(priors):
            taken = read_back((part,), changes, sheet.key, prior)
            shift = taken.lines.starts[taken.first_bar]
            found[at, number] = score(changes, taken.solo.changes, shift)
    return found


def shown(found: NDArray[np.float64]) -> str:
    """Return the shares of root, and root and class, without and with the prior."""
    sizes = found[0, :, 0].astype(np.int64)  # the same with the prior
    right = found[:, :, 1:]
    gain = bootstrap.paired(right[1] - right[0], sizes, np.random.default_rng(0))
    said = []
    for at, name in enumerate(("root", "root and class")):
        before, after = right[:, :, at].sum(axis=1) / sizes.sum()
        low, high = gain.low[at], gain.high[at]
        said.append(f"{name} {before:.1%} -> {after:.1%} ({low:+.1%} to {high:+.1%})")
    return ", ".join(said)


def main() -> None:
    """Print the figures."""
    held, others = sheets(sys.argv[1]), further(sys.argv[1])
    prior = partial(opening.informed, unmeasured([*held, *others]))
    for group, charts in (("", held), ("further: ", others)):
        every = []
        for over in (False, True):
            for name in STYLES:
                every.append(measured(charts, name, over, (None, prior)))
                print(group + name + " with melody" * over + ": " + shown(every[-1]), flush=True)
        print(group + "all four: " + shown(np.sum(every, axis=0)))
    chords = 0
    for number in range(20):
        rng = np.random.default_rng(number)
        sheet = held[number]
        if number % 2:
            line = melody(sheet.changes, rng)
            part = Part("Line", tuple(line), int(rng.choice([0, 56, 65, 73])))
        else:
            hits = [Note(t, 6, int(rng.choice([36, 38, 42, 46])), 90)
                    for t in range(0, sheet.changes.length, 12)]  # fmt: skip
            part = Part("Drums", tuple(hits), percussion=True)
        chords += bool(read_back((part,), sheet.changes, prior=prior).solo.changes)
    print(f"files without harmony that got chords: {chords} of 20")


if __name__ == "__main__":
    main()
