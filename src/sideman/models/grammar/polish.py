"""Small repairs on a line once it is made.

The first three functions are the course's prunings, made to work on anything; what the course
does with them, and where it errs, :mod:`sideman.course` tells.  :func:`tidy` is sideman's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from sideman.errors import MusicError
from sideman.score import Note, monophonic
from sideman.theory.meter import TICKS_PER_QUARTER

if TYPE_CHECKING:
    from numpy.random import Generator

Item = TypeVar("Item")


def coin_rounded(length: float, rng: Generator, step: float = 0.25) -> float:
    """Round a length down to a multiple of a step, or, by a coin, one step above that.

    Even a length that is a multiple already may so become longer.

    Parameters
    ----------
    length : float
        Any length, 0 or more.
    rng : numpy.random.Generator
        The coin.
    step : float
        The step, in the same unit.

    Returns
    -------
    float
        A multiple of the step.

    Raises
    ------
    MusicError
        If the length is negative or not a finite number.

    Examples
    --------
    >>> import numpy as np
    >>> sorted({coin_rounded(0.6, np.random.default_rng(seed)) for seed in range(9)})
    [0.5, 0.75]
    """
    if not (math.isfinite(length) and length >= 0):
        raise MusicError(f"A length of {length} cannot be rounded; give one of 0 or more.")
    below = math.floor(length / step) * step
    return below if rng.random() < 0.5 else below + step


def without_paired_echoes(line: Sequence[Item], same: Callable[[Item, Item], bool]) -> list[Item]:
    """Of the disjoint pairs (0, 1), (2, 3), … drop the second item where it equals the first.

    Parameters
    ----------
    line : sequence
        Items in order; an odd one at the end stays.
    same : callable
        Whether two items are equal for this purpose.

    Returns
    -------
    list
        What is left.

    Examples
    --------
    >>> without_paired_echoes("aabbbc", str.__eq__)
    ['a', 'b', 'b', 'c']
    """
    return [
        item for index, item in enumerate(line) if index % 2 == 0 or not same(line[index - 1], item)
    ]


def without_clashes(line: Sequence[Item], clash: Callable[[Item, Item], bool]) -> list[Item]:
    """Drop every item that clashes with the one that stood before it.

    Parameters
    ----------
    line : sequence
        Items in order.
    clash : callable
        Whether an item (first argument) leaves no room for the next (second argument).

    Returns
    -------
    list
        What is left; each item is held against its neighbour whether that stays or goes.

    Examples
    --------
    >>> without_clashes([0, 0, 0, 1], int.__eq__)
    [0, 1]
    """
    return [
        item for index, item in enumerate(line) if index == 0 or not clash(line[index - 1], item)
    ]


def tidy(notes: Sequence[Note], *, shortest: int = 2) -> tuple[Note, ...]:
    """Make a line playable: one note at a time, no specks, no needless repetition.

    A note that sounds on where the next begins is cut there; of several at one tick the highest
    stays; a note shorter than `shortest` joins the one before it, if they touch; and notes of one
    pitch that touch become one, unless the joined note would last longer than a half.

    Parameters
    ----------
    notes : sequence of Note
        Notes in any order.
    shortest : int
        Ticks of the shortest note that stays.

    Returns
    -------
    tuple of Note
        The line, by rising onset.
    """
    line: list[Note] = []
    for note in monophonic(notes):
        if line and line[-1].end == note.onset:
            before = line[-1]
            joined = before.duration + note.duration
            speck = note.duration < shortest
            echo = note.pitch == before.pitch and joined <= 2 * TICKS_PER_QUARTER
            if speck or echo:
                line[-1] = replace(before, duration=joined)
                continue
        if note.duration >= shortest:
            line.append(note)
    return tuple(line)
