"""What a student played beside a take: planted faults are found, and no others."""

import contextlib
import io
import json
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest

import sideman
from commands import call, sentence
from realdata import DATA, needs_data
from sideman.errors import SidemanError
from sideman.evaluation.alignment import least
from sideman.formats import registry
from sideman.formats.midi import dumps
from sideman.formats.midi.reading import parse
from sideman.score import Arrangement, Part, monophonic
from sideman.service import recordings
from sideman.service.music import solo_json
from sideman.service.recordings import CompareRequest, Comparison
from sideman.service.requests import File

Note = tuple[float, float, int, int]
"""Onset and duration in seconds, pitch, velocity."""


@pytest.fixture(scope="module")
def take() -> sideman.Take:
    return sideman.improvise("blues-f", seed=7, choruses=2, head=False, expression=0)


@pytest.fixture(scope="module")
def line(take: sideman.Take) -> list[Note]:
    """The solo as performed."""
    own = solo_json(parse(take.midi))
    assert own is not None
    return [
        (note["start"], note["end"] - note["start"], note["pitch"], note["velocity"])
        for note in own[1]
    ]


def recorded(
    notes: Sequence[Note], *, resolution: int = 960, bpm: float = 100.0, channel: int = 0
) -> bytes:
    """A MIDI file of another program: its tempo map and resolution are not the take's."""
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))])
    ticks = resolution * bpm / 60
    events = [
        (round(at * ticks), kind, pitch, velocity)
        for onset, length, pitch, velocity in notes
        for at, kind in ((onset, "note_on"), (onset + length * 0.98, "note_off"))
    ]
    now = 0
    for at, kind, pitch, velocity in sorted(events):
        track.append(
            mido.Message(kind, note=pitch, velocity=velocity, time=at - now, channel=channel)
        )
        now = at
    file = mido.MidiFile(ticks_per_beat=resolution, tracks=[track])
    stream = io.BytesIO()
    file.save(file=stream)
    return stream.getvalue()


def compared(take: sideman.Take, notes: Sequence[Note], **options: object) -> Comparison:
    mine = File("mine.mid", recorded(notes))
    request = CompareRequest(File("take.mid", take.midi), mine, **options)  # type: ignore[arg-type]
    return recordings.compare(request)


def moved(notes: Sequence[Note], ratio: float = 1.0, offset: float = 0.0) -> list[Note]:
    return [(onset * ratio + offset, length * ratio, *rest) for onset, length, *rest in notes]  # type: ignore[misc]


def counts(found: Comparison) -> list[int]:
    return list(found.total.counts.values())


@pytest.mark.parametrize(("ratio", "offset"), [(1.0, 0.0), (1.0, 7.3), (1.4, 0.2), (0.8, 2.5)])
def test_a_faultless_recording_has_no_faults(
    take: sideman.Take, line: list[Note], ratio: float, offset: float
) -> None:
    found = compared(take, moved(line, ratio, offset))
    assert counts(found) == [len(line), 0, 0, 0, 0]
    assert found.clock.ratio == pytest.approx(ratio, abs=1e-3)
    assert found.clock.offset == pytest.approx(offset, abs=5e-3)
    assert found.practise == ()
    assert all(abs(bar.late_ms or 0) < 2 for bar in found.bars.values())


def test_planted_faults_are_found_where_they_are(take: sideman.Take, line: list[Note]) -> None:
    played = dict(enumerate(line))
    del played[5]
    onset, length, pitch, velocity = played[12]
    played[12] = (onset, length, pitch + 1, velocity)
    onset, length, pitch, velocity = played[20]
    played[20] = (onset, length, pitch - 12, velocity)
    gap = max(range(30, 60), key=lambda at: line[at + 1][0] - line[at][0])
    extra = (line[gap][0] + line[gap + 1][0]) / 2
    found = compared(take, moved([*played.values(), (extra, 0.1, 61, 70)], 1.1, 3.0))
    assert counts(found) == [len(line) - 3, 1, 1, 1, 1]
    faults = {note.kind: note for note in found.total.notes if note.kind != "right"}
    ordered = sorted(line)
    places = {note.written.onset: note for note in found.total.notes if note.written}
    assert faults["missed"] is places[ordered[5][0]]
    assert faults["wrong"] is places[ordered[12][0]]
    assert faults["octave"] is places[ordered[20][0]]
    before, after = places[ordered[gap][0]], places[ordered[gap + 1][0]]
    assert (before.bar, before.beat) <= (faults["added"].bar, faults["added"].beat)
    assert (faults["added"].bar, faults["added"].beat) <= (after.bar, after.beat)
    assert set(found.practise) == {note.bar for note in faults.values()}


def test_lateness_of_a_bar_is_told_in_milliseconds(take: sideman.Take, line: list[Note]) -> None:
    plain = compared(take, line)
    late = {note.written.onset for note in plain.bars[4].notes if note.written}
    shifted = [(onset + 0.06 * (onset in late), *rest) for onset, *rest in line]
    found = compared(take, shifted)  # type: ignore[arg-type]
    assert found.bars[4].late_ms == pytest.approx(60, abs=3)
    assert found.bars[4].spread_ms == pytest.approx(0, abs=2)
    assert found.practise == (4,)
    rng = np.random.default_rng(1)
    uneven = [(onset + rng.normal(0, 0.02), *rest) for onset, *rest in line]
    found = compared(take, uneven)  # type: ignore[arg-type]
    assert found.total.spread_ms == pytest.approx(20, abs=5)
    assert counts(found)[0] == len(line)


def test_a_recording_made_along_keeps_its_lateness(take: sideman.Take, line: list[Note]) -> None:
    late = moved(line, offset=0.035)
    assert compared(take, late, synced=True).total.late_ms == pytest.approx(35, abs=1)
    assert compared(take, late).total.late_ms == pytest.approx(0, abs=1)


@pytest.mark.parametrize(
    ("semitones", "words"),
    [(5, "a fourth higher"), (-12, "an octave lower"), (-3, "a minor third lower")],
)
def test_another_key_is_told(
    take: sideman.Take, line: list[Note], semitones: int, words: str
) -> None:
    played = [(a, b, pitch + semitones, v) for a, b, pitch, v in line[3:]]
    found = compared(take, played)
    assert found.semitones == semitones
    assert found.key == f"played {words}, and compared there"
    assert counts(found) == [len(line) - 3, 0, 0, 3, 0]


def test_some_bars_after_a_count_in(take: sideman.Take, line: list[Note]) -> None:
    whole = compared(take, line)
    chosen = [
        note.written for bar in range(9, 13) for note in whole.bars[bar].notes if note.written
    ]
    played = [(n.onset, n.end - n.onset, n.pitch, n.velocity) for n in chosen]
    start = played[0][0]
    count_in = [(start - beat * 60 / 140, 0.1, 60, 90) for beat in (4, 3, 2)]
    found = compared(take, moved([*count_in, *played], offset=-start + 4), bars="9-12")
    assert counts(found) == [len(played), 0, 0, 0, 0]
    assert found.outside == 3
    assert list(found.bars) == [9, 10, 11, 12]


def test_a_bad_recording_is_still_aligned(take: sideman.Take, line: list[Note]) -> None:
    rng = np.random.default_rng(5)
    kept = [note for note in line if rng.random() > 0.15]
    played = [
        (onset + rng.normal(0, 0.03), length, pitch + (rng.random() < 0.15), velocity)
        for onset, length, pitch, velocity in kept
    ]
    found = compared(take, moved(played, 1.6, 4.0))
    wrong = sum(a[2] != b[2] for a, b in zip(kept, played, strict=True))
    right, _, off, missed, added = counts(found)
    assert abs(right - (len(kept) - wrong)) <= 2
    assert abs(off - wrong) <= 2
    assert abs(missed - (len(line) - len(kept))) <= 4
    assert added <= 4


def test_a_drifting_tempo_is_followed(take: sideman.Take, line: list[Note]) -> None:
    played = [(onset * (1 + onset / 250) + 1, *rest) for onset, *rest in line]
    found = compared(take, played)  # type: ignore[arg-type]
    assert counts(found) == [len(line), 0, 0, 0, 0]
    slowest, fastest = found.tempos
    true = 140 / (1 + 2 * line[-1][0] / 250)
    assert true < slowest < true + 12
    assert 130 < fastest <= 140
    assert (found.total.spread_ms or 0) < 15


@needs_data
@pytest.mark.parametrize("number", [12, 175, 350])
def test_players_are_aligned_with_transcriptions_of_them(number: int) -> None:
    """The line is a solo on the grid, and the recording that solo as it was played."""
    path = DATA / "wjazzd/wjazzd.db"
    solo = registry.open_document(path).solos[number].open()  # type: ignore[index]
    with contextlib.closing(sqlite3.connect(path)) as base:
        rows = base.execute(
            "select onset, duration, pitch from melody where melid ="
            " (select melid from solo_info order by melid limit 1 offset ?) order by onset",
            (number,),
        ).fetchall()
    mine = recorded([(onset - rows[0][0] + 2, length, int(p), 80) for onset, length, p in rows])
    notes = monophonic(solo.notes)
    written = Arrangement("", (Part("Solo", notes),), solo.changes, solo.tempo_bpm or 120)  # type: ignore[arg-type]
    found = recordings.compare(CompareRequest(File("a.mid", dumps(written)), File("b.mid", mine)))
    assert found.total.counts["right"] >= 0.95 * len(notes)


def chords(line: list[Note]) -> bytes:
    return recorded([(a, b, p + step, v) for a, b, p, v in line[:20] for step in (0, 4, 7)])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda _: b"RIFF nothing", "mine.mid"),
        (lambda _: recorded([]), "mine.mid: has no notes; record the line as MIDI."),
        (lambda line: recorded(line, channel=9), "mine.mid: has no notes"),
        (chords, "several notes at once"),
        (
            lambda _: recorded([(at / 3, 0.2, 40 + at * at % 37, 80) for at in range(60)]),
            "is no recording of this line",
        ),
    ],
)
def test_wrong_recordings_are_refused_in_a_sentence(
    take: sideman.Take,
    line: list[Note],
    tmp_path: Path,
    content: Callable[[list[Note]], bytes],
    words: str,
) -> None:
    take.save(tmp_path / "take.mid")
    (tmp_path / "mine.mid").write_bytes(content(line))
    told = sentence(call("compare", tmp_path / "take.mid", tmp_path / "mine.mid"))
    assert words in told


def test_the_command_prints_bars_and_json(
    take: sideman.Take, line: list[Note], tmp_path: Path
) -> None:
    take.save(tmp_path / "take.mid")
    mine = tmp_path / "mine.mid"
    mine.write_bytes(recorded(line[1:]))
    told = call("compare", tmp_path / "take.mid", mine).stdout
    assert f"{len(line) - 1} of {len(line)} notes are right" in told
    assert "practise next: bar 1" in told
    brief = call("compare", tmp_path / "take.mid", mine, "-q").stdout
    assert len(brief.splitlines()) == 1
    assert "practise next: bar 1" in brief
    every = call("compare", tmp_path / "take.mid", mine, "-v").stdout
    assert len(every.splitlines()) > len(told.splitlines()) + len(line)
    values = json.loads(call("compare", tmp_path / "take.mid", mine, "--json").stdout)
    assert values == sideman.compare(take, mine)
    assert values["total"]["missed"] == 1
    for bars, words in (("40", "There is no bar 40"), ("x", "names no bars")):
        assert words in sentence(call("compare", tmp_path / "take.mid", mine, "--bars", bars))
    with pytest.raises(SidemanError, match="synced must be True or False"):
        sideman.compare(take, mine, synced="no")  # type: ignore[arg-type]


def test_a_line_of_another_format_is_compared_too(tmp_path: Path) -> None:
    (tmp_path / "line.ls").write_text("(title Scale) (tempo 120) C | F | c4 d4 e4 f4 g4 a4 b4 c+4")
    notes = [(at * 0.5, 0.4, pitch, 90) for at, pitch in enumerate((60, 62, 64, 65, 67, 69, 71))]
    (tmp_path / "mine.mid").write_bytes(recorded(notes))
    values = sideman.compare(tmp_path / "line.ls", tmp_path / "mine.mid")
    assert [values["total"][kind] for kind in ("right", "missed")] == [7, 1]


def test_the_alignment_is_of_least_cost() -> None:
    """Compared with all alignments of small tables."""
    rng = np.random.default_rng(3)

    def all_costs(costs: Any, gap: float) -> float:
        rows, columns = costs.shape
        if not rows or not columns:
            return float(gap * (rows + columns))
        return min(
            float(costs[0, 0]) + all_costs(costs[1:, 1:], gap),
            gap + all_costs(costs[1:], gap),
            gap + all_costs(costs[:, 1:], gap),
        )

    for rows, columns in ((1, 1), (3, 2), (4, 4), (2, 5)):
        costs = rng.random((rows, columns)) * 2
        pairs, cost = least(costs, 0.75)
        assert cost == pytest.approx(all_costs(costs, 0.75))
        told = sum(0.75 if None in (a, b) else costs[a, b] for a, b in pairs)
        assert told == pytest.approx(cost)
