"""What every face at a terminal does alike: errors as sentences, exit codes, a progress bar."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Any, NoReturn

import click

from sideman.errors import SidemanError

_WIDEST = 100


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
        sys.exit(130)
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
