"""The Weimar Jazz Database; each solo is also a chart with the solo as its melody."""

from __future__ import annotations

from functools import cache, partial

from sideman.errors import MusicError
from sideman.formats.document import Document, GridNotes, SoloEntry, Tune
from sideman.formats.registry import Codec
from sideman.formats.weimar.reading import (
    LARGEST_FILE,
    Beat,
    Section,
    ToneEvent,
    Transcription,
    first_bar,
    form,
    parse,
    solo,
)
from sideman.formats.weimar.report import report
from sideman.score import LeadSheet, Part
from sideman.theory.meter import TICKS_PER_QUARTER, Meter

__all__ = [
    "CODEC",
    "Beat",
    "Section",
    "ToneEvent",
    "Transcription",
    "first_bar",
    "form",
    "grid",
    "parse",
    "solo",
    "swing_shares",
]


def grid(transcription: Transcription) -> GridNotes:
    """Return the notes of a solo in 4/4 on the grid of ``docs/benchmark.md``.

    The onset is ``bar*96 + (beat-1)*24 + round(24*(tatum-1)/division)``, the length as performed at
    the local tempo.

    Raises
    ------
    ChordError
        If a chord symbol is unknown.
    """
    start = first_bar(transcription)
    beat = TICKS_PER_QUARTER
    placed = sorted(
        (
            (tone.bar - start) * Meter().ticks_per_bar
            + (tone.beat - 1) * beat
            + round(beat * (tone.tatum - 1) / tone.division),
            tone.onset_seconds,
            index,
        )
        for index, tone in enumerate(transcription.tones)
    )
    tones = [transcription.tones[index] for _, _, index in placed]
    return GridNotes(
        tuple(onset for onset, _, _ in placed),
        tuple(round(tone.pitch) for tone in tones),
        tuple(tone.duration_seconds / tone.beat_seconds * beat for tone in tones),
        form(transcription, Meter()),
    )


def swing_shares(transcription: Transcription) -> tuple[float, ...]:
    """Return the onset of the second note in each beat of two notes, as a share of the beat.

    Only beats with a note on the beat, one more, and a note on the next beat are used.
    """
    shares = []
    tones = transcription.tones
    for one, two, three in zip(tones, tones[1:], tones[2:], strict=False):
        first = one.bar * one.meter_beats + one.beat
        same = (two.bar, two.beat) == (one.bar, one.beat)
        next_beat = three.bar * three.meter_beats + three.beat == first + 1
        on_the_beats = one.tatum == three.tatum == 1 and two.tatum > 1
        whole = three.onset_seconds - one.onset_seconds
        if same and next_beat and on_the_beats and whole > 0:
            shares.append((two.onset_seconds - one.onset_seconds) / whole)
    return tuple(shares)


def _chart(transcription: Transcription, name: str) -> LeadSheet:
    line = solo(transcription)
    if line.changes is None:
        raise MusicError(f"{name}: {line.title!r} has no beats; choose another solo.")
    return LeadSheet(
        line.title,
        line.changes,
        parts=(Part(line.performer or "Solo", line.notes),),
        key=line.key,
        tempo_bpm=line.tempo_bpm,
        style=line.style,
    )


def _tune(one: Transcription, name: str) -> Tune:
    title = f"{one.title} ({one.performer})" if one.performer else one.title
    return Tune(title, "", one.style, partial(_chart, one, name))


def _entry(one: Transcription) -> SoloEntry:
    return SoloEntry(
        one.name,
        len(one.tones),
        one.signature == "4/4",
        partial(solo, one),
        grid=partial(grid, one),
        swing_shares=partial(swing_shares, one),
        performer=one.performer,
        tempo_bpm=one.tempo_bpm,
        number=one.number,
    )


def _read(data: bytes, name: str) -> Document:
    @cache
    def transcriptions() -> tuple[Transcription, ...]:
        return parse(data, name)

    return Document(
        read_charts=lambda: tuple(_tune(one, name) for one in transcriptions()),
        read_solos=lambda: tuple(map(_entry, transcriptions())),
        report=partial(report, data, name),
        report_options=("solo",),
    )


CODEC = Codec(read=_read, most_bytes=LARGEST_FILE)
