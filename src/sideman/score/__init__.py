"""The nouns of the house: notes, changes, lead sheets, solos, parts, arrangements, performances.

All are frozen.  Times are ticks (:mod:`sideman.theory.meter`), 24 to the quarter as written and
480 in a performance; tick 0 is the downbeat of the first bar of the form, so the notes of a pickup
stand at negative ticks.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from sideman.errors import MusicError
from sideman.theory.chord import Chord
from sideman.theory.meter import PERFORMED_TICKS_PER_QUARTER, TICKS_PER_QUARTER, Meter
from sideman.theory.pitch import Key, Pitch, PitchName, spelled


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """One sounding note.

    Parameters
    ----------
    onset : int
        Ticks from the start of the form.
    duration : int
        Ticks; at least 1.
    pitch : int
        MIDI number.
    velocity : int
        MIDI velocity, 1 to 127.
    name : PitchName or None
        How its source spelled it, where it did.
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
        """Move the note.

        Parameters
        ----------
        semitones : int
            How far the sound moves.
        fifths : int
            How far its spelling moves on the line of fifths.

        Returns
        -------
        Note
            The moved note.
        """
        name = None if self.name is None else self.name.transpose(fifths)
        return replace(self, pitch=self.pitch + semitones, name=name)


@dataclass(frozen=True, slots=True)
class ChordChange:
    """A chord and where it arrives.

    Parameters
    ----------
    onset : int
        Ticks from the start of the chord's *bar*.
    chord : Chord
        The chord.
    """

    onset: int
    chord: Chord


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a form.

    Parameters
    ----------
    chords : tuple of ChordChange
        By rising onset; empty where the last chord goes on.
    meter : Meter
        The bar's meter.
    section : str or None
        The label of the section that begins here, such as ``A``.
    style : str
        The name of the style that begins here; empty where the last one goes on.
    """

    chords: tuple[ChordChange, ...] = ()
    meter: Meter = Meter()
    section: str | None = None
    style: str = ""


@dataclass(frozen=True, slots=True)
class ChordSpan:
    """A chord with the time for which it holds.

    Parameters
    ----------
    onset, end : int
        Ticks from the start of the form.
    chord : Chord
        The chord.
    """

    onset: int
    end: int
    chord: Chord


@dataclass(frozen=True)
class Changes:
    """A form, once or several times: bars of chords, repeats written out.

    Parameters
    ----------
    bars : tuple of Bar
        The bars in playing order.
    chorus_starts : tuple of int
        The index of the bar at which each chorus begins; empty where the form is unknown.
    """

    bars: tuple[Bar, ...]
    chorus_starts: tuple[int, ...] = (0,)

    @cached_property
    def bar_starts(self) -> tuple[int, ...]:
        """The tick of each bar's downbeat, and one more: the end of the form."""
        starts = [0]
        for bar in self.bars:
            starts.append(starts[-1] + bar.meter.ticks_per_bar)
        return tuple(starts)

    @property
    def length(self) -> int:
        """Ticks in the whole form."""
        return self.bar_starts[-1]

    @property
    def meter(self) -> Meter:
        """The first bar's meter (4/4 of an empty form)."""
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
    def spans(self) -> tuple[ChordSpan, ...]:
        """Every chord with the ticks for which it holds; time before the first chord has none."""
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
        """Return the chord that holds at a tick.

        Parameters
        ----------
        tick : int
            Ticks from the start of the form; before the first chord the first one counts.

        Returns
        -------
        Chord or None
            The chord, or None if the form has no chord at all.
        """
        if not self.spans:
            return None
        return self.spans[max(0, bisect_right(self._span_onsets, tick) - 1)].chord

    def bar_at(self, tick: int) -> int:
        """Return the index of the bar that holds a tick (a pickup counts back from 0).

        Parameters
        ----------
        tick : int
            Ticks from the start of the form.

        Returns
        -------
        int
            The bar's index, negative before the form; after its end bars go on as the last one.
        """
        if tick < 0 or not self.bars:
            return tick // self.meter.ticks_per_bar
        if tick >= self.length:
            beyond = (tick - self.length) // self.bars[-1].meter.ticks_per_bar
            return len(self.bars) + beyond
        return bisect_right(self.bar_starts, tick) - 1

    def repeated(self, choruses: int) -> Changes:
        """Return the form several times over.

        Parameters
        ----------
        choruses : int
            How often; at least 1.

        Returns
        -------
        Changes
            The longer form; where the choruses of this one are unknown, it is one chorus.
        """
        size = len(self.bars)
        starts = self.chorus_starts or (0,)
        return Changes(
            self.bars * choruses,
            tuple(size * time + start for time in range(choruses) for start in starts),
        )

    def transposed(self, fifths: int) -> Changes:
        """Move every chord along the line of fifths.

        Parameters
        ----------
        fifths : int
            Steps on the line of fifths.

        Returns
        -------
        Changes
            The moved form.
        """
        return replace(
            self,
            bars=tuple(
                replace(
                    bar,
                    chords=tuple(
                        ChordChange(change.onset, change.chord.transposed(fifths))
                        for change in bar.chords
                    ),
                )
                for bar in self.bars
            ),
        )


@dataclass(frozen=True, slots=True)
class Part:
    """The notes of one player.

    Parameters
    ----------
    name : str
        What the track or stave is called.
    notes : tuple of Note
        By rising onset.
    program : int
        General MIDI programme, 0 to 127.
    percussion : bool
        Whether the pitches are drums.
    volume : int
        How loud the player is in the mix, as MIDI's controller 7 counts it: 0 to 127.
    pan : int
        Where the player stands, as MIDI's controller 10 counts it: 0 is left, 64 the middle, 127
        right.
    """

    name: str
    notes: tuple[Note, ...] = ()
    program: int = 0
    percussion: bool = False
    volume: int = 100
    pan: int = 64


@dataclass(frozen=True, slots=True)
class LeadSheet:
    """A tune as players write it: changes, and the melody where it is known.

    Parameters
    ----------
    title : str
        The tune's name.
    changes : Changes
        One chorus of its form.
    composer : str
        Who wrote it; empty where unknown.
    parts : tuple of Part
        Melodies over the form: the head first, then further choruses.
    key : Key or None
        The key, where it is known.
    tempo_bpm : float or None
        Quarter notes a minute, where it is known.
    style : str
        The name of the style, such as ``swing``; empty where unknown.
    """

    title: str
    changes: Changes
    composer: str = ""
    parts: tuple[Part, ...] = ()
    key: Key | None = None
    tempo_bpm: float | None = None
    style: str = ""

    @property
    def melody(self) -> tuple[Note, ...]:
        """The notes of the first part."""
        return self.parts[0].notes if self.parts else ()

    def transposed(self, fifths: int, semitones: int | None = None) -> LeadSheet:
        """Move chords, key and melodies; drums stay.

        Parameters
        ----------
        fifths : int
            Steps on the line of fifths.
        semitones : int or None
            How far the melodies sound higher; the nearest way, at most a tritone, where None.

        Returns
        -------
        LeadSheet
            The moved sheet.

        Raises
        ------
        MusicError
            If a note would leave the range of MIDI, or the semitones do not fit the fifths.
        """
        if semitones is None:
            semitones = (fifths * 7 + 5) % 12 - 5
        if (semitones - fifths * 7) % 12:
            raise MusicError(f"{fifths} fifths are not {semitones} semitones; give ones that fit.")
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
                f"{self.title}: moved by {semitones} semitones, the melody leaves the range of "
                "MIDI; move it less."
            )
        return replace(
            self,
            changes=self.changes.transposed(fifths),
            parts=parts,
            key=None if self.key is None else self.key.transpose(fifths),
        )

    def in_key(self, tonic: PitchName) -> LeadSheet:
        """Move the sheet so that its tonic is another; it stays major or minor.

        Parameters
        ----------
        tonic : PitchName
            The new tonic.

        Returns
        -------
        LeadSheet
            The moved sheet, its melodies going the nearest way.

        Raises
        ------
        MusicError
            If the sheet does not say its key, or would leave the range of MIDI.
        """
        if self.key is None:
            raise MusicError(
                f"{self.title}: does not say its key, so it cannot be moved to {tonic}; "
                "say by how many semitones instead."
            )
        return self.transposed(tonic.fifths - self.key.tonic.fifths)

    def shifted(self, semitones: int) -> LeadSheet:
        """Move the sheet by semitones into the key with the fewest signs.

        Parameters
        ----------
        semitones : int
            How far up, or down if negative.

        Returns
        -------
        LeadSheet
            The moved sheet.

        Raises
        ------
        MusicError
            If a note would leave the range of MIDI.
        """
        now = self.key.fifths if self.key else 0
        # The signature nearest to none; of six flats and six sharps, the flats.
        return self.transposed((now + semitones * 7 + 6) % 12 - 6 - now, semitones)


@dataclass(frozen=True, slots=True)
class Solo:
    """One player's line over changes.

    Parameters
    ----------
    title : str
        The tune.
    notes : tuple of Note
        The line, by rising onset.
    changes : Changes or None
        The whole solo's bars, all choruses written out; None where no chords are known.
    performer : str
        Who plays; empty where unknown.
    key : Key or None
        The key, where it is known.
    tempo_bpm : float or None
        Quarter notes a minute, where it is known.
    style : str
        The name of the style; empty where unknown.
    phrase_starts : tuple of int
        The index in `notes` of each phrase's first note; empty where unknown.
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
    def chorus_bars(self) -> tuple[int, ...]:
        """The bar at which each chorus begins; empty where the form is unknown."""
        return self.changes.chorus_starts if self.changes else ()


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Everything that sounds together, as written.

    Parameters
    ----------
    title : str
        What is played.
    parts : tuple of Part
        One a player.
    changes : Changes
        The bars and chords under all of it.
    tempo_bpm : float
        Quarter notes a minute.
    key : Key or None
        The key, where it is known.
    ritardando : (int, int) or None
        The tick from which the tempo slows, and the tick of the last chord, which is held; None
        where it stays.
    """

    title: str
    parts: tuple[Part, ...]
    changes: Changes
    tempo_bpm: float = 120.0
    key: Key | None = None
    ritardando: tuple[int, int] | None = None


@dataclass(frozen=True)
class Performance:
    """Everything that sounds together, as played (:mod:`sideman.feel`).

    Parameters
    ----------
    title : str
        What is played.
    parts : tuple of Part
        One a player, in ticks of the performed clock: 480 to the quarter.
    changes : Changes
        The bars and chords under all of it, in written ticks.
    tempos : tuple of (int, float)
        Where the tempo changes, in ticks of the performed clock, and the quarter notes a minute
        from there; by rising tick.  The first also counts before.
    key : Key or None
        The key, where it is known.

    Examples
    --------
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
        """The tempo at the beginning."""
        return self.tempos[0][1]

    @cached_property
    def _clock(self) -> tuple[tuple[int, ...], tuple[float, ...]]:
        """The ticks at which the tempo changes, and the seconds there."""
        ticks = [0]
        seconds = [0.0]
        for (_, tempo), (tick, _) in pairwise(self.tempos):
            quarters = (tick - ticks[-1]) / PERFORMED_TICKS_PER_QUARTER
            seconds.append(seconds[-1] + quarters * 60 / tempo)
            ticks.append(tick)
        return tuple(ticks), tuple(seconds)

    def seconds_at(self, tick: float) -> float:
        """Say when a tick is reached.

        Parameters
        ----------
        tick : float
            A tick of the performed clock; negative before the form.

        Returns
        -------
        float
            Seconds after tick 0.
        """
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
    """Make a line of notes: one at a time, each cut where the next begins.

    Parameters
    ----------
    notes : iterable of Note
        Notes in any order; of several at one tick the highest stays.

    Returns
    -------
    tuple of Note
        The line, by rising onset.
    """
    line: list[Note] = []
    for note in sorted(notes, key=lambda note: (note.onset, -note.pitch)):
        if line and line[-1].onset == note.onset:
            continue
        if line and line[-1].end > note.onset:
            line[-1] = replace(line[-1], duration=note.onset - line[-1].onset)
        line.append(note)
    return tuple(line)


def spell(note: Note, key: Key | None, chord: Chord | None = None) -> Pitch:
    """Spell a note as its source did, or else as the chord or the key would.

    Parameters
    ----------
    note : Note
        The note.
    key : Key or None
        The key; C major where None.
    chord : Chord or None
        The chord under the note, which spells its own tones.

    Returns
    -------
    Pitch
        The spelled pitch.

    Examples
    --------
    >>> flat, seventh = Key.parse("Bb"), Chord.parse("G7")
    >>> str(spell(Note(0, 24, 59), flat)), str(spell(Note(0, 24, 59), flat, seventh))
    ('Cb4', 'B3')
    >>> str(spell(Note(0, 24, 65), Key.parse("F"), Chord.parse("D7#9")))
    'F4'
    """
    if note.name is not None and note.name.pitch_class == note.pitch % 12:
        return spelled(note.name, note.pitch)
    # A raised ninth is a minor third to the reader: colours are spelled by the key.
    if chord is not None and note.pitch % 12 in chord.tones:
        for name in chord.names:
            if name.pitch_class == note.pitch % 12 and abs(name.alter) < 2:
                return spelled(name, note.pitch)
    return (key or Key(0)).spell(note.pitch)
