"""One server at a time on one Directus: a lease, since two of them would give out the same versions.

Each lease is a row of `leases` with a number, whose id is made of it: of two servers that want the next number at once,
Directus lets one make the row. The holder counts `beat` up. Who comes later watches the newest lease: one that was
given back is followed at once, one that beats is held, and one that has not moved for its `seconds`, by the watcher's
own clock, was left behind by a server that was killed.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from server_mock.directus.client import DirectusClient, DirectusConflict, DirectusError
from server_mock.directus.schema import Row

_log = logging.getLogger(__name__)

COLLECTION = "leases"
LEASE_S = 15
LEAST_S, MOST_S = 1, 600
BEATS = 3
"""How often a lease moves in the time after which it counts as left behind."""
LOOKS = 4
"""How often the watcher looks in that time."""
RETURN_S = 2.0
"""How long giving a lease back may take."""
_NAMES = uuid.UUID("6d1f2f0a-6a0e-4a55-9c0e-2b5a8f4f7c11")

HELD = "Another server works on this Directus. Two of them would spoil each other's work: stop the other one first."
LOST = "Another server has taken over this Directus, so this one has stopped."
WAITING = "A server was on this Directus lately. Waiting for up to %d s to see whether it still is."


class LeaseHeld(Exception):
    """Another server has the lease; the text is a sentence."""


class Lease:
    """The right to serve what lies at one Directus. As a context, it is taken, kept, and given back at the end."""

    def __init__(
        self,
        client: DirectusClient,
        seconds: int = LEASE_S,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`clock` is monotonic, in seconds."""
        self._client = client
        self._seconds = seconds
        self._clock = clock
        self._sleep = sleep
        self._number = 0
        self._beat = 0
        self._keeping: asyncio.Task[None] | None = None
        self.lost = False
        self.on_lost: Callable[[], None] = lambda: None
        """Called once, when another server has taken over."""

    async def __aenter__(self) -> Self:
        await self.take()
        self._keeping = asyncio.create_task(self.keep())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        with suppress(DirectusError, TimeoutError):
            async with asyncio.timeout(RETURN_S):
                await self.give_back()

    async def take(self) -> None:
        """Take the lease, and wait for one that was left behind. Raises `LeaseHeld` and `DirectusError`."""
        newest = await self._newest()
        if newest is not None and not newest["returned"]:
            await self._wait_for(newest)
        self._number = newest["number"] + 1 if newest else 1
        try:
            await self._client.create(COLLECTION, [self._row()])
        except DirectusConflict:
            raise LeaseHeld(HELD) from None

    async def keep(self) -> None:
        """Keep the lease until another server takes it; a Directus that does not answer takes it from nobody."""
        while not self.lost:
            await self._sleep(self._seconds / BEATS)
            try:
                await self.renew()
            except DirectusError as error:
                _log.warning("The lease could not be renewed: %s", error)
        self.on_lost()

    async def renew(self) -> None:
        """Move the lease on, or find that it is lost. Raises `DirectusError`."""
        newest = await self._newest()
        if newest is not None and newest["number"] > self._number:
            self.lost = True
            return
        self._beat += 1
        if not await self._client.update(COLLECTION, _row_id(self._number), {"beat": self._beat}):
            await self._client.create(COLLECTION, [self._row()])  # Directus was restored from a backup, perhaps.

    async def give_back(self) -> None:
        """Let the next server follow at once. Raises `DirectusError`."""
        if not self.lost:
            await self._client.update(COLLECTION, _row_id(self._number), {"returned": True})

    async def _wait_for(self, seen: Row) -> None:
        """Wait until the lease was left behind or given back. Raises `LeaseHeld`."""
        seconds = min(max(seen["seconds"], LEAST_S), MOST_S)
        _log.warning(WAITING, seconds)
        until = self._clock() + seconds
        while self._clock() < until:
            await self._sleep(seconds / LOOKS)
            newest = await self._newest()
            if newest is None or newest["number"] != seen["number"] or newest["beat"] != seen["beat"]:
                raise LeaseHeld(HELD)
            if newest["returned"]:
                return

    async def _newest(self) -> Row | None:
        rows = await self._client.search(COLLECTION, sort=("-number",), limit=1)
        return rows[0] if rows else None

    def _row(self) -> Row:
        return {
            "id": _row_id(self._number),
            "number": self._number,
            "beat": self._beat,
            "seconds": self._seconds,
            "returned": False,
        }


def _row_id(number: int) -> str:
    return str(uuid.uuid5(_NAMES, str(number)))
