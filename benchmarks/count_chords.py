"""Count how chords follow each other, for the inference of chords from a piano.

    python benchmarks/count_chords.py WEIMAR_DATABASE IREAL_FILE > progressions.txt

Counted are the first 64 bars of each tune of the Weimar Jazz Database and of the songbook, except
those that ``piano_chords.py`` measures; of the iReal Pro file only the titles of these are used.
The keys, which the database lacks, are estimated by expectation maximisation, beginning with the
songbook's.
"""

from __future__ import annotations

import sys
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from piano_chords import class_of, further, sheets
from sideman.errors import SidemanError
from sideman.formats import registry
from sideman.library import songbook
from sideman.score import Changes
from sideman.theory.chord import Chord

CLASSES = (
    "major", "dominant", "altered dominant", "minor seventh", "tonic minor",
    "half-diminished", "diminished", "suspended",
)  # fmt: skip
BARS, ROUNDS = 64, 8
SAME_KEY = 0.97  # the probability that the key lasts through the next chord
HEAD = """\
# Chords as they follow each other, counted by benchmarks/count_chords.py in the songbook and in the
# Weimar Jazz Database (https://jazzomat.hfm-weimar.de, Open Database License 1.0).
# Classes: {classes}.
"""

Span = tuple[int, int, float]  # root, class, bars


def class_number(chord: Chord) -> int:
    """Return the class; altered dominants and tonic minors are classes of their own."""
    found, tones = class_of(chord), {*chord.quality.semitones}
    if found == "dominant":
        found = "altered dominant" if tones & {1, 3, 8} else "dominant"
    if found == "minor":
        found = "minor seventh" if 10 in tones else "tonic minor"
    return CLASSES.index(found)


def spans(changes: Changes) -> list[Span | None]:
    """Return the chords, equal ones as one; None for N.C."""
    found: list[Span | None] = []
    for span in Changes(changes.bars[:BARS]).spans:
        last = found[-1] if found else None
        if span.chord.root is None:
            found.append(None)
            continue
        root, kind = span.chord.root.pitch_class, class_number(span.chord)
        bars = (span.end - span.onset) / 96
        if last is not None and last[:2] == (root, kind):
            found[-1] = (root, kind, last[2] + bars)
        else:
            found.append((root, kind, bars))
    return found


def motions(tunes: list[list[Span | None]]) -> NDArray[np.float64]:
    """Count class, motion of the root in semitones, next class."""
    counts = np.zeros((len(CLASSES), 12, len(CLASSES)))
    for tune in tunes:
        for one, two in pairwise(tune):
            if one is not None and two is not None:
                counts[one[1], (two[0] - one[0]) % 12, two[1]] += 1
    return counts


def in_keys(tunes: list[list[Span | None]], share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the time of each chord by mode, root above the tonic and class: one round."""
    share = share / share.sum(axis=(1, 2), keepdims=True)
    counts = np.ones_like(share)
    turned = np.full((24, 24), (1 - SAME_KEY) / 23)
    np.fill_diagonal(turned, SAME_KEY)
    for tune in tunes:
        chords = [span for span in tune if span is not None]
        seen = np.array([
            [share[mode, (root - tonic) % 12, kind] for mode in range(2) for tonic in range(12)]
            for root, kind, _ in chords
        ])  # fmt: skip
        forward, backward = np.ones_like(seen), np.ones_like(seen)
        for i, one in enumerate(seen):
            forward[i] = (forward[i - 1] @ turned if i else 1) * one
            forward[i] /= forward[i].sum()
        for i in range(len(seen) - 2, -1, -1):
            backward[i] = turned @ (backward[i + 1] * seen[i + 1])
            backward[i] /= backward[i].sum()
        posterior = forward * backward
        posterior /= posterior.sum(axis=1, keepdims=True)
        for (root, kind, bars), keys in zip(chords, posterior, strict=True):
            for key, weight in enumerate(keys):
                counts[key // 12, (root - key % 12) % 12, kind] += weight * min(bars, 2.0)
    return counts


def rows(counts: NDArray[np.float64]) -> list[str]:
    """Return a line for each first class or mode, in thousandths."""
    shares = 1000 * counts / counts.sum(axis=(1, 2), keepdims=True)
    return [" | ".join(" ".join(f"{x:.0f}" for x in motion) for motion in row) for row in shares]


def main() -> None:
    """Print the tables."""
    weimar, ireal = sys.argv[1:3]
    measured = {sheet.title for sheet in (*sheets(ireal), *further(ireal))}
    book = [songbook.load(name) for name in songbook.names()]
    found = {sheet.title: sheet.changes for sheet in book}
    for tune in registry.open_document(weimar).charts or ():
        try:
            sheet = tune.open()
        except SidemanError:
            continue
        found.setdefault(sheet.title, sheet.changes)
    tunes = [spans(changes) for title, changes in found.items() if title not in measured]
    tunes = [tune for tune in tunes if any(tune)]
    share = np.full((2, 12, len(CLASSES)), 0.5)
    for sheet in book:
        if sheet.key is not None and sheet.title not in measured:
            # The tonic is as many fifths above C as there are sharps, in minor 3 more.
            tonic = (sheet.key.fifths * 7 + 9 * sheet.key.minor) % 12
            for span in spans(sheet.changes):
                if span is not None:
                    share[int(sheet.key.minor), (span[0] - tonic) % 12, span[1]] += min(span[2], 2)
    for _ in range(ROUNDS):
        share = in_keys(tunes, share)
    first, second = ", ".join(CLASSES[:5]), ", ".join(CLASSES[5:])
    print(HEAD.format(classes=f"{first},\n# {second}"), end="")
    print("# For each class, the next chord: for each motion of the root in semitones the classes.")
    print(*rows(motions(tunes)), sep="\n")
    print("# In a major and in a minor key, the time: for each root above the tonic the classes.")
    print(*rows(share), sep="\n")


if __name__ == "__main__":
    main()
