"""The course's LSTM in NumPy: the formula, its parity with Keras, and the mask that keeps form."""

import math
import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playing import VOCABULARY, played_tokens, small_model
from sideman.errors import MusicError
from sideman.library import corpus, songbook
from sideman.models import file, registry, sampler
from sideman.models.constraints import FREE
from sideman.models.controls import Controls
from sideman.models.course import harmony
from sideman.models.course.network import CourseModel, Rules, TokenSession
from sideman.models.course.realise import candidates
from sideman.models.course.tokens import Kind, Token
from sideman.models.lstm import Parameters, Stepper, probabilities, shapes, step
from sideman.models.protocol import Setting, Soloist
from sideman.score import Bar, Changes, ChordChange
from sideman.theory.chord import Chord
from sideman.theory.meter import Meter
from sideman.training import tokens


def parameters(size: int = 78, units: int = 64, seed: int = 0) -> Parameters:
    rng = np.random.default_rng(seed)
    weights = {
        name: rng.normal(0, 0.3, shape).astype("f4") for name, shape in shapes(size, units).items()
    }
    return Parameters(**weights)


def model_of(*tokens: str, seed: int = 0) -> CourseModel:
    return CourseModel(parameters(len(tokens), 8, seed), tuple(map(Token.parse, tokens)))


def form(*bars: str, meter: str = "4/4") -> Changes:
    """Bars of chords that come in equal parts of the bar."""
    made = []
    for bar in bars:
        symbols = bar.split()
        signature = Meter.parse(meter)
        part = signature.ticks_per_bar // max(1, len(symbols))
        made.append(
            Bar(
                tuple(ChordChange(n * part, Chord.parse(s)) for n, s in enumerate(symbols)),
                signature,
            )
        )
    return Changes(tuple(made))


def test_the_course_has_as_many_parameters_as_it_says() -> None:
    assert sum(math.prod(shape) for shape in shapes(78, 64).values()) == 41_678


def test_a_step_is_the_equations() -> None:
    w = parameters(3, 2)
    x, h, c = [0.5, -1.0, 2.0], [0.1, -0.4], [0.3, 0.7]

    def gate(name: int, unit: int) -> float:
        column = 2 * name + unit
        return float(
            sum(a * w.kernel[k, column] for k, a in enumerate(x))
            + sum(a * w.recurrent_kernel[k, column] for k, a in enumerate(h))
            + w.bias[column]
        )

    def squash(z: float) -> float:
        return 1 / (1 + math.exp(-z))

    memory = [
        squash(gate(1, u)) * c[u] + squash(gate(0, u)) * math.tanh(gate(2, u)) for u in (0, 1)
    ]
    output = [squash(gate(3, u)) * math.tanh(memory[u]) for u in (0, 1)]
    found_h, found_c = step(w, np.array([x], "f4"), np.array([h], "f4"), np.array([c], "f4"))
    np.testing.assert_allclose(found_c, [memory], rtol=1e-5)
    np.testing.assert_allclose(found_h, [output], rtol=1e-5)


def test_the_fast_step_is_the_step() -> None:
    w = parameters()
    tokens = np.random.default_rng(1).integers(0, 78, (200, 5))
    heard = np.zeros((5, 200, 78), np.float32)
    heard[np.arange(5)[:, None], np.arange(1, 200), tokens[:-1].T] = 1
    expected = probabilities(w, heard)
    stepper = Stepper(w, 5)
    single = Stepper(w)
    for t in range(200):
        before = tokens[t - 1] if t else np.full(5, 78)
        logits = stepper(before).astype(np.float64)
        p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        np.testing.assert_allclose(p, expected[:, t], atol=1e-6)
        np.testing.assert_allclose(single(int(before[0])), logits[0], atol=1e-4)


@pytest.mark.train
def test_parity_with_keras() -> None:
    pytest.importorskip("jax")
    from sideman.training.networks import load_keras

    keras = load_keras()
    w = parameters(seed=5)
    cell, dense = keras.layers.LSTM(64, return_sequences=True), keras.layers.Dense(78, "softmax")
    X = np.eye(78, dtype="f4")[np.random.default_rng(2).integers(0, 78, (4, 60))]
    X[:, 0] = 0
    dense(cell(X))
    cell.set_weights([w.kernel, w.recurrent_kernel, w.bias])
    dense.set_weights([w.dense_kernel, w.dense_bias])
    assert np.abs(np.asarray(dense(cell(X))) - probabilities(w, X)).max() < 1e-5


def check(session: TokenSession, changes: Changes, low: int, high: int) -> None:
    """Hold a finished solo to everything that the mask promises."""
    assert session.done
    chords = harmony.sounding(changes)
    now = bar = 0
    has_note = False
    previous = None
    notes = iter(session.notes)
    for token in session.tokens:
        if now == changes.bar_starts[bar + 1]:
            bar, has_note = bar + 1, False
        assert token.duration > 0
        assert now + token.duration <= changes.bar_starts[bar + 1], "it crosses a bar line"
        if token.kind is not Kind.REST:
            assert (token.bracket is not None) == has_note
            note = next(notes)
            assert (note.onset, note.duration) == (now, token.duration)
            assert note.pitch in candidates(token, chords.chord_at(now), previous, low, high)
            assert low <= note.pitch <= high
            previous, has_note = note.pitch, True
        now += token.duration
    assert now == changes.length
    assert next(notes, None) is None


METERS = st.sampled_from(["4/4", "3/4", "5/4", "6/8", "7/8", "2/2", "1/32", "11/16"])
SYMBOLS = st.sampled_from(["C7", "F#m7", "Bbmaj7", "Eo7", "N.C.", "G7#9b13", "D", "Absus4"])
WORDS = st.sampled_from(
    [*VOCABULARY, "C,0.001", "R,0.250", "C,9.000", "A,0.042,<M6,M6>", "X,0.125,<P8,m3>"]
)


@given(
    words=st.lists(WORDS, min_size=1, max_size=12, unique=True),
    bars=st.lists(st.tuples(METERS, st.lists(SYMBOLS, max_size=2)), min_size=1, max_size=5),
    low=st.integers(0, 116),
    seed=st.integers(0, 99),
)
@settings(deadline=None, max_examples=200, derandomize=True)
def test_every_bar_is_filled_exactly(
    words: list[str], bars: list[tuple[str, list[str]]], low: int, seed: int
) -> None:
    made = [form(" ".join(symbols), meter=meter).bars[0] for meter, symbols in bars]
    changes = Changes((form("C7").bars[0], *made))
    rng = np.random.default_rng(seed)
    setting = Setting(changes, low=low, high=low + 11)
    session = model_of(*words).begin(setting, Controls(), FREE, rng)
    while not session.done:
        logits, mask = session.options()
        assert (mask == 0).any()
        choice = sampler.choose(logits, mask, rng, Controls())
        assert mask[choice] == 0
        session.choose(choice, rng)
    check(session, changes, low, low + 11)


def played(model: CourseModel, changes: Changes, seed: int = 0) -> list[str]:
    return list(map(str, played_tokens(model, changes, seed=seed).tokens))


def test_no_token_is_chosen_after_which_the_bar_cannot_be_filled() -> None:
    # Five quarters: 3 + 2 and 2 + 3 go, 2 + 2 + … does not.
    model = model_of("C,2.000", "C,3.000", "C,2.000,<P4,m-2>", "C,3.000,<P4,m-2>")
    for seed in range(20):
        lengths = [word.split(",")[1] for word in played(model, form("F7", meter="5/4"), seed)]
        assert sorted(lengths) == ["2.000", "3.000"]


def test_what_the_vocabulary_cannot_fill_a_rest_fills() -> None:
    # Seven eighths in quarters: three fit, and an eighth is left.
    model = model_of("C,1.000", "C,1.000,<P4,m-2>")
    assert [word.split(",")[:2] for word in played(model, form("F7", meter="7/8"))] == [
        ["C", "1.000"],
        ["C", "1.000"],
        ["C", "1.000"],
        ["R", "0.500"],
    ]
    # No token can open a bar: nothing but rests.
    assert played(model_of("C,1.000,<P4,m-2>"), form("F7", "Bb7")) == ["R,4.000", "R,4.000"]


def test_a_vocabulary_knows_what_it_can_fill() -> None:
    rules = Rules(tuple(map(Token.parse, ["R,0.500", "C,0.333", "C,0.333,<P4,m-2>"])))
    fillable = [ticks for ticks in range(40) if rules.fillable(ticks, has_note=False)]
    assert fillable == [0, 8, 12, 16, 20, 24, 28, 32, 36]
    assert not Rules((Token.parse("C,0.333,<P4,m-2>"),)).fillable(8, has_note=False)
    assert Rules((Token.parse("C,0.333,<P4,m-2>"),)).fillable(8, has_note=True)


def test_a_line_does_not_stay_at_the_end_of_its_range() -> None:
    # Every step goes down; from the lowest chord tone only a rest leads on.
    model = model_of("C,0.500", "C,0.500,<m-2,P-5>", "R,0.500")
    take = played_tokens(model, form(*["C7"] * 50), seed=3, low=60, high=71)
    bars = [[n.pitch for n in take.notes if n.onset // 96 == bar] for bar in range(50)]
    assert any(len(bar) > 1 for bar in bars)
    assert all(a > b for bar in bars for a, b in pairwise(bar))


def test_no_chord_goes_on_with_the_chord_before() -> None:
    take = played_tokens(small_model(), form("C", "N.C."), seed=1, controls=Controls(0.5))
    chord_tones = [
        note.pitch % 12
        for token, note in zip([t for t in take.tokens if not t.is_rest], take.notes, strict=True)
        if token.kind is Kind.CHORD
    ]
    assert chord_tones
    assert set(chord_tones) <= {0, 4, 7}


@pytest.mark.parametrize(
    ("changes", "low", "high", "words"),
    [
        (Changes(()), 55, 84, "nothing to play over"),
        (Changes((Bar(),)), 55, 84, "nothing to play over"),
        (form("C7"), 60, 70, "at least an octave"),
        (form("C7"), -1, 84, "MIDI numbers from 0 to 127"),
        (form("C7"), 55, 128, "MIDI numbers from 0 to 127"),
        (form("C7").repeated(20_001), 55, 84, "more than 20000"),
    ],
)
def test_what_cannot_be_played_is_refused(
    changes: Changes, low: int, high: int, words: str
) -> None:
    with pytest.raises(MusicError, match=words):
        Setting(changes, low=low, high=high)


def test_choruses_differ_and_the_cost_is_linear() -> None:
    model: Soloist = registry.load("course")
    blues = songbook.load("blues-f").changes
    line = sampler.sample(model, Setting(blues.repeated(20)), rng=np.random.default_rng(0))
    choruses = {
        tuple((n.onset % blues.length, n.pitch) for n in line if n.onset // blues.length == k)
        for k in range(20)
    }
    assert len(choruses) == 20

    def seconds(choruses: int) -> float:
        def once() -> float:
            begun = time.process_time()
            setting = Setting(blues.repeated(choruses))
            sampler.sample(model, setting, rng=np.random.default_rng(0))
            return time.process_time() - begun

        return min(once() for _ in range(3))

    seconds(10)
    # Four times the choruses; the square would be sixteen.
    assert seconds(200) < 8 * seconds(50)


def test_the_shipped_model_learnt_from_the_corpus_that_ships() -> None:
    shipped = file.read(file.locate("course"))
    ours = tokens.fingerprint(tokens.sentences(corpus.embedded()))
    assert shipped.corpus == ours, (
        "the études changed: sideman train --out src/sideman/models/weights/course.safetensors"
    )
