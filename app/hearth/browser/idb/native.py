"""What this package asks of the browser, as Protocols: the objects of IndexedDB, the kernel, and the platform.

The names are the standard's (https://w3c.github.io/IndexedDB/), so that the browser's objects fit as they are.
`app/hearth/testing/indexeddb` has the same objects in memory.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from hearth.browser.idb.keys import Key, KeyRange

Notify = Callable[[int, str, Any], bool]
"""Tells Python of an event: whose it is, its type, what it brings. For an error: whether Python has dealt with it."""


class NativeRequest(Protocol):
    """An `IDBRequest`."""

    readyState: str
    result: Any
    error: Any
    transaction: NativeTransaction


class NativeSource(Protocol):
    """What an `IDBObjectStore` and an `IDBIndex` have in common; None stands for a parameter left out."""

    name: str
    keyPath: Any

    def get(self, query: Any, /) -> NativeRequest: ...
    def getKey(self, query: Any, /) -> NativeRequest: ...
    def getAll(self, query: Any = None, count: int | None = None, /) -> NativeRequest: ...
    def getAllKeys(self, query: Any = None, count: int | None = None, /) -> NativeRequest: ...
    def count(self, query: Any = None, /) -> NativeRequest: ...
    def openCursor(self, query: Any = None, direction: str | None = None, /) -> NativeRequest: ...
    def openKeyCursor(self, query: Any = None, direction: str | None = None, /) -> NativeRequest: ...


class NativeIndex(NativeSource, Protocol):
    """An `IDBIndex`."""

    unique: bool
    multiEntry: bool


class NativeStore(NativeSource, Protocol):
    """An `IDBObjectStore`."""

    autoIncrement: bool
    indexNames: Any

    def put(self, value: Any, key: Any = None, /) -> NativeRequest: ...
    def add(self, value: Any, key: Any = None, /) -> NativeRequest: ...
    def delete(self, query: Any, /) -> NativeRequest: ...
    def clear(self) -> NativeRequest: ...
    def index(self, name: str, /) -> NativeIndex: ...
    def createIndex(self, name: str, key_path: Any, options: Any = None, /) -> NativeIndex: ...
    def deleteIndex(self, name: str, /) -> None: ...


class NativeCursor(Protocol):
    """An `IDBCursor`, with a `value` where it is an `IDBCursorWithValue`."""

    key: Any
    primaryKey: Any
    value: Any

    def advance(self, count: int, /) -> None: ...
    def update(self, value: Any, /) -> NativeRequest: ...
    def delete(self) -> NativeRequest: ...


class NativeTransaction(Protocol):
    """An `IDBTransaction`."""

    error: Any

    def objectStore(self, name: str, /) -> NativeStore: ...
    def abort(self) -> None: ...


class NativeDatabase(Protocol):
    """An `IDBDatabase`."""

    name: str
    version: int
    objectStoreNames: Any

    def transaction(self, stores: Any, mode: str, /) -> NativeTransaction: ...
    def createObjectStore(self, name: str, options: Any = None, /) -> NativeStore: ...
    def deleteObjectStore(self, name: str, /) -> None: ...
    def close(self) -> None: ...


class Kernel(Protocol):
    """What `idb_kernel.js` does: it listens for Python, and handles bulk data without crossing for each record.

    `rows` and `keys` are arrays of the platform; `owner` is the number that `Notify` is called with.
    """

    def open(self, name: str, version: int, notify: Any, owner: int, /) -> NativeRequest: ...
    def deleteDatabase(self, name: str, notify: Any, owner: int, /) -> None: ...
    def databaseNames(self) -> Awaitable[Any]: ...
    def watchDatabase(self, db: NativeDatabase, notify: Any, owner: int, /) -> None: ...
    def watchTransaction(self, transaction: NativeTransaction, notify: Any, owner: int, /) -> None: ...
    def watchRequest(self, request: NativeRequest, notify: Any, owner: int, /) -> None: ...
    def outcome(self, request: NativeRequest, /) -> Any: ...
    def getLast(self, source: NativeSource, query: Any, count: int, /) -> NativeRequest | None: ...
    def reverse(self, rows: Any, /) -> Any: ...
    def range(self, text: str, /) -> Any: ...
    def continueCursor(self, cursor: NativeCursor, key: Any = None, primary_key: Any = None, /) -> None: ...
    def putAll(self, store: NativeStore, rows: Any, keys: Any = None, /) -> NativeRequest: ...
    def addAll(self, store: NativeStore, rows: Any, notify: Any, owner: int, /) -> None: ...
    def getMany(self, source: NativeSource, keys: Any, notify: Any, owner: int, /) -> None: ...
    def getStored(self, store: NativeStore, rows: Any, notify: Any, owner: int, /) -> None: ...
    def countMany(self, source: NativeSource, ranges: Any, notify: Any, owner: int, /) -> None: ...
    def deleteAll(self, store: NativeStore, queries: Any, /) -> NativeRequest: ...
    def pick(self, rows: Any, positions: Any, /) -> Any: ...
    def where(self, rows: Any, field: str, value: Any, /) -> Any: ...
    def group(self, rows: Any, field: str, /) -> str: ...
    def pluck(self, rows: Any, fields: Any, /) -> str: ...
    def asJson(self, value: Any, /) -> str | None: ...
    def isDate(self, value: Any, /) -> bool: ...


class Platform(Protocol):
    """Where the code runs: in a browser's Pyodide, or in CPython with the database in memory."""

    kernel: Kernel
    error_type: type[Exception]
    """What a call of the browser's raises."""

    def proxy(self, function: Callable[..., Any]) -> Any:
        """A function that the kernel may call, for as long as the page lives."""

    def value_to_native(self, value: Any) -> Any:
        """A Python value as one that can be stored; a native one stays as it is."""

    def value_to_python(self, native: Any) -> Any:
        """A stored value as one of Python's own."""

    def key_to_native(self, key: Key) -> Any:
        """A key."""

    def key_to_python(self, native: Any) -> Key:
        """A key; arrays become tuples."""

    def keys_to_python(self, native: Any) -> list[Key]:
        """An array of keys."""

    def bounds(self, lower: Any, upper: Any) -> Any:
        """The native range from one native key to another, both included."""

    def range_to_native(self, keys: KeyRange) -> Any:
        """A key range. Raises `error_type` where it is none."""

    def array(self, items: Sequence[Any]) -> Any:
        """Native values as a native array."""

    def options(self, **values: Any) -> Any:
        """The options of a native call."""

    def fields(self, rows: Any, names: Sequence[str]) -> list[Any]:
        """Some fields of every row of a native array: a list for each, or None for what is no row."""

    def group(self, rows: Any, field: str) -> dict[str, list[int]]:
        """The positions of the rows of a native array that have the same text in a field, by that text."""

    def member(self, row: Any, name: str) -> Any:
        """A member of a native object, as it is."""

    def pick(self, rows: Any, positions: Sequence[int]) -> Any:
        """The rows at some positions of a native array, as one."""

    def where(self, rows: Any, field: str, value: str | int | bool | None) -> Any:
        """The rows of a native array in which a field has a value, as one."""

    def compare(self, one: Key, other: Key) -> int:
        """Which of two keys comes first: -1, 0 or 1."""
