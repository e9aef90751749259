"""The report of ``sideman inspect`` on a MIDI file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sideman.formats.midi.bars import bar_lines
from sideman.formats.midi.parts import Profile
from sideman.formats.midi.reading import MidiFile
from sideman.formats.midi.solo import Taken, take, title
from sideman.formats.midi.written import written
from sideman.formats.prior import Prior
from sideman.formats.report import Report, chart_lines, melody_lines, table
from sideman.score import Changes, spell
from sideman.theory.meter import quarters_to_ticks, ticks_to_quarters
from sideman.theory.pitch import Key

_FORMATS = ("one track", "tracks that sound together", "independent patterns")
_FIRST_BARS = 8
_WIDEST_BAR = 24


def report(
    file: MidiFile,
    *,
    melody: str | None = None,
    chords: str | None = None,
    beats: tuple[float, float] | None = None,
    prior: Prior | None = None,
) -> Report:
    """Return format, length, tempo, meter, parts, the choice with reasons, chords, first bars.

    Parameters
    ----------
    file : MidiFile
        The file.
    melody, chords : str or None
        The part by number or by a part of its name; None to find it.
    beats : pair of float or None
        First and last quarter from the start of the file; None to find them.
    prior : Prior or None
        For chords inferred from a piano.

    Raises
    ------
    MusicError
        If a named part does not exist or the range is empty.
    """
    taken = take(file, melody=melody, chords=chords, quarters=beats, prior=prior)
    own = written(file)
    if own is not None and not own.notes and melody is None and beats is None:
        # A take of rests alone has no part for its solo, and no other part stands in for it.
        reasons = ("Melody: none; the solo that sideman has written holds no notes.",)
        choice = replace(taken.choice, melody=None, reasons=reasons + taken.choice.reasons[1:])
        taken = replace(taken, choice=choice, solo=replace(taken.solo, notes=()))
    data = _data(file, taken)
    return Report("\n".join(_lines(file, taken, data)), data)


def _data(file: MidiFile, taken: Taken) -> dict[str, object]:
    choice, solo = taken.choice, taken.solo
    end = quarters_to_ticks(float(file.quarters(file.end)))
    lines = bar_lines(file, max(end - 1, 0))
    changes = solo.changes
    return {
        "file": file.name,
        "kind": "midi",
        "title": title(file),
        "format": file.format,
        "ticks_per_quarter": float(file.ticks_per_quarter),
        "tracks": len(file.tracks),
        "notes": sum(len(part.notes) for part in file.parts),
        "quarters": round(float(file.quarters(file.end)), 3),
        "seconds": round(file.seconds(file.end), 3),
        "bars": len(lines.starts) if file.end else 0,
        "tempo_bpm": file.tempo_bpm,
        "tempos": len(file.tempos),
        "meters": [
            {
                "bar": lines.bar_at(quarters_to_ticks(float(file.quarters(tick)))) + 1,
                "meter": str(m),
            }
            for tick, m in file.meters
        ]
        or [{"bar": 1, "meter": "4/4"}],
        "key": None if solo.key is None else str(solo.key),
        "parts": [_part_data(one) for one in choice.profiles],
        "melody": None if choice.melody is None else choice.melody.part.number,
        "chords": None if choice.chords is None else choice.chords.part.number,
        "chord_source": taken.chord_source,
        "range_quarters": [round(float(choice.first), 3), round(float(choice.last), 3)],
        "first_bar": taken.first_bar + 1,
        "reasons": list(choice.reasons),
        "changes": [] if changes is None else _chart(changes),
        "melody_notes": len(solo.notes),
        "measures": _measures(taken),
        "remarks": list(file.remarks),
    }


def _part_data(one: Profile) -> dict[str, object]:
    part = one.part
    return {
        "number": part.number,
        "name": part.name,
        "instrument": one.instrument,
        "program": part.program,
        "channel": part.channel + 1,
        "notes": len(part.notes),
        "lowest": one.lowest,
        "highest": one.highest,
        "polyphony": round(one.polyphony, 2),
        "density": round(one.density, 2),
        "percussion": one.drums,
    }


def _chart(changes: Changes) -> list[str]:
    """Return each bar's chords, with beats for uneven ones."""
    chart = []
    for bar in changes.bars:
        beats = bar.meter.ticks_per_beat
        even = len(bar.chords) == 0 or bar.meter.ticks_per_bar % len(bar.chords)
        step = 0 if even else bar.meter.ticks_per_bar // len(bar.chords)
        regular = all(change.onset == i * step for i, change in enumerate(bar.chords))
        chart.append(
            " ".join(
                change.chord.symbol
                if regular
                else f"{change.chord.symbol}@{1 + change.onset / beats:g}"
                for change in bar.chords
            )
            or "%"
        )
    return chart


def _measures(taken: Taken) -> list[dict[str, object]]:
    """Return the notes of each bar, by beat."""
    lines = taken.lines
    start = lines.starts[taken.first_bar]
    bars: dict[int, list[dict[str, object]]] = {}
    solo = taken.solo
    for note in solo.notes:
        bar = lines.bar_at(note.onset + start)
        chord = None if solo.changes is None else solo.changes.chord_at(note.onset)
        beats = (note.onset + start - lines.starts[bar]) / lines.meters[bar].ticks_per_beat
        bars.setdefault(bar, []).append(
            {
                "beat": round(1 + beats, 3),
                "pitch": note.pitch,
                "name": str(spell(note, solo.key, chord)),
                "quarters": round(ticks_to_quarters(note.duration), 3),
            }
        )
    return [{"bar": bar + 1, "notes": notes} for bar, notes in sorted(bars.items())]


def _lines(file: MidiFile, taken: Taken, data: Mapping[str, object]) -> list[str]:
    solo, choice = taken.solo, taken.choice
    tempo = f"{file.tempo_bpm:g} quarters a minute"
    if len(file.tempos) > 1:
        tempo += f" ({len(file.tempos)} tempo changes)"
    clock = _clock(file.seconds(file.end))
    lines = [
        f"{file.name}: MIDI format {file.format} ({_FORMATS[file.format]}), "
        f"{len(file.tracks)} tracks, {float(file.ticks_per_quarter):g} ticks a quarter",
        f"Title   {data['title']}",
        f"Length  {data['bars']} bars, {data['quarters']:g} quarters, {clock}",
        f"Tempo   {tempo}",
        f"Meter   {_meters(data)}",
        f"Key     {data['key'] or 'not given'}",
    ]
    lines += [f"Note    {remark}" for remark in file.remarks]
    every = choice.profiles
    if not every:
        lines += ["", "The file holds no notes."]
        if solo.changes is None:
            return lines
    else:
        lines += ["", *_parts_table(every), "", *choice.reasons]
    lines += ["", f"Chords: {taken.chord_source}."]
    if solo.changes is not None:
        chart = _chart(solo.changes)
        width = min(_WIDEST_BAR, max(len(bar) for bar in chart))
        lines += chart_lines(chart, taken.first_bar + 1, width)
    else:
        lines.append(
            "Without chords a solo cannot be learnt from; name a part or give the changes."
        )
    if solo.notes:
        lines += ["", f"Melody: {len(solo.notes)} notes on the grid; the first bars:"]
        lines += melody_lines(_measures(taken)[:_FIRST_BARS], "name")
        lines.append("        (beat:pitch length in quarters)")
    elif every:
        lines += ["", "No melody in that range."]
    return lines


def _meters(data: Mapping[str, object]) -> str:
    meters = data["meters"]
    assert isinstance(meters, list)
    shown = [f"{m['meter']} from bar {m['bar']}" if m["bar"] > 1 else m["meter"] for m in meters]
    more = f" and {len(shown) - 8} more changes" if len(shown) > 8 else ""
    return ", ".join(shown[:8]) + more


def _parts_table(every: Sequence[Profile]) -> list[str]:
    return table(
        ("part", "name", "instrument", "ch", "notes", "range", "polyphony", "density"),
        [
            (
                one.part.number,
                one.part.name[:30],
                one.instrument,
                one.part.channel + 1,
                f"{len(one.part.notes):,}",
                "" if one.drums else f"{Key(0).spell(one.lowest)}–{Key(0).spell(one.highest)}",
                f"{one.polyphony:.1f}",
                f"{one.density:.1f}",
            )
            for one in every
        ],
        "rllrrlrr",
    )


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
