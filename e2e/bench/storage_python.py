"""Runs inside the page's Python, for the benchmark `storage` only: Hearth's layer as the app calls it."""

from __future__ import annotations

from typing import Any

from hearth.browser.ffi import js_object
from hearth.browser.storage.store import IdbStore, open_store
from hearth.core.records.schema import Collection
from hearth.ports.storage import Batch


class _Contender:
    def __init__(self, store: IdbStore) -> None:
        self._store = store

    async def put(self, rows: Any) -> None:
        await self._store.apply(Batch({Collection.MESSAGES: rows}))

    async def all(self) -> Any:
        return await self._store._all(Collection.MESSAGES)

    async def page(self, chat: str, limit: int) -> Any:
        return await self._store.messages(chat, limit)

    async def close(self) -> None:
        await self._store.close()


async def open_contender(name: str) -> Any:
    """The layer behind the interface of `contenders.js`."""
    made = _Contender(await open_store(name, lambda _by_tab: None))
    return js_object(put=made.put, all=made.all, page=made.page, close=made.close)
