"""Instruments: General MIDI programs and families, solo ranges, transpositions.

Names follow General MIDI System Level 1, some of them shortened. Ranges are sounding pitches and
cover the comfortable register for a solo, not the full range of the instrument.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from sideman.errors import MusicError

PROGRAMS = (
    *("Acoustic Grand Piano", "Bright Acoustic Piano", "Electric Grand Piano"),
    *("Honky-tonk Piano", "Electric Piano 1", "Electric Piano 2", "Harpsichord", "Clavinet"),
    *("Celesta", "Glockenspiel", "Music Box", "Vibraphone"),
    *("Marimba", "Xylophone", "Tubular Bells", "Dulcimer"),
    *("Drawbar Organ", "Percussive Organ", "Rock Organ", "Church Organ"),
    *("Reed Organ", "Accordion", "Harmonica", "Bandoneon"),
    *("Nylon Guitar", "Steel Guitar", "Jazz Guitar", "Clean Guitar"),
    *("Muted Guitar", "Overdriven Guitar", "Distorted Guitar", "Guitar Harmonics"),
    *("Acoustic Bass", "Fingered Bass", "Picked Bass", "Fretless Bass"),
    *("Slap Bass 1", "Slap Bass 2", "Synth Bass 1", "Synth Bass 2"),
    *("Violin", "Viola", "Cello", "Contrabass"),
    *("Tremolo Strings", "Pizzicato Strings", "Harp", "Timpani"),
    *("String Ensemble 1", "String Ensemble 2", "Synth Strings 1", "Synth Strings 2"),
    *("Choir Aahs", "Voice Oohs", "Synth Voice", "Orchestra Hit"),
    *("Trumpet", "Trombone", "Tuba", "Muted Trumpet"),
    *("French Horn", "Brass Section", "Synth Brass 1", "Synth Brass 2"),
    *("Soprano Sax", "Alto Sax", "Tenor Sax", "Baritone Sax"),
    *("Oboe", "English Horn", "Bassoon", "Clarinet"),
    *("Piccolo", "Flute", "Recorder", "Pan Flute"),
    *("Blown Bottle", "Shakuhachi", "Whistle", "Ocarina"),
    *("Square Lead", "Sawtooth Lead", "Calliope Lead", "Chiff Lead"),
    *("Charang Lead", "Voice Lead", "Fifths Lead", "Bass and Lead"),
    *("New Age Pad", "Warm Pad", "Polysynth Pad", "Choir Pad"),
    *("Bowed Pad", "Metallic Pad", "Halo Pad", "Sweep Pad"),
    *("Rain", "Soundtrack", "Crystal", "Atmosphere"),
    *("Brightness", "Goblins", "Echoes", "Sci-fi"),
    *("Sitar", "Banjo", "Shamisen", "Koto", "Kalimba", "Bagpipe", "Fiddle", "Shanai"),
    *("Tinkle Bell", "Agogo", "Steel Drums", "Woodblock"),
    *("Taiko Drum", "Melodic Tom", "Synth Drum", "Reverse Cymbal"),
    *("Guitar Fret Noise", "Breath Noise", "Seashore", "Bird Tweet"),
    *("Telephone Ring", "Helicopter", "Applause", "Gunshot"),
)

# First program of each family, and the family.
_FAMILIES = (
    (0, "keyboard"),
    (8, "mallets"),
    (16, "organ"),
    (22, "solo reed"),
    (24, "guitar"),
    (32, "bass"),
    (40, "strings"),
    (44, "ensemble"),
    (56, "horn"),
    (61, "ensemble"),
    (64, "horn"),
    (72, "horn"),
    (80, "lead"),
    (88, "pad"),
    (104, "plucked"),
    (110, "strings"),
    (111, "horn"),
    (112, "noise"),
)


def family(program: int) -> str:
    """Return the family of a General MIDI program, such as ``solo reed`` or ``strings``."""
    return next(name for first, name in reversed(_FAMILIES) if program >= first)


@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument with its General MIDI program (0 to 127) and the range of a solo.

    `low` and `high` are sounding MIDI numbers.  `transposition` is in semitones from the sounding
    to the written pitch: 2 for a trumpet in B♭, 14 for a tenor sax, 9 for an alto, 12 for a guitar.
    ``sheet.shifted(instrument.transposition)`` is the lead sheet as the player reads it.
    """

    name: str
    program: int
    low: int
    high: int
    transposition: int = 0

    @property
    def reach(self) -> tuple[int, int]:
        """The lowest and highest pitch of occasional notes, a little beyond the range."""
        below, above = _BEYOND.get(self.name, (0, 0))
        return self.low - below, self.high + above


# Semitones below and above the range for occasional notes.
_BEYOND = {
    "tenor sax": (5, 2), "alto sax": (5, 2), "soprano sax": (5, 2), "baritone sax": (5, 2),
    "trumpet": (4, 3), "muted trumpet": (4, 3), "flugelhorn": (2, 4), "trombone": (5, 2),
    "clarinet": (5, 2), "flute": (4, 2), "violin": (4, 2), "vibraphone": (4, 3), "guitar": (5, 3),
    "piano": (5, 2), "organ": (3, 2), "voice": (2, 2), "bass": (3, 3), "harmonica": (0, 4),
}  # fmt: skip

INSTRUMENTS = {
    instrument.name: instrument
    for instrument in (
        Instrument("tenor sax", 66, 53, 76, 14),
        Instrument("alto sax", 65, 57, 80, 9),
        Instrument("soprano sax", 64, 61, 84, 2),
        Instrument("baritone sax", 67, 44, 67, 21),
        Instrument("trumpet", 56, 57, 80, 2),
        Instrument("muted trumpet", 59, 57, 80, 2),
        Instrument("flugelhorn", 56, 54, 77, 2),
        Instrument("trombone", 57, 46, 69),
        Instrument("clarinet", 71, 57, 82, 2),
        Instrument("flute", 73, 65, 89),
        Instrument("violin", 40, 60, 86),
        Instrument("vibraphone", 11, 57, 82),
        Instrument("guitar", 26, 52, 77, 12),
        Instrument("piano", 0, 58, 84),
        Instrument("harmonica", 22, 60, 84),
        Instrument("organ", 16, 55, 82),
        Instrument("voice", 53, 55, 77),
        Instrument("bass", 32, 38, 62, 12),
    )
}
"""The instruments with a common name."""

INSTRUMENT = "tenor sax"
"""The default instrument."""

_FAMILY_RANGES = {
    "keyboard": (58, 84), "mallets": (60, 84), "organ": (55, 82), "solo reed": (60, 84),
    "guitar": (52, 77), "bass": (38, 62), "strings": (60, 86), "ensemble": (53, 77),
    "horn": (57, 80), "lead": (57, 81), "pad": (57, 81), "plucked": (52, 77), "noise": (57, 81),
}  # fmt: skip
_RANGES = {
    13: (65, 91), 41: (53, 77), 42: (43, 69), 43: (33, 57), 58: (34, 58), 60: (48, 72),
    68: (60, 84), 69: (55, 78), 70: (41, 65), 72: (76, 98), 74: (72, 93), 75: (67, 89),
    77: (64, 86), 78: (72, 93), 79: (67, 86), 109: (62, 79), 110: (60, 86), 111: (60, 81),
    114: (60, 84),
}  # fmt: skip
_PROGRAM_TRANSPOSITIONS = dict.fromkeys(range(24, 40), 12) | {
    9: 24, 13: 12, 43: 12, 60: 7, 69: 7, 72: 12,
}  # fmt: skip

# Names of the standard and common names that share no words with those in PROGRAMS.
_OTHER_NAMES = {
    "tango accordion": 23, "distortion guitar": 30, "electric bass finger": 33,
    "electric bass pick": 34, "synthstrings 1": 50, "synthstrings 2": 51, "synth choir": 54,
    "synthbrass 1": 62, "synthbrass 2": 63, "lead 8 bass lead": 87, "saxophone": 66, "sax": 66,
    "vibes": 11, "rhodes": 4, "double bass": 32, "upright bass": 32, "cornet": 56,
    "electric guitar": 26, "acoustic guitar": 25, "hammond": 16, "accordion": 21,
}  # fmt: skip


def _of_program(program: int) -> Instrument:
    for known in INSTRUMENTS.values():
        if known.program == program:
            return known
    low, high = _RANGES.get(program, _FAMILY_RANGES[family(program)])
    name = PROGRAMS[program].casefold()
    return Instrument(name, program, low, high, _PROGRAM_TRANSPOSITIONS.get(program, 0))


def named(name: str) -> Instrument:
    """Return the instrument of a name, or raise MusicError, which lists the nearest names.

    The name may be a common one or one of General MIDI's, in any case, or its beginning.

    >>> named("Tenor").name, named("alto-sax").program, named("Electric Guitar (jazz)").program
    ('tenor sax', 65, 26)
    >>> named("English Horn")
    Instrument(name='english horn', program=69, low=55, high=78, transposition=7)
    """
    wanted = _plain(name).replace("saxophone", "sax")
    if wanted in INSTRUMENTS:
        return INSTRUMENTS[wanted]
    programs = {_plain(known): number for number, known in enumerate(PROGRAMS)} | _OTHER_NAMES
    if wanted in programs:
        return _of_program(programs[wanted])
    for known in (INSTRUMENTS, programs):
        begun = [one for one in known if wanted and one.startswith(wanted)]
        if len(begun) == 1:
            return INSTRUMENTS.get(begun[0]) or _of_program(programs[begun[0]])
    # "Lead 1 (square)" contains every word of "Square Lead".
    words = set(wanted.split())
    inside = [one for one in map(_plain, PROGRAMS) if set(one.split()) <= words]
    if inside:
        return _of_program(programs[max(inside, key=len)])
    every = [*INSTRUMENTS, *programs]
    near = [one for one in every if wanted and one.startswith(wanted)]
    near = near or difflib.get_close_matches(wanted, every, n=3, cutoff=0.5)
    raise MusicError(
        f"{name[:60]!r} is not a known instrument; choose one of "
        f"{', '.join(near[:12] or INSTRUMENTS)}, or another General MIDI instrument."
    )


def _plain(name: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", name.casefold()))


@dataclass(frozen=True, slots=True)
class Transposition:
    """The transposition of a written part, called by the instrument or its key.

    Both steps on the line of fifths and semitones are from the sounding to the written key.
    """

    name: str
    fifths: int
    semitones: int

    @property
    def steps(self) -> int:
        """Letter steps from the sounding to the written note."""
        return (7 * self.semitones - self.fifths) // 12

    def within_signs(self, key_fifths: int) -> Transposition:
        """Return an enharmonic transposition if the written key has more than six accidentals."""
        written = key_fifths + self.fifths
        if abs(written) <= 6:
            return self
        moved = self.fifths - 12 if written > 0 else self.fifths + 12
        return Transposition(self.name, moved, self.semitones)


def _transposition(name: str, semitones: int) -> Transposition:
    return Transposition(name, (semitones * 7 + 5) % 12 - 5, semitones)


CONCERT = Transposition("", 0, 0)
TRANSPOSITIONS = {
    "c": CONCERT,
    "concert": CONCERT,
    "bb": _transposition("B♭", 2),
    "eb": _transposition("E♭", 9),
    "f": _transposition("F", 7),
    **{
        one.name: _transposition(one.name.capitalize(), one.transposition)
        for one in (*INSTRUMENTS.values(), named("french horn"))
    },
}
"""Transpositions by the key of the instrument and by its name."""


def transposition_named(name: str) -> Transposition:
    """Return the transposition of a part, or raise MusicError, which lists the nearest names.

    The name is the key of the instrument (``Bb``, ``Eb``, ``F``, ``C``), the instrument, or the
    beginning of its name.

    >>> transposition_named("tenor sax")
    Transposition(name='Tenor sax', fifths=2, semitones=14)
    """
    plain = name.strip().casefold().replace("♭", "b").replace("saxophone", "sax")
    wanted = re.sub(r"[\s_-]+", " ", plain)
    if wanted in TRANSPOSITIONS:
        return TRANSPOSITIONS[wanted]
    begun = [known for known in TRANSPOSITIONS if len(wanted) > 2 and known.startswith(wanted)]
    if len(begun) == 1:
        return TRANSPOSITIONS[begun[0]]
    near = begun or difflib.get_close_matches(wanted, TRANSPOSITIONS, n=3, cutoff=0.6)
    raise MusicError(
        f"{name[:60]!r} is not a known part; choose one of {', '.join(near or TRANSPOSITIONS)}.",
        field="part",
    )
