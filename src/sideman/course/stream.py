"""Streams of notes, rests and chords, with the attribute names of music21.

Cells of the assignment that read these attributes run unchanged.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from sideman.errors import MusicError
from sideman.models.course import harmony
from sideman.models.course.realise import Voicing
from sideman.score import Arrangement, Bar, Changes, Note, Part
from sideman.theory.meter import quarters_to_ticks
from sideman.theory.pitch import Pitch

_LONGEST_QUARTERS = 100_000


@dataclass(frozen=True)
class Element:
    """A rest, a note or a chord, by its number of pitches (0, 1, more); times are in quarters."""

    offset: float
    quarterLength: float  # noqa: N815 - music21's name
    pitches: tuple[Pitch, ...] = ()

    @classmethod
    def of(cls, offset: float, length: float, *midi: int) -> Element:
        """Return an element of MIDI numbers (none for a rest), with the course's spelling."""
        return cls(offset, length, tuple(map(harmony.spell, midi)))

    @property
    def isRest(self) -> bool:  # noqa: N802
        """Return whether the element is a rest."""
        return not self.pitches

    @property
    def isNote(self) -> bool:  # noqa: N802
        """Whether it is a single note."""
        return len(self.pitches) == 1

    @property
    def isChord(self) -> bool:  # noqa: N802
        """Return whether the element is a chord."""
        return len(self.pitches) > 1

    @property
    def pitch(self) -> Pitch:
        """The pitch of a note."""
        if not self.isNote:
            raise MusicError(f"The element at {self.offset:g} is not a note; it has no one pitch.")
        return self.pitches[0]

    @property
    def nameWithOctave(self) -> str:  # noqa: N802
        """The name of a note, with ``-`` for flats, such as ``B-4``."""
        return str(self.pitch).replace("b", "-")


@dataclass
class Stream:
    """Elements in order of offset, and a tempo in quarter notes per minute."""

    elements: list[Element] = field(default_factory=list)
    tempo_bpm: float = 130.0

    def insert(self, offset: float, element: Element) -> None:
        """Add an element at an offset, in quarters."""
        self.elements.append(replace(element, offset=offset))
        self.elements.sort(key=lambda element: element.offset)

    @property
    def notes(self) -> list[Element]:
        """The notes and chords, without the rests."""
        return [element for element in self.elements if not element.isRest]

    def arrangement(self, title: str = "My music") -> Arrangement:
        """Return the melody and the chords as parts over bars of 4/4 without chord symbols.

        Pitches above 127 are moved down by octaves.
        """
        melody: list[Note] = []
        chords: list[Note] = []
        for element in self.elements:
            if not -1 < element.offset + element.quarterLength < _LONGEST_QUARTERS:
                raise MusicError(
                    f"An element at {element.offset:g} lies outside what can be written."
                )
            onset = quarters_to_ticks(element.offset)
            length = max(1, quarters_to_ticks(element.quarterLength))
            for pitch in element.pitches:
                midi = pitch.midi if pitch.midi < 128 else 116 + pitch.midi % 12
                midi = midi if midi < 128 else midi - 12
                (melody if element.isNote else chords).append(Note(onset, length, midi))
        last = max((note.end for note in melody + chords), default=0)
        bars = Changes((Bar(),) * -(-last // Bar().meter.ticks_per_bar))
        parts = (Part("Melody", tuple(melody)), Part("Chords", tuple(chords)))
        return Arrangement(title, tuple(part for part in parts if part.notes), bars, self.tempo_bpm)

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the stream as a MIDI file; missing folders are created."""
        from sideman.formats.midi import writing

        writing.write(path, self.arrangement())

    def __iter__(self) -> Iterator[Element]:
        return iter(self.elements)

    def __len__(self) -> int:
        return len(self.elements)

    def __getitem__(self, index: int) -> Element:
        return self.elements[index]


def as_element(thing: Any) -> Element:
    """Return an element, a sequence, or an object with music21's attributes as an element.

    A sequence is the onset and length in quarters and the pitch or pitches as MIDI numbers (None or
    an empty sequence for a rest).  A MusicError is raised for anything else.
    """
    if isinstance(thing, Element):
        return thing
    try:
        if isinstance(thing, (tuple, list)):
            offset, length, pitches = thing
        else:
            offset, length = thing.offset, thing.quarterLength
            pitches = [pitch.midi for pitch in getattr(thing, "pitches", ())]
        pitches = [] if pitches is None else pitches
        midi = pitches if isinstance(pitches, (tuple, list)) else [pitches]
        return Element.of(float(offset), float(length), *map(int, midi))
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raise MusicError(
            f"{str(thing)[:60]!r} is neither note nor chord; give onset, length and pitches."
        ) from error


def as_voicings(things: Any) -> list[Voicing]:
    """Return the chords of one measure, in order, from anything that :func:`as_element` accepts."""
    elements = [as_element(thing) for thing in things]
    return [
        Voicing(element.offset, element.quarterLength, [pitch.midi for pitch in element.pitches])
        for element in elements
        if element.pitches
    ]


def echo(first: Element, second: Element) -> bool:
    """Return whether two elements are notes with the same name and octave."""
    return first.isNote and second.isNote and first.pitch == second.pitch
