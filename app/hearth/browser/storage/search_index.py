"""The kept search index on IndexedDB: sealed shards, and marks at the chats that changed since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from hearth.browser.idb import AS_IS, Database, IndexedDB, Key, KeyRange, Transaction
from hearth.browser.storage import schema
from hearth.browser.storage.errors import storage_errors
from hearth.ports.storage import IndexPage, Position


class IdbSearchIndex:
    """`SearchIndexStore` of one account's database."""

    def __init__(self, db: Database, indexeddb: IndexedDB) -> None:
        self._db = db
        self._platform = indexeddb.platform

    async def names(self) -> list[str]:
        """The names of the shards."""
        with storage_errors():
            names = await self._db.read(schema.SEARCH, lambda tx: tx.store(schema.SEARCH).get_all_keys())
        return cast("list[str]", names)

    async def read(self, name: str) -> Any | None:
        """A shard, sealed."""
        with storage_errors():
            row = await self._db.read(schema.SEARCH, lambda tx: tx.store(schema.SEARCH, AS_IS).get(name))
        return None if row is None else self._platform.member(row, "sealed")

    async def keep(self, name: str, sealed: Any, settles: Mapping[str, str]) -> None:
        """Keep a shard, sealed. In the same transaction the marks go that it settles."""

        async def work(tx: Transaction) -> None:
            tx.store(schema.SEARCH).put({"name": name, "sealed": sealed})
            await _settle(tx, settles)

        with storage_errors():
            await self._db.write((schema.SEARCH, schema.UNINDEXED), work)

    async def settle(self, settles: Mapping[str, str]) -> None:
        """Take marks away that have these tokens still."""
        with storage_errors():
            await self._db.write(schema.UNINDEXED, lambda tx: _settle(tx, settles))

    async def forget(self, names: Iterable[str]) -> None:
        """Forget some shards."""
        wanted = list(names)
        with storage_errors():
            await self._db.write(schema.SEARCH, lambda tx: tx.store(schema.SEARCH).delete_all(wanted))

    async def marks(self) -> dict[str, str]:
        """The chats that changed since they were indexed, each with its token."""
        with storage_errors():
            rows = await self._db.read(schema.UNINDEXED, lambda tx: tx.store(schema.UNINDEXED).get_all())
        return {row["id"]: row["token"] for row in rows}

    async def page(self, chat_id: str, known: Mapping[str, int], after: Position | None, limit: int) -> IndexPage:
        """A page of a chat's messages for the index."""
        start: list[Key] = [chat_id] if after is None else [chat_id, after.created_at, after.id]
        keys = KeyRange(start, [chat_id, []], lower_open=after is not None, upper_open=True)
        with storage_errors():
            rows = await self._db.read(
                schema.MESSAGES, lambda tx: schema.records(tx, schema.MESSAGES).get_all(keys, limit)
            )
        found = self._platform.fields(rows, ["id", "version", "deleted_at", "created_at"])
        live = [(at, name, version) for at, (name, version, deleted_at, _) in enumerate(found) if deleted_at is None]
        changed = [at for at, name, version in live if known.get(name) != version]
        following = Position(found[-1][3], found[-1][0]) if len(found) == limit else None
        return IndexPage(self._platform.pick(rows, changed), tuple(name for _, name, _ in live), following)


async def _settle(tx: Transaction, settles: Mapping[str, str]) -> None:
    """Delete the marks, unless the chat changed again meanwhile: then its token is another."""
    marks = tx.store(schema.UNINDEXED)
    stored = await marks.get_many(list(settles))
    marks.delete_all([row["id"] for row in stored if row and row["token"] == settles[row["id"]]])
