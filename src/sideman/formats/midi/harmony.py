"""Chords inferred from notes, where no chord is written and no bass plays.

A hidden Markov model over half bars (L. Rabiner, 1989): its states are a key, a root and one of
the usual voicings, its observations the pitch classes of the chords that are struck, the lowest
of them, and a line above them. A file is read as rootless voicings or as chords in close
position, whichever fits better. Chords follow each other as in ``progressions.txt``. Each chord
has a confidence, its posterior probability; where this is low, no chord is given. The model takes
notes by bar (:func:`notes_by_bar`) and nothing of the file. With a
:data:`~.prior.Prior`, which depends on the place of a chord and on all chords before it, the
chords are decoded a second time; the probabilities of the next chord are a mixture of both.

The figures are in ``docs/formats.md``; ``benchmarks/piano_chords.py`` measures them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from sideman.formats.midi.bars import BarLines
from sideman.formats.prior import CHORDS, CLASSES, Decoding, Prior
from sideman.score import Bar, Changes, Note
from sideman.theory.chord import NO_CHORD, Chord, Quality
from sideman.theory.meter import TICKS_PER_QUARTER, Meter
from sideman.theory.pitch import PitchName

LEAST_CONFIDENCE = 0.3
"""The posterior probability below which no chord is given."""
MOST_WINDOWS = 2000
"""The longest piece in half bars that gets chords."""
_KEYS = 24
_LONGEST_HELD, _MOST_NOTES = 16, 200  # windows of a held note; notes of a window
_LEAST_MEAN = 0.6  # of a whole file, below which it gets no chords
_LEAST_FIT = -4.0  # the least mean log likelihood of the best voicing; that of chance is -5 to -14
_LEAST_FULL = 0.25  # the least share of windows with three pitch classes together
_EIGHTH = TICKS_PER_QUARTER // 2
_LOW = 48  # below C3 a note is a bass
_SILENT_WINDOWS = 8
_TRUST = 1.6
# Windows at least 8 apart share a chord where they and 4 windows around sound alike: the mean
# cosine is at least 0.92. Of 0.75, 0.85 and 0.92 this had most roots right.
_AROUND, _APART, _ALIKE = 4, 8, 0.92
_LINE_WEIGHT, _HELD_OVER, _ONLY_HELD = 2.0, 0.2, 0.1

# What is told apart only by the chords around it counts as one class in the result.
_FAMILY = (0, 1, 1, 2, 2, 3, 4, 5)
_FAMILIES = ("major", "dominant", "minor", "half-diminished", "diminished", "suspended")
# The voicings of each class in semitones above the root: those that are usual, less usual and rare.
# The first leave the root to a bass, the second have all chord tones.
_VOICINGS = {
    "rootless": """
        2 4 7 11 | 2 4 7 9, 0 4 7 | 2 4 6 11, 0 4 7 11, 0 4 7 9
        2 4 9 10 | 2 4 7 10 | 4 7 9 10, 2 4 6 10, 0 4 7 10
        1 4 7 10 | | 3 4 7 10, 3 4 8 10, 0 4 8 10, 1 4 8 10, 1 4 9 10
        2 3 7 10 | 0 3 7 10 | 0 3 7, 2 3 5 10
        2 3 7 9 | 0 3 7 | 2 3 7 11, 0 3 7 9
        0 3 6 10 | | 3 5 6 10
        0 3 6 9 | | 2 3 6 9
        2 5 7 10 | | 2 5 9 10, 0 5 7 10, 1 5 7 10
    """,
    "close": """
        0 4 7, 0 4 7 11, 0 4 7 9 | |
        0 4 7 10 | 0 2 4 7 10 |
        0 1 4 7 10 | 0 4 8 10 |
        0 3 7 10 | | 0 2 3 7 10
        0 3 7 | 0 3 7 9 | 0 3 7 11
        0 3 6 10 | |
        0 3 6 9 | | 0 3 6
        0 5 7 10 | 0 2 5 7 10 | 0 5 7, 0 2 7
    """,
}
_USUAL = (100, 40, 4)
_PRESENT, _ABSENT = 0.9, 0.06  # the probabilities of a pitch class of the voicing and of another
# The lowest note of a rootless voicing is a guide tone of its class this many times as often as
# each other note: third or seventh (forms A and B), or what stands for them.
_GUIDES = "4 9 11 | 4 10 | 4 10 | 3 10 | 3 9 11 | 3 10 | 3 6 9 | 5 10"
_AT_BOTTOM = 8
# How often a line sounds each pitch class above the root of each class: chord tones more than the
# other notes of the usual scale, and these more than the rest.
_LINES = """
    16 1 10 2 18 4 3 16 2 12 2 9
    16 3 9 4 17 4 3 14 3 10 16 2
    16 5 5 6 17 4 5 10 6 6 16 2
    15 1 9 17 2 9 2 16 3 6 14 3
    16 1 9 17 2 9 2 16 3 10 6 7
    14 3 4 18 2 8 18 2 7 3 16 2
    16 2 6 16 2 6 16 2 6 16 2 6
    16 2 12 2 4 17 2 16 2 9 16 2
"""
_GAP, _SAME_END = 7, 3  # semitones between a melody and the chord below; ticks
_ROOTED, _FIFTH = 0.92, 0.6  # the probabilities of root and fifth where roots are played
_FEWEST_BASSES = 0.2  # the share of windows with a bass below which roots are left out
_TABLES = Path(__file__).with_name("progressions.txt")
_SMOOTH = (3.0, 1.0)  # added to each number of the two tables, in thousandths
_SIGNED = 2.0  # how much a key with the signature is favoured in each window
_KEY_WEIGHT = 0.6  # how much the key counts beside the chord before
_SAME_KEY = 0.99  # the probability that the key lasts through the next window
# The probability that a voicing lasts through the next window: within a bar, over a bar line,
_STAY, _STAY_AT_BAR = 0.4, 0.25
# where nothing is struck, and where the same pitch classes sound as before.
_STAY_UNSTRUCK, _STAY_AS_IT_SOUNDS, _SAME = 0.6, 0.6, 0.95
_REVOICED = 0.06  # the probability that a chord is followed by itself in another voicing
_PRIOR = 0.2  # the weight of a prior; of 0, 0.1, 0.2, 0.3 and 0.5 best for 60 charts of iReal Pro
_SUFFIXES = {"half-diminished": "m7b5", "diminished": "dim7", "suspended": "7sus4"}


@dataclass(frozen=True, slots=True)
class BarNotes:
    """The notes that begin in a window of a bar, onsets in ticks from the start of the file."""

    start: int
    end: int
    notes: tuple[Note, ...]
    downbeat: bool = True
    meter: Meter = Meter()


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
    meters: list[Meter] = []
    downbeats = {*lines.starts}
    for start, meter in zip(lines.starts, lines.meters, strict=True):
        starts.append(start)
        meters += [meter] * (1 + (meter.beats % 2 == 0 and meter.beats >= 4))
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
        BarNotes(start, end, tuple(group), start in downbeats, meter)
        for start, end, group, meter in zip(edges, edges[1:], held, meters, strict=False)
    )


def infer(
    bars: Sequence[BarNotes], signature: int = 0, prior: Prior | None = None
) -> tuple[Guess, ...]:
    """Return the chords that are likely, by rising tick; none where the notes are no harmony.

    Keys with the signature, in sharps or negative flats, are favoured; 0 may mean that none is set.
    The `prior` is computed from a first decoding.

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
    rooted = basses >= _FEWEST_BASSES * sounding
    styles = [_voicings(name) for name in (("rooted",) if rooted else _VOICINGS)]
    scored = [(_scored(heard, style), style) for style in styles]
    scores, style = max(scored, key=lambda one: _fit(*one))
    struck = [i for i, notes in enumerate(heard) if notes is not None and notes.struck]
    if not struck or float(scores[struck].max(axis=1).mean()) < _LEAST_FIT:
        return ()
    scores = _shared(scores, heard)
    stays = _lasting(bars, heard)
    chords, keys = _decoded(style, scores, stays, signature)
    sounds = np.array([notes is not None for notes in heard])
    # Whether there is a harmony is decided by what sounds; the prior chooses among its chords.
    if float(_likeliest(chords)[1][sounds].mean()) < _LEAST_MEAN:
        return ()
    if prior is not None:
        moves = prior(_decoding(bars, int(sounds.argmax()), chords, keys))
        changed = {at: _changed(*rows) for at, rows in moves.items()}
        chords, _ = _decoded(style, scores, stays, signature, changed)
    path, confidence = _likeliest(chords)
    return tuple(_guesses(bars, heard, path.tolist(), confidence.tolist()))


def _likeliest(chords: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the likeliest root and family of each window, and their probabilities."""
    by_class = chords.reshape(len(chords), -1, 12)
    firsts = np.unique(_FAMILY, return_index=True)[1]
    merged = np.add.reduceat(by_class, firsts, axis=1).reshape(len(chords), -1)
    path = merged.argmax(axis=1)
    return path, merged[np.arange(len(path)), path]


def _decoding(
    bars: Sequence[BarNotes],
    sounding: int,
    chords: NDArray[np.float64],
    keys: NDArray[np.float64],
) -> Decoding:
    """Return a decoding from the bar of the first window that sounds."""
    begin = max(i for i in range(sounding + 1) if bars[i].downbeat)
    start = bars[begin].start
    best, family = _likeliest(chords)[0], np.array(_FAMILY)
    of_best = (family[:, None] == best[:, None, None] // 12) & (
        np.arange(12) == best[:, None, None] % 12
    )
    return Decoding(
        Changes(tuple(Bar((), bar.meter) for bar in bars[begin:] if bar.downbeat)),
        begin,
        tuple(bar.start - start for bar in bars[begin:]),
        np.where(of_best.reshape(len(bars), -1), chords, -1).argmax(axis=1),
        chords,
        int(keys.argmax()),
    )


def _changed(
    before: NDArray[np.int64], given: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the change of the model's probabilities after some chords by those of a prior.

    Its dominants are plain or altered in the proportion of the model. Shape (keys, before, chords).
    """
    old = _model().moves[:, before]
    rows = np.arange(len(before))
    new = np.repeat(given[None], _KEYS, axis=0)
    plain, altered = (slice(12 * at, 12 * at + 12) for at in (1, 2))
    share = old[:, :, plain] / (old[:, :, plain] + old[:, :, altered])
    new[:, :, altered] = new[:, :, plain] * (1 - share)
    new[:, :, plain] *= share
    new[:, rows, before] = 0
    new *= (1 - _REVOICED) / np.maximum(new.sum(axis=2, keepdims=True), 1e-9)
    new[:, rows, before] = _REVOICED
    return before, _PRIOR * (new - old)


def _shared(scores: NDArray[np.float64], heard: Sequence[_Heard | None]) -> NDArray[np.float64]:
    """Return the scores with those of the windows that sound alike, as in other choruses."""
    sounds = np.array([notes.weights if notes is not None else [0.0] * 12 for notes in heard])
    norms = np.linalg.norm(sounds, axis=1)
    unit = sounds / np.maximum(norms, 1e-9)[:, None]
    count, span = len(scores), 2 * _AROUND + 1

    def around(pairs: NDArray[np.float64]) -> NDArray[np.float64]:
        padded = np.pad(pairs, _AROUND)
        total = np.zeros_like(pairs)
        for k in range(span):
            total += padded[k : k + count, k : k + count]
        return total

    both = np.outer(norms > 0, norms > 0).astype(float)
    alike = around(unit @ unit.T) >= _ALIKE * np.maximum(1, around(both))
    places = np.arange(count)
    apart = np.abs(places[:, None] - places)
    same = (alike & (apart >= _APART)) | (apart == 0)
    many = same.sum(axis=1, keepdims=True)
    # They count as the square root of two windows, as a repeated chord has a repeated voicing.
    shared: NDArray[np.float64] = same @ scores / many * np.minimum(2, many) ** 0.5
    return shared


@dataclass(frozen=True, slots=True)
class _Heard:
    """Weights of the pitch classes in the chords and lines of a window, and its bass.

    `bottom` is the lowest pitch class of the chords, if any.
    """

    weights: tuple[float, ...]
    line: tuple[float, ...]
    bass: int | None
    bottom: int | None
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
    weights, line = [0.0] * 12, [0.0] * 12
    together = False
    low: list[int] = []
    strokes: dict[int, set[int]] = {}
    for note in bar.notes:
        share = (min(note.end, bar.end) - max(note.onset, bar.start)) / length
        others = [
            other
            for other in bar.notes
            if other is not note and other.onset < note.end and note.onset < other.end
        ]
        with_it = {note.pitch % 12, *(other.pitch % 12 for other in others)}
        together |= len(with_it) >= 3
        stroke = onsets[note.onset]
        struck = len({other.pitch % 12 for other in stroke}) >= 3
        chordal = struck or (len(with_it) >= 3 and share >= 0.5)
        # A melody is on top, far above the chord or of another length.
        below = max((other.pitch for other in others), default=0)
        like_it = [o for o in stroke if o is not note and abs(o.end - note.end) <= _SAME_END]
        if note.pitch >= below and (note.pitch - below >= _GAP or not like_it):
            chordal = False
        weight = 1.0 if chordal else share
        if note.onset < bar.start:  # held from the window before
            weight = min(weight, share * (_HELD_OVER if own else 1.0))
        if chordal:
            weights[note.pitch % 12] = max(weights[note.pitch % 12], weight)
            if note.onset >= bar.start:
                strokes.setdefault(note.pitch % 12, set()).add(note.onset)
            if note.onset >= bar.start or not own:
                low.append(note.pitch)
        else:
            line[note.pitch % 12] += weight
    # Of several strokes, what is in few of them passes.
    every = len(set().union(*strokes.values()))
    for tone, times in strokes.items():
        weights[tone] = min(weights[tone], len(times) / every)
    lowest = min(bar.notes, key=lambda note: note.pitch)
    bass = lowest.pitch % 12 if lowest.pitch < _LOW else None
    struck = any(note.onset >= bar.start for note in bar.notes)
    bottom = min(low) % 12 if low else None
    return _Heard(tuple(weights), tuple(line), bass, bottom, together, struck)


@dataclass(frozen=True, slots=True)
class _Voicings:
    """The voicings of a style; a state is a voicing on a root, 12 times the voicing plus the root.

    `chords` is the chord of each state, 12 times the class plus the root; `shares` the probability
    of the voicing of a chord; `sounds` the probability of each pitch class in each state;
    `bottoms` the log likelihood of each pitch class as the lowest; `firsts` the first voicing of
    each class.
    """

    chords: NDArray[np.int64]
    shares: NDArray[np.float64]
    sounds: NDArray[np.float64]
    bottoms: NDArray[np.float64]
    firsts: NDArray[np.int64]

    def summed(self, states: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sums over the voicings of each chord, by rows."""
        by_voicing = states.reshape(len(states), -1, 12)
        total: NDArray[np.float64] = np.add.reduceat(by_voicing, self.firsts, axis=1)
        return total.reshape(len(states), -1)


@lru_cache
def _voicings(style: str) -> _Voicings:
    """Return the voicings that are rootless, close, or rooted: either above a root or bass."""
    kinds, weights, rows = [], [], []
    table = _VOICINGS["rootless" if style == "rooted" else style]
    for kind, row in enumerate(table.strip().splitlines()):
        for weight, group in zip(_USUAL, row.split("|"), strict=True):
            for tones in filter(None, map(str.split, group.split(","))):
                kinds.append(kind)
                weights.append(weight)
                held = {*map(int, tones)}
                rows.append([_PRESENT if tone in held else _ABSENT for tone in range(12)])
    sounds, bottoms = np.array(rows), np.zeros((len(rows), 12))
    if style == "rooted":
        sounds[:, 0] = _ROOTED
        fifths = np.array(["diminished" not in CLASSES[kind] for kind in kinds])
        sounds[fifths, 7] = np.maximum(sounds[fifths, 7], _FIFTH)
    if style == "rootless":
        guides = [{*map(int, group.split())} for group in _GUIDES.split("|")]
        often = [[_AT_BOTTOM if tone in held else 1 for tone in range(12)] for held in guides]
        share = np.array(often) / np.sum(often, axis=1, keepdims=True)
        bottoms = np.log(12 * share)[kinds]
    shares = np.array(weights) / np.bincount(kinds, weights)[kinds]
    return _Voicings(
        chords=np.array([12 * kind + root for kind in kinds for root in range(12)]),
        shares=np.repeat(shares, 12),
        sounds=_on_all_roots(sounds),
        bottoms=_on_all_roots(bottoms),
        firsts=np.unique(kinds, return_index=True)[1],
    )


@dataclass(frozen=True, slots=True)
class _Model:
    """Probabilities of the next chord and of the notes of lines over a chord.

    `lines` is the log likelihood of each pitch class of a line for each chord; `moves` the
    probability of the next chord in each of 24 keys; `usual` of each chord in each key.
    """

    lines: NDArray[np.float64]
    moves: NDArray[np.float64]
    usual: NDArray[np.float64]


@lru_cache(maxsize=1)
def _model() -> _Model:
    """Return the tables of the model, turned to each root and key."""
    lines = np.array([row.split() for row in _LINES.strip().splitlines()], float)
    lines = np.log(12 * lines / lines.sum(axis=1, keepdims=True))
    text = _TABLES.read_text("utf-8")
    rows = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    kinds = len(CLASSES)
    table = np.array([[int(cell) for cell in row if cell != "|"] for row in rows], float)
    motions = table[:-2].reshape(kinds, 12, kinds) + _SMOOTH[0]
    in_keys = table[-2:].reshape(2, 12, kinds) + _SMOOTH[1]
    chords = [divmod(chord, 12) for chord in range(CHORDS)]
    usual = np.array(
        [
            [in_keys[mode, (root - tonic) % 12, kind] for kind, root in chords]
            for mode in range(2)
            for tonic in range(12)
        ]
    )
    usual /= usual.sum(axis=1, keepdims=True)
    after = np.array(
        [[motions[one, (to - root) % 12, two] for two, to in chords] for one, root in chords]
    )
    np.fill_diagonal(after, 0)
    # Relative to all keys, as the chord before already favours the usual classes.
    moves = after * ((usual / usual.mean(axis=0)) ** _KEY_WEIGHT)[:, None, :]
    moves /= moves.sum(axis=2, keepdims=True)
    moves = moves * (1 - _REVOICED) + _REVOICED * np.eye(len(chords))
    return _Model(lines=_on_all_roots(lines), moves=moves, usual=usual)


def _on_all_roots(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each row of pitch classes above a root turned to the 12 roots."""
    return np.stack([np.roll(row, root) for row in rows for root in range(12)])


def _scored(heard: Sequence[_Heard | None], style: _Voicings) -> NDArray[np.float64]:
    """Return the log likelihood of each state for what sounds in each window."""
    return np.stack([_scores(notes, style) for notes in heard])


def _scores(notes: _Heard | None, style: _Voicings) -> NDArray[np.float64]:
    """Return the log likelihood of each state for what sounds in a window."""
    if notes is None:
        return np.zeros(len(style.chords))
    weights = np.array(notes.weights)
    present = weights @ np.log(style.sounds).T
    # What does not sound counts less where little sounds.
    missing = ((weights == 0) * min(1.0, weights.sum() / 3)) @ np.log(1 - style.sounds).T
    score: NDArray[np.float64] = _TRUST * (present + missing)
    score = score + _LINE_WEIGHT * (_model().lines @ np.array(notes.line))[style.chords]
    if notes.bottom is not None:
        score = score + style.bottoms[:, notes.bottom]
    if notes.bass is not None:
        above = (notes.bass - style.chords % 12) % 12
        score = score + np.select([above == 0, np.isin(above, (7, 3, 4))], [1.8, 0.3], -0.8)
    # What is only held over may belong to the chord before.
    return score if notes.struck else score * _ONLY_HELD


def _fit(scores: NDArray[np.float64], style: _Voicings) -> float:
    """Return the log likelihood of the windows, each by itself."""
    best = scores.max(axis=1, keepdims=True)
    return float((best[:, 0] + np.log(np.exp(scores - best) @ style.shares)).sum())


def _lasting(bars: Sequence[BarNotes], heard: Sequence[_Heard | None]) -> list[float]:
    """Return the probability that each window has the voicing of the window before."""
    stays: list[float] = []
    last: NDArray[np.float64] | None = None
    for bar, notes in zip(bars, heard, strict=True):
        if notes is None or not notes.struck:
            stays.append(_STAY_UNSTRUCK)
            continue
        now = np.array(notes.weights)
        stay = _STAY_AT_BAR if bar.downbeat else _STAY
        if last is not None and now @ last >= _SAME * np.linalg.norm(now) * np.linalg.norm(last):
            stay = _STAY_AS_IT_SOUNDS
        stays.append(stay)
        last = now if now.any() else last
    return stays


def _decoded(
    style: _Voicings,
    scores: NDArray[np.float64],
    stays: Sequence[float],
    signature: int,
    changed: Mapping[int, tuple[NDArray[np.int64], NDArray[np.float64]]] = MappingProxyType({}),
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the posterior probabilities of the chords in each window, and those of the keys.

    `changed` is what is added to the probabilities of the next chord, after some chords, at a
    window. The probabilities of the keys are of all windows together, and not normalised.
    """
    model = _model()
    count = len(scores)
    seen = np.exp(scores - scores.max(axis=1, keepdims=True))
    between = np.full((_KEYS, _KEYS), (1 - _SAME_KEY) / (_KEYS - 1))
    np.fill_diagonal(between, _SAME_KEY)
    keys = np.ones((_KEYS, 1))
    if signature:
        tonic = signature * 7 % 12
        keys[[tonic, 12 + (tonic + 9) % 12]] = _SIGNED

    # Keys by states; scaled, so that only ratios count.
    forward = np.zeros((count, _KEYS, len(style.chords)))
    forward[0] = model.usual[:, style.chords] * style.shares * keys * seen[0]
    for i in range(1, count):
        before = between.T @ forward[i - 1]
        chords = style.summed(before)
        following = (chords[:, None, :] @ model.moves)[:, 0]
        if i in changed:
            after_these, more = changed[i]
            following += np.einsum("kb,kbc->kc", chords[:, after_these], more)
        moved = following[:, style.chords] * style.shares
        ahead = (stays[i] * before + (1 - stays[i]) * moved) * keys * seen[i]
        forward[i] = ahead / ahead.sum()
    posterior = np.zeros((count, len(style.chords)))
    in_keys = np.zeros(_KEYS)
    behind = np.ones(forward.shape[1:])
    for i in range(count - 1, -1, -1):
        both = forward[i] * behind
        posterior[i] = both.sum(axis=0)
        in_keys += both.sum(axis=1) / both.sum()
        after = behind * keys * seen[i]
        chords = style.summed(after * style.shares)
        preceding = (model.moves @ chords[:, :, None])[:, :, 0]
        if i in changed:
            after_these, more = changed[i]
            preceding[:, after_these] += np.einsum("kbc,kc->kb", more, chords)
        behind = between @ (stays[i] * after + (1 - stays[i]) * preceding[:, style.chords])
        behind /= behind.sum()
    posterior /= posterior.sum(axis=1, keepdims=True)
    return style.summed(posterior), in_keys


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
    """Return the chord of a family on a root, with the additions that sound most."""
    kind, root = _FAMILIES[state // 12], state % 12
    weights = np.sum([notes.weights for notes in windows if notes is not None], axis=0)

    def above(semitones: int) -> float:
        return float(weights[(root + semitones) % 12])

    suffix = _SUFFIXES.get(kind, "7")
    if kind == "major":
        suffix = "maj7" if above(11) and above(11) >= above(9) else "6" if above(9) else ""
    elif kind == "minor":
        suffix = "m7" if above(10) and above(10) >= above(9) else "m6" if above(9) else "m"
    elif kind == "dominant":
        ninth = "b9" if above(1) > above(2) else "#9" if above(3) > above(2) else ""
        raised = above(8) > max(above(7), above(9))
        suffix += ("alt" if ninth else "#5") if raised else ninth
    # Minor chords prefer sharps more than others do: C#m7, but Db7.
    flattest = -3 if kind in ("minor", "half-diminished", "diminished") else -5
    name = PitchName((root * 7 - flattest) % 12 + flattest)
    return Chord(name, Quality.parse(suffix))
