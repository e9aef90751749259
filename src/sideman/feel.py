"""Time feel: from notes as written to notes as played.

What is written stays on the grid; what is played swings, and its loudness breathes with the
phrase.  Each function here returns new notes and leaves the old ones alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from numpy.random import Generator

from sideman.meter import TICKS_PER_QUARTER
from sideman.score import Arrangement, Changes, Note, Part

PERFORMED_TICKS_PER_QUARTER = 480
"""The clock of a performance: 20 to the written tick, fine enough for any swing."""

_FINER = PERFORMED_TICKS_PER_QUARTER // TICKS_PER_QUARTER
_OFFBEAT = TICKS_PER_QUARTER // 2
# Quarters a minute and the swing ratio of soloists there.
_SWING_CURVE = ((130.0, 2.0), (300.0, 1.2), (345.0, 1.0))
_STRAIGHT_WORDS = ("bossa", "samba", "latin", "straight", "even", "rock", "funk", "pop")
_PHRASE_GAP = TICKS_PER_QUARTER


def swing_ratio(tempo_bpm: float) -> float:
    """Give the length of an on-beat eighth over that of the off-beat one.

    About 2:1 at medium tempi, falling in a line towards even eighths at the fastest, as soloists
    were measured by Anders Friberg and Andreas Sundström, "Swing ratios and ensemble timing in
    jazz performance", Music Perception 19(3), 2002.

    Parameters
    ----------
    tempo_bpm : float
        Quarter notes a minute.

    Returns
    -------
    float
        The ratio, 2 down to 1.

    Examples
    --------
    >>> swing_ratio(120), swing_ratio(215), swing_ratio(300), swing_ratio(400)
    (2.0, 1.6, 1.2, 1.0)
    """
    (before, ratio) = _SWING_CURVE[0]
    for tempo, there in _SWING_CURVE:
        if tempo_bpm <= tempo:
            if tempo == before:
                return there
            return round(there + (ratio - there) * (tempo - tempo_bpm) / (tempo - before), 6)
        before, ratio = tempo, there
    return ratio


def is_straight(style: str) -> bool:
    """Tell whether a style plays even eighths.

    Parameters
    ----------
    style : str
        Its name.

    Returns
    -------
    bool
        Whether it is a bossa or another style of even eighths; what isn't known swings.

    Examples
    --------
    >>> is_straight("Bossa Nova"), is_straight("waltz"), is_straight("waltz-straight")
    (True, False, True)
    """
    return any(word in style.lower() for word in _STRAIGHT_WORDS)


def swing(notes: Sequence[Note], changes: Changes, ratio: float) -> tuple[Note, ...]:
    """Play the off-beat eighths late; triplets, sixteenths and compound meters stay as they are.

    Parameters
    ----------
    notes : sequence of Note
        The notes of one player as written, 24 ticks to the quarter.
    changes : Changes
        The bars they stand in.
    ratio : float
        The on-beat eighth over the off-beat one; 1 plays them even.

    Returns
    -------
    tuple of Note
        The same notes in the same order, on the clock of `PERFORMED_TICKS_PER_QUARTER`.

    Examples
    --------
    >>> from sideman.score import Bar
    >>> line = [Note(0, 12, 60), Note(12, 12, 62)]
    >>> [(note.onset, note.end) for note in swing(line, Changes((Bar(),)), 2.0)]
    [(0, 320), (320, 480)]
    """
    # A quarter with anything off the eighth grid is played as written.
    divided = {
        quarter
        for note in notes
        for quarter, place in (_place(note.onset, changes), _place(note.end, changes))
        if place not in (0, _OFFBEAT)
    }
    late = round(PERFORMED_TICKS_PER_QUARTER * ratio / (1 + ratio))

    def played(tick: int) -> int:
        quarter, place = _place(tick, changes)
        if place != _OFFBEAT or quarter in divided or not _swings(tick, changes):
            return tick * _FINER
        return (tick - _OFFBEAT) * _FINER + late

    return tuple(
        replace(note, onset=played(note.onset), duration=played(note.end) - played(note.onset))
        for note in notes
    )


def _place(tick: int, changes: Changes) -> tuple[int, int]:
    """Find the quarter's own tick, and the place in it, counted from the bar's downbeat."""
    bar = min(max(changes.bar_at(tick), 0), len(changes.bars))
    place = (tick - changes.bar_starts[bar]) % TICKS_PER_QUARTER
    return tick - place, place


def _swings(tick: int, changes: Changes) -> bool:
    """Tell whether the bar counts in quarters, so that its eighths come in pairs."""
    if not changes.bars:
        return True
    bar = min(max(changes.bar_at(tick), 0), len(changes.bars) - 1)
    return changes.bars[bar].meter.unit <= 4


def phrase(notes: Sequence[Note], rng: Generator) -> tuple[Note, ...]:
    """Shape the loudness of a line: an arch over each phrase, accents, and a little chance.

    A phrase ends where a quarter or more is silent.  Notes on one onset are shaped as one.

    Parameters
    ----------
    notes : sequence of Note
        As written, by rising onset.
    rng : numpy.random.Generator
        Where chance comes from.

    Returns
    -------
    tuple of Note
        The same notes with other velocities.
    """
    shaped: list[Note] = []
    for group in _phrases(notes):
        chords = [list(notes) for _, notes in groupby(group, key=lambda note: note.onset)]
        tops = [max(note.pitch for note in chord) for chord in chords]
        for index, chord in enumerate(chords):
            around = tops[max(0, index - 1) : index + 2]
            along = (index + 1) / (len(chords) + 1)
            change = 8 * (1 - abs(along - 0.6) / 0.6) - 4
            if len(around) == 3 and tops[index] == max(around) > min(around):
                change += 6  # the top of a turn
            elif len(around) == 3 and tops[index] == min(around) < max(around):
                change -= 5
            if chord[0].onset % TICKS_PER_QUARTER == _OFFBEAT:
                change += 3
            change += float(rng.normal(0, 2))
            for note in chord:
                velocity = min(127, max(1, round(note.velocity + change)))
                shaped.append(replace(note, velocity=velocity))
    return tuple(shaped)


def _phrases(notes: Sequence[Note]) -> list[list[Note]]:
    """Cut notes where a quarter or more is silent."""
    groups: list[list[Note]] = []
    end = 0
    for note in notes:
        if not groups or note.onset - end >= _PHRASE_GAP:
            groups.append([])
            end = note.end
        groups[-1].append(note)
        end = max(end, note.end)
    return groups


def detached(
    notes: Sequence[Note], gap: int = PERFORMED_TICKS_PER_QUARTER // 16
) -> tuple[Note, ...]:
    """Let a note go a moment before its own pitch is struck again.

    Parameters
    ----------
    notes : sequence of Note
        By rising onset, on any clock.
    gap : int
        Ticks of silence; never more than half the note.

    Returns
    -------
    tuple of Note
        The same notes, some a little shorter.
    """
    again: dict[int, int] = {}  # pitch: onset of its next note
    played: list[Note] = []
    for note in reversed(notes):
        following = again.get(note.pitch)
        again[note.pitch] = note.onset
        if following is not None and note.onset < following <= note.end:
            room = following - note.onset
            note = replace(note, duration=max(1, room - min(gap, room // 2)))
        played.append(note)
    return tuple(reversed(played))


def perform(arrangement: Arrangement, rng: Generator, *, style: str = "") -> Arrangement:
    """Play an arrangement: its parts swung as its tempo and style ask, and shaped in loudness.

    Parameters
    ----------
    arrangement : Arrangement
        As written.
    rng : numpy.random.Generator
        Where chance comes from.
    style : str
        The name of the style; empty swings.

    Returns
    -------
    Arrangement
        The performance, on the clock of `PERFORMED_TICKS_PER_QUARTER`.
    """
    ratio = 1.0 if is_straight(style) else swing_ratio(arrangement.tempo_bpm)

    def performed(part: Part) -> Part:
        shaped = phrase(part.notes, rng)
        return replace(part, notes=detached(swing(shaped, arrangement.changes, ratio)))

    return replace(
        arrangement,
        parts=tuple(performed(part) for part in arrangement.parts),
        ticks_per_quarter=PERFORMED_TICKS_PER_QUARTER,
    )
