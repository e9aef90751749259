"""The course's ``preprocess`` and ``grammar``: chords and grammars of a MIDI file, and back."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from numpy.random import Generator

from sideman.course.chance import generator
from sideman.course.stream import Element, Stream, as_element, as_voicings
from sideman.errors import MusicError
from sideman.formats import midi
from sideman.models.course import harmony
from sideman.models.course.analyse import as_spelled, describe
from sideman.models.course.realise import Voicing, realise_as_taught, voicing_at
from sideman.models.course.tokens import Token
from sideman.theory.meter import TICKS_PER_QUARTER, quantise

MELODY_PART, CHORD_PART = 5, 0
BEATS = (476, 548)
"""The first and the last beat of the solo in the course's file."""

_BEATS_PER_MEASURE = 4
_SHORTEST = TICKS_PER_QUARTER // 4
# Notes whose onsets and ends differ by at most this are a chord.
_TOGETHER = Fraction(1, 16)

Chords = dict[int, list[Voicing]]


def get_musical_data(
    data_fn: str | os.PathLike[str],
    *,
    melody_part: int = MELODY_PART,
    chord_part: int = CHORD_PART,
    beats: tuple[float, float] = BEATS,
    rests: bool = False,
) -> tuple[Chords, list[str]]:
    """Read the chords and the grammar of every measure of a solo.

    Parameters
    ----------
    data_fn : path-like
        A MIDI file.
    melody_part, chord_part : int
        The tracks of the solo and of the chords, counted from 0 over the tracks with notes.  The
        defaults fit the course's file.
    beats : tuple of float
        The first and the last beat of the solo, both included; quantised onsets count.
    rests : bool
        Whether gaps in the melody become rests, as in version 4 of the course.

    Returns
    -------
    chords : dict
        The chords of each measure as (onset, length, pitches); measure 0 has none.
    abstract_grammars : list of str
        The tokens of each measure, from measure 1.

    Raises
    ------
    FileError, FormatError, MusicError
        If the file cannot be read, or has no such parts, or no notes between those beats.
    """
    file = midi.read(data_fn)
    tracks = [track.notes for track in file.tracks if track.notes]
    most = max(melody_part, chord_part)
    if min(melody_part, chord_part) < 0 or most >= len(tracks):
        raise MusicError(
            f"{file.name}: part {most} is asked for, but {len(tracks)} parts hold notes; name the "
            "parts with melody_part= and chord_part=."
        )
    low, high = (round(beat * TICKS_PER_QUARTER) for beat in beats)
    # Quantising moves an onset by less than a beat; notes further outside are skipped.
    first, last = (
        (beat + side) * file.ticks_per_quarter for beat, side in zip(beats, (-1, 1), strict=True)
    )

    def on_grid(note: midi.MidiNote) -> tuple[int, int]:
        return quantise(file.quarters(note.onset)), quantise(file.quarters(note.end - note.onset))

    # A rest ends at the next note, which may be outside the solo; with rests, no note is skipped.
    line = [
        (onset, length or _SHORTEST, note.pitch)
        for note in tracks[melody_part]
        if rests or first <= note.onset <= last
        for onset, length in [on_grid(note)]
    ]
    melody: dict[int, list[Element]] = {}
    for onset, length, *pitch in _with_rests(line) if rests else line:
        if low <= onset <= high:
            element = Element.of(_quarters(onset), _quarters(length), *pitch)
            melody.setdefault(_measure(onset), []).append(element)
    chords: dict[int, list[Voicing]] = {}
    for group in _gathered(tracks[chord_part], file.ticks_per_quarter * _TOGETHER):
        if first <= group[0].onset <= last:
            onset, length = on_grid(group[0])
            if low <= onset <= high:
                length = length or (_SHORTEST if rests else 0)
                voicing = Voicing(
                    _quarters(onset), _quarters(length), [note.pitch for note in group]
                )
                chords.setdefault(_measure(onset), []).append(voicing)
    if not melody or not chords:
        raise MusicError(
            f"{file.name}: no {'chords' if melody else 'melody'} from beat {beats[0]:g} to "
            f"{beats[1]:g}; name the beats with beats=."
        )
    # Measures with notes are numbered; surplus measures of either part are left out.
    lines = [melody[measure] for measure in sorted(melody)]
    voicings = [chords[measure] for measure in sorted(chords)][: len(lines)]
    grammars = [parse_melody(line, row) for line, row in zip(lines, voicings, strict=False)]
    return dict(enumerate([[], *voicings])), grammars


def _with_rests(notes: Iterable[tuple[int, int, int]]) -> list[tuple[int, ...]]:
    """Return notes (onset, length, pitch) and rests (onset, length) as music21 6.5 orders them.

    A note that overlaps the first voice belongs to a second voice, which has no rests; the second
    follows the first where their onsets are equal.
    """
    voices: tuple[list[tuple[int, ...]], list[tuple[int, ...]]] = ([], [])
    end = 0
    for onset, length, pitch in sorted(notes, key=lambda note: note[0]):
        if onset < end:
            voices[1].append((onset, length, pitch))
            continue
        if onset > end:
            voices[0].append((end, onset - end))
        voices[0].append((onset, length, pitch))
        end = onset + length
    return sorted([*voices[0], *voices[1]], key=lambda element: element[0])


def _quarters(ticks: int) -> float:
    return ticks / TICKS_PER_QUARTER


def _measure(ticks: int) -> int:
    return ticks // (_BEATS_PER_MEASURE * TICKS_PER_QUARTER)


def _gathered(notes: Sequence[midi.MidiNote], together: Fraction) -> Iterable[list[midi.MidiNote]]:
    """Yield the chords among notes, in the order of their note-ons, without single notes.

    A note that belongs to a chord does not start another one, but it may belong to a later one.
    """
    taken: set[int] = set()
    for index, note in enumerate(notes):
        if index in taken:
            continue
        group = [note]
        for later in range(index + 1, len(notes)):
            other = notes[later]
            if other.onset - note.onset > together:
                break
            if abs(other.end - note.end) <= together:
                group.append(other)
                taken.add(later)
        if len(group) > 1:
            yield group


def parse_melody(fullMeasureNotes: Iterable[Any], fullMeasureChords: Iterable[Any]) -> str:
    """Return the tokens of one measure, space-separated: the relation of each note to its chord.

    Notes and rests are in order of onset: elements, (onset, length, pitch) in quarters and MIDI
    numbers, or objects with music21's attributes; the onsets of the chords have the same origin. A
    MusicError is raised if there is no chord, or an element cannot be interpreted.

    >>> parse_melody([(0, 0.5, 64), (0.5, 0.25, 67)], [(0, 4, (60, 64, 67))])
    'C,0.500 C,0.250,<d5,P1>'
    """
    line = [as_element(thing) for thing in fullMeasureNotes]
    chords = as_voicings(fullMeasureChords)
    if not chords:
        raise MusicError("No chord in the measure; give at least one with pitches.")
    described = describe(
        # The highest note of a chord in the melody counts.
        (
            (element.offset, max((pitch.midi for pitch in element.pitches), default=None))
            for element in line
        ),
        lambda onset: harmony.of_voicing(tuple(voicing_at(chords, onset).pitches)),
        as_spelled,
    )
    return " ".join(
        f"{kind.value},{element.quarterLength:.3f}{'' if bracket is None else f',{bracket}'}"
        for element, (kind, bracket) in zip(line, described, strict=True)
    )


def unparse_grammar(
    m1_grammar: str, m1_chords: Iterable[Any], rng: Generator | None = None
) -> Stream:
    """Return notes and rests of one measure's tokens over chords as for :func:`parse_melody`.

    The offset of each is the *end* of its token, as in the course.  A FormatError is raised if a
    word is not a token, and a MusicError if there is no chord, the first note has an interval
    bracket, or the grammar is not text.
    """
    given: Any = m1_grammar
    if not isinstance(given, str):
        raise MusicError(
            f"unparse_grammar takes the tokens of one measure in one text, and was given a "
            f"{type(given).__name__}: give one element of a list of grammars, or ' '.join(tokens)."
        )
    words = m1_grammar.split()
    elements = [(Token.parse(word), float(word.split(",")[1])) for word in words]
    placed = realise_as_taught(elements, as_voicings(m1_chords), generator(rng))
    return Stream(
        [
            Element.of(offset, length) if pitch is None else Element.of(offset, length, pitch)
            for offset, length, pitch in placed
        ]
    )
