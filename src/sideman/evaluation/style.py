"""Statistics of a line: pitches and chords, intervals, rhythm, density, phrases.

Every statistic takes a :class:`sideman.score.Solo` and returns one number, or None where it is not
defined (without chords, for example).  :data:`STATISTICS` lists them with their sources.

The sources in short: *MusDr* is Shih-Lun Wu and Yi-Hsuan Yang, "The Jazz Transformer on the
Front Line", ISMIR 2020, section 4, with its code; *MGEval* is Li-Chia Yang and Alexander Lerch,
"On the evaluation of generative models in music", Neural Computing and Applications 32 (2020);
*Benadon* is Fernando Benadon, "Slicing the Beat: Jazz Eighth-Notes as Expressive Microrhythm",
Ethnomusicology 50 (2006); *MeloSpy* is the feature collection of the Jazzomat Research Project.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sideman.models.events import PHRASE_GAP_TICKS
from sideman.score import Note, Solo
from sideman.theory.chord import Chord
from sideman.theory.meter import TICKS_PER_QUARTER

Array = NDArray[np.float64]

GROOVE_POSITIONS = 64
SWING_POSITIONS = (9, 18)
FEWEST_SWUNG_BEATS = 4
_MOST_BARS = 20_000
_MOST_GROOVE_BARS = 2_000


def bars(solo: Solo) -> list[int]:
    """Return the bar of each note; the form begins with bar 0."""
    if solo.changes is None or not solo.changes.bars:
        return [note.onset // (4 * TICKS_PER_QUARTER) for note in solo.notes]
    return [solo.changes.bar_at(note.onset) for note in solo.notes]


def _bar_shares(solo: Solo) -> list[float]:
    """Return where in its bar each note begins, 0 to 1."""
    changes = solo.changes
    if changes is None or not changes.bars:
        whole = 4 * TICKS_PER_QUARTER
        return [note.onset % whole / whole for note in solo.notes]
    shares = []
    for note in solo.notes:
        if 0 <= note.onset < changes.length:
            bar = bisect_right(changes.bar_starts, note.onset) - 1
            start, whole = changes.bar_starts[bar], changes.bars[bar].meter.ticks_per_bar
        else:
            edge = changes.bars[0 if note.onset < 0 else -1].meter.ticks_per_bar
            start, whole = (0 if note.onset < 0 else changes.length), edge
        shares.append((note.onset - start) % whole / whole)
    return shares


def intervals(solo: Solo) -> NDArray[np.int64]:
    """Return the semitones from each note to the next, negative for a falling step."""
    return np.diff([note.pitch for note in solo.notes]).astype(np.int64)


def iois(solo: Solo) -> NDArray[np.int64]:
    """Return the ticks from each onset to the next."""
    return np.diff([note.onset for note in solo.notes]).astype(np.int64)


def _share(solo: Solo, tones: Callable[[Chord], Sequence[int]]) -> float | None:
    """Return the share of notes over chords whose pitch class is among some tones of the chord."""
    hits = counted = 0
    for note in solo.notes:
        chord = solo.changes.chord_at(note.onset) if solo.changes else None
        if chord is not None and not chord.is_no_chord:
            counted += 1
            hits += note.pitch % 12 in tones(chord)
    return hits / counted if counted else None


def chord_tones(solo: Solo) -> float | None:
    """Return the share of notes that are tones of the chord at their onset."""
    return _share(solo, lambda chord: chord.tones)


def scale_tones(solo: Solo) -> float | None:
    """Return the share of notes in the chord's first scale or among its tones."""
    return _share(solo, lambda chord: (*chord.scale, *chord.tones))


def pitch_class_entropy(solo: Solo, window: int) -> float | None:
    """Return the mean entropy of the pitch classes, in bits, of all windows of some bars.

    Windows overlap, begin on every bar from the first note's to the last's, and are counted if they
    contain a note; a solo shorter than `window` is one window.
    """
    placed = bars(solo)
    if not placed:
        return None
    first, last = placed[0], max(placed)
    if last - first >= _MOST_BARS:
        return None
    counts = np.zeros((last - first + 1, 12))
    np.add.at(counts, ([bar - first for bar in placed], [n.pitch % 12 for n in solo.notes]), 1)
    window = min(window, len(counts))
    sums = np.cumsum(np.concatenate([np.zeros((1, 12)), counts]), axis=0)
    sums = sums[window:] - sums[:-window]
    sums = sums[sums.sum(axis=1) > 0]
    share = sums / sums.sum(axis=1, keepdims=True)
    bits = np.where(share > 0, -share * np.log2(np.where(share > 0, share, 1)), 0)
    return float(bits.sum(axis=1).mean())


def grooving_similarity(solo: Solo) -> float | None:
    """Return the mean similarity of the onsets of all pairs of bars, 0 to 1.

    A bar is a binary vector of 64 positions, one where a note begins; two bars are as similar as
    the share of positions in which they agree.  Bars are counted from the first note's to the
    last's; of more than 2,000 bars the first 2,000.
    """
    placed = bars(solo)
    if not placed or max(placed) == placed[0]:
        return None
    count = min(max(placed) - placed[0] + 1, _MOST_GROOVE_BARS)
    grooves = np.zeros((count, GROOVE_POSITIONS))
    for bar, share in zip(placed, _bar_shares(solo), strict=True):
        if bar - placed[0] < count:
            grooves[bar - placed[0], min(GROOVE_POSITIONS - 1, int(share * GROOVE_POSITIONS))] = 1
    both = grooves @ grooves.T
    onsets = grooves.sum(axis=1)
    differing = onsets[:, None] + onsets[None, :] - 2 * both
    pairs = np.triu_indices(count, k=1)
    return float(1 - differing[pairs].mean() / GROOVE_POSITIONS)


def chord_irregularity(solo: Solo) -> float | None:
    """Return the share of distinct trigrams among the trigrams of successive chords.

    Chords from the first note to the last are counted; a repeated chord is one chord.
    """
    if solo.changes is None or not solo.notes:
        return None
    chords: list[Chord] = []
    for span in solo.changes.spans:
        sounds = span.end > solo.notes[0].onset and span.onset <= solo.notes[-1].onset
        if sounds and not (chords and chords[-1] == span.chord):
            chords.append(span.chord)
    trigrams = list(zip(chords, chords[1:], chords[2:], strict=False))
    return len(set(trigrams)) / len(trigrams) if trigrams else None


def mean_ioi(solo: Solo) -> float | None:
    """Return the mean number of ticks from onset to onset."""
    return float(iois(solo).mean()) if len(solo.notes) > 1 else None


def pitch_range(solo: Solo) -> float | None:
    """Return the semitones from the lowest note to the highest."""
    pitches = [note.pitch for note in solo.notes]
    return float(max(pitches) - min(pitches)) if pitches else None


def _interval_share(solo: Solo, low: int, high: int) -> float | None:
    sizes = np.abs(intervals(solo))
    return float(((sizes >= low) & (sizes <= high)).mean()) if len(sizes) else None


def steps(solo: Solo) -> float | None:
    """Return the share of intervals of one or two semitones."""
    return _interval_share(solo, 1, 2)


def leaps(solo: Solo) -> float | None:
    """Return the share of intervals wider than a fifth."""
    return _interval_share(solo, 8, 127)


def repeats(solo: Solo) -> float | None:
    """Return the share of notes that repeat the pitch before."""
    return _interval_share(solo, 0, 0)


def notes_a_bar(solo: Solo) -> float | None:
    """Return the mean number of notes in a bar, from the first note's bar to the last's."""
    placed = bars(solo)
    return len(placed) / (max(placed) - placed[0] + 1) if placed else None


def phrases(solo: Solo) -> tuple[tuple[Note, ...], ...]:
    """Return the phrases of a line: one ends where at least 21 ticks of silence follow.

    The length agrees best with the annotated phrases in the training part of the benchmark.
    """
    found: list[list[Note]] = []
    for note in solo.notes:
        if not found or note.onset - found[-1][-1].end >= PHRASE_GAP_TICKS:
            found.append([])
        found[-1].append(note)
    return tuple(map(tuple, found))


def phrase_notes(solo: Solo) -> float | None:
    """Return the median number of notes in a phrase."""
    found = phrases(solo)
    return float(np.median([len(phrase) for phrase in found])) if found else None


def phrase_beats(solo: Solo) -> float | None:
    """Return the median length of a phrase in quarters, first onset to last end."""
    found = phrases(solo)
    lengths = [phrase[-1].end - phrase[0].onset for phrase in found]
    return float(np.median(lengths)) / TICKS_PER_QUARTER if lengths else None


def swing_ratio(solo: Solo) -> float | None:
    """Return the median ratio of the two halves of a beat played as two eighths.

    Beats are counted that have one note on them and one more, with a note on the next beat, the
    second from three eighths to three quarters of the way: 1 is straight, 2 a triplet.  None for
    fewer than four such beats.
    """
    ratios = []
    for one, two, three in zip(solo.notes, solo.notes[1:], solo.notes[2:], strict=False):
        at = two.onset - one.onset
        if (
            one.onset % TICKS_PER_QUARTER == 0
            and three.onset - one.onset == TICKS_PER_QUARTER
            and SWING_POSITIONS[0] <= at <= SWING_POSITIONS[1]
        ):
            ratios.append(at / (TICKS_PER_QUARTER - at))
    return float(np.median(ratios)) if len(ratios) >= FEWEST_SWUNG_BEATS else None


def performed_swing_ratio(shares: Sequence[float]) -> float | None:
    """Return the swing ratio from the place, 0 to 1, of the second note in each beat of two."""
    low, high = (at / TICKS_PER_QUARTER for at in SWING_POSITIONS)
    ratios = [share / (1 - share) for share in shares if low <= share <= high]
    return float(np.median(ratios)) if len(ratios) >= FEWEST_SWUNG_BEATS else None


@dataclass(frozen=True, slots=True)
class Statistic:
    """A statistic of a line: its key in JSON, its label in tables, the source of its definition.

    `of` returns the number for a Solo, or None; `digits` decimals are printed.
    """

    name: str
    label: str
    source: str
    of: Callable[[Solo], float | None]
    digits: int = 3


STATISTICS = (
    Statistic("chord_tones", "chord tones", "MeloSpy", chord_tones),
    Statistic("scale_tones", "scale tones", "MeloSpy", scale_tones),
    Statistic(
        "entropy_1",
        "pitch-class entropy, 1 bar",
        "MusDr H1",
        lambda s: pitch_class_entropy(s, 1),
        2,
    ),
    Statistic(
        "entropy_4",
        "pitch-class entropy, 4 bars",
        "MusDr H4",
        lambda s: pitch_class_entropy(s, 4),
        2,
    ),
    Statistic("grooving_similarity", "grooving similarity", "MusDr GS", grooving_similarity),
    Statistic("chord_irregularity", "chord irregularity", "MusDr CPI", chord_irregularity),
    Statistic("ioi_ticks", "mean IOI (ticks)", "MGEval", mean_ioi, 1),
    Statistic("range_semitones", "range (semitones)", "MGEval PR", pitch_range, 1),
    Statistic("steps", "steps", "here: 1 or 2 semitones", steps),
    Statistic("leaps", "leaps over a fifth", "here: 8 semitones or more", leaps),
    Statistic("repeats", "repeated pitches", "here: 0 semitones", repeats),
    Statistic("notes_a_bar", "notes a bar", "MGEval NC per bar", notes_a_bar, 1),
    Statistic("phrase_notes", "notes a phrase", "here: 21 ticks of silence", phrase_notes, 1),
    Statistic("phrase_beats", "quarters a phrase", "here: 21 ticks of silence", phrase_beats, 1),
    Statistic("swing_ratio", "swing ratio", "Benadon's beat-upbeat ratio", swing_ratio, 2),
)


def measure(solo: Solo) -> dict[str, float | None]:
    """Return every statistic of a line, by the names of :data:`STATISTICS`."""
    return {statistic.name: statistic.of(solo) for statistic in STATISTICS}
