"""Session and local storage from Python: entries of text under names, in storages that may be full or forbidden."""

from __future__ import annotations

from typing import Any

import js
from pyodide.ffi import JsException

from hearth.browser.native import StorageRefused


class BrowserStorage:
    """`WebStorage` of this page."""

    def __init__(self, native: Any) -> None:
        self._native = native

    def names(self) -> list[str]:
        """The names of all entries."""
        return [str(name) for name in js.Object.keys(self._native)]

    def get(self, name: str) -> str | None:
        """An entry, or None."""
        found = self._native.getItem(name)
        return found if isinstance(found, str) else None

    def put(self, name: str, value: str) -> None:
        """Store an entry. Raises `StorageRefused`."""
        try:
            self._native.setItem(name, value)
        except JsException as error:
            raise StorageRefused(str(error)) from None

    def remove(self, name: str) -> None:
        """Remove an entry; nothing happens without one."""
        self._native.removeItem(name)


def browser_storage(which: str) -> BrowserStorage | None:
    """`sessionStorage` or `localStorage`; None where the person has forbidden it."""
    try:
        native = getattr(js, which)
    except (JsException, AttributeError):
        return None
    return None if native is None else BrowserStorage(native)
