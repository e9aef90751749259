"""The bar lines of a MIDI file, in ticks of 24 to the quarter."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from sideman.errors import FormatError, MusicError
from sideman.formats.midi.reading import MidiFile
from sideman.theory.meter import TICKS_PER_QUARTER, Meter, quarters_to_ticks

MOST_BARS = 20_000
_HAIR_TICKS = 2  # A time signature up to this long after a bar line belongs to it.


@dataclass(frozen=True, slots=True)
class BarLines:
    """Bar lines and meters.

    Parameters
    ----------
    starts : tuple of int
        Tick of each bar's downbeat, 24 to the quarter from the start of the file.
    meters : tuple of Meter
        The meter of each bar.
    """

    starts: tuple[int, ...]
    meters: tuple[Meter, ...]

    def bar_at(self, tick: int) -> int:
        """Return the index of the bar at a tick; the last bar has no end."""
        return max(0, bisect_right(self.starts, tick) - 1)

    def end(self, bar: int) -> int:
        """Return the tick of the bar line after a bar."""
        return self.starts[bar] + self.meters[bar].ticks_per_bar


def bar_lines(file: MidiFile, until: int) -> BarLines:
    """Return the bar lines of a file up to a tick, from its time signatures or else in 4/4.

    A time signature within a bar ends the bar there if its remaining length is a bar of some meter,
    as for a pickup; otherwise it applies from the next bar line.

    Raises
    ------
    MusicError
        If there are more than 20,000 bars.
    """
    changes = _changes(file)
    starts: list[int] = []
    meters: list[Meter] = []
    tick, upcoming = 0, 0
    meter = Meter()
    while True:
        while upcoming < len(changes) and changes[upcoming][0] <= tick + _HAIR_TICKS:
            meter = changes[upcoming][1]
            upcoming += 1
        bar = meter
        if upcoming < len(changes) and changes[upcoming][0] < tick + meter.ticks_per_bar:
            bar = _short(changes[upcoming][0] - tick) or meter
        if len(starts) == MOST_BARS:
            raise MusicError(
                f"{file.name}: lasts more than {MOST_BARS:,} bars, the limit; give a shorter piece "
                "or correct its times."
            )
        starts.append(tick)
        meters.append(bar)
        tick += bar.ticks_per_bar
        if tick > until:
            return BarLines(tuple(starts), tuple(meters))


def _changes(file: MidiFile) -> Sequence[tuple[int, Meter]]:
    return [(quarters_to_ticks(float(file.quarters(tick))), meter) for tick, meter in file.meters]


def _short(ticks: int) -> Meter | None:
    """Return the meter of a bar of that length, in the largest unit that fits."""
    for unit in (4, 8, 16, 32):
        beats, odd = divmod(ticks * unit, 4 * TICKS_PER_QUARTER)
        if not odd and beats:
            try:
                return Meter(beats, unit)
            except FormatError:
                return None
    return None
