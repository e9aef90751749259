import csv
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import databases
from commands import call
from sideman.errors import ModelError, MusicError
from sideman.models import encoding, file, lstm
from sideman.models.encoding import FACTORS, Vocabulary
from sideman.models.soloist import NeuralSoloist
from sideman.training import gradients, recipe
from sideman.training import soloist as training
from sideman.training.networks import load_jax, load_keras
from sideman.training.plan import Watch
from test_soloist import PLAIN, VOCABULARY, counted, line, make, random_weights

pytestmark = pytest.mark.train
SOLOS = [line(90, seed=seed) for seed in range(4)]
SMALL = training.Settings(epochs=3, units=6, streams=2, window=16, learning_rate=5e-3)


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("vocabulary", [VOCABULARY, PLAIN], ids=["with a corpus", "without"])
def test_numpy_plays_what_jax_trains(factor: str, vocabulary: Vocabulary) -> None:
    """Parity over a whole solo."""
    jax = load_jax()
    events, weights = line(300), random_weights(factor, 3, vocabulary)
    part = training.gather([events], vocabulary, factor)
    batch = training._batch(part, np.arange(len(events))[None])
    # Half precision is for memory's sake; here the same counts go into both.
    batch = batch._replace(
        counts=vocabulary.example(encoding.encode(events), events, factor).counts[None]
    )
    silence = (np.zeros((1, 12), np.float32),) * 2
    run = training.network(jax, vocabulary, factor)
    said, _ = jax.jit(lambda w, b: run(w, b, silence, None, 0, 0))(weights, batch)
    mine = NeuralSoloist(vocabulary, {factor: (weights,)}).likelihoods(events, factor)
    assert np.abs(np.exp(np.asarray(said[0])) - np.exp(mine)).max() < 1e-5


def alike(jax: Any, mine: Any, plain: Any, *arguments: Any) -> None:
    """Values and slopes of two functions, with chance's own weights on what they give."""
    rng = np.random.default_rng(9)
    given = jax.eval_shape(plain, *arguments)
    weigh = jax.tree.map(lambda one: rng.normal(0, 1, one.shape).astype("f4"), given)

    def of(function: Any) -> Any:
        def summed(*arguments: Any) -> Any:
            said = jax.tree.leaves(function(*arguments))
            return sum((a * b).sum() for a, b in zip(said, jax.tree.leaves(weigh), strict=True))

        wanted = tuple(range(len(arguments) - 1))
        return jax.jit(jax.value_and_grad(summed, argnums=wanted))(*arguments)

    for a, b in zip(jax.tree.leaves(of(mine)), jax.tree.leaves(of(plain)), strict=True):
        assert np.abs(a - b).max() <= 1e-5 * max(1, np.abs(b).max())


def test_gradients_written_out_are_those_that_jax_finds() -> None:
    jax = load_jax()
    jnp = jax.numpy
    rng = np.random.default_rng(0)

    def draw(*shape: int) -> Any:
        return rng.normal(0, 0.5, shape).astype("f4")

    def recurrence(z: Any, kernel: Any, state: Any, begins: Any) -> Any:
        def step(carry: Any, now: Any) -> Any:
            h, c = (each * (1 - now[1]) for each in carry)
            i, f, g, o = jnp.split(now[0] + h @ kernel, 4, axis=-1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            h = jax.nn.sigmoid(o) * jnp.tanh(c)
            return (h, c), h

        return jax.lax.scan(step, state, (z, begins))

    begins = (rng.random((9, 3, 1)) < 0.3).astype("f4")
    state = (draw(3, 4), draw(3, 4))
    alike(jax, gradients.lstm(jax), recurrence, draw(9, 3, 16), draw(4, 16), state, begins)

    index = rng.integers(0, 8, (20, 5))  # 7 is no row
    value = rng.random((20, 5)).astype("f4")

    def product(kernel: Any, _: Any) -> Any:
        return jnp.einsum("nfv,nf->nv", jax.nn.one_hot(index, 7), value) @ kernel

    def rows(kernel: Any, _: Any) -> Any:
        return gradients.rows(jax)(kernel, index, value)

    alike(jax, rows, product, draw(7, 6), 0)

    def lifted(base: Any, gates: Any, prior: Any, counts: Any) -> Any:
        ratio = counts * jnp.exp(-prior) * jnp.exp(-jnp.maximum(base, np.log(1e-3)))[..., None]
        return jnp.einsum("btvk,btk->btv", jnp.log1p(ratio), gates)

    counts = rng.integers(0, 3, (2, 5, 7, 3)).astype("f4")
    base = draw(2, 5, 7) * 8 - 4
    assert (base < np.log(1e-3)).any()
    alike(jax, gradients.lift(jax, 1e-3), lifted, base, draw(2, 5, 3), draw(3), counts)


def test_lstm_is_keras_own() -> None:
    keras = load_keras()
    weights = random_weights("pitch", 1)
    x = np.random.default_rng(0).normal(0, 1, (1, 40, len(weights["kernel"]))).astype(np.float32)
    layer = keras.layers.LSTM(12, return_sequences=True)
    layer.build(x.shape)
    layer.set_weights([weights[name] for name in ("kernel", "recurrent_kernel", "bias")])
    kernel, recurrent, bias = (
        lstm.fused(weights[name]) for name in ("kernel", "recurrent_kernel", "bias")
    )
    h = c = np.zeros(12, np.float32)
    mine = []
    for inputs in x[0] @ kernel + bias:
        h, c = lstm.fused_cell(inputs + h @ recurrent, c)
        mine.append(h)
    assert np.abs(np.asarray(layer(x))[0] - mine).max() < 1e-5


def test_streams_hold_every_note_once_and_whole_solos() -> None:
    part = training.gather(SOLOS, VOCABULARY, "duration")
    laid = training.streams(part, 3, 16, np.array([2, 0, 3, 1]))
    assert laid.shape[1:] == (3, 16)
    rows = laid.transpose(1, 0, 2).reshape(3, -1)
    silence = int(part.starts[-1])
    assert sorted(row for row in rows.ravel() if row < silence) == list(range(silence))
    for stream in rows:
        heard = stream[stream < silence]
        jumps = heard[1:][np.diff(heard) != 1]
        assert np.isin(jumps, part.starts).all()


def run(out: Path | None = None, settings: training.Settings = SMALL, **more: object) -> object:
    return training.train(
        training.gather(SOLOS[:3], VOCABULARY, "duration"),
        training.gather(SOLOS[3:], VOCABULARY, "duration"),
        settings,
        checkpoint=out,
        **more,  # type: ignore[arg-type]
    )


def test_training_learns_and_goes_on_to_the_byte(tmp_path: Path) -> None:
    whole = run()
    assert isinstance(whole, training.TrainedNetwork)
    assert whole.finished
    assert whole.losses[-1] < whole.losses[0]
    checkpoint = tmp_path / "it.safetensors"
    for asked in (2, 5):
        asks = iter([*[False] * asked, True])
        cut = run(checkpoint, watch=Watch(stop=lambda asks=asks: next(asks)))  # type: ignore[misc]
        assert isinstance(cut, training.TrainedNetwork)
        assert not cut.finished
        assert file.read(checkpoint).training["within"]
    again = run(checkpoint)
    assert isinstance(again, training.TrainedNetwork)
    assert again.losses == whole.losses
    assert again.held_out == whole.held_out
    for name, weights in whole.weights.items():
        assert np.array_equal(weights, again.weights[name])
    with pytest.raises(ModelError, match="seed 0, not 1"):
        run(checkpoint, replace(SMALL, seed=1))


def test_training_stops_where_it_no_longer_gains() -> None:
    result = run(settings=replace(SMALL, epochs=30, patience=1, learning_rate=1.0))
    assert isinstance(result, training.TrainedNetwork)
    assert len(result.losses) < 30
    if result.failed_in is None:
        best = int(np.argmin(result.held_out))
        assert len(result.held_out) == best + 2


def test_what_is_no_number_keeps_the_last_good_weights() -> None:
    begin = random_weights("duration", 0, units=6)
    begin["bias"][0] = np.nan
    result = run(begin=begin)
    assert isinstance(result, training.TrainedNetwork)
    assert result.failed_in == 1
    assert not result.finished
    assert result.losses == ()


@pytest.mark.parametrize(
    "wrong", [{"epochs": 0}, {"units": 0}, {"seed": -1}, {"learning_rate": 0.0}]
)
def test_settings_out_of_bounds_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(MusicError, match="give"):
        replace(SMALL, **wrong)  # type: ignore[arg-type]


def test_a_solo_is_learnt_as_if_its_tune_were_not_counted() -> None:
    titles = {"A_Tune": 4, "B_Tune-2": 5, "A_Other": 4, "B_Third": 6}
    solos = [replace(line(200, seed=seed), name=name) for name, seed in titles.items()]
    for factor in FACTORS:
        pruned, whole, own = recipe.counted(solos, PLAIN, factor)
        assert own[0] is own[1]
        others = counted(solos[2:]).corpus[factor]
        part = training.gather(solos, replace(PLAIN, corpus={factor: whole}), factor, own)
        expected = training.gather(solos[:2], replace(PLAIN, corpus={factor: others}), factor)
        notes = int(part.starts[2])
        assert np.array_equal(part.counts[:notes], expected.counts[:notes])
        assert len(pruned.count) < len(whole.count)


def material(folder: Path) -> tuple[Path, Path]:
    """A database of four solos, and how they are divided."""
    rng = np.random.default_rng(0)
    solos = {
        f"Player_Tune{number}": [
            (bar, beat, 1 + half, 2, 60 + int(rng.integers(0, 12)), 0.4)
            for bar in range(4)
            for beat in range(1, 5)
            for half in (0, 1)
        ]
        for number in range(4)
    }
    chords = {(bar, 1): "F7" for bar in range(4)}
    names = list(solos)
    split = folder / "split.json"
    split.write_text(json.dumps({"train": names[:3], "valid": names[3:]}))
    return databases.build(folder / "solos.db", solos, chords=chords), split


TWO = """
import sys
import numpy as np
import test_soloist_training as test
from sideman.training.networks import load_jax
assert len(load_jax().devices()) == 2
np.savez(sys.argv[1], **test.run(settings=test.SMALL).weights)
"""


def test_two_devices_learn_what_one_learns(tmp_path: Path) -> None:
    one = run()
    assert isinstance(one, training.TrainedNetwork)
    saved = tmp_path / "two.npz"
    asked = {
        "XLA_FLAGS": "--xla_force_host_platform_device_count=2",
        "JAX_PLATFORMS": "cpu",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    subprocess.run([sys.executable, "-c", TWO, saved], check=True, env=os.environ | asked)
    with np.load(saved) as two:
        for name, weights in one.weights.items():
            assert np.abs(weights - two[name]).max() < 1e-5


CHILD = """
import sys
from sideman.cli import main
from sideman.training import checkpoint
checkpoint.SAVE_EVERY_SECONDS = 0
main(sys.argv[1:])
"""


def killed(*arguments: str | Path, after: str, how: int = signal.SIGKILL) -> tuple[int, str]:
    """Run the command, saving after every epoch; kill it once a line begins so."""
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, "train", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    seen = ""
    for told in process.stdout:
        seen += told
        if told.startswith(after):
            process.send_signal(how)
            break
    rest, said = process.communicate(timeout=600)
    return process.returncode, seen + rest + said


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_killed_anywhere_it_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    """While solos are counted, in a network's first stage, in its second, in the next network."""
    database, split = material(tmp_path)
    options = (
        database, "--model-kind", "soloist", "--split", split, "--epochs", "3", "--units", "5",
    )  # fmt: skip
    whole, parts = tmp_path / "whole.safetensors", tmp_path / "parts.safetensors"
    log, logged = tmp_path / "whole.csv", tmp_path / "parts.csv"
    code, said = killed(*options, "--out", whole, "--log", log, after="nothing")
    assert code == 0, said
    assert "on the processor" in said
    assert "GB of memory" in said
    code, said = killed(
        *options, "--out", parts, "--log", logged, after="Counting", how=signal.SIGINT
    )
    assert (code, "Traceback" in said) == (130, False)
    for after in ("Counting", "ioi 2/3", "ioi 4/4"):
        code, said = killed(*options, "--out", parts, "--log", logged, after=after)
        assert code == -signal.SIGKILL, said
        assert not parts.exists()
    code, said = killed(
        *options, "--out", parts, "--log", logged, "--resume", after="pitch 2/3", how=signal.SIGINT
    )
    assert code == 130, said
    assert "ioi" not in said
    assert "run the same command again" in said
    code, said = killed(*options, "--out", parts, "--log", logged, after="nothing")
    assert code == 0, said
    assert "pitch 2/3" not in said
    assert parts.read_bytes() == whole.read_bytes()
    assert not list(tmp_path.glob("*checkpoint*"))
    rows, again = (
        [row[:5] for row in csv.reader(path.read_text().splitlines())] for path in (log, logged)
    )
    assert rows == again
    assert [row[:3] for row in rows[1:5]] == [
        ["ioi", f"{n}", "3" if n < 4 else "4"] for n in (1, 2, 3, 4)
    ]


@pytest.mark.slow
def test_command(tmp_path: Path) -> None:
    database, split = material(tmp_path)
    out = tmp_path / "mine.safetensors"
    (tmp_path / "mine.png").write_text("of somebody")
    result = call(
        "train", database, "--model-kind", "soloist", "--split", split, "--out", out,
        "--epochs", "1", "--units", "6",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "3 solos, 93 notes to learn; 1 solos held out" in result.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "mine-2.png", "mine.png", "mine.safetensors", "solos.db", "split.json",
    ]  # fmt: skip
    assert (tmp_path / "mine.png").read_text() == "of somebody"
    assert (tmp_path / "mine-2.png").read_bytes().startswith(b"\x89PNG")
    scored = call("evaluate", database, "--model", out, "--baseline", "ngram", "--json")
    assert scored.returncode == 0, scored.stderr
    assert json.loads(scored.stdout)["model"]["name"] == "soloist"
    played = call(
        "improvise", "| F7 | Bb7 |", "--model", out, "--like", "player 2", "--out",
        tmp_path / "out", "--seed", "1", "--no-audio",
    )  # fmt: skip
    assert played.returncode == 0, played.stderr
    content = file.read(out)
    assert content.config["performers"] == ["Player 1", "Player 2", "Player 3"]
    assert content.config["layout"] == 2
    adapted = call(
        "train", database, "--from", out, "--out", tmp_path / "adapted.safetensors",
        "--split", split, "--epochs", "1",
    )  # fmt: skip
    assert adapted.returncode == 0, adapted.stderr
    changed = file.read(tmp_path / "adapted.safetensors")
    assert changed.config == content.config
    assert not np.array_equal(changed.weights["pitch.0.kernel"], content.weights["pitch.0.kernel"])
    refused = call("train", "--model-kind", "soloist", "--out", out)
    assert refused.returncode == 2
    assert "needs solos" in refused.stderr
    refused = call("train", database, "--from", "course", "--out", out)
    assert refused.returncode == 2
    assert "is trained without another model" in refused.stderr


def test_a_soloist_is_adapted_in_one_stage_by_default() -> None:
    totals: list[int] = []
    watch = Watch(tick=lambda _, __, total: totals.append(total), stop=lambda: bool(totals))
    begin = make(vocabulary=counted(SOLOS[:1], whole=True))
    stopped = recipe.learn(SOLOS, SOLOS[:1], begin=begin, watch=watch)
    assert not stopped.finished
    assert set(totals) == {6 * sum(len(events) - 1 for events in SOLOS)}
