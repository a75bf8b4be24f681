"""The key store of this page, put together from the browser's own storages, locks and cryptography."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import js
from pyodide.ffi import JsException

from hearth.browser import storage_names
from hearth.browser.cache_storage import BrowserCaches, cache_storage_loses
from hearth.browser.ffi import js_object
from hearth.browser.idb import IdbError
from hearth.browser.keys.entries import Entries
from hearth.browser.keys.hand_over import HandOver
from hearth.browser.keys.key_store import BrowserKeyStore
from hearth.browser.keys.ports import Offered
from hearth.browser.keys.share_places import InCacheStorage, InDatabase
from hearth.browser.keys.shares import Shares
from hearth.browser.keys.web_sealing import WebSealing
from hearth.browser.storage.store import page_indexeddb
from hearth.browser.web_storage import browser_storage
from hearth.core.errors import Damaged

UNENDED_S = 30 * 24 * 3600
"""As long as a session lasts."""


def browser_key_store() -> BrowserKeyStore:
    """The key store of this page."""
    kernel, sealing = FirstKey(), WebSealing()
    places = InCacheStorage(BrowserCaches()), InDatabase(page_indexeddb())
    shares = Shares(kernel, sealing, places, cache_storage_loses, lambda: str(js.crypto.randomUUID()))
    entries = Entries(browser_storage("sessionStorage"), browser_storage("localStorage"))
    return BrowserKeyStore(entries, shares, kernel, sealing, HandOver(), PageSurroundings())


class FirstKey:
    """`KeyKernel`: what `first_key.js` has begun before Python was there, and does for it."""

    def hold(self, share: str) -> None:
        """Use a share from now on."""
        js.hearth.keys.holdShare(share)

    async def release(self, shares: Iterable[str]) -> None:
        """Use these shares no longer."""
        await js.hearth.keys.releaseShares(js_object(ids=sorted(shares)).ids)

    def held(self) -> set[str]:
        """The shares that this page uses."""
        return set(js.hearth.keys.heldShares())

    async def used(self) -> set[str]:
        """The shares that any page uses."""
        return set(await js.hearth.keys.usedShares())

    async def read(self, share: str) -> Any | None:
        """The key of a share, or None; this page uses it from now on."""
        return await js.hearth.keys.readShare(share)

    async def open_entry(self, text: str) -> Any:
        """The master key of an entry. Raises `Damaged`."""
        try:
            return await js.hearth.keys.openEntry(text)
        except JsException:
            raise Damaged("The kept key does not open.") from None

    async def ask_tabs(self) -> tuple[bool, Offered | None]:
        """Whether there is another tab that uses a share, and what it hands over."""
        is_alive, offered = await js.hearth.keys.askTabs()
        if offered is None:
            return bool(is_alive), None
        given = {name: getattr(offered, name, None) for name in ("keyId", "key", "entry", "note", "stored")}
        texts = {name: given[name] if isinstance(given[name], str) else None for name in ("entry", "note")}
        key_id, stored = str(given["keyId"] or ""), bool(given["stored"])
        return bool(is_alive), Offered(str(offered.account), key_id, given["key"], stored=stored, **texts)

    def drop_early(self) -> None:
        """Forget what was read and opened before Python was there."""
        js.hearth.keys.dropEarly()


class PageSurroundings:
    """`Surroundings` of this page."""

    async def is_stored(self) -> bool:
        """Whether there is the database of an account."""
        try:
            return any(name.startswith(storage_names.ACCOUNTS) for name in await page_indexeddb().names())
        except IdbError:
            return False

    def persist(self) -> None:
        """Ask the browser not to remove what is stored: Firefox asks the person, who may never answer."""
        storage = getattr(js.navigator, "storage", None)
        if storage and hasattr(storage, "persist"):
            storage.persist().catch(lambda _error: None)

    def note_unended(self, unended: bool) -> None:
        """The session's own cookie cannot be removed by a script: this note lies beside it, and is gone with it."""
        secure = "; Secure" if js.location.protocol == "https:" else ""
        lasts = UNENDED_S if unended else 0
        js.document.cookie = f"{storage_names.UNENDED}=1; Path=/; SameSite=Strict; Max-Age={lasts}{secure}"

    def is_unended(self) -> bool:
        """Whether that is noted."""
        return any(each.startswith(f"{storage_names.UNENDED}=") for each in str(js.document.cookie).split("; "))
