"""The scales and colour tones of a chord quality.

The pairing of chords and scales follows Mark Levine, *The Jazz Theory Book*, 1995, chapters 3 to 9,
and Jerry Coker and others, *Patterns for Jazz*, 1970: each family of chords has a list of scales,
the most usual first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sideman.theory.chord.quality import Quality


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale, such as ``lydian dominant``, in semitones above the root, rising from 0."""

    name: str
    semitones: tuple[int, ...]


SCALES = {
    scale.name: scale
    for scale in (
        Scale("ionian", (0, 2, 4, 5, 7, 9, 11)),
        Scale("dorian", (0, 2, 3, 5, 7, 9, 10)),
        Scale("phrygian", (0, 1, 3, 5, 7, 8, 10)),
        Scale("lydian", (0, 2, 4, 6, 7, 9, 11)),
        Scale("mixolydian", (0, 2, 4, 5, 7, 9, 10)),
        Scale("aeolian", (0, 2, 3, 5, 7, 8, 10)),
        Scale("locrian", (0, 1, 3, 5, 6, 8, 10)),
        Scale("melodic minor", (0, 2, 3, 5, 7, 9, 11)),
        Scale("dorian b2", (0, 1, 3, 5, 7, 9, 10)),
        Scale("lydian augmented", (0, 2, 4, 6, 8, 9, 11)),
        Scale("lydian dominant", (0, 2, 4, 6, 7, 9, 10)),
        Scale("mixolydian b6", (0, 2, 4, 5, 7, 8, 10)),
        Scale("locrian nat.2", (0, 2, 3, 5, 6, 8, 10)),
        Scale("altered", (0, 1, 3, 4, 6, 8, 10)),
        Scale("harmonic minor", (0, 2, 3, 5, 7, 8, 11)),
        Scale("locrian nat.6", (0, 1, 3, 5, 6, 9, 10)),
        Scale("ionian #5", (0, 2, 4, 5, 8, 9, 11)),
        Scale("dorian #4", (0, 2, 3, 6, 7, 9, 10)),
        Scale("phrygian dominant", (0, 1, 4, 5, 7, 8, 10)),
        Scale("lydian #9", (0, 3, 4, 6, 7, 9, 11)),
        Scale("harmonic major", (0, 2, 4, 5, 7, 8, 11)),
        Scale("whole tone", (0, 2, 4, 6, 8, 10)),
        Scale("half-whole diminished", (0, 1, 3, 4, 6, 7, 9, 10)),
        Scale("whole-half diminished", (0, 2, 3, 5, 6, 8, 9, 11)),
        Scale("augmented", (0, 3, 4, 7, 8, 11)),
        Scale("bebop major", (0, 2, 4, 5, 7, 8, 9, 11)),
        Scale("bebop dominant", (0, 2, 4, 5, 7, 9, 10, 11)),
        Scale("bebop dorian", (0, 2, 3, 4, 5, 7, 9, 10)),
        Scale("major pentatonic", (0, 2, 4, 7, 9)),
        Scale("minor pentatonic", (0, 3, 5, 7, 10)),
        Scale("blues", (0, 3, 5, 6, 7, 10)),
        Scale("chromatic", tuple(range(12))),
    )
}

_MAJOR = (
    "ionian", "lydian", "bebop major", "major pentatonic", "harmonic major", "lydian #9",
    "augmented",
)  # fmt: skip
_MINOR = (
    "dorian", "aeolian", "melodic minor", "phrygian", "bebop dorian", "minor pentatonic", "blues",
    "harmonic minor", "dorian b2", "dorian #4",
)  # fmt: skip
_MINOR_MAJOR = ("melodic minor", "harmonic minor", "whole-half diminished")
_HALF_DIMINISHED = ("locrian", "locrian nat.2", "locrian nat.6")
_DIMINISHED = ("whole-half diminished", "locrian", "harmonic minor", "half-whole diminished")
_DOMINANT = (
    "mixolydian", "lydian dominant", "whole tone", "half-whole diminished", "altered",
    "mixolydian b6", "phrygian dominant", "bebop dominant",
)  # fmt: skip
_FLAT_NINTH = (
    "half-whole diminished", "phrygian dominant", "altered", "mixolydian", "lydian dominant",
)  # fmt: skip
_SUSPENDED = ("mixolydian", "dorian", "phrygian", "dorian b2", "aeolian")
_AUGMENTED = ("whole tone", "lydian augmented", "ionian #5", "augmented", "altered")
_AUGMENTED_MAJOR = ("lydian augmented", "ionian #5", "augmented")


def _family(quality: Quality) -> tuple[str, ...]:
    """Return the scale names of the quality's family, the most usual first."""
    tones = {*quality.semitones}
    if quality.third == 3:
        if quality.fifth == 6:
            return _HALF_DIMINISHED if 10 in tones else _DIMINISHED
        return _MINOR_MAJOR + _MINOR if quality.seventh == 11 else _MINOR
    if quality.seventh == 10:
        if quality.third in (2, 5):
            return _SUSPENDED
        return _FLAT_NINTH + _DOMINANT if {1, 3} & tones else _DOMINANT
    if quality.third in (2, 5) and quality.seventh is None:
        return (*_SUSPENDED, "ionian")
    if quality.fifth == 8:
        return _AUGMENTED_MAJOR if quality.seventh else _AUGMENTED
    return _MAJOR


@lru_cache(maxsize=4096)
def scales_of(quality: Quality) -> tuple[Scale, ...]:
    """Return the scales for a quality, the most usual first; empty for no chord.

    These are the scales of its family that contain all its tones; for an altered dominant also the
    altered scale, if only the fifth is missing. Otherwise any scale that contains all tones, at
    last the chromatic one.
    """
    if not quality.semitones:
        return ()
    tones = {*quality.semitones}
    names = dict.fromkeys((*_family(quality), *SCALES))
    fitting = [SCALES[name] for name in names if tones <= {*SCALES[name].semitones}]
    family = [scale for scale in fitting if scale.name in _family(quality)]
    if {4, 7, 10} <= tones and {1, 3, 8} & tones:
        altered = SCALES["altered"]
        family += [altered] if tones - {7} <= {*altered.semitones} else []
    return tuple(family or fitting[:1])


@lru_cache(maxsize=4096)
def colours_of(quality: Quality) -> tuple[int, ...]:
    """Return the colour tones of a quality as rising semitones above the root.

    These are the extensions in the symbol, and the tones of the first scale that are not a semitone
    above a chord tone. Over a major third the raised fourth replaces the fourth.
    """
    scales = scales_of(quality)
    if not scales:
        return ()
    proper = {*quality.tones}
    asked = {*quality.extensions}
    colours = set(asked)
    # Altered and diminished dominants keep their tensions.
    tense = quality.third == 4 and quality.seventh == 10 and bool(asked & {1, 3, 8})
    if len(scales[0].semitones) < 12:
        for tone in scales[0].semitones:
            avoided = (tone - 1) % 12 in proper and not (tense and tone in (1, 8))
            if tone not in proper and not avoided:
                colours.add(tone)
    if quality.third == 4 and quality.fifth == 7 and not tense and not asked & {3, 5, 6}:
        colours = (colours - {5}) | {6}
    return tuple(sorted(colours - proper))
