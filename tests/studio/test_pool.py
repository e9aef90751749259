"""The pool: places in the queue, its bound, cancelling, and processes that die."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

import child_work as work
from sideman.processes import KilledError
from sideman.studio.errors import RefusedError
from sideman.studio.limits import MOST_WAITING
from sideman.studio.pool import Pool


def running(count: int, use: Callable[[Pool], Awaitable[None]]) -> None:
    async def whole() -> None:
        pool = Pool(count, work.prepare)
        try:
            await use(pool)
        finally:
            await pool.close()

    asyncio.run(whole())


def test_jobs_wait_for_a_process_and_know_their_place() -> None:
    async def use(pool: Pool) -> None:
        places: list[int] = []
        first = asyncio.create_task(pool.run(work.sleep, 0.3, seconds=30))
        await asyncio.sleep(0)
        jobs = [
            asyncio.create_task(
                pool.run(work.add, number, 1, seconds=30, queued=places.append if number else int)
            )
            for number in range(2)
        ]
        await asyncio.sleep(0)
        assert (pool.busy, pool.waiting) == (1, 2)
        assert await asyncio.gather(*jobs) == [1, 2]
        assert places[0] == 2
        assert places[-1] == 1
        assert await first is None

    running(1, use)


def test_too_many_are_refused() -> None:
    async def use(pool: Pool) -> None:
        jobs = [
            asyncio.create_task(pool.run(work.sleep, 30, seconds=60))
            for _ in range(MOST_WAITING + 1)
        ]
        await asyncio.sleep(0)
        assert pool.waiting == MOST_WAITING
        with pytest.raises(RefusedError) as caught:
            await pool.run(work.add, 1, 2, seconds=30)
        assert caught.value.status == 429
        assert int(caught.value.headers["Retry-After"]) > 0
        jobs[-1].cancel()
        await asyncio.sleep(0)
        assert pool.waiting == MOST_WAITING - 1
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        assert await pool.run(work.add, 1, 2, seconds=30) == 3

    running(1, use)


def test_cancelling_ends_the_work_at_once() -> None:
    async def use(pool: Pool) -> None:
        assert await pool.run(work.add, 1, 2, seconds=30) == 3
        before = pool.pids
        job = asyncio.create_task(pool.run(work.sleep, 60, seconds=90))
        await asyncio.sleep(0.05)
        begun = time.monotonic()
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        assert await pool.run(work.add, 1, 2, seconds=30) == 3
        assert time.monotonic() - begun < 45  # it would sleep for 60
        assert pool.pids != before

    running(1, use)


def test_a_process_that_dies_costs_one_job_and_is_started_again() -> None:
    async def use(pool: Pool) -> None:
        with pytest.raises(KilledError):
            await pool.run(work.die, seconds=30)
        for _ in range(6000):
            if pool.pids:
                break
            await asyncio.sleep(0.01)
        assert pool.pids  # before anyone asks
        assert await pool.run(work.add, 1, 2, seconds=30) == 3

    running(1, use)


def test_closing_ends_everything_at_once() -> None:
    async def use(pool: Pool) -> None:
        jobs = [asyncio.create_task(pool.run(work.sleep, 60, seconds=90)) for _ in range(4)]
        await asyncio.sleep(0.3)
        begun = time.monotonic()
        await pool.close()
        found = await asyncio.gather(*jobs, return_exceptions=True)
        assert all(isinstance(one, KilledError | RefusedError) for one in found)
        assert time.monotonic() - begun < 45  # they would sleep for 60
        assert not pool.pids
        with pytest.raises(RefusedError):
            await pool.run(work.add, 1, 2, seconds=1)

    running(2, use)
