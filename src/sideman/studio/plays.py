"""Solos that are being played: from a request to a take on the disk, with events on the way."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sideman.studio import problems
from sideman.studio.errors import RefusedError, no_take
from sideman.studio.limits import FILE_SECONDS, LISTENER_SECONDS, MOST_WAITING, PLAY_SECONDS
from sideman.studio.metrics import Metrics
from sideman.studio.pool import Pools
from sideman.studio.store import Store, Stored
from sideman.studio.tasks import Asked, Played, Task

Event = tuple[str, str]
"""The name of an event, and its JSON."""
_DONE = ("take", "problem")
_ALIVE_SECONDS = 15.0


def new_id() -> str:
    """Return a random name for a take: 22 characters that need no quoting in an address."""
    return secrets.token_urlsafe(16)


@dataclass
class Play:
    """A solo that is being played, what was told of it, and how many listen."""

    id: str
    events: list[Event] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    listeners: int = 0
    task: asyncio.Task[None] | None = None
    work: Callable[[], Coroutine[Any, Any, None]] | None = None

    @property
    def over(self) -> bool:
        """Whether the last event was added."""
        return bool(self.events) and self.events[-1][0] in _DONE

    def tell(self, name: str, content: str) -> None:
        """Add an event, and wake those who follow."""
        self.events.append((name, content))
        self.changed.set()


@dataclass
class Plays:
    """The solos that are being played, and what plays them."""

    pools: Pools
    store: Store
    metrics: Metrics
    running: dict[str, Play] = field(default_factory=dict)

    async def perform(
        self,
        content: dict[str, Any],
        parent: str | None,
        play: Play,
    ) -> Stored:
        """Play a request, and return the take when it is on the disk."""
        begun = time.perf_counter()
        file = (content.get("changes") or {}).get("data")
        reader = self.pools.openers if file else self.pools.readers
        asked: Asked = await reader.run(Task.SETTLE, content, seconds=FILE_SECONDS)
        told = -1

        def progress(share: float) -> None:
            nonlocal told
            done = int(share * asked.bars)
            if done > told:
                told = done
                play.tell("bars", json.dumps({"done": done, "of": asked.bars}))

        played: Played = await self.pools.players.run(
            Task.PLAY,
            asked.request,
            seconds=PLAY_SECONDS,
            progress=progress,
            queued=lambda ahead: play.tell("queued", json.dumps({"ahead": ahead})),
        )
        take = Stored(
            id=play.id,
            created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            name="",
            note="",
            starred=False,
            parent=parent,
            remark=asked.remark,
            summary=played.summary,
            request=played.request,
            music=played.music,
            midi=played.midi,
        )
        await asyncio.to_thread(self.store.add, take)
        self.metrics.played(time.perf_counter() - begun)
        return take

    def begin(self, content: dict[str, Any], parent: str | None) -> Play:
        """Accept a request; it is played as soon as, and as long as, its events are followed."""
        unended = sum(not play.over for play in self.running.values())
        players = self.pools.players
        if players.full or unended >= MOST_WAITING + players.count:
            raise players.refusal()
        play = Play(new_id())
        play.work = functools.partial(self._told, content, parent, play)
        self.running[play.id] = play
        asyncio.get_running_loop().call_later(LISTENER_SECONDS, self._forget, play)
        return play

    async def _told(self, content: dict[str, Any], parent: str | None, play: Play) -> None:
        try:
            await self.perform(content, parent, play)
        except asyncio.CancelledError:
            play.tell("problem", _json(problems.problem(503, "This was ended; ask again.")))
            self.running.pop(play.id, None)
            raise
        except Exception as error:
            problems.report(error)
            play.tell("problem", _json(problems.of_error(error)))
        else:
            play.tell("take", "")  # its content is in the store
        # A connection that broke may be made again for a while.
        asyncio.get_running_loop().call_later(LISTENER_SECONDS, self.running.pop, play.id, None)

    async def follow(self, play: Play) -> AsyncIterator[bytes]:
        """Yield the events of a solo as a stream; when the last reader leaves, its work ends."""
        play.listeners += 1
        if play.task is None and play.work is not None:
            play.task = asyncio.create_task(play.work())
        try:
            at = 0
            while True:
                while at < len(play.events):
                    name, content = play.events[at]
                    at += 1
                    if name == "take":
                        name, content = await self._stored(play.id)
                    yield f"event: {name}\ndata: {content}\n\n".encode()
                    if name in _DONE:
                        return
                play.changed.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(play.changed.wait(), _ALIVE_SECONDS)
                if at == len(play.events):
                    yield b": waiting\n\n"
        finally:
            play.listeners -= 1
            self._leave(play)

    async def _stored(self, id: str) -> Event:
        """Return the event of a take that is on the disk."""
        try:
            take = await self.take(id)
        except Exception as error:
            problems.report(error)
            return "problem", _json(problems.of_error(error))
        return "take", take.json().decode()

    async def take(self, id: str) -> Stored:
        """Return a take, or raise a RefusedError (404)."""
        found = await asyncio.to_thread(self.store.get, id)
        if found is None:
            raise no_take()
        return found

    def _forget(self, play: Play) -> None:
        """Drop a solo whose events no one has asked for."""
        if play.task is None:
            self.running.pop(play.id, None)

    def _leave(self, play: Play) -> None:
        if play.listeners == 0 and not play.over and play.task is not None:
            play.task.cancel()

    def close(self) -> None:
        """End all that is being played."""
        for play in [*self.running.values()]:
            if play.task is not None:
                play.task.cancel()


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False)


async def unless_gone(receive: Callable[[], Awaitable[Any]], work: Awaitable[Any]) -> Any:
    """Return what some work returns; the work is ended if the client goes before."""
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise RefusedError(400, "The client has gone.")
        return task.result()
    finally:
        gone.cancel()
        task.cancel()


async def _gone(receive: Callable[[], Awaitable[Any]]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
