"""Deleting what is stored, and looking again, through the kernel `wipe.js`."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import js
from pyodide.ffi import JsException

from hearth.browser.idb.errors import error_of
from hearth.browser.storage.errors import storage_error


async def wipe_stores(account: str | None = None) -> list[str]:
    """Delete the storage of an account, or of all, and look again; what is still there: nothing, or it failed.

    Waits for as long as another page holds a database open. Raises `StorageError`.
    """
    return await _wiped(js.hearth.wipeStores() if account is None else js.hearth.wipeStores(account))


async def wipe_others(account: str) -> list[str]:
    """Delete the storage of every other account, and look again; see `wipe_stores`."""
    return await _wiped(js.hearth.wipeOthers(account))


async def _wiped(left: Awaitable[Any]) -> list[str]:
    try:
        return list(await left)
    except JsException as error:
        raise storage_error(error_of(error)) from None
