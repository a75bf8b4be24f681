"""Bounded caches with a time to live, and loading each key once however many ask for it at the same time."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")


@dataclass(slots=True)
class _Entry(Generic[_V]):
    value: _V
    expires_s: float
    weight: int


class TtlCache(Generic[_K, _V]):
    """Keeps values for `ttl_s` seconds; beyond `max_entries` or `max_weight` the least recently used go.

    `clock` is monotonic, in seconds. A value heavier than `max_weight` alone is not kept at all.
    """

    def __init__(
        self, *, max_entries: int, ttl_s: float, clock: Callable[[], float], max_weight: int | None = None
    ) -> None:
        self._entries: OrderedDict[_K, _Entry[_V]] = OrderedDict()
        self._max_entries = max_entries
        self._max_weight = max_weight
        self._ttl_s = ttl_s
        self._clock = clock
        self._weight = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def weight(self) -> int:
        """The weight of everything that is kept."""
        return self._weight

    def get(self, key: _K) -> _V | None:
        """The value, unless there is none or its time is over."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.expires_s <= self._clock():
            self.drop(key)
            return None
        self._entries.move_to_end(key)
        return entry.value

    def put(self, key: _K, value: _V, weight: int = 0) -> None:
        """Keep a value; its time begins now."""
        self.drop(key)
        self._entries[key] = _Entry(value, self._clock() + self._ttl_s, weight)
        self._weight += weight
        self._shrink()

    def drop(self, key: _K) -> None:
        """Forget a value; nothing happens when there is none."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._weight -= entry.weight

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._weight = 0

    def _shrink(self) -> None:
        while self._entries and (
            len(self._entries) > self._max_entries or (self._max_weight is not None and self._weight > self._max_weight)
        ):
            self.drop(next(iter(self._entries)))


class SharedLoads(Generic[_K, _V]):
    """Runs one load per key at a time; who asks meanwhile gets the same result, or the same error."""

    def __init__(self) -> None:
        self._running: dict[_K, asyncio.Task[_V]] = {}

    async def load(self, key: _K, loader: Callable[[], Awaitable[_V]]) -> _V:
        """The result of the load that runs for `key`, started now if none does."""
        task = self._running.get(key)
        if task is None:
            task = asyncio.ensure_future(_awaited(loader))
            self._running[key] = task
            task.add_done_callback(lambda done: self._finished(key, done))
        # Shielded: one who stops waiting does not take the result from the others.
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Cancel what still runs."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _finished(self, key: _K, task: asyncio.Task[_V]) -> None:
        self._running.pop(key, None)
        if not task.cancelled():
            # Retrieved here, so that an error nobody waits for any more is not reported as lost.
            task.exception()


async def _awaited(loader: Callable[[], Awaitable[_V]]) -> _V:
    return await loader()
