"""The warmings of all users: one runs for each at a time, and serves whoever signs in with it or right after."""

from __future__ import annotations

import logging
from collections.abc import Callable

from cachetools import TTLCache

from server_mock.directus.client import DirectusClient, DirectusError
from server_mock.protocol.accounts import UserEntry
from server_mock.protocol.change_log import UserStates
from server_mock.protocol.tasks import Tasks
from server_mock.protocol.warming import Warming

_log = logging.getLogger(__name__)

CACHE_TTL_S = 30.0
"""How long after its start a warming serves devices that sign in: long enough for those that do so together."""

CACHE_CHARS = 256 * 1024 * 1024
LEAST_CHARS = 1024 * 1024
"""What the smallest warming counts, so that at most 256 are kept."""


class Warmings:
    """The warmings of all users: at most one runs for each, and it is kept for those who come right after."""

    def __init__(
        self,
        client: DirectusClient,
        states: UserStates,
        clock: Callable[[], float],
        on_start: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_start` is called with each warming that begins."""
        self._on_start = on_start
        self._client = client
        self._states = states
        self._running: dict[str, Warming] = {}
        self._cache: TTLCache[str, Warming] = TTLCache(CACHE_CHARS, CACHE_TTL_S, clock, _size)
        self._tasks = Tasks()

    def find(self, user_id: str) -> Warming | None:
        """The warming that would serve a device of this user now."""
        return self._running.get(user_id) or self._cache.get(user_id)

    def start(self, user: UserEntry) -> Warming:
        """The warming that serves a device of this user now, begun if there is none."""
        warming = self.find(user.id)
        if warming is None:
            self._on_start()
            warming = Warming(self._client, self._states.of(user.id), user)
            self._running[user.id] = warming
            self._tasks.start(self._run(user.id, warming))
        return warming

    def drop(self, user_id: str) -> None:
        """Let no further device join: something changed. Who joined already goes on with what it has."""
        self._running.pop(user_id, None)
        self._cache.pop(user_id, None)

    def clear(self) -> None:
        """Drop every warming."""
        self._running.clear()
        self._cache.clear()

    async def close(self) -> None:
        """Cancel what runs."""
        self.clear()
        await self._tasks.close()

    async def _run(self, user_id: str, warming: Warming) -> None:
        try:
            await warming.run()
        except DirectusError as error:
            # Forgotten: the next device to come makes the next try.
            _log.warning("A warming failed: %s", error)
            self._forget(user_id, warming)
        except BaseException:
            self._forget(user_id, warming)
            raise
        else:
            if self._running.get(user_id) is warming:
                del self._running[user_id]
                if _size(warming) <= CACHE_CHARS:
                    self._cache[user_id] = warming

    def _forget(self, user_id: str, warming: Warming) -> None:
        if self._running.get(user_id) is warming:
            del self._running[user_id]


def _size(warming: Warming) -> int:
    return max(warming.chars, LEAST_CHARS)
