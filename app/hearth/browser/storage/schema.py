"""The object stores of an account's database, and the numbered migrations that made them.

Number n, counted from 1, brings a database from schema n - 1 to schema n. One that has been published never changes; a
new one is added at the end, and `e2e/test_migrations.py` gets the database that it leaves behind. All that are due run
in one transaction: an interrupted one leaves the earlier schema.
"""

from __future__ import annotations

from typing import Any, cast

from hearth.browser import storage_names
from hearth.browser.idb import AS_IS, Store, Transaction, Upgrade, Values
from hearth.ports.records import Records

CHATS, MESSAGES, ENTRIES = storage_names.CHATS, storage_names.MESSAGES, storage_names.ENTRIES_STORE
SYNC = storage_names.SYNC
"""Where the device stands: `{name, value}`."""
SEARCH = storage_names.SEARCH
"""Shards of the search index: `{name, sealed}`."""
KEPT = storage_names.KEPT
"""What the device keeps for itself beside the records: `{name, sealed}`."""
UNINDEXED = storage_names.UNINDEXED
"""Chats that changed since they were indexed: `{id, token}`."""
OUTBOX = storage_names.OUTBOX
"""What the person did and the server has not confirmed, and the write that is under way: `{name, sealed}`."""

RECORDS: Values[Any, Records] = cast("Values[Any, Records]", AS_IS)
"""Records stay JavaScript's: one is passed on as it is, several as an array."""


def database_name(account: str) -> str:
    """The name of an account's database."""
    return storage_names.ACCOUNTS + account


def records(tx: Transaction, name: str) -> Store[Any, Records]:
    """An object store of records."""
    return tx.store(name, RECORDS)


def one_record_for_each_message(upgrade: Upgrade) -> None:
    """Schema 1."""
    upgrade.create_store(CHATS, key_path="id")
    upgrade.create_store(MESSAGES, key_path=["chat_id", "created_at", "id"])
    upgrade.create_store(ENTRIES, key_path="id")
    upgrade.create_store(SYNC, key_path="name")


def kept_search_index(upgrade: Upgrade) -> None:
    """Schema 2."""
    upgrade.create_store(SEARCH, key_path="name")
    upgrade.create_store(UNINDEXED, key_path="id")


async def settled_partial(upgrade: Upgrade) -> None:
    """Schema 3: until now no chat was evicted, so what is noted as partial is all that is."""
    sync = upgrade.store(SYNC)
    if await sync.get("cursor"):
        sync.put({"name": "settled", "value": True})


def outbox(upgrade: Upgrade) -> None:
    """Schema 4."""
    upgrade.create_store(OUTBOX, key_path="name")


async def kept_apart(upgrade: Upgrade) -> None:
    """Schema 5: until now what is kept lay among the shards of the search index, which have numbers for names."""
    kept = upgrade.create_store(KEPT, key_path="name")
    among = upgrade.store(SEARCH)
    for name in await among.get_all_keys():
        if not str(name).isdecimal():
            kept.put(await among.get(name))
            among.delete(name)


MIGRATIONS = (one_record_for_each_message, kept_search_index, settled_partial, outbox, kept_apart)
