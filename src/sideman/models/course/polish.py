"""Corrections of a generated line.

The first three functions are the course's prunings for any sequence; :mod:`sideman.course`
describes how the course applies them, and its mistakes.  :func:`tidy` is sideman's own.
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
    """Return a length rounded down to a multiple of `step` or, half the time, one step more."""
    if not (math.isfinite(length) and length >= 0):
        raise MusicError(f"A length of {length} cannot be rounded; give one of 0 or more.")
    below = math.floor(length / step) * step
    return below if rng.random() < 0.5 else below + step


def without_paired_echoes(line: Sequence[Item], same: Callable[[Item, Item], bool]) -> list[Item]:
    """Return a line without the second item of a pair (0, 1), (2, 3), … where both are the same."""
    return [
        item for index, item in enumerate(line) if index % 2 == 0 or not same(line[index - 1], item)
    ]


def without_clashes(line: Sequence[Item], clash: Callable[[Item, Item], bool]) -> list[Item]:
    """Return a line without the items that clash with their predecessor, kept or not."""
    return [
        item for index, item in enumerate(line) if index == 0 or not clash(line[index - 1], item)
    ]


def tidy(notes: Sequence[Note], *, shortest: int = 2) -> tuple[Note, ...]:
    """Return a playable line: one note at a time, no very short notes, no echoes.

    A note that overlaps the next is cut; of several at one tick the highest stays; a note of fewer
    than `shortest` ticks joins the one before it, if they touch; and notes of one pitch that touch
    become one, unless the joined note would be longer than a half note.
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
