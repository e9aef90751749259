"""The course without Keras: reading, grammars, windows, prunings, generating, its command."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sideman.course as face
from realdata import DATA, needs_data
from sideman.course import (
    IPython,
    clean_up_notes,
    data_processing,
    generate_deepjazz,
    generate_grammar,
    generate_music,
    get_corpus_data,
    get_musical_data,
    load_music,
    load_music_utils,
    next_value_processing,
    parse_melody,
    predict_and_sample,
    prune_grammar,
    prune_notes,
    render_folder,
    sample,
    sequence_to_matrix,
    to_categorical,
    unparse_grammar,
)
from sideman.course.models import NumpyInference
from sideman.course.stream import Element, Stream
from sideman.errors import FileError, FormatError, ModelError, MusicError, SidemanError
from sideman.formats import midi
from sideman.models import lstm
from sideman.models.course.realise import Voicing
from sideman.models.lstm import Parameters

METHENY = DATA / "metheny" / "original_metheny.mid"
CHORDS = [(0.0, 2.0, [60, 64, 67]), (2.0, 2.0, [62, 65, 69])]
VOICINGS = [Voicing(*chord) for chord in CHORDS]
NAMES = """
Input Dense LSTM Reshape Lambda RepeatVector Activation Dropout Model Adam to_categorical load_model
glorot_uniform K np sys IPython reshapor LSTM_cell densor djmodel music_inference_model
inference_model predict_and_sample generate_music get_musical_data parse_melody unparse_grammar
get_corpus_data data_processing load_music_utils sequence_to_matrix one_hot prune_grammar
prune_notes clean_up_notes next_value_processing
"""


@pytest.fixture
def golden() -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((DATA / "metheny" / "tokens.json").read_text())
    return facts


def a_network(size: int = 78, seed: int = 0) -> Parameters:
    chance = np.random.default_rng(seed)
    return Parameters(
        *(chance.normal(0, 0.5, shape).astype("f4") for shape in lstm.shapes(size, 64).values())
    )


class Windows:
    """A model of windows, as deepjazz has it."""

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters

    def predict(self, x: np.ndarray[Any, Any], verbose: int = 0) -> np.ndarray[Any, Any]:
        return lstm.probabilities(self.parameters, x.astype("f4"))[:, -1]


# Golden


@needs_data
def test_the_course_file_exactly(golden: dict[str, Any]) -> None:
    chords, grammars = get_musical_data(METHENY)
    assert grammars == golden["abstract_grammars"]
    assert list(chords) == list(range(19))
    assert [[list(chord) for chord in row] for row in chords.values()] == golden["chords"]
    corpus, values, val_indices, indices_val = get_corpus_data(grammars)
    assert (corpus, values) == (golden["corpus"], golden["values"])
    assert (len(corpus), len(values), len(grammars)) == (193, 78, 18)
    assert all(val_indices[indices_val[i]] == i for i in range(78))


@needs_data
def test_windows_of_the_course_file(golden: dict[str, Any]) -> None:
    X, Y, n_values, indices_values = load_music_utils(METHENY)
    assert (X.shape, Y.shape, n_values) == ((60, 30, 78), (30, 60, 78), 78)
    assert X.dtype.kind == Y.dtype.kind == "b"
    assert [indices_values[i] for i in range(78)] == golden["values"]
    index = {value: i for i, value in indices_values.items()}
    for window, begin in enumerate([47, 117, 67, 103, 9, 21, 36, 87]):
        for step in range(1, 30):
            token = index[golden["corpus"][begin + step]]
            assert X[window, step].nonzero()[0].tolist() == [token]
            assert Y[step - 1, window].nonzero()[0].tolist() == [token]
    assert not X[:, 0].any()
    assert not Y[29].any()


@needs_data
def test_five_sets_are_played_over_the_course_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    load_music_utils(METHENY)
    stream = generate_music(NumpyInference(a_network(), 50), rng=np.random.default_rng(0))
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "Predicting new values for different set of chords."
    assert printed[-1] == "Your generated music is saved in output/my_music.midi"
    assert len(printed) == 7
    for i, line in enumerate(printed[1:-1], 1):
        start, _, rest = line.partition(" sounds ")
        assert 44 <= int(start.removeprefix("Generated ")) <= 51
        assert rest == (
            f'using the predicted values for the set of chords ("{i}") and after pruning'
        )
    # The chords are those of measures 1 to 5, each set in its own four beats.
    chords, _ = get_musical_data(METHENY)
    heard = [(e.offset, [p.midi for p in e.pitches]) for e in stream if e.isChord]
    assert heard == [
        (4 * (i - 1) + chord.onset % 4, chord.pitches)
        for i in range(1, 6)
        for chord in sorted(chords[i], key=lambda chord: chord.onset % 4)
    ]
    written = midi.read("output/my_music.midi")
    assert written.tempo_bpm == pytest.approx(130, abs=0.01)
    assert [part.name for part in written.parts] == ["Melody", "Chords"]


# Reading


def smf(*tracks: list[tuple[int, int, int]], division: int = 96) -> bytes:
    """A MIDI file of tracks of (onset, end, pitch)."""
    chunks = [b"MThd" + bytes((0, 0, 0, 6, 0, 1, 0, len(tracks))) + division.to_bytes(2, "big")]
    for notes in tracks:
        events = sorted(
            [(end, 0, pitch) for _, end, pitch in notes]
            + [(onset, 90, pitch) for onset, _, pitch in notes],
            key=lambda event: event[:2],
        )
        body, now = b"", 0
        for tick, velocity, pitch in events:
            delta, now = tick - now, tick
            groups = [delta & 127]
            while delta := delta >> 7:
                groups.insert(0, delta & 127 | 128)
            body += bytes(groups) + bytes((0x90, pitch, velocity))
        body += b"\x00\xff\x2f\x00"
        chunks.append(b"MTrk" + len(body).to_bytes(4, "big") + body)
    return b"".join(chunks)


def test_chords_are_gathered_within_a_sixteenth_of_a_quarter(tmp_path: Path) -> None:
    path = tmp_path / "a.mid"
    chords = [
        (0, 96, 48),
        (6, 100, 55),  # a sixteenth of a quarter late: still of the chord
        (7, 96, 60),  # more than that: not
        (96, 190, 50),  # alone: no chord
        (192, 288, 53),
        (192, 200, 57),  # ends elsewhere: no chord tone, and alone
    ]
    path.write_bytes(smf([(0, 32, 64), (33, 40, 65), (192, 192 + 3, 66), (400, 430, 70)], chords))
    data, grammars = get_musical_data(path, melody_part=0, chord_part=1, beats=(0, 10))
    assert data == {0: [], 1: [(0.0, 1.0, [48, 55])]}
    # Lengths: 1/3; 1/16 and 1/32 are nothing, which becomes a quarter of a beat.  Onset 33 ticks
    # goes to the 1/3 grid.  The second measure of the melody has no chords and is left out.
    (line,) = grammars
    assert [token.split(",")[1] for token in line.split()] == ["0.333", "0.250", "0.250"]


def test_a_gathered_note_may_be_gathered_again(tmp_path: Path) -> None:
    # 61 lies within reach of both 56 and 63, which are out of one another's.
    chords = [(0, 90, 56), (0, 100, 63), (0, 95, 61)]
    path = tmp_path / "a.mid"
    path.write_bytes(smf([(0, 96, 60)], chords))
    data, _ = get_musical_data(path, melody_part=0, chord_part=1, beats=(0, 4))
    assert [chord[2] for chord in data[1]] == [[56, 61], [63, 61]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "part 5 is asked for, but 2 parts hold notes"),
        ({"melody_part": -1}, "is asked for"),
        ({"melody_part": 0, "chord_part": 1, "beats": (100, 200)}, "no melody from beat 100"),
        ({"melody_part": 0, "chord_part": 0, "beats": (0, 4)}, "no chords from beat 0"),
    ],
)
def test_files_laid_out_otherwise(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    path = tmp_path / "a.mid"
    path.write_bytes(smf([(0, 96, 60)], [(0, 96, 48), (0, 96, 55)]))
    with pytest.raises(MusicError, match=message):
        get_musical_data(path, **options)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="nowhere"):
        load_music_utils(tmp_path / "nowhere.mid")
    with pytest.raises(FileError, match="cannot be read"):
        load_music_utils("\0")
    (tmp_path / "text.mid").write_text("no MIDI")
    with pytest.raises(FormatError, match="not a MIDI file"):
        load_music_utils(tmp_path / "text.mid")


def test_the_corpus_that_comes_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    X, Y, n_values, indices_values = load_music_utils()
    assert (X.shape, Y.shape, n_values) == ((60, 30, 78), (30, 60, 78), 78)
    assert len(indices_values) == 78
    music = load_music()
    assert len(music.chords) == len(music.abstract_grammars) + 1
    assert all(music.chords[i] for i in range(1, len(music.chords)))
    other, *_ = load_music_utils(rng=np.random.default_rng(5))
    assert (other != X).any()
    again, *_ = load_music_utils(rng=np.random.default_rng(5))
    assert (other == again).all()


@needs_data
def test_the_course_file_is_taken_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "original_metheny.mid").write_bytes(METHENY.read_bytes())
    monkeypatch.chdir(tmp_path)
    assert len(load_music().corpus) == 193


# Grammars


def test_parse_melody() -> None:
    line = [(0, 0.5, 64), (0.5, 0.25, None), (0.75, 1 / 3, 66), (2, 1, 66), (3, 0.1, 62)]
    # Over C major the course hears G major, in which F♯ is a scale tone; over D minor it is one
    # semitone above F.
    words = parse_melody(line, CHORDS).split()
    assert [word.split(",")[0] for word in words] == ["C", "R", "S", "A", "C"]
    assert [word.split(",")[1] for word in words] == ["0.500", "0.250", "0.333", "1.000", "0.100"]
    # The rest is skipped: from E to F♯ is a whole tone.
    assert words[2].endswith(",<P4,m-2>")
    assert words[3].endswith(",<m3,m-3>")
    assert words[4].endswith(",<d1,P-5>")


def test_parse_melody_takes_music21() -> None:
    from music21 import chord, note

    first, second = note.Note("E4", quarterLength=0.5), note.Note("F#4", quarterLength=1)
    second.offset = 0.5
    rest = note.Rest(quarterLength=0.25)
    rest.offset = 1.5
    triad = chord.Chord(["C4", "E4", "G4"], quarterLength=4)
    assert parse_melody([first, second, rest], [triad]) == "C,0.500 S,1.000,<P4,m-2> R,0.250"


def test_a_measure_needs_a_chord() -> None:
    with pytest.raises(MusicError, match="No chord in the measure"):
        parse_melody([(0, 1, 60)], [])
    with pytest.raises(MusicError, match="neither note nor chord"):
        parse_melody([(0, 1)], CHORDS)
    with pytest.raises(MusicError, match="neither note nor chord"):
        parse_melody([object()], CHORDS)


def test_unparse_grammar() -> None:
    stream = unparse_grammar("C,0.5 R,0.25 C,1.5,<P8,m-2>", CHORDS, np.random.default_rng(0))
    assert [(e.offset, e.quarterLength, e.isRest) for e in stream] == [
        (0.5, 0.5, False),
        (0.75, 0.25, True),
        (2.25, 1.5, False),
    ]
    # The note at 2.25 lies over the second chord already.
    assert stream[2].pitch.midi % 12 in {2, 5, 9}
    same = unparse_grammar("C,0.5 R,0.25 C,1.5,<P8,m-2>", CHORDS, np.random.default_rng(0))
    assert list(same) == list(stream)
    assert len(unparse_grammar("C,0.5", CHORDS)) == 1


def test_unparse_grammar_says_what_is_wrong() -> None:
    with pytest.raises(MusicError, match="no note stands before"):
        unparse_grammar("C,0.5,<P4,m-2>", CHORDS)
    with pytest.raises(FormatError, match="not a token"):
        unparse_grammar("C;0.5", CHORDS)


@settings(deadline=None, max_examples=150, derandomize=True)
@given(
    st.lists(
        st.sampled_from(["C,0.25", "R,0.5", "A,1", "S,0.333,<m2,P-4>", "X,2.0,<P-8,M9>"])
        | st.text(alphabet="CSAXR,.<>0159PMmAd-", max_size=12),
        max_size=8,
    ),
    st.lists(
        st.tuples(st.floats(-1, 8), st.floats(-1, 8), st.lists(st.integers(-5, 140), max_size=5))
        | st.just(()),
        max_size=3,
    ),
)
def test_any_words_over_any_chords(words: list[str], chords: list[Any]) -> None:
    chance = np.random.default_rng(0)
    # Music, or a sentence: nothing else.
    with contextlib.suppress(SidemanError):
        stream = unparse_grammar(prune_grammar(" ".join(words), chance), chords, chance)
        notes = clean_up_notes(prune_notes(stream))
        parse_melody(notes, chords)
        assert Stream(notes).arrangement().parts or not any(note.pitches for note in notes)


# Windows


def test_corpus_data_is_sorted() -> None:
    corpus, values, val_indices, indices_val = get_corpus_data(["b a", "", "c a"])
    assert corpus == ["b", "a", "c", "a"]
    assert values == ["a", "b", "c"]
    assert val_indices == {"a": 0, "b": 1, "c": 2}
    assert indices_val == {0: "a", 1: "b", 2: "c"}


def test_windows_don_t_touch_anybody_s_chance() -> None:
    corpus, _, indices, _ = get_corpus_data(["a b c d e f g"])
    np.random.seed(3)
    before = np.random.get_state()[1].tolist()  # type: ignore[index]
    X, Y, n = data_processing(corpus, indices, m=4, Tx=5)
    assert (X.shape, Y.shape, n) == ((4, 5, 7), (5, 4, 7), 7)
    assert np.random.get_state()[1].tolist() == before  # type: ignore[index]
    assert (data_processing(corpus, indices, 4, 5)[0] == X).all()


def test_windows_that_cannot_be() -> None:
    corpus, _, indices, _ = get_corpus_data(["a b c"])
    with pytest.raises(MusicError, match="has 3 tokens; windows of 30 need more"):
        data_processing(corpus, indices)
    with pytest.raises(MusicError, match="cannot be cut"):
        data_processing(corpus * 99, indices, m=10**9)
    with pytest.raises(MusicError, match="'c' of the corpus has no index"):
        data_processing(corpus * 99, {"a": 0, "b": 1})
    with pytest.raises(MusicError, match="'z' has no index"):
        sequence_to_matrix(["z"], indices)


def test_sequence_to_matrix() -> None:
    matrix = sequence_to_matrix(["b", "a", "b"], {"a": 0, "b": 1, "c": 2})
    assert matrix.shape == (1, 3, 3)
    assert matrix.dtype.kind == "f"
    assert matrix[0].argmax(-1).tolist() == [1, 0, 1]


# Prunings


def test_prune_grammar() -> None:
    pruned = {prune_grammar("C,0.1 R,0.333") for _ in range(200)}
    assert pruned == {f"C,{a} R,{b}" for a in ("0.0", "0.25") for b in ("0.25", "0.5")}
    assert prune_grammar("S,1,<P4,m-2>", np.random.default_rng(0)).endswith(",<P4,m-2>")
    with pytest.raises(FormatError, match="not a token"):
        prune_grammar("C,abc")


def test_prune_notes_sees_disjoint_pairs() -> None:
    line = [Element.of(i, 0.5, pitch) for i, pitch in enumerate([60, 60, 62, 64, 64, 72])]
    # 64 and 64 stand in two pairs, and both stay.
    assert [e.pitch.midi for e in prune_notes(line)] == [60, 62, 64, 64, 72]
    rests = [Element.of(0, 1), Element.of(1, 1)]
    assert prune_notes(rests) == rests


def test_clean_up_notes() -> None:
    line = [(0.5, 0.0, 60), (0.5, 0.5, 62), (0.5, 0.25, None), (1.0, 1.0, 64)]
    cleaned = clean_up_notes(line)
    assert isinstance(cleaned, list)
    assert [(e.offset, e.quarterLength, e.isRest) for e in cleaned] == [
        (0.5, 0.25, False),
        (0.5, 0.25, True),
        (1.0, 1.0, False),
    ]


# Predicting and generating


def test_predict_and_sample_gives_all_columns() -> None:
    results, indices = predict_and_sample(NumpyInference(a_network(), 50))
    assert results.shape == (50, 78)
    assert indices.shape == (50, 1)
    assert (results.argmax(-1) == indices[:, 0]).all()
    assert set(np.unique(results)) == {0.0, 1.0}
    start = np.zeros((1, 1, 78))
    start[0, 0, 35] = 1
    other, _ = predict_and_sample(NumpyInference(a_network(), 50), start)
    assert (other != results).any()


def test_to_categorical() -> None:
    assert to_categorical([1, 0]).tolist() == [[0, 1], [1, 0]]
    assert to_categorical(np.zeros((2, 3), int), 4).shape == (2, 3, 4)
    with pytest.raises(MusicError, match="0 to 1"):
        to_categorical([2], 2)


def test_generate_music_is_reproducible(tmp_path: Path) -> None:
    model = NumpyInference(a_network(), 12)
    indices = load_music().indices_tones
    made = [
        generate_music(
            model,
            indices_tones=indices,
            chords={0: [], **dict.fromkeys(range(1, 9), VOICINGS)},
            path=tmp_path / f"{name}.midi",
            rng=np.random.default_rng(seed),
        )
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    ]
    files = [(tmp_path / f"{name}.midi").read_bytes() for name in "abc"]
    assert files[0] == files[1] != files[2]
    assert list(made[0]) == list(made[1])
    with pytest.raises(ModelError, match="gives value"):
        generate_music(model, indices_tones={0: "C,0.25"}, path=tmp_path / "d.midi")


def test_a_stream_climbs_into_midi_again() -> None:
    stream = Stream([Element.of(0.0, 1.0, 140), Element.of(1.0, 1.0, 127), Element.of(2.0, 0.0)])
    (part,) = stream.arrangement().parts
    assert [note.pitch for note in part.notes] == [124, 127]
    assert stream[0].nameWithOctave == "G#10"
    assert Element.of(0, 1, 70).nameWithOctave == "B-4"
    assert len(stream.notes) == 2
    with pytest.raises(MusicError, match="not a note"):
        stream[2].nameWithOctave  # noqa: B018


def test_sample_follows_its_temperature() -> None:
    chance = np.random.default_rng(0)
    p = np.array([0.5, 0.3, 0.2, 0.0])
    for temperature in (0.5, 1.0, 2.0):
        drawn = np.bincount([sample(p, temperature, chance) for _ in range(4000)], minlength=4)
        expected = p ** (1 / temperature)
        assert np.abs(drawn / 4000 - expected / expected.sum()).max() < 0.03
    assert sample([1e-300, 1.0], 1e-3, chance) == 1
    for temperature in (0.0, -1.0, float("nan")):
        with pytest.raises(MusicError, match="temperature"):
            sample(p, temperature)
    for broken in ([], [0.0, 0.0], [-1.0, 2.0], [float("nan")]):
        with pytest.raises(MusicError, match="no probabilities"):
            sample(broken)


def test_the_first_value_of_a_measure() -> None:
    asked: list[float] = []

    def draw(model: Any, x: Any, indices: Mapping[int, str], temperature: float) -> str:
        asked.append(temperature)
        return ["R,0.5", "C,0.25,<P4,m-2>", "S,0.5"][(len(asked) - 1) % 3]

    def process(value: str, duration: float, max_tries: int = 1000) -> str:
        asked.clear()
        grammars = ["A,0.5 C,0.25"]
        return next_value_processing(
            None, value, np.zeros(1), draw, {}, grammars, duration, max_tries, 0.7
        )

    assert process("R,0.25", 0.5) == "R,0.25"
    assert process("C,0.25", 0.0) == "C,0.25"
    assert not asked
    assert process("R,0.25", 0.0) == "S,0.5"
    assert asked == [0.7] * 3
    assert process("R,0.25", 0.0, max_tries=2) == "A,0.5"
    asked.clear()
    with pytest.raises(MusicError, match="No measure begins with a note"):
        next_value_processing(None, "R,1", np.zeros(1), draw, {}, ["R,1", ""], 0.0, 1)


def test_deepjazz_fills_every_measure() -> None:
    music = load_music()
    model = Windows(a_network())
    data = (
        music.corpus,
        music.abstract_grammars,
        music.tones,
        music.tones_indices,
        music.indices_tones,
    )
    grammar = generate_grammar(model, *data, diversity=1.0, rng=np.random.default_rng(0))
    lengths = [float(word.split(",")[1]) for word in grammar.split()]
    assert sum(lengths) > 4.1 >= sum(lengths[:-1])
    assert len(grammar.split()[0].split(",")) == 2
    chords = {i: music.chords[i] for i in range(3)}
    stream = generate_deepjazz(model, *data, chords=chords, rng=np.random.default_rng(0))
    assert {e.offset // 4 for e in stream if e.isChord} == {0.0, 1.0}
    with pytest.raises(MusicError, match="a window of 20 needs more"):
        generate_grammar(model, ["C,1"], *data[1:])


# The face


def test_importing_the_course_imports_no_keras() -> None:
    code = (
        "import sys\nfrom sideman.course import *\n"
        "X, Y, n_values, indices_values = load_music_utils()\n"
        "repr(Model), dir(LSTM_cell), hasattr(K, '__len__')\n"
        "print([m for m in ('keras', 'jax', 'tensorflow', 'matplotlib', 'IPython') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_star_import_has_every_name() -> None:
    assert set(NAMES.split()) <= set(face.__all__)
    assert all(hasattr(face, name) for name in face.__all__)


def test_a_recording_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert IPython.display.Audio("./data/30s_seq.mp3") is None
    assert "no such recording" in capsys.readouterr().out


# midi.py


def test_render_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import soundfile

    (tmp_path / "below").mkdir()
    Stream([Element.of(0, 2, 60, 64, 67)]).write(tmp_path / "b.mid")
    Stream([Element.of(0, 2, 60)]).write(tmp_path / "below" / "a.mid")
    (tmp_path / "c.midi").write_bytes(b"not asked for")
    made = render_folder(tmp_path)
    assert capsys.readouterr().out.splitlines() == [
        "Playing b.mid",
        "Saving b.wav",
        "Playing a.mid",
        "Saving a.wav",
    ]
    assert made == [tmp_path / "b.mp3", tmp_path / "below" / "a.mp3"]
    assert not list(tmp_path.rglob("*.wav"))
    information = soundfile.info(made[0])
    assert (information.samplerate, information.channels) == (48000, 2)
    rate = made[0].stat().st_size * 8 / information.duration
    assert rate == pytest.approx(128_000, rel=0.05)
    with pytest.raises(FileError, match="no such folder"):
        render_folder(tmp_path / "nowhere")


def test_a_broken_file_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "broken.mid").write_bytes(b"MThd")
    with pytest.raises(FormatError):
        render_folder(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["broken.mid"]
