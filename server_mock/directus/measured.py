"""The way to Directus with a clock: how long each request took, and how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx

NO_ANSWER = "none"
"""The status of a request that got no answer."""

METHODS = frozenset({"GET", "SEARCH", "POST", "PATCH", "DELETE"})

Note = Callable[[float, str, str], None]
"""Takes the seconds, the method and the status of a request."""


class MeasuredTransport(httpx.AsyncBaseTransport):
    """Passes requests on, and notes each; `clock` is monotonic, in seconds."""

    def __init__(
        self, inner: httpx.AsyncBaseTransport, note: Note, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._inner = inner
        self._note = note
        self._clock = clock

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on; its answer counts once its headers are there."""
        begun, status = self._clock(), NO_ANSWER
        try:
            response = await self._inner.handle_async_request(request)
            status = str(response.status_code)
            return response
        finally:
            self._note(self._clock() - begun, request.method if request.method in METHODS else "OTHER", status)

    async def aclose(self) -> None:
        """Close the inner transport."""
        await self._inner.aclose()
