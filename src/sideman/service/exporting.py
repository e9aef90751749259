"""Solos as JSONL: tokens, events and features, a row after another.

``docs/research.md`` describes the rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sideman import opening
from sideman.errors import MusicError
from sideman.evaluation import loading, report
from sideman.evaluation.loading import Item
from sideman.models.events import BAR, DURATION_TICKS, Events, from_solo
from sideman.service.requests import File
from sideman.service.watching import Cancel, Progress, watch
from sideman.theory.meter import TICKS_PER_QUARTER
from sideman.training import tokens

Row = dict[str, Any]


@dataclass(frozen=True)
class ExportRequest:
    """Solos and what to write of them.

    Parameters
    ----------
    corpus : iterable of File
        Files with solos, each read when it is needed.
    what : str
        ``tokens``, ``events`` or ``features``.
    count : int
        The number of files, for the progress; 0 where unknown.
    split : File or None
        JSON that maps parts to the names of their solos; every solo where None.
    part : str
        The part of the split.
    solo : str
        The number or name of the only solo; empty for all.
    """

    corpus: Iterable[File]
    what: str
    count: int = 0
    split: File | None = None
    part: str = "test"
    solo: str = ""


def lines(
    request: ExportRequest, *, progress: Progress | None = None, cancel: Cancel | None = None
) -> Iterator[tuple[str, bool]]:
    """Yield the rows as lines of JSON, each with whether it is the first of a solo.

    Solos are in the order of the files, and of each file; one file is in memory at a time.

    Raises
    ------
    SidemanError
        If `what` is unknown, a file cannot be read, or there is no solo of two notes or more.
    """
    if request.what not in KINDS:
        raise MusicError(
            f"{request.what[:40]!r} cannot be exported; choose {', '.join(KINDS)}.", field="what"
        )
    split, told = request.split, watch(progress, cancel)
    wanted = None if split is None else loading.part_of(split.data, split.name, request.part)
    name = ""

    def documents() -> Iterator[Any]:
        nonlocal name
        for each in opening.documents(request.corpus):
            name = each.name
            yield each

    reading = loading.Reading(
        documents(), wanted, request.part, count=request.count, solo=request.solo
    )
    done = (lambda solos: told(solos / reading.count)) if reading.count else _ignored
    for item, _ in report.solos(reading, done):
        first = {"file": name, "solo": item.name}
        for number, row in enumerate(KINDS[request.what](item)):
            yield json.dumps(first | row, ensure_ascii=False, allow_nan=False), not number


def _ignored(_: float) -> None:
    pass


def _heading(item: Item) -> Row:
    solo = item.solo
    changes = solo.changes
    return {
        "number": item.number,
        "performer": item.entry.performer or solo.performer,
        "title": solo.title,
        "key": None if solo.key is None else str(solo.key),
        "tempo_bpm": solo.tempo_bpm,
        "style": solo.style,
        "meter": None if changes is None else str(changes.meter),
        "bars": None if changes is None else len(changes.bars),
        "choruses": None if changes is None else len(changes.chorus_starts),
    }


def _tokens(item: Item) -> Iterator[Row]:
    """Yield one row: the tokens of the course's grammar; None without chords."""
    solo = item.solo
    chorded = solo.changes is not None and solo.changes.spans
    found = tokens.sentences([solo]) if chorded else ()
    yield _heading(item) | {"tokens": list(found[0]) if found else [] if chorded else None}


def _events(item: Item) -> Iterator[Row]:
    """Yield a row for each note of the benchmark's events; in other meters than 4/4 alike."""
    events = item.events if item.common_time else from_solo(item.solo, item.name)
    columns = (events.onset, events.pitch, events.duration, events.ioi)
    for number, (onset, pitch, duration, ioi) in enumerate(
        zip(*(column.tolist() for column in columns), strict=True), start=1
    ):
        bar, beat = _place(events, onset)
        chord = None if events.changes is None else events.changes.chord_at(onset)
        yield {
            "note": number,
            "onset_ticks": onset,
            "bar": bar,
            "beat": beat,
            "pitch": pitch,
            "duration_ticks": DURATION_TICKS[duration],
            "ioi_ticks": ioi if number > 1 else None,
            "chord": None if chord is None else chord.symbol,
        }


def _place(events: Events, onset: int) -> tuple[int, float]:
    """Return the bar, 1 where the form begins, and the beat from 1, of an onset."""
    changes = events.changes
    if changes is None or not changes.bars:
        bar, start, beat = onset // BAR, onset // BAR * BAR, TICKS_PER_QUARTER
    else:
        bar, last = changes.bar_at(onset), len(changes.bars) - 1
        inside = min(max(bar, 0), last)
        meter = changes.bars[inside].meter
        start = changes.bar_starts[inside] + (bar - inside) * meter.ticks_per_bar
        beat = meter.ticks_per_beat
    return bar + 1, round(1 + (onset - start) / beat, 4)


def _features(item: Item) -> Iterator[Row]:
    """Yield one row: the statistics of ``sideman measure``."""
    yield _heading(item) | {"notes": len(item.solo.notes)} | report.statistics(item)


KINDS: Mapping[str, Callable[[Item], Iterator[Row]]] = {
    "tokens": _tokens,
    "events": _events,
    "features": _features,
}
"""By the name of an export, the function that yields the rows of a solo."""
