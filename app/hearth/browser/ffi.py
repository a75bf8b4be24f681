"""Crossing the border between Python and JavaScript: values over, proxies with an owner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import js
from pyodide.ffi import JsException, create_proxy, to_js


def js_object(**values: Any) -> Any:
    """A plain JavaScript object; dicts inside become objects, bytes `Uint8Array`s, lists arrays."""
    return to_js(values, dict_converter=js.Object.fromEntries)


def js_bytes(value: bytes) -> Any:
    """A `Uint8Array` of its own memory."""
    return to_js(value)


class Proxies:
    """Owns the proxies of Python functions that JavaScript holds, and destroys them all at once."""

    def __init__(self) -> None:
        self._owned: list[Any] = []
        self._listening: list[tuple[Any, str, Any]] = []

    def make(self, function: Callable[..., Any]) -> Any:
        """A proxy that JavaScript may call until `destroy`."""
        proxy = create_proxy(function)
        self._owned.append(proxy)
        return proxy

    def listen(self, target: Any, event: str, function: Callable[[Any], Any]) -> None:
        """Call a function with each event of a target until `destroy`."""
        proxy = self.make(function)
        target.addEventListener(event, proxy)
        self._listening.append((target, event, proxy))

    def destroy(self) -> None:
        """Stop listening and destroy every proxy."""
        for target, event, proxy in self._listening:
            target.removeEventListener(event, proxy)
        self._listening.clear()
        for proxy in self._owned:
            proxy.destroy()
        self._owned.clear()


def error_name(error: JsException) -> str:
    """The name of a JavaScript error, such as `QuotaExceededError`."""
    return str(getattr(error, "name", "") or "")
