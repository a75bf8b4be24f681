"""Runs inside the browser's Python: the contracts of the ports, on the real adapters. Answers are JSON text."""

from __future__ import annotations

import json
import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

import js
import pyodide_js

from hearth.browser.cache_storage import BrowserCaches
from hearth.browser.crypto.webcrypto import WebCipher, WebKeyring, gcm_open, import_key, import_root
from hearth.browser.ffi import js_bytes
from hearth.browser.idb import IndexedDB
from hearth.browser.storage.memory import JsonRows
from hearth.browser.storage.store import IdbStore, open_store, page_indexeddb
from hearth.browser.storage.wipe import Wipe
from hearth.core.errors import SealError
from hearth.core.records import envelope
from hearth.core.records.envelope import Place
from hearth.core.records.schema import Collection, specs_json
from hearth.engine.storage.memory_store import Disk, MemoryStore
from hearth.ports.keys import Key
from hearth.ports.records import Records
from hearth.ports.storage import Store
from tests.contracts import crypto, indexeddb, schema, store

USAGES = ["encrypt", "decrypt", "wrapKey", "unwrapKey"]
js.hearth.records.configure(specs_json())


class WebEnv:
    """The browser's adapters, for the cases of both contracts."""

    def __init__(self) -> None:
        self.cipher = WebCipher()
        self._accounts: dict[int, str] = {}

    async def fresh(self) -> Store:
        """An empty store of an account of its own."""
        return await self._open(str(js.crypto.randomUUID()))

    async def reopened(self, opened: Store) -> Store:
        """The same account's store, closed and opened again."""
        await opened.close()
        return await self._open(self._accounts[id(opened)])

    async def _open(self, account: str) -> IdbStore:
        opened = await open_store(account, lambda _by_tab: None)
        self._accounts[id(opened)] = account
        self._kept = [*getattr(self, "_kept", []), opened]
        return opened

    async def clean(self) -> None:
        """Close and delete what the cases made."""
        for each in getattr(self, "_kept", []):
            await each.close()
        assert await Wipe(page_indexeddb(), BrowserCaches()).stores() == []

    def records(self, rows: list[dict[str, Any]]) -> Records:
        """Rows as a JavaScript array."""
        return cast(Records, js.JSON.parse(json.dumps(rows)))

    def rows(self, records: Records) -> list[dict[str, Any]]:
        """A JavaScript array as rows."""
        return cast(list[dict[str, Any]], json.loads(js.JSON.stringify(records)))

    def sealed(self, content: bytes) -> Any:
        """Bytes as a `Uint8Array`."""
        return js_bytes(content)

    def unsealed(self, sealed: Any) -> bytes:
        """A `Uint8Array` as bytes."""
        return cast(bytes, sealed.to_bytes())

    async def key(self, raw: bytes, key_id: bytes) -> Key:
        """A key of given bytes."""
        return Key(key_id, await import_key(raw, USAGES))

    async def secret(self, raw: bytes) -> Key:
        """A secret of given bytes."""
        return Key(b"", await import_root(js_bytes(raw)))

    def registry_changed(self) -> None:
        """The kernel takes the registry over anew."""
        js.hearth.records.configure(specs_json())

    def fits(self, collection: Collection, record: Any) -> bool:
        """Whether the kernel takes a record in."""
        return bool(js.hearth.records.fitsRegistry(collection.value, js.JSON.parse(json.dumps(record))))

    def keyring(self, account: str, master: Key) -> WebKeyring:
        """A keyring."""
        return WebKeyring(account, master)


class MemoryEnv(WebEnv):
    """The store that takes over where the browser's own does not work, with JavaScript's records."""

    def __init__(self) -> None:
        super().__init__()
        self._disks: dict[int, Disk] = {}

    async def fresh(self) -> Store:
        """An empty store."""
        return self._on(Disk())

    async def reopened(self, opened: Store) -> Store:
        """Another store on what the first one leaves."""
        await opened.close()
        return self._on(self._disks[id(opened)])

    def _on(self, disk: Disk) -> MemoryStore:
        opened = MemoryStore(disk, JsonRows())
        self._disks[id(opened)] = disk
        self._kept = [*getattr(self, "_kept", []), opened]
        return opened


class IndexedDbEnv:
    """The browser's IndexedDB."""

    def __init__(self) -> None:
        self.indexeddb = IndexedDB()
        self._names: list[str] = []
        pyodide_js._module.enable_pyproxy_allocation_tracing()

    def name(self) -> str:
        """A name that nobody has."""
        self._names.append(f"contract {js.crypto.randomUUID()}")
        return self._names[-1]

    def proxies(self) -> int:
        """The proxies that are neither destroyed nor collected."""
        return int(pyodide_js._module.pyproxy_alloc_map.size)

    async def clean(self) -> None:
        """Delete what the case made; open connections make way."""
        for name in self._names:
            await self.indexeddb.delete(name, timeout_s=5)


async def contracts_of_indexeddb() -> str:
    """Run every case of IndexedDB."""
    return await _run(IndexedDbEnv, indexeddb.CASES)


async def contracts() -> str:
    """Run every case on the browser's adapters: its name with what went wrong, or an empty text."""
    return await _run(WebEnv, {**store.CASES, **crypto.CASES, **schema.CASES})


async def contracts_in_memory() -> str:
    """Run every case of the store in memory."""
    return await _run(MemoryEnv, store.CASES)


async def _run(make: Callable[[], Any], cases: Mapping[str, Callable[[Any], Awaitable[None]]]) -> str:
    results = {}
    for name, case in cases.items():
        env = make()
        try:
            await case(env)
            results[name] = ""
        except BaseException:  # noqa: BLE001 - a failing case is reported, not raised
            results[name] = traceback.format_exc()
        finally:
            await env.clean()
    return json.dumps(results)


async def vectors(text: str) -> str:
    """Open test vectors (hex `key`, `nonce`, `aad`, `body`): hex plain bytes, or null where it refused."""
    answers: list[str | None] = []
    for each in json.loads(text):
        key, nonce, aad, body = (bytes.fromhex(each[name]) for name in ("key", "nonce", "aad", "body"))
        try:
            answers.append((await gcm_open(await import_key(key, ["decrypt"]), nonce, aad, body)).hex())
        except SealError:
            answers.append(None)
    return json.dumps(answers)


async def seal_for_the_other_side(raw_key: str, text: str) -> str:
    """A value and a wrapped key, sealed here to be opened there."""
    env = WebEnv()
    key = await env.key(bytes.fromhex(raw_key), b"12345678")
    sealed = await env.cipher.seal(key, text, Place("account", "chats", "chat", "title"))
    child, wrapped = await env.cipher.create_key(key, Place("account", "chats", "chat", "key"))
    inner = await env.cipher.seal(child, text, Place("account", "messages", "m", "content"))
    return json.dumps([sealed, wrapped, inner])


async def open_from_the_other_side(raw_key: str, values: str) -> str:
    """Open what `seal_for_the_other_side` made elsewhere."""
    env = WebEnv()
    sealed, wrapped, inner = json.loads(values)
    key = await env.key(bytes.fromhex(raw_key), b"12345678")
    child = await env.cipher.unwrap_key(key, wrapped, Place("account", "chats", "chat", "key"))
    return json.dumps(
        [
            await env.cipher.open(key, sealed, Place("account", "chats", "chat", "title")),
            await env.cipher.open(child, inner, Place("account", "messages", "m", "content")),
        ]
    )


def registry(text: str) -> str:
    """Whether the kernel takes each `[collection, record]`."""
    fits, parse = js.hearth.records.fitsRegistry, js.JSON.parse
    return json.dumps([fits(name, parse(json.dumps(row))) for name, row in json.loads(text)])


async def keys_are_not_extractable() -> str:
    """The names of keys whose bytes a script could read back."""
    env = WebEnv()
    credentials = await env.cipher.derive(b"password", b"s" * 32, 1000)
    key, _ = await env.cipher.create_key(credentials.wrapping, Place("a", "b", "c", envelope.__name__))
    return json.dumps(
        [name for name, each in {"wrapping": credentials.wrapping, "created": key}.items() if each.handle.extractable]
    )
