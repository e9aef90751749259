"""What every face at a terminal does alike: errors as sentences, exit codes, a progress bar."""

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
    """Run a command and exit.

    Parameters
    ----------
    command : click.Command
        The command.
    name : str
        What it is called in its help.
    arguments : list of str or None
        The words after its name; the process's own where None.

    Raises
    ------
    SystemExit
        Always: 0 done, 2 for input that must be mended, 130 after Ctrl-C, 141 if whoever read the
        output has gone.
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
        # Nothing is left to say, not even at exit.
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
    """Say what is being done while nothing can be counted, and let Ctrl-C end it at once.

    On a terminal it is one line with the seconds that have gone by; elsewhere one line on standard
    output, without them.  Ctrl-C inside the block ends the process, with exit code 130: nothing
    that has to be tidied up may be under way there.

    Parameters
    ----------
    doing : str
        What is being done, such as ``compiling``.

    Notes
    -----
    Compiled code that runs for seconds does not see Ctrl-C until it returns, and a
    ``KeyboardInterrupt`` raised in a callback of a library is printed and lost.  So a thread reads
    the descriptor that is told of a signal at once (:func:`signal.set_wakeup_fd`).  Only the main
    thread can set it; in another one Ctrl-C is left as it is.
    """

    def __init__(self, doing: str) -> None:
        self._doing = doing
        self._terminal = sys.stderr.isatty()
        self._counting = self._terminal
        self._line = threading.Lock()

    def __enter__(self) -> Self:
        """Say it."""
        self._begun = time.perf_counter()
        if self._terminal:
            self._show()
        else:
            print(f"{self._doing} ...", flush=True)
        self._reading, self._told = socket.socketpair()
        self._reading.settimeout(_TICK_SECONDS)
        self._told.setblocking(False)
        self._guarding = (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        )
        if self._guarding:
            self._before = signal.set_wakeup_fd(self._told.fileno(), warn_on_full_buffer=False)
            signal.signal(signal.SIGINT, lambda *_: None)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End it, and give Ctrl-C back."""
        if self._guarding:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            signal.set_wakeup_fd(self._before)
        self._told.close()  # the thread reads to the end, an interrupt that came last included
        self._thread.join()
        self._reading.close()
        self.end()

    def end(self) -> None:
        """Say how long it took, and no more: something that can be counted has begun."""
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
                told = self._reading.recv(64)
            except TimeoutError:
                with self._line:
                    if self._counting:
                        self._show()
                continue
            if not told:
                return
            if signal.SIGINT in told:
                if self._terminal:
                    sys.stderr.write("\n")
                _say("interrupted")
                sys.stderr.flush()
                os._exit(_INTERRUPTED)


def epoch_bar(epochs: int, done: int = 0) -> Any:
    """Make a progress bar of training, for a terminal alone.

    Parameters
    ----------
    epochs : int
        How many there will be.
    done : int
        How many are done already.

    Returns
    -------
    tqdm.tqdm
        A bar with rate and time left.
    """
    return progress_bar(epochs, "Training", "epoch", done=done)


def progress_bar(total: float, doing: str, unit: str, *, done: int = 0, **options: Any) -> Any:
    """Make a progress bar, for a terminal alone.

    Parameters
    ----------
    total : float
        How many units there will be.
    doing : str
        What is being done.
    unit : str
        What is counted.
    done : int
        How many are done already.
    **options
        Further options of tqdm.

    Returns
    -------
    tqdm.tqdm
        A bar.
    """
    from tqdm import tqdm

    # A terminal that doesn't tell its size would get no bar at all.
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
