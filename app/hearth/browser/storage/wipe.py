"""Deleting what is stored, and looking again: databases, and in Cache Storage whatever is no file of the page itself.

The master key with its shares and the notes beside it are the key store's own: see `hearth.browser.keys.key_store`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hearth.browser import storage_names
from hearth.browser.idb import IndexedDB
from hearth.browser.native import Caches
from hearth.browser.storage.errors import storage_errors
from hearth.browser.storage.schema import database_name

PAGES = ("/", "/index.html")
IMMUTABLE = "/-/"
"""Paths of the page's own files, which say nothing of the person."""


class Wipe:
    """Deletes what is stored in databases and caches; what a method answers is still there: nothing, or it failed."""

    def __init__(self, indexeddb: IndexedDB, caches: Caches | None) -> None:
        """`caches` is None in another app's page: what caches and PyScript's databases keep is that app's."""
        self._indexeddb, self._caches = indexeddb, caches

    async def stores(self, account: str | None = None) -> list[str]:
        """Delete the storage of an account, or of all, and look again.

        Waits for as long as another page holds a database open. Raises `StorageError`.
        """

        def is_meant(name: str) -> bool:
            mine = name.startswith(storage_names.ACCOUNTS) if account is None else is_of(account, name)
            of_runtime = name.startswith(storage_names.PYSCRIPT)  # empty, and not to be left behind all the same
            return mine or (of_runtime and self._caches is not None)

        return [*await self._delete_databases(is_meant), *await self._delete_answers()]

    async def others(self, account: str) -> list[str]:
        """Delete the databases of every other account, and look again."""

        def is_meant(name: str) -> bool:
            return name.startswith(storage_names.ACCOUNTS) and not is_of(account, name)

        return await self._delete_databases(is_meant)

    async def _delete_databases(self, is_meant: Callable[[str], bool]) -> list[str]:
        """A page that holds a database is asked to let go of it (`versionchange`); until then nothing happens here."""
        with storage_errors():
            going = [name for name in await self._indexeddb.names() if is_meant(name)]
            if not going:
                return []
            await asyncio.gather(*(self._indexeddb.delete(name) for name in going))
            return [name for name in await self._indexeddb.names() if is_meant(name)]

    async def _delete_answers(self) -> list[str]:
        """What a cache keeps that is no file of the page: deleted, and the paths that stayed."""
        left: list[str] = []
        if self._caches is None:
            return left
        for cache in await self._caches.names():
            if cache.startswith(storage_names.SHARES):
                continue
            for answer in await self._caches.answers(cache):
                if answer.path in PAGES or answer.path.startswith(IMMUTABLE):
                    continue
                if not await self._caches.remove(cache, answer.address):
                    left.append(answer.path)
        return left


def is_of(account: str, name: str) -> bool:
    """Whether a database is an account's; earlier versions had several of one."""
    own = database_name(account)
    return name == own or name.startswith(f"{own}:")
