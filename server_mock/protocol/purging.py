"""Deletes what nobody needs any longer, a few times a day; the ages are below, and in docs/operating.md.

What was deleted must never come back, however long a device was away, and whatever it still wants to write. So a
deleted chat keeps its row for good, empty as it is: every device that is warmed again is told of it, and a write into
it is refused. Its messages go with it on every device, so that their rows are not needed. The row of a message that was
deleted by itself stays as long as its chat.

The requests go over a client of their own: no reload and no warming waits for one. Where the token may not delete, the
log says so, and nothing else changes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from server_mock.directus.client import DirectusClient, DirectusError
from server_mock.protocol import invites, lease
from server_mock.protocol.sessions import Sessions

_log = logging.getLogger(__name__)

EVERY_S = 6 * 3600.0
DAY_MS = 24 * 3600 * 1000

TOMBSTONES_MS = 90 * DAY_MS
"""How long the messages of a deleted chat are kept, empty."""

INVITES_MS = invites.VALID_MS + 60 * DAY_MS
"""How long an invite is kept, used or not."""

CHATS_AT_ONCE = 100
ROWS_AT_ONCE = 1_000


class Purge:
    """Deletes old rows. `now_ms` is in milliseconds since 1970."""

    def __init__(self, client: DirectusClient, sessions: Sessions, now_ms: Callable[[], int]) -> None:
        self._client = client
        self._sessions = sessions
        self._now_ms = now_ms
        self._purged_to = 0
        """The messages of chats that were deleted up to then are gone."""

    async def run(self) -> None:
        """Purge for ever."""
        while True:
            await self.purge()
            await asyncio.sleep(EVERY_S)

    async def purge(self) -> None:
        """Purge once; what fails is tried again the next time."""
        self._sessions.forget_old()
        for what, work in (
            ("messages of deleted chats", self.tombstones),
            ("old leases", self.leases),
            ("old invites", self.invites),
        ):
            try:
                await work()
            except DirectusError as error:
                _log.warning("The %s could not be deleted: %s", what, error)

    async def tombstones(self) -> None:
        """Delete the messages of chats that were deleted long ago. Raises `DirectusError`."""
        until = self._now_ms() - TOMBSTONES_MS
        between = {"deleted_at": {"_gt": self._purged_to, "_lte": until}}
        chats = await self._client.search("chats", filter=between, fields=("id",))
        for start in range(0, len(chats), CHATS_AT_ONCE):
            ids = [each["id"] for each in chats[start : start + CHATS_AT_ONCE]]
            await self._delete("messages", {"chat_id": {"_in": ids}, "deleted_at": {"_nnull": True}})
        self._purged_to = max(self._purged_to, until)

    async def leases(self) -> None:
        """Delete every lease but the newest, whose number the next one follows. Raises `DirectusError`."""
        newest = await self._client.search(lease.COLLECTION, sort=("-number",), fields=("number",), limit=1)
        if newest:
            await self._delete(lease.COLLECTION, {"number": {"_lt": newest[0]["number"]}})

    async def invites(self) -> None:
        """Delete invites that are good for nothing by now. Raises `DirectusError`."""
        await self._delete(invites.COLLECTION, {"created_at": {"_lt": self._now_ms() - INVITES_MS}})

    async def _delete(self, collection: str, filter: Mapping[str, Any]) -> None:  # noqa: A002 - Directus' word
        while True:
            rows = await self._client.search(collection, filter=filter, fields=("id",), limit=ROWS_AT_ONCE)
            await self._client.delete_many(collection, [row["id"] for row in rows])
            if len(rows) < ROWS_AT_ONCE:
                return
