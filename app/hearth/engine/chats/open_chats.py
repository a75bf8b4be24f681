"""Which chats are open: the one that is on screen here, and those that other tabs of the account opened last."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

OPEN_ELSEWHERE = 4
"""So many chats that other tabs opened last are taken to be open there."""


@dataclass(slots=True)
class OpenChats:
    """`chosen` is the chat that the person, or else the last session, wants on screen.

    `by_hand` says that it was the person, whose choice nothing else overrides.
    """

    chosen: str | None = None
    by_hand: bool = False
    elsewhere: deque[str] = field(default_factory=lambda: deque(maxlen=OPEN_ELSEWHERE))

    def all(self) -> set[str]:
        """The chats that are open, here or in a tab that follows."""
        return {*self.elsewhere, *([self.chosen] if self.chosen else [])}
