"""The bar lines of a MIDI file, counted in ticks of 24 to the quarter."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from sideman.errors import FormatError, MusicError
from sideman.formats.midi.reading import MidiFile
from sideman.theory.meter import TICKS_PER_QUARTER, Meter, quarters_to_ticks

MOST_BARS = 20_000
_HAIR_TICKS = 2  # A signature this little after a bar line belongs to it.


@dataclass(frozen=True, slots=True)
class BarLines:
    """Where bars begin.

    Parameters
    ----------
    starts : tuple of int
        Tick of each bar's downbeat, 24 to the quarter from the start of the file.
    meters : tuple of Meter
        Each bar's meter.
    """

    starts: tuple[int, ...]
    meters: tuple[Meter, ...]

    def bar_at(self, tick: int) -> int:
        """Return the index of the bar that holds a tick.

        Parameters
        ----------
        tick : int
            24 to the quarter, from the start of the file.

        Returns
        -------
        int
            The index; the last bar's from its downbeat on.
        """
        return max(0, bisect_right(self.starts, tick) - 1)

    def end(self, bar: int) -> int:
        """Return the tick at which a bar ends.

        Parameters
        ----------
        bar : int
            Its index.

        Returns
        -------
        int
            The tick of the bar line after it.
        """
        return self.starts[bar] + self.meters[bar].ticks_per_bar


def bar_lines(file: MidiFile, until: int) -> BarLines:
    """Lay bar lines by a file's time signatures; 4/4 where it names none.

    A signature within a bar ends that bar there if what is left of it is a bar of some meter
    (a pickup bar is often written so), and otherwise waits for the next bar line.

    Parameters
    ----------
    file : MidiFile
        The file.
    until : int
        The last tick, 24 to the quarter, that must lie within a bar.

    Returns
    -------
    BarLines
        At least one bar.

    Raises
    ------
    MusicError
        If that makes more than 20,000 bars.
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
                f"{file.name}: lasts more than {MOST_BARS:,} bars, the most that is read; give a "
                "shorter piece or mend its times."
            )
        starts.append(tick)
        meters.append(bar)
        tick += bar.ticks_per_bar
        if tick > until:
            return BarLines(tuple(starts), tuple(meters))


def _changes(file: MidiFile) -> Sequence[tuple[int, Meter]]:
    return [(quarters_to_ticks(float(file.quarters(tick))), meter) for tick, meter in file.meters]


def _short(ticks: int) -> Meter | None:
    """The meter of a bar of so many ticks, in the largest unit that fits."""
    for unit in (4, 8, 16, 32):
        beats, odd = divmod(ticks * unit, 4 * TICKS_PER_QUARTER)
        if not odd and beats:
            try:
                return Meter(beats, unit)
            except FormatError:
                return None
    return None
