"""Time: ticks, beats, bars and seconds.

Conventions: time is counted in integer *ticks*, 24 to the quarter note, the resolution of MIDI
clock; it divides triplets, sixteenths, sextuplets and thirty-seconds. A *beat* is the note value
of the meter's denominator: a quarter in 4/4, an eighth in 6/8. Names of other units carry a suffix:
``_beats``, ``_quarters``, ``_seconds``.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction

from sideman.errors import FormatError, MusicError

TICKS_PER_QUARTER = 24
PERFORMED_TICKS_PER_QUARTER = 480
"""The resolution of a performance: 20 performed ticks per written tick."""
SLOWEST_BPM, FASTEST_BPM = 20.0, 400.0
"""The range of tempos that can be played."""
_UNITS = (1, 2, 4, 8, 16, 32)
_MOST_BEATS = 64


@dataclass(frozen=True, slots=True)
class Meter:
    """A time signature of 1 to 64 beats of the note value 1, 2, 4, 8, 16 or 32; else a FormatError.

    >>> Meter(3, 4).ticks_per_bar, Meter(6, 8).ticks_per_beat, str(Meter.parse("5/4"))
    (72, 12, '5/4')
    """

    beats: int = 4
    unit: int = 4

    def __post_init__(self) -> None:
        if self.unit not in _UNITS or not 1 <= self.beats <= _MOST_BEATS:
            raise FormatError(
                f"{self.beats}/{self.unit} is not a meter; write one like 4/4, 3/4 or 6/8."
            )
        if self.beats * 4 * TICKS_PER_QUARTER % self.unit:
            raise FormatError(f"{self.beats}/{self.unit} has no whole number of ticks per bar.")

    @classmethod
    def parse(cls, text: str) -> Meter:
        """Read a meter such as ``4/4``; raise a FormatError for any other text."""
        match = re.fullmatch(r"\s*(\d{1,3})\s*/\s*(\d{1,3})\s*", text)
        if match is None:
            raise FormatError(f"{text[:40]!r} is not a meter; write one like 4/4, 3/4 or 6/8.")
        return cls(int(match[1]), int(match[2]))

    @property
    def ticks_per_bar(self) -> int:
        """Ticks per bar."""
        return self.beats * 4 * TICKS_PER_QUARTER // self.unit

    @property
    def ticks_per_beat(self) -> int:
        """Ticks per beat."""
        return 4 * TICKS_PER_QUARTER // self.unit

    @property
    def compound(self) -> bool:
        """Whether three beats are felt as one, as in 6/8 and 12/8."""
        return self.unit >= 8 and self.beats % 3 == 0 and self.beats > 3

    def __str__(self) -> str:
        return f"{self.beats}/{self.unit}"


def quarters_to_ticks(quarters: float) -> int:
    """Return the tick nearest to a time in quarter notes; halves are rounded up."""
    return math.floor(quarters * TICKS_PER_QUARTER + 0.5)


def ticks_to_quarters(ticks: int) -> float:
    """Return ticks as quarter notes."""
    return ticks / TICKS_PER_QUARTER


def quantise(quarters: float | Fraction, divisions: tuple[int, ...] = (4, 3)) -> int:
    """Return the tick nearest to a time in quarters on grids of so many lines per quarter.

    The divisions divide 24; a tie goes to the first grid.

    >>> quantise(0.30), quantise(0.26), quantise(1.49)
    (8, 6, 36)
    """
    if not divisions:
        raise ValueError("quantise needs at least one grid")
    # Integer arithmetic: this runs for every note of a file, and Fraction is ten times slower.
    over, under = quarters.as_integer_ratio()
    best_ticks, best_rest, best_division = 0, -1, 1
    for division in divisions:
        line, rest = divmod(over * division, under)
        if 2 * rest > under or (2 * rest == under and line % 2):
            line, rest = line + 1, under - rest
        # The distance to the line is rest / (under · division) quarters.
        if best_rest < 0 or rest * best_division < best_rest * division:
            best_ticks, best_rest = line * TICKS_PER_QUARTER // division, rest
            best_division = division
    return best_ticks


def check_tempo(tempo_bpm: float) -> None:
    """Raise a MusicError unless the tempo is from 20 to 400 quarters per minute."""
    if not SLOWEST_BPM <= tempo_bpm <= FASTEST_BPM:
        raise MusicError(
            f"A tempo of {tempo_bpm:g} quarters per minute cannot be played; choose one from "
            f"{SLOWEST_BPM:g} to {FASTEST_BPM:g}."
        )
