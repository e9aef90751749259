"""Coverage-guided fuzzing against the mutators of ``tests/attack``, in equal processor time.

    python benchmarks/fuzzers.py --seconds 60               six readers, the contenders in turn
    python benchmarks/fuzzers.py --seconds 60 abc humdrum   two of them

The contenders are the mutators alone; atheris with its own mutations; and atheris with ours in
their place.  Each reads with a copy of the package in which guards were removed, so that it is seen
who finds those faults, and when.  Counted are the inputs, the lines and the branches of the package
that were reached, and the faults.  It needs Python 3.12 or 3.13, the extra ``page`` and
``pip install atheris``, which is no dependency of the project.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from random import Random
from types import CodeType
from typing import Any

ROOT = Path(__file__).parent.parent
OWN, GUIDED, BOTH = "mutators", "atheris", "atheris with the mutators"
CONTENDERS = (OWN, GUIDED, BOTH)

# By reader, what is removed: the file, the text, and what stands in its place.
REMOVED: dict[str, tuple[tuple[str, str, str], ...]] = {
    "musicxml": (
        ("musicxml/reading.py", "if not 0 < divisions <= 1_000_000:", "if divisions > 1_000_000:"),
        ("musicxml/reading.py", "if read is None:\n            raise", "if 0:\n            raise"),
    ),
    "leadsheet": (
        ("leadsheet.py", r'r"[-+]?\d{1,6}(?![^\s])"', r'r"[-+]?\d+(?![^\s])"'),
        ("leadsheet.py", 'elif keyword == "key" and number is not None:', 'elif keyword == "key":'),
    ),
    "chordpro": (
        ("chordpro.py", "if len(self.measures) < copies:", "if 0:"),
        ("chordpro.py", "int(by[1]) if by else 0", "int(by[1])"),
    ),
    "abc": (
        ("abc/reading.py", "not int(match[1]) or not int(match[2] or 1)", "not int(match[1])"),
        ("abc/reading.py", "if not notes or not of:", "if not of:"),
    ),
    "bandinabox": (
        ("bandinabox.py", "if number not in _SUFFIXES or not tonic:", "if not tonic:"),
        ("bandinabox.py", "or stop > len(data) - 4:", "or 0:"),
    ),
    "humdrum": (
        ("humdrum.py", " if under else Fraction(2 ** len(match[1]))", ""),
        ("humdrum.py", 'token == "*x" and crossed is not None', 'token == "*x" and place'),
    ),
}  # fmt: skip


def damaged(folder: Path) -> None:
    """Copy the package, and remove the guards."""
    package = shutil.copytree(ROOT / "src" / "sideman", folder / "sideman")
    for reader in REMOVED.values():
        for name, old, new in reader:
            path = package / "formats" / name
            text = path.read_text(encoding="utf-8")
            assert text.count(old) == 1, f"{name} holds {old!r} {text.count(old)} times"
            path.write_text(text.replace(old, new), encoding="utf-8")


class Reached:
    """The lines and branches of the package that were reached."""

    def __init__(self) -> None:
        self.lines: set[tuple[str, int]] = set()
        self.branches: dict[tuple[CodeType, int], set[int]] = {}

    def start(self) -> None:
        """Begin to count."""
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined]
        tool, events = monitoring.COVERAGE_ID, monitoring.events
        monitoring.use_tool_id(tool, "reached")

        def line(code: CodeType, number: int) -> object:
            # The lines of a module that is imported only now are not of a reader.
            if f"{os.sep}sideman{os.sep}" in code.co_filename and code.co_name != "<module>":
                self.lines.add((code.co_filename, number))
            return monitoring.DISABLE

        def branch(code: CodeType, offset: int, to: int) -> object:
            if f"{os.sep}sideman{os.sep}" not in code.co_filename:
                return monitoring.DISABLE
            ways = self.branches.setdefault((code, offset), set())
            ways.add(to)
            return monitoring.DISABLE if len(ways) == 2 else None

        monitoring.register_callback(tool, events.LINE, line)
        monitoring.register_callback(tool, events.BRANCH, branch)
        monitoring.set_events(tool, events.LINE | events.BRANCH)

    def counts(self) -> dict[str, int]:
        """Return the numbers of both."""
        return {"lines": len(self.lines), "branches": sum(map(len, self.branches.values()))}


def counted(reader: str, inputs: Iterable[bytes]) -> dict[str, int]:
    """Return the numbers of lines and branches that a reader reaches in some inputs."""
    from attack import running

    reached = Reached()
    reached.start()
    for data in inputs:
        running.outcome(reader, data)
    return reached.counts()


class Tries:
    """Inputs that are given to a reader, counted, with the moment of each fault."""

    def __init__(self, reader: str, seconds: float) -> None:
        from attack import running

        self.outcome = running.outcome
        self.reader, self.seconds = reader, seconds
        self.inputs = 0
        self.faults: dict[str, tuple[float, int]] = {}
        self.begun = time.process_time()

    def one(self, data: bytes) -> bool:
        """Read an input, and return whether time is left."""
        result = self.outcome(self.reader, data)
        self.inputs += 1
        spent = time.process_time() - self.begun
        if result.startswith("fault"):
            self.faults.setdefault(result, (round(spent, 2), self.inputs))
        return spent < self.seconds

    def report(self) -> dict[str, Any]:
        """Return the counts."""
        return {"inputs": self.inputs, "faults": self.faults}


def mutated(reader: str, seconds: float, _: Path) -> dict[str, Any]:
    """Return the report on our mutants, read until the time is over."""
    from attack import running

    files = running.target(reader).seeds()
    tries = Tries(reader, seconds)
    while tries.one(running.mutant(reader, files, 1, tries.inputs)):
        pass
    return tries.report()


def repeated(reader: str, inputs: float, _: Path) -> dict[str, Any]:
    """Return what the first of our mutants reach, which takes longer when it is watched."""
    from attack import running

    files = running.target(reader).seeds()
    mutants = (running.mutant(reader, files, 1, number) for number in range(int(inputs)))
    return counted(reader, chain(files, mutants))


def guided(reader: str, seconds: float, folder: Path, ours: bool = False) -> dict[str, Any]:
    """Read the inputs of atheris until the time is over, write the report, and end the process."""
    import atheris  # type: ignore[import-not-found]

    with atheris.instrument_imports(include=["sideman.formats", "sideman.theory", "sideman.score"]):
        from attack import mutators, running

    one = running.target(reader)
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, data in enumerate(one.seeds()):
        (corpus / str(number)).write_bytes(data)
    tries = Tries(reader, seconds)

    def read(data: bytes) -> None:
        if not tries.one(data):
            (folder / "report.json").write_text(json.dumps(tries.report()), encoding="utf-8")
            os._exit(0)

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        rng = Random(seed)
        way = rng.choice(one.mutators)
        try:
            return way(data, rng)[:most]
        except Exception:  # its structure is lost already
            return mutators.bytes_of(data, rng)[:most]

    more: dict[str, Any] = {"custom_mutator": mutate} if ours else {}
    options = ["-seed=1", "-verbosity=0", "-timeout=100", "-rss_limit_mb=4096", "-max_len=65536"]
    atheris.Setup(["fuzzer", *options, str(corpus)], read, **more)
    atheris.Fuzz()
    raise SystemExit("atheris has ended")


def replayed(reader: str, _: float, folder: Path) -> dict[str, Any]:
    """Return what the files that atheris kept reach; it keeps each that reaches anything new."""
    return counted(reader, (path.read_bytes() for path in sorted((folder / "corpus").iterdir())))


def seeded(reader: str, _: float, __: Path) -> dict[str, Any]:
    """Return what the seeds reach."""
    from attack import running

    return counted(reader, running.target(reader).seeds())


def together(reader: str, seconds: float, folder: Path) -> dict[str, Any]:
    """Read the inputs that atheris makes with our mutations: see :func:`guided`."""
    return guided(reader, seconds, folder, ours=True)


CHILDREN: dict[str, Callable[[str, float, Path], dict[str, Any]]] = {
    "seeds": seeded,
    OWN: mutated,
    GUIDED: guided,
    BOTH: together,
    "repeated": repeated,
    "kept": replayed,
}


def child(package: Path, folder: Path, kind: str, reader: str, seconds: float) -> dict[str, Any]:
    """Run one contender in a process of its own."""
    paths = os.pathsep.join((str(package), str(ROOT / "tests")))
    command = (sys.executable, __file__, "--child", kind, "--seconds", str(seconds))
    done = subprocess.run(
        [*command, "--folder", str(folder), reader],
        env={**os.environ, "PYTHONPATH": paths, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
    )
    path = folder / "report.json"
    if not path.exists():
        raise SystemExit(f"{kind} of {reader} ended with {done.returncode}: {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()
    return found


def main() -> None:
    """Compare the contenders, and print a line for each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("readers", nargs="*", metavar="READER", help=", ".join(REMOVED))
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--child", choices=CHILDREN, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        (reader,) = options.readers
        found = CHILDREN[options.child](reader, options.seconds, options.folder)
        (options.folder / "report.json").write_text(json.dumps(found), encoding="utf-8")
        return
    with tempfile.TemporaryDirectory() as name:
        package = Path(name) / "package"
        package.mkdir()
        damaged(package)

        def compare(reader: str) -> None:
            for kind in ("seeds", *CONTENDERS):
                with tempfile.TemporaryDirectory() as inner:
                    folder = Path(inner)
                    found = child(package, folder, kind, reader, options.seconds)
                    if kind == OWN:
                        found |= child(package, folder, "repeated", reader, found["inputs"])
                    elif kind != "seeds":
                        found |= child(package, folder, "kept", reader, options.seconds)
                print(json.dumps({"reader": reader, "by": kind, **found}), flush=True)

        with ThreadPoolExecutor(options.processes) as pool:
            list(pool.map(compare, options.readers or REMOVED))


if __name__ == "__main__":
    main()
