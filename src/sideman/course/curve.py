"""The loss curve, drawn in a separate process: ``python -m sideman.course.curve PICTURE``.

Importing Matplotlib takes a second.  The process is started before the training and imports it in
the meantime; then it reads the losses from standard input, one per line, and draws them.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from sideman.errors import FileError, SidemanError
from sideman.files import writing_whole


class Curve:
    """A picture of losses, drawn by another process when they are known."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sideman.course.curve", str(path)],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C is for the course alone
        )

    def tell(self, losses: Sequence[float]) -> None:
        """Send the losses of all epochs; the drawing runs in parallel with what follows."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError), self._process.stdin as told:
            told.write("".join(f"{loss!r}\n" for loss in losses))

    def wait(self) -> None:
        """Wait for the picture; raise a FileError if it cannot be written."""
        assert self._process.stderr is not None
        complaint = self._process.stderr.read().strip().splitlines()
        if self._process.wait():
            raise FileError(complaint[-1] if complaint else f"{self._path}: could not be drawn.")

    def __enter__(self) -> Curve:
        return self

    def __exit__(self, *_: object) -> None:
        # Without losses the process ends and draws nothing.
        assert self._process.stdin is not None
        assert self._process.stderr is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()
        self._process.stderr.close()


def draw(losses: Sequence[float], path: Path) -> None:
    """Draw the loss of each epoch into a picture."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(7, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.plot(range(1, len(losses) + 1), losses, color="#1f4e79")
    axes.set(
        xlabel="Epoch",
        ylabel="Loss, summed over the steps (nats)",
        title=f"Training loss: {losses[0]:.1f} to {losses[-1]:.1f}",
        ylim=(0, None),
    )
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    with writing_whole(path) as temporary:
        figure.savefig(temporary, dpi=110)


if __name__ == "__main__":
    import matplotlib.backends.backend_agg
    import matplotlib.figure  # noqa: F401 - imported while the network trains

    told = [float(line) for line in sys.stdin]
    if told:
        try:
            draw(told, Path(sys.argv[1]))
        except SidemanError as error:
            sys.exit(str(error))
