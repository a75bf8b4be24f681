"""Reads records within a transaction; what is deleted is left out."""

from __future__ import annotations

from hearth.browser.idb import KeyRange, Platform, Request, Transaction
from hearth.browser.storage import schema
from hearth.core.records.drafts import DRAFT_CREATED_AT
from hearth.core.records.schema import DRAFT
from hearth.ports.records import Records
from hearth.ports.storage import Position


def alive(platform: Platform, rows: Records) -> Records:
    """The records that are not deleted."""
    found: Records = platform.where(rows, "deleted_at", None)
    return found


def messages_of(chat: str, before: Position | None = None, first: Position | None = None) -> KeyRange:
    """The keys of a chat's messages: all, those before a position, or those from one on."""
    if before is not None:
        return KeyRange([chat], [chat, before.created_at, before.id], upper_open=True)
    if first is not None:
        return KeyRange([chat, first.created_at, first.id], [chat, []], upper_open=True)
    return KeyRange.beginning_with(chat)


async def last_messages(tx: Transaction, keys: KeyRange, limit: int, asked: Request[Records] | None = None) -> Records:
    """The last `limit` messages of a range that are not deleted, oldest first; `asked` may be under way already."""
    store, count = schema.records(tx, schema.MESSAGES), limit
    while True:
        rows, asked = await (asked or store.get_last(keys, count)), None
        found = alive(tx.platform, rows)
        if len(found) >= limit or len(rows) < count:
            return found if len(found) <= limit else found[len(found) - limit :]
        count *= 2


async def first_messages(tx: Transaction, keys: KeyRange, limit: int) -> Records:
    """The first `limit` messages of a range that are not deleted, oldest first."""
    store, count = schema.records(tx, schema.MESSAGES), limit
    while True:
        rows = await store.get_all(keys, count)
        found = alive(tx.platform, rows)
        if len(found) >= limit or len(rows) < count:
            return found if len(found) <= limit else found[:limit]
        count *= 2


async def chats_with_messages(tx: Transaction) -> set[str]:
    """The chats of which messages are stored: a step for each chat, however many messages it has."""
    found = set()
    async for at in tx.store(schema.MESSAGES).key_cursor():
        chat, *_ = at.key  # type: ignore[misc]  # the key path is an array
        found.add(str(chat))
        at.skip_to([chat, []])
    return found


async def drafts(tx: Transaction) -> Records:
    """The records of all drafts: a step for each chat, of whose messages a draft is the first."""
    store, found = schema.records(tx, schema.MESSAGES), []
    async for at in tx.store(schema.MESSAGES).key_cursor():
        chat, created_at, *_ = at.key  # type: ignore[misc]  # the key path is an array
        if created_at == DRAFT_CREATED_AT:
            found.append(at.key)
        at.skip_to([chat, []])
    rows = await store.get_many(found)
    return alive(tx.platform, tx.platform.where(rows, "role", DRAFT))


async def chats_without_messages(tx: Transaction) -> set[str]:
    """The chats that are not deleted, and have no messages here."""
    chats = schema.records(tx, schema.CHATS).get_all()
    with_messages = await chats_with_messages(tx)
    return {name for (name,) in tx.platform.fields(alive(tx.platform, await chats), ["id"])} - with_messages


async def stamps(tx: Transaction) -> dict[str, int]:
    """The settings and memories on the device with their `changed_at`, deleted ones included."""
    entries = await schema.records(tx, schema.ENTRIES).get_all()
    return dict(tx.platform.fields(entries, ["id", "changed_at"]))
