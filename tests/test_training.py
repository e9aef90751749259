"""Training: the course's figures, Keras and the equations alike, stopping and going on."""

import contextlib
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from realdata import DATA, needs_data
from sideman.errors import MissingExtraError, ModelError, MusicError
from sideman.formats import registry
from sideman.library import corpus
from sideman.models import file, lstm
from sideman.score import Bar, Changes, ChordChange, Note, Solo
from sideman.theory.chord import Chord
from sideman.training import loop, tokens
from sideman.training.checkpoint import beside
from sideman.training.course import Setup, train_windows
from sideman.training.loop import Settings, _Windows, train
from sideman.training.networks import by_equations, by_keras, fresh_weights
from sideman.training.plan import Progress, Trained, Watch

WORDS = ("R,1.000", "C,1.000", "S,0.500,<P4,m-2>", "C,0.500,<m2,P-4>", "A,1.000,<M3,M-2>")
SETTINGS = Settings(epochs=12, units=6, window=8, batch=3)


def song(seed: int, length: int) -> tuple[str, ...]:
    rng = np.random.default_rng(seed)
    return tuple(WORDS[n] for n in rng.integers(0, len(WORDS), length))


SENTENCES = (song(1, 40), song(2, 3), song(3, 17), WORDS)


def windows(tokens: list[str], m: int = 60, steps: int = 30) -> tuple[Any, Any]:
    """The course's windows: inputs one step late, the last target none."""
    index = {value: number for number, value in enumerate(sorted(set(tokens)))}
    rng = np.random.RandomState(0)
    X = np.zeros((m, steps, len(index)), bool)
    Y = np.zeros((m, steps, len(index)), bool)
    for row in range(m):
        start = rng.choice(len(tokens) - steps)
        for step in range(1, steps):
            X[row, step, index[tokens[start + step]]] = True
            Y[row, step - 1, index[tokens[start + step]]] = True
    return X, Y.swapaxes(0, 1)


def test_first_weights_are_those_of_keras() -> None:
    weights = fresh_weights(78, 64, np.random.default_rng(0))
    assert [w.shape for w in weights] == list(lstm.shapes(78, 64).values())
    kernel, recurrent, bias, dense, dense_bias = weights
    assert np.abs(kernel).max() == pytest.approx(np.sqrt(6 / (78 + 256)), rel=0.01)
    np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(64), atol=1e-5)
    assert bias.sum() == bias[64:128].sum() == 64
    assert np.abs(dense).max() == pytest.approx(np.sqrt(6 / (78 + 64)), rel=0.01)
    assert not dense_bias.any()


@pytest.mark.train
@needs_data
def test_the_course_learns_as_the_course_does() -> None:
    pytest.importorskip("jax")
    tokens = json.loads((DATA / "metheny" / "tokens.json").read_text())["corpus"]
    X, Y = windows(tokens)
    seen: list[int] = []
    fitted = train_windows(
        X, Y, rng=np.random.default_rng(0), report=lambda epoch, _: seen.append(epoch)
    )
    assert seen == list(range(1, 101))
    assert 125.4 < fitted.losses[0] < 126.1
    assert 5.5 < fitted.losses[-1] < 6.8
    again = train_windows(X, Y, rng=np.random.default_rng(0))
    assert again.losses == fitted.losses
    assert all((a == b).all() for a, b in zip(again.weights, fitted.weights, strict=True))
    # Without the decay it goes lower: the decay is applied.
    free = train_windows(X, Y, rng=np.random.default_rng(0), decay=0.0)
    assert free.losses[-1] < 5.3


@pytest.mark.train
def test_keras_and_the_equations_train_alike() -> None:
    pytest.importorskip("jax")
    X, Y = windows(list(song(0, 90)), m=10, steps=12)
    one, other = (
        train_windows(
            X,
            Y,
            rng=np.random.default_rng(1),
            epochs=20,
            setup=Setup(units=8, batch=4, network=net),
        )
        for net in (by_equations, by_keras)
    )
    np.testing.assert_allclose(one.losses, other.losses, rtol=2e-4)
    for a, b in zip(one.weights, other.weights, strict=True):
        np.testing.assert_allclose(a, b, atol=2e-3)
    # And what was trained, NumPy plays: the loss of the first window by its probabilities.
    final = lstm.probabilities(lstm.Parameters(*one.weights), X.astype("f4"))
    nats = -(np.log(final) * Y.swapaxes(0, 1)).sum() / len(X)
    assert nats < one.losses[0]


@pytest.mark.train
def test_windows_that_do_not_fit_are_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(MusicError, match="steps first"):
        train_windows(np.zeros((3, 4, 5)), np.zeros((3, 4, 5)), rng=rng)
    with pytest.raises(MusicError, match="give windows, steps and values"):
        train_windows(np.zeros((3, 4)), np.zeros((3, 4)), rng=rng)


def test_an_epoch_hears_every_token_once_and_the_one_before_it() -> None:
    vocabulary = tuple(sorted(WORDS))
    cut = _Windows(SENTENCES, vocabulary, SETTINGS)
    assert cut.tokens == 65
    pairs = sorted(
        pair
        for words in SENTENCES
        for pair in zip(
            [5, *(vocabulary.index(word) for word in words)],
            [vocabulary.index(word) for word in words],
            strict=False,
        )
    )
    shapes = set()
    for epoch in range(5):
        inputs, targets = cut.epoch(epoch)
        shapes.add(inputs.shape)
        heard = [(int(x), int(y)) for x, y in zip(inputs.flat, targets.flat, strict=True) if y < 5]
        assert sorted(heard) == pairs
        # Nothing is heard in the middle of a window, or asked for after a gap.
        for row in targets.reshape(-1, SETTINGS.window):
            ended = np.flatnonzero(row == 5)
            assert not ended.size or (row[ended[0] :] == 5).all()
    assert len(shapes) == 1
    assert not np.array_equal(cut.epoch(0)[0], cut.epoch(1)[0])


def run(
    settings: Settings = SETTINGS,
    out: Path | None = None,
    stop_after: int | None = None,
    sentences: tuple[tuple[str, ...], ...] = SENTENCES,
) -> Trained:
    done: list[Progress] = []
    watch = Watch(
        report=done.append, stop=lambda: stop_after is not None and len(done) >= stop_after
    )
    return train(sentences, settings, out=out, watch=watch, network=by_equations)


def content(trained: Trained) -> file.ModelFile:
    assert trained.content is not None
    return trained.content


def losses(trained: Trained) -> tuple[float, ...]:
    return trained.histories[""].losses


@pytest.mark.train
def test_it_learns_and_says_what_it_learnt_from() -> None:
    pytest.importorskip("jax")
    trained = run(replace(SETTINGS, epochs=150))
    assert trained.finished
    assert trained.failed == {}
    assert losses(trained)[0] > 1.5
    assert losses(trained)[-1] < 0.7 * losses(trained)[0]
    assert content(trained).corpus == tokens.fingerprint(SENTENCES)
    assert content(trained).training["epochs"] == 150
    assert content(trained).vocabulary == tuple(sorted(WORDS))
    assert lstm.from_file(content(trained), "it").units == 6
    other = run(replace(SETTINGS, epochs=2, seed=1))
    assert losses(other) != losses(trained)[:2]


@pytest.mark.train
def test_a_training_that_was_stopped_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    pytest.importorskip("jax")
    whole = file.dumps(content(run()))
    out = tmp_path / "mine.safetensors"
    for stop_after, done in ((0, 0), (5, 5), (3, 8)):
        part = run(out=out, stop_after=stop_after)
        assert not part.finished
        assert len(losses(part)) == done
    rest = run(out=out)
    assert rest.finished
    assert file.dumps(content(rest)) == whole
    # A finished training has nothing left to do, and more epochs may be asked for.
    assert file.dumps(content(run(out=out))) == whole
    longer = run(replace(SETTINGS, epochs=15), out=out)
    assert file.dumps(content(longer)) == file.dumps(content(run(replace(SETTINGS, epochs=15))))
    assert list(tmp_path.iterdir()) == [beside(out)]


@pytest.mark.train
def test_stopped_within_an_epoch_it_goes_on_to_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("jax")
    settings = replace(SETTINGS, epochs=3, batch=1, window=4)
    whole = file.dumps(content(run(settings)))
    monkeypatch.setattr(loop, "_PAUSE_SECONDS", 0.0)  # an update after the other
    out, within = tmp_path / "mine.safetensors", []
    for asked in (2, 3, 5):
        asks = iter([*[False] * asked, True])
        watch = Watch(stop=lambda asks=asks: next(asks))  # type: ignore[misc]
        part = train(SENTENCES, settings, out=out, watch=watch, network=by_equations)
        assert not part.finished
        within.append(file.read(beside(out)).training["within"])
    assert any(within)
    assert file.dumps(content(run(settings, out=out))) == whole


@pytest.mark.train
def test_a_checkpoint_of_another_training_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("jax")
    out = tmp_path / "c.safetensors"
    checkpoint = beside(out)
    run(out=out, stop_after=2)
    kept = checkpoint.read_bytes()
    with pytest.raises(ModelError, match=r"a training with seed 0, not 1; remove .* to begin anew"):
        run(replace(SETTINGS, seed=1), out=out)
    with pytest.raises(ModelError, match="units"):
        run(replace(SETTINGS, units=7), out=out)
    with pytest.raises(ModelError, match="another corpus"):
        run(out=out, sentences=(SENTENCES[0], *SENTENCES))
    with pytest.raises(ModelError, match="only 1 are asked for"):
        run(replace(SETTINGS, epochs=1), out=out)
    assert checkpoint.read_bytes() == kept
    kept_file = file.read(checkpoint)
    for damage in (
        replace(kept_file, kind="course"),
        replace(kept_file, training={}),
        replace(kept_file, training={"losses": ["x"]}),
        replace(kept_file, weights={}),
        replace(kept_file, weights={**kept_file.weights, "weight.001": np.zeros(3, "f4")}),
    ):
        file.write(checkpoint, damage)
        with pytest.raises(ModelError, match="checkpoint"):
            run(out=out)
    checkpoint.write_bytes(kept[:100])
    with pytest.raises(ModelError, match="cut short"):
        run(out=out)


@pytest.mark.train
def test_a_loss_that_is_no_number_stops_with_the_last_good_weights() -> None:
    pytest.importorskip("jax")

    def breaks(weights: Any, **rates: float) -> Any:
        net = by_equations(weights, **rates)

        def update(gradients: Any, state: Any, w: Any) -> Any:
            w, new = net.update(gradients, state, w)
            # From the tenth update on nothing is a number.
            return [array * (1 + 0 / (state[0] < 9)) for array in w], new

        return net._replace(update=update)

    trained = train(SENTENCES, SETTINGS, network=breaks)
    updates = _Windows(SENTENCES, tuple(sorted(WORDS)), SETTINGS).updates
    assert trained.failed == {"": 9 // updates + 1}
    assert len(losses(trained)) == 9 // updates
    assert not trained.finished
    assert all(np.isfinite(array).all() for array in content(trained).weights.values())
    assert losses(trained) == losses(run(replace(SETTINGS, epochs=len(losses(trained)))))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"epochs": 0}, "0 epochs"),
        ({"units": 100_000}, "100000 units"),
        ({"seed": -1}, "seed of -1"),
        ({"learning_rate": 0.0}, "learning rate of 0"),
        ({"learning_rate": float("nan")}, "learning rate of nan"),
        ({"batch": 0}, "0 batch"),
    ],
)
def test_settings_out_of_bounds_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(MusicError, match=words):
        Settings(**options)


def test_nothing_to_learn_from_is_refused() -> None:
    for sentences in ((), ((),), (("C,1.000",),)):
        with pytest.raises(MusicError, match="nothing to learn from"):
            train(sentences)


def test_without_the_extra_the_command_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for missing in ("jax", "keras"):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, missing, None)
            with pytest.raises(MissingExtraError, match=r"pip install 'sideman\[train\]'"):
                train(SENTENCES)


@pytest.mark.train
def test_another_backend_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("jax")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    with pytest.raises(ModelError, match="unset KERAS_BACKEND"):
        train(SENTENCES)


# The corpus.


def solo(notes: list[tuple[int, int]], bars: int) -> Solo:
    changes = Changes(tuple(Bar((ChordChange(0, Chord.parse("C7")),)) for _ in range(bars)))
    return Solo("Study", tuple(Note(onset, 24, pitch) for onset, pitch in notes), changes)


def test_silence_before_and_after_is_left_out_and_between_is_cut() -> None:
    made = solo([(96 * 3, 60), (96 * 9, 64)], 14)
    (words,) = tokens.sentences([made])
    assert words == ("C,1.000", "R,3.000", "R,4.000", "R,4.000", "C,1.000", "R,3.000")
    assert tokens.sentences([solo([], 4)]) == ()


def test_the_embedded_corpus_makes_sentences_that_fill_their_bars() -> None:
    from sideman.models.course.tokens import Token

    solos = corpus.embedded()
    sentences = tokens.sentences(solos)
    assert len(sentences) == len(solos) >= 15
    assert sum(map(len, sentences)) > 2000
    for one, words in zip(solos, sentences, strict=True):
        assert one.changes is not None
        assert len({bar.meter for bar in one.changes.bars}) == 1
        ticks = sum(Token.parse(word).duration for word in words)
        assert ticks % one.changes.meter.ticks_per_bar == 0
    assert tokens.fingerprint(sentences) == tokens.fingerprint(tokens.sentences(solos))
    assert tokens.fingerprint(sentences[1:]) != tokens.fingerprint(sentences)


@needs_data
def test_real_files_make_sentences() -> None:
    paths = corpus.files([DATA / "leadsheets" / "impro-visor", DATA / "midi"])
    assert len(paths) > 100
    good = 0
    for path in paths:
        # Forms without a melody, and files without chords, are refused.
        with contextlib.suppress(MusicError):
            good += bool(tokens.sentences(corpus.chorded(registry.open_document(path))))
    assert good > 0.85 * len(paths)
