"""The index follows the store: built newest first, kept sealed, brought up to date, rebuilt when it is damaged."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from hearth.core.records.schema import Collection
from hearth.core.search.query import parse
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.search.index import Index
from hearth.engine.search.indexer import Indexer, Progress
from hearth.engine.search.searcher import Searcher
from hearth.engine.settings.entry_repository import EntryRepository
from hearth.engine.storage.memory_store import Disk, MemoryStore
from hearth.ports.storage import Batch
from hearth.testing.cpython_cipher import CryptographyKeyring
from tests.account import MadeAccount
from tests.contracts.records import tombstone

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
CHATS, MESSAGES, ENTRIES = Collection


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


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    each = Desk()
    made = each.made
    store = MemoryStore(each.disk)
    await store.apply(
        Batch(
            {
                CHATS: [made.chat("a", "Holiday in Graz", last_updated=1), made.chat("b", "Taxes", last_updated=2)],
                MESSAGES: [
                    made.message("a", 1, "Pack the kettle"),
                    made.message("a", 2, "and the stove"),
                    made.message("b", 1, "The form is due in May"),
                ],
                ENTRIES: [made.app("app", "Calendar"), made.setting("app", "s", "Week starts on", "Monday")],
            },
            cursor="1",
        )
    )
    yield each
    for indexer in each.running:
        await indexer.stop()


async def test_everything_is_found_once_it_is_built(desk: Desk) -> None:
    await desk.load()
    assert await desk.find("kettle") == ["a-1"]
    assert await desk.find("graz") == ["Holiday in Graz"]
    assert await desk.find("monday") == ["Week starts on"]
    assert await desk.find("calendar") == ["Week starts on"]
    assert desk.progress[0] == Progress(0, 2, complete=False)
    assert desk.progress[-1] == Progress(2, 2, complete=True)


async def test_a_reload_opens_no_message_again(desk: Desk) -> None:
    await desk.load()
    assert desk.keyring.messages == 3
    await desk.load()
    assert desk.keyring.messages == 0
    assert await desk.find("stove") == ["a-2"]
    assert await desk.store.search_index.marks() == {}


async def test_what_changed_while_the_page_was_closed_is_read_and_nothing_else(desk: Desk) -> None:
    await desk.load()
    await desk.indexer.stop()
    await desk.store.apply(Batch({MESSAGES: [desk.made.message("a", 2, "a bigger stove", version=2)]}))
    await desk.load()
    assert desk.keyring.messages == 1
    assert await desk.find("bigger") == ["a-2"]
    assert await desk.find("kettle") == ["a-1"]


async def test_what_is_not_kept_yet_is_not_read_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.keeps = False
    await desk.load()
    assert (await desk.store.search_index.marks()).keys() == {"a", "b"}
    read, page = [], desk.indexer._search_index.page

    async def counted(chat: str, *rest: Any) -> Any:
        read.append(chat)
        return await page(chat, *rest)

    monkeypatch.setattr(desk.indexer._search_index, "page", counted)
    for number in (2, 3):
        await desk.store_rows(messages=[desk.made.message("b", number, f"Paid at last {number}")])
    assert read == ["b", "b"]
    assert await desk.find("paid") == ["b-3", "b-2"]
    desk.keeps = True
    await desk.store_rows(messages=[desk.made.message("a", 3, "and a spoon")])
    assert await desk.store.search_index.marks() == {}
    await desk.load()
    assert desk.keyring.messages == 0


async def test_live_changes_are_followed(desk: Desk) -> None:
    await desk.load()
    await desk.store_rows(messages=[desk.made.message("b", 2, "Paid at last")])
    assert await desk.find("paid") == ["b-2"]
    await desk.store_rows(messages=[desk.made.message("b", 2, "Refunded", version=2)])
    assert await desk.find("refunded") == ["b-2"]
    assert await desk.find("paid") == []
    await desk.store_rows(messages=[desk.made.message("b", 2, "", version=3, deleted_at=9)])
    assert await desk.find("refunded") == []
    await desk.store_rows(chats=[desk.made.chat("b", "Duties", version=2)])
    assert await desk.find("duties") == ["Duties"]
    assert await desk.find("taxes") == []
    await desk.store_rows(settings_and_memories=[desk.made.setting("app", "s", "Week starts on", "Sunday", 2)])
    assert await desk.find("sunday") == ["Week starts on"]


async def test_a_deleted_chat_is_found_no_more_and_not_kept(desk: Desk) -> None:
    await desk.load()
    await desk.store_rows(chats=[tombstone("a", 2)])
    assert await desk.find("kettle") == []
    assert await desk.find("graz") == []
    await desk.load()
    assert await desk.find("kettle") == []
    assert await desk.find("form") == ["b-1"]
    assert await desk.store.search_index.marks() == {}
    assert b"kettle" not in await desk.keyring.open_kept("1", await desk.store.search_index.read("1"))


async def test_the_last_chat_deleted_leaves_no_slice(desk: Desk) -> None:
    await desk.load()
    await desk.store_rows(chats=[tombstone("a", 2), tombstone("b", 2)])
    assert await desk.store.search_index.names() == []
    assert await desk.store.search_index.marks() == {}


async def test_a_damaged_slice_is_built_anew(desk: Desk) -> None:
    await desk.load()
    sealed = desk.disk.kept.sealed["1"]
    desk.disk.kept.sealed["1"] = sealed[:-1] + bytes([sealed[-1] ^ 1])
    await desk.load()
    assert desk.keyring.messages == 3
    assert await desk.find("kettle") == ["a-1"]
    await desk.load()
    assert desk.keyring.messages == 0


async def test_a_slice_of_another_layout_is_built_anew(desk: Desk) -> None:
    await desk.load()
    content = await desk.keyring.open_kept("1", desk.disk.kept.sealed["1"])
    other = content[:60] + (999).to_bytes(4, "big") + content[64:]  # user_version in the header of SQLite's format
    desk.disk.kept.sealed["1"] = await desk.keyring.seal_kept("1", other)
    await desk.load()
    assert desk.keyring.messages == 3


async def test_what_is_kept_is_sealed(desk: Desk) -> None:
    await desk.load()
    kept = b"".join(desk.disk.kept.sealed.values()).lower()
    assert len(kept) > 10_000
    assert b"kettle" not in kept
    assert b"sqlite" not in kept


async def test_hidden_apps_and_entries_are_not_found(desk: Desk) -> None:
    await desk.load()
    for hidden in ("app", "s"):
        desk.indexer.hide(frozenset({hidden}))
        await desk.settled()
        assert await desk.find("monday") == []
        desk.indexer.hide(frozenset())
        await desk.settled()
        assert await desk.find("monday") == ["Week starts on"]


async def test_a_page_that_may_not_keep_writes_nothing(desk: Desk) -> None:
    desk.keeps = False
    marks = dict(desk.disk.kept.marks)
    await desk.load()
    assert await desk.find("kettle") == ["a-1"]
    assert (desk.disk.kept.sealed, desk.disk.kept.marks) == ({}, marks)
    desk.keeps = True
    desk.indexer.changed(set())
    await desk.settled()
    assert set(desk.disk.kept.sealed) == {"1"}


async def test_a_message_that_does_not_open_is_read_again_when_its_copy_is_replaced(desk: Desk) -> None:
    good = desk.made.message("a", 3, "whole again")
    await MemoryStore(desk.disk).apply(
        Batch({MESSAGES: [{**good, "content": desk.made.message("a", 4, "x")["content"]}]})
    )
    await desk.load()
    assert await desk.find("whole") == []
    await desk.store.apply(Batch({MESSAGES: [good]}, replace=True))
    desk.indexer.changed({"a"})
    await desk.settled()
    assert await desk.find("whole") == ["a-3"]


async def test_many_messages_are_indexed_in_steps_newest_chats_first() -> None:
    desk = Desk()
    made = desk.made
    store = MemoryStore(desk.disk)
    chats = [made.chat(f"c{at}", f"Chat {at}", last_updated=at) for at in range(12)]
    rows = [made.message(f"c{at}", number, f"word{at} number{number}") for at in range(12) for number in range(150)]
    await store.apply(Batch({CHATS: chats, MESSAGES: rows}, cursor="1"))
    await desk.load()
    assert await desk.find("word7 number149") == ["c7-149"]
    order = [each for part in desk.indexer.index.parts for each in part.chats]
    assert sorted(order) == sorted(row["id"] for row in chats)
    assert [each.done for each in desk.progress[:4]] == [0, 1, 2, 3]
    await desk.indexer.stop()


def test_the_databases_of_the_index_are_made_when_they_are_first_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Index] = []

    def make() -> Index:
        made.append(Index())
        return made[-1]

    monkeypatch.setattr("hearth.engine.search.indexer.Index", make)
    account = MadeAccount()
    store, keyring = MemoryStore(Disk()), CryptographyKeyring(account.cipher, account.id, account.master)
    indexer = Indexer(
        ChatRepository(store, keyring), EntryRepository(store, keyring, {}), keyring, store.search_index, time.monotonic
    )
    indexer.changed({"a"})
    assert made == []
    assert indexer.index is indexer.index
    assert len(made) == 1
