"""A batch ends on IndexedDB as the merge rule says, whatever the order, and all of it or nothing."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearth.browser.idb import IndexedDB
from hearth.browser.storage.store import IdbStore, open_store
from hearth.core.errors import QuotaExceeded, StorageError, StorageUnavailable
from hearth.core.records.schema import Collection
from hearth.ports.storage import Batch
from hearth.testing.indexeddb import Disk, MemoryPlatform
from tests.app.hearth.core.records.test_merge import Account, accounts
from tests.contracts.records import chat, message

CHATS, MESSAGES, ENTRIES = Collection


def batch(copies: list[tuple[Collection, dict[str, Any]]], replace: bool) -> Batch:
    """Copies of records as one batch."""
    names = {name for name, _row in copies}
    rows = {name: [copy.deepcopy(row) for each, row in copies if each is name] for name in names}
    return Batch(rows, replace=replace)


def stored(disk: Disk, account: str) -> dict[str, list[Any]]:
    """What an account's database holds."""
    tables = disk.databases[f"hearth:{account}"].schema.tables
    return {
        name: [value for _, value in map(table.records.__getitem__, table.orders)] for name, table in tables.items()
    }


async def opened(disk: Disk) -> IdbStore:
    """An account's store."""
    return await open_store("a", lambda _by_tab: None, IndexedDB(MemoryPlatform(disk)))


@settings(max_examples=60)
@given(accounts(), st.booleans(), st.booleans())
async def test_any_order_of_batches_any_number_of_times_ends_in_the_same_state(
    account: Account, twice: bool, replace: bool
) -> None:
    store = await opened(disk := Disk())
    for copies in account.batches:
        for _ in range(1 + twice):
            await store.apply(batch(copies, replace))
    found = stored(disk, "a")
    assert {row["id"]: row for row in found["chats"]} == account.chats
    assert {row["id"]: row for row in found["settings_and_memories"]} == account.entries
    messages = {row["id"]: row for own in account.messages.values() for row in own.values()}
    assert {row["id"]: row for row in found["messages"]} == messages


async def test_a_batch_that_does_not_fit_leaves_nothing_behind() -> None:
    store = await opened(disk := Disk())
    await store.apply(Batch({CHATS: [chat("a")], MESSAGES: [message("a", 1)]}, cursor="1"))
    before = stored(disk, "a")
    disk.room = 4
    with pytest.raises(QuotaExceeded):
        await store.apply(Batch({CHATS: [chat("b")], MESSAGES: [message("b", n) for n in range(9)]}, cursor="2"))
    assert stored(disk, "a") == before
    await store.drop({"a"})
    disk.room = 20
    await store.apply(Batch({CHATS: [chat("b")], MESSAGES: [message("b", n) for n in range(9)]}, cursor="2"))
    assert [row["chat_id"] for row in stored(disk, "a")["messages"]] == ["b"] * 9


async def test_the_owner_hears_that_the_database_was_taken_away() -> None:
    disk, by_tab = Disk(), list[bool]()
    store = await open_store("a", by_tab.append, IndexedDB(MemoryPlatform(disk)))
    await IndexedDB(MemoryPlatform(disk)).delete("hearth:a")
    assert by_tab == [True]
    with pytest.raises(StorageError):
        await store.chats()


async def test_a_browser_without_storage_says_so() -> None:
    platform = MemoryPlatform()
    platform.disk.hangs = True
    with pytest.raises(StorageUnavailable, match="does not answer"):
        await IndexedDBWithLittlePatience(platform).open_store()


class IndexedDBWithLittlePatience(IndexedDB):
    """Gives a database up soon."""

    async def open(self, *arguments: Any, **options: Any) -> Any:
        """Open one."""
        return await super().open(*arguments, **{**options, "timeout_s": 0.01})

    async def open_store(self) -> IdbStore:
        """Open an account's store."""
        return await open_store("a", lambda _by_tab: None, self)
