"""Arranging: a solo, its tune and a rhythm section become a piece with a beginning and an end.

::

    count-in │ intro │ head │ solo 1 │ … │ solo n, or fours with the drums │ head out │ ending

Each is a :class:`Stretch` of bars with a name; which of them are played is a :class:`Plan`.
:func:`arrange` lays them end to end as one form, puts the soloist's notes where they belong, has
the band play under all of it, and says where the tempo slows.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from numpy.random import Generator

from sideman.band import bass, comping, drums
from sideman.band.styles import Style
from sideman.score import (
    Arrangement,
    Bar,
    Changes,
    ChordChange,
    LeadSheet,
    Note,
    Part,
    Solo,
    monophonic,
)
from sideman.theory.chord import Chord
from sideman.theory.instruments import INSTRUMENT, INSTRUMENTS, Instrument
from sideman.theory.meter import TICKS_PER_QUARTER, Meter

SOLO = "Solo"
"""The name of the part that plays in front."""

INTRO_BARS = 4
TRADED_BARS = 4
SLOWING_BARS = 2

# Volume and pan, as MIDI counts them.  A saxophone's and a bass's sounds are far louder than a
# piano's or a cymbal's at a band's velocities: this way the soloist is some 6 dB above each.
_FRONT = (80, 64)
_PLACES = {"Chords": (124, 46), "Bass": (74, 70), "Drums": (127, 64)}

_LOUDNESS = 92
_BEHIND_A_HEAD = 0.88  # of the loudness of chords
_SHORT_FORM_BARS = 24  # from here on the head out is only the second half
_SLOW_BPM = 90.0
_TURNAROUND_BARS = 3
_CRASH, _RIDE, _KICK = 49, 51, 36


@dataclass(frozen=True, slots=True)
class Plan:
    """Which parts of a performance are played beside the solo.

    The default is what a listener expects of a short piece: the head, where the tune has one, the
    solo, the head again, and an end.  The sticks of a count-in are for those who play along.

    Parameters
    ----------
    count_in : bool
        Whether the drummer counts in: two bars, or one of a slow tune.
    intro : bool
        Whether the rhythm section plays the form's last four bars first.
    head : bool
        Whether the tune is played before the solo and after it (the second half after it, where
        the form has 24 bars or more); only where the sheet has a melody.
    fours : bool
        Whether soloist and drummer trade four bars each in the last chorus.
    ending : bool
        Whether the piece slows down into a last chord, which is held.
    """

    count_in: bool = False
    intro: bool = False
    head: bool = True
    fours: bool = False
    ending: bool = True


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some bars of a piece.

    Parameters
    ----------
    name : str
        What musicians call it, such as ``Head`` or ``Solo 2``; the name of the section that
        begins there.  Empty for a pickup.
    bars : tuple of Bar
        Its bars.
    begins_at : int
        Ticks from the start of the tune's form (of the whole solo, where it is a solo) at which
        it begins.
    """

    name: str
    bars: tuple[Bar, ...]
    begins_at: int = 0

    @property
    def length(self) -> int:
        """Ticks."""
        return sum(bar.meter.ticks_per_bar for bar in self.bars)


def arrange(
    sheet: LeadSheet,
    solo: Solo,
    style: Style,
    plan: Plan,
    rng: Generator,
    *,
    instrument: Instrument = INSTRUMENTS[INSTRUMENT],
) -> Arrangement:
    """Set a solo into a piece with its band.

    Parameters
    ----------
    sheet : LeadSheet
        The tune: one chorus of its changes, and its melody where there is one.
    solo : Solo
        The solo over some choruses of it, with its tempo.
    style : Style
        How the band plays.
    plan : Plan
        What is played beside the solo.
    rng : numpy.random.Generator
        Where the band's chance comes from; each player has a stream of their own.
    instrument : Instrument
        What the soloist plays.

    Returns
    -------
    Arrangement
        The parts ``Solo``, ``Chords``, ``Bass`` and ``Drums`` as written, from tick 0 on.
    """
    stretches = _stretches(sheet, solo, plan)
    changes = Changes(tuple(bar for stretch in stretches for bar in _labelled(stretch)))
    line = _front_line(sheet, solo, stretches, changes, instrument)
    band = _rhythm_section(stretches, changes, line, style, plan, rng)
    volume, pan = _FRONT
    front = Part(SOLO, line, instrument.program, volume=volume, pan=pan)
    slowing = None
    if plan.ending:
        alone = [end for _, end in _gaps(stretches[-2])]
        # A drummer who is alone before the end slows down for a bar only.
        bars = 1 if stretches[-2].length in alone else SLOWING_BARS
        first = max(0, len(changes.bars) - 1 - bars)
        slowing = (changes.bar_starts[first], changes.bar_starts[-2])
    return Arrangement(
        sheet.title, (front, *band), changes, solo.tempo_bpm or 120.0, sheet.key, slowing
    )


# Form -------------------------------------------------------------------------------------------


def _stretches(sheet: LeadSheet, solo: Solo, plan: Plan) -> list[Stretch]:
    """Lay out the piece."""
    form = sheet.changes
    choruses = max(1, (solo.changes.length if solo.changes else form.length) // form.length)
    head = plan.head and bool(sheet.melody)
    found: list[Stretch] = []
    if plan.count_in:
        slow = (solo.tempo_bpm or 120.0) < _SLOW_BPM
        found.append(Stretch("Count-in", (Bar(meter=form.meter),) * (1 if slow else 2)))
    if plan.intro:
        first = max(0, len(form.bars) - INTRO_BARS)
        found.append(Stretch("Intro", _bars(form, first)))
    first_heard = sheet.melody if head else solo.notes
    pickup = -min((note.onset for note in first_heard), default=0)
    if pickup > 0 and not found:
        found.append(Stretch("", _pickup_bars(pickup, form.meter)))
    if head:
        found.append(Stretch("Head", form.bars))
    for chorus in range(choruses):
        last = chorus == choruses - 1
        name = "Fours" if plan.fours and last else f"Solo {chorus + 1}"
        found.append(Stretch(name, form.bars, chorus * form.length))
    final = Bar((ChordChange(0, _last_chord(sheet)),), form.bars[-1].meter)
    ending = Stretch("Ending", (final,), form.length)
    if head:
        first = _way_in(form)
        out = Stretch("Head out", _bars(form, first), form.bar_starts[first])
        goal = _goal(sheet) if plan.ending else None
        if goal is not None and goal > first:
            out = replace(out, bars=out.bars[: goal - first])
            ending = replace(ending, begins_at=form.bar_starts[goal])
        found.append(out)
    if plan.ending:
        found.append(ending)
    return found


def _goal(sheet: LeadSheet) -> int | None:
    """Find the bar in which the melody comes home, so that no turnaround follows the last time.

    That is where its last note stands on the first beat, over the tonic, within the last bars.
    """
    form, note = sheet.changes, sheet.melody[-1]
    bar = form.bar_at(note.onset)
    chord = form.chord_at(note.onset)
    home = chord is not None and chord.root == _last_chord(sheet).root
    near = len(form.bars) - _TURNAROUND_BARS <= bar < len(form.bars)
    return bar if home and near and note.onset == form.bar_starts[bar] else None


def _bars(form: Changes, first: int) -> tuple[Bar, ...]:
    """Take the bars from one on; the first says the chord that goes on in it."""
    bar = form.bars[first]
    chord = form.chord_at(form.bar_starts[first])
    if chord is not None and not (bar.chords and bar.chords[0].onset == 0):
        bar = replace(bar, chords=(ChordChange(0, chord), *bar.chords))
    return (bar, *form.bars[first + 1 :])


def _pickup_bars(ticks: int, meter: Meter) -> tuple[Bar, ...]:
    """Make room for a pickup at the very beginning: a bar of just its beats."""
    whole, rest = divmod(ticks, meter.ticks_per_bar)
    beats = math.ceil(rest / meter.ticks_per_beat)
    short = (Bar(meter=Meter(beats, meter.unit)),) if beats else ()
    return short + (Bar(meter=meter),) * whole


def _way_in(form: Changes) -> int:
    """Say at which bar the head out begins: a long form is taken from its second half."""
    count = len(form.bars)
    if count < _SHORT_FORM_BARS:
        return 0
    marked = [index for index, bar in enumerate(form.bars) if bar.section and 2 * index >= count]
    return marked[0] if marked and 4 * marked[0] <= 3 * count else count // 2


def _last_chord(sheet: LeadSheet) -> Chord:
    """Find the chord to end on: the tune's own tonic, as it stands nearest to the end."""
    chords = [span.chord for span in sheet.changes.spans if not span.chord.is_no_chord]
    if sheet.key is None:
        return chords[0] if chords else Chord.parse("N.C.")
    tonic = sheet.key.tonic
    for chord in reversed(chords):
        if chord.root == tonic and chord.quality.third == (3 if sheet.key.minor else 4):
            return replace(chord, bass=None)
    return Chord.parse(f"{tonic}m6" if sheet.key.minor else f"{tonic}6")


def _labelled(stretch: Stretch) -> Iterator[Bar]:
    """Give the bars, the first named after the stretch and its own section."""
    first, *others = stretch.bars
    name = " ".join(filter(None, (stretch.name, first.section)))
    yield replace(first, section=name or None)
    yield from others


def _placed(stretches: Sequence[Stretch]) -> Iterator[tuple[Stretch, int]]:
    """Give each stretch with the tick at which it begins in the piece."""
    start = 0
    for stretch in stretches:
        yield stretch, start
        start += stretch.length


# Soloist ----------------------------------------------------------------------------------------


def _front_line(
    sheet: LeadSheet,
    solo: Solo,
    stretches: Sequence[Stretch],
    changes: Changes,
    instrument: Instrument,
) -> tuple[Note, ...]:
    """Write the soloist's part: head, solo, head, last note."""
    melody = _in_reach(monophonic(sheet.melody), instrument)
    line: list[Note] = []
    for stretch, start in _placed(stretches):
        end = start + stretch.length
        move = start - stretch.begins_at
        if stretch.name.startswith("Head"):
            since = stretch.begins_at
            upbeat = _upbeat(melody, since, sheet.changes.meter.ticks_per_bar)
            notes = [*upbeat, *(note for note in melody if since <= note.onset)]
            notes = [replace(note, velocity=_LOUDNESS) for note in notes]
        elif stretch.name == "Ending":
            notes = [replace(note, duration=stretch.length) for note in melody[-1:]]
            if not notes or notes[0].onset != stretch.begins_at:
                notes = _last_note(line, changes.chord_at(start), stretch, instrument)
        elif stretch.name == "Fours" or stretch.name.startswith("Solo"):
            # The first chorus has the pickup.
            first = (
                bisect_left(solo.notes, stretch.begins_at, key=_onset) if stretch.begins_at else 0
            )
            last = bisect_left(solo.notes, end - move, key=_onset)
            notes = list(solo.notes[first:last])
        else:
            continue
        moved = [note for note in _moved(tuple(notes), move) if note.onset < end]
        while moved and line and line[-1].onset >= moved[0].onset:
            line.pop()  # An upbeat begins before its stretch: what was played there makes room.
        line += moved
    whole = [_until(note, changes.length) for note in line]
    return monophonic(whole)


def _until(note: Note, end: int) -> Note:
    if note.end <= end:
        return note
    return Note(note.onset, end - note.onset, note.pitch, note.velocity, note.name)


def _in_reach(melody: Sequence[Note], instrument: Instrument) -> tuple[Note, ...]:
    """Move a melody by octaves to where the instrument plays it best."""
    if not melody:
        return ()
    low, high = min(n.pitch for n in melody), max(n.pitch for n in melody)
    middle = (instrument.low + instrument.high) / 2

    def strain(octaves: int) -> tuple[int, float]:
        outside = max(0, instrument.low - low - 12 * octaves)
        outside += max(0, high + 12 * octaves - instrument.high)
        return outside, abs((low + high) / 2 + 12 * octaves - middle)

    best = min(range(-(low // 12), (127 - high) // 12 + 1), key=strain)
    return tuple(replace(note, pitch=note.pitch + 12 * best) for note in melody)


def _upbeat(melody: Sequence[Note], since: int, bar: int) -> list[Note]:
    """Find the notes that lead into a tick: all before the form, else from a rest in the bar."""
    before = [note for note in melody if note.onset < since]
    if since <= 0:
        return before
    found: list[Note] = []
    following = since
    for note in reversed(before):
        if following - note.end >= TICKS_PER_QUARTER:
            return found
        if note.onset < since - bar:
            return []  # It goes on from further back: no upbeat.
        found.insert(0, note)
        following = note.onset
    return found


def _last_note(
    line: Sequence[Note], chord: Chord | None, stretch: Stretch, instrument: Instrument
) -> list[Note]:
    """Hold a tone of the last chord, the one nearest to what was played last."""
    if not line or chord is None or chord.is_no_chord:
        return []
    before = line[-1].pitch
    stable = [tone for tone in chord.tones if (tone - chord.tones[0]) % 12 in (0, 3, 4, 7)]
    inside = range(min(instrument.low, before), max(instrument.high, before) + 1)
    pitches = [pitch for pitch in inside if pitch % 12 in stable]
    pitch = min(pitches, key=lambda pitch: (abs(pitch - before), pitch))
    name = line[-1].name if pitch == before else None
    return [Note(stretch.begins_at, stretch.length, pitch, _LOUDNESS, name)]


def traded(solo: Solo, chorus_bars: int) -> Solo:
    """Leave the drummer's bars of the last chorus free.

    A note on the drummer's first beat stays, short, where it ends a phrase.

    Parameters
    ----------
    solo : Solo
        A solo over whole choruses.
    chorus_bars : int
        Bars in a chorus.

    Returns
    -------
    Solo
        The solo without the notes of those bars.
    """
    if solo.changes is None:
        return solo
    starts = solo.changes.bar_starts
    offset = len(solo.changes.bars) - chorus_bars
    gaps = [(starts[offset + first], starts[offset + last]) for first, last in _traded(chorus_bars)]
    kept: list[Note] = []
    for note in solo.notes:
        inside = next(((a, b) for a, b in gaps if a <= note.onset < b), None)
        if inside is None:
            upcoming = next((a for a, _ in gaps if note.onset < a < note.end), note.end)
            kept.append(_until(note, upcoming))
        elif note.onset == inside[0] and kept and note.onset - kept[-1].end < TICKS_PER_QUARTER:
            kept.append(_until(note, note.onset + TICKS_PER_QUARTER // 2))
    return replace(solo, notes=tuple(kept), phrase_starts=())


def _traded(bars: int) -> list[tuple[int, int]]:
    """Give the bars of a chorus that are the drummer's, as first and one after the last."""
    size = TRADED_BARS if bars >= 2 * TRADED_BARS else max(1, bars // 2)
    return [(first, min(first + size, bars)) for first in range(size, bars, 2 * size)]


# Band -------------------------------------------------------------------------------------------


def _rhythm_section(
    stretches: Sequence[Stretch],
    changes: Changes,
    line: Sequence[Note],
    style: Style,
    plan: Plan,
    rng: Generator,
) -> Iterable[Part]:
    """Have piano, bass and drums play under the line, from the first bar that has its chords."""
    at_piano, at_bass, at_drums, alone, counting = rng.spawn(5)
    begin, silent = 0, 0
    for stretch, start in _placed(stretches):
        if stretch.name not in ("", "Count-in"):
            break
        begin, silent = start + stretch.length, silent + len(stretch.bars)
    under = Changes(changes.bars[silent:])
    heard = tuple(note for note in _moved(tuple(line), -begin) if note.onset >= 0)
    free = [
        (start + a - begin, start + b - begin)
        for stretch, start in _placed(stretches)
        for a, b in _gaps(stretch)
    ]
    heads = [
        (start - begin, start + stretch.length - begin)
        for stretch, start in _placed(stretches)
        if stretch.name.startswith("Head")
    ]
    chords = comping.comp(under, style, at_piano, solo=heard)
    chords = replace(chords, notes=_thinned(chords.notes, heard, heads, under))
    low = bass.walk(under, style, at_bass)
    kit = drums.drum(under, style, at_drums, solo=heard)
    if plan.ending:
        kit = replace(kit, notes=_cymbal(kit.notes, under.bar_starts[-2], style))
    chords, low, kit = (
        replace(part, notes=_without(part.notes, free)) for part in (chords, low, kit)
    )
    for start, end in free:
        answer = drums.fours(_between(under, start, end), style, alone)
        kit = replace(kit, notes=(*kit.notes, *_moved(answer.notes, start)))
    parts = [replace(part, notes=_moved(part.notes, begin)) for part in (chords, low, kit)]
    if plan.count_in:
        bars = len(stretches[0].bars)
        sticks = drums.count_in(stretches[0].bars[0].meter, bars, counting)
        parts[2] = replace(parts[2], notes=(*sticks.notes, *parts[2].notes))
    for part in parts:
        volume, pan = _PLACES[part.name]
        notes = tuple(sorted(part.notes, key=_onset))
        yield replace(part, notes=notes, volume=volume, pan=pan)


def _onset(note: Note) -> int:
    return note.onset


def _moved(notes: tuple[Note, ...], ticks: int) -> tuple[Note, ...]:
    if ticks == 0:
        return notes
    return tuple(Note(n.onset + ticks, n.duration, n.pitch, n.velocity, n.name) for n in notes)


def _gaps(stretch: Stretch) -> list[tuple[int, int]]:
    """Give the ticks of a stretch that the drummer has alone."""
    if stretch.name != "Fours":
        return []
    starts = Changes(stretch.bars).bar_starts
    return [(starts[first], starts[last]) for first, last in _traded(len(stretch.bars))]


def _between(changes: Changes, start: int, end: int) -> Changes:
    return Changes(changes.bars[changes.bar_at(start) : changes.bar_at(end - 1) + 1])


def _without(notes: Sequence[Note], spans: Sequence[tuple[int, int]]) -> tuple[Note, ...]:
    """Stop for the drummer: only a stroke on the first beat stays, short."""
    if not spans:
        return tuple(notes)
    kept = []
    for note in notes:
        span = next(((a, b) for a, b in spans if a <= note.onset < b), None)
        if span is None:
            upcoming = next((a for a, _ in spans if note.onset < a < note.end), note.end)
            kept.append(_until(note, upcoming))
        elif note.onset == span[0]:
            kept.append(_until(note, note.onset + TICKS_PER_QUARTER // 2))
    return tuple(kept)


def _thinned(
    notes: Sequence[Note],
    line: Sequence[Note],
    heads: Sequence[tuple[int, int]],
    changes: Changes,
) -> tuple[Note, ...]:
    """Play less and softer behind a head: the first stroke of a bar, and those in its rests."""
    busy = {tick for note in line for tick in range(note.onset - 6, note.onset + 7)}
    first: dict[int, int] = {}  # bar: its first stroke
    for note in notes:
        first.setdefault(changes.bar_at(note.onset), note.onset)
    kept = []
    for note in notes:
        if not any(start <= note.onset < end for start, end in heads):
            kept.append(note)
        elif note.onset == first[changes.bar_at(note.onset)] or note.onset not in busy:
            velocity = round(note.velocity * _BEHIND_A_HEAD)
            kept.append(Note(note.onset, note.duration, note.pitch, velocity, note.name))
    return tuple(kept)


def _cymbal(notes: Sequence[Note], start: int, style: Style) -> tuple[Note, ...]:
    """End on one stroke of kick and cymbal, and let it ring."""
    cymbal = _RIDE if style.drums.brushes else _CRASH
    length = 4 * TICKS_PER_QUARTER
    strokes = (Note(start, length, cymbal, 84), Note(start, 6, _KICK, 80))
    return (*(note for note in notes if note.onset < start), *strokes)
