"""The fake store keeps the contract that the browser's store keeps (e2e/test_contracts.py)."""

from __future__ import annotations

from typing import Any, cast

import pytest

from hearth.engine.storage.memory_store import Disk, MemoryStore
from hearth.ports.records import Records
from hearth.ports.storage import Store
from tests.contracts import store as contract


class MemoryEnv:
    """Fresh fakes; records are rows already."""

    def __init__(self) -> None:
        self._disks: dict[int, Disk] = {}

    async def fresh(self) -> Store:
        """An empty store."""
        disk = Disk()
        store = MemoryStore(disk)
        self._disks[id(store)] = disk
        return store

    async def reopened(self, store: Store) -> Store:
        """The same disk."""
        disk = self._disks[id(store)]
        await store.close()
        again = MemoryStore(disk)
        self._disks[id(again)] = disk
        return again

    def records(self, rows: list[dict[str, Any]]) -> Records:
        """As they are."""
        return rows

    def sealed(self, content: bytes) -> Any:
        """As they are."""
        return content

    def unsealed(self, sealed: Any) -> bytes:
        """As they are."""
        return bytes(sealed)

    def rows(self, records: Records) -> list[dict[str, Any]]:
        """As they are."""
        return cast(list[dict[str, Any]], records)


@pytest.mark.parametrize("case", contract.CASES.values(), ids=contract.CASES.keys())
async def test_store(case: contract.Case) -> None:
    await case(MemoryEnv())
