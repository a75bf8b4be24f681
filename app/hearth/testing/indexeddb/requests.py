"""Requests, and the events that settle them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hearth.testing.indexeddb.keys import DomError


@dataclass(slots=True)
class Event:
    """An event on its way to a handler."""

    prevented: bool = False

    def preventDefault(self) -> None:
        self.prevented = True


@dataclass(slots=True, eq=False)
class Request:
    """An `IDBRequest`."""

    transaction: Any = None
    readyState: str = "pending"
    result: Any = None
    error: Any = None
    onsuccess: Callable[[Event], None] | None = None
    onerror: Callable[[Event], None] | None = None

    def settle(self, result: Any = None, error: DomError | None = None) -> Event:
        """Give it its result, or its error, and tell who listens."""
        self.readyState, self.result, self.error = "done", result, error
        event, handler = Event(), self.onerror if error else self.onsuccess
        if handler:
            handler(event)
        return event


@dataclass(slots=True, eq=False)
class OpenRequest(Request):
    """An `IDBOpenDBRequest`."""

    onupgradeneeded: Callable[[int], None] | None = None
    onblocked: Callable[[], None] | None = None
