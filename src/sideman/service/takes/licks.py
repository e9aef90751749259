"""The phrases of a take, for practice in the twelve keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sideman.errors import MusicError
from sideman.evaluation.style import phrases
from sideman.output.printed import printed
from sideman.score import Bar, Changes, ChordChange, LeadSheet, Note, Part, Solo, monophonic
from sideman.score.practice import CYCLES, keys_of
from sideman.theory.chord import Chord
from sideman.theory.instruments import CONCERT, Instrument, Transposition, transposition_named
from sideman.theory.meter import check_tempo
from sideman.theory.pitch import Key

FEWEST_NOTES = 4
"""A phrase of fewer notes is no lick."""
MOST_BARS = 4
"""A phrase that lasts longer is cut in two, and again."""
YOURS = ", you"
"""The end of the label of a section without the lick, in which the student plays it."""
_KEYS = 12


@dataclass(frozen=True, slots=True)
class Lick:
    """One phrase with its chords.

    Parameters
    ----------
    number : int
        Its place among the licks of the take, from 1.
    bar : int
        The take's bar in which it begins, counted from 0.
    notes : tuple of Note
        Ticks from the downbeat of its own first bar.
    changes : Changes
        The whole bars in which it sounds.
    key : Key or None
        The tune's key, where it is given.
    """

    number: int
    bar: int
    notes: tuple[Note, ...]
    changes: Changes
    key: Key | None


def licks(take: Solo, *, fewest: int = FEWEST_NOTES) -> tuple[Lick, ...]:
    """Return the phrases of a take of at least `fewest` notes, with their bars and chords.

    A phrase of more than four bars is cut after the longest wait in its middle half.  No phrase is
    listed twice, even in another octave or key.

    Raises
    ------
    MusicError
        If the take has no changes, or no phrase is long enough.
    """
    changes = take.changes
    if changes is None or not changes.spans:
        raise MusicError(f"{take.title}: contains no chords; give its changes.", field="changes")
    found: list[Lick] = []
    shapes = set()
    pieces = [
        piece
        for phrase in phrases(replace(take, notes=monophonic(take.notes)))
        for piece in _pieces(phrase, MOST_BARS * changes.meter.ticks_per_bar)
    ]
    for phrase in pieces:
        shape = tuple(
            (note.onset - phrase[0].onset, note.pitch - phrase[0].pitch) for note in phrase
        )
        if len(phrase) < fewest or shape in shapes:
            continue
        shapes.add(shape)
        first, last = changes.bar_at(phrase[0].onset), changes.bar_at(phrase[-1].end - 1)
        bars = tuple(_bar(changes, bar) for bar in range(first, last + 1))
        start = _start(changes, first)
        opening = bars[0]
        if not opening.chords or opening.chords[0].onset > 0:
            before = changes.chord_at(start)
            sounding = () if before is None else (ChordChange(0, before),)
            opening = replace(opening, chords=(*sounding, *opening.chords))
        found.append(
            Lick(
                len(found) + 1,
                first,
                tuple(replace(note, onset=note.onset - start) for note in phrase),
                Changes((opening, *bars[1:])),
                changes.key_at(start) or take.tonality,
            )
        )
    if not found:
        raise MusicError(
            f"{take.title}: has no phrase of {fewest} notes or more; give a longer take.",
            field="fewest",
        )
    return tuple(found)


def _pieces(phrase: tuple[Note, ...], most: int) -> list[tuple[Note, ...]]:
    """Return a phrase in pieces that are no longer than `most` ticks."""
    many = len(phrase)
    if phrase[-1].end - phrase[0].onset <= most or many < 2 * FEWEST_NOTES:
        return [phrase]
    cut = max(
        range(max(many // 4, 1), many - many // 4),
        key=lambda at: (phrase[at].onset - phrase[at - 1].onset, -abs(2 * at - many)),
    )
    return _pieces(phrase[:cut], most) + _pieces(phrase[cut:], most)


def _bar(changes: Changes, bar: int) -> Bar:
    """Return a bar of the form without its section; outside the form an empty one."""
    if 0 <= bar < len(changes.bars):
        return replace(changes.bars[bar], section=None, style="", key=None, tempo_bpm=None)
    return Bar(meter=changes.meter)


def _start(changes: Changes, bar: int) -> int:
    if 0 <= bar <= len(changes.bars):
        return changes.bar_starts[bar]
    beyond = bar - (len(changes.bars) if bar > 0 else 0)
    return (changes.length if bar > 0 else 0) + beyond * changes.meter.ticks_per_bar


def numbered(found: tuple[Lick, ...], numbers: Sequence[int]) -> tuple[Lick, ...]:
    """Return the licks of some numbers, or all; a MusicError where a number is absent."""
    missing = sorted(set(numbers) - {lick.number for lick in found})
    if missing:
        raise MusicError(
            f"There is no lick {missing[0]}: the take has licks 1 to {len(found)}.", field="numbers"
        )
    return tuple(lick for lick in found if not numbers or lick.number in numbers)


def description(lick: Lick) -> str:
    """Return a line with a lick's number, its bars in the take and its notes."""
    last = lick.bar + len(lick.changes.bars)
    place = _begins(lick)
    if lick.bar + 1 < last:
        place = f"bars {lick.bar + 1} to {last}" if lick.bar >= 0 else f"{place} to bar {last}"
    return f"lick {lick.number}, {place}, {len(lick.notes)} notes"


def _begins(lick: Lick) -> str:
    """Return where in the take a lick begins, in words."""
    return f"bar {lick.bar + 1}" if lick.bar >= 0 else "pickup"


def sheet(take: Solo, found: tuple[Lick, ...]) -> LeadSheet:
    """Return licks one after the other, each a section with its number and its first bar."""
    bars, notes = joined(
        [(f"{lick.number}, {_begins(lick)}", lick.changes, lick.notes) for lick in found]
    )
    return LeadSheet(
        f"{take.title}: licks",
        bars,
        parts=(Part("Licks", notes),),
        key=take.key,
        tempo_bpm=take.tempo_bpm,
        style=take.style,
    )


def loop(lick: Lick, take: Solo, *, instrument: Instrument, tempo_bpm: float) -> Solo:
    """Return a practice loop: in every key the lick, then the same bars without it.

    The loop has twenty-four sections; the phrase is in the instrument's range.
    """
    check_tempo(tempo_bpm)
    title = f"{take.title}, lick {lick.number}"
    keys = in_keys(lick, title, low=instrument.low, high=instrument.high, echo=True)
    return Solo(
        keys.title,
        keys.melody,
        keys.changes,
        performer="sideman",
        tempo_bpm=tempo_bpm,
        style=take.style,
    )


def page(
    lick: Lick, take: Solo, *, instrument: Instrument, tempo_bpm: float, part: str = "C"
) -> LeadSheet:
    """Return a lick in every key, twelve sections at sounding pitch.

    The keys are named as the player of `part` reads them.
    """
    check_tempo(tempo_bpm)
    keys = in_keys(
        lick,
        f"{take.title}, lick {lick.number}",
        low=instrument.low,
        high=instrument.high,
        player=transposition_named(part),
    )
    bars = tuple(
        replace(bar, section=bar.section and printed(bar.section)) for bar in keys.changes.bars
    )
    return replace(keys, changes=Changes(bars), tempo_bpm=tempo_bpm, style=take.style)


def in_keys(
    lick: Lick,
    title: str,
    *,
    low: int,
    high: int,
    cycle: str = "fourths",
    echo: bool = False,
    player: Transposition = CONCERT,
) -> LeadSheet:
    """Return a lick in the keys of a cycle, each a section named after its key.

    Parameters
    ----------
    lick : Lick
        The lick.
    title : str
        The title of the sheet.
    low, high : int
        The instrument's range as MIDI numbers; the phrase is moved by octaves into it, or as near
        as it can be.
    cycle : str
        The order of the keys (:data:`sideman.score.practice.CYCLES`).
    echo : bool
        Whether the same bars come again in each key without the phrase.
    player : Transposition
        The reader: each key has the name and the spelling with the fewest signs in that part.
    """
    pitches = [note.pitch for note in lick.notes]
    home = LeadSheet(title, lick.changes, key=lick.key or _key_of(lick.changes))
    pieces = []
    for step in range(keys_of(cycle)):
        upward = step * CYCLES[cycle] % _KEYS
        shift = min(
            range(upward - 10 * _KEYS, upward + 10 * _KEYS, _KEYS),
            key=lambda by: (_outside(pitches, by, low, high), abs(by), by),
        )
        moved = _shifted(home, shift, player)
        read = moved.transposed(player.fifths)
        notes = tuple(replace(note, pitch=note.pitch + shift, name=None) for note in lick.notes)
        label = "" if read.key is None else read.key.name
        pieces.append((label, moved.changes, notes))
        if echo:
            pieces.append((f"{label}{YOURS}", moved.changes, ()))
    bars, notes = joined(pieces)
    return LeadSheet(title, bars, parts=(Part("Lick", notes),))


def _shifted(home: LeadSheet, shift: int, player: Transposition) -> LeadSheet:
    """Return the lick moved into the key that has the fewest signs in the player's part."""
    read = home.transposed(player.fifths).shifted(shift)
    moved = read.transposed(-player.fifths)
    # What would sound in double flats loses its spelling on the way; then the sounding key counts.
    kept = moved.transposed(player.fifths).changes == read.changes
    return moved if kept else home.shifted(shift)


def _outside(pitches: list[int], by: int, low: int, high: int) -> int:
    lowest, highest = min(pitches) + by, max(pitches) + by
    return max(low - lowest, 0) + max(highest - high, 0)


def _key_of(changes: Changes) -> Key | None:
    """Return the key of the first chord, for a tune without a key."""
    chord: Chord | None = changes.chord_at(0)
    if chord is None or chord.root is None:
        return None
    return Key.parse(str(chord.root))


def joined(
    pieces: Iterable[tuple[str, Changes, tuple[Note, ...]]],
) -> tuple[Changes, tuple[Note, ...]]:
    """Return bars and notes of several pieces one after the other, each a section.

    A note ends with its piece.
    """
    bars: list[Bar] = []
    notes: list[Note] = []
    start = 0
    for label, changes, line in pieces:
        first = changes.bars[0]
        bars += (replace(first, section=label or first.section), *changes.bars[1:])
        for note in line:
            length = min(note.duration, changes.length - note.onset)
            notes.append(replace(note, onset=note.onset + start, duration=length))
        start += changes.length
    return Changes(tuple(bars)), tuple(notes)
