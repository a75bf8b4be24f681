"""The disk in memory keeps the contract that real browsers keep (`e2e/test_contracts.py`)."""

from __future__ import annotations

from itertools import count

import pytest

from hearth.browser.idb import IndexedDB
from hearth.testing.indexeddb import MemoryPlatform
from tests.contracts import indexeddb


class MemoryEnv:
    """A disk of its own for each case."""

    def __init__(self) -> None:
        self.indexeddb = IndexedDB(MemoryPlatform())
        self._names = count()

    def name(self) -> str:
        """A name."""
        return f"database-{next(self._names)}"

    def proxies(self) -> int:
        """There is no border here."""
        return 0


@pytest.mark.parametrize("case", indexeddb.CASES)
async def test_the_disk_in_memory_keeps_the_contract(case: str) -> None:
    await indexeddb.CASES[case](MemoryEnv())
