"""What the device keeps for itself, sealed, on IndexedDB: values under names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from hearth.browser.idb import AS_IS, Database, IndexedDB, Request, Transaction
from hearth.browser.storage import schema
from hearth.browser.storage.errors import storage_errors


class IdbKeptValues:
    """`KeptValues` of one account's database."""

    def __init__(self, db: Database, indexeddb: IndexedDB) -> None:
        self._db = db
        self._platform = indexeddb.platform

    async def names(self) -> list[str]:
        """The names of all values."""
        with storage_errors():
            names = await self._db.read(schema.KEPT, lambda tx: tx.store(schema.KEPT).get_all_keys())
        return cast("list[str]", names)

    async def read(self, name: str) -> Any | None:
        """A value, sealed."""
        with storage_errors():
            return await self._db.read(schema.KEPT, lambda tx: self.ask(tx, name))

    def ask(self, tx: Transaction, name: str) -> Request[Any | None]:
        """A value, sealed, within a transaction."""
        row = tx.store(schema.KEPT, AS_IS).get(name)
        return row.then(lambda row: None if row is None else self._platform.member(row, "sealed"))

    async def keep(self, name: str, sealed: Any) -> None:
        """Keep a value, sealed."""
        with storage_errors():
            await self._db.write(schema.KEPT, lambda tx: tx.store(schema.KEPT).put({"name": name, "sealed": sealed}))

    async def forget(self, names: Iterable[str]) -> None:
        """Forget some values."""
        wanted = list(names)
        with storage_errors():
            await self._db.write(schema.KEPT, lambda tx: tx.store(schema.KEPT).delete_all(wanted))
