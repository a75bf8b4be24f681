"""Loading each key once, however many ask for it at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")


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
