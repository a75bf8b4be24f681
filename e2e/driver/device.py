"""One person's browser, of any make: its tabs, and what is there again when it starts anew."""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import StrEnum

from e2e.driver.tab import Tab


class Window(StrEnum):
    """Whether the browser forgets everything when it closes."""

    PRIVATE = "private"
    ORDINARY = "ordinary"


class Device(ABC):
    """A browser that runs."""

    @abstractmethod
    def tab(self) -> Tab:
        """Open a tab."""

    @abstractmethod
    def restart(self) -> None:
        """Close the browser and start it again with what it has kept. For ordinary windows only."""

    @abstractmethod
    def close(self) -> None:
        """End the browser."""
