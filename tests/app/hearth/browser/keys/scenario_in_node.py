"""Runs in Pyodide under Node.js: the key store on real WebCrypto, with locks as browsers have them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import js
import pyodide_js
from pyodide.code import run_js

from hearth.browser.cache_storage import BrowserCaches
from hearth.browser.crypto.webcrypto import WebCipher
from hearth.browser.keys.browser_parts import browser_key_store
from hearth.browser.storage.store import page_indexeddb
from hearth.browser.storage.wipe import Wipe
from hearth.browser.tabs.claims import Claim, turn
from hearth.browser.web_locks import BrowserLocks
from hearth.core.errors import Damaged
from hearth.core.records.envelope import Place
from hearth.ports.keys import Key

OVERHEAR = """
(keys) => {
  const importKey = SubtleCrypto.prototype.importKey;
  SubtleCrypto.prototype.importKey = function (format, raw, algorithm, ...rest) {
    if (format === "raw" && algorithm === "AES-GCM") keys.push(new Uint8Array(raw.slice ? raw.slice(0) : raw));
    return importKey.call(this, format, raw, algorithm, ...rest);
  };
}
"""


async def run() -> str:
    """Go through it."""
    said: dict[str, Any] = {}
    overheard = run_js("[]")
    run_js(OVERHEAR)(overheard)
    cipher = WebCipher()
    credentials = await cipher.derive(b"password", b"salt" * 4, 1000)
    _, wrapped = await cipher.create_key(credentials.wrapping, Place("a", "users", "a", "master_key"))
    store = browser_key_store()
    store.prepare()
    key = await store.admit(credentials.wrapping, wrapped, "a", "somebody@hearth.test", True)
    store.note_stored("a")
    said["extractable"] = key.handle.extractable
    said["local"] = sorted(js.Object.keys(js.localStorage))
    said["shares"] = len(await BrowserCaches().answers("hearth-halves"))
    said["held"] = len(js.hearth.keys.heldShares())

    again = browser_key_store()
    found = await again.recall()
    said["recalled"] = found is not None and found[0] == "a" and found[1].id == key.id and not again.lost
    assert found is not None
    sealed = await cipher.seal(found[1], "text", Place("a", "b", "c", "d"))
    said["same key"] = await cipher.open(key, sealed, Place("a", "b", "c", "d"))

    heap = pyodide_js._module.HEAPU8
    find = run_js("(heap, keys) => keys.filter((raw) => Buffer.from(heap.buffer).includes(Buffer.from(raw))).length")
    said["keys"], said["in Python's heap"] = len(overheard), find(heap, overheard)

    other = js.navigator.locks.request(
        "hearth:half:of another page", js.Object.fromEntries([["mode", "shared"]]), _for_ever
    )
    js.hearth.keys.dropEarly()
    said["handed over"] = await _ask(browser_key_store())
    for name in js.Object.keys(js.sessionStorage):
        js.sessionStorage.removeItem(name)  # what was handed over is another tab's
    await again.lock("a")
    note = await browser_key_store().locked()
    assert note is not None
    said["note"] = [note.account, note.email, note.stay]
    said["after the lock"] = sorted(js.Object.keys(js.localStorage))
    del other

    try:
        await store.admit(Key(credentials.wrapping.id, found[1].handle), wrapped, "a", "x", False)
    except Damaged as error:
        said["refused"] = str(error)
    js.localStorage.setItem(
        "hearth.key:b", '{"account":"b","keyId":"AAAAAAAAAAA=","half":"x","nonce":"AAAA","sealed":"AAAA"}'
    )
    said["recalls nothing"] = [await again.recall() is None, again.lost]
    store.owe_sign_out(True)
    store.begin_wipe("a")
    said["cookie"] = [str(js.document.cookie).split(";")[0], store.wiping]
    said["left"] = [await store.forget(in_use=True), await Wipe(page_indexeddb(), BrowserCaches()).stores()]
    store.end_wipe()
    said["storages"] = [list(js.Object.keys(each)) for each in (js.sessionStorage, js.localStorage)]
    said["caches"] = await BrowserCaches().names()
    said["claims"] = await _claims()
    said["proxies"] = await _proxies()
    return json.dumps(said)


def _for_ever(_lock: Any) -> Any:
    return js.Promise.new(lambda _resolve, _reject: None)


async def _ask(store: Any) -> Any:
    alive = await store.ask_tabs()
    found = await store.recall()
    return [alive, found and found[0], sorted(js.Object.keys(js.sessionStorage))]


async def _claims() -> list[Any]:
    """Two tabs of one account, each with its claim."""
    told: list[str] = []
    locks = BrowserLocks()
    one = Claim(locks, "a", lambda: told.append("one owns"), lambda: told.append("one lost"))
    two = Claim(locks, "a", lambda: told.append("two owns"), lambda: told.append("two lost"))
    answers = [await one.ask(), await two.ask(), await locks.requests("hearth:owner:a")]
    two.take()
    await asyncio.sleep(0.01)
    two.release()
    await asyncio.sleep(0.01)
    one.release()
    await asyncio.sleep(0.01)
    async with turn(locks):
        told.append("in turn")
    await asyncio.sleep(0.01)
    return [*answers, *told, await locks.requests("hearth:owner:a"), await locks.requests("hearth:sign-in")]


async def _proxies() -> int:
    """How many proxies a claim leaves behind."""
    module = pyodide_js._module
    module.enable_pyproxy_allocation_tracing()
    await _claims()
    before = module.pyproxy_alloc_map.size
    for _ in range(5):
        await _claims()
    return int(module.pyproxy_alloc_map.size - before)
