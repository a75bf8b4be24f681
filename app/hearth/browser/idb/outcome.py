"""What the caller of a transaction awaits: the task goes on within the event that brings the outcome.

A `Future` would wake it in a later turn of the event loop, behind whatever the page has to do meanwhile; in Pyodide
that costs two turns, and two proxies.
"""

from __future__ import annotations

import asyncio
from asyncio import events
from collections.abc import Callable, Generator
from contextvars import Context, copy_context
from typing import Any, Generic, TypeVar, cast

T = TypeVar("T")


class Outcome(Generic[T]):
    """A result or an exception, or neither yet, for one task to await: what a task needs of a future."""

    _asyncio_future_blocking = False

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._done = False
        self._result: T | None = None
        self._error: BaseException | None = None
        self._waiting: list[tuple[Callable[[Outcome[T]], Any], Context]] = []

    def __await__(self) -> Generator[Outcome[T], None, T]:
        if not self._done:
            self._asyncio_future_blocking = True
            yield self
        return self.result()

    def done(self) -> bool:
        """Whether it has come."""
        return self._done

    def result(self) -> T:
        """The result. Raises the exception."""
        if self._error is not None:
            raise self._error
        return cast(T, self._result)

    def get_loop(self) -> asyncio.AbstractEventLoop:
        """The event loop of whoever waits."""
        return self._loop

    def add_done_callback(self, callback: Callable[[Outcome[T]], Any], *, context: Context | None = None) -> None:
        """Call back when it comes."""
        self._waiting.append((callback, context or copy_context()))

    def set_result(self, result: T) -> None:
        """It has come, unless it had before. Who waits goes on before this returns."""
        self._settle(result, None)

    def set_exception(self, error: BaseException) -> None:
        """An exception has come, unless there was an outcome before."""
        self._settle(None, error)

    def cancel(self, msg: str | None = None) -> bool:
        """The task that waits was cancelled, by another one that is running now."""
        if self._done:
            return False
        self._settle(None, asyncio.CancelledError(msg) if msg else asyncio.CancelledError())
        return True

    def _settle(self, result: T | None, error: BaseException | None) -> None:
        if self._done:
            return
        self._done, self._result, self._error = True, result, error
        waiting, self._waiting = self._waiting, []
        for callback, context in waiting:
            if events._get_running_loop() is None:
                events._set_running_loop(self._loop)  # Pyodide may call back on a thread state of its own.
            if asyncio.current_task(self._loop) is None:
                context.run(callback, self)
            else:  # A task cannot be entered from within another one.
                self._loop.call_soon(callback, self, context=context)
