"""The two places of shares: an answer in Cache Storage, a file of its own; where that keeps nothing, a database's row.

In a private window WebKit empties a cache as soon as no document and no service worker uses it, so nothing in it
survives a reload. Its databases do, and lie in memory there. In every other window a database would be the wrong
place: its log may keep what is deleted.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from hearth.browser import storage_names
from hearth.browser.idb import AS_IS, Database, IndexedDB, Upgrade
from hearth.browser.native import Caches

T = TypeVar("T")
STORE = storage_names.SHARES_STORE


class InCacheStorage:
    """`SharePlace`: each share a file of its own."""

    def __init__(self, caches: Caches) -> None:
        self._caches = caches

    async def put(self, share: str, raw: Any) -> None:
        """Put one there."""
        await self._caches.put(storage_names.SHARES, storage_names.SHARE_ADDRESS + share, raw)

    async def get(self, share: str) -> Any | None:
        """Its bytes, or None."""
        return await self._caches.get(storage_names.SHARES, storage_names.SHARE_ADDRESS + share)

    async def clear(self, stays: Callable[[str], bool], in_use: bool) -> list[str]:
        """Delete all but those that stay, and look again."""
        left: list[str] = []
        for cache in await self._caches.names():
            if cache != storage_names.SHARES and not cache.startswith(storage_names.SHARE_TRIALS):
                continue
            for answer in await self._caches.answers(cache):
                if not stays(_id_of(answer.path)):
                    await self._caches.remove(cache, answer.address)
            there = [_id_of(answer.path) for answer in await self._caches.answers(cache)]
            if not there and not in_use:
                await self._caches.drop(cache)
            left += there
        return left


def _id_of(path: str) -> str:
    return path.removeprefix(storage_names.SHARE_ADDRESS)


class _GoneError(Exception):
    """Another page has just deleted the database."""


class InDatabase:
    """`SharePlace`: a row of a database, which is closed at once, as another page may want to delete it."""

    def __init__(self, indexeddb: IndexedDB) -> None:
        self._indexeddb = indexeddb

    async def put(self, share: str, raw: Any) -> None:
        """Put one there."""
        await self._use(lambda db: db.write(STORE, lambda tx: tx.store(STORE, AS_IS).put(raw, share)), make=True)

    async def get(self, share: str) -> Any | None:
        """Its bytes, or None."""
        if not await self._is_there():
            return None
        return await self._use(lambda db: db.read(STORE, lambda tx: tx.store(STORE, AS_IS).get(share)))

    async def clear(self, stays: Callable[[str], bool], in_use: bool) -> list[str]:
        """Delete all but those that stay, and look again."""
        if not await self._is_there():
            return []
        going = [share for share in await self._ids() if not stays(share)]
        if going:
            await self._use(lambda db: db.write(STORE, lambda tx: tx.store(STORE).delete_all(going)))
        left = await self._ids()
        if not left and not in_use:
            await self._indexeddb.delete(storage_names.SHARES)
        return left

    async def _is_there(self) -> bool:
        return storage_names.SHARES in await self._indexeddb.names()

    async def _ids(self) -> list[str]:
        return [
            str(each)
            for each in await self._use(lambda db: db.read(STORE, lambda tx: tx.store(STORE).get_all_keys())) or []
        ]

    async def _use(self, work: Callable[[Database], Awaitable[T]], make: bool = False) -> T | None:
        """Use the database, which is made only by who puts something in."""

        def create(upgrade: Upgrade) -> None:
            if not make:
                raise _GoneError
            upgrade.create_store(STORE)

        try:
            database = await self._indexeddb.open(storage_names.SHARES, [create])
        except _GoneError:
            return None
        try:
            return await work(database)
        finally:
            database.close()
