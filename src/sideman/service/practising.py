"""What a request says of practice: a ramp of tempos, a cycle of keys, bars that are looped."""

from __future__ import annotations

import re

from sideman.errors import MusicError, concerning
from sideman.library import songbook
from sideman.score import LeadSheet
from sideman.score.practice import Practice, Ramp, excerpt, keys_of
from sideman.service import improviser
from sideman.service.requests import Line, PlayRequest, PracticeRequest
from sideman.service.takes import sheets
from sideman.theory.meter import SLOWEST_BPM

CHORUSES = 3
"""Choruses of a solo where none are asked for."""
MOST_STEPS = 20
"""The most tempos of a practice sheet."""
_TEMPO = r"\s*(\d{1,4}(?:\.\d{1,6})?)\s*"


def ramp(text: str) -> Ramp:
    """Return the ramp that a text such as ``120:200`` names, rising or falling.

    >>> ramp("200:120").tempos(3)
    (200.0, 160, 120.0)
    """
    with concerning("ramp"):
        match = re.fullmatch(f"{_TEMPO}:{_TEMPO}", text)
        if match is None:
            raise MusicError(
                f"{text[:40]!r} is no ramp; write the first and the last tempo, of 20 "
                "to 400 each, such as 120:200."
            )
        found = Ramp(float(match[1]), float(match[2]))
        if found.first == found.last:
            raise MusicError(
                f"A ramp from {found.first:g} to {found.last:g} keeps one tempo; give another last "
                "tempo, or a tempo without a ramp."
            )
        return found


def bars(text: str, count: int, title: str) -> range:
    """Return the bars, from 0, that a text such as ``9-12`` names of a tune of `count` bars.

    >>> bars("9-12", 12, "Blues")
    range(8, 12)
    """
    match = re.fullmatch(r"\s*(\d{1,6})\s*(?:[-–]\s*(\d{1,6})\s*)?", text)
    if match is None:
        raise MusicError(
            f"{text[:40]!r} names no bars; write the first and the last, such as 9-12."
        )
    first, last = int(match[1]), int(match[2] or match[1])
    if first > last:
        raise MusicError(f"The bars {first}-{last} run backwards; write {last}-{first}.")
    if first < 1 or last > count:
        wrong = first if first < 1 else last
        raise MusicError(f"There is no bar {wrong}: {title} has bars 1 to {count}.")
    return range(first - 1, last)


def tune(request: PlayRequest, sheet: LeadSheet) -> LeadSheet:
    """Return a tune in the key of a request, of a loop its bars alone."""
    with concerning("transpose" if request.key is None else "key"):
        moved = songbook.moved(sheet, request.key, request.transpose)
    if request.loop is None:
        return moved
    with concerning("loop"):
        chosen = bars(request.loop, len(moved.changes.bars), moved.title)
        return excerpt(moved, chosen.start, chosen.stop)


def usual_choruses(request: PlayRequest) -> int:
    """Return the choruses of a request that asks for none: one for each key of a cycle."""
    return CHORUSES if request.cycle is None else keys_of(request.cycle)


def tempos(request: PracticeRequest, take: Line) -> tuple[float, ...]:
    """Return the tempos of a practice sheet; a MusicError where they contradict one another."""
    if not 1 <= request.steps <= MOST_STEPS:
        raise MusicError(
            f"{request.steps} tempos cannot be practised; ask for 1 to {MOST_STEPS}.", field="steps"
        )
    if request.ramp is None:
        with concerning("tempo"):
            goal = improviser.tempo_of(request.tempo, take.solo)
        slow = max(round(goal * sheets.SLOWEST), SLOWEST_BPM)
        return Ramp(slow, goal).tempos(request.steps) if request.steps > 1 else (goal,)
    if request.tempo is not None:
        raise _both()
    if request.steps == 1:
        raise MusicError("A ramp has two tempos or more; ask for more steps.", field="steps")
    return ramp(request.ramp).tempos(request.steps)


def _both() -> MusicError:
    return MusicError("A ramp has tempos of its own; give a ramp or a tempo.", field="ramp")


def practice(request: PlayRequest, choruses: int) -> Practice:
    """Return what changes from chorus to chorus; a MusicError where that is impossible."""
    rising = None if request.ramp is None else ramp(request.ramp)
    if rising is not None and request.tempo is not None:
        raise _both()
    found = Practice(request.cycle, rising)
    found.check(choruses)
    return found
