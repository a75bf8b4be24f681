"""The store on IndexedDB keeps the contract of the port under CPython, on a disk in memory."""

from __future__ import annotations

import copy
from itertools import count
from typing import Any, cast

import pytest

from hearth.browser.idb import IndexedDB
from hearth.browser.storage.store import IdbStore, open_store
from hearth.ports.records import Records
from hearth.ports.storage import Store
from hearth.testing.indexeddb import MemoryPlatform
from tests.contracts import store


class MemoryDiskEnv:
    """Accounts' databases on one disk in memory."""

    def __init__(self) -> None:
        self.indexeddb = IndexedDB(MemoryPlatform())
        self._accounts: dict[int, str] = {}
        self._kept: list[Store] = []
        self._numbers = count()

    async def fresh(self) -> Store:
        """An empty store of an account of its own."""
        return await self._open(f"account-{next(self._numbers)}")

    async def reopened(self, opened: Store) -> Store:
        """The same account's store, closed and opened again."""
        await opened.close()
        return await self._open(self._accounts[id(opened)])

    async def _open(self, account: str) -> IdbStore:
        opened = await open_store(account, lambda _by_tab: None, self.indexeddb)
        self._accounts[id(opened)] = account
        self._kept.append(opened)
        return opened

    def records(self, rows: list[dict[str, Any]]) -> Records:
        """Rows are what records are here."""
        return copy.deepcopy(rows)

    def rows(self, records: Records) -> list[dict[str, Any]]:
        """Records as rows."""
        return cast("list[dict[str, Any]]", records)

    def sealed(self, content: bytes) -> Any:
        """Bytes as they are."""
        return content

    def unsealed(self, sealed: Any) -> bytes:
        """Bytes as they are."""
        return cast(bytes, sealed)


@pytest.mark.parametrize("case", store.CASES)
async def test_the_store_keeps_the_contract(case: str) -> None:
    env = MemoryDiskEnv()
    await store.CASES[case](env)
    for opened in env._kept:
        await opened.close()
    assert env.indexeddb.dispatcher.waiting == 0
