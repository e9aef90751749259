"""The loss curve of a training, drawn."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

WORDS = {"ioi": "rhythm", "pitch": "pitch", "duration": "duration"}


def picture(curves: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> bytes:
    """Return a PNG of the losses of each network: nats per note by epoch, training and held out."""
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
    return drawn.getvalue()
