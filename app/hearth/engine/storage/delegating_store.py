"""A store, and a shelf, that pass everything on to another one: what a wrapper changes it overrides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Any

from hearth.ports.records import Records
from hearth.ports.storage import Batch, IndexPage, InitialData, Position, SearchIndexStore, Store, SyncState


class PassingShelf:
    """`hearth.ports.storage.Shelf` over another one."""

    def __init__(self, search_index: SearchIndexStore) -> None:
        self._search_index = search_index

    async def names(self) -> list[str]:
        """The names of what is kept."""
        return await self._search_index.names()

    async def read(self, name: str) -> Any | None:
        """What is kept under a name."""
        return await self._search_index.read(name)

    async def keep(self, name: str, sealed: Any, settles: Mapping[str, str]) -> None:
        """Keep something sealed."""
        await self._search_index.keep(name, sealed, settles)

    async def settle(self, settles: Mapping[str, str]) -> None:
        """Take marks away."""
        await self._search_index.settle(settles)

    async def forget(self, names: Iterable[str]) -> None:
        """Forget what is kept under these names."""
        await self._search_index.forget(names)

    async def marks(self) -> dict[str, str]:
        """The chats that changed since they were indexed."""
        return await self._search_index.marks()

    async def page(self, chat_id: str, known: Mapping[str, int], after: Position | None, limit: int) -> IndexPage:
        """A page of a chat's messages."""
        return await self._search_index.page(chat_id, known, after, limit)


class PassingStore:
    """`hearth.ports.storage.Store` over another one."""

    search_index: SearchIndexStore

    def __init__(self, store: Store) -> None:
        self._store = store
        self.search_index = store.search_index

    async def apply(self, batch: Batch) -> None:
        """Write a batch."""
        await self._store.apply(batch)

    async def drop(self, chats: Set[str]) -> None:
        """Remove chats' messages, and the kept search index."""
        await self._store.drop(chats)

    async def with_messages(self, more: Records | None) -> set[str]:
        """The chats that have messages."""
        return await self._store.with_messages(more)

    async def load_initial(self, first: str | None, limit: int, kept: str) -> InitialData:
        """Read what a session begins with."""
        return await self._store.load_initial(first, limit, kept)

    async def sync_state(self) -> SyncState:
        """Read where the device stands."""
        return await self._store.sync_state()

    async def chats(self) -> Records:
        """Every chat that is not deleted."""
        return await self._store.chats()

    async def chat(self, chat_id: str) -> Records:
        """One chat, or none."""
        return await self._store.chat(chat_id)

    async def messages(self, chat_id: str, limit: int, before: Position | None = None) -> Records:
        """The last messages of a chat."""
        return await self._store.messages(chat_id, limit, before)

    async def messages_from(self, chat_id: str, limit: int, first: Position) -> Records:
        """The messages of a chat from a position on."""
        return await self._store.messages_from(chat_id, limit, first)

    async def settings_and_memories(self) -> Records:
        """Every entry that is not deleted."""
        return await self._store.settings_and_memories()

    async def close(self) -> None:
        """Let go of the storage."""
        await self._store.close()
