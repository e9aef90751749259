"""Sound: length, level, silence, tempo, pedal, and the same bytes every time."""

import io
import subprocess
import sys
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from realdata import DATA, needs_data
from sideman.errors import FileError, FormatError, MissingExtraError, SidemanError
from sideman.formats import audio

pytest.importorskip("tinysoundfont", reason="the synthesiser has wheels for 3.11 and 3.12")


def midi_bytes(*tracks: list[mido.Message], midi_type: int = 1, ticks: int = 480) -> bytes:
    file = mido.MidiFile(type=midi_type, ticks_per_beat=ticks)
    for messages in tracks:
        file.tracks.append(mido.MidiTrack(messages))
    stream = io.BytesIO()
    file.save(file=stream)
    return stream.getvalue()


def note(key: int = 69, ticks: int = 480, velocity: int = 90, wait: int = 0) -> list[mido.Message]:
    return [
        mido.Message("note_on", note=key, velocity=velocity, time=wait),
        mido.Message("note_off", note=key, time=ticks),
    ]


def sound(data: bytes, path: Path) -> np.ndarray:
    seconds = audio.render_midi(data, path)
    samples, rate = soundfile.read(path, always_2d=True)
    assert rate == 44_100
    assert samples.shape[1] == 2
    assert len(samples) == round(seconds * rate)
    return np.asarray(samples)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3", ".MP3"])
def test_every_format_peaks_at_minus_one_and_repeats_its_bytes(tmp_path: Path, suffix: str) -> None:
    data = midi_bytes(note() + note(64, wait=240) + note(57))
    samples = sound(data, tmp_path / f"first{suffix}")
    peak = 20 * np.log10(np.abs(samples).max())
    exact = suffix in (".wav", ".flac")
    assert peak == pytest.approx(-1.0, abs=0.01 if exact else 0.7)
    audio.render_midi(data, tmp_path / f"second{suffix}")
    first = (tmp_path / f"first{suffix}").read_bytes()
    assert first == (tmp_path / f"second{suffix}").read_bytes()


def test_bytes_do_not_depend_on_the_process(tmp_path: Path) -> None:
    (tmp_path / "a.mid").write_bytes(midi_bytes(note()))
    program = "import sys; from sideman.formats import audio; audio.render(*sys.argv[1:])"
    for name in ("one.ogg", "two.ogg"):
        arguments = [str(tmp_path / "a.mid"), str(tmp_path / name)]
        subprocess.run([sys.executable, "-c", program, *arguments], check=True)
    assert (tmp_path / "one.ogg").read_bytes() == (tmp_path / "two.ogg").read_bytes()


def test_the_note_has_its_pitch_and_its_time(tmp_path: Path) -> None:
    # Two beats of rest at 120 bpm, then one beat of A4 on a flute.
    flute = [mido.Message("program_change", program=73)]
    samples = sound(midi_bytes(flute + note(69, wait=960)), tmp_path / "a.wav")[:, 0]
    loud = np.flatnonzero(np.abs(samples) > 0.05)
    assert loud[0] / 44_100 == pytest.approx(1.0, abs=0.05)
    steady = samples[int(1.15 * 44_100) : int(1.45 * 44_100)]
    spectrum = np.abs(np.fft.rfft(steady * np.hanning(len(steady)), 1 << 18))
    assert np.argmax(spectrum) * 44_100 / (1 << 18) == pytest.approx(440, rel=0.01)


def test_the_tempo_map_counts(tmp_path: Path) -> None:
    tempi = [
        mido.MetaMessage("set_tempo", tempo=1_000_000),
        mido.MetaMessage("set_tempo", tempo=250_000, time=480),
    ]
    events, end = audio.read_events(midi_bytes(tempi, note(ticks=960)), "a")
    assert [event.seconds for event in events] == pytest.approx([0, 1.25])
    assert end == pytest.approx(1.25)


def test_frames_of_film_count_too() -> None:
    data = bytearray(midi_bytes(note(ticks=1000)))
    data[12:14] = bytes([256 - 25, 40])  # 25 frames a second, 40 ticks a frame
    _, end = audio.read_events(bytes(data), "a")
    assert end == pytest.approx(1.0)


def test_patterns_of_format_two_follow_one_another() -> None:
    events, end = audio.read_events(midi_bytes(note(), note(), midi_type=2), "a")
    assert [event.seconds for event in events] == pytest.approx([0, 0.5, 0.5, 1.0])
    assert end == pytest.approx(1.0)


def test_the_pedal_holds_a_note() -> None:
    messages = [mido.Message("control_change", control=64, value=127), *note(ticks=240)]
    messages.append(mido.Message("control_change", control=64, value=0, time=480))
    events, _ = audio.read_events(midi_bytes(messages), "a")
    assert [(event.kind, event.seconds) for event in events] == [("on", 0.0), ("off", 0.75)]


def test_loudness_follows_velocity_and_volume(tmp_path: Path) -> None:
    # A soft note beside a loud one: amplitude as the square of velocity.
    flute = [mido.Message("program_change", program=73)]
    messages = flute + note(69, 960, 127) + note(69, 960, 64, wait=960)
    samples = sound(midi_bytes(messages), tmp_path / "a.wav")
    loud, soft = samples[22_050:44_100].std(), samples[110_250:132_300].std()
    assert 20 * np.log10(loud / soft) == pytest.approx(40 * np.log10(127 / 64), abs=1.0)
    volume = [mido.Message("control_change", control=7, value=64, time=960)]
    full = [mido.Message("control_change", control=7, value=127)]
    messages = flute + full + note(69, 960, 100) + volume + note(69, 960, 100)
    samples = sound(midi_bytes(messages), tmp_path / "b.wav")
    loud, soft = samples[22_050:44_100].std(), samples[110_250:132_300].std()
    assert 20 * np.log10(loud / soft) == pytest.approx(40 * np.log10(127 / 64), abs=1.0)


def test_the_tail_is_kept_and_ends_in_silence(tmp_path: Path) -> None:
    vibraphone = [mido.Message("program_change", program=11)]
    samples = sound(midi_bytes(vibraphone + note(60, 240)), tmp_path / "a.wav")
    assert len(samples) > 0.3 * 44_100
    assert np.abs(samples[-400:]).max() < 0.001


def test_a_file_without_notes_is_silence_of_its_length(tmp_path: Path) -> None:
    rest = [mido.MetaMessage("end_of_track", time=960)]
    samples = sound(midi_bytes(rest), tmp_path / "a.wav")
    assert not samples.any()
    assert len(samples) / 44_100 == pytest.approx(1.1, abs=0.01)


def test_long_sound_goes_by_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = midi_bytes(note(ticks=4800))
    audio.render_midi(data, tmp_path / "a.wav")
    monkeypatch.setattr(audio, "_SPOOLED_BYTES", 1000)
    audio.render_midi(data, tmp_path / "b.wav")
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.wav", "b.wav"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"RIFFnothing", "not a MIDI file"),
        (midi_bytes(note())[:30], "cut off"),
        (midi_bytes(note(), ticks=0), "0 ticks"),
        (midi_bytes(note(ticks=480 * 2 * 3601)), "at most 60"),
    ],
)
def test_bad_files_are_told_in_a_sentence(tmp_path: Path, data: bytes, words: str) -> None:
    (tmp_path / "song.mid").write_bytes(data)
    with pytest.raises(FormatError, match=words) as error:
        audio.render(tmp_path / "song.mid", tmp_path / "song.wav")
    assert "song.mid" in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["song.mid"]


def test_bad_names_and_soundfonts_are_told_in_a_sentence(tmp_path: Path) -> None:
    data = midi_bytes(note())
    with pytest.raises(FileError, match=r"\.mp3"):
        audio.render_midi(data, tmp_path / "song.aiff")
    (tmp_path / "bad.sf2").write_bytes(b"not a soundfont")
    whole = audio.soundfont_path().read_bytes()
    (tmp_path / "cut.sf2").write_bytes(whole[:5000])
    for name in ("absent.sf2", "bad.sf2", "cut.sf2"):
        with pytest.raises(FileError, match=name):
            audio.render_midi(data, tmp_path / "song.wav", soundfont=tmp_path / name)
    with pytest.raises(FileError, match="cannot be read"):
        audio.render(tmp_path / "absent.mid", tmp_path / "song.wav")
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be written"):
        audio.render_midi(data, tmp_path / "file" / "song.wav")
    assert not (tmp_path / "song.wav").exists()


def test_without_a_synthesiser_it_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tinysoundfont", None)
    with pytest.raises(MissingExtraError, match="pip install"):
        audio.render_midi(midi_bytes(note()), tmp_path / "song.wav")


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(soundfile.SoundFile):  # type: ignore[misc]
        def write(self, data: object) -> None:
            raise soundfile.LibsndfileError(2)

    monkeypatch.setattr(soundfile, "SoundFile", Full)
    with pytest.raises(FileError, match="make room"):
        audio.render_midi(midi_bytes(note()), tmp_path / "song.wav")
    assert not list(tmp_path.iterdir())


@given(st.data())
@settings(deadline=None, max_examples=100, derandomize=True)
def test_any_bytes_give_events_or_a_sentence(data: st.DataObject) -> None:
    good = bytearray(midi_bytes([mido.MetaMessage("set_tempo", tempo=400_000)], note() + note(60)))
    for _ in range(data.draw(st.integers(0, 6))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(good)))
    broken = bytes(good[:cut] if cut % 3 == 0 else good)
    message, end = "", 0.0
    events: list[audio.Event] = []
    try:
        events, end = audio.read_events(broken, "a.mid")
    except SidemanError as error:
        message = str(error)
    assert not message or "a.mid" in message
    assert all(0 <= event.seconds <= end for event in events)


@needs_data
def test_real_files_sound_as_long_as_they_last(tmp_path: Path) -> None:
    for path in sorted((DATA / "midi").glob("*.mid"))[:6]:
        seconds = audio.render(path, tmp_path / "a.wav")
        assert seconds > mido.MidiFile(path).length
        assert seconds < mido.MidiFile(path).length + audio.LONGEST_TAIL_SECONDS + 0.01
