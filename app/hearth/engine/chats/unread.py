"""How many messages of each chat came from elsewhere since the person opened it here; kept, sealed, across reloads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from hearth.core.errors import StorageError
from hearth.core.protocol.server_events import Changes
from hearth.core.records.schema import DRAFT, Collection
from hearth.engine.storage.kept_json import KeptJson
from hearth.ports.keys import Keyring
from hearth.ports.records import Frame
from hearth.ports.storage import Keep, Store

NEWS_MS = 7 * 24 * 3600 * 1000
"""A message that was written longer than this before it came is no news: it was imported."""

UNREAD = "unread"
"""The name under which the counts are kept."""


class UnreadCounts:
    """The counts of one session. The tab that leads counts and keeps; one that follows reads what is kept."""

    def __init__(self, store: Store, keyring: Keyring, keep: Keep, is_leader: Callable[[], bool]) -> None:
        self._keyring = keyring
        self._kept = KeptJson(store.kept_values, keyring, keep, UNREAD)
        self._is_leader = is_leader
        self._counts: dict[str, int] = {}

    @property
    def counts(self) -> Mapping[str, int]:
        """The chats that have unread messages, and how many each."""
        return self._counts

    async def load(self) -> None:
        """Take over what is kept; what does not open counts as read."""
        found = await self._kept.read()
        try:
            self._counts = {str(chat): int(count) for chat, count in found.items()}
        except (ValueError, TypeError, AttributeError):
            self._counts = {}

    async def arrived(self, frame: Frame, read: str | None) -> bool:
        """Count what a stored frame of changes brought, but for the chat that the person has in front of them.

        Whether a count is another now.
        """
        records = frame.records.get(Collection.MESSAGES)
        before = dict(self._counts)
        if isinstance(frame.event, Changes) and records is not None:
            for row in self._keyring.rows(records):
                is_news = row["changed_at"] - row["created_at"] < NEWS_MS
                if is_news and row["version"] == 1 and row["deleted_at"] is None and row["role"] != DRAFT:
                    self._counts[row["chat_id"]] = self._counts.get(row["chat_id"], 0) + 1
        if read is not None:
            self._counts.pop(read, None)
        return await self._changed(before)

    async def opened(self, chat_id: str) -> bool:
        """The person has a chat in front of them, here or in another tab. Whether a count is another now."""
        before = dict(self._counts)
        self._counts.pop(chat_id, None)
        return await self._changed(before)

    async def _changed(self, before: Mapping[str, int]) -> bool:
        if before == self._counts:
            return False
        if self._is_leader():
            with suppress(StorageError):  # On a full disk it is counted anew from the next reload on.
                await self._kept.write(self._counts)
        return True
