"""Events on their way from the browser to whom they concern, through one function for the life of the page."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from hearth.browser.idb.native import Platform

Handler = Callable[[str, Any], bool]
"""Is told an event's type and what it brings; answers, for an error, whether it has dealt with it."""


class Dispatcher:
    """Who waits for events, by number. A proxy for each request would cost more than the request itself."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.notify = platform.proxy(self._dispatch)
        self._numbers = count(1)
        self._handlers: dict[int, Handler] = {}

    @property
    def waiting(self) -> int:
        """How many handlers wait for an event."""
        return len(self._handlers)

    def register(self, handler: Handler) -> int:
        """Have a handler called until it is forgotten."""
        number = next(self._numbers)
        self._handlers[number] = handler
        return number

    def forget(self, number: int) -> None:
        """Call a handler no more."""
        self._handlers.pop(number, None)

    def _dispatch(self, number: int, kind: str, value: Any) -> bool:
        handler = self._handlers.get(number)
        return handler(kind, value) if handler else False
