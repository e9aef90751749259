"""Chords inferred from notes, where no chord is written and no bass plays.

A hidden Markov model over half bars (L. Rabiner, 1989): its states are a root and one of six
classes, its observations the pitch classes that sound, weighted by length and by how many notes
sound together. Chords follow each other as in jazz standards. Each chord has a confidence, its
posterior probability; where this is low, no chord is given. The model takes notes by bar
(:func:`notes_by_bar`) and nothing of the file, so that another model can take its place.

The figures are in ``docs/formats.md``; ``benchmarks/piano_chords.py`` measures them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sideman.formats.midi.bars import BarLines
from sideman.score import Note
from sideman.theory.chord import NO_CHORD, Chord, Quality
from sideman.theory.meter import TICKS_PER_QUARTER
from sideman.theory.pitch import PitchName

LEAST_CONFIDENCE = 0.3
"""The posterior probability below which no chord is given."""
MOST_WINDOWS = 2000
"""The longest piece in half bars that gets chords."""
_LONGEST_HELD, _MOST_NOTES = 16, 200  # windows of a held note; notes of a window
_LEAST_MEAN = 0.6  # of a whole file, below which it gets no chords
_LEAST_FULL = 0.25  # the least share of windows with three pitch classes together
_EIGHTH = TICKS_PER_QUARTER // 2
_LOW = 48  # below C3 a note is a bass
_SILENT_WINDOWS = 8
_TRUST, _MISSING = 1.2, 0.6
_SHORTEST_FORM, _LONGEST_FORM = 16, 256  # windows
_ALIKE, _STANDS_OUT = 0.6, 0.1  # the least likeness of two choruses, and more than usual
_LINE_WEIGHT, _HELD_OVER, _ONLY_HELD = 0.5, 0.2, 0.1

_CLASSES = ("major", "dominant", "minor", "half-diminished", "diminished", "suspended")
# Voicings: the class, its share in standards in per cent, and the probability in per cent of each
# pitch class above the root where the root is left to a bass, as sideman's pianist plays them.
_VOICINGS = """
    0 63   8  3 86  4 92  4  8 72  2  6  3 90
    0 37  39  3 57  2 92  5  3 81  2 59  3  6
    1 77   6  3 85  7 89  3  2 21  3 71 86  2
    1 23  11 43 20 24 88  3 21 49 23  7 86  2
    2 75  13  2 79 96  2  4  2 80  3 14 83  2
    2 25  50  2 48 89  2  5  3 84  5 42  4 11
    3 99  74  3  2 97  2  3 92  2  2 18 81  2
    4 99  66  8  7 89  9  2 86  2  9 83  4  8
    5 99  12  8 79  2  8 88  2 71  3 13 89  3
"""
_ROOTED, _FIFTH = 0.92, 0.6  # the probabilities of root and fifth where roots are played
_FEWEST_BASSES = 0.2  # the share of windows with a bass below which roots are left out
# The next chord after one of each class, in thousandths: for each motion of the root in semitones
# the six classes, counted in the chord charts of 1,280 standards.
_MOTIONS = """
    0 35 37 1 4 1 | 12 7 9 7 35 1 | 16 21 83 2 0 2 | 5 11 8 0 13 1
    4 25 29 7 0 1 | 48 66 19 0 0 1 | 4 15 11 21 1 1 | 25 38 39 1 0 10
    9 6 2 0 1 0 | 6 58 92 2 0 0 | 19 13 5 1 0 1 | 15 29 37 22 1 3
    1 0 40 3 0 1 | 6 12 3 1 6 0 | 16 7 6 1 0 0 | 3 4 3 0 0 0
    2 2 7 2 0 0 | 275 120 190 6 1 5 | 2 7 23 3 1 0 | 7 13 37 4 0 0
    2 2 4 0 0 0 | 1 10 24 6 0 1 | 4 11 3 0 0 1 | 18 61 26 4 0 2
    1 7 0 2 0 0 | 13 8 6 0 8 0 | 1 14 22 19 0 0 | 4 6 12 0 0 1
    1 1 4 1 0 0 | 4 546 85 1 0 11 | 1 6 1 0 1 0 | 14 21 13 1 0 1
    10 13 6 0 0 1 | 0 4 5 22 0 0 | 16 4 18 0 0 1 | 4 19 19 3 14 0
    0 3 3 0 1 0 | 1 3 2 0 0 0 | 1 0 1 0 0 0 | 0 0 2 1 0 0
    0 1 0 0 0 0 | 1 821 2 18 0 4 | 2 7 0 0 0 0 | 0 1 0 0 0 0
    0 2 3 0 0 0 | 1 0 0 0 1 0 | 6 2 12 0 0 1 | 18 41 31 4 1 0
    31 7 0 0 0 0 | 13 23 284 5 1 9 | 3 1 7 0 0 0 | 2 0 0 3 0 0
    3 5 7 0 0 0 | 1 2 0 1 2 0 | 111 32 10 1 1 0 | 6 1 4 0 0 3
    0 1 7 1 0 0 | 65 9 0 0 0 1 | 6 1 20 3 0 0 | 16 3 282 6 5 0
    19 288 9 2 0 0 | 10 0 0 0 2 1 | 13 5 19 4 0 21 | 1 0 6 0 0 17
    2 7 4 2 0 4 | 258 17 27 1 5 12 | 10 2 6 1 1 0 | 2 1 17 0 0 10
    18 1 1 0 0 2 | 7 5 10 9 0 34 | 7 11 12 0 2 11 | 4 21 7 7 1 19
"""
# The share of the time of each chord in a major and in a minor key, in thousandths: for each root
# above the tonic the six classes, counted in the same charts.
_IN_KEYS = """
    175 46 10 0 1 4 | 6 8 3 1 4 1 | 4 43 112 6 0 1 | 7 8 5 0 8 1
    6 24 38 7 0 1 | 43 25 19 0 1 1 | 3 5 6 7 4 0 | 7 120 18 1 0 8
    9 12 2 0 1 1 | 3 56 47 1 0 1 | 8 25 4 0 0 1 | 3 15 5 7 0 1
    12 24 285 1 0 1 | 18 18 6 0 0 0 | 3 24 13 41 0 1 | 35 17 10 0 1 3
    4 5 8 1 0 0 | 11 29 63 1 0 5 | 5 6 1 1 2 1 | 5 106 15 4 1 5
    38 29 10 0 2 0 | 2 10 5 11 2 1 | 7 28 21 0 0 10 | 11 8 4 1 2 0
"""
_SIGNED = 2.0  # how much a key with the signature is favoured in each window
_KEY_WEIGHT = 0.4  # how much the key counts beside the chord before
_SAME_KEY = 0.99  # the probability that the key lasts through the next window
# The probability that a chord lasts through the next window: within a bar, over a bar line.
_STAY, _STAY_AT_BAR = 0.25, 0.12
_SUFFIXES = {"half-diminished": "m7b5", "diminished": "dim7", "suspended": "7sus4"}


@dataclass(frozen=True, slots=True)
class BarNotes:
    """The notes that begin in a window of a bar, onsets in ticks from the start of the file."""

    start: int
    end: int
    notes: tuple[Note, ...]
    downbeat: bool = True


@dataclass(frozen=True, slots=True)
class Guess:
    """An inferred chord at a tick from the start of the file, with its confidence from 0 to 1."""

    tick: int
    chord: Chord
    confidence: float


def notes_by_bar(notes: Iterable[Note], lines: BarLines) -> tuple[BarNotes, ...]:
    """Return the notes by bar, or by half bar where the meter has halves.

    A chord struck in the last eighth, or a note that lasts longer after the bar line than before
    it, is an anticipation, and belongs to the next window.
    """
    starts: list[int] = []
    downbeats = {*lines.starts}
    for start, meter in zip(lines.starts, lines.meters, strict=True):
        starts.append(start)
        if meter.beats % 2 == 0 and meter.beats >= 4:
            starts.append(start + meter.ticks_per_bar // 2)
    edges = (*starts, lines.end(-1))
    windows = BarLines(tuple(starts), ())
    held: list[list[Note]] = [[] for _ in starts]
    strokes: dict[int, set[int]] = {}
    listed = list(notes)
    for note in listed:
        strokes.setdefault(note.onset, set()).add(note.pitch % 12)
    for note in listed:
        index = windows.bar_at(note.onset)
        after = edges[index + 1]
        ahead = after - note.onset
        chord = len(strokes[note.onset]) >= 3 and index + 1 < len(starts)
        if 0 < ahead <= _EIGHTH and (chord or note.end - after > ahead):
            note = replace(note, onset=after, duration=max(ahead, note.end - after))
            index += 1
        # A held note sounds in the next windows too.
        for place in range(index, min(index + _LONGEST_HELD, len(starts))):
            if len(held[place]) < _MOST_NOTES:
                held[place].append(note)
            if note.end <= edges[place + 1]:
                break
    return tuple(
        BarNotes(start, end, tuple(group), start in downbeats)
        for start, end, group in zip(edges, edges[1:], held, strict=False)
    )


def infer(bars: Sequence[BarNotes], signature: int = 0) -> tuple[Guess, ...]:
    """Return the chords that are likely, by rising tick; none where the notes are no harmony.

    Keys with the signature, in sharps or negative flats, are favoured; 0 may mean that none is set.

    A chord lasts until the next guess. Where nothing is likely for two bars, or nothing sounds for
    four, the chord is N.C.
    """
    if len(bars) > MOST_WINDOWS:
        return ()
    heard = [_observed(bar) for bar in bars]
    full = sum(notes.together for notes in heard if notes is not None)
    sounding = sum(notes is not None for notes in heard)
    if not sounding or full < _LEAST_FULL * sounding:
        return ()
    basses = sum(notes is not None and notes.bass is not None for notes in heard)
    sounds = _tables()[int(basses < _FEWEST_BASSES * sounding)]
    scores = np.stack([_scores(notes, sounds) for notes in heard])
    period = _period(heard)
    if period:
        # The same bar of another chorus has the same chord.
        whole = scores.copy()
        for i in range(len(scores)):
            others = range(i % period, len(scores), period)
            whole[i] = np.mean([scores[k] for k in others], axis=0) * min(2, len(others)) ** 0.5
        scores = whole
    path, confidence = _decoded(scores, bars, signature)
    sure = [confidence[i] for i, notes in enumerate(heard) if notes is not None]
    if float(np.mean(sure)) < _LEAST_MEAN:
        return ()
    return tuple(_guesses(bars, heard, path, confidence))


def _period(heard: Sequence[_Heard | None]) -> int:
    """Return after how many windows the harmony repeats, as choruses do; 0 if it does not."""
    sounds = np.array([notes.weights if notes is not None else [0.0] * 12 for notes in heard])
    norms = np.linalg.norm(sounds, axis=1)
    unit = sounds / np.maximum(norms, 1e-9)[:, None]
    alike: dict[int, float] = {}
    for lag in range(_SHORTEST_FORM, min(_LONGEST_FORM, len(heard) // 2) + 1):
        both = (norms[lag:] > 0) & (norms[:-lag] > 0)
        if both.sum() >= _SHORTEST_FORM:
            alike[lag] = float((unit[lag:] * unit[:-lag]).sum(axis=1)[both].mean())
    if not alike:
        return 0
    best = max(alike, key=lambda lag: (round(alike[lag], 3), -lag))
    usual = float(np.median([*alike.values()]))
    return best if alike[best] >= _ALIKE and alike[best] - usual >= _STANDS_OUT else 0


@dataclass(frozen=True, slots=True)
class _Heard:
    """What sounds in a window: the weight of each pitch class, and the bass."""

    weights: tuple[float, ...]
    bass: int | None
    together: bool
    struck: bool


def _observed(bar: BarNotes) -> _Heard | None:
    """Return what sounds in a window; None in silence."""
    if not bar.notes:
        return None
    length = bar.end - bar.start
    onsets: dict[int, list[Note]] = {}
    for note in bar.notes:
        onsets.setdefault(note.onset, []).append(note)
    # Whether a chord is struck here; then notes held from before hardly count.
    own = any(
        onset >= bar.start and len({note.pitch % 12 for note in struck}) >= 3
        for onset, struck in onsets.items()
    )
    weights = [0.0] * 12
    together = False
    for note in bar.notes:
        share = (min(note.end, bar.end) - max(note.onset, bar.start)) / length
        with_it = [
            other.pitch % 12
            for other in bar.notes
            if other.onset < note.end and note.onset < other.end
        ]
        stroke = len({other.pitch % 12 for other in onsets[note.onset]})
        chordal = stroke >= 3 or (len({*with_it}) >= 3 and share >= 0.5)
        together |= len({*with_it}) >= 3
        # A note of a line counts less than one of a chord; a short one less than a long one.
        weight = 1.0 if chordal else min(_LINE_WEIGHT, share)
        if note.onset < bar.start:  # held from the window before
            weight = min(weight, share * (_HELD_OVER if own else 1.0))
        weights[note.pitch % 12] = max(weights[note.pitch % 12], weight)
    lowest = min(bar.notes, key=lambda note: note.pitch)
    bass = lowest.pitch % 12 if lowest.pitch < _LOW else None
    struck = any(note.onset >= bar.start for note in bar.notes)
    return _Heard(tuple(weights), bass, together, struck)


@lru_cache(maxsize=1)
def _tables() -> tuple[NDArray[np.float64], ...]:
    """Return the pitch classes of each state, rooted and rootless, and the moves between states.

    A state is a voicing and a root: 12 times the number of the voicing plus the pitch class.
    """
    rows = np.array([row.split() for row in _VOICINGS.strip().splitlines()], float)
    kinds, shares, rootless = rows[:, 0].astype(int), rows[:, 1] / 100, rows[:, 2:] / 100
    rooted = rootless.copy()
    rooted[:, 0] = _ROOTED
    fifths = (kinds != _CLASSES.index("half-diminished")) & (kinds != _CLASSES.index("diminished"))
    rooted[fifths, 7] = np.maximum(rooted[fifths, 7], _FIFTH)
    tables = [
        np.stack([np.roll(row, root) for row in table for root in range(12)])
        for table in (rooted, rootless)
    ]
    motions = np.array(_MOTIONS.replace("|", " ").split(), float).reshape(6, 12, 6) + 0.3
    motions /= motions.sum(axis=(1, 2), keepdims=True)
    states = [(number, root) for number in range(len(kinds)) for root in range(12)]
    moves = np.array(
        [
            [motions[kinds[one], (to - root) % 12, kinds[two]] * shares[two] for two, to in states]
            for one, root in states
        ]
    )
    np.fill_diagonal(moves, 0)
    return *tables, moves / moves.sum(axis=1, keepdims=True)


@lru_cache(maxsize=2)
def _moves(stay: float) -> NDArray[np.float64]:
    """Return the probabilities of the next state, where a chord lasts with that probability."""
    moves = _tables()[2]
    total: NDArray[np.float64] = moves * (1 - stay) + np.eye(len(moves)) * stay
    return total


@lru_cache(maxsize=1)
def _keys() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the weight of each state in each of 24 keys, and the moves between keys."""
    shares = np.array(_IN_KEYS.replace("|", " ").split(), float).reshape(2, 12, 6) + 1
    kinds = [int(row.split()[0]) for row in _VOICINGS.strip().splitlines()]
    weights = np.array(
        [
            [
                shares[mode, (root - tonic) % 12, kind] ** _KEY_WEIGHT
                for kind in kinds
                for root in range(12)
            ]
            for mode in range(2)
            for tonic in range(12)
        ]
    )
    moves = np.full((24, 24), (1 - _SAME_KEY) / 23)
    np.fill_diagonal(moves, _SAME_KEY)
    # Relative to all keys, as the chord before already favours the usual classes.
    return weights / weights.mean(axis=0), moves


def _scores(notes: _Heard | None, states: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log likelihood of each state for what sounds in a window."""
    if notes is None:
        return np.zeros(len(states))
    weights = np.array(notes.weights)
    present = weights @ np.log(states).T
    # What does not sound counts less where little sounds.
    missing = ((weights == 0) * min(1.0, weights.sum() / 3)) @ np.log(1 - states).T
    score: NDArray[np.float64] = _TRUST * (present + _MISSING * missing)
    if notes.bass is not None:
        above = (notes.bass - np.arange(len(states)) % 12) % 12
        score = score + np.select([above == 0, np.isin(above, (7, 3, 4))], [1.8, 0.3], -0.8)
    # What is only held over may belong to the chord before.
    return score if notes.struck else score * _ONLY_HELD


def _decoded(
    scores: NDArray[np.float64], bars: Sequence[BarNotes], signature: int
) -> tuple[list[int], list[float]]:
    """Return the likeliest root and class of each window, and their posterior probabilities."""
    count = len(scores)
    stays = [_STAY_AT_BAR if bar.downbeat else _STAY for bar in bars]
    seen = np.exp(scores - scores.max(axis=1, keepdims=True))
    in_key, between = _keys()
    if signature:
        tonic = signature * 7 % 12
        favoured = [tonic, 12 + (tonic + 9) % 12]
        in_key = in_key.copy()
        in_key[favoured] *= _SIGNED
    # Keys by states; scaled, so that only ratios count.
    forward = np.zeros((count, *in_key.shape))
    forward[0] = in_key * seen[0]
    for i in range(1, count):
        ahead = (between.T @ forward[i - 1]) @ _moves(stays[i]) * in_key * seen[i]
        forward[i] = ahead / ahead.sum()
    backward = np.ones_like(forward)
    for i in range(count - 2, -1, -1):
        behind = between @ ((backward[i + 1] * in_key * seen[i + 1]) @ _moves(stays[i + 1]).T)
        backward[i] = behind / behind.sum()
    posterior = (forward * backward).sum(axis=1)
    posterior /= posterior.sum(axis=1, keepdims=True)
    kinds = [int(row.split()[0]) for row in _VOICINGS.strip().splitlines()]
    merged = np.zeros((count, 12 * len(_CLASSES)))
    for number, kind in enumerate(kinds):
        merged[:, 12 * kind : 12 * kind + 12] += posterior[:, 12 * number : 12 * number + 12]
    path = merged.argmax(axis=1)
    return path.tolist(), merged[np.arange(count), path].tolist()


def _guesses(
    bars: Sequence[BarNotes],
    heard: Sequence[_Heard | None],
    path: Sequence[int],
    confidence: Sequence[float],
) -> Iterable[Guess]:
    """Yield a guess where the chord changes."""
    last: tuple[int, Chord] | None = None
    silent = unlikely = 0
    for i, (bar, notes, state, sure) in enumerate(zip(bars, heard, path, confidence, strict=True)):
        silent = silent + 1 if notes is None else 0
        unlikely = unlikely + 1 if sure < LEAST_CONFIDENCE and notes is not None else 0
        if last is not None and last[0] >= 0 and (silent == _SILENT_WINDOWS or unlikely == 4):
            begin = i + 1 - (silent or unlikely)
            yield Guess(bars[begin].start, NO_CHORD, 1.0 - sure)
            last = (-1, NO_CHORD)
        if sure < LEAST_CONFIDENCE or notes is None:
            continue
        if last is None or last[0] != state:
            end = i
            while end + 1 < len(path) and path[end + 1] == state:
                end += 1
            chord = _named(state, heard[i : end + 1])
            yield Guess(bar.start, chord, round(sure, 3))
            last = (state, chord)


def _named(state: int, windows: Sequence[_Heard | None]) -> Chord:
    """Return the chord of a state, with the sixth or seventh that sounds most."""
    kind, root = _CLASSES[state // 12], state % 12
    weights = np.sum([notes.weights for notes in windows if notes is not None], axis=0)

    def above(semitones: int) -> float:
        return float(weights[(root + semitones) % 12])

    suffix = _SUFFIXES.get(kind, "7")
    if kind == "major":
        suffix = "maj7" if above(11) and above(11) >= above(9) else "6" if above(9) else ""
    elif kind == "minor":
        suffix = "m7" if above(10) and above(10) >= above(9) else "m6" if above(9) else "m"
    # Minor chords prefer sharps more than others do: C#m7, but Db7.
    flattest = -3 if kind in ("minor", "half-diminished", "diminished") else -5
    name = PitchName((root * 7 - flattest) % 12 + flattest)
    return Chord(name, Quality.parse(suffix))
