"""Draw a line from a model, copying no more than is allowed.

The soloist is held to the longest match while it plays (:class:`sideman.measures.novelty.Limit`).
What that cannot foresee, such as a match that runs into a bar that is kept, and a model that heeds
no limit, are drawn again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from numpy.random import Generator

from sideman import polish, sampling
from sideman.errors import MusicError
from sideman.measures import novelty
from sideman.meter import TICKS_PER_QUARTER
from sideman.models.plans import FREE, Plan
from sideman.sampling import Controls, Model
from sideman.score import Changes, Note

MAX_COPY = 10
"""Notes of the longest match with the Weimar solos, where nothing else is asked."""
SHORTEST_SECONDS = 0.09
"""The shortest note that a player gets out clearly: eleven a second."""
LOUDNESS = 92
"""The velocity of a line before it is performed."""
_MOST_DRAWS = 20


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
        What is settled; its notes are there to the tick, the others are tidied
        (:func:`sideman.polish.tidy`).
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
    limit = None if max_copy is None else novelty.Limit(novelty.shipped(), max_copy)
    for _ in range(_MOST_DRAWS):
        take = sampling.sample(
            model,
            changes,
            rng=rng,
            controls=controls,
            low=low,
            high=high,
            tempo_bpm=tempo_bpm,
            shortest=shortest_ticks(tempo_bpm),
            plan=plan,
            guard=limit,
        )
        line = tidied(take.notes, plan)
        if max_copy is None or not copies(line, plan, max_copy):
            return line
    raise MusicError(
        f"{_MOST_DRAWS} lines were drawn, and each shares more than {max_copy} notes in a row with "
        "a solo of the corpus; allow more with --max-copy, or settle less of the line."
    )


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
    (5, 11)
    """
    return math.ceil(TICKS_PER_QUARTER * tempo_bpm / 60 * SHORTEST_SECONDS)


def tidied(notes: Sequence[Note], plan: Plan) -> tuple[Note, ...]:
    """Tidy what was played freely; what the plan asks for stays to the tick.

    Parameters
    ----------
    notes : sequence of Note
        A line, by rising onset.
    plan : Plan
        What was settled.

    Returns
    -------
    tuple of Note
        The line, all of one loudness.
    """
    line: list[Note] = []
    for settled, run in groupby(notes, key=lambda note: plan.settles(note.onset)):
        together = tuple(run)
        line += together if settled else polish.tidy(together)
    return tuple(replace(note, velocity=LOUDNESS) for note in line)


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
