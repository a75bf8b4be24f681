"""IndexedDB from Python: a general, typed layer for Pyodide, of use without anything else of Hearth.

    from hearth.browser.idb import IndexedDB, KeyRange, Transaction, Upgrade

    def create_notes(upgrade: Upgrade) -> None:
        notes = upgrade.create_store("notes", key_path="id")
        notes.create_index("by_day", "day")

    async def add_note(tx: Transaction) -> int:
        notes = tx.store("notes")
        notes.put({"id": "a", "day": "2026-11-25", "text": "Hello"})
        return await notes.count()                      # the transaction stays alive meanwhile

    db = await IndexedDB().open("notes", [create_notes])
    count = await db.write("notes", add_note)           # stored when this returns
    day = await db.read("notes", lambda tx: tx.store("notes").index("by_day").get_all(KeyRange.only("2026-11-25")))

A transaction is a function. Its requests are made at once, in the order of the calls, whether anybody awaits them or
not; it may await its own requests, and nothing else: that would end the transaction, so `ForeignAwait` is raised.
"""

from hearth.browser.idb.cursors import Cursor, KeyCursor
from hearth.browser.idb.database import OPEN_TIMEOUT_S, Database, IndexedDB
from hearth.browser.idb.errors import (
    Aborted,
    Blocked,
    Closed,
    ConnectionLost,
    ConstraintFailed,
    ForeignAwait,
    IdbError,
    InvalidData,
    NewerVersion,
    NotFound,
    OpenFailed,
    QuotaExceeded,
    ReadOnly,
    TimedOut,
    TransactionInactive,
    Unavailable,
    WrongUse,
)
from hearth.browser.idb.keys import Key, KeyRange, Query
from hearth.browser.idb.native import Platform
from hearth.browser.idb.requests import Request
from hearth.browser.idb.stores import Index, Store, Taken
from hearth.browser.idb.transaction import Transaction
from hearth.browser.idb.upgrades import Upgrade, UpgradeFunction
from hearth.browser.idb.values import AS_IS, Values

__all__ = [
    "AS_IS",
    "OPEN_TIMEOUT_S",
    "Aborted",
    "Blocked",
    "Closed",
    "ConnectionLost",
    "ConstraintFailed",
    "Cursor",
    "Database",
    "ForeignAwait",
    "IdbError",
    "Index",
    "IndexedDB",
    "InvalidData",
    "Key",
    "KeyCursor",
    "KeyRange",
    "NewerVersion",
    "NotFound",
    "OpenFailed",
    "Platform",
    "Query",
    "QuotaExceeded",
    "ReadOnly",
    "Request",
    "Store",
    "Taken",
    "TimedOut",
    "Transaction",
    "TransactionInactive",
    "Unavailable",
    "Upgrade",
    "UpgradeFunction",
    "Values",
    "WrongUse",
]
