"""Answers to a phrase.

The phrase is given to the soloist as the beginning of its own line, and the answer states cells of
it (:mod:`sideman.models.theme`).  Several answers are drawn; the one that takes up most of the
phrase's rhythm or contour is returned (:mod:`sideman.evaluation.uptake`).  ``docs/listening.md``
has the figures of ``benchmarks/uptake.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from numpy.random import Generator

from sideman.errors import MusicError
from sideman.evaluation import uptake
from sideman.models.constraints import Constraints, given
from sideman.models.encoding import CORE, LOWEST
from sideman.score import Bar, Changes, ChordChange, Note, Solo, monophonic
from sideman.service.takes.performer import Performer
from sideman.theory.meter import Meter

BARS = 4
"""The default: fours."""
MOST_BARS = 64
USUAL = {"best_of": 3, "effort": 1}
"""Controls by default: the most answers that are ready in time, without a search for each."""
_OCTAVE = 12


@dataclass(frozen=True, slots=True)
class Exchange:
    """A phrase and its answer.

    Parameters
    ----------
    call : Solo
        The phrase over its bars.
    answer : Solo
        The answer over its own; tick 0 is the downbeat of its first bar.
    """

    call: Solo
    answer: Solo

    @property
    def whole(self) -> Solo:
        """Both, one after the other; each is a section."""
        own, other = self.call.changes, self.answer.changes
        assert own is not None
        assert other is not None
        bars = (
            replace(own.bars[0], section="Phrase"),
            *own.bars[1:],
            replace(other.bars[0], section="Answer"),
            *other.bars[1:],
        )
        moved = (replace(note, onset=note.onset + own.length) for note in self.answer.notes)
        return replace(
            self.answer,
            notes=monophonic((*self.call.notes, *moved)),
            changes=Changes(bars),
        )


def last_bars(take: Solo, bars: int) -> tuple[Solo, int]:
    """Return the last group of so many bars with a note as a phrase, and its first bar, from 1.

    A take that is no longer, or has no changes, is the phrase as it is.

    >>> from sideman.formats import typed
    >>> form = typed.parse("| F7 | % | Bb7 | % |").changes
    >>> last_bars(Solo("", tuple(Note(48 * at, 48, 60) for at in range(7)), form), 2)[1]
    3
    """
    changes, notes = take.changes, monophonic(take.notes)
    if changes is None or not changes.spans or not notes or bars < 1:
        return take, 1
    last = min(changes.bar_at(notes[-1].onset), len(changes.bars) - 1)
    first = last // bars * bars
    if first <= 0:
        return take, 1
    start = changes.bar_starts[first]
    moved = (replace(note, onset=note.onset - start) for note in notes if note.onset >= start)
    phrase = replace(
        take,
        notes=tuple(moved),
        key=changes.key_at(start) or take.key,
        tempo_bpm=changes.tempo_at(start) or take.tempo_bpm,
        phrase_starts=(),
    )
    return phrase, first + 1


def exchange(
    performer: Performer,
    phrase: Solo,
    changes: Changes,
    *,
    rng: Generator,
    meter: Meter | None = None,
    bars: int = BARS,
    first_bar: int = 0,
) -> Exchange:
    """Return a phrase and an answer to it, each over its bars.

    Parameters
    ----------
    performer : Performer
        The soloist; of its `best_of` answers the one that takes up most is kept.
    phrase : Solo
        The phrase, in any range; ticks from the downbeat of its first bar.
    changes : Changes
        The form, which is repeated.
    rng : numpy.random.Generator
        The random generator.
    meter : Meter or None
        The phrase's own meter, where it is given.
    bars : int
        How many bars each player has, 1 to 64; the phrase may take a multiple of them.
    first_bar : int
        The bar of the form, from 0, in which the phrase begins.

    Raises
    ------
    MusicError
        If the phrase has no notes or another meter, the form no chords, or a number is out of its
        bounds.
    """
    notes = monophonic(phrase.notes)
    if not notes:
        raise MusicError(f"{phrase.title}: has no notes to answer; give a phrase.")
    if not changes.spans:
        raise MusicError("There is nothing to trade over: give changes with chords.")
    if meter is not None and meter != changes.meter:
        raise MusicError(
            f"{phrase.title}: is in {meter}, and the changes are in {changes.meter}; give a phrase "
            f"in {changes.meter}, or other changes."
        )
    if not 1 <= bars <= MOST_BARS:
        raise MusicError(f"{bars} bars cannot be traded; trade 1 to {MOST_BARS}.", field="bars")
    turns = 1 + max(_bars_of(changes, first_bar, notes[-1].onset) - 1, 0) // bars
    called_bars = turns * bars
    if called_bars > MOST_BARS:
        raise MusicError(
            f"{phrase.title}: is {called_bars} bars long, and a phrase of at most {MOST_BARS} is "
            "answered; give a shorter one."
        )
    form = turned(changes, first_bar, called_bars + bars)
    boundary = form.bar_starts[called_bars]
    # A note held into the answer's bars makes way for it.
    notes = tuple(
        replace(note, duration=min(note.duration, boundary - note.onset)) for note in notes
    )
    heard = _within_hearing(notes)
    called = Constraints(
        tuple(map(given, heard)), ((min(0, notes[0].onset), boundary),), theme=heard
    )
    controls = performer.controls or performer.soloist.defaults
    answers = [
        tuple(note for note in line if note.onset >= boundary)
        for line in performer.plays(form, rng=rng, constraints=called, count=controls.best_of)
    ]
    tempo = performer.tempo_bpm
    # Of several that take up as much, the first.
    best = max(answers, key=lambda answer: uptake.uptake(notes, answer))
    call = Solo(
        phrase.title, notes, Changes(form.bars[:called_bars]), tempo_bpm=tempo, style=phrase.style
    )
    answer = Solo(
        phrase.title,
        tuple(replace(note, onset=note.onset - boundary) for note in best),
        turned(changes, first_bar + called_bars, bars),
        performer="sideman",
        key=phrase.key,
        tempo_bpm=tempo,
        style=phrase.style,
    )
    return Exchange(call, answer)


def _bars_of(changes: Changes, first_bar: int, tick: int) -> int:
    """Return how many bars it takes from a bar of the form to reach a tick; at least one."""
    many = 1
    start = 0
    while many <= 10 * MOST_BARS:
        start += changes.bars[(first_bar + many - 1) % len(changes.bars)].meter.ticks_per_bar
        if tick < start:
            break
        many += 1
    return many


def turned(changes: Changes, first_bar: int, bars: int) -> Changes:
    """Return some bars of a repeated form, from a bar counted from 0; the first one has its chord.

    The tempo is one throughout.

    >>> from sideman.formats import typed
    >>> form = typed.parse("| F7 | % | Bb7 |").changes
    >>> [str(span.chord) for span in turned(form, 1, 3).spans]
    ['F7', 'Bb7', 'F7']
    """
    size = len(changes.bars)
    found = [changes.bars[bar % size] for bar in range(first_bar, first_bar + bars)]
    opening: Bar = found[0]
    if not opening.chords or opening.chords[0].onset > 0:
        # The form is repeated: before its first chord the last one sounds.
        at = first_bar % size
        before = changes.chord_at(changes.bar_starts[at]) if at else changes.spans[-1].chord
        sounding = () if before is None else (ChordChange(0, before),)
        found[0] = replace(opening, chords=(*sounding, *opening.chords))
    return Changes(tuple(found)).steady()


def _within_hearing(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Return the notes, moved by octaves into the range that the networks distinguish."""
    return tuple(
        replace(note, pitch=note.pitch + _octaves(note.pitch, LOWEST, LOWEST + CORE - 1))
        for note in notes
    )


def _octaves(pitch: int, low: int, high: int) -> int:
    if pitch < low:
        return -((pitch - low) // _OCTAVE) * _OCTAVE
    return -(-((high - pitch) // _OCTAVE) * _OCTAVE) if pitch > high else 0
