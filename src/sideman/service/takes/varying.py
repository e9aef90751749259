"""Variations of a take: its skeleton is kept, what is between is played anew.

The skeleton is what identifies a line to a listener: the notes on the strong beats, and where
phrases begin and end.  In the bars that change, either the rhythm is kept and the other pitches
are new, or the line takes another way from each note of the skeleton to the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.random import Generator

from sideman.errors import MusicError
from sideman.evaluation.style import phrases
from sideman.models.constraints import Constraints, Slot, given
from sideman.score import Changes, Note, Solo, monophonic
from sideman.service.takes.performer import Performer

AMOUNT = 0.5
"""The share of the bars that change, by default."""
MOST = 1000
"""The most variations at once."""


def vary(
    take: Solo,
    performer: Performer,
    *,
    rng: Generator,
    count: int = 1,
    amount: float = AMOUNT,
) -> Iterator[Solo]:
    """Yield variations of a take, each with a random stream of its own.

    Parameters
    ----------
    take : Solo
        The take, with changes; what is kept of it may be outside the performer's range.
    performer : Performer
        The soloist.
    rng : numpy.random.Generator
        The random generator.
    count : int
        How many, 1 to 1,000.
    amount : float
        The share of the bars with notes that change, above 0 and up to 1.

    Raises
    ------
    MusicError
        If the take has no notes or no changes, or a number is out of its bounds.
    """
    if take.changes is None or not take.changes.spans or not take.notes:
        raise MusicError(f"{take.title}: has no notes over changes; give a take that has.")
    if take.changes.bar_at(take.notes[-1].onset) > len(take.changes.bars):
        raise MusicError(
            f"{take.title}: has notes after the last bar of its changes; give all changes.",
            field="changes",
        )
    if not 0 < amount <= 1:
        raise MusicError(
            f"An amount of {amount:g} is no share of the bars; give one above 0, up to 1 (all).",
            field="amount",
        )
    if not 1 <= count <= MOST:
        raise MusicError(
            f"{count} variations cannot be played; ask for 1 to {MOST}.", field="count"
        )
    changes = take.changes
    for stream in rng.spawn(count):
        notes = performer.play(
            changes, rng=stream, constraints=varying(take, changes, amount, stream)
        )
        yield replace(
            take,
            notes=notes,
            performer="sideman",
            tempo_bpm=performer.tempo_bpm,
            phrase_starts=(),
        )


def varying(take: Solo, changes: Changes, amount: float, rng: Generator) -> Constraints:
    """Return the constraints of a variation that changes a share of the bars, at least one.

    They keep the other bars, and of these the skeleton and the rests; of about half of them the
    rhythm too.
    """
    notes = monophonic(take.notes)
    line = replace(take, notes=notes)
    framed = skeleton(line, changes)
    home = [max(changes.bar_at(note.onset), 0) for note in notes]
    loose = sorted({bar for bar, note in zip(home, notes, strict=True) if note not in framed})
    among = loose or sorted(set(home))
    many = max(1, round(amount * len(among)))
    changed = sorted(rng.choice(np.array(among, np.int64), many, replace=False).tolist())
    same_rhythm = {bar for bar in changed if loose and rng.random() < 0.5}
    slots: list[Slot] = []
    for bar, note in zip(home, notes, strict=True):
        if note in framed or bar not in changed:
            slots.append(given(note))
        elif bar in same_rhythm:
            slots.append(Slot(note.onset, note.duration))
    # Open is where a phrase sounds, in the bars that go another way, between what stays.
    starts = changes.bar_starts
    open_ticks = np.zeros(changes.length, bool)
    for phrase in phrases(line):
        open_ticks[max(phrase[0].onset, 0) : phrase[-1].end] = True
    for bar in set(range(len(changes.bars))) - (set(changed) - same_rhythm):
        open_ticks[starts[bar] : starts[bar + 1]] = False
    for slot in slots:
        if slot.onset is not None and slot.duration is not None:
            open_ticks[max(slot.onset, 0) : slot.onset + slot.duration] = False
    edges = np.flatnonzero(np.diff(~open_ticks, prepend=False, append=False))
    closed = [(int(begin), int(end)) for begin, end in edges.reshape(-1, 2)]
    return Constraints(tuple(slots), ((min(0, notes[0].onset), 0), *closed), take=notes)


def skeleton(take: Solo, changes: Changes) -> frozenset[Note]:
    """Return the notes that identify a line to a listener.

    They are those on the downbeats, on the middle of bars of four or more even beats, and at the
    beginning and the end of each phrase.

    >>> from sideman.formats import typed
    >>> changes = typed.parse("| F7 |").changes
    >>> line = tuple(Note(onset, 12, 60 + onset // 12) for onset in range(0, 84, 12))
    >>> sorted(note.onset for note in skeleton(Solo("", line), changes))
    [0, 48, 72]
    """
    kept = {note for phrase in phrases(take) for note in (phrase[0], phrase[-1])}
    for note in take.notes:
        bar = max(changes.bar_at(note.onset), 0)
        meter = changes.bars[min(bar, len(changes.bars) - 1)].meter
        place = (note.onset - changes.bar_starts[bar]) % meter.ticks_per_bar
        halved = meter.beats >= 4 and meter.beats % 2 == 0
        if place % (meter.ticks_per_bar // 2 if halved else meter.ticks_per_bar) == 0:
            kept.add(note)
    return frozenset(kept)
