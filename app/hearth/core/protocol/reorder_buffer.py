"""Frames in their order: duplicates are dropped, early ones held until those before them have come."""

from __future__ import annotations

from typing import Generic, TypeVar

_T = TypeVar("_T")


class ReorderBuffer(Generic[_T]):
    """Puts the frames of one connection in the order of their `seq`, from 1.

    At most `bound` frames are held; a gap that long means that one is lost, and the connection with it.
    """

    def __init__(self, bound: int = 64) -> None:
        self._next = 1
        self._held: dict[int, _T] = {}
        self._bound = bound

    def take(self, seq: int, frame: _T) -> list[_T]:
        """Take a frame in; what is now in order comes out. Raises `OverflowError` when the gap never closes."""
        if seq < self._next:
            return []
        self._held.setdefault(seq, frame)
        ready = []
        while self._next in self._held:
            ready.append(self._held.pop(self._next))
            self._next += 1
        if len(self._held) > self._bound:
            raise OverflowError("a frame was lost on the way")
        return ready
