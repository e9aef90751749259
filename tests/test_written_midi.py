"""The written line inside a performed MIDI file: exact, and ignored after an edit."""

import io
import json
from pathlib import Path

import mido
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sideman import feel
from sideman.band import styles
from sideman.formats.midi import reading, to_solo, writing
from sideman.formats.midi.written import inscribed, written
from sideman.library import charts, songbook
from sideman.score import Arrangement, Note, Part, Solo
from sideman.theory.meter import Meter

MARK = b"\x7dsideman"


def solo(form: str = "blues-f", choruses: int = 2) -> Solo:
    sheet = songbook.load(form)
    changes = sheet.changes.repeated(choruses)
    rng = np.random.default_rng(5)
    onsets = np.cumsum(rng.choice([3, 4, 6, 8, 12, 24, 60], 80))
    onsets = onsets[onsets < changes.length - 24]
    lengths = np.minimum(np.diff(onsets, append=onsets[-1] + 24), rng.integers(1, 60, len(onsets)))
    notes = tuple(
        Note(int(onset), int(length), int(pitch), 92)
        for onset, length, pitch in zip(
            onsets, lengths, rng.integers(55, 80, len(onsets)), strict=True
        )
    )
    return Solo(
        sheet.title,
        notes,
        changes,
        performer="sideman",
        key=sheet.key,
        tempo_bpm=121.5,
        style=sheet.style,
    )


def performed(line: Solo) -> bytes:
    assert line.changes is not None
    parts = (Part("Solo", line.notes, 66),)
    arrangement = Arrangement(line.title, parts, line.changes, 121.5, line.key)
    style = styles.matching(line.style, line.changes.meter)
    return writing.dumps(feel.perform(arrangement, style, np.random.default_rng(2)))


def file_of(line: Solo, remarks: tuple[str, ...] = ()) -> bytes:
    return inscribed(performed(line), line, remarks)


@pytest.mark.parametrize(
    "form", ["blues-f", "rhythm-changes-bb", "happy-birthday", "waltz-blues-g"]
)
def test_the_line_comes_back_as_it_was_written(form: str) -> None:
    line = solo(form)
    data = file_of(line)
    file = reading.parse(data)
    assert written(file) == line
    assert to_solo(file) == line
    # Without the written line the swung notes are read as triplets.
    bare = to_solo(mute(data))
    assert [note.onset for note in bare.notes] != [note.onset for note in line.notes]


def mute(data: bytes) -> reading.MidiFile:
    return reading.parse(data.replace(MARK, b"\x7dsomebody"[: len(MARK)]))


def test_other_programs_pass_over_it() -> None:
    data = file_of(solo(), ("Novelty: none",))
    theirs = mido.MidiFile(file=io.BytesIO(data))
    kinds = [message.type for message in theirs.tracks[0]]
    assert kinds.count("sequencer_specific") == 1
    said = [message.text for message in theirs.tracks[0] if message.type == "text"]
    assert said[:1] == ["Novelty: none"]
    assert len(theirs.tracks) == 2
    assert file_of(solo(), ("Novelty: none",)) == data


def test_what_was_edited_is_read_as_it_sounds() -> None:
    theirs = mido.MidiFile(file=io.BytesIO(file_of(solo())))
    for message in theirs.tracks[1]:
        if message.type in ("note_on", "note_off") and message.note == solo().notes[0].pitch:
            message.note += 1
    edited = io.BytesIO()
    theirs.save(file=edited)
    file = reading.parse(edited.getvalue())
    assert written(file) is None
    assert to_solo(file).notes[0].pitch == solo().notes[0].pitch + 1
    # An edit of another part does not matter.
    theirs = mido.MidiFile(file=io.BytesIO(file_of(solo())))
    theirs.tracks.append(mido.MidiTrack([mido.Message("note_on", note=40, channel=3, time=0)]))
    edited = io.BytesIO()
    theirs.save(file=edited)
    assert written(reading.parse(edited.getvalue())) == solo()


def test_a_chart_of_it_has_its_style_and_meter(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    path.write_bytes(file_of(solo("waltz-blues-g")))
    _, sheet = charts.find(str(path))
    assert sheet.changes.meter == Meter(3, 4)
    assert sheet.style == songbook.load("waltz-blues-g").style
    assert sheet.melody == solo("waltz-blues-g").notes


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_garbled_inscriptions_are_passed_over(data: st.DataObject) -> None:
    content = json.loads(BODY)
    key = data.draw(st.sampled_from(sorted(content)))
    content[key] = data.draw(
        st.one_of(
            st.none(),
            st.integers(),
            st.floats(),
            st.text(max_size=5),
            st.lists(st.lists(st.integers(-9, 200), max_size=5), max_size=3),
            st.lists(st.lists(st.text(max_size=3), max_size=5), max_size=3),
        )
    )
    body = MARK + json.dumps(content).encode()
    event = b"\x00\xff\x7f" + writing.variable_length(len(body)) + body
    size = int.from_bytes(PLAIN[18:22], "big") + len(event)
    found = written(reading.parse(PLAIN[:18] + size.to_bytes(4, "big") + event + PLAIN[22:]))
    if found is not None:  # Any other valid line can be played and written.
        assert written(reading.parse(inscribed(PLAIN, found))) == found


PLAIN = performed(solo())


def _body() -> bytes:
    (private,) = reading.parse(file_of(solo())).tracks[0].private
    return private[len(MARK) :]


BODY = _body()
