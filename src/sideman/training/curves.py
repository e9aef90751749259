"""The loss curve of a training, drawn."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from sideman import files

WORDS = {"ioi": "rhythm", "pitch": "pitch", "duration": "duration"}


def draw(
    path: str | os.PathLike[str], curves: Mapping[str, tuple[Sequence[float], Sequence[float]]]
) -> None:
    """Draw how the loss fell: one panel a network, in training and on held-out solos.

    Parameters
    ----------
    path : path-like
        Where the picture goes, as PNG.
    curves : mapping of str to pair of sequence of float
        For each factor the nats a note of every epoch: in training, and held out.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.6 * max(1, len(curves)), 3.2), layout="constrained")
    for number, (factor, (losses, held_out)) in enumerate(curves.items()):
        axes = figure.add_subplot(1, len(curves), number + 1)
        axes.plot(range(1, len(losses) + 1), losses, label="training, with dropout")
        axes.plot(range(1, len(held_out) + 1), held_out, label="held out")
        axes.set_title(WORDS.get(factor, factor))
        axes.set_xlabel("epoch")
        axes.grid(alpha=0.3)
        if number == 0:
            axes.set_ylabel("nats a note")
            axes.legend()
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=120, metadata={"Software": None})
    files.write_whole(Path(path), drawn.getvalue())
