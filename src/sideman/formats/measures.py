"""From written measures to a lead sheet: bars in playing order, chords, and notes with joined ties.

Written measures may be shorter than their meter: a pickup, or the two parts of a bar that is split
by a repeat sign. In playing order such parts are joined to whole bars.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sideman.errors import FormatError
from sideman.score import Bar, Changes, ChordChange, Note
from sideman.score.roadmap import Signs, playing_order
from sideman.theory.chord import Chord
from sideman.theory.meter import TICKS_PER_QUARTER, Meter
from sideman.theory.pitch import PitchName


@dataclass(frozen=True, slots=True)
class Written:
    """A note in its measure; `tied` if it continues in the next note of its pitch."""

    onset: int
    end: int
    pitch: int
    name: PitchName | None = None
    tied: bool = False


@dataclass(slots=True)
class Measure:
    """One written measure of a voice; `length` is that of its content in ticks."""

    meter: Meter = field(default_factory=Meter)
    length: int = 0
    chords: list[tuple[int, Chord]] = field(default_factory=list)
    notes: list[Written] = field(default_factory=list)
    signs: Signs = field(default_factory=Signs)
    section: str | None = None
    drawn_coda: bool = False

    @property
    def short(self) -> bool:
        """Whether it lasts less than its meter."""
        return 0 < self.length < self.meter.ticks_per_bar


@dataclass(slots=True)
class _PlayedBar:
    """A bar, and its written measures with their offsets."""

    meter: Meter
    length: int
    held: list[tuple[int, int]]
    at_sign: bool = False  # a repeat sign, an ending or a double bar line follows

    @property
    def open(self) -> bool:
        return self.length < self.meter.ticks_per_bar


@dataclass(frozen=True)
class Form:
    """The measures of the leading voice in playing order, joined to bars.

    Parameters
    ----------
    changes : Changes
        The bars and chords.
    places : tuple of (int, int)
        The index of each played measure, and the tick at which it begins.
    """

    changes: Changes
    places: tuple[tuple[int, int], ...]

    def notes(self, measures: Sequence[Measure]) -> tuple[Note, ...]:
        """Return the notes of a voice in playing order with ties joined."""
        joined: list[Note] = []
        ties: dict[int, int] = {}
        for index, start in self.places:
            held = measures[index].notes if index < len(measures) else []
            joined = _cut(joined, start)
            for note in sorted(held, key=lambda note: (note.onset, note.pitch)):
                onset, end = note.onset + start, note.end + start
                before = ties.pop(note.pitch, None)
                if before is not None and before < len(joined) and joined[before].end == onset:
                    joined[before] = replace(joined[before], duration=end - joined[before].onset)
                else:
                    before = len(joined)
                    joined.append(Note(onset, end - onset, note.pitch, name=note.name))
                if note.tied:
                    ties[note.pitch] = before
        return tuple(sorted(joined, key=lambda note: (note.onset, note.pitch)))


def _cut(notes: list[Note], start: int) -> list[Note]:
    """Cut notes of a full bar where a pickup over its end begins."""
    if not notes or notes[-1].end <= start:
        return notes
    return [
        replace(note, duration=min(note.end, start) - note.onset) if note.end > start else note
        for note in notes
        if note.onset < start
    ]


def form(measures: Sequence[Measure], name: str, order: Sequence[int] | None = None) -> Form:
    """Join the measures of the leading voice to bars in playing order.

    Parameters
    ----------
    measures : sequence of Measure
        As written.
    name : str
        The name of the file, for messages.
    order : sequence of int or None
        The playing order; None to take it from the signs.

    Raises
    ------
    FormatError
        If a measure is of no meter, or too many would be played.
    """
    if order is None:
        order = sign_order(measures, name)
    bars: list[_PlayedBar] = []
    pickup: int | None = None
    over: list[tuple[int, int]] = []  # pickups over the end of a full bar: measure and bar
    for place, index in enumerate(order):
        measure = measures[index]
        if not measure.length:
            continue
        if measure.short and not bars and pickup is None and len(order) > 1:
            pickup = index
        elif measure.short and bars and bars[-1].open and _fits(bars[-1], measure):
            bars[-1].held.append((index, bars[-1].length))
            bars[-1].length += measure.length
        elif _leads_in(measure, bars, again=index == pickup):
            over.append((index, len(bars) - 1))
        else:
            bars.append(_PlayedBar(measure.meter, measure.length, [(index, 0)]))
        following = measures[order[place + 1]] if place + 1 < len(order) else None
        if bars:
            bars[-1].at_sign = following is None or _at_sign(measure, following)
    return _placed(measures, bars, pickup, over, name)


def _fits(bar: _PlayedBar, measure: Measure) -> bool:
    rest = bar.meter.ticks_per_bar - bar.length
    return measure.meter == bar.meter and measure.length <= rest


def _leads_in(measure: Measure, bars: Sequence[_PlayedBar], *, again: bool) -> bool:
    """Return whether a short measure is a pickup over the end of a full bar."""
    if not (measure.short and bars):
        return False
    brief = 2 * measure.length <= measure.meter.ticks_per_bar
    return again or (brief and (measure.signs.opens or bars[-1].at_sign))


def _at_sign(measure: Measure, following: Measure) -> bool:
    signs = measure.signs
    return (
        signs.closes
        or signs.ends_section
        or bool(signs.jump)
        or following.signs.opens
        or bool(following.signs.endings)
        or following.section is not None
    )


def _placed(
    measures: Sequence[Measure],
    bars: list[_PlayedBar],
    pickup: int | None,
    over: Sequence[tuple[int, int]],
    name: str,
) -> Form:
    written: list[Bar] = []
    starts = [0]
    places: list[tuple[int, int]] = []
    if pickup is not None:
        places.append((pickup, -measures[pickup].length))
    for number, bar in enumerate(bars, 1):
        if bar.length != bar.meter.ticks_per_bar and not (bar.open and bar.at_sign):
            bar.meter = meter_of(bar.length, bar.meter, f"{name}, bar {number}")
        chords = [
            (onset + offset, chord)
            for index, offset in bar.held
            for onset, chord in measures[index].chords
        ]
        first = measures[bar.held[0][0]]
        written.append(Bar(spread_chords(chords, bar.meter), bar.meter, first.section))
        places += [(index, starts[-1] + offset) for index, offset in bar.held]
        starts.append(starts[-1] + bar.meter.ticks_per_bar)
    places += [(index, starts[bar + 1] - measures[index].length) for index, bar in over]
    if (
        pickup is not None
        and written
        and not (written[0].chords and not written[0].chords[0].onset)
    ):
        # A chord over the pickup that still sounds at the first downbeat.
        sounding = [chord for _, chord in measures[pickup].chords[-1:]]
        first_chords = tuple(ChordChange(0, chord) for chord in sounding) + written[0].chords
        written[0] = replace(written[0], chords=first_chords)
    if pickup is not None and written and written[0].section is None:
        written[0] = replace(written[0], section=measures[pickup].section)
    return Form(Changes(tuple(written)), tuple(sorted(places, key=lambda place: place[1])))


def sign_order(measures: Sequence[Measure], name: str) -> list[int]:
    """Return the playing order by the signs; without a jump a coda is simply the next section."""
    signs = [measure.signs for measure in measures]
    if not any(sign.jump for sign in signs):
        signs = [replace(sign, coda=False) for sign in signs]
    elif not any(sign.coda for sign in signs):
        # Of the drawn coda signs the first is the jump, the last the coda.
        drawn = [index for index, measure in enumerate(measures) if measure.drawn_coda]
        leaves = any(sign.to_coda for sign in signs)
        if len(drawn) > 1 or (leaves and drawn):
            if not leaves:
                signs[drawn[0]] = replace(signs[drawn[0]], to_coda=True)
            signs[drawn[-1]] = replace(signs[drawn[-1]], coda=True)
    return playing_order(signs, name)


def meter_of(length: int, meter: Meter, where: str) -> Meter:
    """Return the meter of a measure that is longer or shorter than its time signature."""
    for unit in (meter.unit, 4, 8, 16, 32):
        beat = 4 * TICKS_PER_QUARTER // unit
        if length % beat == 0 and 1 <= length // beat <= 64:
            return Meter(length // beat, unit)
    raise FormatError(
        f"{where}: its notes do not add up to its meter {meter}; correct their durations."
    )


def spread_chords(chords: Sequence[tuple[int, Chord]], meter: Meter) -> tuple[ChordChange, ...]:
    """Return the chords of a bar; several at one position share the time to the next.

    Examples
    --------
    >>> chords = [(0, Chord.parse("Dm7")), (0, Chord.parse("G7"))]
    >>> [change.onset for change in spread_chords(chords, Meter())]
    [0, 48]
    """
    bar = meter.ticks_per_bar
    placed: dict[int, list[Chord]] = {}
    for onset, chord in chords:
        here = placed.setdefault(max(0, min(onset, bar - 1)), [])
        if not here or here[-1] != chord:
            here.append(chord)
    onsets = sorted(placed)
    changes: list[ChordChange] = []
    for onset, following in zip(onsets, [*onsets, bar][1:], strict=True):
        share = (following - onset) / len(placed[onset])
        step = share // meter.ticks_per_beat * meter.ticks_per_beat or share
        for index, chord in enumerate(placed[onset]):
            at = onset + int(index * step)
            if at < following and (not changes or changes[-1].onset < at):
                changes.append(ChordChange(at, chord))
    return tuple(changes)
