"""Warm processes that do the work of requests, a queue before them, and an end for each job."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from sideman.processes import Process
from sideman.studio.errors import RefusedError
from sideman.studio.limits import FILE_MEMORY, MOST_WAITING
from sideman.studio.tasks import Task

_RETRY_SECONDS = "5"
_CLOSING_SECONDS = 0.05
Function = Callable[..., Any] | str
"""A function of the processes, or its name."""


class _Job:
    """A function that waits for a process, or runs in one."""

    def __init__(
        self,
        ask: Callable[[Process, threading.Event], Any],
        queued: Callable[[int], object],
    ) -> None:
        self.ask, self.queued = ask, queued
        self.ended = threading.Event()
        self.answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.process: Process | None = None


def _ignored(ahead: int) -> None:
    pass


class Pool:
    """Processes that answer one request each; the event loop's thread alone uses it.

    Parameters
    ----------
    count : int
        The number of processes.
    prepare, memory
        See :class:`sideman.processes.Process`.
    """

    def __init__(self, count: int, prepare: Function, *, memory: int | None = None) -> None:
        self._processes = [Process(prepare, memory=memory) for _ in range(count)]
        self._idle = list(self._processes)
        self._waiting: deque[_Job] = deque()
        self._running: set[_Job] = set()
        self._threads = ThreadPoolExecutor(2 * count, "studio-pool")
        self._closed = False

    @property
    def waiting(self) -> int:
        """The number of jobs that wait."""
        return len(self._waiting)

    @property
    def count(self) -> int:
        """The number of processes."""
        return len(self._processes)

    @property
    def full(self) -> bool:
        """Whether no further job may wait."""
        return len(self._waiting) >= MOST_WAITING

    def refusal(self) -> RefusedError:
        """Return the error for a job that may not wait."""
        return RefusedError(
            429, "Too many requests are waiting; try again soon.", Retry_After=_RETRY_SECONDS
        )

    @property
    def busy(self) -> int:
        """The number of processes at work."""
        return len(self._processes) - len(self._idle)

    @property
    def pids(self) -> list[int]:
        """The numbers of the running processes."""
        return [process.pid for process in self._processes if process.pid is not None]

    def warm(self) -> None:
        """Start the processes, so that the first requests find them ready."""
        for process in self._processes:
            threading.Thread(target=self._start, args=(process,), daemon=True).start()

    async def run(
        self,
        function: Function,
        *arguments: Any,
        seconds: float,
        progress: Callable[[Any], object] | None = None,
        queued: Callable[[int], object] = _ignored,
    ) -> Any:
        """Return what a function returns in a process; cancelling it ends that process.

        `progress` is called with what the function reports, and `queued` with the number of jobs
        ahead, both in the event loop's thread.  A RefusedError (429) is raised where too many wait.
        """
        if self._closed:
            raise RefusedError(503, "The studio is closing; start it again.")
        if self.full:
            raise self.refusal()
        loop = asyncio.get_running_loop()

        def told(value: Any) -> None:
            if progress is not None:
                loop.call_soon_threadsafe(progress, value)

        def ask(process: Process, ended: threading.Event) -> Any:
            reports = None if progress is None else told
            return process.ask(function, *arguments, seconds=seconds, progress=reports, ended=ended)

        job = _Job(ask, queued)
        self._waiting.append(job)
        self._next()
        try:
            return await job.answer
        except asyncio.CancelledError:
            self._cancel(job)
            raise

    async def close(self) -> None:
        """End all processes and jobs."""
        self._closed = True
        for job in [*self._waiting]:
            job.answer.set_exception(RefusedError(503, "The studio is closing; start it again."))
        self._waiting.clear()
        for job in self._running:
            job.ended.set()
        self._threads.shutdown(wait=False, cancel_futures=True)
        left = {asyncio.ensure_future(asyncio.to_thread(each.close)) for each in self._processes}
        while left:
            for process in self._processes:
                process.kill()  # again, where one is just starting
            _, left = await asyncio.wait(left, timeout=_CLOSING_SECONDS)

    def _next(self) -> None:
        """Assign waiting jobs to idle processes, and report the places of the others."""
        while self._idle and self._waiting:
            job = self._waiting.popleft()
            if job.answer.done():
                continue
            job.process = self._idle.pop(0)
            self._running.add(job)
            work = asyncio.get_running_loop().run_in_executor(
                self._threads, _outcome, job, job.process
            )
            work.add_done_callback(lambda done, job=job: self._done(job, done))  # type: ignore[misc]
        for ahead, job in enumerate(self._waiting):
            job.queued(ahead + self.busy)

    def _done(self, job: _Job, done: asyncio.Future[tuple[Any, BaseException | None]]) -> None:
        assert job.process is not None
        process, job.process = job.process, None
        self._running.discard(job)
        if done.cancelled():
            return
        value, error = done.result()
        if not job.answer.done():
            if error is None:
                job.answer.set_result(value)
            else:
                job.answer.set_exception(error)
        self._idle.append(process)
        if self._closed:
            return
        self._next()
        if process in self._idle and process.pid is None:
            threading.Thread(target=self._start, args=(process,), daemon=True).start()

    def _start(self, process: Process) -> None:
        with contextlib.suppress(Exception):  # the next job has the same error, and says so
            if not self._closed:
                process.start()

    def _cancel(self, job: _Job) -> None:
        if job in self._waiting:
            self._waiting.remove(job)
            self._next()
        elif job.process is not None and not self._closed:
            job.ended.set()
            job.process.kill()  # at once, before another job can have it


@dataclass
class Pools:
    """Those that improvise, those that answer at once, and those that read files."""

    players: Pool
    readers: Pool
    openers: Pool

    @property
    def waiting(self) -> int:
        """The number of jobs that wait."""
        return self.players.waiting + self.readers.waiting + self.openers.waiting

    @property
    def busy(self) -> int:
        """The number of processes at work."""
        return self.players.busy + self.readers.busy + self.openers.busy

    async def close(self) -> None:
        """End all processes and jobs."""
        await asyncio.gather(self.players.close(), self.readers.close(), self.openers.close())


def _outcome(job: _Job, process: Process) -> tuple[Any, BaseException | None]:
    try:
        return job.ask(process, job.ended), None
    except Exception as error:
        return None, error


def readers() -> Pool:
    """Return the pool that reads typed changes and requests, and engraves for the screen."""
    return Pool(1, Task.PREPARE_READER, memory=FILE_MEMORY)


def openers() -> Pool:
    """Return the pool that reads files, so that a long one holds up nothing else."""
    return Pool(1, Task.PREPARE_OPENER, memory=FILE_MEMORY)


def players(count: int) -> Pool:
    """Return the pool that improvises, and makes sound and pages to print."""
    return Pool(count, Task.PREPARE_PLAYER)
