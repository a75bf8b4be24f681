"""IndexedDB behind the port `Store`, through the kernel `store.js`."""

from __future__ import annotations

import json
from collections.abc import Callable, Set
from dataclasses import replace
from functools import partial
from typing import Any, cast

import js

from hearth.browser.ffi import Proxies, js_object, storage_errors
from hearth.browser.storage.search_index import IdbShelf
from hearth.core.records.manifest import Checked
from hearth.core.records.schema import Collection
from hearth.ports.records import Records
from hearth.ports.storage import Batch, InitialData, Position, RemainingData, SyncState

_HAVE = "have:"
_CHECKED = "checked:"


class IdbStore:
    """One account's database. Made by `open_store`; `close` lets go of it."""

    def __init__(self, db: Any, proxies: Proxies) -> None:
        self._db = db
        self._proxies = proxies
        self.search_index = IdbShelf(db)

    async def apply(self, batch: Batch) -> None:
        """Write a batch in one transaction; see the port `Store`."""
        sync: list[dict[str, Any]] = [{"name": _HAVE + chat, "value": stamp} for chat, stamp in batch.complete.items()]
        if batch.cursor is not None:
            sync = [{"name": "cursor", "value": batch.cursor}]
        if batch.last_opened is not None:
            sync.append({"name": "last_opened", "value": batch.last_opened})
        sync += [{"name": _CHECKED + name, "value": list(each)} for name, each in batch.checked.items()]
        if batch.partial is not None:
            sync += [{"name": "partial", "value": sorted(batch.partial)}, {"name": "settled", "value": True}]
        records = js.Object.new()
        for collection, rows in batch.records.items():
            setattr(records, collection.value, rows)
        if batch.leave_out and Collection.MESSAGES in batch.records:
            left_out = js_object(c=sorted(batch.leave_out)).c
            records.messages = js.hearth.withoutChats(batch.records[Collection.MESSAGES], left_out)
        with storage_errors():
            await js.hearth.applyBatch(self._db, records, js_object(s=sync).s, batch.cursor is not None, batch.replace)

    async def drop(self, chats: Set[str]) -> None:
        """Remove these chats' messages, and the kept search index, in one transaction; see the port `Store`."""
        with storage_errors():
            await js.hearth.dropChats(self._db, js_object(c=sorted(chats)).c)

    async def with_messages(self, more: Records | None) -> set[str]:
        """The chats of which messages are stored, or among more."""
        with storage_errors():
            return set(json.loads(await js.hearth.chatsWithMessages(self._db, more)))

    async def load_initial(self, first: str | None, limit: int, kept: str) -> InitialData:
        """Read what a session begins with, in one crossing for what is shown first and one for the others."""
        with storage_errors():
            sync, stamps, *read = await js.hearth.readBeginning(self._db, first, limit, kept)
            state = await self._found_out(_sync_state(sync, stamps))
        one, last, others = read
        return InitialData(state, one, last, partial(_others, others))

    async def sync_state(self) -> SyncState:
        """Read where the device stands."""
        with storage_errors():
            return await self._found_out(_sync_state(*await js.hearth.readSync(self._db)))

    async def _found_out(self, state: SyncState) -> SyncState:
        """Where the device stands: what is partial is found by looking when it is not settled."""
        if state.cursor is None or state.settled:
            return state
        without = [str(each) for each in await js.hearth.chatsWithoutMessages(self._db)]
        return replace(state, partial=state.partial | set(without))

    async def chats(self) -> Records:
        """Every chat that is not deleted."""
        return await self._all(Collection.CHATS)

    async def chat(self, chat_id: str) -> Records:
        """One chat, or none when it is not here or deleted."""
        with storage_errors():
            return cast(Records, await js.hearth.readChat(self._db, chat_id))

    async def settings_and_memories(self) -> Records:
        """Every record of app settings and memories that is not deleted."""
        return await self._all(Collection.SETTINGS_AND_MEMORIES)

    async def messages(self, chat_id: str, limit: int, before: Position | None = None) -> Records:
        """The last `limit` messages of a chat, or of those before a position; oldest first."""
        bound = js_object(b=[before.created_at, before.id]).b if before else None
        with storage_errors():
            return cast(Records, await js.hearth.readMessages(self._db, chat_id, limit, bound))

    async def messages_from(self, chat_id: str, limit: int, first: Position) -> Records:
        """The first `limit` messages of a chat from a position on, that one included; oldest first."""
        bound = js_object(b=[first.created_at, first.id]).b
        with storage_errors():
            return cast(Records, await js.hearth.readMessagesFrom(self._db, chat_id, limit, bound))

    async def close(self) -> None:
        """Let go of the database, so that it can be deleted."""
        js.hearth.closeStore(self._db)
        self._proxies.destroy()

    async def _all(self, collection: Collection) -> Records:
        with storage_errors():
            return cast(Records, await js.hearth.readAll(self._db, collection.value))


async def _others(controller: Any) -> RemainingData:
    with storage_errors():
        chats, entries, sealed, names = await controller
    return RemainingData(chats, entries, sealed, json.loads(names))


def _sync_state(sync: str, stamps: str) -> SyncState:
    stored = {each["name"]: each["value"] for each in json.loads(sync)}
    cursor = stored.get("cursor")
    return SyncState(
        cursor=cursor,
        last_opened=stored.get("last_opened"),
        have={name.removeprefix(_HAVE): at for name, at in stored.items() if name.startswith(_HAVE)},
        have_settings={} if cursor else json.loads(stamps),
        checked={
            name.removeprefix(_CHECKED): Checked(*value) for name, value in stored.items() if name.startswith(_CHECKED)
        },
        partial=frozenset(stored.get("partial", ())),
        settled="settled" in stored,
    )


async def open_store(account: str, on_gone: Callable[[], None]) -> IdbStore:
    """Open an account's database; `on_gone` is called once when it is taken away. Raises `StorageError`."""
    proxies = Proxies()
    try:
        with storage_errors():
            return IdbStore(await js.hearth.openStore(account, proxies.make(on_gone)), proxies)
    except BaseException:
        proxies.destroy()
        raise
