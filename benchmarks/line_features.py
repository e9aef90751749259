"""Features of a stretch of notes, in groups, for a discriminator of solos.

A solo is *read* in one of two ways (:func:`read`): raw, its ticks and durations as they are, or
beatwise, every beat as the plainest figure that has its notes (eighths before triplets before
sixteenths), without durations.  The second leaves out what a transcriber's grid and a player's
timing add.

Every group is a function from a :class:`Stretch` to names and values; a value that is not defined
is NaN.  :data:`RHYTHM` and :data:`PITCH` list the groups of rhythm alone and of pitch alone.
Surprisal is that of :class:`Counts`, n-grams of the training part of the benchmark that belong to
no model of sideman.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sideman.models.events import DURATION_TICKS, PHRASE_GAP_TICKS, Events

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Array = NDArray[Any]
Values = dict[str, float]

BEAT = 24
BAR = 96
NAN = float("nan")
IOI_CLASSES = (2, 5, 7, 10, 14, 20, 28, 40, 60, 100)
"""Upper edges of classes of inter-onset intervals: 8 is an eighth triplet, 12 an eighth."""
WIDEST = 13
LONG = 24
_LAGS_BEATS = (1, 2, 3, 4, 8, 16, 32)
_LAGS_BARS = (1, 2, 4, 8)
_TRANSITIONS = 5  # classes of IOIs whose transitions are counted

# Readings


def read(events: Events, *, beatwise: bool) -> Line:
    """Return a solo in one of the two readings."""
    onset = plainest(events.onset) if beatwise else events.onset
    length = None if beatwise else np.array(DURATION_TICKS)[events.duration].astype(np.int64)
    return Line(events, onset, events.pitch, length)


def plainest(onsets: Ints) -> Ints:
    """Return rising onsets with every beat as its plainest figure.

    A beat of so many notes has one figure if its first note is on the beat and one if it is not: a
    dotted eighth with its sixteenth, a swung pair and a pair with a late note are two eighths.

    >>> plainest(np.array([1, 17, 24, 31, 40, 48, 54, 61, 66, 95])).tolist()
    [0, 12, 24, 32, 40, 48, 54, 60, 66, 96]
    """
    beats: dict[int, list[int]] = defaultdict(list)
    taken = set(onsets.tolist())
    for onset in onsets.tolist():
        beat, place = divmod(onset, BEAT)
        early = place > 20 and not taken & set(range(onset + 1, (beat + 1) * BEAT + 6))
        beats[beat + early].append(0 if early else place)
    placed = [beat * BEAT + place for beat in sorted(beats) for place in _figure(beats[beat])]
    return np.array(placed, dtype=np.int64)


# By the number of notes: the figure that begins on the beat, and the one that does not.
_FIGURES = {
    1: ((0,), (12,)),
    2: ((0, 12), (12, 18)),
    3: ((0, 8, 16), (6, 12, 18)),
    4: ((0, 6, 12, 18), (4, 9, 14, 19)),
}


def _figure(places: Sequence[int]) -> Sequence[int]:
    """Return the ticks of a beat's notes in their plainest figure; more than four come evenly."""
    late = places[0] > 5
    if len(places) in _FIGURES:
        return _FIGURES[len(places)][late]
    return [BEAT * at // len(places) for at in range(len(places))]


@dataclass(frozen=True, eq=False)
class Line:
    """A whole solo in one reading; `length` is None where the reading has no durations.

    `surprisal` holds nats a note for each table of :class:`Counts` (:meth:`Counts.annotated`).
    """

    events: Events
    onset: Ints
    pitch: Ints
    length: Ints | None
    surprisal: Mapping[str, Floats] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.onset)

    @cached_property
    def interval(self) -> Ints:
        """Semitones from the note before; 0 for the first note."""
        return np.diff(self.pitch, prepend=self.pitch[:1])

    @cached_property
    def ioi(self) -> Ints:
        """Ticks from the note before; 0 for the first note."""
        return np.diff(self.onset, prepend=self.onset[:1])

    @cached_property
    def pace(self) -> Ints:
        """The class of each IOI."""
        return np.searchsorted(IOI_CLASSES, self.ioi, side="left")

    @cached_property
    def chord(self) -> Ints:
        """The index of the chord at each note."""
        return self.events.chord_index(self.onset)

    def _table(self, tones: Callable[..., Iterable[int]]) -> Floats:
        """Return 1 where a note is among some tones of its chord, 0 elsewhere, NaN without one."""
        found = np.full((len(self.events.chords), 12), NAN)
        for row, chord in zip(found, self.events.chords, strict=True):
            if not chord.is_no_chord:
                row[:] = 0
                row[[tone % 12 for tone in tones(chord)]] = 1
        return found

    @cached_property
    def tables(self) -> dict[str, Floats]:
        """For chord tones, colours and scale: which pitch classes belong to each chord."""
        return {
            "chord": self._table(lambda chord: chord.tones),
            "colour": self._table(lambda chord: chord.colours),
            "scale": self._table(lambda chord: (*chord.scale, *chord.tones)),
        }

    def inside(self, what: str) -> Floats:
        """Return whether each note is in the tones named `what` of its chord."""
        return self.tables[what][self.chord, self.pitch % 12]

    @cached_property
    def roots(self) -> list[int]:
        """The pitch class of each chord's root, -1 without one."""
        return [
            -1 if chord.root is None else chord.root.pitch_class for chord in self.events.chords
        ]

    @cached_property
    def degree(self) -> Ints:
        """Semitones above the root, 0 to 11; -1 without a chord."""
        root = np.array(self.roots)[self.chord]
        return np.where(root < 0, -1, (self.pitch - root) % 12)

    @cached_property
    def quality(self) -> Ints:
        """The third and the seventh of each note's chord, as a number."""
        table = self.tables["chord"]
        sort = [
            sum(bool(row[(root + step) % 12] == 1) << bit for bit, step in enumerate((3, 4, 10, 6)))
            for row, root in zip(table, self.roots, strict=True)
        ]
        return np.array(sort)[self.chord]

    @cached_property
    def figures(self) -> dict[int, int]:
        """The figure of every beat that has notes: a bit for each tick."""
        found: dict[int, int] = defaultdict(int)
        for onset in self.onset.tolist():
            found[onset // BEAT] |= 1 << onset % BEAT
        return dict(found)


@dataclass(frozen=True, eq=False)
class Stretch:
    """Some notes of a line, from `first` to before `last`."""

    line: Line
    first: int
    last: int

    def of(self, values: Array) -> Array:
        """Return the values of the stretch's notes."""
        return values[self.first : self.last]

    def steps(self, values: Array) -> Array:
        """Return the values of the stretch's notes but the first, which look back at one."""
        return values[self.first + 1 : self.last]

    @cached_property
    def beats(self) -> list[int]:
        """The figure of each beat from the first note's to the last's; 0 for none."""
        onset = self.of(self.line.onset)
        figures = self.line.figures
        return [figures.get(beat, 0) for beat in range(onset[0] // BEAT, onset[-1] // BEAT + 1)]

    @cached_property
    def bars(self) -> list[tuple[int, ...]]:
        """The figures of each whole bar in the stretch."""
        start = int(self.of(self.line.onset)[0] // BEAT)
        skipped = -start % 4
        whole = (len(self.beats) - skipped) // 4
        at = [skipped + 4 * bar for bar in range(whole)]
        return [tuple(self.beats[place : place + 4]) for place in at]


# Surprisal


class Counts:
    """N-grams of intervals, degrees, IOIs and figures, with Witten-Bell smoothing.

    All symbols that were not seen in any line count as one.
    """

    def __init__(self, lines: Iterable[Line]) -> None:
        self._next: dict[str, dict[Hashable, Counter[Hashable]]] = {}
        self._size: dict[str, int] = {}
        for line in lines:
            for name, rows in _sequences(line).items():
                table = self._next.setdefault(name, defaultdict(Counter))
                for symbol, history in rows:
                    for level in range(len(history) + 1):
                        table[history[:level]][symbol] += 1
        for name, table in self._next.items():
            self._size[name] = len(table[()]) + 1

    def annotated(self, line: Line) -> Line:
        """Return the line with the surprisal of its notes (of its beats, for figures)."""
        nats = {
            name: np.array([-np.log(self._odds(name, symbol, past)) for symbol, past in rows])
            for name, rows in _sequences(line).items()
        }
        return replace(line, surprisal=nats)

    def _odds(self, name: str, symbol: Hashable, history: tuple[Hashable, ...]) -> float:
        table = self._next[name]
        odds = 1 / self._size[name]
        for level in range(len(history) + 1):
            after = table.get(history[:level])
            if after is None:
                break
            kinds, total = len(after), after.total()
            odds = (after[symbol] + kinds * odds) / (total + kinds)
        return odds


def _sequences(line: Line) -> dict[str, list[tuple[Hashable, tuple[Hashable, ...]]]]:
    """Return for each table every symbol of a line with its history, the nearest first."""
    steps = np.clip(line.interval, -WIDEST, WIDEST).tolist()
    ioi = np.minimum(line.ioi, 4 * BEAT).tolist()
    place = (line.onset % BEAT).tolist()
    degree, quality = line.degree.tolist(), line.quality.tolist()
    strong = (line.onset % BEAT == 0).tolist()
    before = [(*([None] * max(0, 4 - at)),) for at in range(len(line))]
    pitches, degrees, paces = [], [], []
    for at in range(len(line)):
        back = range(at - 1, max(-1, at - 5), -1)
        pitches.append((steps[at], (*(steps[b] for b in back), *before[at])))
        context = (
            quality[at],
            strong[at],
            degree[at - 1] if at else -1,
            steps[at - 1] if at else 0,
        )
        degrees.append((degree[at], context))
        last = (*(ioi[b] for b in list(back)[:3]),)
        paces.append((ioi[at], (place[at - 1] if at else 0, *last)))
    first, end = int(line.onset[0] // BEAT), int(line.onset[-1] // BEAT)
    beats = [line.figures.get(beat, 0) for beat in range(first, end + 1)]
    figures = [
        (beats[at], tuple(beats[b] for b in range(at - 1, max(-1, at - 4), -1)))
        for at in range(len(beats))
    ]
    return {"interval": pitches, "degree": degrees, "ioi": paces, "figure": figures}


# Helpers


def _share(values: Array | Sequence[bool]) -> float:
    return float(np.mean(values)) if len(values) else NAN


def entropy(symbols: Iterable[Hashable]) -> float:
    """Return the entropy of symbols in bits."""
    counts = np.array(list(Counter(symbols).values()), dtype=float)
    share = counts / counts.sum() if len(counts) else counts
    return float(-(share * np.log2(share)).sum()) if len(counts) else NAN


def _conditional(symbols: Sequence[Hashable]) -> float:
    """Return the entropy of a symbol given the one before, in bits."""
    if len(symbols) < 2:
        return NAN
    return entropy(pairwise(symbols)) - entropy(symbols[:-1])


def _correlation(one: Floats, other: Floats) -> float:
    if len(one) < 3 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return NAN
    return float(np.corrcoef(one, other)[0, 1])


def _runs(values: Sequence[Hashable]) -> list[int]:
    """Return the lengths of runs of equal values."""
    found: list[int] = []
    for at, value in enumerate(values):
        if at and value == values[at - 1]:
            found[-1] += 1
        else:
            found.append(1)
    return found


def _spread(prefix: str, values: Array | Sequence[float]) -> Values:
    some = len(values) > 0
    return {
        f"{prefix} mean": float(np.mean(values)) if some else NAN,
        f"{prefix} spread": float(np.std(values)) if some else NAN,
        f"{prefix} most": float(np.max(values)) if some else NAN,
    }


# Groups


def rhythm(s: Stretch) -> Values:
    """Return distributions of IOIs and of figures of a beat, and notes a beat (order 1)."""
    pace = s.steps(s.line.pace)
    found = {f"ioi class {k}": _share(pace == k) for k in range(len(IOI_CLASSES) + 1)}
    found |= {f"in beat {k}": _share(s.of(s.line.onset) % BEAT // 2 == k) for k in range(12)}
    beats = s.beats
    kinds = Counter(beats)
    for name, ticks in _NAMED.items():
        found[f"beat {name}"] = kinds[sum(1 << tick for tick in ticks)] / len(beats)
    counts = np.array([figure.bit_count() for figure in beats])
    found |= {f"beats of {k}": _share(counts == k) for k in range(7)}
    found["ioi entropy"] = entropy(pace.tolist())
    found["exact ioi entropy"] = entropy(s.steps(s.line.ioi).tolist())
    found["figure entropy"] = entropy(beats)
    return found | _spread("notes a beat", counts)


_NAMED: dict[str, tuple[int, ...]] = {
    "quarter": (0,),
    "upbeat": (12,),
    "eighths": (0, 12),
    "triplet": (0, 8, 16),
    "triplet without first": (8, 16),
    "sixteenths": (0, 6, 12, 18),
    "eighth and sixteenths": (0, 12, 18),
    "sixteenths and eighth": (0, 6, 12),
    "syncopated": (0, 6, 18),
    "offbeat sixteenths": (12, 18),
}


def rhythm_order(s: Stretch) -> Values:
    """Return transition shares and run lengths of IOIs and of figures (order 2)."""
    pace = s.steps(s.line.pace)
    common = [2, 3, 4, 6, 8][:_TRANSITIONS]
    sort = np.array([common.index(k) if k in common else _TRANSITIONS for k in pace.tolist()])
    pairs = list(zip(sort[:-1].tolist(), sort[1:].tolist(), strict=True))
    counts = Counter(pairs)
    found = {
        f"ioi {a} to {b}": counts[a, b] / len(pairs) if pairs else NAN
        for a in range(_TRANSITIONS + 1)
        for b in range(_TRANSITIONS + 1)
    }
    found["ioi given last"] = _conditional(pace.tolist())
    found["figure given last"] = _conditional(s.beats)
    triples = list(pairwise(pace))
    found["ioi given two"] = _conditional([(int(a), int(b)) for a, b in triples])
    found |= _spread("run of iois", _runs(s.steps(s.line.ioi).tolist()))
    busy = [figure.bit_count() for figure in s.beats]
    found["change of density"] = float(np.abs(np.diff(busy)).mean()) if len(busy) > 1 else NAN
    return found | _spread("run of figures", _runs(s.beats))


def self_similarity(s: Stretch) -> Values:
    """Return the self-similarity of the rhythm by lag in beats and bars."""
    found: Values = {}
    beats, bars = s.beats, s.bars
    for lag in _LAGS_BEATS:
        pairs = list(zip(beats, beats[lag:], strict=False))
        found[f"beat {lag} back"] = _share([a == b for a, b in pairs])
        found[f"busy beat {lag} back"] = _share([a == b for a, b in pairs if a and b])
        shared = [(a & b).bit_count() / max(1, (a | b).bit_count()) for a, b in pairs]
        found[f"onsets {lag} beats back"] = float(np.mean(shared)) if shared else NAN
    for lag in _LAGS_BARS:
        whole = zip(bars, bars[lag:], strict=False)
        found[f"bar {lag} back"] = _share([a == b for a, b in whole if any(b)])
    halves = list(pairwise(beats))
    later = zip(halves, halves[2:], strict=False)
    found["half bar again"] = _share([a == b for a, b in later if any(b)])
    found["different figures"] = len(set(beats)) / len(beats)
    return found


def rhythm_surprise(s: Stretch) -> Values:
    """Return the surprisal of IOIs and figures under n-grams of players."""
    nats = s.steps(s.line.surprisal["ioi"])
    start = int(s.line.onset[0] // BEAT)
    onset = s.of(s.line.onset)
    figures = s.line.surprisal["figure"]
    within = figures[int(onset[0] // BEAT) - start : int(onset[-1] // BEAT) - start + 1]
    found = _spread("ioi nats", nats) | _spread("figure nats", within)
    return found | {
        "usual iois": _share(nats < 0.4),
        "unusual iois": _share(nats > 3),
        "unusual figures": _share(within > 4),
    }


def silence(s: Stretch) -> Values:
    """Return lengths and places of phrases and rests, from the onsets alone."""
    ioi, onset = s.steps(s.line.ioi), s.steps(s.line.onset)
    rest = ioi >= PHRASE_GAP_TICKS + 12
    ends = np.flatnonzero(rest)
    lengths = np.diff(np.concatenate([[-1], ends, [len(ioi)]]))
    begins = onset[rest] % BAR // 12
    closes = (onset[rest] - ioi[rest]) % BAR // 12
    span = max(1, int(ioi.sum()))
    found = {"rests": _share(rest), "silence of two bars": float((ioi >= 2 * BAR).sum() / span)}
    found["longest wait"] = float(ioi.max()) if len(ioi) else NAN
    found["time in rests"] = float(ioi[rest].sum() / span)
    found |= {f"phrase begins {k}": _share(begins == k) for k in range(8)}
    found |= {f"phrase ends {k}": _share(closes == k) for k in range(8)}
    found["phrase begins off beat"] = _share(onset[rest] % BEAT != 0)
    found["phrase ends off beat"] = _share((onset[rest] - ioi[rest]) % BEAT != 0)
    return found | _spread("notes a phrase", lengths)


def pitch(s: Stretch) -> Values:
    """Return statistics of intervals, their order and direction, and of the range."""
    step, notes = s.steps(s.line.interval), s.of(s.line.pitch)
    size, clipped = np.abs(step), np.clip(step, -WIDEST, WIDEST)
    found = {f"interval {k}": _share(clipped == k) for k in range(-9, 10)}
    found["octave and wider"] = _share(size >= 12)
    found["wider than an octave"] = _share(size > 12)
    found["interval entropy"] = entropy(clipped.tolist())
    found["interval given last"] = _conditional(clipped.tolist())
    pairs = [(int(a), int(b)) for a, b in pairwise(clipped)]
    found["interval given two"] = _conditional(pairs)
    way = np.sign(step)
    found["turns"] = _share(way[1:] != way[:-1])
    leap = size[:-1] >= 5
    found["leaps turned back"] = _share((way[1:] == -way[:-1])[leap])
    found["leaps left by step"] = _share((size[1:] <= 2)[leap])
    found["third after third"] = _share(((size[1:] >= 3) & (size[1:] <= 4))[size[:-1] // 3 == 1])
    semitones = (size[1:] == 1) & (size[:-1] == 1) & (way[1:] == way[:-1])
    found["chromatic"] = _share(semitones)
    found["there and back"] = _share(step[1:] == -step[:-1])
    found["fast leaps"] = _share((size >= 7)[s.steps(s.line.ioi) <= 8])
    found["leaps in eighths"] = _share((size >= 7)[s.steps(s.line.ioi) == 12])
    found["range"] = float(np.ptp(notes))
    found["pitch spread"] = float(notes.std())
    heights = notes[: len(notes) // 8 * 8].reshape(-1, 8)
    found["wander"] = float(heights.mean(axis=1).std()) if len(heights) > 1 else NAN
    found["range of eight"] = float(np.ptp(heights, axis=1).mean()) if len(heights) else NAN
    return found | _spread("run of directions", _runs(way.tolist()))


def pitch_surprise(s: Stretch) -> Values:
    """Return the surprisal of intervals and degrees under n-grams of players."""
    found: Values = {}
    for name in ("interval", "degree"):
        nats = s.steps(s.line.surprisal[name])
        found |= _spread(f"{name} nats", nats)
        found[f"usual {name}s"] = _share(nats < 0.9)
        found[f"unusual {name}s"] = _share(nats > 4)
        found[f"{name} nats go together"] = _correlation(nats[1:], nats[:-1])
    return found


def harmony(s: Stretch) -> Values:
    """Return shares of chord tones and degrees by place and length, and resolutions."""
    line = s.line
    inside = {name: s.of(line.inside(name)) for name in line.tables}
    onset = s.of(line.onset)
    wait = np.append(line.ioi[s.first + 1 : s.last], 0)
    places = {
        "all": np.ones(len(onset), bool),
        "on one and three": onset % 48 == 0,
        "on the beat": onset % BEAT == 0,
        "off the beat": onset % BEAT != 0,
        "long": wait >= LONG,
        "before a rest": wait >= PHRASE_GAP_TICKS + 12,
        "fast": (wait > 0) & (wait <= 8),
    }
    found: Values = {}
    for name, values in inside.items():
        for place, here in places.items():
            known = values[here & ~np.isnan(values)]
            found[f"{name} {place}"] = float(known.mean()) if len(known) else NAN
    degree = s.of(line.degree)
    found |= {f"degree {k}": _share(degree == k) for k in range(12)}
    found |= {f"degree {k} on the beat": _share(degree[onset % BEAT == 0] == k) for k in range(12)}
    step = np.append(s.steps(line.interval), 99)
    outside = inside["scale"] == 0
    found["outside resolved"] = _share(np.abs(step[outside][:-1]) == 1)
    nonchord = inside["chord"] == 0
    found["left by step"] = _share(np.abs(step[nonchord][:-1]) <= 2)
    chord = s.of(line.chord)
    first = np.append(False, chord[1:] != chord[:-1])
    known = inside["chord"][first]
    found["chord tone at a change"] = _share(known[~np.isnan(known)])
    found["step into a change"] = _share(np.abs(s.of(line.interval)[first]) <= 2)
    classes = s.of(line.pitch) % 12
    found["pitch class entropy"] = entropy(classes.tolist())
    found["run outside"] = float(max(_runs(outside.tolist())) if outside.any() else 0)
    return found


def form(s: Stretch) -> Values:
    """Return the distribution of notes over bars, groups of four bars and the stretch."""
    onset = s.of(s.line.onset)
    found = {f"on beat {k}": _share(onset % BAR // BEAT == k) for k in range(4)}
    found["first beat of a bar sounded"] = _share([bool(bar[0] & 15) for bar in s.bars])
    busy = [sum(figure.bit_count() for figure in bar) for bar in s.bars]
    found |= _spread("notes a bar", busy)
    start = int(onset[0] // BEAT + -(onset[0] // BEAT) % 4) // 4
    four: list[list[float]] = [[], [], [], []]
    for bar, notes in enumerate(busy, start=start):
        four[bar % 4].append(notes)
    for k, notes_there in enumerate(four):
        found[f"notes in bar {k + 1} of four"] = float(np.mean(notes_there or [NAN]))
    found["density moves"] = float(np.abs(np.diff(busy)).mean()) if len(busy) > 1 else NAN
    found["empty bars"] = _share([not notes for notes in busy])
    half = len(onset) // 2
    early, late = onset[half] - onset[0], onset[-1] - onset[half]
    found["second half slower"] = float(np.log((late + 12) / (early + 12)))
    height = s.of(s.line.pitch)
    found["second half higher"] = float(height[half:].mean() - height[:half].mean())
    found["place of the top"] = float(height.argmax() / len(height))
    return found


def repetition(s: Stretch) -> Values:
    """Return shares of repeated cells of intervals and rhythm, and of repeated pitches."""
    step = s.steps(s.line.interval).tolist()
    pace = s.steps(s.line.pace).tolist()
    notes, onset = s.of(s.line.pitch).tolist(), s.of(s.line.onset)
    found: Values = {}
    for size in (2, 3, 4, 6):
        cells = [tuple(step[at : at + size]) for at in range(len(step) - size + 1)]
        found[f"cells of {size}"] = 1 - len(set(cells)) / len(cells) if cells else NAN
        both = [(c, tuple(pace[at : at + size])) for at, c in enumerate(cells)]
        found[f"cells of {size} in rhythm"] = 1 - len(set(both)) / len(both) if both else NAN
        found[f"nearest cell of {size}"] = _nearest(cells, onset)
    words = [tuple(pace[at : at + 4]) for at in range(len(pace) - 3)]
    found["rhythmic cells"] = 1 - len(set(words)) / len(words) if words else NAN
    exact = [tuple(notes[at : at + 4]) for at in range(len(notes) - 3)]
    found["same four pitches"] = 1 - len(set(exact)) / len(exact) if exact else NAN
    found["repeated pitch"] = _share([a == b for a, b in pairwise(notes)])
    found["pitch two back"] = _share([a == b for a, b in zip(notes, notes[2:], strict=False)])
    found["pitch four back"] = _share([a == b for a, b in zip(notes, notes[4:], strict=False)])
    found["pitch entropy"] = entropy(notes)
    found["most of one pitch"] = max(Counter(notes).values()) / len(notes)
    found["new pitches"] = len(set(notes)) / len(notes)
    return found | _spread("run of pitches", _runs(notes))


def _nearest(cells: Sequence[Hashable], onset: Ints) -> float:
    """Return the median of the bars since a cell was played last, as a logarithm."""
    last: dict[Hashable, int] = {}
    gaps = []
    for at, cell in enumerate(cells):
        if cell in last:
            gaps.append(float(onset[at] - last[cell]))
        last[cell] = int(onset[at])
    return float(np.log2(np.median(gaps) + 1)) if gaps else NAN


def articulation(s: Stretch) -> Values:
    """Return durations relative to the IOI; empty for the beatwise reading."""
    if s.line.length is None:
        return {}
    length, wait = s.of(s.line.length)[:-1], s.steps(s.line.ioi)
    held = length / np.maximum(wait, 1)
    found = {f"length {k}": _share(length == k) for k in DURATION_TICKS}
    found["length entropy"] = entropy(length.tolist())
    found["length given last"] = _conditional(length.tolist())
    for name, low, high in (("fast", 1, 9), ("eighths", 10, 14), ("slow", 15, 40)):
        here = (wait >= low) & (wait <= high)
        found |= _spread(f"held {name}", held[here])
    found["legato"] = _share(held >= 0.95)
    found["place spread"] = entropy((s.of(s.line.onset) % BEAT).tolist())
    return found | _spread("held", np.minimum(held, 2))


Group = Callable[[Stretch], Values]
RHYTHM: tuple[Group, ...] = (rhythm, rhythm_order, self_similarity, rhythm_surprise, silence)
PITCH: tuple[Group, ...] = (pitch, pitch_surprise)
OTHERS: tuple[Group, ...] = (harmony, form, repetition, articulation)
GROUPS: tuple[Group, ...] = (*RHYTHM, *PITCH, *OTHERS)


def features(stretch: Stretch, groups: Sequence[Group] = GROUPS) -> Values:
    """Return all features of a stretch of two notes or more, with the group before each name."""
    found: Values = {}
    for group in groups:
        found |= {f"{group.__name__}: {name}": value for name, value in group(stretch).items()}
    return found


__all__ = [
    "GROUPS",
    "PITCH",
    "RHYTHM",
    "Counts",
    "Line",
    "Stretch",
    "entropy",
    "features",
    "read",
]
