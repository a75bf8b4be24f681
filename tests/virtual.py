"""An event loop whose clock jumps to the next thing due: delays cost no time, and the same run happens twice."""

from __future__ import annotations

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine
from typing import Any


class Stuck(Exception):
    """Nothing is due and nothing can come: what is waited for will never happen."""


class _JumpingSelector(selectors.DefaultSelector):
    """Instead of waiting for files, moves the clock on: there is nobody outside who could write to one."""

    def __init__(self, jump: Callable[[float], None]) -> None:
        super().__init__()
        self._jump = jump

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready at once, or else the jump to when something is due."""
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise Stuck("nothing is due, and nothing can come")
            self._jump(timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Begins at 0 s. Work for threads is done at once, in place."""

    def __init__(self) -> None:
        self._now_s = 0.0
        super().__init__(_JumpingSelector(self._move))

    def time(self) -> float:
        """Seconds since the beginning."""
        return self._now_s

    def _move(self, seconds: float) -> None:
        self._now_s += max(0.0, seconds)

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """Call it now: a thread would bring chance in."""
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - it belongs to who awaits
            done.set_exception(error)
        return done


async def in_place(work: Callable[..., Any], *args: Any) -> Any:
    """What takes the place of a thread pool: the call itself."""
    return work(*args)


def in_virtual_time(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """A test that runs on a loop of its own, whose clock jumps; what still runs at its end is cancelled."""

    async def begin_and_end(arguments: dict[str, Any]) -> None:
        await test(**arguments)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    @functools.wraps(test)
    def run(**arguments: Any) -> None:
        loop = VirtualLoop()
        try:
            loop.run_until_complete(begin_and_end(arguments))
        finally:
            loop.close()

    return run
