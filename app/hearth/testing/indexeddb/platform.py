"""The platform that `hearth.browser.idb` runs on in CPython, and the twin of its kernel."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from hearth.browser.idb.keys import Key, KeyRange
from hearth.testing.indexeddb.disk import Connection, Disk
from hearth.testing.indexeddb.keys import DomError, Range, key_at, order_of
from hearth.testing.indexeddb.requests import Event, OpenRequest, Request
from hearth.testing.indexeddb.sources import Cursor, ObjectStore, Source
from hearth.testing.indexeddb.transactions import Transaction

Notify = Callable[[int, str, Any], bool]


class MemoryKernel:
    """`idb_kernel.js`, line by line."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def open(self, name: str, version: int, notify: Notify, owner: int) -> OpenRequest:
        """Ask for a database."""
        if version < 1:
            raise DomError("TypeError", "The version must not be 0.")
        request = _watched(OpenRequest(), notify, owner)
        request.onupgradeneeded = lambda old_version: _say(notify, owner, "upgradeneeded", old_version)
        self._disk.database(name).enqueue(request, version)
        return request

    def deleteDatabase(self, name: str, notify: Notify, owner: int) -> None:
        """Ask for a deletion."""
        self._disk.database(name).enqueue(_watched(OpenRequest(), notify, owner), None)

    async def databaseNames(self) -> list[str]:
        """The names of the databases."""
        return self._disk.names()

    def watchDatabase(self, db: Connection, notify: Notify, owner: int) -> None:
        """Listen to a connection."""
        db.onversionchange = lambda version: _say(notify, owner, "versionchange", version)
        db.onclose = lambda: _say(notify, owner, "close", None)

    def watchTransaction(self, transaction: Transaction, notify: Notify, owner: int) -> None:
        """Listen to a transaction."""
        transaction.oncomplete = lambda: _say(notify, owner, "complete", None)
        transaction.onabort = lambda: _say(notify, owner, "abort", transaction.error)

    def watchRequest(self, request: Request, notify: Notify, owner: int) -> None:
        """Listen to a request."""
        request.onsuccess = lambda _event: _say(notify, owner, "success", request.result)
        request.onerror = lambda event: _fail(request, event, notify, owner)

    def outcome(self, request: Request) -> tuple[str, Any]:
        """How a settled request ended."""
        return ("error", request.error) if request.error else ("success", request.result)

    def getLast(self, source: Source, query: Any, count: int) -> None:
        """As where `getAll` takes no direction."""

    def reverse(self, rows: list[Any]) -> list[Any]:
        """The other way round."""
        return rows[::-1]

    def continueCursor(self, cursor: Cursor, key: Any = None, primary_key: Any = None) -> None:
        """Take a step."""
        cursor.step(key, primary_key)

    def putAll(self, store: ObjectStore, rows: list[Any], keys: list[Any] | None = None) -> Request:
        """Put every row."""
        return [store.put(row, keys[at] if keys else None) for at, row in enumerate(rows)][-1]

    def deleteAll(self, store: ObjectStore, queries: list[Any]) -> Request:
        """Delete every key or range."""
        return [store.delete(query) for query in queries][-1]

    def getMany(self, source: Source, keys: list[Any], notify: Notify, owner: int) -> None:
        """Read what is stored under some keys."""
        _ask_many([source.get(key) for key in keys], notify, owner)

    def getStored(self, store: ObjectStore, rows: list[Any], notify: Notify, owner: int) -> None:
        """Read what is stored under the keys of some rows."""
        _ask_many([store.get(key_at(row, store.keyPath)) for row in rows], notify, owner)

    def countMany(self, source: Source, ranges: list[Any], notify: Notify, owner: int) -> None:
        """Count what some ranges have."""
        _ask_many([source.count(each) for each in ranges], notify, owner)

    def addAll(self, store: ObjectStore, rows: list[Any], notify: Notify, owner: int) -> None:
        """Add every row whose key is free."""
        waiting, positions, stored = len(rows), list[int](), list[Any]()

        def told() -> None:
            nonlocal waiting
            waiting -= 1
            if waiting == 0:
                _say(notify, owner, "success", [positions, stored])

        def add(position: int, row: Any) -> None:
            adding = store.add(row)
            adding.onsuccess = lambda _event: told()

            def taken(event: Event) -> None:
                if adding.error.name != "ConstraintError":
                    _fail(adding, event, notify, owner)
                    return
                event.preventDefault()
                reading = store.get(key_at(row, store.keyPath))

                def read(_event: Event) -> None:
                    if reading.result is None:
                        if not notify(owner, "error", adding.error) and not store.transaction.finished:
                            store.transaction.abort()
                        return
                    positions.append(position)
                    stored.append(reading.result)
                    told()

                reading.onsuccess = read
                reading.onerror = lambda event: _fail(reading, event, notify, owner)

            adding.onerror = taken

        for position, row in enumerate(rows):
            add(position, row)

    def pluck(self, rows: list[Any], fields: list[str]) -> str:
        """Some fields of every row."""
        return json.dumps([row and [row.get(name) for name in fields] for row in rows])

    def asJson(self, value: Any) -> str | None:
        """A value as JSON text."""
        return json.dumps(value)

    def isDate(self, value: Any) -> bool:
        """Whether it is a date."""
        return isinstance(value, datetime)


def _say(notify: Notify, owner: int, kind: str, value: Any) -> None:
    notify(owner, kind, value)


def _fail(request: Request, event: Event, notify: Notify, owner: int) -> None:
    if notify(owner, "error", request.error):
        event.preventDefault()


def _watched(request: OpenRequest, notify: Notify, owner: int) -> OpenRequest:
    request.onblocked = lambda: _say(notify, owner, "blocked", None)
    request.onsuccess = lambda _event: _say(notify, owner, "success", request.result)
    request.onerror = lambda _event: _say(notify, owner, "error", request.error)
    return request


def _ask_many(requests: list[Request], notify: Notify, owner: int) -> None:
    def last(_event: Event) -> None:
        _say(notify, owner, "success", [request.result for request in requests])

    for request in requests:
        request.onerror = lambda event, request=request: _fail(request, event, notify, owner)
    requests[-1].onsuccess = last


class MemoryPlatform:
    """`hearth.browser.idb.Platform` on a disk in memory: Python's values are the native ones."""

    error_type: type[Exception] = DomError

    def __init__(self, disk: Disk | None = None) -> None:
        self.disk = disk or Disk()
        self.kernel: Any = MemoryKernel(self.disk)

    def proxy(self, function: Callable[..., Any]) -> Any:
        """The function itself."""
        return function

    def value_to_native(self, value: Any) -> Any:
        """The value itself: storing it makes a copy."""
        return value

    def value_to_python(self, native: Any) -> Any:
        """The value itself: reading it made a copy."""
        return native

    def key_to_native(self, key: Any) -> Any:
        """The key itself."""
        return key

    def key_to_python(self, native: Any) -> Key:
        """A key; arrays become tuples."""
        return tuple(self.key_to_python(each) for each in native) if isinstance(native, (list, tuple)) else native

    def keys_to_python(self, native: Any) -> list[Key]:
        """An array of keys."""
        return [self.key_to_python(each) for each in native]

    def bounds(self, lower: Any, upper: Any) -> Range:
        """The range from one key to another."""
        return Range(order_of(lower), order_of(upper))

    def range_to_native(self, keys: KeyRange) -> Range:
        """A key range."""
        bounds = [None if each is None else order_of(each) for each in (keys.lower, keys.upper)]
        return Range(bounds[0], bounds[1], keys.lower_open, keys.upper_open)

    def array(self, items: Sequence[Any]) -> list[Any]:
        """A list."""
        return list(items)

    def options(self, **values: Any) -> dict[str, Any]:
        """A dict."""
        return values

    def fields(self, rows: Any, names: Sequence[str]) -> list[Any]:
        """Some fields of every row."""
        return list(json.loads(self.kernel.pluck(rows, list(names))))

    def group(self, rows: Any, field: str) -> dict[str, list[int]]:
        """The positions of the rows that have the same text in a field."""
        positions: dict[str, list[int]] = {}
        for at, row in enumerate(rows):
            positions.setdefault(row[field], []).append(at)
        return positions

    def member(self, row: Any, name: str) -> Any:
        """A member of a dict."""
        return row[name]

    def pick(self, rows: Any, positions: Sequence[int]) -> list[Any]:
        """The rows at some positions."""
        return [rows[position] for position in positions]

    def where(self, rows: Any, field: str, value: str | int | bool | None) -> list[Any]:
        """The rows in which a field has a value."""
        return [row for row in rows if row is not None and row.get(field) == value]

    def compare(self, one: Key, other: Key) -> int:
        """Which of two keys comes first."""
        first, second = order_of(one), order_of(other)
        return (first > second) - (first < second)
