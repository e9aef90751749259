"""Notes, changes, lead sheets, solos, parts, arrangements and performances.

All classes are frozen. Times are ticks (:mod:`sideman.theory.meter`), 24 to the quarter in written
music and 480 in a performance. Tick 0 is the downbeat of the first bar of the form, so the notes of
a pickup have negative onsets.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

from sideman.errors import MusicError
from sideman.theory.chord import Chord
from sideman.theory.meter import PERFORMED_TICKS_PER_QUARTER, TICKS_PER_QUARTER, Meter
from sideman.theory.pitch import Key, Pitch, PitchName, spelled


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """One note; times are ticks from the start of the form, `pitch` and `velocity` MIDI's.

    The name is its spelling in the source, if known.
    """

    onset: int
    duration: int
    pitch: int
    velocity: int = 90
    name: PitchName | None = None

    @property
    def end(self) -> int:
        """Tick at which the note stops."""
        return self.onset + self.duration

    def transposed(self, semitones: int, fifths: int) -> Note:
        """Move the pitch by semitones and the spelling by steps on the line of fifths."""
        name = None if self.name is None else self.name.transpose(fifths)
        return replace(self, pitch=self.pitch + semitones, name=name)


@dataclass(frozen=True, slots=True)
class ChordChange:
    """A chord and its onset in ticks from the start of the *bar*."""

    onset: int
    chord: Chord


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a form, with its chords by rising onset; with none the previous chord continues.

    `section` is the label of the section, and `style` the name of the style, that begin here; `key`
    and `tempo_bpm`, quarter notes per minute, are those to which the music changes here.
    """

    chords: tuple[ChordChange, ...] = ()
    meter: Meter = Meter()
    section: str | None = None
    style: str = ""
    key: Key | None = None
    tempo_bpm: float | None = None

    def transposed(self, fifths: int) -> Bar:
        """Move chords and key along the line of fifths."""
        chords = tuple(
            ChordChange(change.onset, change.chord.transposed(fifths)) for change in self.chords
        )
        return replace(self, chords=chords, key=self.key and self.key.transpose(fifths))


@dataclass(frozen=True, slots=True)
class ChordSpan:
    """A chord with its start and end in ticks from the start of the form."""

    onset: int
    end: int
    chord: Chord


@dataclass(frozen=True)
class Changes:
    """The chord changes of one or more choruses, repeats written out, in playing order.

    `chorus_starts` are the indices of the choruses' first bars; empty if the form is unknown.
    """

    bars: tuple[Bar, ...]
    chorus_starts: tuple[int, ...] = (0,)

    @cached_property
    def bar_starts(self) -> tuple[int, ...]:
        """The tick of each bar's downbeat, followed by the end of the form."""
        starts = [0]
        for bar in self.bars:
            starts.append(starts[-1] + bar.meter.ticks_per_bar)
        return tuple(starts)

    @property
    def length(self) -> int:
        """Length of the form in ticks."""
        return self.bar_starts[-1]

    @property
    def meter(self) -> Meter:
        """The meter of the first bar; 4/4 for an empty form."""
        return self.bars[0].meter if self.bars else Meter()

    @cached_property
    def sections(self) -> tuple[tuple[int, str], ...]:
        """The tick at which each section begins, and its name."""
        return tuple(
            (start, bar.section)
            for start, bar in zip(self.bar_starts, self.bars, strict=False)
            if bar.section
        )

    @cached_property
    def keys(self) -> tuple[tuple[int, Key], ...]:
        """The tick at which each key of a bar begins, and the key."""
        return tuple(
            (start, bar.key)
            for start, bar in zip(self.bar_starts, self.bars, strict=False)
            if bar.key is not None
        )

    @cached_property
    def tempos(self) -> tuple[tuple[int, float], ...]:
        """The tick at which each tempo of a bar begins, and the tempo."""
        return tuple(
            (start, bar.tempo_bpm)
            for start, bar in zip(self.bar_starts, self.bars, strict=False)
            if bar.tempo_bpm is not None
        )

    def key_at(self, tick: int) -> Key | None:
        """Return the key of the last bar with one up to a tick; None before the first of them."""
        return next((key for start, key in reversed(self.keys) if start <= tick), None)

    def tempo_at(self, tick: int) -> float | None:
        """Return the tempo of the last bar with one up to a tick; None before the first of them."""
        return next((tempo for start, tempo in reversed(self.tempos) if start <= tick), None)

    @cached_property
    def spans(self) -> tuple[ChordSpan, ...]:
        """Every chord with its start and end; the time before the first chord is not covered."""
        arrivals = [
            (start + change.onset, change.chord)
            for start, bar in zip(self.bar_starts, self.bars, strict=False)
            for change in bar.chords
        ]
        ends = [*(onset for onset, _ in arrivals[1:]), *([self.length] if arrivals else [])]
        return tuple(
            ChordSpan(onset, end, chord) for (onset, chord), end in zip(arrivals, ends, strict=True)
        )

    @cached_property
    def _span_onsets(self) -> tuple[int, ...]:
        return tuple(span.onset for span in self.spans)

    def chord_at(self, tick: int) -> Chord | None:
        """Return the chord at a tick, the first chord before its onset; None without chords."""
        if not self.spans:
            return None
        return self.spans[max(0, bisect_right(self._span_onsets, tick) - 1)].chord

    def bar_at(self, tick: int) -> int:
        """Return the index of the bar at a tick.

        The index is negative before the form; after the form, bars continue in the last meter.
        """
        if tick < 0 or not self.bars:
            return tick // self.meter.ticks_per_bar
        if tick >= self.length:
            beyond = (tick - self.length) // self.bars[-1].meter.ticks_per_bar
            return len(self.bars) + beyond
        return bisect_right(self.bar_starts, tick) - 1

    def position(self, tick: int) -> tuple[int, float]:
        """Return the bar and the beat of a tick within the form, both from 1."""
        bar = self.bar_at(tick)
        ticks = self.bars[bar].meter.ticks_per_beat
        return bar + 1, 1 + (tick - self.bar_starts[bar]) / ticks

    def cut(self, first: int, end: int) -> tuple[Bar, ...]:
        """Return the bars from `first` to before `end`, the first with the chord at its start."""
        bar, *others = self.bars[first:end]
        chord = self.chord_at(self.bar_starts[first])
        if chord is not None and not (bar.chords and bar.chords[0].onset == 0):
            bar = replace(bar, chords=(ChordChange(0, chord), *bar.chords))
        return (bar, *others)

    @property
    def first_chorus(self) -> Changes:
        """The first chorus; all bars if the form is unknown."""
        return Changes(self.bars[: [*self.chorus_starts[1:2], len(self.bars)][0]])

    def repeated(self, choruses: int) -> Changes:
        """Return the form repeated; a form without `chorus_starts` counts as one chorus."""
        size = len(self.bars)
        starts = self.chorus_starts or (0,)
        return Changes(
            self.bars * choruses,
            tuple(size * time + start for time in range(choruses) for start in starts),
        )

    def steady(self) -> Changes:
        """Return the changes without the tempos of their bars."""
        return replace(self, bars=tuple(replace(bar, tempo_bpm=None) for bar in self.bars))

    def transposed(self, fifths: int) -> Changes:
        """Move every chord and key along the line of fifths.

        From a bar on whose key would have more than six accidentals, the names are enharmonic.
        """
        bars: list[Bar] = []
        enharmonic = 0
        for bar in self.bars:
            if bar.key is not None:
                key = bar.key.fifths + fifths
                enharmonic = (key + 6) // 12 * 12 if fifths and abs(key) > 6 else 0
            bars.append(bar.transposed(fifths - enharmonic))
        return replace(self, bars=tuple(bars))


PITCH, PITCH_AT_REST = -1, 8192
"""The number of a :class:`Control` that is the pitch wheel, and its value at rest."""


@dataclass(frozen=True, slots=True, order=True)
class Control:
    """A change of a controller of MIDI, or of the pitch wheel (`PITCH`, 0 to 16383)."""

    onset: int
    number: int
    value: int


@dataclass(frozen=True, slots=True)
class Part:
    """The notes of one player, by rising onset, with program, volume and pan (0 to 127) of MIDI.

    The pitches of `percussion` are drums; `volume` is controller 7, and `pan` controller 10 (64 is
    the centre).  `controls` are the other changes of controllers, by rising onset.
    """

    name: str
    notes: tuple[Note, ...] = ()
    program: int = 0
    percussion: bool = False
    volume: int = 100
    pan: int = 64
    controls: tuple[Control, ...] = ()


@dataclass(frozen=True, slots=True)
class LeadSheet:
    """A tune: one chorus of changes, and the melody if known.

    `parts` are melodies over the form: the head first, then further choruses.  The tempo is in
    quarter notes per minute; `swing` is on-beat eighth over off-beat eighth, 1 for straight
    eighths.  Unknown texts are empty, and other unknown values None.  `notices` has one sentence
    for each thing in the file that its reader left out or supplied.
    """

    title: str
    changes: Changes
    composer: str = ""
    parts: tuple[Part, ...] = ()
    key: Key | None = None
    tempo_bpm: float | None = None
    style: str = ""
    swing: float | None = None
    notices: tuple[str, ...] = field(default=(), compare=False)

    @property
    def tonality(self) -> Key | None:
        """The key, with a mode by :func:`settled` where the source gives none."""
        return self.key and settled(self.key, self.changes)

    @property
    def melody(self) -> tuple[Note, ...]:
        """The notes of the first part."""
        return self.parts[0].notes if self.parts else ()

    def transposed(self, fifths: int, semitones: int | None = None) -> LeadSheet:
        """Return it with chords, key and melodies moved along the line of fifths, but not drums.

        The melodies go `semitones` up, where None in the nearest direction, at most a tritone.  A
        MusicError is raised if a note would leave the range of MIDI, or fifths and semitones do not
        match.
        """
        if semitones is None:
            semitones = (fifths * 7 + 5) % 12 - 5
        if (semitones - fifths * 7) % 12:
            raise MusicError(f"{fifths} fifths are not {semitones} semitones modulo 12.")
        parts = tuple(
            part
            if part.percussion
            else replace(
                part, notes=tuple(note.transposed(semitones, fifths) for note in part.notes)
            )
            for part in self.parts
        )
        if any(not 0 <= note.pitch <= 127 for part in parts for note in part.notes):
            raise MusicError(
                f"{self.title}: transposed by {semitones} semitones, the melody leaves the range "
                "of MIDI; transpose by fewer semitones."
            )
        return replace(
            self,
            changes=self.changes.transposed(fifths),
            parts=parts,
            key=None if self.key is None else self.key.transpose(fifths),
        )

    def in_key(self, tonic: PitchName) -> LeadSheet:
        """Transpose the sheet to another tonic in the nearest direction; the mode stays."""
        if self.tonality is None:
            raise MusicError(
                f"{self.title}: has no key, so it cannot be transposed to {tonic}; "
                "transpose by semitones instead."
            )
        return self.transposed(tonic.fifths - self.tonality.tonic.fifths)

    def shifted(self, semitones: int) -> LeadSheet:
        """Transpose the sheet by semitones into the key with the fewest accidentals."""
        now = self.key.fifths if self.key else 0
        # The fewest accidentals; six flats rather than six sharps.
        return self.transposed((now + semitones * 7 + 6) % 12 - 6 - now, semitones)


@dataclass(frozen=True, slots=True)
class Solo:
    """One player's line, by rising onset, over the changes of all its choruses.

    `phrase_starts` are the indices of the phrases' first notes.  The tempo is in quarter notes per
    minute.  Unknown texts and tuples are empty, and other unknown values None.
    """

    title: str
    notes: tuple[Note, ...]
    changes: Changes | None = None
    performer: str = ""
    key: Key | None = None
    tempo_bpm: float | None = None
    style: str = ""
    phrase_starts: tuple[int, ...] = ()

    @property
    def tonality(self) -> Key | None:
        """The key, with a mode by :func:`settled` where the source gives none."""
        return self.key and settled(self.key, self.changes or Changes(()))

    @property
    def chorus_bars(self) -> tuple[int, ...]:
        """The first bar of each chorus; empty if the form is unknown."""
        return self.changes.chorus_starts if self.changes else ()


@dataclass(frozen=True, slots=True)
class Arrangement:
    """All parts of a piece, one per player, as written.

    The tempo is in quarter notes per minute.  `ritardando` holds the tick at which the tempo begins
    to slow down, and that of the last chord, which is held; None for a constant tempo.
    """

    title: str
    parts: tuple[Part, ...]
    changes: Changes
    tempo_bpm: float = 120.0
    key: Key | None = None
    ritardando: tuple[int, int] | None = None


@dataclass(frozen=True)
class Performance:
    """All parts of a piece, one per player, as performed (:mod:`sideman.feel`).

    The parts are in performed ticks, 480 to the quarter, and the changes in written ones.  `tempos`
    hold performed tick and quarter notes per minute of each tempo change, by rising tick; the first
    tempo also applies before its tick.

    >>> slowing = Performance("A", (), Changes((Bar(), Bar())), ((0, 120.0), (1920, 60.0)))
    >>> slowing.seconds_at(480), slowing.seconds_at(1920 + 480), slowing.seconds
    (0.5, 3.0, 6.0)
    """

    title: str
    parts: tuple[Part, ...]
    changes: Changes
    tempos: tuple[tuple[int, float], ...] = ((0, 120.0),)
    key: Key | None = None

    @property
    def tempo_bpm(self) -> float:
        """The initial tempo."""
        return self.tempos[0][1]

    @cached_property
    def _clock(self) -> tuple[tuple[int, ...], tuple[float, ...]]:
        """The ticks of the tempo changes, and their times in seconds."""
        ticks = [0]
        seconds = [0.0]
        for (_, tempo), (tick, _) in pairwise(self.tempos):
            quarters = (tick - ticks[-1]) / PERFORMED_TICKS_PER_QUARTER
            seconds.append(seconds[-1] + quarters * 60 / tempo)
            ticks.append(tick)
        return tuple(ticks), tuple(seconds)

    def seconds_at(self, tick: float) -> float:
        """Return the time of a performed tick in seconds after tick 0."""
        ticks, seconds = self._clock
        index = max(0, bisect_right(ticks, tick) - 1)
        quarters = (tick - ticks[index]) / PERFORMED_TICKS_PER_QUARTER
        return seconds[index] + quarters * 60 / self.tempos[index][1]

    @property
    def seconds(self) -> float:
        """Seconds from tick 0 to the end of the form or of the last note, whichever is later."""
        form = self.changes.length * PERFORMED_TICKS_PER_QUARTER // TICKS_PER_QUARTER
        notes = (note.end for part in self.parts for note in part.notes)
        return self.seconds_at(max(form, max(notes, default=0)))


def monophonic(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Return a line with one note at a time, each cut at the onset of the next.

    Of several notes with one onset the highest is kept.
    """
    line: list[Note] = []
    for note in sorted(notes, key=lambda note: (note.onset, -note.pitch)):
        if line and line[-1].onset == note.onset:
            continue
        if line and line[-1].end > note.onset:
            line[-1] = replace(line[-1], duration=note.onset - line[-1].onset)
        line.append(note)
    return tuple(line)


def settled(key: Key, changes: Changes) -> Key:
    """Return a key with its mode; one without is minor if the chords show it, and else major.

    The last chord with a root decides if it is the tonic chord of one of the two keys of the
    signature, or else the first.

    >>> bars = [Bar((ChordChange(0, Chord.parse(symbol)),)) for symbol in ("Cm7", "Ab7", "G7")]
    >>> str(settled(Key(-3, has_mode=False), Changes(tuple(bars))))
    'C minor'
    """
    if key.has_mode:
        return key
    chords = [span.chord for span in changes.spans if span.chord.root is not None]
    for chord in (*chords[-1:], *chords[:1]):
        assert chord.root is not None
        degree = (chord.root.pitch_class - key.tonic.pitch_class) % 12
        minor = chord.quality.third == 3
        if (degree, minor) in ((0, False), (9, True)):
            return Key(key.fifths, minor)
    return Key(key.fifths)


def spell(note: Note, key: Key | None, chord: Chord | None = None) -> Pitch:
    """Return a note's pitch spelled as in its source, as a chord tone, or in the key (else C).

    >>> flat, seventh = Key.parse("Bb"), Chord.parse("G7")
    >>> str(spell(Note(0, 24, 59), flat)), str(spell(Note(0, 24, 59), flat, seventh))
    ('Cb4', 'B3')
    """
    if note.name is not None and note.name.pitch_class == note.pitch % 12:
        return spelled(note.name, note.pitch)
    # Chord tones only: a raised ninth, for example, is easier to read as a minor third.
    if chord is not None and note.pitch % 12 in chord.tones:
        for name in chord.names:
            if name.pitch_class == note.pitch % 12 and abs(name.alter) < 2:
                return spelled(name, note.pitch)
    return (key or Key(0)).spell(note.pitch)
