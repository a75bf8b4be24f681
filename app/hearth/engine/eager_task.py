"""Work that is begun before it is waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class EagerTask(Generic[T]):
    """Begins at once; `result` waits for what comes of it.

    What the work raises is raised there and nowhere else: the browser's event loop takes a task that fails before
    somebody waits for it for one that nobody cares for, and prints its traceback.
    """

    def __init__(self, work: Coroutine[Any, Any, T]) -> None:
        self._error: Exception | None = None
        self._task = asyncio.create_task(self._run(work))
        # Cancelled before its first step, the work was never begun; Python would warn of that.
        self._task.add_done_callback(lambda _done: work.close())

    async def result(self) -> T:
        """What the work returns. Raises what it raises."""
        done = await self._task
        if self._error is not None:
            raise self._error
        return done[0]

    def cancel(self) -> None:
        """Nobody waits any longer."""
        self._task.cancel()

    async def _run(self, work: Coroutine[Any, Any, T]) -> tuple[T, ...]:
        try:
            return (await work,)
        except Exception as error:  # noqa: BLE001 - raised by `result`
            self._error = error
            return ()
