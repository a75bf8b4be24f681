"""Decides when the tab that leads an account has been silent for too long."""

from __future__ import annotations

SIGN_OF_LIFE_S = 5.0
"""How often a tab that follows, and is visible, asks the leader for a sign of life."""

HUNG_S = 15.0
"""How long a leader may be silent: after as long Chromium says of a page that it does not respond."""


class LeaderWatchdog:
    """How long the leader has not answered. Times are of a clock that never goes back, in seconds."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._asked_at = 0.0

    def answered(self) -> None:
        """The leader lives."""
        self._since = None

    def asked(self, now: float) -> bool:
        """The leader is asked; whether it has been silent for too long by then.

        A tab that did not get to ask for a while, because the machine slept or the tab was hidden, begins anew: the
        leader may have slept, too.
        """
        if self._since is None or now - self._asked_at > 2 * SIGN_OF_LIFE_S:
            self._since = now
        self._asked_at = now
        return now - self._since >= HUNG_S
