"""`GET /healthz`: whether the server reaches its data, for what watches it; it needs no session and tells nothing else.

The disk is asked once a second at most, however many ask here, and an answer that takes too long counts as none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from server_mock.directus.client import DirectusClient, DirectusError
from server_mock.protocol.http_util import NO_STORE, answering
from server_mock.protocol.services import Services

FRESH_S = 1.0
"""How long an answer of the disk holds."""
WITHIN_S = 2.0
"""How long the disk may take."""


class Health:
    """Asks the disk for next to nothing. `clock` is monotonic, in seconds."""

    def __init__(self, client: DirectusClient, clock: Callable[[], float], within_s: float = WITHIN_S) -> None:
        self._client = client
        self._clock = clock
        self._within_s = within_s
        self._asking = asyncio.Lock()
        self._answers = False
        self._fresh_until = float("-inf")

    async def disk_answers(self) -> bool:
        """Whether the disk answers now, or did a moment ago."""
        async with self._asking:
            if self._clock() >= self._fresh_until:
                self._answers = await self._ask()
                self._fresh_until = self._clock() + FRESH_S
            return self._answers

    async def _ask(self) -> bool:
        try:
            async with asyncio.timeout(self._within_s):
                await self._client.search("users", fields=("id",), limit=1)
        except (DirectusError, TimeoutError):
            return False
        return True


class HealthApi:
    """The handler."""

    def __init__(self, services: Services) -> None:
        self._health = Health(services.own or services.client, services.clocks.monotonic_s)

    def routes(self) -> list[Route]:
        """The route."""
        return [Route("/healthz", answering(self.healthz), methods=["GET"])]

    async def healthz(self, _request: Request) -> Response:
        """Say whether the disk answers."""
        if await self._health.disk_answers():
            return JSONResponse({"status": "ok"}, headers=NO_STORE)
        return JSONResponse({"status": "unavailable"}, 503, headers=NO_STORE)
