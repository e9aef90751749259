"""Notes over chords → tokens.

:func:`analyse` converts a solo over its changes bar by bar: gaps become rests, a note that crosses
a bar line is cut there, and the tokens of each bar fill it exactly.

:func:`describe` is the part that it shares with the course: from the onset of each note and the
harmony there it returns the note's kind and its bracket.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from sideman.errors import MusicError
from sideman.models.course import harmony
from sideman.models.course.harmony import Harmony
from sideman.models.course.tokens import Bracket, Kind, Token
from sideman.theory.meter import Meter

if TYPE_CHECKING:
    from sideman.score import Changes, Note, Solo

Onset = TypeVar("Onset")
_MOST_BARS = 100_000


class BarTokens(NamedTuple):
    """The tokens of one bar; their durations add up to the bar.

    `bar` is the index in the form, -1 for a pickup; the first sounding token has no bracket.
    """

    bar: int
    tokens: tuple[Token, ...]


def describe(
    line: Iterable[tuple[Onset, int | None]],
    harmony_at: Callable[[Onset], Harmony],
    bracket: Callable[[int, int], Bracket],
) -> list[tuple[Kind, Bracket | None]]:
    """Return the kind and the bracket of each note of a bar.

    `line` holds the onset and MIDI number (None for a rest) of each note.  `bracket` takes the
    numbers of the note before and of this one; a rest and the first note have none.
    """
    before: int | None = None
    described: list[tuple[Kind, Bracket | None]] = []
    for onset, pitch in line:
        if pitch is None:
            described.append((Kind.REST, None))
            continue
        kind = harmony_at(onset).kind(pitch)
        described.append((kind, None if before is None else bracket(before, pitch)))
        before = pitch
    return described


def as_spelled(before: int, pitch: int) -> Bracket:
    """Return the course's bracket of two MIDI numbers: around the interval as spelled."""
    return Bracket.around(harmony.step_between(before, pitch))


def as_sounding(before: int, pitch: int) -> Bracket:
    """Return the bracket of two MIDI numbers that is the same for every spelling."""
    return Bracket.around_semitones(pitch - before)


def analyse_solo(solo: Solo) -> tuple[BarTokens, ...]:
    """Return the tokens of a solo (:func:`analyse`); a MusicError where it has no changes."""
    if solo.changes is None or not solo.changes.spans:
        raise MusicError(f"{solo.title or 'The solo'}: no chords are known; give its changes.")
    return analyse(solo.notes, solo.changes)


def analyse(notes: Sequence[Note], changes: Changes) -> tuple[BarTokens, ...]:
    """Return the tokens of a line over changes, bar by bar, every bar filled exactly.

    The notes rise, one at a time (:func:`sideman.score.monophonic`); where two overlap the first is
    cut.  There is one entry a bar from the first of the form or the pickup to the last of the form
    or the line.  A MusicError is raised if the notes don't rise, or end 100,000 bars beyond the
    form.
    """
    for before, note in pairwise(notes):
        if note.onset < before.onset:
            raise MusicError(f"The note at tick {note.onset} comes too late: sort the notes.")
    spaces = _bars(notes, changes)
    chords = harmony.sounding(changes)
    result = []
    index = 0
    for bar, start, end in spaces:
        line: list[tuple[int, int, int | None]] = []
        now = start
        while index < len(notes) and notes[index].onset < end:
            note = notes[index]
            index += 1
            following = notes[index].onset if index < len(notes) else end
            stop = min(note.end, following, end)
            if stop <= note.onset:
                continue
            if note.onset > now:
                line.append((now, note.onset - now, None))
            line.append((note.onset, stop - note.onset, note.pitch))
            now = stop
        if now < end:
            line.append((now, end - now, None))
        described = describe(
            ((onset, pitch) for onset, _, pitch in line),
            lambda onset: harmony.of_chord(chords.chord_at(onset)),
            as_sounding,
        )
        tokens = tuple(
            Token(kind, duration, bracket)
            for (_, duration, _), (kind, bracket) in zip(line, described, strict=True)
        )
        result.append(BarTokens(bar, tokens))
    return tuple(result)


def _bars(notes: Sequence[Note], changes: Changes) -> list[tuple[int, int, int]]:
    """Return index, start and end in ticks of every bar that the form or the line touches."""
    first = min(0, changes.bar_at(notes[0].onset)) if notes else 0
    last = max(len(changes.bars) - 1, changes.bar_at(notes[-1].onset) if notes else -1)
    if last - len(changes.bars) > _MOST_BARS or first < -_MOST_BARS:
        raise MusicError(
            f"The line runs more than {_MOST_BARS} bars beyond its form; check the ticks."
        )
    before = (changes.bars[0].meter if changes.bars else Meter()).ticks_per_bar
    after = (changes.bars[-1].meter if changes.bars else Meter()).ticks_per_bar
    spaces = [(bar, bar * before, (bar + 1) * before) for bar in range(first, 0)]
    starts = changes.bar_starts
    spaces += [(bar, starts[bar], starts[bar + 1]) for bar in range(len(changes.bars))]
    for bar in range(len(changes.bars), last + 1):
        start = changes.length + (bar - len(changes.bars)) * after
        spaces.append((bar, start, start + after))
    return spaces
