"""Arranging: join a solo, its tune and a rhythm section into a piece with a beginning and an end.

::

    count-in │ intro │ head │ solo 1 │ … │ solo n, or fours with the drums │ head out │ ending

Each of these is a :class:`Stretch` of bars with a name; a :class:`Plan` selects which are played.
:func:`arrange` concatenates them, moves the solo into its place, generates the band for the whole
and sets where the ritardando begins.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from numpy.random import Generator

from sideman.band import bass, comping, drums, listening
from sideman.band.styles import VOICES, Style
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
"""The name of the soloist's part."""

INTRO_BARS = 4
TRADED_BARS = 4
SLOWING_BARS = 2

# (volume, pan), controllers 7 and 10, 0 to 127.  They make the soloist about
# 6 dB louder than each other part: at equal velocities saxophone and bass are the loudest.
_FRONT = (80, 64)
_PLACES = {"Chords": (124, 46), "Bass": (62, 70), "Drums": (127, 64)}

_LOUDNESS = 92  # MIDI velocity of the head
_HEAD_LEVEL, _INTRO_LEVEL = 0.4, 0.3  # intensities
_BEHIND_A_HEAD = 0.88  # factor on the velocities of chords
_SHORT_FORM_BARS = 24  # from this length on the head out is the second half of the form
_SLOW_BPM = 90.0
_TURNAROUND_BARS = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """The parts of a performance that are played besides the solo.

    `count_in` is two bars of sticks, one below 90 quarter notes a minute; `intro` the last four
    bars of the form, played by the rhythm section; `head` the melody before and after the solo (in
    a form of 24 bars or more only its second half after the solo); `fours` a last chorus in which
    soloist and drums trade four bars each; `ending` a ritardando into a held last chord.
    """

    count_in: bool = False
    intro: bool = False
    head: bool = True
    fours: bool = False
    ending: bool = True


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive bars of a piece.

    `name`, such as ``Head`` or ``Solo 2``, is written there; empty for a pickup.  `begins_at` is in
    ticks from the start of the form (for a solo: of the whole solo).
    """

    name: str
    bars: tuple[Bar, ...]
    begins_at: int = 0

    @property
    def length(self) -> int:
        """Length in ticks."""
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
    """Return a solo arranged with its band.

    The parts are ``Solo``, ``Chords``, ``Bass`` and ``Drums``, as written, from tick 0 on.  `sheet`
    holds one chorus; `rng` is split into one stream for each player.
    """
    stretches = _stretches(sheet, solo, plan)
    changes = Changes(
        tuple(bar for stretch in stretches for bar in _labelled(stretch)),
        tuple(_chorus_starts(stretches, sheet.changes.length)),
    )
    line = _front_line(sheet, solo, stretches, changes, instrument)
    tempo_bpm = solo.tempo_bpm or 120.0
    band = _rhythm_section(stretches, changes, line, style, plan, tempo_bpm, rng)
    volume, pan = _FRONT
    front = Part(SOLO, line, instrument.program, volume=volume, pan=pan)
    slowing = None
    if plan.ending:
        alone = [end for _, end in _gaps(stretches[-2])]
        # After bars of the drums alone only the last bar slows down.
        bars = 1 if stretches[-2].length in alone else SLOWING_BARS
        first = max(0, len(changes.bars) - 1 - bars)
        settled = changes.tempos[-1][0] if changes.tempos else 0
        slowing = (max(changes.bar_starts[first], settled), changes.bar_starts[-2])
    return Arrangement(sheet.title, (front, *band), changes, tempo_bpm, sheet.key, slowing)


def front(
    sheet: LeadSheet,
    solo: Solo,
    plan: Plan,
    *,
    instrument: Instrument = INSTRUMENTS[INSTRUMENT],
) -> tuple[Solo, dict[int, str]]:
    """Return the soloist's whole part as written, and the name of what begins at its bars.

    It has no count-in, and less than a bar of pickup is before its first bar.
    """
    stretches = [each for each in _stretches(sheet, solo, plan) if each.name != "Count-in"]
    if not stretches[0].name and stretches[0].length < sheet.changes.meter.ticks_per_bar:
        del stretches[0]
    starts = tuple(_chorus_starts(stretches, sheet.changes.length))
    changes = Changes(tuple(bar for each in stretches for bar in each.bars), starts)
    line = _front_line(sheet, solo, stretches, changes, instrument)
    begins = accumulate((len(each.bars) for each in stretches), initial=0)
    names = {
        bar: each.name.replace("Solo", "Chorus")
        for bar, each in zip(begins, stretches, strict=False)
        if each.name
    }
    return replace(solo, notes=line, changes=changes, phrase_starts=()), names


# Form -------------------------------------------------------------------------------------------


def _chorus_starts(stretches: Sequence[Stretch], length: int) -> Iterator[int]:
    """Yield the index of the first bar of each chorus of `length` ticks, heads included.

    The ending counts where the next chorus would begin on it.
    """
    bar = 0
    for stretch in stretches:
        if stretch.name not in ("", "Count-in", "Intro") and (
            stretch.name != "Ending" or stretch.begins_at == length
        ):
            yield bar
        bar += len(stretch.bars)


def _stretches(sheet: LeadSheet, solo: Solo, plan: Plan) -> list[Stretch]:
    form = sheet.changes
    choruses = max(1, (solo.changes.length if solo.changes else form.length) // form.length)
    head = plan.head and bool(sheet.melody)
    found: list[Stretch] = []
    if plan.count_in:
        slow = (solo.tempo_bpm or 120.0) < _SLOW_BPM
        found.append(Stretch("Count-in", (Bar(meter=form.meter),) * (1 if slow else 2)))
    if plan.intro:
        first = max(0, len(form.bars) - INTRO_BARS)
        found.append(Stretch("Intro", form.cut(first, len(form.bars))))
    first_heard = sheet.melody if head else solo.notes
    pickup = -min((note.onset for note in first_heard), default=0)
    if pickup > 0 and not found:
        found.append(Stretch("", _pickup_bars(pickup, form.meter)))
    if head:
        found.append(Stretch("Head", form.bars))
    own = _own_choruses(form, solo.changes, choruses)
    for chorus, bars in enumerate(own):
        last = chorus == choruses - 1
        name = "Fours" if plan.fours and last else f"Solo {chorus + 1}"
        found.append(Stretch(name, bars, chorus * form.length))
    # The head after the solo, and its ending, are in the tune's own key again.
    closing = sheet if head else _moved_to(sheet, own[-1])
    final = Bar((ChordChange(0, _last_chord(closing)),), form.bars[-1].meter)
    ending = Stretch("Ending", (final,), form.length)
    if head:
        first = head_out_bar(form)
        bars = form.cut(first, len(form.bars))
        if own[-1][0].key is not None:
            again = form.key_at(form.bar_starts[first]) or sheet.tonality
            bars = (replace(bars[0], key=again), *bars[1:])
        out = Stretch("Head out", bars, form.bar_starts[first])
        goal = _final_bar(sheet) if plan.ending else None
        if goal is not None and goal > first:
            out = replace(out, bars=out.bars[: goal - first])
            ending = replace(ending, begins_at=form.bar_starts[goal])
        found.append(out)
    if plan.ending:
        found.append(ending)
    return found


def _own_choruses(form: Changes, changes: Changes | None, choruses: int) -> list[tuple[Bar, ...]]:
    """Return the bars of each chorus of a solo: its own, else the form's."""
    size = len(form.bars)
    own = changes.bars if changes is not None else ()
    if len(own) != choruses * size:
        own = form.bars * choruses
    return [own[first : first + size] for first in range(0, len(own), size)]


def _moved_to(sheet: LeadSheet, bars: Sequence[Bar]) -> LeadSheet:
    """Return a tune over the bars of another chorus, in their key."""
    return replace(sheet, changes=Changes(tuple(bars)), key=bars[0].key or sheet.key)


def _final_bar(sheet: LeadSheet) -> int | None:
    """Return the bar of the melody's last note if it is the tonic on a downbeat near the end.

    The ending replaces what follows, so that no turnaround leads into the final chord.
    """
    form, note = sheet.changes, sheet.melody[-1]
    bar = form.bar_at(note.onset)
    chord = form.chord_at(note.onset)
    home = chord is not None and chord.root == _last_chord(sheet).root
    near = len(form.bars) - _TURNAROUND_BARS <= bar < len(form.bars)
    return bar if home and near and note.onset == form.bar_starts[bar] else None


def _pickup_bars(ticks: int, meter: Meter) -> tuple[Bar, ...]:
    """Return the bars for a pickup at the very beginning: a short one, then whole ones."""
    whole, rest = divmod(ticks, meter.ticks_per_bar)
    beats = math.ceil(rest / meter.ticks_per_beat)
    short = (Bar(meter=Meter(beats, meter.unit)),) if beats else ()
    return short + (Bar(meter=meter),) * whole


def head_out_bar(form: Changes) -> int:
    """Return the bar at which the head out begins: the second half of a long form."""
    count = len(form.bars)
    if count < _SHORT_FORM_BARS:
        return 0
    marked = [index for index, bar in enumerate(form.bars) if bar.section and 2 * index >= count]
    return marked[0] if marked and 4 * marked[0] <= 3 * count else count // 2


def _last_chord(sheet: LeadSheet) -> Chord:
    """Return the chord to end on: the last tonic chord of the tune."""
    chords = [span.chord for span in sheet.changes.spans if not span.chord.is_no_chord]
    key = sheet.tonality
    if key is None:
        return chords[0] if chords else Chord.parse("N.C.")
    for chord in reversed(chords):
        if chord.root == key.tonic and chord.quality.third == (3 if key.minor else 4):
            return replace(chord, bass=None)
    return Chord.parse(f"{key.tonic}m6" if key.minor else f"{key.tonic}6")


def _labelled(stretch: Stretch) -> Iterator[Bar]:
    """Yield the bars, the first labelled with the stretch and its own section."""
    first, *others = stretch.bars
    name = " ".join(filter(None, (stretch.name, first.section)))
    yield replace(first, section=name or None)
    yield from others


def _placed(stretches: Sequence[Stretch]) -> Iterator[tuple[Stretch, int]]:
    """Yield each stretch with the tick at which it begins in the piece."""
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
    """Return the soloist's part: head, solo, head, last note."""
    melody = _in_range(monophonic(sheet.melody), instrument)
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
            line.pop()  # an upbeat replaces the notes that it overlaps
        line += moved
    whole = [_cut(note, changes.length) for note in line]
    return monophonic(whole)


def _cut(note: Note, end: int) -> Note:
    if note.end <= end:
        return note
    return Note(note.onset, end - note.onset, note.pitch, note.velocity, note.name)


def _in_range(melody: Sequence[Note], instrument: Instrument) -> tuple[Note, ...]:
    """Move a melody by octaves into the instrument's range, as near its middle as possible."""
    if not melody:
        return ()
    low, high = min(n.pitch for n in melody), max(n.pitch for n in melody)
    middle = (instrument.low + instrument.high) / 2

    def cost(octaves: int) -> tuple[int, float]:
        outside = max(0, instrument.low - low - 12 * octaves)
        outside += max(0, high + 12 * octaves - instrument.high)
        return outside, abs((low + high) / 2 + 12 * octaves - middle)

    best = min(range(-(low // 12), (127 - high) // 12 + 1), key=cost)
    return tuple(replace(note, pitch=note.pitch + 12 * best) for note in melody)


def _upbeat(melody: Sequence[Note], since: int, bar: int) -> list[Note]:
    """Return the notes that lead into a tick: all before the form, else those after a rest."""
    before = [note for note in melody if note.onset < since]
    if since <= 0:
        return before
    found: list[Note] = []
    following = since
    for note in reversed(before):
        if following - note.end >= TICKS_PER_QUARTER:
            return found
        if note.onset < since - bar:
            return []  # the phrase begins more than a bar earlier: no upbeat
        found.insert(0, note)
        following = note.onset
    return found


def _last_note(
    line: Sequence[Note], chord: Chord | None, stretch: Stretch, instrument: Instrument
) -> list[Note]:
    """Return the stable tone of the last chord that is nearest to the last pitch played."""
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
    """Return the solo without the bars of the last chorus that the drums play alone.

    A phrase may end with a short note on the first beat of those bars.  The solo covers whole
    choruses of `chorus_bars` bars.
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
            kept.append(_cut(note, upcoming))
        elif note.onset == inside[0] and kept and note.onset - kept[-1].end < TICKS_PER_QUARTER:
            kept.append(_cut(note, note.onset + TICKS_PER_QUARTER // 2))
    return replace(solo, notes=tuple(kept), phrase_starts=())


def _traded(bars: int) -> list[tuple[int, int]]:
    """Return the bars of a chorus that the drums play alone, as (first, end)."""
    size = TRADED_BARS if bars >= 2 * TRADED_BARS else max(1, bars // 2)
    return [(first, min(first + size, bars)) for first in range(size, bars, 2 * size)]


# Band -------------------------------------------------------------------------------------------


def _rhythm_section(
    stretches: Sequence[Stretch],
    changes: Changes,
    line: Sequence[Note],
    style: Style,
    plan: Plan,
    tempo_bpm: float,
    rng: Generator,
) -> Iterable[Part]:
    """Yield the parts of piano, bass and drums, from the first bar with chords on."""
    piano_rng, bass_rng, drums_rng, alone, counting = rng.spawn(5)
    begin, silent = 0, 0
    for stretch, start in _placed(stretches):
        if stretch.name not in ("", "Count-in"):
            break
        begin, silent = start + stretch.length, silent + len(stretch.bars)
    tops = tuple(bar - silent for bar in changes.chorus_starts)
    under = Changes(changes.bars[silent:], tops)
    line = tuple(note for note in _moved(tuple(line), -begin) if note.onset >= 0)
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
    given = [(start, end, _HEAD_LEVEL) for start, end in heads]
    if plan.intro:
        given.append((0, under.bar_starts[min(INTRO_BARS, len(under.bars))], _INTRO_LEVEL))
    heard = listening.hear(under, line, given)
    chords = comping.comp(under, style, piano_rng, heard=heard)
    chords = replace(chords, notes=_thinned(chords.notes, line, heads, under))
    fastest = max((bpm for _, bpm in under.tempos), default=tempo_bpm)
    low = bass.walk(under, style, bass_rng, heard=heard, tempo_bpm=fastest)
    struck = [note.onset for note in chords.notes]
    kit = drums.drum(under, style, drums_rng, heard=heard, chords=struck)
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
    """Return the tick ranges of a stretch in which the drums play alone."""
    if stretch.name != "Fours":
        return []
    starts = Changes(stretch.bars).bar_starts
    return [(starts[first], starts[last]) for first, last in _traded(len(stretch.bars))]


def _between(changes: Changes, start: int, end: int) -> Changes:
    return Changes(changes.bars[changes.bar_at(start) : changes.bar_at(end - 1) + 1])


def _without(notes: Sequence[Note], spans: Sequence[tuple[int, int]]) -> tuple[Note, ...]:
    """Cut what the band plays in `spans`, except a short stroke on their first tick."""
    if not spans:
        return tuple(notes)
    kept = []
    for note in notes:
        span = next(((a, b) for a, b in spans if a <= note.onset < b), None)
        if span is None:
            upcoming = next((a for a, _ in spans if note.onset < a < note.end), note.end)
            kept.append(_cut(note, upcoming))
        elif note.onset == span[0]:
            kept.append(_cut(note, note.onset + TICKS_PER_QUARTER // 2))
    return tuple(kept)


def _thinned(
    notes: Sequence[Note],
    line: Sequence[Note],
    heads: Sequence[tuple[int, int]],
    changes: Changes,
) -> tuple[Note, ...]:
    """Return softer chords behind a head: the first of each bar, and those in its rests."""
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
    """Replace the last bar of the drums by one stroke of kick and cymbal that rings."""
    cymbal = VOICES["ride" if style.drums.brushes else "crash"]
    length = 4 * TICKS_PER_QUARTER
    strokes = (Note(start, length, cymbal, 84), Note(start, 6, VOICES["kick"], 80))
    return (*(note for note in notes if note.onset < start), *strokes)
