"""A recording beside the line that its player read, note by note and bar by bar.

:mod:`sideman.evaluation.alignment` finds the pairs.  Times are seconds of the recording; a positive
one is late.  Bars are counted from 1, through all choruses.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import PurePath
from statistics import correlation, fmean, median, pstdev
from typing import Any, NamedTuple

import numpy as np

from sideman.errors import FormatError, MusicError, concerning
from sideman.evaluation.alignment import MOST_NOTES, Alignment, Clock, Line, align
from sideman.formats.midi.parts import choose
from sideman.formats.midi.reading import MidiFile, MidiPart, parse
from sideman.formats.musicxml.spelling import spell_line
from sideman.output.printed import printed
from sideman.score import Changes, Solo
from sideman.service import playing
from sideman.service.improviser import within_bounds
from sideman.service.music import solo_json
from sideman.service.portable import Json
from sideman.service.requests import File
from sideman.service.takes import settling
from sideman.service.takes.licks import YOURS
from sideman.theory.meter import TICKS_PER_QUARTER
from sideman.theory.pitch import Key
from sideman.words import counted

KINDS = ("right", "octave", "wrong", "missed", "added")
"""What a note can be: as written, in another octave, another pitch, not played, not written."""
_TOGETHER_SECONDS = 0.03
_MOST_TOGETHER = 0.1  # share of the strokes with two notes or more
_LEAST_RIGHT = 0.2
_UNEVEN_MS = 40.0
_OCTAVE_AS = 0.5  # of a wrong note, where bars are ranked
_MOST_BARS = 4
_INTERVALS = (
    "", "a semitone", "a whole tone", "a minor third", "a major third", "a fourth", "a tritone",
    "a fifth", "a minor sixth", "a major sixth", "a minor seventh", "a major seventh",
)  # fmt: skip


class Expected(NamedTuple):
    """A note of the line: ticks as written, seconds as performed."""

    tick: int
    onset: float
    end: float
    pitch: int
    velocity: int
    name: str


class Played(NamedTuple):
    """A note of the recording, in seconds."""

    onset: float
    end: float
    pitch: int
    velocity: int


@dataclass(frozen=True)
class CompareRequest:
    """A recording to compare with a line.

    Parameters
    ----------
    take : File
        A take, or any line over changes.
    mine : File
        The recording, a MIDI file.
    bars : str or None
        The only bars of the line that were played, such as ``9-12``.
    part : str or None
        The part of the recording, by number or name; found where None.
    synced : bool
        Whether the recording begins with the take and has its tempo, so that neither is estimated.
    """

    take: File
    mine: File
    bars: str | None = None
    part: str | None = None
    synced: bool = False


@dataclass(frozen=True)
class Note:
    """What became of one note.

    Parameters
    ----------
    kind : str
        One of :data:`KINDS`.
    bar : int
        Its bar.
    beat : float
        Its beat, from 1; that of an added note is rounded to a quarter of a beat.
    written : Expected or None
        The note of the line; None for an added one.
    played : Played or None
        The note of the recording; None for a missed one.
    late_ms : float or None
        How late it is.
    length : float or None
        Its duration over that of the take.
    """

    kind: str
    bar: int
    beat: float
    written: Expected | None
    played: Played | None
    late_ms: float | None = None
    length: float | None = None

    @property
    def what(self) -> str:
        """The names of the notes, and what became of them."""
        names = (
            "" if self.written is None else self.written.name,
            "" if self.played is None else _name(self.played.pitch),
        )
        pattern = {
            "missed": "{0} missed",
            "added": "{1} added",
            "wrong": "{1} for {0}",
            "octave": "{1} for {0}, another octave",
            "right": "{0}",
        }[self.kind]
        return pattern.format(*names)

    def json(self) -> Json:
        """Return the note as values for JSON."""
        return {
            "kind": self.kind,
            "bar": self.bar,
            "beat": self.beat,
            "written": None if self.written is None else self.written.name,
            "pitch": None if self.written is None else self.written.pitch,
            "played": None if self.played is None else self.played.pitch,
            "late_ms": _rounded(self.late_ms, 1),
            "length": _rounded(self.length, 3),
        }


@dataclass(frozen=True)
class Summary:
    """The notes of a bar, or of all bars."""

    notes: tuple[Note, ...]

    @cached_property
    def counts(self) -> dict[str, int]:
        """The number of notes of each kind."""
        found = Counter(note.kind for note in self.notes)
        return {kind: found[kind] for kind in KINDS}

    @property
    def written(self) -> int:
        """The number of notes of the line."""
        return len(self.notes) - self.counts["added"]

    @property
    def faults(self) -> float:
        """Notes that are missed, added or wrong; another octave counts half."""
        counts = self.counts
        return counts["missed"] + counts["added"] + counts["wrong"] + _OCTAVE_AS * counts["octave"]

    @cached_property
    def late_ms(self) -> float | None:
        """The mean lateness; None without a pair."""
        late = self._late
        return fmean(late) if late else None

    @cached_property
    def spread_ms(self) -> float | None:
        """The standard deviation of the lateness; None without two pairs."""
        late = self._late
        return pstdev(late) if len(late) > 1 else None

    @cached_property
    def length(self) -> float | None:
        """The median duration over that of the take; None without a pair."""
        lengths = [note.length for note in self.notes if note.length is not None]
        return median(lengths) if lengths else None

    @property
    def _late(self) -> list[float]:
        return [note.late_ms for note in self.notes if note.late_ms is not None]

    def json(self) -> Json:
        """Return the figures as values for JSON."""
        return {
            "notes": self.written,
            **self.counts,
            "late_ms": _rounded(self.late_ms, 1),
            "spread_ms": _rounded(self.spread_ms, 1),
            "length": _rounded(self.length, 3),
        }


@dataclass(frozen=True)
class Comparison:
    """A recording beside a line.

    Parameters
    ----------
    title : str
        The title of the line.
    bars : mapping of int to Summary
        Each bar with notes, in order.
    semitones : int
        By how much the recording is higher.
    tempo_bpm : float
        The tempo of the line at its first note.
    clock : Clock
        The ratio of times, and when tick 0 of the line would be in the recording.
    outside : int
        Notes before and after the line, such as a count-in, which are left out.
    accents : float or None
        The correlation of the velocities of right notes with those of the take.
    """

    title: str
    bars: dict[int, Summary]
    semitones: int
    tempo_bpm: float
    clock: Clock
    outside: int
    accents: float | None

    @cached_property
    def total(self) -> Summary:
        """All bars."""
        return Summary(tuple(note for bar in self.bars.values() for note in bar.notes))

    @cached_property
    def practise(self) -> tuple[int, ...]:
        """At most four bars to practise next, in order: the most faults, then the least even."""
        ranked = sorted(
            (bar for bar, each in self.bars.items() if each.faults or _uneven(each)),
            key=lambda bar: (-self.bars[bar].faults, -(self.bars[bar].spread_ms or 0.0), bar),
        )
        return tuple(sorted(ranked[:_MOST_BARS]))

    @property
    def tempos(self) -> tuple[float, float]:
        """The slowest and the fastest tempo of the recording; two different ones if it drifts."""
        low, high = self.clock.ratios
        return self.tempo_bpm / high, self.tempo_bpm / low

    @property
    def key(self) -> str:
        """What is to be said of the key; empty where it is that of the line."""
        if not self.semitones:
            return ""
        higher = "higher" if self.semitones > 0 else "lower"
        return f"played {_interval(abs(self.semitones))} {higher}, and compared there"

    def json(self) -> Json:
        """Return all of it as values for JSON."""
        return {
            "title": self.title,
            "semitones": self.semitones,
            "tempo": {
                "take": round(self.tempo_bpm, 3),
                "played": round(self.tempo_bpm / self.clock.ratio, 3),
                "range": [round(tempo, 3) for tempo in self.tempos],
            },
            "offset_seconds": round(self.clock.offset, 4),
            "outside": self.outside,
            "accents": _rounded(self.accents, 3),
            "bars": [{"bar": bar, **each.json()} for bar, each in self.bars.items()],
            "notes": [note.json() for note in self.total.notes],
            "total": self.total.json(),
            "practise": list(self.practise),
        }


def compare(request: CompareRequest) -> Comparison:
    """Return a recording beside the line that its player read.

    Raises
    ------
    SidemanError
        If a file cannot be read, the recording is no MIDI file, has no notes or chords, or shares
        too little with the line.
    """
    with concerning("take"):
        solo, line = _line(request.take)
    changes = solo.changes or Changes(())
    line = _echoed(changes, line, within_bounds(solo.tempo_bpm)) or line
    last = max(len(changes.bars), _bar(changes, line[-1].tick) + 1)
    chosen = _yours(changes) or frozenset(range(last))
    if request.bars is not None:
        with concerning("bars"):
            chosen &= settling.bar_numbers(request.bars, last)
            line = [note for note in line if _bar(changes, note.tick) in chosen]
            if not line:
                raise MusicError(
                    f"{solo.title}: has no notes in the bars {request.bars}; give others."
                )
    with concerning("mine"):
        mine = _recording(request.mine, request.part)
    for notes, name in ((line, request.take.name), (mine, request.mine.name)):
        if len(notes) > MOST_NOTES:
            raise MusicError(
                f"{name}: has {counted(len(notes), 'note')}, and at most {MOST_NOTES:,} are "
                "compared; compare some bars, with a recording of those."
            )
    tempo = changes.tempo_at(line[0].tick) or within_bounds(solo.tempo_bpm)
    found = align(
        Line.of([(note.onset, note.pitch) for note in line]),
        Line.of([(note.onset, note.pitch) for note in mine]),
        beat_seconds=60 / tempo,
        clock=Clock() if request.synced else None,
    )
    right = 0 if found is None else _right(line, mine, found)
    if found is None or right < max(1.0, _LEAST_RIGHT * min(len(line), len(mine))):
        raise MusicError(
            f"{request.mine.name}: is no recording of this line, of whose "
            f"{counted(len(line), 'note')} it has {right} right in any key; give the take that was "
            "played, or the bars."
        )
    return _compared(solo.title, changes, chosen, line, mine, found, tempo)


def _right(line: Sequence[Expected], mine: Sequence[Played], found: Alignment) -> int:
    return sum(
        a is not None and b is not None and line[a].pitch + found.semitones == mine[b].pitch
        for a, b in found.pairs
    )


def _line(take: File) -> tuple[Solo, list[Expected]]:
    """Return the line of a take: as performed, or where only written at its tempo.

    The wandering of a take with expression is left out: its swing and its mean delays remain.
    """
    try:
        own = solo_json(parse(take.data, take.name))
    except FormatError:
        own = None  # another format
    if own is not None:
        solo, notes, places = own
        request = playing.carried(take)
        wanders = bool(request and request.expression)
        moves = _wandering(solo, notes, places) if wanders else [0.0] * len(notes)
        line = [
            Expected(
                note["tick"],
                note["start"] - move,
                note["end"] - move,
                note["pitch"],
                note["velocity"],
                _named(note["name"], note["pitch"]),
            )
            for note, move in zip(notes, moves, strict=True)
        ]
    else:
        solo = playing.line(take).solo
        beat = 60 / within_bounds(solo.tempo_bpm) / TICKS_PER_QUARTER
        names = spell_line(solo.notes, solo.key, solo.changes or Changes(()))
        line = [
            Expected(
                note.onset,
                note.onset * beat,
                note.end * beat,
                note.pitch,
                note.velocity,
                printed(str(name)),
            )
            for note, name in zip(solo.notes, names, strict=True)
        ]
    if not line:
        raise MusicError(f"{take.name}: has no notes to compare with; give another take.")
    # The human delay of a performance may reverse notes that are close together.
    return solo, sorted(line, key=lambda note: (note.onset, note.tick))


def _wandering(
    solo: Solo, notes: Sequence[Mapping[str, Any]], places: Sequence[float]
) -> list[float]:
    """Return how late each note of a take is beside those at its place of the beat, in seconds."""
    assert solo.changes is not None
    alike: dict[object, list[float]] = defaultdict(list)
    keys = [(solo.changes.tempo_at(one["tick"]), one["tick"] % TICKS_PER_QUARTER) for one in notes]
    late = [note["start"] - place for note, place in zip(notes, places, strict=True)]
    for key, seconds in zip(keys, late, strict=True):
        alike[key].append(seconds)
    return [seconds - median(alike[key]) for key, seconds in zip(keys, late, strict=True)]


def _sections(changes: Changes) -> list[tuple[int, int, str]]:
    """Return first tick, end and label of each section."""
    starts = [*(start for start, _ in changes.sections), changes.length]
    labels = (label for _, label in changes.sections)
    return [(*edges, label) for edges, label in zip(pairwise(starts), labels, strict=True)]


def _yours(changes: Changes) -> frozenset[int]:
    """Return the bars of a practice loop in which the student plays; none of another line."""
    return frozenset(
        bar
        for start, end, label in _sections(changes)
        if label.endswith(YOURS)
        for bar in range(changes.bar_at(start), changes.bar_at(end - 1) + 1)
    )


def _echoed(changes: Changes, line: Sequence[Expected], first_bpm: float) -> list[Expected]:
    """Return the licks of a practice loop where the student plays them; none of another line."""
    found: list[Expected] = []
    for (start, end, _), (_, _, label) in pairwise(_sections(changes)):
        ticks = end - start
        seconds = 60 / (changes.tempo_at(start) or first_bpm) * ticks / TICKS_PER_QUARTER
        found += (
            note._replace(
                tick=note.tick + ticks, onset=note.onset + seconds, end=note.end + seconds
            )
            for note in line
            if label.endswith(YOURS) and start <= note.tick < end
        )
    return found


def _recording(mine: File, part: str | None) -> list[Played]:
    """Return the line of a recording."""
    file = parse(mine.data, mine.name)
    name = PurePath(mine.name).name
    found = _part(file, part)
    if found is None:
        raise MusicError(f"{name}: has no notes; record the line as MIDI.")
    notes = sorted(
        Played(file.seconds(note.onset), file.seconds(note.end), note.pitch, note.velocity)
        for note in found.notes
    )
    together = sum(
        after.onset - before.onset < _TOGETHER_SECONDS for before, after in pairwise(notes)
    )
    if together > _MOST_TOGETHER * (len(notes) - together):
        raise MusicError(
            f"{name}: has several notes at once, {together} times; record the line alone, or name "
            "its part.",
            field="part",
        )
    return notes


def _part(file: MidiFile, asked: str | None) -> MidiPart | None:
    pitched = [part for part in file.parts if part.notes and not part.percussion]
    if asked is None and len(pitched) < 2:
        return pitched[0] if pitched else None
    with concerning("part"):
        number = int(asked) if asked is not None and asked.isdecimal() else asked
        melody = choose(file, melody=number).melody
    return pitched[0] if melody is None else melody.part


def _compared(
    title: str,
    changes: Changes,
    chosen: Collection[int],
    line: Sequence[Expected],
    mine: Sequence[Played],
    found: Alignment,
    tempo: float,
) -> Comparison:
    clock = found.clock
    beat = 60 / tempo
    times = clock.times(np.array([note.onset for note in line])).tolist()
    begin, end = (
        times[0] - beat * clock.ratio,
        times[-1] + (line[-1].end - line[-1].onset + beat) * clock.ratio,
    )
    notes: list[Note] = []
    outside = 0
    for a, b in found.pairs:
        if a is None:
            assert b is not None
            at = _tick_at(line, times, mine[b].onset, beat * clock.ratio)
            if begin <= mine[b].onset <= end and _bar(changes, at) in chosen:
                notes.append(_note("added", changes, at, None, mine[b]))
            else:
                outside += 1
            continue
        written = line[a]
        if b is None:
            notes.append(_note("missed", changes, written.tick, written, None))
            continue
        away = mine[b].pitch - written.pitch - found.semitones
        kind = "wrong" if away % 12 else "octave" if away else "right"
        late = mine[b].onset - times[a]
        length = (mine[b].end - mine[b].onset) / max((written.end - written.onset), 1e-3)
        notes.append(
            _note(
                kind,
                changes,
                written.tick,
                written,
                mine[b],
                late_ms=1000 * late,
                length=length / clock.ratio,
            )
        )
    bars: dict[int, list[Note]] = {}
    for note in sorted(notes, key=lambda each: (each.bar, each.beat)):
        bars.setdefault(note.bar, []).append(note)
    return Comparison(
        title,
        {bar: Summary(tuple(held)) for bar, held in bars.items()},
        found.semitones,
        tempo,
        clock,
        outside,
        _accents(notes),
    )


def _note(
    kind: str,
    changes: Changes,
    tick: int,
    written: Expected | None,
    played: Played | None,
    **figures: float,
) -> Note:
    bar = _bar(changes, tick)
    meter = changes.bars[bar].meter if bar < len(changes.bars) else changes.meter
    start = changes.bar_starts[min(bar, len(changes.bars))]
    start += max(bar - len(changes.bars), 0) * changes.meter.ticks_per_bar
    beat = 1 + (tick - start) / meter.ticks_per_beat
    return Note(kind, bar + 1, round(beat, 2), written, played, **figures)


def _bar(changes: Changes, tick: int) -> int:
    """Return the bar of a tick from 0; that of a pickup is the first one."""
    return max(changes.bar_at(tick), 0)


def _tick_at(line: Sequence[Expected], times: Sequence[float], now: float, beat: float) -> int:
    """Return the written tick at a time of the recording, to a quarter of a beat.

    `times` are those of the notes in the recording, and `beat` the seconds of a beat there.
    """
    after = bisect_right(times, now)
    first, second = (min(max(at, 0), len(line) - 1) for at in (after - 1, after))
    ticks = line[second].tick - line[first].tick
    if ticks > 0 and times[second] > times[first]:
        tick = line[first].tick + ticks * (now - times[first]) / (times[second] - times[first])
    else:
        tick = line[first].tick + (now - times[first]) / beat * TICKS_PER_QUARTER
    grid = TICKS_PER_QUARTER // 4
    return round(tick / grid) * grid


def _accents(notes: Sequence[Note]) -> float | None:
    """Return the correlation of velocities of right notes; None for few, or all alike."""
    pairs = [
        (note.written.velocity, note.played.velocity)
        for note in notes
        if note.kind == "right" and note.written is not None and note.played is not None
    ]
    if len(pairs) < 8 or any(len(set(side)) < 2 for side in zip(*pairs, strict=True)):
        return None
    return correlation(*(list(map(float, side)) for side in zip(*pairs, strict=True)))


def _uneven(bar: Summary) -> bool:
    return max(bar.spread_ms or 0.0, abs(bar.late_ms or 0.0)) > _UNEVEN_MS


def _interval(semitones: int) -> str:
    octaves, rest = divmod(semitones, 12)
    parts = ["an octave" if octaves == 1 else f"{octaves} octaves"] if octaves else []
    return " and ".join([*parts, *([_INTERVALS[rest]] if rest else [])])


def _name(pitch: int) -> str:
    return printed(str(Key(0).spell(pitch)))


def _named(name: str, pitch: int) -> str:
    return name or _name(pitch)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
