"""A download made in the page: pieces become one blob, which is offered under an object URL and let go of."""

from __future__ import annotations

from typing import Any

import js
from pyodide.ffi import create_once_callable

from hearth.browser.ffi import js_bytes, js_object

PIECE_BYTES = 4 * 1024 * 1024
"""Pieces are put together to blobs of this size, which the browser keeps outside of the page's own memory."""

REVOKED_AFTER_MS = 60_000
"""By then every browser has begun to read; one that has begun goes on reading after the URL is gone."""


class BrowserDownload:
    """`hearth.ports.transfer.Download`."""

    def __init__(self, name: str, media_type: str) -> None:
        self._name = name
        self._media_type = media_type
        self._pending = bytearray()
        self._blobs: list[Any] = []

    def add(self, content: bytes) -> None:
        """The next piece."""
        self._pending += content
        if len(self._pending) >= PIECE_BYTES:
            self._put_together()

    def finish(self) -> None:
        """Offer the whole file, as a link that is pressed and removed."""
        self._put_together()
        whole = js.Blob.new(js.Array.of(*self._blobs), js_object(type=self._media_type))
        url = js.URL.createObjectURL(whole)
        link = js.document.createElement("a")
        link.href, link.download = url, self._name
        js.document.body.append(link)
        link.click()
        link.remove()
        js.setTimeout(create_once_callable(lambda: js.URL.revokeObjectURL(url)), REVOKED_AFTER_MS)
        self.discard()

    def discard(self) -> None:
        """Let go of what there is."""
        self._pending.clear()
        self._blobs.clear()

    def _put_together(self) -> None:
        self._blobs.append(js.Blob.new(js.Array.of(js_bytes(bytes(self._pending)))))
        self._pending.clear()
