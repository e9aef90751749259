"""The whole path: every bar filled, the form's end kept, the horn's range, the seed's bytes."""

import io
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
import symusic
from hypothesis import given, settings
from hypothesis import strategies as st

from playing import small_model
from sideman.band import styles
from sideman.band.arranging import Plan
from sideman.errors import SidemanError
from sideman.formats.midi import reading, to_solo, writing
from sideman.library import songbook
from sideman.models import registry
from sideman.models.controls import MAX_COPY, Controls
from sideman.models.protocol import Soloist
from sideman.output import audio
from sideman.score import Bar, Changes, ChordChange, LeadSheet, Note
from sideman.service import improviser
from sideman.service.improviser import Band, Improvisation, improvise
from sideman.service.takes import performer
from sideman.service.takes.performer import Performer
from sideman.theory.chord import Chord
from sideman.theory.instruments import INSTRUMENTS, Instrument
from sideman.theory.meter import FASTEST_BPM, Meter

MODEL = small_model()
EVERY_FORM = songbook.names()
BAND = ["Solo", "Chords", "Bass", "Drums"]
FORMS = ("happy-birthday", "happy-birthday-waltz", "blues-f", "rhythm-changes-bb")


def play(
    form: str | LeadSheet,
    seed: int = 1,
    *,
    model: Soloist = MODEL,
    choruses: int = 3,
    controls: Controls | None = None,
    tempo_bpm: float | None = None,
    instrument: Instrument = INSTRUMENTS["tenor sax"],
    max_copy: int | None = MAX_COPY,
    **band: Any,
) -> Improvisation:
    sheet = songbook.load(form) if isinstance(form, str) else form
    plays = Band(**band)
    tempo = improviser.tempo(sheet, plays.style, tempo_bpm)
    return improvise(
        sheet,
        Performer(model, tempo, instrument, controls, max_copy),
        rng=np.random.default_rng(seed),
        choruses=choruses,
        band=plays,
    )


def chorus_start(take: Improvisation) -> int:
    """The tick of the piece at which the solo begins."""
    form = take.arrangement.changes
    bars = zip(form.bar_starts, form.bars, strict=False)
    return next(start for start, bar in bars if (bar.section or "").startswith("Solo 1"))


@pytest.mark.parametrize("form", FORMS)
def test_the_solo_fills_its_form_in_range_and_stops_with_it(form: str) -> None:
    sheet = songbook.load(form)
    take = play(form, choruses=2)
    notes = take.solo.notes
    length = 2 * sheet.changes.length
    assert take.solo.changes == sheet.changes.repeated(2)
    assert take.solo.chorus_bars == (0, len(sheet.changes.bars))
    assert all(0 <= note.onset < note.end <= length for note in notes)
    assert all(one.end <= other.onset for one, other in pairwise(notes))
    tenor = INSTRUMENTS["tenor sax"]
    assert all(tenor.low <= note.pitch <= tenor.high for note in notes)
    assert [part.name for part in take.arrangement.parts] == BAND
    assert take.arrangement.parts[0].program == 66
    # The piece holds the solo as it is, after the head.
    begin = chorus_start(take)
    inside = [replace(n, onset=n.onset - begin) for n in take.arrangement.parts[0].notes]
    assert notes[: len(notes) - 8] == tuple(n for n in inside if n.onset >= 0)[: len(notes) - 8]
    # No two bars in a row are silent.
    bar = sheet.changes.meter.ticks_per_bar
    edges = [0, *(note.onset for note in notes), length]
    assert max(b - a for a, b in pairwise(edges)) < 3 * bar


@pytest.mark.parametrize("name", sorted(INSTRUMENTS))
def test_every_instrument_keeps_its_range(name: str) -> None:
    instrument = INSTRUMENTS[name]
    take = play("blues-f", instrument=instrument)
    assert all(instrument.low <= note.pitch <= instrument.high for note in take.solo.notes)
    assert 0 <= instrument.low <= instrument.high - 19
    assert instrument.high <= 108
    assert take.arrangement.parts[0].program == instrument.program


def test_choruses_and_seeds_differ_and_a_seed_repeats() -> None:
    take = play("blues-f", choruses=3)
    length = songbook.load("blues-f").changes.length
    choruses = [
        tuple(
            (note.onset % length, note.pitch)
            for note in take.solo.notes
            if note.onset // length == number
        )
        for number in range(3)
    ]
    assert len(set(choruses)) == 3
    assert play("blues-f", choruses=3) == take
    assert play("blues-f", seed=2, choruses=3).solo != take.solo


@pytest.mark.parametrize(
    ("knob", "value"),
    [
        ("temperature", 0.5),
        ("rhythm", 2.0),
        ("pitch", 2.0),
        ("duration", 4.0),
        ("top_k", 2),
        ("top_p", 0.5),
        ("min_p", 0.5),
        ("typical", 0.5),
        ("density", 0.5),
        ("breath", 0.0),
        ("motif", 0.0),
        ("register", 4.0),
        ("softness", 1.0),
        ("manner", 0.0),
        ("resolve", False),
        ("difficulty", 1),
        ("best_of", 4),
    ],
)
def test_every_knob_is_heard(knob: str, value: float) -> None:
    model = registry.load("soloist")
    sheet = songbook.load("blues-f")

    def line(**asked: float) -> tuple[Note, ...]:
        controls = model.defaults.asked(asked)
        return play(sheet, 6, model=model, choruses=1, controls=controls).solo.notes

    assert line(**{knob: value}) != line()


def test_neither_band_nor_form_nor_feel_change_the_solo() -> None:
    solo = play("happy-birthday", tempo_bpm=120.0).solo
    every: tuple[dict[str, Any], ...] = (
        {"style": styles.load("bossa")},
        {"plan": Plan(head=False, ending=False)},
        {"plan": Plan(count_in=True, intro=True)},
        {"swing": 3.0},
    )
    for options in every:
        again = play("happy-birthday", seed=1, tempo_bpm=120.0, **options).solo
        assert replace(again, style=solo.style) == solo


def test_the_midi_file_says_what_was_played() -> None:
    take = play("happy-birthday-waltz", choruses=2, tempo_bpm=150.0)
    file = reading.parse(writing.dumps(take.performance))
    assert [part.name for part in file.parts] == BAND
    assert file.tempo_bpm == pytest.approx(150, abs=0.01)
    assert [meter for _, meter in file.meters] == [Meter(1, 4), Meter(3, 4)]
    markers = [text.text for text in file.texts if text.kind == "marker"]
    assert [word for word in markers if word.startswith("[")] == [
        *("[Head]", "[Solo 1]", "[Solo 2]", "[Head out]", "[Ending]"),
    ]
    symbols = [span.chord.symbol for span in take.arrangement.changes.spans]
    assert [word for word in markers if not word.startswith("[")] == symbols
    written = [note.pitch for note in take.arrangement.parts[0].notes]
    assert [note.pitch for note in file.parts[0].notes] == written
    # Of a whole piece the choruses are read as the solo.
    solo = to_solo(file)
    assert solo.changes is not None
    assert take.solo.changes is not None
    assert solo.changes.spans == take.solo.changes.spans
    assert {note.pitch for note in solo.notes} <= {note.pitch for note in take.solo.notes}
    assert len(solo.notes) == pytest.approx(len(take.solo.notes), abs=3)


def test_the_midi_file_opens_in_other_libraries() -> None:
    take = play("rhythm-changes-bb", choruses=2)
    data = writing.dumps(take.performance)
    plain = mido.MidiFile(file=io.BytesIO(data))
    assert [track.name for track in plain.tracks[1:]] == BAND
    assert plain.length == pytest.approx(take.performance.seconds, abs=0.01)
    tempi = [mido.tempo2bpm(one.tempo) for one in plain.tracks[0] if one.type == "set_tempo"]
    assert tempi == pytest.approx([tempo for _, tempo in take.performance.tempos], abs=0.01)
    assert len(tempi) > 10
    for part, track in zip(take.performance.parts, plain.tracks[1:], strict=True):
        controls = {one.control: one.value for one in track if one.type == "control_change"}
        assert controls == {7: part.volume, 10: part.pan}
        channels = {one.channel for one in track if one.type == "note_on"}
        assert len(channels) == 1
        assert (channels == {9}) == part.percussion
    score = symusic.Score.from_midi(data)
    assert [track.name for track in score.tracks] == BAND
    assert len(score.tempos) == len(tempi)
    for part, track in zip(take.performance.parts, score.tracks, strict=True):
        assert track.is_drum == part.percussion
        assert track.program == part.program
        theirs = sorted((note.time, note.pitch, note.velocity) for note in track.notes)
        assert theirs == sorted((note.onset, note.pitch, note.velocity) for note in part.notes)


@pytest.mark.parametrize("form", ["happy-birthday", "blues-f"])
def test_the_sound_begins_and_ends_with_the_performance(form: str, tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile")
    take = play(form, choruses=1)
    audio.render(take.performance, tmp_path / "take.wav")
    sound, rate = soundfile.read(tmp_path / "take.wav")
    level = np.abs(sound).max(axis=1)
    first = min(note.onset for part in take.performance.parts for note in part.notes)
    begins = np.flatnonzero(level > 2e-3)[0] / rate
    assert begins == pytest.approx(take.performance.seconds_at(first), abs=0.05)
    # The last chord is let go at the end, and then it is the room that sounds.
    end = round(take.performance.seconds * rate)
    held = level[end - rate // 20 : end].max()
    assert held > 0.05
    assert level[end + rate // 2 :].max() < held / 10
    assert level[end - 2 * rate : end - rate].max() > held


def test_swing_is_played_and_not_written() -> None:
    take = play("happy-birthday")
    written, played = take.arrangement.parts[0].notes, take.performance.parts[0].notes
    late = [m.onset - 20 * n.onset for n, m in zip(written, played, strict=True)]
    assert min(late) > -20
    assert 50 < max(late) < 120
    assert any(note.onset % 24 == 12 for note in take.solo.notes)
    assert all(note.onset % 2 == 0 for note in written)
    straight = play("happy-birthday", swing=1.0)
    on_grid = zip(
        straight.arrangement.parts[0].notes, straight.performance.parts[0].notes, strict=True
    )
    assert max(abs(m.onset - 20 * n.onset) for n, m in on_grid) < 30
    assert straight.arrangement == take.arrangement


@pytest.mark.parametrize("form", EVERY_FORM)
def test_every_form_of_the_songbook_can_be_played(form: str) -> None:
    take = play(form, choruses=1)
    assert take.solo.notes
    assert take.arrangement.parts[1].notes
    assert writing.dumps(take.performance)


@pytest.mark.parametrize("meter", ["4/4", "3/4", "5/4", "6/8", "7/8", "2/2", "12/8", "5/8", "1/4"])
def test_any_metre(meter: str) -> None:
    chords = (ChordChange(0, Chord.parse("C7")),)
    form = Changes((Bar(chords, Meter.parse(meter)),) * 4)
    take = play(LeadSheet("A", form), choruses=2)
    assert all(note.end <= 2 * form.length for note in take.solo.notes)
    assert take.solo.notes


@given(
    st.lists(
        st.lists(st.sampled_from(["C7", "Dm7", "N.C.", "F#maj7", "Bbdim7", "Eb/G"]), max_size=3),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(["4/4", "3/4", "7/8"]),
    st.integers(0, 99),
    st.floats(0, 3),
)
@settings(deadline=None, max_examples=60, derandomize=True)
def test_any_changes_give_a_solo_or_a_sentence(
    rows: list[list[str]], meter: str, seed: int, temperature: float
) -> None:
    bars = []
    for row in rows:
        step = Meter.parse(meter).ticks_per_bar // max(1, len(row))
        chords = tuple(ChordChange(i * step, Chord.parse(s)) for i, s in enumerate(row))
        bars.append(Bar(chords, Meter.parse(meter)))
    sheet = LeadSheet("A", Changes(tuple(bars)))
    try:
        take = play(sheet, seed, choruses=2, controls=Controls(temperature=temperature))
    except SidemanError:
        assert not any(rows)
    else:
        assert writing.dumps(take.performance)
        assert all(note.end <= 2 * sheet.changes.length for note in take.solo.notes)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"choruses": 0}, "1 to 100"),
        ({"choruses": 101}, "1 to 100"),
        ({"swing": 0.5}, "1 \\(even eighths\\) to 4"),
        ({"swing": float("nan")}, "to 4"),
        ({"tempo_bpm": 19.0}, "20 to 400"),
        ({"tempo_bpm": 0.0}, "20 to 400"),
        ({"tempo_bpm": float("nan")}, "20 to 400"),
        ({"tempo_bpm": float("inf")}, "20 to 400"),
    ],
)
def test_what_cannot_be_played_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(SidemanError, match=words):
        play("blues-f", 1, **options)


def test_nothing_to_play_over_is_refused() -> None:
    for changes in (Changes(()), Changes((Bar(), Bar()))):
        with pytest.raises(SidemanError, match="no chords"):
            play(LeadSheet("Empty", changes))
    long = songbook.load("rhythm-changes-bb")
    sheet = LeadSheet("Long", long.changes.repeated(200))
    with pytest.raises(SidemanError, match="bars"):
        play(sheet, choruses=2)


def test_a_solo_that_is_there_is_accompanied() -> None:
    take = play("blues-f", choruses=2)
    rng = np.random.default_rng(4)
    again = improviser.accompany(take.solo, rng=rng, band=Band(plan=Plan(fours=True)))
    assert again.solo.notes
    assert set(again.solo.notes) < set(take.solo.notes) | {
        replace(note, duration=12) for note in take.solo.notes
    }
    sections = [bar.section for bar in again.arrangement.changes.bars if bar.section]
    assert sections == ["Solo 1", "Fours", "Ending"]
    assert [part.name for part in again.performance.parts] == BAND
    with pytest.raises(SidemanError, match="no chords"):
        improviser.accompany(replace(take.solo, changes=None), rng=rng)


def test_an_odd_tempo_of_the_tune_is_bent_to_what_can_be_played() -> None:
    sheet = LeadSheet("A", songbook.load("blues-f").changes, tempo_bpm=900.0)
    assert play(sheet, choruses=1).arrangement.tempo_bpm == FASTEST_BPM


def test_no_note_is_faster_than_fingers() -> None:
    model = registry.load("course")
    form = songbook.load("rhythm-changes-bb")
    for tempo in (120.0, 200.0, 300.0):
        take = play(form, 3, model=model, choruses=2, tempo_bpm=tempo)
        shortest = min(note.duration for note in take.solo.notes) * 60 / (24 * tempo)
        assert shortest >= performer.SHORTEST_SECONDS, tempo
        assert len(take.solo.notes) > 100
