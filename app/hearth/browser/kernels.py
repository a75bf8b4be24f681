"""Loads the engine's JavaScript where the page has not: a page of one's own needs no script tags for it."""

from __future__ import annotations

import js
from pyodide.code import run_js
from pyodide.ffi import to_js

from hearth.browser.ffi import js_object
from hearth.browser.kernel_files import kernels, linked


async def load_kernels() -> None:
    """Evaluate the kernels as modules, unless the page has loaded them as scripts of its own.

    Each gets a `blob:` address. A page whose Content Security Policy allows none serves the files itself, and names
    them in script tags.
    """
    if getattr(getattr(js, "hearth", None), "records", None):
        return
    load = run_js("(address) => import(address)")
    addresses: dict[str, str] = {}
    for path, source in kernels().items():
        blob = js.Blob.new(to_js([linked(path, source, addresses)]), js_object(type="text/javascript"))
        addresses[path] = str(js.URL.createObjectURL(blob))
        await load(addresses[path])
    for address in addresses.values():
        js.URL.revokeObjectURL(address)
