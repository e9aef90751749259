"""The messages of a MIDI file for a synthesiser, in seconds, and its beats.

The tempo map and the sustain pedal are applied.  Where a file has no pan, its parts get default
positions.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

from sideman.errors import FormatError, MusicError
from sideman.formats.midi import parts as roles
from sideman.formats.midi.bars import bar_lines
from sideman.formats.midi.reading import MidiFile, MidiPart
from sideman.theory.instruments import PROGRAMS, family
from sideman.theory.meter import TICKS_PER_QUARTER

LONGEST_SECONDS = 3600.0
PAN = 10
_PEDAL = 64
_CENTRE = 64
# The pan of each instrument family, 0 left to 127 right; further parts of a family are placed on
# alternate sides of the first.
_STAGE = {
    "keyboard": 44,
    "organ": 46,
    "guitar": 86,
    "plucked": 86,
    "mallets": 82,
    "strings": 50,
    "ensemble": 54,
    "pad": 54,
}
_ASIDE = 18


@dataclass(frozen=True, slots=True)
class Event:
    """One message to the synthesiser.

    Parameters
    ----------
    seconds : float
        Its time.
    channel : int
        MIDI channel, 0 to 15.
    kind : str
        ``on``, ``off``, ``control``, ``program`` or ``bend``; ``rest`` for a note of a part that is
        left out.
    first, second : int
        The message's data: key and velocity, controller and value, program, bend.
    """

    seconds: float
    channel: int
    kind: str
    first: int
    second: int = 0


@dataclass(frozen=True, slots=True)
class Beat:
    """A beat of the metronome."""

    seconds: float
    downbeat: bool


def events(file: MidiFile, players: Collection[MidiPart] | None = None) -> list[Event]:
    """Return the messages of a file, sorted by time.

    They hold the controllers and programs of every channel and the notes of `players`; other notes
    become rests: a synthesiser updates its envelopes at each event, so that a part alone is the
    same, sample by sample, as in the mix.  A note released under the pedal ends when the pedal is
    released.  A FormatError is raised if the file lasts longer than an hour.
    """
    seconds(file)
    sounding = {(part.track, part.channel) for part in file.parts if _plays(part, players)}
    messages = [
        Event(0.0, channel, "control", PAN, place) for channel, place in _stage(file).items()
    ]
    for start, first_track, pattern in _patterns(file):
        messages += _events(pattern, start, first_track, sounding)
    return messages


def seconds(file: MidiFile) -> float:
    """Return the duration of a file to the end of its last track.

    Raises
    ------
    FormatError
        If it is longer than an hour.
    """
    # Added as the starts of the patterns are; `sum` may round otherwise.
    end = 0.0
    for pattern in _alone(file):
        end += _length(pattern)
    if end > LONGEST_SECONDS:
        raise FormatError(
            f"{file.name}: lasts {end / 60:.0f} minutes, and at most {LONGEST_SECONDS / 60:.0f} "
            "are rendered; cut it."
        )
    return end


def beats(file: MidiFile) -> list[Beat]:
    """Return the beats of a file by its meters and tempo map, until the last note ends.

    In 6/8, 9/8 and 12/8 a beat is a dotted quarter, otherwise the meter's unit.

    Raises
    ------
    MusicError
        If the file has more than 20,000 bars.
    """
    found: list[Beat] = []
    for start, _, pattern in _patterns(file):
        at = _clock(pattern)
        scale = pattern.ticks_per_quarter / TICKS_PER_QUARTER
        last = float(pattern.end / scale)
        lines = bar_lines(pattern, int(last))
        for line, meter in zip(lines.starts, lines.meters, strict=True):
            compound = meter.unit >= 8 and meter.beats % 3 == 0 and meter.beats > 3
            step = meter.ticks_per_beat * (3 if compound else 1)
            found += (
                Beat(start + at(tick * scale), tick == line)
                for tick in range(line, line + meter.ticks_per_bar, step)
                if tick < last
            )
    return found


def named(file: MidiFile, wanted: Sequence[str]) -> tuple[MidiPart, ...]:
    """Return the parts of a file that match any of some words, in the file's order.

    A word is a part's number, or a part of its name or else of its instrument, in any case;
    ``solo`` and ``melody`` select the melody where no name matches.  A MusicError is raised if a
    word matches no part.
    """
    meant: set[int] = set()
    for word in wanted:
        found = _named(file, word.strip())
        if not found:
            there = ", ".join(
                f"{part.number} {part.name or instrument(part)}" for part in file.parts
            )
            raise MusicError(
                f"{file.name}: no part {word[:60]!r}; "
                + (f"choose from: {there[:600]}." if there else "the file holds no notes.")
            )
        meant.update(found)
    return tuple(part for part in file.parts if part.number in meant)


def instrument(part: MidiPart) -> str:
    """Return the name of a part's General MIDI program, or ``Drums``."""
    return "Drums" if part.percussion else PROGRAMS[part.program]


def title(file: MidiFile) -> str:
    """Return the name of the first track if it has no notes or is the only one; else ""."""
    first = file.tracks[0] if file.tracks else None
    if first is None or (first.notes and len(file.tracks) > 1):
        return ""
    return first.name


def _named(file: MidiFile, word: str) -> set[int]:
    if re.fullmatch(r"\d{1,6}", word):
        return {part.number for part in file.parts if part.number == int(word)}
    lower = word.lower()
    if not lower:
        return set()
    tests: tuple[Callable[[MidiPart], bool], ...] = (
        lambda part: part.name.lower() == lower,
        lambda part: lower in part.name.lower(),
        lambda part: lower in instrument(part).lower(),
    )
    for test in tests:
        if found := {part.number for part in file.parts if test(part)}:
            return found
    if lower in ("solo", "melody") and file.parts:
        melody = roles.choose(file).melody
        return {melody.part.number} if melody else set()
    return set()


def _plays(part: MidiPart, players: Collection[MidiPart] | None) -> bool:
    return players is None or any(part.number == player.number for player in players)


def _stage(file: MidiFile) -> dict[int, int]:
    """Return the pan of each channel; empty where the file sets pan."""
    if any(control.controller == PAN for track in file.tracks for control in track.controls):
        return {}
    places: dict[int, int] = {}
    taken: dict[int, int] = {}
    for part in file.parts:
        if part.channel in places:
            continue
        if part.percussion or family(part.program) == "bass":
            places[part.channel] = _CENTRE
            continue
        home = _STAGE.get(family(part.program), _CENTRE)
        count = taken.get(home, 0)
        taken[home] = count + 1
        away = _ASIDE * ((count + 1) // 2) * (-1 if count % 2 else 1)
        places[part.channel] = min(max(home + away, 8), 120)
    return places


def _alone(file: MidiFile) -> list[MidiFile]:
    tracks = range(len(file.tracks)) if file.format == 2 else (0,)
    return [file.pattern(track) for track in tracks]


def _patterns(file: MidiFile) -> Iterator[tuple[float, int, MidiFile]]:
    """Yield what sounds together: start in seconds, index of its first track, and the pattern."""
    start = 0.0
    for track, pattern in enumerate(_alone(file)):
        yield start, track, pattern
        start += _length(pattern)


def _length(pattern: MidiFile) -> float:
    return pattern.seconds(max((track.end for track in pattern.tracks), default=0))


def _events(
    file: MidiFile, start: float, first_track: int, sounding: set[tuple[int, int]]
) -> list[Event]:
    """Return the events of a pattern, sorted by time, from `start` on."""
    # (tick, rank at that tick, channel, kind, first, second).  The pedal is released before and
    # pressed after the notes that end at the tick.
    moves: list[tuple[int, int, int, str, int, int]] = []
    for index, track in enumerate(file.tracks, first_track):
        for change in track.programs:
            moves.append((change.tick, 0, change.channel, "program", change.program, 0))
        for tick, channel, controller, value in track.controls:
            if controller < 0:
                moves.append((tick, 0, channel, "bend", value, 0))
            else:
                down = controller == _PEDAL and value >= 64
                moves.append((tick, 2 if down else 0, channel, "control", controller, value))
        for note in track.notes:
            on, off = ("on", "off") if (index, note.channel) in sounding else ("rest", "rest")
            rank = 1 if note.end > note.onset else 4
            moves.append((note.onset, 3, note.channel, on, note.pitch, note.velocity))
            moves.append((note.end, rank, note.channel, off, note.pitch, 0))
    moves.sort(key=lambda move: move[:2])

    messages: list[Event] = []
    held: list[list[int]] = [[] for _ in range(16)]  # keys released under the pedal
    pedal = [False] * 16
    at = _clock(file)
    for tick, _, channel, kind, first, second in moves:
        now = start + at(tick)
        if kind == "off" and pedal[channel]:
            held[channel].append(first)
        elif kind == "control" and first == _PEDAL:
            pedal[channel] = second >= 64
            if not pedal[channel]:
                messages += [Event(now, channel, "off", key) for key in held[channel]]
                held[channel].clear()
        else:
            messages.append(Event(now, channel, kind, first, second))
    return messages


def _clock(file: MidiFile) -> Callable[[Fraction | int], float]:
    """Return a function from ticks to seconds, as exact as :meth:`MidiFile.seconds`.

    Each result is rounded once, so that no event is after the end of its file.
    """
    starts = [tick for tick, _ in file.tempos]
    tempos = [tempo for _, tempo in file.tempos]
    steps = (
        tempo * (end - tick) for (tick, tempo), end in zip(file.tempos, starts[1:], strict=False)
    )
    at = [*accumulate(steps, initial=0)]
    unit = 1_000_000 * file.ticks_per_quarter

    def when(tick: Fraction | int) -> float:
        index = bisect_right(starts, tick) - 1
        passed = at[index] + (tick - starts[index]) * tempos[index]
        return float(passed * unit.denominator / unit.numerator)

    return when
