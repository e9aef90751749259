"""Finding the melody part, the chord part and the range of a MIDI file, with reasons.

Each candidate gets points for its notes (share of single notes and of chords, number of notes,
register) and for its name; the part with most points is chosen. The user may name a part by its
number or by a part of its name instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

from sideman.errors import MusicError
from sideman.formats.midi.reading import MidiFile, MidiPart, MidiText
from sideman.formats.midi.writing import CHORDS_ARE_MARKERS
from sideman.theory.instruments import PROGRAMS, family
from sideman.theory.pitch import Key

_TOGETHER_QUARTERS = Fraction(1, 16)  # Onsets within this time are one stroke.

_MOST_STAND_INS = 3

_MELODY_WORDS = re.compile(
    r"melod|\blead\b|solo|vocal|voice|sing|\bhead\b|theme|\btune\b|right hand|\brh\b", re.IGNORECASE
)
_CHORD_WORDS = re.compile(
    r"chord|comp(ing)?\b|harmon(y|ies)|accomp|backing|rhythm|\bpads?\b|left hand|\blh\b",
    re.IGNORECASE,
)
_COMPING_WORDS = re.compile(r"piano|keys|rhodes|wurli|organ|hammond|guit|vibes", re.IGNORECASE)
_LINE_WORDS = re.compile(
    r"sax|trumpet|cornet|flugel|tromb|clarinet|flute|violin|fiddle|harmonica|guit|vib|horn",
    re.IGNORECASE,
)
_BASS_WORDS = re.compile(r"\bbass\b|\bbs\b|contrabass|upright", re.IGNORECASE)
_DRUM_WORDS = re.compile(
    r"drum|percuss|\bkick\b|snare|hi-?hat|cymbal|\bride\b|conga|bongo|shaker|tambourin|click",
    re.IGNORECASE,
)
_LINE_FAMILIES = {"horn", "solo reed", "guitar", "mallets", "strings", "lead", "plucked"}
_COMPING_FAMILIES = {"keyboard", "organ", "guitar", "mallets", "pad", "ensemble"}


@dataclass(frozen=True, slots=True)
class Profile:
    """Statistics of a part.

    Parameters
    ----------
    part : MidiPart
        The part.
    strokes : int
        Number of onsets, of one note or several together.
    single : float
        Share of strokes with one note.
    chordal : float
        Share of strokes with three notes or more.
    polyphony : float
        Mean number of simultaneous notes while the part sounds.
    density : float
        Strokes per quarter, over the spans of four quarters in which the part plays.
    sounding_quarters : float
        Quarters in which the part sounds.
    lowest, median, highest : int
        MIDI numbers.
    first, last : int
        File ticks of the first onset and the last release.
    """

    part: MidiPart
    strokes: int
    single: float
    chordal: float
    polyphony: float
    density: float
    sounding_quarters: float
    lowest: int
    median: int
    highest: int
    first: int
    last: int

    @property
    def instrument(self) -> str:
        """The name of the program; ``Drums`` for percussion."""
        return "Drums" if self.part.percussion else PROGRAMS[self.part.program]

    @property
    def label(self) -> str:
        """Number and name of the part, for messages."""
        return f"part {self.part.number} ({self.part.name or self.instrument})"

    @property
    def drums(self) -> bool:
        """Return whether the part is percussion."""
        part = self.part
        return part.percussion or (
            family(part.program) == "noise" or _DRUM_WORDS.search(part.name) is not None
        )

    @property
    def bass(self) -> bool:
        """Return whether the part is a bass, judged by name, program or register."""
        named = _BASS_WORDS.search(self.part.name) is not None
        return not self.drums and (
            named or family(self.part.program) == "bass" or (self.median < 45 and self.single > 0.8)
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen parts and range of a file, with reasons.

    Parameters
    ----------
    profiles : tuple of Profile
        Every part of the file.
    melody, chords, bass : Profile or None
        The parts; None if there is no such part.
    stand_ins : tuple of Profile
        Other parts that play chords, the best first, used in rests of `chords`; empty if the chord
        part was named.
    first, last : Fraction
        The range in quarters from the start of the file, `last` excluded.
    whole : bool
        Whether the range covers the whole melody part.
    reasons : tuple of str
        One sentence each for melody, chords and range.
    """

    profiles: tuple[Profile, ...]
    melody: Profile | None
    chords: Profile | None
    bass: Profile | None
    stand_ins: tuple[Profile, ...]
    first: Fraction
    last: Fraction
    whole: bool
    reasons: tuple[str, ...]


def profile(file: MidiFile, part: MidiPart) -> Profile:
    """Return the statistics of a part of the file."""
    notes = sorted(part.notes)
    together = file.ticks_per_quarter * _TOGETHER_QUARTERS
    strokes: list[int] = []
    struck = 0
    total = union = 0
    reached = notes[0].onset
    for note in notes:
        if strokes and note.onset - struck <= together:
            strokes[-1] += 1
        else:
            strokes.append(1)
            struck = note.onset
        total += note.end - note.onset
        if note.end > reached:
            union += note.end - max(note.onset, reached)
            reached = note.end
    span = file.ticks_per_quarter * 4
    spans = len({note.onset // span for note in notes})
    pitches = [note.pitch for note in notes]
    return Profile(
        part=part,
        strokes=len(strokes),
        single=sum(size == 1 for size in strokes) / len(strokes),
        chordal=sum(size >= 3 for size in strokes) / len(strokes),
        polyphony=total / union if union else 1.0,
        density=len(strokes) / (4 * spans),
        sounding_quarters=float(union / file.ticks_per_quarter),
        lowest=min(pitches),
        median=int(median(pitches)),
        highest=max(pitches),
        first=notes[0].onset,
        last=max(note.end for note in notes),
    )


def profiles(file: MidiFile) -> tuple[Profile, ...]:
    """Return the statistics of every part, in the order of :attr:`MidiFile.parts`."""
    return tuple(profile(file, part) for part in file.parts)


# Points with their reasons.
_Points = list[tuple[float, str]]


def _melody_points(one: Profile, most_strokes: int) -> _Points:
    name, kind = one.part.name, family(one.part.program)
    points: _Points = [
        (4 * one.single, f"{one.single:.0%} of its strokes are single notes"),
        (3 * min(one.strokes / most_strokes, 1), f"it plays {one.strokes:,} of them"),
        (min(one.density, 1.5) / 1.5, f"about {one.density:.1f} a quarter where it plays"),
    ]
    if one.median >= 55:
        points.append((1.0, f"it lies around {_pitch(one.median)}"))
    elif one.median < 50:
        points.append((-3.0, f"it lies as low as {_pitch(one.median)}"))
    if one.highest - one.lowest < 5:
        points.append((-2.0, "it hardly moves"))
    if _MELODY_WORDS.search(name):
        points.append((3.0, f"it is called {name!r}"))
    elif _LINE_WORDS.search(name) or kind in _LINE_FAMILIES:
        points.append((1.0, f"it is a line instrument ({name or one.instrument})"))
    if _CHORD_WORDS.search(name):
        points.append((-2.0, f"it is called {name!r}"))
    if kind in {"pad", "ensemble"}:
        points.append((-0.5, f"it is a background sound ({one.instrument})"))
    if one.bass:
        points.append((-5.0, "it is a bass"))
    return points


def _chord_points(one: Profile, longest: float) -> _Points:
    name, kind = one.part.name, family(one.part.program)
    points: _Points = [
        (5 * one.chordal, f"{one.chordal:.0%} of its strokes are three notes or more"),
        (
            3 * one.sounding_quarters / longest,
            f"it sounds for {one.sounding_quarters:,.0f} quarters",
        ),
    ]
    if 45 <= one.median <= 76:
        points.append((1.0, f"it lies around {_pitch(one.median)}"))
    if _CHORD_WORDS.search(name):
        points.append((3.0, f"it is called {name!r}"))
    elif _COMPING_WORDS.search(name) or kind in _COMPING_FAMILIES:
        points.append((1.0, f"it is an instrument that comps ({name or one.instrument})"))
    if _MELODY_WORDS.search(name):
        points.append((-3.0, f"it is called {name!r}"))
    return points


def _best(
    candidates: Sequence[Profile], points: Callable[[Profile], _Points]
) -> tuple[Profile, str] | None:
    """Return the candidate with most points, and its three strongest reasons."""
    if not candidates:
        return None
    best = max(candidates, key=lambda one: (sum(p for p, _ in points(one)), -one.part.number))
    reasons = sorted((p for p in points(best) if p[0] > 0.3), key=lambda pair: -pair[0])[:3]
    return best, ", ".join(words for _, words in reasons) or "it is the only one left"


def choose(
    file: MidiFile,
    *,
    melody: str | int | None = None,
    chords: str | int | None = None,
    quarters: tuple[float | Fraction, float | Fraction] | None = None,
) -> Choice:
    """Find the melody, the chords and the range, or use those that are named.

    Parameters
    ----------
    file : MidiFile
        The file.
    melody, chords : str, int or None
        The number of a part, or a part of its name or instrument in any case; None to find it.
    quarters : pair or None
        First and last quarter from the start of the file, the last excluded; None to find them.

    Raises
    ------
    MusicError
        If a named part does not exist, or the range is empty.

    Notes
    -----
    In a file of format 2 the tracks are independent: chords and bass come from the melody's track.
    """
    every = profiles(file)
    pitched = [one for one in every if not one.drums]
    reasons: list[str] = []

    found = None
    if melody is not None:
        found = _named(file, every, melody, "melody")
        reasons.append(f"Melody: {found.label}, as named.")
    else:
        singing = [one for one in pitched if not one.bass and one.single >= 0.5]
        most = max((one.strokes for one in singing or pitched), default=1)
        lines = _best(pitched, lambda one: _melody_points(one, most))
        if lines is not None:
            found = lines[0]
            twins = [
                one.part.number
                for one in pitched
                if one is not found and _same_line(one.part, found.part)
            ]
            doubled = f" (doubled by part {', '.join(map(str, twins))})" if twins else ""
            reasons.append(f"Melody: {found.label}: {lines[1]}{doubled}.")
        else:
            what = "only drums play" if every else "the file holds no notes"
            reasons.append(f"Melody: none; {what}.")

    if file.format == 2 and found is not None:
        pitched = [one for one in pitched if one.part.track == found.part.track]
    comping = None
    stand_ins: tuple[Profile, ...] = ()
    if chords is not None:
        comping = _named(file, every, chords, "chords")
        reasons.append(f"Chords: {comping.label}, as named.")
    else:
        candidates = [one for one in pitched if one.chordal >= 0.15 and one is not found]
        if not candidates and found is not None and found.chordal >= 0.15:
            candidates = [found]
        longest = max((one.sounding_quarters for one in candidates), default=1.0) or 1.0
        best = _best(candidates, lambda one: _chord_points(one, longest))
        if best is not None:
            comping = best[0]
            stand_ins = _stand_ins(comping, candidates, longest)
            reasons.append(f"Chords: {comping.label}: {best[1]}.")
        else:
            reasons.append("Chords: no part; none often plays three notes at once.")

    basses = [one for one in pitched if one.bass and one is not found and one is not comping]
    bass = max(basses, key=lambda one: (one.strokes, -one.part.number), default=None)

    first, last, whole, why = _range(file, found, quarters)
    reasons.append(f"Range: {why}.")
    return Choice(every, found, comping, bass, stand_ins, first, last, whole, tuple(reasons))


def _stand_ins(
    comping: Profile, candidates: Sequence[Profile], longest: float
) -> tuple[Profile, ...]:
    """Return the other parts that mostly play chords, the one with most points first."""
    others = [one for one in candidates if one is not comping and one.chordal >= 0.3]
    others.sort(key=lambda one: -sum(points for points, _ in _chord_points(one, longest)))
    return tuple(others[:_MOST_STAND_INS])


def _named(file: MidiFile, every: Sequence[Profile], wanted: str | int, role: str) -> Profile:
    """Return the part with a number, else with a text in its name or instrument."""
    text = str(wanted).strip()
    if re.fullmatch(r"\d{1,6}", text):
        if int(text) < len(every):
            return every[int(text)]
        matches: list[Profile] = []
    else:
        lower = text.lower()
        exact = [one for one in every if one.part.name.lower() == lower]
        inside = [one for one in every if lower in one.part.name.lower()]
        sounding = [one for one in every if lower in one.instrument.lower()]
        matches = exact or inside or sounding
    if not text or not matches:
        there = ", ".join(f"{one.part.number} {one.part.name or one.instrument}" for one in every)
        raise MusicError(
            f"{file.name}: no part {text[:60]!r} for the {role}; "
            + (f"choose one of: {there[:600]}." if every else "the file holds no notes.")
        )
    return max(matches, key=lambda one: (one.strokes, -one.part.number))


def _same_line(one: MidiPart, other: MidiPart) -> bool:
    """Return whether two parts play the same notes, possibly in another octave."""
    if not 0.98 < len(one.notes) / len(other.notes) < 1.02:
        return False
    ours, theirs = sorted(one.notes), sorted(other.notes)
    alike = sum(a.pitch % 12 == b.pitch % 12 for a, b in zip(ours, theirs, strict=False))
    return alike >= 0.95 * len(theirs)


_CHORUS, _AFTER = re.compile(r"\[(Solo \d|Fours)"), re.compile(r"\[(Head|Ending)")
_CLOCK = re.compile(r"\d+[:.'′]\d+|\d+")


def _range(
    file: MidiFile,
    melody: Profile | None,
    quarters: tuple[float | Fraction, float | Fraction] | None,
) -> tuple[Fraction, Fraction, bool, str]:
    """Return the range: as named, a solo between markers, or the whole melody."""
    if quarters is not None:
        first, last = Fraction(quarters[0]), Fraction(quarters[1])
        if not 0 <= first < last:
            raise MusicError(
                f"{file.name}: the range {quarters[0]}:{quarters[1]} is empty; give the first "
                "and the last beat, such as 476:548."
            )
        return first, last, False, f"beats {_number(first)} to {_number(last)}, as named"
    if melody is None:
        return Fraction(0), file.quarters(file.end), True, "the whole file"
    own = file.pattern(melody.part.track)
    solo = _solo_between_markers(own, melody)
    if solo is not None:
        first, last, words = solo
        why = f"where a marker says {words!r}"
    else:
        first, last = file.quarters(melody.first), file.quarters(melody.last)
        why = "from the melody's first note to its last"
    return first, last, solo is None, f"beats {_number(first)} to {_number(last)}, {why}"


def _solo_between_markers(file: MidiFile, melody: Profile) -> tuple[Fraction, Fraction, str] | None:
    """Return the range from a marker for this part's solo to the next other marker."""
    markers = [text for text in file.texts if text.kind in {"marker", "cue"} and text.text]
    if any(text.text == CHORDS_ARE_MARKERS for text in file.texts):
        return _choruses_between_sections(file, markers)
    about = f"{melody.part.name} {melody.instrument}".lower().split()
    for index, marker in enumerate(markers):
        if not re.search(r"\bsolo\b", marker.text, re.IGNORECASE):
            continue
        others = [
            word
            for word in re.findall(r"[^\W\d_]{2,}", marker.text.lower())
            if word not in {"solo", "start", "begin", "begins", "starts", "the"}
        ]
        if not all(any(name.startswith(word) for name in about) for word in others):
            continue
        later = (text for text in markers[index + 1 :] if text.tick > marker.tick)
        following: MidiText | None = next(
            (text for text in later if _CLOCK.sub("", text.text).strip()), None
        )
        end = following.tick if following is not None else melody.last
        if any(marker.tick <= note.onset < end for note in melody.part.notes):
            return file.quarters(marker.tick), file.quarters(end), marker.text
    return None


def _choruses_between_sections(
    file: MidiFile, markers: Sequence[MidiText]
) -> tuple[Fraction, Fraction, str] | None:
    """Return the range from the first solo chorus to the next head or ending of a sideman file."""
    sections = [mark for mark in markers if mark.text.startswith("[")]
    first = next((mark for mark in sections if _CHORUS.match(mark.text)), None)
    if first is None:
        return None
    after = (mark.tick for mark in sections if mark.tick > first.tick and _AFTER.match(mark.text))
    end = file.quarters(next(after, file.end))
    return file.quarters(first.tick), end, first.text[1:-1]


def _pitch(midi: int) -> str:
    return str(Key(0).spell(midi))


def _number(quarters: Fraction) -> str:
    """Format a time in quarters with at most two decimal places."""
    return f"{float(quarters):.2f}".rstrip("0").rstrip(".")
