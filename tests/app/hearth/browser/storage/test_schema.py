"""Databases that earlier builds left behind are migrated with all that they hold, or left as they were."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from hearth.browser.idb import IndexedDB, Transaction, Upgrade, UpgradeFunction
from hearth.browser.storage import schema
from hearth.browser.storage.store import open_store
from hearth.core.errors import NewerSchema
from hearth.testing.indexeddb import MemoryPlatform
from tests.contracts.records import chat, entry, message

ROWS: dict[str, list[dict[str, Any]]] = {
    "chats": [chat("a"), chat("b")],
    "messages": [message("a", 1), message("a", 2)],
    "settings_and_memories": [entry("e")],
    "sync": [{"name": "cursor", "value": "17"}, {"name": "partial", "value": ["b"]}],
}


KEPT = {
    "search": [{"name": name, "sealed": name.encode()} for name in ("1", "12", "view", "recent", "longest record")],
    "unindexed": [{"id": "a", "token": "token"}],
    "outbox": [{"name": "0001", "sealed": b"typed"}],
}


async def test_what_lay_among_the_shards_is_kept_apart_from_them() -> None:
    indexeddb = IndexedDB(MemoryPlatform())
    await left_behind(indexeddb, schema.MIGRATIONS[:4], {**ROWS, **KEPT})
    store = await open_store("account", lambda _by_tab: None, indexeddb)
    assert sorted(await store.search_index.names()) == ["1", "12"]
    assert sorted(await store.kept_values.names()) == ["longest record", "recent", "view"]
    assert await store.kept_values.read("view") == b"view"
    assert await store.search_index.read("12") == b"12"
    await store.close()
    found = await held(indexeddb)
    assert {name: found[name] for name in ("unindexed", "outbox")} == {
        name: KEPT[name] for name in ("unindexed", "outbox")
    }


async def left_behind(indexeddb: IndexedDB, steps: Sequence[UpgradeFunction], rows: dict[str, Any]) -> None:
    """A database as a build with these migrations left it."""
    db = await indexeddb.open(schema.database_name("account"), steps)

    async def fill(tx: Transaction) -> None:
        for name, each in rows.items():
            tx.store(name).put_all(each)

    await db.write(list(rows), fill)
    db.close()


async def held(indexeddb: IndexedDB, steps: Sequence[UpgradeFunction] = schema.MIGRATIONS) -> dict[str, Any]:
    """What the account's database holds, by store."""
    db = await indexeddb.open(schema.database_name("account"), steps)

    async def read(tx: Transaction) -> dict[str, Any]:
        return {name: await tx.store(name).get_all() for name in db.store_names}

    found = await db.read(db.store_names, read)
    db.close()
    return found


@pytest.mark.parametrize("version", range(1, len(schema.MIGRATIONS) + 1))
async def test_what_an_earlier_schema_holds_is_all_there(version: int) -> None:
    indexeddb = IndexedDB(MemoryPlatform())
    await left_behind(indexeddb, schema.MIGRATIONS[:version], ROWS)
    store = await open_store("account", lambda _by_tab: None, indexeddb)
    state = await store.sync_state()
    assert (state.cursor, state.partial, state.settled) == ("17", {"b"}, version < 3)
    await store.close()
    found = await held(indexeddb)
    assert {name: found[name] for name in ROWS if name != "sync"} == {
        name: rows for name, rows in ROWS.items() if name != "sync"
    }


async def test_an_interrupted_warming_of_the_first_schema_is_not_settled() -> None:
    indexeddb = IndexedDB(MemoryPlatform())
    await left_behind(indexeddb, schema.MIGRATIONS[:2], {"sync": [{"name": "have:a", "value": 1}]})
    store = await open_store("account", lambda _by_tab: None, indexeddb)
    assert ((await store.sync_state()).have, (await store.sync_state()).settled) == ({"a": 1}, False)


async def test_a_migration_that_breaks_off_leaves_the_earlier_schema_with_all_that_it_holds() -> None:
    indexeddb = IndexedDB(MemoryPlatform())
    await left_behind(indexeddb, schema.MIGRATIONS, ROWS)
    before = await held(indexeddb)

    async def breaks_off(upgrade: Upgrade) -> None:
        upgrade.delete_store("search")
        await upgrade.store("messages").clear()
        raise RuntimeError("broken off")

    with pytest.raises(RuntimeError, match="broken off"):
        await indexeddb.open(schema.database_name("account"), [*schema.MIGRATIONS, breaks_off])
    assert await held(indexeddb) == before


async def test_a_newer_schema_is_left_alone() -> None:
    indexeddb = IndexedDB(MemoryPlatform())
    newer = [*schema.MIGRATIONS, lambda upgrade: upgrade.create_store("future") and None]
    await left_behind(indexeddb, newer, ROWS)
    with pytest.raises(NewerSchema):
        await open_store("account", lambda _by_tab: None, indexeddb)
    assert "future" in await held(indexeddb, newer)
