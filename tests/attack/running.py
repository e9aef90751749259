"""Run mutated files through a reader, in a child process with bounded time and memory."""

from __future__ import annotations

import contextlib
import hashlib
import multiprocessing
import resource
import signal
import sysconfig
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from types import FrameType

import sideman
from attack import mutators
from attack.targets import TARGETS, Target
from sideman.errors import SidemanError

MOST_MEMORY = 3 << 30
MOST_SECONDS = 10.0
"""The memory of the child, and the processor time for one file, in bytes and seconds."""
_PACKAGE = str(Path(sideman.__file__).parent)
_STANDARD = sysconfig.get_path("stdlib")
# What these raise of a damaged file is no fault; what Fraction raises of a zero is one.
_READERS = ("zipfile", "xml", "json", "lzma", "gzip", "tomllib", "sqlite3", "site-packages")


@dataclass
class Finding:
    """A file on which a reader failed."""

    reader: str
    reason: str
    data: bytes

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"{self.reader}-{hashlib.sha256(self.data).hexdigest()[:12]}"


@dataclass
class Report:
    """Counts of a run, and its findings, one for each reason."""

    inputs: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: dict[str, Finding] = field(default_factory=dict)


class TooSlowError(BaseException):
    """A file has taken more processor time than one may take."""


def _too_slow(number: int, frame: FrameType | None) -> None:
    raise TooSlowError


def target(reader: str) -> Target:
    """Return a target by its name."""
    if reader == "faulty":
        from attack.faulty import TARGET

        return TARGET
    return TARGETS[reader]


def mutant(reader: str, files: list[bytes], seed: int, number: int) -> bytes:
    """Return one mutated file; the same for the same numbers."""
    rng = Random(f"{reader} {seed} {number}")
    data = rng.choice(files)
    for _ in range(rng.choice((1, 1, 1, 2))):
        way = rng.choice(target(reader).mutators)
        try:
            data = way(data, rng)
        except Exception:  # its structure is lost already
            data = mutators.bytes_of(data, rng)
    return data


def outcome(reader: str, data: bytes, limit: float = MOST_SECONDS) -> str:
    """Read a file, and return ``read``, ``refused``, or the place and type of a fault."""
    signal.signal(signal.SIGVTALRM, _too_slow)
    signal.setitimer(signal.ITIMER_VIRTUAL, limit)
    try:
        target(reader).read(data)
    except SidemanError as error:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        if len(str(error)) < 10 or "\n" in str(error).strip():
            return f"fault: a message that is no sentence: {str(error)[:60]!r}"
        # What is caught where a library may raise must not hide a fault of our own.
        return f"fault: {_place(error.__cause__)}" if _is_ours(error.__cause__) else "refused"
    except TooSlowError as error:
        return f"fault: more than {limit:g} s in {_place(error)}"
    except MemoryError as error:
        return f"fault: {_place(error)}"
    except Exception as error:
        return f"fault: {_place(error)}"
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return "read"


def _is_ours(error: BaseException | None) -> bool:
    """Return whether an exception that was turned into a sentence was raised in the package."""
    if error is None or isinstance(error, SidemanError | OSError | UnicodeError):
        return False
    frames = traceback.extract_tb(error.__traceback__)
    caught = frames[0].name == "guard" if frames else False
    while frames and _computes(frames[-1].filename):
        frames.pop()
    return caught and frames[-1].filename.startswith(_PACKAGE)


def _computes(filename: str) -> bool:
    """Return whether a file is of the standard library, and of no reader in it."""
    path = Path(filename)
    if not path.is_relative_to(_STANDARD):
        return False
    return Path(path.relative_to(_STANDARD).parts[0]).stem not in _READERS


def _place(error: BaseException | None) -> str:
    assert error is not None
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.startswith(_PACKAGE)
    ]
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "a library"
    return f"{type(error).__name__} at {where}"


def run(
    reader: str, *, inputs: int, seconds: float, seed: int, limit: float = MOST_SECONDS
) -> Report:
    """Attack a reader with up to `inputs` files, in up to `seconds` of processor time.

    A file that ends the child process is a finding; the attack then goes on after it.
    """
    report = Report()
    spent = 0.0
    context = multiprocessing.get_context("spawn")
    while report.inputs < inputs and spent < seconds:
        receiver, sender = context.Pipe(duplex=False)
        bounds = (report.inputs, inputs, seconds - spent, limit)
        child = context.Process(target=_child, args=(reader, seed, bounds, sender))
        child.start()
        sender.close()
        last = None
        with contextlib.suppress(EOFError):
            while True:
                last = receiver.recv()
                if isinstance(last, float):
                    spent += last
                    break
                number, result = last
                if result:
                    _count(report, reader, result, seed, number)
        child.join()
        if not isinstance(last, float):
            number = report.inputs
            _count(report, reader, f"fault: the process ended ({child.exitcode})", seed, number)
            spent += 1.0
        elif report.inputs < inputs:
            break
    return report


def _count(report: Report, reader: str, result: str, seed: int, number: int) -> None:
    report.inputs = number + 1
    report.outcomes[result.split(":")[0]] += 1
    if result.startswith("fault") and result not in report.findings:
        data = mutant(reader, target(reader).seeds(), seed, number)
        report.findings[result] = Finding(reader, result, data)


def _child(
    reader: str, seed: int, bounds: tuple[int, int, float, float], sender: Connection
) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    first, last, seconds, limit = bounds
    files = target(reader).seeds()
    for data in files:
        assert outcome(reader, data) == "read", f"a seed of {reader} is not read"
    begun = time.process_time()
    for number in range(first, last):
        result = outcome(reader, mutant(reader, files, seed, number), limit)
        sender.send((number, result))
        if time.process_time() - begun > seconds:
            break
    sender.send(time.process_time() - begun)
