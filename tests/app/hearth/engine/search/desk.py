"""An account on a device, whose search index can be loaded, changed and loaded again."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from hearth.core.records.schema import Collection
from hearth.core.search.query import parse
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.search.indexer import Indexer, Progress
from hearth.engine.search.searcher import Searcher
from hearth.engine.settings.entry_repository import EntryRepository
from hearth.engine.storage.memory_store import Disk, MemoryStore
from hearth.ports.storage import Batch
from hearth.testing.cpython_cipher import CryptographyKeyring
from tests.account import MadeAccount

CHATS, MESSAGES, ENTRIES = Collection


NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


@dataclass
class Desk:
    """A device with a store, and the index of one page load after the other."""

    made: MadeAccount = field(default_factory=MadeAccount)
    disk: Disk = field(default_factory=Disk)
    keeps: bool = True
    opened: int = 0

    def __post_init__(self) -> None:
        self.running: list[Indexer] = []
        self.progress: list[Progress] = []

    async def load(self) -> Indexer:
        """A page load."""
        self.store = MemoryStore(self.disk)
        keyring = _Counting(self.made.cipher, self.made.id, self.made.master)
        self.keyring = keyring
        self.repository = ChatRepository(self.store, keyring)
        self.repository.warmed = True
        await self.repository.learn(await self.store.chats())
        self.entries = EntryRepository(self.store, keyring, {})
        self.indexer = Indexer(
            self.repository,
            self.entries,
            keyring,
            self.store.search_index,
            time.monotonic,
            keeps=lambda: self.keeps,
            on_progress=self.progress.append,
            save_after_s=0.0,
        )
        self.running.append(self.indexer)
        self.indexer.start()
        await self.settled()
        return self.indexer

    async def store_rows(self, **rows: list[dict[str, Any]]) -> None:
        """Something is stored, as by a frame."""
        named = {Collection(name): each for name, each in rows.items()}
        await self.store.apply(Batch(named))
        await self.repository.learn(named.get(CHATS, []))
        await self.entries.take(named.get(ENTRIES, []), replace=False)
        touched = {row["chat_id"] for row in named.get(MESSAGES, [])} | {row["id"] for row in named.get(CHATS, [])}
        self.indexer.changed(touched, entries=ENTRIES in named)
        await self.settled()

    async def settled(self) -> None:
        """The task is at rest, and everything is kept."""
        for _ in range(500):
            await asyncio.sleep(0.001)
            index = self.indexer.index
            rests = self.indexer.progress.complete and not self.indexer._wake.is_set() and not self.indexer._changed
            if rests and not (self.keeps and any(part.changed for part in index.parts)):
                return
        raise AssertionError("the index does not come to rest")

    async def find(self, text: str) -> list[str]:
        """What a search finds: message ids, or titles of chats and entries."""
        answer = await Searcher(self.indexer.index, time.monotonic).answer(parse(text, NOW), NOW)
        return [doc.ref if doc.kind in ("message", "file") else doc.title for doc in answer.docs]


class _Counting(CryptographyKeyring):
    """Counts the messages that are opened."""

    messages = 0

    async def open_records(self, collection: Collection, records: Any) -> Any:
        if collection is MESSAGES:
            self.messages += len(records)
        return await super().open_records(collection, records)
