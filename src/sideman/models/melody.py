"""The tune's melody in a solo: paraphrased phrases, and quotes of its first notes.

*A paraphrase* is planned: of a phrase of the melody some short notes are left out, and some notes
come an eighth early or late.  Landing on a planned onset, and its pitch and length, get rewards in
nats; passing one by, and other notes while it sounds, get penalties.  What is between, in the
melody's rests and long notes, is the networks' own.

*A quote* takes the first notes of the melody, their rhythm and intervals, from the pitch with which
a phrase has begun; a semitone off counts half, so that a quote fits the chord.
"""

from __future__ import annotations

import copy
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sideman.models.encoding import CORE, LOWEST
from sideman.models.events import LOG_DURATIONS, IntArray
from sideman.models.protocol import Setting
from sideman.score import Note

Array = NDArray[np.float32]

_FIRST = 3.0  # how much likelier a phrase is paraphrased in the first chorus than in a later one
_FEWEST, _LONGEST_BARS = 3, 4  # notes in a phrase of the melody; bars
_OWN = 2  # a phrase ends before a wait of so many times the median
_EIGHTH = 12  # ticks by which notes come early or late
_EARLY, _LATE, _DROPPED = 0.25, 0.12, 0.2  # shares of the notes for which that is possible
_LANDS, _BETWEEN = 6.0, 3.0  # nats for an onset of its own, and against others while it sounds
_REACH = 36  # ticks; from a line of its own a solo goes on to the melody, and does not wait for it
_SUNG = 7.0  # nats for its pitch
_NEARS = 1.0  # nats for a pitch within a tone of it, an eighth before at most
_HELD = 0.8  # the multiplier of log durations up to the planned one
_WAIT = 48  # ticks from one note to the next in which there is room for a fill
_FILLED, _APPROACHED = 0.5, 0.3  # shares of the long waits, and of others, that are filled
_FILLS = 6.5  # nats for onsets in a fill
QUICKER = 0.3
"""Less of the multiplier of log IOIs: what follows a sung phrase would be nearly as sparse."""
_QUOTED, _QUOTES = 5, 0.5  # notes; the share of the other phrases that begin with one, for 1
_QUOTE = 4.0  # nats for its onsets, and for its pitches


@dataclass(frozen=True, slots=True)
class Paraphrase:
    """A phrase as it is planned: its notes, and the spans of ticks between them to be filled."""

    notes: tuple[Note, ...]
    fills: tuple[tuple[int, int], ...]


def phrases(melody: Sequence[Note], bar: int) -> list[tuple[Note, ...]]:
    """Return the phrases of a melody, which end at long notes, rests, or after four bars."""
    waits = [after.onset - note.onset for note, after in pairwise(melody)]
    long = _OWN * float(np.median(waits)) if waits else 0.0
    found: list[tuple[Note, ...]] = []
    begin = 0
    for at, wait in enumerate([*waits, None], start=1):
        lasting = melody[at - 1].onset - melody[begin].onset
        ends = wait is None or lasting + wait >= _LONGEST_BARS * bar
        if ends or (at - begin >= _FEWEST and wait is not None and wait >= long):
            found.append(tuple(melody[begin:at]))
            begin = at
    return found


def paraphrased(phrase: Sequence[Note], until: int, rng: Generator) -> Paraphrase:
    """Return a phrase as it is to be played, before the tick of the next one."""
    nexts = [*(note.onset for note in phrase[1:]), until]
    planned: list[Note] = []
    for at, (note, after) in enumerate(zip(phrase, nexts, strict=True)):
        draw = rng.random()
        if at and after - note.onset <= _EIGHTH and draw < _DROPPED:
            continue
        onset = note.onset
        before = planned[-1].onset if planned else onset - 2 * _EIGHTH
        on_beat = onset > 0 and onset % (2 * _EIGHTH) == 0
        if on_beat and onset - before > _EIGHTH and draw < _EARLY:
            onset -= _EIGHTH
        elif after - onset > 2 * _EIGHTH and draw > 1 - _LATE:
            onset += _EIGHTH
        if planned:
            planned[-1] = replace(planned[-1], duration=min(planned[-1].duration, onset - before))
        planned.append(replace(note, onset=onset, duration=min(note.duration, after - onset)))
    fills: list[tuple[int, int]] = []
    for note, after in zip(planned, [*(one.onset for one in planned[1:]), until], strict=True):
        wait, draw = after - note.onset, rng.random()
        if wait >= _WAIT and draw < _FILLED:
            fills.append((after - wait // 2, after))
        elif wait >= 2 * _EIGHTH and draw > 1 - _APPROACHED:
            fills.append((after - _EIGHTH, after - _EIGHTH + 1))
    return Paraphrase(tuple(planned), tuple(fills))


def plan(
    melody: Sequence[Note], setting: Setting, share: float, rng: Generator
) -> list[Paraphrase]:
    """Return a share of the phrases of a melody over all choruses, as they are to be played."""
    changes = setting.changes
    every = phrases(melody, changes.meter.ticks_per_bar)
    second = changes.bar_starts[(*changes.chorus_starts[1:], len(changes.bars))[0]]
    weights = [_FIRST if phrase[0].onset < second else 1.0 for phrase in every]
    # The phrases with the largest keys are a sample without replacement by these weights.
    keys = rng.random(len(every)) ** (1 / np.array(weights))
    chosen = np.sort(np.argsort(-keys, kind="stable")[: round(share * len(every))])
    ends = [*(phrase[0].onset for phrase in every[1:]), changes.length]
    return [paraphrased(every[at], ends[at], rng) for at in chosen.tolist()]


class Head:
    """The melody while a solo is played: the terms that are added to the logits.

    `share` of the melody's phrases are paraphrased; `middle` is the pitch around which the solo
    lies.
    """

    def __init__(self, setting: Setting, share: float, middle: float, rng: Generator) -> None:
        melody = _placed(setting.melody, setting.low, setting.high, middle)
        first = melody[0]
        self._motif = [
            (note.onset - first.onset, note.pitch - first.pitch) for note in melody[1:_QUOTED]
        ]
        self._quote: tuple[tuple[int, int], ...] = ()
        self._share = share
        planned = plan(melody, setting, share, rng)
        self._goals = {note.onset: note for one in planned for note in one.notes}
        self._onsets = sorted(self._goals)
        # By tick, from a bar before the form on.
        self._bar = bar = setting.changes.meter.ticks_per_bar
        self._gain = np.zeros(setting.changes.length + bar, np.float32)
        for one in planned:
            for note in one.notes:
                self._gain[note.onset + bar : note.end + bar] = -_BETWEEN
            for begin, end in one.fills:
                self._gain[begin + bar : end + bar] = _FILLS
        self._sung = self._gain < 0
        at = np.array(self._onsets, np.int64) + bar
        self._gain[at] = _LANDS
        self._passed = np.zeros(len(self._gain), np.float32)
        self._passed[at] = 1
        self._passed = np.cumsum(self._passed)

    def branch(self) -> Head:
        """Return a copy that quotes independently."""
        return copy.copy(self)

    def sings(self, onset: int) -> bool:
        """Return whether a note of the melody is held at a tick: the rhythm is the melody's."""
        return bool(self._sung[onset + self._bar])

    def begin(self, onset: int, pitch: int, rng: Generator) -> None:
        """Plan a quote, or none, at the first note of a phrase of the solo."""
        quote = [(onset + later, pitch + off) for later, off in self._motif]
        clear = quote and not self._sung[onset + self._bar : quote[-1][0] + self._bar].any()
        self._quote = tuple(quote) if rng.random() < _QUOTES * self._share and clear else ()

    def firsts(self, ticks: IntArray) -> Array:
        """Return what is added to the logits that a solo begins at each of some ticks."""
        return self._added(ticks, 0.0)

    def onsets(self, onset: int, landings: IntArray) -> Array:
        """Return what is added to the logits of the next onsets, given the last one's tick."""
        added = self._added(landings, float(self._passed[onset + self._bar]))
        if not self.sings(onset):
            far = landings - onset > _REACH
            added[far] = np.minimum(added[far], 0)
        tick = next((tick for tick, _ in self._quote if tick > onset), None)
        if tick is not None:
            added[landings == tick] += _QUOTE
            added[landings > tick] -= _QUOTE
        return added

    def _added(self, landings: IntArray, passed: float) -> Array:
        """Return the terms of some onsets, less those for passing more notes than `passed`."""
        at = np.minimum(landings + self._bar, len(self._gain) - 1)
        more = self._passed[np.maximum(at - 1, 0)] - np.float32(passed)
        added: Array = self._gain[at] - np.float32(_LANDS) * more
        return added

    def pitches(self, onset: int) -> Array:
        """Return what is added to the logits of the pitches at a tick, shape (72,)."""
        added = np.zeros(CORE, np.float32)
        goal = self._goals.get(onset)
        if goal is not None:
            _add(added, goal.pitch, 0, _SUNG)
            return added
        for tick, pitch in self._quote:
            if tick == onset:
                _add(added, pitch, 1, _QUOTE / 2)
                _add(added, pitch, 0, _QUOTE / 2)
        at = bisect_right(self._onsets, onset)
        if at < len(self._onsets) and self._onsets[at] - onset <= _EIGHTH:
            _add(added, self._goals[self._onsets[at]].pitch, 2, _NEARS)
        return added

    def durations(self, onset: int) -> Array | None:
        """Return what is added to the logits of the durations of a note at a tick, shape (15,)."""
        goal = self._goals.get(onset)
        if goal is None:
            return None
        longest = np.log(np.float32(max(goal.duration, 1)))
        return np.float32(_HELD) * np.minimum(LOG_DURATIONS, longest)


def _add(added: Array, pitch: int, width: int, nats: float) -> None:
    """Add to the pitches within some semitones of one."""
    begin = max(pitch - LOWEST - width, 0)
    added[begin : max(pitch - LOWEST + width + 1, 0)] += np.float32(nats)


def _placed(melody: Sequence[Note], low: int, high: int, middle: float) -> list[Note]:
    """Return a melody moved by octaves to the middle of a solo, each note into the range."""
    median = float(np.median([note.pitch for note in melody]))
    octaves = 12 * round((middle - median) / 12)

    def within(pitch: int) -> int:
        over, under = max(pitch - high, 0), max(low - pitch, 0)
        return pitch - 12 * -(-over // 12) + 12 * -(-under // 12)

    return [replace(note, pitch=within(note.pitch + octaves)) for note in melody]
