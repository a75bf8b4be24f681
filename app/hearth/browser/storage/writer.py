"""Writes a batch in one transaction: the merge rule decides what of it takes the place of what is stored.

Reading is what costs, so no more is read than is needed. Of chats and entries the stored ones are read; messages are
not looked at one by one where their chat has none: they are added, and where a key turns out to be taken (by another
copy of the batch), the stored ones are read then.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from hearth.browser.idb import KeyRange, Platform, Transaction
from hearth.browser.storage import schema, sync_rows
from hearth.core.records.merge import Head, merge_chat, newest, wins
from hearth.core.records.schema import Collection
from hearth.ports.records import Records
from hearth.ports.storage import FIRST_VIEW, Batch

SCOPE = (schema.CHATS, schema.MESSAGES, schema.ENTRIES, schema.SYNC, schema.UNINDEXED, schema.OUTBOX)
"""The object stores that a batch may write to; one of the outbox alone, as with every message sent, takes only that."""


class BatchWriter:
    """One batch on its way into the database; `write` is the transaction's function."""

    def __init__(self, platform: Platform, batch: Batch) -> None:
        self._platform = platform
        self._batch = batch
        self._nothing: Records = platform.array([])
        self._chats, self._chat_heads = self._counting(batch.records.get(Collection.CHATS))
        self._messages = batch.records.get(Collection.MESSAGES, self._nothing)
        groups = platform.group(self._messages, "chat_id")
        self._of_chat = {chat: positions for chat, positions in groups.items() if chat not in batch.leave_out}
        """The positions of each chat's messages."""
        deletes = any(head.deleted for head in self._chat_heads.values())
        self._forgets_view = batch.forget_view or deletes
        self._is_of_outbox = batch == Batch(outbox=batch.outbox, forget_view=batch.forget_view)

    @property
    def scope(self) -> tuple[str, ...]:
        """The object stores of the transaction."""
        stores = (schema.OUTBOX,) if self._is_of_outbox else SCOPE
        return (*stores, schema.KEPT) if self._forgets_view else stores

    async def write(self, tx: Transaction) -> None:
        """Write it."""
        self._write_outbox(tx)
        if self._forgets_view:
            tx.store(schema.KEPT).delete(FIRST_VIEW)
        if self._is_of_outbox:
            return
        self._write_state(tx)
        chats = list(dict.fromkeys([*self._chat_heads, *self._of_chat]))
        stored_chats = schema.records(tx, schema.CHATS).get_many(chats)
        counts = schema.records(tx, schema.MESSAGES).count_many([messages_of(chat) for chat in self._of_chat])
        await self._put_newer(tx, schema.ENTRIES, self._batch.records.get(Collection.SETTINGS_AND_MEMORIES))
        deleted = self._put_chats(tx, dict(zip(chats, self._heads(await stored_chats), strict=True)))
        filled = {chat for chat, count in zip(self._of_chat, await counts, strict=True) if count} - deleted
        adding = self._positions(self._of_chat.keys() - filled - deleted)
        added = schema.records(tx, schema.MESSAGES).add_all(self._pick(self._messages, adding))
        await self._put_newer(tx, schema.MESSAGES, self._pick(self._messages, self._positions(filled)))
        if taken := {adding[at] for at in (await added).positions}:
            again = {chat for chat, positions in self._of_chat.items() if taken.intersection(positions)}
            await self._put_newer(tx, schema.MESSAGES, self._pick(self._messages, self._positions(again)))

    def _write_state(self, tx: Transaction) -> None:
        """Where the device stands from now on, and which chats the search index does not know as they are."""
        sync = tx.store(schema.SYNC)
        if self._batch.cursor is not None:
            sync.delete(KeyRange.prefixed(sync_rows.HAVE))
        sync.put_all(sync_rows.rows_of(self._batch))
        gone = [chat for chat, head in self._chat_heads.items() if head.deleted]
        marks = [{"id": chat, "token": str(uuid.uuid4())} for chat in dict.fromkeys([*self._of_chat, *gone])]
        tx.store(schema.UNINDEXED).put_all(marks)

    def _write_outbox(self, tx: Transaction) -> None:
        outbox = tx.store(schema.OUTBOX)
        outbox.put_all(
            [{"name": name, "sealed": each} for name, each in self._batch.outbox.items() if each is not None]
        )
        outbox.delete_all([name for name, each in self._batch.outbox.items() if each is None])

    def _put_chats(self, tx: Transaction, stored: dict[str, Head | None]) -> set[str]:
        """Put the chats that win; which ones are deleted now, of those that the batch brings anything of."""
        replace, arriving = self._batch.replace, self._chat_heads
        merged = {chat: merge_chat(head, arriving.get(chat), replace=replace) for chat, head in stored.items()}
        winners = [at for at, chat in enumerate(arriving) if merged[chat].put]
        schema.records(tx, schema.CHATS).put_all(self._pick(self._chats, winners))
        emptied = [messages_of(chat) for chat, merge in merged.items() if merge.drop_messages]
        schema.records(tx, schema.MESSAGES).delete_all(emptied)
        return {chat for chat, merge in merged.items() if merge.deleted}

    async def _put_newer(self, tx: Transaction, name: str, rows: Records | None) -> None:
        """Put the records that are newer than what is stored under their keys."""
        if rows is None or len(rows) == 0:
            return
        store = schema.records(tx, name)
        stored = store.get_stored(rows)
        heads = self._platform.fields(rows, ["chat_id", "id", "version"])
        counting = newest(((chat, name), version) for chat, name, version in heads)
        here = [each and each[0] for each in self._platform.fields(await stored, ["version"])]
        winners = [at for at in counting if wins(here[at], heads[at][2], replace=self._batch.replace)]
        store.put_all(self._pick(rows, winners))

    def _positions(self, chats: Iterable[str]) -> list[int]:
        """The positions of the messages of some chats, in their order."""
        return sorted(position for chat in chats for position in self._of_chat[chat])

    def _counting(self, rows: Records | None) -> tuple[Records, dict[str, Head]]:
        """Of several copies of a chat in the batch the newest, with its head."""
        if rows is None:
            return self._nothing, {}
        found = self._platform.fields(rows, ["id", "version", "deleted_at"])
        positions = newest((name, version) for name, version, _ in found)
        heads = {found[at][0]: Head(found[at][1], found[at][2] is not None) for at in positions}
        return self._pick(rows, positions), heads

    def _heads(self, rows: Records) -> list[Head | None]:
        found = self._platform.fields(rows, ["version", "deleted_at"])
        return [each and Head(each[0], each[1] is not None) for each in found]

    def _pick(self, rows: Records, positions: Sequence[int]) -> Records:
        """The rows at some positions, which are in ascending order."""
        picked: Records = rows if len(positions) == len(rows) else self._platform.pick(rows, positions)
        return picked


def messages_of(chat: str) -> KeyRange:
    """The keys of a chat's messages."""
    return KeyRange.beginning_with(chat)
