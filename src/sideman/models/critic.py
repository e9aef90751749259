"""A critic: how much more a passage is like players' than like what the soloist plays.

:class:`Critic` scores the last notes of a line by the logarithm of a ratio: the probability that
players have played them over the probability that the soloist has.  The sampler lets several
branches of a solo play on and draws among them by that score (:mod:`sideman.models.sampler`).

Its classifiers are gradient-boosted trees (Jerome Friedman, "Greedy Function Approximation: A
Gradient Boosting Machine", Annals of Statistics 29, 2001), fitted by ``benchmarks/fit_critic.py``
on the training part: solos of players against solos that were generated over the same tunes.

Where a player is imitated, the score also has the logarithm of the player's share in the
probability of all players: that of a logistic regression on the same features
(:class:`Recognizer`), fitted on the same solos by who plays them.  A listener's taste
(:mod:`sideman.models.taste`) adds a logarithm of odds too.

:func:`describe` turns a passage into numbers.  It reads every beat by how many notes it has and
whether the first of them is on the beat, and does not use durations, so that a transcriber's grid
does not tell a player from a model.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sideman.models import file, trees
from sideman.models.encoding import chord_bits
from sideman.models.events import IntArray
from sideman.models.ngram import quality_class
from sideman.models.taste import Taste
from sideman.models.trees import Trees
from sideman.score import Changes, Note

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BEAT = 24
STRIDE = 16
"""The notes from one passage of a whole solo to the next."""
MEMORY = 256
"""The notes before a passage in which its repetitions are looked for."""
FIGURES = 9
"""Figures of a beat: silent; one, two, three, four or more notes, on the beat and off it."""
_WIDEST = 13
STEPS = 2 * _WIDEST + 1
"""Intervals of the n-grams: 13 semitones down or more, to 13 up or more."""
NGRAMS = ("interval", "figure", "degree")
QUALITIES = {
    "rhythms": 54,
    "notes": 56,
    "rests": 61,
    "leaps": 118,
    "steps": 119,
    "range": 132,
    "register": 133,
    "repeats": 164,
    "chord tones": 176,
    "scale tones": 177,
}
"""The features that a listener may name.

Of beats the entropy of their figures, in nats, their notes and the share of silent ones; of
intervals the share of a minor sixth or more, and of one or two semitones; standard deviation and
mean of the pitches; the share of cells of three intervals that the passage has had before; the
shares of chord tones, and of notes of the chord's scale and tones."""
RECOGNIZER = ("mean", "scale", "kernel", "bias")
LIKENESS = 3.0
"""Of a player who is imitated, the factor of the logarithm of the probability."""
_PASSAGES = 6  # the most of a mark that are read, evenly spread
_FILE = Path(__file__).parent / "critic.safetensors"
_EARLY = 3  # ticks before a beat that count to it
_OFF = 5  # ticks after a beat from which a note is off it
_FAST, _EIGHTH, _SLOW = 9, 15, 30  # ticks: edges of triplets and sixteenths, eighths, quarters
_LONG = 24


_OF_NOTES = (
    "onset",
    "pitch",
    "interval",
    "chord",
    "tone",
    "inside",
    "degree",
    "quality",
    "symbol",
    "beat",
    "on",
    "wait",
)


class Line:
    """A line with what a critic reads of each note; all arrays have one entry a note."""

    def __init__(self, onset: IntArray, pitch: IntArray, over: Harmony, end: int) -> None:
        self.onset, self.pitch = onset, pitch
        self.interval = np.diff(pitch, prepend=pitch[:1])
        chord = over.at(onset)
        classes = pitch % 12
        self.chord = chord
        self.tone = over.tones[chord, classes]
        self.inside = over.inside[chord, classes]
        self.degree = np.where(over.roots[chord] < 12, (classes - over.roots[chord]) % 12, 12)
        self.quality = over.qualities[chord]
        self.symbol = np.clip(self.interval, -_WIDEST, _WIDEST) + _WIDEST
        beat = (onset + _EARLY) // BEAT
        place = (onset + _EARLY) % BEAT - _EARLY
        self.beat, self.on = beat, place <= _OFF
        self.first_beat = int(beat[0])
        first = np.append(True, beat[1:] != beat[:-1])
        self.end_beat = max((end + _EARLY) // BEAT, int(beat[-1]) + 1)
        counts = np.bincount(beat - self.first_beat, minlength=self.end_beat - self.first_beat)
        self.figures = 2 * np.minimum(counts, 4)
        self.figures[beat[first] - self.first_beat] -= self.on[first]
        self.counts = counts
        self.wait = np.diff(self._plain(first), append=max(end, int(onset[-1]) + 1))

    def _plain(self, first: Bools) -> IntArray:
        """Return the onsets with the notes of each beat evenly over it, or over its later half."""
        begins = np.flatnonzero(first)
        many = np.diff(np.append(begins, len(first)))
        late = np.repeat(np.where(self.on[begins], 0, BEAT // 2), many)
        turn = np.arange(len(first)) - np.repeat(begins, many)
        plain: IntArray = BEAT * self.beat + late + (BEAT - late) * turn // np.repeat(many, many)
        return plain

    def __len__(self) -> int:
        return len(self.onset)

    def until(self, end: int, nats: Mapping[str, Floats]) -> tuple[Line, Mapping[str, Floats]]:
        """Return the line, and the surprisal of its notes, as they were after some notes."""
        line = copy.copy(self)
        for name in _OF_NOTES:
            setattr(line, name, getattr(self, name)[:end])
        line.end_beat = int(self.beat[end - 1]) + 1
        if end < len(self):
            line.end_beat = max(line.end_beat, int(self.beat[end]))
        beats = line.end_beat - self.first_beat
        line.figures, line.counts = self.figures[:beats], self.counts[:beats]
        return line, {
            name: each[: beats if name == "figure" else end] for name, each in nats.items()
        }


class Harmony:
    """The chords of some changes, as tables by chord and pitch class."""

    def __init__(self, changes: Changes) -> None:
        spans = changes.spans
        chords = [span.chord for span in spans]
        self._onsets = np.array([span.onset for span in spans])
        tones, scales = chord_bits(chords)
        self.tones, self.inside = tones, tones | scales
        self.roots = np.array([chord.tones[0] if chord.tones else 12 for chord in chords])
        self.qualities = np.array([quality_class(chord) for chord in chords])

    def at(self, onset: IntArray) -> IntArray:
        """Return the index of the chord at each tick."""
        return np.maximum(np.searchsorted(self._onsets, onset, side="right") - 1, 0)


class Recognizer:
    """The logarithm of the probability that a passage is a player's, all being equally probable.

    `tables` hold the mean and the scale of each feature, shape (F,), and the ``kernel``, shape
    (F, players), and ``bias``, shape (players,), of a multinomial logistic regression.  A feature
    without a value has the mean.
    """

    def __init__(self, tables: Mapping[str, NDArray[Any]]) -> None:
        self.tables = {name: np.asarray(tables[name]) for name in RECOGNIZER}
        self._mean, self._scale, self._kernel, self._bias = (
            table.astype(np.float64) for table in self.tables.values()
        )
        if self._kernel.shape != (len(self._mean), len(self._bias)):
            raise ValueError("the tables do not fit together")

    @property
    def players(self) -> int:
        """The number of players."""
        return len(self._bias)

    def standard(self, rows: Floats) -> Floats:
        """Return features less their mean, in units of their scale (:func:`standard`)."""
        return standard(rows, self._mean, self._scale)

    def usual(self, standard: Floats) -> Floats:
        """Return standard features in their own units."""
        found: Floats = self._mean + self._scale * standard
        return found

    def __call__(self, rows: Floats, player: int) -> Floats:
        """Return the logarithm of a player's probability for each row of features."""
        z = self.standard(rows) @ self._kernel + self._bias
        z -= z.max(axis=1, keepdims=True)
        found: Floats = z[:, player] - np.log(np.exp(z).sum(axis=1))
        return found


def standard(rows: Floats, mean: Floats, scale: Floats) -> Floats:
    """Return features less their mean, in units of their scale and within four of them."""
    found: Floats = np.clip(np.nan_to_num((rows - mean) / scale), -4, 4)
    return found


class Critic:
    """Scores the last notes of lines: the logarithm of players' odds over the soloist's, in nats.

    `trees` has a classifier for each length of passage, in notes, and `recognizers` one of
    `players`, who are named in its order.  `like` is the player whose probability counts too, and
    `taste` that of a listener.
    """

    def __init__(
        self,
        surprise: Surprise,
        trees: Mapping[int, Trees],
        recognizers: Mapping[int, Recognizer],
        players: Sequence[str],
        like: str = "",
        taste: Taste | None = None,
    ) -> None:
        if any(one.players != len(players) for one in recognizers.values()):
            raise ValueError("not as many players are named as are recognized")
        self.surprise, self.trees = surprise, trees
        self.recognizers, self.players = recognizers, players
        self.like, self.taste = like, taste

    def favouring(self, player: str) -> Critic:
        """Return the critic that also scores how much a passage is like one player, if known."""
        return self._with(player, self.taste)

    def tasting(self, taste: Taste | None) -> Critic:
        """Return the critic that also scores how much a listener likes a passage."""
        return self._with(self.like, taste)

    def _with(self, like: str, taste: Taste | None) -> Critic:
        return Critic(self.surprise, self.trees, self.recognizers, self.players, like, taste)

    def score(self, rows: Floats, size: int) -> Floats:
        """Return the score of each row of features of passages of `size` notes."""
        score = self.trees[size](rows)
        if self.like in self.players:
            player = self.players.index(self.like)
            score = score + LIKENESS * self.recognizers[size](rows, player)
        if self.taste is not None:
            score = score + self.taste(self.recognizers[size].standard(rows), size)
        return score

    def over(self, changes: Changes) -> Judge:
        """Return the judge of lines over changes."""
        return Judge(self, Harmony(changes))


class Judge:
    """A critic of lines over the same changes."""

    def __init__(self, critic: Critic, harmony: Harmony) -> None:
        self._critic, self._harmony = critic, harmony
        self._shortest, self._longest = min(critic.trees), max(critic.trees)

    def __call__(self, lines: Sequence[tuple[Sequence[Note], int]]) -> Floats:
        """Return the score of each line's last notes, the mean over windows, shape (lines,).

        A line is given with the tick of its next note or its end; one that is too short has 0.
        """
        total, many = np.zeros(len(lines)), np.zeros(len(lines))
        for size, (owners, rows) in self._described(lines, self._critic.trees).items():
            total[owners] += self._critic.score(rows, size)
            many[owners] += 1
        return total / np.maximum(many, 1)

    def _described(
        self, lines: Sequence[tuple[Sequence[Note], int]], sizes: Iterable[int]
    ) -> dict[int, tuple[list[int], Floats]]:
        """Return, by length, which lines are long enough, and the features of their last notes."""
        rows: dict[int, list[list[float]]] = {size: [] for size in sizes}
        owners: dict[int, list[int]] = {size: [] for size in rows}
        for number, (notes, end) in enumerate(lines):
            recent = notes[-self._longest - MEMORY :]
            if len(recent) < self._shortest:
                continue
            line = self._line(recent, end)
            nats = self._critic.surprise.nats(line)
            for size in rows:
                if len(line) >= size:
                    rows[size].append(describe(line, nats, size))
                    owners[size].append(number)
        return {size: (owners[size], np.array(rows[size])) for size in rows if rows[size]}

    def whole(self, notes: Sequence[Note], end: int) -> float:
        """Return the mean score of a line's passages, which end every :data:`STRIDE` notes."""
        ends = range(len(notes), self._shortest - 1, -STRIDE)
        nexts = [*(note.onset for note in notes), end]
        return float(np.mean(self([(notes[:at], nexts[at]) for at in ends]))) if ends else 0.0

    def passage(self, notes: Sequence[Note], first: int, until: int, end: int) -> dict[int, Floats]:
        """Return the mean standard features of some notes of a line, by length of passage.

        They are the notes from `first` to before `until`, and `end` is that of the line.  Passages
        lie among them; where they are too few, one ends with them, or begins the line.
        """
        nexts = [*(note.onset for note in notes), end]
        found = {}
        for size in self._critic.trees:
            if len(notes) < size:
                continue
            last = max(until, size)
            begin = min(max(first, 0) + size, last)
            many = min(1 + (last - begin) // STRIDE, _PASSAGES)
            ends = np.linspace(last, begin, many).round().astype(int).tolist()
            _, rows = self._described([(notes[:at], nexts[at]) for at in ends], [size])[size]
            found[size] = self._critic.recognizers[size].standard(rows).mean(axis=0)
        return found

    def _line(self, notes: Sequence[Note], end: int) -> Line:
        onsets = np.array([note.onset for note in notes])
        return Line(onsets, np.array([note.pitch for note in notes]), self._harmony, end)


@lru_cache(maxsize=1)
def shipped() -> Critic:
    """Return the critic that comes with sideman."""
    return from_file(file.read(_FILE))


def from_file(content: file.ModelFile) -> Critic:
    """Return the critic of a file; raise ModelError if it is damaged."""
    with file.fitting("The critic does not fit this version of sideman; install sideman again."):
        surprise = Surprise({name: content.weights[f"surprise.{name}"] for name in NGRAMS})
        sizes = [int(size) for size in content.config["windows"]]
        return Critic(
            surprise,
            {
                size: Trees({name: content.weights[f"{size}.{name}"] for name in trees.TABLES})
                for size in sizes
            },
            {
                size: Recognizer({n: content.weights[f"players.{size}.{n}"] for n in RECOGNIZER})
                for size in sizes
            },
            content.vocabulary,
        )


class Surprise:
    """Nats of intervals, figures and degrees under n-grams of players, by tables.

    `tables` hold the logarithms of probabilities, each with the symbol as its last axis: of
    intervals given two and one before; of figures of a beat given the two before; of degrees of the
    chord given the degree before, the chord's quality and whether the note is on the beat.
    """

    def __init__(self, tables: Mapping[str, NDArray[Any]]) -> None:
        self.tables = tables

    @staticmethod
    def symbols(line: Line) -> dict[str, tuple[IntArray, ...]]:
        """Return the indices into each table, the entries of a line's notes (or beats)."""
        one = np.concatenate([[_WIDEST], line.symbol[:-1]])
        two = np.concatenate([[_WIDEST, _WIDEST], line.symbol[:-2]])[: len(line)]
        figures = line.figures
        before = np.concatenate([[0], figures[:-1]])
        earlier = np.concatenate([[0, 0], figures[:-2]])[: len(figures)]
        # The degree of the note before, over the chord of this one.
        past = np.concatenate([[12], (line.degree[1:] - line.interval[1:]) % 12])
        past[line.degree == 12] = 12
        return {
            "interval": (two, one, line.symbol),
            "figure": (earlier, before, figures),
            "degree": (past, line.quality, line.on.astype(np.int64), line.degree),
        }

    def nats(self, line: Line) -> dict[str, Floats]:
        """Return the surprisal of each note by interval and degree, and of each beat by figure."""
        return {
            name: -self.tables[name][at].astype(float) for name, at in self.symbols(line).items()
        }


def describe(line: Line, nats: Mapping[str, Floats], size: int) -> list[float]:
    """Return the features of a line's last `size` notes; `nats` are those of all its notes."""
    first = len(line) - size
    return [*_rhythm(line, first, nats["figure"]), *_pitch(line, first, nats), *_tones(line, first)]


def _rhythm(line: Line, first: int, nats: Floats) -> list[float]:
    start = int(line.beat[first]) - line.first_beat
    figures, counts = line.figures[start:], line.counts[start:]
    before, many = np.minimum(counts[:-1], 4), len(figures)
    kinds = np.bincount(figures, minlength=FIGURES) / many
    found: list[float] = kinds.tolist()
    pairs = np.bincount(5 * before + np.minimum(counts[1:], 4), minlength=25)
    found += (pairs / max(1, many - 1)).tolist()
    for lag in (1, 2, 3, 4, 8, 16, 32):
        # A beat that is compared may lie before the passage.
        at = np.arange(max(start, lag), len(line.figures))
        one, other = line.figures[at], line.figures[at - lag]
        busy = (one > 0) & (other > 0)
        found += [_mean((one == other)[busy]), _mean(line.counts[at] == line.counts[at - lag])]
    # Bars: four beats in a row that equal those so many bars before.
    for lag in (4, 8, 16):
        at = np.arange(max(start, lag), len(line.figures))
        same = line.figures[at] == line.figures[at - lag]
        runs = np.convolve(same, np.ones(4), "valid") == 4 if len(same) > 3 else same
        found.append(_mean(runs))
    change = np.flatnonzero(np.diff(figures))
    runs = np.diff(np.concatenate([[-1], change, [many - 1]]))
    sounding = counts > 0
    edges = np.flatnonzero(np.diff(sounding))
    spans = np.diff(np.concatenate([[-1], edges, [many - 1]]))
    silent = spans[(0 if not sounding[0] else 1) :: 2]
    phrases = spans[(0 if sounding[0] else 1) :: 2]
    found += [
        float(runs.mean()),
        float(runs.max()),
        float(np.count_nonzero(kinds)),
        _entropy(kinds),
        _entropy(pairs / max(1, pairs.sum())) - _entropy(np.bincount(before) / max(1, many - 1)),
        float(counts.mean()),
        float(counts.std()),
        float(np.abs(np.diff(counts)).mean()) if many > 1 else 0.0,
        _correlation(counts, 1),
        _correlation(counts, 4),
        _mean(~sounding),
        float(silent.max()) if len(silent) else 0.0,
        float(silent.mean()) if len(silent) else 0.0,
        float(phrases.mean()),
        float(phrases.max()),
        float(phrases.std()),
        len(phrases) / many,
    ]
    begins = np.flatnonzero(sounding[1:] & ~sounding[:-1]) + 1
    ends = np.flatnonzero(sounding[:-1] & ~sounding[1:])
    found += [_mean(figures[begins] % 2 == 1), _mean(figures[ends] % 2 == 1)]
    found += [_mean(counts[ends] == 1), _mean(counts[begins] == 1)]
    whole = start + line.first_beat + np.arange(many)
    found += [_mean((counts[whole % 4 == beat]) > 0) for beat in range(4)]
    found += [_mean((figures % 2 == 1)[(whole % 4 == beat) & sounding]) for beat in (0, 2)]
    waits = line.wait[first:]
    found += [_mean(waits >= ticks) for ticks in (18, 22, 30, 44, 70, 140)]
    within = nats[start:]
    found += [*_spread(within), _mean(within < 0.5), _mean(within > 3.5)]
    return found


def _pitch(line: Line, first: int, nats: Mapping[str, Floats]) -> list[float]:
    step, pitch = line.interval[first + 1 :], line.pitch[first:]
    size, way = np.abs(step), np.sign(step)
    kinds = np.bincount(line.symbol[first + 1 :], minlength=STEPS) / len(step)
    found: list[float] = kinds.tolist()
    wait = line.wait[first:-1]
    leap = size[:-1] >= 5
    turned = way[1:] == -way[:-1]
    small = (size > 0) & (size <= 2)
    found += [
        _mean(size >= 12),
        _mean(size > 12),
        _mean(size >= 8),
        _mean(small),
        _mean(turned),
        _mean(turned[leap]),
        _mean((size[1:] <= 2)[leap]),
        _mean((size[1:] == 1) & (size[:-1] == 1) & ~turned),
        _mean(((size[1:] == 3) | (size[1:] == 4))[(size[:-1] == 3) | (size[:-1] == 4)]),
        _mean(step[1:] == -step[:-1]),
        _mean(step[1:] == step[:-1]),
        _mean((size >= 7)[wait <= _FAST]),
        _mean((size >= 7)[(wait > _FAST) & (wait <= _EIGHTH)]),
        _mean((size >= 7)[wait > _EIGHTH]),
        _mean((size == 0)[wait <= _EIGHTH]),
        float(np.ptp(pitch)),
        float(pitch.std()),
        float(pitch.mean()),
        _mean(pitch[2:] == pitch[:-2]),
        _mean(pitch[4:] == pitch[:-4]),
        len(set(pitch.tolist())) / len(pitch),
        float(np.bincount(pitch % 12).max()) / len(pitch),
        _entropy(kinds),
        _entropy(np.bincount(pitch % 12) / len(pitch)),
    ]
    turns = np.flatnonzero(np.diff(way))
    runs = np.diff(np.concatenate([[-1], turns, [len(way) - 1]]))
    found += [float(runs.mean()), float(runs.max()), float(runs.std())]
    heights = pitch[: len(pitch) // 8 * 8].reshape(-1, 8)
    middles = heights.mean(axis=1)
    found += [float(middles.std()), float(np.abs(np.diff(middles)).mean())]
    found += [float(np.ptp(heights, axis=1).mean()), float(np.ptp(heights, axis=1).std())]
    half = len(pitch) // 2
    found.append(float(pitch[half:].mean() - pitch[:half].mean()))
    for name in ("interval", "degree"):
        some = nats[name][first + 1 :]
        found += [*_spread(some), _mean(some < 0.8), _mean(some > 4), _correlation(some, 1)]
    found += _repetition(line, first)
    return found


def _repetition(line: Line, first: int) -> list[float]:
    """Return shares of cells of intervals that occurred before, in the passage or before it."""
    found = []
    start = max(0, first - MEMORY)
    symbols = line.symbol[start:]
    quick = np.searchsorted((_FAST, _EIGHTH, _SLOW), line.wait[start:])
    for size in (2, 3, 4, 6):
        if len(symbols) - size < 2:
            found += [0.0] * 4
            continue
        key = np.zeros(len(symbols) - size, np.int64)
        paced = np.zeros(len(symbols) - size, np.int64)
        for back in range(size):
            key = key * STEPS + symbols[1 + back : len(symbols) - size + 1 + back]
            paced = paced * 4 + quick[back : len(symbols) - size + back]
        inside = np.arange(len(key)) >= first - start
        found.append(_again(key[inside]))
        found.append(_again(key, inside))
        found.append(_again(key * 4**size + paced, inside))
        found.append(_again(paced[inside]))
    return found


def _again(keys: IntArray, inside: Bools | None = None) -> float:
    """Return the share of keys that occurred before, of those `inside`."""
    _, firsts = np.unique(keys, return_index=True)
    new = np.zeros(len(keys), bool)
    new[firsts] = True
    return _mean(~new if inside is None else ~new[inside])


def _tones(line: Line, first: int) -> list[float]:
    tone, inside = line.tone[first:], line.inside[first:]
    onset, wait = line.onset[first:], line.wait[first:]
    on = line.on[first:]
    strong = on & (line.beat[first:] % 2 == 0)
    step = np.abs(np.append(line.interval[first + 1 :], 0))
    places = (
        np.ones(len(tone), bool),
        strong,
        on,
        ~on,
        wait >= _LONG,
        wait >= _SLOW + 12,
        wait <= _FAST,
    )
    found = [_mean(values[place]) for place in places for values in (tone, inside)]
    found += (np.bincount(line.degree[first:], minlength=13) / len(tone)).tolist()
    outside = ~inside
    resolved = step == 1
    changed = np.append(False, np.diff(line.chord[first:]) != 0)
    runs = np.diff(np.flatnonzero(np.concatenate([[True], inside, [True]])))
    found += [
        _mean(resolved[outside]),
        _mean((step <= 2)[~tone]),
        _mean(resolved[outside & strong]),
        _mean(tone[changed]),
        _mean(np.abs(line.interval[first:])[changed] <= 2),
        float(runs.max() - 1),
        float(onset[-1] - onset[0]) / len(onset),
    ]
    return found


def _mean(values: NDArray[Any]) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _spread(values: Floats) -> tuple[float, float, float]:
    if not len(values):
        return (float("nan"),) * 3
    return float(values.mean()), float(values.std()), float(values.max())


def _entropy(shares: Floats) -> float:
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum())


def _correlation(values: NDArray[Any], lag: int) -> float:
    """Return the autocorrelation at a lag; 0 where values do not vary."""
    if len(values) <= lag + 2:
        return 0.0
    off = values - values.mean()
    variance = float(off @ off)
    return float(off[lag:] @ off[:-lag]) / variance if variance else 0.0
