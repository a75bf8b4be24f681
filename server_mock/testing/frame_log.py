"""The frames of all WebSockets, for tests: their names, sizes and moments, and nothing of what they hold.

It stands around the application, so that the protocol knows nothing of it.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable
from typing import Any, TypedDict

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_ENTRIES = 5_000
"""Entries kept; older ones fall out."""

_HEAD_CHARS = 2_000
"""How much of a frame is looked at: its header comes before its records."""
_NAMES = r"[a-z_]{1,40}"
_EVENT = re.compile(rf'"event":\s*"({_NAMES})"')
_NUMBERS = re.compile(r'"(seq|batch|of)":\s*(\d{1,9})')
_COUNTS = re.compile(r'"counts":\s*\{([^}]{0,200})\}')
_COUNT = re.compile(rf'"({_NAMES})":\s*(\d{{1,9}})')


class FrameEntry(TypedDict):
    """One frame, or the opening or the end of a connection; `at_ms` is in milliseconds since 1970."""

    connection: int
    at_ms: float
    direction: str
    """`in` from the device, `out` to it."""
    event: str
    """The frame's name; `(open)` and `(close 1000)` for the connection, `(unreadable)` for what has no name."""
    chars: int
    numbers: dict[str, int]
    """`seq`, `batch` and `of`."""
    counts: dict[str, int]
    """How many records of each collection it holds."""


class FrameLog:
    """A bounded log of frames."""

    def __init__(self, clock: Callable[[], float] = time.time, max_entries: int = MAX_ENTRIES) -> None:
        """`clock` is in seconds since 1970."""
        self._clock = clock
        self._entries: deque[FrameEntry] = deque(maxlen=max_entries)
        self._connections = 0

    def entries(self) -> list[FrameEntry]:
        """The frames so far, oldest first."""
        return list(self._entries)

    def reset(self) -> None:
        """Forget them."""
        self._entries.clear()

    def around(self, app: ASGIApp) -> ASGIApp:
        """The application, with its WebSockets logged."""

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "websocket":
                await app(scope, receive, send)
                return
            self._connections += 1
            number = self._connections

            async def heard() -> Message:
                message = await receive()
                self._note(number, "in", message)
                return message

            async def said(message: Message) -> None:
                self._note(number, "out", message)
                await send(message)

            await app(scope, heard, said)

        return serve

    def _note(self, connection: int, direction: str, message: Message) -> None:
        match message["type"]:
            case "websocket.receive" | "websocket.send":
                self._add(connection, direction, **_described(message))
            case "websocket.accept":
                self._add(connection, direction, event="(open)")
            case "websocket.close" | "websocket.disconnect":
                self._add(connection, direction, event=f"(close {message.get('code', 1005)})")

    def _add(self, connection: int, direction: str, *, event: str, chars: int = 0, **found: Any) -> None:
        empty: dict[str, Any] = {"numbers": {}, "counts": {}}
        entry = {"connection": connection, "at_ms": self._clock() * 1000, "direction": direction}
        self._entries.append(FrameEntry(**{**entry, "event": event, "chars": chars, **empty, **found}))  # type: ignore[typeddict-item]


def _described(message: Message) -> dict[str, Any]:
    """Name, size and numbers of a frame, read from its header."""
    text = message.get("text")
    if text is None:
        return {"event": "(unreadable)", "chars": len(message.get("bytes") or b"")}
    head = text[:_HEAD_CHARS]
    event, counts = _EVENT.search(head), _COUNTS.search(head)
    return {
        "event": event[1] if event else "(unreadable)",
        "chars": len(text),
        "numbers": {name: int(number) for name, number in _NUMBERS.findall(head)},
        "counts": {name: int(number) for name, number in _COUNT.findall(counts[1])} if counts else {},
    }
