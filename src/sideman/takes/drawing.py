"""Draw a line from a model, copying no more than is allowed.

The soloist is held to the longest match while it plays (:class:`sideman.measures.novelty.Limit`).
What that cannot foresee, such as a match that runs into a bar that is kept, and a model that heeds
no limit, are drawn again.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from numpy.random import Generator

from sideman import polish, sampling
from sideman.errors import MusicError
from sideman.measures import novelty, ranking
from sideman.meter import TICKS_PER_QUARTER, check_tempo
from sideman.models import soloing
from sideman.models.plans import FREE, Plan
from sideman.models.soloist import Soloist
from sideman.sampling import Controls, Model, Performance
from sideman.score import Changes, Note, Solo

MAX_COPY = 10
"""Notes of the longest match with the Weimar solos, where nothing else is asked."""
SHORTEST_SECONDS = 0.07
"""The shortest time from one note to the next: sixteenths up to 214, triplets up to 285."""
LOUDNESS = 92
"""The velocity of a line before it is performed."""
MOST_DRAWS = 20
"""So often a line is drawn at most until it copies little enough."""


def draw(
    model: Model,
    changes: Changes,
    *,
    rng: Generator,
    low: int,
    high: int,
    tempo_bpm: float,
    controls: Controls,
    plan: Plan = FREE,
    max_copy: int | None = MAX_COPY,
) -> tuple[Note, ...]:
    """Draw a line over changes.

    Parameters
    ----------
    model : Model
        What has learnt to play.
    changes : Changes
        All the bars to fill, every chorus written out.
    rng : numpy.random.Generator
        Where chance comes from.
    low, high : int
        The player's range as MIDI numbers, both included.
    tempo_bpm : float
        Quarter notes a minute.
    controls : Controls
        How boldly to choose.
    plan : Plan
        What is settled; its notes are there to the tick.
    max_copy : int or None
        No match of the line with the Weimar solos is longer than so many notes, except where the
        plan's own pitches are one; None for any length.

    Returns
    -------
    tuple of Note
        The line as written.

    Raises
    ------
    MusicError
        If there is nothing to play over, the plan cannot be followed, or twenty draws all copy too
        much.
    """
    lines = draws(
        model,
        changes,
        rng=rng,
        low=low,
        high=high,
        tempo_bpm=tempo_bpm,
        controls=controls,
        plan=plan,
        max_copy=max_copy,
        count=controls.best_of,
    )
    if controls.best_of == 1:
        return next(lines)
    if not isinstance(model, Soloist):
        raise MusicError(
            "This model cannot judge a solo over its changes, so it has no best of several; "
            "take the soloist for that."
        )
    return max(
        lines,
        key=lambda notes: ranking.worth(Solo("", notes, changes, tempo_bpm=tempo_bpm), model),
    )


def draws(
    model: Model,
    changes: Changes,
    *,
    rng: Generator,
    low: int,
    high: int,
    tempo_bpm: float,
    controls: Controls,
    plan: Plan,
    max_copy: int | None,
    count: int,
) -> Iterator[tuple[Note, ...]]:
    """Draw several lines that begin alike: what the plan begins with is heard only once.

    The soloist plays them side by side (:func:`sideman.sampling.finish_together`).

    Parameters
    ----------
    model, changes, rng, low, high, tempo_bpm, controls, plan, max_copy
        As in :func:`draw`.
    count : int
        How many lines.

    Yields
    ------
    tuple of Note
        One line after the other.

    Raises
    ------
    MusicError
        As there.
    """
    check_tempo(tempo_bpm)
    limit = None if max_copy is None else novelty.Limit(novelty.shipped(), max_copy)
    begun = sampling.begin(
        model,
        changes,
        rng=rng,
        shape=controls.shape,
        low=low,
        high=high,
        tempo_bpm=tempo_bpm,
        shortest=shortest_ticks(tempo_bpm),
        plan=plan,
        guard=limit,
    )
    drawn = tried = 0
    while tried < count * MOST_DRAWS:
        branches = [copy.deepcopy(begun, {id(limit): limit}) for _ in range(count - drawn)]
        tried += len(branches)
        for performance in _played(branches, rng, controls):
            # Tokens strike a held tone again; who plays by notes means the repetition.
            notes = polish.tidy(performance.notes) if performance.tokens else performance.notes
            line = tuple(replace(note, velocity=LOUDNESS) for note in notes)
            if max_copy is None or not copies(line, plan, max_copy):
                yield line
                drawn += 1
        if drawn == count:
            return
    raise MusicError(
        f"{MOST_DRAWS} lines were drawn for each that is wanted, and most share more than "
        f"{max_copy} notes in a row with a solo of the corpus; allow more with --max-copy, or "
        "settle less of the line."
    )


def _played(
    branches: Sequence[Performance], rng: Generator, controls: Controls
) -> Iterator[Performance]:
    """Play solos that were begun; the soloist's side by side, but the first with new streams."""
    together = [branch for branch in branches if isinstance(branch, soloing.Performance)]
    if len(together) > 1:
        rngs = [rng, *rng.spawn(len(together) - 1)]
        sampling.finish_together(together, rngs=rngs, controls=controls)
        yield from together
        return
    for branch in branches:
        sampling.finish(branch, rng=rng, controls=controls)
        yield branch


def shortest_ticks(tempo_bpm: float) -> int:
    """Say how short a note can be played at a tempo.

    Parameters
    ----------
    tempo_bpm : float
        Quarter notes a minute.

    Returns
    -------
    int
        Ticks.

    Examples
    --------
    >>> shortest_ticks(132), shortest_ticks(300)
    (4, 9)
    """
    return math.ceil(TICKS_PER_QUARTER * tempo_bpm / 60 * SHORTEST_SECONDS)


def copies(notes: Sequence[Note], plan: Plan, most: int) -> bool:
    """Tell whether a line copies more than is allowed.

    Parameters
    ----------
    notes : sequence of Note
        The line.
    plan : Plan
        What was settled: a match of given notes alone is not the model's.
    most : int
        Notes of the longest match that is allowed.

    Returns
    -------
    bool
        Whether a longer match with a Weimar solo holds a note of the model's.
    """
    asked = {slot.onset for slot in plan.slots if slot.pitch is not None}
    return any(
        any(note.onset not in asked for note in notes[first : first + many])
        for first, many in novelty.shipped().beyond(notes, most)
    )
