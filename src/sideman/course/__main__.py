"""``python -m sideman.course``: the whole course, from a MIDI file to music to be heard."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click
import numpy as np

from sideman import terminal
from sideman.course.corpus import load_music_utils
from sideman.course.curve import Curve
from sideman.course.generation import generate_music
from sideman.course.models import NumpyInference, predict_and_sample
from sideman.errors import FileError, MissingExtraError
from sideman.models.lstm import Parameters

_STEPS = 50
_LINES = 10


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("file", required=False)
@click.option("--out", default="output", show_default=True, help="Folder for what is made.")
@click.option("--epochs", default=100, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Chance.")
def course(file: str | None, out: str, epochs: int, seed: int) -> None:
    """Run the whole course: read FILE, train, generate, and render to sound.

    Without FILE it reads data/original_metheny.mid where that is, else the corpus that comes
    along.
    """
    begun = time.perf_counter()
    rng = np.random.default_rng(seed)
    folder = Path(out)
    if folder.exists() and not folder.is_dir():
        raise FileError(f"{folder}: is not a folder; choose another with --out.")
    X, Y, n_values, _ = load_music_utils(file)
    print(f"number of training examples: {X.shape[0]}")
    print(f"Tx (length of sequence): {X.shape[1]}")
    print(f"total # of unique values: {n_values}")
    print(f"shape of X: {X.shape}")
    print(f"Shape of Y: {Y.shape}", flush=True)
    with Curve(folder / "loss.png") as curve:
        weights, losses = _train(X, Y, epochs, rng)
        curve.tell(losses)
        _play(weights, losses, folder, rng)
        curve.wait()
    print(f"The loss curve is drawn in {folder / 'loss.png'}")
    print(f"The whole course took {time.perf_counter() - begun:.1f} s.")


def _play(weights: list[Any], losses: list[float], folder: Path, rng: np.random.Generator) -> None:
    """Let the trained network play, and make its music heard."""
    parameters = Parameters(*weights)
    size = sum(array.size for array in weights)
    print(f"{size:,} parameters; loss {losses[0]:.2f} -> {losses[-1]:.2f} in {len(losses)} epochs")
    model = NumpyInference(parameters, _STEPS)
    results, indices = predict_and_sample(model)
    print(f"np.argmax(results[12]) = {np.argmax(results[12])}")
    print(f"np.argmax(results[17]) = {np.argmax(results[17])}")
    print(f"list(indices[12:18]) = {indices[12:18, 0].tolist()}")
    music = folder / "my_music.midi"
    generate_music(model, path=music, rng=rng)
    try:
        from sideman.formats import audio

        audio.render(music, music.with_suffix(".mp3"))
        print(f"Hear it: {music.with_suffix('.mp3')}")
    except MissingExtraError as error:
        print(f"No sound: {error}")


def _train(X: Any, Y: Any, epochs: int, rng: np.random.Generator) -> tuple[list[Any], list[float]]:
    """Train with a bar on a terminal, and a line every tenth of the way elsewhere."""
    from sideman.training.course import train_windows

    report: Callable[[int, float], None]
    if not sys.stderr.isatty():

        def report(epoch: int, loss: float) -> None:
            if epoch % max(1, epochs // _LINES) == 0 or epoch == 1:
                print(f"Epoch {epoch}/{epochs} - loss: {loss:.4f}", flush=True)

        fitted = train_windows(X, Y, rng=rng, epochs=epochs, report=report)
    else:
        with terminal.epoch_bar(epochs) as bar:

            def report(epoch: int, loss: float) -> None:
                bar.set_postfix(loss=f"{loss:.2f}", refresh=False)
                bar.update(epoch - bar.n)

            fitted = train_windows(X, Y, rng=rng, epochs=epochs, report=report)
    return fitted.weights, fitted.losses


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the course and exit.

    Parameters
    ----------
    arguments : list of str or None
        The words after ``python -m sideman.course``; the process's own where None.

    Raises
    ------
    SystemExit
        Always: 0 done, 2 for input that must be mended, 130 after Ctrl-C.
    """
    terminal.run(course, "python -m sideman.course", arguments)


if __name__ == "__main__":
    main()
