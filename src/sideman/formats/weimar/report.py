"""The report of ``sideman inspect`` on a database."""

from __future__ import annotations

from bisect import bisect_right

from sideman.errors import FormatError
from sideman.formats.report import Report, chart_lines, melody_lines, table
from sideman.formats.weimar import reading
from sideman.score import Changes, Solo, spell
from sideman.theory.meter import ticks_to_quarters

_FIRST_BARS = 8


def report(data: bytes, name: str, *, solo: str | None = None) -> Report:
    """Return the list of a database's solos, or one solo by its number or name.

    Raises
    ------
    FormatError
        If it is not such a database, or has no such solo.
    """
    if solo is None:
        return _all(reading.parse(data, name))
    if solo.isascii() and solo.isdigit() and len(solo) < 18:
        return _one(reading.parse(data, name, [int(solo)])[0])
    for transcription in reading.parse(data, name):
        if transcription.name == solo:
            return _one(transcription)
    raise FormatError(
        f"{name}: has no solo {solo[:80]!r}; give a number or a name from its list.", field="solo"
    )


def _all(transcriptions: tuple[reading.Transcription, ...]) -> Report:
    rows = [
        {
            "number": one.number,
            "name": one.name,
            "performer": one.performer,
            "title": one.title,
            "meter": one.signature,
            "tempo_bpm": one.tempo_bpm,
            "choruses": len({beat.chorus for beat in one.beats if beat.chorus > 0}),
            "notes": len(one.tones),
        }
        for one in transcriptions
    ]
    players = len({one.performer for one in transcriptions})
    notes = sum(len(one.tones) for one in transcriptions)
    lines = [
        f"Weimar Jazz Database: {len(rows)} solos by {players} players, {notes:,} notes.",
        "",
        *table(
            ("solo", "player", "title", "meter", "bpm", "choruses", "notes"),
            [
                (
                    row["number"],
                    row["performer"],
                    row["title"],
                    row["meter"],
                    "" if row["tempo_bpm"] is None else f"{row['tempo_bpm']:.0f}",
                    row["choruses"],
                    row["notes"],
                )
                for row in rows
            ],
            "rlllrrr",
        ),
        "",
        "To show one solo, give its number.",
    ]
    return Report("\n".join(lines), {"kind": "weimar", "solos": rows})


def _one(transcription: reading.Transcription) -> Report:
    solo = reading.solo(transcription)
    data: dict[str, object] = {
        "kind": "weimar",
        "number": transcription.number,
        "name": transcription.name,
        "performer": transcription.performer,
        "title": transcription.title,
        "meter": transcription.signature,
        "tempo_bpm": transcription.tempo_bpm,
        "tempo_class": transcription.tempo_class,
        "notes": len(transcription.tones),
        "on_the_grid": len(solo.notes),
        "phrases": len(solo.phrase_starts),
        "choruses": [bar + 1 for bar in solo.chorus_bars],
        "form": [
            {"section": section.value, "first_note": section.first, "last_note": section.last}
            for section in transcription.spans("FORM")
        ],
        "bars": _chart(solo.changes) if solo.changes else [],
        "measures": _measures(solo),
    }
    bars = solo.changes.bars if solo.changes else ()
    tempo = f", {solo.tempo_bpm:.0f} bpm" if solo.tempo_bpm else ""
    lines = [
        f"{transcription.performer}: {transcription.title} "
        f"(solo {transcription.number}, {transcription.name})",
        f"{transcription.signature}{tempo}; {len(bars)} bars, {len(solo.chorus_bars)} choruses, "
        f"{len(solo.phrase_starts)} phrases, {len(transcription.tones)} notes, "
        f"{len(solo.notes)} of them on ticks of their own.",
    ]
    first = solo.chorus_bars[0] if solo.chorus_bars else 0
    second = solo.chorus_bars[1] if len(solo.chorus_bars) > 1 else len(bars)
    if solo.changes:
        lines += ["", "Chords of the first chorus:"]
        chorus = _chart(solo.changes)[first:second]
        width = max(map(len, chorus), default=1)
        lines += chart_lines(chorus, first + 1, width)
    lines += ["", "The first bars, as beat:pitch length in quarters:"]
    lines += melody_lines(_measures(solo)[:_FIRST_BARS], "pitch")
    return Report("\n".join(lines), data)


def _chart(changes: Changes) -> list[str]:
    """Return each bar's chords as one string; ``%`` if the previous chord continues."""
    return [" ".join(change.chord.symbol for change in bar.chords) or "%" for bar in changes.bars]


def _measures(solo: Solo) -> list[dict[str, object]]:
    """Return the notes of each bar; bar 1 is where the form begins."""
    changes = solo.changes
    starts = changes.bar_starts if changes else (0,)
    meter = changes.meter if changes else None
    bars: dict[int, list[dict[str, object]]] = {}
    for note in solo.notes:
        bar = changes.bar_at(note.onset) if changes else note.onset // 96
        if changes and 0 <= bar < len(changes.bars):
            start = starts[bisect_right(starts, note.onset) - 1]
        else:
            ticks = meter.ticks_per_bar if meter else 96
            start = (
                bar * ticks
                if bar < 0 or not changes
                else starts[-1] + ticks * (bar - len(changes.bars))
            )
        beat = 1 + (note.onset - start) / (meter.ticks_per_beat if meter else 24)
        bars.setdefault(bar + 1, []).append(
            {
                "beat": round(beat, 3),
                "pitch": str(
                    spell(note, solo.key, changes.chord_at(note.onset) if changes else None)
                ),
                "midi": note.pitch,
                "quarters": round(ticks_to_quarters(note.duration), 3),
            }
        )
    return [{"bar": bar, "notes": notes} for bar, notes in bars.items()]
