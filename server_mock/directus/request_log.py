"""What the server asked of Directus and when: the log that tests count requests in."""

from __future__ import annotations

import copy
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypedDict

#: Entries kept; older ones fall out.
MAX_ENTRIES = 10_000


class Finish(Protocol):
    """Notes the end of an attempt."""

    def __call__(self, status: int | None, rows: int, size: int = 0) -> None:
        """Take the status of the answer, its rows, and the bytes of its body."""


class LogEntry(TypedDict):
    """One HTTP attempt. ``n`` counts from 1 since the last reset; times are milliseconds since then.

    ``at_ms`` is when it began, in milliseconds since 1970.
    ``finished_ms`` is None while the attempt is under way, ``status`` also when no answer came; ``rows``
    is the number of rows in the answer, ``bytes`` the size of its body.
    """

    n: int
    method: str
    collection: str
    query: dict[str, Any]
    at_ms: float
    started_ms: float
    finished_ms: float | None
    rows: int
    bytes: int
    status: int | None


class RequestLog:
    """A bounded log; an attempt belongs to the log as it was when the attempt started."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, max_entries: int = MAX_ENTRIES) -> None:
        """``clock`` is monotonic, in seconds."""
        self._clock = clock
        self._entries: deque[LogEntry] = deque(maxlen=max_entries)
        self.reset()

    def reset(self) -> None:
        """Forget everything; what is under way does not appear when it ends."""
        self._entries.clear()
        self._n = 0
        self._origin = self._clock()

    def entries(self) -> list[LogEntry]:
        """Return copies of the entries, in the order in which the attempts started; JSON-able."""
        return copy.deepcopy(list(self._entries))

    def start(self, method: str, collection: str, query: Mapping[str, Any]) -> Finish:
        """Log the start of an attempt; return what to call when it ends."""
        self._n += 1
        origin = self._origin
        entry = LogEntry(
            n=self._n,
            method=method,
            collection=collection,
            query=copy.deepcopy(dict(query)),
            at_ms=time.time() * 1000,
            started_ms=(self._clock() - origin) * 1000,
            finished_ms=None,
            rows=0,
            bytes=0,
            status=None,
        )
        self._entries.append(entry)

        def finish(status: int | None, rows: int, size: int = 0) -> None:
            entry["finished_ms"] = (self._clock() - origin) * 1000
            entry["status"] = status
            entry["rows"] = rows
            entry["bytes"] = size

        return finish
