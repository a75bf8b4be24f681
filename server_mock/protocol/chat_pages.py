"""The list of an account's chats, 100 at a time: the last updated ones first, each page of one request to Directus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hearth.core.protocol.events import ListOlder, OlderChatsReady
from hearth.core.records.schema import Collection
from server_mock.directus.client import DirectusClient
from server_mock.directus.schema import Row, is_uuid
from server_mock.protocol.packing import Unit, render

PAGE = 100
"""How many chats a device gets listed at a time."""


@dataclass(frozen=True, slots=True)
class ChatPage:
    """Chats in the order of the list, and how many come after them."""

    rows: Sequence[Row]
    older: int

    @property
    def listed_to(self) -> int | None:
        """When the last of them was updated."""
        return int(self.rows[-1]["last_updated"]) if self.rows else None

    @property
    def listed_id(self) -> str | None:
        """The id of the last of them."""
        return str(self.rows[-1]["id"]) if self.rows else None

    @property
    def event(self) -> OlderChatsReady:
        """What says where the page ends."""
        return OlderChatsReady(older_count=self.older, listed_to=self.listed_to, listed_id=self.listed_id)

    @property
    def units(self) -> list[Unit]:
        """What travels: the chats' own records."""
        return [Unit([render(Collection.CHATS, row)], chat_id=row["id"]) for row in self.rows]


async def read_page(
    client: DirectusClient, hashed_user_id: str, after: ListOlder | None = None, limit: int = PAGE
) -> ChatPage:
    """The first page, or the one after what a device lists. Raises `DirectusError`."""
    which: dict[str, Any] = {"hashed_user_id": {"_eq": hashed_user_id}, "deleted_at": {"_null": True}}
    if after is not None and after.listed_to is not None:
        which["last_updated"] = {"_lte": after.listed_to}
        # Directus compares no ids: of several chats of one moment those that are listed are named.
        if listed := [each for each in after.listed if is_uuid(each)]:
            which["id"] = {"_nin": listed}
    rows, found = await client.search_counted("chats", filter=which, sort=("-last_updated", "id"), limit=limit)
    return ChatPage(rows, max(0, found - len(rows)))
