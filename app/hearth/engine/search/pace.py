"""How the work at the search index gives way: in pieces of a few milliseconds, small ones first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TypeVar

STEP_S = 0.006
"""How long the work goes on before it gives way: less than half a frame of 60 a second, since what the browser
does with the records that are read comes on top."""

PUT = 12
"""Documents that are taken in or out at once: 1 to 2 ms."""

Piece = TypeVar("Piece")


class Pace:
    """How much of the work is done at once, and when it gives way, by `monotonic` time in seconds."""

    def __init__(self, monotonic: Callable[[], float], yield_control: Callable[[], Awaitable[object]]) -> None:
        self._monotonic = monotonic
        self._yield_control = yield_control
        self._since = monotonic()
        self._next = 1

    async def pause(self) -> None:
        """Give way now."""
        await self._yield_control()
        self.start()

    def start(self) -> None:
        """Something begins now."""
        self._since = self._monotonic()

    def some(self) -> int:
        """How many documents are put in next: few at first, while the browser still compiles what puts them in."""
        some, self._next = self._next, min(PUT, 2 * self._next)
        return some

    def in_pieces(self, items: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
        """The items, a few at a time."""
        start = 0
        while start < len(items):
            some = self.some()
            yield items[start : start + some]
            start += some

    async def breathe(self) -> None:
        """Give way, if the work has gone on for long enough."""
        if self._monotonic() - self._since >= STEP_S:
            await self.pause()
