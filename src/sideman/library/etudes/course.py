"""The course's embedded corpora, made from études: ``python -m sideman.library.etudes.course``.

The course's model has 78 tokens, and 90 in version 4.  :data:`CUTS` names bars of some études that
have as many under the course's own rules.  The command above writes them to the corpus folder:
first the solo's track, then the chords', with every chord repeated in each bar because the course
holds none over a bar line.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from sideman.formats.midi import writing
from sideman.library import etudes
from sideman.score import Arrangement, Bar, Changes, Note, Part
from sideman.theory.chord import Chord
from sideman.theory.meter import TICKS_PER_QUARTER

Cut = tuple[tuple[str, int, int], ...]

CUTS: dict[str, Cut] = {
    "course.mid": (("blues-f-night-shift", 1, 19),),
    "course-v4.mid": (("indiana-milk-train", 1, 10), ("blues-f-night-shift", 2, 15)),
}
"""The passages of each file: étude, first bar and last bar, counted from 1, both included."""

FOLDER = Path(__file__).parent.parent / "corpus"

# The bass is from E2 up, the rest of the chord from G3 up.
_LOWEST_BASS, _LOWEST_TONE = 40, 55


def voicing(chord: Chord) -> tuple[int, ...]:
    """Return a close voicing: the bass, the other chord tones above it; empty for N.C."""
    bass = chord.bass_pitch_class
    if bass is None:
        return ()
    upper = {_LOWEST_TONE + (tone - _LOWEST_TONE) % 12 for tone in chord.tones if tone != bass}
    return (_LOWEST_BASS + (bass - _LOWEST_BASS) % 12, *sorted(upper))


def arrangement(cut: Cut) -> Arrangement:
    """Return the bars of a cut joined, as the parts ``Solo`` and ``Chords``."""
    bars: list[Bar] = []
    solo: list[Note] = []
    chords: list[Note] = []
    now = 0
    for name, first, last in cut:
        source = etudes.load(name)
        assert source.changes is not None
        starts = source.changes.bar_starts
        for index in range(first - 1, last):
            begin, end = starts[index], starts[index + 1]
            arrivals = {begin} | {
                span.onset for span in source.changes.spans if begin < span.onset < end
            }
            edges = [*sorted(arrivals), end]
            for onset, stop in pairwise(edges):
                chord = source.changes.chord_at(onset)
                assert chord is not None
                chords += [
                    Note(now + onset - begin, stop - onset, pitch, 64) for pitch in voicing(chord)
                ]
            solo += [
                Note(now + note.onset - begin, note.duration, note.pitch, note.velocity)
                for note in source.notes
                if begin <= note.onset < end
            ]
            bars.append(source.changes.bars[index])
            now += end - begin
    return Arrangement(
        title="The course's corpus",
        parts=(Part("Solo", tuple(solo), program=66), Part("Chords", tuple(chords))),
        changes=Changes(tuple(bars)),
        tempo_bpm=130.0,
    )


if __name__ == "__main__":
    for name, cut in CUTS.items():
        writing.write(FOLDER / name, arrangement(cut))
        print(f"{FOLDER / name}: {arrangement(cut).changes.length // TICKS_PER_QUARTER} beats")
