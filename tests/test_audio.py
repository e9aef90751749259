"""Sound: length, level, silence, tempo, stage, room, stems, tags, and the same bytes every time."""

import io
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from tinytag import TinyTag

import sideman
from realdata import DATA, needs_data
from sideman.errors import FileError, FormatError, MissingExtraError, MusicError, SidemanError
from sideman.formats.midi import reading
from sideman.output import audio
from sideman.output.audio import (
    Mix,
    Tags,
    cues,
    limiter,
    mp3,
    room,
    sf3,
    soundfonts,
    stretches,
    synthesiser,
)

RATE = 48_000
SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")
DRY = Mix(room=False)


def midi_bytes(*tracks: list[mido.Message], midi_type: int = 1, ticks: int = 480) -> bytes:
    file = mido.MidiFile(type=midi_type, ticks_per_beat=ticks)
    for messages in tracks:
        file.tracks.append(mido.MidiTrack(messages))
    stream = io.BytesIO()
    file.save(file=stream)
    return stream.getvalue()


def note(
    key: int = 69, ticks: int = 480, velocity: int = 90, wait: int = 0, channel: int = 0
) -> list[mido.Message]:
    return [
        mido.Message("note_on", note=key, velocity=velocity, time=wait, channel=channel),
        mido.Message("note_off", note=key, time=ticks, channel=channel),
    ]


def player(name: str, program: int, channel: int, *notes: mido.Message) -> list[mido.Message]:
    head = [mido.MetaMessage("track_name", name=name)]
    return [*head, mido.Message("program_change", program=program, channel=channel), *notes]


FLUTE = [mido.Message("program_change", program=73)]
# A melody, a bass and drums, two bars of 4/4 at 120.
TRIO = midi_bytes(
    [
        mido.MetaMessage("track_name", name="Trio Tune"),
        mido.MetaMessage("set_tempo", tempo=500_000),
    ],
    player("Lead", 66, 0, *[m for key in (70, 72, 74, 77) for m in note(key, 960, 100)]),
    player("Low", 32, 1, *[m for key in (34, 41, 34, 36) for m in note(key, 960, 90, channel=1)]),
    player("", 0, 9, *[m for _ in range(8) for m in note(51, 480, 80, channel=9)]),
)


def events(data: bytes) -> list[cues.Event]:
    """What is played, without the places on the stage."""
    told = cues.events(reading.parse(data, "a.mid"))
    return [event for event in told if (event.kind, event.first) != ("control", cues.PAN)]


def sound(
    data: bytes, path: Path, mix: Mix = audio.EVERYBODY, tags: Tags = audio.UNTAGGED
) -> np.ndarray:
    seconds = audio.render_midi(data, path, mix=mix, tags=tags)
    samples, rate = soundfile.read(path, always_2d=True)
    assert rate == RATE
    assert samples.shape[1] == 2
    assert len(samples) == round(seconds * rate)
    return np.asarray(samples)


def decibels(amplitude: float) -> float:
    return float(20 * np.log10(amplitude))


# --- level, length, bytes


@pytest.mark.parametrize("suffix", [*SUFFIXES, ".MP3"])
def test_every_format_stays_under_minus_one_and_repeats_its_bytes(
    tmp_path: Path, suffix: str
) -> None:
    samples = sound(TRIO, tmp_path / f"first{suffix}")
    peak = decibels(np.abs(samples).max())
    if suffix in (".wav", ".flac"):
        assert peak == pytest.approx(-1.0, abs=0.01)
    else:
        assert -3.0 < peak <= -1.0
    audio.render_midi(TRIO, tmp_path / f"second{suffix}")
    first = (tmp_path / f"first{suffix}").read_bytes()
    assert first == (tmp_path / f"second{suffix}").read_bytes()


def test_formats_agree_to_the_frame(tmp_path: Path) -> None:
    # MP3 and OGG delay and pad; their players must be told by how much.
    exact, *others = (sound(TRIO, tmp_path / f"a{suffix}").mean(axis=1) for suffix in SUFFIXES)
    for other in others:
        assert len(other) == len(exact)
        middle = exact[RATE : 2 * RATE]
        shifts = range(-40, 41)
        likeness = [float(middle @ other[RATE + by : 2 * RATE + by]) for by in shifts]
        assert shifts[int(np.argmax(likeness))] == 0
        assert max(likeness) / float(middle @ middle) == pytest.approx(1.0, abs=0.02)


def test_bytes_do_not_depend_on_the_process(tmp_path: Path) -> None:
    (tmp_path / "a.mid").write_bytes(TRIO)
    program = "import sys; from sideman.output import audio; audio.render(*sys.argv[1:])"
    for name in ("one.ogg", "two.ogg"):
        arguments = [str(tmp_path / "a.mid"), str(tmp_path / name)]
        subprocess.run([sys.executable, "-c", program, *arguments], check=True)
    assert (tmp_path / "one.ogg").read_bytes() == (tmp_path / "two.ogg").read_bytes()


def test_soft_music_is_brought_up_to_the_loudness_of_other_music(tmp_path: Path) -> None:
    # One stroke far above the rest would hold everything down without a limiter.
    melody = FLUTE + [m for _ in range(12) for m in note(72, 960, 70)]
    stroke = player("", 0, 9, *note(38, 240, 127, wait=4800, channel=9))
    samples = sound(midi_bytes(melody), tmp_path / "a.wav")
    struck = sound(midi_bytes(melody, stroke), tmp_path / "b.wav")
    assert decibels(np.abs(struck).max()) == pytest.approx(-1.0, abs=0.01)
    quietest = decibels(np.sqrt((struck[RATE : 3 * RATE] ** 2).mean()))
    assert quietest > -20
    assert decibels(np.sqrt((samples[RATE : 3 * RATE] ** 2).mean())) > -20


def test_the_tail_is_kept_and_ends_in_silence(tmp_path: Path) -> None:
    vibraphone = [mido.Message("program_change", program=11)]
    samples = sound(midi_bytes(vibraphone + note(60, 240)), tmp_path / "a.wav", DRY)
    assert 0.3 * RATE < len(samples) < audio.LONGEST_TAIL_SECONDS * RATE
    assert np.abs(samples[-400:]).max() < 0.001
    # The sound has died away by itself; the synthesiser ends a voice at about −40 dB.
    assert np.abs(samples[-RATE // 5 : -RATE // 10]).max() < 0.03


def test_a_file_without_notes_is_silence_of_its_length(tmp_path: Path) -> None:
    rest = [mido.MetaMessage("end_of_track", time=960)]
    samples = sound(midi_bytes(rest), tmp_path / "a.wav")
    assert not samples.any()
    assert len(samples) == RATE
    nothing = sound(midi_bytes([]), tmp_path / "b.mp3")
    assert len(nothing) == 0


def test_long_sound_goes_by_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    audio.render_midi(TRIO, tmp_path / "a.wav")
    monkeypatch.setattr(audio, "_SPOOLED_BYTES", 1000)
    audio.render_midi(TRIO, tmp_path / "b.wav")
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.wav", "b.wav"]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_music(tmp_path: Path) -> None:
    # The kernel's own count: that of the parent, which may be large, is not in it.
    if not Path("/proc/self/status").exists():
        pytest.skip("only Linux tells a process's largest memory in /proc")
    long = midi_bytes([m for _ in range(12) for m in note(60, 480 * 2 * 60)])  # twelve minutes
    (tmp_path / "long.mid").write_bytes(long)
    program = (
        "import sys; from sideman.output import audio; print(audio.render(*sys.argv[1:])); "
        "print(next(line for line in open('/proc/self/status') if 'VmHWM' in line).split()[1])"
    )
    arguments = [str(tmp_path / "long.mid"), str(tmp_path / "long.wav")]
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], check=True, capture_output=True, text=True
    )
    seconds, peak_kilobytes = map(float, done.stdout.split())
    assert seconds >= 12 * 60
    # All of it at once would be 254 MB beside what every song takes.
    assert peak_kilobytes / 1024 < 230


def test_progress_rises_to_one(tmp_path: Path) -> None:
    told: list[float] = []
    audio.render_midi(TRIO, tmp_path / "a.mp3", progress=told.append)
    assert told == sorted(told)
    assert len(told) > 3
    assert told[-1] == 1.0


# --- notes and times


def test_the_note_has_its_pitch_and_its_time(tmp_path: Path) -> None:
    # Two beats of rest at 120 bpm, then one beat of A4 on a flute.
    samples = sound(midi_bytes(FLUTE + note(69, wait=960)), tmp_path / "a.wav")[:, 0]
    loud = np.flatnonzero(np.abs(samples) > 0.05)
    assert loud[0] / RATE == pytest.approx(1.0, abs=0.05)
    steady = samples[int(1.15 * RATE) : int(1.45 * RATE)]
    spectrum = np.abs(np.fft.rfft(steady * np.hanning(len(steady)), 1 << 18))
    assert np.argmax(spectrum) * RATE / (1 << 18) == pytest.approx(440, rel=0.01)


def test_the_last_note_ends_when_the_file_does(tmp_path: Path) -> None:
    samples = sound(midi_bytes(FLUTE + note(69, 4800)), tmp_path / "a.wav", DRY)
    assert len(samples) >= 5 * RATE
    before = np.abs(samples[5 * RATE - 2205 : 5 * RATE]).max()
    after = np.abs(samples[5 * RATE + 4410 :]).max(initial=0.0)
    assert before > 0.3
    assert after < before / 4


def test_the_tempo_map_counts() -> None:
    tempi = [
        mido.MetaMessage("set_tempo", tempo=1_000_000),
        mido.MetaMessage("set_tempo", tempo=250_000, time=480),
    ]
    data = midi_bytes(tempi, note(ticks=960))
    assert [event.seconds for event in events(data)] == pytest.approx([0, 1.25])
    assert cues.seconds(reading.parse(data)) == pytest.approx(1.25)


def test_frames_of_film_count_too() -> None:
    data = bytearray(midi_bytes(note(ticks=1000)))
    data[12:14] = bytes([256 - 25, 40])  # 25 frames a second, 40 ticks a frame
    assert cues.seconds(reading.parse(bytes(data))) == pytest.approx(1.0)


def test_patterns_of_format_two_follow_one_another() -> None:
    data = midi_bytes(note(), note(), midi_type=2)
    assert [event.seconds for event in events(data)] == pytest.approx([0, 0.5, 0.5, 1.0])
    assert cues.seconds(reading.parse(data)) == pytest.approx(1.0)


def test_the_pedal_holds_a_note() -> None:
    messages = [mido.Message("control_change", control=64, value=127), *note(ticks=240)]
    messages.append(mido.Message("control_change", control=64, value=0, time=480))
    told = [(event.kind, event.seconds) for event in events(midi_bytes(messages))]
    assert told == [("on", 0.0), ("off", 0.75)]


@pytest.mark.parametrize("name", synthesiser.SYNTHESISERS)
def test_loudness_follows_velocity_and_volume(tmp_path: Path, name: str) -> None:
    # A soft note beside a loud one: amplitude as the square of velocity.
    mix = Mix(room=False, synthesiser=name)
    try:
        synthesiser.load(name)
    except MissingExtraError as error:
        pytest.skip(str(error))
    wanted = 40 * np.log10(127 / 64)
    messages = FLUTE + note(69, 960, 127) + note(69, 960, 64, wait=960)
    samples = sound(midi_bytes(messages), tmp_path / "a.wav", mix)
    loud, soft = samples[RATE // 2 : RATE].std(), samples[5 * RATE // 2 : 3 * RATE].std()
    assert decibels(loud / soft) == pytest.approx(wanted, abs=1.0)
    volume = [mido.Message("control_change", control=7, value=64, time=960)]
    full = [mido.Message("control_change", control=7, value=127)]
    messages = FLUTE + full + note(69, 960, 100) + volume + note(69, 960, 100)
    samples = sound(midi_bytes(messages), tmp_path / "b.wav", mix)
    loud, soft = samples[RATE // 2 : RATE].std(), samples[5 * RATE // 2 : 3 * RATE].std()
    assert decibels(loud / soft) == pytest.approx(wanted, abs=1.0)


def test_both_synthesisers_play_alike(tmp_path: Path) -> None:
    try:
        synthesiser.load("fluidsynth")
    except MissingExtraError as error:
        pytest.skip(str(error))
    ours = sound(TRIO, tmp_path / "a.wav")
    theirs = sound(TRIO, tmp_path / "b.wav", Mix(synthesiser="fluidsynth"))
    assert len(theirs) == pytest.approx(len(ours), abs=0.5 * RATE)
    for one, other in zip(bands(ours), bands(theirs), strict=True):
        assert one == pytest.approx(other, abs=6.0)


def bands(samples: np.ndarray) -> list[float]:
    """The level in decibels of five bands between 60 and 12,000 Hz."""
    power = np.abs(np.fft.rfft(samples.mean(axis=1))) ** 2
    frequency = np.fft.rfftfreq(len(samples), 1 / RATE)
    edges = np.geomspace(60, 12_000, 6)
    sums = [power[(low < frequency) & (frequency < high)].sum() for low, high in pairwise(edges)]
    return [float(10 * np.log10(total / power.sum())) for total in sums]


def test_the_spectrum_is_that_of_a_band(tmp_path: Path) -> None:
    samples = sound(TRIO, tmp_path / "a.wav").mean(axis=1)
    power = np.abs(np.fft.rfft(samples)) ** 2
    frequency = np.fft.rfftfreq(len(samples), 1 / RATE)
    centroid = (power * frequency).sum() / power.sum()
    assert 150 < centroid < 3000


# --- stage and room


def test_players_stand_on_a_stage_where_the_file_pans_nothing(tmp_path: Path) -> None:
    def places(*tracks: list[mido.Message]) -> dict[int, int]:
        told = cues.events(reading.parse(midi_bytes(*tracks), "a.mid"))
        return {event.channel: event.second for event in told if event.first == cues.PAN}

    band = [
        player("", 0, 0, *note()),
        player("", 32, 1, *note(40, channel=1)),
        player("", 26, 2, *note(channel=2)),
        player("", 66, 3, *note(channel=3)),
        player("", 56, 4, *note(channel=4)),
        player("", 0, 9, *note(51, channel=9)),
    ]
    stage = places(*band)
    assert stage[0] < 64 < stage[2]  # piano left, guitar right
    assert stage[1] == stage[3] == stage[9] == 64
    assert stage[4] != 64  # the second horn stands aside
    pan = mido.Message("control_change", control=10, value=100, channel=1)
    assert places(*band, [pan]) == {1: 100}
    piano = sound(midi_bytes(band[0]), tmp_path / "a.wav", DRY)
    right = [mido.Message("control_change", control=10, value=127)]
    panned = sound(midi_bytes(right + band[0]), tmp_path / "b.wav", DRY)
    for samples, sign in ((piano, 1), (panned, -1)):
        left, other = samples[:, 0].std(), samples[:, 1].std()
        assert sign * decibels((left + 1e-9) / (other + 1e-9)) > 1.5


def test_the_room_dies_away_and_is_wide(tmp_path: Path) -> None:
    heard = room.response()
    assert heard.shape == (2, room.FRAMES)
    assert np.sqrt((heard**2).sum(axis=1)) == pytest.approx([0.2, 0.2], rel=0.01)
    assert not heard[:, : RATE // 100].any()
    # Schroeder's backward integral: from −5 to −35 dB, doubled, is the reverberation time.
    for side in heard:
        energy = np.cumsum(side[::-1] ** 2)[::-1]
        level = 10 * np.log10(energy / energy[0] + 1e-12)
        fall = (np.argmax(level < -35) - np.argmax(level < -5)) / RATE
        assert 0.6 < 2 * fall < 1.1
    left, right = heard
    assert abs(left @ right) / (left @ left) < 0.05
    stick = midi_bytes(player("", 0, 9, *note(37, 60, 110, channel=9)))
    dry, wet = (sound(stick, tmp_path / "a.wav", mix) for mix in (DRY, audio.EVERYBODY))
    assert len(wet) > len(dry) + 0.2 * RATE
    assert np.abs(wet[:, 0] - wet[:, 1]).max() > 0.005


def test_the_room_is_convolution_whatever_the_blocks() -> None:
    rng = np.random.default_rng(5)
    music = rng.standard_normal((2 * room.FRAMES, 2)).astype(np.float32)
    blocks = [music[: room.FRAMES], music[room.FRAMES :]]
    wet = np.concatenate(list(room.around(blocks))) - music
    middle = music.mean(axis=1)
    for side, channel in enumerate(wet.T):
        for at in (0, 700, room.FRAMES - 1, room.FRAMES, room.FRAMES + 5000, 2 * room.FRAMES - 1):
            past = middle[max(0, at - room.FRAMES + 1) : at + 1][::-1]
            assert channel[at] == pytest.approx(
                float(past @ room.response()[side, : len(past)]), abs=3e-5
            )


# --- limiter


@given(st.integers(0, 2**32), st.floats(0.05, 4.0), st.lists(st.integers(1, 900), max_size=8))
@settings(deadline=None, max_examples=60, derandomize=True)
def test_the_limiter_holds_the_ceiling_and_keeps_every_frame(
    seed: int, loudness: float, sizes: list[int]
) -> None:
    rng = np.random.default_rng(seed)
    music = (loudness * rng.standard_normal((sum(sizes), 2))).astype(np.float32)
    pieces = np.split(music, np.cumsum(sizes)[:-1]) if sizes else []
    ceiling = 0.5
    given_back = [*limiter.limited(((piece, piece) for piece in pieces), ceiling)]
    out = np.concatenate([np.empty((0, 2), np.float32), *given_back])
    assert len(out) == len(music)
    assert np.abs(out).max(initial=0.0) <= np.float32(ceiling)
    assert (np.abs(out) <= np.abs(music) + 1e-6).all()
    if np.abs(music).max(initial=0.0) <= ceiling:
        assert (out == music).all()
    # It does not matter how the music is cut into blocks.
    at_once = np.concatenate(
        [np.empty((0, 2), np.float32), *limiter.limited([(music, music)], ceiling)]
    )
    assert out == pytest.approx(at_once, abs=1e-5)


def test_the_limiter_looks_ahead_and_lets_go_slowly() -> None:
    music = np.full((RATE, 2), 0.4, np.float32)
    music[5000] = 1.0
    out = np.concatenate([*limiter.limited([(music, music)], 0.5)])
    gain = out[:, 0] / music[:, 0]
    assert gain[5000] == pytest.approx(0.5, abs=1e-4)
    assert gain[5000 - limiter.LOOK_AHEAD - 1] == 1.0
    assert (np.diff(gain[:5001]) <= 1e-6).all()
    assert np.abs(np.diff(gain)).max() < 0.01  # no step: no click
    assert gain[5000 + RATE // 10] < 0.95
    assert gain[5000 + RATE // 2] == 1.0


def test_stems_follow_the_gain_of_what_is_watched() -> None:
    loud = np.full((3000, 2), 1.0, np.float32)
    soft = np.full((3000, 2), 0.1, np.float32)
    out = np.concatenate([*limiter.limited([(soft, loud)], 0.5)])
    assert out == pytest.approx(np.full((3000, 2), 0.05), abs=1e-6)


# --- parts, stems, metronome


def test_parts_are_found_by_name_instrument_number_and_role() -> None:
    file = reading.parse(TRIO, "trio.mid")

    def numbers(*wanted: str) -> list[int]:
        return [part.number for part in cues.named(file, wanted)]

    assert numbers("lead") == numbers("Tenor") == numbers("0") == numbers("solo") == [0]
    assert numbers("low", "DRUMS") == [1, 2]
    for word in ("tuba", "7", "", " "):
        with pytest.raises(MusicError, match=r"trio\.mid: no part .* 0 Lead, 1 Low, 2 Drums"):
            numbers(word)
    with pytest.raises(MusicError, match="holds no notes"):
        cues.named(reading.parse(midi_bytes([]), "a.mid"), ["solo"])
    with pytest.raises(MusicError, match="nobody is left"):
        audio.render_midi(TRIO, "never.wav", mix=Mix(only=("lead",), without=("solo",)))
    assert not Path("never.wav").exists()


def test_a_part_left_out_is_not_heard(tmp_path: Path) -> None:
    bass = sound(TRIO, tmp_path / "a.wav", Mix(only=("low",)))
    also = sound(TRIO, tmp_path / "b.wav", Mix(without=("lead", "drums")))
    assert (bass == also).all()
    power = np.abs(np.fft.rfft(bass.mean(axis=1))) ** 2
    frequency = np.fft.rfftfreq(len(bass), 1 / RATE)
    assert power[frequency < 700].sum() > 0.98 * power.sum()


@pytest.mark.parametrize("click", [False, True])
def test_stems_add_up_to_the_mix(tmp_path: Path, click: bool) -> None:
    mix = Mix(click=click)
    plain = sound(TRIO, tmp_path / "plain.wav", mix)
    audio.render_midi(TRIO, tmp_path / "song.wav", mix=mix, stems=True)
    assert (tmp_path / "song.wav").read_bytes() == (tmp_path / "plain.wav").read_bytes()
    paths = audio.stem_paths(TRIO, tmp_path / "song.wav", mix=mix)
    names = ["song-lead.wav", "song-low.wav", "song-drums.wav", *["song-click.wav"] * click]
    assert [path.name for path in paths] == names
    assert {path.name for path in tmp_path.iterdir()} == {"plain.wav", "song.wav", *names}
    stems = [soundfile.read(path)[0] for path in paths]
    assert all(len(stem) == len(plain) and stem.any() for stem in stems)
    assert all(np.abs(stem).max() < audio.PEAK + 1e-4 for stem in stems)
    assert np.abs(sum(stems) - plain).max() < 1e-3


def test_stems_of_one_name_get_numbers(tmp_path: Path) -> None:
    data = midi_bytes(player("Sax / Alto", 65, 0, *note()), player("sax alto", 65, 1, *note()))
    paths = audio.stem_paths(data, tmp_path / "a.ogg")
    assert [path.name for path in paths] == ["a-sax-alto.ogg", "a-sax-alto-2.ogg"]


def test_the_metronome_follows_meter_and_tempo(tmp_path: Path) -> None:
    conductor = [
        mido.MetaMessage("time_signature", numerator=3, denominator=4),
        mido.MetaMessage("set_tempo", tempo=500_000),
        mido.MetaMessage("time_signature", numerator=6, denominator=8, time=1440),
        mido.MetaMessage("set_tempo", tempo=1_000_000),
    ]
    data = midi_bytes(conductor, note(60, 2880))
    beats = cues.beats(reading.parse(data, "a.mid"))
    assert [beat.seconds for beat in beats] == pytest.approx([0, 0.5, 1.0, 1.5, 3.0])
    assert [beat.downbeat for beat in beats] == [True, False, False, True, False]
    without = sound(data, tmp_path / "a.wav", Mix(without=("0",), click=True))
    rises = np.abs(without[:, 0]) > 0.1
    starts = [int(at) for at in np.flatnonzero(rises) if not rises[max(0, at - 2000) : at].any()]
    assert np.array(starts) / RATE == pytest.approx([0, 0.5, 1.0, 1.5, 3.0], abs=0.005)
    assert (without[:, 0] == without[:, 1]).all()


# --- tags


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_another_library_reads_the_tags(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    tags = Tags("Für Elise ♭9", "sideman", "For Anna 🎷", tempo_bpm=131.6, seed=42)
    sound(TRIO, path, tags=tags)
    read = TinyTag.get(path)
    assert (read.title, read.artist, read.comment) == (tags.title, tags.artist, tags.comment)
    others = read.as_dict()
    assert others["bpm"] == ["132"]
    assert others["seed"] == ["42"]
    assert [f"sideman {sideman.__version__}"] in others.values()
    assert read.duration == pytest.approx(soundfile.info(path).duration, abs=0.06)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_title_and_tempo_are_the_files_own_where_nothing_else_is_said(
    tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"a{suffix}"
    sound(TRIO, path)
    read = TinyTag.get(path)
    assert read.title == "Trio Tune"
    assert read.comment is None
    assert read.as_dict()["bpm"] == ["120"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_long_and_odd_tags_do_no_harm(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    plain = sound(TRIO, tmp_path / f"b{suffix}")
    odd = Tags("x\0y\n z" + "é" * 90_000, artist="\udc80", comment="♯" * 70_000, seed=10**30)
    assert (sound(TRIO, path, tags=odd) == plain).all()
    assert TinyTag.get(path).as_dict()["seed"] == [str(10**30)]


def test_the_mp3_header_points_into_the_stream(tmp_path: Path) -> None:
    long = midi_bytes(FLUTE + note(69, 480 * 40))
    path = tmp_path / "a.mp3"
    sound(long, path, tags=Tags("A"))
    data = path.read_bytes()
    at = data.index(b"Xing") - 36
    count, size = (int.from_bytes(data[at + by : at + by + 4], "big") for by in (44, 48))
    assert size == len(data) - at
    starts: list[int] = []
    left = mp3._walk(data[at:], 0, starts)
    assert left == b""
    assert len(starts) == count + 1  # the header is a frame too
    table = data[at + 52 : at + 152]
    assert list(table) == sorted(table)
    assert table[50] == pytest.approx(128, abs=8)


# --- what is wrong


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


@pytest.mark.parametrize("name", synthesiser.SYNTHESISERS)
def test_bad_soundfonts_are_told_in_a_sentence(
    tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    try:
        synthesiser.load(name)
    except MissingExtraError as error:
        pytest.skip(str(error))
    (tmp_path / "bad.sf2").write_bytes(b"not a soundfont")
    whole = soundfonts.soundfont_path().read_bytes()
    (tmp_path / "cut.sf2").write_bytes(whole[:5000])
    # The tables of presets at random: only the synthesiser itself can see that.
    table = whole.index(b"pdta") + 12
    noise = np.random.default_rng(3).bytes(len(whole) - table)
    (tmp_path / "random.sf2").write_bytes(whole[:table] + noise)
    for file in ("absent.sf2", "bad.sf2", "cut.sf2", "random.sf2"):
        mix = Mix(soundfont=tmp_path / file, synthesiser=name)
        with pytest.raises(FileError, match=file):
            audio.render_midi(TRIO, tmp_path / "song.wav", mix=mix)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.sf2", "cut.sf2", "random.sf2"]
    assert capfd.readouterr() == ("", "")


def test_bad_names_are_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"\.mp3"):
        audio.render_midi(TRIO, tmp_path / "song.aiff")
    with pytest.raises(FileError, match="cannot be read"):
        audio.render(tmp_path / "absent.mid", tmp_path / "song.wav")
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be written"):
        audio.render_midi(TRIO, tmp_path / "file" / "song.wav")
    assert not (tmp_path / "song.wav").exists()


@pytest.mark.parametrize(("module", "suffix"), [("midirenderer", ".wav"), ("lameenc", ".mp3")])
def test_what_is_missing_is_told_with_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, suffix: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match="pip install"):
        audio.render_midi(TRIO, tmp_path / f"song{suffix}")
    assert not list(tmp_path.iterdir())


def misplaced(soundfont: bytes) -> bytes:
    """A soundfont whose samples are all beyond its end."""
    head = soundfont.rindex(b"shdr") + 8
    changed = bytearray(soundfont)
    for at in range(head + 20, len(changed), 46):
        changed[at : at + 16] = b"".join((10**8 + by).to_bytes(4, "little") for by in range(4))
    return bytes(changed)


def test_a_panic_of_the_synthesiser_is_told_in_a_sentence(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.sf2"
    bad.write_bytes(misplaced(soundfonts.soundfont_path().read_bytes()))
    with pytest.raises(FileError, match=r"bad\.sf2: is not a valid soundfont"):
        audio.render_midi(TRIO, tmp_path / "song.wav", mix=Mix(soundfont=bad))
    assert capfd.readouterr() == ("", "")
    assert [path.name for path in tmp_path.iterdir()] == ["bad.sf2"]


def as_sf3(soundfont: bytes) -> bytes:
    """A soundfont with its samples as Ogg Vorbis, as MuseScore writes it."""
    chunks = dict(sf3._chunks(soundfont))
    samples = np.frombuffer(chunks[b"shdr"], sf3._TABLES[b"shdr"]).copy()
    sound, packed, size = np.frombuffer(chunks[b"smpl"], "<i2"), [], 0
    for row in samples[:-1]:
        stream, start = io.BytesIO(), int(row["start"])
        heard = sound[start : int(row["end"])]
        soundfile.write(stream, heard, 44_100, format="OGG", subtype="VORBIS")
        packed.append(stream.getvalue())
        row["start"], row["end"] = size, size + len(packed[-1])
        row["loop"] -= start
        row["loop_end"] = min(int(row["loop_end"]) - start, len(heard))
        size += len(packed[-1])
    samples["kind"] |= sf3._COMPRESSED
    chunks |= {b"shdr": samples.tobytes()}
    body = b"sfbk" + b"".join(
        (
            sf3._listed(b"INFO", {b"ifil": b"\3\0\1\0"}),
            sf3._listed(b"sdta", {b"smpl": b"".join(packed)}),
            sf3._listed(b"pdta", {name: chunks[name] for name in sf3._ORDER}),
        )
    )
    return sf3._chunk(b"RIFF", body)


def test_the_best_soundfont_is_that_of_musescore(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "none"))
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path / "share"))
    with pytest.raises(FileError, match="apt install musescore-general-soundfont-small"):
        audio.render_midi(TRIO, tmp_path / "song.wav", mix=Mix(soundfont="best"))
    assert not list(tmp_path.iterdir())
    folder = tmp_path / "share" / "sounds" / "sf3"
    folder.mkdir(parents=True)
    packed = as_sf3(soundfonts.soundfont_path().read_bytes())
    (folder / "MuseScore_General_Lite.sf3").write_bytes(packed)
    audio.render_midi(TRIO, tmp_path / "song.wav", mix=Mix(soundfont="best"))
    audio.render_midi(TRIO, tmp_path / "default.wav")
    named = (tmp_path / "song.wav").read_bytes()
    assert "MuseScore_General_Lite".encode("utf-16-le") in named
    assert "TimGM6mb".encode("utf-16-le") in (tmp_path / "default.wav").read_bytes()
    sound, default = (soundfile.read(tmp_path / f"{name}.wav")[0] for name in ("song", "default"))
    size = min(len(sound), len(default))
    likeness = np.corrcoef(sound[:size].ravel(), default[:size].ravel())[0, 1]
    assert likeness > 0.97  # the samples are the same up to their compression
    # Only the samples of the notes are decoded, which changes no bit.
    events = cues.events(reading.parse(TRIO, "trio"), reading.parse(TRIO, "trio").parts)
    played = stretches._played(events)
    every = {program: [(k, v) for k in range(128) for v in range(1, 128)] for program in played}
    pared, whole = (sf3.expanded(packed, each) for each in (played, every))
    assert len(pared) < 0.5 * len(whole)
    monkeypatch.setattr(stretches, "_played", lambda _: every)
    audio.render_midi(TRIO, tmp_path / "whole.wav", mix=Mix(soundfont="best"))
    assert soundfile.read(tmp_path / "whole.wav")[0].tobytes() == sound.tobytes()
    for bad in (packed[:-100_000], packed.replace(b"vorbis", b"ribvos"), packed[:36]):
        (tmp_path / "bad.sf3").write_bytes(bad)
        with pytest.raises(FileError, match=r"bad\.sf3: is not a valid soundfont"):
            audio.check("wav", Mix(soundfont=tmp_path / "bad.sf3"))


# --- stretches


def rendered(data: bytes, stretch: int, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """The dry sound, rendered in stretches of some frames."""
    monkeypatch.setattr(stretches, "STRETCH", stretch)
    file = reading.parse(data, "a.mid")
    play = synthesiser.load("midirenderer")
    end = round(cues.seconds(file) * RATE)
    return np.concatenate([*play(cues.events(file), end, room.FRAMES)])


def controls(*pairs: tuple[int, int], wait: int = 0) -> list[mido.Message]:
    """Controller changes after `wait` ticks."""
    return [
        mido.Message("control_change", control=number, value=value, time=wait * (index == 0))
        for index, (number, value) in enumerate(pairs)
    ]


def test_stretches_add_up_to_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    # Across the joins, 1.4 s apart: a held pad, a bent and a swelling line, controllers that were
    # set long before, open hi-hats that closed ones end, and a rest of several stretches.
    bend = [mido.Message("pitchwheel", pitch=2000, time=300), mido.Message("pitchwheel", pitch=0)]
    line = controls((101, 0), (100, 0), (6, 12), (7, 90), (11, 50), (10, 30))
    for key in (60, 64, 67, 71, 74):
        line += [*note(key, 700), *bend, *controls((11, 100), wait=50)]
    line += note(65, 500, wait=9600)
    pad = player("", 89, 1, *note(48, 7000, channel=1))
    hats = [message for key in (46, 42) * 9 for message in note(key, 60, wait=300, channel=9)]
    data = midi_bytes(line, pad, player("", 0, 9, *hats))
    whole = rendered(data, 10**9, monkeypatch)
    assert 0.02 < np.abs(whole).max() < 0.9
    parts = rendered(data, room.FRAMES, monkeypatch)
    assert parts.shape == whole.shape
    assert np.abs(parts - whole).max() < 6 / 32768  # rounding, once for each stretch that sounds
    assert not whole[-RATE // 10 :].any()


def test_controllers_may_change_after_the_last_note(monkeypatch: pytest.MonkeyPatch) -> None:
    data = midi_bytes(FLUTE + note(69) + controls((7, 50), (11, 90), wait=480 * 2 * 20) + note(69))
    whole = rendered(data, 10**9, monkeypatch)
    first, second = (np.abs(whole[at : at + RATE]).max() for at in (0, round(20.5 * RATE)))
    assert 0 < second < first / 4
    assert np.abs(rendered(data, room.FRAMES, monkeypatch) - whole).max() < 3 / 32768
    ending = midi_bytes(FLUTE + note(69) + controls((7, 50), wait=480 * 2 * 20))
    assert np.abs(rendered(ending, 10**9, monkeypatch)[: 2 * RATE] - whole[: 2 * RATE]).max() == 0


def test_a_note_starts_where_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    data = midi_bytes([m for _ in range(12) for m in note(42, 60, 120, wait=420, channel=9)])
    for stretch in (10**9, room.FRAMES):
        loud = np.abs(rendered(data, stretch, monkeypatch)).max(axis=1) > 0.003
        starts = [
            int(at) for at in np.flatnonzero(loud) if not loud[max(0, at - RATE // 4) : at].any()
        ]
        written = [0.5 * (index + 1) - 0.0625 for index in range(12)]
        assert np.array(starts) / RATE == pytest.approx(written, abs=0.004)


def test_loud_music_is_not_clipped(monkeypatch: pytest.MonkeyPatch) -> None:
    loud = controls((7, 127))
    for key in range(36, 84):
        loud.append(mido.Message("note_on", note=key, velocity=127))
    loud.append(mido.Message("note_off", note=36, time=960))
    samples = rendered(midi_bytes(loud), 10**9, monkeypatch)
    assert np.abs(samples).max() > 1.0


@given(st.data())
@settings(deadline=None, max_examples=100, derandomize=True)
def test_any_bytes_give_events_or_a_sentence(data: st.DataObject) -> None:
    good = bytearray(midi_bytes([mido.MetaMessage("set_tempo", tempo=400_000)], note() + note(60)))
    for _ in range(data.draw(st.integers(0, 6))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(good)))
    check_events(bytes(good[:cut] if cut % 3 == 0 else good))


def check_events(broken: bytes) -> None:
    """Hold a file to a sentence, or to events and beats until its end."""
    message, end = "", 0.0
    told: list[cues.Event] = []
    beats: list[cues.Beat] = []
    try:
        file = reading.parse(broken, "a.mid")
        told, end = cues.events(file), cues.seconds(file)
        beats = cues.beats(file)
    except SidemanError as error:
        message = str(error)
    assert not message or "a.mid" in message
    assert all(0 <= event.seconds <= end for event in told)
    assert all(0 <= beat.seconds <= end for beat in beats)


def test_the_last_release_is_not_after_the_end() -> None:
    for tempo in (72_320, 333_333, 400_000, 599_999, 1_000_003):
        music = [mido.MetaMessage("set_tempo", tempo=tempo)], note() + note(60)
        check_events(midi_bytes(*music))
        check_events(midi_bytes(*[note(60, ticks) for ticks in (7, 77, 701)], midi_type=2))
        file = reading.parse(midi_bytes(*music, ticks=701))
        told = {event.seconds for event in cues.events(file)}
        assert told == {file.seconds(tick) for tick in (0, 480, 960)}


@needs_data
def test_real_files_sound_as_long_as_they_last(tmp_path: Path) -> None:
    for path in sorted((DATA / "midi").glob("*.mid"))[:6]:
        seconds = audio.render(path, tmp_path / "a.wav")
        assert seconds > mido.MidiFile(path).length - 0.05
        assert seconds < mido.MidiFile(path).length + audio.LONGEST_TAIL_SECONDS + 0.01
