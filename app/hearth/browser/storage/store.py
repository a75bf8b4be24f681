"""The port `Store` on IndexedDB: one account's database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar, cast

from hearth.browser.idb import AS_IS, Database, IndexedDB, Request, Transaction
from hearth.browser.storage import reader, schema, sync_rows
from hearth.browser.storage.errors import storage_errors
from hearth.browser.storage.kept_values import IdbKeptValues
from hearth.browser.storage.search_index import IdbSearchIndex
from hearth.browser.storage.writer import BatchWriter
from hearth.ports.device import OnGone
from hearth.ports.records import Records
from hearth.ports.storage import Batch, InitialData, Position, RemainingData, SyncState

T = TypeVar("T")


class IdbStore:
    """One account's database. Made by `open_store`; `close` releases it."""

    def __init__(self, db: Database, indexeddb: IndexedDB) -> None:
        self._db = db
        self._platform = indexeddb.platform
        self.kept_values = IdbKeptValues(db, indexeddb)
        self.search_index = IdbSearchIndex(db, indexeddb)

    async def apply(self, batch: Batch) -> None:
        """Write a batch in one transaction; see the port."""
        writer = BatchWriter(self._platform, batch)
        with storage_errors():
            await self._db.write(writer.scope, writer.write)

    async def drop(self, chats: Set[str]) -> None:
        """Remove these chats' messages, and the kept search index, in one transaction; see the port.

        What is freed counts once this has committed, and as long as the disk is full, a transaction that adds anything
        is refused, whatever else it removes: that these chats are here in part is said by a note less.
        """

        async def work(tx: Transaction) -> None:
            tx.store(schema.SEARCH).clear()
            tx.store(schema.MESSAGES).delete_all([reader.messages_of(chat) for chat in sorted(chats)])
            tx.store(schema.UNINDEXED).delete_all(sorted(chats))
            tx.store(schema.SYNC).delete_all([*(sync_rows.HAVE + chat for chat in sorted(chats)), sync_rows.SETTLED])

        with storage_errors():
            await self._db.write((schema.MESSAGES, schema.SYNC, schema.SEARCH, schema.UNINDEXED), work)

    async def start_over(self) -> None:
        """Remove what came from the server, in one transaction; see the port."""

        async def work(tx: Transaction) -> None:
            for name in stores:
                tx.store(name).clear()

        stores = (
            schema.CHATS,
            schema.MESSAGES,
            schema.ENTRIES,
            schema.SYNC,
            schema.UNINDEXED,
            schema.SEARCH,
            schema.KEPT,
        )
        with storage_errors():
            await self._db.write(stores, work)

    async def with_messages(self, more: Records | None) -> set[str]:
        """The chats of which messages are stored, or among more."""
        others = [] if more is None else self._platform.fields(more, ["chat_id"])
        return await self._read(schema.MESSAGES, reader.chats_with_messages) | {chat for (chat,) in others}

    async def load_initial(self, first: str | None, limit: int, kept: str) -> InitialData:
        """Read what a session begins with: what is shown first in one transaction, the others in the next."""

        async def work(tx: Transaction) -> tuple[SyncState, Records, Records, Mapping[str, Any]]:
            waiting = self._outbox(tx)
            rows = await tx.store(schema.SYNC).get_all()
            state = sync_rows.state_of(rows, {})
            if state.cursor is None:
                state = replace(state, have_settings=await reader.stamps(tx))
            none: Records = self._platform.array([])
            for chat in (first, state.last_opened):
                if chat is None:
                    continue
                asked, keys = self._chat(tx, chat), reader.messages_of(chat)
                last = schema.records(tx, schema.MESSAGES).get_last(keys, limit)
                if len(found := await asked):
                    return state, found, await reader.last_messages(tx, keys, limit, last), await waiting
            return state, none, none, await waiting

        reading = self._read((schema.SYNC, schema.CHATS, schema.MESSAGES, schema.ENTRIES, schema.OUTBOX), work)
        others = asyncio.ensure_future(self._remaining(kept))
        others.add_done_callback(lambda done: done.cancelled() or done.exception())  # whoever waits for it hears of it
        state, chat, messages, waiting = await reading
        return InitialData(await self._with_partial(state), chat, messages, waiting, lambda: _waited(others))

    async def _remaining(self, kept: str) -> RemainingData:
        async def work(tx: Transaction) -> RemainingData:
            chats, entries = (schema.records(tx, name).get_all() for name in (schema.CHATS, schema.ENTRIES))
            sealed = self.kept_values.ask(tx, kept)
            names, shards = (tx.store(name).get_all_keys() for name in (schema.KEPT, schema.SEARCH))
            return RemainingData(
                reader.alive(tx.platform, await chats),
                reader.alive(tx.platform, await entries),
                await sealed,
                cast("list[str]", await names),
                cast("list[str]", await shards),
            )

        return await self._read((schema.CHATS, schema.ENTRIES, schema.SEARCH, schema.KEPT), work)

    async def sync_state(self) -> SyncState:
        """Read where the device stands."""

        async def work(tx: Transaction) -> SyncState:
            rows = tx.store(schema.SYNC).get_all()
            stamps = await reader.stamps(tx)
            return sync_rows.state_of(await rows, stamps)

        return await self._with_partial(await self._read((schema.SYNC, schema.ENTRIES), work))

    async def _with_partial(self, state: SyncState) -> SyncState:
        """Where the device stands: what is partial is found by looking when it is not settled."""
        if state.cursor is None or state.settled:
            return state
        without = await self._read((schema.CHATS, schema.MESSAGES), reader.chats_without_messages)
        return replace(state, partial=state.partial | without)

    async def drafts(self) -> Records:
        """The records of all drafts."""
        return await self._read(schema.MESSAGES, reader.drafts)

    async def outbox(self) -> Mapping[str, Any]:
        """Everything in the outbox, sealed, by its name, in the order of the names."""
        return await self._read(schema.OUTBOX, self._outbox)

    def _outbox(self, tx: Transaction) -> Request[Mapping[str, Any]]:
        """Everything in the outbox, within a transaction."""
        return tx.store(schema.OUTBOX, AS_IS).get_all().then(self._by_name)

    def _by_name(self, rows: Any) -> Mapping[str, Any]:
        names = self._platform.fields(rows, ["name"])
        return {name: self._platform.member(rows[at], "sealed") for at, (name,) in enumerate(names)}

    async def chats(self) -> Records:
        """Every chat that is not deleted."""
        return await self._all(schema.CHATS)

    async def chat(self, chat_id: str) -> Records:
        """One chat, or none when it is not here or deleted."""
        return await self._read(schema.CHATS, lambda tx: self._chat(tx, chat_id))

    async def settings_and_memories(self) -> Records:
        """Every record of app settings and memories that is not deleted."""
        return await self._all(schema.ENTRIES)

    async def entries(self, ids: Sequence[str]) -> Records:
        """The records of settings and memories with these ids, as far as they are here and not deleted."""
        found = await self._read(schema.ENTRIES, lambda tx: schema.records(tx, schema.ENTRIES).get_many(ids))
        return reader.alive(self._platform, found)

    async def messages(self, chat_id: str, limit: int, before: Position | None = None) -> Records:
        """The last `limit` messages of a chat, or of those before a position; oldest first."""
        keys = reader.messages_of(chat_id, before=before)
        return await self._read(schema.MESSAGES, lambda tx: reader.last_messages(tx, keys, limit))

    async def messages_from(self, chat_id: str, limit: int, first: Position) -> Records:
        """The first `limit` messages of a chat from a position on, that one included; oldest first."""
        keys = reader.messages_of(chat_id, first=first)
        return await self._read(schema.MESSAGES, lambda tx: reader.first_messages(tx, keys, limit))

    async def close(self) -> None:
        """Release the database, so that it can be deleted."""
        self._db.close()

    def _chat(self, tx: Transaction, chat_id: str) -> Request[Records]:
        found = schema.records(tx, schema.CHATS).get_many([chat_id])
        return found.then(lambda rows: reader.alive(self._platform, rows))

    async def _all(self, name: str) -> Records:
        return reader.alive(self._platform, await self._read(name, lambda tx: schema.records(tx, name).get_all()))

    async def _read(self, stores: str | Iterable[str], work: Callable[[Transaction], Awaitable[T]]) -> T:
        with storage_errors():
            return await self._db.read(stores, work)


async def _waited(task: asyncio.Task[T]) -> T:
    return await task


@cache
def page_indexeddb() -> IndexedDB:
    """The IndexedDB of this page."""
    return IndexedDB()


async def open_store(account: str, on_gone: OnGone, indexeddb: IndexedDB | None = None) -> IdbStore:
    """Open an account's database; `on_gone` is called once when it is taken away. Raises `StorageError`."""
    here = indexeddb or page_indexeddb()
    with storage_errors():
        db = await here.open(
            schema.database_name(account), schema.MIGRATIONS, on_gone=lambda why: on_gone(why == "versionchange")
        )
    return IdbStore(db, here)
