"""Deleting what is stored, and looking again, through the kernel `wipe.js`."""

from __future__ import annotations

import js

from hearth.browser.ffi import storage_errors


async def wipe_stores(account: str | None = None) -> list[str]:
    """Delete the storage of an account, or of all, and look again; what is still there: nothing, or it failed.

    Waits for as long as another page holds a database open. Raises `StorageError`.
    """
    with storage_errors():
        return list(await (js.hearth.wipeStores() if account is None else js.hearth.wipeStores(account)))


async def wipe_others(account: str) -> list[str]:
    """Delete the storage of every other account, and look again; see `wipe_stores`."""
    with storage_errors():
        return list(await js.hearth.wipeOthers(account))
