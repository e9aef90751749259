"""Many files, long files, many processes: time and memory as ratios.

    python benchmarks/load.py              everything, about a quarter of an hour
    python benchmarks/load.py render       one of them

Memory is the resident set of the process and its children, sampled ten times a second.  A command
with flat memory uses in its last tenth at most 1.05 times what it used in its second tenth.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

SIDEMAN = (sys.executable, "-m", "sideman")
FILES = 500
SOLOS = 2000
MEASURED = 4000
"""Enough that most of the time is not the start."""
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Run:
    """The duration of a command in seconds, and its memory in bytes every 0.1 s."""

    seconds: float
    memory: tuple[int, ...]

    @property
    def peak(self) -> int:
        """The largest memory."""
        return max(self.memory, default=0)

    @property
    def growth(self) -> float:
        """The mean memory of the last tenth over that of the second tenth."""
        tenth = max(1, len(self.memory) // 10)
        early, late = self.memory[tenth : 2 * tenth], self.memory[-tenth:]
        return (sum(late) / len(late)) / (sum(early) / len(early)) if early else 1.0


def resident(pid: int) -> int:
    """Return the bytes in memory of a process and its children, without what they share."""
    total = 0
    try:
        fields = Path(f"/proc/{pid}/statm").read_text().split()
        total += (int(fields[1]) - int(fields[2])) * _PAGE
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (OSError, IndexError):
        return total
    return total + sum(resident(int(child)) for child in children)


def run(command: Sequence[str | Path]) -> Run:
    """Run a command and sample its memory."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    memory = []
    while process.poll() is None:
        memory.append(resident(process.pid))
        time.sleep(0.1)
    assert process.stderr is not None
    said = process.stderr.read().decode()
    assert process.returncode == 0, said
    return Run(time.perf_counter() - begun, tuple(memory[:-1]))


def inside(code: str, *arguments: str | Path) -> Run:
    """Run Python code and sample its memory."""
    return run((sys.executable, "-c", code, *arguments))


def songs(folder: Path, count: int) -> Path:
    """Write short songs as MIDI."""
    from sideman.library import charts, songbook

    folder.mkdir()
    names = songbook.names()
    for number in range(count):
        sheet = songbook.load(names[number % len(names)])
        charts.write(folder / f"{number:04}.mid", sheet)
    return folder


def solos(folder: Path, count: int) -> Path:
    """Write études with melodies as lead sheets, each transposed."""
    from sideman.library import charts, etudes, songbook

    folder.mkdir()
    names = etudes.names()
    for number in range(count):
        sheet = songbook.moved(etudes.sheet(names[number % len(names)]), None, number % 12 - 6)
        charts.write(folder / f"{number:04}.ls", sheet)
    return folder


def improvise(folder: Path) -> str:
    """Twenty takes at once, beside one."""
    command = (*SIDEMAN, "improvise", "blues-f", "--choruses", "2", "--seed", "1", "--out")
    one = run((*command, folder / "one"))
    begun = time.perf_counter()
    many = [
        subprocess.Popen(
            [*command, str(folder / str(number))],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for number in range(20)
    ]
    codes = [each.wait() for each in many]
    assert not any(codes)
    seconds = time.perf_counter() - begun
    same = len({path.read_bytes() for path in folder.glob("*/*.mid")}) == 1
    return (
        f"20 at once {seconds / one.seconds:.1f} x the time of one on {os.cpu_count()} processors; "
        f"same bytes: {same}"
    )


def long_render(folder: Path) -> str:
    """Half an hour of music in one file, beside three minutes."""
    from sideman.formats.midi import writing
    from sideman.library import songbook
    from sideman.score import Arrangement, Note, Part

    def song(bars: int) -> Path:
        form = songbook.load("blues-f").changes.repeated(bars // 12)
        notes = tuple(Note(24 * beat, 20, 48 + beat % 25, 90) for beat in range(4 * len(form.bars)))
        path = folder / f"{bars}.mid"
        writing.write(path, Arrangement("Long", (Part("Solo", notes, 66),), form, 120.0))
        return path

    short, whole = (
        run((*SIDEMAN, "render", song(bars), folder / f"{bars}.mp3")) for bars in (96, 900)
    )
    return (
        f"30 minutes take {whole.seconds / short.seconds:.1f} x the time and "
        f"{whole.peak / short.peak:.2f} x the memory of 3 minutes"
    )


def render(folder: Path) -> str:
    """A folder of songs to sound."""
    done = run((*SIDEMAN, "render", songs(folder / "songs", FILES), "--out", folder / "sound"))
    return f"{FILES} songs rendered in {done.seconds:.0f} s, memory {done.growth:.3f}"


def inspect(folder: Path) -> str:
    """A folder of songs, read and converted in one process."""
    code = (
        "import sys; from pathlib import Path; from sideman.files import File\n"
        "from sideman.service import converting\n"
        "for path in sorted(Path(sys.argv[1]).iterdir()):\n"
        "    file = File(path.name, path.read_bytes())\n"
        "    converting.inspect(file)\n"
        "    from sideman import opening; from sideman.formats import registry\n"
        "    registry.dumps(opening.chart(file.data, file.name), 'x.musicxml')\n"
    )
    done = inside(code, songs(folder / "songs", FILES))
    return f"{FILES} songs inspected and converted, memory {done.growth:.3f}"


def measure(folder: Path) -> str:
    """A folder of solos, measured."""
    done = run((*SIDEMAN, "measure", solos(folder / "solos", MEASURED), "--json"))
    return f"{MEASURED} solos measured, peak {done.peak / 2**20:.0f} MiB, memory {done.growth:.3f}"


def train(folder: Path) -> str:
    """Two thousand solos, learnt from in one go and in two."""
    corpus = solos(folder / "solos", SOLOS)
    options = ("--epochs", "3", "--units", "16")
    whole, cut = folder / "whole.safetensors", folder / "cut.safetensors"
    done = run((*SIDEMAN, "train", corpus, "--out", whole, *options))
    process = subprocess.Popen(
        [*SIDEMAN, "train", str(corpus), "--out", str(cut), *options],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("epoch 1/"):
            process.terminate()
    process.wait()
    run((*SIDEMAN, "train", corpus, "--out", cut, *options, "--resume"))
    same = cut.read_bytes() == whole.read_bytes()
    return (
        f"{SOLOS} solos, peak {done.peak / 2**20:.0f} MiB; stopped and resumed, same bytes: {same}"
    )


def database(folder: Path) -> str:
    """A database of the largest size that is read."""
    data = Path(os.environ.get("SIDEMAN_DATA", "../shared/data")) / "wjazzd" / "wjazzd.db"
    large = folder / "large.db"
    large.write_bytes(data.read_bytes())
    with closing(sqlite3.connect(large)) as db, db:
        db.execute("CREATE TABLE filling (data BLOB)")
        left = 510 * 2**20 - large.stat().st_size
        for _ in range(left // 2**20):
            db.execute("INSERT INTO filling VALUES (zeroblob(1048000))")
    code = (
        "import sys, sideman.formats.registry as registry\n"
        "found = registry.open_document(sys.argv[1]).solos\n"
        "print(len(found))\n"
    )
    whole, small = inside(code, large), inside(code, data)
    size = large.stat().st_size
    return (
        f"a database of {size / 2**20:.0f} MiB takes {whole.peak / size:.2f} x its size; one of "
        f"{data.stat().st_size / 2**20:.0f} MiB {small.peak / data.stat().st_size:.2f} x"
    )


LOADS: dict[str, Callable[[Path], str]] = {
    "improvise": improvise,
    "long-render": long_render,
    "render": render,
    "inspect": inspect,
    "measure": measure,
    "train": train,
    "database": database,
}


def main() -> None:
    """Run the loads that are named, or all."""
    results = {}
    for name in sys.argv[1:] or LOADS:
        with tempfile.TemporaryDirectory() as folder:
            results[name] = LOADS[name](Path(folder))
            print(f"{name}: {results[name]}", flush=True)
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
