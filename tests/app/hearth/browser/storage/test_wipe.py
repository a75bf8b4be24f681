"""A wipe deletes what is an account's, or everybody's, leaves the page's own files, and says what is still there."""

from __future__ import annotations

import asyncio

from hearth.browser import storage_names
from hearth.browser.idb import Upgrade
from hearth.browser.storage.wipe import Wipe, is_of
from tests.app.hearth.browser.in_memory import Machine, OnePage


def create(upgrade: Upgrade) -> None:
    upgrade.create_store("anything")


async def with_databases(*names: str) -> OnePage:
    """A page with databases of these names."""
    page = OnePage(Machine())
    for name in names:
        (await page.indexeddb.open(name, [create])).close()
    return page


async def test_an_accounts_databases_go_and_the_others_stay() -> None:
    page = await with_databases("hearth:a", "hearth:a:old", "hearth:ab", "IDBMap/x", "somebody-else")
    assert await page.wipe.stores("a") == []
    assert sorted(await page.indexeddb.names()) == ["hearth:ab", "somebody-else"]
    assert await page.wipe.stores() == []
    assert await page.indexeddb.names() == ["somebody-else"]


async def test_the_databases_of_other_accounts_go() -> None:
    page = await with_databases("hearth:a", "hearth:b", "hearth:c", "hearth-halves")
    assert await page.wipe.others("b") == []
    assert sorted(await page.indexeddb.names()) == ["hearth-halves", "hearth:b"]


async def test_it_waits_for_a_page_that_holds_a_database() -> None:
    page = await with_databases()
    held = await page.indexeddb.open("hearth:a", [create], on_gone=None)
    native = held._native
    assert native is not None
    native.onversionchange = None  # type: ignore[attr-defined]  # a page that hangs
    wiping = asyncio.ensure_future(page.wipe.stores())
    done, _ = await asyncio.wait({wiping}, timeout=0.05)
    assert not done
    held.close()
    assert await wiping == []


async def test_answers_go_and_the_pages_own_files_and_the_shares_stay() -> None:
    page = OnePage(Machine())
    files = {"/": b"", "/index.html": b"", "/-/core.js": b""}
    page.machine.caches |= {
        storage_names.FILES + "1": {**files, "/api/session": b"secret"},
        storage_names.SHARES: {"/half/1": b"share"},
    }
    assert await page.wipe.stores() == []
    assert page.machine.caches == {storage_names.FILES + "1": files, storage_names.SHARES: {"/half/1": b"share"}}
    page.machine.caches["another"] = {"/api/chats": b"secret"}
    page.caches.stuck = {"/api/chats"}
    assert await page.wipe.stores() == ["/api/chats"]


async def test_in_another_apps_page_what_is_that_apps_stays() -> None:
    page = await with_databases("hearth:a", "IDBMap/x")
    page.machine.caches |= {"another": {"/data": b"1"}, storage_names.SHARES: {"/half/1": b"share"}}
    assert await Wipe(page.indexeddb, None).stores() == []
    assert await page.indexeddb.names() == ["IDBMap/x"]
    assert list(page.machine.caches) == ["another", storage_names.SHARES]


def test_an_accounts_id_that_begins_anothers_is_not_taken_for_it() -> None:
    assert is_of("a", "hearth:a")
    assert is_of("a", "hearth:a:messages")
    assert not is_of("a", "hearth:ab")
