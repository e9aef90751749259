"""Small databases in the Weimar schema, made by the tests that need one."""

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

from sideman.formats.weimar import Transcription, parse

SCHEMA = {
    "solo_info": "melid INTEGER PRIMARY KEY, performer TEXT, title TEXT, style TEXT, avgtempo REAL,"
    " tempoclass TEXT, key TEXT, signature TEXT, chord_changes TEXT, chorus_count INTEGER",
    "transcription_info": "melid INTEGER PRIMARY KEY, filename_sv TEXT",
    "melody": "eventid INTEGER PRIMARY KEY, melid INTEGER, onset REAL, pitch REAL, duration REAL,"
    " period INTEGER, division INTEGER, bar INTEGER, beat INTEGER, tatum INTEGER, num INTEGER,"
    " denom INTEGER, beatdur REAL, loud_med REAL",
    "beats": "beatid INTEGER PRIMARY KEY, melid INTEGER, onset REAL, bar INTEGER, beat INTEGER,"
    " signature TEXT, chord TEXT, form TEXT, bass_pitch INTEGER, chorus_id INTEGER",
    "sections": "melid INTEGER, type TEXT, start INTEGER, end INTEGER, value TEXT",
}

# Bar, beat, tatum, division, pitch, duration in beats.
Tone = tuple[int, int, int, int, float, float]
BEAT_SECONDS = 0.5


def build(
    path: Path,
    solos: Mapping[str, Iterable[Tone]],
    *,
    chords: Mapping[tuple[int, int], str] | None = None,
    meter: str = "4/4",
    bars: int = 4,
    without: str = "",
) -> Path:
    """Write a database with one solo a name; `without` leaves out a table or a table.column."""
    beats_a_bar, unit = (int(word) for word in meter.split("/"))
    with closing(sqlite3.connect(path)) as db, db:
        for table, columns in SCHEMA.items():
            kept = [
                column for column in columns.split(",") if f"{table}.{column.split()[0]}" != without
            ]
            if table != without:
                db.execute(f"CREATE TABLE {table} ({','.join(kept)})")

        def insert(table: str, **values: object) -> None:
            kept = {name: value for name, value in values.items() if f"{table}.{name}" != without}
            if table != without:
                names = ",".join(f'"{name}"' for name in kept)
                marks = ",".join("?" * len(kept))
                db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(kept.values()))

        for melid, (name, tones) in enumerate(solos.items(), start=1):
            insert(
                "solo_info",
                melid=melid,
                performer=f"Player {melid}",
                title=f"Tune {melid}",
                avgtempo=120.0,
                signature=meter,
            )
            insert("transcription_info", melid=melid, filename_sv=f"{name}_FINAL.sv")
            placed = list(tones)
            for bar, beat, tatum, division, pitch, length in placed:
                at = (bar - 1) * beats_a_bar + (beat - 1) + (tatum - 1) / division
                insert(
                    "melody",
                    melid=melid,
                    onset=at * BEAT_SECONDS,
                    pitch=pitch,
                    duration=length * BEAT_SECONDS,
                    division=division,
                    bar=bar,
                    beat=beat,
                    tatum=tatum,
                    num=beats_a_bar,
                    denom=unit,
                    beatdur=BEAT_SECONDS,
                    loud_med=68.0,
                )
            for bar in range(bars + 1):
                for beat in range(1, beats_a_bar + 1):
                    first = bar == 0 and beat == 1
                    chord = (chords or {(1, 1): "Fj7", (3, 1): "Bb7"}).get((bar, beat), "")
                    insert(
                        "beats",
                        melid=melid,
                        onset=0.0,
                        bar=bar,
                        beat=beat,
                        signature=meter,
                        chord="NC" if first else chord,
                        form="A1" if (bar, beat) == (1, 1) else "",
                        chorus_id=0 if bar < 1 else 1 + (bar - 1) // 2,
                    )
            if placed:
                insert("sections", melid=melid, type="PHRASE", start=0, end=1, value="1")
                insert(
                    "sections", melid=melid, type="PHRASE", start=2, end=len(placed) - 1, value="2"
                )
    return path


def transcriptions(path: Path, numbers: list[int] | None = None) -> tuple[Transcription, ...]:
    """Read the solos of a database, or those of some numbers."""
    return parse(path.read_bytes(), str(path), numbers)
