"""Object stores, indexes and cursors, as the standard has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from hearth.testing.indexeddb.keys import DomError, Order, Range, clone, order_of, range_of
from hearth.testing.indexeddb.requests import Request
from hearth.testing.indexeddb.tables import Entry, IndexShape, Schema, Table


class Room(Protocol):
    """The disk."""

    def soon(self, callback: Callable[[], None], /) -> None:
        """Call back in the event loop's next turn."""

    def take_room(self) -> None:
        """A record more is to be stored. Raises `DomError` where it does not fit."""


class InDatabase(Protocol):
    """The database of a transaction."""

    schema: Schema

    @property
    def disk(self) -> Room: ...
    @property
    def transactions(self) -> list[Any]: ...
    def pump(self) -> None:
        """Go on in the next turn of the event loop."""


class InTransaction(Protocol):
    """The transaction that a source belongs to."""

    mode: str
    finished: bool

    @property
    def database(self) -> InDatabase: ...
    def ask(self, operation: Callable[[], Any], request: Request | None = None) -> Request:
        """Make a request."""

    def write(self, operation: Callable[[], Any]) -> Request:
        """Make a request that changes something."""

    def abort(self) -> None:
        """Roll back."""


@dataclass(slots=True, eq=False)
class Source:
    """What an object store and an index have in common."""

    transaction: InTransaction
    name: str

    @property
    def table(self) -> Table:
        """What is read."""
        if self.transaction.finished:
            raise DomError("TransactionInactiveError", "The transaction has finished.")
        return self.transaction.database.schema.tables[self.name]

    @property
    def index_name(self) -> str | None:
        """Which index is read, if any."""
        return None

    def get(self, query: Any) -> Request:
        return self._first(query, lambda entry: clone(entry.value))

    def getKey(self, query: Any) -> Request:
        return self._first(query, lambda entry: entry.primary_key)

    def getAll(self, query: Any = None, count: int | None = None) -> Request:
        return self._every(query, count, lambda entry: clone(entry.value))

    def getAllKeys(self, query: Any = None, count: int | None = None) -> Request:
        return self._every(query, count, lambda entry: entry.primary_key)

    def count(self, query: Any = None) -> Request:
        keys = range_of(query)
        return self.transaction.ask(lambda: len(self.entries(keys)))

    def openCursor(self, query: Any = None, direction: str = "next") -> Request:
        return Cursor(self, range_of(query), direction).open()

    def openKeyCursor(self, query: Any = None, direction: str = "next") -> Request:
        return Cursor(self, range_of(query), direction).open()

    def entries(self, keys: Range) -> list[Entry]:
        """What is in a range."""
        return self.table.entries(keys, self.index_name)

    def _first(self, query: Any, read: Callable[[Entry], Any]) -> Request:
        if query is None:
            raise DomError("DataError", "No key or key range was given.")
        keys = range_of(query)
        return self.transaction.ask(lambda: next((read(entry) for entry in self.entries(keys)), None))

    def _every(self, query: Any, count: int | None, read: Callable[[Entry], Any]) -> Request:
        keys = range_of(query)
        return self.transaction.ask(lambda: [read(entry) for entry in self.entries(keys)[: count or None]])


@dataclass(slots=True, eq=False)
class Index(Source):
    """An `IDBIndex`."""

    own_name: str = ""

    @property
    def index_name(self) -> str | None:
        return self.own_name


@dataclass(slots=True, eq=False)
class ObjectStore(Source):
    """An `IDBObjectStore`."""

    @property
    def keyPath(self) -> Any:
        return self.table.key_path

    @property
    def indexNames(self) -> list[str]:
        return sorted(self.table.indexes)

    def put(self, value: Any, key: Any = None) -> Request:
        return self._store(value, key, overwrite=True)

    def add(self, value: Any, key: Any = None) -> Request:
        return self._store(value, key, overwrite=False)

    def _store(self, value: Any, key: Any, overwrite: bool) -> Request:
        copied, found = clone(value), self.table.key_for(value, key)

        def operation() -> Any:
            self.transaction.database.disk.take_room()
            return self.table.store(copied, found, overwrite)

        return self.transaction.write(operation)

    def delete(self, query: Any) -> Request:
        if query is None:
            raise DomError("DataError", "No key or key range was given.")
        keys = range_of(query)
        return self.transaction.write(lambda: self.table.remove(keys))

    def clear(self) -> Request:
        return self.transaction.write(lambda: self.table.remove(range_of(None)))

    def index(self, name: str) -> Index:
        if name not in self.table.indexes:
            raise DomError("NotFoundError", f"There is no index {name}.")
        return Index(self.transaction, self.name, name)

    def createIndex(self, name: str, key_path: str | Sequence[str], options: dict[str, Any]) -> Index:
        self._must_be_upgrading()
        if name in self.table.indexes:
            raise DomError("ConstraintError", f"There is an index {name} already.")
        self.table.indexes[name] = IndexShape(key_path, bool(options.get("unique")), bool(options.get("multiEntry")))
        return Index(self.transaction, self.name, name)

    def deleteIndex(self, name: str) -> None:
        self._must_be_upgrading()
        if self.table.indexes.pop(name, None) is None:
            raise DomError("NotFoundError", f"There is no index {name}.")

    def _must_be_upgrading(self) -> None:
        if self.transaction.mode != "versionchange":
            raise DomError("InvalidStateError", "The database is not running a version change transaction.")


class Cursor:
    """An `IDBCursor`: at each step it looks anew for the record that follows the one that it stands at."""

    def __init__(self, source: Source, keys: Range, direction: str) -> None:
        self._source = source
        self._keys = keys
        self._reverse = direction.startswith("prev")
        self._unique = direction.endswith("unique")
        self._at: Entry | None = None
        self._request: Request | None = None

    def open(self) -> Request:
        """The request that it brings, again with each step."""
        self._request = self._source.transaction.ask(lambda: self._move(1, None, None))
        return self._request

    @property
    def _here(self) -> Entry:
        if self._at is None:
            raise DomError("InvalidStateError", "The cursor is being iterated or has iterated past its end.")
        return self._at

    @property
    def key(self) -> Any:
        return self._here.key

    @property
    def primaryKey(self) -> Any:
        return self._here.primary_key

    @property
    def value(self) -> Any:
        return clone(self._here.value)

    def step(self, key: Any = None, primary_key: Any = None) -> None:
        """`continue` and `continuePrimaryKey`."""
        target = None if key is None else order_of(key)
        primary = None if primary_key is None else order_of(primary_key)
        if target is not None and not self._is_after(target, self._here.order) and primary is None:
            raise DomError("DataError", "The key lies behind the cursor.")
        self._go(1, target, primary)

    def advance(self, count: int) -> None:
        self._go(count, None, None)

    def update(self, value: Any) -> Request:
        here = self._here
        table = self._source.table
        if table.key_path is not None and table.key_for(value, None) != here.primary_key:
            raise DomError("DataError", "The cursor's key is not the one of the value.")
        return self._source.transaction.write(lambda: table.store(value, here.primary_key, overwrite=True))

    def delete(self) -> Request:
        here = self._here
        return self._source.transaction.write(
            lambda: self._source.table.remove(Range(here.primary_order, here.primary_order))
        )

    def _go(self, count: int, target: Order | None, primary: Order | None) -> None:
        from_here = self._here
        self._source.transaction.ask(lambda: self._move(count, target, primary, from_here), self._request)
        self._at = None

    def _is_after(self, order: Order, other: Order) -> bool:
        return order < other if self._reverse else order > other

    def _move(
        self, count: int, target: Order | None, primary: Order | None, from_here: Entry | None = None
    ) -> Cursor | None:
        for entry in self._following(from_here):
            if target is not None and self._is_after(target, entry.order):
                continue
            if primary is not None and entry.order == target and self._is_after(primary, entry.primary_order):
                continue
            count -= 1
            if count == 0:
                self._at = entry
                return self
        self._at = None
        return None

    def _following(self, here: Entry | None) -> list[Entry]:
        entries = self._source.entries(self._keys)
        if self._unique:
            firsts: dict[Order, Entry] = {}
            for each in entries:
                firsts.setdefault(each.order, each)
            entries = list(firsts.values())
        if self._reverse:
            entries.reverse()
        if here is None:
            return entries
        place = here.order if self._unique else here[:2]
        return [each for each in entries if self._is_after(each.order if self._unique else each[:2], place)]
