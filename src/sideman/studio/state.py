"""What all doors of a studio share."""

from __future__ import annotations

import asyncio
import hashlib
import zlib
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Request

from sideman.studio.limits import FILE_SECONDS
from sideman.studio.metrics import Metrics
from sideman.studio.plays import Plays
from sideman.studio.pool import Pools
from sideman.studio.settings import Settings
from sideman.studio.store import Store
from sideman.studio.tasks import Task

_SOUNDS_BYTES, _PAGES_BYTES = 64 << 20, 1 << 20
_FAST = 1  # the level of zlib: pages become about a tenth in a millisecond


class Cache:
    """Files that were made lately, up to so many bytes in all; texts may be kept compressed."""

    def __init__(self, most: int, *, compressed: bool = False) -> None:
        self._most, self._size = most, 0
        self._compressed = compressed
        self._files: OrderedDict[str, bytes] = OrderedDict()

    def get(self, key: str) -> bytes | None:
        """Return a file."""
        if key not in self._files:
            return None
        self._files.move_to_end(key)
        data = self._files[key]
        return zlib.decompress(data) if self._compressed else data

    def put(self, key: str, data: bytes) -> None:
        """Keep a file, and drop the oldest ones beyond the bound."""
        if self._compressed:
            data = zlib.compress(data, _FAST)
        self._size += len(data) - len(self._files.get(key, b""))
        self._files[key] = data
        while self._size > self._most:
            self._size -= len(self._files.popitem(last=False)[1])


@dataclass
class Studio:
    """A running studio."""

    settings: Settings
    store: Store
    pools: Pools
    metrics: Metrics
    plays: Plays
    sounds: Cache = field(default_factory=lambda: Cache(_SOUNDS_BYTES))
    pages: Cache = field(default_factory=lambda: Cache(_PAGES_BYTES, compressed=True))
    facts: dict[Task, Any] = field(default_factory=dict)

    async def fact(self, task: Task) -> Any:
        """Return what does not change while the studio runs; a reader is asked once."""
        if task not in self.facts:
            self.facts[task] = await self.pools.readers.run(task, seconds=FILE_SECONDS)
        return self.facts[task]

    async def stop(self) -> None:
        """End all work."""
        self.plays.close()
        await self.pools.close()

    async def close(self) -> None:
        """End all work, and close the store."""
        await self.stop()
        await asyncio.to_thread(self.store.close)


def tag(*parts: bytes | str) -> str:
    """Return the ETag of some content."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part.encode() if isinstance(part, str) else part)
        whole.update(b"\0")
    return f'"{whole.hexdigest()[:32]}"'


def studio(request: Request) -> Studio:
    """Return the studio of a request."""
    found: Studio = request.app.state.studio
    return found


Here = Annotated[Studio, Depends(studio)]
