"""The browser as this package's platform: values, keys and functions across the border of Pyodide.

Numbers, texts and containers have their counterparts; `None` is stored as JavaScript's `null`, bytes as a `Uint8Array`,
a datetime as a `Date`. What JSON can hold goes over as one JSON text, several times faster than piece by piece.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from math import isfinite
from typing import Any

from hearth.browser.idb.errors import InvalidData
from hearth.browser.idb.keys import Key, KeyRange
from hearth.browser.idb.native import Kernel

MAX_SAFE_INTEGER = 2**53 - 1
"""Beyond it a number of JavaScript's loses digits: such an integer becomes a `BigInt`."""


class BrowserPlatform:
    """`Platform` in Pyodide.

    A page with a strict Content Security Policy loads `idb_kernel.js` as a script. Where it has not, the copy that is
    installed with this package is evaluated.
    """

    def __init__(self) -> None:
        import js  # noqa: PLC0415 - only in a browser
        from pyodide import ffi  # noqa: PLC0415 - only in a browser

        self._js, self._ffi = js, ffi
        self.kernel: Kernel = self._loaded_kernel()
        self.error_type: type[Exception] = ffi.JsException

    def _loaded_kernel(self) -> Any:
        if not getattr(getattr(self._js, "hearth", None), "idb", None):
            from pyodide.code import run_js  # noqa: PLC0415 - only in a browser

            run_js(files(__package__).joinpath("idb_kernel.js").read_text(encoding="utf-8"))
        return self._js.hearth.idb

    def proxy(self, function: Callable[..., Any]) -> Any:
        """A function that the kernel may call, for as long as the page lives."""
        return self._ffi.create_proxy(function)

    def value_to_native(self, value: Any) -> Any:
        """A Python value as a JavaScript one; one of JavaScript's stays as it is."""
        if isinstance(value, self._ffi.JsProxy):
            return value
        if _is_json(value):
            return self._js.JSON.parse(json.dumps(value))
        return self._converted(value)

    def _converted(self, value: Any) -> Any:
        return self._ffi.to_js(
            self._prepared(value), create_pyproxies=False, dict_converter=self._js.Object.fromEntries
        )

    def _prepared(self, value: Any) -> Any:
        """What `to_js` takes over piece by piece; it has no counterpart of its own for None and for dates."""
        match value:
            case None:
                return self._ffi.jsnull
            case datetime():
                return self._js.Date.new(value.timestamp() * 1000)
            case dict():
                return {str(name): self._prepared(each) for name, each in value.items()}
            case list() | tuple():
                return [self._prepared(each) for each in value]
            case bool() | int() | float() | str() | bytes() | self._ffi.JsProxy():
                return value
            case _:
                raise InvalidData(f"A {type(value).__name__} cannot be stored.", "DataCloneError")

    def value_to_python(self, native: Any) -> Any:
        """A JavaScript value as one of Python's own."""
        if not isinstance(native, self._ffi.JsProxy):
            return self._plain(native)
        text = self.kernel.asJson(native)
        if text is not None:
            return json.loads(text)
        return self._plain(native.to_py(default_converter=self._from_other))

    def _plain(self, value: Any) -> Any:
        """Without what `to_py` leaves: `null`, memory of JavaScript's, and `BigInt` as an `int` of its own kind."""
        match value:
            case self._ffi.jsnull:
                return None
            case bool():
                return value
            case int():
                return int(value)
            case dict():
                return {name: self._plain(each) for name, each in value.items()}
            case list():
                return [self._plain(each) for each in value]
            case memoryview():
                return value.tobytes()
            case _:
                return value

    def _from_other(self, value: Any, _convert: Any, _cache: Any) -> Any:
        if self.kernel.isDate(value):
            return datetime.fromtimestamp(value.getTime() / 1000, UTC)
        return value

    def key_to_native(self, key: Any) -> Any:
        """A key; arrays of keys as arrays."""
        return key if isinstance(key, (str, int, float)) else self.value_to_native(key)

    def key_to_python(self, native: Any) -> Key:
        """A key; arrays become tuples."""
        return _frozen(self.value_to_python(native))

    def keys_to_python(self, native: Any) -> list[Key]:
        """An array of keys."""
        return [_frozen(each) for each in self.value_to_python(native)]

    def bounds(self, lower: Any, upper: Any) -> Any:
        """The range from one native key to another, both included."""
        return self._js.IDBKeyRange.bound(lower, upper)

    def range_to_native(self, keys: KeyRange) -> Any:
        """A key range."""
        lower, upper = keys.lower, keys.upper
        if _is_json(lower) and _is_json(upper):
            return self.kernel.range(json.dumps([lower, upper, keys.lower_open, keys.upper_open]))
        native = self._js.IDBKeyRange
        if upper is None:
            return None if lower is None else native.lowerBound(self.key_to_native(lower), keys.lower_open)
        if lower is None:
            return native.upperBound(self.key_to_native(upper), keys.upper_open)
        return native.bound(self.key_to_native(lower), self.key_to_native(upper), keys.lower_open, keys.upper_open)

    def array(self, items: Sequence[Any]) -> Any:
        """Native values as a JavaScript array."""
        return self._ffi.to_js(items)

    def options(self, **values: Any) -> Any:
        """The options of a native call."""
        return self._js.Object.fromEntries(self._ffi.to_js(list(values.items())))

    def fields(self, rows: Any, names: Sequence[str]) -> list[Any]:
        """Some fields of every row of a JavaScript array; None for what is no row."""
        return list(json.loads(self.kernel.pluck(rows, self.array(names))))

    def group(self, rows: Any, field: str) -> dict[str, list[int]]:
        """The positions of the rows of a JavaScript array that have the same text in a field."""
        return dict(json.loads(self.kernel.group(rows, field)))

    def member(self, row: Any, name: str) -> Any:
        """A member of a JavaScript object, as it is."""
        return getattr(row, name)

    def pick(self, rows: Any, positions: Sequence[int]) -> Any:
        """The rows at some positions of a JavaScript array."""
        return self.kernel.pick(rows, self.array(positions))

    def where(self, rows: Any, field: str, value: str | int | bool | None) -> Any:
        """The rows of a JavaScript array in which a field has a value."""
        return self.kernel.where(rows, field, self._ffi.jsnull if value is None else value)

    def compare(self, one: Key, other: Key) -> int:
        """Which of two keys comes first."""
        return int(self._js.indexedDB.cmp(self.key_to_native(one), self.key_to_native(other)))


def _is_json(value: Any) -> bool:
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        return abs(value) <= MAX_SAFE_INTEGER  # type: ignore[no-any-return]
    if kind is float:
        return isfinite(value)
    if kind is dict:
        return all(type(name) is str and _is_json(each) for name, each in value.items())
    return (kind is list or kind is tuple) and all(_is_json(each) for each in value)


def _frozen(key: Any) -> Key:
    return tuple(_frozen(each) for each in key) if isinstance(key, list) else key


@cache
def browser() -> BrowserPlatform:
    """The platform of this page."""
    return BrowserPlatform()
