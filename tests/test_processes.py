"""Warm child processes: they die, take too long, take too much, and start again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import child_work as work
from sideman.errors import ChordError
from sideman.processes import KilledError, Process, TooLargeError, TooSlowError


@pytest.fixture
def process() -> Iterator[Process]:
    with Process(work.prepare) as process:
        yield process


def gone(pid: int) -> bool:
    """Whether a process has ended, though perhaps nobody has asked how."""
    for _ in range(3000):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.01)
    return False


def test_one_child_answers_many_requests(process: Process) -> None:
    assert process.pid is None
    assert [process.ask(work.add, number, 1) for number in range(5)] == [1, 2, 3, 4, 5]
    before = process.pid
    seen: list[int] = []
    assert process.ask(work.count, 3, progress=seen.append) == [before]
    assert seen == [0, 1, 2]
    assert process.pid == before


def test_errors_come_back_and_the_child_stays(process: Process) -> None:
    with pytest.raises(ChordError, match="No such chord") as caught:
        process.ask(work.fail_to_prepare)
    error = caught.value
    assert (error.field, error.symbol, error.nearest) == ("changes", "H9", ("B9",))
    before = process.pid
    with pytest.raises(RuntimeError, match="OddError: odd"):
        process.ask(work.raise_odd)
    with pytest.raises(Exception, match="lambda"):
        process.ask(work.unanswerable)
    with pytest.raises(SystemExit):
        process.ask(sys.exit, 3)
    assert process.ask(work.add, 1, 2) == 3
    assert process.pid == before


def test_a_death_is_an_error_and_the_next_request_is_answered(process: Process) -> None:
    with pytest.raises(KilledError, match="was ended"):
        process.ask(work.die)
    before = process.ask(work.count, 0, progress=print)[0]
    os.kill(before, signal.SIGKILL)
    while process.pid is not None:
        time.sleep(0.01)
    assert process.ask(work.add, 1, 2) == 3


def test_what_takes_too_long_is_ended(process: Process) -> None:
    process.start()
    begun = time.monotonic()
    with pytest.raises(TooSlowError, match=r"longer than 0\.2 seconds"):
        process.ask(work.sleep, 60, seconds=0.2)
    assert time.monotonic() - begun < 45  # it would sleep for 60
    assert process.ask(work.add, 1, 2, seconds=30) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds the address space")
def test_memory_is_bounded() -> None:
    with Process(work.prepare, memory=100 << 20) as process:
        assert process.ask(work.take, 10 << 20) == 10 << 20
        before = process.pid
        with pytest.raises(TooLargeError, match="memory"):
            process.ask(work.take, 200 << 20)
        assert process.ask(work.take, 50 << 20) == 50 << 20
        assert process.pid != before


def test_another_thread_ends_the_work(process: Process) -> None:
    process.start()
    process.kill()
    assert process.ask(work.add, 1, 2) == 3
    threading.Timer(0.2, process.kill).start()
    with pytest.raises(KilledError):
        process.ask(work.sleep, 60)
    assert process.ask(work.add, 1, 2) == 3


def test_threads_wait_for_one_another(process: Process) -> None:
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(process.ask(work.add, 1, 2))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [3] * 8


def test_an_error_in_progress_ends_the_child(process: Process) -> None:
    def cancel(number: int) -> None:
        raise InterruptedError(number)

    with pytest.raises(InterruptedError):
        process.ask(work.count, 1000, progress=cancel)
    assert process.pid is None
    assert process.ask(work.add, 1, 2) == 3


def test_a_child_that_cannot_be_prepared_is_not_kept() -> None:
    with Process(work.fail_to_prepare) as process:
        for _ in range(2):
            with pytest.raises(ChordError):
                process.ask(work.add, 1, 2)
            assert process.pid is None


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs groups of processes")
def test_what_a_child_has_started_ends_with_it(process: Process) -> None:
    started = process.ask(work.child_of_child)
    process.kill()
    assert gone(started)


@pytest.mark.skipif(sys.platform == "win32", reason="reads the table of processes")
def test_a_child_ends_with_its_parent(tmp_path: Path) -> None:
    # A script without the usual guard, which a child must not run again.
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent("""
            import threading, time
            from child_work import add, sleep
            from sideman.processes import Process

            process = Process()
            print(process.ask(add, 1, 2), process.pid, flush=True)
            threading.Thread(target=process.ask, args=(sleep, 600)).start()
            time.sleep(600)
        """)
    )
    here = str(Path(__file__).parent)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([here, *filter(None, sys.path)])}
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=environment
    ) as parent:
        assert parent.stdout is not None
        answer, child = map(int, parent.stdout.readline().split())
        assert answer == 3
        parent.kill()
        assert gone(child)
