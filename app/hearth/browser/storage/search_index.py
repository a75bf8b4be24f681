"""The kept search index behind the port `Shelf`, through the kernel `shelf.js`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

import js

from hearth.browser.ffi import js_object, storage_errors
from hearth.ports.records import Records
from hearth.ports.storage import IndexPage, Position


class IdbShelf:
    """The shelf of one account's database."""

    def __init__(self, db: Any) -> None:
        self._db = db

    async def names(self) -> list[str]:
        """The names of what is kept."""
        with storage_errors():
            return list(json.loads(await js.hearth.keptNames(self._db)))

    async def read(self, name: str) -> Any | None:
        """What is kept under a name, sealed."""
        with storage_errors():
            return await js.hearth.readKept(self._db, name)

    async def keep(self, name: str, sealed: Any, settles: Mapping[str, str]) -> None:
        """Keep something sealed; the marks that it settles go with it."""
        with storage_errors():
            await js.hearth.keep(self._db, name, sealed, json.dumps(dict(settles)))

    async def settle(self, settles: Mapping[str, str]) -> None:
        """Take marks away that have these tokens still."""
        with storage_errors():
            await js.hearth.settleMarks(self._db, json.dumps(dict(settles)))

    async def forget(self, names: Iterable[str]) -> None:
        """Forget what is kept under these names."""
        with storage_errors():
            await js.hearth.forgetKept(self._db, json.dumps(list(names)))

    async def marks(self) -> dict[str, str]:
        """The chats that changed since they were indexed, each with its token."""
        with storage_errors():
            return dict(json.loads(await js.hearth.readMarks(self._db)))

    async def page(self, chat_id: str, known: Mapping[str, int], after: Position | None, limit: int) -> IndexPage:
        """A page of a chat's messages for the index."""
        start = js_object(a=[after.created_at, after.id]).a if after else None
        with storage_errors():
            asked = js.hearth.readForIndex(self._db, chat_id, json.dumps(list(known.items())), start, limit)
            records, told = await asked
        said = json.loads(told)
        return IndexPage(cast(Records, records), tuple(said["live"]), Position(*said["next"]) if said["next"] else None)
