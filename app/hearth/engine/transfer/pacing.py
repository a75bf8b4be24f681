"""Long work in short steps, so that the page answers meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

STEP_S = 0.010
"""How long a step may go on: with the longest piece that may follow, well below the 50 ms of a long task."""


class Pacer:
    """Gives way whenever a step has gone on for long enough; `monotonic` is the device's clock."""

    def __init__(self, monotonic: Callable[[], float], step_s: float = STEP_S) -> None:
        self._monotonic = monotonic
        self._step_s = step_s
        self._began = monotonic()

    async def rest(self) -> None:
        """Between two pieces of work: let the page have its turn, if it is time."""
        if self._monotonic() - self._began >= self._step_s:
            await asyncio.sleep(0)
            self._began = self._monotonic()


REPORTED_EVERY_S = 0.1


class Reports:
    """Passes on as many reports of progress as a person can follow."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._next = float("-inf")

    def due(self) -> bool:
        """Whether there is something new to show."""
        now = self._monotonic()
        if now < self._next:
            return False
        self._next = now + REPORTED_EVERY_S
        return True
