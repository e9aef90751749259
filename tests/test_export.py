"""Solos as JSONL."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest

from commands import call, sentence
from databases import build
from sideman.evaluation import loading, report
from sideman.models.events import DURATION_TICKS
from sideman.training import tokens

LINE = [(bar, beat, 1, 1, 60 + (bar * 5 + beat * 2) % 12, 0.8) for bar in (1, 2) for beat in (1, 3)]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return build(tmp_path / "w.db", {"A_One": LINE, "B_Two": LINE[1:], "C_None": []})


def exported(*arguments: str | Path) -> list[dict[str, Any]]:
    out = Path(str(arguments[0])).with_suffix(".jsonl")
    done = call("export", *arguments, "--out", out, "--json")
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    (facts,) = json.loads(done.stdout)["files"]
    assert facts["rows"] == len(rows)
    return rows


def test_events_are_those_of_the_benchmark(database: Path) -> None:
    rows = exported(database)
    for item in loading.select([database]).items:
        found = [row for row in rows if row["solo"] == item.name]
        assert [row["note"] for row in found] == [*range(1, len(item.events) + 1)]
        assert [row["onset_ticks"] for row in found] == item.events.onset.tolist()
        assert [row["pitch"] for row in found] == item.events.pitch.tolist()
        lengths = np.array(DURATION_TICKS)[item.events.duration].tolist()
        assert [row["duration_ticks"] for row in found] == lengths
        assert [row["ioi_ticks"] or 0 for row in found] == item.events.ioi.tolist()
    assert {row["file"] for row in rows} == {str(database)}
    assert [(row["bar"], row["beat"], row["chord"]) for row in rows[:4]] == [
        (1, 1.0, "Fmaj7"),
        (1, 3.0, "Fmaj7"),
        (2, 1.0, "Fmaj7"),
        (2, 3.0, "Fmaj7"),
    ]


def test_features_and_tokens_are_those_of_measure_and_training(database: Path) -> None:
    features, words = (exported(database, "--what", what) for what in ("features", "tokens"))
    items = loading.select([database]).items[:2]
    for item, row, said in zip(items, features, words, strict=True):
        assert report.statistics(item).items() <= row.items()
        assert (row["notes"], row["number"], row["meter"]) == (item.length, item.number, "4/4")
        assert (tuple(said["tokens"]),) == tokens.sentences([item.solo])


def test_every_kind_of_file_in_stable_order(database: Path) -> None:
    folder = database.parent
    call("improvise", "blues-f", "--model", "jazz-grammar", "--seed", "1", "--no-audio", "--out",
         folder / "takes")  # fmt: skip
    sheet = folder / "takes" / "etude.ls"
    assert call("songbook", "--etudes", "blues-f-corner-table", "--out", sheet).returncode == 0
    rows = exported(folder / "takes", database, "--what", "tokens")
    assert [Path(row["file"]).name for row in rows][:2] == ["blues-f-1.mid", "etude.ls"]
    assert [row["solo"] for row in rows[-2:]] == ["A_One", "B_Two"]
    assert rows == exported(folder / "takes", database, "--what", "tokens")


def test_a_pickup_and_notes_without_chords(tmp_path: Path) -> None:
    early = [(0, 4, 1, 1, 60, 0.5), (1, 1, 1, 1, 62, 0.5), (9, 2, 1, 1, 64, 0.5)]
    rows = exported(build(tmp_path / "w.db", {"A_One": early}))
    assert [(row["bar"], row["beat"]) for row in rows] == [(0, 4.0), (1, 1.0), (9, 2.0)]
    plain = mido.MidiFile()
    track = plain.add_track()
    for pitch in (60, 62):
        track.append(mido.Message("note_on", note=pitch, velocity=90))
        track.append(mido.Message("note_off", note=pitch, time=480))
    plain.save(tmp_path / "plain.mid")
    (row,) = exported(tmp_path / "plain.mid", "--what", "tokens")
    assert row["tokens"] is None
    assert {each["chord"] for each in exported(tmp_path / "plain.mid")} == {None}


def test_the_default_name_is_that_of_what_is_exported(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(database.parent)
    call("export", database.name, "--what", "tokens")
    call("export", database.name, database.name)
    found = sorted(path.name for path in (database.parent / "sideman-out").iterdir())
    assert found == ["solos-events.jsonl", f"{database.stem}-tokens.jsonl"]


def test_a_part_of_a_split_and_one_solo(database: Path) -> None:
    split = database.with_name("split.json")
    split.write_text('{"test": ["B_Two"]}')
    assert {row["solo"] for row in exported(database, "--split", str(split))} == {"B_Two"}
    assert {row["solo"] for row in exported(database, "--solo", "1")} == {"A_One"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("{}", "--solo", "9"), "no solo '9'"),
        (("{}", "--split", "wjazz"), "(option --split)"),
        (("{}", "--out", "{}"), "is the file that is read"),
        (("{}/..", "--out", "{}"), "is the file that is read"),
        (("{}", "missing.mid"), "missing.mid: cannot be read"),
    ],
)
def test_wrong_input_writes_nothing(database: Path, arguments: tuple[str, ...], said: str) -> None:
    before = database.read_bytes()
    words = [
        word.replace("{}/..", str(database.parent)).replace("{}", str(database))
        for word in arguments
    ]
    if "--out" not in words:
        words += ["--out", str(database.with_name("new.jsonl"))]
    assert said in sentence(call("export", *words))
    assert [*database.parent.iterdir()] == [database]
    assert database.read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ")
def test_ctrl_c_leaves_nothing_half_written(database: Path) -> None:
    program = (
        "import itertools, sys, time\n"
        "from sideman import cli\n"
        "from sideman.service import exporting\n"
        "def slow(item):\n"
        "    for number in itertools.count():\n"
        "        if number == 3: print('ready', flush=True)\n"
        "        if number > 3: time.sleep(.05)\n"
        "        yield {'n': number}\n"
        "exporting.KINDS['events'] = slow\n"
        "cli.main(sys.argv[1:])\n"
    )
    command = [sys.executable, "-c", program, "export", database.name]
    with subprocess.Popen(
        command, cwd=database.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=120)
    assert (process.returncode, errors.strip()) == (130, "sideman: interrupted")
    assert [*database.parent.iterdir()] == [database]
