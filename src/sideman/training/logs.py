"""Training logs: a row for each epoch, as CSV and as TensorBoard event files.

A training that is resumed goes on in the same log.  Epochs that are trained again, because no
checkpoint was written after them, replace their earlier rows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sideman import files
from sideman.errors import FileError, FormatError, MissingExtraError
from sideman.training.plan import Progress

COLUMNS = ("network", "epoch", "epochs", "loss", "held_out", "symbols", "seconds", "text")
_HEAD = ",".join(COLUMNS[:3]).encode()
_LARGEST = 64 * files.MEBIBYTE
_EVENTS = "events.out.tfevents.*"

Log = Callable[[Progress], None]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Logs:
    """Where a training is logged: in a CSV file, in a folder of event files, or in both."""

    table: Path | None = None
    board: Path | None = None

    def check(self, resumed: bool) -> None:
        """Raise an error where a log cannot be written, or belongs to something else."""
        table, board = self.table, self.board
        if table is not None:
            files.check_file(table, field="log")
            if table.exists() and files.read_head(table, len(_HEAD)) != _HEAD:
                raise FormatError(
                    f"{table}: is no log of a training; give the log another name.", field="log"
                )
        if board is not None:
            files.check_folder(board, field="tensorboard")
            _library()
            if not resumed and any(board.rglob(_EVENTS)):
                raise FileError(
                    f"{board}: has event files of another training; give another folder.",
                    field="tensorboard",
                )

    @contextmanager
    def opened(self, resumed: bool) -> Iterator[Log]:
        """Yield a function that logs an epoch."""
        events = None if self.board is None else _Board(self.board)
        logs: list[Log] = [] if self.table is None else [_Table(self.table, resumed)]
        logs += [] if events is None else [events]

        def log(progress: Progress) -> None:
            for each in logs:
                each(progress)

        try:
            yield log
        finally:
            if events is not None:
                events.close()


NONE = Logs()
"""No log."""


class _Table:
    """A CSV file; a row is appended, or the file is written anew where rows are replaced."""

    def __init__(self, path: Path, resumed: bool) -> None:
        self._path = path
        self._begun: set[str] = set()
        self._rows = _read(path) if resumed and path.exists() else []
        files.write_whole(path, _text(self._rows, head=True))

    def __call__(self, progress: Progress) -> None:
        network = progress.network
        if network not in self._begun:
            self._begun.add(network)
            kept = [
                row
                for row in self._rows
                if row["network"] != network or int(row["epoch"]) < progress.epoch
            ]
            if len(kept) < len(self._rows):
                files.write_whole(self._path, _text(kept, head=True))
            self._rows = kept
        stepwise = bool(progress.text)
        row: Row = {
            **{name: getattr(progress, name) for name in COLUMNS},
            "loss": "" if stepwise else progress.loss,
            "held_out": "" if progress.held_out is None else progress.held_out,
            "seconds": f"{progress.seconds:.3f}",
        }
        with self._path.open("a", encoding="utf-8", newline="") as stream:
            stream.write(_text([row]))
        self._rows.append(row)


def _text(rows: Iterable[Row], *, head: bool = False) -> str:
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    if head:
        table.writeheader()
    table.writerows(rows)
    return text.getvalue()


def _read(path: Path) -> list[Row]:
    """Return the rows of a log without the last one where it is cut."""
    text = files.decoded(files.read_bytes(path, at_most=_LARGEST), str(path))
    rows = csv.DictReader(io.StringIO(text, newline=""))
    try:
        found = [row for row in rows if row["text"] is not None and row["epoch"].isdigit()]
    except (KeyError, csv.Error) as error:
        raise FormatError(
            f"{path}: is no log of a training; give the log another name.", field="log"
        ) from error
    return list(found)


class _Board:
    """Event files of TensorBoard, one for each network and each start of the training."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writers: dict[str, Any] = {}

    def __call__(self, progress: Progress) -> None:
        network, epoch = progress.network, progress.epoch
        if network not in self._writers:
            folder = self._folder / network
            # TensorBoard leaves out what earlier files hold of this epoch and later ones.  The
            # library names files by the second, so that a number keeps the earlier ones.
            number = sum(1 for _ in folder.glob(_EVENTS)) if folder.is_dir() else 0
            self._writers[network] = _library().SummaryWriter(
                str(folder), purge_step=epoch, filename_suffix=f".{number}"
            )
        writer = self._writers[network]
        if progress.text:
            writer.add_text("step", progress.text, epoch)
        else:
            writer.add_scalar("loss/training", progress.loss, epoch)
        if progress.held_out is not None:
            writer.add_scalar("loss/held_out", progress.held_out, epoch)
        writer.flush()

    def close(self) -> None:
        """Close the files."""
        for writer in self._writers.values():
            writer.close()


def _library() -> Any:
    try:
        import tensorboardX
    except ImportError as error:
        raise MissingExtraError(
            "Event files of TensorBoard need the package tensorboardX; install it with  "
            "pip install 'sideman[log]', or write a CSV file.",
            field="tensorboard",
        ) from error
    return tensorboardX
