"""Measure the inference of chords from a piano alone.

    python benchmarks/piano_chords.py IREAL_FILE

Charts of the songbook and of an iReal Pro file, and 30 further charts of that file, are played by
the piano of two styles, without and with a melody on top; the chord symbols are taken out and the
files are read back. Printed are the shares of the time with the right root, and with the right root
and class. Files of one line and of drums must get no chords.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sideman.band.comping import comp
from sideman.band.styles import load
from sideman.errors import SidemanError
from sideman.formats import registry
from sideman.formats.document import Tune
from sideman.formats.midi import parse, take
from sideman.formats.midi.solo import Taken
from sideman.formats.midi.writing import dumps
from sideman.library import songbook
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


def read_back(parts: tuple[Part, ...], changes: Changes, key: Key | None = None) -> Taken:
    """Return the solo that is read from the parts without chord symbols."""
    data = dumps(Arrangement("Piano", parts, changes, key=key))
    file = parse(data, "piano.mid")
    bare = replace(file, tracks=tuple(replace(track, texts=()) for track in file.tracks))
    return take(bare)


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


def measured(held: Sequence[LeadSheet], name: str, over: bool) -> str:
    """Return the figures of a style, with or without a melody on top, and the worst charts."""
    style = load(name)
    sums = np.zeros(3)
    worst: list[tuple[float, str]] = []
    for number, sheet in enumerate(held):
        rng = np.random.default_rng(number)
        changes = Changes(sheet.changes.bars * 2)
        part = comp(changes, style, rng)
        notes = [*part.notes, *(melody(changes, rng) if over else ())]
        part = Part("Piano", tuple(sorted(notes)), 0)
        taken = read_back((part,), changes, sheet.key)
        shift = taken.lines.starts[taken.first_bar]
        got = score(changes, taken.solo.changes, shift)
        sums += got
        worst.append((got[1] / max(1, got[0]), sheet.title))
    total, roots, classes = sums
    return (
        f"root {roots / total:.1%}, root and class {classes / total:.1%}; worst {sorted(worst)[:3]}"
    )


def main() -> None:
    """Print the figures."""
    held = sheets(sys.argv[1])
    for group, charts in (("", held), ("further: ", further(sys.argv[1]))):
        for over in (False, True):
            for name in STYLES:
                print(group + name + " with melody" * over + ": " + measured(charts, name, over))
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
        chords += bool(read_back((part,), sheet.changes).solo.changes)
    print(f"files without harmony that got chords: {chords} of 20")


if __name__ == "__main__":
    main()
