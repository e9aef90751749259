"""Chord labels with times: ``.lab``, CSV and JAMS.

Labels are Harte's (``Bb:min7``) or plain symbols (``Bbm7``). Times are seconds. Where a JAMS file
has beats, bars are taken from them. Otherwise a steady beat is estimated from the lengths of the
chords: a bar is assumed to have four beats, and the first chord to begin one. The tempo of the
chart is the estimate. Files whose chords do not fit such a beat are refused.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import PurePath
from statistics import median
from typing import Any

from sideman.errors import ChordError, FormatError
from sideman.files import MEBIBYTE, decoded
from sideman.formats.document import chart_document
from sideman.formats.harte import read_label
from sideman.formats.registry import Codec
from sideman.score import Bar, Changes, ChordChange, LeadSheet
from sideman.theory.chord import Chord
from sideman.theory.meter import TICKS_PER_QUARTER, Meter

MOST_BYTES = 16 * MEBIBYTE
MOST_LABELS = 20_000
MOST_BARS = 4000
_LONGEST_SECONDS = 24 * 3600
_SLOWEST, _FASTEST = 60.0, 300.0  # of the beats that are tried, per minute
# The mean distance of the chords' lengths from whole beats, in beats: for many chords, for few.
_FURTHEST, _FURTHEST_OF_FEW, _FEW = 0.12, 0.04, 12
_ON_DOWNBEATS, _ON_HALVES = 0.5, 0.85  # the least shares of chords on beat 1, and on 1 or 3
_FEWEST = 4
_SAME_OCTAVE = 0.05  # the difference of two beats that count as the same, as a binary logarithm
_CLEAR = 0.08
_LONGEST_BAR = 4.0  # seconds: where all chords are equally long, they last a bar
_WRONG = (*(ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError),)
"""The exceptions that reading JSON of an unexpected shape may raise."""
_NAMES = {
    "start": ("start", "time", "onset", "start_time", "begin", "start time"),
    "end": ("end", "stop", "end_time", "offset", "end time"),
    "duration": ("duration", "length"),
    "label": ("label", "chord", "value", "symbol", "chords"),
}


@dataclass(frozen=True, slots=True)
class _Label:
    """A chord from its start to its end in seconds."""

    start: float
    end: float
    text: str


def parse(data: bytes, name: str) -> LeadSheet:
    """Read chord labels as bars.

    Raises
    ------
    FormatError, ChordError
        If the file cannot be read, or its times do not give bars.
    """
    text = decoded(data, name)
    title = PurePath(name).stem
    beats: list[tuple[float, int]] = []
    if text.lstrip()[:1] == "{":
        title, labels, beats = _jams(text, name, title)
    else:
        labels = [*_rows(text, name)]
    labels = _joined(sorted(labels, key=lambda label: label.start), name)
    if not labels:
        raise FormatError(f"{name}: has no chord labels with times; give rows like 0.5 2.5 C:maj7.")
    chords = [_chord(label, name) for label in labels]
    changes = _on_beats(labels, chords, beats, name) if beats else None
    if changes is not None:
        lengths = [two - one for (one, _), (two, _) in pairwise(beats)]
        return LeadSheet(title, changes, tempo_bpm=_bpm(median(lengths)))
    if len(labels) < _FEWEST:
        raise FormatError(
            f"{name}: has {len(labels)} chords, too few to estimate a beat; give at least "
            f"{_FEWEST}, or a JAMS file with beats."
        )
    return _estimated(labels, chords, title, name)


def _bpm(seconds: float) -> float | None:
    tempo = round(60 / seconds, 1) if seconds > 0 else 0
    return tempo if 20 <= tempo <= 400 else None


def _chord(label: _Label, name: str) -> Chord:
    """Read a Harte label or a plain symbol."""
    try:
        return read_label(label.text)
    except ChordError:
        try:
            return Chord.parse(label.text)
        except ChordError as error:
            said = f"{name}, at {label.start:g} s: {error}"
            raise ChordError(said, error.symbol, error.nearest) from error


def _joined(labels: Sequence[_Label], name: str) -> list[_Label]:
    """Join equal neighbours, without silence at both ends; a gap continues the chord."""
    if len(labels) > MOST_LABELS:
        raise FormatError(f"{name}: more than {MOST_LABELS:,} labels, the limit; give a part.")
    found: list[_Label] = []
    for label in labels:
        if not 0 <= label.start <= label.end <= _LONGEST_SECONDS:
            raise FormatError(f"{name}: a label at {label.start:g} s has impossible times.")
        if label.end == label.start and label is not labels[-1]:
            continue
        if found and label.text == found[-1].text:
            found[-1] = _Label(found[-1].start, label.end, label.text)
        else:
            if found:
                found[-1] = _Label(found[-1].start, label.start, found[-1].text)
            found.append(label)
    while found and found[0].text == "N":
        del found[0]
    while found and found[-1].text == "N":
        del found[-1]
    return found


# Reading rows ---------------------------------------------------------------------------------


def _rows(text: str, name: str) -> Iterable[_Label]:
    """Yield the rows of a table, with or without a header."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    comma = sum("," in line for line in lines[:20]) * 2 > len(lines[:20])
    try:
        rows = (
            [*csv.reader(io.StringIO("\n".join(lines)))]
            if comma
            else [line.split(None, 2) for line in lines]
        )
    except csv.Error as error:
        raise FormatError(f"{name}: is not well-formed CSV; save it again.") from error
    columns = {"start": 0, "end": 1, "label": 2}
    if rows and _seconds(rows[0][0]) is None:
        heads = [cell.strip().lower() for cell in rows[0]]
        columns = {
            kind: heads.index(known)
            for kind, names in _NAMES.items()
            for known in reversed(names)
            if known in heads
        }
        del rows[0]
        if "start" not in columns or "label" not in columns:
            raise FormatError(
                f"{name}: has no columns for time and chord; name them start, end and label."
            )
    elif rows and len(rows[0]) == 2:
        columns = {"start": 0, "label": 1}
    starts: list[float] = []
    for number, row in enumerate(rows, 1):
        start = _seconds(row[columns["start"]]) if len(row) > max(columns.values()) else None
        if start is None:
            raise FormatError(f"{name}, row {number}: is not a time and a chord; correct it.")
        starts.append(start)
    for number, (row, start) in enumerate(zip(rows, starts, strict=True), 1):
        end = starts[number] if number < len(starts) else start
        if "end" in columns:
            end = _seconds(row[columns["end"]]) or end
        elif "duration" in columns:
            end = start + (_seconds(row[columns["duration"]]) or 0.0)
        yield _Label(start, end, row[columns["label"]].strip().strip("\"'"))


def _seconds(text: str) -> float | None:
    plain = text.strip()
    return float(plain) if re.fullmatch(r"\d{1,6}(\.\d{0,12})?(e-?\d{1,2})?", plain) else None


def _jams(text: str, name: str, title: str) -> tuple[str, list[_Label], list[tuple[float, int]]]:
    """Read a JAMS file: its first chord annotation, and its beats."""
    try:
        held = json.loads(text)
        annotations = held["annotations"]
        by_kind: dict[str, list[Any]] = {}
        for annotation in annotations:
            by_kind.setdefault(str(annotation["namespace"]), []).append(annotation["data"])
        chords = by_kind.get("chord") or by_kind.get("chord_harte")
        labels = [
            _Label(float(one["time"]), float(one["time"]) + float(one["duration"]), one["value"])
            for one in (chords or [[]])[0]
        ]
        beats = [
            (float(one["time"]), int(one["value"]["position"]))
            for one in (by_kind.get("beat_position") or [[]])[0]
        ] or [
            (float(one["time"]), int(one["value"] or 0)) for one in (by_kind.get("beat") or [[]])[0]
        ]
        metadata = held.get("file_metadata") or {}
        title = " ".join(str(metadata.get("title") or title).split())[:500]
        if any(type(label.text) is not str for label in labels) or any(
            not math.isfinite(number)
            for number in [*(label.end for label in labels), *(time for time, _ in beats)]
        ):
            raise ValueError("a label or a time")
    except _WRONG as error:
        raise FormatError(
            f"{name}: is not a JAMS file with chords; save it with the namespace chord."
        ) from error
    return title, labels, sorted(beats)


# From times to bars ---------------------------------------------------------------------------


def _on_beats(
    labels: Sequence[_Label], chords: Sequence[Chord], beats: list[tuple[float, int]], name: str
) -> Changes | None:
    """Place the chords on annotated beats; None if the beats have no positions in bars."""
    if len(beats) < 2 or not any(position == 1 for _, position in beats):
        return None
    times = [time for time, _ in beats]
    first = max(0, bisect_right(times, labels[0].start + 0.1) - 1)
    while first and beats[first][1] != 1:
        first -= 1
    downbeats = [i for i in range(first, len(beats)) if beats[i][1] == 1]
    last = next((i for i, time in enumerate(times) if time > labels[-1].end - 0.1), len(times))
    downbeats = [i for i in downbeats if i < max(last, first + 1)]
    if not downbeats or len(downbeats) > MOST_BARS:
        raise FormatError(f"{name}: has no bars in its beats, or more than {MOST_BARS}.")
    usual = Counter(two - one for one, two in pairwise(downbeats)).most_common(1)
    size = usual[0][0] if usual else 4
    ends = [*downbeats[1:], downbeats[-1] + size]
    onsets: dict[int, Chord] = {}
    for label, chord in zip(labels, chords, strict=True):
        at = bisect_right(times, label.start) - 1
        if at + 1 < len(times) and times[at + 1] - label.start < label.start - times[max(at, 0)]:
            at += 1
        onsets[max(at, first)] = chord
    bars = []
    for begin, end in zip(downbeats, ends, strict=True):
        if not 1 <= end - begin <= 16:
            raise FormatError(f"{name}: a bar of {end - begin} beats; correct the beats.")
        changes = tuple(
            ChordChange((i - begin) * TICKS_PER_QUARTER, onsets[i])
            for i in range(begin, end)
            if i in onsets
        )
        bars.append(Bar(changes, Meter(end - begin, 4)))
    return Changes(tuple(bars))


def _estimated(
    labels: Sequence[_Label], chords: Sequence[Chord], title: str, name: str
) -> LeadSheet:
    """Place the chords on an estimated beat."""
    lengths = [two.start - one.start for one, two in pairwise(labels)]
    beat = _beat(lengths)
    counts = [round(length / beat) for length in lengths] if beat else []
    onsets = [0]
    for count in counts:
        onsets.append(onsets[-1] + count)
    share = sum(onset % 4 == 0 for onset in onsets) / len(onsets)
    halves = sum(onset % 2 == 0 for onset in onsets) / len(onsets)
    same = len({*counts}) == 1 and lengths[0] > _LONGEST_BAR
    if not beat or same or share < _ON_DOWNBEATS or halves < _ON_HALVES:
        raise FormatError(
            f"{name}: its chords do not fit a steady beat in 4/4, so that bars cannot be found; "
            "give a JAMS file with beats."
        )
    rest = max(1, round((labels[-1].end - labels[-1].start) / beat))
    total = -(-(onsets[-1] + rest) // 4)
    if total > MOST_BARS:
        raise FormatError(f"{name}: more than {MOST_BARS} bars, the limit; give a part.")
    bars: list[list[ChordChange]] = [[] for _ in range(total)]
    for onset, chord in zip(onsets, chords, strict=True):
        bars[onset // 4].append(ChordChange(onset % 4 * TICKS_PER_QUARTER, chord))
    tempo = _bpm(sum(lengths) / onsets[-1])
    return LeadSheet(title, Changes(tuple(Bar(tuple(bar)) for bar in bars)), tempo_bpm=tempo)


def _beat(lengths: Sequence[float]) -> float:
    """Return the beat in seconds of which the lengths are multiples; 0 if there is none.

    Of several beats that fit, that is chosen whose most frequent length is a bar or half a bar, at
    the most usual tempo. It is 0 too if another beat fits nearly as well.
    """
    found: list[tuple[float, float]] = []
    steps = math.ceil(math.log(_FASTEST / _SLOWEST) / math.log(1.005))
    for step in range(steps + 1):
        tempo = _SLOWEST * 1.005**step
        beats = [length * tempo / 60 for length in lengths]
        counts = [round(one) for one in beats]
        if not all(counts):
            continue
        # A long chord may drift by more than a short one.
        distance = sum(
            abs(one - count) / max(1.0, count / 4) for one, count in zip(beats, counts, strict=True)
        ) / len(beats)
        if distance > (_FURTHEST if len(lengths) >= _FEW else _FURTHEST_OF_FEW):
            continue
        usual = Counter(counts).most_common(1)[0][0]
        odd = sum(count % 2 for count in counts) / len(counts)
        strange = {4: 0.0, 2: 0.3, 8: 0.6}.get(usual, 1.5)
        cost = distance * 4 + odd + strange + abs(math.log2(tempo / 140)) * 0.5
        found.append((cost, 60 / tempo))
    if not found:
        return 0.0
    least, beat = min(found)
    octaves = [(cost, math.log2(other / beat)) for cost, other in found]
    # A beat that is neither the same nor twice as fast or slow would give other bars.
    rivals = [cost for cost, octave in octaves if abs(octave - round(octave)) > _SAME_OCTAVE]
    return beat if min(rivals, default=math.inf) > least + _CLEAR else 0.0


CODEC = Codec(
    read=lambda data, name: chart_document(partial(parse, data, name)), most_bytes=MOST_BYTES
)
