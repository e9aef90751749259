"""``python -m sideman.course``: run the whole course, from a MIDI file to sound."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NoReturn

import click
import numpy as np

from sideman import terminal
from sideman.course import versions
from sideman.course.corpus import COURSE_FILE, Music, embedded_corpus, load_music, windows
from sideman.course.curve import Curve
from sideman.course.generation import generate_music
from sideman.course.models import NumpyInference, predict_and_sample
from sideman.course.sound import play
from sideman.errors import FileError, MissingExtraError
from sideman.models.lstm import Parameters

_STEPS = 50
_LINES = 10
_CURVE, _MIDI, _SOUND = "loss.png", "my_music.midi", "my_music.mp3"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("file", required=False)
@click.option(
    "--version",
    default=versions.V3A.name,
    show_default=True,
    help="Version of the assignment: 1, 2, 3, 3a, or 4, which learns rests too.",
)
@click.option("--out", default="output", show_default=True, help="Folder for the files.")
@click.option(
    "--epochs",
    default=100,
    show_default=True,
    type=click.IntRange(1, 10_000),
    help="Epochs of training.",
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Random seed.")
def course(file: str | None, version: str, out: str, epochs: int, seed: int) -> None:
    """Run the whole course: read FILE, train, generate, and render to sound.

    Without FILE it reads data/original_metheny.mid if that exists, otherwise the corpus that comes
    with sideman.
    """
    begun = time.perf_counter()
    rng = np.random.default_rng(seed)
    chosen = versions.named(version)
    folder = Path(out)
    _check_folder(folder)
    path = COURSE_FILE if file is None and Path(COURSE_FILE).is_file() else file
    music = load_music(path, chosen)
    X, Y, n_values, _ = windows(music)
    rests = "rests are tokens" if chosen.rests else "rests are left out"
    name = version.strip().lower().removeprefix("v")
    print(f"version {name} of the course: {n_values} values, {rests}")
    comes_along = f"{embedded_corpus(chosen).name}, which comes with sideman"
    print(f"data: {comes_along if path is None else path}")
    print(f"number of training examples: {X.shape[0]}")
    print(f"Tx (length of sequence): {X.shape[1]}")
    print(f"total # of unique values: {n_values}")
    print(f"shape of X: {X.shape}")
    print(f"Shape of Y: {Y.shape}")
    if chosen is versions.V4:
        print(f"Number of chords {len(music.chords)}")
    with Curve(folder / _CURVE) as curve:
        weights, losses = _train(X, Y, epochs, rng)
        curve.tell(losses)
        _play(weights, losses, music, folder, rng)
        curve.wait()
    print(f"The loss curve is drawn in {folder / _CURVE}")
    print(f"The whole course took {time.perf_counter() - begun:.1f} s.")


def _check_folder(folder: Path) -> None:
    """Raise an error for a folder that cannot be created or written to."""
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir():
        raise FileError(f"{there}: is not a folder; choose another with --out.")
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise FileError(
            f"{there}: cannot be written into; choose another folder with --out."
        ) from error
    for name in (_CURVE, _MIDI, _SOUND):
        if (folder / name).is_dir():
            raise FileError(
                f"{folder / name}: is a folder, and a file of that name is to be written; move it, "
                "or choose another folder with --out."
            )


def _play(
    weights: list[Any], losses: list[float], music: Music, folder: Path, rng: np.random.Generator
) -> None:
    """Generate music with the trained network, and render it."""
    parameters = Parameters(*weights)
    size = sum(array.size for array in weights)
    print(f"{size:,} parameters; loss {losses[0]:.2f} -> {losses[-1]:.2f} in {len(losses)} epochs")
    model = NumpyInference(parameters, _STEPS)
    results, indices = predict_and_sample(model)
    print(f"np.argmax(results[12]) = {np.argmax(results[12])}")
    print(f"np.argmax(results[17]) = {np.argmax(results[17])}")
    print(f"list(indices[12:18]) = {indices[12:18, 0].tolist()}")
    file = folder / _MIDI
    generate_music(
        model, indices_tones=music.indices_tones, chords=music.chords, path=file, rng=rng
    )
    try:
        play(file, folder / _SOUND)
        print(f"Hear it: {folder / _SOUND}")
    except MissingExtraError as error:
        print(f"No sound: {error}")


def _train(X: Any, Y: Any, epochs: int, rng: np.random.Generator) -> tuple[list[Any], list[float]]:
    """Return weights and losses; show a progress bar on a terminal, ten lines elsewhere."""
    from sideman.training.course import train_windows
    from sideman.training.networks import load_jax

    with terminal.waiting("loading JAX"):
        load_jax()
    bar: Any = None

    def show(epoch: int, loss: float) -> None:
        nonlocal bar
        if sys.stderr.isatty():
            if bar is None:
                bar = terminal.epoch_bar(epochs)
            bar.set_postfix(loss=f"{loss:.2f}", refresh=False)
            bar.update(epoch - bar.n)
        elif epoch % max(1, epochs // _LINES) == 0 or epoch == 1:
            print(f"Epoch {epoch}/{epochs} - loss: {loss:.4f}", flush=True)

    with terminal.waiting("compiling the training step") as compiling:

        def report(epoch: int, loss: float) -> None:
            compiling.end()
            show(epoch, loss)

        try:
            fitted = train_windows(X, Y, rng=rng, epochs=epochs, report=report)
        finally:
            if bar is not None:
                bar.close()
    return fitted.weights, fitted.losses


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the course and exit: 0 on success, 2 for wrong input, 130 after Ctrl-C."""
    terminal.run(course, "python -m sideman.course", arguments)


if __name__ == "__main__":
    main()
