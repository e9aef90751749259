"""The measures' speed: reading, scoring, style, index, each beside the usual route.

Run by ``benchmarks/run.py`` as ``measures``; every function gives (what, ours, rival, ratio,
wanted), all strings.
"""

from __future__ import annotations

import importlib
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

Line = tuple[str, str, str, str, str]


def seconds(work: Callable[[], object], turns: int = 3) -> float:
    """Return the median time of some calls, after one that warms up."""
    work()
    took = []
    for _ in range(turns):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def through_pandas(path: Path) -> object:
    """Read the database as notebooks do: tables into frames, grouped by solo, notes on a grid."""
    import sqlite3

    pandas = importlib.import_module("pandas")
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        melody = pandas.read_sql("SELECT * FROM melody", db)
        beats = pandas.read_sql("SELECT * FROM beats", db)
        info = pandas.read_sql("SELECT * FROM solo_info", db)
    melody["tick"] = (
        melody.bar * 96
        + (melody.beat - 1) * 24
        + (24 * (melody.tatum - 1) / melody.division).round()
    )
    solos = {number: rows.to_dict("records") for number, rows in melody.groupby("melid")}
    chords = {number: rows.to_dict("records") for number, rows in beats.groupby("melid")}
    return info, solos, chords


def solos_through_music21(path: Path, numbers: range) -> object:
    """Read some solos of the database as music21 would have them: a stream each, notes in it."""
    import sqlite3

    note = importlib.import_module("music21.note")
    stream = importlib.import_module("music21.stream")
    solos = []
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        for number in numbers:
            part = stream.Part()
            rows = db.execute(
                "SELECT bar, beat, tatum, division, pitch, duration / beatdur "
                "FROM melody WHERE melid = ?",
                (number,),
            )
            for bar, beat, tatum, division, pitch, quarters in rows:
                at = (bar + 40) * 4 + beat - 1 + (tatum - 1) / division
                part.insert(at, note.Note(round(pitch), quarterLength=round(quarters * 24) / 24))
            solos.append(part)
    return solos


def through_music21(path: Path) -> object:
    """Read one MIDI file and take its first part's line."""
    converter = importlib.import_module("music21.converter")
    part = converter.parse(path, forceSource=True).parts[0].flatten().notes
    return [(note.offset, note.pitches[-1].midi) for note in part]


def lines(data: Path) -> Iterator[Line]:
    """Measure everything."""
    from sideman.evaluation import likelihood, loading, novelty, scorers, style
    from sideman.formats import registry, weimar
    from sideman.library import corpus

    database, split = data / "wjazzd" / "wjazzd.db", data / "wjazzd" / "split.json"

    def ours() -> object:
        return [weimar.solo(one) for one in weimar.parse(database.read_bytes())]

    took = seconds(ours)
    few = range(1, 11)
    for rival, turn, share in (
        ("pandas, chords as text", lambda: through_pandas(database), 1.0),
        ("music21, ten solos' notes", lambda: solos_through_music21(database, few), 10 / 417),
    ):
        try:
            other = seconds(turn, 1)
            beside, ratio = f"{rival} {other:.2f} s", f"{other / (took * share):.1f} × a solo"
        except ImportError as error:
            beside, ratio = f"{error.name} is not installed", ""
        yield ("read 417 Weimar solos, chords parsed", f"{took:.2f} s", beside, ratio, "under 4 s")

    chosen = loading.select([database], split, "test", only_common_time=True)
    notes = sum(len(events) - 1 for events in chosen.events)
    for name in ("kneser-ney", "ngram", "blend", "course"):
        model = scorers.named(name)
        took = seconds(lambda model=model: likelihood.score(model, chosen.events), 1)  # type: ignore[misc]
        yield (f"score the test part: {name}", f"{notes / took:,.0f} notes/s", "", "", "")

    solos = [item.solo for item in chosen.items]
    took = seconds(lambda: [style.measure(solo) for solo in solos])
    yield ("all statistics of a solo", f"{took / len(solos) * 1000:.1f} ms", "", "", "")

    every = [(one.name, weimar.solo(one)) for one in weimar.parse(database.read_bytes())]
    took = seconds(lambda: novelty.build(every), 1)
    yield ("index 417 solos", f"{took:.2f} s", "", "", "")
    index = novelty.shipped()
    took = seconds(lambda: [index.match(solo) for solo in solos])
    yield ("longest match of a solo", f"{took / len(solos) * 1000:.1f} ms", "", "", "milliseconds")

    files = sorted((data / "midi").glob("*.mid"))[:8]

    def read() -> object:
        documents = map(registry.open_document, files)
        found = [one.open() for each in documents for one in corpus.entries_of(each)]
        return [style.measure(solo) for solo in found if solo.notes]

    took = seconds(read)
    try:
        other = seconds(lambda: [through_music21(path) for path in files], 1)
        beside, ratio = f"music21, reading alone {other:.1f} s", f"{other / took:.0f} ×"
    except ImportError:
        beside, ratio = "music21 is not installed", ""
    yield (f"read and measure {len(files)} MIDI files", f"{took:.2f} s", beside, ratio, "")
