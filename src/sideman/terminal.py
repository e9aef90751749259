"""Error messages, exit codes and progress bars at a terminal."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import threading
import time
from typing import Any, NoReturn, Self

import click

from sideman.errors import SidemanError

_WIDEST = 100
_INTERRUPTED = 130
_TICK_SECONDS = 0.2


def run(command: click.Command, name: str, arguments: list[str] | None = None) -> NoReturn:
    """Run a command under `name` and exit the process.

    Raises
    ------
    SystemExit
        Always: 0 on success, 2 on wrong input, 130 after Ctrl-C, 141 if the output pipe is closed.
    """
    try:
        command.main(args=arguments, prog_name=name, standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as leaving:
        sys.exit(leaving.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        _say("interrupted")
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        # Redirect the output, because Python flushes it once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except SidemanError as error:
        _say(str(error))
        sys.exit(2)
    except MemoryError:
        _say("out of memory; give smaller input.")
        sys.exit(2)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _say(f"{where}{(error.strerror or str(error)).lower()}; check the name, or make room.")
        sys.exit(2)
    sys.exit(0)


def _say(sentence: str) -> None:
    print(f"sideman: {sentence}", file=sys.stderr)


class waiting:  # noqa: N801 - used like a function, in a with statement
    """Show an activity of unknown length, and let Ctrl-C end the process at once.

    On a terminal one line on standard error counts the seconds; otherwise one line is printed to
    standard output. Ctrl-C inside the block exits the process with code 130, without cleaning up.

    Parameters
    ----------
    doing : str
        The activity, such as ``compiling``.

    Notes
    -----
    Compiled code that runs for seconds delays Ctrl-C, and a ``KeyboardInterrupt`` raised in a
    callback of a library is printed and lost.  Therefore a thread reads the descriptor to which
    Python writes each signal at once (:func:`signal.set_wakeup_fd`).  Only the main thread can set
    it; in other threads Ctrl-C keeps its usual effect.
    """

    def __init__(self, doing: str) -> None:
        self._doing = doing
        self._terminal = sys.stderr.isatty()
        self._counting = self._terminal
        self._line = threading.Lock()

    def __enter__(self) -> Self:
        """Show the activity and watch for Ctrl-C."""
        self._begun = time.perf_counter()
        if self._terminal:
            self._show()
        else:
            print(f"{self._doing} ...", flush=True)
        self._reading, self._wakeup = socket.socketpair()
        self._reading.settimeout(_TICK_SECONDS)
        self._wakeup.setblocking(False)
        self._guarding = (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        )
        if self._guarding:
            self._before = signal.set_wakeup_fd(self._wakeup.fileno(), warn_on_full_buffer=False)
            signal.signal(signal.SIGINT, lambda *_: None)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Restore the handling of Ctrl-C and end the line."""
        if self._guarding:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            signal.set_wakeup_fd(self._before)
        self._wakeup.close()  # the thread still reads an interrupt that arrived before
        self._thread.join()
        self._reading.close()
        self.end()

    def end(self) -> None:
        """Show the final time and stop counting; Ctrl-C is still handled."""
        with self._line:
            if self._counting:
                self._show("\n")
                self._counting = False

    def _show(self, ending: str = "") -> None:
        took = time.perf_counter() - self._begun
        sys.stderr.write(f"\r{self._doing} ... {took:.1f} s{ending}")
        sys.stderr.flush()

    def _watch(self) -> None:
        while True:
            try:
                signals = self._reading.recv(64)
            except TimeoutError:
                with self._line:
                    if self._counting:
                        self._show()
                continue
            if not signals:
                return
            if signal.SIGINT in signals:
                if self._terminal:
                    sys.stderr.write("\n")
                _say("interrupted")
                sys.stderr.flush()
                os._exit(_INTERRUPTED)


def epoch_bar(epochs: int, done: int = 0) -> Any:
    """Return a tqdm progress bar over training epochs, of which `done` are complete."""
    return progress_bar(epochs, "Training", "epoch", done=done)


def progress_bar(total: float, doing: str, unit: str, *, done: int = 0, **options: Any) -> Any:
    """Return a tqdm progress bar with further tqdm `options`."""
    from tqdm import tqdm

    # On a terminal of unknown size tqdm would draw no bar.
    width, height = shutil.get_terminal_size((80, 24))
    return tqdm(
        total=total,
        initial=done,
        desc=doing,
        unit=unit,
        ncols=min(width, _WIDEST),
        nrows=height,
        **options,
    )
