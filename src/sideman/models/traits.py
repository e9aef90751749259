"""The manner of a line: its traits as they are drawn for solos, measured.

:func:`measure` returns the traits (:data:`sideman.models.shaping.TRAITS`) of a line.  Where bars of
a take are played again the new ones go on in its manner: :func:`inherited` returns its traits,
shrunk towards the mean of players at that tempo the fewer notes show them; :meth:`Traits.register`
its range, and :meth:`Traits.pace` how dense it is.  The networks play nearly as densely whatever
the multiplier of the IOIs, so that it follows the line (:class:`Pace`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sideman.models import encoding
from sideman.models.events import DURATION_TICKS, PHRASE_GAP_TICKS, Events

Floats = NDArray[np.float64]

_SHOWN = {"phrase": 3.0, "rest": 3.0}  # how many make a share of a half
_NOTES = 30.0  # the same of notes
_OCTAVE = 12.0  # semitones; the narrowest range
_INSIDE = 3.0  # semitones from either end of the range to the mean pitch, at least
_CATCH, _FASTEST = 0.4, 4.0  # of the multiplier of log IOIs, for each note behind; at most
_KEPT = 0.98  # of the notes that a line is behind, what counts a note later


@dataclass(frozen=True, slots=True)
class Pace:
    """The state of a line that follows the density of a take: the notes that it is behind.

    `ticks` are the mean ticks from one onset of the take to the next, and `share` is how much it
    counts.
    """

    ticks: float
    share: float
    behind: float = 0.0

    def after(self, ioi: int) -> Pace:
        """Return the state after a note that came so many ticks after the one before."""
        return replace(self, behind=_KEPT * self.behind + ioi / self.ticks - 1)

    @property
    def faster(self) -> float:
        """The term that is subtracted from the multiplier of the log IOIs."""
        return self.share * min(max(_CATCH * self.behind, -_FASTEST), _FASTEST)


@dataclass(frozen=True, slots=True, eq=False)
class Traits:
    """The measured traits of a line.

    Parameters
    ----------
    values : array, shape (9,)
        By :data:`sideman.models.shaping.TRAITS`; NaN where the line does not show one.
    share : array, shape (9,)
        How much each counts beside the mean of players, 0 to 1, by the notes that show it.
    phrases, rests : array
        The logarithms of their lengths in quarters.
    pitches : tuple of float
        The lowest, the mean and the highest pitch.
    ticks : float
        The mean ticks from one onset to the next; 0 for a single note.
    """

    values: Floats
    share: Floats
    phrases: Floats
    rests: Floats
    pitches: tuple[float, float, float]
    ticks: float

    def pace(self, density: float) -> Pace | None:
        """Return the pace of a line that is so much denser; None where there is a single note."""
        return Pace(self.ticks / density, float(self.share[-1])) if self.ticks else None

    def register(self, low: int, high: int) -> tuple[float, float, float]:
        """Return lowest, mean and highest pitch inside a range, an octave apart or more."""
        lowest, mean, highest = self.pitches
        floor = min(max(lowest, low), high - _OCTAVE)
        ceiling = max(min(highest, high), floor + _OCTAVE)
        return floor, min(max(mean, floor + _INSIDE), ceiling - _INSIDE), ceiling


def measure(events: Events) -> Traits:
    """Return the traits of a line of at least one note."""
    many = len(events)
    lasting = np.array(DURATION_TICKS)[events.duration]
    silence = events.ioi[1:] - lasting[:-1]
    breath = silence >= PHRASE_GAP_TICKS
    first = np.concatenate([[0], np.flatnonzero(breath) + 1])
    last = np.append(np.flatnonzero(breath), many - 1)
    phrases = np.log((events.onset[last] + lasting[last] - events.onset[first]) / 24)
    rests = np.log(silence[breath] / 24)
    sizes = np.abs(events.pitch[1:] - events.pitch[:-1])
    tones, scales = encoding.chord_bits(events.chords)
    at = events.chord_index(events.onset)
    over = np.asarray(tones.any(axis=1))[at]
    classes = events.pitch % 12
    shown = {
        "speed": np.log(events.ioi[1:][~breath]),
        "phrase": phrases,
        "rest": rests,
        "repeats": sizes == 0,
        "steps": (sizes > 0) & (sizes < 3),
        "leaps": sizes > 7,
        "chord_tones": tones[at, classes][over],
        "scale_tones": (tones | scales)[at, classes][over],
    }
    values = [_mean(each, many) for each in shown.values()]
    shares = [len(each) / (len(each) + _SHOWN.get(name, _NOTES)) for name, each in shown.items()]
    lowest, mean, highest = events.pitch.min(), events.pitch.mean(), events.pitch.max()
    return Traits(
        np.array([*values, float(highest - lowest)]),
        np.array([*shares, many / (many + _NOTES)]),
        phrases,
        rests,
        (float(lowest), float(mean), float(highest)),
        float(events.onset[-1] - events.onset[0]) / max(many - 1, 1),
    )


def _mean(shown: NDArray[np.generic], many: int) -> float:
    """Return the mean of numbers, or the log-odds of what is true or false in a line of notes."""
    if not len(shown):
        return math.nan
    mean = float(np.mean(shown.astype(np.float64)))
    if shown.dtype != bool:
        return mean
    return math.log((mean * many + 0.5) / ((1 - mean) * many + 0.5))


def inherited(take: Traits, usual: Floats) -> Floats:
    """Return the manner of a take, shape (9,); `usual` is the mean of players at its tempo."""
    return usual + np.nan_to_num(take.share * (take.values - usual), nan=0.0)
