"""An account's chats, 100 at a time, the last updated ones first: listed for one request, or read with messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hearth.core.protocol.device_events import ListOlder, ReadChats
from hearth.core.protocol.server_events import ChatsRead, OlderChatsReady
from hearth.core.records.schema import Collection
from server_mock.directus.client import DirectusClient
from server_mock.directus.schema import Row, is_uuid
from server_mock.protocol.packing import Unit, render, render_all

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


async def read_whole(client: DirectusClient, hashed_user_id: str, asked: ReadChats) -> tuple[ChatsRead, list[Unit]]:
    """Chats with their messages: those that are named, with what is deleted of them, or the next page of the list.

    Two requests. Raises `DirectusError`.
    """
    mine = {"hashed_user_id": {"_eq": hashed_user_id}}
    if asked.ids:
        named = [each for each in asked.ids if is_uuid(each)]
        rows: Sequence[Row] = await client.search("chats", filter={**mine, "id": {"_in": named}}, limit=len(named))
        event = ChatsRead()
    else:
        page = await read_page(client, hashed_user_id, asked)
        rows, event = page.rows, ChatsRead(older_count=page.older, listed_to=page.listed_to, listed_id=page.listed_id)
    there = [row["id"] for row in rows if row["deleted_at"] is None]
    which = {**mine, "chat_id": {"_in": there}, **({} if asked.ids else {"deleted_at": {"_null": True}})}
    messages = await client.search("messages", filter=which, sort=("created_at", "id"))
    said: dict[str, list[Row]] = {}
    for message in messages:
        said.setdefault(message["chat_id"], []).append(message)
    return event, [
        Unit(
            [render(Collection.CHATS, row), *render_all(Collection.MESSAGES, said.get(row["id"], ()))],
            chat_id=row["id"],
        )
        for row in rows
    ]


async def read_page(
    client: DirectusClient, hashed_user_id: str, after: ListOlder | ReadChats | None = None, limit: int = PAGE
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
