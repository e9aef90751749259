"""How fast the soloist learns and plays, beside the same networks in other hands.

*Learning*: an LSTM of the soloist's units, inputs, batch and window with a dense layer, handed its
inputs: as the soloist writes it (``sideman.training.gradients``), as a plain loop jitted by hand in
JAX, and as ``torch.nn.LSTM``.  Beside that the soloist's whole update: the same with its counters,
its tables of meanings, dropout, the running average and the reading of the material.

Torch is no part of the project; name a Python that has it (``SIDEMAN_TORCH=/path/to/python``), or
it is left out.

*Playing*: notes under the sampler, beside stepping three Keras models of the same sizes.

Rates are notes by the second of the processor's time, all threads together, so that other work on
the machine tells little.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

STREAMS, WINDOW = 32, 64
TORCH = """
import sys, time, torch
inputs, units, symbols, streams, window, updates = map(int, sys.argv[1:])
lstm = torch.nn.LSTM(inputs, units, batch_first=True)
dense = torch.nn.Linear(units, symbols)
weights = [*lstm.parameters(), *dense.parameters()]
adam = torch.optim.AdamW(weights, lr=1e-3)
x = torch.zeros(streams, window, inputs)
x.scatter_(2, torch.randint(0, inputs, (streams, window, 18)), 1.0)
y = torch.randint(0, symbols, (streams * window,))
state = torch.zeros(1, streams, units), torch.zeros(1, streams, units)
def update():
    logits = dense(lstm(x, state)[0]).reshape(-1, symbols)
    adam.zero_grad()
    torch.nn.functional.cross_entropy(logits, y).backward()
    torch.nn.utils.clip_grad_norm_(weights, 1.0)
    adam.step()
update()
times = []
for _ in range(updates):
    begun = time.process_time()
    update()
    times.append(time.process_time() - begun)
print(streams * window / sorted(times)[len(times) // 2])
"""


def bare_loop(inputs: int, units: int, symbols: int, ours: bool = False) -> Callable[[], float]:
    """A bare LSTM with Adam in JAX; each call makes ten updates and gives notes a second.

    Plainly written, or (`ours`) with the soloist's own gradients.
    """
    import jax
    import jax.numpy as jnp

    from sideman.training import gradients

    recurrence, added = gradients.lstm(jax), gradients.rows(jax)
    rng = np.random.default_rng(0)
    shapes = {
        "kernel": (inputs, 4 * units),
        "recurrent": (units, 4 * units),
        "bias": (4 * units,),
        "out": (units, symbols),
    }
    w = {
        name: jnp.asarray(rng.normal(0, 0.05, shape), jnp.float32) for name, shape in shapes.items()
    }
    index = rng.integers(0, inputs, (STREAMS, WINDOW, 18))
    x = np.zeros((STREAMS, WINDOW, inputs), np.float32)
    np.put_along_axis(x, index, 1, axis=-1)
    if ours:
        x = index.reshape(-1, 18)
    y = jnp.asarray(rng.integers(0, symbols, (STREAMS, WINDOW)))
    zeros = jnp.zeros((STREAMS, units))

    def loss(w: Any, x: Any) -> Any:
        def step(carry: Any, z: Any) -> Any:
            h, c = carry
            i, f, g, o = jnp.split(z + h @ w["recurrent"], 4, axis=1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            h = jax.nn.sigmoid(o) * jnp.tanh(c)
            return (h, c), h

        if ours:
            summed = added(w["kernel"], x, jnp.ones(x.shape, jnp.float32))
            z = jnp.swapaxes(summed.reshape(STREAMS, WINDOW, -1) + w["bias"], 0, 1)
            begins = jnp.zeros((WINDOW, STREAMS, 1))
            _, h = recurrence(z, w["recurrent"], (zeros, zeros), begins)
        else:
            z = jnp.swapaxes(x @ w["kernel"] + w["bias"], 0, 1)
            _, h = jax.lax.scan(step, (zeros, zeros), z)
        logits = jax.nn.log_softmax(jnp.swapaxes(h, 0, 1) @ w["out"])
        return -jnp.take_along_axis(logits, y[..., None], -1).mean()

    @jax.jit
    def update(w: Any, m: Any, v: Any, x: Any) -> Any:
        slope = jax.grad(loss)(w, x)
        norm = jnp.sqrt(sum((g * g).sum() for g in slope.values()))
        slope = jax.tree.map(lambda g: g * jnp.minimum(1.0, 1.0 / norm), slope)
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, slope)
        v = jax.tree.map(lambda v, g: 0.99 * v + 0.01 * g * g, v, slope)
        w = jax.tree.map(lambda w, m, v: w - 1e-3 * (m / (jnp.sqrt(v) + 1e-8) + 0.03 * w), w, m, v)
        return w, m, v

    nothing = jax.tree.map(jnp.zeros_like, w)
    state = jax.block_until_ready(update(w, nothing, nothing, x))

    def ten() -> float:
        nonlocal state
        begun = time.process_time()
        for _ in range(10):
            state = update(*state, x)
        jax.block_until_ready(state)
        return 10 * STREAMS * WINDOW / (time.process_time() - begun)

    return ten


def torch_rate(inputs: int, units: int, symbols: int) -> float | None:
    """Notes a second of ``torch.nn.LSTM`` on one thread; None without torch."""
    python = os.environ.get("SIDEMAN_TORCH")
    if python is None:
        return None
    sizes = map(str, (inputs, units, symbols, STREAMS, WINDOW, 10))
    words = [python, "-c", TORCH, *sizes]
    # By the processor's time a second thread gains nothing.
    one = os.environ | {"OMP_NUM_THREADS": "1"}
    return float(subprocess.run(words, capture_output=True, check=True, env=one).stdout)


def learning(data: Path, solos: int = 96) -> Iterator[tuple[str, str, str, str, str]]:
    """Learning: rows for each factor.

    Solos are cut to one length, so that no stream is silent, as the rivals' are not.
    """
    from sideman.files import File
    from sideman.models import encoding
    from sideman.training import plan, recipe
    from sideman.training import soloist as training

    database, split = (
        File(name, (data / "wjazzd" / name).read_bytes()) for name in ("wjazzd.db", "split.json")
    )
    learnt, held_out = recipe.read([database], split)
    vocabulary = training.vocabulary_of(learnt)
    learnt = [events.until(7 * WINDOW) for events in learnt if len(events) >= 7 * WINDOW]
    for factor in encoding.FACTORS:
        units = training.UNITS[factor]
        part = training.gather(learnt[:solos], vocabulary, factor)
        quiet = training.gather([held_out[0].until(WINDOW)], vocabulary, factor)
        settings = training.Settings(
            epochs=4, units=units, streams=STREAMS, window=WINDOW, patience=4
        )
        sizes = vocabulary.inputs(factor), units, vocabulary.symbols(factor)
        ten, own = bare_loop(*sizes), bare_loop(*sizes, ours=True)
        rates: list[float] = []
        bare: list[float] = []
        alike: list[float] = []
        begun = time.process_time()

        def told(
            progress: plan.Progress,
            rates: list[float] = rates,
            bare: list[float] = bare,
            alike: list[float] = alike,
            ten: Callable[[], float] = ten,
            own: Callable[[], float] = own,
        ) -> None:
            nonlocal begun
            rates.append(progress.symbols / (time.process_time() - begun))
            bare.append(ten())
            alike.append(own())
            begun = time.process_time()

        training.train(part, quiet, settings, watch=plan.Watch(report=told))
        # The first epoch compiles.
        ours, loop, same = (statistics.median(each[1:]) for each in (rates, bare, alike))
        torch = torch_rate(*sizes)
        best = max(loop, torch or 0.0)
        rivals = f"bare JAX {loop:,.0f}" + (f", torch {torch:,.0f}" if torch else "")
        yield (
            f"learn {factor}: LSTM of {units}, {sizes[0]} inputs",
            f"{same:,.0f} notes/s",
            rivals,
            f"{best / same:.2f} × the better's time",
            "≤ 1.2 ×",
        )
        yield (
            f"learn {factor}: with all that the soloist adds",
            f"{ours:,.0f} notes/s",
            "the same, bare",
            f"{best / ours:.2f} × the better's time",
            "",
        )


def keras_steps() -> Callable[[], float]:
    """Step three Keras models as large as the soloist's; each call gives notes a second."""
    os.environ.setdefault("KERAS_BACKEND", "jax")
    import keras

    from sideman.models import registry
    from sideman.models.soloist import NeuralSoloist

    soloist = registry.load("soloist")
    assert isinstance(soloist, NeuralSoloist)
    made = []
    for networks in soloist.weights.values():
        weights = networks[0]
        inputs, units = len(weights["kernel"]), len(weights["recurrent_kernel"])
        x = keras.Input((1, inputs))
        h, c = keras.Input((units,)), keras.Input((units,))
        out, *state = keras.layers.LSTM(units, return_state=True)(x, initial_state=[h, c])
        logits = keras.layers.Dense(weights["dense_kernel"].shape[1])(out)
        zeros = np.zeros((1, units), np.float32)
        model = keras.Model([x, h, c], [logits, *state])
        made.append((model, np.zeros((1, 1, inputs), np.float32), [zeros, zeros]))

    def notes() -> float:
        begun = time.process_time()
        for model, x, state in made:
            for _ in range(50):
                _, *state = model.predict_on_batch([x, *state])
        return 50 / (time.process_time() - begun)

    notes()
    return notes


def playing() -> Iterator[tuple[str, str, str, str, str]]:
    """Playing: rows."""
    from sideman.library import songbook
    from sideman.models import registry
    from sideman.models.protocol import Setting
    from sideman.models.sampler import begin, finish_together, sample
    from sideman.models.soloist import DEFAULTS, NeuralSoloist

    soloist = registry.load("soloist")
    assert isinstance(soloist, NeuralSoloist)
    form = songbook.load("blues-f").changes

    def rate(choruses: int) -> float:
        setting = Setting(form.repeated(choruses), 160)
        begun = time.process_time()
        line = sample(soloist, setting, rng=np.random.default_rng(0), controls=DEFAULTS)
        return len(line) / (time.process_time() - begun)

    def together(many: int) -> float:
        setting = Setting(form.repeated(3), 160)
        rngs = [np.random.default_rng(seed) for seed in range(many)]
        begun = time.process_time()
        solos = [begin(soloist, setting, rng=rng, controls=DEFAULTS) for rng in rngs]
        finish_together(soloist, solos, rngs=rngs, controls=DEFAULTS)
        return sum(len(solo.line()) for solo in solos) / (time.process_time() - begun)

    steps = keras_steps()
    rate(1)
    pairs = [(rate(5), steps()) for _ in range(5)]
    ours, keras = (statistics.median(column) for column in zip(*pairs, strict=True))
    yield (
        "the soloist plays, batch 1", f"{ours:,.0f} notes/s",
        f"Keras models of its sizes, stepped: {keras:,.0f} notes/s", f"{ours / keras:.1f} ×",
        "≥ 800 notes/s",
    )  # fmt: skip
    rates = [(together(1), together(8), together(64)) for _ in range(3)]
    one, eight, many = (statistics.median(column) for column in zip(*rates, strict=True))
    yield (
        "solos side by side", f"1, 8 and 64: {one:,.0f}, {eight:,.0f} and {many:,.0f} notes/s",
        "", f"{eight / one:.1f} × and {many / one:.1f} ×", "batch 64 scales",
    )  # fmt: skip
    both = [(rate(10), rate(100)) for _ in range(2)]
    few, many = (statistics.median(column) for column in zip(*both, strict=True))
    yield (
        "a note's cost as the solo grows", f"{few:,.0f} notes/s of 10 choruses, {many:,.0f} of 100",
        "", f"{few / many:.2f} × a note", "flat",
    )  # fmt: skip


if __name__ == "__main__":
    here = Path(__file__).resolve().parents[2] / "shared" / "data"
    for what in sys.argv[1:] or ("playing", "learning"):
        for row in playing() if what == "playing" else learning(here):
            print("| " + " | ".join(row) + " |", flush=True)
