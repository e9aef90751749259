"""Practice forms: some bars as a form, keys and tempos that change from chorus to chorus.

A chorus begins with a bar that has the key and the tempo of that chorus
(:class:`sideman.score.Bar`); band, performance, page and MIDI file follow these.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import gcd

from sideman.errors import MusicError
from sideman.score import Bar, Changes, LeadSheet, Note, monophonic
from sideman.theory.meter import check_tempo
from sideman.words import counted

CYCLES = {
    "fourths": 5,
    "fifths": 7,
    "semitones": 1,
    "semitones-down": -1,
    "whole-tones": 2,
    "whole-tones-down": -2,
    "minor-thirds": 3,
    "minor-thirds-down": -3,
    "major-thirds": 4,
    "major-thirds-down": -4,
}
"""The order of keys by its name: semitones from one key up to the next."""
_KEYS = 12


def keys_of(cycle: str) -> int:
    """Return the number of keys of a cycle; a MusicError for an unknown name."""
    return _KEYS // gcd(_step(cycle), _KEYS)


def _step(cycle: str) -> int:
    if cycle not in CYCLES:
        raise MusicError(
            f"There is no cycle {cycle[:40]!r}; choose from {', '.join(CYCLES)}.", field="cycle"
        )
    return CYCLES[cycle]


@dataclass(frozen=True, slots=True)
class Ramp:
    """The tempo of the first and of the last chorus, in quarter notes per minute.

    Those between are whole numbers at even distances.

    >>> Ramp(120, 200).tempos(4)
    (120, 147, 173, 200)
    """

    first: float
    last: float

    def __post_init__(self) -> None:
        check_tempo(self.first)
        check_tempo(self.last)

    def tempos(self, choruses: int) -> tuple[float, ...]:
        """Return the tempo of each of two choruses or more."""
        between = (self.last - self.first) / (choruses - 1)
        inner = (round(self.first + between * at) for at in range(1, choruses - 1))
        return (self.first, *inner, self.last)


@dataclass(frozen=True, slots=True)
class Practice:
    """The key and the tempo of each chorus: a name of :data:`CYCLES`, and a ramp.

    Where one is None, all choruses have the key or the tempo of the form.

    >>> from sideman.formats import typed
    >>> form = Practice("fourths").form(typed.parse("| C7 |"), 4)
    >>> [str(span.chord) for span in form.spans]
    ['C7', 'F7', 'Bb7', 'Eb7']
    """

    cycle: str | None = None
    ramp: Ramp | None = None

    def __post_init__(self) -> None:
        if self.cycle is not None:
            _step(self.cycle)

    def check(self, choruses: int) -> None:
        """Raise a MusicError where there is no second chorus in which anything could change."""
        for field, value, what in (("cycle", self.cycle, "key"), ("ramp", self.ramp, "tempo")):
            if value is not None and choruses < 2:
                raise MusicError(
                    f"A {field} changes the {what} from chorus to chorus, and there is "
                    f"{counted(choruses, 'chorus', 'es')}; ask for 2 or more.",
                    field=field,
                )

    def form(self, sheet: LeadSheet, choruses: int) -> Changes:
        """Return the changes of a tune repeated, in the key and the tempo of each chorus."""
        self.check(choruses)
        form = sheet.changes
        signs = sheet.key.fifths if sheet.key else 0
        bars: list[Bar] = []
        for chorus in range(choruses):
            own = form
            if self.cycle is not None:
                keyed = replace(form.bars[0], key=sheet.tonality)
                fifths = _fifths(chorus * _step(self.cycle), signs)
                own = Changes((keyed, *form.bars[1:])).transposed(fifths)
            first, *others = own.bars
            if self.ramp is not None:
                tempo = self.ramp.tempos(choruses)[chorus]
                first, others = (
                    replace(first, tempo_bpm=tempo),
                    list(Changes(own.bars[1:]).steady().bars),
                )
            bars += (first, *others)
        return replace(form.repeated(choruses), bars=tuple(bars))

    def melody(self, sheet: LeadSheet, choruses: int) -> tuple[Note, ...]:
        """Return the melody of a tune over every chorus, in its key, one note at a time.

        A pickup is at most a bar long.
        """
        length, pickup = sheet.changes.length, sheet.changes.meter.ticks_per_bar
        head = [note for note in sheet.melody if -pickup <= note.onset < length]
        step = 0 if self.cycle is None else _step(self.cycle)
        return monophonic(
            replace(
                note,
                onset=note.onset + chorus * length,
                pitch=note.pitch + (chorus * step + 5) % _KEYS - 5,
                name=None,
            )
            for chorus in range(choruses)
            for note in head
        )


def _fifths(semitones: int, signs: int) -> int:
    """Return the way from a key of so many sharps up to the one with the fewest signs."""
    return (signs + semitones * 7 + 6) % _KEYS - 6 - signs if semitones % _KEYS else 0


ALIKE = Practice()
"""Every chorus in the key and the tempo of the tune."""


def excerpt(sheet: LeadSheet, first: int, end: int) -> LeadSheet:
    """Return the bars of a tune from `first` to before `end` as a form of their own.

    Of the melodies it has the notes that begin in these bars.
    """
    changes = sheet.changes
    start, stop = changes.bar_starts[first], changes.bar_starts[end]

    def kept(notes: tuple[Note, ...]) -> tuple[Note, ...]:
        return tuple(
            replace(note, onset=note.onset - start, duration=min(note.end, stop) - note.onset)
            for note in notes
            if start <= note.onset < stop
        )

    bars = f"bar {end}" if end == first + 1 else f"bars {first + 1} to {end}"
    return replace(
        sheet,
        title=f"{sheet.title}, {bars}",
        changes=Changes(changes.cut(first, end)),
        parts=tuple(replace(part, notes=kept(part.notes)) for part in sheet.parts),
        key=changes.key_at(start) or sheet.key,
        tempo_bpm=changes.tempo_at(start) or sheet.tempo_bpm,
    )
