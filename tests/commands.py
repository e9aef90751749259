"""Run the command line as a person does."""

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Sequence

from sideman.cli import main

Result = subprocess.CompletedProcess[str]
Words = str | os.PathLike[str]
FAULT = 3
"""The exit code of a fault in sideman, which no test accepts."""


def _texts(arguments: Sequence[Words]) -> list[str]:
    return [os.fspath(argument) for argument in arguments]


def call(*arguments: Words) -> Result:
    """Run ``sideman`` with arguments in this process."""
    words = _texts(arguments)
    with (
        contextlib.redirect_stdout(io.StringIO()) as output,
        contextlib.redirect_stderr(io.StringIO()) as errors,
    ):
        try:
            main(words)
        except SystemExit as leaving:
            code = leaving.code
    assert isinstance(code, int)
    assert code != FAULT, errors.getvalue()
    return subprocess.CompletedProcess(words, code, output.getvalue(), errors.getvalue())


def run(*arguments: Words, most_bytes: int | None = None) -> Result:
    """Run ``sideman`` in a process of its own; files grow to `most_bytes`, as on a full disk."""
    command: Sequence[str] = [sys.executable, "-m", "sideman", *_texts(arguments)]
    if most_bytes is not None:
        limit = (
            "import resource, runpy, sys; "
            f"resource.setrlimit(resource.RLIMIT_FSIZE, ({most_bytes}, {most_bytes})); "
            "runpy.run_module('sideman', run_name='__main__')"
        )
        command = [sys.executable, "-c", limit, *_texts(arguments)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert result.returncode != FAULT, result.stderr
    return result


def seconds(*arguments: str) -> float:
    """Run ``sideman`` in a process of its own; give the processor's time that it took.

    Beside other work on the machine the clock on the wall would tell of that.
    """
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = run(*arguments)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert result.returncode == 0, result.stderr
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def sentence(result: Result) -> str:
    """Give the one sentence of a command that was refused; no traceback, nothing else."""
    assert result.returncode == 2, result
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("sideman: ")
    return lines[0]
