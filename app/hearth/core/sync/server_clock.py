"""How far the server's clock and the device's are apart, from a question and its answer."""

from __future__ import annotations

from typing import Final

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS

SLOWEST_MS: Final = MINUTE_MS
"""An answer that took longer tells nothing: the device may have slept, or its clock may have been set meanwhile."""

NOTED_MS: Final = 5 * MINUTE_MS
"""A difference that the person is told of."""


class ServerClock:
    """Asked and answered in ms since 1970; `ahead_ms` is the server's time less the device's, None at first."""

    def __init__(self) -> None:
        self.ahead_ms: int | None = None
        self._asked: int | None = None

    def ask(self, now_ms: int) -> None:
        """The server is asked for its time."""
        self._asked = now_ms

    def answered(self, server_ms: int | None, now_ms: int) -> None:
        """The server has answered; an answer to no question of ours, or without a time, changes nothing."""
        asked, self._asked = self._asked, None
        if asked is not None and server_ms is not None and 0 <= now_ms - asked <= SLOWEST_MS:
            self.ahead_ms = server_ms - (asked + now_ms) // 2

    @property
    def note(self) -> str:
        """A sentence for the person, or nothing while the clocks agree."""
        if self.ahead_ms is None or abs(self.ahead_ms) < NOTED_MS:
            return ""
        which = "behind" if self.ahead_ms > 0 else "ahead of"
        span = span_text(abs(self.ahead_ms))
        return f"This device's clock is {span} {which} the server's: dates and times may be wrong."


def span_text(span_ms: int) -> str:
    """A span of time in the greatest unit of which there are at least two, or else in minutes."""
    for size, name in ((DAY_MS, "days"), (HOUR_MS, "hours")):
        if span_ms >= 2 * size:
            return f"{span_ms // size} {name}"
    return f"{span_ms // MINUTE_MS} minutes"
