"""Cache Storage from Python: answers under addresses, in caches of different names."""

from __future__ import annotations

from typing import Any

import js
from pyodide.ffi import JsException

from hearth.browser import storage_names
from hearth.browser.ffi import js_object
from hearth.browser.native import Answer


class BrowserCaches:
    """`Caches` of this page."""

    async def names(self) -> list[str]:
        """The names of all caches; none where they are forbidden."""
        try:
            return [str(name) for name in await js.caches.keys()]
        except (JsException, AttributeError):
            return []

    async def answers(self, cache: str) -> list[Answer]:
        """What a cache keeps; it is made where there is none."""
        requests = await (await js.caches.open(cache)).keys()
        return [Answer(str(each.url), str(js.URL.new(each.url).pathname)) for each in requests]

    async def put(self, cache: str, path: str, content: Any) -> None:
        """Keep bytes as the answer for a path."""
        await (await js.caches.open(cache)).put(address_of(path), js.Response.new(content))

    async def get(self, cache: str, path: str) -> Any | None:
        """The bytes of an answer, or None."""
        answer = await js.caches.match(address_of(path), js_object(cacheName=cache))
        return js.Uint8Array.new(await answer.arrayBuffer()) if answer else None

    async def remove(self, cache: str, address: str) -> bool:
        """Remove an answer; whether it was there."""
        return bool(await (await js.caches.open(cache)).delete(address, js_object(ignoreVary=True)))

    async def drop(self, cache: str) -> None:
        """Delete a cache with all that it keeps."""
        await js.caches.delete(cache)


def address_of(path: str) -> str:
    """The whole address of a path of this origin."""
    return str(js.URL.new(path, js.location.origin).href)


async def cache_storage_loses(share: str) -> bool:
    """Try whether Cache Storage loses what no document uses.

    A document of its own puts an answer, and goes; then this one looks. True is proof: the cache is there, and empty.
    False is not: the service worker or another tab may have used all caches in that moment.
    """
    name, address = storage_names.SHARE_TRIALS + share, address_of(storage_names.SHARE_ADDRESS + share)
    frame = js.document.createElement("iframe")
    frame.hidden = True
    js.document.documentElement.append(frame)
    try:
        await (await frame.contentWindow.caches.open(name)).put(address, js.Response.new("1"))
    finally:
        frame.remove()
    kept = await js.caches.match(address, js_object(cacheName=name))
    # What is not there at all was deleted by another tab, which proves nothing.
    loses = not kept and bool(await js.caches.has(name))
    await js.caches.delete(name)
    return loses
