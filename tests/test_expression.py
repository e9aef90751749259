"""Expression: onsets and loudness wander as players' do, notes are inflected, the writing stays."""

import io
import runpy
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import mido
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands import call
from databases import transcriptions
from realdata import DATA, needs_data
from sideman import feel
from sideman.band import styles
from sideman.feel import drift, technique
from sideman.formats.midi import writing
from sideman.formats.midi.reading import parse
from sideman.formats.midi.solo import to_solo
from sideman.score import PITCH, PITCH_AT_REST, Arrangement, Bar, Changes, Note, Part, Performance
from sideman.service import playing, recordings, requests
from sideman.service.recordings import CompareRequest
from sideman.service.requests import File, PlayRequest, Tune
from sideman.service.results import PlayResult
from sideman.theory import instruments
from sideman.theory.meter import PERFORMED_TICKS_PER_QUARTER, TICKS_PER_QUARTER

SCRIPT = Path(__file__).parent.parent / "benchmarks" / "performance.py"
FINER = PERFORMED_TICKS_PER_QUARTER // TICKS_PER_QUARTER
SWING, BALLAD = styles.load("swing"), styles.load("ballad")
EIGHTHS = tuple(Note(12 * n, 12, 60 + (5 * n) % 7) for n in range(800))
LONG = tuple(Note(96 * n, 84, 60 + (5 * n) % 7) for n in range(60))


def performed(
    notes: Sequence[Note],
    expression: float,
    *,
    tempo_bpm: float = 200.0,
    program: int = 66,
    seed: int = 0,
) -> Performance:
    """Return a soloist's notes, and a bass that plays quarters."""
    bars = 1 + max(note.end for note in notes) // 96
    bass = tuple(Note(24 * beat, 24, 40) for beat in range(4 * bars))
    parts = (Part("Solo", tuple(notes), program), Part("Bass", bass, 32))
    written = Arrangement("A", parts, Changes((Bar(),) * bars), tempo_bpm)
    return feel.perform(written, SWING, np.random.default_rng(seed), expression=expression)


def residuals_ms(expression: float, part: int = 0) -> np.ndarray:
    """Return the deviations of onsets from those without expression, in milliseconds."""
    plain, expressive = (performed(EIGHTHS, share).parts[part].notes for share in (0, expression))
    ticks = [after.onset - before.onset for before, after in zip(plain, expressive, strict=True)]
    return np.array(ticks) / 480 * 60_000 / 200


def correlation(values: np.ndarray, lag: int) -> float:
    return float(np.corrcoef(values[lag:], values[:-lag])[0, 1])


# Timing


def test_onsets_wander_as_far_as_players_do_and_are_not_white() -> None:
    found = residuals_ms(1.0) - np.interp(
        np.arange(len(EIGHTHS)) / 2, np.arange(4 * 101), residuals_ms(1.0, 1)
    )
    assert 17 < found.std() < 24  # 22.6 with the white part that is there without expression
    assert 0.2 < correlation(found, 1) < 0.45
    assert abs(correlation(found, 8)) < 0.15
    half = residuals_ms(0.5)
    assert half.std() == pytest.approx(residuals_ms(1.0).std() / 2, rel=0.15)


def test_the_band_shares_its_pulse() -> None:
    plain, expressive = (performed(EIGHTHS, share) for share in (0, 1))
    bass = residuals_ms(1.0, 1)
    assert 3 < bass.std() < 20
    assert correlation(bass, 1) > 0.85
    assert expressive.parts[1].notes[0].onset == plain.parts[1].notes[0].onset


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 60), st.integers(40, 90)), max_size=40),
    st.floats(40, 320),
    st.floats(0, 1),
    st.integers(0, 1000),
)
@settings(max_examples=60, deadline=None)
def test_notes_keep_their_order_and_their_number(
    drawn: list[tuple[int, int, int]], tempo_bpm: float, expression: float, seed: int
) -> None:
    onset, notes = 0, []
    for step, length, pitch in [(0, 12, 60), *drawn]:
        onset += step
        notes.append(Note(onset, length, pitch))
    music = performed(notes, expression, tempo_bpm=tempo_bpm, seed=seed)
    solo = music.parts[0].notes
    assert [note.pitch for note in solo] == [note.pitch for note in notes]
    assert all(note.duration >= 1 and note.onset >= 0 for note in solo)
    assert all(first.onset <= second.onset for first, second in pairwise(solo))
    for control in music.parts[0].controls:
        assert 0 <= control.value <= (16383 if control.number == PITCH else 127)


def test_without_expression_nothing_is_added() -> None:
    music = performed(LONG, 0.0)
    assert all(part.controls == () for part in music.parts)
    other = performed(LONG, 0.3)
    assert [note.pitch for note in music.parts[0].notes] == [n.pitch for n in other.parts[0].notes]
    assert music.parts[1].notes != other.parts[1].notes


# Inflections and breath


def test_what_an_instrument_cannot_do_is_not_played() -> None:
    for name in ("piano", "vibraphone", "organ"):
        program = instruments.named(name).program
        assert performed(LONG, 1.0, program=program).parts[0].controls == ()
    wind, strings = (
        {one.number for one in performed(LONG, 1.0, program=program).parts[0].controls}
        for program in (66, 40)
    )
    assert (wind, strings) == ({PITCH, 11}, {PITCH})
    assert performed(LONG, 1.0).parts[1].controls == ()


def test_the_wheel_rests_between_notes_and_stays_on_its_channel() -> None:
    music = performed(LONG, 1.0, tempo_bpm=70)
    file = mido.MidiFile(file=io.BytesIO(writing.dumps(music)))
    solo, bass = file.tracks[1:]
    assert not [one for one in bass if one.type == "pitchwheel"]
    assert {one.channel for one in solo if one.type == "pitchwheel"} == {0}
    bent, breath, before, scooped, many = 0, 127, None, 0, 0
    for one in solo:
        if one.type == "pitchwheel":
            bent, many = one.pitch, many + 1
        elif one.is_cc(11):
            breath = one.value
        elif one.type == "note_on":
            scooped += bent < 0
            # What was bent by the note before has come to rest, unless this one is scooped.
            assert bent <= 0
            assert bent == 0 or before != bent
        elif one.type == "note_off":
            before = bent
    assert (bent, breath) == (0, 127)
    assert 0 < scooped < len(LONG) / 2
    assert many < 25 * music.seconds


def test_vibrato_begins_late_and_has_its_rate() -> None:
    music = performed(LONG, 1.0, tempo_bpm=60)
    wide, rates = 0.0, []
    for note in music.parts[0].notes:
        wheel = [
            (music.seconds_at(one.onset) - music.seconds_at(note.onset), one.value - PITCH_AT_REST)
            for one in music.parts[0].controls
            if one.number == PITCH and note.onset < one.onset < note.end
        ]
        shaken = [value for second, value in wheel if second > 1.6]
        crossings = sum(one * two < 0 for one, two in pairwise(shaken))
        rates.append(
            crossings / 2 / (music.seconds_at(note.end) - music.seconds_at(note.onset) - 1.6)
        )
        wide = max(wide, *(abs(value) for value in shaken), 0)
    cents = technique.of(66).vibrato_cents
    assert 4 < np.median(rates) < 6
    assert cents < wide / 8192 * 200 < 1.5 * cents or wide / 8192 * 200 > 100  # or a fall


def test_ghosts_are_by_instrument() -> None:
    def soft(program: int) -> int:
        notes = performed(EIGHTHS, 1.0, program=program).parts[0].notes
        return sum(note.velocity < 45 for note in notes)

    assert soft(11) > soft(16)


# The writing


@pytest.fixture(scope="module")
def take() -> PlayResult:
    request = PlayRequest(changes=Tune(name="blues-f"), choruses=2, seed=5, tempo=160.0)
    return playing.play(request)


def test_the_written_line_is_found_again(take: PlayResult) -> None:
    file = parse(take.midi(), "take.mid")
    assert to_solo(file).notes == take.solo.notes
    written, played = (music.parts[0].notes for music in (take.arrangement, take.performance))
    sounding = next(part for part in file.parts if part.name == "Solo")
    assert len(sounding.notes) == len(played) == len(written)
    starts = np.array(take.arrangement.changes.bar_starts)
    bars = near = 0
    for before, after in zip(written, played, strict=True):
        # A notation programme writes the nearest sixteenth.
        tick = round(after.onset / FINER / 6) * 6
        bars += np.searchsorted(starts, tick, "right") == np.searchsorted(
            starts, before.onset, "right"
        )
        near += abs(after.onset / FINER - before.onset) < 9
    assert bars >= 0.98 * len(written)
    assert near >= 0.97 * len(written)


def test_a_take_carries_its_expression(take: PlayResult) -> None:
    assert take.request.expression == requests.EXPRESSION
    request = playing.requested(take.midi(), "take.mid")
    assert playing.again(request).midi() == take.midi()
    plain = playing.again(replace(take.request, expression=0.0))
    assert plain.solo == take.solo
    assert not plain.performance.parts[0].controls
    # A take of a version without expression has none in its request.
    earlier = replace(take.request, expression=None)
    assert playing.again(earlier).performance == plain.performance
    assert playing.again(earlier).request == earlier


def test_a_student_is_not_late_because_the_take_wanders(take: PlayResult) -> None:
    plain = playing.again(replace(take.request, expression=0.0))
    steady = File("mine.mid", plain.midi())
    request = CompareRequest(File("take.mid", take.midi()), steady, synced=True)
    found = recordings.compare(request).total
    assert found.spread_ms is not None
    assert found.spread_ms < 12
    assert len(take.solo.notes) - found.counts["right"] <= 2


@pytest.mark.parametrize("share", ["-0.1", "1.01", "nan", "inf"])
def test_a_wrong_expression_is_one_sentence(share: str, tmp_path: Path, take: PlayResult) -> None:
    song = tmp_path / "take.mid"
    song.write_bytes(take.midi())
    out = tmp_path / "out"
    for words in (("improvise", "blues-f"), *(("trade", song), ("vary", song), ("licks", song))):
        result = call(*words, "--expression", share, "--out", out)
        assert result.returncode == 2
        assert result.stderr.count("\n") == 1
        assert "expression must be from 0 (plain) to 1 (as players)" in result.stderr
        assert not out.exists()
    result = call("improvise", "--again", song, "--expression", "0.5", "--out", out)
    assert result.returncode == 2
    assert "--again repeats the request" in result.stderr


# The figures


@needs_data
def test_the_parameters_are_those_of_the_players() -> None:
    script = runpy.run_path(str(SCRIPT))
    names = script["split"]("train")
    solos = transcriptions(DATA / "wjazzd" / "wjazzd.db")
    lines = [script["of_player"](solo) for solo in solos if solo.name in names][::3]
    lines = [line for line in lines if np.isfinite(line.late).sum() >= script["FEWEST_NOTES"]]
    swung = [line for line in lines if 100 <= line.tempo_bpm <= 400]
    found = script["fitted"](
        [line.tempo_bpm for line in swung], [float(np.nanstd(line.late)) for line in swung]
    )
    assert found == pytest.approx([seconds for _, seconds in drift.SPREAD], abs=0.005)
    measured = np.mean([script["correlations"](line.late) for line in lines], axis=0)
    modelled = [
        sum(share * rho**lag for share, rho in (drift.FAST, drift.SLOW)) for lag in script["LAGS"]
    ]
    assert modelled == pytest.approx(measured, abs=0.05)


def test_the_help_shows_the_expression_of_a_new_take() -> None:
    said = call("improvise", "--help").stdout.split("--expression")[1]
    assert said.split("[default: ")[1].startswith(f"{requests.EXPRESSION:g}]")
