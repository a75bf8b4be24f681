"""Clocks that a test moves forwards: the server's wall clock and its monotonic one, together."""

from __future__ import annotations

import time

MAX_ADVANCE_S = 10 * 365 * 24 * 3600


class MovedClock:
    """The machine's clocks and what a test has added to them. What sleeps by the event loop's own clock sleeps on."""

    def __init__(self) -> None:
        self._added_s = 0.0

    def advance(self, seconds: float) -> None:
        """Move both clocks forwards."""
        self._added_s += seconds

    def wall_s(self) -> float:
        """Seconds since 1970."""
        return time.time() + self._added_s

    def monotonic_s(self) -> float:
        """Seconds that never go back."""
        return time.monotonic() + self._added_s
