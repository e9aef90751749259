from pathlib import Path

import numpy as np
import pytest

from databases import Tone, build
from realdata import DATA, needs_data
from sideman.evaluation import loading
from sideman.models import events
from sideman.score import Bar, Changes, ChordChange, Note, Solo
from sideman.theory.chord import Chord


def heard(tmp_path: Path, tones: list[Tone]) -> events.Events:
    path = build(tmp_path / "small.db", {"A_B": tones})
    return loading.select([path]).items[0].events


def test_onsets_stand_on_the_grid(tmp_path: Path) -> None:
    # Tatum 3 of 5 is 9.6 ticks, tatum 2 of 16 is 1.5: halves go to the even tick.
    line: list[Tone] = [
        (0, 4, 2, 2, 60, 1),
        (1, 1, 3, 5, 60, 1),
        (1, 2, 2, 16, 60, 1),
        (2, 1, 2, 48, 61, 1),
    ]
    assert heard(tmp_path, line).onset.tolist() == [-12, 10, 26, 96]


def test_of_two_notes_on_a_tick_the_later_moves_or_goes(tmp_path: Path) -> None:
    line: list[Tone] = [
        (1, 1, 1, 1, 60, 1),
        (1, 1, 1, 24, 61, 1),  # moves to tick 1
        (1, 2, 1, 1, 62, 1),
        (1, 2, 1, 24, 63, 1),  # tick 25 is taken: dropped
        (1, 2, 2, 24, 64, 1),
    ]
    found = heard(tmp_path, line)
    assert found.onset.tolist() == [0, 1, 24, 25]
    assert found.pitch.tolist() == [60, 61, 62, 64]
    assert (found.dropped, found.moved) == (1, 1)


def test_ioi_and_capped_durations(tmp_path: Path) -> None:
    # 2 beats are 48 ticks, capped by 24; 0.4 beats are 9.6: the nearest class is 9; the last note
    # is not capped.
    line: list[Tone] = [(1, 1, 1, 1, 60, 2), (1, 2, 1, 1, 62, 0.4), (2, 1, 1, 1, 64, 9)]
    found = heard(tmp_path, line)
    assert found.ioi.tolist() == [0, 24, 72]
    assert [events.DURATION_TICKS[index] for index in found.duration] == [24, 9, 96]


def test_pitches_are_rounded_and_a_long_wait_is_capped(tmp_path: Path) -> None:
    line: list[Tone] = [(1, 1, 1, 1, 60.4, 1), (30, 1, 1, 1, 61.6, 1)]
    found = heard(tmp_path, line)
    assert found.pitch.tolist() == [60, 62]
    assert found.ioi.tolist() == [0, events.LONGEST_IOI]


def test_the_past_is_what_was_heard(tmp_path: Path) -> None:
    line: list[Tone] = [(1, 1, 1, 1, 60, 2), (1, 2, 1, 1, 62, 0.4), (2, 1, 1, 1, 64, 9)]
    found = heard(tmp_path, line)
    past = found.until(2)
    assert len(past) == 2
    assert past.duration.tolist() == found.duration[:2].tolist()
    assert past.changes is found.changes


def test_chords_and_choruses_are_known_for_any_tick(tmp_path: Path) -> None:
    found = heard(tmp_path, [(1, 1, 1, 1, 60, 1), (4, 1, 1, 1, 60, 1)])
    at = found.chord_index(np.array([-5, 0, 191, 192, 5000]))
    assert [found.chords[index].symbol for index in at] == ["Fmaj7"] * 3 + ["Bb7"] * 2
    assert [found.chorus_start(tick) for tick in (-1, 0, 200)] == [0, 0, 192]


def test_a_solo_from_elsewhere() -> None:
    bars = (Bar((ChordChange(0, Chord.parse("C7")),)), Bar())
    notes = (Note(0, 30, 60), Note(0, 5, 64), Note(24, 24, 62))
    found = events.from_solo(Solo("Tune", notes, Changes(bars)))
    # The second note of tick 0 moves on by a tick.
    assert found.onset.tolist() == [0, 1, 24]
    assert [events.DURATION_TICKS[index] for index in found.duration] == [1, 4, 24]
    assert found.chords[0].symbol == "C7"
    assert events.from_solo(Solo("Nothing", ())).onset.shape == (0,)


def test_a_solo_without_chords_has_none() -> None:
    found = events.from_solo(Solo("Tune", (Note(0, 5, 60), Note(9, 5, 62))))
    assert found.chords[0].is_no_chord
    assert found.chord_index(found.onset).tolist() == [0, 0]


@needs_data
def test_the_counts_of_the_benchmark() -> None:
    folder = DATA / "wjazzd"
    split = loading.read_split(folder / "split.json")
    parts = {name: part for part, names in split.items() for name in names}
    counts = {part: [0, 0] for part in split}
    dropped = moved = 0
    for transcription in loading.select([folder / "wjazzd.db"]).items:
        if transcription.common_time:
            found = transcription.events
            count = counts[parts[transcription.name]]
            count[0] += 1
            count[1] += len(found) - 1
            dropped += found.dropped
            moved += found.moved
            assert found.ioi[1:].min() >= 1
    assert counts == {"train": [312, 134_451], "valid": [43, 22_031], "test": [44, 17_044]}
    assert (dropped, moved) == (9, 0)


@pytest.mark.parametrize("ticks", [[0.0], [1.5, 5.0, 7.0], [10.5, 21.0, 84.0]])
def test_of_two_classes_as_near_the_shorter(ticks: list[float]) -> None:
    found = [events.DURATION_TICKS[i] for i in events.duration_classes(np.array(ticks))]
    expected = [
        min(events.DURATION_TICKS, key=lambda size: (abs(size - tick), size)) for tick in ticks
    ]
    assert found == expected
