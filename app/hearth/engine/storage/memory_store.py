"""The port `Store` in memory: for a page whose browser stores nothing, and for tests.

What it holds is what IndexedDB would hold, ciphertext and clear fields, and it is gone with the page.
"""

from __future__ import annotations

import asyncio
import copy
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from hearth.core.records.merge import head_of, merge_chat, newest, wins
from hearth.core.records.schema import DRAFT, Collection
from hearth.core.sync.older_chats import as_stored, from_stored
from hearth.engine.search.memory_index import MemorySearchIndex, StoredIndex
from hearth.ports.records import Records
from hearth.ports.storage import FIRST_VIEW, Batch, InitialData, Position, RemainingData, SyncState

Row = dict[str, Any]


class RowCodec(Protocol):
    """The way between the device's records and rows of Python's own."""

    def rows(self, records: Records) -> list[Row]:
        """Records as rows that nobody else holds."""

    def records(self, rows: list[Row]) -> Records:
        """Rows as records."""


class PlainRows:
    """For a device whose records are rows already."""

    def rows(self, records: Records) -> list[Row]:
        """A copy of them."""
        return copy.deepcopy(cast("list[Row]", records))

    def records(self, rows: list[Row]) -> Records:
        """As they are."""
        return rows


@dataclass(slots=True)
class Disk:
    """What a store holds; a test keeps it as a browser keeps IndexedDB from page to page."""

    chats: dict[str, Row] = field(default_factory=dict)
    messages: dict[str, dict[str, Row]] = field(default_factory=lambda: defaultdict(dict))
    entries: dict[str, Row] = field(default_factory=dict)
    sync: dict[str, Any] = field(default_factory=dict)
    kept: StoredIndex = field(default_factory=StoredIndex)
    values: dict[str, Any] = field(default_factory=dict)
    """What the device keeps for itself, sealed."""
    outbox: dict[str, Any] = field(default_factory=dict)


def _newest(rows: list[Row]) -> list[Row]:
    """The copies of a batch that count; a message is one of its chat."""
    return [rows[at] for at in newest(((row.get("chat_id"), row["id"]), row["version"]) for row in rows)]


def _put_newer(table: dict[str, Row], row: Row, replace: bool) -> None:
    stored = table.get(row["id"])
    if wins(stored["version"] if stored else None, row["version"], replace=replace):
        table[row["id"]] = row


class MemoryKeptValues:
    """`hearth.ports.storage.KeptValues` of a disk."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    async def names(self) -> list[str]:
        """The names of all values."""
        return sorted(self._disk.values)

    async def read(self, name: str) -> Any | None:
        """A value, sealed."""
        return self._disk.values.get(name)

    async def keep(self, name: str, sealed: Any) -> None:
        """Keep a value, sealed."""
        self._disk.values[name] = sealed

    async def forget(self, names: Iterable[str]) -> None:
        """Forget some values."""
        for name in names:
            self._disk.values.pop(name, None)


class MemoryStore:
    """`hearth.ports.storage.Store` in memory."""

    def __init__(self, disk: Disk | None = None, codec: RowCodec | None = None) -> None:
        self._disk = Disk() if disk is None else disk
        self._codec: RowCodec = codec or PlainRows()
        self.closed = False
        self.kept_values = MemoryKeptValues(self._disk)
        self.search_index = MemorySearchIndex(
            self._disk.kept, lambda chat: self._disk.messages.get(chat, {}).values(), self._codec.records
        )

    async def apply(self, batch: Batch) -> None:
        """Write a batch; nothing else runs between its parts."""
        await asyncio.sleep(0)
        self.write(batch)

    def write(self, batch: Batch) -> None:
        """Write a batch in one go."""
        rows = {name: self._codec.rows(records) for name, records in batch.records.items()}
        if batch.leave_out:
            messages = rows.get(Collection.MESSAGES, [])
            rows[Collection.MESSAGES] = [row for row in messages if row["chat_id"] not in batch.leave_out]
        self._disk.kept.mark(rows)
        self._put_chats(_newest(rows.get(Collection.CHATS, [])), batch.replace)
        self._put_messages(_newest(rows.get(Collection.MESSAGES, [])), batch.replace)
        for row in _newest(rows.get(Collection.SETTINGS_AND_MEMORIES, [])):
            _put_newer(self._disk.entries, row, batch.replace)
        self._put_state(batch)
        if batch.forget_view or any(row["deleted_at"] is not None for row in rows.get(Collection.CHATS, [])):
            self._disk.values.pop(FIRST_VIEW, None)

    async def drop(self, chats: Set[str]) -> None:
        """Remove these chats' messages, and what is kept of the search index."""
        await asyncio.sleep(0)
        for chat in chats:
            self._disk.messages.pop(chat, None)
        self._disk.kept.drop(chats)
        have = self._disk.sync.get("have", {})
        self._disk.sync["have"] = {name: at for name, at in have.items() if name not in chats}
        self._disk.sync["settled"] = False

    async def start_over(self) -> None:
        """Remove what came from the server."""
        await asyncio.sleep(0)
        for table in (self._disk.chats, self._disk.messages, self._disk.entries, self._disk.sync):
            table.clear()
        self._disk.kept.clear()
        self._disk.values.clear()

    async def with_messages(self, more: Records | None) -> set[str]:
        """The chats of which messages are stored, or among more."""
        rows = [] if more is None else self._codec.rows(more)
        return {chat for chat, own in self._disk.messages.items() if own} | {row["chat_id"] for row in rows}

    def _put_chats(self, rows: list[Row], replace: bool) -> None:
        for row in rows:
            stored = self._disk.chats.get(row["id"])
            merged = merge_chat(head_of(stored) if stored else None, head_of(row), replace=replace)
            if merged.put:
                self._disk.chats[row["id"]] = row
            if merged.drop_messages:
                self._disk.messages.pop(row["id"], None)

    def _put_messages(self, rows: list[Row], replace: bool) -> None:
        for row in rows:
            chat = self._disk.chats.get(row["chat_id"])
            if not merge_chat(head_of(chat) if chat else None, None).deleted:
                _put_newer(self._disk.messages[row["chat_id"]], row, replace)

    def _put_state(self, batch: Batch) -> None:
        sync = self._disk.sync
        if batch.cursor is not None:
            sync["cursor"] = batch.cursor
            sync["have"] = {}
        else:
            sync["have"] = {**sync.get("have", {}), **batch.complete}
        sync["checked"] = {**sync.get("checked", {}), **batch.checked}
        if batch.partial is not None:
            sync["partial"] = sorted(batch.partial)
            sync["settled"] = True
        if batch.last_opened is not None:
            sync["last_opened"] = batch.last_opened
        for name, sealed in batch.outbox.items():
            if sealed is None:
                self._disk.outbox.pop(name, None)
            else:
                self._disk.outbox[name] = sealed
        if batch.older is not None:
            sync["older"] = as_stored(batch.older)

    async def load_initial(self, first: str | None, limit: int, kept: str) -> InitialData:
        """Read what a session begins with."""
        state = await MemoryStore.sync_state(self)
        found = await MemoryStore.chat(self, first or "")
        if not len(found):
            first = state.last_opened or ""
            found = await MemoryStore.chat(self, first)
        messages = await MemoryStore.messages(self, first or "", limit)

        async def others() -> RemainingData:
            chats, entries = await MemoryStore.chats(self), await MemoryStore.settings_and_memories(self)
            values, shards = await self.kept_values.names(), await self.search_index.names()
            return RemainingData(chats, entries, await self.kept_values.read(kept), values, shards)

        return InitialData(state, found, messages, await MemoryStore.outbox(self), others)

    async def sync_state(self) -> SyncState:
        """Read where the device stands."""
        cursor, settled = self._disk.sync.get("cursor"), bool(self._disk.sync.get("settled"))
        partial = set(self._disk.sync.get("partial", ()))
        if cursor and not settled:
            partial |= {name for name, row in self._disk.chats.items() if row["deleted_at"] is None} - {
                name for name, own in self._disk.messages.items() if own
            }
        return SyncState(
            cursor=cursor,
            last_opened=self._disk.sync.get("last_opened"),
            have=dict(self._disk.sync.get("have", {})),
            have_settings={} if cursor else {row["id"]: row["changed_at"] for row in self._disk.entries.values()},
            checked=dict(self._disk.sync.get("checked", {})),
            partial=frozenset(partial),
            older=from_stored(self._disk.sync.get("older")),
            settled=settled,
        )

    async def drafts(self) -> Records:
        """The records of all drafts."""
        rows = [row for chat in self._disk.messages for row in self._in_order(chat)[:1]]
        return self._codec.records([row for row in rows if row["role"] == DRAFT])

    async def outbox(self) -> Mapping[str, Any]:
        """Everything in the outbox, by its name."""
        return dict(sorted(self._disk.outbox.items()))

    async def chats(self) -> Records:
        """Every chat that is not deleted."""
        return self._codec.records([row for row in self._disk.chats.values() if row["deleted_at"] is None])

    async def chat(self, chat_id: str) -> Records:
        """One chat, or none."""
        row = self._disk.chats.get(chat_id)
        return self._codec.records([row] if row and row["deleted_at"] is None else [])

    async def messages(self, chat_id: str, limit: int, before: Position | None = None) -> Records:
        """The last messages of a chat, oldest first."""
        rows = self._in_order(chat_id)
        if before:
            rows = [row for row in rows if (row["created_at"], row["id"]) < (before.created_at, before.id)]
        return self._codec.records(rows[-limit:])

    async def messages_from(self, chat_id: str, limit: int, first: Position) -> Records:
        """The messages of a chat from a position on."""
        rows = self._in_order(chat_id)
        here = [row for row in rows if (row["created_at"], row["id"]) >= (first.created_at, first.id)]
        return self._codec.records(here[:limit])

    async def entries(self, ids: Sequence[str]) -> Records:
        """Some records of settings and memories."""
        here = (self._disk.entries[each] for each in ids if each in self._disk.entries)
        return self._codec.records([row for row in here if row["deleted_at"] is None])

    async def settings_and_memories(self) -> Records:
        """Every entry that is not deleted."""
        return self._codec.records([row for row in self._disk.entries.values() if row["deleted_at"] is None])

    def _in_order(self, chat_id: str) -> list[Row]:
        own = self._disk.messages.get(chat_id, {}).values()
        return sorted((row for row in own if row["deleted_at"] is None), key=lambda row: (row["created_at"], row["id"]))

    async def close(self) -> None:
        """Let go."""
        self.closed = True
