"""A time zone of which only the offset at a given moment is known, as browsers tell it: every moment has its own."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

_DAY_S: Final = 24 * 3600
_STEP_S: Final = 7 * _DAY_S
"""No zone has had two changes closer to each other (the shortest stay, Tucumán's in 2004, took twelve days)."""
_BLOCK_S: Final = 52 * _STEP_S
"""What is asked for at once: some sixty moments tell the changes of a year, to the second."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Zone(tzinfo):
    """A time zone; `offset_at` says how many seconds it is ahead of UTC at a moment in seconds since 1970.

    It has to give the same answer each time that it is asked about the same moment: the changes of a year are looked
    for once, when a date of that year is first asked about.
    """

    def __init__(self, offset_at: Callable[[int], int]) -> None:
        self._offset_at = offset_at
        self._blocks: dict[int, tuple[list[int], list[int]]] = {}

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        """The offset of a local time: of one that a clock shows twice the one that `fold` says (PEP 495)."""
        if dt is None:
            return None
        shown = _seconds(dt)
        before, after = self._offset(shown - _DAY_S), self._offset(shown + _DAY_S)
        # A time that is skipped is read as before the change, with `fold` as after it.
        first, second = (after, before) if dt.fold else (before, after)
        if before != after and self._offset(shown - first) != first and self._offset(shown - second) == second:
            first = second
        return timedelta(seconds=first)

    def fromutc(self, dt: datetime) -> datetime:
        """The local time of a moment."""
        moment = _seconds(dt)
        offset = self._offset(moment)
        local = dt + timedelta(seconds=offset)
        earlier = self._offset(moment - _DAY_S)
        # Shown a second time: the clock was put back since it was shown first.
        again = earlier > offset and self._offset(moment + offset - earlier) == earlier
        return local.replace(fold=1) if again else local

    def dst(self, dt: datetime | None) -> timedelta | None:
        """Not known."""
        return None

    def tzname(self, dt: datetime | None) -> str | None:
        """Not known."""
        return None

    def _offset(self, moment: int) -> int:
        number = moment // _BLOCK_S
        if number not in self._blocks:
            self._blocks[number] = self._changes(number * _BLOCK_S)
        starts, offsets = self._blocks[number]
        return offsets[bisect_right(starts, moment) - 1]

    def _changes(self, start: int) -> tuple[list[int], list[int]]:
        """From when on which offsets hold, in the block that begins at a moment."""
        starts, offsets = [start], [self._offset_at(start)]
        for end in range(start + _STEP_S, start + _BLOCK_S + 1, _STEP_S):
            after = self._offset_at(end)
            if after != offsets[-1]:
                starts.append(self._change(end - _STEP_S, end, offsets[-1]))
                offsets.append(after)
        return starts, offsets

    def _change(self, before: int, after: int, offset: int) -> int:
        """The first moment at which an offset that holds at `before` does not hold any longer."""
        while after - before > 1:
            middle = (before + after) // 2
            if self._offset_at(middle) == offset:
                before = middle
            else:
                after = middle
        return after


def _seconds(dt: datetime) -> int:
    return (dt.replace(tzinfo=UTC) - _EPOCH) // timedelta(seconds=1)
