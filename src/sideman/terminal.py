"""Error messages, exit codes and progress bars at a terminal."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any, NoReturn, Self, TextIO

import click

from sideman import early
from sideman.errors import SidemanError, clipped

_WIDEST = 100
_WRONG_INPUT, _FAULT, _CLOSED = 2, 3, 141
_TICK_SECONDS = 0.2
LINE_SECONDS = 10.0
_DELAY_SECONDS = 2.0


def run(command: click.Command, name: str, arguments: list[str] | None = None) -> NoReturn:
    """Run a command under `name` and exit the process.

    SIGTERM has the effect of Ctrl-C.

    Raises
    ------
    SystemExit
        Always: 0 on success, 2 on wrong input, 3 on a fault in sideman, 130 after Ctrl-C, 141 if
        the output pipe is closed.
    """
    _open_streams()
    try:
        early.end()
        _end_like_ctrl_c()
        command.main(args=arguments, prog_name=name, standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as leaving:
        sys.exit(leaving.exit_code)
    except click.ClickException as error:
        vars(error)["message"] = clipped(error.message)
        error.show()
        sys.exit(_WRONG_INPUT)
    except (click.Abort, KeyboardInterrupt):
        _say("interrupted")
        sys.exit(early.INTERRUPTED)
    except (_ClosedError, BrokenPipeError):
        _drop_output()
        sys.exit(_CLOSED)
    except SidemanError as error:
        _say(str(error))
        sys.exit(_WRONG_INPUT)
    except MemoryError:
        _say("out of memory; give smaller input.")
        sys.exit(_WRONG_INPUT)
    except OSError as error:
        _drop_output()
        where = f"{error.filename}: " if error.filename else ""
        _say(f"{where}{(error.strerror or str(error)).lower()}; check the name, or make room.")
        sys.exit(_WRONG_INPUT)
    except Exception as error:
        _say(_fault(error))
        sys.exit(_FAULT)
    sys.exit(0)


def _end_like_ctrl_c() -> None:
    """Give SIGTERM the effect of Ctrl-C, unless the caller has a handler of their own."""
    if (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    ):
        signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))


def _say(sentence: str) -> None:
    with contextlib.suppress(OSError):
        print(f"sideman: {sentence}", file=sys.stderr)


def _fault(error: Exception) -> str:
    """Write the traceback to a file, and return the sentence that names it."""
    summary = f"{type(error).__name__}: {str(error)[:200]}"
    try:
        handle, name = tempfile.mkstemp(prefix="sideman-fault-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write("".join(traceback.format_exception(error)))
        where = f"the details are in {name}"
    except OSError:
        where = "the details could not be written"
    return f"a fault in sideman ({summary}); {where}; please report it."


def _drop_output() -> None:
    """Redirect the output to nowhere, because Python flushes it once more at exit."""
    null = os.open(os.devnull, os.O_WRONLY)
    with contextlib.suppress(OSError, ValueError):
        os.dup2(null, sys.stdout.fileno())


class _ClosedError(Exception):
    """The pipe of the output is closed; click would exit with 1 for a BrokenPipeError."""


class _Stream:
    """A text stream that shows control characters of the text instead of sending them.

    A title in a file can contain escape sequences, which a terminal would obey.  Where its pipe is
    closed, `write` and `flush` raise a _ClosedError.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write text."""
        try:
            return self._stream.write(_CONTROLS.sub(lambda found: f"\\x{ord(found[0]):02x}", text))
        except BrokenPipeError as error:
            raise _ClosedError from error

    def flush(self) -> None:
        """Write what is buffered."""
        try:
            self._stream.flush()
        except BrokenPipeError as error:
            raise _ClosedError from error

    def bold(self, text: str) -> int:
        """Write text in bold."""
        self._stream.write("\x1b[1m")
        written = self.write(text)
        self._stream.write("\x1b[0m")
        return written


def named(name: str, told: str) -> None:
    """Print a name and what is told of it; on a terminal with colours the name is bold."""
    stream = sys.stdout
    plain = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb" or os.name == "nt"
    if type(stream) is _Stream and stream.isatty() and not plain:
        stream.bold(name)
        stream.write(f"{told}\n")
    else:
        click.echo(f"{name}{told}")


# All but tab, line feed and carriage return.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def _open_streams() -> None:
    """Replace closed standard streams by the null device, and write any text to the others."""
    for number, name in ((0, "stdin"), (1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is None:
            with contextlib.suppress(OSError):
                os.fstat(number)
                continue
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
            stream = open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            # A file name that is not UTF-8, or a locale without accents.
            stream.reconfigure(errors="backslashreplace")
            setattr(sys, name, _Stream(stream))


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
                os._exit(early.INTERRUPTED)


class share_bar:  # noqa: N801 - used like a function, in a with statement
    """Show on standard error the share of some work that is done, and the time left.

    A terminal has a bar after two seconds; elsewhere there is a line every ten seconds.

    Parameters
    ----------
    doing : str
        The activity, such as ``Parsing``.
    """

    def __init__(self, doing: str) -> None:
        self._doing = doing
        self._bar: Any = None

    def __enter__(self) -> Callable[[float], None]:
        """Return the function to call with the share that is done, from 0 to 1."""
        self._begun = self._last = time.monotonic()
        self._drawn = sys.stderr.isatty()
        return self._show

    def __exit__(self, *_: object) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.close()

    def _show(self, share: float) -> None:
        now = time.monotonic()
        if self._drawn:
            if self._bar is None and now - self._begun >= _DELAY_SECONDS:
                layout = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}, {rate_fmt}"
                self._bar = progress_bar(100, self._doing, "%", leave=False, bar_format=layout)
                self._bar.start_t -= now - self._begun
            if self._bar is not None:
                self._bar.update(100 * share - self._bar.n)
        elif now - self._last >= LINE_SECONDS and share > 0:
            self._last = now
            took = now - self._begun
            left = took * (1 - share) / share
            rate = 100 * share / took
            print(
                f"{self._doing}: {share:.0%}, {rate:.1f} %/s, {left:.0f} s left",
                file=sys.stderr,
                flush=True,
            )


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
